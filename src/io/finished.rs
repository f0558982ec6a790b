//! Tables of associations, read row by row: ours and GEMMA's.

use super::text::{Lines, quoted};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// A table with a header line, separated by tabs.
pub(crate) struct ResultTable {
    lines: Lines,
    path: PathBuf,
    columns: Vec<String>,
}

impl ResultTable {
    /// Opens a table, plain or gzipped. Fails if it has no header.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let Some((_, header)) = lines.next_line()? else {
            return Err(Error::malformed(
                path,
                "the table is empty",
                "run the analysis again",
            ));
        };
        let columns = header.split('\t').map(str::to_owned).collect();
        Ok(Self {
            lines,
            path: path.to_path_buf(),
            columns,
        })
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The place of a column.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|known| known == name)
    }

    /// Passes the cells of every row to `take`. Fails at a row with another number of cells.
    ///
    /// `take` fails with what is wrong with a row.
    pub(crate) fn each_row(
        mut self,
        mut take: impl FnMut(&[&str]) -> std::result::Result<(), String>,
    ) -> Result<()> {
        let n = self.columns.len();
        while let Some((number, line)) = self.lines.next_line()? {
            let cells: Vec<&str> = line.split('\t').collect();
            let wrong = |what: String| {
                Error::malformed_line(
                    &self.path,
                    number,
                    what,
                    "the table is one of `jamma lmm`, `jamma lm` or GEMMA; if the file is damaged, run the analysis again",
                )
            };
            if cells.len() != n {
                return Err(wrong(format!(
                    "{} cells, but the header has {n}",
                    cells.len()
                )));
            }
            take(&cells).map_err(wrong)?;
        }
        Ok(())
    }
}

/// A number of a table, NaN for `nan`, `-nan` and `NA`.
///
/// Fails with a description of the cell.
pub(crate) fn number(cell: &str, column: &str) -> std::result::Result<f64, String> {
    match cell {
        "nan" | "-nan" | "NaN" | "NA" => Ok(f64::NAN),
        _ => cell
            .parse()
            .map_err(|_| format!("{} in column {column} is not a number", quoted(cell))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file};
    use super::*;

    #[test]
    fn rows_have_the_columns_of_the_header() {
        let good = file("chr\trs\n1\ta\n2\tb\n");
        let table = ResultTable::open(good.path()).unwrap();
        assert_eq!((table.place("rs"), table.place("ps")), (Some(1), None));
        let mut rows = Vec::new();
        let take = |cells: &[&str]| {
            rows.push(cells.concat());
            Ok(())
        };
        table.each_row(take).unwrap();
        assert_eq!(rows, ["1a", "2b"]);
        let short = file("chr\trs\n1\ta\n2\n");
        let table = ResultTable::open(short.path()).unwrap();
        assert_fails(
            table.each_row(|_| Ok(())),
            &[":3:", "1 cells, but the header has 2"],
        );
        assert!(number("-nan", "p").unwrap().is_nan());
        assert_eq!(number("1e-3", "p"), Ok(1e-3));
        assert!(number("x", "p_wald").unwrap_err().contains("p_wald"));
    }
}
