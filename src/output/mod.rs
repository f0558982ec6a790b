//! Values to files. No statistics.
pub mod number;
