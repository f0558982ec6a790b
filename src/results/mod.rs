//! Finished tables of associations: their top hits, and the comparison of two of them.

mod compare;
mod find;
mod matching;
mod top;

pub use compare::{Agreement, Comparison, ComparisonOptions, TopHits, compare};
pub use find::tables_of;
pub use matching::{MatchedBy, Matching};
pub use top::{Hit, Top, TopOptions, top};
