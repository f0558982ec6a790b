//! What a worker is asked for.

use super::parts::{KinshipPart, TestPart, UnitPart};
use crate::error::Result;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

/// What a worker is asked for.
pub(super) enum Request {
    /// The kinship sum of some SNPs for a group.
    Kinship {
        group: usize,
        snps: Range<usize>,
        reply: Sender<Result<KinshipPart>>,
    },
    /// The decomposition and the null models of a unit.
    Unit {
        group: usize,
        unit: usize,
        /// Called when it is the turn of the request: the sum has the size of the kinship.
        sum: Box<dyn FnOnce() -> Result<Option<KinshipPart>> + Send>,
        reply: Sender<Result<UnitPart>>,
    },
    /// The tests of some SNPs of a unit.
    Tests {
        part: Box<UnitPart>,
        snps: Range<usize>,
        reply: Sender<Result<TestPart>>,
    },
}

/// Where a worker keeps decompositions, and its name.
#[derive(Debug, Clone)]
pub struct Workplace {
    /// A directory that all workers of the run share.
    pub directory: PathBuf,
    /// The name of the run, different for all runs that share the directory.
    pub run: String,
    /// The name of the worker in notes.
    pub worker: String,
}

impl Workplace {
    /// The directory of the decomposition of a unit. Each has one, which the client removes when the unit is tested, and which only
    /// one worker writes to.
    pub(super) fn unit_directory(&self, group: usize, unit: usize) -> PathBuf {
        self.directory.join(format!("{group}-{unit}"))
    }
}
