//! Facts about genotypes that are noted once all SNPs were read.

use crate::genotype::Uncalled;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a process has noticed about the genotypes that it has read so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The process or part. Later facts of the same one replace earlier ones.
    pub by: String,
    /// Individuals without a genotype.
    pub uncalled: Uncalled,
    /// Of each list of SNPs that is compared with the genotypes while they are read: the ids that were not among them.
    pub unseen: Vec<Vec<String>>,
    /// Notes of the source of the genotypes.
    pub notes: Vec<String>,
}

/// The notes of the sources of all processes.
#[derive(Debug, Default)]
pub struct SourceNotes(BTreeMap<String, Vec<String>>);

impl SourceNotes {
    /// Replaces the notes of a process.
    pub fn add(&mut self, by: String, notes: Vec<String>) {
        self.0.insert(by, notes);
    }

    /// All notes; one that only some of several processes have names them.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (by, notes) in &self.0 {
            for note in notes {
                texts.entry(note).or_default().push(by);
            }
        }
        let n = self.0.len();
        let texts = texts.into_iter();
        texts
            .map(|(text, by)| {
                if by.len() == n {
                    text.to_owned()
                } else {
                    format!("{text} ({})", by.join(", "))
                }
            })
            .collect()
    }
}
