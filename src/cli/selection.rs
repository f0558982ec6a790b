//! Which individuals and SNPs a command line chooses.

use super::args::Args;
use crate::pipeline::IndividualLists;

/// The individuals of the study.
pub(super) fn individuals(args: &Args) -> IndividualLists {
    IndividualLists {
        keep: args.keep.clone(),
        remove: args.remove.clone(),
    }
}
