//! What is refused: analyses that cannot be divided, and parts that do not belong together.

use super::{N, P, Random, assert_same_outputs, bench, parts};
use crate::properties::Bench;
use crate::simulate::Study;

/// Asserts that a command fails with all of these texts in its message.
fn assert_refused(bench: &Bench, words: &str, texts: &[&str]) {
    let message = bench.rejected(words);
    for text in texts {
        assert!(
            message.contains(text),
            "`{words}`: no {text:?} in {message}"
        );
    }
    assert!(message.contains("hint: "), "{message}");
}

#[test]
fn what_cannot_be_divided_is_refused_by_name() {
    let bench = bench();
    bench.run("gk -bfile s -o k");
    for (words, option) in [
        ("lmm -bfile s --stepwise 1e-3", "--stepwise"),
        ("lmm -bfile s --effective-tests", "--effective-tests"),
        ("lmm -bfile s --save-kinship", "--save-kinship"),
        ("lmm -bfile s -k2 output/k.cXX.txt", "-k2"),
        ("lmm -bfile s -lmm 5", "command line"),
    ] {
        assert_refused(&bench, &format!("{words} --part 1/2"), &[option]);
    }
    for (part, text) in [
        ("0/2", "counted from 1"),
        ("3/2", "no part 3 of 2"),
        ("x", "such as 3/16"),
    ] {
        assert_refused(
            &bench,
            &format!("gk -bfile s --part {part}"),
            &["--part", text],
        );
    }
    let dask = "--dask tcp://127.0.0.1:1";
    assert_refused(&bench, &format!("lmm -bfile s {dask}"), &["--dask"]);
    assert_refused(
        &bench,
        &format!("lmm -bfile s --part 1/2 {dask}"),
        &["--part", "(--dask), not both"],
    );
    let left: Vec<String> = bench.outputs();
    assert!(!left.iter().any(|name| name.contains("part-")), "{left:?}");
}

#[test]
fn parts_that_do_not_belong_together_are_refused_by_name() {
    let bench = bench();
    let mut random = Random::new(3);
    let a = parts(&bench, "gk -bfile s", "a", 3, &mut random);
    parts(&bench, "gk -bfile s -maf 0.2", "b", 3, &mut random);
    parts(&bench, "gk -bfile s", "c", 2, &mut random);
    parts(&bench, "lmm -bfile s", "t", 3, &mut random);
    let part = |name: &str, number: usize, of: usize| {
        format!("output/{name}.part-{number}-of-{of}.jammapart")
    };
    let [a1, a2, a3] = [1, 2, 3].map(|number| part("a", number, 3));
    let (b3, c2, t3) = (part("b", 3, 3), part("c", 2, 2), part("t", 3, 3));
    let merge = |files: &[&String]| {
        let files: Vec<&str> = files.iter().map(|file| file.as_str()).collect();
        format!("gk --merge {}", files.join(" "))
    };
    assert_refused(&bench, &merge(&[&a1, &a3]), &["1 part is missing: 2/3"]);
    assert_refused(
        &bench,
        &merge(&[&a1, &a2, &a2, &a3]),
        &["the same part", &a2],
    );
    assert_refused(
        &bench,
        &merge(&[&a1, &a2, &b3]),
        &[&a1, &b3, "different runs", "maf"],
    );
    assert_refused(
        &bench,
        &merge(&[&a1, &c2]),
        &["different runs", "number of parts"],
    );
    assert_refused(
        &bench,
        &merge(&[&a1, &a2, &t3]),
        &["different runs", "kind"],
    );
    assert_refused(
        &bench,
        &format!("merge {}", part("t", 1, 3)),
        &["2 parts are missing"],
    );
    // Other inputs under the same names: a part of them, and a merge after a change.
    let bim = std::fs::read_to_string(bench.file("s.bim")).unwrap();
    bench.write("s.bim", bim.replace("rs17\t", "rs17a\t"));
    bench.run("gk -bfile s -o d --part 3/3");
    assert_refused(
        &bench,
        &merge(&[&a1, &a2, &part("d", 3, 3)]),
        &["different runs", "s.bim"],
    );
    assert_refused(&bench, &format!("gk --merge {a}"), &["s.bim"]);
    bench.write("s.bim", bim);
    bench.run(&format!("gk --merge {a}"));
}

