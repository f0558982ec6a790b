//! The division of SNPs into parts.

use crate::kinship::CHUNK_SNPS;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// Part `number` of `of`, counted from 1 (`--part 3/16`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartNumber {
    /// From 1 to `of`.
    pub number: usize,
    /// Number of parts.
    pub of: usize,
}

/// The largest number of parts.
pub(super) const MOST_PARTS: usize = 100_000;

impl PartNumber {
    /// The SNPs of this part of `n_snps`. Parts are as equal as possible; they begin at multiples of [`CHUNK_SNPS`], at which
    /// sums of dosages can be divided without a change of their bits. Some are empty if there are too few SNPs.
    #[must_use]
    pub fn range(self, n_snps: usize) -> Range<usize> {
        let n_chunks = n_snps.div_ceil(CHUNK_SNPS);
        let start = |part: usize| {
            let chunk = part as u128 * n_chunks as u128 / self.of as u128;
            (chunk as usize * CHUNK_SNPS).min(n_snps)
        };
        start(self.number - 1)..start(self.number)
    }
}

impl FromStr for PartNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| {
            let number: usize = number.trim().parse().ok()?;
            Some((number, of.trim().parse().ok()?))
        });
        match numbers {
            Some((number, of)) if 1 <= number && number <= of && of <= MOST_PARTS => {
                Ok(Self { number, of })
            }
            Some((0, _)) => Err("parts are counted from 1".into()),
            Some((number, of)) if number > of => Err(format!("there is no part {number} of {of}")),
            Some((_, of)) => Err(format!("{of} parts are more than {MOST_PARTS}")),
            None => Err("expected a part and the number of parts, such as 3/16".into()),
        }
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_all_snps_and_begin_between_chunks() {
        for n_snps in [0, 1, 1023, 1024, 1025, 10_300, 1_000_000] {
            for of in [1, 2, 3, 7, 64] {
                let ranges = (1..=of).map(|number| PartNumber { number, of }.range(n_snps));
                let mut next = 0;
                for range in ranges {
                    assert_eq!(range.start, next);
                    assert!(range.start % CHUNK_SNPS == 0 || range.is_empty());
                    next = range.end;
                }
                assert_eq!(next, n_snps);
            }
        }
    }

    #[test]
    fn a_part_is_a_number_of_a_number() {
        assert_eq!("3/16".parse(), Ok(PartNumber { number: 3, of: 16 }));
        for wrong in [
            "", "3", "0/4", "5/4", "3/0", "-1/4", "a/b", "1/2/3", "1/100001",
        ] {
            assert!(wrong.parse::<PartNumber>().is_err(), "{wrong}");
        }
    }
}
