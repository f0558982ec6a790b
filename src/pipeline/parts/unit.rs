//! What the kinship, its decomposition and the null models of a unit of work gave, besides the eigenvectors.

use crate::genotype::FilterCounts;
use crate::kinship::Copies;
use crate::null::NullFit;
use crate::progress::Stage;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What was found before the SNPs of a unit are tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitPart {
    /// The number of the group of traits.
    pub group: usize,
    /// The number of the kinship.
    pub unit: usize,
    /// Notes for the user on the kinship and its decomposition.
    pub notes: Vec<String>,
    /// Notes on null models: each text, with the models that it is about.
    pub null_notes: Vec<(String, Vec<String>)>,
    /// SNPs of the kinship, if a chromosome is left out.
    pub n_kinship_snps: usize,
    /// The traits of the group.
    pub traits: Vec<TraitOutcome>,
    /// Whether there is a decomposition of its kinship: not if there is no SNP to test.
    pub has_kinship: bool,
    /// Whether the SNPs of the unit can be tested: not if every trait has failed.
    pub is_tested: bool,
    /// The error of all traits, in a run of several.
    pub failure: Option<[String; 2]>,
    /// Time of the stages, where they were computed.
    pub times: Vec<(Stage, Duration)>,
}

/// What was found for a trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraitOutcome {
    /// Its number in the run.
    pub number: usize,
    /// Why it could not be analysed.
    pub failure: Option<String>,
    /// Its null model.
    pub null: Option<NullFit>,
    /// SNPs kept and excluded for a kinship that was computed.
    pub kinship_filter: Option<FilterCounts>,
    /// Individuals that are the same according to the kinship.
    pub copies: Option<Copies>,
}

impl UnitPart {
    /// Whether both have the same numbers, to the bit; times may differ.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let without_times = |of: &Self| {
            // Numbers that are not a number are equal here.
            let times = Vec::new();
            crate::io::packed::pack(&Self {
                times,
                ..of.clone()
            })
        };
        without_times(self) == without_times(other)
    }
}
