//! The bytes of a record, read from the first to the last.

use crate::io::text::count;

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The byte of the record at which it was found, counted from 0.
    pub at: usize,
    /// What was found and what was expected.
    pub what: String,
    /// Whether the record is well-formed but not supported.
    pub(super) is_unsupported: bool,
}

impl Damage {
    /// The remedy.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        if self.is_unsupported {
            "exclude the SNP with `plink2 --pfile OLD --max-alleles 2 --make-pgen --out NEW`, or drop the dosages with `plink2 --pfile OLD --make-pgen erase-dosage --out NEW`"
        } else {
            "check that the copy is complete and that the .pgen, .pvar and .psam come from one run of plink2; plink2 --pfile PREFIX --validate checks the file"
        }
    }
}

/// `Result` of the parts of a record.
pub(super) type Result<T> = std::result::Result<T, Damage>;

/// The bytes of a record that are not yet read.
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    /// Number of bytes read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// An error at the current byte.
    #[cold]
    pub(super) fn damage(&self, what: impl Into<String>) -> Damage {
        Damage {
            at: self.at,
            what: what.into(),
            is_unsupported: false,
        }
    }

    /// The next `n` bytes; `what` names them.
    #[inline]
    pub(super) fn take(&mut self, n: usize, what: &str) -> Result<&'a [u8]> {
        let left = &self.all[self.at..];
        let Some(taken) = left.get(..n) else {
            return Err(self.damage(format!(
                "the record ends within {what}: {} expected, {} left",
                count(n, "byte"),
                left.len()
            )));
        };
        self.at += n;
        Ok(taken)
    }

    #[inline]
    pub(super) fn byte(&mut self, what: &str) -> Result<u8> {
        self.take(1, what).map(|one| one[0])
    }

    /// A whole number of seven bits per byte, low bits first.
    #[inline]
    pub(super) fn varint(&mut self, what: &str) -> Result<u32> {
        match self.all.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u32::from(byte))
            }
            _ => self.long_varint(what),
        }
    }

    fn long_varint(&mut self, what: &str) -> Result<u32> {
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte(what)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value)
                    .map_err(|_| self.damage(format!("{what} is {value}, above 2^32 - 1")));
            }
        }
        Err(self.damage(format!("{what} takes more than 5 bytes")))
    }

    /// An array of `n` bits; the padding bits of its last byte must be 0.
    pub(super) fn bits(&mut self, n: usize, what: &str) -> Result<&'a [u8]> {
        let bits = self.take(n.div_ceil(8), what)?;
        if !n.is_multiple_of(8) && bits[n / 8] >> (n % 8) != 0 {
            return Err(self.damage(format!("the padding bits of {what} are not 0")));
        }
        Ok(bits)
    }

    /// Fails unless all bytes are read.
    pub(super) fn end(&self) -> Result<()> {
        match self.all.len() - self.at {
            0 => Ok(()),
            left => Err(self.damage(format!(
                "the record has {} after its last track",
                count(left, "byte")
            ))),
        }
    }
}

/// Number of bits that are set.
pub(super) fn ones(bits: &[u8]) -> usize {
    let words = bits.chunks_exact(8);
    let rest: usize = (words.remainder().iter())
        .map(|byte| byte.count_ones() as usize)
        .sum();
    words
        .map(|word| u64::from_le_bytes(word.try_into().expect("8 bytes")).count_ones() as usize)
        .sum::<usize>()
        + rest
}

/// An unsigned number of up to four bytes, low byte first.
pub(super) fn unsigned(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, &byte| value << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_seven_bits_per_byte_have_at_most_five_bytes() {
        let read = |bytes: &[u8]| Bytes::new(bytes).varint("x");
        assert_eq!(read(&[0x7f]), Ok(127));
        assert_eq!(read(&[0x80, 1]), Ok(128));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
        for wrong in [
            &[0x80][..],
            &[0xff, 0xff, 0xff, 0xff, 0x1f],
            &[0x80; 6],
            &[],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn set_bits_are_counted_in_words_and_bytes() {
        assert_eq!(ones(&[0xff; 11]), 88);
        assert_eq!(ones(&[1, 2, 3]), 4);
        assert_eq!(unsigned(&[1, 2, 3]), 0x03_02_01);
    }
}
