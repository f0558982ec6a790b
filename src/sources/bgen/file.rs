//! An open BGEN file, as the reading of its blocks needs it.

use crate::io::bgen::{Allele, Header, Place};
use crate::sources::settings::HardCalls;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What the reading of blocks needs.
#[derive(Debug)]
pub(super) struct BgenFile {
    pub(super) header: Header,
    pub(super) counted: Allele,
    pub(super) hard_calls: Option<HardCalls>,
    pub(super) places: Vec<Place>,
    /// The SNPs without dosages that were read so far, with the ploidy.
    pub(super) unusual: Mutex<BTreeMap<usize, u8>>,
}
