//! Text matrices with the names of their rows or columns: R, pandas, TASSEL.

use super::cells::Cells;
use super::layout::Layout;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::io::ids::IdFile;
use crate::io::individual::Individual;
use crate::io::square::SquareMatrix;
use crate::io::text::{Lines, WIDE, count, for_each_batch, quoted};
use std::collections::HashMap;
use std::path::Path;

const HINT: &str = "the file must hold one row and one column per individual, with its name in the header, in the first column, or in both; \
                    a list of pairs (id, id, value) is read with -km 2";
const UNIQUE_HINT: &str = "name each individual once";
const SAME_HINT: &str = "write the same names for rows and columns: in R check.names = FALSE keeps those of the columns";

/// The names, in the order of the columns.
///
/// Fails on an empty or repeated name, and if the number of taxa in the file is wrong.
pub(super) fn ids(path: &Path, layout: &Layout) -> Result<IdFile> {
    let names = if layout.header.is_some() {
        names_of_header(path, layout)?
    } else {
        names_of_rows(path, layout)?
    };
    if let Some(n) = layout.n_taxa
        && n != names.len()
    {
        return Err(Error::malformed_line(
            path,
            layout.n_before as u64,
            format!(
                "the file announces {n} taxa, but has {}",
                count(names.len(), "row")
            ),
            "copy or create the file again",
        ));
    }
    Ok(IdFile::of_names(path, names))
}

fn names_of_header(path: &Path, layout: &Layout) -> Result<Vec<Box<str>>> {
    let mut lines = Lines::open_with(path, WIDE)?;
    for _ in 0..layout.n_before {
        lines.next_line()?;
    }
    let Some((line, text)) = lines.next_line()? else {
        return Err(Error::malformed(path, "the file is empty", HINT));
    };
    let has_corner = layout.header.is_some_and(|header| header.has_corner);
    let cells = Cells::of(text, layout.delimiter).enumerate();
    let (mut columns, mut names) = (HashMap::new(), Vec::new());
    for (column, cell) in cells.skip(usize::from(has_corner)) {
        let name = cell.text;
        if name.is_empty() {
            let what = format!("column {} has no name in the header", column + 1);
            return Err(Error::malformed_line(path, line, what, HINT));
        }
        if let Some(earlier) = columns.insert(name, column) {
            return Err(Error::malformed_line(
                path,
                line,
                format!(
                    "columns {} and {} have the same name {}",
                    earlier + 1,
                    column + 1,
                    quoted(name)
                ),
                UNIQUE_HINT,
            ));
        }
        names.push(Box::from(name));
    }
    Ok(names)
}

fn names_of_rows(path: &Path, layout: &Layout) -> Result<Vec<Box<str>>> {
    let mut names: Vec<Box<str>> = Vec::new();
    let mut lines: HashMap<Box<str>, u64> = HashMap::new();
    for_each_batch(path, WIDE, |batch, before| {
        for i in layout.n_before.saturating_sub(before)..batch.len() {
            let (line, text) = batch.get(i);
            let (name, _) = named_row(path, layout, line, text)?;
            if let Some(earlier) = lines.insert(name.into(), line) {
                return Err(repeated(path, line, name, earlier));
            }
            names.push(name.into());
        }
        Ok(())
    })?;
    Ok(names)
}

/// The name and the numbers of a row.
fn named_row<'t>(
    path: &Path,
    layout: &Layout,
    line: u64,
    text: &'t str,
) -> Result<(&'t str, &'t str)> {
    let mut cells = Cells::of(text, layout.delimiter);
    match cells.next() {
        Some(cell) if !cell.text.is_empty() => Ok((cell.text, cells.rest())),
        _ => Err(Error::malformed_line(
            path,
            line,
            "the row has no name",
            HINT,
        )),
    }
}

fn repeated(path: &Path, line: u64, name: &str, earlier: u64) -> Error {
    Error::malformed_line(
        path,
        line,
        format!("duplicate individual {name}, first on line {earlier}"),
        UNIQUE_HINT,
    )
}

