//! Combinations that make no sense.

use super::{bench, tried};
use crate::simulate::lines_of;

#[test]
fn formats_and_columns_without_effect_are_rejected_by_name() {
    let bench = bench();
    bench.write("e.txt", lines_of((0..80).map(|i| i % 2)));
    for (words, option, part) in [
        (
            "lmm --output-format tsv",
            "--output-format",
            "there is no format \"tsv\"",
        ),
        (
            "lmm --output-format gemma,,ssf",
            "--output-format",
            "separated by commas",
        ),
        (
            "lmm --columns regenie",
            "--columns",
            "add tsv.gz, bgz or parquet",
        ),
        (
            "lmm --columns regenie --output-format ssf",
            "--columns",
            "add tsv.gz, bgz or parquet",
        ),
        (
            "lmm --columns saige --output-format bgz",
            "--columns",
            "expected gemma, regenie",
        ),
        (
            "lmm -lmm 5 --output-format bgz",
            "--output-format",
            "does not test SNPs",
        ),
        (
            "lmm -lmm 5 --columns metal",
            "--columns",
            "does not test SNPs",
        ),
        ("lmm -lmm 5 --effects", "--effects", "does not test SNPs"),
        ("lmm --gz --output-format bgz", "--gz", "compressed anyway"),
        ("gk --output-format bgz", "--output-format", "jamma lmm"),
        (
            "lmm --traits all --long --output-format bgz",
            "--long",
            "the format bgz",
        ),
        (
            "lmm --traits all --long --output-format gemma,parquet",
            "--long",
            "the format parquet",
        ),
        (
            "lmm --gxe-file e.txt --output-format tsv.gz --columns regenie",
            "--gxe",
            "interactions",
        ),
        (
            "lmm --gxe-file e.txt --output-format ssf",
            "--gxe",
            "interactions",
        ),
        (
            "lmm --gxe-file e.txt -lmm 2 --effects",
            "--effects",
            "--gxe-effects",
        ),
    ] {
        let run = tried(&bench, &format!("{words} -bfile s -o r"));
        assert_ne!(run.status, 0, "{words}");
        assert!(
            run.stderr.contains(option) && run.stderr.contains(part),
            "{words}: {}",
            run.stderr
        );
        assert!(!bench.output("").exists(), "{words}");
    }
    // GEMMA's columns of interactions have every format.
    bench.run("lmm -bfile s --gxe-file e.txt --output-format gemma,tsv.gz -o r");
}
