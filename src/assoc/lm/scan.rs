//! Parallel tests over blocks of SNPs.

use super::columns::Statistic;
use super::design::Residual;
use super::options::Lm;
use super::regression::{Degrees, Regression};
use super::study::{LinearStudy, PackedProducts};
use crate::assoc::{Scan, SnpFlags, TraitColumns, Undefined};
use crate::cohort::TraitGroup;
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, SnpSummary};
use crate::kernels::orthonormal::dot;
use crate::kernels::table_product::PANEL;
use crate::rotation::COLLINEAR_BELOW;
use rayon::prelude::*;

/// SNPs tested by one task: enough that building look-up tables costs little compared with using them. SNPs are tested
/// independently, so the results do not depend on blocks and threads.
pub(super) const CHUNK_SNPS: usize = 512;
/// A difference that leaves less than this fraction is computed from the columns themselves: it has lost four digits.
pub(super) const LEAST_LEFT: f64 = 1e-4;

/// Tests SNPs for every trait of a group.
pub struct LmScan<'g> {
    study: LinearStudy<'g>,
    degrees: Degrees,
    statistics: Vec<Statistic>,
}

/// Scratch memory of one task.
#[derive(Default)]
struct Scratch {
    products: PackedProducts,
    /// One SNP.
    snp: SnpScratch,
}

#[derive(Default)]
struct SnpScratch {
    /// The products of the SNP with the columns of the design.
    products: Vec<f64>,
    /// The SNP, centred, and after regressing out the covariates.
    x: Vec<f64>,
    /// The residual of a trait after the SNP.
    rest: Vec<f64>,
}

/// A SNP after regressing out the covariates.
struct ProjectedSnp {
    /// xᵀPx.
    xpx: f64,
    /// Whether `x` of the scratch memory is Px.
    is_column: bool,
}

/// Memory of a scan of `traits` traits of `n` individuals, in bytes, without the working columns of its threads.
#[must_use]
pub fn bytes(n: u64, traits: u64) -> u64 {
    // The residuals, once as columns and once packed in panels of eight.
    let columns = traits + traits.next_multiple_of(PANEL as u64);
    columns * n * size_of::<f64>() as u64
}

impl<'g> LmScan<'g> {
    /// Prepares the scan of SNPs for `group`.
    ///
    /// # Panics
    /// If the group has no more than c + 1 individuals, or no intercept.
    #[must_use]
    pub fn new(group: &'g TraitGroup, options: Lm) -> Self {
        let (n, c) = (group.subset.len(), group.design.c());
        assert!(n > c + 1, "checked when the run was prepared");
        Self {
            study: LinearStudy::new(group),
            degrees: Degrees {
                n: n as f64,
                df: (n - c - 1) as f64,
            },
            statistics: (options.statistics().into_iter())
                .map(|(statistic, _)| statistic)
                .collect(),
        }
    }

    /// The columns of `snps`, at most [`CHUNK_SNPS`], for each trait.
    fn chunk(
        &self,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        scratch: &mut Scratch,
    ) -> Vec<TraitColumns> {
        if block.encoding() == Encoding::Packed {
            (self.study).multiply(block, snps, &mut scratch.products);
        }
        let columns = TraitColumns {
            flags: Vec::with_capacity(snps.len()),
            values: vec![Vec::with_capacity(snps.len()); self.statistics.len()],
        };
        let mut traits = vec![columns; self.study.design.traits.len()];
        for (s, snp) in snps.iter().enumerate() {
            let projected = match block.encoding() {
                Encoding::Packed => {
                    let of_snp = &mut scratch.snp;
                    (scratch.products).copy(s, &self.study, &mut of_snp.products);
                    self.project_packed(block, snp, of_snp)
                }
                Encoding::Dosage => self.project_dosages(block, snp, &mut scratch.snp),
            };
            for (t, (of, columns)) in self.study.design.traits.iter().zip(&mut traits).enumerate() {
                let (regression, flags) = match &projected {
                    Some(x) => self.regress(block, snp, x, t, of, &mut scratch.snp),
                    None => (
                        Regression::NAN,
                        SnpFlags {
                            undefined: Some(Undefined::Collinear),
                            ..SnpFlags::default()
                        },
                    ),
                };
                columns.flags.push(flags);
                for (values, statistic) in columns.values.iter_mut().zip(&self.statistics) {
                    values.push(statistic.value(&regression, self.degrees));
                }
            }
        }
        traits
    }

