//! The arithmetic of the stages, in seconds of one thread.

use super::machines::Node;
use super::rates::Rates;
use super::study::StudySize;
use crate::genotype::Encoding;
use crate::kinship::KinshipKind;

/// Floating-point operations of the matrix products of a decomposition, divided by n³: half of the reduction to
/// tridiagonal form (4/3), divide and conquer (up to 4/3) and the back-transformation (2).
const PRODUCTS: f64 = 2.0 / 3.0 + 4.0 / 3.0 + 2.0;
/// Bytes that the other half of the reduction reads from memory, divided by n³: for every column the rest of one triangle.
const READ: f64 = 8.0 / 6.0;

/// Seconds of the kinships of all groups of traits.
///
/// * `passes`: 2 if every SNP is added a second time, to the sum of its chromosome
pub(super) fn kinship(study: &StudySize, rates: &Rates, passes: f64) -> f64 {
    let (n, p) = (study.n(), study.p());
    let products = n * n * p / 2.0;
    let sums = match (study.encoding, study.kinship) {
        (Encoding::Packed, KinshipKind::Centred) => {
            products / rates.kinship + n * n * p * study.missing / rates.missing_calls
        }
        (Encoding::Packed, KinshipKind::Standardised) => products / rates.standardised_kinship,
        (Encoding::Dosage, _) => products / rates.dosage_kinship,
    };
    let each = sums + n * p * rates.genotype + p * rates.snp;
    each * passes * study.trait_groups as f64
}

/// Seconds of one decomposition on a node, on all its threads.
///
/// 4n³ operations of matrix products, whose rate grows with the threads, and 4/3 n³ bytes read from memory, whose rate is
/// bounded.
pub(super) fn decomposition(study: &StudySize, rates: &Rates, node: Node) -> f64 {
    let cube = study.n().powi(3);
    let threads = node.threads as f64;
    let memory_rate = (rates.memory * threads).min(node.memory_rate);
    PRODUCTS * cube / (rates.decomposition * threads) + READ * cube / memory_rate
}

/// Seconds of the tests of all SNPs for all traits.
pub(super) fn association(study: &StudySize, rates: &Rates) -> f64 {
    let (n, p) = (study.n(), study.p());
    let rotation = match study.encoding {
        Encoding::Packed => rates.rotation,
        Encoding::Dosage => rates.dosage_rotation,
    };
    let searches = f64::from(u8::from(study.tests.has_wald()) + u8::from(study.tests.has_lrt()));
    let covariates = study.covariates.saturating_sub(1) as f64;
    let of_search = rates.search + rates.covariate * covariates;
    let scan = n * n / rotation + n * rates.genotype + rates.snp;
    let fits = study.traits as f64 * (n * of_search * searches + rates.row);
    p * (scan * study.trait_groups as f64 + fits)
}
