//! `--chr-set`, `--x-model` and `--par`: autosomes, and chromosomes of which individuals have one copy or none.
//!
//! Expected genotypes are recoded here, one individual at a time, and analysed without `--chr-set`.

mod formats;
mod kinship;
mod plink;
mod recoded;
mod rejected;

use super::common::Table;
use super::properties::Bench;
use super::simulate::{Random, Study, lines_of};

/// The chromosomes of the study and their numbers of SNPs, in PLINK's codes for humans.
const CHROMOSOMES: [(&str, usize); 7] = [
    ("1", 40),
    ("23", 14),
    ("24", 8),
    ("2", 40),
    ("25", 4),
    ("26", 6),
    ("0", 3),
];
/// The first SNPs on X, which are pseudo-autosomal with `--par` `PAR`.
const N_PAR: usize = 3;
const PAR: &str = "4001-4300";

/// A study of males and females.
struct Sexed {
    study: Study,
    /// The chromosome of each SNP.
    chr: Vec<&'static str>,
    is_male: Vec<bool>,
}

/// What a genotype of an individual is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copies {
    None,
    One,
    Two,
}

impl Sexed {
    /// `n` individuals; haploid calls are 0 or 2, and females have none on Y.
    ///
    /// * `has_errors`: some haploid calls are heterozygous, and females have calls on Y
    /// * `has_missing`: about 1 % of the calls are missing
    fn simulate(seed: u64, n: usize, has_errors: bool, has_missing: bool) -> Self {
        let mut random = Random::new(seed);
        let chr: Vec<&str> = (CHROMOSOMES.iter())
            .flat_map(|&(name, n)| vec![name; n])
            .collect();
        let study = Study::simulate(seed, n, chr.len());
        let is_male = (0..n).map(|i| i % 5 == 0 || i % 3 == 1).collect();
        let mut sexed = Self {
            study,
            chr,
            is_male,
        };
        for s in 0..sexed.chr.len() {
            for i in 0..n {
                let call = sexed.study.snps[s][i];
                let call = if has_missing { call } else { call.or(Some(0)) };
                sexed.study.snps[s][i] = call;
                let [error, coin] = [random.uniform() < 0.08, random.uniform() < 0.5];
                let homozygous = Some(2 * u8::from(coin));
                match sexed.copies(s, i, None) {
                    Copies::One if call == Some(1) && !(error && has_errors) => {
                        sexed.study.snps[s][i] = homozygous;
                    }
                    Copies::None if !has_errors => sexed.study.snps[s][i] = None,
                    _ => {}
                }
            }
        }
        // A phenotype that differs between the sexes.
        let y = sexed.study.y().into_iter().zip(&sexed.is_male);
        let y: Vec<f64> = y
            .map(|(y, male)| y + 0.8 * f64::from(u8::from(*male)))
            .collect();
        sexed.study = sexed.study.with_phenotype(&y);
        sexed
    }

    /// How many copies of a SNP's chromosome an individual has.
    ///
    /// * `par`: the number of the first SNPs on X that are pseudo-autosomal
    fn copies(&self, s: usize, i: usize, par: Option<usize>) -> Copies {
        let x = self.chr.iter().position(|chr| *chr == "23").unwrap();
        match (self.chr[s], self.is_male[i]) {
            ("23", true) if s >= x + par.unwrap_or(0) => Copies::One,
            ("24", true) | ("26", _) => Copies::One,
            ("24", false) => Copies::None,
            _ => Copies::Two,
        }
    }

    /// The study with the genotypes that are tested.
    ///
    /// * `x_model`: the number of copies that a male's allele on X counts
    fn recoded(&self, x_model: u8, par: Option<usize>) -> Study {
        let mut study = self.study.clone();
        for (s, snp) in study.snps.iter_mut().enumerate() {
            for (i, call) in snp.iter_mut().enumerate() {
                let value = if self.chr[s] == "23" { x_model } else { 1 };
                *call = match (self.copies(s, i, par), *call) {
                    (Copies::None, _) | (Copies::One, None | Some(1)) => None,
                    (Copies::One, Some(copies)) => Some(copies / 2 * value),
                    (Copies::Two, call) => call,
                };
            }
        }
        study
    }

    /// The frequency of allele1 among the copies that individuals have.
    fn af(&self, s: usize, par: Option<usize>) -> f64 {
        let (of_allele1, all) = self.counts(s, par);
        f64::from(of_allele1) / f64::from(all)
    }

