//! The seam: where the dense arithmetic happens.
//!
//! Files, filters, output and logs are shared by all backends and cannot diverge. A backend sums kinships,
//! decomposes them and scans blocks of packed SNPs; another one (JAX, through Python) has the same three verbs.

use crate::assoc::Scan;
use crate::assoc::lmm::{Lmm, LmmScan};
use crate::eigen::Eigen;
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, Subset};
use crate::kernels::memory::check_room;
use crate::kinship::{Kinship, KinshipKind, KinshipSum};
use crate::null::FittedGroup;
use crate::progress::Stage;

/// The three verbs of a backend, and its name.
pub trait Backend: Send + Sync {
    /// What users call it: `rust`, `jax`.
    fn name(&self) -> &str;

    /// Begins the kinship sum of the `wanted` individuals of a source with this `encoding`.
    fn kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
        encoding: Encoding,
    ) -> Result<Box<dyn KinshipAccumulator + 'a>>;

    /// Centres ([`Eigen::centred`]) and decomposes a kinship.
    ///
    /// * `is_cancelled`: once it says so, the backend gives up with [`Error::Interrupted`](crate::error::Error) where it can
    /// * `advance`: hears of the share of the work done, from 0 to 1
    fn eigendecompose(
        &self,
        kinship: Kinship,
        is_cancelled: &(dyn Fn() -> bool + Sync),
        advance: &(dyn Fn(f64) + Sync),
    ) -> Result<Eigen>;

    /// Bytes of this machine's memory that the arithmetic of `stage` takes on this backend; `None` if it is done by this
    /// crate's own code, whose memory is known.
    ///
    /// * `n`: individuals of the stage
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

    /// What the user should know of the work since this was last asked, such as a device that was not used.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Prepares the tests of SNPs for the traits of a group in the linear mixed model; their columns are
    /// [`Lmm::columns`].
    fn lmm_scan<'g>(&'g self, group: &'g FittedGroup, options: Lmm) -> Result<Box<dyn Scan + 'g>>;
}

/// A running kinship sum.
pub trait KinshipAccumulator {
    /// Adds the SNPs of `block` at `snp_indices` (in the file, ascending).
    fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()>;

    /// SNPs added so far.
    fn n_snps(&self) -> usize;

    /// Whether the same SNPs must come once more, by [`add_again`](Self::add_again); to be asked after every pass.
    fn needs_another_pass(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// Adds SNPs of a further pass.
    fn add_again(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        let _ = (block, snp_indices);
        Ok(())
    }

    /// The mean over the SNPs added, at least one.
    fn finish(self: Box<Self>) -> Result<Kinship>;
}

/// This machine's processor: faer and our kernels, in the current rayon pool.
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
        // As much as the sum allocates when it begins.
        let n = wanted.len() as u64;
        check_room(8 * n * n, "the kinship matrix")?;
        Ok(Box::new(KinshipSum::new(kind, wanted, encoding)))
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
