//! VCF and BCF files as plain values: the individuals, and for each record its SNP and its hard calls or dosages.
//!
//! | file | content |
//! |---|---|
//! | `pieces`, `bgzf` | the decompressed content in pieces, from any known position on |
//! | `file` | an open file: compression, format, header, and the positions of some records |
//! | `header` | the individuals and the declared fields, through noodles |
//! | `index`, `part` | the part of a file with some chromosomes, which the index gives, through noodles |
//! | `records`, `batch` | pieces split into records, read ahead by a thread |
//! | `line`, `text` | a record of VCF: its columns, its hard calls and dosages |
//! | `typed`, `binary` | the same for BCF |
//! | `values` | what numbers of alleles and probabilities mean, the same for both |
//!
//! noodles reads the header. The records are parsed here because noodles' records allocate for every field: the
//! decoder of hard calls runs over the bytes of a record once (rates in the commit that added it). BGZF blocks are
//! inflated here, on the threads of the caller, because noodles' reader starts threads of its own in addition to those
//! that `--threads` allows.
//!
//! Rules, the same for VCF and BCF:
//!
//! * allele1, the counted one, is ALT, with all its alleles (`C,G`); a hard call is the number of alleles other than REF
//! * a call with a missing allele (`./1`) is missing; phase is ignored; more than two alleles are an error
//! * a haploid call counts twice: `1` is two copies. A DS beside a haploid GT is from 0 to 1 and is doubled, as PLINK 2
//!   does it; a GP of two values belongs to a haploid genotype
//! * DS of several ALT alleles are summed; GP needs one ALT allele, and gives P(0/1) + 2 P(1/1)
//! * a missing DS or GP is missing, whatever GT is
//! * numbers are single precision, as the specification has it: those with up to 6 decimals are the same in VCF and BCF,
//!   and others are rounded to the shortest decimal with the same single-precision value

mod batch;
mod bgzf;
mod binary;
mod fault;
mod file;
mod header;
mod index;
mod line;
mod part;
mod pieces;
mod records;
mod text;
mod typed;
mod values;

pub(crate) use batch::Batch;
pub(crate) use fault::Fault;
pub(crate) use file::VcfFile;
pub(crate) use index::find_part;
pub(crate) use line::Site;
pub(crate) use records::Records;
