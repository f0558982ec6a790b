//! The SNP filters of a study, for each group of traits.

use super::job::{ComputedKinship, FilterOptions, QcOn};
use crate::cohort::TraitGroup;
use crate::genotype::{ChromosomeModel, CovariateProjection, SnpFilter, SnpSelection, Subset};
use faer::MatRef;
use std::sync::Arc;

/// Which SNPs are used for a group of traits.
pub(super) struct GroupFilters {
    /// The SNPs that are tested, or counted for the log.
    pub(super) tested: SnpFilter,
    /// The SNPs of a computed kinship.
    pub(super) kinship: Option<KinshipFilter>,
}

/// The SNPs of a kinship.
pub(super) struct KinshipFilter {
    pub(super) filter: SnpFilter,
    /// The individuals over which the filter is evaluated.
    pub(super) qc: Subset,
    /// Whether these are also the tested SNPs.
    pub(super) is_of_tested: bool,
}

/// The filter of the SNPs that are tested for a group.
pub(super) fn snp_filter(
    options: &FilterOptions,
    group: &TraitGroup,
    selection: Option<Arc<SnpSelection>>,
) -> SnpFilter {
    let (n, c) = (group.subset.len(), group.design.c());
    // As in GEMMA, the intercept alone excludes nothing.
    let covariates = (c >= 2).then(|| {
        let basis: Vec<f64> = group.design.basis.q.concat();
        CovariateProjection::new(
            MatRef::from_column_major_slice(&basis, n, c),
            options.is_r2_centred,
        )
    });
    SnpFilter {
        max_missing: options.max_missing,
        min_maf: options.min_maf,
        min_hwe: options.min_hwe,
        min_info: options.min_info,
        max_r2: options.max_r2,
        covariates,
        selection,
        ..SnpFilter::default()
    }
}

/// The filter of the SNPs of a group's kinship.
///
/// * `tested`: the filter of the SNPs that are tested
/// * `autosomes`: the chromosomes whose autosomes alone are used; `None` if all chromosomes are
pub(super) fn kinship_filter(
    kinship: &ComputedKinship,
    tested: &SnpFilter,
    selection: Option<Arc<SnpSelection>>,
    autosomes: Option<Arc<ChromosomeModel>>,
    group: &TraitGroup,
) -> KinshipFilter {
    let is_of_tested =
        kinship.qc == QcOn::Analysed && selection == tested.selection && autosomes.is_none();
    let mut filter = SnpFilter {
        selection,
        summarises_all: false,
        reports_info: false,
        ploidy: None,
        autosomes,
        ..tested.clone()
    };
    let qc = match kinship.qc {
        QcOn::Analysed => group.subset.clone(),
        QcOn::All => {
            filter.covariates = None;
            Subset::everybody(group.subset.n_total())
        }
    };
    KinshipFilter {
        filter,
        qc,
        is_of_tested,
    }
}
