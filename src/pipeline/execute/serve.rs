//! A worker: prepares a run and answers requests for partial results of it.

use super::super::job::Job;
use super::super::parts::{Identity, KinshipPart, Outline, Seen, UnitPart};
use super::super::prepare::{Setting, Task, Testing, prepare};
use super::super::relatedness::Relatedness;
use super::super::request::{Request, Workplace};
use super::super::role::Role;
use super::Execution;
use super::association::Tests;
use super::decomposed::{Decomposed, Kinships};
use super::null::NullNotes;
use crate::backend::Backend;
use crate::cohort::Weights;
use crate::eigen::cache::{CacheKey, Description, EigenCache, Lookup};
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::kinship::{Inspection, KinshipKind};
use crate::progress::{Observer, Stage};
use crate::rotation::Rotation;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

/// The stages of a decomposition.
const BEFORE_TESTS: [Stage; 5] = [
    Stage::ReadKinship,
    Stage::ReadEigen,
    Stage::VarianceComponents,
    Stage::Eigendecomposition,
    Stage::NullModel,
];

/// Prepares `job`, answers with its outline, and then answers `requests` until there are no more.
pub(crate) fn serve(
    job: Job,
    (backend, observer): (&dyn Backend, &dyn Observer),
    workplace: &Workplace,
    begun: &Sender<Result<(Outline, Identity)>>,
    requests: Receiver<Request>,
) {
    let setting = Setting {
        role: Role::Worker,
        ..Setting::new(backend, observer)
    };
    let prepared = match prepare(job, setting) {
        Ok(prepared) => prepared,
        Err(error) => {
            let _ = begun.send(Err(error));
            return;
        }
    };
    let header = prepared.header().clone();
    let (mut run, task, _, pool) = prepared.into_execution();
    run.name.clone_from(&workplace.worker);
    pool.install(move || {
        // Whoever asked may be gone: then nobody waits for an answer.
        let outline = run.outline(&task).map(|outline| {
            let identity = run.identity(&header, outline.n_snps);
            (outline, identity)
        });
        let _ = begun.send(outline);
        let mut next = requests.recv().ok();
        while let Some(request) = next.take() {
            next = run.answer(request, &task, workplace, &requests);
        }
    });
}

impl<'a> Execution<'a> {
    /// Answers a request; returns the next one.
    fn answer(
        &mut self,
        request: Request,
        task: &Task,
        workplace: &Workplace,
        requests: &Receiver<Request>,
    ) -> Option<Request> {
        match (request, task) {
            (Request::Kinship { group, snps, reply }, task) => {
                let room = self.memory.check(&[Stage::Kinship]);
                let found = room.and_then(|()| match task {
                    Task::Kinship(kind) => {
                        let everybody = Subset::everybody(self.study.cohort.everybody.len());
                        self.sums_of(group, (*kind, &everybody), snps)
                    }
                    _ => self.kinship_of_analysed(group, snps),
                });
                let _ = reply.send(found.and_then(|found| self.unchanged().map(|()| found)));
            }
            (
                Request::Unit {
                    group,
                    unit,
                    sum,
                    reply,
                },
                Task::Association(testing),
            ) => {
                let room = self.memory.check_unit(&BEFORE_TESTS, self.n_given_sums());
                let found = room.and_then(|()| {
                    self.given_sum = sum()?;
                    self.decomposed_unit(Tests { group, testing }, unit, workplace)
                });
                let _ = reply.send(found);
            }
            (request @ Request::Tests { .. }, Task::Association(testing)) => {
                return self.answer_tests(request, testing, workplace, requests);
            }
            (Request::Unit { reply, .. }, _) => {
                let _ = reply.send(Err(no_tests()));
            }
            (Request::Tests { reply, .. }, _) => {
                let _ = reply.send(Err(no_tests()));
            }
        }
        requests.recv().ok()
    }

