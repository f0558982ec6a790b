//! Exact genome-wide association with linear mixed models: PLINK files in, GEMMA-compatible tables out.
//!
//! One run goes through these modules from left to right, and a module uses only what stands to its left:
//!
//! ```text
//! error ← kernels ← io ← genotype ← sources ← cohort ← kinship ← eigen ← lmm ← output ← backend ← pipeline ← cli ← python
//! ```
//!
//! 1. [`io`] reads files into plain values; [`cohort`] decides who is analysed, and counts everybody else.
//! 2. [`sources`] streams SNPs in blocks, from PLINK files or from memory; [`genotype`] counts and filters packed ones
//!    without decoding.
//! 3. [`kinship`] adds the blocks up to K; [`eigen`] centres K and decomposes it, K = U diag(d) Uᵀ.
//! 4. [`lmm`] rotates phenotype, covariates and SNPs by Uᵀ, fits the null model and finds λ for every SNP; its module
//!    documentation has the model in formulas.
//! 5. [`output`] writes GEMMA's files; [`backend`] is the seam for other machines; [`pipeline`] is the only composition.
//! 6. [`cli`] makes a job of a command line; `python` (a feature) is the extension module of the Python package.
//!
//! λ = σ_g²/σ_e² everywhere; n individuals are analysed, p SNPs, c covariates with the intercept.
//!
//! ```no_run
//! use jamma::backend::CpuBackend;
//! use jamma::pipeline::{Analysis, Job, Silent, run};
//! use jamma::lmm::Tests;
//!
//! let job = Job::new("mouse_hs1940", Analysis::Association(Tests::All));
//! let report = run(&job, &CpuBackend, &Silent)?;
//! println!("{} SNPs tested", report.log.filter.kept);
//! # Ok::<(), jamma::error::Error>(())
//! ```

pub mod backend;
pub mod cli;
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
pub mod progress;
#[cfg(feature = "python")]
mod python;
pub mod sources;

pub use error::{Error, Result};
