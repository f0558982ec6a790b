//! Partial results: the kinship sum and the tests of a range of SNPs.

use super::super::parts::{KinshipPart, StoredBlock, TestPart, TraitOutcome, UnitPart};
use super::Execution;
use super::association::Tests;
use super::decomposed::Decomposed;
use super::diagnostics::Diagnosing;
use super::null::NullNotes;
use super::parted::outside;
use super::testing::UnitTests;
use crate::cohort::KinshipScope;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::kinship::{KinshipKind, KinshipSum, StoredSum};
use crate::permutation::TraitMaxima;
use std::collections::BTreeMap;
use std::ops::Range;

impl Execution<'_> {
    /// What the SNPs at `snps` contribute to the kinships of the `wanted` individuals for a group, without the sums: each is passed
    /// to `take`, with the number of its unit, when its last SNP is added.
    pub(super) fn kinship_part(
        &self,
        group: usize,
        (kind, wanted): (KinshipKind, &Subset),
        snps: Range<usize>,
        mut take: impl FnMut(u32, StoredSum) -> Result<()>,
    ) -> Result<KinshipPart> {
        let encoding = self.study.source.encoding();
        let scopes = &self.study.scopes;
        let leaves_out_every = self.leaves_out_every();
        let end_of = |scope: &KinshipScope| match scope.left_out() {
            Some(chromosome) if leaves_out_every => chromosome.snps.last().map_or(0, |of| of.end),
            _ => usize::MAX,
        };
        let ends: Vec<usize> = scopes.iter().map(end_of).collect();
        let mut sums: BTreeMap<usize, KinshipSum> = BTreeMap::new();
        let mut n_snps = vec![0; scopes.len()];
        let mut used = Vec::new();
        let mut n_left_out = 0;
        let start = snps.start;
        let counts = self.each_kinship_block(group, snps, |block, kept| {
            let end = block.snp_indices().end;
            used.resize(end - start, false);
            // In the order of their first SNPs, so that the sum of one chromosome is written before that of the next begins.
            for (unit, scope) in scopes.iter().enumerate() {
                let of_chromosome = scope
                    .left_out()
                    .map_or(Vec::new(), |one| one.of(kept).concat());
                let chosen = if leaves_out_every {
                    of_chromosome
                } else {
                    n_left_out += of_chromosome.len();
                    outside(kept, &of_chromosome)
                };
                n_snps[unit] += chosen.len();
                if !chosen.is_empty() {
                    chosen.iter().for_each(|&snp| used[snp - start] = true);
                    let sum = sums.entry(unit);
                    sum.or_insert_with(|| KinshipSum::new(kind, wanted.clone(), encoding))
                        .add(block, &chosen);
                }
                if ends[unit] <= end
                    && let Some(sum) = sums.remove(&unit)
                {
                    take(unit as u32, sum.into())?;
                }
            }
            Ok(())
        })?;
        while let Some((unit, sum)) = sums.pop_first() {
            take(unit as u32, sum.into())?;
        }
        Ok(KinshipPart {
            group,
            sums: BTreeMap::new(),
            n_snps,
            counts,
            n_left_out,
            used: BTreeMap::from([(start, used)]),
            seen: vec![self.study.seen(self.name.clone())],
        })
    }

    /// Decomposes the kinship of a unit, fits its null models, and passes its tests to `then`: what was found before, and what
    /// `then` returns; `None` if every trait has failed.
    pub(super) fn unit_part<T>(
        &mut self,
        tests: Tests<'_>,
        number: usize,
        decompose: impl FnOnce(&mut Self) -> Result<Decomposed>,
        then: impl FnOnce(&mut Self, &UnitTests<'_>) -> Result<T>,
    ) -> Result<(UnitPart, Option<T>)> {
        let group = tests.group;
        let unit = self.numbered_unit(group, number);
        let numbers = self.study.cohort.groups[group].numbers();
        for &number in &numbers {
            // The outcome of another unit in the same process does not matter here.
            self.report_of(number).failure = None;
        }
        self.report.times.clear();
        let mut null_notes = NullNotes::new(self.report.are_several, 0);
        let (mut n_kinship_snps, mut has_kinship) = (0, false);
        let mut part = None;
        let done = decompose(self).and_then(|decomposed| {
            n_kinship_snps = decomposed.n_snps;
            has_kinship = decomposed.rotation.is_some();
            self.with_unit_tests(
                &unit,
                decomposed,
                tests,
                &mut null_notes,
                |run, unit_tests, notes| {
                    part = Some(run.outcome(&numbers, notes));
                    then(run, unit_tests)
                },
            )
        });
        let (failure, found) = match done {
            Ok(found) => (None, found),
            Err(error) if self.is_of_traits(&error) => (Some(error.parts()), None),
            Err(error) => return Err(error),
        };
        let mut part = part.unwrap_or_else(|| self.outcome(&numbers, &null_notes));
        (part.group, part.unit) = (group, number);
        (part.n_kinship_snps, part.has_kinship) = (n_kinship_snps, has_kinship);
        part.is_tested = found.is_some();
        part.failure = failure;
        Ok((part, found))
    }

    /// What the report says about traits and notes after the null models were fitted.
    fn outcome(&mut self, numbers: &[usize], null_notes: &NullNotes) -> UnitPart {
        let traits = numbers.iter().map(|&number| {
            let report = self.report_of(number);
            TraitOutcome {
                number,
                failure: report.failure.clone(),
                null: report.null.take(),
                kinship_filter: report.kinship_filter,
                copies: report.diagnostics.copies.clone(),
            }
        });
        UnitPart {
            group: 0,
            unit: 0,
            traits: traits.collect(),
            notes: self.report.notes.split_off(self.n_notes_before),
            null_notes: null_notes.texts().to_vec(),
            n_kinship_snps: 0,
            has_kinship: false,
            is_tested: true,
            failure: None,
            times: self.report.times.clone(),
            seen: Vec::new(),
        }
    }

    /// The tests of those of `snps` that belong to a unit.
    pub(super) fn test_part(
        &mut self,
        tests: &UnitTests<'_>,
        number: usize,
        snps: Range<usize>,
    ) -> Result<TestPart> {
        let group = tests.group;
        let unit = self.numbered_unit(group, number);
        let living = tests.living.numbers();
        let n_traits = self.study.cohort.groups[group].traits.len();
        let maxima = (self.permutations.iter())
            .flat_map(|&options| vec![TraitMaxima::new(options); living.len()]);
        let mut maxima: Vec<TraitMaxima> = maxima.collect();
        let mut diagnosing = Diagnosing::new(&tests.columns, n_traits, &tests.living.subset, false);
        let has_records = self.study.source.snps().is_some();
        let mut blocks = Vec::new();
        let all = self.study.only.replace(snps.clone());
        let so_far = (&mut maxima, &mut diagnosing, None);
        let counts = self.test_ranges(&unit, tests, so_far, |_, block, results, _| {
            let snps = block.snp_indices();
            blocks.push(StoredBlock::of(results, snps, &living, has_records));
            Ok(())
        });
        self.study.only = all;
        Ok(TestPart {
            group,
            unit: number,
            snps,
            blocks,
            counts: counts?,
            maxima: living.into_iter().zip(maxima).collect(),
            n_without_odds: diagnosing.n_without_odds().to_vec(),
            seen: self.study.seen(self.name.clone()),
        })
    }
}

impl Error {
    /// The message and the remedy of an error of the data.
    fn parts(&self) -> [String; 2] {
        [
            self.to_string(),
            self.hint().unwrap_or_default().into_owned(),
        ]
    }
}
