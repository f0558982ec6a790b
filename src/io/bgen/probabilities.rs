//! The genotypes of one SNP in either layout.

use super::allele::Allele;
use super::header::Layout;
use super::layout1::Layout1;
use super::layout2::Layout2;

/// The decompressed genotypes of one SNP, whose lengths were checked.
pub(crate) enum Probabilities<'a> {
    /// Of BGEN 1.1.
    Layout1(Layout1<'a>),
    /// Of BGEN 1.2 and 1.3.
    Layout2(Layout2<'a>),
}

impl<'a> Probabilities<'a> {
    /// The genotypes of `n` individuals; what is wrong if the lengths contradict each other.
    pub(crate) fn parse(bytes: &'a [u8], n: usize, layout: Layout) -> Result<Self, String> {
        Ok(match layout {
            Layout::One => Self::Layout1(Layout1::parse(bytes, n)?),
            Layout::Two => Self::Layout2(Layout2::parse(bytes, n)?),
        })
    }

    /// A ploidy of 0 or more than 2, of which there are no dosages.
    pub(crate) fn unusual_ploidy(&self) -> Option<u8> {
        match self {
            Self::Layout1(_) => None,
            Self::Layout2(snp) => snp.unusual_ploidy(),
        }
    }

    /// The value of one copy of an allele, if the dosages of the SNP are 16-bit numbers in units of its inverse.
    pub(crate) fn per_copy(&self) -> Option<u16> {
        match self {
            Self::Layout1(_) => None,
            Self::Layout2(snp) => snp.per_copy(),
        }
    }

    /// Fills `out` with the dosages of an allele times [`per_copy`](Self::per_copy), [`MISSING`] if missing. Returns what
    /// is wrong if the probabilities of an individual have a sum above 1.
    ///
    /// # Panics
    /// If the dosages are no 16-bit numbers.
    pub(crate) fn fill_scaled(&self, counted: Allele, out: &mut [u16]) -> Result<(), String> {
        match self {
            Self::Layout1(_) => panic!("layout 1 has no 16-bit dosages"),
            Self::Layout2(snp) => snp.fill_scaled(counted, out),
        }
    }

    /// Fills `out` with the dosages of an allele from 0 to 2, NaN if missing. Returns what is wrong if the probabilities
    /// of an individual have a sum above 1.
    pub(crate) fn fill(&self, counted: Allele, out: &mut [f64]) -> Result<(), String> {
        match self {
            Self::Layout1(snp) => snp.fill(counted, out),
            Self::Layout2(snp) => snp.fill(counted, out),
        }
    }
}
