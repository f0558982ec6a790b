//! The SNP filters, and why SNPs are excluded.

use super::block::GenotypeBlock;
use super::chromosome_set::ChromosomeModel;
use super::hwe::hwe_exact_p;
use super::ploidy::{GroupPloidy, PloidyFacts};
use super::selection::{SnpSelection, Unselected};
use super::subset::Subset;
use super::summary::{SnpSummary, Summarised};
use faer::{ColRef, Mat, MatRef};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Why a SNP is excluded; in the order in which the filters are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Exclusion {
    /// Not in the `-snps` list.
    NotListed,
    /// Not chosen by `--extract`, `--exclude`, `--chr`, `--from-bp` or `--to-bp`.
    NotChosen,
    /// Not on an autosome, for a kinship with `--chr-set`.
    NotAutosomal,
    /// On X (`--x-model none`).
    OnX,
    /// Too many missing calls (`-miss`).
    Missingness,
    /// Allele frequency too close to 0 or 1 (`-maf`).
    AlleleFrequency,
    /// Fewer than two genotype classes.
    Monomorphic,
    /// Hardy-Weinberg p-value too small (`-hwe`).
    HardyWeinberg,
    /// Imputation quality too small (`--info`).
    ImputationQuality,
    /// Explained by the covariates (`-r2`).
    Covariates,
}

impl Exclusion {
    /// Every reason, in order.
    pub const ALL: [Self; 10] = [
        Self::NotListed,
        Self::NotChosen,
        Self::NotAutosomal,
        Self::OnX,
        Self::Missingness,
        Self::AlleleFrequency,
        Self::Monomorphic,
        Self::HardyWeinberg,
        Self::ImputationQuality,
        Self::Covariates,
    ];

    /// Whether logs have a line for it although no SNP is excluded for this reason.
    #[must_use]
    pub fn is_always_counted(self) -> bool {
        !matches!(
            self,
            Self::NotChosen | Self::NotAutosomal | Self::OnX | Self::ImputationQuality
        )
    }

    /// The reason in words, for logs.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NotListed => "not in the -snps list",
            Self::NotChosen => "not chosen by --chr, --from-bp, --to-bp, --extract or --exclude",
            Self::NotAutosomal => "not on an autosome (--chr-set)",
            Self::OnX => "on X (--x-model none)",
            Self::Missingness => "missingness above -miss",
            Self::AlleleFrequency => "minor allele frequency below -maf",
            Self::Monomorphic => "fewer than two genotype classes",
            Self::HardyWeinberg => "Hardy-Weinberg p below -hwe",
            Self::ImputationQuality => "imputation quality below --info",
            Self::Covariates => "explained by covariates (-r2)",
        }
    }
}

impl From<Unselected> for Exclusion {
    fn from(reason: Unselected) -> Self {
        match reason {
            Unselected::NotListed => Self::NotListed,
            Unselected::NotChosen => Self::NotChosen,
        }
    }
}

/// An excluded SNP: the reason, and its summary, for tables that list every SNP.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Excluded {
    /// The first reason that applies.
    pub reason: Exclusion,
    /// Its counts and allele frequency.
    pub summary: SnpSummary,
}

/// Numbers of kept and excluded SNPs, the latter by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilterCounts {
    /// SNPs that passed.
    pub kept: usize,
    /// SNPs excluded, indexed as [`Exclusion::ALL`].
    pub excluded: [usize; Exclusion::ALL.len()],
}

impl FilterCounts {
    /// Total number of SNPs.
    #[must_use]
    pub fn total(&self) -> usize {
        self.kept + self.excluded.iter().sum::<usize>()
    }

    /// Adds the counts of other SNPs.
    pub fn merge(&mut self, other: &Self) {
        self.kept += other.kept;
        for (count, more) in self.excluded.iter_mut().zip(other.excluded) {
            *count += more;
        }
    }

    /// Counts one more SNP.
    pub fn add(&mut self, outcome: Result<(), Exclusion>) {
        match outcome {
            Ok(()) => self.kept += 1,
            Err(reason) => self.excluded[reason as usize] += 1,
        }
    }
}

/// The projection of a SNP onto the covariates.
#[derive(Debug, Clone)]
pub struct CovariateProjection {
    /// Orthonormal basis of the covariates, n × c.
    basis: Mat<f64>,
    /// Whether R² is computed about the mean of the SNP.
    is_centred: bool,
}

