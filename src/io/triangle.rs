//! Kinship matrices of which only one triangle was written: named in the error that the missing half causes.

use std::path::Path;

use super::suspect::{DECIMAL_COMMAS, has_decimal_commas};
use super::text::{Lines, WIDE, parse_number, table_fields};

/// Rows that are looked at.
const ROWS: usize = 6;

const HINT: &str = "write the whole symmetric matrix, both triangles: in R K[upper.tri(K)] <- t(K)[upper.tri(K)], \
                    in NumPy np.tril(K) + np.tril(K, -1).T";

/// What the first rows of the file at `path` have in common with a triangle, or with decimal commas: the cause of an error
/// in reading them, and its cure; `None` where they look like a square matrix.
pub(super) fn cause(path: &Path, n: usize) -> Option<(String, &'static str)> {
    // A pipe cannot be read again.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut lines = Lines::open_with(path, WIDE).ok()?;
    let mut rows: Vec<String> = Vec::new();
    while rows.len() < ROWS
        && let Ok(Some((_, text))) = lines.next_line()
    {
        rows.push(text.to_owned());
    }
    if rows.len() < 2 {
        return None;
    }
    if rows.iter().all(|row| has_decimal_commas(row)) {
        return Some((
            "its numbers have decimal commas, as 0,5, and commas separate columns".into(),
            DECIMAL_COMMAS.hint,
        ));
    }
    if n < 3 {
        return None;
    }
    let filled: Vec<Vec<bool>> = rows.iter().map(|row| filled(row)).collect();
    let fits = |is_filled: &dyn Fn(usize, usize) -> bool| {
        filled
            .iter()
            .enumerate()
            .all(|(i, row)| (row.iter().enumerate()).all(|(j, &filled)| filled == is_filled(i, j)))
    };
    let widths =
        |of: &dyn Fn(usize) -> usize| filled.iter().enumerate().all(|(i, row)| row.len() == of(i));
    let all = |_: usize, _: usize| true;
    let is_lower = widths(&|i| i + 1) && fits(&all) || widths(&|_| n) && fits(&|i, j| j <= i);
    let is_upper = (widths(&|i| n - i.min(n)) || widths(&|i| n - 1 - i.min(n - 1))) && fits(&all)
        || widths(&|_| n) && fits(&|i, j| j >= i);
    let which = match (is_lower, is_upper) {
        (true, _) => "lower",
        (_, true) => "upper",
        _ => return None,
    };
    Some((
        format!("the file holds only the {which} triangle of the matrix"),
        HINT,
    ))
}

/// Which cells of a row hold numbers; cells are cut at every tab or comma where one of them is empty.
fn filled(row: &str) -> Vec<bool> {
    let delimiter = if row.contains('\t') { '\t' } else { ',' };
    let cells: Vec<&str> = row
        .split(delimiter)
        .map(|cell| cell.trim_matches(' '))
        .collect();
    let cells = if cells.len() > 1 && cells.contains(&"") {
        cells
    } else {
        table_fields(row).collect()
    };
    cells
        .iter()
        .map(|cell| parse_number(cell).is_some())
        .collect()
}

/// What to say where all entries of one triangle are 0, so that the matrix is not symmetric.
pub(super) fn of_zeros(n: usize, values: &[f64]) -> Option<(String, &'static str)> {
    let is_zero = |is_meant: fn(usize, usize) -> bool| {
        (0..n).all(|a| (0..n).all(|b| !is_meant(a, b) || values[a * n + b] == 0.0))
    };
    let which = if is_zero(|a, b| a < b) {
        "lower"
    } else if is_zero(|a, b| a > b) {
        "upper"
    } else {
        return None;
    };
    Some((
        format!("only the {which} triangle is filled, the other is 0"),
        HINT,
    ))
}
