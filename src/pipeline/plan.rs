//! The memory that a run will need, known before it starts.

use super::job::{Analysis, KinshipInput, Machine};
use super::memory::{FreeMemory, budget};
use super::size::Size;
use crate::assoc::lm;
use crate::assoc::several::SnpDesign;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::genotype::Coding;
use crate::kernels::memory::check_room;
use crate::kinship;
use crate::permutation;
use crate::progress::Stage;
use crate::rotation;
use std::fmt::Write;

/// Bytes of a matrix entry.
const NUMBER: u64 = 8;
/// Bytes of the program, its tables of constants, and memory that the allocator retains.
const PROGRAM: u64 = 48 << 20;
/// Bytes of a SNP record, with its id.
const SNP: u64 = 64;
/// Bytes of the statistics of a SNP and trait while their block is tested.
const RESULT: u64 = 128;
/// Working columns of n numbers per thread: for SNPs being fitted and eigenvectors being transformed.
const COLUMNS_PER_THREAD: u64 = 160;
/// Smallest number of SNPs in a block, if memory is short.
const FEWEST: u64 = 256;
/// Default number of SNPs in a block if memory suffices, per thread and at least: building lookup tables must be cheap relative
/// to using them.
const BLOCK_PER_THREAD: u64 = 512;
const BLOCK: u64 = 2048;
/// The minimum for sources of up to [`SMALL`] individuals, whose blocks are small and quickly processed.
const SMALL_BLOCK: u64 = 4096;
const SMALL: u64 = 4096;
/// Individuals of a decomposition for each thread that it uses well.
const INDIVIDUALS_PER_THREAD: u64 = 2000;
/// Bytes up to which the kinship sums of all chromosomes are kept.
const KEPT_PARTS: u64 = 1 << 28;
/// Blocks in memory: one being read, one waiting, one in use.
const BLOCKS: u64 = 3;

/// How the kinships without each chromosome are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocoPlan {
    /// Decompositions that run at once.
    pub side_by_side: usize,
    /// Whether the kinship sum of every chromosome is kept; otherwise its genotypes are read again.
    pub keeps_parts: bool,
}

/// A stage of a run and the memory that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageMemory {
    /// The stage.
    pub stage: Stage,
    /// Bytes of everything in memory during the stage.
    pub bytes: u64,
}

/// The memory of each stage of a run, and the memory that it may use.
#[derive(Debug, Clone)]
pub struct MemoryPlan {
    /// In the order of the run.
    pub stages: Vec<StageMemory>,
    /// SNPs per block.
    pub block_snps: u64,
    /// How chromosomes are left out.
    pub loco: LocoPlan,
    /// The memory that the run may use, if known.
    pub budget: Option<FreeMemory>,
}

impl MemoryPlan {
    /// The plan of `analysis` on `machine` and `backend` for a study of `size`; blocks of SNPs shrink to fit.
    pub fn new(
        analysis: &Analysis,
        machine: Machine,
        backend: &dyn Backend,
        size: Size,
    ) -> Result<Self> {
        let mut budget = budget(machine);
        if let (Some(free), None) = (&mut budget, machine.memory) {
            // What is held is part of the plan, but no longer free.
            free.bytes += size.held;
        }
        Self::within(budget, analysis, machine, backend, size)
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
        let with = |block_snps, loco| -> Result<Self> {
            let pricing = Pricing {
                analysis,
                machine,
                backend,
                size,
                block_snps,
                loco,
            };
            Ok(Self {
                stages: pricing.stages()?,
                block_snps,
                loco,
                budget,
            })
        };
        let mut loco = LocoPlan {
            side_by_side: side_by_side(machine, backend, size),
            keeps_parts: !backend.can_add_parts_again() || keeps_parts(size),
        };
        let mut plan: Self = with(most, loco)?;
        while !plan.fits() {
            if loco.keeps_parts && backend.can_add_parts_again() {
                loco.keeps_parts = false;
            } else if loco.side_by_side > 1 {
                loco.side_by_side -= 1;
            } else if chosen.is_none() && plan.block_snps > FEWEST {
                plan.block_snps = (plan.block_snps / 2).max(FEWEST);
            } else {
                break;
            }
            plan = with(plan.block_snps, loco)?;
        }
        Ok(plan)
    }

