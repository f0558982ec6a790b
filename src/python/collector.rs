//! The sink of a run that was begun in Python.

use super::message::Message;
use super::table::Table;
use crate::assoc::{AssocBlock, Column};
use crate::error::{Error, Result};
use crate::kinship::Kinship;
use crate::pipeline::Sink;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// How often a run whose results are not taken looks whether it is given up.
const LOOK: Duration = Duration::from_micros(100);

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
    fn association(&mut self, results: &AssocBlock) -> Result<()> {
        if let Some(table) = &mut self.table {
            table.add(results, 0);
        } else if let Some(send) = self.send
            && !results.is_empty()
        {
            let mut table = Table::new(&self.columns);
            table.add(results, 0);
            self.hand_over(send, Message::Block(Box::new(table)))?;
        }
        Ok(())
    }

    fn kinship(&mut self, kinship: Kinship) -> Result<()> {
        self.kinship = Some(kinship);
        Ok(())
    }
}
