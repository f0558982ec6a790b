//! Reads files into plain values: no statistics, no filtering, no defaults.
//!
//! | file | reader | value |
//! |---|---|---|
//! | `.bed` | [`bed`] | packed genotypes of a range of SNPs |
//! | `--bgen` | `bgen` (feature `bgen`) | genotype probabilities of one SNP, as dosages |
//! | `--sample` | `oxford_sample` (feature `bgen`) | individuals in order |
//! | `.bim` | [`bim::read_bim`] | [`bim::SnpTable`], a column per property |
//! | `.pgen` | [`pgen`] | packed genotypes or 16-bit dosages of a record |
//! | `.pvar` | [`pvar::read_pvar`] | [`bim::SnpTable`] |
//! | `.psam` | [`psam::read_psam`] | [`psam::Psam`]: individuals in order, and their sexes |
//! | `.fam` | [`fam::read_fam`] | [`fam::Fam`]: individuals in order, phenotypes on demand |
//! | `-p`, `-c` | [`table::read_phenotypes`], [`table::read_covariates`] | a column, a table with missing rows |
//! | `--pheno`, `--covar`, `.psam` | [`frame::read_table`] | [`frame::IdTable`]: chosen columns of a table with a header and ids |
//! | `-snps` | [`snp_list::read_snp_list`] | a set of SNP ids |
//! | `--condition` | [`snp_list::read_snp_list_in_order`] | SNP ids in their order |
//! | `--extract`, `--exclude` | [`snp_ranges::read_chosen_snps`] | SNP ids, or ranges of positions |
//! | `--effect-allele` | [`effect_alleles::read_effect_alleles`] | an allele per SNP id |
//! | `--keep`, `--remove` | [`id_list::IdList`] | individuals by FID and IID, or IID |
//! | `--sex-from` | [`sex_table::read_sexes`] | the sex of each individual |
//! | `-k`, `-u`, `-d` as text | [`matrix`] | matrices and vectors of `f64` |
//! | `-k`, `-u`, `-d` as `.npy` | [`npy`] | the same values by functions of the same names |
//! | `-k` with `-km 2` | [`triplets::read_triplets`] | the same matrix from a list of pairs |
//! | `-k` of PLINK, GCTA, R, TASSEL | [`relationship`] | the same matrix by the ids of its rows |
//! | `.vcf`, `.bcf` | `vcf` | individuals, SNPs, and hard calls or dosages |
//! | `-g`, `-a` | `bimbam` | dosages line by line; chromosomes and positions by SNP id |
//! | `--numeric`, `--snp-map` | `numeric` | values row by row, or the whole matrix; records by SNP id |
//! | tables of associations | [`results::read_results`] | [`results::ResultTable`], a column per property |
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
#[cfg(feature = "bgen")]
pub(crate) mod bgen;
pub(crate) mod bgzf;
mod bgzf_reader;
pub mod bim;
mod bim_line;
pub(crate) mod bimbam;
pub(crate) mod codes;
pub mod content;
mod content_of_file;
mod covariate_table;
mod decimal;
pub(crate) mod disk;
pub mod effect_alleles;
pub mod fam;
#[cfg(any(
    test,
    not(all(
        feature = "bgen",
        feature = "tables",
        feature = "vcf",
        feature = "zarr"
    ))
))]
pub(crate) mod features;
mod fields;
mod foreign;
pub mod frame;
pub(crate) mod gzip;
pub(crate) mod id_columns;
mod id_header;
mod id_index;
pub mod id_list;
pub mod ids;
pub(crate) mod indexed_text;
pub(crate) mod individual;
mod layout;
pub mod matrix;
pub(crate) mod md5;
mod misplaced_ids;
pub mod npy;
pub(crate) mod numbers;
pub(crate) mod numeric;
#[cfg(feature = "bgen")]
pub(crate) mod oxford_sample;
pub mod packed;
pub mod pgen;
mod plink2_columns;
pub mod psam;
pub mod pvar;
pub mod regular;
pub mod relationship;
pub mod results;
pub mod seal;
pub mod sex;
pub mod sex_table;
mod shape;
mod snp;
pub mod snp_list;
pub mod snp_ranges;
mod source;
pub mod square;
mod suspect;
pub(crate) mod tabix;
pub mod table;
mod table_rows;
pub(crate) mod text;
pub(crate) mod triangle;
pub mod triplets;
#[cfg(feature = "vcf")]
pub(crate) mod vcf;
#[cfg(feature = "zarr")]
pub mod zarr_store;
