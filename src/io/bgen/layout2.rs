//! Genotypes of BGEN 1.2 and 1.3: the ploidy of each individual, and probabilities of 1 to 32 bits.
//!
//! A probability is x/m with m = 2^B − 1. With two alleles, the data have as many numbers for an individual as it has
//! copies of the chromosome: P(11) and P(12) of unphased diploids, and P(1) of each haplotype of phased diploids and of
//! haploids. The number of copies of an allele is therefore a whole multiple of 1/m, from 0 to 2m; those of haploids
//! count twice.

use super::allele::{Allele, MISSING};
use super::header::le32;

/// Bit of a ploidy byte that marks a missing genotype.
const IS_MISSING: u8 = 0x80;
/// Most bits of which the copies of an allele, and [`MISSING`], are 16-bit numbers.
const MOST_SCALED_BITS: u32 = 15;

/// The probabilities of one SNP with two alleles.
pub(crate) struct Layout2<'a> {
    ploidy: &'a [u8],
    is_phased: bool,
    bits: u32,
    numbers: &'a [u8],
    /// Whether everybody is diploid.
    is_diploid: bool,
    /// The first ploidy of 0 or more than 2 of an individual whose genotype is not missing.
    unusual: Option<u8>,
}

impl<'a> Layout2<'a> {
    /// Returns what is wrong if `bytes` are not those of `n` individuals and two alleles, or have an impossible ploidy or
    /// number of bits, or another length than these require.
    pub(super) fn parse(bytes: &'a [u8], n: usize) -> Result<Self, String> {
        if bytes.len() < 10 + n {
            return Err(format!(
                "its genotypes have {} bytes, but those of {n} individuals have at least {}",
                bytes.len(),
                10 + n
            ));
        }
        let (head, rest) = bytes.split_at(8);
        let (ploidy, rest) = rest.split_at(n);
        let (&[phased, bits], numbers) = rest.split_first_chunk().expect("two bytes are left");
        if le32(&head[..4]) as usize != n {
            return Err(format!(
                "its genotypes are those of {} individuals, but the file has {n}",
                le32(&head[..4])
            ));
        }
        if head[4..6] != [2, 0] {
            return Err(format!(
                "its genotypes have {} alleles, but the SNP has 2",
                u16::from_le_bytes([head[4], head[5]])
            ));
        }
        if phased > 1 || !(1..=32).contains(&bits) {
            return Err(format!(
                "its genotypes have the phase {phased} and {bits} bits, expected 0 or 1, and 1 to 32"
            ));
        }
        let mut snp = Self {
            ploidy,
            is_phased: phased == 1,
            bits: bits.into(),
            numbers,
            is_diploid: true,
            unusual: None,
        };
        let n_numbers = snp.check_ploidy(head[6], head[7])?;
        let expected = (u64::from(snp.bits) * n_numbers).div_ceil(8);
        if numbers.len() as u64 != expected {
            return Err(format!(
                "its probabilities have {} bytes, but {n_numbers} numbers of {bits} bits have {expected}",
                numbers.len()
            ));
        }
        Ok(snp)
    }

    /// Checks the ploidy of everybody, and returns the sum.
    fn check_ploidy(&mut self, least: u8, most: u8) -> Result<u64, String> {
        let all_diploid = |ploidy: &[u8]| {
            // Without an early exit, which would not be vectorised.
            ploidy
                .iter()
                .fold(0, |other, z| other | ((z & !IS_MISSING) ^ 2))
                == 0
        };
        if (least..=most).contains(&2) && all_diploid(self.ploidy) {
            return Ok(2 * self.ploidy.len() as u64);
        }
        self.is_diploid = false;
        let mut sum = 0;
        for (row, byte) in self.ploidy.iter().enumerate() {
            let z = byte & !IS_MISSING;
            if !(least..=most).contains(&z) || z > 63 {
                return Err(format!(
                    "individual {} has the ploidy {z}, but its genotypes state {least} to {most}, and 63 is the most",
                    row + 1
                ));
            }
            if byte & IS_MISSING == 0 && !(1..=2).contains(&z) {
                self.unusual.get_or_insert(z);
            }
            sum += u64::from(z);
        }
        Ok(sum)
    }

    /// A ploidy of 0 or more than 2: the copies of an allele then are not on the scale from 0 to 2.
    pub(super) fn unusual_ploidy(&self) -> Option<u8> {
        self.unusual
    }

    /// The value of one copy if the dosages of the SNP are 16-bit numbers.
    pub(super) fn per_copy(&self) -> Option<u16> {
        (self.bits <= MOST_SCALED_BITS).then(|| self.one() as u16)
    }

    /// m: the number that stands for the probability 1.
    fn one(&self) -> u64 {
        (1 << self.bits) - 1
    }

