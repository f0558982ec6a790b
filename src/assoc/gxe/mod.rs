//! Tests of gene-environment interaction in the linear mixed model of [`crate::null`].
//!
//! For a SNP x and an environment e, the model is
//!
//! ```text
//! y = Wα + Eγ + xβ_g + (x∘E)β_gxe + u + ε
//! ```
//!
//! where E is the column e, or for a categorical environment one column of 0 and 1 for each level except the reference. The
//! tests are of β_gxe. The environment and the SNP are covariates: for the likelihood ratio test, λ under the null hypothesis
//! is estimated for each SNP, with [W, E, x]; the score test uses λ of the null model with W alone, as in GEMMA.
//!
//! The products x∘E are rotated by eigenvectors whose rows are multiplied by E ([`crate::assoc::several`]).
//!
//! GEMMA tests 2 − x in place of x if the mean of x is above 1, and changes the sign of the effect afterwards. With an intercept
//! in W and with E among the covariates, the model is the same, so that nothing is replaced here.

mod columns;
mod options;

pub use options::Gxe;
