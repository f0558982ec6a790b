//! A run of the pipeline in progress.

use super::background::Background;
use super::collector::Collector;
use super::elsewhere::PyElsewhere;
use super::exit::Inside;
use super::given::{Inputs, inputs};
use super::matrices::{array_of_symmetric, ids_of};
use super::message::{Message, Results};
use super::object::{PyBackend, Raised};
use super::options::args;
use super::report::report;
use super::table::Table;
use super::watch::Watch;
use crate::backend::{Backend, CpuBackend};
use crate::cli;
use crate::error::{Error, Result};
use crate::output::files::OutputFiles;
use crate::pipeline::{self, Job, Setting};
use crate::progress::Observer;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::mpsc::SyncSender;
use std::sync::{Mutex, PoisonError};

/// A run, which starts when it is created. The mutex is never contended; it makes the type `Sync`, as PyO3 requires.
#[pyclass(module = "jamma._core")]
pub(super) struct Run(Mutex<State>);

struct State {
    background: Background<Message>,
    /// Exceptions of the backend and of the reader of genotypes.
    raised: Vec<Raised>,
    /// The results at the end, if they arrived while waiting for a block.
    results: Option<Results>,
}

#[pymethods]
impl Run {
    /// Starts a run of the command `command` with `options` (see [`args`]).
    ///
    /// * `call`: the call as the user wrote it, for the log
    /// * `write`: write files, named by the options `outdir` and `o`
    /// * `blocks`: return results block by block, from `next_block`
    /// * `backend`: a function that returns a backend object, or None for the backend rust
    /// * `is_chosen`: whether the caller chose the backend; otherwise an analysis that only the backend rust has uses it
    /// * `terminal`: show progress on standard error if it is a terminal
    /// * `progress`: called with a stage and the fraction of it that is done
    /// * `elsewhere`: where the results come from instead of being computed here ([`PyElsewhere`])
    /// * `of_call`: inputs instead of files ([`inputs`])
    #[new]
    #[pyo3(signature = (command, options, *, call, write, blocks=false, backend=None, is_chosen=false, terminal=false, progress=None, elsewhere=None, **of_call))]
    #[allow(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        clippy::needless_pass_by_value,
        reason = "keywords of a private constructor, as PyO3 extracts them"
    )]
    fn new(
        py: Python<'_>,
        command: &str,
        options: &Bound<'_, PyDict>,
        call: String,
        write: bool,
        blocks: bool,
        backend: Option<Py<PyAny>>,
        is_chosen: bool,
        terminal: bool,
        progress: Option<Py<PyAny>>,
        elsewhere: Option<Py<PyAny>>,
        of_call: Option<Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let args = args(command, options)?;
        let Inputs {
            given,
            mut raised,
            notes,
        } = inputs(py, of_call.as_ref())?;
        let mut job = cli::job(&args, given, call)?;
        job.notes.extend(notes);
        if !write {
            let of_files = [
                ("--output-format", !args.output_formats.is_empty()),
                ("--columns", args.columns.is_some()),
            ];
            if let Some((option, _)) = of_files.iter().find(|(_, is_given)| *is_given) {
                return Err(Error::option(
                    *option,
                    "this call writes no files, which have formats and columns",
                    "name the files with `out`; results have methods such as `to_polars`",
                )
                .into());
            }
            job.files = None;
        }
        let place = job.files.as_ref().map(OutputFiles::place);
        let is_rust = !is_chosen && job.only_of_rust().is_some();
        let object = match backend.filter(|_| !is_rust) {
            Some(choose) => choose.call0(py)?.extract::<Option<Py<PyAny>>>(py)?,
            None => None,
        };
        let backend: Box<dyn Backend> = match object {
            None => Box::new(CpuBackend),
            Some(object) => {
                let backend = PyBackend::new(py, object)?;
                raised.push(backend.raised());
                Box::new(backend)
            }
        };
        let elsewhere = elsewhere.map(|object| {
            let of_elsewhere = Raised::default();
            raised.push(Raised::clone(&of_elsewhere));
            (object, of_elsewhere)
        });
        let work = move |watch: &Watch, send: &SyncSender<Message>| {
            let results = go(job, &*backend, watch, blocks.then_some(send), elsewhere);
            // The receiver is gone if the run was cancelled.
            let _ = send.send(Message::Done(Box::new(results)));
        };
        let background = Background::start(Watch::new(terminal), place, progress, work)?;
        Ok(Self(Mutex::new(State {
            background,
            raised,
            results: None,
        })))
    }

    /// Waits for the results of the next SNPs; None at the end.
    fn next_block<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some((name, table)) = self.next(py)? else {
            return Ok(None);
        };
        let table = table.into_python(py)?;
        if let Some(name) = name {
            table.set_item("trait", name)?;
        }
        Ok(Some(table))
    }

    /// Waits for the end; the report of the run, with the results that were not returned block by block: `tables`, a list of
    /// the number of each trait in `traits` and its table, `kinships`, a list of the chromosome that is left out, or
    /// None, and the matrix, and, if there are any, `of_kinships`, the ids of their rows.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        while self.next(py)?.is_some() {}
        let results = self.state().results.take();
        let results = results
            .ok_or_else(|| PyRuntimeError::new_err("the run was already finished or cancelled"))?;
        let all = report(py, &results.report)?;
        let tables = results.tables.into_iter();
        let tables = tables.map(|(number, table)| Ok((number, table.into_python(py)?)));
        all.set_item("tables", tables.collect::<PyResult<Vec<_>>>()?)?;
        if !results.kinships.is_empty() {
            all.set_item("of_kinships", ids_of(&results.of_kinships))?;
        }
        let kinships = results.kinships.into_iter();
        let kinships = kinships
            .map(|(left_out, kinship)| Ok((left_out, array_of_symmetric(py, &kinship.matrix)?)));
        all.set_item("kinships", kinships.collect::<PyResult<Vec<_>>>()?)?;
        Ok(all)
    }

    /// Cancels the run.
    fn cancel(&mut self, py: Python<'_>) {
        let state = self.state();
        Inside::enter(py).without_lock(py, move || state.background.cancel());
    }
}

