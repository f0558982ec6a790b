//! The cost of an analysis on a cluster: with Dask, whose workers send partial sums and results, and as a job array, whose
//! tasks write them to files.

use super::machines::Machines;
use super::memory::{Part, of_stage, part_bytes, plan, sum_bytes};
use super::operations;
use super::process::ROW_BYTES;
use super::rates::Rates;
use super::stages::{Cost, StageCost};
use super::study::StudySize;
use crate::error::Result;
use crate::progress::Stage;

/// Bytes of the results of a SNP and trait before they are text: its statistics and counts.
const RESULT_BYTES: u64 = 64;
/// Bytes per second at which sums that have arrived are added to others.
const ADDING: f64 = 2e9;

/// The cost with a running Dask cluster. Waiting for workers to start is not included.
///
/// Every worker adds the kinship of its SNPs; the sums are added in pairs, over the network. One node, or several,
/// decompose; the eigenvectors are written to a shared file that every worker reads. The workers test SNPs and send the
/// results to the client, which writes them.
///
/// Fails if the memory cannot be planned.
pub fn dask(study: &StudySize, machines: &Machines, rates: &Rates) -> Result<Cost> {
    let of = Shape::new(study, machines, rates)?;
    // Every sum but the last is sent once; the pairs of a round are sent at the same time. Sums of chromosomes are also
    // needed by themselves, in one place.
    let rounds = u64::from(machines.workers.next_power_of_two().trailing_zeros());
    let one_after_another = study.trait_groups * (rounds + study.chromosomes.saturating_sub(1));
    let sum_seconds = part_bytes(study) as f64 * (1.0 / machines.network_rate + 1.0 / ADDING);
    let mut kinship = of.kinship();
    // A sum that is computed is in memory, and becomes a message.
    let summing = kinship.memory + part_bytes(study);
    if machines.workers > 1 {
        kinship.sent = of.partial_sums() - study.trait_groups * part_bytes(study);
        kinship.seconds += one_after_another as f64 * sum_seconds;
        // Two sums as messages, which Dask keeps until they are added, and both in memory; one of these is in the stage.
        kinship.memory += 2 * part_bytes(study) + sum_bytes(study);
    }
    kinship.memory = kinship.memory.max(summing);

    let mut decomposition = of.decomposition();
    // Dask keeps the sum as a message until the end of the task; with --loco also that of the chromosome. They are unpacked
    // before the matrices of the decomposition are there.
    let n_sums = if study.chromosomes > 0 { 2 } else { 1 };
    let unpacked = n_sums * sum_bytes(study);
    let matrices = 3 * of.square();
    decomposition.memory += n_sums * part_bytes(study) + unpacked.saturating_sub(matrices);
    decomposition.sent = study.decompositions() * of.square();
    decomposition.seconds += of.rounds_of_decompositions()
        * of.square() as f64
        * (1.0 / machines.network_rate + 1.0 / machines.disk_rate);

    let mut association = of.association();
    let results = study.snps * study.traits * RESULT_BYTES;
    association.sent = results;
    association.written = study.snps * study.traits * ROW_BYTES;
    let sending = results as f64 / machines.network_rate;
    association.seconds = association.seconds.max(sending);
    Ok(Cost {
        stages: vec![kinship, decomposition, association],
    })
}

/// The cost as a job array with one part for each worker, all running at once. Waiting in the queue is not included.
///
/// The partial sums, K, U and the partial results are files: `jamma gk --part`, `jamma gk --merge`, `jamma eigen`,
/// `jamma lmm --part`, `jamma merge`.
///
/// Fails if the memory cannot be planned.
pub fn job_array(study: &StudySize, machines: &Machines, rates: &Rates) -> Result<Cost> {
    let of = Shape::new(study, machines, rates)?;
    let one = machines.reading_rate(1);
    let parts = of.partial_sums();
    let kinships = study.decompositions() * of.square();
    let mut kinship = of.kinship();
    kinship.read += parts;
    kinship.written = parts + kinships;
    // Written by all tasks at once, read by the one that merges.
    kinship.seconds += parts as f64 / machines.reading_rate(machines.workers)
        + parts as f64 * (1.0 / one + 1.0 / ADDING)
        + kinships as f64 / one;
    // The merge has the total and the part that it adds; with --loco the total, the sum of a chromosome, and either the part
    // that is added to it or the difference.
    let n_more = if study.chromosomes > 0 { 2 } else { 1 };
    kinship.memory += n_more * sum_bytes(study);

    let mut decomposition = of.decomposition();
    decomposition.read = kinships;
    decomposition.seconds +=
        of.rounds_of_decompositions() * 2.0 * of.square() as f64 / machines.disk_rate;

    let mut association = of.association();
    let results = study.snps * study.traits * RESULT_BYTES;
    let rows = study.snps * study.traits * ROW_BYTES;
    association.read += results;
    association.written = results + rows;
    association.seconds += (results + rows) as f64 / one;
    Ok(Cost {
        stages: vec![kinship, decomposition, association],
    })
}

