//! Reads a table of associations.

use std::path::Path;

use super::number::{Printed, neg_log10};
use super::program::{Recognised, recognise};
use super::table::{Ids, NumberColumn, ResultTable, TestColumn, Words};
use crate::error::{Error, Result};
use crate::io::frame::{TypedColumn, typed_columns};
use crate::io::text::{Lines, quoted};

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

/// Reads the table at `path`: the results of jamma, GEMMA, REGENIE, PLINK, SAIGE or GCTA, or a table with columns of usual
/// names.
///
/// Fails if the file cannot be read, if its columns are not those of a table of associations, and on a row of another width
/// or with a word in place of a number.
pub fn read_results(path: &Path) -> Result<ResultTable> {
    let mut found = None;
    let columns = typed_columns(path, |names| {
        let of = recognised(path, names)?;
        let wanted = of.wanted();
        found = Some(of);
        Ok(wanted)
    })?;
    if let (Some(of), Some(columns)) = (found, columns) {
        return typed(path, &of, &columns);
    }
    let mut lines = Lines::open(path)?.with_rows_of_tabs();
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
    let names: Vec<String> = cells
        .iter()
        .map(|at| header[at.clone()].to_owned())
        .collect();
    let of = recognised(path, &names)?;
    let wanted = of.wanted();
    let mut building = Building::new(path, &of);
    let mut first_test = None;
    while let Some((number, line)) = lines.next_line()? {
        separator.split(line, &mut cells);
        if cells.len() != names.len() {
            return Err(Error::malformed_line(
                path,
                number,
                format!(
                    "the row has {} columns, but the header has {}",
                    cells.len(),
                    names.len()
                ),
                "give the complete table as the program wrote it",
            ));
        }
        if let Some(column) = of.test_of_row {
            let test = &line[cells[column].clone()];
            if first_test.get_or_insert_with(|| test.to_owned()) != test {
                building.table.n_of_other_tests += 1;
                continue;
            }
        }
        let at = |k: usize| &line[cells[wanted[k]].clone()];
        building.add(at).map_err(|k| {
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
        })?;
    }
    Ok(building.table)
}

fn recognised(path: &Path, names: &[String]) -> Result<Recognised> {
    recognise(names).ok_or_else(|| {
        Error::malformed(
            path,
            format!(
                "the columns are not those of a table of associations: {}",
                quoted(&names.join(" "))
            ),
            "give a table of jamma, GEMMA, REGENIE, PLINK, SAIGE or GCTA: it has an id or a position, and a p-value",
        )
    })
}

impl Recognised {
    /// The indices of the columns to read: of the SNP, then numbers, then p and −log₁₀ p of the tests.
    fn wanted(&self) -> Vec<usize> {
        let of_snp = [
            self.of_trait,
            self.chr,
            self.ps,
            self.id,
            self.effect,
            self.other,
        ];
        let of_snp = of_snp.into_iter().flatten();
        let pair = self.pair.into_iter().flatten();
        let numbers = self.numbers.iter().map(|(index, _)| *index);
        let tests = self.tests.iter();
        let tests = tests.flat_map(|(_, p, log)| [*p, *log].into_iter().flatten());
        of_snp.chain(pair).chain(numbers).chain(tests).collect()
    }
}

/// What stands for an unknown id.
const NO_IDS: [&str; 3] = ["#NA", "NA", "."];

/// A table to which rows are added; cells are those of [`Recognised::wanted`].
struct Building {
    table: ResultTable,
    has_pair: bool,
    /// Whether each test has p and −log₁₀ p.
    tests: Vec<[bool; 2]>,
}

impl Building {
    fn new(path: &Path, of: &Recognised) -> Self {
        let words = |column: Option<usize>| column.map(|_| Words::default());
        let tests = of.tests.iter().map(|(name, p, _)| TestColumn {
            name: name.clone(),
            neg_log10: Vec::new(),
            p: p.map(|_| NumberColumn::new(name)),
        });
        Self {
            has_pair: of.pair.is_some(),
            tests: (of.tests.iter())
                .map(|(_, p, log)| [p.is_some(), log.is_some()])
                .collect(),
            table: ResultTable {
                path: path.to_path_buf(),
                program: of.program,
                tests: tests.collect(),
                n_rows: 0,
                n_of_other_tests: 0,
                traits: words(of.of_trait),
                chr: words(of.chr),
                ps: of.ps.map(|_| Vec::new()),
                ids: of.id.map(|_| Ids::default()),
                effect: words(of.effect),
                other: words(of.other.or(of.pair.map(|pair| pair[0]))),
                numbers: (of.numbers.iter())
                    .map(|(_, name)| NumberColumn::new(name))
                    .collect(),
            },
        }
    }

    /// Adds a row; fails with the number of a cell that is not a number.
    fn add<'a>(&mut self, at: impl Fn(usize) -> &'a str) -> Result<(), usize> {
        let table = &mut self.table;
        let mut k = 0;
        let mut next = || {
            k += 1;
            (k - 1, at(k - 1))
        };
        for words in [&mut table.traits, &mut table.chr].into_iter().flatten() {
            words.push(next().1);
        }
        if let Some(all) = &mut table.ps {
            let (k, cell) = next();
            let ps = cell.parse::<f64>().map_err(|_| k)?;
            all.push(ps as i64);
        }
        if let Some(ids) = &mut table.ids {
            let id = next().1;
            ids.push(if NO_IDS.contains(&id) { "" } else { id });
        }
        let mut effect = "";
        if let Some(words) = &mut table.effect {
            effect = next().1;
            words.push(effect);
        }
        if let Some(words) = &mut table.other {
            let one = next().1;
            let other = if self.has_pair {
                let two = next().1;
                if effect == one { two } else { one }
            } else {
                one
            };
            words.push(other);
        }
        for column in &mut table.numbers {
            let (k, cell) = next();
            column.push(Printed::parse(cell).ok_or(k)?);
        }
        for (test, [has_p, has_log]) in table.tests.iter_mut().zip(&self.tests) {
            let mut log = f64::NAN;
            if *has_p {
                let (k, cell) = next();
                let printed = Printed::parse(cell).ok_or(k)?;
                log = neg_log10(cell, printed.value);
                test.p.as_mut().expect("the test has p").push(printed);
            }
            if *has_log {
                let (k, cell) = next();
                log = Printed::parse(cell).ok_or(k)?.value;
            }
            test.neg_log10.push(log);
        }
        table.n_rows += 1;
        Ok(())
    }
}

/// The table of a file with types.
fn typed(path: &Path, of: &Recognised, columns: &[TypedColumn]) -> Result<ResultTable> {
    let n_rows = columns.first().map_or(0, TypedColumn::len);
    let mut building = Building::new(path, of);
    let mut texts: Vec<String> = vec![String::new(); columns.len()];
    for row in 0..n_rows {
        for (text, column) in texts.iter_mut().zip(columns) {
            column.shown(row, text);
        }
        building.add(|k| texts[k].as_str()).map_err(|k| {
            let what = format!("row {}: {} is not a number", row + 1, quoted(&texts[k]));
            Error::malformed(path, what, "write the column as numbers")
        })?;
    }
    let mut table = building.table;
    // Numbers of a file with types are exact.
    let tests = table.tests.iter_mut().filter_map(|test| test.p.as_mut());
    for column in table.numbers.iter_mut().chain(tests) {
        column.last_places.fill(i16::MAX);
    }
    Ok(table)
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
