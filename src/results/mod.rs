//! Finished tables of associations: their top hits, and the comparison of two of them.

mod agreement;
mod alleles;
mod compare;
mod exchange;
mod find;
mod matching;
mod scatter;
mod top;

pub use agreement::Agreement;
pub use alleles::AlleleRelation;
pub use compare::{AlleleCounts, Comparison, ComparisonOptions, TopHits, compare};
pub use find::tables_of;
pub use matching::{MatchedBy, Matching, Pair};
pub use scatter::scatter;
pub use top::{Hit, Top, TopOptions, top};
