//! Bounds within which the integer sums cannot overflow.

/// Maximum number of SNPs in a batch; bounds the `i32` sums of bytes, which grow by at most 2·255 per SNP.
pub const MAX_SNPS: usize = 1 << 20;
/// Maximum number of bits of a weight in [`super::Unpacked::weighted_sums`].
pub const WEIGHT_BITS: u32 = 56;
