//! Tests of association between SNPs and traits.
//!
//! A method is a [`Scan`] of blocks of SNPs over the traits of a group; its results are columns of numbers, which the
//! method names itself ([`Column`]), with what is special about each SNP ([`SnpFlags`], [`SnpStatus`]). An [`AssocBlock`]
//! puts them together with the SNPs' own records: a table, a Python frame or a report needs nothing else.

mod block;
pub mod lmm;
mod scan;
mod status;

pub use block::{AssocBlock, Column, ColumnFormat, TraitColumns};
pub use scan::Scan;
pub use status::{SnpFlags, SnpStatus, StatusCounts, Undefined};
