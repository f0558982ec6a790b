//! The REF allele of BGEN files, also in builds that do not read them.

/// The position of the REF allele in a BGEN file (`--bgen-ref`), which the file does not state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BgenReference {
    /// REF is the first allele; the second allele is counted.
    #[default]
    First,
    /// REF is the last allele, as `plink2 --export bgen-1.2` writes it by default; the first allele is counted.
    Last,
}
