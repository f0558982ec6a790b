//! Results in memory, as columns.

use crate::assoc::{AssocBlock, Column, SnpColumn};
use crate::io::bim::SnpTable;
use crate::output::sink::Products;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::HashMap;
use std::sync::Arc;

/// The rows of an association table, column by column.
#[derive(Debug)]
pub(super) struct Table {
    chromosomes: Texts,
    alleles: Texts,
    /// The text numbers of the last table of records.
    numbers: Option<RecordNumbers>,
    chr: Vec<u32>,
    /// Ids, one per line.
    rs: String,
    ps: Vec<i64>,
    n_miss: Vec<u32>,
    /// Empty unless the table has this column.
    n_obs: Vec<u32>,
    allele1: Vec<u32>,
    allele0: Vec<u32>,
    af: Vec<f64>,
    of_snp: &'static [SnpColumn],
    /// The imputation quality, if rows have it.
    info: Option<Vec<f64>>,
    statistics: Vec<(Column, Vec<f64>)>,
    /// The status of every row, if rows have one.
    status: Option<Vec<u32>>,
    statuses: Texts,
}

impl Table {
    /// Bytes of a row in memory, with its texts, here and as NumPy arrays and Arrow columns at the end.
    pub(super) fn bytes_per_row(n_columns: usize) -> u64 {
        /// Three text numbers, position, calls, frequency, quality, and an id of about 16 letters, twice.
        const SNP: u64 = 4 * 4 + 8 + 2 * 4 + 2 * 8 + 2 * 16;
        SNP + 8 * n_columns as u64
    }

    /// * `products`: the columns of the tests, whether rows have an imputation quality, and whether they have a status
    /// * `n_rows`: room for so many rows
    pub(super) fn new(products: &Products, n_rows: usize) -> Self {
        Self {
            chromosomes: Texts::default(),
            alleles: Texts::default(),
            numbers: None,
            chr: Vec::with_capacity(n_rows),
            rs: String::new(),
            ps: Vec::with_capacity(n_rows),
            n_miss: Vec::with_capacity(n_rows),
            n_obs: Vec::new(),
            allele1: Vec::with_capacity(n_rows),
            allele0: Vec::with_capacity(n_rows),
            af: Vec::with_capacity(n_rows),
            of_snp: products.snp_columns,
            info: products.info.then(|| Vec::with_capacity(n_rows)),
            statistics: (products.columns.iter().flatten())
                .map(|c| (c.clone(), Vec::with_capacity(n_rows)))
                .collect(),
            status: products.all_snps.then(|| Vec::with_capacity(n_rows)),
            statuses: Texts::default(),
        }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.ps.len()
    }

    /// Appends the rows of `block` with the statistics of trait number `of_trait`.
    pub(super) fn add(&mut self, block: &AssocBlock, of_trait: usize) {
        let records = &block.records;
        // Most sources have one table of records, which all blocks share.
        if !(self.numbers.as_ref()).is_some_and(|numbers| Arc::ptr_eq(&numbers.records, records)) {
            self.numbers = Some(RecordNumbers {
                records: Arc::clone(records),
                chromosomes: self.chromosomes.numbers(records.chromosomes()),
                alleles: self.alleles.numbers(records.alleles()),
            });
        }
        let numbers = self.numbers.as_ref().expect("set above");
        let chr = records.chr_indices();
        let [allele1, allele0] = records.allele_indices();
        for (row, &at) in block.record.iter().enumerate() {
            let snp = block.snp(row);
            self.chr.push(numbers.chromosomes[chr[at] as usize]);
            self.rs.push_str(snp.rs);
            self.rs.push('\n');
            self.ps.push(snp.ps);
            self.allele1.push(numbers.alleles[allele1[at] as usize]);
            self.allele0.push(numbers.alleles[allele0[at] as usize]);
        }
        self.n_miss.extend(&block.n_miss);
        if self.of_snp.contains(&SnpColumn::NObs) {
            self.n_obs.extend(&block.n_obs);
        }
        self.af.extend(&block.af);
        if let Some(info) = &mut self.info {
            info.extend(&block.info);
        }
        let values = &block.traits[of_trait].values;
        for ((_, all), values) in self.statistics.iter_mut().zip(values) {
            all.extend(values);
        }
        if let Some(status) = &mut self.status {
            for row in 0..block.len() {
                let label = block.status(of_trait, row).label();
                status.push(self.statuses.number(label));
            }
        }
    }

    /// NumPy arrays by the names of GEMMA's columns; texts as text numbers with the distinct texts.
    pub(super) fn into_python(mut self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let table = PyDict::new(py);
        let mut set = |column: SnpColumn| match column {
            SnpColumn::Chr => {
                let chr = std::mem::take(&mut self.chr).into_pyarray(py);
                table.set_item(column.name(), (chr, &self.chromosomes.texts))
            }
            SnpColumn::Rs => table.set_item(column.name(), &self.rs),
            SnpColumn::Ps => {
                let ps = std::mem::take(&mut self.ps).into_pyarray(py);
                table.set_item(column.name(), ps)
            }
            SnpColumn::NMiss | SnpColumn::NMis => {
                let n_miss = std::mem::take(&mut self.n_miss).into_pyarray(py);
                table.set_item(column.name(), n_miss)
            }
            SnpColumn::NObs => {
                let n_obs = std::mem::take(&mut self.n_obs).into_pyarray(py);
                table.set_item(column.name(), n_obs)
            }
            SnpColumn::Allele1 => {
                let allele1 = std::mem::take(&mut self.allele1).into_pyarray(py);
                table.set_item(column.name(), (allele1, &self.alleles.texts))
            }
            SnpColumn::Allele0 => {
                let allele0 = std::mem::take(&mut self.allele0).into_pyarray(py);
                table.set_item(column.name(), (allele0, &self.alleles.texts))
            }
            SnpColumn::Af => {
                let af = std::mem::take(&mut self.af).into_pyarray(py);
                table.set_item(column.name(), af)
            }
        };
        self.of_snp.iter().try_for_each(|&column| set(column))?;
        if let Some(info) = self.info {
            table.set_item("info", info.into_pyarray(py))?;
        }
        let shown = self.statistics.into_iter();
        for (column, values) in shown.filter(|(column, _)| column.is_shown()) {
            table.set_item(&*column.name, values.into_pyarray(py))?;
        }
        if let Some(status) = self.status {
            table.set_item("status", (status.into_pyarray(py), self.statuses.texts))?;
        }
        Ok(table)
    }
}

/// The text numbers of the chromosomes and alleles of a table of records.
#[derive(Debug)]
struct RecordNumbers {
    records: Arc<SnpTable>,
    chromosomes: Vec<u32>,
    alleles: Vec<u32>,
}

/// Distinct texts, to which rows refer by number.
#[derive(Debug, Default)]
struct Texts {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Texts {
    /// The numbers of `texts`; new texts are appended.
    fn numbers(&mut self, texts: &[Box<str>]) -> Vec<u32> {
        texts.iter().map(|text| self.number(text)).collect()
    }

    /// The number of `text`, which is appended if it is new.
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}
