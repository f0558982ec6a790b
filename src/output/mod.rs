//! Values to files. No statistics.
//!
//! Every file is written under a temporary name beside its final one and renamed when complete ([`file`]).

pub mod assoc;
pub mod file;
pub mod files;
pub mod ids;
pub mod log;
pub mod matrix;
pub mod number;
mod partial;
pub mod report;
pub mod sink;
pub mod sinks;
mod target;
pub mod text;