impl Run {
    fn state(&mut self) -> &mut State {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next block; `None` at the end, after the results are stored.
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<(Option<String>, Box<Table>)>> {
        let state = self.state();
        if state.results.is_some() {
            return Ok(None);
        }
        match state.background.next(py)? {
            Some(Message::Block(name, table)) => Ok(Some((name, table))),
            Some(Message::Done(results)) => match *results {
                Ok(results) => {
                    state.results = Some(results);
                    Ok(None)
                }
                Err(error) => Err(state.error(error)),
            },
            None => Ok(None),
        }
    }
}

impl State {
    /// The exception that Python code raised, if any, instead of the error made from it.
    fn error(&self, error: Error) -> PyErr {
        let raised = self.raised.iter().find_map(|raised| {
            let mut raised = raised.lock().unwrap_or_else(PoisonError::into_inner);
            raised.take()
        });
        raised.unwrap_or_else(|| error.into())
    }
}

fn go(
    job: Job,
    backend: &dyn Backend,
    watch: &Watch,
    blocks: Option<&SyncSender<Message>>,
    elsewhere: Option<(Py<PyAny>, Raised)>,
) -> Result<Results> {
    let is_cancelled = || watch.is_cancelled();
    let mut elsewhere =
        elsewhere.map(|(object, raised)| PyElsewhere::new(object, raised, &is_cancelled));
    let mut collector = Collector::new(blocks, &is_cancelled);
    let mut setting = Setting::new(backend, watch);
    setting.sinks.push(&mut collector);
    if let Some(elsewhere) = &mut elsewhere {
        setting.elsewhere = Some(elsewhere);
    }
    let report = pipeline::run(job, setting)?;
    let kinships = std::mem::take(&mut collector.kinships);
    let of_kinships = std::mem::take(&mut collector.of_kinships);
    Ok(Results {
        report,
        tables: collector.into_tables(),
        kinships,
        of_kinships,
    })
}