/// Reads the kept rows and columns, which ascend, of the matrix of `individuals`, whose IIDs are the names.
///
/// Rows with names may be in another order than the columns.
pub(super) fn read(
    path: &Path,
    layout: &Layout,
    individuals: &[Individual],
    kept: &[usize],
) -> Result<SquareMatrix> {
    let rows = Rows {
        path,
        individuals,
        kept,
        is_lower: false,
        n_skipped: layout.n_before + usize::from(layout.header.is_some()),
        hint: HINT,
    };
    if !layout.has_row_names {
        return rows.read(|row, _, text| Ok((row, text)));
    }
    if layout.header.is_none() {
        return rows.read(|row, line, text| Ok((row, named_row(path, layout, line, text)?.1)));
    }
    let columns: HashMap<&str, usize> = (individuals.iter().zip(0..))
        .map(|(one, column)| (&*one.iid, column))
        .collect();
    let mut lines = vec![None; individuals.len()];
    rows.read(|_, line, text| {
        let (name, numbers) = named_row(path, layout, line, text)?;
        let Some(&row) = columns.get(name) else {
            let what = format!("the row is named {}, but no column is", quoted(name));
            return Err(Error::malformed_line(path, line, what, SAME_HINT));
        };
        if let Some(earlier) = lines[row].replace(line) {
            return Err(repeated(path, line, name, earlier));
        }
        Ok((row, numbers))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::text::testing::{assert_fails, file, gzip};

    fn values(content: impl AsRef<[u8]>, kept: &[usize]) -> Result<Vec<f64>> {
        let file = file(content);
        let layout = Layout::of(file.path()).expect("names");
        let ids = ids(file.path(), &layout)?;
        read(file.path(), &layout, ids.individuals(), kept).map(|square| square.values)
    }

    const CSV: &str = "\"\",\"a\",\"b b\",\"c\"\n\"a\",1,2,3\n\"b b\",2,4,5\n\"c\",3,5,6\n";

    #[test]
    fn matrices_with_names_are_read_wherever_the_names_are() {
        let whole = [1.0, 2.0, 3.0, 2.0, 4.0, 5.0, 3.0, 5.0, 6.0];
        for text in [
            CSV.to_owned(),
            CSV.replace("\"\",", "").replace(',', " "),
            CSV.replace(',', "\t"),
            CSV.replace("\"a\",1", "\"a\", 1").replace('\n', "\r\n"),
            "a b c\nc 3 5 6\na 1 2 3\nb 2 4 5\n".to_owned(),
            "a,b,c\n1,2,3\n2,4,5\n3,5,6\n".to_owned(),
            "a 1 2 3\nb 2 4 5\nc 3 5 6\n".to_owned(),
            "##Matrix_Name=K\n3\na\t1\t2\t3\nb\t2\t4\t5\nc\t3\t5\t6\n".to_owned(),
        ] {
            assert_eq!(values(&text, &[0, 1, 2]).unwrap(), whole, "{text}");
            assert_eq!(values(gzip(&text), &[0, 2]).unwrap(), [1.0, 3.0, 3.0, 6.0]);
        }
    }

    #[test]
    fn wrong_names_are_errors() {
        let kept = [0, 1, 2];
        for (text, parts) in [
            (
                CSV.replace("\"c\",3", "\"d\",3"),
                [":4: the row is named \"d\"", "check.names"],
            ),
            (
                CSV.replace("\"c\",3", "\"a\",3"),
                [":4: duplicate individual a", "line 2"],
            ),
            (
                CSV.replace("\"c\"\n", "\"a\"\n"),
                [":1: columns 2 and 4", "\"a\""],
            ),
            (
                CSV.replace("\"c\",3,5,6\n", ""),
                ["has 2 rows", "expected 3"],
            ),
            (format!("{CSV}\"e\",1,2,3\n"), [":5:", "more rows"]),
            (
                CSV.replace("2,4,5", "2,,5"),
                [":3: the row of 0 b b has 2 numbers", "empty"],
            ),
            (
                CSV.replace("2,4,5", "2,NA,5"),
                [":3: the entry of 0 b b and 0 b b is \"NA\"", ""],
            ),
            (
                "3\na 1 2 3\nb 2 4 5\n".to_owned(),
                [":1: the file announces 3", "2 rows"],
            ),
            (
                "3\na 1 2 3\nb 2 4 5\nb 1 2 3\n".to_owned(),
                [":4: duplicate", "line 3"],
            ),
        ] {
            assert_fails(values(text, &kept), &parts);
        }
    }
}
