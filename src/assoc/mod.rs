//! Tests of association between SNPs and traits.

pub mod lmm;
