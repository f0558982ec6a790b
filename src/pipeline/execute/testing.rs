//! The tests of the SNPs of one unit of work, block by block.

use super::super::prepare::Testing;
use super::Execution;
use super::diagnostics::Diagnosing;
use super::weighted::WeightedLikelihood;
use crate::assoc::several::SnpDesign;
use crate::assoc::stepwise::Search;
use crate::assoc::{AssocBlock, Coded, Column, Scan, TraitColumns};
use crate::cohort::{TraitGroup, WorkUnit};
use crate::error::Result;
use crate::genotype::{FilterCounts, GenotypeBlock};
use crate::permutation::{PermutationScan, TraitMaxima};
use crate::progress::Progress;

/// The tests of the SNPs of a unit.
pub(super) struct UnitTests<'a> {
    pub(super) group: usize,
    /// The traits that can be analysed.
    pub(super) living: &'a TraitGroup,
    pub(super) testing: &'a Testing,
    pub(super) columns: Vec<Column>,
    /// `None` if there is no kinship, because the unit has no SNP to test.
    pub(super) scan: Option<Box<dyn Scan + 'a>>,
    pub(super) likelihood: Option<WeightedLikelihood<'a>>,
    pub(super) permuted: Option<PermutationScan<'a>>,
}

impl Execution<'_> {
    /// The rows of the SNPs of `block`.
    ///
    /// * `maxima`, `counts`: those of the unit so far
    /// * `search`: the SNP with the smallest p-value so far, if SNPs are selected
    pub(super) fn test_block(
        &self,
        tests: &UnitTests<'_>,
        block: &GenotypeBlock,
        (maxima, counts): (&mut [TraitMaxima], &mut FilterCounts),
        (found, search): (&mut Diagnosing, Option<&mut Search>),
    ) -> Result<AssocBlock> {
        let UnitTests {
            group,
            living,
            testing,
            columns,
            ..
        } = tests;
        let filter = &self.study.filters[*group].tested;
        let judged = self.study.judge(block, filter, &living.subset);
        judged.count(counts);
        let needs_all_genotypes = testing.method.design() == SnpDesign::Genotypic;
        let coding = testing.coding;
        let coded = Coded::new(coding, needs_all_genotypes, block, &judged.kept);
        let (coded_block, tested) = (coded.block(), coded.snps());
        let mut traits = match &tests.scan {
            Some(scan) => scan.scan(coded_block, tested)?,
            None => vec![TraitColumns::empty(columns.len()); living.traits.len()],
        };
        assert!(
            traits.len() == living.traits.len()
                && traits.iter().all(|of| of.values.len() == columns.len()),
            "a method gives all of its columns for every trait"
        );
        self.add_odds(
            *group,
            living,
            (columns, coding),
            tested,
            &mut traits,
            found,
        );
        found.add_genotypes(coded_block, tested)?;
        if let Some(likelihood) = &tests.likelihood {
            likelihood.correct(coded_block, tested, &mut traits);
        }
        // Selected SNPs are additive, so that the coded block is the block itself.
        if let (Some(search), [one]) = (search, &traits[..]) {
            search.add(block, tested, one);
        }
        if let Some(permuted) = &tests.permuted {
            permuted.add(coded_block, tested, maxima);
        }
        let traits = coded.complete(traits);
        let excluded = if testing.all_snps {
            &judged.excluded[..]
        } else {
            &[]
        };
        Ok(AssocBlock::of(block, &judged.kept, traits, excluded))
    }

    /// Tests the SNPs of a unit, of those that this process tests, block by block; returns the counts.
    ///
    /// * `so_far`: the maxima of the living traits, the diagnostics and the search so far
    /// * `take`: receives the results of each block, and the diagnostics
    pub(super) fn test_ranges(
        &mut self,
        unit: &WorkUnit,
        unit_tests: &UnitTests<'_>,
        (maxima, diagnosing, mut search): (
            &mut Vec<TraitMaxima>,
            &mut Diagnosing,
            Option<&mut Search>,
        ),
        mut take: impl FnMut(&mut Self, &GenotypeBlock, AssocBlock, &mut Diagnosing) -> Result<()>,
    ) -> Result<FilterCounts> {
        let mut counts = FilterCounts::default();
        self.study
            .count_unread(&unit.kinship, unit.group, &mut counts);
        for range in self.study.ranges_of(&unit.kinship) {
            let mut blocks = self.study.blocks_of(range)?;
            while let Some(block) = blocks.next_block() {
                self.go_on()?;
                let block = block?;
                let results = self.test_block(
                    unit_tests,
                    &block,
                    (maxima, &mut counts),
                    (diagnosing, search.as_deref_mut()),
                )?;
                take(self, &block, results, diagnosing)?;
                let done = Progress::Advanced(block.len() as u64);
                self.setting.observer.on(done);
                blocks.recycle(block);
            }
        }
        Ok(counts)
    }
}
