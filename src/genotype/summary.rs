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
    /// The [imputation quality](imputation_quality), if it was asked for.
    pub info: Option<f64>,
    /// Frequency of allele1 among the copies that individuals have, if they differ in ploidy or are haploid.
    pub af_by_ploidy: Option<f64>,
    /// The number of these copies, of both alleles.
    pub copies_by_ploidy: Option<usize>,
}

/// Imputation quality of a SNP by MaCH's r²: the variance of its dosages divided by the variance 2p(1 − p) that certain
/// genotypes have in Hardy-Weinberg proportions.
///
/// * `n`: individuals with a dosage
/// * `squares`: Σ (xᵢ − x̄)² over their dosages
/// * `p`: frequency of allele1 among them, x̄ / 2
///
/// r² = (Σ (xᵢ − x̄)² / n) / (2p(1 − p)); NaN if all dosages are 0 or all are 2. It is about 1 for genotyped SNPs of an
/// outbred population, 2 for inbred lines, and 0 if the dosages carry no information beyond the allele frequency.
///
/// Source: Li et al. 2010, Genet. Epidemiol. 34:816; Marchini & Howie 2010, Nat. Rev. Genet. 11:499.
#[must_use]
pub fn imputation_quality(n: usize, squares: f64, p: f64) -> f64 {
    squares / n as f64 / (2.0 * p * (1.0 - p))
}

impl SnpSummary {
    /// The summary of hard calls.
    #[must_use]
    pub fn of_calls(snp_index: usize, counts: GenotypeCounts) -> Self {
        Self {
            snp_index,
            counts,
            allele1: counts.allele1() as f64,
            info: None,
            af_by_ploidy: None,
            copies_by_ploidy: None,
        }
    }

    /// The summary of a SNP that was not counted.
    #[must_use]
    pub fn unknown(snp_index: usize) -> Self {
        Self {
            snp_index,
            counts: GenotypeCounts::default(),
            allele1: f64::NAN,
            info: None,
            af_by_ploidy: None,
            copies_by_ploidy: None,
        }
    }

    /// Frequency of allele1 among the observed calls; may exceed 0.5, NaN if there are none.
    #[must_use]
    pub fn af(&self) -> f64 {
        self.af_by_ploidy
            .unwrap_or_else(|| self.allele1 / (2.0 * self.counts.observed() as f64))
    }

    /// Copies of the SNP in the individuals with a genotype, of both alleles: two in each diploid, one in each haploid.
    #[must_use]
    pub fn n_copies(&self) -> usize {
        let diploid = 2 * self.counts.observed();
        self.copies_by_ploidy.unwrap_or(diploid)
    }

    /// The imputation quality of hard calls.
    #[must_use]
    pub(super) fn info_of_calls(&self) -> f64 {
        let GenotypeCounts { two, one, zero, .. } = self.counts;
        let mean = self.mean();
        let squares = [(two, 2.0), (one, 1.0), (zero, 0.0)]
            .map(|(count, x): (usize, f64)| count as f64 * (x - mean).powi(2));
        let [two, one, zero] = squares;
        imputation_quality(self.counts.observed(), two + one + zero, self.af())
    }

    /// The imputation quality of the dosages of which this is the summary, NaN if missing.
    #[must_use]
    pub(super) fn info_of_dosages(&self, dosages: &[f64]) -> f64 {
        let mean = self.mean();
        let observed = dosages.iter().filter(|x| !x.is_nan());
        let squares = observed.map(|x| (x - mean).powi(2)).sum();
        imputation_quality(self.counts.observed(), squares, self.af())
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
                info: None,
                af_by_ploidy: None,
                copies_by_ploidy: None,
            },
            is_polymorphic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imputation_quality_is_the_variance_over_that_of_certain_genotypes() {
        let nan = f64::NAN;
        // Mean 0.8, p 0.4.
        let dosages = [2.0, 1.0, 0.0, 0.5, 0.5, nan];
        let summary = Summarised::of_dosages(0, &dosages).summary;
        let squares = 1.2 * 1.2 + 0.2 * 0.2 + 0.8 * 0.8 + 2.0 * (0.3 * 0.3);
        let expected = (squares / 5.0) / (2.0 * 0.4 * 0.6);
        assert!((summary.info_of_dosages(&dosages) - expected).abs() < 1e-15);
        // Hard calls give the same as their dosages: 1 in Hardy-Weinberg proportions, 2 without heterozygotes.
        for (two, one, zero, info) in [(1, 2, 1, 1.0), (3, 0, 3, 2.0), (0, 4, 4, 2.0 / 3.0)] {
            let counts = GenotypeCounts {
                two,
                one,
                zero,
                missing: 1,
            };
            let of_calls = SnpSummary::of_calls(0, counts).info_of_calls();
            let calls = [(two, 2.0), (one, 1.0), (zero, 0.0), (1, nan)];
            let dosages: Vec<f64> = (calls.iter())
                .flat_map(|&(n, x)| std::iter::repeat_n(x, n))
                .collect();
            let of_dosages = Summarised::of_dosages(0, &dosages).summary;
            let of_dosages = of_dosages.info_of_dosages(&dosages);
            assert!(
                (of_calls - of_dosages).abs() < 1e-14,
                "{of_calls} {of_dosages}"
            );
            assert!((of_calls - info).abs() < 1e-14, "{of_calls}");
        }
        assert!(
            Summarised::of_dosages(0, &[0.0, 0.0])
                .summary
                .info_of_dosages(&[0.0, 0.0])
                .is_nan()
        );
    }
}
