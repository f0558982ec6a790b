//! Tables of associations as text: one row per SNP.

use super::cell::{Cell, Row};
use super::column_set::ColumnSet;
use super::file::OutputFile;
use super::sink::Products;
use super::text::{Packing, TextFile};
use crate::assoc::AssocBlock;
use crate::error::Result;
use rayon::prelude::*;

/// The columns of a table.
#[derive(Debug, Clone)]
pub struct AssocColumns {
    pub(super) columns: Vec<(String, Cell)>,
    /// What stands for an undefined number.
    missing: &'static str,
}

impl AssocColumns {
    /// The columns `set` of a run that tests SNPs.
    ///
    /// * `trait_name`: empty for the only trait of a run
    ///
    /// # Panics
    /// If the run tests none, or does not have what the columns need.
    #[must_use]
    pub fn of(products: &Products, set: ColumnSet, trait_name: &str) -> Self {
        assert!(
            products.columns.is_some(),
            "a run that tests SNPs has columns"
        );
        Self {
            columns: set.columns(products, trait_name),
            missing: set.missing(),
        }
    }

    /// The header line, after `first`.
    #[must_use]
    pub fn header(&self, first: &str) -> Vec<u8> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        format!("{first}{}\n", names.join("\t")).into_bytes()
    }

    /// The rows of `block` with the statistics of trait `of_trait`, each after `first`; formatted on all threads.
    #[must_use]
    pub fn rows(&self, block: &AssocBlock, of_trait: usize, first: &[u8]) -> Vec<Vec<u8>> {
        self.chosen_rows(block, of_trait, first, |_| true)
    }

    /// As [`rows`](Self::rows), for the rows that `is_chosen`.
    pub(super) fn chosen_rows(
        &self,
        block: &AssocBlock,
        of_trait: usize,
        first: &[u8],
        is_chosen: impl Fn(usize) -> bool + Sync,
    ) -> Vec<Vec<u8>> {
        let n_tasks = block.len().div_ceil(ROWS_AT_ONCE);
        let texts = (0..n_tasks).into_par_iter().map(|task| {
            let start = task * ROWS_AT_ONCE;
            let rows = start..block.len().min(start + ROWS_AT_ONCE);
            let row_bytes = first.len() + 15 * self.columns.len();
            let mut text = Vec::with_capacity(rows.len() * row_bytes);
            for row in rows.filter(|&row| is_chosen(row)) {
                text.extend_from_slice(first);
                let at = Row {
                    block,
                    of_trait,
                    index: row,
                };
                for (k, (_, cell)) in self.columns.iter().enumerate() {
                    if k > 0 {
                        text.push(b'\t');
                    }
                    cell.push(&mut text, at, self.missing);
                }
                text.push(b'\n');
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
        let mut file = TextFile::begun(file, packing, in_background)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::{Column, ColumnFormat, SnpColumn, SnpFlags, TraitColumns};
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
            values: vec![vec![beta, f64::NAN], vec![0.25, f64::NAN], vec![1.0; 2]],
        };
        let block = AssocBlock {
            records,
            record: vec![0, 1],
            snp_index: vec![0, 1],
            n_miss: vec![3, 4],
            n_obs: vec![9, 8],
            n_copies: vec![18, 16],
            genotypes: vec![[3; 3]; 2],
            af: vec![0.25, 0.5],
            info: vec![0.75, f64::NAN],
            exclusion: vec![None, Some(Exclusion::Missingness)],
            traits: vec![of_trait(1.0), of_trait(-2.5)],
        };
        let folder = tempfile::tempdir().unwrap();
        let place = OutputPlace::new(folder.path(), "x").unwrap();
        let column = |name: &'static str, format| Column {
            format,
            ..Column::new(name.into(), "", "")
        };
        let products = Products {
            snp_columns: SnpColumn::OF_LM,
            info: true,
            columns: Some(vec![
                column("beta", ColumnFormat::Scientific),
                column("ratio", ColumnFormat::Fixed3),
                column("neg_log10_p_wald", ColumnFormat::Hidden),
            ]),
            all_snps: true,
            ..Products::default()
        };
        let columns = AssocColumns::of(&products, ColumnSet::Gemma, "");
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
