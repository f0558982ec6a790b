//! Runs in parts: `--part` computes one, `jamma merge` and `jamma gk --merge` make the outputs of the run from all of them.

mod compute;
mod merge;

pub(super) use compute::{run as compute, without};
pub(super) use merge::{ABOUT, NAME, request, run as merge};