/// What both ways have in common.
struct Shape<'a> {
    study: &'a StudySize,
    machines: &'a Machines,
    rates: &'a Rates,
    /// Bytes of a worker's memory in its two stages, and of that of the node that decomposes.
    memory: [u64; 3],
}

impl<'a> Shape<'a> {
    fn new(study: &'a StudySize, machines: &'a Machines, rates: &'a Rates) -> Result<Self> {
        let snps = study.snps.div_ceil(machines.workers);
        let bytes = |part, node, stage| -> Result<u64> {
            Ok(of_stage(&plan(study, part, node, snps)?, stage))
        };
        let (node, eigen_node) = (machines.node, machines.eigen_node);
        Ok(Self {
            study,
            machines,
            rates,
            memory: [
                bytes(Part::Kinship, node, Stage::Kinship)?,
                bytes(Part::Decomposition, eigen_node, Stage::Eigendecomposition)?,
                bytes(Part::Association, node, Stage::Association)?,
            ],
        })
    }

    /// Bytes of an n × n matrix.
    fn square(&self) -> u64 {
        8 * self.study.individuals * self.study.individuals
    }

    /// Bytes of the partial sums of all workers: one for each worker, and one more for each chromosome that begins within
    /// the SNPs of a worker.
    fn partial_sums(&self) -> u64 {
        let count = self.machines.workers + self.study.chromosomes.saturating_sub(1);
        self.study.trait_groups * count * part_bytes(self.study)
    }

    /// Decompositions that the busiest node does.
    fn rounds_of_decompositions(&self) -> f64 {
        self.study
            .decompositions()
            .div_ceil(self.machines.eigen_workers) as f64
    }

    /// A stage that all workers share: the arithmetic, and the genotypes that they read.
    fn shared(&self, stage: Stage, processor_seconds: f64, memory: u64) -> StageCost {
        let machines = self.machines;
        let read = self.study.trait_groups * self.study.bytes_on_disk();
        let reading_seconds = read as f64 / machines.reading_rate(machines.workers);
        let threads = (machines.workers * machines.node.threads) as f64;
        StageCost {
            stage,
            processes: machines.workers,
            seconds: (processor_seconds / threads).max(reading_seconds),
            reading_seconds,
            processor_seconds,
            memory,
            available: machines.node.memory,
            read,
            written: 0,
            sent: 0,
        }
    }

    fn kinship(&self) -> StageCost {
        let seconds = operations::kinship(self.study, self.rates, 1.0);
        self.shared(Stage::Kinship, seconds, self.memory[0])
    }

    fn decomposition(&self) -> StageCost {
        let node = self.machines.eigen_node;
        let one = operations::decomposition(self.study, self.rates, node);
        let count = self.study.decompositions();
        StageCost {
            stage: Stage::Eigendecomposition,
            processes: self.machines.eigen_workers.min(count),
            seconds: self.rounds_of_decompositions() * one,
            reading_seconds: 0.0,
            processor_seconds: count as f64 * one * node.threads as f64,
            memory: self.memory[1],
            available: node.memory,
            read: 0,
            written: count * self.square(),
            sent: 0,
        }
    }

    /// The tests, before which every worker reads the eigenvectors that it needs: all, or with chromosomes that are left
    /// out those of its chromosomes.
    fn association(&self) -> StageCost {
        let machines = self.machines;
        let seconds = operations::association(self.study, self.rates);
        let mut stage = self.shared(Stage::Association, seconds, self.memory[2]);
        let vectors =
            machines.workers.max(self.study.chromosomes) * self.study.trait_groups * self.square();
        let reading = vectors as f64 / machines.reading_rate(machines.workers);
        stage.read += vectors;
        stage.reading_seconds += reading;
        stage.seconds += reading;
        stage
    }
}
