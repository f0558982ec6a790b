//! Workers of a cluster whose sums leave out every chromosome in turn.

use super::{Bench, P, bench};
use jamma::assoc::lmm::Lmm;
use jamma::backend::CpuBackend;
use jamma::error::Result;
use jamma::output::files::OutputFiles;
use jamma::pipeline::parts::{Elsewhere, Identity, KinshipPart, Outline, TestPart, UnitPart};
use jamma::pipeline::{
    Analysis, Columns, ComputedKinship, GenotypeInput, Input, Job, KinshipInput, Loco,
    PhenotypeColumns, Setting, Traits, Worker, Workplace, run,
};
use jamma::progress::{Observer, Silent};
use jamma::sources::GenotypeFiles;

fn job(bench: &Bench, analysis: Analysis, prefix: &str) -> Job {
    let mut job = Job::new("nowhere", analysis);
    job.genotypes = GenotypeInput::Files(GenotypeFiles::Plink(bench.file("s")));
    job.traits = Traits {
        phenotypes: Input::File(PhenotypeColumns {
            file: None,
            columns: Columns::Listed(vec![1]),
        }),
        ..Traits::default()
    };
    job.loco = Some(Loco::Every { least: 10 });
    job.files = Some(OutputFiles {
        directory: bench.file("output"),
        prefix: prefix.into(),
        ..OutputFiles::default()
    });
    job.machine.threads = 1;
    job
}

fn lmm() -> Analysis {
    let mut analysis = Analysis::lmm(Lmm::default());
    if let Analysis::Association(association) = &mut analysis {
        association.kinship = Some(KinshipInput::Computed {
            kinship: ComputedKinship::default(),
            save: false,
        });
    }
    analysis
}

/// A worker that does everything, and what it has decomposed last.
struct One {
    worker: Worker,
    unit: Option<UnitPart>,
    /// Whether it forgets the sums of chromosomes.
    is_forgetful: bool,
}

impl One {
    fn start(bench: &Bench, job: Job, is_forgetful: bool) -> Self {
        std::fs::create_dir_all(bench.file("kept")).unwrap();
        let workplace = Workplace {
            directory: bench.file("kept"),
            run: "run".into(),
            worker: "worker".into(),
        };
        let worker = Worker::start(job, Box::new(CpuBackend), Box::new(Silent), workplace);
        Self {
            worker: worker.unwrap(),
            unit: None,
            is_forgetful,
        }
    }

    /// The sum of all SNPs, and that of one chromosome.
    fn sums(&self, group: usize, unit: usize) -> Result<KinshipPart> {
        let mut all = self.worker.kinship(group, 0..P)?.flattened();
        if !self.is_forgetful {
            let each = self.worker.kinship(group, 0..P)?.sums.into_iter();
            all.sums.extend(each.filter(|(of, _)| *of == unit as u32));
        }
        Ok(all)
    }
}

impl Elsewhere for One {
    fn begin(&mut self, _: &Outline, identity: &Identity) -> Result<()> {
        assert_eq!(identity.difference(self.worker.identity()), None);
        Ok(())
    }

    fn kinship(&mut self, group: usize) -> Result<KinshipPart> {
        Ok(self.worker.kinship(group, 0..P)?.flattened())
    }

    fn unit(&mut self, group: usize, unit: usize, _: &dyn Observer) -> Result<UnitPart> {
        let sums = self.sums(group, unit)?;
        let part = self.worker.unit(group, unit, move || Ok(Some(sums)))?;
        self.unit = Some(part.clone());
        Ok(part)
    }

    fn tests(&mut self, _: usize, _: usize) -> Result<Option<TestPart>> {
        let unit = self.unit.take();
        unit.map(|unit| self.worker.tests(unit, 0..P)).transpose()
    }
}

#[test]
fn a_worker_leaves_out_a_chromosome_whose_sum_it_is_given() {
    let bench = bench();
    run(
        job(&bench, lmm(), "alone"),
        Setting::new(&CpuBackend, &Silent),
    )
    .unwrap();
    let mut one = One::start(&bench, job(&bench, lmm(), "r"), false);
    let mut setting = Setting::new(&CpuBackend, &Silent);
    setting.elsewhere = Some(&mut one);
    run(job(&bench, lmm(), "r"), setting).unwrap();
    assert!(bench.bytes("alone.assoc.txt") == bench.bytes("r.assoc.txt"));
}

#[test]
fn a_chromosome_whose_sum_is_lost_is_an_error() {
    let bench = bench();
    for analysis in [lmm as fn() -> Analysis, || {
        Analysis::Kinship(ComputedKinship::default())
    }] {
        let mut one = One::start(&bench, job(&bench, analysis(), "r"), true);
        let mut setting = Setting::new(&CpuBackend, &Silent);
        setting.elsewhere = Some(&mut one);
        let error = run(job(&bench, analysis(), "r"), setting).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("other SNPs than its sum"), "{message}");
    }
    let folder = std::fs::read_dir(bench.file("output"));
    assert_eq!(folder.map_or(0, Iterator::count), 0);
}

#[test]
fn a_worker_checks_the_memory_of_its_task_alone() {
    let bench = bench();
    let roomy = One::start(&bench, job(&bench, lmm(), "r"), false);
    let mut of_little = job(&bench, lmm(), "r");
    // Less than the SNPs that wait to be added to a kinship take, and enough for the decomposition of few individuals.
    of_little.machine.memory = Some(52_000_000);
    let small = One::start(&bench, of_little, false);
    let error = small.worker.kinship(0, 0..P).err().unwrap();
    let (message, hint) = (error.to_string(), error.hint().unwrap());
    assert!(message.contains("for the kinship"), "{message}");
    assert!(message.contains("85 % of the worker's limit"), "{message}");
    assert!(hint.contains("--memory-limit"), "{hint}");
    let sums = roomy.sums(0, 1).unwrap();
    small.worker.unit(0, 1, move || Ok(Some(sums))).unwrap();
}
