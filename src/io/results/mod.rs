//! Tables of associations, as jamma and other programs write them: text, plain or compressed, and Parquet.
//!
//! The program is recognised by the names of the columns ([`Program`]); the cells keep the place of their last printed digit,
//! so that numbers can be compared as precisely as they are printed.

mod columns;
mod number;
mod program;
mod read;
mod rows;
mod table;

pub(crate) use columns::Recognised;

pub use number::Printed;
pub use program::Program;
pub use read::read_results;
pub(crate) use rows::{ResultRow, TakeRows, read_rows};
pub use table::{ResultTable, TestColumn};
