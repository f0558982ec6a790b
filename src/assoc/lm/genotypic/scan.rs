//! Parallel tests over blocks of SNPs.

use super::columns::{GenotypicLm, GenotypicStatistic, TwoEffects};
use crate::assoc::lm::design::Residual;
use crate::assoc::lm::regression::{Degrees, Regression};
use crate::assoc::lm::scan::{CHUNK_SNPS, LEAST_LEFT};
use crate::assoc::lm::study::{LinearStudy, PackedProducts};
use crate::assoc::{Scan, SnpFlags, TraitColumns, Undefined};
use crate::cohort::TraitGroup;
use crate::error::Result;
use crate::genotype::{Coding, GenotypeBlock, SnpSummary};
use crate::kernels::orthonormal::dot;
use crate::rotation::COLLINEAR_BELOW;
use rayon::prelude::*;

/// x and h' after regressing out the covariates.
#[derive(Clone, Copy)]
struct ProjectedPair {
    /// xᵀPx.
    xpx: f64,
    /// s.
    slope: f64,
    /// h'ᵀPh'.
    hph: f64,
    /// Whether the columns of the scratch memory are Px and Ph'.
    are_columns: bool,
}

/// Tests SNPs in the genotypic model for every trait of a group.
pub struct GenotypicLmScan<'g> {
    study: LinearStudy<'g>,
    degrees: Degrees,
    statistics: Vec<GenotypicStatistic>,
}

