//! The alleles of a SNP, and numbers of their copies.

use crate::io::snp::Snp;

/// The number of copies of a missing genotype, where it is a 16-bit number.
pub(crate) const MISSING: u16 = u16::MAX;

/// One of the two alleles of a SNP, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allele {
    /// The first one.
    First,
    /// The second one.
    Second,
}

impl Allele {
    /// The record of a SNP of which this allele is counted.
    pub(super) fn record<'a>(
        self,
        chr: &'a str,
        rs: &'a str,
        ps: i64,
        [first, second]: [&'a str; 2],
    ) -> Snp<'a> {
        let (allele1, allele0) = match self {
            Self::First => (first, second),
            Self::Second => (second, first),
        };
        Snp {
            chr,
            rs,
            ps,
            allele1,
            allele0,
        }
    }
}
