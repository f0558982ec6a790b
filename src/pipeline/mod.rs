//! Runs a typed [`Job`]: from inputs to results in files and in the caller's sinks.
//!
//! [`prepare`] reads and checks all inputs except the genotypes, determines the individuals and SNP filters, plans the memory
//! and checks the outputs. [`Prepared::execute`] only computes: for each unit of work kinship → eigendecomposition → rotation
//! and null models → tests, whose results go to the sinks block by block.

mod check;
mod check_tests;
mod coding;
mod condition;
mod execute;
mod filter_options;
mod filters;
mod first_report;
mod header;
mod individuals;
mod input;
mod input_content;
mod input_paths;
mod inputs;
mod inspection;
mod job;
mod memory;
mod memory_check;
mod needs;
mod notes;
pub mod parts;
mod plan;
mod prepare;
mod read;
mod record;
mod relatedness;
mod request;
mod role;
mod rows;
mod second_kinship;
mod second_size;
mod selection;
mod sex_chromosomes;
mod size;
mod snps;
mod stepwise;
mod study;
mod tables;
mod trait_readers;
mod traits;
mod values;
mod worker;

pub use execute::ComputedPart;
pub use filter_options::{FilterOptions, SnpListInput};
pub use individuals::{IndividualLists, SexInput};
pub use input::Input;
pub use job::{
    Analysis, Association, ComputedKinship, ConditionInput, EigenFiles, GenotypeInput,
    GivenKinship, Job, KinshipFile, KinshipInput, Machine, QcOn,
};
pub use memory::{FreeMemory, free_memory};
pub use plan::{MemoryPlan, StageMemory};
pub use prepare::{Prepared, Setting, prepare};
pub use role::Role;
pub use second_size::SecondSize;
pub use selection::{
    Columns, CovariateColumns, LOCO_MIN_SNPS, Loco, PhenotypeColumns, Replicates, SnpChoice,
    TraitFile, Traits, ValueInput, WeightInput,
};

pub use request::Workplace;
pub use size::Size;
pub use worker::Worker;

use crate::error::Result;
use crate::output::report::RunReport;

/// Prepares and executes `job`.
///
/// Errors are detected before the computation if possible. A run that fails leaves no partial output under a final name.
pub fn run(job: Job, setting: Setting<'_>) -> Result<RunReport> {
    prepare(job, setting)?.execute()
}
