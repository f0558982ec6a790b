//! What a run will need in memory, known before it begins.

use super::job::{Analysis, KinshipInput, Machine};
use super::memory::{FreeMemory, budget};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::genotype::Encoding;
use crate::kernels::memory::check_room;
use crate::kinship;
use crate::progress::Stage;
use crate::rotation;
use std::fmt::Write;

/// A number of a matrix, in bytes.
const NUMBER: u64 = 8;
/// The program itself, its tables of constants and what the allocator keeps.
const PROGRAM: u64 = 48 << 20;
/// The record of a SNP in memory, with its name.
const SNP: u64 = 64;
/// The statistics of a SNP and trait while its block is tested.
const RESULT: u64 = 128;
/// Columns of n numbers that each thread works in: SNPs being fitted, eigenvectors being transformed.
const COLUMNS_PER_THREAD: u64 = 160;
/// As few SNPs as a block has if memory is short.
const FEWEST: u64 = 256;
/// SNPs of a block at least, if there is memory, for each thread and in all: making tables must cost little beside
/// using them.
const BLOCK_PER_THREAD: u64 = 512;
const BLOCK: u64 = 2048;
/// The same for sources of up to [`SMALL`] individuals, whose blocks are soon done and small.
const SMALL_BLOCK: u64 = 4096;
const SMALL: u64 = 4096;
/// Blocks in flight: one read, one waiting, one used.
const BLOCKS: u64 = 3;

/// The size of a study, and what its parts outside the engine cost.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Individuals in the source.
    pub everybody: u64,
    /// Individuals analysed, of the largest group of traits.
    pub analysed: u64,
    /// SNPs in the source, if it knows them up front.
    pub snps: Option<u64>,
    /// How the source gives genotypes.
    pub encoding: Encoding,
    /// Bytes that the sinks keep for each SNP that is tested.
    pub row_bytes: u64,
}

/// A stage of a run and the memory that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageMemory {
    /// The stage.
    pub stage: Stage,
    /// Bytes, everything included that is alive then.
    pub bytes: u64,
}

/// The stages of a run with their memory, and what there is.
#[derive(Debug, Clone)]
pub struct MemoryPlan {
    /// In the order of the run.
    pub stages: Vec<StageMemory>,
    /// SNPs of a block.
    pub block_snps: u64,
    /// What the run may use, if that is known.
    pub budget: Option<FreeMemory>,
}

impl MemoryPlan {
    /// The plan of `analysis` on `machine` and `backend` for a study of `size`; blocks of SNPs shrink to fit.
    #[must_use]
    pub fn new(
        analysis: &Analysis,
        machine: Machine,
        backend: &dyn Backend,
        size: Size,
    ) -> Result<Self> {
        Self::within(budget(machine), analysis, machine, backend, size)
    }

    /// The same within a given budget.
    fn within(
        budget: Option<FreeMemory>,
        analysis: &Analysis,
        machine: Machine,
        backend: &dyn Backend,
        size: Size,
    ) -> Result<Self> {
        let all = size.snps.map_or(u64::MAX, |snps| snps.max(1));
        let chosen = machine.block_snps.map(|snps| (snps as u64).min(all));
        let is_small = size.everybody <= SMALL;
        let least = if is_small { SMALL_BLOCK } else { BLOCK };
        let most = (machine.threads as u64 * BLOCK_PER_THREAD).max(least);
        let most = chosen.unwrap_or(most.min(all));
        let with_blocks = |block_snps| {
            let pricing = Pricing {
                analysis,
                machine,
                backend,
                size,
                block_snps,
            };
            Ok(Self {
                stages: pricing.stages()?,
                block_snps,
                budget,
            })
        };
        let mut plan: Self = with_blocks(most)?;
        while chosen.is_none() && plan.block_snps > FEWEST && !plan.fits() {
            plan = with_blocks((plan.block_snps / 2).max(FEWEST))?;
        }
        Ok(plan)
    }

    /// The stage that needs most.
    #[must_use]
    pub fn peak(&self) -> StageMemory {
        *self
            .stages
            .iter()
            .max_by_key(|stage| stage.bytes)
            .expect("a run has a stage")
    }

    fn fits(&self) -> bool {
        self.budget
            .is_none_or(|budget| self.peak().bytes <= budget.bytes)
    }

