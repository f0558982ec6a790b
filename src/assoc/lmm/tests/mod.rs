//! The scan against single evaluations.

mod group;
mod survey;
