//! One binary for all tests of the finished program; modules mirror what a user meets.

#![allow(unreachable_pub, reason = "one binary, many modules")]

mod bad;
mod bound;
mod cache;
mod changing;
mod cli;
mod common;
mod compressed;
mod files;
mod golden;
mod kinship;
mod live;
mod loco;
mod oracle;
mod outputs;
mod permutations;
mod pipeline;
mod properties;
mod simulate;
mod sources;
mod structure;
#[cfg(target_os = "linux")]
mod system;
#[cfg(feature = "tables")]
mod tables;
mod toys;
mod traits;
