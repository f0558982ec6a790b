//! The kinships without each chromosome, from one pass over the genotypes.

use super::super::parts::{ALL_UNITS, KinshipPart};
use super::{Execution, none_left, without};
use crate::backend::{KinshipAccumulator, PartedKinshipSum};
use crate::cohort::KinshipScope;
use crate::error::{Error, Result};
use crate::genotype::{Encoding, FilterCounts, Subset};
use crate::kernels::memory::give_back;
use crate::kinship::{Kinship, KinshipKind, KinshipSum, StoredSum};
use crate::progress::{Progress, Stage};
use std::collections::BTreeMap;
use std::ops::Range;

/// The kinship sum of all chromosomes, any of which can be left out.
pub(super) struct Parted<'a> {
    sum: Sums<'a>,
    pub(super) kind: KinshipKind,
    /// Whether each SNP is in the sum.
    used: Vec<bool>,
    /// SNPs of each chromosome that pass the filters of the tests, if these are the filters of the kinship.
    pub(super) n_tested: Option<Vec<usize>>,
}

enum Sums<'a> {
    /// Of this process.
    Here(Box<dyn PartedKinshipSum + 'a>),
    Elsewhere(Box<SumsElsewhere>),
}

/// Sums that were computed elsewhere.
struct SumsElsewhere {
    group: usize,
    /// The sum of all SNPs, until it is used for the last time.
    whole: Option<KinshipSum>,
    /// How many times it will be used.
    n_uses: usize,
    /// The sums of chromosomes that came with it; the others are asked for one after the other.
    given: BTreeMap<u32, StoredSum>,
    /// Number of SNPs of each chromosome.
    n_snps: Vec<usize>,
}

impl SumsElsewhere {
    /// The whole sum without the SNPs of scope number `part`, whose sum is `left_out` unless it came with the whole.
    fn without(&mut self, part: usize, left_out: Option<StoredSum>) -> Result<KinshipSum> {
        let left_out = self.given.remove(&(part as u32)).or(left_out);
        if left_out.as_ref().map_or(0, StoredSum::n_snps) != self.n_snps[part] {
            return Err(Error::inconsistent(
                "a chromosome that is left out has other SNPs than its sum",
                "compute the parts again",
            ));
        }
        self.n_uses -= 1;
        let rest = if self.n_uses == 0 {
            self.whole.take()
        } else {
            self.whole.clone()
        };
        let mut rest = rest.expect("the whole sum is kept until its last use");
        if let Some(left_out) = left_out {
            rest.subtract(left_out.into());
        }
        Ok(rest)
    }
}

impl Parted<'_> {
    /// SNPs of the kinship without scope number `part`.
    pub(super) fn n_snps_without(&self, part: usize) -> usize {
        match &self.sum {
            Sums::Here(sum) => sum.n_snps_without(part),
            Sums::Elsewhere(sums) => sums.n_snps.iter().sum::<usize>() - sums.n_snps[part],
        }
    }
}

