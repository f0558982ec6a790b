//! Results in memory, as columns.

use super::run::Message;
use crate::assoc::lmm::SnpAssoc;
use crate::error::{Error, Result};
use crate::genotype::SnpSummary;
use crate::io::bim::SnpTable;
use crate::kinship::Kinship;
use crate::output::assoc::Column;
use crate::pipeline::Sink;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// How often a run whose results are not taken looks whether it is given up.
const LOOK: Duration = Duration::from_micros(100);

/// The rows of an association table, column by column.
#[derive(Debug)]
pub(super) struct Table {
    /// The distinct chromosomes and alleles, which the rows name by number.
    chromosomes: Vec<String>,
    alleles: Vec<String>,
    chr: Vec<u32>,
    /// Ids, one a line.
    rs: String,
    ps: Vec<i64>,
    n_miss: Vec<u32>,
    allele1: Vec<u32>,
    allele0: Vec<u32>,
    af: Vec<f64>,
    statistics: Vec<(Column, Vec<f64>)>,
}

impl Table {
    pub(super) fn new(columns: &[Column]) -> Self {
        Self {
            chromosomes: Vec::new(),
            alleles: Vec::new(),
            chr: Vec::new(),
            rs: String::new(),
            ps: Vec::new(),
            n_miss: Vec::new(),
            allele1: Vec::new(),
            allele0: Vec::new(),
            af: Vec::new(),
            statistics: columns.iter().map(|&c| (c, Vec::new())).collect(),
        }
    }

    fn add(&mut self, snps: &SnpTable, tested: &[SnpSummary], results: &[SnpAssoc]) {
        if self.chromosomes.is_empty() {
            let texts = |texts: &[Box<str>]| texts.iter().map(ToString::to_string).collect();
            self.chromosomes = texts(snps.chromosomes());
            self.alleles = texts(snps.alleles());
        }
        let chr = snps.chr_indices();
        let [allele1, allele0] = snps.allele_indices();
        for summary in tested {
            let at = summary.snp_index;
            let snp = snps.get(at);
            self.chr.push(chr[at]);
            self.rs.push_str(snp.rs);
            self.rs.push('\n');
            self.ps.push(snp.ps);
            self.n_miss.push(summary.counts.missing as u32);
            self.allele1.push(allele1[at]);
            self.allele0.push(allele0[at]);
            self.af.push(summary.af());
        }
        for (column, values) in &mut self.statistics {
            values.extend(results.iter().map(|row| column.value(row)));
        }
    }

    /// NumPy arrays by the names of GEMMA's columns; texts as numbers with what they stand for.
    pub(super) fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let table = PyDict::new(py);
        table.set_item("chr", (self.chr.into_pyarray(py), self.chromosomes))?;
        table.set_item("rs", self.rs)?;
        table.set_item("ps", self.ps.into_pyarray(py))?;
        table.set_item("n_miss", self.n_miss.into_pyarray(py))?;
        table.set_item("allele1", (self.allele1.into_pyarray(py), &self.alleles))?;
        table.set_item("allele0", (self.allele0.into_pyarray(py), &self.alleles))?;
        table.set_item("af", self.af.into_pyarray(py))?;
        for (column, values) in self.statistics {
            table.set_item(column.name(), values.into_pyarray(py))?;
        }
        Ok(table)
    }
}

/// Keeps results, or sends them on block by block.
pub(super) struct Collector<'s> {
    columns: Vec<Column>,
    /// Where blocks go; `None` keeps them.
    send: Option<&'s SyncSender<Message>>,
    is_cancelled: &'s (dyn Fn() -> bool + Sync),
    pub(super) table: Option<Table>,
    pub(super) kinship: Option<Kinship>,
}

impl<'s> Collector<'s> {
    pub(super) fn new(
        columns: Vec<Column>,
        send: Option<&'s SyncSender<Message>>,
        is_cancelled: &'s (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            table: send.is_none().then(|| Table::new(&columns)),
            columns,
            send,
            is_cancelled,
            kinship: None,
        }
    }
}

impl Collector<'_> {
    /// Waits until the message is taken, or the run is given up.
    fn hand_over(&self, send: &SyncSender<Message>, mut message: Message) -> Result<()> {
        loop {
            message = match send.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(message)) if !(self.is_cancelled)() => message,
                Err(_) => return Err(Error::Interrupted),
            };
            std::thread::sleep(LOOK);
        }
    }
}

impl Sink for Collector<'_> {
    fn association(
        &mut self,
        snps: &SnpTable,
        tested: &[SnpSummary],
        results: &[SnpAssoc],
    ) -> Result<()> {
        if let Some(table) = &mut self.table {
            table.add(snps, tested, results);
        } else if let Some(send) = self.send
            && !tested.is_empty()
        {
            let mut table = Table::new(&self.columns);
            table.add(snps, tested, results);
            self.hand_over(send, Message::Block(Box::new(table)))?;
        }
        Ok(())
    }

    fn kinship(&mut self, kinship: Kinship) -> Result<()> {
        self.kinship = Some(kinship);
        Ok(())
    }
}
