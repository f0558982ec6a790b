//! A worker of a cluster.

use super::elsewhere::outline;
use super::given::Inputs;
use super::object::{PyBackend, Raised};
use super::options::args;
use crate::backend::{Backend, CpuBackend};
use crate::cli;
use crate::error::{Error, Result};
use crate::io::packed::{pack, unpack};
use crate::pipeline::parts::{Identity, KinshipPart};
use crate::pipeline::{Worker as OfPipeline, Workplace};
use crate::progress::{Observer, Progress};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

/// A prepared run that computes parts of itself. Requests are answered one after the other, on all threads.
#[pyclass(module = "jamma._core", frozen)]
pub(super) struct Worker {
    of_pipeline: OfPipeline,
    raised: Option<Raised>,
    is_cancelled: Arc<AtomicBool>,
}

/// Shows nothing, and stops the work when nobody wants its result any more.
struct Cancellable(Arc<AtomicBool>);

impl Observer for Cancellable {
    fn on(&self, _: Progress<'_>) {}

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[pymethods]
impl Worker {
    /// Prepares a run.
    ///
    /// * `command`, `options`, `inputs`: as for [`Run`](super::run::Run), or
    /// * `words`: the arguments of the command line, the program's name first
    /// * `directory`, `run`, `worker`: where the workers of the run keep decompositions, and the names of run and worker
    /// * `threads`, `memory`: the resources of the worker, the memory in bytes
    /// * `backend`: called with the name of the backend that was asked for, or None; returns a backend object, or None for rust
    #[new]
    #[pyo3(signature = (*, directory, run, worker, threads=None, memory=None, backend=None, command=None, options=None, words=None, **of_call))]
    #[allow(
        clippy::too_many_arguments,
        reason = "keywords of a private constructor"
    )]
    #[allow(clippy::needless_pass_by_value, reason = "as PyO3 extracts them")]
    fn new(
        py: Python<'_>,
        directory: PathBuf,
        run: String,
        worker: String,
        threads: Option<usize>,
        memory: Option<u64>,
        backend: Option<Py<PyAny>>,
        command: Option<String>,
        options: Option<Bound<'_, PyDict>>,
        words: Option<Vec<OsString>>,
        of_call: Option<Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let (mut job, asked, mut raised) = match (words, command, options) {
            (Some(words), ..) => {
                let (job, args) = cli::job_of_words(&words)?;
                (
                    job,
                    args.backend.map(|name| name.name().to_owned()),
                    Vec::new(),
                )
            }
            (None, Some(command), Some(options)) => {
                let args = args(&command, &options)?;
                let Inputs {
                    given,
                    raised,
                    notes,
                } = super::given::inputs(py, of_call.as_ref())?;
                let mut job = cli::job(&args, given, String::new())?;
                job.notes.extend(notes);
                (job, None, raised)
            }
            _ => return Err(Error::inconsistent("a worker has no run", "name one").into()),
        };
        job.machine.threads = threads.unwrap_or(job.machine.threads);
        job.machine.memory = memory.or(job.machine.memory);
        let is_rust = asked.is_none() && job.only_of_rust().is_some();
        let object = match backend.filter(|_| !is_rust) {
            Some(choose) => choose
                .call1(py, (asked,))?
                .extract::<Option<Py<PyAny>>>(py)?,
            None => None,
        };
        let backend: Box<dyn Backend + Send> = match object {
            None => Box::new(CpuBackend),
            Some(object) => {
                let backend = PyBackend::new(py, object)?;
                raised.push(backend.raised());
                Box::new(backend)
            }
        };
        let workplace = Workplace {
            directory,
            run,
            worker,
        };
        let is_cancelled = Arc::default();
        let observer = Box::new(Cancellable(Arc::clone(&is_cancelled)));
        let started = py.detach(|| OfPipeline::start(job, backend, observer, workplace));
        let raised = raised.into_iter().next();
        match started {
            Ok(of_pipeline) => Ok(Self {
                of_pipeline,
                raised,
                is_cancelled,
            }),
            Err(error) => Err(raised
                .and_then(|raised| taken(&raised))
                .unwrap_or_else(|| error.into())),
        }
    }

    /// Stops the request that is being answered, which raises KeyboardInterrupt, and all that follow.
    fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// The work of the run.
    fn outline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        outline(py, self.of_pipeline.outline())
    }

    /// The first fact in which the run of the client, whose identity these bytes are, differs from this one: its name, and the
    /// values for the client and here; None if there is none.
    #[allow(clippy::needless_pass_by_value, reason = "as PyO3 extracts them")]
    fn difference(&self, identity: PyBackedBytes) -> PyResult<Option<[String; 3]>> {
        let client: Identity = unpack(&identity, "the identity of a run")?;
        Ok(client.difference(self.of_pipeline.identity()))
    }

    /// The kinship sum of the SNPs from `start` to before `end`.
    fn kinship<'py>(
        &self,
        py: Python<'py>,
        group: usize,
        start: usize,
        end: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        self.bytes(py, || {
            self.of_pipeline
                .kinship(group, start..end)
                .map(|part| pack(&part))
        })
    }

    /// Decomposes the kinship of a unit and fits its null models.
    ///
    /// * `sum`: the sum of all SNPs, if the kinship is computed
    /// * `left_out`: that of the chromosome that is left out, if it has SNPs
    #[pyo3(signature = (group, unit, sum=None, left_out=None))]
    fn unit<'py>(
        &self,
        py: Python<'py>,
        group: usize,
        unit: usize,
        sum: Option<PyBackedBytes>,
        left_out: Option<PyBackedBytes>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let sum = move || {
            let kinship =
                |bytes: PyBackedBytes| unpack::<KinshipPart>(&bytes, "the sum of a kinship");
            let mut sum = sum.map(kinship).transpose()?;
            if let (Some(sum), Some(left_out)) = (&mut sum, left_out) {
                sum.sums.extend(kinship(left_out)?.sums);
            }
            Ok(sum)
        };
        self.bytes(py, || {
            self.of_pipeline
                .unit(group, unit, sum)
                .map(|part| pack(&part))
        })
    }

    /// Tests the SNPs of a unit from `start` to before `end`.
    ///
    /// * `unit`: what [`unit`](Self::unit) returned, here or on another worker
    #[allow(clippy::needless_pass_by_value, reason = "as PyO3 extracts them")]
    fn tests<'py>(
        &self,
        py: Python<'py>,
        unit: PyBackedBytes,
        start: usize,
        end: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        self.bytes(py, || {
            let unit = unpack(&unit, "the null models of a unit")?;
            self.of_pipeline
                .tests(unit, start..end)
                .map(|part| pack(&part))
        })
    }
}

impl Worker {
    fn bytes<'py>(
        &self,
        py: Python<'py>,
        work: impl FnOnce() -> Result<Vec<u8>> + Send,
    ) -> PyResult<Bound<'py, PyBytes>> {
        match py.detach(work) {
            Ok(bytes) => Ok(PyBytes::new(py, &bytes)),
            Err(error) => Err(self
                .raised
                .as_ref()
                .and_then(taken)
                .unwrap_or_else(|| error.into())),
        }
    }
}

/// The exception that Python code raised.
fn taken(raised: &Raised) -> Option<PyErr> {
    raised.lock().unwrap_or_else(PoisonError::into_inner).take()
}
