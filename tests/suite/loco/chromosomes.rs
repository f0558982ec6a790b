//! Which names are chromosomes, which SNPs are left out together, and chromosomes without a SNP that can be tested.

use super::{bench_of, blocks, rows_on};
use crate::properties::Bench;
use crate::simulate::Study;

/// The names in `PREFIX.NAME.cXX.txt` of a run `gk --loco -o PREFIX`, sorted.
fn groups(bench: &Bench, prefix: &str, words: &str) -> Vec<String> {
    bench.run(&format!("gk -bfile s --loco -o {prefix} {words}"));
    let outputs = bench.outputs();
    let of_prefix = outputs.iter().filter_map(|name| {
        name.strip_prefix(&format!("{prefix}."))?
            .strip_suffix(".cXX.txt")
    });
    of_prefix.map(str::to_owned).collect()
}

/// Asserts that two lists have the same names.
fn assert_names(found: &[String], expected: &[&str]) {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn names_of_chromosomes_are_groups_of_their_own() {
    let chromosomes = [
        "1", "99", "chr2", "Chr3", "LG4", "1A", "2L", "3R", "X", "Y", "XY", "chrZ", "W", "MT", "M",
        "Pt", "XIV", "chrIV",
    ];
    let mut sizes: Vec<(&str, usize)> = chromosomes.iter().map(|&name| (name, 2)).collect();
    sizes.extend([
        ("0", 2),
        ("scaffold_1", 2),
        ("chrUn", 2),
        ("NW_004070884.1", 2),
        ("100", 2),
    ]);
    let names = blocks(&sizes);
    let bench = bench_of(&Study::simulate(231, 24, names.len()), &names);
    let mut expected = chromosomes.to_vec();
    expected.push("unplaced");
    assert_names(&groups(&bench, "k", "-maf 0"), &expected);
}

#[test]
fn scaffolds_with_enough_snps_are_groups_of_their_own_and_chromosome_0_never_is() {
    let sizes = [
        ("1", 10),
        ("scaffold_1", 100),
        ("scaffold_2", 99),
        ("Un", 3),
        ("0", 120),
    ];
    let names = blocks(&sizes);
    let bench = bench_of(&Study::simulate(232, 24, names.len()), &names);
    let of = |prefix: &str, words: &str| groups(&bench, prefix, words);
    assert_names(&of("a", ""), &["1", "scaffold_1", "unplaced"]);
    assert_names(&of("b", "--loco-min-snps 101"), &["1", "unplaced"]);
    assert_names(
        &of("c", "--loco-min-snps 4"),
        &["1", "scaffold_1", "scaffold_2", "unplaced"],
    );
    // The same division for the tests.
    bench.run("lmm -bfile s --loco --loco-min-snps 4 -o few");
    bench.run("lmm -bfile s -loco scaffold_2 -o one");
    let part = rows_on(&bench.assoc("few"), &["scaffold_2"]);
    super::assert_equal("scaffold_2", &part, &bench.assoc("one"));
    bench.run("lmm -bfile s --loco -o default");
    let together = rows_on(&bench.assoc("default"), &["scaffold_2"]);
    assert_ne!(together.rows, part.rows, "tested without all unplaced SNPs");
}

#[test]
fn the_name_of_a_chromosome_cannot_lead_out_of_the_output_directory() {
    let names = blocks(&[("1", 20), ("../../up", 20), ("HLA/A*01", 20)]);
    let bench = bench_of(&Study::simulate(233, 24, names.len()), &names);
    let before = std::fs::read_dir(bench.path()).unwrap().count();
    let found = groups(&bench, "k", "--loco-min-snps 10");
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(
        std::fs::read_dir(bench.path()).unwrap().count(),
        before + 1,
        "the directory `output` only"
    );
    assert!(bench.outputs().iter().all(|name| name.starts_with("k.")));
}

/// SNPs of chromosome 2 without variation.
fn with_a_silent_chromosome() -> Bench {
    let names = blocks(&[("1", 30), ("2", 10), ("3", 30)]);
    let mut study = Study::simulate(234, 60, names.len());
    for snp in &mut study.snps[30..40] {
        snp.fill(Some(2));
    }
    bench_of(&study, &names)
}

#[test]
fn a_chromosome_without_snps_after_the_filters_has_no_rows_and_a_note() {
    let bench = with_a_silent_chromosome();
    let run = bench.run("lmm -bfile s -loco 2 -lmm 4 -o two");
    bench.run("lmm -bfile s -loco 1 -lmm 4 -o one");
    let header = bench.assoc("one").header;
    let two = bench.assoc("two");
    assert_eq!((two.header, two.rows.len()), (header, 0));
    assert!(run.stderr.contains("note:"), "{}", run.stderr);
    assert!(
        bench.log("two").contains("## note: "),
        "{}",
        bench.log("two")
    );
    // The others go on.
    bench.run("lmm -bfile s --loco -lmm 4 -o all");
    let all = bench.assoc("all");
    let mut chromosomes = all.texts("chr");
    chromosomes.dedup();
    assert_eq!(chromosomes, ["1", "3"]);
    super::assert_equal("1", &rows_on(&all, &["1"]), &bench.assoc("one"));
    // They are in the table on request, with the reason.
    bench.run("lmm -bfile s --loco -lmm 4 --all-snps -o listed");
    let listed = rows_on(&bench.assoc("listed"), &["2"]);
    assert_eq!(listed.rows.len(), 10);
    // Without SNPs of its own, the kinship is that of all.
    bench.run("gk -bfile s --loco -o k");
    bench.run("gk -bfile s -o k");
    assert!(bench.bytes("k.2.cXX.txt") == bench.bytes("k.cXX.txt"));
}
