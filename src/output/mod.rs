//! Writes values to files. No statistics.
//!
//! Every file is written under a temporary name next to its final path and renamed when it is complete ([`file`]).

pub mod assoc;
pub mod diagnostics;
pub mod file;
pub mod files;
pub mod html;
pub mod ids;
pub mod log;
pub mod matrix;
pub mod number;
mod open_files;
mod partial;
pub mod report;
pub mod sink;
pub mod sinks;
mod target;
pub mod text;
