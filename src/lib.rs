//! Exact genome-wide association with linear mixed models: PLINK files in, GEMMA-compatible tables out.
//!
//! A run passes through these modules from left to right, and each module uses only those to its left:
//!
//! ```text
//! error ← progress ← kernels ← stats ← io ← genotype ← sources ← cohort ← kinship ← eigen ← rotation ← null
//!       ← permutation ← assoc ← output ← results ← backend ← method ← pipeline ← cost ← cli ← python
//! ```
//!
//! 1. [`io`] reads files into plain values; [`sources`] streams SNPs in blocks, from PLINK files or from memory;
//!    [`genotype`] counts and filters SNPs without decoding them.
//! 2. [`cohort`] selects the analysed individuals, counts the excluded ones, and groups traits that have the same
//!    individuals.
//! 3. [`kinship`] accumulates K from the blocks; [`eigen`] centres K and decomposes it, K = U diag(d) Uᵀ.
//! 4. [`rotation`] multiplies traits, covariates and SNPs by Uᵀ, once for all traits of the same individuals; [`null`]
//!    defines the model, its likelihoods and the fit without a SNP; [`assoc`] tests every SNP for every trait, with the
//!    p-values of [`stats`]; [`permutation`] finds the p-values that are significant genome-wide.
//! 5. [`output`] contains the sinks for results, including the writers of GEMMA's files; [`backend`] is the interface to
//!    other hardware; a [`method`] defines what is tested; [`pipeline`] connects all of these, and [`progress`] reports
//!    how far a run has got.
//!    [`results`] reads finished tables: top hits, comparisons. [`cost`] predicts time and memory.
//! 6. [`cli`] turns command-line arguments into a job; `python` (a Cargo feature) is the extension module of the Python
//!    package.
//!
//! Throughout, λ = σ_g²/σ_e², n is the number of analysed individuals, p the number of SNPs, and c the number of
//! covariates including the intercept.
//!
//! ```
//! use jamma::assoc::lmm::{Lmm, Tests};
//! use jamma::backend::CpuBackend;
//! use jamma::pipeline::{Analysis, Job, Setting, run};
//! use jamma::progress::Silent;
//!
//! let all = Lmm { tests: Tests::All, ..Lmm::default() };
//! let mut job = Job::new("reference/data/demo", Analysis::lmm(all));
//! job.files = None; // the results are for sinks of the caller; by default they are written to output/result.*
//! let report = run(job, Setting::new(&CpuBackend, &Silent))?;
//! assert_eq!(report.first().filter.kept, 959);
//! # Ok::<(), jamma::error::Error>(())
//! ```

pub mod assoc;
pub mod backend;
pub mod cli;
pub mod cohort;
pub mod cost;
pub mod eigen;
pub mod error;
pub mod genotype;
pub mod io;
pub mod kernels;
pub mod kinship;
pub mod method;
pub mod null;
pub mod output;
pub mod permutation;
pub mod pipeline;
pub mod progress;
#[cfg(feature = "python")]
mod python;
pub mod results;
pub mod rotation;
pub mod sources;
pub mod stats;

pub use error::{Error, Result};
