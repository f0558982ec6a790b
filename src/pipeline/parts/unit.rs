//! What the kinship, its decomposition and the null models of a unit of work gave, besides the eigenvectors.

use super::seen::Seen;
use crate::genotype::FilterCounts;
use crate::kinship::Copies;
use crate::null::NullFit;
use crate::progress::Stage;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What was found before the SNPs of a unit are tested.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnitPart {
    /// The number of the group of traits.
    pub group: usize,
    /// The number of the kinship.
    pub unit: usize,
    /// Notes for the user on the kinship and its decomposition, and on those that were decomposed side by side with it.
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
    /// What was noticed by the processes that summed the kinship and decomposed it, if these are others than those that test
    /// the SNPs.
    pub seen: Vec<Seen>,
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
    /// What two parts of a run found for the same unit; `None` if they contradict each other.
    ///
    /// * `are_alike`: whether both were computed with the same instruction set, so that all bits must be the same. The last bits
    ///   may differ otherwise, but not which traits can be analysed.
    #[must_use]
    pub fn agreed(self, other: Self, are_alike: bool) -> Option<Self> {
        let (mut known, further) = match (self.is_idle(), other.is_idle()) {
            (true, false) => (other, self),
            (false, true) => (self, other),
            _ => {
                let is_same = if are_alike {
                    self.is_same(&other)
                } else {
                    self.has_same_outcome(&other)
                };
                is_same.then_some((self, other))?
            }
        };
        for note in further.notes {
            if !known.notes.contains(&note) {
                known.notes.push(note);
            }
        }
        Some(known)
    }

    /// Whether the kinship was not decomposed although nothing failed: the part has no SNP of the unit to test, or the tests
    /// need no kinship.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.has_kinship && self.failure.is_none()
    }

    /// Whether the same traits can be analysed.
    fn has_same_outcome(&self, other: &Self) -> bool {
        let traits = |of: &Self| -> Vec<(usize, bool)> {
            let traits = of.traits.iter();
            traits
                .map(|one| (one.number, one.failure.is_some()))
                .collect()
        };
        self.failure.is_some() == other.failure.is_some()
            && self.is_tested == other.is_tested
            && traits(self) == traits(other)
    }

    /// Whether both have the same numbers, to the bit. Times may differ, and so may what was noted on the kinships of all units
    /// that were decomposed side by side with this one.
    fn is_same(&self, other: &Self) -> bool {
        let compared = |of: &Self| {
            let mut of = Self {
                notes: Vec::new(),
                times: Vec::new(),
                seen: Vec::new(),
                ..of.clone()
            };
            for one in &mut of.traits {
                one.copies = None;
            }
            // As bytes: numbers that are not a number are equal here.
            crate::io::packed::pack(&of)
        };
        compared(self) == compared(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> UnitPart {
        UnitPart {
            group: 0,
            unit: 0,
            notes: Vec::new(),
            null_notes: Vec::new(),
            n_kinship_snps: 3,
            traits: vec![TraitOutcome {
                number: 0,
                failure: None,
                null: None,
                kinship_filter: None,
                copies: None,
            }],
            has_kinship: true,
            is_tested: true,
            failure: None,
            times: Vec::new(),
            seen: Vec::new(),
        }
    }

    #[test]
    fn parts_agree_unless_one_has_failed_or_has_other_numbers() {
        let agree = |a: &UnitPart, b: &UnitPart, are_alike: bool| {
            let found = a.clone().agreed(b.clone(), are_alike);
            let turned = b.clone().agreed(a.clone(), are_alike);
            assert_eq!(found.is_some(), turned.is_some());
            found
        };
        let tested = part();
        let mut timed = part();
        timed.times = vec![(Stage::Kinship, Duration::from_secs(1))];
        timed.notes = vec!["of a kinship beside it".into()];
        let both = agree(&tested, &timed, true).unwrap();
        assert_eq!(both.notes, timed.notes);
        let mut idle = part();
        idle.has_kinship = false;
        for (a, b) in [(&idle, &tested), (&tested, &idle)] {
            assert!(agree(a, b, true).is_some_and(|of| of.has_kinship));
        }
        // Without a kinship to decompose, as in `jamma lm`, all parts are idle.
        let mut other = idle.clone();
        other.is_tested = false;
        assert!(agree(&idle, &idle, true).is_some());
        assert!(agree(&idle, &other, false).is_none());
        let mut failed = idle.clone();
        failed.failure = Some(["no SNP is left".into(), String::new()]);
        assert!(agree(&failed, &tested, false).is_none());
        assert!(agree(&failed, &failed, true).is_some());
        // A part without a SNP to test does not see the failure.
        assert!(agree(&failed, &idle, true).is_some_and(|of| of.failure.is_some()));
        let mut of_trait = part();
        of_trait.traits[0].failure = Some("constant".into());
        assert!(agree(&of_trait, &tested, false).is_none());
        let mut last_bits = part();
        last_bits.n_kinship_snps = 4;
        assert!(agree(&last_bits, &tested, false).is_some());
        assert!(agree(&last_bits, &tested, true).is_none());
    }
}