impl CovariateProjection {
    /// * `basis`: orthonormal columns spanning the covariates of the analysed individuals, n × c
    /// * `is_centred`: compute R² about the mean, so that it does not depend on which allele is counted; GEMMA does not
    #[must_use]
    pub fn new(basis: MatRef<'_, f64>, is_centred: bool) -> Self {
        Self {
            basis: basis.to_owned(),
            is_centred,
        }
    }

    /// Proportion of xᵀx that the covariates explain: xᵀW(WᵀW)⁻¹Wᵀx / xᵀx, at most 1 in spite of rounding errors.
    fn r_squared(&self, x: &[f64]) -> f64 {
        let x = ColRef::from_slice(x);
        let explained: f64 = (0..self.basis.ncols())
            .map(|j| (self.basis.col(j).transpose() * x).powi(2))
            .sum();
        let total = x.squared_norm_l2();
        if !self.is_centred {
            return at_most_one(explained / total);
        }
        let about_zero = x.sum().powi(2) / x.nrows() as f64;
        at_most_one((explained - about_zero) / (total - about_zero))
    }
}

/// A proportion without the rounding errors above 1; NaN stays.
fn at_most_one(proportion: f64) -> f64 {
    if proportion > 1.0 { 1.0 } else { proportion }
}

/// The SNP filters, evaluated over the analysed individuals in GEMMA's order.
#[derive(Debug, Clone)]
pub struct SnpFilter {
    /// Largest proportion of missing calls that passes (`-miss`, inclusive).
    pub max_missing: f64,
    /// Smallest minor allele frequency that passes (`-maf`, inclusive); `None` after `-notsnp`, which also turns off
    /// HWE.
    pub min_maf: Option<f64>,
    /// Smallest Hardy-Weinberg p-value that passes (`-hwe`); 0 turns the filter off.
    pub min_hwe: f64,
    /// Smallest [imputation quality](super::imputation_quality) that passes (`--info`); `None` turns the filter off.
    pub min_info: Option<f64>,
    /// Whether the imputation quality is computed although no SNP is excluded for it, for tables that have it.
    pub reports_info: bool,
    /// Largest R² with the covariates that passes (`-r2`).
    pub max_r2: f64,
    /// Covariates for `max_r2`; `None` if there is only the intercept.
    pub covariates: Option<CovariateProjection>,
    /// The only SNPs to keep, by their records; `None` for all.
    pub selection: Option<Arc<SnpSelection>>,
    /// The ploidy of the individuals over which the filters are evaluated; `None` if everybody is diploid at every SNP.
    pub ploidy: Option<Arc<GroupPloidy>>,
    /// Only SNPs on autosomes of this set pass; `None` if every chromosome will do.
    pub autosomes: Option<Arc<ChromosomeModel>>,
    /// Whether SNPs that are not selected are counted too, for tables of all SNPs; otherwise their summary is unknown.
    pub summarises_all: bool,
}

impl Default for SnpFilter {
    /// GEMMA's thresholds.
    fn default() -> Self {
        Self {
            max_missing: 0.05,
            min_maf: Some(0.01),
            min_hwe: 0.0,
            min_info: None,
            reports_info: false,
            max_r2: 0.9999,
            covariates: None,
            selection: None,
            ploidy: None,
            autosomes: None,
            summarises_all: false,
        }
    }
}

impl SnpFilter {
    /// Fails with the first reason for the exclusion of a SNP that its record gives.
    fn check_record(&self, block: &GenotypeBlock, snp_index: usize) -> Result<(), Exclusion> {
        if let Some(selection) = &self.selection {
            selection.check(block.record(snp_index))?;
        }
        if let Some(model) = &self.autosomes
            && !model.set.is_autosome(block.record(snp_index).chr)
        {
            return Err(Exclusion::NotAutosomal);
        }
        if let Some(ploidy) = &self.ploidy
            && ploidy.skips(block.record(snp_index))
        {
            return Err(Exclusion::OnX);
        }
        Ok(())
    }

