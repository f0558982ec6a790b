//! A part of a VCF or BCF file.

use super::pieces::Position;
use crate::error::{Error, Result};
use std::path::PathBuf;

/// The remedy for an index that does not fit.
pub(super) const AGAIN: &str = "make the index again with bcftools index -f, or delete it";

/// The part of a file in which all records of some chromosomes are.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(super) start: Position,
    pub(super) end: Position,
    /// The number of records in it, if the index states it.
    pub(super) n_records: Option<u64>,
    pub(super) index: PathBuf,
}

impl Part {
    /// Fails if a complete pass found another number of records than the index states.
    pub(super) fn check(&self, n_records: usize) -> Result<()> {
        match self.n_records {
            Some(expected) if expected != n_records as u64 => Err(Error::inconsistent(
                format!(
                    "{}: the index counts {expected} records where there are {n_records}: it is not the index of this file",
                    self.index.display()
                ),
                AGAIN,
            )),
            _ => Ok(()),
        }
    }
}
