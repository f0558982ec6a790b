//! Inputs that change during a run, and outputs that are inputs.

use super::common::jamma_in;
use super::simulate::Study;
use jamma::assoc::lmm::{Lmm, Tests};
use jamma::backend::CpuBackend;
use jamma::kinship::KinshipLayout;
use jamma::null::LambdaRange;
use jamma::output::files::OutputFiles;
use jamma::pipeline::{
    Analysis, Columns, ComputedKinship, CovariateColumns, EigenFiles, Input, Job, KinshipFile,
    KinshipInput, PhenotypeColumns, Setting, TraitFile, Traits, run,
};
use jamma::progress::{Observer, Progress, Silent, Stage};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Rewrites a file when a stage begins.
struct Rewriter {
    stage: Stage,
    file: PathBuf,
}

impl Observer for Rewriter {
    fn on(&self, progress: Progress<'_>) {
        if matches!(progress, Progress::Began { stage, .. } if stage == self.stage) {
            // Times of files have the resolution of the kernel's clock tick.
            std::thread::sleep(Duration::from_millis(20));
            let content = std::fs::read(&self.file).unwrap();
            std::fs::write(&self.file, content).unwrap();
        }
    }
}

/// A study `s` with tables, a list, and its kinship and eigendecomposition in `in`.
fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    let study = Study::simulate(81, 40, 60);
    study.write(bench.path(), "s");
    let path = |name: &str| bench.path().join(name);
    std::fs::write(path("p.txt"), study.phenotype.join("\n")).unwrap();
    let covariates: Vec<String> = (0..40).map(|i| format!("1 {}", i * i % 7)).collect();
    std::fs::write(path("c.txt"), covariates.join("\n")).unwrap();
    let list: Vec<String> = (0..50).map(|j| format!("rs{j}")).collect();
    std::fs::write(path("l.txt"), list.join("\n")).unwrap();
    jamma_in(bench.path(), "gk -bfile s -o k -outdir in").ok();
    jamma_in(
        bench.path(),
        "eigen -bfile s -o k -outdir in -c c.txt -p p.txt",
    )
    .ok();
    bench
}

fn job(directory: &Path, analysis: Analysis) -> Job {
    let mut job = Job::new(directory.join("s"), analysis);
    job.traits = Traits {
        phenotypes: Input::File(PhenotypeColumns {
            file: Some(TraitFile::Positional(directory.join("p.txt"))),
            columns: Columns::Listed(vec![1]),
        }),
        ..Traits::default()
    };
    job.covariates = Some(Input::File(CovariateColumns::positional(
        directory.join("c.txt"),
    )));
    job.files = Some(OutputFiles {
        directory: directory.join("out"),
        prefix: "r".into(),
        ..OutputFiles::default()
    });
    job.machine.threads = 2;
    job
}

