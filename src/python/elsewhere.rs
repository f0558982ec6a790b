//! Partial results from a Python object, such as the tasks of a Dask cluster.

use super::exit;
use super::object::Raised;
use crate::error::{Error, Result};
use crate::io::packed::{pack, unpack};
use crate::pipeline::parts::{Elsewhere, Identity, KinshipPart, Outline, TestPart, UnitPart};
use crate::progress::{Observer, Progress, Stage};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyList};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::PoisonError;

/// A Python object with the methods `stage()`, which returns whether the kinship is being computed, or else its decomposition, and
/// the fraction of it that is done; `begin(outline, identity)`, `kinship(group)`, `unit(group, unit)` and `tests(group, unit)`. The last
/// three return bytes, or None if the result is not there yet: they are called again, and must return within a fraction of a
/// second. Empty bytes of `tests` mean that there are no more.
pub(super) struct PyElsewhere<'a> {
    object: Py<PyAny>,
    raised: Raised,
    is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> PyElsewhere<'a> {
    /// * `raised`: takes an exception of the object
    pub(super) fn new(
        object: Py<PyAny>,
        raised: Raised,
        is_cancelled: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            object,
            raised,
            is_cancelled,
        }
    }

    fn call<T>(
        &self,
        work: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T> {
        let attached = exit::try_attach(|py| {
            work(py, self.object.bind(py)).map_err(|raised| {
                let error = error_of(py, &raised);
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(raised);
                error
            })
        });
        attached.unwrap_or(Err(Error::Interrupted))
    }

    /// The bytes that the method `name` returns in the end.
    ///
    /// * `waiting`: called while there is no result
    fn bytes(
        &self,
        name: &str,
        arguments: &[usize],
        waiting: &mut dyn FnMut(),
    ) -> Result<PyBackedBytes> {
        loop {
            if (self.is_cancelled)() {
                return Err(Error::Interrupted);
            }
            let bytes = self.call(|py, object| {
                let arguments = pyo3::types::PyTuple::new(py, arguments)?;
                object
                    .call_method1(name, arguments)?
                    .extract::<Option<PyBackedBytes>>()
                    .map_err(Into::into)
            })?;
            if let Some(bytes) = bytes {
                return Ok(bytes);
            }
            waiting();
        }
    }

    fn value<T: DeserializeOwned>(&self, name: &str, arguments: &[usize]) -> Result<T> {
        let bytes = self.bytes(name, arguments, &mut || {})?;
        unpack(&bytes, "the result of a worker")
    }
}

impl Elsewhere for PyElsewhere<'_> {
    fn begin(&mut self, run: &Outline, identity: &Identity) -> Result<()> {
        let identity = pack(identity);
        self.call(|py, object| {
            let identity = PyBytes::new(py, &identity);
            let arguments = (outline(py, run)?, identity);
            object.call_method1("begin", arguments).map(drop)
        })
    }

    fn kinship(&mut self, group: usize) -> Result<KinshipPart> {
        self.value("kinship", &[group])
    }

    fn unit(&mut self, group: usize, unit: usize, observer: &dyn Observer) -> Result<UnitPart> {
        let mut shown = None;
        let bytes = self.bytes("unit", &[group, unit], &mut || {
            let stage =
                self.call(|_, object| object.call_method0("stage")?.extract::<(bool, f64)>());
            let Ok((is_kinship, fraction)) = stage else {
                return;
            };
            let stage = if is_kinship {
                Stage::Kinship
            } else {
                Stage::Eigendecomposition
            };
            if shown != Some(stage) {
                if shown.is_some() {
                    observer.on(Progress::Ended);
                }
                let n_snps = None;
                observer.on(Progress::Began { stage, n_snps });
                shown = Some(stage);
            }
            observer.on(Progress::Fraction(fraction));
        })?;
        unpack(&bytes, "the result of a worker")
    }

    fn tests(&mut self, group: usize, unit: usize) -> Result<Option<TestPart>> {
        let bytes = self.bytes("tests", &[group, unit], &mut || {})?;
        if bytes.is_empty() {
            return Ok(None);
        }
        unpack(&bytes, "the result of a worker").map(Some)
    }
}

/// The error for the command line. The exception itself is raised again in Python.
fn error_of(py: Python<'_>, raised: &PyErr) -> Error {
    let value = raised.value(py);
    let note = value
        .getattr("__notes__")
        .and_then(|notes| notes.get_item(0)?.extract::<String>());
    let hint = note.unwrap_or_default();
    let (what, hint) = (
        value.to_string(),
        hint.trim_start_matches("hint: ").to_owned(),
    );
    if raised.is_instance_of::<pyo3::exceptions::PyMemoryError>(py) {
        Error::Memory { what, hint }
    } else if raised.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) {
        Error::Interrupted
    } else {
        Error::Backend { what, hint }
    }
}

/// An outline as a dictionary.
pub(super) fn outline<'py>(py: Python<'py>, of: &Outline) -> PyResult<Bound<'py, PyDict>> {
    let pairs = |ranges: &[Range<usize>]| -> Vec<(usize, usize)> {
        ranges
            .iter()
            .map(|range| (range.start, range.end))
            .collect()
    };
    let all = PyDict::new(py);
    all.set_item("is_kinship", of.is_kinship)?;
    all.set_item("backend", &of.backend)?;
    all.set_item("n_snps", of.n_snps)?;
    all.set_item("n_individuals", of.n_individuals)?;
    all.set_item("groups", &of.groups)?;
    all.set_item("is_computed", of.is_computed)?;
    all.set_item("is_decomposed", of.is_decomposed)?;
    all.set_item("chunk", of.chunk)?;
    let units = of.units.iter().map(|unit| {
        let one = PyDict::new(py);
        one.set_item("left_out", unit.left_out.as_deref())?;
        one.set_item("chromosome", pairs(&unit.chromosome))?;
        one.set_item("tested", pairs(&unit.tested))?;
        Ok(one)
    });
    all.set_item(
        "units",
        PyList::new(py, units.collect::<PyResult<Vec<_>>>()?)?,
    )?;
    Ok(all)
}

/// Adds the parts of a kinship, in any order; with `flat`, the result has one sum over all chromosomes.
#[pyfunction]
#[pyo3(signature = (parts, flat=false))]
#[allow(clippy::needless_pass_by_value, reason = "as PyO3 extracts them")]
pub(super) fn merge_kinships(
    py: Python<'_>,
    parts: Vec<PyBackedBytes>,
    flat: bool,
) -> PyResult<Bound<'_, PyBytes>> {
    let merged = py.detach(|| -> Result<Vec<u8>> {
        let mut total: Option<KinshipPart> = None;
        for bytes in parts {
            let part: KinshipPart = unpack(&bytes, "a part of a kinship")?;
            drop(bytes);
            let part = if flat { part.flattened() } else { part };
            match &mut total {
                None => total = Some(part),
                Some(total) => total.merge(part)?,
            }
        }
        let total = total.ok_or_else(|| Error::inconsistent("there are no parts", "give some"))?;
        Ok(pack(&total))
    })?;
    Ok(PyBytes::new(py, &merged))
}