    /// The stage that needs the most memory.
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

    /// Fails with an [`Error::Memory`] that has the numbers and a remedy if the run does not fit.
    pub fn check(&self, machine: Machine, size: Size) -> Result<()> {
        let budget = match self.budget {
            Some(budget) if !self.fits() => budget,
            // The system may refuse even memory that it reports as free.
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
            "use a machine with more free memory, or analyse fewer individuals; --memory GB overrides the detected limit"
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

/// How many decompositions run at once, if memory suffices: a small one does not use many threads well.
fn side_by_side(machine: Machine, backend: &dyn Backend, size: Size) -> usize {
    if size.chromosomes == 0 || !backend.decomposes_side_by_side() {
        return 1;
    }
    let threads_of_one = (size.analysed / INDIVIDUALS_PER_THREAD).max(1) as usize;
    let at_once = machine.threads / threads_of_one;
    at_once.clamp(1, size.chromosomes as usize)
}

/// Whether the kinship sums of all chromosomes are so small that keeping them is better than reading genotypes again.
fn keeps_parts(size: Size) -> bool {
    size.chromosomes * 2 * square(size.analysed) <= KEPT_PARTS
}

/// Computes the memory of the stages of a run.
struct Pricing<'a> {
    analysis: &'a Analysis,
    machine: Machine,
    backend: &'a dyn Backend,
    size: Size,
    block_snps: u64,
    loco: LocoPlan,
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
        let second = self.size.second_kinship;
        let kept = second.kept_bytes() + self.kept_sums(n);
        if let Some(own) = second.stage_bytes(n, self.loco.side_by_side as u64) {
            stages.push((Stage::VarianceComponents, own + self.working(n) + kept));
        }
        if is_decomposed {
            let stage = Stage::Eigendecomposition;
            let at_once = self.loco.side_by_side as u64;
            let own = 3 * square(n) * at_once + self.working(n);
            let kept = kept + self.kept_vectors(n);
            stages.push((stage, self.arithmetic(stage, n, own)? + kept));
        }
        let mut coded_blocks = 0;
        if let Analysis::Association(association) = analysis {
            let has_two_columns = association.method.design() == SnpDesign::Genotypic;
            let is_coded = has_two_columns || association.coding != Coding::ADDITIVE;
            coded_blocks = u64::from(is_coded);
            let stage = Stage::Association;
            let at_once = self.loco.side_by_side as u64;
            let vectors = association
                .kinship
                .as_ref()
                .map_or(0, |_| at_once * square(n) + self.kept_vectors(n));
            let environments = self.size.environments;
            let vectors = vectors + environments * square(n) + kept + self.permutations(n);
            let columns = match association.kinship {
                Some(_) => {
                    let columns = 1 + environments + u64::from(has_two_columns);
                    columns * rotation::bytes(n, self.block_snps, self.size.encoding)
                }
                None => lm::bytes(n, self.size.traits),
            };
            let own = columns + RESULT * self.block_snps * self.size.traits + self.working(n);
            let rows =
                self.size.row_bytes * self.size.snps.unwrap_or_default() + self.size.diagnostics;
            stages.push((stage, vectors + self.arithmetic(stage, n, own)? + rows));
        }
        let records = SNP * self.size.snps.unwrap_or_default();
        let blocks = (BLOCKS + coded_blocks) * self.block_snps * self.size.snp_bytes;
        let always = PROGRAM + self.size.held + records + blocks;
        let priced = stages.into_iter().map(|(stage, bytes)| StageMemory {
            stage,
            bytes: bytes + always,
        });
        Ok(priced.collect())
    }

    /// Bytes of the kinship sums that remain in memory while chromosomes are left out.
    fn kept_sums(&self, n: u64) -> u64 {
        let Size {
            chromosomes,
            encoding,
            ..
        } = self.size;
        match self.analysis.computed_kinship() {
            Some(kinship) if chromosomes > 0 => {
                let parts = u64::from(self.loco.keeps_parts) * chromosomes;
                (1 + parts) * kinship::summing_bytes(kinship.kind, encoding, n)
            }
            _ => 0,
        }
    }

    /// Bytes of the eigenvectors of chromosomes that wait until the SNPs are tested again, besides those in use.
    fn kept_vectors(&self, n: u64) -> u64 {
        let waiting = self
            .size
            .chromosomes
            .saturating_sub(self.loco.side_by_side as u64);
        u64::from(self.size.repeats_tests) * waiting * square(n)
    }

    /// Bytes of the permuted residuals of one trait.
    fn permutations(&self, n: u64) -> u64 {
        match self.size.permutations {
            0 => 0,
            count => permutation::bytes(n, count, self.size.traits, self.machine.threads as u64),
        }
    }

    /// Bytes of the arithmetic of a stage: `own`, unless the backend does it elsewhere.
    fn arithmetic(&self, stage: Stage, n: u64, own: u64) -> Result<u64> {
        let (snps, encoding) = (self.block_snps, self.size.encoding);
        let elsewhere = self.backend.host_bytes(stage, n, snps, encoding)?;
        Ok(elsewhere.unwrap_or(own))
    }

    /// The stage that computes or reads the kinship or its decomposition.
    fn kinship(&self) -> Result<Option<(Stage, u64)>> {
        let Size {
            everybody,
            analysed,
            encoding,
            ..
        } = self.size;
        let summing = |kind, n| {
            let own = kinship::summing_bytes(kind, encoding, n);
            // The sum of all SNPs, that of the part to leave out, and the difference.
            let more = match self.size.chromosomes {
                0 => 0,
                _ => self.kept_sums(n) + own,
            };
            Ok::<_, Error>(self.arithmetic(Stage::Kinship, n, own)? + more)
        };
        let second = self.size.second_kinship.bytes();
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
                let own = summing(kinship.kind, wanted)?.max(both);
                Some((Stage::Kinship, own + second))
            }
            (_, Some(KinshipInput::Matrix(_))) => {
                let bytes = square(everybody) + square(analysed) + second;
                Some((Stage::ReadKinship, bytes))
            }
            (_, Some(KinshipInput::Eigen(_))) => Some((Stage::ReadEigen, square(analysed))),
            (_, None) => None,
        })
    }

    /// Bytes of the working columns of the threads.
    fn working(&self, n: u64) -> u64 {
        COLUMNS_PER_THREAD * self.machine.threads as u64 * n * NUMBER
    }
}

