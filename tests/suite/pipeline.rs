//! The pipeline as a library: inputs and results in memory, and traits implemented outside of the crate.

use super::toys::correlation::{Correlation, correlation};
use super::toys::counting_sink::CountingSink;
use super::toys::text_source::TextSource;
use jamma::assoc::lmm::{Lmm, Tests};
use jamma::backend::CpuBackend;
use jamma::error::{Error, Result};
use jamma::genotype::{Coding, Genotypes};
use jamma::io::bim::{Snp, SnpTable};
use jamma::io::fam::Individual;
use jamma::io::square::SquareMatrix;
use jamma::output::files::OutputFiles;
use jamma::output::report::RunReport;
use jamma::output::sink::Sink;
use jamma::pipeline::{
    Analysis, Association, GenotypeInput, GivenKinship, Input, Job, KinshipInput, Setting, Traits,
    prepare, run,
};
use jamma::progress::{Observer, Progress, Silent};
use jamma::sources::{GenotypeSource, MemorySource};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const N: usize = 40;
const P: usize = 90;

fn dosage(i: usize, s: usize) -> f64 {
    ((i * i * 7 + 13 * i * s + s * s) % 3) as f64
}

fn phenotype() -> Vec<f64> {
    (0..N).map(|i| ((i * i + 3) as f64).sin()).collect()
}

fn individuals() -> Vec<Individual> {
    let individual = |i| Individual {
        fid: "f".into(),
        iid: format!("i{i}").into(),
    };
    (0..N).map(individual).collect()
}

fn memory(genotypes: Genotypes) -> Arc<dyn GenotypeSource> {
    let names: Vec<String> = (0..P).map(|s| format!("rs{s}")).collect();
    let snps = SnpTable::of(names.iter().map(|rs| Snp {
        chr: "1",
        rs,
        ps: 5,
        allele1: "A",
        allele0: "C",
    }));
    Arc::new(MemorySource::new(individuals(), snps, genotypes).unwrap())
}

fn packed() -> Arc<dyn GenotypeSource> {
    let mut bytes = vec![0; N.div_ceil(4) * P];
    for s in 0..P {
        for i in 0..N {
            let code = [3, 2, 0][dosage(i, s) as usize];
            bytes[s * N.div_ceil(4) + i / 4] |= code << (2 * (i % 4));
        }
    }
    memory(Genotypes::Packed(bytes))
}

fn dosages() -> Arc<dyn GenotypeSource> {
    let values = (0..N * P).map(|at| dosage(at % N, at / N)).collect();
    memory(Genotypes::Dosages(values))
}

/// All tests of a source, without files.
fn job(source: Arc<dyn GenotypeSource>) -> Job {
    let lmm = Lmm {
        tests: Tests::All,
        ..Lmm::default()
    };
    let mut job = Job::new("nowhere", Analysis::lmm(lmm));
    job.genotypes = GenotypeInput::Source(source);
    job.traits = Traits::one(phenotype().into_iter().map(Some).collect());
    job.files = None;
    job.machine.block_snps = Some(16);
    job
}

fn with_sink(job: Job, observer: &dyn Observer, sink: &mut dyn Sink) -> Result<RunReport> {
    let mut setting = Setting::new(&CpuBackend, observer);
    setting.sinks.push(sink);
    run(job, setting)
}

/// Stops the run after a number of blocks.
struct StopsAfter(usize, AtomicUsize);

