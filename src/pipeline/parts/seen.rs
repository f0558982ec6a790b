//! Facts about genotypes and processes that are noted once all SNPs were read.

use crate::genotype::Uncalled;
use crate::io::id_columns::named;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a process has noticed about the genotypes that it has read so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The worker or part, in notes.
    pub by: String,
    /// The id of its process: a worker may be started again under its name.
    pub process: u32,
    /// How often the process had reported before. Later facts of the same one replace earlier ones.
    pub number: u64,
    /// The instruction set of its processor, if the last bits of its results depend on it.
    pub instructions: Option<String>,
    /// Individuals without a genotype.
    pub uncalled: Uncalled,
    /// Of each list of SNPs that is compared with the genotypes while they are read: the ids that were not among them.
    pub unseen: Vec<Vec<String>>,
    /// Notes of the source of the genotypes.
    pub notes: Vec<String>,
}

impl Seen {
    /// The same of a process whose results, such as sums, have the same bits with every instruction set.
    #[must_use]
    pub fn of_sums(mut self) -> Self {
        self.instructions = None;
        self
    }

    /// The same facts in less room: the last of every process, and those about individuals and lists only once.
    #[must_use]
    pub fn gathered(all: Vec<Self>) -> Vec<Self> {
        let mut uncalled = Uncalled::default();
        let mut unseen: Vec<Vec<String>> = Vec::new();
        let mut last: BTreeMap<(String, u32), Self> = BTreeMap::new();
        for mut seen in all {
            uncalled.merge(std::mem::take(&mut seen.uncalled));
            let lists = std::mem::take(&mut seen.unseen);
            if unseen.is_empty() {
                unseen = lists;
            } else {
                // None of them if the lists are with those of another process.
                for (known, ids) in unseen.iter_mut().zip(lists) {
                    let ids: BTreeSet<String> = ids.into_iter().collect();
                    known.retain(|id| ids.contains(id));
                }
            }
            let known = last.entry((seen.by.clone(), seen.process));
            let known = known.or_insert_with(|| seen.clone());
            if known.number <= seen.number {
                *known = seen;
            }
        }
        let mut gathered: Vec<Self> = last.into_values().collect();
        if let Some(first) = gathered.first_mut() {
            (first.uncalled, first.unseen) = (uncalled, unseen);
        }
        gathered
    }
}

/// The notes of all processes.
#[derive(Debug, Default)]
pub struct ProcessNotes {
    /// By name and id: the number of the report, and the notes of the source.
    of_sources: BTreeMap<(String, u32), (u64, Vec<String>)>,
    /// By instruction set: the processes.
    instructions: BTreeMap<String, BTreeSet<String>>,
}

impl ProcessNotes {
    /// Adds what a process has noticed.
    pub fn add(&mut self, seen: Seen) {
        if let Some(set) = seen.instructions {
            self.instructions
                .entry(set)
                .or_default()
                .insert(seen.by.clone());
        }
        let known = self.of_sources.entry((seen.by, seen.process)).or_default();
        if known.0 <= seen.number {
            *known = (seen.number, seen.notes);
        }
    }

    /// All notes of the sources; one that only some of several processes have names them.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for ((by, _), (_, notes)) in &self.of_sources {
            for note in notes {
                texts.entry(note).or_default().push(by);
            }
        }
        let n = self.of_sources.len();
        let texts = texts.into_iter();
        texts
            .map(|(text, mut by)| {
                if by.len() == n {
                    return text.to_owned();
                }
                by.dedup();
                format!("{text} ({})", by.join(", "))
            })
            .collect()
    }

    /// The note that the results come from processors of different kinds, if they do.
    #[must_use]
    pub fn of_instructions(&self) -> Option<String> {
        if self.instructions.len() < 2 {
            return None;
        }
        let sets = self.instructions.iter().map(|(set, by)| {
            let by: Vec<String> = by.iter().cloned().collect();
            format!("{set}: {}", named(&by))
        });
        Some(format!(
            "the tests were computed on processors with different instruction sets ({}), whose results may differ in their last bits; their printed digits almost never do",
            sets.collect::<Vec<_>>().join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(by: &str, process: u32, number: u64, note: &str) -> Seen {
        Seen {
            by: by.into(),
            process,
            number,
            notes: vec![note.into()],
            ..Seen::default()
        }
    }

    fn notes(all: Vec<Seen>) -> Vec<String> {
        let mut notes = ProcessNotes::default();
        all.into_iter().for_each(|one| notes.add(one));
        notes.all()
    }

    #[test]
    fn the_last_report_of_every_process_counts() {
        let all = vec![
            seen("worker a", 1, 1, "3 records"),
            seen("worker a", 1, 0, "2 records"),
            seen("worker a", 2, 0, "1 record"),
            seen("worker b", 7, 0, "3 records"),
        ];
        let expected = ["1 record (worker a)", "3 records (worker a, worker b)"];
        assert_eq!(notes(all.clone()), expected);
        assert_eq!(notes(Seen::gathered(all.clone())), expected);
        let halves = all.chunks(2).map(|half| Seen::gathered(half.to_vec()));
        assert_eq!(notes(halves.flatten().collect()), expected);
        assert_eq!(notes(vec![all[0].clone(), all[3].clone()]), ["3 records"]);
    }

    #[test]
    fn ids_are_unseen_if_no_process_has_seen_them() {
        let of = |by: &str, ids: &[&str]| Seen {
            unseen: vec![ids.iter().map(|&id| id.to_owned()).collect()],
            ..seen(by, 1, 0, "")
        };
        let all = vec![of("b", &["x", "y"]), of("a", &["y", "z"])];
        let once = Seen::gathered(all);
        assert_eq!(once[0].unseen, [["y"]]);
        assert!(once[1].unseen.is_empty());
        let again = Seen::gathered([once, vec![of("c", &["y", "x"])]].concat());
        assert_eq!(again[0].unseen, [["y"]]);
    }

    #[test]
    fn processors_of_different_kinds_are_noted() {
        let mut notes = ProcessNotes::default();
        let of = |by: &str, set: &str| Seen {
            instructions: Some(set.into()),
            ..seen(by, 1, 0, "")
        };
        notes.add(of("part 1/3", "AVX2"));
        notes.add(of("part 2/3", "AVX2"));
        notes.add(of("part 3/3", "AVX-512").of_sums());
        assert_eq!(notes.of_instructions(), None);
        notes.add(of("part 3/3", "AVX-512"));
        let note = notes.of_instructions().unwrap();
        assert!(
            note.contains("(AVX-512: part 3/3; AVX2: part 1/3, part 2/3)"),
            "{note}"
        );
    }
}
