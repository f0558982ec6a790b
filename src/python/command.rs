//! Runs the command line in this process.

use super::background::Background;
use super::elsewhere::PyElsewhere;
use super::exit;
use super::object::{PyBackend, Raised};
use super::options::args;
use super::watch::Watch;
use crate::backend::{Backend, CpuBackend};
use crate::cli::{self, BackendName, Backends};
use crate::error::{Error, Result};
use crate::output::html::files::{FinishedRuns, write};
use crate::pipeline::parts::Elsewhere;
use crate::progress::Observer;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

/// Signals by their numbers, which are the same on every system.
const SIGHUP: u8 = 1;
const SIGINT: u8 = 2;
const SIGTERM: u8 = 15;

/// Runs the command `args` (the program's name first) and returns its exit status: 0 success, 1 failure, 2 wrong command line.
///
/// After a `KeyboardInterrupt`, the status is 128 plus the signal number in its argument, or 130 without an argument.
///
/// * `choose`: called with the value of `--backend` or None, and the value of `--memory` in bytes or None; returns None for
///   the Rust backend, or a backend object
/// * `selected`: called for `--version`; returns the name of the backend of a run without `--backend`
/// * `cluster`: called with the value of `--dask` and the other arguments; returns the source of partial results
#[pyfunction]
pub(super) fn main(
    py: Python<'_>,
    args: Vec<OsString>,
    choose: Py<PyAny>,
    selected: Py<PyAny>,
    cluster: Py<PyAny>,
) -> PyResult<u8> {
    let backends = OfPython {
        choose,
        selected,
        cluster,
    };
    let work = move |watch: &Watch, send: &SyncSender<u8>| {
        let code = cli::run(&args, &backends, &|| watch.is_cancelled());
        // The receiver is gone if the run was cancelled.
        let _ = send.send(code);
    };
    let mut run = Background::start(Watch::new(false), None, None, work)?;
    match run.next(py) {
        Ok(code) => Ok(code.unwrap_or(1)),
        Err(raised) if raised.is_instance_of::<PyKeyboardInterrupt>(py) => {
            crate::output::file::remove_unfinished();
            // The number of the signal, unless the exception comes from Ctrl-C.
            let number = raised.value(py).getattr("args")?.get_item(0);
            let number = number.and_then(|number| number.extract()).unwrap_or(SIGINT);
            cli::interrupted(match number {
                SIGHUP => "SIGHUP",
                SIGTERM => "SIGTERM",
                _ => "SIGINT",
            });
            Ok(128 + number)
        }
        Err(raised) => Err(raised),
    }
}

/// Writes an HTML report of finished runs; returns its path ([`write`](crate::output::html::files::write)).
///
/// * `options`: those of `jamma lmm` that name genotypes, and `chr_set`
#[pyfunction]
#[pyo3(signature = (prefixes, options, out=None))]
#[allow(clippy::needless_pass_by_value, reason = "as PyO3 extracts them")]
pub(super) fn report(
    py: Python<'_>,
    prefixes: Vec<PathBuf>,
    options: &Bound<'_, PyDict>,
    out: Option<PathBuf>,
) -> PyResult<PathBuf> {
    let args = args("lmm", options)?;
    let genotypes = cli::optional_genotype_files(&args)?;
    let set = args.chr_set.as_deref().map(cli::chromosome_set);
    let set = set.transpose()?;
    let write = || {
        write(&FinishedRuns {
            prefixes: &prefixes,
            genotypes: genotypes.as_ref(),
            chromosomes: set.as_ref(),
            out: out.as_deref(),
        })
    };
    Ok(py.detach(write)?)
}

/// The instruction set that the kernels use here.
#[pyfunction]
pub(super) fn kernels() -> &'static str {
    crate::kernels::instruction_set()
}

/// Threads that this process may use.
#[pyfunction]
pub(super) fn threads() -> usize {
    cli::default_threads()
}

/// The backends that the Python package chooses.
struct OfPython {
    choose: Py<PyAny>,
    selected: Py<PyAny>,
    cluster: Py<PyAny>,
}

impl Backends for OfPython {
    fn choose(&self, asked: Option<BackendName>, memory: Option<u64>) -> Result<Box<dyn Backend>> {
        attached(|py| {
            let backend = self
                .choose
                .call1(py, (asked.map(BackendName::name), memory))?;
            Ok(if backend.is_none(py) {
                Box::new(CpuBackend) as Box<dyn Backend>
            } else {
                Box::new(PyBackend::new(py, backend)?)
            })
        })
    }

    fn cluster<'a>(
        &self,
        address: &str,
        words: &[String],
        is_cancelled: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Box<dyn Elsewhere + 'a>> {
        let object = attached(|py| self.cluster.call1(py, (address, words.to_vec())))?;
        let raised = Raised::default();
        Ok(Box::new(PyElsewhere::new(object, raised, is_cancelled)))
    }

    fn selected(&self) -> Result<String> {
        attached(|py| self.selected.call0(py)?.extract(py))
    }
}

/// The result of `work`, with its exception as an [`Error::Backend`] whose hint is the first note.
fn attached<T>(work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
    let attached = exit::try_attach(|py| {
        work(py).map_err(|raised| {
            let value = raised.value(py);
            let note = value
                .getattr("__notes__")
                .and_then(|notes| notes.get_item(0)?.extract::<String>());
            Error::Backend {
                what: value.to_string(),
                hint: note
                    .unwrap_or_default()
                    .trim_start_matches("hint: ")
                    .to_owned(),
            }
        })
    });
    attached.unwrap_or(Err(Error::Interrupted))
}
