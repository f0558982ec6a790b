//! Forward selection of SNPs (`--stepwise`): the SNP with the smallest p-value of a scan, and the path.
//!
//! The pipeline tests all SNPs, adds the best one to the covariates, and tests all SNPs again, until no p-value is below the
//! threshold. A [`Search`] finds the best SNP of a scan.

use super::block::{Column, TraitColumns};
use super::odds::effect_columns;
use crate::genotype::{GenotypeBlock, SnpSummary, Subset};
use std::borrow::Cow;

/// The default of [`StepwiseOptions::max_steps`].
pub const MAX_STEPS: usize = 20;

/// The p-values by which SNPs are chosen, the first that a method has.
const PREFERRED: [&str; 3] = ["p_wald", "p_lrt", "p_score"];

/// Forward selection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepwiseOptions {
    /// `--stepwise`: a SNP is added if its p-value is below this.
    pub threshold: f64,
    /// `--stepwise-max`: the largest number of SNPs that are added.
    pub max_steps: usize,
}

/// A SNP in its scan.
#[derive(Debug, Clone, PartialEq)]
pub struct BestSnp {
    /// Its index in the source.
    pub snp_index: usize,
    /// Chromosome.
    pub chr: String,
    /// Id.
    pub rs: String,
    /// Position.
    pub ps: i64,
    /// The counted allele, whose effect is estimated.
    pub allele1: String,
    /// The other allele.
    pub allele0: String,
    /// Frequency of allele1 among the analysed individuals.
    pub af: f64,
    /// Effect; NaN if the test does not estimate it.
    pub beta: f64,
    /// Standard error of the effect; NaN if the test does not estimate it.
    pub se: f64,
    /// p-value.
    pub p: f64,
    /// Distinguishes p-values of 0: |beta / se|, or the log-likelihood; otherwise 0.
    strength: f64,
}

impl BestSnp {
    /// Whether the SNP precedes `other`: by its p-value, then by its place in the source. Results therefore do not depend on
    /// the order in which SNPs are tested.
    fn precedes(&self, other: &Self) -> bool {
        let key = |of: &Self| (of.p, -of.strength, of.snp_index);
        key(self) < key(other)
    }
}

/// A SNP that was added.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The SNP, with its statistics in the scan in which it was the best.
    pub snp: BestSnp,
    /// Effect in the final model, in which all chosen SNPs are covariates.
    pub joint_beta: f64,
    /// Its standard error.
    pub joint_se: f64,
    /// p-value of its Wald test.
    pub joint_p: f64,
}

/// The path of a forward selection.
#[derive(Debug, Clone, PartialEq)]
pub struct StepwisePath {
    /// Threshold and largest number of SNPs.
    pub options: StepwiseOptions,
    /// The column of the p-values.
    pub column: Cow<'static, str>,
    /// The SNPs, in the order in which they were added.
    pub steps: Vec<Step>,
    /// The best SNP of the final scan, which was not added; `None` if no SNP has a p-value.
    pub next: Option<BestSnp>,
}

/// The index of the p-values by which SNPs are chosen: that of the Wald test, else of the likelihood ratio test, else of the
/// score test, else the first column of p-values.
#[must_use]
pub fn p_column(columns: &[Column]) -> Option<usize> {
    let index = |name: &&str| columns.iter().position(|column| column.name == **name);
    let first = || columns.iter().position(Column::is_p_value);
    PREFERRED.iter().find_map(index).or_else(first)
}

/// Finds the SNP with the smallest p-value.
#[derive(Debug, Clone)]
pub struct Search {
    p: usize,
    /// The columns of the effect and of its standard error.
    effect: Option<[usize; 2]>,
    log_likelihood: Option<usize>,
    /// SNPs that are covariates, which are never the best.
    added: Vec<usize>,
    best: Option<Found>,
}

/// The best SNP so far.
#[derive(Debug, Clone)]
pub struct Found {
    /// The SNP.
    pub snp: BestSnp,
    /// Copies of allele1 of all individuals of the source, NaN if missing.
    pub dosages: Vec<f64>,
}

impl Search {
    /// A search in the results of a method with these `columns`.
    ///
    /// * `added`: the indices of SNPs that are covariates
    ///
    /// # Panics
    /// If no column has p-values.
    #[must_use]
    pub fn new(columns: &[Column], added: Vec<usize>) -> Self {
        let index = |name: &str| columns.iter().position(|column| column.name == name);
        Self {
            p: p_column(columns).expect("a method with p-values, checked in prepare"),
            effect: effect_columns(columns),
            log_likelihood: index("logl_H1"),
            added,
            best: None,
        }
    }

