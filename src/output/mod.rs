//! Writes values to files. No statistics.
//!
//! Every file is written under a temporary name next to its final path and renamed when it is complete ([`file`]).

pub mod assoc;
mod cell;
pub mod column_meaning;
pub mod column_set;
pub mod diagnostics;
pub mod file;
pub mod files;
pub mod html;
pub mod ids;
mod indexed_table;
pub mod json;
pub mod log;
pub mod matrix;
pub mod number;
mod open_files;
#[cfg(feature = "tables")]
mod parquet;
mod partial;
pub mod record;
pub mod report;
pub mod sink;
pub mod sinks;
mod ssf_table;
pub mod table_format;
mod table_writer;
mod target;
pub mod text;
