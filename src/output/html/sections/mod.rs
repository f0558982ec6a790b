//! The sections of the document.

mod details;
mod elements;
mod loci;
mod plots;

pub(super) use details::{details, excluded};
pub(super) use loci::loci;
pub(super) use plots::{fit, manhattan, regions, relatedness};
