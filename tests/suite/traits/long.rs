//! `--long`: one table whose first column is the trait.

use super::{N_TRAITS, bench, labelled};
use crate::common::Table;
use flate2::read::MultiGzDecoder;
use std::io::Read;

#[test]
fn one_table_has_the_rows_of_all_traits_one_trait_after_the_other() {
    let bench = bench();
    for words in [
        "-lmm 4",
        "-lmm 1 -c c.txt --all-snps",
        "-lmm 9 --loco --log10p",
    ] {
        bench.run(&format!("lmm -bfile s {words} --traits all -o each"));
        bench.run(&format!("lmm -bfile s {words} --traits all --long -o long"));
        let long = bench.assoc("long");
        let mut rows = Vec::new();
        for number in 1..=N_TRAITS {
            let each = Table::read(&bench.output(&format!("each.{number}.assoc.txt")));
            assert_eq!(long.header[0], "trait");
            assert_eq!(long.header[1..], each.header);
            rows.extend(labelled(&each, &number.to_string()));
        }
        assert!(long.rows == rows, "{words}");
    }
    assert!(!bench.output("long.1.assoc.txt").exists());
}

#[test]
fn a_compressed_long_table_has_the_bytes_of_the_plain_one_for_any_threads() {
    let bench = bench();
    bench.run("lmm -bfile s --traits all --long -o plain");
    let plain = bench.bytes("plain.assoc.txt");
    for more in ["--threads 1", "--threads 3 --block-snps 7"] {
        bench.run(&format!("lmm -bfile s --traits all --long {more} -o m"));
        assert!(bench.bytes("m.assoc.txt") == plain, "{more}");
        bench.run(&format!(
            "lmm -bfile s --traits all --long --gz {more} -o m"
        ));
        let packed = bench.bytes("m.assoc.txt.gz");
        let mut text = Vec::new();
        MultiGzDecoder::new(packed.as_slice())
            .read_to_end(&mut text)
            .unwrap();
        assert!(text == plain, "{more}");
    }
}

#[test]
fn a_long_table_of_one_trait_has_the_column_too() {
    let bench = bench();
    bench.run("lmm -bfile s --traits 3 --long -o long");
    bench.run("lmm -bfile s -n 3 -o alone");
    let long = bench.assoc("long");
    assert_eq!(long.header[0], "trait");
    assert_eq!(long.rows, labelled(&bench.assoc("alone"), "3"));
}

#[test]
fn a_long_table_needs_traits() {
    let said = bench().rejected("lmm -bfile s --long");
    assert!(
        said.contains("--long") && said.contains("--traits"),
        "{said}"
    );
}
