//! BGEN files: genotype probabilities of SNPs, one block for each SNP.
//!
//! Read are version 1.1 (layout 1), and versions 1.2 and 1.3 (layout 2), uncompressed or compressed with zlib or
//! Zstandard. The file states how many individuals and SNPs it has ([`header`]); the places of the SNPs come from a scan
//! of the block headers ([`scan`](index::scan)) or from an index that bgenix wrote ([`bgi`]). The probabilities of a SNP
//! are decompressed as a whole ([`inflate`]) and become dosages of one of its two alleles ([`layout1`], [`layout2`]).
//!
//! Lengths in the file are checked before memory is allocated for them, and every part must have exactly the length that
//! the numbers of individuals and alleles require.

mod allele;
mod bgi;
mod block;
mod header;
mod index;
mod inflate;
mod layout1;
mod layout2;
mod probabilities;

pub(crate) use allele::{Allele, MISSING};
pub(crate) use bgi::bgi_path;
pub(crate) use block::SnpBlock;
pub(crate) use header::Header;
pub(crate) use index::{Index, Place};
pub(crate) use inflate::Inflater;
pub(crate) use probabilities::Probabilities;

use crate::error::Result;

/// The index of a file: that of its `.bgi` if there is one that describes the file, else from a scan of the file. The
/// notes say why an existing `.bgi` is not used.
///
/// Fails if the file is damaged.
pub(crate) fn index_of(header: &Header, counted: Allele) -> Result<(Index, Vec<String>)> {
    let mut notes = Vec::new();
    match bgi::read(header, counted) {
        Some(Ok(index)) => return Ok((index, notes)),
        Some(Err(reason)) => notes.push(format!(
            "{}: the index is not used, because {reason}; the SNPs are found by reading the BGEN file; `bgenix -g {} -index -clobber` recreates it",
            bgi_path(&header.path).display(),
            header.path.display()
        )),
        None => {}
    }
    Ok((index::scan(header, counted)?, notes))
}