    /// Fails with [`Error::Memory`] if the run cannot fit, with the numbers and the cure.
    pub fn check(&self, machine: Machine, size: Size) -> Result<()> {
        let budget = match self.budget {
            Some(budget) if !self.fits() => budget,
            // What was found to be free may be refused all the same.
            _ => {
                let StageMemory { stage, bytes } = self.peak();
                return check_room(bytes, &format!("the {}", stage.name()));
            }
        };
        let mut what = format!("{} individuals need", size.analysed);
        for (i, stage) in self.stages.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(
                what,
                "{comma} {} GB for the {}",
                gigabytes(stage.bytes),
                stage.stage.name()
            )
            .expect("writing to a string does not fail");
        }
        let (may_use, bound) = (gigabytes(budget.bytes), budget.bound);
        write!(what, "; this run may use {may_use} GB ({bound})")
            .expect("writing to a string does not fail");
        let hint = if machine.memory.is_some() {
            "give a larger --memory, or analyse fewer individuals"
        } else {
            "run where more memory is free, or analyse fewer individuals; --memory GB overrides what was found to be free"
        };
        Err(Error::Memory {
            what,
            hint: hint.into(),
        })
    }

    /// One line for the log.
    #[must_use]
    pub fn summary(&self) -> String {
        let StageMemory { stage, bytes } = self.peak();
        let (name, bytes) = (stage.name(), bytes);
        let budget = self.budget.map_or_else(
            || "unknown".to_owned(),
            |budget| format!("{} GB", gigabytes(budget.bytes)),
        );
        format!("{} GB planned ({name}), {budget} allowed", gigabytes(bytes))
    }
}

/// What the stages of a run need.
struct Pricing<'a> {
    analysis: &'a Analysis,
    machine: Machine,
    backend: &'a dyn Backend,
    size: Size,
    block_snps: u64,
}

impl Pricing<'_> {
    fn stages(&self) -> Result<Vec<StageMemory>> {
        let analysis = self.analysis;
        let mut stages = Vec::new();
        if let Some(of_kinship) = self.kinship()? {
            stages.push(of_kinship);
        }
        let is_decomposed = matches!(
            analysis.kinship(),
            Some(KinshipInput::Computed { .. } | KinshipInput::Matrix(_))
        );
        let n = self.size.analysed;
        if is_decomposed {
            let stage = Stage::Eigendecomposition;
            let own = 3 * square(n) + self.working(n);
            stages.push((stage, self.arithmetic(stage, n, own)?));
        }
        if let Analysis::Association(association) = analysis {
            let stage = Stage::Association;
            let vectors = association.kinship.as_ref().map_or(0, |_| square(n));
            let own = rotation::bytes(n, self.block_snps, self.size.encoding)
                + RESULT * self.block_snps
                + self.working(n);
            let kept = self.size.row_bytes * self.size.snps.unwrap_or_default();
            stages.push((stage, vectors + self.arithmetic(stage, n, own)? + kept));
        }
        let block = (self.size.encoding).bytes_per_snp(self.size.everybody as usize);
        let records = SNP * self.size.snps.unwrap_or_default();
        let always = PROGRAM + records + BLOCKS * self.block_snps * block;
        let priced = stages.into_iter().map(|(stage, bytes)| StageMemory {
            stage,
            bytes: bytes + always,
        });
        Ok(priced.collect())
    }

    /// What the arithmetic of a stage takes: `own` bytes, unless it is done elsewhere.
    fn arithmetic(&self, stage: Stage, n: u64, own: u64) -> Result<u64> {
        let (snps, encoding) = (self.block_snps, self.size.encoding);
        let elsewhere = self.backend.host_bytes(stage, n, snps, encoding)?;
        Ok(elsewhere.unwrap_or(own))
    }

    /// The stage in which the kinship or its decomposition comes to be.
    fn kinship(&self) -> Result<Option<(Stage, u64)>> {
        let Size {
            everybody,
            analysed,
            encoding,
            ..
        } = self.size;
        let summing = |kind, n| {
            let own = kinship::summing_bytes(kind, encoding, n);
            self.arithmetic(Stage::Kinship, n, own)
        };
        Ok(match (self.analysis, self.analysis.kinship()) {
            (Analysis::Kinship(computed), _) => {
                Some((Stage::Kinship, summing(computed.kind, everybody)?))
            }
            (_, Some(KinshipInput::Computed { kinship, save })) => {
                let (wanted, both) = if *save {
                    (everybody, square(everybody) + square(analysed))
                } else {
                    (analysed, 0)
                };
                Some((Stage::Kinship, summing(kinship.kind, wanted)?.max(both)))
            }
            (_, Some(KinshipInput::Matrix(_))) => {
                let bytes = square(everybody) + square(analysed);
                Some((Stage::ReadKinship, bytes))
            }
            (_, Some(KinshipInput::Eigen(_))) => Some((Stage::ReadEigen, square(analysed))),
            (_, None) => None,
        })
    }

    /// Columns in which the threads work.
    fn working(&self, n: u64) -> u64 {
        COLUMNS_PER_THREAD * self.machine.threads as u64 * n * NUMBER
    }
}

