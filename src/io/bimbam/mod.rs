//! BIMBAM mean genotypes (`-g`) and their annotation (`-a`).

pub(crate) mod annotation;
pub(crate) mod line;