impl Observer for StopsAfter {
    fn on(&self, progress: Progress<'_>) {
        if let Progress::Advanced(_) = progress {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.1.load(Ordering::Relaxed) >= self.0
    }
}

fn betas(source: Arc<dyn GenotypeSource>) -> Vec<f64> {
    let mut sink = CountingSink::default();
    let report = with_sink(job(source), &Silent, &mut sink).unwrap();
    assert!(report.outputs.is_empty(), "nothing is written");
    assert_eq!(report.first().filter.kept, sink.values.len());
    assert!(sink.is_finished);
    sink.values
}

#[test]
fn dosages_that_are_hard_calls_give_their_statistics() {
    let (hard, soft) = (betas(packed()), betas(dosages()));
    assert!(hard.len() > P / 2);
    assert_eq!(hard.len(), soft.len());
    for (a, b) in hard.iter().zip(&soft) {
        assert!((a - b).abs() <= 1e-7 * a.abs().max(1e-3), "{a} {b}");
    }
}

#[test]
fn inputs_of_another_number_of_individuals_are_an_error() {
    let mut short = job(packed());
    short.traits = Traits::one(vec![Some(1.0); N - 1]);
    let mut narrow = job(packed());
    let matrix = SquareMatrix {
        n: 3,
        values: vec![1.0; 9],
    };
    let given = GivenKinship { matrix, rows: None };
    if let Analysis::Association(association) = &mut narrow.analysis {
        association.kinship = Some(KinshipInput::Matrix(Input::Memory(given)));
    }
    for (job, text) in [
        (short, "phenotype: 39 rows given, but there are 40"),
        (narrow, "3 x 3, but there are 40 individuals"),
    ] {
        let prepared = prepare(job, Setting::new(&CpuBackend, &Silent));
        let error = prepared.err().expect("the job is wrong").to_string();
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn preparing_writes_nothing_and_knows_the_results_to_come() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = job(packed());
    let directory = folder.path().join("a/b");
    job.files = Some(OutputFiles {
        directory: directory.clone(),
        prefix: "x".into(),
        ..OutputFiles::default()
    });
    let prepared = prepare(job, Setting::new(&CpuBackend, &Silent)).unwrap();
    assert!(!directory.exists());
    let header = prepared.header();
    let columns = header.products.columns.as_ref().unwrap();
    assert_eq!((&*columns[0].name, columns.len()), ("beta", 8));
    assert_eq!((header.groups.len(), header.n_snps), (1, Some(P)));
    assert_eq!(prepared.plan().stages.len(), 3);
    let report = prepared.execute().unwrap();
    let names = ["x.assoc.txt", "x.run.json", "x.log.txt"].map(|name| directory.join(name));
    assert_eq!(report.outputs, names);
    assert!(names.iter().all(|path| path.is_file()));
}

#[test]
fn a_cancelled_run_fails_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    for stop_after in [0, 3, 6, 9] {
        let mut job = job(packed());
        job.files = Some(OutputFiles {
            directory: folder.path().into(),
            prefix: "x".into(),
            ..OutputFiles::default()
        });
        let observer = StopsAfter(stop_after, AtomicUsize::new(0));
        let result = run(job, Setting::new(&CpuBackend, &observer));
        assert!(matches!(result, Err(Error::Interrupted)), "{stop_after}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

/// The dosages as the text of [`TextSource`].
fn text() -> String {
    let mut text = String::new();
    for s in 0..P {
        write!(text, "1 rs{s} 5 A C").unwrap();
        (0..N).for_each(|i| write!(text, " {}", dosage(i, s)).unwrap());
        text.push('\n');
    }
    text
}

#[test]
fn a_source_a_method_and_a_sink_from_outside_run_through_the_pipeline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dosages.txt");
    std::fs::write(&path, text()).unwrap();
    let source = TextSource::open(&path, individuals()).unwrap();
    let source: Arc<dyn GenotypeSource> = Arc::new(source);
    // A source whose SNPs are known only when they are read gives the same results as one that knows them at the start.
    assert_eq!(betas(Arc::clone(&source)), betas(dosages()));

    let mut job = job(source);
    job.analysis = Analysis::Association(Association {
        kinship: None,
        method: Arc::new(Correlation),
        coding: Coding::default(),
        all_snps: true,
        with_info: false,
    });
    let wanted = (7..P).map(|s| format!("rs{s}").into());
    job.filter.snps = Some(Input::Memory(wanted.collect()));
    let mut sink = CountingSink::default();
    let report = with_sink(job, &Silent, &mut sink).unwrap();
    assert_eq!(report.n_snps, P);
    assert_eq!(sink.rows.values().sum::<usize>(), P, "every SNP has a row");
    assert_eq!(sink.rows["ok"], report.first().filter.kept);
    assert_eq!(sink.rows["excluded_not_listed"], 7);
    for (s, r) in sink.values.iter().enumerate() {
        let x: Vec<f64> = (0..N).map(|i| dosage(i, s)).collect();
        let expected = correlation(&x, &phenotype());
        assert!(r.is_nan() || (r - expected).abs() < 1e-12, "SNP {s}");
    }
}
