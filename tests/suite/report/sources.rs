//! r² in the regional plots, from every source of genotypes, during a run and of finished tables.

use super::Page;
use crate::properties::Bench;
use crate::simulate::{Study, lines_of};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// A study with the same genotypes as PLINK files `s`, BIMBAM `g.txt.gz` and `a.txt`, a matrix `m.csv`, and a VCF.
fn bench() -> Bench {
    let study = Study::simulate(907, 60, 150);
    let bench = Bench::new(&study);
    bench.write("y.txt", lines_of(&study.phenotype));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(crate::bimbam::genotypes(&study).as_bytes())
        .unwrap();
    bench.write("g.txt.gz", gzip.finish().unwrap());
    bench.write("a.txt", crate::bimbam::annotation(&study));
    bench.write("m.csv", crate::numeric::individual_rows(&study));
    let rows = (0..150).map(|j| format!("rs{j},1,{},C,A", 100 * (j + 1)));
    let header = std::iter::once("SNP,Chromosome,Position,ref,alt".to_owned());
    bench.write("map.csv", lines_of(header.chain(rows)));
    #[cfg(feature = "vcf")]
    bench.write("s.vcf", crate::vcf::vcf_of(&study));
    bench
}

/// The options that name each source besides the PLINK files.
const SOURCES: &[&str] = &[
    "-g g.txt.gz -a a.txt",
    "--numeric m.csv --snp-map map.csv",
    #[cfg(feature = "vcf")]
    "--vcf s.vcf",
];

/// r² of the first region, and the number of SNPs whose r² is known.
fn r2(page: &Page) -> (Vec<u8>, usize) {
    let r2 = page.array("r0.r2", 1).to_vec();
    let n_known = r2.iter().filter(|one| **one != 255).count();
    (r2, n_known)
}

#[test]
fn every_source_colours_loci_by_the_same_r2() {
    let bench = bench();
    bench.run("lmm -bfile s -p y.txt --report -o s");
    let expected = r2(&Page::read(&bench.output("s.report.html")));
    assert!(expected.1 > 60, "{}", expected.1);
    assert!(expected.0.contains(&250), "the lead SNP is in its region");
    for source in SOURCES {
        bench.run(&format!("lmm {source} -p y.txt --report -o x"));
        let page = Page::read(&bench.output("x.report.html"));
        assert!(r2(&page) == expected, "{source}");
        assert!(
            !page.html.contains("colours of linkage disequilibrium need"),
            "{source}"
        );
    }
    // Of finished tables.
    for source in ["-bfile s"].iter().chain(SOURCES) {
        bench.run(&format!("report s {source} -o again"));
        let page = Page::read(&bench.file("again.report.html"));
        assert!(r2(&page) == expected, "{source}");
        assert!(
            page.html
                .contains("from the genotypes of the 60 individuals of"),
            "{source}"
        );
    }
}

#[test]
fn chromosomes_of_several_runs_have_one_name() {
    let bench = bench();
    let bim = std::fs::read_to_string(bench.file("s.bim")).unwrap();
    let named = |names: [&str; 3]| -> String {
        let rename = |(j, line): (usize, &str)| {
            let (_, rest) = line.split_once('\t').unwrap();
            format!("{}\t{rest}\n", names[j / 50])
        };
        bim.lines().enumerate().map(rename).collect()
    };
    for (out, names) in [
        ("a", ["1", "2", "X"]),
        ("b", ["chr1", "chr02", "chrX"]),
        ("c", ["01", "2", "23"]),
    ] {
        bench.write("s.bim", named(names));
        bench.run(&format!("lm -bfile s -o {out}"));
    }
    let chromosomes = |page: &Page| -> Vec<String> {
        let all = super::between(&page.head, "\"chromosomes\":[", "]]");
        let names = all.split('[').filter(|one| !one.is_empty());
        names
            .map(|one| one.split('"').nth(1).unwrap().to_owned())
            .collect()
    };
    let page = |words: &str| {
        bench.run(&format!("report {words} -o page"));
        chromosomes(&Page::read(&bench.file("page.report.html")))
    };
    assert_eq!(page("a b"), ["1", "2", "X"]);
    assert_eq!(page("a b c"), ["1", "2", "23", "X"]);
    assert_eq!(page("a b c --chr-set human"), ["1", "2", "X"]);
    // One run keeps its names.
    assert_eq!(page("b"), ["chr1", "chr02", "chrX"]);
    // r² of SNPs whose chromosome is called differently.
    bench.run("report a --chr-set human -bfile s -o page");
    let (_, n_known) = r2(&Page::read(&bench.file("page.report.html")));
    assert!(n_known > 20, "{n_known}");
}

#[test]
fn degenerate_tables_have_a_page() {
    let bench = Bench::empty();
    let header = "chr\trs\tps\tn_miss\tallele1\tallele0\taf\tbeta\tse\tp_wald\n";
    // One SNP.
    bench.write(
        "one.assoc.txt",
        format!("{header}1\ta\t5\t0\tA\tG\t0.2\t1\t0.1\t0.04\n"),
    );
    // p = 0, p = 1, and no p.
    let p: Vec<String> = (0..40)
        .map(|j| {
            let p = ["0.000000e+00", "1.000000e+00", "nan", "1e-400"][j % 4];
            format!("1\tr{j}\t{}\t0\tA\tG\t0.2\t1\t0.1\t{p}", j + 1)
        })
        .collect();
    bench.write("zero.assoc.txt", format!("{header}{}", lines_of(&p)));
    // Thousands of scaffolds, some of them long.
    let scaffold = |j: usize| {
        let ps = if j < 3 { 40_000_000 } else { 500 };
        let p = 0.9 / (1.0 + (j * 7919 % 5003) as f64);
        format!("scaffold_{j}\ts{j}\t{ps}\t0\tA\tG\t0.2\t1\t0.1\t{p:e}")
    };
    bench.write(
        "many.assoc.txt",
        format!("{header}{}", lines_of((0..5000).map(scaffold))),
    );
    // No SNP, and none with a position.
    bench.write("none.assoc.txt", header);
    bench.write(
        "lost.assoc.txt",
        format!("{header}-9\ta\t-9\t0\tA\tG\t0.2\t1\t0.1\t0.04\n"),
    );
    for (name, n) in [
        ("one", 1),
        ("zero", 30),
        ("many", 5000),
        ("none", 0),
        ("lost", 1),
    ] {
        bench.run(&format!("report {name}"));
        let page = Page::read(&bench.file(&format!("{name}.report.html")));
        let y = page.f64("t0.top.y");
        assert_eq!(y.len(), n, "{name}");
        assert!(y.iter().all(|y| y.is_finite()), "{name}");
        assert!(
            !page.head.contains("NaN") && !page.head.contains("inf"),
            "{name}"
        );
        assert!(page.html.len() < 2_000_000, "{name}: {}", page.html.len());
        match name {
            // The logarithm of a p-value that is too small is that of its digits.
            "zero" => assert_eq!((y[0], y[10], y[29]), (400.0, 324.0, 0.0)),
            // Short scaffolds share a part of the axis.
            "many" => assert!(page.head.contains("\"other\"")),
            "lost" => assert!(page.head.contains("\"unplaced\"")),
            _ => {}
        }
    }
}
