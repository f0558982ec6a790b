//! `--loco` and `-loco`: each chromosome is tested with the kinship of the others.

mod chromosomes;
mod consistency;
mod reference;
mod rejected;

use super::common::Table;
use super::properties::Bench;
use super::simulate::{Study, lines_of};

/// The reference study's names of chromosomes that form the group `unplaced`.
const UNPLACED: [&str; 3] = ["0", "contig_3", "contig_8"];
/// Those of its chromosomes and of its large scaffold.
const ALONE: [&str; 5] = ["1", "2", "X", "chr4", "scaffold_9"];

/// The lines of a `.bim`: SNP j is rsj on the chromosome `names[j]`.
fn map(names: &[&str]) -> Vec<String> {
    let line = |(j, name): (usize, &&str)| format!("{name}\trs{j}\t0\t{}\tA\tC", 100 * (j + 1));
    names.iter().enumerate().map(line).collect()
}

/// `study`, with SNP j on the chromosome `names[j]`.
fn bench_of(study: &Study, names: &[&str]) -> Bench {
    assert_eq!(study.snps.len(), names.len());
    let bench = Bench::new(study);
    bench.write("s.bim", lines_of(map(names)));
    bench
}

/// `sizes` SNPs on each chromosome, one after the other.
fn blocks<'a>(sizes: &[(&'a str, usize)]) -> Vec<&'a str> {
    let names = sizes.iter();
    names.flat_map(|&(name, n)| vec![name; n]).collect()
}

/// The rows of a table on the given chromosomes.
fn rows_on(table: &Table, chromosomes: &[&str]) -> Table {
    let chr = table.column("chr");
    let mut part = table.clone();
    part.rows
        .retain(|row| chromosomes.contains(&row[chr].as_str()));
    part
}

/// Asserts that two tables have the same text.
fn assert_equal(what: &str, a: &Table, b: &Table) {
    assert_eq!(a.header, b.header, "{what}");
    assert_eq!(a.rows.len(), b.rows.len(), "{what}: number of rows");
    for (a, b) in a.rows.iter().zip(&b.rows) {
        assert_eq!(a, b, "{what}");
    }
}