    /// The number of sums that a unit is given.
    fn n_given_sums(&self) -> u64 {
        let is_computed = self.study.filters.iter().any(|of| of.kinship.is_some());
        u64::from(is_computed) * (1 + u64::from(self.leaves_out_every()))
    }

    /// Fails if an input was modified since the worker began.
    fn unchanged(&self) -> Result<()> {
        self.inputs.check(&*self.study.source)
    }

    /// What some SNPs contribute to the kinship of the analysed individuals of a group.
    fn kinship_of_analysed(
        &mut self,
        group: usize,
        snps: std::ops::Range<usize>,
    ) -> Result<KinshipPart> {
        let Relatedness::Computed { kind, .. } = self.relatedness(group)? else {
            panic!("only a computed kinship has parts");
        };
        let subset = self.study.cohort.groups[group].subset.clone();
        self.sums_of(group, (kind, &subset), snps)
    }

    /// What some SNPs contribute to the kinship of the wanted individuals for a group, with its sums.
    fn sums_of(
        &self,
        group: usize,
        of: (KinshipKind, &Subset),
        snps: std::ops::Range<usize>,
    ) -> Result<KinshipPart> {
        let mut sums = BTreeMap::new();
        let mut part = self.kinship_part(group, of, snps, |unit, sum| {
            sums.insert(unit, sum);
            Ok(())
        })?;
        part.sums = sums;
        Ok(part)
    }

    /// The kinship of a group, read if it is in a file.
    fn relatedness(&mut self, group: usize) -> Result<Relatedness> {
        let Some((input, individuals)) = &self.unread else {
            return Ok(Relatedness::Unused);
        };
        let mut found = Inspection::default();
        let all = Relatedness::read_all(
            Some(input.clone()),
            &self.study.cohort,
            individuals,
            self.report.left_out.as_deref(),
            self.setting.observer,
            &mut found,
        )?;
        self.say(&found.notes);
        if self.study.cohort.groups.len() == 1 {
            self.record_copies(group, found.copies.as_ref());
        }
        let of_group = all.into_iter().nth(group);
        Ok(of_group.expect("every group has a kinship"))
    }

    /// Decomposes the kinship of a unit, keeps the decomposition, and fits the null models.
    fn decomposed_unit(
        &mut self,
        tests: Tests<'_>,
        number: usize,
        workplace: &Workplace,
    ) -> Result<UnitPart> {
        let group = tests.group;
        self.report.notes.truncate(self.n_notes_before);
        for report in self.reports_of(group) {
            report.diagnostics.copies = None;
        }
        let decompose = |run: &mut Self| -> Result<Decomposed> {
            let of = run.relatedness(group)?;
            let mut kinships: Kinships<'a> = run.kinships_of(group, of)?;
            let mut all = run.decompositions(group, &[number], &mut kinships)?;
            let decomposed = all.remove(0);
            if let Some(rotation) = &decomposed.rotation {
                run.keep(rotation, (group, number), workplace)?;
            }
            Ok(decomposed)
        };
        // The processes that only summed the kinship are heard through this one.
        let sum = self.given_sum.as_ref();
        let mut seen: Vec<Seen> = sum.map_or_else(Vec::new, |sum| sum.seen.clone());
        seen = seen.into_iter().map(Seen::of_sums).collect();
        let (mut part, _) = self.unit_part(tests, number, decompose, |_, _| Ok(()))?;
        seen.push(self.study.seen(self.name.clone()));
        part.seen = Seen::gathered(seen);
        self.unchanged()?;
        Ok(part)
    }

