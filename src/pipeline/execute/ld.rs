//! Linkage disequilibrium around top SNPs, for the sinks that ask for it.

use super::Execution;
use crate::error::Result;
use crate::genotype::{GenotypeBlock, Subset};
use crate::output::sink::LdRequest;
use crate::progress::Stage;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

/// SNPs between two wanted ones that are read too, because a range more costs more.
const GAP: usize = 64;

impl Execution<'_> {
    /// Passes r² to the sinks that ask for it: a second reading of a few ranges of SNPs.
    pub(super) fn linkage(&mut self, group: usize) -> Result<()> {
        let mut requests = Vec::new();
        self.each_sink(|sink| {
            requests.push(sink.ld_requests(group));
            Ok(())
        })?;
        // A source without a list of its SNPs is read from its beginning each time.
        if self.study.source.snps().is_none() || requests.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let started = Instant::now();
        let subset = self.study.cohort.groups[group].subset.clone();
        let mut found = Vec::new();
        for of_sink in requests {
            let r2 = of_sink.iter().map(|one| self.r2(&subset, one));
            found.push(r2.collect::<Result<Vec<_>>>()?);
        }
        let mut found = found.into_iter();
        self.each_sink(|sink| match found.next() {
            Some(r2) if !r2.is_empty() => sink.ld(group, r2),
            _ => Ok(()),
        })?;
        self.report.add_time(Stage::Association, started.elapsed());
        Ok(())
    }

    /// r² of the lead SNP with each SNP of a request: the squared correlation of their dosages over `subset`, in which missing
    /// ones are the mean, as in the tests.
    fn r2(&self, subset: &Subset, request: &LdRequest) -> Result<Vec<f32>> {
        let mut lead = Vec::new();
        self.each_block_of(request.lead..request.lead + 1, &mut |block| {
            lead = centred(block, request.lead, subset);
        })?;
        let mut found = HashMap::with_capacity(request.snps.len());
        let mut wanted = request.snps.clone();
        wanted.sort_unstable();
        wanted.dedup();
        for range in ranges(&wanted) {
            self.each_block_of(range, &mut |block| {
                let snps = block.snp_indices();
                let first = wanted.partition_point(|snp| *snp < snps.start);
                let end = wanted.partition_point(|snp| *snp < snps.end);
                let of_snp =
                    |&snp: &usize| (snp, correlation2(&lead, &centred(block, snp, subset)));
                let r2: Vec<(usize, f32)> = wanted[first..end].par_iter().map(of_snp).collect();
                found.extend(r2);
            })?;
        }
        let r2 = |snp| found.get(snp).copied().unwrap_or(f32::NAN);
        Ok(request.snps.iter().map(r2).collect())
    }

    fn each_block_of(
        &self,
        snps: Range<usize>,
        work: &mut dyn FnMut(&GenotypeBlock),
    ) -> Result<()> {
        let mut blocks = self.study.blocks_of(snps)?;
        while let Some(block) = blocks.next_block() {
            self.go_on()?;
            let block = block?;
            work(&block);
            blocks.recycle(block);
        }
        Ok(())
    }
}

/// Ranges that contain the `wanted` SNPs, which are ascending.
fn ranges(wanted: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for &snp in wanted {
        match ranges.last_mut() {
            Some(last) if snp < last.end + GAP => last.end = snp + 1,
            _ => ranges.push(snp..snp + 1),
        }
    }
    ranges
}

/// The dosages of a SNP minus their mean, which also replaces missing ones.
fn centred(block: &GenotypeBlock, snp: usize, subset: &Subset) -> Vec<f64> {
    let mut x = vec![0.0; subset.len()];
    block.fill_column(snp, subset, f64::NAN, &mut x);
    let observed = || x.iter().filter(|x| !x.is_nan());
    let mean = observed().sum::<f64>() / observed().count() as f64;
    for x in &mut x {
        *x = if x.is_nan() { 0.0 } else { *x - mean };
    }
    x
}

fn correlation2(a: &[f64], b: &[f64]) -> f32 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    (dot(a, b).powi(2) / (dot(a, a) * dot(b, b))) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;

    #[test]
    fn near_snps_are_read_in_one_range() {
        assert_eq!(ranges(&[3, 4, 60, 200, 201]), [3..61, 200..202]);
        assert!(ranges(&[]).is_empty());
    }

    #[test]
    fn r2_is_the_squared_correlation_with_missing_values_at_the_mean() {
        let dosages = vec![
            0.0,
            1.0,
            2.0,
            1.0,
            2.0,
            1.0,
            0.0,
            1.0,
            0.0,
            f64::NAN,
            2.0,
            1.0,
            1.0,
            1.0,
            1.0,
            1.0,
        ];
        let block = GenotypeBlock::new(5, 4, Genotypes::Dosages(dosages));
        let all = Subset::everybody(4);
        let of = |snp| centred(&block, snp, &all);
        assert_eq!(correlation2(&of(5), &of(6)), 1.0);
        assert_eq!(of(7), [-1.0, 0.0, 1.0, 0.0]);
        assert_eq!(correlation2(&of(5), &of(7)), 1.0);
        assert!(correlation2(&of(5), &of(8)).is_nan());
    }
}
