//! Messages from a run to the thread that started it.

use super::table::Table;
use crate::error::Result;
use crate::kinship::Kinship;
use crate::output::report::RunReport;
use std::sync::Arc;

/// A message from a run.
pub(super) enum Message {
    /// The results of some SNPs.
    Block(Box<Table>),
    /// The end of the run: its results or an error.
    Done(Box<Result<Results>>),
}

/// The results at the end of a run.
pub(super) struct Results {
    pub(super) report: RunReport,
    pub(super) table: Option<Table>,
    pub(super) kinship: Option<Arc<Kinship>>,
}
