//! The individuals of a group with their covariates and traits, and the products of SNPs with them.

use super::design::LinearDesign;
use crate::cohort::TraitGroup;
use crate::genotype::{GenotypeBlock, SnpSummary, Subset};
use crate::kernels::orthonormal::dot;
use crate::kernels::table_product::{Line8, Patterns, Tables};

/// The individuals of a group, with their covariates and traits.
pub(super) struct LinearStudy<'g> {
    subset: &'g Subset,
    pub(super) design: LinearDesign,
}

/// Products of packed SNPs with the columns of the design, and the memory to compute them.
#[derive(Default)]
pub(super) struct PackedProducts {
    packed: Vec<u8>,
    means: Vec<f64>,
    patterns: Patterns,
    tables: Tables,
    lines: Vec<Line8>,
}

impl PackedProducts {
    /// Fills `out` with the products of SNP number `s` of those that were multiplied last.
    pub(super) fn copy(&self, s: usize, study: &LinearStudy<'_>, out: &mut Vec<f64>) {
        let lines = self.lines.iter().skip(s).step_by(self.means.len());
        out.clear();
        out.extend(lines.flat_map(|line| line.0));
        out.truncate(study.design.packed.n_columns());
    }
}

impl<'g> LinearStudy<'g> {
    /// # Panics
    /// If the group has no intercept among its covariates.
    pub(super) fn new(group: &'g TraitGroup) -> Self {
        Self {
            subset: &group.subset,
            design: LinearDesign::new(group),
        }
    }

    /// Multiplies packed SNPs with the columns of the design; a missing genotype is imputed with the mean of its SNP.
    pub(super) fn multiply(
        &self,
        block: &GenotypeBlock,
        snps: &[SnpSummary],
        scratch: &mut PackedProducts,
    ) {
        let n = self.subset.len();
        let stride = n.div_ceil(4);
        scratch.packed.resize(snps.len() * stride, 0);
        for (out, snp) in scratch.packed.chunks_exact_mut(stride).zip(snps) {
            self.subset.compact(block.packed(snp.snp_index), out);
        }
        scratch.means.clear();
        scratch.means.extend(snps.iter().map(SnpSummary::mean));
        (scratch.patterns).fill_columns(n, &scratch.packed, &scratch.means);
        let (x, tables) = (&scratch.patterns, &mut scratch.tables);
        self.design.packed.product(x, tables, &mut scratch.lines);
    }

    /// Fills `x` with x − x̄; returns Σ x².
    pub(super) fn fill_centred(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        x: &mut Vec<f64>,
    ) -> f64 {
        let mean = snp.mean();
        x.resize(self.subset.len(), 0.0);
        block.fill_column(snp.snp_index, self.subset, mean, x);
        let total = dot(x, x);
        x.iter_mut().for_each(|x| *x -= mean);
        total
    }

    /// Fills `x` with Px; returns xᵀPx.
    pub(super) fn fill_projected(
        &self,
        block: &GenotypeBlock,
        snp: &SnpSummary,
        x: &mut Vec<f64>,
    ) -> f64 {
        self.fill_centred(block, snp, x);
        self.design.basis.remove_from(x);
        dot(x, x)
    }
}
