//! The tests of all SNPs.

use super::super::relatedness::Relatedness;
use super::decomposition::{Undecomposed, word};
use super::diagnostics::Diagnosing;
use super::kinship::name_of;
use super::null::NullNotes;
use super::order::InOrder;
use super::parted::Parted;
use super::weighted::WeightedLikelihood;
use super::{Execution, none_left};
use crate::assoc::gxe::InteractionModel;
use crate::assoc::{AssocBlock, TraitColumns};
use crate::cohort::WorkUnit;
use crate::eigen::Eigen;
use crate::error::Result;
use crate::genotype::{FilterCounts, GenotypeBlock};
use crate::method::{Method, UnitModel};
use crate::output::report::ChromosomeReport;
use crate::permutation::{PermutationScan, TraitMaxima};
use crate::progress::{Progress, Stage};

/// What accumulates while the SNPs of a group are tested.
struct Progressing {
    order: InOrder,
    notes: NullNotes,
    /// The largest statistics of each trait of the group, in its order; empty without permutations.
    maxima: Vec<TraitMaxima>,
    counts: FilterCounts,
    diagnosing: Diagnosing,
}

/// The relatedness of the units of a group.
enum Kinships<'a> {
    /// Of the only unit.
    One(Option<Relatedness>),
    /// Of all chromosomes, of which each is left out in turn.
    Parted(Parted<'a>),
}

/// The number of SNPs of a unit's kinship, and its decomposition if one is needed.
type Decomposed = (usize, Option<Eigen>);

impl<'a> Execution<'a> {
    /// Tests the SNPs of a group against its traits, unit by unit.
    pub(super) fn association(
        &mut self,
        group: usize,
        of: Relatedness,
        method: &dyn Method,
        all_snps: bool,
    ) -> Result<()> {
        let scopes = self.study.scopes.clone();
        let mut kinships = match of {
            Relatedness::Computed { kind, .. } if self.leaves_out_every() => {
                let subset = self.study.cohort.groups[group].subset.clone();
                Kinships::Parted(self.parted(group, kind, subset)?)
            }
            of => Kinships::One(Some(of)),
        };
        let n_traits = self.study.cohort.groups[group].traits.len();
        let mut so_far = Progressing {
            order: InOrder::new(
                scopes
                    .iter()
                    .flat_map(|scope| self.study.ranges_of(scope))
                    .collect(),
            ),
            notes: NullNotes::new(self.report.are_several),
            maxima: (self.permutations.iter())
                .flat_map(|&options| vec![TraitMaxima::new(options); n_traits])
                .collect(),
            counts: FilterCounts::default(),
            diagnosing: Diagnosing::new(
                &method.columns(),
                n_traits,
                &self.study.cohort.groups[group].subset,
                self.effective_tests,
            ),
        };
        for (of, one) in self.study.cohort.groups[group]
            .traits
            .clone()
            .iter()
            .enumerate()
        {
            let values = one.given_values();
            self.each_sink(|sink| sink.phenotype(group, of, &values))?;
        }
        let numbers: Vec<usize> = (0..scopes.len()).collect();
        for wave in numbers.chunks(self.loco.side_by_side) {
            let decomposed = self.decompositions(group, wave, &mut kinships)?;
            for (&number, decomposed) in wave.iter().zip(decomposed) {
                let unit = WorkUnit {
                    kinship: scopes[number].clone(),
                    group,
                };
                self.unit(&unit, decomposed, method, all_snps, &mut so_far)?;
            }
        }
        self.finish_group(group, so_far, method, all_snps)
    }