/// A SNP in both columns: its block and its summary, before coding and after.
#[derive(Clone, Copy)]
struct BothColumns<'a> {
    blocks: [&'a GenotypeBlock; 2],
    summaries: [&'a SnpSummary; 2],
}

/// Scratch memory of one task: of both columns.
#[derive(Default)]
struct Scratch {
    of_chunk: [PackedProducts; 2],
    products: [Vec<f64>; 2],
    x: Vec<f64>,
    h: Vec<f64>,
    /// The residual of a trait after the SNP.
    rest: Vec<f64>,
}

impl<'g> GenotypicLmScan<'g> {
    /// Prepares the scan of SNPs for `group`.
    ///
    /// # Panics
    /// If the group has no more than c + 2 individuals, or no intercept.
    #[must_use]
    pub fn new(group: &'g TraitGroup, options: GenotypicLm) -> Self {
        let (n, c) = (group.subset.len(), group.design.c());
        assert!(n > c + 2, "checked when the run was prepared");
        Self {
            study: LinearStudy::new(group),
            degrees: Degrees {
                n: n as f64,
                df: (n - c - 2) as f64,
            },
            statistics: GenotypicStatistic::of(options.tests, options.log10p),
        }
    }

    /// The columns of `snps`, at most [`CHUNK_SNPS`], for each trait.
    fn chunk(
        &self,
        blocks: [&GenotypeBlock; 2],
        snps: &[SnpSummary],
        scratch: &mut Scratch,
    ) -> Vec<TraitColumns> {
        let coded: Vec<SnpSummary> = (snps.iter())
            .map(|snp| Coding::HETEROZYGOTES.summary(snp))
            .collect();
        for ((block, snps), products) in
            (blocks.into_iter().zip([snps, &coded])).zip(&mut scratch.of_chunk)
        {
            self.study.multiply(block, snps, products);
        }
        let columns = TraitColumns {
            flags: Vec::with_capacity(snps.len()),
            values: vec![Vec::with_capacity(snps.len()); self.statistics.len()],
        };
        let mut traits = vec![columns; self.study.design.traits.len()];
        for (s, (snp, coded)) in snps.iter().zip(&coded).enumerate() {
            for (products, out) in scratch.of_chunk.iter().zip(&mut scratch.products) {
                products.copy(s, &self.study, out);
            }
            let snp = BothColumns {
                blocks,
                summaries: [snp, coded],
            };
            let projected = self.project(snp, scratch);
            let of_traits = self.study.design.traits.iter().zip(&mut traits);
            for (t, (of, columns)) in of_traits.enumerate() {
                let (effects, flags) = match projected {
                    Some(pair) => self.regress(snp, pair, t, of, scratch),
                    None => (
                        TwoEffects::NAN,
                        SnpFlags {
                            undefined: Some(Undefined::Collinear),
                            ..SnpFlags::default()
                        },
                    ),
                };
                columns.flags.push(flags);
                for (values, statistic) in columns.values.iter_mut().zip(&self.statistics) {
                    values.push(statistic.value(&effects, self.degrees));
                }
            }
        }
        traits
    }

    /// Both columns without the covariates, from the counts and products of the SNP; `None` if one is a combination of the
    /// covariates and the column before it.
    fn project(&self, snp: BothColumns<'_>, scratch: &mut Scratch) -> Option<ProjectedPair> {
        let [counts, coded] = snp.summaries.map(|summary| &summary.counts);
        let (observed, missing) = (counts.observed() as f64, counts.missing as f64);
        let [x, h] = [counts, coded].map(|counts| counts.allele1() as f64);
        let [xx, hh] = [counts, coded].map(|counts| (counts.one + 4 * counts.two) as f64);
        let [mean_x, mean_h] = snp.summaries.map(SnpSummary::mean);
        // Whole numbers up to the division; imputed genotypes are at the means. x h = h, because x is 1 for heterozygotes.
        let centred = |sum: f64, a: f64, b: f64| (observed * sum - a * b) / observed;
        let (centred_xx, centred_hh) = (centred(xx, x, x), centred(hh, h, h));
        let c = self.study.design.c() - 1;
        let [of_x, of_h] = scratch.products.each_ref().map(|products| &products[..c]);
        let explained = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let xpx = centred_xx - explained(of_x, of_x);
        let xph = centred(h, x, h) - explained(of_x, of_h);
        let slope = xph / xpx;
        let hph = centred_hh - explained(of_h, of_h) - slope * xph;
        let mut pair = ProjectedPair {
            xpx,
            slope,
            hph,
            are_columns: false,
        };
        // The negation also catches NaN.
        if !(xpx > LEAST_LEFT * centred_xx && hph > LEAST_LEFT * centred_hh) {
            pair = self.fill_columns(snp, scratch);
        }
        let total_x = xx + missing * mean_x * mean_x;
        let total_h = hh + missing * mean_h * mean_h;
        let is_regular =
            pair.xpx > COLLINEAR_BELOW * total_x && pair.hph > COLLINEAR_BELOW * total_h;
        is_regular.then_some(pair)
    }

    /// Fills the columns of `scratch` with Px and Ph'.
    fn fill_columns(&self, snp: BothColumns<'_>, scratch: &mut Scratch) -> ProjectedPair {
        let Scratch { x, h, .. } = scratch;
        let [blocks_x, blocks_h] = snp.blocks;
        let xpx = self.study.fill_projected(blocks_x, snp.summaries[0], x);
        self.study.fill_projected(blocks_h, snp.summaries[1], h);
        let mut slope = 0.0;
        // Twice: the first pass leaves a rounding error of the size of h.
        for _ in 0..2 {
            let more = dot(x, h) / xpx;
            h.iter_mut().zip(&*x).for_each(|(h, x)| *h -= more * x);
            slope += more;
        }
        ProjectedPair {
            xpx,
            slope,
            hph: dot(h, h),
            are_columns: true,
        }
    }

    /// The regression of trait number `t` on both columns of a SNP.
    fn regress(
        &self,
        snp: BothColumns<'_>,
        pair: ProjectedPair,
        t: usize,
        of: &Residual,
        scratch: &mut Scratch,
    ) -> (TwoEffects, SnpFlags) {
        let mut flags = SnpFlags::default();
        if !pair.are_columns {
            let at = self.study.design.c() - 1 + t;
            let [xpy, of_h] = scratch.products.each_ref().map(|products| products[at]);
            let effects = effects(pair, xpy, of_h - pair.slope * xpy, of.ypy);
            if effects.fit.rss > LEAST_LEFT * of.ypy {
                return (effects, flags);
            }
        }
        // The columns may have been projected for an earlier trait, but a result must not depend on that.
        let pair = if pair.are_columns {
            pair
        } else {
            self.fill_columns(snp, scratch)
        };
        let Scratch { x, h, rest, .. } = scratch;
        let mut effects = effects(pair, dot(x, &of.py), dot(h, &of.py), of.ypy);
        if effects.fit.rss <= LEAST_LEFT * of.ypy {
            let of_h = effects.beta[1];
            let of_x = effects.beta[0] + pair.slope * of_h;
            rest.clear();
            let columns = of.py.iter().zip(x.iter().zip(&*h));
            rest.extend(columns.map(|(y, (x, h))| y - of_x * x - of_h * h));
            effects.fit.rss = dot(rest, rest);
            if effects.fit.rss <= of.least_rss {
                effects.fit.rss = 0.0;
                flags.is_perfect_fit = true;
            }
        }
        (effects, flags)
    }
}

/// The effects from xᵀPy = `xpy` and h'ᵀPy = `hpy`.
fn effects(pair: ProjectedPair, xpy: f64, hpy: f64, ypy: f64) -> TwoEffects {
    let (of_x, of_h) = (xpy / pair.xpx, hpy / pair.hph);
    let r2 = (of_x * xpy + of_h * hpy) / ypy;
    TwoEffects {
        beta: [of_x - pair.slope * of_h, of_h],
        variance: [
            pair.xpx.recip() + pair.slope * pair.slope / pair.hph,
            pair.hph.recip(),
        ],
        fit: Regression {
            ypy,
            rss: ypy * (1.0 - r2),
            r2,
            ..Regression::NAN
        },
    }
}

impl Scan for GenotypicLmScan<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>> {
        let coded = Coding::HETEROZYGOTES.block(block);
        let chunks: Vec<Vec<TraitColumns>> = snps
            .par_chunks(CHUNK_SNPS)
            .map_init(Scratch::default, |scratch, snps| {
                self.chunk([block, &coded], snps, scratch)
            })
            .collect();
        let traits = self.study.design.traits.len();
        let mut traits = vec![TraitColumns::empty(self.statistics.len()); traits];
        for chunk in chunks {
            for (columns, more) in traits.iter_mut().zip(chunk) {
                columns.append(more);
            }
        }
        Ok(traits)
    }
}
