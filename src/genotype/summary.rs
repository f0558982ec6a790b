//! The genotypes of one SNP over some individuals: counts, allele frequency, and whether it varies.

use crate::kernels::GenotypeCounts;

/// Counts and allele frequency of one SNP over the analysed individuals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnpSummary {
    /// The SNP's index in its source.
    pub snp_index: usize,
    /// Genotype counts; for dosages, the counts of their classes.
    pub counts: GenotypeCounts,
    /// Total number of copies of allele1; a whole number except for dosages.
    pub allele1: f64,
}

impl SnpSummary {
    /// The summary of hard calls.
    #[must_use]
    pub fn of_calls(snp_index: usize, counts: GenotypeCounts) -> Self {
        Self {
            snp_index,
            counts,
            allele1: counts.allele1() as f64,
        }
    }

    /// The summary of a SNP that was not counted.
    #[must_use]
    pub fn unknown(snp_index: usize) -> Self {
        Self {
            snp_index,
            counts: GenotypeCounts::default(),
            allele1: f64::NAN,
        }
    }

    /// Frequency of allele1 among the observed calls; may exceed 0.5, NaN if there are none.
    #[must_use]
    pub fn af(&self) -> f64 {
        self.allele1 / (2.0 * self.counts.observed() as f64)
    }

    /// Mean dosage over the observed calls, NaN if there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.allele1 / self.counts.observed() as f64
    }
}

/// A SNP's summary, and whether the SNP varies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summarised {
    /// Counts and allele frequency.
    pub summary: SnpSummary,
    /// Whether two genotypes occur: two classes of hard calls or, as in GEMMA, two different dosages.
    pub is_polymorphic: bool,
}

impl Summarised {
    /// A SNP of hard calls.
    #[must_use]
    pub(super) fn of(summary: SnpSummary) -> Self {
        let classes = [summary.counts.two, summary.counts.one, summary.counts.zero];
        Self {
            summary,
            is_polymorphic: classes.iter().filter(|&&count| count > 0).count() >= 2,
        }
    }

    /// A SNP of dosages, NaN if missing, counted in GEMMA's classes: up to 0.5, below 1.5, above.
    #[must_use]
    pub(super) fn of_dosages(snp_index: usize, dosages: &[f64]) -> Self {
        let mut counts = GenotypeCounts::default();
        let mut allele1 = 0.0;
        for &dosage in dosages {
            if dosage.is_nan() {
                counts.missing += 1;
                continue;
            }
            allele1 += dosage;
            if dosage <= 0.5 {
                counts.zero += 1;
            } else if dosage < 1.5 {
                counts.one += 1;
            } else {
                counts.two += 1;
            }
        }
        let mut observed = dosages.iter().filter(|x| !x.is_nan());
        let is_polymorphic = observed
            .next()
            .is_some_and(|first| observed.any(|x| x != first));
        Self {
            summary: SnpSummary {
                snp_index,
                counts,
                allele1,
            },
            is_polymorphic,
        }
    }
}
