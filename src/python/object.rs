//! The Python object of a backend, and calls of its methods.

use super::exit;
use crate::error::{Error, Result};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// The exception that ended a run, for the caller to raise again.
pub(super) type Raised = Arc<Mutex<Option<PyErr>>>;

/// A Python object with the methods `kinship_sum`, `eigendecompose` and `scanner`, perhaps `group_scanner`, and a `name`.
pub(super) struct PyBackend {
    pub(super) object: Py<PyAny>,
    pub(super) name: String,
    raised: Raised,
}

impl PyBackend {
    pub(super) fn new(py: Python<'_>, object: Py<PyAny>) -> PyResult<Self> {
        let name = object.getattr(py, "name")?.extract(py)?;
        Ok(Self {
            object,
            name,
            raised: Raised::default(),
        })
    }

    /// The storage of an exception of the object.
    pub(super) fn raised(&self) -> Raised {
        Arc::clone(&self.raised)
    }

    /// Calls into Python; an exception ends the run.
    pub(super) fn call<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
        // During the shutdown there is no interpreter to attach to, and the run is cancelled.
        let attached = exit::try_attach(|py| {
            work(py).map_err(|error| {
                let what = format!("the backend {} failed: {error}", self.name);
                let is_memory = error.is_instance_of::<PyMemoryError>(py)
                    || what.contains("RESOURCE_EXHAUSTED");
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                let hint = "choose the backend rust with --backend rust or backend=\"rust\"".into();
                if is_memory {
                    Error::Memory { what, hint }
                } else {
                    Error::Backend { what, hint }
                }
            })
        });
        attached.unwrap_or(Err(Error::Interrupted))
    }
}