#[test]
fn parts_without_the_numbers_of_a_format_are_refused() {
    let bench = bench();
    let files = parts(&bench, "lmm -bfile s -lmm 4", "t", 2, &mut Random::new(9));
    let merge = format!("merge {files} --output-format tsv.gz --columns plink2");
    assert_refused(&bench, &merge, &["columns of the tests"]);
}

#[test]
fn damaged_parts_are_refused_by_name() {
    let bench = bench();
    parts(&bench, "lmm -bfile s", "t", 2, &mut Random::new(4));
    let names = [1, 2].map(|number| format!("output/t.part-{number}-of-2.jammapart"));
    let whole = bench.bytes("t.part-2-of-2.jammapart");
    let merge = format!("merge {} {}", names[0], names[1]);
    let n = whole.len();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        bytes
    };
    let damaged = [
        Vec::new(),
        whole[..10].to_vec(),
        whole[..40].to_vec(),
        whole[..n - 1].to_vec(),
        [&whole[..], b"x"].concat(),
        flipped(3),
        flipped(20),
        flipped(200),
        flipped(n / 2),
        flipped(n - 1),
        b"PK\x03\x04 not a part of a run".to_vec(),
    ];
    for bytes in damaged {
        bench.write(&names[1], &bytes);
        assert_refused(&bench, &merge, &[&names[1]]);
        let left = bench.outputs();
        assert!(!left.iter().any(|name| name.contains("assoc")), "{left:?}");
    }
    bench.write(&names[1], &whole);
    bench.run(&merge);
    assert_refused(&bench, "merge s.bed", &["s.bed"]);
    assert_refused(&bench, "merge nosuch.jammapart", &["nosuch.jammapart"]);
}

#[test]
fn a_merge_has_no_part_and_no_cluster() {
    let bench = bench();
    let files = parts(&bench, "lmm -bfile s", "t", 2, &mut Random::new(8));
    for option in ["--part 1/2", "--dask tcp://127.0.0.1:1"] {
        let words = format!("merge {files} {option}");
        assert_refused(&bench, &words, &[&option[..6], "omit it"]);
    }
}

/// A kinship that fails without one chromosome fails in the parts that contain it. Part 1 has only SNPs of chromosome 1, part 2
/// of both, and part 3 only of chromosome 2.
#[test]
fn traits_whose_kinship_fails_in_some_parts_fail_as_in_one_run() {
    let mut study = Study::simulate(91, N, P);
    // Without individuals 0 to 9, who have no value of the first trait, all SNPs of chromosome 1 are monomorphic.
    for snp in &mut study.snps[..2000] {
        snp[10..].fill(Some(0));
        snp[..10].copy_from_slice(&[0, 1, 2, 1, 0, 2, 1, 1, 0, 2].map(Some));
    }
    let bench = Bench::new(&study);
    let chromosome = |j: usize| if j < 2000 { 1 } else { 2 };
    let bim = (0..P).map(|j| format!("{}\trs{j}\t0\t{}\tA\tC\n", chromosome(j), 100 * (j + 1)));
    bench.write("s.bim", bim.collect::<String>());
    let rows = (study.individuals.iter().zip(&study.phenotype)).enumerate();
    let fam = rows.map(|(i, ((fid, iid), y))| {
        let first = if i < 10 { "NA" } else { y };
        format!("{fid} {iid} 0 0 1 {first} {y}\n")
    });
    bench.write("s.fam", fam.collect::<String>());
    let words = "lmm -bfile s --loco --loco-min-snps 1 --traits 1,2";
    let ends = |words: &str| crate::common::jamma_in(bench.path(), words);
    // On one thread, no chromosome waits for others.
    let whole = ends(&format!("{words} -o whole --threads 1"));
    assert_eq!(whole.status, 1, "{}", whole.stderr);
    let why = "no SNP is left for the kinship without chromosome 2";
    assert!(whole.stderr.contains(why), "{}", whole.stderr);
    for of in [3, 5] {
        let name = format!("r{of}");
        let files = parts(&bench, words, &name, of, &mut Random::new(of as u64));
        let merged = ends(&format!("merge {files}"));
        assert_eq!(merged.status, 1, "{}", merged.stderr);
        assert!(merged.stderr.contains(why), "{}", merged.stderr);
        assert_same_outputs(&bench, "whole", &name);
    }
}
