//! Requests that cannot be met: an unknown chromosome, a kinship of no SNP, a kinship that cannot be divided.

use super::{bench_of, blocks};
use crate::properties::Bench;
use crate::simulate::Study;

fn bench() -> Bench {
    let names = blocks(&[("1", 20), ("chr2", 20), ("X", 20)]);
    bench_of(&Study::simulate(241, 40, names.len()), &names)
}

/// Asserts that nothing was written, not even in part.
fn assert_no_outputs(bench: &Bench) {
    if bench.output("").exists() {
        assert_eq!(bench.outputs(), [""; 0]);
    }
}

#[test]
fn an_unknown_chromosome_is_an_error_that_names_the_known_ones() {
    let bench = bench();
    // Names are compared as they are: 2 is not chr2, as in GEMMA.
    for name in ["2", "7", "x", "chr1", "unplaced"] {
        for command in ["lmm", "gk"] {
            let said = bench.rejected(&format!("{command} -bfile s -loco {name}"));
            assert!(said.contains("-loco") && said.contains(name), "{said}");
            assert!(said.contains("1, chr2, X"), "{said}");
        }
    }
    assert_no_outputs(&bench);
}

#[test]
fn a_chromosome_that_has_all_snps_leaves_no_kinship() {
    let names = ["5"; 30];
    let bench = bench_of(&Study::simulate(242, 40, 30), &names);
    for words in ["lmm -loco 5", "gk -loco 5", "lmm --loco", "gk --loco"] {
        let said = bench.rejected(&format!("{words} -bfile s"));
        assert!(said.contains("chromosome") && said.contains('5'), "{said}");
        assert!(said.contains("kinship"), "{said}");
    }
    assert_no_outputs(&bench);
}

#[test]
fn a_chromosome_that_has_all_snps_that_pass_the_filters_leaves_no_kinship() {
    let names = blocks(&[("1", 20), ("2", 10)]);
    let mut study = Study::simulate(243, 40, names.len());
    for snp in &mut study.snps[20..] {
        snp.fill(Some(0));
    }
    let bench = bench_of(&study, &names);
    for words in ["lmm -loco 1", "gk -loco 1"] {
        let said = bench.rejected(&format!("{words} -bfile s"));
        assert!(
            said.contains("kinship") || said.contains("chromosome"),
            "{said}"
        );
    }
    assert_no_outputs(&bench);
}

#[test]
fn one_kinship_cannot_serve_every_chromosome() {
    let bench = bench();
    bench.run("gk -bfile s -o k");
    bench.run("eigen -bfile s -o e");
    let before = bench.outputs();
    for (words, option) in [
        ("-k output/k.cXX.txt", "-k"),
        ("-d output/e.eigenD.txt -u output/e.eigenU.txt", "-d"),
    ] {
        for spelling in ["lmm -bfile s --loco", "lmm --loco -lmm 4 -bfile s"] {
            let said = bench.rejected(&format!("{spelling} {words} -o m"));
            assert!(said.contains(option) && said.contains("loco"), "{said}");
        }
    }
    assert_eq!(bench.outputs(), before);
}

#[test]
fn a_kinship_that_leaves_out_another_chromosome_is_an_error() {
    let bench = bench();
    bench.run("gk -bfile s --loco -o k");
    bench.run("lmm -bfile s -loco 1 -k output/k.1.cXX.txt -o m");
    let said = bench.rejected("lmm -bfile s -loco 1 -k output/k.X.cXX.txt -o m");
    assert!(said.contains("chromosome X"), "{said}");
    let said = bench.rejected("lmm -bfile s -k output/k.X.cXX.txt -o m");
    assert!(said.contains("chromosome X"), "{said}");
    // GEMMA's matrix has no ids next to it, and is taken as it is.
    std::fs::copy(bench.output("k.X.cXX.txt"), bench.file("plain.txt")).unwrap();
    bench.run("lmm -bfile s -loco 1 -k plain.txt -o m");
}
