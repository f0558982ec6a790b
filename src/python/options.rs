//! The options of a call from Python, as typed arguments.

use crate::cli::{self, Args, Command, Value};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};
use std::path::PathBuf;

/// The `options` of `command` as typed arguments, each with the checks of the command line.
///
/// Names are those of the command line with `_` for `-`; None means that the option is not given.
pub(super) fn args(command: &str, options: &Bound<'_, PyDict>) -> PyResult<Args> {
    let known = Command::of_name(command)
        .ok_or_else(|| PyValueError::new_err(format!("there is no command {command}")))?;
    let mut args = Args {
        command: Some(known),
        ..Args::default()
    };
    for (name, given) in options {
        let name: String = name.extract()?;
        if given.is_none() {
            continue;
        }
        cli::set(&mut args, &name.replace('_', "-"), &value(&given)).ok_or_else(|| {
            PyTypeError::new_err(format!("the command {command} has no option {name}"))
        })??;
    }
    Ok(args)
}

fn value(given: &Bound<'_, PyAny>) -> Value {
    if let Ok(is_set) = given.cast::<PyBool>() {
        Value::Flag(is_set.is_true())
    } else if let Ok(text) = given.extract::<String>() {
        Value::Text(text)
    } else if let Ok(whole) = given.extract::<i64>() {
        Value::Whole(whole)
    } else if let Ok(number) = given.extract::<f64>() {
        Value::Number(number)
    } else if let Ok(path) = given.extract::<PathBuf>() {
        Value::Path(path)
    } else {
        let shown = given.repr().map(|text| text.to_string());
        Value::Other(shown.unwrap_or_default())
    }
}
