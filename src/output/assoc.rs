//! `.assoc.txt`: one row per SNP, in GEMMA's columns.

use super::file::OutputFile;
use super::number::{push_e6, push_f3, push_integer};
use super::sink::RunHeader;
use super::text::{Packing, TextFile};
use crate::assoc::{AssocBlock, Column, ColumnFormat, SnpColumn};
use crate::error::Result;
use rayon::prelude::*;

/// The columns of a table.
#[derive(Debug, Clone)]
pub struct AssocColumns {
    /// Those that describe the SNP, which are the first.
    pub of_snp: &'static [SnpColumn],
    /// Whether the column before the statistics is the imputation quality.
    pub has_info: bool,
    /// The statistics of the method.
    pub statistics: Vec<Column>,
    /// Whether the last column is the status of each row.
    pub has_status: bool,
}

impl AssocColumns {
    /// Those of a run that tests SNPs.
    ///
    /// # Panics
    /// If the run tests none.
    #[must_use]
    pub fn of(run: &RunHeader) -> Self {
        let statistics = run.products.columns.clone();
        Self {
            of_snp: run.products.snp_columns,
            statistics: statistics.expect("a run that tests SNPs has columns"),
            has_info: run.products.info,
            has_status: run.products.all_snps,
        }
    }

    /// The header line, after `first`.
    #[must_use]
    pub fn header(&self, first: &str) -> Vec<u8> {
        let of_snp = self.of_snp.iter().map(|column| column.name());
        let info = self.has_info.then_some("info");
        let statistics = self.statistics.iter().map(|column| &*column.name);
        let status = self.has_status.then_some("status");
        let names: Vec<&str> = of_snp.chain(info).chain(statistics).chain(status).collect();
        format!("{first}{}\n", names.join("\t")).into_bytes()
    }

    /// The rows of `block` with the statistics of trait `of_trait`, each after `first`; formatted on all threads.
    #[must_use]
    pub fn rows(&self, block: &AssocBlock, of_trait: usize, first: &[u8]) -> Vec<Vec<u8>> {
        let n_columns = self.statistics.len();
        let n_tasks = block.len().div_ceil(ROWS_AT_ONCE);
        let texts = (0..n_tasks).into_par_iter().map(|task| {
            let start = task * ROWS_AT_ONCE;
            let rows = start..block.len().min(start + ROWS_AT_ONCE);
            let mut text = Vec::with_capacity(rows.len() * (first.len() + 40 + 15 * n_columns));
            for row in rows {
                text.extend_from_slice(first);
                self.push_row(&mut text, block, of_trait, row);
            }
            text
        });
        texts.collect()
    }
}

/// Rows that one task formats.
const ROWS_AT_ONCE: usize = 512;

/// Writes the rows of one trait in order, as they become available.
#[derive(Debug)]
pub struct AssocWriter {
    file: TextFile,
    columns: AssocColumns,
}

impl AssocWriter {
    /// Starts `file` with the header line.
    ///
    /// * `in_background`: write in a thread of its own; not worthwhile for many files
    pub fn new(
        file: OutputFile,
        packing: Packing,
        columns: AssocColumns,
        in_background: bool,
    ) -> Result<Self> {
        let mut file = if in_background {
            TextFile::new(file, packing)?
        } else {
            TextFile::in_this_thread(file, packing)
        };
        file.write(vec![columns.header("")])?;
        Ok(Self { file, columns })
    }

    /// Appends the rows of `block` with the statistics of trait `of_trait`, without waiting for the disk.
    pub fn write(&mut self, block: &AssocBlock, of_trait: usize) -> Result<()> {
        self.file.write(self.columns.rows(block, of_trait, b""))
    }

    /// Writes the rest; the file is then complete but still has its temporary name.
    pub fn complete(self) -> Result<OutputFile> {
        self.file.complete()
    }
}

impl AssocColumns {
    fn push_row(&self, text: &mut Vec<u8>, block: &AssocBlock, of_trait: usize, row: usize) {
        let snp = block.snp(row);
        for (k, column) in self.of_snp.iter().enumerate() {
            if k > 0 {
                text.push(b'\t');
            }
            match column {
                SnpColumn::Chr => text.extend_from_slice(snp.chr.as_bytes()),
                SnpColumn::Rs => text.extend_from_slice(snp.rs.as_bytes()),
                SnpColumn::Ps => push_integer(text, snp.ps),
                SnpColumn::NMiss | SnpColumn::NMis => {
                    push_integer(text, i64::from(block.n_miss[row]));
                }
                SnpColumn::NObs => push_integer(text, i64::from(block.n_obs[row])),
                SnpColumn::Allele1 => text.extend_from_slice(snp.allele1.as_bytes()),
                SnpColumn::Allele0 => text.extend_from_slice(snp.allele0.as_bytes()),
                SnpColumn::Af => push_f3(text, block.af[row]),
            }
        }
        if self.has_info {
            text.push(b'\t');
            push_f3(text, block.info[row]);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::{SnpFlags, TraitColumns};
    use crate::genotype::Exclusion;
    use crate::io::bim::{Snp, SnpTable};
    use crate::output::file::OutputPlace;
    use std::sync::Arc;

    #[test]
    fn an_excluded_snp_has_a_row_of_nan_and_its_reason_as_status() {
        let records = Arc::new(SnpTable::of(["rs1", "rs2"].into_iter().map(|rs| Snp {
            chr: "X",
            rs,
            ps: 7,
            allele1: "A",
            allele0: "C",
        })));
        let of_trait = |beta| TraitColumns {
            flags: vec![SnpFlags::default(); 2],
            values: vec![vec![beta, f64::NAN], vec![0.25, f64::NAN]],
        };
        let block = AssocBlock {
            records,
            record: vec![0, 1],
            snp_index: vec![0, 1],
            n_miss: vec![3, 4],
            n_obs: vec![9, 8],
            af: vec![0.25, 0.5],
            info: vec![0.75, f64::NAN],
            exclusion: vec![None, Some(Exclusion::Missingness)],
            traits: vec![of_trait(1.0), of_trait(-2.5)],
        };
        let folder = tempfile::tempdir().unwrap();
        let place = OutputPlace::new(folder.path(), "x").unwrap();
        let column = |name: &'static str, format| Column {
            name: name.into(),
            format,
        };
        let columns = AssocColumns {
            of_snp: SnpColumn::OF_LM,
            has_info: true,
            statistics: vec![
                column("beta", ColumnFormat::Scientific),
                column("ratio", ColumnFormat::Fixed3),
            ],
            has_status: true,
        };
        let file = place.create("assoc.txt").unwrap();
        let mut writer = AssocWriter::new(file, Packing::Plain, columns, true).unwrap();
        writer.write(&block, 1).unwrap();
        let path = writer.complete().unwrap().finish().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(
            text,
            "chr\trs\tps\tn_mis\tn_obs\tallele1\tallele0\taf\tinfo\tbeta\tratio\tstatus\n\
             X\trs1\t7\t3\t9\tA\tC\t0.250\t0.750\t-2.500000e+00\t0.250\tok\n\
             X\trs2\t7\t4\t8\tA\tC\t0.500\tnan\tnan\tnan\texcluded_missingness\n"
        );
    }
}
