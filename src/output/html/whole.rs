//! A trait of the document with everything that is shown of it.

use super::encode::Drawn;
use super::loci::LOCUS_DISTANCE;
use super::study::RunView;
use super::words::listed;

/// The distance within which SNPs belong to a locus, in kb.
pub(super) const LOCUS_KB: u32 = LOCUS_DISTANCE / 1000;

/// A trait with the run that it is of.
pub(super) struct Whole<'a> {
    /// The run.
    pub(super) run: &'a RunView,
    /// The trait.
    pub(super) drawn: Drawn<'a>,
}

/// The name of the tests of a run.
pub(super) fn test_names(run: &RunView) -> String {
    let name = |column: &str| match column {
        "p_wald" => "Wald test".to_owned(),
        "p_lrt" => "likelihood ratio test".to_owned(),
        "p_score" => "score test".to_owned(),
        other => other.to_owned(),
    };
    let mut names: Vec<String> = run.traits.iter().map(|of| name(&of.column)).collect();
    names.dedup();
    listed(&names)
}

/// What the line of significance is.
pub(super) fn threshold_name(drawn: &Drawn<'_>) -> &'static str {
    match drawn.lines[0].label.as_str() {
        "permutations" => "5% by permutation",
        "effective tests" => "5% for the effective number of tests",
        "Bonferroni" => "5% by Bonferroni",
        _ => "conventional",
    }
}
