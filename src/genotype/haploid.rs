//! Genotypes of individuals that have one copy of a chromosome, or none, where others may have two.

use crate::io::bed::{NO_CALL, packed_bytes};

/// The low bit of each of four two-bit codes.
const LOW: u8 = 0b01_01_01_01;

/// What is done with the genotypes of a SNP because of the ploidy of the individuals.
///
/// Genotypes are read on the scale of diploids: a haploid call is 0 or 2. Of an individual with one copy, a heterozygous call
/// becomes missing, since it must be an error; a dosage stays as it is, since its uncertainty cannot be told from such an error.
/// With `counts_once`, two copies become one, and dosages are halved. All genotypes of an individual without a copy become
/// missing.
#[derive(Debug, Clone)]
pub struct HaploidRecoding {
    /// For each byte of packed genotypes, the low bit of the code of every individual with one copy.
    haploid: Vec<u8>,
    /// The same of those without a copy.
    absent: Vec<u8>,
    counts_once: bool,
}

/// Genotypes that became missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Heterozygous calls of individuals with one copy.
    pub heterozygous: usize,
    /// Genotypes of individuals without a copy.
    pub absent: usize,
}

impl Erased {
    /// Whether there are none.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// One bit for each individual for which `is_it` is true.
fn bits(n: usize, is_it: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut bits = vec![0; packed_bytes(n)];
    for row in (0..n).filter(|&row| is_it(row)) {
        bits[row / 4] |= 1 << (2 * (row % 4));
    }
    bits
}

impl HaploidRecoding {
    /// * `n`: individuals of the source
    /// * `is_haploid`, `is_absent`: whether the individual in a row has one copy, or none
    /// * `counts_once`: whether the only copy of an individual counts once, not twice
    #[must_use]
    pub fn new(
        n: usize,
        is_haploid: impl Fn(usize) -> bool,
        is_absent: impl Fn(usize) -> bool,
        counts_once: bool,
    ) -> Self {
        Self {
            haploid: bits(n, is_haploid),
            absent: bits(n, is_absent),
            counts_once,
        }
    }

    /// Whether dosages change.
    #[must_use]
    pub fn changes_dosages(&self) -> bool {
        self.counts_once || self.absent.iter().any(|&byte| byte != 0)
    }

    /// Recodes a packed SNP of all individuals.
    pub fn recode_calls(&self, snp: &mut [u8]) -> Erased {
        let mut erased = Erased::default();
        let masks = self.haploid.iter().zip(&self.absent);
        for (byte, (&haploid, &absent)) in snp.iter_mut().zip(masks) {
            let (high, low) = (*byte >> 1 & LOW, *byte & LOW);
            // 10 is heterozygous, 00 has two copies, 01 is missing.
            let heterozygous = high & !low & haploid;
            let two = !(high | low) & haploid;
            let called = !(low & !high) & absent;
            erased.heterozygous += heterozygous.count_ones() as usize;
            erased.absent += called.count_ones() as usize;
            *byte ^= 0b11 * heterozygous;
            if self.counts_once {
                *byte |= two << 1;
            }
            *byte = (*byte & !(0b11 * absent)) | (NO_CALL * absent);
        }
        erased
    }

    /// Recodes the dosages of all individuals at a SNP, NaN if missing.
    pub fn recode_dosages(&self, snp: &mut [f64]) -> Erased {
        let mut erased = Erased::default();
        for (row, x) in snp.iter_mut().enumerate() {
            let is_in = |bits: &[u8]| bits[row / 4] >> (2 * (row % 4)) & 1 == 1;
            if self.counts_once && is_in(&self.haploid) {
                *x *= 0.5;
            }
            if is_in(&self.absent) {
                erased.absent += usize::from(!x.is_nan());
                *x = f64::NAN;
            }
        }
        erased
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [u8; 4] = [0b00, 0b01, 0b10, 0b11];

    /// The code of each individual after the recoding, one individual at a time.
    fn expected(code: u8, who: usize, counts_once: bool) -> u8 {
        match (who, code) {
            (1, 0b10) | (2, _) => 0b01,
            (1, 0b00) if counts_once => 0b10,
            _ => code,
        }
    }

    #[test]
    fn every_call_of_every_individual_is_recoded_alone() {
        // All pairs of a code and a ploidy, in every place of a byte.
        for shift in 0..4 {
            for counts_once in [false, true] {
                let individuals: Vec<(u8, usize)> = (0..shift)
                    .map(|_| (0b11, 0))
                    .chain(CODES.iter().flat_map(|&c| [0, 1, 2].map(|who| (c, who))))
                    .collect();
                let n = individuals.len();
                let who = |row: usize| individuals[row].1;
                let recoding =
                    HaploidRecoding::new(n, |row| who(row) == 1, |row| who(row) == 2, counts_once);
                let mut snp = vec![0; n.div_ceil(4)];
                for (row, &(code, _)) in individuals.iter().enumerate() {
                    snp[row / 4] |= code << (2 * (row % 4));
                }
                let erased = recoding.recode_calls(&mut snp);
                assert_eq!((erased.heterozygous, erased.absent), (1, 3));
                for (row, &(code, who)) in individuals.iter().enumerate() {
                    let found = snp[row / 4] >> (2 * (row % 4)) & 3;
                    assert_eq!(found, expected(code, who, counts_once), "{code} {who}");
                }
                let used = 2 * (n % 4);
                assert!(used == 0 || snp[n / 4] >> used == 0, "padding stays zero");
            }
        }
    }

    #[test]
    fn dosages_are_halved_or_erased() {
        let nan = f64::NAN;
        let recoding = HaploidRecoding::new(5, |row| row < 2, |row| row > 2, true);
        assert!(recoding.changes_dosages());
        let mut snp = [1.5, nan, 1.5, 0.3, nan];
        let erased = recoding.recode_dosages(&mut snp);
        assert_eq!((erased.heterozygous, erased.absent), (0, 1));
        assert!(snp[0] == 0.75 && snp[1].is_nan() && snp[2] == 1.5);
        assert!(snp[3].is_nan() && snp[4].is_nan());
        let recoding = HaploidRecoding::new(5, |row| row < 2, |_| false, false);
        assert!(!recoding.changes_dosages());
        let mut snp = [1.0; 5];
        assert!(recoding.recode_dosages(&mut snp).is_nothing());
        assert_eq!(snp, [1.0; 5]);
    }
}
