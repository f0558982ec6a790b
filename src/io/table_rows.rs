//! The rows of a table, matched to the individuals of a study.

use std::path::Path;

use super::id_columns::{self, IdCells, Matching};
use super::individual::{Individual, have_ids, listed_in};
use super::layout::{Layout, Split, TextFile};
use super::misplaced_ids::Search;
use super::suspect::{self, DecimalCommas};
use super::text::{MANY_MORE, count, looks_like_header, parse_number, quoted};
use crate::error::{Error, Result};

/// Number of rows in which a word of the first line is searched for, to distinguish categories from a header.
const HEADER_ROWS: u64 = 200;

/// The rows of an open table.
pub(super) struct Rows<'f> {
    pub(super) file: &'f TextFile,
    split: Split<true>,
    everybody: &'f [Individual],
    /// Number of columns.
    pub(super) width: usize,
    pub(super) n: usize,
    /// The first cells of each row, if there are at least two columns.
    pub(super) ids: IdCells,
    search: Search<'f>,
    commas: DecimalCommas,
}

impl<'f> Rows<'f> {
    pub(super) fn of(file: &'f TextFile, split: Split<true>, everybody: &'f [Individual]) -> Self {
        Self {
            file,
            split,
            everybody,
            width: 0,
            n: 0,
            ids: IdCells::default(),
            search: Search::of(everybody),
            commas: DecimalCommas::default(),
        }
    }

    /// Calls `call` with the line number and cells of every row. Fails on rows of different width, a header and decimal
    /// commas.
    pub(super) fn for_each(
        &mut self,
        mut call: impl FnMut(u64, &[&str]) -> Result<()>,
    ) -> Result<()> {
        let path = self.file.path();
        let mut lines = self.file.lines(self.split)?;
        let mut layout = None;
        let mut header = None;
        while let Some((line, text)) = lines.next_line()? {
            let layout = layout.get_or_insert_with(|| Layout::new(self.split, (line, text)));
            if line == 1 {
                if suspect::has_certain_decimal_commas(text) {
                    return Err(decimal_commas(path, line, text));
                }
                let cells = layout.cells(text);
                header = (self.reject_header(text, &cells).err())
                    .map(|error| (error, cells[0].to_owned()));
            }
            if let Some((error, first)) = header.take() {
                // A word that occurs again is a category, not the name of a column.
                if line > 1 && layout.cells(text).first() == Some(&&*first) {
                    return parse_field(path, 1, 1, &first).and(Err(error));
                }
                if line > HEADER_ROWS {
                    return Err(error);
                }
                header = Some((error, first));
                continue;
            }
            let cells = layout.row(path, line, text)?;
            self.commas.add(text);
            if cells.len() >= 2 {
                self.ids.push(&cells);
                self.search.add(self.n, &cells);
            }
            (self.width, self.n) = (layout.width(), self.n + 1);
            // Without ids, a file with far too many rows is rejected early; a few extra rows are counted for the
            // message.
            if self.width == 1 && self.n > self.everybody.len() + MANY_MORE {
                return check_rows(path, self.n, self.everybody, "the table");
            }
            call(line, &cells).map_err(|error| {
                if suspect::has_certain_decimal_commas(text) {
                    decimal_commas(path, line, text)
                } else {
                    error
                }
            })?;
        }
        if let Some((error, _)) = header {
            return Err(error);
        }
        if self.commas.are_certain() {
            return Err(Error::malformed(
                path,
                "its numbers have decimal commas, such as 1,5, but commas separate columns",
                suspect::DECIMAL_COMMAS.hint,
            ));
        }
        Ok(())
    }

    /// Fails if the first line consists of words, none of which is an individual.
    fn reject_header(&self, text: &str, cells: &[&str]) -> Result<()> {
        let is_id = |cell: &&str| self.everybody.iter().any(|i| &*i.iid == *cell);
        let filled = cells.iter().copied().filter(|cell| !cell.is_empty());
        if filled.clone().next().is_none()
            || !looks_like_header(filled)
            || cells.iter().take(2).any(is_id)
        {
            return Ok(());
        }
        Err(Error::malformed_line(
            self.file.path(),
            1,
            format!("the first line looks like a header: {}", quoted(text)),
            format!(
                "remove the header: the file must have one row of numbers per individual of {}, in its order; code categories as numbers; a table with a header and ids is read with --pheno or --covar",
                listed_in(self.everybody)
            ),
        ))
    }