    /// Fills `out` with numbers of copies in units of 1/m; [`MISSING`] if missing.
    pub(super) fn fill_scaled(&self, counted: Allele, out: &mut [u16]) -> Result<(), String> {
        debug_assert!(self.bits <= MOST_SCALED_BITS);
        if self.bits == 8 && self.is_diploid {
            return self.fill_bytes(counted, out);
        }
        self.for_each(counted, |row, copies| {
            out[row] = copies.map_or(MISSING, |copies| copies as u16);
        })
    }

    /// Fills `out` with dosages from 0 to 2; NaN if missing.
    pub(super) fn fill(&self, counted: Allele, out: &mut [f64]) -> Result<(), String> {
        let one = self.one() as f64;
        self.for_each(counted, |row, copies| {
            out[row] = copies.map_or(f64::NAN, |copies| copies as f64 / one);
        })
    }

    /// As [`fill_scaled`](Self::fill_scaled), of diploids in 8 bits: nearly all large files.
    fn fill_bytes(&self, counted: Allele, out: &mut [u16]) -> Result<(), String> {
        let of_first = if self.is_phased { 1 } else { 2 };
        // 2m − x of the second allele, and 0 + x of the first.
        let (base, sign) = match counted {
            Allele::First => (0_u16, 1_u16),
            Allele::Second => (510, 1_u16.wrapping_neg()),
        };
        let pairs = self.numbers.as_chunks::<2>().0;
        let mut excess = 0;
        for ((value, &[a, b]), ploidy) in out.iter_mut().zip(pairs).zip(self.ploidy) {
            let (a, b) = (u16::from(a), u16::from(b));
            let missing = 0_u16.wrapping_sub(u16::from(ploidy >> 7)); // all ones, or 0
            // Bit 8 is set if the sum is above 255.
            excess |= (a + b) & !missing;
            let copies = of_first * a + b;
            *value = base.wrapping_add(copies.wrapping_mul(sign)) | missing;
        }
        if excess > 255 && !self.is_phased {
            // Again, for the message.
            return self.for_each(counted, |_, _| ());
        }
        Ok(())
    }

    /// Calls `put` with each row and the number of copies in units of 1/m, `None` if it is missing.
    ///
    /// The numbers of a missing individual are not read.
    fn for_each(
        &self,
        counted: Allele,
        mut put: impl FnMut(usize, Option<u64>),
    ) -> Result<(), String> {
        let one = self.one();
        let mut next = 0;
        for (row, byte) in self.ploidy.iter().enumerate() {
            let z = u64::from(byte & !IS_MISSING);
            let first = next;
            next += z;
            if byte & IS_MISSING != 0 {
                put(row, None);
                continue;
            }
            let x = self.number(first);
            let of_first = if z == 1 {
                2 * x
            } else {
                let y = self.number(first + 1);
                if self.is_phased {
                    x + y
                } else if x + y <= one {
                    2 * x + y
                } else {
                    return Err(format!(
                        "the probabilities of individual {} have the sum {:.6}",
                        row + 1,
                        (x + y) as f64 / one as f64
                    ));
                }
            };
            let copies = match counted {
                Allele::First => of_first,
                Allele::Second => 2 * one - of_first,
            };
            put(row, Some(copies));
        }
        Ok(())
    }

