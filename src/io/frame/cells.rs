//! The values of a column: numbers or categories.

use super::missing::MissingCodes;
use super::rows::{Cells, Texts};
use super::table::IdTable;
use crate::error::{Error, Result};
use crate::io::suspect;
use crate::io::text::{parse_number, quoted};

/// The values of a column, one for each row; `None` is missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Finite numbers.
    Numbers(Vec<Option<f64>>),
    /// The names of levels.
    Categories(Vec<Option<Box<str>>>),
}

const MISSING: &str =
    "a missing value is an empty cell, NA, nan or `.`, or is declared with --missing-code";

impl IdTable {
    /// The values of a column, which must be numbers.
    ///
    /// * `column`: its index among the chosen columns
    ///
    /// Fails at the first cell that is neither missing nor a finite number.
    pub fn numbers(&self, column: usize, missing: &MissingCodes) -> Result<Vec<Option<f64>>> {
        match &self.columns[column].cells {
            Cells::Numbers(numbers) => self.finite(column, numbers, missing),
            Cells::Texts(texts) => {
                let number = |(row, cell): (usize, &str)| {
                    if missing.has_text(cell) {
                        return Ok(None);
                    }
                    let hint = format!("{MISSING}; code the categories of a phenotype as numbers");
                    let number = parse_number(cell);
                    number.map_or_else(
                        || Err(self.not_a_number(column, row, cell, &hint)),
                        |x| Ok(Some(x)),
                    )
                };
                texts.iter().enumerate().map(number).collect()
            }
        }
    }

    /// The values of a column: numbers if its cells are, or the levels of a category if none of them is a number.
    ///
    /// * `is_category`: take numbers as the names of levels
    ///
    /// Fails if some cells are numbers and others are words, and at numbers with a decimal comma.
    pub fn values(
        &self,
        column: usize,
        missing: &MissingCodes,
        is_category: bool,
    ) -> Result<Values> {
        let texts = match &self.columns[column].cells {
            Cells::Texts(texts) => texts,
            Cells::Numbers(numbers) => {
                let numbers = self.finite(column, numbers, missing)?;
                if !is_category {
                    return Ok(Values::Numbers(numbers));
                }
                let levels = numbers.into_iter().map(|x| Some(x?.to_string().into()));
                return Ok(Values::Categories(levels.collect()));
            }
        };
        if is_category || self.is_category(column, texts, missing)? {
            let level = |cell: &str| (!missing.has_text(cell)).then(|| cell.into());
            return Ok(Values::Categories(texts.iter().map(level).collect()));
        }
        self.numbers(column, missing).map(Values::Numbers)
    }

    /// Whether a column of text has words and no numbers. Fails if it has both.
    fn is_category(&self, column: usize, texts: &Texts, missing: &MissingCodes) -> Result<bool> {
        let mut is_number = None; // whether the first value is
        for (row, cell) in texts.iter().enumerate() {
            if missing.has_text(cell) {
                continue;
            }
            let is_word = parse_number(cell).is_none();
            let is_misspelt = is_word && is_misspelt_number(cell);
            if is_misspelt || is_word == *is_number.get_or_insert(!is_word) {
                // The word among numbers is the cell to show, also if it comes first.
                let word = (texts.iter().enumerate())
                    .find(|(_, cell)| !missing.has_text(cell) && parse_number(cell).is_none());
                let (row, cell) = if is_misspelt {
                    (row, cell)
                } else {
                    word.unwrap_or((row, cell))
                };
                let name = &self.columns[column].name;
                return Err(self.not_a_number(
                    column,
                    row,
                    cell,
                    &format!("{MISSING}; if {name} is categorical, give --cat-covar {name}"),
                ));
            }
        }
        Ok(is_number == Some(false))
    }

