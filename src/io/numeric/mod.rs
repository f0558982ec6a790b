//! Matrices of numbers with ids (`--numeric`), HapMap text, and maps of their SNPs (`--snp-map`).
//!
//! | module | what it reads |
//! |---|---|
//! | [`header`] | the header: whether rows are individuals or SNPs, and what the first columns are |
//! | [`cells`] | the cells of a line, quoted or not |
//! | [`value`] | a cell: a dosage, a number, or missing |
//! | [`snp_rows`] | a row that is a SNP |
//! | [`individual_rows`] | a matrix whose rows are individuals, as a whole |
//! | [`hapmap`] | a SNP of HapMap text |
//! | `parquet` | a matrix in a Parquet file |
//! | [`snp_map`] | chromosomes, positions and alleles by SNP id |

pub(crate) mod cells;
pub(crate) mod hapmap;
pub(crate) mod header;
pub(crate) mod individual_rows;
#[cfg(feature = "tables")]
pub(crate) mod parquet;
pub(crate) mod snp_map;
pub(crate) mod snp_rows;
pub(crate) mod value;
