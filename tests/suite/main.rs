//! One binary for all tests of the finished program; modules mirror what a user meets.

#![allow(unreachable_pub, reason = "one binary, many modules")]

mod bad;
#[cfg(feature = "bgen")]
mod bgen;
mod bimbam;
mod bound;
mod cache;
mod changing;
mod cli;
mod combinations;
mod common;
mod compressed;
mod condition;
mod cost;
mod diagnostics;
mod files;
mod formats;
mod golden;
mod kinship;
mod linear;
mod live;
mod loco;
mod models;
mod numeric;
mod oracle;
mod outputs;
mod parts;
mod permutations;
mod pgen;
mod pipeline;
mod ploidy;
mod properties;
mod relationship;
mod report;
mod selection;
mod simulate;
mod sources;
mod stepwise;
mod structure;
#[cfg(target_os = "linux")]
mod system;
#[cfg(feature = "tables")]
mod tables;
mod toys;
mod traits;
mod two_kinships;
mod urls;
#[cfg(feature = "vcf")]
mod vcf;
#[cfg(feature = "zarr")]
mod zarr;
