//! Records in memory.

use super::binary::Binary;
use super::fault::Fault;
use super::file::VcfFile;
use super::line::{Line, Site};
use std::ops::Range;
use std::sync::Arc;

/// Consecutive records of a file, to be decoded in any order and on any thread.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(super) file: Arc<VcfFile>,
    pub(super) text: Vec<u8>,
    /// The records in `text`, without line ends.
    pub(super) records: Vec<Range<usize>>,
    /// The index in the file of the first of them.
    pub(super) first: usize,
}

impl Batch {
    /// Indices in the file of the records.
    pub(crate) fn indices(&self) -> Range<usize> {
        self.first..self.first + self.records.len()
    }

    fn bytes(&self, index: usize) -> &[u8] {
        &self.text[self.records[index - self.first].clone()]
    }

    /// Adds the two-bit codes of the hard calls of a record to `packed`, which is zero.
    ///
    /// Fails if the record is malformed or has no GT.
    pub(crate) fn hard_calls(&self, index: usize, packed: &mut [u8]) -> Result<Site<'_>, Fault> {
        let bytes = self.bytes(index);
        if self.file.is_bcf {
            let record = Binary::of(bytes, &self.file.header)?;
            record.hard_calls(packed)?;
            return Ok(record.site);
        }
        let line = Line::of(bytes)?;
        line.hard_calls(self.file.names().len(), packed)?;
        Ok(line.site)
    }

    /// Fills `dosages` with the expected copies of ALT in a record, from DS; NaN if missing.
    ///
    /// Fails if the record is malformed, has no DS, or a DS is out of range.
    pub(crate) fn ds(&self, index: usize, dosages: &mut [f64]) -> Result<Site<'_>, Fault> {
        let bytes = self.bytes(index);
        if self.file.is_bcf {
            let record = Binary::of(bytes, &self.file.header)?;
            record.ds(dosages)?;
            return Ok(record.site);
        }
        let line = Line::of(bytes)?;
        line.ds(dosages)?;
        Ok(line.site)
    }

    /// Fills `dosages` with the expected copies of ALT in a record, from GP; NaN if missing.
    ///
    /// Fails if the record is malformed, has no GP or several ALT alleles, or probabilities do not have the sum 1.
    pub(crate) fn gp(&self, index: usize, dosages: &mut [f64]) -> Result<Site<'_>, Fault> {
        let bytes = self.bytes(index);
        if self.file.is_bcf {
            let record = Binary::of(bytes, &self.file.header)?;
            record.gp(dosages)?;
            return Ok(record.site);
        }
        let line = Line::of(bytes)?;
        line.gp(dosages)?;
        Ok(line.site)
    }
}