fn square(n: u64) -> u64 {
    n * n * NUMBER
}

/// Gigabytes with two decimals, rounded up so that the need is not understated.
fn gigabytes(bytes: u64) -> String {
    format!("{:.2}", (bytes as f64 / 1e7).ceil() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assoc::lmm::Lmm;
    use crate::backend::CpuBackend;
    use crate::genotype::Encoding;
    use crate::pipeline::SecondSize;
    use crate::pipeline::{EigenFiles, Input, free_memory};

    const LARGE: Size = Size {
        everybody: 20_000,
        analysed: 20_000,
        snps: Some(50_000),
        encoding: Encoding::Packed,
        snp_bytes: 5_000,
        row_bytes: 0,
        traits: 1,
        environments: 0,
        chromosomes: 0,
        repeats_tests: false,
        permutations: 0,
        second_kinship: SecondSize {
            individuals: 0,
            is_kept: false,
        },
        diagnostics: 0,
        held: 0,
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
            snp_bytes: 1 << 22,
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
            snp_bytes: 8 * 20_000,
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
    fn decompositions_that_are_kept_for_further_scans_are_counted() {
        let loco = Size {
            chromosomes: 20,
            ..LARGE
        };
        let again = Size {
            repeats_tests: true,
            ..loco
        };
        let waiting = 20 - plan(loco, None).loco.side_by_side as u64;
        for stage in [1, 2] {
            let of = |size| plan(size, None).stages[stage].bytes;
            assert_eq!(of(again) - of(loco), waiting * 8 * 20_000 * 20_000);
        }
        let one = Size {
            chromosomes: 0,
            ..again
        };
        assert_eq!(plan(one, None).stages, plan(LARGE, None).stages);
    }

    #[test]
    fn some_memory_is_free() {
        assert!(free_memory(2).is_none_or(|free| free.bytes > 1 << 20));
    }
}
