//! jamma: exact genome-wide association with linear mixed models.
pub mod backend;
pub mod cohort;
pub mod eigen;
pub mod error;
pub mod genotype;
pub mod io;
pub mod kernels;
pub mod kinship;
pub mod lmm;
pub mod output;
pub mod pipeline;
pub mod cli;
