//! The scan against evaluations one at a time.

mod group;
mod survey;
