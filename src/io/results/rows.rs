//! Reads tables of associations row by row.

use std::path::Path;

use super::columns::{Recognised, of_emmax, recognise};
use super::number::{Printed, neg_log10};
use crate::error::{Error, Result};
use crate::io::frame::{TypedColumn, typed_columns};
use crate::io::source::Source;
use crate::io::text::{Lines, quoted};

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResultRow<'a> {
    /// The trait; empty if the table is of one.
    pub(crate) of_trait: &'a str,
    /// The chromosome; empty if it is unknown.
    pub(crate) chr: &'a str,
    /// The position; −9 if it is unknown.
    pub(crate) ps: i64,
    /// The id; empty if it is unknown.
    pub(crate) id: &'a str,
    /// The allele whose effect is estimated; empty if it is unknown.
    pub(crate) effect: &'a str,
    /// The other allele; empty if it is unknown.
    pub(crate) other: &'a str,
    /// Why the row has no statistics; empty if there is no such column.
    pub(crate) status: &'a str,
    /// The numbers in the order of [`Recognised::numbers`]; `None` if the cell is a word.
    pub(crate) numbers: &'a [Option<Printed>],
    /// p, if the table has it, and −log₁₀ p of each test.
    pub(crate) tests: &'a [(Option<Printed>, f64)],
}

/// Rows that were left out because their column TEST names another test than the first row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestsOfRows {
    /// The test of the first row, if there is such a column.
    pub(crate) first: Option<String>,
    /// Number of rows of other tests.
    pub(crate) n_others: usize,
}

/// Receives the columns of a table, and then its rows.
pub(crate) trait TakeRows {
    /// The columns of the table.
    fn begin(&mut self, of: &Recognised) -> Result<()>;
    /// A row.
    fn row(&mut self, row: &ResultRow<'_>);
}

/// What separates the cells of a text.
#[derive(Debug, Clone, Copy)]
enum Separator {
    One(char),
    Blanks,
}

impl Separator {
    fn of(header: &str) -> Self {
        let known = ['\t', ',', ';'].into_iter();
        let mut found = known.filter(|&c| header.contains(c));
        found.next().map_or(Self::Blanks, Self::One)
    }

