//! Counts and allele frequencies of SNPs at which individuals differ in ploidy.

use super::block::{Encoding, GenotypeBlock};
use super::chromosome_set::{ChromosomeClass, ChromosomeModel, XModel};
use super::subset::Subset;
use super::summary::{SnpSummary, Summarised};
use crate::io::bim::Snp;
use crate::io::sex::Sex;
use crate::kernels::GenotypeCounts;
use std::sync::Arc;

/// The ploidy of some individuals: their sexes, and the chromosomes of their species.
#[derive(Debug, Clone)]
pub struct GroupPloidy {
    model: Arc<ChromosomeModel>,
    males: Subset,
    /// Whether each individual is a male, in their order.
    is_male: Vec<bool>,
    n_females: usize,
}

/// What the filters and the tables need to know of a SNP at which individuals differ in ploidy.
#[derive(Debug, Clone, Copy)]
pub(super) struct PloidyFacts {
    /// Frequency of allele1 among the copies that the individuals have.
    pub(super) af: f64,
    /// The number of these copies, of both alleles.
    pub(super) n_copies: usize,
    /// Genotypes of the observed diploids; `None` if there are no diploids.
    pub(super) diploids: Option<GenotypeCounts>,
    /// Number of individuals that have no copy of the chromosome, whose genotypes are missing.
    pub(super) n_absent: usize,
    /// The [imputation quality](super::imputation_quality): on X of the females, else of haploids.
    pub(super) info: f64,
}

impl GroupPloidy {
    /// The `individuals` of a study.
    ///
    /// * `sexes`: of all individuals of the source; on X, individuals of unknown sex count as females
    #[must_use]
    pub fn new(model: Arc<ChromosomeModel>, sexes: &[Sex], individuals: &Subset) -> Self {
        let rows = individuals.rows();
        let has = |sex: Sex| move |&&row: &&usize| sexes.get(row) == Some(&sex);
        let males = rows.iter().filter(has(Sex::Male)).copied().collect();
        Self {
            model,
            males: Subset::new(individuals.n_total(), males),
            is_male: (rows.iter()).map(|row| has(Sex::Male)(&row)).collect(),
            n_females: rows.iter().filter(has(Sex::Female)).count(),
        }
    }

    /// Whether a SNP is not tested because it is on X (`--x-model none`).
    #[must_use]
    pub fn skips(&self, snp: Snp<'_>) -> bool {
        self.model.x_model == XModel::Skip && self.model.set.class(snp) == ChromosomeClass::X
    }

    /// The facts of a SNP; `None` if everybody is diploid.
    ///
    /// * `summary`, `x`: as [`GenotypeBlock::summarise`] returned and left them for these individuals
    pub(super) fn facts(
        &self,
        block: &GenotypeBlock,
        summary: &SnpSummary,
        x: &[f64],
    ) -> Option<PloidyFacts> {
        match self.model.set.class(block.record(summary.snp_index)) {
            ChromosomeClass::X => Some(self.on_x(block, summary, x)),
            ChromosomeClass::Y => Some(haploid(block, summary, x, self.n_females)),
            ChromosomeClass::Mitochondrial => Some(haploid(block, summary, x, 0)),
            _ => None,
        }
    }

    /// The facts of a SNP on X.
    ///
    /// A copy of a male counts once, whatever its value in the tests: with m males and f females that have a genotype,
    /// af = (copies of the males + copies of the females) / (m + 2f).
    fn on_x(&self, block: &GenotypeBlock, all: &SnpSummary, x: &[f64]) -> PloidyFacts {
        let snp = all.snp_index;
        let (males, females, info) = match block.encoding() {
            Encoding::Packed => {
                let males = self.males.count(block.packed(snp));
                let females = SnpSummary::of_calls(snp, minus(all.counts, males));
                let males = SnpSummary::of_calls(snp, males);
                (males, females, females.info_of_calls())
            }
            Encoding::Dosage => {
                let of = |sex: bool| -> Vec<f64> {
                    let both = x.iter().zip(&self.is_male);
                    both.filter(|(_, is_male)| **is_male == sex)
                        .map(|(x, _)| *x)
                        .collect()
                };
                let (males, females) = (of(true), of(false));
                let summary = |x: &[f64]| Summarised::of_dosages(snp, x).summary;
                let of_females = summary(&females);
                let info = of_females.info_of_dosages(&females);
                (summary(&males), of_females, info)
            }
        };
        let value = match self.model.x_model {
            XModel::One => 1.0,
            XModel::Two | XModel::Skip => 2.0,
        };
        let copies = males.allele1 / value + females.allele1;
        let chromosomes = males.counts.observed() + 2 * females.counts.observed();
        PloidyFacts {
            af: copies / chromosomes as f64,
            n_copies: chromosomes,
            diploids: Some(females.counts),
            n_absent: 0,
            info,
        }
    }
}

