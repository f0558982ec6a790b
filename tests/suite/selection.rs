//! Which individuals and SNPs are analysed, and which allele is counted.

mod alleles;
mod individuals;
mod info;
mod sex;
mod snps;

use super::common::{Run, jamma_in};
use super::simulate::Study;
use std::path::Path;

/// The content of an output file.
fn output(here: &Path, name: &str) -> String {
    let path = here.join("output").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Asserts that a run fails with a message and hint that contain all parts.
#[track_caller]
fn fails(here: &Path, words: &str, parts: &[&str]) {
    let Run { status, stderr, .. } = jamma_in(here, words);
    assert_ne!(status, 0, "`{words}` succeeded");
    for part in parts {
        assert!(
            stderr.contains(part),
            "`{words}`: {part:?} is not in: {stderr}"
        );
    }
}
