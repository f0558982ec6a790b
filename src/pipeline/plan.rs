//! What a run will need in memory, known before it begins.

use super::job::{Analysis, Job, KinshipSource};
use super::memory::FreeMemory;
use crate::error::{Error, Result};
use crate::io::bed::packed_bytes;
use crate::kernels::memory::check_room;
use crate::kinship::KinshipKind;
use std::fmt::Write;

/// A number of a matrix, in bytes.
const NUMBER: u64 = 8;
/// The program itself, its tables of constants and what the allocator keeps.
const PROGRAM: u64 = 48 << 20;
/// A SNP of the `.bim` in memory, with its name.
const SNP: u64 = 64;
/// Bytes for each individual of the SNPs that a kinship adds at once: centred (8,192 SNPs as they are read and as bits, and
/// the lists of their missing calls, up to a quarter of all), and standardised (1,920 SNPs in tables).
const KINSHIP_BATCH: [u64; 2] = [32 << 10, 30 << 10];
/// Columns of n numbers that each thread works in: SNPs being fitted, eigenvectors being transformed.
const COLUMNS_PER_THREAD: u64 = 640;
/// As few SNPs as a block has where memory is short.
const FEWEST: u64 = 256;
/// SNPs of a block at least where there is memory, for each thread and in all: making tables must cost little beside
/// using them.
const BLOCK_PER_THREAD: u64 = 512;
const BLOCK: u64 = 2048;
/// The same for files of up to [`SMALL`] individuals, whose blocks are soon done and small.
const SMALL_BLOCK: u64 = 4096;
const SMALL: u64 = 4096;
/// Blocks in flight: one read, one waiting, one used.
const BLOCKS: u64 = 3;

/// The size of a study.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Individuals in the file.
    pub everybody: u64,
    /// Individuals analysed.
    pub analysed: u64,
    /// SNPs in the file.
    pub snps: u64,
}

/// A stage of a run and the memory that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// What is done.
    pub name: &'static str,
    /// Bytes, everything included that is alive then.
    pub bytes: u64,
}

/// The stages of a run with their memory, and what there is.
#[derive(Debug, Clone)]
pub struct MemoryPlan {
    /// In the order of the run.
    pub stages: Vec<Stage>,
    /// SNPs of a block.
    pub block_snps: u64,
    /// What the run may use, where that is known.
    pub budget: Option<FreeMemory>,
}

impl MemoryPlan {
    /// The plan of `job` for a study of `size` within `budget`; blocks of SNPs shrink to fit.
    #[must_use]
    pub fn new(job: &Job, size: Size, budget: Option<FreeMemory>) -> Self {
        let all = size.snps.max(1);
        let chosen = job.block_snps.map(|snps| (snps as u64).min(all));
        let is_small = size.everybody <= SMALL;
        let least = if is_small { SMALL_BLOCK } else { BLOCK };
        let most = chosen.unwrap_or((job.threads as u64 * BLOCK_PER_THREAD).max(least).min(all));
        let mut plan = Self::with_blocks(job, size, budget, most);
        let mut snps = most;
        while chosen.is_none() && snps > FEWEST && !plan.fits() {
            snps = (snps / 2).max(FEWEST);
            plan = Self::with_blocks(job, size, budget, snps);
        }
        plan
    }

    fn with_blocks(job: &Job, size: Size, budget: Option<FreeMemory>, block_snps: u64) -> Self {
        let n = size.analysed;
        let packed = packed_bytes(size.everybody as usize) as u64;
        let always = PROGRAM + SNP * size.snps + BLOCKS * block_snps * packed;
        let working = |n: u64| COLUMNS_PER_THREAD * job.threads as u64 * n * NUMBER / 4;
        let square = |n: u64| n * n * NUMBER;
        let summing = |kind: KinshipKind, n: u64| {
            // Missing calls take a second matrix of their own, fractions of standardised sums half of one.
            let halves = if kind == KinshipKind::Centred { 4 } else { 3 };
            halves * square(n) / 2 + KINSHIP_BATCH[kind as usize] * n
        };
        let mut stages = Vec::new();
        let mut stage = |name, bytes| {
            let bytes = always + bytes;
            stages.push(Stage { name, bytes });
        };
        match (&job.analysis, &job.kinship) {
            (Analysis::Kinship(kind), _) => {
                stage("kinship", summing(*kind, size.everybody));
            }
            (_, KinshipSource::Genotypes(kind)) => {
                let wanted = if job.save_kinship { size.everybody } else { n };
                let subset = if job.save_kinship {
                    square(size.everybody) + square(n)
                } else {
                    0
                };
                stage("kinship", summing(*kind, wanted).max(subset));
            }
            (_, KinshipSource::File(..) | KinshipSource::InMemory) => {
                stage("reading the kinship", square(size.everybody) + square(n));
            }
            (_, KinshipSource::Eigen { .. } | KinshipSource::EigenInMemory) => {
                stage("reading the eigenvectors", square(n));
            }
        }
        let is_decomposed = !matches!(job.analysis, Analysis::Kinship(_))
            && !matches!(
                job.kinship,
                KinshipSource::Eigen { .. } | KinshipSource::EigenInMemory
            );
        if is_decomposed {
            stage("eigendecomposition", 3 * square(n) + working(n));
        }
        if matches!(job.analysis, Analysis::Association(_)) {
            stage(
                "association",
                square(n) + block_snps * n * NUMBER + working(n),
            );
        }
        Self {
            stages,
            block_snps,
            budget,
        }
    }