    /// Compares the `tested` SNPs of `block`, whose statistics are `results`, with the best so far.
    pub fn add(&mut self, block: &GenotypeBlock, tested: &[SnpSummary], results: &TraitColumns) {
        let (records, first_record) = block.records();
        for (row, summary) in tested.iter().enumerate() {
            let value = |column: usize| results.values[column][row];
            let p = value(self.p);
            let is_worse = self.best.as_ref().is_some_and(|best| p > best.snp.p);
            if p.is_nan() || is_worse || self.added.contains(&summary.snp_index) {
                continue;
            }
            let [beta, se] = self.effect.map_or([f64::NAN; 2], |both| both.map(value));
            let strength = match (self.effect, self.log_likelihood) {
                _ if p > 0.0 => 0.0,
                (Some(_), _) => (beta / se).abs(),
                (None, Some(column)) => value(column),
                (None, None) => 0.0,
            };
            let at = first_record + summary.snp_index - block.snp_indices().start;
            let record = records.get(at);
            let snp = BestSnp {
                snp_index: summary.snp_index,
                chr: record.chr.to_owned(),
                rs: record.rs.to_owned(),
                ps: record.ps,
                allele1: record.allele1.to_owned(),
                allele0: record.allele0.to_owned(),
                af: summary.af(),
                beta,
                se,
                p,
                strength: if strength.is_nan() { 0.0 } else { strength },
            };
            if self
                .best
                .as_ref()
                .is_none_or(|best| snp.precedes(&best.snp))
            {
                let everybody = Subset::everybody(block.n_individuals());
                let mut dosages = vec![0.0; everybody.len()];
                block.fill_column(summary.snp_index, &everybody, f64::NAN, &mut dosages);
                self.best = Some(Found { snp, dosages });
            }
        }
    }

    /// The best SNP; `None` if no SNP has a p-value.
    #[must_use]
    pub fn into_best(self) -> Option<Found> {
        self.best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::SnpFlags;
    use crate::genotype::Genotypes;
    use crate::io::bim::{Snp, SnpTable};
    use crate::kernels::GenotypeCounts;
    use std::sync::Arc;

    fn columns(names: &[&'static str]) -> Vec<Column> {
        let column = |name: &&'static str| Column::new((*name).into(), "", "");
        names.iter().map(column).collect()
    }

    #[test]
    fn the_wald_test_chooses_if_there_are_several() {
        let at = |names: &[&'static str]| p_column(&columns(names));
        assert_eq!(at(&["beta", "p_lrt", "p_wald", "p_score"]), Some(2));
        assert_eq!(at(&["p_score"]), Some(0));
        assert_eq!(at(&["r", "p_own"]), Some(1));
        assert_eq!(at(&["r"]), None);
    }

    /// The best of SNPs with these statistics, tested in this order in blocks of one SNP.
    fn best(order: &[usize], p: &[f64], beta: &[f64], added: &[usize]) -> Option<usize> {
        let records = Arc::new(SnpTable::of(p.iter().map(|_| Snp {
            chr: "1",
            rs: ".",
            ps: 5,
            allele1: "A",
            allele0: "C",
        })));
        let mut search = Search::new(&columns(&["beta", "se", "p_wald"]), added.to_vec());
        for &s in order {
            let block = GenotypeBlock::new(s, 2, Genotypes::Packed(vec![0b1000]))
                .with_records(Arc::clone(&records), s);
            let counts = GenotypeCounts {
                two: 1,
                one: 1,
                zero: 0,
                missing: 0,
            };
            let results = TraitColumns {
                flags: vec![SnpFlags::default()],
                values: vec![vec![beta[s]], vec![1.0], vec![p[s]]],
            };
            search.add(&block, &[SnpSummary::of_calls(s, counts)], &results);
        }
        search.into_best().map(|found| {
            assert_eq!(found.dosages.len(), 2);
            found.snp.snp_index
        })
    }

    #[test]
    fn the_smallest_p_is_the_best_in_any_order_and_ties_go_to_the_first() {
        let nan = f64::NAN;
        let one = [1.0; 5];
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]] {
            assert_eq!(best(&order, &[nan, 0.5, 0.1, 0.1, 0.2], &one, &[]), Some(2));
            let added = [2];
            assert_eq!(
                best(&order, &[nan, 0.5, 0.1, 0.1, 0.2], &one, &added),
                Some(3)
            );
            // p-values that underflow differ by their statistics.
            let beta = [50.0, -80.0, 80.0, 0.1, 60.0];
            assert_eq!(
                best(&order, &[0.0, 0.0, 0.0, 0.1, 0.0], &beta, &[]),
                Some(1)
            );
            assert_eq!(best(&order, &[nan; 5], &one, &[]), None);
        }
    }
}
