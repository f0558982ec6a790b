//! The writer of a table of associations in one of the formats besides GEMMA's.

use super::file::OutputFile;
use super::report::{RunReport, TraitReport};
use crate::assoc::AssocBlock;
use crate::error::Result;
use std::fmt::Debug;

/// Writes the table of one trait, with its index or its metadata.
pub(super) trait TableWriter: Debug + Send {
    /// Appends the rows of `block` with the statistics of trait `of` of its group.
    fn write(&mut self, block: &AssocBlock, of: usize) -> Result<()>;

    /// Writes the rest; returns the complete files, which still have temporary names.
    fn complete(self: Box<Self>, report: &RunReport, of: &TraitReport) -> Result<Vec<OutputFile>>;

    /// Notes for the user, when all rows have been passed.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