    /// The stage that needs most.
    #[must_use]
    pub fn peak(&self) -> Stage {
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

    /// Fails with [`Error::Memory`] where the run cannot fit, with the numbers and the cure.
    pub fn check(&self, job: &Job, size: Size) -> Result<()> {
        let budget = match self.budget {
            Some(budget) if !self.fits() => budget,
            // What was found to be free may be refused all the same.
            _ => {
                let Stage { name, bytes } = self.peak();
                return check_room(bytes, &format!("the {name}"));
            }
        };
        let mut what = format!("{} individuals need", size.analysed);
        for (i, stage) in self.stages.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(
                what,
                "{comma} {} GB for the {}",
                gigabytes(stage.bytes),
                stage.name
            )
            .expect("writing to a string does not fail");
        }
        let (may_use, bound) = (gigabytes(budget.bytes), budget.bound);
        write!(what, "; this run may use {may_use} GB ({bound})")
            .expect("writing to a string does not fail");
        let hint = if job.memory.is_some() {
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
        let Stage { name, bytes } = self.peak();
        let budget = self.budget.map_or_else(
            || "unknown".to_owned(),
            |budget| format!("{} GB", gigabytes(budget.bytes)),
        );
        format!("{} GB planned ({name}), {budget} allowed", gigabytes(bytes))
    }
}

/// Two decimals, rounded up, so that a need never looks smaller than it is.
fn gigabytes(bytes: u64) -> String {
    format!("{:.2}", (bytes as f64 / 1e7).ceil() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::lmm::Tests;
    use crate::pipeline::free_memory;

    const LARGE: Size = Size {
        everybody: 20_000,
        analysed: 20_000,
        snps: 50_000,
    };

    fn free(bytes: u64) -> FreeMemory {
        FreeMemory {
            bytes,
            bound: "of a test",
        }
    }

    fn job() -> Job {
        Job {
            threads: 2,
            ..Job::new("data", Analysis::Association(Tests::Wald))
        }
    }

    #[test]
    fn a_run_needs_three_matrices_and_little_more() {
        let plan = MemoryPlan::new(&job(), LARGE, None);
        let square = 20_000_u64.pow(2) * 8;
        assert!(plan.peak().bytes > 3 * square);
        assert!(plan.peak().bytes < 33 * square / 10 + (500 << 20));
        assert_eq!(plan.peak().name, "eigendecomposition");
        assert_eq!(plan.block_snps, 2048);
    }

    #[test]
    fn blocks_are_no_larger_than_the_file() {
        for block_snps in [None, Some(usize::MAX)] {
            let job = Job {
                block_snps,
                ..job()
            };
            let few = Size { snps: 7, ..LARGE };
            assert_eq!(MemoryPlan::new(&job, few, None).block_snps, 7);
        }
    }

    #[test]
    fn what_the_system_refuses_is_refused_before_the_work() {
        let huge = Size {
            everybody: 1 << 24,
            analysed: 1 << 24,
            snps: 10,
        };
        let plan = MemoryPlan::new(&job(), huge, None);
        let error = plan.check(&job(), huge).unwrap_err().to_string();
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
            snps: 50_000,
        };
        let block = |everybody| MemoryPlan::new(&job(), size(everybody), None).block_snps;
        assert_eq!([block(4096), block(4097)], [4096, 2048]);
    }

    #[test]
    fn too_little_is_refused_with_the_numbers() {
        let plan = MemoryPlan::new(&job(), LARGE, Some(free(4_000_000_000)));
        let error = plan.check(&job(), LARGE).unwrap_err().to_string();
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
        let eigen = Job {
            kinship: KinshipSource::Eigen {
                values: "d".into(),
                vectors: "u".into(),
            },
            ..job()
        };
        let roomy = MemoryPlan::new(&eigen, LARGE, None);
        let tight = MemoryPlan::new(&eigen, LARGE, Some(free(roomy.peak().bytes - 1)));
        assert!(tight.block_snps < roomy.block_snps);
        assert!(tight.fits());
    }

    #[test]
    fn some_memory_is_free() {
        assert!(free_memory(2).is_none_or(|free| free.bytes > 1 << 20));
    }
}
