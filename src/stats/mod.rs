//! Distributions: the upper tails of F and χ², and p-values with their logarithms.

mod p_value;
mod tails;

pub use p_value::PValue;
pub use tails::{chi2_upper_tail, chi2_upper_tail_neg_log10, f_upper_tail, f_upper_tail_neg_log10};
