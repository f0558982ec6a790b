//! Detects kinship matrices with only one triangle, to explain the error that the missing half causes.

use std::path::Path;

use super::suspect::{DECIMAL_COMMAS, has_decimal_commas};
use super::text::{Lines, WIDE, parse_number, table_fields};

/// Number of rows that are examined.
const ROWS: usize = 6;

const LOWER_HINT: &str = "write the whole symmetric matrix, both triangles: in R K[upper.tri(K)] <- t(K)[upper.tri(K)], \
                          in NumPy np.tril(K) + np.tril(K, -1).T";
const UPPER_HINT: &str = "write the whole symmetric matrix, both triangles: in R K[lower.tri(K)] <- t(K)[lower.tri(K)], \
                          in NumPy np.triu(K) + np.triu(K, 1).T";
const PAIRS_HINT: &str = "name the file PREFIX.grm.gz, with the ids in PREFIX.grm.id, or write one line per pair with two ids and the value, and use -km 2";

/// Cause and remedy of an error in reading a square matrix, from the first rows of the file at `path`: a single
/// triangle, decimal commas or a list of pairs. `None` if the rows look like a square matrix.
pub(crate) fn cause(path: &Path, n: usize) -> Option<(String, &'static str)> {
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
            "its numbers have decimal commas, such as 0,5, but commas separate columns".into(),
            DECIMAL_COMMAS.hint,
        ));
    }
    if is_list_of_pairs(&rows) {
        return Some((
            "the file is a list of pairs of rows, like GCTA's .grm.gz, not a matrix".into(),
            PAIRS_HINT,
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
    let (which, hint) = match (is_lower, is_upper) {
        (true, _) => ("lower", LOWER_HINT),
        (_, true) => ("upper", UPPER_HINT),
        _ => return None,
    };
    Some((
        format!("the file holds only the {which} triangle of the matrix"),
        hint,
    ))
}

/// Whether rows start with 1 1, 2 1, 2 2 and so on, before a count and a value.
fn is_list_of_pairs(rows: &[String]) -> bool {
    let mut pairs = (1..).flat_map(|a| (1..=a).map(move |b| (a, b)));
    rows.len() >= 3
        && rows.iter().all(|row| {
            let cells: Vec<&str> = table_fields(row).collect();
            let is_next =
                |(a, b): (u32, u32)| cells[0].parse() == Ok(a) && cells[1].parse() == Ok(b);
            matches!(cells.len(), 3 | 4) && pairs.next().is_some_and(is_next)
        })
}

/// Which cells of a row are numbers; the row is split at every tab or comma if a cell is empty.
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

/// Cause and remedy if all entries of one triangle are 0, so that the matrix is not symmetric.
pub(super) fn of_zeros(n: usize, values: &[f64]) -> Option<(String, &'static str)> {
    let is_zero = |is_meant: fn(usize, usize) -> bool| {
        (0..n).all(|a| (0..n).all(|b| !is_meant(a, b) || values[a * n + b] == 0.0))
    };
    let (which, hint) = if is_zero(|a, b| a < b) {
        ("lower", LOWER_HINT)
    } else if is_zero(|a, b| a > b) {
        ("upper", UPPER_HINT)
    } else {
        return None;
    };
    Some((
        format!("only the {which} triangle is filled, the other is 0"),
        hint,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::file;
    use super::*;

    #[test]
    fn each_triangle_has_its_remedy() {
        let said = |text: &str| cause(file(text).path(), 3).unwrap();
        let (what, hint) = said("1\n2 3\n4 5 6\n");
        assert!(what.contains("lower") && hint.contains("np.tril(K, -1).T"));
        let (what, hint) = said("1 2 4\n3 5\n6\n");
        assert!(
            what.contains("upper")
                && hint.contains("np.triu(K, 1).T")
                && hint.contains("K[lower.tri(K)]")
        );
        let (what, hint) = said("1\t1\t90\t1.0\n2\t1\t90\t0.1\n2\t2\t90\t1.1\n");
        assert!(what.contains(".grm.gz") && hint.contains("-km 2"));
        let (what, hint) = of_zeros(2, &[1.0, 2.0, 0.0, 1.0]).unwrap();
        assert!(what.contains("upper") && hint.contains("np.triu"));
        assert_eq!(cause(file("1 1 1\n1 1 1\n1 1 1\n").path(), 3), None);
    }
}
