//! Means and standard deviations in double precision, for backends that centre and scale genotypes themselves.

#[cfg(feature = "python")]
use super::{dosages::moments, kind::KinshipKind};
#[cfg(feature = "python")]
use crate::genotype::{Encoding, GenotypeBlock, Subset};
use crate::kernels::GenotypeCounts;

/// The mean of a SNP over `everybody`, and the divisor of its centred dosages in a standardised kinship.
#[cfg(feature = "python")]
pub(crate) fn mean_and_sd(
    kind: KinshipKind,
    block: &GenotypeBlock,
    snp_index: usize,
    everybody: &Subset,
) -> (f64, f64) {
    match block.encoding() {
        Encoding::Packed => {
            let (mean, per_variance) = scale(everybody.count(block.packed(snp_index)));
            (mean, per_variance.recip().sqrt())
        }
        Encoding::Dosage => {
            let (mean, per_sd) = moments(kind, &block.dosages(snp_index));
            (mean, per_sd.recip())
        }
    }
}

/// μ and 1/v of a SNP in double precision; 1/v is 1 if v = 0, and μ is 0 if no call is observed.
pub(super) fn scale(counts: GenotypeCounts) -> (f64, f64) {
    if counts.observed() == 0 {
        return (0.0, 1.0);
    }
    let (mean, n) = (counts.mean(), counts.total() as f64);
    let squares = (4 * counts.two + counts.one) as f64;
    let variance = (squares + mean * mean * counts.missing as f64) / n - mean * mean;
    let weight = if variance == 0.0 { 1.0 } else { 1.0 / variance };
    (mean, weight)
}