    /// The decompositions of some units, which run side by side.
    fn decompositions(
        &mut self,
        group: usize,
        wave: &[usize],
        kinships: &mut Kinships<'a>,
    ) -> Result<Vec<Decomposed>> {
        let parted = match kinships {
            Kinships::One(of) => {
                let of = of.take().expect("there is one unit");
                if matches!(of, Relatedness::Unused) {
                    return Ok(vec![(0, None)]);
                }
                let unit = WorkUnit {
                    kinship: self.study.scopes[wave[0]].clone(),
                    group,
                };
                return Ok(vec![(0, Some(self.eigen(&unit, of)?))]);
            }
            Kinships::Parted(parted) => parted,
        };
        // A chromosome without a SNP to test needs no decomposition.
        let n_tested = parted.n_tested.clone();
        let is_chosen: Vec<bool> = (self.study.scopes.iter())
            .map(|scope| !self.study.ranges_of(scope).is_empty())
            .collect();
        let is_needed = |part: usize| {
            is_chosen[part] && n_tested.as_ref().is_none_or(|counts| counts[part] > 0)
        };
        let mut named = Vec::new();
        for &part in wave.iter().filter(|&&part| is_needed(part)) {
            let (kinship, _) = self.without(parted, part)?;
            let scope = self.study.scopes[part].clone();
            self.inspect(group, &scope, &kinship)?;
            named.push(Undecomposed {
                kinship,
                name: name_of(&scope),
                kind: word(parted.kind),
                left_out: scope.left_out().map(|one| one.name.clone()),
            });
        }
        let eigen = if named.is_empty() {
            Vec::new()
        } else {
            self.decomposed(group, named)?
        };
        let mut eigen = eigen.into_iter();
        Ok(wave
            .iter()
            .map(|&part| {
                let n_snps = parted.n_snps_without(part);
                (n_snps, is_needed(part).then(|| eigen.next()).flatten())
            })
            .collect())
    }

    /// Fits the null models of a unit and tests its SNPs, block by block.
    fn unit(
        &mut self,
        unit: &WorkUnit,
        decomposed: Decomposed,
        method: &dyn Method,
        all_snps: bool,
        so_far: &mut Progressing,
    ) -> Result<()> {
        let (n_kinship_snps, eigen) = decomposed;
        let is_tested = eigen.is_some() || method.null_range().is_none();
        let mut fitted = None;
        if let (Some(range), Some(eigen)) = (method.null_range(), eigen) {
            self.each_sink(|sink| sink.decomposition(unit, &eigen))?;
            let (uses_ml, notes) = (method.uses_null_ml(), &mut so_far.notes);
            fitted = self.fitted(unit, eigen, range, uses_ml, notes)?;
            if fitted.is_none() {
                return Ok(());
            }
        }
        if !self.leaves_out_every() {
            self.say(&so_far.notes.take_texts());
            self.say_of_method(unit.group, method);
        }
        let living = self.living(unit.group);
        let interaction = (fitted.as_ref().zip(living.environment.as_ref()))
            .filter(|_| method.uses_environment())
            .map(|(fitted, environment)| InteractionModel::new(&living, fitted, environment));
        let model = UnitModel {
            group: &living,
            interaction: interaction.transpose()?,
            fitted,
        };
        let likelihood = WeightedLikelihood::new(&living, method);
        let backend = self.setting.backend;
        let scan = is_tested
            .then(|| method.scan(&model, backend))
            .transpose()?;
        let permuted = match (self.permutations, &model.fitted) {
            (Some(options), Some(fitted)) => {
                let observer = self.setting.observer;
                let is_cancelled = || observer.is_cancelled();
                Some(PermutationScan::new(fitted, options, &is_cancelled)?)
            }
            _ => None,
        };
        let columns = method.columns();
        let n_columns = columns.len();
        let ranges = self.study.ranges_of(&unit.kinship);
        let n_snps = self.study.n_read_for(&unit.kinship);
        let mut maxima = self.maxima_of(unit.group, &so_far.maxima);
        let counts = self.timed(Stage::Association, n_snps, |run| {
            let mut counts = FilterCounts::default();
            run.study
                .count_unread(&unit.kinship, unit.group, &mut counts);
            for range in ranges.iter().cloned() {
                let mut blocks = run.study.blocks_of(range)?;
                while let Some(block) = blocks.next_block() {
                    run.go_on()?;
                    let block = block?;
                    let filter = &run.study.filters[unit.group].tested;
                    let judged = run.study.judge(&block, filter, &living.subset);
                    judged.count(&mut counts);
                    let mut traits = match &scan {
                        Some(scan) => scan.scan(&block, &judged.kept)?,
                        None => vec![TraitColumns::empty(n_columns); living.traits.len()],
                    };
                    assert!(
                        traits.len() == living.traits.len()
                            && traits.iter().all(|of| of.values.len() == n_columns),
                        "a method gives all of its columns for every trait"
                    );
                    let (tested, found) = (&judged.kept[..], &mut so_far.diagnosing);
                    run.add_odds(unit.group, &living, &columns, tested, &mut traits, found);
                    found.add_genotypes(&block, tested)?;
                    if let Some(likelihood) = &likelihood {
                        likelihood.correct(&block, &judged.kept, &mut traits);
                    }
                    if let Some(permuted) = &permuted {
                        permuted.add(&block, &judged.kept, &mut maxima);
                    }
                    let excluded = if all_snps { &judged.excluded[..] } else { &[] };
                    let results = AssocBlock::of(&block, &judged.kept, traits, excluded);
                    run.give(unit.group, &block, results, so_far)?;
                    let done = Progress::Advanced(block.len() as u64);
                    run.setting.observer.on(done);
                    blocks.recycle(block);
                }
            }
            Ok(counts)
        })?;
        self.merge_maxima(unit.group, maxima, &mut so_far.maxima);
        so_far.counts.merge(&counts);
        if let Some(chromosome) = unit.kinship.left_out().filter(|_| self.leaves_out_every()) {
            for report in self.reports_of(unit.group) {
                let null = report.null.take();
                report.chromosomes.push(ChromosomeReport {
                    name: chromosome.name.clone(),
                    n_kinship_snps,
                    n_tested: counts.kept,
                    null,
                });
            }
            if counts.kept == 0 && !ranges.is_empty() {
                let purpose = format!("to test on chromosome {}", chromosome.name);
                self.say(&[none_left(&counts, &purpose)]);
            }
        }
        Ok(())
    }

