//! Tests of association between SNPs and traits.
//!
//! A method implements [`Scan`], which tests blocks of SNPs for the traits of a group. The results are numeric columns
//! with names defined by the method ([`Column`]), after those that describe the SNP ([`SnpColumn`]), and flags for each SNP
//! ([`SnpFlags`], [`SnpStatus`]). An [`AssocBlock`] combines them with the SNP records, and contains all that a table, a Python
//! data frame or a report needs.

mod block;
mod coded;
mod effective_tests;
pub mod genotypic;
pub mod gxe;
mod inflation;
pub mod lm;
pub mod lmm;
mod odds;
mod scan;
pub mod several;
mod snp_column;
mod status;
pub mod stepwise;

pub use block::{AssocBlock, Column, ColumnFormat, TraitColumns};
pub use coded::Coded;
pub use effective_tests::{EffectiveTests, EffectiveTestsSum};
pub use inflation::{Inflation, InflationSum};
pub use odds::{ODDS_COLUMNS, append_odds, effect_columns, log_odds};
pub use scan::Scan;
pub use snp_column::SnpColumn;
pub use status::{SnpFlags, SnpStatus, StatusCounts, Undefined};
