//! What a run will cost: time, memory, disk and network of each stage, in one process and on a cluster.
//!
//! The time of a stage is its number of operations divided by a rate of the machine ([`Rates`]): the defaults were measured
//! on one machine, and [`calibrate`] measures another. The memory is that of the [plan](crate::pipeline::MemoryPlan) that a
//! run makes. docs/cost.md has the formulas, a comparison with measured runs, and a table.
//!
//! ```
//! use jamma::cost::{Machines, Node, Rates, StudySize, one_process};
//!
//! let study = StudySize { individuals: 20_000, snps: 1_000_000, ..StudySize::default() };
//! let node = Node { threads: 16, memory: Some(64_000_000_000), ..Node::default() };
//! let machines = Machines { node, ..Machines::default() };
//! let cost = one_process(&study, &machines, &Rates::default())?;
//! assert!(cost.fits());
//! assert!(cost.seconds() > 60.0 && cost.seconds() < 24.0 * 3600.0);
//! # Ok::<(), jamma::Error>(())
//! ```

mod advice;
mod calibration;
mod cluster;
mod machines;
mod memory;
mod operations;
mod process;
mod rates;
mod stages;
mod study;

pub use advice::{advice, largest_study};
pub use calibration::calibrate;
pub use cluster::{dask, job_array};
pub use machines::{Machines, Node};
pub use process::one_process;
pub use rates::Rates;
pub use stages::{Cost, StageCost};
pub use study::StudySize;
