//! Messages from a run to the thread that started it.

use super::table::Table;
use crate::error::Result;
use crate::io::fam::Individual;
use crate::kinship::Kinship;
use crate::output::report::RunReport;
use std::sync::Arc;

/// A message from a run.
pub(super) enum Message {
    /// The results of some SNPs, with the name of the trait if there are several.
    Block(Option<String>, Box<Table>),
    /// The end of the run: its results or an error.
    Done(Box<Result<Results>>),
}

/// The results at the end of a run.
pub(super) struct Results {
    pub(super) report: RunReport,
    /// The tables of the traits by number; none if results were passed block by block.
    pub(super) tables: Vec<(usize, Table)>,
    /// The kinships, each with the chromosome that is left out.
    pub(super) kinships: Vec<(Option<String>, Arc<Kinship>)>,
    /// The individuals of the kinships.
    pub(super) of_kinships: Arc<[Individual]>,
}
