//! The recodings of blocks by the ploidy of the individuals.

use crate::genotype::{ChromosomeClass, Erased, Genotypes, HaploidRecoding, XModel};
use crate::io::bed::packed_bytes;
use crate::io::sex::Sex;
use rayon::prelude::*;

/// The recodings of the SNPs of each chromosome.
#[derive(Debug)]
pub(super) struct Recodings {
    /// `None` if SNPs on X stay as they are, since they are not tested.
    x: Option<HaploidRecoding>,
    y: HaploidRecoding,
    mitochondrial: HaploidRecoding,
}

impl Recodings {
    /// * `sexes`: the sex of every individual of the source
    pub(super) fn new(x_model: XModel, sexes: &[Sex]) -> Self {
        let n = sexes.len();
        let is = |sex: Sex| move |row: usize| sexes[row] == sex;
        let is_nobody = |_| false;
        let once = x_model == XModel::One;
        Self {
            x: (x_model != XModel::Skip)
                .then(|| HaploidRecoding::new(n, is(Sex::Male), is_nobody, once)),
            y: HaploidRecoding::new(n, is(Sex::Male), is(Sex::Female), true),
            mitochondrial: HaploidRecoding::new(n, |_| true, is_nobody, true),
        }
    }

    /// The recoding of a SNP of this class.
    pub(super) fn of(&self, class: ChromosomeClass) -> Option<&HaploidRecoding> {
        match class {
            ChromosomeClass::X => self.x.as_ref(),
            ChromosomeClass::Y => Some(&self.y),
            ChromosomeClass::Mitochondrial => Some(&self.mitochondrial),
            _ => None,
        }
    }
}

/// Genotypes of `n` individuals, recoded, and what became missing at each SNP.
pub(super) fn recoded(
    genotypes: Genotypes,
    n: usize,
    recodings: &[Option<&HaploidRecoding>],
) -> (Genotypes, Vec<Erased>) {
    match genotypes {
        Genotypes::Packed(mut bytes) => {
            let erased = each(&mut bytes, packed_bytes(n), recodings, |of, snp| {
                of.recode_calls(snp)
            });
            (Genotypes::Packed(bytes), erased)
        }
        Genotypes::Dosages(mut values) => {
            let erased = each(&mut values, n, recodings, HaploidRecoding::recode_dosages);
            (Genotypes::Dosages(values), erased)
        }
        Genotypes::Scaled(scaled) => {
            let mut changes = recodings.iter().flatten();
            if !changes.any(|recoding| recoding.changes_dosages()) {
                return (
                    Genotypes::Scaled(scaled),
                    vec![Erased::default(); recodings.len()],
                );
            }
            // Half a unit is not a whole number.
            let values = scaled.values.par_iter().map(|&value| scaled.dosage(value));
            recoded(Genotypes::Dosages(values.collect()), n, recodings)
        }
    }
}

/// Applies its recoding to every SNP, on all threads.
fn each<T: Send>(
    values: &mut [T],
    stride: usize,
    recodings: &[Option<&HaploidRecoding>],
    recode: impl Fn(&HaploidRecoding, &mut [T]) -> Erased + Send + Sync,
) -> Vec<Erased> {
    values
        .par_chunks_exact_mut(stride.max(1))
        .zip(recodings)
        .map(|(snp, recoding)| recoding.map_or_else(Erased::default, |of| recode(of, snp)))
        .collect()
}
