//! Measures the rates of this machine.

use super::machines::Node;
use super::operations;
use super::rates::Rates;
use super::study::StudySize;
use crate::assoc::lmm::Lmm;
use crate::backend::CpuBackend;
use crate::cohort::Phenotype;
use crate::error::{Error, Result};
use crate::genotype::Genotypes;
use crate::io::bed::packed_bytes;
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::Individual;
use crate::pipeline::{Analysis, GenotypeInput, Input, Job, Machine, Setting, Traits, run};
use crate::progress::{Observer, Progress, Stage};
use crate::sources::{GenotypeSource, MemorySource};
use rayon::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs of each study, of which the fastest counts.
const RUNS: usize = 2;
/// Individuals and SNPs of a study in which decomposition, kinship and rotation take most of the time: with few threads,
/// and with many, which a larger study keeps busy.
const LARGE: (usize, usize) = (2500, 4096);
const LARGER: (usize, usize) = (5000, 8192);
const MANY_THREADS: usize = 8;
/// A study of which each SNP takes little time.
const SMALL: (usize, usize) = (400, 40_000);
/// Numbers that are read to measure the memory: 512 MB, more than a cache.
const NUMBERS: usize = 1 << 26;
/// The least fraction of the time of a decomposition that is counted as matrix products: in a large cache, its reading is
/// faster than the memory.
const LEAST_PRODUCTS: f64 = 0.25;

/// Passes on only whether the run is to stop.
struct Quiet<'a>(&'a (dyn Fn() -> bool + Sync));

impl Observer for Quiet<'_> {
    fn on(&self, _: Progress<'_>) {}

    fn is_cancelled(&self) -> bool {
        (self.0)()
    }
}

/// The rates of this machine with this number of threads, from the analysis of simulated studies in memory; about ten
/// seconds.
///
/// Measured are the centred kinship, the decomposition, the memory, and the rotation and fit of hard calls; the other rates
/// are the [default](Rates::default) ones multiplied by the ratio of the most similar measured rate to its default.
///
/// Fails with [`Error::Interrupted`] if `is_cancelled` returns true.
pub fn calibrate(threads: usize, is_cancelled: &(dyn Fn() -> bool + Sync)) -> Result<Rates> {
    let large = if threads < MANY_THREADS {
        LARGE
    } else {
        LARGER
    };
    let memory = memory(threads, NUMBERS)?;
    measured([large, SMALL], memory, threads, is_cancelled)
}

