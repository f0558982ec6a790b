//! A process that computes partial results of a run on demand.

use super::execute::serve;
use super::job::Job;
use super::parts::{Identity, KinshipPart, Outline, TestPart, UnitPart};
use super::request::{Request, Workplace};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::progress::Observer;
use std::ops::Range;
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// A run that is prepared, and computes parts of itself on a thread of its own.
///
/// Decompositions are kept in a directory that all workers of a run share: the worker that made one writes it, the others
/// read it.
#[derive(Debug)]
pub struct Worker {
    requests: Sender<Request>,
    outline: Outline,
    identity: Identity,
}

impl Worker {
    /// Prepares `job` on a thread of its own.
    ///
    /// Fails as [`prepare`](super::prepare()) does, or if the analysis cannot be divided.
    pub fn start(
        mut job: Job,
        backend: Box<dyn Backend + Send>,
        observer: Box<dyn Observer + Send>,
        workplace: Workplace,
    ) -> Result<Self> {
        job.files = None;
        let (requests, received) = channel();
        let (begun, prepared) = channel();
        thread::Builder::new()
            .name("jamma-worker".into())
            .spawn(move || serve(job, (&*backend, &*observer), &workplace, &begun, received))
            .map_err(|reason| Error::threads(1, &reason))?;
        let (outline, identity) = answer(&prepared)?;
        Ok(Self {
            requests,
            outline,
            identity,
        })
    }

    /// The work of the run.
    #[must_use]
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// What determines the results of the run, as this worker sees its inputs.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the SNPs at `snps` contribute to the kinships of a group.
    pub fn kinship(&self, group: usize, snps: Range<usize>) -> Result<KinshipPart> {
        self.ask(|reply| Request::Kinship { group, snps, reply })
    }

    /// Decomposes the kinship of a unit, keeps the decomposition in the directory, and fits the null models.
    ///
    /// * `sum`: returns the kinship sum of all SNPs, if the kinship is computed; if a chromosome is left out, also the sum of that
    ///   one. It is called when the requests before are answered
    pub fn unit(
        &self,
        group: usize,
        unit: usize,
        sum: impl FnOnce() -> Result<Option<KinshipPart>> + Send + 'static,
    ) -> Result<UnitPart> {
        let sum = Box::new(sum);
        self.ask(|reply| Request::Unit {
            group,
            unit,
            sum,
            reply,
        })
    }

    /// Tests those of the SNPs at `snps` that belong to a unit.
    ///
    /// * `part`: what [`unit`](Self::unit) found, on this worker or another one
    pub fn tests(&self, part: UnitPart, snps: Range<usize>) -> Result<TestPart> {
        let part = Box::new(part);
        self.ask(|reply| Request::Tests { part, snps, reply })
    }

    fn ask<T>(&self, request: impl FnOnce(Sender<Result<T>>) -> Request) -> Result<T> {
        let (reply, answered) = channel();
        let asked = self.requests.send(request(reply));
        asked.map_err(|_| stopped())?;
        answer(&answered)
    }
}

fn answer<T>(from: &std::sync::mpsc::Receiver<Result<T>>) -> Result<T> {
    from.recv().unwrap_or_else(|_| Err(stopped()))
}

fn stopped() -> Error {
    Error::inconsistent(
        "the worker has stopped because of an internal error",
        "please report this, with the messages of the worker",
    )
}