    fn split(self, line: &str, cells: &mut Vec<std::ops::Range<usize>>) {
        cells.clear();
        let start = line.as_ptr() as usize;
        let range = |cell: &str| {
            let at = cell.as_ptr() as usize - start;
            at..at + cell.len()
        };
        match self {
            Self::One(c) => cells.extend(line.split(c).map(|cell| range(cell.trim()))),
            Self::Blanks => cells.extend(line.split_ascii_whitespace().map(range)),
        }
    }
}

/// What stands for an unknown id.
const NO_IDS: [&str; 3] = ["#NA", "NA", "."];
/// The position of a SNP whose position is unknown.
const NO_POSITION: i64 = -9;

/// Passes the rows of the table at `path` to `take`. Rows of other tests than the first are left out.
///
/// Fails if the file cannot be read, if its columns are not those of a table of associations, and on a row of another width
/// or with a word in place of a number.
pub(crate) fn read_rows(path: &Path, take: &mut impl TakeRows) -> Result<TestsOfRows> {
    let mut found = None;
    let columns = typed_columns(path, |names| {
        let of = recognised(path, names)?;
        let wanted = of.wanted();
        found = Some(of);
        Ok(wanted)
    })?;
    match (found, columns) {
        (Some(of), Some(columns)) => typed(path, &of, &columns, take),
        _ => text(path, take),
    }
}

/// Whether the file is one of EMMAX, which has no header.
fn is_of_emmax(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.to_ascii_lowercase().ends_with(".ps")
}

fn text(path: &Path, take: &mut impl TakeRows) -> Result<TestsOfRows> {
    let mut lines = Lines::of(Source::open_or_zstd(path)?)?.with_rows_of_tabs();
    let header = loop {
        match lines.next_line()? {
            Some((_, line)) if line.starts_with("##") => {}
            Some((_, line)) => break line.to_owned(),
            None => {
                let hint = "give the table of associations of a complete run";
                return Err(Error::malformed(path, "the file is empty", hint));
            }
        }
    };
    let separator = Separator::of(&header);
    let mut cells = Vec::new();
    separator.split(&header, &mut cells);
    let mut names: Vec<String> = cells
        .iter()
        .map(|at| header[at.clone()].to_owned())
        .collect();
    let without_header = is_of_emmax(path).then(|| of_emmax(names.len())).flatten();
    let has_header = without_header.is_none();
    let of = match without_header {
        Some(of) => of,
        None => recognised(path, &names)?,
    };
    if !has_header {
        names = (1..=names.len()).map(|number| number.to_string()).collect();
    }
    take.begin(&of)?;
    let wanted = of.wanted();
    let mut rows = Rows::default();
    let mut add = |number: u64, line: &str, cells: &[std::ops::Range<usize>]| {
        if cells.len() != names.len() {
            return Err(Error::malformed_line(
                path,
                number,
                format!(
                    "the row has {} columns, but {}",
                    cells.len(),
                    if has_header {
                        format!("the header has {}", names.len())
                    } else {
                        format!("the first row has {}", names.len())
                    }
                ),
                "give the complete table as the program wrote it",
            ));
        }
        let at = |k: usize| &line[cells[wanted[k]].clone()];
        let added = rows.pass(&of, &at, take);
        added.map_err(|k| {
            Error::malformed_line(
                path,
                number,
                format!(
                    "{} in column {} is not a number",
                    quoted(at(k)),
                    names[wanted[k]]
                ),
                "give the table as the program wrote it",
            )
        })
    };
    if !has_header {
        add(1, &header, &cells)?;
    }
    while let Some((number, line)) = lines.next_line()? {
        separator.split(line, &mut cells);
        add(number, line, &cells)?;
    }
    Ok(rows.several)
}

fn recognised(path: &Path, names: &[String]) -> Result<Recognised> {
    recognise(names).ok_or_else(|| {
        Error::malformed(
            path,
            format!(
                "the columns are not those of a table of associations: {}",
                quoted(&names.join(" "))
            ),
            "give a table of jamma, GEMMA, REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX (.ps) or METAL: it has an id or a position, and a p-value",
        )
    })
}

/// The cells of rows, whose memory is reused.
#[derive(Default)]
struct Rows {
    numbers: Vec<Option<Printed>>,
    tests: Vec<(Option<Printed>, f64)>,
    several: TestsOfRows,
}

impl Rows {
    /// Passes a row; fails with the number of a cell that is not a number.
    ///
    /// * `at`: the cells in the order of [`Recognised::wanted`]
    fn pass<'c>(
        &mut self,
        of: &Recognised,
        at: &impl Fn(usize) -> &'c str,
        take: &mut impl TakeRows,
    ) -> Result<(), usize> {
        let mut k = 0;
        let mut next = |has: bool| {
            if has {
                k += 1;
                Some((k - 1, at(k - 1)))
            } else {
                None
            }
        };
        let mut text = |column: Option<usize>| next(column.is_some()).map_or("", |(_, cell)| cell);
        if of.test_of_row.is_some() {
            let test = text(of.test_of_row);
            let first = &mut self.several.first;
            if *first.get_or_insert_with(|| test.to_owned()) != *test {
                self.several.n_others += 1;
                return Ok(());
            }
        }
        let status = text(of.status);
        let of_trait = text(of.of_trait);
        let chr = text(of.chr);
        let ps = match next(of.ps.is_some()) {
            None => NO_POSITION,
            Some((k, cell)) => {
                let ps = Printed::parse(cell).ok_or(k)?.value;
                if ps.is_nan() { NO_POSITION } else { ps as i64 }
            }
        };
        let mut text = |column: Option<usize>| next(column.is_some()).map_or("", |(_, cell)| cell);
        let id = text(of.id);
        let id = if NO_IDS.contains(&id) { "" } else { id };
        let effect = text(of.effect);
        let mut other = text(of.other);
        if of.pair.is_some() {
            let [one, two] = [
                text(of.pair.map(|pair| pair[0])),
                text(of.pair.map(|pair| pair[1])),
            ];
            // Of several alternative alleles, the others are not one allele.
            other = if effect == one { two } else { one };
        }
        self.numbers.clear();
        for (_, name) in &of.numbers {
            let (k, cell) = next(true).expect("the column is there");
            let printed = Printed::parse(cell);
            if printed.is_none() && super::columns::NUMBERS.contains(&name.as_str()) {
                return Err(k);
            }
            self.numbers.push(printed);
        }
        self.tests.clear();
        for (_, p, log) in &of.tests {
            let mut found = (None, f64::NAN);
            if let Some((k, cell)) = next(p.is_some()) {
                let printed = Printed::parse(cell).ok_or(k)?;
                found = (Some(printed), neg_log10(cell, printed.value));
            }
            if let Some((k, cell)) = next(log.is_some()) {
                found.1 = Printed::parse(cell).ok_or(k)?.value;
            }
            self.tests.push(found);
        }
        take.row(&ResultRow {
            of_trait,
            chr,
            ps,
            id,
            effect,
            other,
            status,
            numbers: &self.numbers,
            tests: &self.tests,
        });
        Ok(())
    }
}

