//! SNPs in the coordinates of the eigenvectors.

mod block;

pub(crate) use block::RotatedSnps;