    /// Matches rows by ids in the first columns; without ids, returns notes on numbers that may be ids. Fails on ids in
    /// other columns.
    ///
    /// * `chosen`: the only data column, counted from 0; `None` if all columns are data
    pub(super) fn matching(
        &mut self,
        chosen: Option<usize>,
    ) -> Result<(Option<Matching>, Vec<String>)> {
        let path = self.file.path();
        let matching = id_columns::find(path, &self.ids, self.everybody)?;
        let notes = match &matching {
            None => self.search.finish(path, self.n, chosen)?,
            Some(_) => Vec::new(),
        };
        Ok((matching, notes))
    }

    /// Row and individual of all rows that have one.
    pub(super) fn individuals<'m>(
        &self,
        matching: Option<&'m Matching>,
    ) -> impl Iterator<Item = (usize, usize)> + Clone + 'm {
        (0..self.n).filter_map(move |row| {
            let individual = match matching {
                None => Some(row),
                Some(matching) => matching.individuals[row],
            };
            Some((row, individual?))
        })
    }

    /// Fails if rows are not matched by ids and their number is not the number of individuals.
    pub(super) fn check_number(&self, matching: Option<&Matching>, option: &str) -> Result<()> {
        if matching.is_some() {
            return Ok(());
        }
        check_rows(self.file.path(), self.n, self.everybody, option)
    }

    pub(super) fn notes(&self, matching: Option<&Matching>, what: &str) -> Vec<String> {
        let path = self.file.path();
        match matching {
            Some(matching) => matching.notes(path, &self.ids, self.everybody, what),
            None if self.commas.are_possible() => vec![format!(
                "{}: every row is two integers separated by a comma, which are read as two columns; if it is a decimal comma, write a decimal point",
                path.display()
            )],
            None => Vec::new(),
        }
    }
}

fn decimal_commas(path: &Path, line: u64, text: &str) -> Error {
    Error::malformed_line(
        path,
        line,
        if text.contains(';') {
            "its numbers have decimal commas, such as 1,5, and the columns are separated by semicolons"
        } else {
            "its numbers have decimal commas, such as 1,5, but commas separate columns"
        },
        suspect::DECIMAL_COMMAS.hint,
    )
}

/// A finite number, or `None` for `NA` and an empty cell.
pub(super) fn parse_field(
    path: &Path,
    line: u64,
    column: usize,
    field: &str,
) -> Result<Option<f64>> {
    if field == "NA" || field.is_empty() {
        return Ok(None);
    }
    parse_number(field).map(Some).ok_or_else(|| {
        let (what, hint) = suspect::explained(
            format!(
                "column {column} is {}, expected a number or NA",
                quoted(field)
            ),
            field,
            "write NA for a missing value and code categories as numbers; \
             the file must have one row per individual of the genotypes and needs no column of ids",
        );
        Error::malformed_line(path, line, what, hint)
    })
}

fn check_rows(path: &Path, n: usize, everybody: &[Individual], option: &str) -> Result<()> {
    let (n_individuals, listed) = (everybody.len(), listed_in(everybody));
    if n == 0 {
        return Err(Error::malformed(
            path,
            "the file is empty",
            format!("give one row per individual of {listed}, or omit {option}"),
        ));
    }
    if n != n_individuals {
        return Err(Error::inconsistent(
            format!(
                "{} has {}, but {}",
                path.display(),
                count(n, "row"),
                if have_ids(everybody) {
                    format!("the .fam lists {}", count(n_individuals, "individual"))
                } else {
                    format!(
                        "the genotypes are of {}",
                        count(n_individuals, "individual")
                    )
                }
            ),
            format!("give one row per individual of {listed}, in its order, without a header"),
        ));
    }
    Ok(())
}
