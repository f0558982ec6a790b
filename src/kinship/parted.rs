//! A kinship sum of which any part of the SNPs can be left out: the kinships of "leave one chromosome out".
//!
//! Sums are exact, so the sum of all SNPs minus that of a part has the bits of a sum without it.

use super::kind::KinshipKind;
use super::sum::KinshipSum;
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, Subset};

/// A sum over all SNPs, and either the sums of the parts or none of them.
#[derive(Debug)]
pub struct PartedSum {
    encoding: Encoding,
    /// The sum of all SNPs; empty until it is needed if the parts are kept.
    whole: KinshipSum,
    /// The sum of each part that may be left out, if they are kept.
    parts: Option<Vec<KinshipSum>>,
    /// Number of SNPs of each part.
    n_snps: Vec<usize>,
}

impl PartedSum {
    /// Empty sums.
    ///
    /// * `keeps_parts`: keep the sum of every part; otherwise a part must be added again before it can be left out
    #[must_use]
    pub fn new(
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
        n_parts: usize,
        keeps_parts: bool,
    ) -> Self {
        let whole = KinshipSum::new(kind, wanted, encoding);
        Self {
            parts: keeps_parts.then(|| vec![whole.fresh(encoding); n_parts]),
            whole,
            encoding,
            n_snps: vec![0; n_parts],
        }
    }

    /// Adds SNPs of `part`; see [`KinshipSum::add`].
    pub fn add(&mut self, part: usize, block: &GenotypeBlock, snp_indices: &[usize]) {
        let sum = match &mut self.parts {
            Some(parts) => &mut parts[part],
            None => &mut self.whole,
        };
        sum.add(block, snp_indices);
        self.n_snps[part] += snp_indices.len();
    }

    /// SNPs added so far that are not in `part`.
    #[must_use]
    pub fn n_snps_without(&self, part: usize) -> usize {
        self.n_snps.iter().sum::<usize>() - self.n_snps[part]
    }

    /// The sum of all SNPs except those of `part`.
    ///
    /// * `add_part`: adds the SNPs of the part to an empty sum; called if the sums of the parts are not kept
    pub fn without(
        &mut self,
        part: usize,
        add_part: impl FnOnce(&mut KinshipSum) -> Result<()>,
    ) -> Result<KinshipSum> {
        if let Some(parts) = &self.parts
            && self.whole.n_snps() == 0
        {
            for sum in parts.iter().filter(|sum| sum.n_snps() > 0) {
                self.whole.merge(sum.clone());
            }
        }
        if self.n_snps[part] == 0 {
            return Ok(self.whole.clone());
        }
        let left_out = if let Some(parts) = &self.parts {
            parts[part].clone()
        } else {
            let mut sum = self.whole.fresh(self.encoding);
            add_part(&mut sum)?;
            sum
        };
        let mut rest = self.whole.clone();
        rest.subtract(left_out);
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;

    #[test]
    fn leaving_a_part_out_is_the_sum_of_the_others() {
        let (n, p) = (13_usize, 240_usize);
        let code = |i: usize, s: usize| (i * i * 29 + 83 * s + i * s + s * s) % 4;
        let mut packed = vec![0xFF_u8; n.div_ceil(4) * p];
        let mut dosages = vec![f64::NAN; n * p];
        for s in 0..p {
            for i in 0..n {
                let byte = &mut packed[s * n.div_ceil(4) + i / 4];
                *byte = *byte & !(3 << (2 * (i % 4))) | (code(i, s) as u8) << (2 * (i % 4));
                dosages[s * n + i] = [1.9, f64::NAN, 1.2, 0.1][code(i, s)];
            }
        }
        let wanted = Subset::new(n, (0..n).filter(|i| i % 5 != 3).collect());
        let part_of = |s: usize| s / 90;
        for genotypes in [Genotypes::Packed(packed), Genotypes::Dosages(dosages)] {
            let encoding = genotypes.encoding();
            let block = GenotypeBlock::new(0, n, genotypes);
            let of = |is_wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
                block.snp_indices().filter(|&s| is_wanted(s)).collect()
            };
            for kind in [KinshipKind::Centred, KinshipKind::Standardised] {
                for keeps_parts in [false, true] {
                    let mut sum = PartedSum::new(kind, wanted.clone(), encoding, 4, keeps_parts);
                    for part in 0..3 {
                        sum.add(part, &block, &of(&|s| part_of(s) == part));
                    }
                    for part in 0..4 {
                        let again = |sum: &mut KinshipSum| {
                            sum.add(&block, &of(&|s| part_of(s) == part));
                            Ok(())
                        };
                        let found = sum.without(part, again).unwrap();
                        assert_eq!(found.n_snps(), sum.n_snps_without(part));
                        let mut expected = KinshipSum::new(kind, wanted.clone(), encoding);
                        expected.add(&block, &of(&|s| part_of(s) != part));
                        let difference = found.finish().matrix - expected.finish().matrix;
                        // Dosages are multiplied in other chunks here, as they have no chromosomes.
                        let most = [0.0, 1e-14][usize::from(encoding == Encoding::Dosage)];
                        assert!(
                            difference.norm_max() <= most,
                            "{kind:?} {encoding:?} {part}"
                        );
                    }
                }
            }
        }
    }
}