    /// Passes results to the sinks, once those of all earlier SNPs were passed.
    fn give(
        &mut self,
        group: usize,
        block: &GenotypeBlock,
        mut results: AssocBlock,
        so_far: &mut Progressing,
    ) -> Result<()> {
        let reports = &mut self.report.traits;
        let mut columns = std::mem::take(&mut results.traits).into_iter();
        let numbers = self.study.cohort.groups[group].numbers();
        for (place, number) in numbers.into_iter().enumerate() {
            let report = &mut reports[number];
            let of = match report.failure {
                Some(_) => TraitColumns::default(),
                None => columns.next().expect("columns of every living trait"),
            };
            report.statuses.add(&of.flags, &results.exclusion);
            so_far.diagnosing.add_statistics(place, &of);
            results.traits.push(of);
        }
        for ready in so_far.order.add(block.snp_indices(), results) {
            self.each_sink(|sink| sink.block(group, &ready))?;
        }
        Ok(())
    }

    /// The maxima of the living traits of a group.
    fn maxima_of(&self, group: usize, all: &[TraitMaxima]) -> Vec<TraitMaxima> {
        let numbers = self.study.cohort.groups[group].numbers();
        let is_alive = |number: &usize| self.report.traits[*number].failure.is_none();
        let traits = numbers.iter().zip(all);
        let living = traits.filter(|(number, _)| is_alive(number));
        living.map(|(_, maxima)| maxima.clone()).collect()
    }

    /// Puts the `maxima` of the living traits back.
    fn merge_maxima(&self, group: usize, maxima: Vec<TraitMaxima>, all: &mut [TraitMaxima]) {
        let numbers = self.study.cohort.groups[group].numbers();
        let mut maxima = maxima.into_iter();
        for (number, of) in numbers.iter().zip(all) {
            if self.report.traits[*number].failure.is_none() {
                *of = maxima.next().expect("maxima of every living trait");
            }
        }
    }

    /// The notes of the method, once in a run.
    fn say_of_method(&mut self, group: usize, method: &dyn Method) {
        if group == 0 {
            self.say(&method.notes());
        }
    }

    /// Completes the reports of a group.
    fn finish_group(
        &mut self,
        group: usize,
        mut so_far: Progressing,
        method: &dyn Method,
        all_snps: bool,
    ) -> Result<()> {
        if self.leaves_out_every() {
            self.say(&so_far.notes.take_texts());
            self.say_of_method(group, method);
        }
        let counts = so_far.counts;
        let (n, c) = {
            let group = &self.study.cohort.groups[group];
            (group.subset.len(), group.design.c())
        };
        for report in self.reports_of(group) {
            report.filter = counts;
            report.is_tested = true;
        }
        let numbers = self.study.cohort.groups[group].numbers();
        for (number, maxima) in numbers.into_iter().zip(&so_far.maxima) {
            let report = self.report_of(number);
            if report.failure.is_none() {
                report.permutations = Some(maxima.result(n, c));
            }
        }
        if counts.kept == 0 {
            let rows = if all_snps {
                "every row of the association table is one of an excluded SNP"
            } else {
                "the association table has only its header line"
            };
            // As in GEMMA: pipelines with one run per chromosome rely on it.
            self.say(&[format!("{}; {rows}", none_left(&counts, "to test"))]);
        }
        self.finish_diagnostics(group, so_far.diagnosing)?;
        self.linkage(group)
    }
}
