//! Reads files into plain values: no statistics, no filtering, no defaults.
//!
//! | file | reader | value |
//! |---|---|---|
//! | `.bed` | [`bed`] | packed genotypes of a range of SNPs |
//! | `.bim` | [`bim::read_bim`] | [`bim::SnpTable`], a column per property |
//! | `.fam` | [`fam::read_fam`] | [`fam::Fam`]: individuals in order, phenotypes on demand |
//! | `-p`, `-c` | [`table::read_phenotypes`], [`table::read_covariates`] | a column, a table with missing rows |
//! | `--pheno`, `--covar`, `.psam` | [`frame::read_table`] | [`frame::IdTable`]: chosen columns of a table with a header and ids |
//! | `-snps` | [`snp_list::read_snp_list`] | a set of SNP ids |
//! | `-k`, `-u`, `-d` as text | [`matrix`] | matrices and vectors of `f64` |
//! | `-k`, `-u`, `-d` as `.npy` | [`npy`] | the same values by functions of the same names |
//! | `-k` with `-km 2` | [`triplets::read_triplets`] | the same matrix from a list of pairs |
//! | `.id` next to a matrix | [`ids`] | the individuals of its rows |
//!
//! Rules for all text files, implemented in `source.rs` and `text.rs`: gzip is recognised by content; lines end in LF
//! or CRLF, and the last line need not be terminated; a byte-order mark is skipped; blank lines are allowed only at the
//! end; text is UTF-8. A number is a finite decimal number: `nan`, `inf`, hexadecimal digits and words are errors and
//! never become 0 or NaN. `NA` is the missing value in files that may have missing values. Every error names the file
//! and the 1-based line and, if there is one, the column, individual or SNP.
//!
//! Kinship matrices are read for the individuals that a caller keeps, in the caller's order; the other rows and columns
//! must be present but are skipped unparsed. The result is a [`square::SquareMatrix`], which measures its asymmetry.

pub mod bed;
pub(crate) mod bgzf;
pub mod bim;
mod bim_line;
pub(crate) mod codes;
pub mod content;
mod content_of_file;
mod covariate_table;
pub(crate) mod disk;
pub mod fam;
mod fields;
mod foreign;
pub mod frame;
pub(crate) mod id_columns;
mod id_index;
pub mod ids;
mod individual;
mod layout;
pub mod matrix;
mod misplaced_ids;
pub mod npy;
pub(crate) mod numbers;
pub mod regular;
pub mod seal;
mod shape;
mod snp;
pub mod snp_list;
mod source;
pub mod square;
mod suspect;
pub mod table;
mod table_rows;
pub(crate) mod text;
pub(crate) mod triangle;
pub mod triplets;
