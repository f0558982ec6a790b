//! The sink of a run that was started from Python.

use super::message::Message;
use super::table::Table;
use crate::assoc::AssocBlock;
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::kinship::Kinship;
use crate::output::sink::{LeftOut, Products, RunHeader, Sink};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// Interval at which a run that waits for its results to be received checks whether it was cancelled.
const POLL_INTERVAL: Duration = Duration::from_micros(100);

/// Collects results, or sends them block by block.
pub(super) struct Collector<'s> {
    /// What the run passes.
    products: Products,
    tests_snps: bool,
    /// Sends the blocks; if `None`, they are collected.
    send: Option<&'s SyncSender<Message>>,
    is_cancelled: &'s (dyn Fn() -> bool + Sync),
    /// The names of the traits by number, if there are several.
    names: HashMap<usize, String>,
    /// The table of each trait: its number, and `None` in place of the table of one that has failed.
    tables: Vec<Vec<(usize, Option<Table>)>>,
    /// The kinships, each with the chromosome that is left out.
    pub(super) kinships: Vec<(Option<String>, Arc<Kinship>)>,
    /// The individuals of the kinships.
    pub(super) of_kinships: Arc<[Individual]>,
}

impl<'s> Collector<'s> {
    /// * `send`: sends the blocks; if `None`, they are collected
    pub(super) fn new(
        send: Option<&'s SyncSender<Message>>,
        is_cancelled: &'s (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            products: Products::default(),
            tests_snps: false,
            send,
            is_cancelled,
            names: HashMap::new(),
            tables: Vec::new(),
            kinships: Vec::new(),
            of_kinships: Arc::default(),
        }
    }

    /// The tables of the traits that were analysed, by number.
    pub(super) fn into_tables(self) -> Vec<(usize, Table)> {
        let all = self.tables.into_iter().flatten();
        let mut tables: Vec<_> = all
            .filter_map(|(number, table)| Some((number, table?)))
            .collect();
        tables.sort_by_key(|(number, _)| *number);
        tables
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

    fn check(&self, run: &RunHeader) -> Result<()> {
        if self.send.is_none() || !run.products.stepwise {
            return Ok(());
        }
        Err(Error::option(
            "--stepwise",
            "all SNPs are tested again after each step, but blocks of results are passed on at once",
            "use run_lmm, which returns the results of the last scan",
        ))
    }

    fn begin(&mut self, run: &RunHeader) -> Result<()> {
        self.of_kinships = Arc::clone(&run.everybody);
        if run.products.columns.is_none() {
            return Ok(());
        }
        self.tests_snps = true;
        self.products.clone_from(&run.products);
        let n_rows = match (self.send, &run.left_out) {
            (Some(_), _) | (None, LeftOut::One(_)) => 0,
            (None, _) => run.n_snps.unwrap_or_default(),
        };
        let groups = run.groups.iter().map(|group| {
            let tables = group.traits.iter().map(|one| {
                let table = Table::new(&self.products, n_rows);
                (one.number, Some(table))
            });
            tables.collect()
        });
        self.tables = groups.collect();
        if run.are_several {
            let traits = run.groups.iter().flat_map(|group| &group.traits);
            self.names = traits.map(|one| (one.number, one.name.clone())).collect();
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        for (_, table) in self.tables.iter_mut().flatten() {
            if let Some(old) = table {
                *old = Table::new(&self.products, old.len());
            }
        }
        Ok(())
    }

    fn block(&mut self, group: usize, results: &AssocBlock) -> Result<()> {
        let n_traits = self.tables.get(group).map_or(0, Vec::len);
        for of in 0..n_traits {
            let (number, table) = &mut self.tables[group][of];
            let (number, Some(table)) = (*number, table) else {
                continue;
            };
            let Some(send) = self.send else {
                table.add(results, of);
                continue;
            };
            if !results.is_empty() {
                let mut table = Table::new(&self.products, results.len());
                table.add(results, of);
                let name = self.names.get(&number).cloned();
                self.send(send, Message::Block(name, Box::new(table)))?;
            }
        }
        Ok(())
    }

    fn failed(&mut self, group: usize, of: usize) -> Result<()> {
        if let Some((_, table)) = self
            .tables
            .get_mut(group)
            .and_then(|group| group.get_mut(of))
        {
            *table = None;
        }
        Ok(())
    }

    fn kinship(&mut self, left_out: Option<&str>, kinship: &Arc<Kinship>) -> Result<()> {
        // A run that also tests SNPs writes its kinship to a file; keeping it would cost n² numbers until the end.
        if !self.tests_snps {
            let left_out = left_out.map(str::to_owned);
            self.kinships.push((left_out, Arc::clone(kinship)));
        }
        Ok(())
    }
}
