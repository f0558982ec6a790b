//! PLINK 2 `.pgen` files: genotypes as compressed records, one per SNP.
//!
//! [`PgenFile`] checks the header and reads the bytes of records; a [`Decoder`] turns the bytes of one record into packed
//! hard calls or 16-bit dosages. Every record must be consumed to its last byte, because the file has no checksums.
//!
//! A record has a main track of four categories (0 = homozygous REF, 1 = heterozygous, 2 = homozygous ALT, 3 = missing)
//! and, depending on its [`Kind`], tracks with the alleles of multiallelic SNPs, phases, dosages, and the phases of
//! dosages. Alleles and phases are read only to find the end of the record: the dosage of a SNP with several ALT alleles
//! is the number of copies that are not REF.
//!
//! Source: the draft specification of the format in the repository of PLINK 2 (`pgen_spec`), with corrections that were
//! found with files written by plink2: the ids of a difflist take 1 byte up to 255 individuals and 2 up to 65535; its
//! categories take ⌈L/4⌉ bytes; main track 3 applies the difflist before it swaps categories 0 and 2.

mod alleles;
mod bytes;
mod categories;
mod decoder;
mod difflist;
mod dosage;
mod file;
mod index;
mod kind;
mod main_track;
mod phase;
mod start;

pub use bytes::Damage;
pub use categories::PER_COPY;
pub use decoder::{Decoder, Record};
pub use dosage::Calls;
pub use file::{PgenFile, PgenReader, read_counts};
pub use index::RecordIndex;
pub use kind::Kind;
pub use start::Counts;