/// The facts of a SNP of haploids, whose genotypes are 0 or 1.
///
/// The imputation quality is the variance divided by p(1 − p), that of certain genotypes of haploids.
fn haploid(block: &GenotypeBlock, all: &SnpSummary, x: &[f64], n_absent: usize) -> PloidyFacts {
    let af = all.mean();
    let with_af = SnpSummary {
        af_by_ploidy: Some(af),
        ..*all
    };
    PloidyFacts {
        af,
        n_copies: all.counts.observed(),
        diploids: None,
        n_absent,
        info: 2.0 * block.info(&with_af, x),
    }
}

/// The counts of those among `all` who are not among the `others`.
fn minus(all: GenotypeCounts, others: GenotypeCounts) -> GenotypeCounts {
    GenotypeCounts {
        two: all.two - others.two,
        one: all.one - others.one,
        zero: all.zero - others.zero,
        missing: all.missing - others.missing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Genotypes;
    use super::super::chromosome_set::ChromosomeSet;
    use super::*;
    use crate::io::bim::SnpTable;
    use Sex::{Female, Male};

    const SEXES: [Sex; 7] = [Male, Female, Male, Female, Female, Male, Female];

    fn ploidy(x_model: XModel) -> GroupPloidy {
        let set = ChromosomeSet::of("human").unwrap();
        let model = Arc::new(ChromosomeModel { set, x_model });
        // Everybody except the last male.
        let individuals = Subset::new(7, vec![0, 1, 2, 3, 4, 6]);
        GroupPloidy::new(model, &SEXES, &individuals)
    }

    /// A SNP with these values, NaN if missing, in both encodings.
    fn blocks(chr: &str, values: [f64; 7]) -> [GenotypeBlock; 2] {
        let mut packed = vec![0_u8; 2];
        for (row, x) in values.iter().enumerate() {
            let code = match x {
                x if x.is_nan() => 0b01,
                2.0 => 0b00,
                1.0 => 0b10,
                _ => 0b11,
            };
            packed[row / 4] |= code << (2 * (row % 4));
        }
        [
            Genotypes::Packed(packed),
            Genotypes::Dosages(values.to_vec()),
        ]
        .map(|genotypes| {
            let record = Snp {
                chr,
                rs: "rs",
                ps: 9,
                allele1: "A",
                allele0: "C",
            };
            let records = Arc::new(SnpTable::of(std::iter::once(record)));
            GenotypeBlock::new(0, 7, genotypes).with_records(records, 0)
        })
    }

    fn facts(x_model: XModel, chr: &str, values: [f64; 7]) -> [Option<PloidyFacts>; 2] {
        let individuals = Subset::new(7, vec![0, 1, 2, 3, 4, 6]);
        blocks(chr, values).map(|block| {
            let mut x = vec![0.0; 6];
            let found = block.summarise(0, &individuals, &mut x);
            ploidy(x_model).facts(&block, &found.summary, &x)
        })
    }

    #[test]
    fn a_copy_of_a_male_counts_once_whatever_the_model() {
        let nan = f64::NAN;
        // Males 1 of 2 copies; females 1 + 0 + 2 of 6; the unanalysed male does not count.
        for (model, values) in [
            (XModel::Two, [2.0, 1.0, 0.0, 0.0, 2.0, 2.0, nan]),
            (XModel::One, [1.0, 1.0, 0.0, 0.0, 2.0, 1.0, nan]),
        ] {
            for facts in facts(model, "X", values).map(Option::unwrap) {
                assert_eq!((facts.af, facts.n_copies), (4.0 / 8.0, 8));
                let females = facts.diploids.unwrap();
                assert_eq!((females.two, females.one, females.zero), (1, 1, 1));
                assert_eq!((females.missing, facts.n_absent), (1, 0));
                // Variance 2/3 of females with p = 1/2, divided by 1/2.
                assert!((facts.info - 4.0 / 3.0).abs() < 1e-15, "{}", facts.info);
            }
        }
    }

    #[test]
    fn haploids_have_the_frequency_of_their_mean() {
        let nan = f64::NAN;
        for facts in facts(XModel::Two, "Y", [1.0, nan, 0.0, nan, nan, 1.0, nan]) {
            let facts = facts.unwrap();
            assert_eq!((facts.af, facts.n_copies, facts.n_absent), (0.5, 2, 4));
            assert!(facts.diploids.is_none());
            assert!((facts.info - 1.0).abs() < 1e-15);
        }
        for facts in facts(XModel::Two, "MT", [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, nan]) {
            let facts = facts.unwrap();
            assert_eq!((facts.af, facts.n_copies, facts.n_absent), (0.4, 5, 0));
        }
        for chr in ["1", "XY", "0"] {
            assert!(facts(XModel::Two, chr, [1.0; 7])[0].is_none(), "{chr}");
        }
    }
}