impl<'a> Execution<'a> {
    /// Sums the kinship of the `wanted` individuals for every chromosome.
    pub(super) fn parted(
        &mut self,
        group: usize,
        kind: KinshipKind,
        wanted: Subset,
    ) -> Result<Parted<'a>> {
        let n_snps = self.study.n_snps();
        self.timed(Stage::Kinship, n_snps, |run| {
            let (backend, encoding) = (run.setting.backend, run.study.source.encoding());
            let n_parts = run.study.scopes.len();
            let keeps = run.loco.keeps_parts;
            let mut used = vec![false; n_snps.unwrap_or_default()];
            let mut n_of_parts = vec![0; n_parts];
            let n_uses = if run.given_sum.is_some() { 1 } else { n_parts };
            if let Some(part) = run.summed(group)? {
                return run.parted_of((kind, wanted, encoding), part, n_uses);
            }
            let mut sum = backend.parted_kinship_sum(kind, wanted, encoding, n_parts, keeps)?;
            let counts = run.each_kinship_block(group, 0..usize::MAX, |block, kept| {
                used.resize(used.len().max(block.snp_indices().end), false);
                kept.iter().for_each(|&snp| used[snp] = true);
                for (part, scope) in run.study.scopes.iter().enumerate() {
                    let of_part = scope
                        .left_out()
                        .map_or(Vec::new(), |one| one.of(kept).concat());
                    n_of_parts[part] += of_part.len();
                    if !of_part.is_empty() {
                        sum.add(part, block, &of_part)?;
                    }
                }
                Ok(())
            })?;
            let is_of_tested = run.record_kinship(group, counts)?;
            Ok(Parted {
                sum: Sums::Here(sum),
                kind,
                used,
                n_tested: is_of_tested.then_some(n_of_parts),
            })
        })
    }

    /// The sums that were computed elsewhere.
    ///
    /// * `n_uses`: the number of chromosomes that will be left out
    fn parted_of(
        &mut self,
        (kind, wanted, encoding): (KinshipKind, Subset, Encoding),
        mut part: KinshipPart,
        n_uses: usize,
    ) -> Result<Parted<'a>> {
        let used = part.all_used();
        let whole = part
            .sums
            .remove(&ALL_UNITS)
            .map_or_else(|| KinshipSum::new(kind, wanted, encoding), KinshipSum::from);
        let n_snps = part.n_snps;
        if whole.n_snps() != n_snps.iter().sum::<usize>() {
            return Err(Error::inconsistent(
                "a kinship has other SNPs than its chromosomes",
                "compute the parts again",
            ));
        }
        let is_of_tested = self.record_kinship(part.group, part.counts)?;
        Ok(Parted {
            n_tested: is_of_tested.then(|| n_snps.clone()),
            sum: Sums::Elsewhere(Box::new(SumsElsewhere {
                group: part.group,
                whole: Some(whole),
                n_uses,
                given: part.sums,
                n_snps,
            })),
            kind,
            used,
        })
    }

    /// The kinship without the chromosome of scope number `part`, and the number of its SNPs.
    pub(super) fn without(
        &mut self,
        parted: &mut Parted<'a>,
        part: usize,
    ) -> Result<(Kinship, usize)> {
        let scope = self.study.scopes[part].clone();
        let n_snps = parted.n_snps_without(part);
        if n_snps == 0 {
            return Err(Error::degenerate(
                format!("no SNP is left for the kinship{}", without(&scope)),
                "all SNPs that pass the filters are on that chromosome; relax the filters, or omit -loco",
            ));
        }
        self.timed(Stage::Kinship, None, |run| {
            let used = &parted.used;
            let mut add_part = |sum: &mut dyn KinshipAccumulator| {
                run.each_used(&scope, used, true, |block, snps| sum.add(block, snps))
            };
            let mut sum: Box<dyn KinshipAccumulator + '_> = match &mut parted.sum {
                Sums::Here(sum) => sum.without(part, &mut add_part)?,
                Sums::Elsewhere(sums) => {
                    // Of the chromosome before.
                    give_back();
                    let elsewhere = run.setting.elsewhere.as_deref_mut();
                    let left_out =
                        elsewhere.map_or(Ok(None), |from| from.chromosome(sums.group, part));
                    Box::new(sums.without(part, left_out?)?)
                }
            };
            while sum.needs_another_pass()? {
                run.each_used(&scope, used, false, |block, snps| {
                    sum.add_again(block, snps)
                })?;
            }
            Ok((sum.finish()?, n_snps))
        })
    }

    /// Passes the SNPs `used` that are on the chromosome of `scope`, or those that are not, to `call`.
    fn each_used(
        &self,
        scope: &KinshipScope,
        used: &[bool],
        are_on_it: bool,
        mut call: impl FnMut(&crate::genotype::GenotypeBlock, &[usize]) -> Result<()>,
    ) -> Result<()> {
        let all = 0..usize::MAX;
        let ranges = if are_on_it { scope.tested() } else { vec![all] };
        for range in ranges {
            let mut blocks = self.study.blocks_of(range)?;
            while let Some(block) = blocks.next_block() {
                self.go_on()?;
                let block = block?;
                let snps: Vec<usize> = block.snp_indices().filter(|&snp| used[snp]).collect();
                let on_it = scope
                    .left_out()
                    .map_or(Vec::new(), |one| one.of(&snps).concat());
                let chosen = if are_on_it {
                    on_it
                } else {
                    outside(&snps, &on_it)
                };
                if !chosen.is_empty() {
                    call(&block, &chosen)?;
                }
                blocks.recycle(block);
            }
        }
        Ok(())
    }

    /// Passes those of `snps` in each block that pass the kinship filter of a group to `call`; returns the counts.
    pub(super) fn each_kinship_block(
        &self,
        group: usize,
        snps: Range<usize>,
        mut call: impl FnMut(&crate::genotype::GenotypeBlock, &[usize]) -> Result<()>,
    ) -> Result<FilterCounts> {
        let chosen = self.study.filters[group].kinship.as_ref();
        let chosen = chosen.expect("a kinship that is computed has a filter");
        let mut counts = FilterCounts::default();
        if snps.is_empty() {
            return Ok(counts);
        }
        let mut blocks = self.study.blocks_of(snps)?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            let judged = self.study.judge(&block, &chosen.filter, &chosen.qc);
            judged.count(&mut counts);
            let kept: Vec<usize> = judged.kept.iter().map(|snp| snp.snp_index).collect();
            call(&block, &kept)?;
            let done = Progress::Advanced(block.len() as u64);
            self.setting.observer.on(done);
            blocks.recycle(block);
        }
        Ok(counts)
    }

    /// Records the SNPs of a group's kinship; returns whether they are also the tested ones. Fails if there are none.
    pub(super) fn record_kinship(&mut self, group: usize, counts: FilterCounts) -> Result<bool> {
        if counts.kept == 0 {
            return Err(Error::degenerate(
                none_left(&counts, "for the kinship"),
                "relax -maf, -miss, -hwe or -r2, or check the list of SNPs",
            ));
        }
        let filters = &self.study.filters[group];
        let is_of_tested = filters.kinship.as_ref().is_some_and(|of| of.is_of_tested);
        for report in self.reports_of(group) {
            report.kinship_filter = Some(counts);
            if is_of_tested {
                report.filter = counts;
            }
        }
        Ok(is_of_tested)
    }
}

/// Those of the ascending `snps` that are not among `others`, which are some of them.
pub(super) fn outside(snps: &[usize], others: &[usize]) -> Vec<usize> {
    let mut others = others.iter().peekable();
    let is_outside = |snp: &&usize| others.next_if(|other| other == snp).is_none();
    snps.iter().filter(is_outside).copied().collect()
}
