//! A run of the pipeline in progress.

use super::background::Background;
use super::collector::Collector;
use super::exit::Inside;
use super::matrices::{Eigenpairs, array_of_symmetric, ids_of, mat_of_array, square_of_array};
use super::message::{Message, Results};
use super::object::{PyBackend, Raised};
use super::options::args;
use super::report::report;
use super::study::Study;
use super::table::Table;
use super::watch::Watch;
use crate::backend::{Backend, CpuBackend};
use crate::cli::{self, Given};
use crate::cohort::{EnvironmentValues, Phenotype};
use crate::eigen::GivenEigen;
use crate::error::{Error, Result};
use crate::io::sex::Sex;
use crate::io::table::CovariateTable;
use crate::output::files::OutputFiles;
use crate::pipeline::{self, GivenKinship, Job, Setting, Traits};
use crate::progress::Observer;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::HashSet;
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
    /// * `traits`: several phenotypes instead of one: their names, and a column for each
    /// * `study`, `phenotype`, `covariates`, `kinship`, `kinship2`, `eigen`, `snps`, `kinship_snps`: inputs instead of files
    /// * `gxe`, `gxe_levels`: the environment, as numbers or as levels
    /// * `weights`: weights of the individuals
    /// * `sexes`: the sex of every individual, in the words of a table
    /// * `kinship_rows`, `kinship2_rows`, `eigen_rows`: the row of each individual, -1 for none; if None, rows are in the order of the individuals
    /// * `notes`: notes for the user on these inputs
    #[new]
    #[pyo3(signature = (command, options, *, call, write, blocks=false, backend=None, is_chosen=false, terminal=false, progress=None, study=None, phenotype=None, traits=None, covariates=None, kinship=None, kinship_rows=None, kinship2=None, kinship2_rows=None, eigen=None, eigen_rows=None, snps=None, kinship_snps=None, gxe=None, gxe_levels=None, weights=None, sexes=None, notes=Vec::new()))]
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
        study: Option<PyRef<'_, Study>>,
        phenotype: Option<Bound<'_, PyArray1<f64>>>,
        traits: Option<(Vec<String>, Bound<'_, PyArray2<f64>>)>,
        covariates: Option<Bound<'_, PyArray2<f64>>>,
        kinship: Option<Bound<'_, PyArray2<f64>>>,
        kinship_rows: Option<Vec<i64>>,
        kinship2: Option<Bound<'_, PyArray2<f64>>>,
        kinship2_rows: Option<Vec<i64>>,
        eigen: Option<Eigenpairs<'_>>,
        eigen_rows: Option<Vec<i64>>,
        snps: Option<HashSet<String>>,
        kinship_snps: Option<HashSet<String>>,
        gxe: Option<Bound<'_, PyArray1<f64>>>,
        gxe_levels: Option<Vec<Option<String>>>,
        weights: Option<Bound<'_, PyArray1<f64>>>,
        sexes: Option<Vec<Option<String>>>,
        notes: Vec<String>,
    ) -> PyResult<Self> {
        let args = args(command, options)?;
        let listed = |ids: HashSet<String>| ids.into_iter().map(String::into_boxed_str).collect();
        let source = study.map(|study| study.source(py)).transpose()?;
        let (source, raised) =
            source.map_or((None, None), |(source, raised)| (Some(source), raised));
        let mut raised: Vec<Raised> = raised.into_iter().collect();
        let matrix = |k: Option<Bound<'_, PyArray2<f64>>>, rows: Option<Vec<i64>>, what| {
            let square = k.map(|k| square_of_array(&k.readonly(), what)).transpose();
            square.map(|square| {
                square.map(|matrix| GivenKinship {
                    matrix,
                    rows: rows.map(rows_of),
                })
            })
        };
        let given = Given {
            source,
            traits: match (phenotype, traits) {
                (_, Some((names, values))) => Some(traits_of(names, &values)?),
                (Some(values), None) => Some(Traits::one(phenotype_of(&values))),
                (None, None) => None,
            },
            covariates: covariates
                .map(|values| covariates_of(&values))
                .transpose()?,
            kinship: matrix(kinship, kinship_rows, "the kinship matrix")?,
            second_kinship: matrix(kinship2, kinship2_rows, "the kinship2 matrix")?,
            eigen: eigen
                .map(|(values, vectors)| {
                    mat_of_array(&vectors.readonly()).map(|vectors| GivenEigen {
                        values: values.readonly().as_array().to_vec(),
                        vectors,
                        rows: eigen_rows.map(rows_of),
                    })
                })
                .transpose()?,
            snps: snps.map(listed),
            kinship_snps: kinship_snps.map(listed),
            environment: match (gxe, gxe_levels) {
                (_, Some(levels)) => {
                    let levels = levels.into_iter();
                    let levels = levels.map(|level| level.map(String::into_boxed_str));
                    Some(EnvironmentValues::Levels(levels.collect()))
                }
                (Some(values), None) => Some(EnvironmentValues::Numbers(phenotype_of(&values))),
                (None, None) => None,
            },
            weights: weights.map(|values| EnvironmentValues::Numbers(phenotype_of(&values))),
            sexes: sexes.map(|words| {
                let sex = |word: &Option<String>| Sex::of(word.as_deref().unwrap_or_default());
                words.iter().map(sex).collect()
            }),
        };
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
        let work = move |watch: &Watch, send: &SyncSender<Message>| {
            let results = go(job, &*backend, watch, blocks.then_some(send));
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
) -> Result<Results> {
    let is_cancelled = || watch.is_cancelled();
    let mut collector = Collector::new(blocks, &is_cancelled);
    let mut setting = Setting::new(backend, watch);
    setting.sinks.push(&mut collector);
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

/// Rows from Python, where -1 means none.
fn rows_of(rows: Vec<i64>) -> Vec<Option<usize>> {
    rows.into_iter()
        .map(|row| usize::try_from(row).ok())
        .collect()
}

fn phenotype_of(values: &Bound<'_, PyArray1<f64>>) -> Vec<Option<f64>> {
    let values = values.readonly();
    let values = values.as_array();
    values.iter().map(|&y| (!y.is_nan()).then_some(y)).collect()
}

/// Several phenotypes, one in each column of `values`.
fn traits_of(names: Vec<String>, values: &Bound<'_, PyArray2<f64>>) -> Result<Traits> {
    let values = values.readonly();
    let values = values.as_array();
    if names.len() != values.ncols() || names.is_empty() {
        return Err(Error::inconsistent(
            format!(
                "phenotype: {} names, but {} columns",
                names.len(),
                values.ncols()
            ),
            "give a column for each phenotype",
        ));
    }
    let column = |(name, column): (String, _)| Phenotype {
        name,
        values: values
            .column(column)
            .iter()
            .map(|&y| (!y.is_nan()).then_some(y))
            .collect(),
    };
    Ok(Traits::several(
        names.into_iter().zip(0..).map(column).collect(),
    ))
}

fn covariates_of(values: &Bound<'_, PyArray2<f64>>) -> Result<CovariateTable> {
    let values = values.readonly();
    let values = values.as_array();
    if values.ncols() == 0 {
        return Err(Error::inconsistent(
            "covariates: the table has no column",
            "omit covariates; an intercept is added anyway",
        ));
    }
    let rows: Vec<f64> = values.iter().copied().collect();
    Ok(CovariateTable::of_rows(values.ncols(), &rows))
}
