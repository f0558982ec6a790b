//! `.assoc.txt`: one row per SNP, in GEMMA's columns.

use super::file::OutputFile;
use super::number::{push_e6, push_f3, push_integer};
use super::text::{Packing, TextFile};
use crate::assoc::{AssocBlock, Column, ColumnFormat};
use crate::error::Result;
use rayon::prelude::*;
use std::path::PathBuf;

/// The columns after those of the SNP.
#[derive(Debug, Clone)]
pub struct AssocColumns {
    /// The statistics of the method.
    pub statistics: Vec<Column>,
    /// Whether a last column has the status of each row.
    pub has_status: bool,
}

/// Rows formatted by one task.
const ROWS_AT_ONCE: usize = 512;

/// Writes the rows of one trait in order, as they are ready.
#[derive(Debug)]
pub struct AssocWriter {
    file: TextFile,
    columns: AssocColumns,
}

impl AssocWriter {
    /// Begins `file` with the header line.
    pub fn new(file: OutputFile, packing: Packing, columns: AssocColumns) -> Result<Self> {
        let mut file = TextFile::new(file, packing)?;
        let mut header = String::from("chr\trs\tps\tn_miss\tallele1\tallele0\taf");
        let status = columns.has_status.then_some("status");
        for name in columns.statistics.iter().map(|c| c.name).chain(status) {
            header.push('\t');
            header.push_str(name);
        }
        header.push('\n');
        file.write(vec![header.into_bytes()])?;
        Ok(Self { file, columns })
    }

    /// Appends the rows of `block` with the statistics of trait number `of_trait`; the disk is not waited for.
    pub fn write(&mut self, block: &AssocBlock, of_trait: usize) -> Result<()> {
        let n_columns = self.columns.statistics.len();
        let n_tasks = block.len().div_ceil(ROWS_AT_ONCE);
        let texts = (0..n_tasks)
            .into_par_iter()
            .map(|task| {
                let first = task * ROWS_AT_ONCE;
                let rows = first..block.len().min(first + ROWS_AT_ONCE);
                let mut text = Vec::with_capacity(rows.len() * (40 + 15 * n_columns));
                for row in rows {
                    self.columns.push_row(&mut text, block, of_trait, row);
                }
                text
            })
            .collect();
        self.file.write(texts)
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<PathBuf> {
        self.file.finish()
    }
}

impl AssocColumns {
    fn push_row(&self, text: &mut Vec<u8>, block: &AssocBlock, of_trait: usize, row: usize) {
        let snp = block.snp(row);
        text.extend_from_slice(snp.chr.as_bytes());
        text.push(b'\t');
        text.extend_from_slice(snp.rs.as_bytes());
        text.push(b'\t');
        push_integer(text, snp.ps);
        text.push(b'\t');
        push_integer(text, i64::from(block.n_miss[row]));
        text.push(b'\t');
        text.extend_from_slice(snp.allele1.as_bytes());
        text.push(b'\t');
        text.extend_from_slice(snp.allele0.as_bytes());
        text.push(b'\t');
        push_f3(text, block.af[row]);
        let values = &block.traits[of_trait].values;
        for (column, values) in self.statistics.iter().zip(values) {
            text.push(b'\t');
            match column.format {
                ColumnFormat::Scientific => push_e6(text, values[row]),
                ColumnFormat::Fixed3 => push_f3(text, values[row]),
            }
        }
        if self.has_status {
            text.push(b'\t');
            text.extend_from_slice(block.status(of_trait, row).label().as_bytes());
        }
        text.push(b'\n');
    }
}
