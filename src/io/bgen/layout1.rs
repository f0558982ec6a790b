//! Genotypes of BGEN 1.1: the probabilities of the three genotypes in 16 bits each.

use super::allele::Allele;

/// The largest sum of the three numbers: they are multiples of 1/32768, each rounded by less than one.
const MOST: u32 = 32768 + 2;

/// The probabilities of one SNP.
pub(crate) struct Layout1<'a>(&'a [u8]);

impl<'a> Layout1<'a> {
    /// Returns what is wrong if `bytes` are not those of `n` individuals.
    pub(super) fn parse(bytes: &'a [u8], n: usize) -> Result<Self, String> {
        if bytes.len() != 6 * n {
            return Err(format!(
                "its genotypes have {} bytes, but those of {n} individuals have {}",
                bytes.len(),
                6 * n
            ));
        }
        Ok(Self(bytes))
    }

    /// Fills `out` with dosages from 0 to 2, NaN if missing.
    ///
    /// The sum of the probabilities may be below 1; then they are those of the genotypes given that one of them is the
    /// true one, as plink2 has it. Only a sum of 0 is missing.
    pub(super) fn fill(&self, counted: Allele, out: &mut [f64]) -> Result<(), String> {
        for (row, (x, six)) in out.iter_mut().zip(self.0.chunks_exact(6)).enumerate() {
            let p = [0, 2, 4].map(|k| u32::from(u16::from_le_bytes([six[k], six[k + 1]])));
            let sum: u32 = p.iter().sum();
            if sum > MOST {
                return Err(format!(
                    "the probabilities of individual {} have the sum {:.5}",
                    row + 1,
                    f64::from(sum) / 32768.0
                ));
            }
            let copies = match counted {
                Allele::First => p[1] + 2 * p[0],
                Allele::Second => p[1] + 2 * p[2],
            };
            // 0 / 0 is NaN: missing.
            *x = f64::from(copies) / f64::from(sum);
        }
        Ok(())
    }
}
