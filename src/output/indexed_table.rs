//! `.assoc.tsv.bgz`: a table with an index of positions, which is made as the rows are written.

use super::assoc::AssocColumns;
use super::column_set::ColumnSet;
use super::file::{OutputFile, OutputPlace};
use super::report::{RunReport, TraitReport};
use super::table_writer::TableWriter;
use super::text::{Packing, TextFile};
use crate::assoc::AssocBlock;
use crate::error::{Error, Result};
use crate::io::tabix::{Index, Unsorted};

/// Writes the table of one trait and its index.
#[derive(Debug)]
pub(super) struct IndexedTable {
    text: TextFile,
    columns: AssocColumns,
    index: Index,
    /// Bytes of text so far.
    n_bytes: u64,
    place: OutputPlace,
    suffix: String,
}

/// The error of SNPs that cannot be indexed.
pub(super) fn unsorted(what: &Unsorted) -> Error {
    Error::inconsistent(
        format!("the SNPs are not in order, which the index of a table needs: {what}"),
        "sort the genotypes by chromosome and position (plink2 --make-pgen --sort-vars, then --make-bed), or omit bgz from --output-format",
    )
}

impl IndexedTable {
    /// * `place`, `suffix`: those of `file`
    pub(super) fn new(
        file: OutputFile,
        (place, suffix): (OutputPlace, String),
        columns: AssocColumns,
        set: ColumnSet,
        in_background: bool,
    ) -> Result<Self> {
        let mut text = TextFile::begun(file, Packing::Gzip, in_background)?;
        let header = columns.header("");
        let n_bytes = header.len() as u64;
        text.write(vec![header])?;
        Ok(Self {
            text,
            columns,
            index: Index::new(set.place()),
            n_bytes,
            place,
            suffix,
        })
    }
}

impl TableWriter for IndexedTable {
    fn write(&mut self, block: &AssocBlock, of: usize) -> Result<()> {
        let texts = self.columns.rows(block, of, b"");
        let lines = texts
            .iter()
            .flat_map(|text| text.split_inclusive(|&b| b == b'\n'));
        for (row, line) in lines.enumerate() {
            let (snp, end) = (block.snp(row), self.n_bytes + line.len() as u64);
            let added = self.index.add(snp.chr, snp.ps, self.n_bytes, end);
            added.map_err(|what| unsorted(&what))?;
            self.n_bytes = end;
        }
        self.text.write(texts)
    }

    fn complete(self: Box<Self>, _: &RunReport, _: &TraitReport) -> Result<Vec<OutputFile>> {
        let kind = self.index.kind().extension();
        let mut index = self.place.create(&format!("{}.{kind}", self.suffix))?;
        let (file, offsets) = self.text.complete_with_offsets()?;
        index.write(&self.index.file(&offsets))?;
        Ok(vec![file, index])
    }
}