fn square(n: u64) -> u64 {
    n * n * NUMBER
}

/// Two decimals, rounded up, so that a need never looks smaller than it is.
fn gigabytes(bytes: u64) -> String {
    format!("{:.2}", (bytes as f64 / 1e7).ceil() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::lmm::Lmm;
    use crate::backend::CpuBackend;
    use crate::pipeline::{EigenFiles, Input, free_memory};

    const LARGE: Size = Size {
        everybody: 20_000,
        analysed: 20_000,
        snps: Some(50_000),
        encoding: Encoding::Packed,
        row_bytes: 0,
    };

    fn free(bytes: u64) -> FreeMemory {
        FreeMemory {
            bytes,
            bound: "of a test",
        }
    }

    const TWO_THREADS: Machine = Machine {
        threads: 2,
        block_snps: None,
        memory: None,
    };

    fn plan(size: Size, budget: Option<FreeMemory>) -> MemoryPlan {
        let lmm = Analysis::lmm(Lmm::default());
        MemoryPlan::within(budget, &lmm, TWO_THREADS, &CpuBackend, size).unwrap()
    }

    #[test]
    fn a_run_needs_three_matrices_and_little_more() {
        let plan = plan(LARGE, None);
        let square = 20_000_u64.pow(2) * 8;
        assert!(plan.peak().bytes > 3 * square);
        assert!(plan.peak().bytes < 33 * square / 10 + (500 << 20));
        assert_eq!(plan.peak().stage.name(), "eigendecomposition");
        assert_eq!(plan.block_snps, 2048);
    }

    #[test]
    fn blocks_are_no_larger_than_the_file() {
        for block_snps in [None, Some(usize::MAX)] {
            let machine = Machine {
                block_snps,
                ..TWO_THREADS
            };
            let few = Size {
                snps: Some(7),
                ..LARGE
            };
            let lmm = Analysis::lmm(Lmm::default());
            let plan = MemoryPlan::within(None, &lmm, machine, &CpuBackend, few).unwrap();
            assert_eq!(plan.block_snps, 7);
        }
    }

    #[test]
    fn what_the_system_refuses_is_refused_before_the_work() {
        let huge = Size {
            everybody: 1 << 24,
            analysed: 1 << 24,
            snps: Some(10),
            ..LARGE
        };
        let error = plan(huge, None)
            .check(TWO_THREADS, huge)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("not enough memory for the eigendecomposition"),
            "{error}"
        );
    }

    #[test]
    fn small_files_are_read_in_larger_blocks() {
        let size = |everybody| Size {
            everybody,
            analysed: 1000,
            ..LARGE
        };
        let block = |everybody| plan(size(everybody), None).block_snps;
        assert_eq!([block(4096), block(4097)], [4096, 2048]);
    }

    #[test]
    fn too_little_is_refused_with_the_numbers() {
        let plan = plan(LARGE, Some(free(4_000_000_000)));
        let error = plan.check(TWO_THREADS, LARGE).unwrap_err().to_string();
        for part in [
            "20000 individuals",
            "eigendecomposition",
            "may use 4.00 GB (of a test)",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn blocks_shrink_before_a_run_is_refused() {
        let files = EigenFiles {
            values: "d".into(),
            vectors: "u".into(),
        };
        let mut eigen = Analysis::lmm(Lmm::default());
        if let Analysis::Association(association) = &mut eigen {
            association.kinship = Some(KinshipInput::Eigen(Input::File(files)));
        }
        let plan =
            |budget| MemoryPlan::within(budget, &eigen, TWO_THREADS, &CpuBackend, LARGE).unwrap();
        let roomy = plan(None);
        let tight = plan(Some(free(roomy.peak().bytes - 1)));
        assert!(tight.block_snps < roomy.block_snps);
        assert!(tight.fits());
    }

    #[test]
    fn dosages_and_kept_rows_are_counted() {
        let dosages = Size {
            encoding: Encoding::Dosage,
            ..LARGE
        };
        let of = |size| plan(size, None).stages[2].bytes;
        let more = of(dosages) - of(LARGE);
        // Three blocks of 8 bytes a genotype in place of a quarter of a byte.
        assert!(more > 3 * 2048 * 20_000 * 7, "{more}");
        let kept = Size {
            row_bytes: 100,
            ..LARGE
        };
        assert_eq!(of(kept) - of(LARGE), 50_000 * 100);
    }

    #[test]
    fn some_memory_is_free() {
        assert!(free_memory(2).is_none_or(|free| free.bytes > 1 << 20));
    }
}
