//! Linkage disequilibrium: r² of a SNP with others, from a source of any format.

use super::source::GenotypeSource;
use crate::error::Result;
use crate::genotype::{GenotypeBlock, Subset};
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;

/// SNPs between two wanted ones that are read too, because a range more costs more.
const GAP: usize = 64;
/// SNPs read at a time.
const SNPS_AT_ONCE: usize = 1024;

/// r² of the SNP `lead` with each of `snps`: the squared correlation of their dosages over `individuals`, in which missing ones are
/// the mean, as in the tests; NaN if one of them does not vary.
///
/// * `lead`, `snps`: indices in `source`
/// * `go_on`: called for every block; an error ends the reading
pub fn squared_correlations(
    source: &dyn GenotypeSource,
    individuals: &Subset,
    lead: usize,
    snps: &[usize],
    go_on: &dyn Fn() -> Result<()>,
) -> Result<Vec<f32>> {
    let mut of_lead = Vec::new();
    each_block(source, lead..lead + 1, go_on, &mut |block| {
        of_lead = centred(block, lead, individuals);
    })?;
    let mut found = HashMap::with_capacity(snps.len());
    let mut wanted = snps.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    for range in ranges(&wanted) {
        each_block(source, range, go_on, &mut |block| {
            let read = block.snp_indices();
            let first = wanted.partition_point(|snp| *snp < read.start);
            let end = wanted.partition_point(|snp| *snp < read.end);
            let of_snp = |&snp: &usize| {
                let x = centred(block, snp, individuals);
                (snp, correlation2(&of_lead, &x))
            };
            let r2: Vec<(usize, f32)> = wanted[first..end].par_iter().map(of_snp).collect();
            found.extend(r2);
        })?;
    }
    let r2 = |snp| found.get(snp).copied().unwrap_or(f32::NAN);
    Ok(snps.iter().map(r2).collect())
}

fn each_block(
    source: &dyn GenotypeSource,
    snps: Range<usize>,
    go_on: &dyn Fn() -> Result<()>,
    work: &mut dyn FnMut(&GenotypeBlock),
) -> Result<()> {
    let mut blocks = source.blocks(snps, SNPS_AT_ONCE)?;
    while let Some(block) = blocks.next_block() {
        go_on()?;
        let block = block?;
        work(&block);
        blocks.recycle(block);
    }
    Ok(())
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
