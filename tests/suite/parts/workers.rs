//! Workers of a cluster, without a cluster: what they have noticed, and results that are lost.

use super::{Bench, P, bench};
use jamma::assoc::lmm::Lmm;
use jamma::backend::CpuBackend;
use jamma::error::Result;
use jamma::output::files::OutputFiles;
use jamma::pipeline::parts::{Elsewhere, Identity, KinshipPart, Outline, TestPart, UnitPart};
use jamma::pipeline::{
    Analysis, Columns, GenotypeInput, Input, Job, PhenotypeColumns, Setting, TraitFile, Traits,
    Worker, Workplace, run,
};
use jamma::progress::{Observer, Silent};
use jamma::sources::GenotypeFiles;
use std::ops::Range;

/// [`bench`] with an annotation `listed.txt` that does not list the last SNP.
fn listed() -> Bench {
    let bench = bench();
    let annotation = std::fs::read_to_string(bench.file("a.txt")).unwrap();
    let end = annotation.trim_end().rfind('\n').unwrap();
    bench.write("listed.txt", &annotation[..=end]);
    bench
}

fn job(bench: &Bench) -> Job {
    let mut job = Job::new("nowhere", Analysis::lmm(Lmm::default()));
    job.genotypes = GenotypeInput::Files(GenotypeFiles::Bimbam {
        genotypes: bench.file("g.txt"),
        annotation: Some(bench.file("listed.txt")),
    });
    job.traits = Traits {
        phenotypes: Input::File(PhenotypeColumns {
            file: Some(TraitFile::Positional(bench.file("p.txt"))),
            columns: Columns::Listed(vec![1]),
        }),
        ..Traits::default()
    };
    job.files = Some(OutputFiles {
        directory: bench.file("output"),
        prefix: "r".into(),
        ..OutputFiles::default()
    });
    job.machine.threads = 1;
    job
}

/// One worker sums the kinship, the other one decomposes it and tests the SNPs.
struct Two {
    sums: Worker,
    tests: Worker,
    unit: Option<UnitPart>,
    /// The ranges of SNPs that are still to be tested.
    left: Vec<Range<usize>>,
}

impl Two {
    /// * `left`: the SNPs that are tested: ranges from the first to before the last
    fn start(bench: &Bench, left: &[[usize; 2]]) -> Self {
        let start = |name: &str| {
            let workplace = Workplace {
                directory: bench.file("kept"),
                run: "run".into(),
                worker: name.into(),
            };
            let (backend, observer) = (Box::new(CpuBackend), Box::new(Silent));
            Worker::start(job(bench), backend, observer, workplace).unwrap()
        };
        std::fs::create_dir_all(bench.file("kept")).unwrap();
        Self {
            sums: start("worker a"),
            tests: start("worker b"),
            unit: None,
            left: left.iter().map(|&[start, end]| start..end).collect(),
        }
    }
}

impl Elsewhere for Two {
    fn begin(&mut self, _: &Outline, identity: &Identity) -> Result<()> {
        for worker in [&self.sums, &self.tests] {
            assert_eq!(identity.difference(worker.identity()), None);
        }
        Ok(())
    }

    fn kinship(&mut self, group: usize) -> Result<KinshipPart> {
        self.sums.kinship(group, 0..P)
    }

    fn unit(&mut self, group: usize, unit: usize, _: &dyn Observer) -> Result<UnitPart> {
        let sum = self.sums.kinship(group, 0..P)?;
        let part = self.tests.unit(group, unit, move || Ok(Some(sum)))?;
        self.unit = Some(part.clone());
        Ok(part)
    }

    fn tests(&mut self, _: usize, _: usize) -> Result<Option<TestPart>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let unit = self.unit.clone().expect("the unit comes before its tests");
        self.tests.tests(unit, self.left.remove(0)).map(Some)
    }
}

#[test]
fn a_worker_that_tests_nothing_is_heard() {
    let bench = listed();
    run(job(&bench), Setting::new(&CpuBackend, &Silent)).unwrap();
    let alone = bench.bytes("r.assoc.txt");
    // The last SNPs are tested first: their results wait.
    let mut two = Two::start(&bench, &[[2000, P], [0, 2000]]);
    let mut setting = Setting::new(&CpuBackend, &Silent);
    setting.elsewhere = Some(&mut two);
    let report = run(job(&bench), setting).unwrap();
    assert!(alone == bench.bytes("r.assoc.txt"));
    let unit = two.unit.expect("a unit");
    let names: Vec<&str> = unit.seen.iter().map(|seen| seen.by.as_str()).collect();
    assert_eq!(names, ["worker a", "worker b"]);
    let of_sums = &unit.seen[0];
    assert!(of_sums.instructions.is_none() && unit.seen[1].instructions.is_some());
    assert_eq!(of_sums.process, std::process::id());
    let note = |text: &String| text.contains("1 of 4700 SNPs of") && text.contains("not listed");
    assert!(of_sums.notes.iter().any(note), "{:?}", of_sums.notes);
    assert!(report.notes.iter().any(note), "{:?}", report.notes);
}

#[test]
fn results_that_are_lost_are_an_error() {
    let bench = listed();
    for (left, snp) in [
        (&[[0, 1000], [2000, P]][..], "SNP 1001 "),
        (&[[0, 1000]], "SNP 1001 "),
        (&[[1024, P]], "SNP 1 "),
        (&[], "SNP 1 "),
    ] {
        let mut two = Two::start(&bench, left);
        let mut setting = Setting::new(&CpuBackend, &Silent);
        setting.elsewhere = Some(&mut two);
        let error = run(job(&bench), setting).unwrap_err().to_string();
        assert!(
            error.contains(snp) && error.contains("missing"),
            "no {snp}: {error}"
        );
        let left = bench.outputs();
        assert!(!left.iter().any(|name| name.contains("assoc")), "{left:?}");
    }
}
