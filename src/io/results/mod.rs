//! Tables of associations, as jamma and other programs write them: text, plain or compressed, and Parquet.
//!
//! The program is recognised by the names of the columns ([`Program`]); the cells keep the place of their last printed digit,
//! so that numbers can be compared as precisely as they are printed.

mod number;
mod program;
mod read;
mod table;

pub use number::Printed;
pub use program::Program;
pub use read::read_results;
pub use table::{ResultTable, TestColumn};
