//! SNPs as records: where they are and which alleles they have.

/// One SNP, as written in the `.bim`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snp<'a> {
    /// Chromosome (column 1), any text.
    pub chr: &'a str,
    /// Id (column 2); need not be unique.
    pub rs: &'a str,
    /// Position in base pairs (column 4).
    pub ps: i64,
    /// Counted, or effect, allele (column 5): dosages count its copies.
    pub allele1: &'a str,
    /// Other allele (column 6).
    pub allele0: &'a str,
}
