//! The kinship (relatedness) matrix of a study.
//!
//! For every SNP that passes the filters, over **all** individuals of the source with m observed calls:
//! μ = Σg/m, missing calls ← μ, v = (Σ_obs g² + μ² n_miss)/n − μ², and
//!
//! * centred (`-gk 1`): z = g − μ
//! * standardised (`-gk 2`): z = (g − μ)/√v, only centred if v = 0
//!
//! K = (1/p) Σ z zᵀ over the p SNPs used. Source: Zhou & Stephens 2012, Nat. Genet. 44:821, Online Methods.

mod batch;
mod bound;
mod centred;
mod dosages;
mod fixed;
mod fixed_matrix;
pub(crate) mod inspect;
mod kind;
mod missing;
#[cfg(any(test, feature = "python"))]
mod moments;
mod parted;
mod refine;
mod relationship;
mod squares;
mod standardised;
mod stored;
mod sum;
mod terms;

pub use bound::left_out_of;
#[cfg(feature = "python")]
pub(crate) use bound::read_bound_square;
pub(crate) use bound::{BoundIds, check_pair, ids_beside, is_sealed};
pub use dosages::CHUNK_SNPS;
pub use inspect::{
    Copies, Inspection, check_second_kinship, check_size, inspect_kinship, note_on_unit,
};
pub use kind::{Kinship, KinshipKind};
#[cfg(feature = "python")]
pub(crate) use moments::mean_and_sd;
pub use parted::PartedSum;
pub use relationship::{check_without_ids, read_with_ids};
pub use stored::{KinshipLayout, check_kinship_file, check_readable, read_kinship, select_kinship};
pub use sum::{KinshipSum, StoredSum, summing_bytes};
