//! The SNP filters of a group of traits, from the options of a job.

use super::filter_options::FilterOptions;
use super::job::{ComputedKinship, QcOn};
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

/// The covariates of the `-r2` filter. As in GEMMA, the intercept alone excludes nothing.
pub(super) fn projection(group: &TraitGroup, is_centred: bool) -> Option<CovariateProjection> {
    let (n, c) = (group.subset.len(), group.design.c());
    (c >= 2).then(|| {
        let basis: Vec<f64> = group.design.basis.q.concat();
        CovariateProjection::new(MatRef::from_column_major_slice(&basis, n, c), is_centred)
    })
}

/// The filter of the SNPs that are tested.
pub(super) fn snp_filter(
    options: &FilterOptions,
    group: &TraitGroup,
    selection: Option<Arc<SnpSelection>>,
) -> SnpFilter {
    SnpFilter {
        max_missing: options.max_missing,
        min_maf: options.min_maf,
        min_hwe: options.min_hwe,
        min_info: options.min_info,
        max_r2: options.max_r2,
        covariates: projection(group, options.is_r2_centred),
        selection,
        ..SnpFilter::default()
    }
}

/// The filter of the SNPs of a computed kinship.
///
/// * `tested`: the filter of the SNPs that are tested
/// * `selection`: the list of its SNPs
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
