//! jamma: exact genome-wide association with linear mixed models.
pub mod error;
pub mod kernels;
pub mod io { pub mod bed; }
pub mod genotype;
pub mod kinship;
pub mod eigen;
pub mod lmm;
pub mod output;