    /// Writes a decomposition for all workers.
    fn keep(
        &self,
        rotation: &Rotation,
        (group, unit): (usize, usize),
        workplace: &Workplace,
    ) -> Result<()> {
        // The client removes the directory when it ends, and then nobody would remove it again.
        if !workplace.directory.is_dir() {
            return Err(Error::inconsistent(
                format!("{} is not there", workplace.directory.display()),
                "if the run goes on, all workers need the directory of the outputs on a file system that they share",
            ));
        }
        let cache = EigenCache::new(workplace.unit_directory(group, unit));
        let key = CacheKey::of_work(&workplace.run, group, unit);
        let description = Description {
            genotypes: workplace.run.clone(),
            kinship: "of a cluster".into(),
            excluded_chromosome: None,
            n_snps: None,
            backend: self.setting.backend.name().to_owned(),
        };
        match cache.store(&key, rotation.eigen(), &description) {
            None => Ok(()),
            Some(why) => Err(Error::inconsistent(
                why,
                "the workers of a cluster share this directory: give one with room that all of them can write to",
            )),
        }
    }

    /// Reads the decomposition of a unit that a worker has written.
    fn kept(&self, part: &UnitPart, workplace: &Workplace) -> Result<Decomposed> {
        let mut decomposed = Decomposed {
            n_snps: part.n_kinship_snps,
            rotation: None,
            mixture: None,
        };
        if !part.has_kinship {
            return Ok(decomposed);
        }
        let group = &self.study.cohort.groups[part.group];
        let cache = EigenCache::new(workplace.unit_directory(part.group, part.unit));
        let key = CacheKey::of_work(&workplace.run, part.group, part.unit);
        let eigen = match cache.load(&key, group.subset.len()) {
            Lookup::Hit(eigen) => eigen,
            Lookup::Miss => return Err(not_kept(&cache, &key, "there is no such file")),
            Lookup::Unusable(why) => return Err(not_kept(&cache, &key, &why)),
        };
        let subset = group.subset.clone();
        decomposed.rotation = Some(Arc::new(match &group.weights {
            None => Rotation::new(eigen, subset),
            Some(weights) => Rotation::with_scaled_rows(eigen, subset, Weights::roots(weights)),
        }));
        Ok(decomposed)
    }

    /// Answers a request for tests, and those that follow for the same unit; returns the next request of another kind.
    fn answer_tests(
        &mut self,
        request: Request,
        testing: &Testing,
        workplace: &Workplace,
        requests: &Receiver<Request>,
    ) -> Option<Request> {
        let Request::Tests { part, snps, reply } = request else {
            return Some(request);
        };
        let (group, number) = (part.group, part.unit);
        let tests = Tests { group, testing };
        let unit = self.numbered_unit(group, number);
        let mut pending = Some((snps, reply));
        let mut next = None;
        let of_unit = self.memory.check(&[Stage::Association]).and_then(|()| {
            let decomposed = self.kept(&part, workplace)?;
            for report in self.reports_of_all(group) {
                report.failure = None;
            }
            self.with_unit_tests(
                &unit,
                decomposed,
                tests,
                &mut NullNotes::default(),
                |run, tests, _| {
                    while let Some((snps, reply)) = pending.take() {
                        let found = run.test_part(tests, number, snps);
                        let _ = reply.send(found.and_then(|found| run.unchanged().map(|()| found)));
                        match requests.recv() {
                            Ok(Request::Tests { part, snps, reply })
                                if (part.group, part.unit) == (group, number) =>
                            {
                                pending = Some((snps, reply));
                            }
                            other => next = other.ok(),
                        }
                    }
                    Ok(())
                },
            )
        });
        let Some((_, reply)) = pending else {
            return next;
        };
        let error = of_unit.err().unwrap_or_else(|| {
            Error::inconsistent(
                "every trait has failed on this worker, but not on another one",
                "use workers of one kind",
            )
        });
        let _ = reply.send(Err(error));
        requests.recv().ok()
    }
}

fn no_tests() -> Error {
    Error::inconsistent("this run tests no SNPs", "ask a worker of a run that does")
}

fn not_kept(cache: &EigenCache, key: &CacheKey, why: &str) -> Error {
    Error::inconsistent(
        format!(
            "{}: a decomposition that another worker has written cannot be read: {why}",
            cache.path(key).display()
        ),
        "all workers need the same directory; name one on a shared file system",
    )
}