    /// The summary of a SNP of `block` that passes, or the first reason for its exclusion.
    ///
    /// * `individuals`: the individuals over which the filters are evaluated
    /// * `x`: scratch for one decoded column, as long as `individuals`
    pub fn judge(
        &self,
        block: &GenotypeBlock,
        snp_index: usize,
        individuals: &Subset,
        x: &mut [f64],
    ) -> Result<SnpSummary, Excluded> {
        let selected = self.check_record(block, snp_index);
        if let (Err(reason), false) = (selected, self.summarises_all) {
            let summary = SnpSummary::unknown(snp_index);
            return Err(Excluded { reason, summary });
        }
        let mut summarised = block.summarise(snp_index, individuals, x);
        let observed = &x[..individuals.len()];
        let facts = (self.ploidy.as_ref())
            .and_then(|ploidy| ploidy.facts(block, &summarised.summary, observed));
        summarised.summary.af_by_ploidy = facts.map(|facts| facts.af);
        summarised.summary.copies_by_ploidy = facts.map(|facts| facts.n_copies);
        if self.min_info.is_some() || self.reports_info {
            let info = match &facts {
                Some(facts) => facts.info,
                None => block.info(&summarised.summary, observed),
            };
            summarised.summary.info = Some(info);
        }
        let summary = summarised.summary;
        let mut check = || {
            selected?;
            self.check_counts(&summarised, facts.as_ref())?;
            let Some(covariates) = &self.covariates else {
                return Ok(());
            };
            block.fill_column(snp_index, individuals, summary.mean(), x);
            if covariates.r_squared(&x[..individuals.len()]) > self.max_r2 {
                return Err(Exclusion::Covariates);
            }
            Ok(())
        };
        match check() {
            Ok(()) => Ok(summary),
            Err(reason) => Err(Excluded { reason, summary }),
        }
    }