/// The rows of a file with types, whose numbers are exact.
fn typed(
    path: &Path,
    of: &Recognised,
    columns: &[TypedColumn],
    take: &mut impl TakeRows,
) -> Result<TestsOfRows> {
    take.begin(of)?;
    let n_rows = columns.first().map_or(0, TypedColumn::len);
    let mut rows = Rows::default();
    let mut texts: Vec<String> = vec![String::new(); columns.len()];
    let mut exact = Exact(take);
    for row in 0..n_rows {
        for (text, column) in texts.iter_mut().zip(columns) {
            column.shown(row, text);
        }
        rows.pass(of, &|k| texts[k].as_str(), &mut exact)
            .map_err(|k| {
                let what = format!("row {}: {} is not a number", row + 1, quoted(&texts[k]));
                Error::malformed(path, what, "write the column as numbers")
            })?;
    }
    Ok(rows.several)
}

/// Passes rows whose numbers are exact.
struct Exact<'t, T>(&'t mut T);

impl<T: TakeRows> TakeRows for Exact<'_, T> {
    fn begin(&mut self, of: &Recognised) -> Result<()> {
        self.0.begin(of)
    }

    fn row(&mut self, row: &ResultRow<'_>) {
        let exact = |printed: Option<Printed>| {
            printed.map(|of| Printed {
                last_place: None,
                ..of
            })
        };
        let numbers: Vec<_> = row.numbers.iter().map(|of| exact(*of)).collect();
        let tests: Vec<_> = row.tests.iter().map(|(p, log)| (exact(*p), *log)).collect();
        self.0.row(&ResultRow {
            numbers: &numbers,
            tests: &tests,
            ..*row
        });
    }
}

impl TypedColumn {
    fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// The cell as text, with all its digits.
    fn shown(&self, row: usize, text: &mut String) {
        use std::fmt::Write;
        text.clear();
        match self {
            Self::Texts(texts) => text.push_str(&texts[row]),
            Self::Numbers(numbers) => {
                if let Some(number) = numbers[row] {
                    let _ = if number.fract() == 0.0 && number.abs() < 1e15 {
                        write!(text, "{number:.0}")
                    } else {
                        write!(text, "{number:?}")
                    };
                }
            }
        }
    }
}
