//! Backends: where the dense arithmetic is done.
//!
//! Files, filters, output and logs are shared by all backends and cannot diverge. A backend sums kinships, decomposes them and
//! scans blocks of SNPs. The backend jax implements the same three operations in Python.

mod parts;
mod sums;

pub use sums::{KinshipAccumulator, PartedKinshipSum};

use crate::assoc::Scan;
use crate::assoc::lmm::{Lmm, LmmScan};
use crate::eigen::Eigen;
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Subset};
use crate::kernels::memory::check_room;
use crate::kinship::{Kinship, KinshipKind, KinshipSum, PartedSum};
use crate::null::FittedGroup;
use crate::progress::Stage;
use faer::Mat;
use parts::SumsOfParts;

/// The operations of a backend.
pub trait Backend: Send + Sync {
    /// The name in options and logs: `rust`, `jax`.
    fn name(&self) -> &str;

    /// Starts the kinship sum of the `wanted` individuals of a source with this `encoding`.
    fn kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
    ) -> Result<Box<dyn KinshipAccumulator + 'a>>;

    /// Starts a kinship sum of which any of `n_parts` parts of the SNPs can be left out.
    ///
    /// * `keeps_parts`: whether the sum of every part may be kept in memory; otherwise a part is added once more before
    ///   it is left out, if the backend can do that
    fn parted_kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
        n_parts: usize,
        keeps_parts: bool,
    ) -> Result<Box<dyn PartedKinshipSum + 'a>> {
        let _ = keeps_parts;
        let start = Box::new(move || self.kinship_sum(kind, wanted.clone(), encoding));
        Ok(Box::new(SumsOfParts::new(start, n_parts)))
    }

    /// Whether [`parted_kinship_sum`](Self::parted_kinship_sum) can do without the sums of the parts.
    fn can_add_parts_again(&self) -> bool {
        false
    }

    /// Whether the backend may be used for every analysis of this crate, of which kernels of this crate then compute what it has
    /// no operation for: permutations, interactions, weights (with
    /// [`eigendecompose_centred`](Self::eigendecompose_centred)) and the linear model.
    fn is_complete(&self) -> bool {
        false
    }

    /// Whether several decompositions may run at once, each on some of the threads.
    fn decomposes_side_by_side(&self) -> bool {
        false
    }

    /// Centres ([`Eigen::centred`]) and decomposes a kinship.
    ///
    /// * `is_cancelled`: once it returns true, the backend stops with [`Error::Interrupted`](crate::error::Error) if it can
    /// * `advance`: called with the fraction of the work done, from 0 to 1
    fn eigendecompose(
        &self,
        kinship: Kinship,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Eigen>;

    /// Decomposes a kinship that was centred and then scaled by weights; otherwise as [`eigendecompose`](Self::eigendecompose).
    fn eigendecompose_centred(
        &self,
        matrix: Mat<f64>,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Eigen> {
        let _ = (matrix, is_cancelled, advance);
        Err(Error::Backend {
            what: format!("the backend {} has no weights of individuals", self.name()),
            hint: "choose the backend rust".into(),
        })
    }

    /// Peak host memory of the arithmetic of `stage` on this backend, in bytes; `None` if this crate's own code does it, whose
    /// memory the plan knows.
    ///
    /// * `n`: number of individuals in the stage
    fn host_bytes(
        &self,
        stage: Stage,
        n: u64,
        block_snps: u64,
        encoding: Encoding,
    ) -> Result<Option<u64>> {
        let _ = (stage, n, block_snps, encoding);
        Ok(None)
    }

    /// Notes for the user on the work since the last call, such as a device that was not used.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Fails if the backend does not support these options of the linear mixed model.
    fn check_lmm(&self, options: Lmm) -> Result<()> {
        let _ = options;
        Ok(())
    }

    /// Prepares the tests of SNPs in the linear mixed model for the traits of a group; the columns are [`Lmm::columns`].
    fn lmm_scan<'g>(&'g self, group: &'g FittedGroup, options: Lmm) -> Result<Box<dyn Scan + 'g>>;
}

/// The CPU: faer and jamma's kernels, in the current rayon pool.
#[derive(Debug, Clone, Copy, Default)]
pub struct CpuBackend;

impl Backend for CpuBackend {
    fn name(&self) -> &'static str {
        "rust"
    }

    fn kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
    ) -> Result<Box<dyn KinshipAccumulator + 'a>> {
        // The sum allocates this matrix at the start.
        let n = wanted.len() as u64;
        check_room(8 * n * n, "the kinship matrix")?;
        Ok(Box::new(KinshipSum::new(kind, wanted, encoding)))
    }

    fn parted_kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
        n_parts: usize,
        keeps_parts: bool,
    ) -> Result<Box<dyn PartedKinshipSum + 'a>> {
        let n = wanted.len() as u64;
        check_room(8 * n * n, "the kinship matrix")?;
        let sum = PartedSum::new(kind, wanted, encoding, n_parts, keeps_parts);
        Ok(Box::new(sum))
    }

    fn can_add_parts_again(&self) -> bool {
        true
    }

    fn is_complete(&self) -> bool {
        true
    }

    fn decomposes_side_by_side(&self) -> bool {
        true
    }

    fn eigendecompose_centred(
        &self,
        matrix: Mat<f64>,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Eigen> {
        Eigen::of_centred(is_cancelled, matrix, advance)
    }

    fn eigendecompose(
        &self,
        kinship: Kinship,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Eigen> {
        Eigen::of_cancellable(is_cancelled, kinship, advance)
    }

    fn lmm_scan<'g>(&'g self, group: &'g FittedGroup, options: Lmm) -> Result<Box<dyn Scan + 'g>> {
        Ok(Box::new(LmmScan::new(group, options)))
    }
}

impl KinshipAccumulator for KinshipSum {
    fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        Self::add(self, block, snp_indices);
        Ok(())
    }

    fn n_snps(&self) -> usize {
        Self::n_snps(self)
    }

    fn needs_another_pass(&mut self) -> Result<bool> {
        Ok(Self::needs_another_pass(self))
    }

    fn add_again(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        Self::add_again(self, block, snp_indices);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Kinship> {
        Ok(Self::finish(*self))
    }
}

impl PartedKinshipSum for PartedSum {
    fn add(&mut self, part: usize, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        Self::add(self, part, block, snp_indices);
        Ok(())
    }

    fn n_snps_without(&self, part: usize) -> usize {
        Self::n_snps_without(self, part)
    }

    fn without(
        &mut self,
        part: usize,
        add_part: &mut dyn FnMut(&mut dyn KinshipAccumulator) -> Result<()>,
    ) -> Result<Box<dyn KinshipAccumulator + '_>> {
        let sum = Self::without(self, part, |sum| add_part(sum))?;
        Ok(Box::new(sum))
    }
}
