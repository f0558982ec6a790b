//! What a run sends to the thread that began it.

use super::table::Table;
use crate::error::Result;
use crate::kinship::Kinship;
use crate::output::report::RunReport;
use std::sync::Arc;

/// What a run sends.
pub(super) enum Message {
    /// The results of some SNPs.
    Block(Box<Table>),
    /// The end, well or not.
    Done(Box<Result<Results>>),
}

/// What there is at the end.
pub(super) struct Results {
    pub(super) report: RunReport,
    pub(super) table: Option<Table>,
    pub(super) kinship: Option<Arc<Kinship>>,
}
