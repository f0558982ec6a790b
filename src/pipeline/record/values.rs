//! Values of options in JSON.

use crate::output::json::Json;
use crate::pipeline::input::Input;
use crate::sources::without_secrets;
use std::path::{Path, PathBuf};

/// The options of a record: names on the command line and values, null if an option is off or does not apply.
pub(super) type Options = Vec<(&'static str, Json)>;

/// A path as text, without the secrets that a URL may contain.
pub(super) fn path(path: &Path) -> Json {
    without_secrets(&path.to_string_lossy()).into()
}

/// A path, or null.
pub(super) fn optional_path(given: Option<&PathBuf>) -> Json {
    given.map(|given| path(given)).into()
}

/// The path of an input, or null if it is in memory or absent.
pub(super) fn file<M>(input: Option<&Input<PathBuf, M>>) -> Json {
    match input {
        Some(Input::File(given)) => path(given),
        Some(Input::Memory(_)) | None => Json::Null,
    }
}

/// A list, or null if it is empty.
pub(super) fn list<T: Into<Json>>(values: impl IntoIterator<Item = T>) -> Json {
    match Json::list(values) {
        Json::List(values) if values.is_empty() => Json::Null,
        values => values,
    }
}