    /// A packed SNP without the covariates, from its counts and products; `None` if it is a combination of them.
    fn project_packed(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        scratch: &mut SnpScratch,
    ) -> Option<ProjectedSnp> {
        let counts = &snp.counts;
        let (sum, observed) = (counts.allele1() as f64, counts.observed() as f64);
        let squares = (counts.one + 4 * counts.two) as f64;
        // Whole numbers up to the division; imputed genotypes are at the mean.
        let centred = (observed * squares - sum * sum) / observed;
        let total = squares + counts.missing as f64 * snp.mean() * snp.mean();
        self.without_covariates(block, snp, centred, total, scratch)
    }

    /// The same for dosages, whose products are computed here.
    fn project_dosages(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        scratch: &mut SnpScratch,
    ) -> Option<ProjectedSnp> {
        let x = &mut scratch.x;
        let total = self.study.fill_centred(block, snp, x);
        let centred = dot(x, x);
        scratch.products.clear();
        let products = self.study.design.columns().map(|column| dot(x, column));
        scratch.products.extend(products);
        self.without_covariates(block, snp, centred, total, scratch)
    }

    /// * `centred`, `total`: Σ (x − x̄)² and Σ x²
    fn without_covariates(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        centred: f64,
        total: f64,
        scratch: &mut SnpScratch,
    ) -> Option<ProjectedSnp> {
        let (of_basis, _) = scratch.products.split_at(self.study.design.c() - 1);
        let explained: f64 = of_basis.iter().map(|product| product * product).sum();
        let left = centred - explained;
        // The negation also catches NaN.
        let is_column = !(left > LEAST_LEFT * centred);
        let xpx = if is_column {
            self.study.fill_projected(block, snp, &mut scratch.x)
        } else {
            left
        };
        (xpx > COLLINEAR_BELOW * total).then_some(ProjectedSnp { xpx, is_column })
    }

    /// The regression of trait number `t` on a SNP.
    fn regress(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        of_snp: &ProjectedSnp,
        t: usize,
        of: &Residual,
        scratch: &mut SnpScratch,
    ) -> (Regression, SnpFlags) {
        let SnpScratch { products, x, rest } = scratch;
        let mut flags = SnpFlags::default();
        if !of_snp.is_column {
            let xpy = products[self.study.design.c() - 1 + t];
            let regression = Regression::new(of_snp.xpx, xpy, of.ypy);
            if regression.rss > LEAST_LEFT * of.ypy {
                return (regression, flags);
            }
        }
        // The SNP may have been projected for an earlier trait, but a result must not depend on that.
        let xpx = if of_snp.is_column {
            of_snp.xpx
        } else {
            self.study.fill_projected(block, snp, x)
        };
        let mut regression = Regression::new(xpx, dot(x, &of.py), of.ypy);
        if regression.rss <= LEAST_LEFT * of.ypy {
            rest.clear();
            let residuals = of.py.iter().zip(&*x);
            rest.extend(residuals.map(|(y, x)| y - regression.beta * x));
            regression.rss = dot(rest, rest);
            if regression.rss <= of.least_rss {
                regression.rss = 0.0;
                flags.is_perfect_fit = true;
            }
        }
        (regression, flags)
    }
}

impl Scan for LmScan<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>> {
        let chunks: Vec<Vec<TraitColumns>> = snps
            .par_chunks(CHUNK_SNPS)
            .map_init(Scratch::default, |scratch, snps| {
                self.chunk(block, snps, scratch)
            })
            .collect();
        let mut traits =
            vec![TraitColumns::empty(self.statistics.len()); self.study.design.traits.len()];
        for chunk in chunks {
            for (columns, more) in traits.iter_mut().zip(chunk) {
                columns.append(more);
            }
        }
        Ok(traits)
    }
}