    /// The copies that individuals have: those of allele1, and all.
    fn counts(&self, s: usize, par: Option<usize>) -> (u32, u32) {
        let (mut of_allele1, mut all) = (0_u32, 0_u32);
        for (i, call) in self.study.snps[s].iter().enumerate() {
            match (self.copies(s, i, par), call) {
                (Copies::One, Some(copies @ (0 | 2))) => {
                    of_allele1 += u32::from(copies / 2);
                    all += 1;
                }
                (Copies::Two, Some(copies)) => {
                    of_allele1 += u32::from(*copies);
                    all += 2;
                }
                _ => {}
            }
        }
        (of_allele1, all)
    }

    /// The SNPs on a chromosome.
    fn on(&self, chr: &str) -> Vec<usize> {
        (0..self.chr.len())
            .filter(|&s| self.chr[s] == chr)
            .collect()
    }

    /// Heterozygous calls of haploids on a chromosome, and the number of SNPs that have them.
    fn heterozygous(&self, chr: &str) -> (usize, usize) {
        let of_snp = |s: usize| {
            let calls = self.study.snps[s].iter().enumerate();
            let is_wrong = |&(i, call): &(usize, &Option<u8>)| {
                *call == Some(1) && self.copies(s, i, None) == Copies::One
            };
            calls.filter(is_wrong).count()
        };
        let counts: Vec<usize> = self.on(chr).into_iter().map(of_snp).collect();
        (
            counts.iter().sum(),
            counts.iter().filter(|&&count| count > 0).count(),
        )
    }

    fn bim(&self) -> String {
        let line = |(s, chr): (usize, &&str)| format!("{chr}\trs{s}\t0\t{}\tA\tC", 100 * (s + 1));
        lines_of(self.chr.iter().enumerate().map(line))
    }

    /// 1 for males, 2 for females.
    fn sex(&self, i: usize) -> u8 {
        if self.is_male[i] { 1 } else { 2 }
    }

    fn fam(&self) -> String {
        let people = self.study.individuals.iter().zip(&self.study.phenotype);
        lines_of(
            people
                .enumerate()
                .map(|(i, ((fid, iid), y))| format!("{fid} {iid} 0 0 {} {y}", self.sex(i))),
        )
    }

    /// Writes `study`, which has these SNPs and individuals, as PLINK files.
    fn write(&self, bench: &Bench, study: &Study, name: &str) {
        study.write(bench.path(), name);
        bench.write(&format!("{name}.bim"), self.bim());
        bench.write(&format!("{name}.fam"), self.fam());
    }

    /// A folder with the study `s`, `r1` and `r2`, which are recoded, the autosomes alone as `a`, and a table of the sexes.
    fn bench(&self) -> Bench {
        let bench = Bench::empty();
        self.write(&bench, &self.study, "s");
        for x_model in [1, 2] {
            self.write(&bench, &self.recoded(x_model, None), &format!("r{x_model}"));
        }
        let autosomes: Vec<usize> = [self.on("1"), self.on("2")].concat();
        let mut study = self.study.clone();
        study.snps = autosomes
            .iter()
            .map(|&s| self.study.snps[s].clone())
            .collect();
        study.write(bench.path(), "a");
        let bim = self.bim();
        let lines: Vec<&str> = bim.lines().collect();
        bench.write("a.bim", lines_of(autosomes.iter().map(|&s| lines[s])));
        bench.write("a.fam", self.fam());
        let ids = self.study.individuals.iter().enumerate();
        let rows = lines_of(ids.map(|(i, (_, iid))| format!("{iid} {}", self.sex(i))));
        bench.write("sex.txt", format!("#IID SEX\n{rows}"));
        bench.write(
            "sex.covar",
            lines_of((0..self.study.n()).map(|i| self.sex(i))),
        );
        bench
    }
}

/// A table without some of its columns.
fn without(table: &Table, columns: &[&str]) -> Table {
    let kept: Vec<usize> = (0..table.header.len())
        .filter(|&j| !columns.contains(&table.header[j].as_str()))
        .collect();
    let pick = |row: &Vec<String>| kept.iter().map(|&j| row[j].clone()).collect();
    Table {
        header: pick(&table.header),
        rows: table.rows.iter().map(pick).collect(),
    }
}

/// Asserts that two tables have the same text.
fn assert_same(what: &str, a: &Table, b: &Table) {
    assert_eq!(a.header, b.header, "{what}");
    assert_eq!(a.rows.len(), b.rows.len(), "{what}: number of rows");
    for (a, b) in a.rows.iter().zip(&b.rows) {
        assert_eq!(a, b, "{what}");
    }
}

/// The rows of a table on the given chromosomes.
fn rows_on(table: &Table, chromosomes: &[&str]) -> Table {
    let chr = table.column("chr");
    let mut part = table.clone();
    part.rows
        .retain(|row| chromosomes.contains(&row[chr].as_str()));
    part
}
