//! Runs in parts: `--part` computes one, `jamma merge` and `jamma gk --merge` make the outputs of the run from all of them.

mod compute;
mod merge;
mod text;

pub(super) use compute::{run as compute, without};
pub(super) use merge::{request, run as merge};
pub(super) use text::TOOL;
