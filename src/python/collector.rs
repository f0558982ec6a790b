//! The sink of a run that was started from Python.

use super::message::Message;
use super::table::Table;
use crate::assoc::{AssocBlock, Column};
use crate::cohort::WorkUnit;
use crate::error::{Error, Result};
use crate::kinship::Kinship;
use crate::output::sink::{RunHeader, Sink};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// Interval at which a run that waits for its results to be received checks whether it was cancelled.
const POLL_INTERVAL: Duration = Duration::from_micros(100);

/// Collects results, or sends them block by block.
pub(super) struct Collector<'s> {
    /// The statistics of the run, and whether rows have a status.
    columns: Vec<Column>,
    has_status: bool,
    tests_snps: bool,
    /// Sends the blocks; if `None`, they are collected.
    send: Option<&'s SyncSender<Message>>,
    is_cancelled: &'s (dyn Fn() -> bool + Sync),
    pub(super) table: Option<Table>,
    pub(super) kinship: Option<Arc<Kinship>>,
}

impl<'s> Collector<'s> {
    /// * `send`: sends the blocks; if `None`, they are collected
    pub(super) fn new(
        send: Option<&'s SyncSender<Message>>,
        is_cancelled: &'s (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            columns: Vec::new(),
            has_status: false,
            tests_snps: false,
            send,
            is_cancelled,
            table: None,
            kinship: None,
        }
    }
}

impl Collector<'_> {
    /// Sends a message; waits until there is room for it. Fails if the run is cancelled.
    fn send(&self, send: &SyncSender<Message>, mut message: Message) -> Result<()> {
        loop {
            message = match send.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(message)) if !(self.is_cancelled)() => message,
                Err(_) => return Err(Error::Interrupted),
            };
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}

impl Sink for Collector<'_> {
    fn bytes_per_row(&self, n_columns: usize) -> u64 {
        match self.send {
            Some(_) => 0,
            None => Table::bytes_per_row(n_columns),
        }
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        let Some(columns) = &run.products.columns else {
            return Ok(());
        };
        self.tests_snps = true;
        self.columns.clone_from(columns);
        self.has_status = run.products.all_snps;
        if self.send.is_none() {
            let n_rows = run.n_snps.unwrap_or_default();
            self.table = Some(Table::new(columns, self.has_status, n_rows));
        }
        Ok(())
    }

    fn block(&mut self, _: &WorkUnit, results: &AssocBlock) -> Result<()> {
        if let Some(table) = &mut self.table {
            table.add(results, 0);
        } else if let Some(send) = self.send
            && !results.is_empty()
        {
            let mut table = Table::new(&self.columns, self.has_status, results.len());
            table.add(results, 0);
            self.send(send, Message::Block(Box::new(table)))?;
        }
        Ok(())
    }

    fn kinship(&mut self, kinship: &Arc<Kinship>) -> Result<()> {
        // A run that also tests SNPs writes its kinship to a file; keeping it would cost n² numbers until the end.
        if !self.tests_snps {
            self.kinship = Some(Arc::clone(kinship));
        }
        Ok(())
    }
}
