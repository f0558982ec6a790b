//! The scan against explicit matrices, its bits, and its level.

mod bits;
mod dense;
mod level;

use super::{PermutationOptions, PermutationScan, TraitMaxima};
use crate::eigen::Eigen;
use crate::genotype::{GenotypeBlock, Genotypes, SnpSummary, Subset};
use crate::kinship::Kinship;
use crate::null::tests::Uniform;
use crate::null::{FittedGroup, FittedTrait, LambdaRange};
use crate::rotation::{RotatedDesign, Rotation};
use faer::Mat;
use std::ops::Range;
use std::sync::Arc;

/// Tested SNPs that have no statistic, by their index in the study.
const MONOMORPHIC: usize = 1;
const COVARIATE: usize = 2;
const MISSING: usize = 3;

/// A subset of individuals in families, with polygenic traits and a covariate.
struct Study {
    n_total: usize,
    /// Dosages of the tested SNPs, SNP by SNP; NaN if missing.
    dosages: Vec<f64>,
    subset: Subset,
    /// Centred kinship, from other SNPs.
    k: Mat<f64>,
    /// Intercept and covariate.
    w: Mat<f64>,
    rotation: Arc<Rotation>,
    design: Arc<RotatedDesign>,
    traits: Vec<Vec<f64>>,
}

impl Study {
    /// One individual in eleven is excluded.
    fn simulate(seed: u64, n_total: usize, n_snps: usize, n_traits: usize) -> Self {
        let mut random = Uniform(seed);
        let dosages = tested_snps(&mut random, n_total, n_snps);
        let subset = Subset::new(n_total, (0..n_total).filter(|i| i % 11 != 3).collect());
        let n = subset.len();
        let z = background(&mut random, subset.rows());
        let k = &z * z.transpose();
        let covariate = |i: usize| dosages[COVARIATE * n_total + subset.rows()[i]];
        let w = Mat::from_fn(n, 2, |i, j| if j == 0 { 1.0 } else { covariate(i) });
        let mut trait_of = |_| {
            let effects: Vec<f64> = (0..z.ncols()).map(|_| random.normal()).collect();
            let polygenic =
                |i: usize| -> f64 { z.row(i).iter().zip(&effects).map(|(z, b)| z * b).sum() };
            let y = (0..n).map(|i| 10.0 + 0.5 * w[(i, 1)] + polygenic(i) + random.normal());
            y.collect()
        };
        let traits = (0..n_traits).map(&mut trait_of).collect();
        let eigen = Eigen::of(Kinship { matrix: k.clone() }, &|_| ()).unwrap();
        let rotation = Arc::new(Rotation::new(eigen, subset.clone()));
        let design = Arc::new(RotatedDesign::new(&rotation, w.as_ref()).unwrap());
        Self {
            n_total,
            dosages,
            subset,
            k,
            w,
            rotation,
            design,
            traits,
        }
    }

    fn n_snps(&self) -> usize {
        self.dosages.len() / self.n_total
    }

    /// The SNPs `range` in a block.
    fn block(&self, range: &Range<usize>, is_packed: bool) -> GenotypeBlock {
        let dosages = &self.dosages[range.start * self.n_total..range.end * self.n_total];
        let genotypes = if is_packed {
            let snps = dosages.chunks(self.n_total);
            let byte = |four: &[f64]| {
                let codes = four.iter().enumerate();
                codes.fold(0, |byte, (k, x)| byte | code(*x) << (2 * k))
            };
            Genotypes::Packed(snps.flat_map(|snp| snp.chunks(4).map(byte)).collect())
        } else {
            Genotypes::Dosages(dosages.to_vec())
        };
        GenotypeBlock::new(range.start, self.n_total, genotypes)
    }

    fn group(&self, traits: &[usize]) -> FittedGroup {
        let fit = |&t: &usize| {
            let (y, range) = (&self.traits[t], LambdaRange::default());
            FittedTrait::fit(format!("trait {t}"), y, &self.rotation, &self.design, range).unwrap()
        };
        FittedGroup::new(traits.iter().map(fit).collect())
    }

    /// The maxima over the SNPs `range` in blocks of `width` SNPs.
    fn maxima(
        &self,
        scan: &PermutationScan<'_>,
        range: Range<usize>,
        width: usize,
        is_packed: bool,
    ) -> Vec<TraitMaxima> {
        let mut maxima = scan.maxima();
        let mut x = vec![0.0; self.subset.len()];
        for first in range.clone().step_by(width) {
            let part = first..range.end.min(first + width);
            let block = self.block(&part, is_packed);
            let snps: Vec<SnpSummary> = part
                .map(|s| block.summarise(s, &self.subset, &mut x).summary)
                .collect();
            scan.add(&block, &snps, &mut maxima);
        }
        maxima
    }
}

fn scan(group: &FittedGroup, count: usize, seed: u64) -> PermutationScan<'_> {
    PermutationScan::new(group, PermutationOptions { count, seed }, &|| false).unwrap()
}

/// The two-bit code of a hard call.
fn code(dosage: f64) -> u8 {
    if dosage.is_nan() {
        1
    } else {
        [3, 2, 0][dosage as usize]
    }
}

/// Genotypes at one SNP of the individuals in `rows`: families of four consecutive rows, who are much alike.
fn genotypes(random: &mut Uniform, rows: &[usize]) -> Vec<f64> {
    let frequency = 0.2 + 0.6 * random.next();
    let families = rows.iter().max().map_or(0, |last| last / 4 + 1);
    let of_family: Vec<f64> = (0..families).map(|_| random.genotype(frequency)).collect();
    let genotype = |row: &usize| {
        let own = random.genotype(frequency);
        if random.next() < 0.7 {
            of_family[row / 4]
        } else {
            own
        }
    };
    rows.iter().map(genotype).collect()
}

/// Dosages with missing calls.
fn tested_snps(random: &mut Uniform, n: usize, n_snps: usize) -> Vec<f64> {
    let all: Vec<usize> = (0..n).collect();
    let mut dosages = Vec::with_capacity(n * n_snps);
    for s in 0..n_snps {
        let complete = genotypes(random, &all);
        dosages.extend(complete.into_iter().map(|dosage| {
            let is_missing = s != COVARIATE && random.next() < 0.02;
            if is_missing { f64::NAN } else { dosage }
        }));
    }
    dosages[MONOMORPHIC * n..][..n].fill(1.0);
    dosages[MISSING * n..][..n].fill(f64::NAN);
    dosages
}

/// Centred genotypes of the individuals in `rows`, scaled such that their kinship has diagonal 1 on average.
fn background(random: &mut Uniform, rows: &[usize]) -> Mat<f64> {
    let n = rows.len();
    let mut z = Mat::zeros(n, 4 * n);
    for j in 0..z.ncols() {
        let column = genotypes(random, rows);
        let mean = column.iter().sum::<f64>() / n as f64;
        (0..n).for_each(|i| z[(i, j)] = column[i] - mean);
    }
    let scale = z.norm_l2() / (n as f64).sqrt();
    Mat::from_fn(n, z.ncols(), |i, j| z[(i, j)] / scale)
}
