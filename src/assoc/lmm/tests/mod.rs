//! The scan against evaluations one at a time.

mod survey;