    /// Number `i` of the continuous stream of bits, low bits first; 0 beyond its end.
    fn number(&self, i: u64) -> u64 {
        let bit = i * u64::from(self.bits);
        let start = (bit / 8) as usize;
        let rest = self.numbers.get(start..).unwrap_or_default();
        let eight = if let Some(eight) = rest.first_chunk() {
            u64::from_le_bytes(*eight)
        } else {
            let bytes = rest.iter().rev();
            bytes.fold(0, |number, &byte| number << 8 | u64::from(byte))
        };
        eight >> (bit % 8) & self.one()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Genotypes of `n` individuals with these ploidy bytes and numbers.
    fn bytes(ploidy: &[u8], is_phased: bool, bits: u8, numbers: &[u64]) -> Vec<u8> {
        let mut bytes = (ploidy.len() as u32).to_le_bytes().to_vec();
        let z = ploidy.iter().map(|byte| byte & 63);
        bytes.extend([2, 0, z.clone().min().unwrap(), z.max().unwrap()]);
        bytes.extend(ploidy);
        bytes.extend([u8::from(is_phased), bits]);
        let bit = |i: usize| {
            let (number, k) = (i / usize::from(bits), i % usize::from(bits));
            numbers
                .get(number)
                .map_or(0, |number| (number >> k & 1) as u8)
        };
        let n_bytes = (numbers.len() * usize::from(bits)).div_ceil(8);
        bytes.extend((0..n_bytes).map(|i| (0..8).fold(0, |byte, k| byte | bit(8 * i + k) << k)));
        bytes
    }

    fn dosages(bytes: &[u8], n: usize, counted: Allele) -> Result<Vec<f64>, String> {
        let snp = Layout2::parse(bytes, n)?;
        let mut all = vec![0.0; n];
        snp.fill(counted, &mut all)?;
        if let Some(per_copy) = snp.per_copy() {
            let mut scaled = vec![0; n];
            snp.fill_scaled(counted, &mut scaled)?;
            for (value, dosage) in scaled.iter().zip(&all) {
                match *value {
                    MISSING => assert!(dosage.is_nan()),
                    value => assert_eq!(f64::from(value) / f64::from(per_copy), *dosage),
                }
            }
        }
        Ok(all)
    }

    #[test]
    fn dosages_are_those_worked_out_by_hand() {
        // v2 of tiny.vcf as plink2 writes it in 8 bits; individual 4 is missing with numbers that are no probabilities.
        let numbers = [191, 64, 64, 191, 0, 32, 200, 200, 0, 255];
        let unphased = bytes(&[2, 2, 2, 0x82, 2], false, 8, &numbers);
        let second = dosages(&unphased, 5, Allele::Second).unwrap();
        let expected = [64.0, 191.0, 478.0, f64::NAN, 255.0].map(|x| x / 255.0);
        for (a, b) in second.iter().zip(expected) {
            assert!(*a == b || (a.is_nan() && b.is_nan()), "{second:?}");
        }
        // v1, phased: 255,0 0,255 128,128 0,0 255,255.
        let numbers = [255, 0, 0, 255, 128, 128, 0, 0, 255, 255];
        let phased = bytes(&[2; 5], true, 8, &numbers);
        let second = dosages(&phased, 5, Allele::Second).unwrap();
        assert_eq!(second, [1.0, 1.0, 254.0 / 255.0, 2.0, 0.0]);
        let first = dosages(&phased, 5, Allele::First).unwrap();
        assert_eq!(first, [1.0, 1.0, 256.0 / 255.0, 0.0, 2.0]);
        // A haploid and a diploid.
        let mixed = bytes(&[1, 2], false, 3, &[7, 0, 7]);
        assert_eq!(dosages(&mixed, 2, Allele::First).unwrap(), [2.0, 1.0]);
        assert_eq!(dosages(&mixed, 2, Allele::Second).unwrap(), [0.0, 1.0]);
    }

    #[test]
    fn every_number_of_bits_is_read() {
        for bits in 1..=32_u8 {
            let one = (1_u64 << bits) - 1;
            let x: Vec<u64> = (0..13).map(|i| one * i / 12).collect();
            let numbers: Vec<u64> = x.iter().flat_map(|&x| [x, one - x]).collect();
            let snp = bytes(&[2; 13], false, bits, &numbers);
            let first = dosages(&snp, 13, Allele::First).unwrap();
            for (dosage, x) in first.iter().zip(&x) {
                assert_eq!(*dosage, (x + one) as f64 / one as f64, "{bits} bits");
            }
        }
    }

    #[test]
    fn numbers_that_are_no_probabilities_are_errors() {
        for bits in [8, 9, 16] {
            let one = (1 << bits) - 1;
            let numbers = [0, 0, one, 0, one, 1];
            let snp = bytes(&[2; 3], false, bits, &numbers);
            let error = dosages(&snp, 3, Allele::Second).unwrap_err();
            assert!(error.contains("individual 3 have the sum 1.0"), "{error}");
            assert!(dosages(&bytes(&[2; 3], true, bits, &numbers), 3, Allele::Second).is_ok());
            let missing = bytes(&[2, 2, 0x82], false, bits, &numbers);
            assert!(dosages(&missing, 3, Allele::Second).is_ok());
        }
    }

    #[test]
    fn what_contradicts_the_lengths_is_an_error() {
        let good = bytes(&[2, 1, 0x82], false, 5, &[1, 2, 3, 4, 5]);
        assert!(Layout2::parse(&good, 3).is_ok());
        for length in 0..good.len() {
            assert!(Layout2::parse(&good[..length], 3).is_err());
        }
        let wrong = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Layout2::parse(&bytes, 3).is_err()
        };
        // N, K, ploidy beyond its bounds, bit 6, phase, bits.
        for (at, byte) in [
            (0, 2),
            (4, 3),
            (6, 2),
            (7, 1),
            (8, 0x42),
            (11, 2),
            (12, 0),
            (12, 33),
        ] {
            assert!(wrong(at, byte), "byte {at} = {byte}");
        }
        assert!(Layout2::parse(&[&good[..], &[0]].concat(), 3).is_err());
    }

    #[test]
    fn a_ploidy_above_two_is_found_unless_it_is_missing() {
        let unusual = |ploidy: &[u8], n_numbers: usize| {
            let snp = bytes(ploidy, false, 8, &vec![0; n_numbers]);
            Layout2::parse(&snp, ploidy.len()).unwrap().unusual_ploidy()
        };
        assert_eq!(unusual(&[2, 3], 5), Some(3));
        assert_eq!(unusual(&[2, 0], 2), Some(0));
        assert_eq!(unusual(&[2, 0x83], 5), None);
        assert_eq!(unusual(&[1, 2], 3), None);
    }
}
