//! Partial results of a run: what ranges of SNPs contribute to it.
//!
//! A run can be divided at two places. The kinship is a sum over SNPs, and a [`KinshipPart`] is the sum over some of them.
//! The tests of SNPs are independent once a kinship is decomposed and the null models are fitted: a [`UnitPart`] says what
//! was found in that step, and a [`TestPart`] has the results of some SNPs. Partial results are bytes
//! ([`pack`](crate::io::packed::pack)), which travel in files (`--part`) or between processes (Dask). [`Elsewhere`] gives
//! them to the run that writes the outputs. That run does everything else as usual, so its outputs have the same bytes as
//! those of a run in one piece.

mod collection;
mod elsewhere;
pub mod file;
mod identity;
mod kinship;
mod range;
mod seen;
mod tests_of_snps;
mod unit;

pub use collection::PartFiles;
pub use elsewhere::{Elsewhere, Outline, UnitOutline};
pub use identity::{Identity, InputFact};
pub use kinship::{ALL_UNITS, KinshipPart};
pub use range::PartNumber;
pub use seen::{ProcessNotes, Seen};
pub use tests_of_snps::{StoredBlock, TestPart};
pub use unit::{TraitOutcome, UnitPart};