/// The rates according to two studies, of n individuals and p SNPs, the first of which has many individuals.
///
/// * `memory`: bytes per second that a thread reads from memory
fn measured(
    [(n, p), of_small]: [(usize, usize); 2],
    memory: f64,
    threads: usize,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Rates> {
    let default = Rates::default();
    let large = timed(n, p, threads, is_cancelled)?;
    let small = timed(of_small.0, of_small.1, threads, is_cancelled)?;
    let study = |(n, p): (usize, usize)| StudySize {
        individuals: n as u64,
        snps: p as u64,
        missing: 0.0,
        ..StudySize::default()
    };
    let node = Node {
        threads: threads as u64,
        ..Node::default()
    };
    // What the model gives for one thread with rates of which some are infinitely fast.
    let kinship =
        large.kinship * threads as f64 / operations::kinship(&study((n, p)), &default, 1.0);
    let infinite = Rates {
        decomposition: f64::INFINITY,
        memory,
        ..default
    };
    let reading = operations::decomposition(&study((n, p)), &infinite, node);
    let products = (large.decomposition - reading).max(LEAST_PRODUCTS * large.decomposition);
    let only_products = Rates {
        memory: f64::INFINITY,
        ..default
    };
    let unlimited = Node {
        memory_rate: f64::INFINITY,
        ..node
    };
    let decomposition =
        products / operations::decomposition(&study((n, p)), &only_products, unlimited);
    let [rotation, rest] = association_factors(
        [(n, p), of_small].map(study),
        [large.association, small.association].map(|seconds| seconds * threads as f64),
        &default,
    );
    Ok(Rates {
        kinship: default.kinship / kinship,
        standardised_kinship: default.standardised_kinship / kinship,
        dosage_kinship: default.dosage_kinship / decomposition,
        missing_calls: default.missing_calls / kinship,
        decomposition: default.decomposition / decomposition,
        memory,
        rotation: default.rotation / rotation,
        dosage_rotation: default.dosage_rotation / decomposition,
        search: default.search * rest,
        covariate: default.covariate * rest,
        genotype: default.genotype * rest,
        snp: default.snp * rest,
        row: default.row * rest,
    })
}

/// The factors f and g by which the times of rotation and of everything else must be multiplied, so that those of two studies
/// are as measured: fᵢR + gᵢE = t for both.
fn association_factors(studies: [StudySize; 2], seconds: [f64; 2], default: &Rates) -> [f64; 2] {
    let all = studies.map(|study| operations::association(&study, default));
    let without = Rates {
        rotation: f64::INFINITY,
        ..*default
    };
    let rest = studies.map(|study| operations::association(&study, &without));
    let rotation = [all[0] - rest[0], all[1] - rest[1]];
    let determinant = rotation[0] * rest[1] - rotation[1] * rest[0];
    let f = (seconds[0] * rest[1] - seconds[1] * rest[0]) / determinant;
    let g = (rotation[0] * seconds[1] - rotation[1] * seconds[0]) / determinant;
    // On a busy machine one of them may vanish; then both have the ratio of the sums.
    if f > 0.0 && g > 0.0 {
        [f, g]
    } else {
        [(seconds[0] + seconds[1]) / (all[0] + all[1]); 2]
    }
}

/// Wall-clock seconds of the stages of a run.
#[derive(Clone, Copy)]
struct Seconds {
    kinship: f64,
    decomposition: f64,
    association: f64,
}

/// The stages of the fastest of some runs of a simulated study.
fn timed(
    n: usize,
    p: usize,
    threads: usize,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Seconds> {
    let source: Arc<dyn GenotypeSource> = Arc::new(simulated(n, p)?);
    let trait_ = Phenotype {
        name: "1".to_owned(),
        values: (0..n).map(|i| Some(noise(i as u64) as f64 / 1e9)).collect(),
    };
    let observer = Quiet(is_cancelled);
    let mut fastest = Seconds {
        kinship: f64::INFINITY,
        decomposition: f64::INFINITY,
        association: f64::INFINITY,
    };
    for _ in 0..RUNS {
        let mut job = Job::new("", Analysis::lmm(Lmm::default()));
        job.genotypes = GenotypeInput::Source(Arc::clone(&source));
        job.traits = Traits {
            phenotypes: Input::Memory(vec![trait_.clone()]),
            ..Traits::default()
        };
        job.files = None;
        job.machine = Machine {
            threads,
            ..Machine::default()
        };
        let report = run(job, Setting::new(&CpuBackend, &observer))?;
        let seconds = |stage: Stage| {
            let times = report.times.iter().filter(|(of, _)| *of == stage);
            times.map(|(_, time)| time).sum::<Duration>().as_secs_f64()
        };
        fastest = Seconds {
            kinship: fastest.kinship.min(seconds(Stage::Kinship)),
            decomposition: fastest
                .decomposition
                .min(seconds(Stage::Eigendecomposition)),
            association: fastest.association.min(seconds(Stage::Association)),
        };
    }
    Ok(fastest)
}

/// A number from 0 to 2³² − 1 that looks random: the finaliser of SplitMix64.
fn noise(i: u64) -> u64 {
    let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) >> 32
}

/// Unrelated individuals and unlinked SNPs without missing calls.
fn simulated(n: usize, p: usize) -> Result<MemorySource> {
    let stride = packed_bytes(n);
    let packed = (0..stride * p).into_par_iter().map(|i| {
        let byte = noise(i as u64) as u8;
        // A missing code (01) becomes a heterozygote (10).
        let missing = byte & !(byte >> 1) & 0x55;
        (byte & !missing) | (missing << 1)
    });
    let individuals: Vec<Individual> = (0..n).map(Individual::numbered).collect();
    let snps = SnpTable::of((0..p).map(|s| Snp {
        chr: "1",
        rs: "rs",
        ps: s as i64,
        allele1: "A",
        allele0: "G",
    }));
    MemorySource::new(individuals, snps, Genotypes::Packed(packed.collect()))
}

/// Bytes per second that each of the threads reads from memory while all do.
///
/// * `count`: how many numbers of 8 bytes are read
fn memory(threads: usize, count: usize) -> Result<f64> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| Error::Memory {
        what: format!("{threads} threads cannot be started ({e})"),
        hint: "use fewer --threads".into(),
    })?;
    let numbers = vec![1_u64; count];
    let mut rate = 0.0_f64;
    pool.install(|| {
        for _ in 0..=RUNS {
            let started = Instant::now();
            let sum: u64 = numbers
                .par_chunks(1 << 16)
                .map(|of| of.iter().sum::<u64>())
                .sum();
            assert_eq!(sum, count as u64, "the sum of ones");
            let bytes = (count * size_of::<u64>()) as f64;
            rate = rate.max(bytes / started.elapsed().as_secs_f64());
        }
    });
    Ok(rate / threads as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_those_with_which_the_model_gives_the_measured_times() {
        let default = Rates::default();
        let studies = [(2500, 4096), (400, 40_000)].map(|(individuals, snps)| StudySize {
            individuals,
            snps,
            ..StudySize::default()
        });
        let other = Rates {
            rotation: default.rotation / 3.0,
            search: default.search * 2.0,
            genotype: default.genotype * 2.0,
            snp: default.snp * 2.0,
            row: default.row * 2.0,
            ..default
        };
        let seconds = studies.map(|study| operations::association(&study, &other));
        let [f, g] = association_factors(studies, seconds, &default);
        assert!((f - 3.0).abs() < 1e-9 && (g - 2.0).abs() < 1e-9, "{f} {g}");
        // Impossible times are shared.
        let [f, g] = association_factors(studies, [1.0, 1e6], &default);
        assert!(f > 0.0 && f == g);
    }

    #[test]
    fn measured_rates_are_positive() {
        let memory = memory(2, 1 << 12).unwrap();
        let rates = measured([(300, 600), (40, 2000)], memory, 2, &|| false).unwrap();
        for (name, rate, _) in rates.named() {
            assert!(rate > 0.0 && rate.is_finite(), "{name}: {rate}");
        }
        let stopped = measured([(300, 600), (40, 2000)], memory, 2, &|| true);
        assert!(matches!(stopped, Err(Error::Interrupted)));
    }

    #[test]
    fn a_study_is_simulated_without_missing_calls() {
        let source = simulated(101, 7).unwrap();
        assert_eq!(source.individuals().len(), 101);
    }
}
