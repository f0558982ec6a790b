//! jamma's errors as Python's exception classes.

use super::argument_names::{in_python, of_python};
use crate::error::Error;
use pyo3::exceptions::{
    PyArithmeticError, PyFileExistsError, PyFileNotFoundError, PyIsADirectoryError,
    PyKeyboardInterrupt, PyMemoryError, PyNotADirectoryError, PyOSError, PyPermissionError,
    PyRuntimeError, PyValueError,
};
use pyo3::prelude::*;
use std::io::ErrorKind;

impl From<Error> for PyErr {
    /// The class depends on the kind of error, the text has arguments instead of options, and the hint is a note.
    fn from(error: Error) -> Self {
        let error = of_python(error);
        let text = error.to_string();
        let python = match &error {
            Error::Io { source, .. } => of_system(source.kind(), text),
            Error::Remote { kind, .. } => of_system(*kind, text),
            Error::Malformed { .. }
            | Error::Inconsistent { .. }
            | Error::Degenerate { .. }
            | Error::InvalidOption { .. } => PyValueError::new_err(text),
            Error::Memory { .. } => PyMemoryError::new_err(text),
            Error::NoConvergence { .. } => PyArithmeticError::new_err(text),
            Error::Interrupted => PyKeyboardInterrupt::new_err(text),
            Error::Backend { .. } => PyRuntimeError::new_err(text),
        };
        Python::attach(|py| {
            // A failure to add details must not hide the error itself.
            if let Error::Io { source, .. } = &error {
                // Not `filename`, with which Python would replace the text by its own.
                let _ = python.value(py).setattr("errno", source.raw_os_error());
            }
            if let Some(hint) = error.hint() {
                let _ = python.add_note(py, format!("hint: {}", in_python(&hint)));
            }
        });
        python
    }
}

fn of_system(kind: ErrorKind, text: String) -> PyErr {
    match kind {
        ErrorKind::NotFound => PyFileNotFoundError::new_err(text),
        ErrorKind::PermissionDenied => PyPermissionError::new_err(text),
        ErrorKind::IsADirectory => PyIsADirectoryError::new_err(text),
        ErrorKind::NotADirectory => PyNotADirectoryError::new_err(text),
        ErrorKind::AlreadyExists => PyFileExistsError::new_err(text),
        _ => PyOSError::new_err(text),
    }
}
