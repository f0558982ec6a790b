//! Messages about entries of a kinship matrix.

use crate::error::Error;
use crate::io::individual::Individual;
use crate::io::suspect;
use crate::io::text::quoted;
use std::path::Path;

const COMPLETE_HINT: &str =
    "the matrix must be complete: recompute it, or exclude the individuals without values";

/// The error for the entry of two individuals that is not a finite number.
///
/// * `line`: the 1-based line of a text file
/// * `field`: the entry as it is in the file
pub(super) fn not_finite(
    path: &Path,
    line: Option<u64>,
    pair: [&Individual; 2],
    field: &str,
) -> Error {
    let [a, b] = pair;
    let what = format!(
        "the entry of {a} and {b} is {}, expected a finite number",
        quoted(field)
    );
    let (what, hint) = suspect::explained(what, field, COMPLETE_HINT);
    match line {
        Some(line) => Error::malformed_line(path, line, what, hint),
        None => Error::malformed(path, what, hint),
    }
}
