//! Exact genome-wide association with linear mixed models: PLINK files in, GEMMA-compatible tables out.
//!
//! One run goes through these modules from left to right, and a module uses only what stands to its left:
//!
//! ```text
//! error ← kernels ← stats ← io ← genotype ← cohort ← kinship ← eigen ← rotation ← null ← assoc ← output ← backend
//!       ← pipeline ← cli ← python
//! ```
//!
//! 1. [`io`] reads files into plain values; [`cohort`] decides who is analysed, and counts everybody else.
//! 2. [`genotype`] streams SNPs as packed two-bit blocks, counts and filters them without decoding.
//! 3. [`kinship`] adds the blocks up to K; [`eigen`] centres K and decomposes it, K = U diag(d) Uᵀ.
//! 4. [`rotation`] multiplies traits, covariates and SNPs by Uᵀ, once for all traits of the same individuals; [`null`] has
//!    the model in formulas, its likelihoods and the fit without a SNP; [`assoc`] tests every SNP for every trait, with the
//!    p-values of [`stats`].
//! 5. [`output`] writes GEMMA's files; [`backend`] is the seam for other machines; [`pipeline`] is the only composition.
//! 6. [`cli`] makes a job of a command line; `python` (a feature) is the extension module of the Python package.
//!
//! λ = σ_g²/σ_e² everywhere; n individuals are analysed, p SNPs, c covariates with the intercept.
//!
//! ```no_run
//! use jamma::backend::CpuBackend;
//! use jamma::pipeline::{Analysis, Job, Silent, run};
//! use jamma::assoc::lmm::Tests;
//!
//! let job = Job::new("mouse_hs1940", Analysis::Association(Tests::All));
//! let report = run(&job, &CpuBackend, &Silent)?;
//! println!("{} SNPs tested", report.log.filter.kept);
//! # Ok::<(), jamma::error::Error>(())
//! ```

pub mod assoc;
pub mod backend;
pub mod cli;
pub mod cohort;
pub mod eigen;
pub mod error;
pub mod genotype;
pub mod io;
pub mod kernels;
pub mod kinship;
pub mod null;
pub mod output;
pub mod pipeline;
#[cfg(feature = "python")]
mod python;
pub mod rotation;
pub mod stats;

pub use error::{Error, Result};
