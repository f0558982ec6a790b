//! Tests of one SNP at a time in the linear mixed model of [`crate::null`].

mod fit;
mod scan;
mod survey;
mod tests_of_association;

#[cfg(test)]
mod tests;

pub use scan::{Scanner, SnpAssoc, Undefined};
pub use tests_of_association::{Effect, Tests};