    fn finite(
        &self,
        column: usize,
        numbers: &[Option<f64>],
        missing: &MissingCodes,
    ) -> Result<Vec<Option<f64>>> {
        let value = |(row, number): (usize, &Option<f64>)| match *number {
            Some(x) if missing.has_number(x) => Ok(None),
            Some(x) if x.is_infinite() => {
                Err(self.not_a_number(column, row, &x.to_string(), MISSING))
            }
            number => Ok(number),
        };
        numbers.iter().enumerate().map(value).collect()
    }

    fn not_a_number(&self, column: usize, row: usize, cell: &str, hint: &str) -> Error {
        let message = format!(
            "{} of {} is {}, expected a number",
            self.columns[column].name,
            self.ids.shown(row),
            quoted(cell)
        );
        let (what, hint) = suspect::explained(message, cell, hint);
        self.at(row, &what, &hint)
    }
}

/// Whether a word is a number that was written in another way, with a decimal comma or a typographic minus sign.
fn is_misspelt_number(cell: &str) -> bool {
    suspect::is_decimal_comma(cell)
        || suspect::cause(cell).is_some_and(|cause| cause == suspect::MINUS)
}

#[cfg(test)]
mod tests {
    use super::super::role::TableRole;
    use super::super::rows::RowIds;
    use super::super::table::Column;
    use super::*;

    fn texts(cells: &str) -> Texts {
        let mut all = Texts::default();
        cells.split(' ').for_each(|cell| all.push(cell));
        all
    }

    fn table(cells: &str) -> IdTable {
        let iid: Vec<String> = (0..cells.split(' ').count())
            .map(|i| format!("i{i}"))
            .collect();
        IdTable {
            path: "t".into(),
            ids: RowIds {
                fid: None,
                iid: texts(&iid.join(" ")),
            },
            first_line: Some(2),
            role: TableRole::Covariates,
            columns: vec![Column {
                name: "x".into(),
                cells: Cells::Texts(texts(cells)),
            }],
            notes: Vec::new(),
        }
    }

    fn values(cells: &str, is_category: bool) -> Result<Values> {
        table(cells).values(0, &MissingCodes::new(["-9"]), is_category)
    }

    #[test]
    fn a_column_is_numbers_or_words() {
        assert_eq!(
            values("1.5 NA -9 . 2e1", false).unwrap(),
            Values::Numbers(vec![Some(1.5), None, None, None, Some(20.0)])
        );
        let levels = |names: &[&str]| {
            let level = |name: &&str| (!name.is_empty()).then(|| (*name).into());
            Values::Categories(names.iter().map(level).collect())
        };
        assert_eq!(values("M F nan", false).unwrap(), levels(&["M", "F", ""]));
        assert_eq!(values("1 2 -9", true).unwrap(), levels(&["1", "2", ""]));
        assert_eq!(
            values("NA .", false).unwrap(),
            Values::Numbers(vec![None; 2])
        );
    }

    #[test]
    fn text_by_accident_is_an_error_with_its_line() {
        for (cells, expected) in [
            ("1 2 ?", "t:4: x of i2 is \"?\", expected a number"),
            ("? 1 2", "t:2: x of i0 is \"?\""),
            (
                "12,5 13,1",
                "t:2: x of i0 is \"12,5\", expected a number: the number has a decimal comma",
            ),
            ("a 12,5", "t:3: x of i1 is \"12,5\""),
            ("1 inf", "t:3: x of i1 is \"inf\""),
            ("a 1", "t:2: x of i0 is \"a\""),
        ] {
            let error = values(cells, false).unwrap_err().to_string();
            assert!(error.contains(expected), "{cells}: {error}");
        }
        let error = table("1 M")
            .numbers(0, &MissingCodes::default())
            .unwrap_err();
        assert!(
            error.to_string().contains("t:3: x of i1 is \"M\""),
            "{error}"
        );
        let mut typed = table("a b");
        typed.first_line = None;
        typed.columns[0].cells = Cells::Numbers(vec![Some(-9.0), Some(f64::INFINITY)]);
        let error = typed.numbers(0, &MissingCodes::new(["-9"])).unwrap_err();
        assert!(
            error.to_string().contains("t: row 2: x of i1 is \"inf\""),
            "{error}"
        );
    }
}
