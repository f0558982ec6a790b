//! A way to run an analysis.

use crate::cost::Cost;

/// A way to run an analysis, and its cost.
pub(super) struct Way {
    /// The name in the text.
    pub(super) title: &'static str,
    /// The name in JSON.
    pub(super) key: &'static str,
    pub(super) cost: Cost,
}