#[test]
fn an_input_that_is_rewritten_during_the_run_ends_it_without_output() {
    let bench = bench();
    let directory = bench.path();
    let all = Lmm {
        tests: Tests::All,
        ..Lmm::default()
    };
    let lmm = || job(directory, Analysis::lmm(all));
    let with = |kinship: KinshipInput| {
        let mut job = lmm();
        if let Analysis::Association(association) = &mut job.analysis {
            association.kinship = Some(kinship);
        }
        job
    };
    let with_kinship = || {
        with(KinshipInput::Matrix(Input::File(KinshipFile {
            path: directory.join("in/k.cXX.txt"),
            layout: KinshipLayout::default(),
        })))
    };
    let with_eigen = || {
        with(KinshipInput::Eigen(Input::File(EigenFiles {
            values: directory.join("in/k.eigenD.txt"),
            vectors: directory.join("in/k.eigenU.txt"),
        })))
    };
    let mut with_list = lmm();
    with_list.filter.snps = Some(Input::File(directory.join("l.txt")));
    let residuals = Analysis::Residuals {
        kinship: KinshipInput::default(),
        range: LambdaRange::default(),
    };
    let eigen = Analysis::Eigen(KinshipInput::default());
    let kinship = Analysis::Kinship(ComputedKinship::default());
    let cases = vec![
        (lmm(), Stage::Association, "s.bed"),
        (lmm(), Stage::Kinship, "s.bed"),
        (lmm(), Stage::Association, "s.bim"),
        (lmm(), Stage::Association, "s.fam"),
        (lmm(), Stage::Eigendecomposition, "p.txt"),
        (lmm(), Stage::Association, "c.txt"),
        (with_list, Stage::Association, "l.txt"),
        (with_kinship(), Stage::Association, "in/k.cXX.txt"),
        (with_kinship(), Stage::Association, "in/k.cXX.id"),
        (with_eigen(), Stage::Association, "in/k.eigenD.txt"),
        (with_eigen(), Stage::Association, "in/k.eigenU.txt"),
        (with_eigen(), Stage::Association, "in/k.eigenU.id"),
        (
            job(directory, residuals),
            Stage::Eigendecomposition,
            "s.bed",
        ),
        (job(directory, eigen), Stage::Eigendecomposition, "s.bed"),
        (job(directory, kinship), Stage::WriteKinship, "s.bed"),
    ];
    for (job, stage, name) in cases {
        let file = directory.join(name);
        let observer = Rewriter {
            stage,
            file: file.clone(),
        };
        let result = run(job, Setting::new(&CpuBackend, &observer));
        let error = result.unwrap_err().to_string();
        assert!(
            error.contains(&format!("{}: the file was modified", file.display())),
            "{name} at {stage:?}: {error}"
        );
        let left: Vec<_> = std::fs::read_dir(directory.join("out")).unwrap().collect();
        assert!(left.is_empty(), "{name} at {stage:?}: {left:?}");
    }
    // Reading a file does not count as a change.
    run(lmm(), Setting::new(&CpuBackend, &Silent)).unwrap();
}

#[test]
fn an_output_that_is_an_input_is_rejected_whatever_its_path() {
    let bench = bench();
    let path = |name: &str| bench.path().join(name);
    let before = std::fs::read(path("s.bim")).unwrap();
    let rejected = |words: &str, parts: [&str; 2]| {
        let run = jamma_in(bench.path(), words);
        assert_eq!(run.status, 1, "{words}: {}", run.stderr);
        assert!(
            parts.iter().all(|part| run.stderr.contains(part)),
            "{words}: {}",
            run.stderr
        );
    };
    let eigen = "-d in/k.eigenD.txt -u in/k.eigenU.txt -c c.txt -p p.txt";
    rejected(
        &format!("eigen -bfile s {eigen} -o k -outdir in"),
        [
            "in/k.eigenD.txt: the run would overwrite",
            "one of its inputs",
        ],
    );
    std::fs::create_dir(path("out")).unwrap();
    std::fs::create_dir(path("far")).unwrap();
    let cases = [
        ("hard", "s.bim", "assoc.txt"),
        ("soft", "s.bed", "log.txt"),
        ("soft", "p.txt", "assoc.txt"),
        ("hard", "in/k.cXX.txt", "log.txt"),
        ("hard", "in/k.cXX.id", "assoc.txt"),
    ];
    for (kind, input, suffix) in cases {
        let output = path(&format!("out/r.{suffix}"));
        if kind == "hard" {
            std::fs::hard_link(path(input), &output).unwrap();
        } else {
            // Through two links.
            std::os::unix::fs::symlink(path(input), path("far/link")).unwrap();
            std::os::unix::fs::symlink("../far/link", &output).unwrap();
        }
        rejected(
            "lmm -bfile far/../s -p p.txt -k ./in/k.cXX.txt -o r -outdir out/../out",
            [
                "the run would overwrite this file, which is its input",
                input,
            ],
        );
        std::fs::remove_file(&output).unwrap();
        let _ = std::fs::remove_file(path("far/link"));
        assert_eq!(std::fs::read_dir(path("out")).unwrap().count(), 0);
    }
    assert_eq!(std::fs::read(path("s.bim")).unwrap(), before);
    // Residuals written over the phenotype that they belong to.
    jamma_in(bench.path(), "lmm -bfile s -lmm 5 -o r").ok();
    rejected(
        "lmm -bfile s -p output/r.residU.txt -lmm 5 -o r",
        [
            "output/r.residU.txt: the run would overwrite this file",
            "-o",
        ],
    );
    // Two outputs in the same file.
    std::os::unix::fs::symlink("r.log.txt", path("output/r.assoc.txt")).unwrap();
    rejected(
        "lmm -bfile s -o r",
        ["are the same file", "both are outputs"],
    );
}
