//! One name for each chromosome of several runs.

use super::collect::UNPLACED;
use super::study::RunView;
use crate::genotype::{ChromosomeSet, common_name};
use std::collections::{HashMap, HashSet};

/// What the log of a run with `--chr-set` has, before the name of the species.
const LABEL: &str = "chromosomes (--chr-set)";

/// The chromosomes of the species, as the log of a run names them.
fn set_of(run: &RunView) -> Option<ChromosomeSet> {
    let general = &run.facts.as_ref()?.general;
    let (_, value) = general.iter().find(|(label, _)| label == LABEL)?;
    ChromosomeSet::of(value.split(':').next()?)
}

/// Gives the chromosomes of several runs the same names: `chr1`, `Chr1`, `01` and `1` are one, and with the chromosomes of a
/// species, 23 (of humans), `chrX` and X. A name that all runs write in the same way is kept.
///
/// * `given`: the chromosomes of the species; otherwise those of the first run whose log has them
///
/// Returns them.
pub(super) fn unify(runs: &mut [RunView], given: Option<&ChromosomeSet>) -> Option<ChromosomeSet> {
    let set = given.cloned().or_else(|| runs.iter().find_map(set_of));
    let mut spellings: HashMap<String, HashSet<String>> = HashMap::new();
    let common = |name: &str| common_name(name, set.as_ref());
    for one in runs.iter().flat_map(|run| &run.traits) {
        for name in one.collected.names.iter().filter(|name| *name != UNPLACED) {
            let of_chromosome = spellings.entry(common(name)).or_default();
            of_chromosome.insert(name.clone());
        }
    }
    for one in runs.iter_mut().flat_map(|run| &mut run.traits) {
        for name in &mut one.collected.names {
            let bare = common(name);
            if spellings.get(&bare).is_some_and(|all| all.len() > 1) {
                *name = bare;
            }
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::super::collect::{Collector, SnpRow};
    use super::super::facts::Facts;
    use super::super::study::TraitView;
    use super::super::thin::Limits;
    use super::*;

    fn run(names: &[&str], log: &str) -> RunView {
        let mut collector = Collector::new(Limits::for_traits(1));
        for (snp, chr) in names.iter().enumerate() {
            collector.add(&SnpRow {
                snp: snp as u32,
                chr,
                position: if *chr == "none" { -9 } else { 5 },
                id: "rs",
                allele1: "A",
                allele0: "C",
                af: 0.5,
                n_miss: None,
                beta: 0.0,
                se: 1.0,
                y: 1.0,
            });
        }
        RunView {
            facts: Some(Facts::of_log(log)),
            traits: vec![TraitView {
                name: String::new(),
                column: "p_wald".into(),
                collected: collector.finish(),
                n_individuals: None,
                phenotype: None,
                profile: None,
                regions: Vec::new(),
            }],
            ..RunView::default()
        }
    }

    fn names(runs: &[RunView]) -> Vec<&[String]> {
        runs.iter()
            .map(|run| &run.traits[0].collected.names[..])
            .collect()
    }

    #[test]
    fn spellings_of_different_runs_are_one_chromosome() {
        let mut runs = [
            run(&["chr1", "chr2", "chrX", "none"], ""),
            run(&["1", "02", "23", "scaffold_3"], ""),
        ];
        unify(&mut runs, None);
        assert_eq!(
            names(&runs),
            [["1", "2", "chrX", UNPLACED], ["1", "2", "23", "scaffold_3"]]
        );
        let human = ChromosomeSet::of("human").unwrap();
        unify(&mut runs, Some(&human));
        assert_eq!(names(&runs)[1][2], "X");
        assert_eq!(names(&runs)[0][2], "X");
    }

    #[test]
    fn the_species_is_that_of_a_log_and_equal_names_are_kept() {
        let log = "## chromosomes (--chr-set) = mouse: 19 autosomes, X (20), Y (21), XY (22) and MT (23)\n";
        let mut runs = [run(&["chr1", "chrX"], ""), run(&["chr1", "20"], log)];
        assert_eq!(unify(&mut runs, None).unwrap().name(), "mouse");
        assert_eq!(names(&runs), [["chr1", "X"], ["chr1", "X"]]);
    }
}
