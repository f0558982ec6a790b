//! Distributions: the upper tails of F and χ², p-values with their logarithms, quantiles of the normal distribution, and order
//! statistics of many numbers.

mod normal;
mod order_statistics;
mod p_value;
mod several;
mod tails;

pub use normal::normal_quantile;
pub use order_statistics::OrderStatistics;
pub use p_value::PValue;
pub use tails::{chi2_upper_tail, chi2_upper_tail_neg_log10, f_upper_tail, f_upper_tail_neg_log10};