    /// The filters that need only counts.
    ///
    /// * `facts`: if individuals differ in ploidy, or are haploid. Calls are then missing only of those who have the
    ///   chromosome, and the Hardy-Weinberg test is that of the diploids.
    fn check_counts(
        &self,
        summarised: &Summarised,
        facts: Option<&PloidyFacts>,
    ) -> Result<(), Exclusion> {
        let summary = summarised.summary;
        let counts = summary.counts;
        let n_absent = facts.map_or(0, |facts| facts.n_absent);
        let (missing, total) = (counts.missing - n_absent, counts.total() - n_absent);
        if missing as f64 / total as f64 > self.max_missing {
            return Err(Exclusion::Missingness);
        }
        let af = summary.af();
        // A SNP without calls has af NaN and passes here; the next filter excludes it.
        if self.min_maf.is_some_and(|maf| af < maf || af > 1.0 - maf) {
            return Err(Exclusion::AlleleFrequency);
        }
        if !summarised.is_polymorphic {
            return Err(Exclusion::Monomorphic);
        }
        let diploids = facts.map_or(Some(counts), |facts| facts.diploids);
        if self.min_hwe != 0.0
            && self.min_maf.is_some()
            && let Some(counts) = diploids
            && hwe_exact_p([counts.two, counts.zero], counts.one) < self.min_hwe
        {
            return Err(Exclusion::HardyWeinberg);
        }
        if let (Some(min), Some(info)) = (self.min_info, summary.info)
            && info < min
        {
            return Err(Exclusion::ImputationQuality);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;
    use crate::io::bim::{Snp, SnpTable};
    use std::sync::Arc;

    /// Packs dosages (3 = missing).
    fn pack(dosages: &[u8]) -> Vec<u8> {
        let mut packed = vec![0; dosages.len().div_ceil(4)];
        for (i, &g) in dosages.iter().enumerate() {
            packed[i / 4] |= [3_u8, 2, 0, 1][usize::from(g)] << (2 * (i % 4));
        }
        packed
    }

    /// `two` homozygotes, `one` heterozygotes and `missing` calls among `n`.
    fn snp(n: usize, two: usize, one: usize, missing: usize) -> Vec<u8> {
        let mut g = vec![0_u8; n];
        g[..two].fill(2);
        g[two..two + one].fill(1);
        g[two + one..two + one + missing].fill(3);
        pack(&g)
    }

    fn judge(filter: &SnpFilter, n: usize, packed: &[u8]) -> Option<Exclusion> {
        let record = Snp {
            chr: "1",
            rs: "rs1",
            ps: 0,
            allele1: "A",
            allele0: "C",
        };
        let records = Arc::new(SnpTable::of(std::iter::once(record)));
        let block = GenotypeBlock::new(0, n, Genotypes::Packed(packed.to_vec()));
        let block = block.with_records(records, 0);
        let (individuals, mut x) = (Subset::everybody(n), vec![0.0; n]);
        let filter = SnpFilter {
            summarises_all: true,
            ..filter.clone()
        };
        let outcome = filter.judge(&block, 0, &individuals, &mut x);
        let counts = individuals.count(packed);
        let summary = outcome.unwrap_or_else(|excluded| excluded.summary);
        assert_eq!(
            summary,
            SnpSummary::of_calls(0, counts),
            "whatever the outcome"
        );
        outcome.err().map(|excluded| excluded.reason)
    }

    #[test]
    fn bounds_are_inclusive_as_in_the_table_of_the_specification() {
        let filter = SnpFilter::default();
        for (packed, expected) in [
            (snp(200, 0, 4, 0), None),
            (snp(200, 0, 3, 0), Some(Exclusion::AlleleFrequency)),
            (snp(200, 196, 4, 0), None),
            (snp(200, 197, 3, 0), Some(Exclusion::AlleleFrequency)),
            (snp(200, 0, 50, 10), None),
            (snp(200, 0, 50, 11), Some(Exclusion::Missingness)),
            (snp(200, 0, 200, 0), Some(Exclusion::Monomorphic)),
            (snp(200, 0, 0, 0), Some(Exclusion::AlleleFrequency)),
            (snp(200, 0, 0, 200), Some(Exclusion::Missingness)),
        ] {
            assert_eq!(judge(&filter, 200, &packed), expected);
        }
    }

    #[test]
    fn notsnp_turns_off_frequency_and_hwe_but_not_polymorphism() {
        let hwe = SnpFilter {
            min_hwe: 0.001,
            ..SnpFilter::default()
        };
        let violating = snp(200, 50, 0, 0);
        assert_eq!(judge(&hwe, 200, &violating), Some(Exclusion::HardyWeinberg));
        let notsnp = SnpFilter {
            min_maf: None,
            ..hwe
        };
        assert_eq!(judge(&notsnp, 200, &violating), None);
        assert_eq!(judge(&notsnp, 200, &snp(200, 0, 1, 0)), None);
        assert_eq!(
            judge(&notsnp, 200, &snp(200, 200, 0, 0)),
            Some(Exclusion::Monomorphic)
        );
        let all = SnpFilter {
            max_missing: 1.0,
            ..SnpFilter::default()
        };
        assert_eq!(
            judge(&all, 200, &snp(200, 0, 0, 200)),
            Some(Exclusion::Monomorphic)
        );
    }

    #[test]
    fn uncentred_r2_depends_on_the_counted_allele_and_the_centred_one_does_not() {
        // n = 302, two heterozygotes, an intercept and one covariate: the specification's example.
        let n = 302;
        let mut basis = Mat::from_fn(n, 2, |i, j| if j == 0 { 1.0 } else { i as f64 - 150.5 });
        for j in 0..2 {
            let norm = basis.col(j).norm_l2();
            basis.col_mut(j).iter_mut().for_each(|x| *x /= norm);
        }
        let filter = |is_centred| SnpFilter {
            min_maf: Some(0.001),
            max_r2: 0.998,
            covariates: Some(CovariateProjection::new(basis.as_ref(), is_centred)),
            ..SnpFilter::default()
        };
        let (minor, major) = (snp(n, 0, 2, 0), snp(n, 300, 2, 0));
        assert_eq!(judge(&filter(false), n, &minor), None);
        assert_eq!(
            judge(&filter(false), n, &major),
            Some(Exclusion::Covariates)
        );
        assert_eq!(judge(&filter(true), n, &minor), None);
        assert_eq!(judge(&filter(true), n, &major), None);
    }

    #[test]
    fn the_list_is_applied_first() {
        let listed = SnpSelection::of_list([Box::from("rs2")].into());
        let filter = SnpFilter {
            selection: Some(Arc::new(listed)),
            ..SnpFilter::default()
        };
        assert_eq!(
            judge(&filter, 200, &snp(200, 0, 0, 200)),
            Some(Exclusion::NotListed)
        );
    }
}
