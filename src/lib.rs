//! Exact genome-wide association with linear mixed models: PLINK files in, GEMMA-compatible tables out.
//!
//! One run goes through these modules from left to right, and a module uses only what stands to its left:
//!
//! ```text
//! error ← progress ← kernels ← stats ← io ← genotype ← sources ← cohort ← kinship ← eigen ← rotation ← null ← assoc
//!       ← output ← backend ← method ← pipeline ← cli ← python
//! ```
//!
//! 1. [`io`] reads files into plain values; [`sources`] stream SNPs in blocks, from PLINK files or from memory;
//!    [`genotype`] counts and filters SNPs without decoding them.
//! 2. [`cohort`] decides who is analysed, counts everybody else, and groups traits by their individuals.
//! 3. [`kinship`] adds the blocks up to K; [`eigen`] centres K and decomposes it, K = U diag(d) Uᵀ.
//! 4. [`rotation`] multiplies traits, covariates and SNPs by Uᵀ, once for all traits of the same individuals; [`null`] has
//!    the model in formulas, its likelihoods and the fit without a SNP; [`assoc`] tests every SNP for every trait, with the
//!    p-values of [`stats`].
//! 5. [`output`] has the sinks that take results, GEMMA's files among them; [`backend`] is the seam for other machines;
//!    a [`method`] says what is tested; [`pipeline`] is the only composition, and [`progress`] what it tells meanwhile.
//! 6. [`cli`] makes a job of a command line; `python` (a feature) is the extension module of the Python package.
//!
//! λ = σ_g²/σ_e² everywhere; n individuals are analysed, p SNPs, c covariates with the intercept.
//!
//! ```no_run
//! use jamma::assoc::lmm::{Lmm, Tests};
//! use jamma::backend::CpuBackend;
//! use jamma::pipeline::{Analysis, Job, Setting, run};
//! use jamma::progress::Silent;
//!
//! let all = Lmm { tests: Tests::All, ..Lmm::default() };
//! let job = Job::new("mouse_hs1940", Analysis::lmm(all));
//! let report = run(job, Setting::new(&CpuBackend, &Silent))?;
//! println!("{} SNPs tested", report.first().filter.kept);
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
pub mod method;
pub mod null;
pub mod output;
pub mod pipeline;
pub mod progress;
#[cfg(feature = "python")]
mod python;
pub mod rotation;
pub mod sources;
pub mod stats;

pub use error::{Error, Result};
