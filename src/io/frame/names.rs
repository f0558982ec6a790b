//! The choice of columns by their names.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::io::text::{count, quoted};

/// Columns listed in a message.
const SHOWN: usize = 12;

/// A column that holds values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Its index in the file.
    pub(super) index: usize,
    pub(super) name: String,
}

/// The columns of a table except those of ids, in the order of the file.
#[derive(Debug)]
pub struct TableHeader {
    pub(super) path: PathBuf,
    pub(super) columns: Vec<Named>,
}

impl TableHeader {
    /// Number of columns.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The columns with these numbers, counted from 1 without the columns of ids.
    ///
    /// * `option`: the option that lists them
    pub fn numbered(&self, numbers: &[usize], option: &str) -> Result<Vec<usize>> {
        let too_large = numbers.iter().find(|&&number| number > self.columns.len());
        match too_large {
            None => Ok(numbers.iter().map(|number| number - 1).collect()),
            Some(number) => Err(Error::option(
                option,
                format!(
                    "column {number} does not exist: {} has {} besides the ids: {}",
                    self.path.display(),
                    count(self.columns.len(), "column"),
                    self.shown()
                ),
                "columns of ids are not counted; --pheno-name chooses phenotypes by name",
            )),
        }
    }

    /// The column with this very name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The columns with these names, which may be ranges.
    ///
    /// `PC1-PC10` means PC1, PC2, … PC10 if both ends are a common prefix with a number, and otherwise the columns of the file
    /// from the first to the second. A column with that very name takes precedence.
    ///
    /// Fails if a column does not exist or is listed twice.
    pub fn named(&self, listed: &[String], option: &str) -> Result<Vec<usize>> {
        let mut chosen: Vec<usize> = Vec::new();
        for part in listed {
            for column in self.part(part, option)? {
                if chosen.contains(&column) {
                    return Err(Error::option(
                        option,
                        format!("column {} is listed twice", self.columns[column].name),
                        "list each column once",
                    ));
                }
                chosen.push(column);
            }
        }
        Ok(chosen)
    }

    /// The columns of a name or a range.
    fn part(&self, part: &str, option: &str) -> Result<Vec<usize>> {
        if let Some(column) = self.find(part) {
            return Ok(vec![column]);
        }
        let ends = part
            .match_indices('-')
            .map(|(at, _)| (part[..at].trim(), part[at + 1..].trim()))
            .filter(|(first, _)| self.find(first).is_some());
        // Numbered names may also end with one that does not exist, which the error then names.
        for (first, last) in ends.clone() {
            if let Some(names) = numbered_names(first, last) {
                let columns = names.iter().map(|name| {
                    let column = self.find(name);
                    column.ok_or_else(|| in_range(part, self.unknown(name, option)))
                });
                return columns.collect();
            }
        }
        let mut found = ends
            .filter_map(|(first, last)| Some((first, last, self.find(first)?, self.find(last)?)));
        let Some((first, last, from, to)) = found.next() else {
            return Err(self.unknown(part, option));
        };
        if from > to {
            return Err(Error::option(
                option,
                format!(
                    "range {part}: in {}, {first} comes after {last}",
                    self.path.display()
                ),
                "a range goes from left to right in the file",
            ));
        }
        Ok((from..=to).collect())
    }

    fn unknown(&self, name: &str, option: &str) -> Error {
        let same = |column: &&Named| column.name.eq_ignore_ascii_case(name);
        let hint = match self.columns.iter().find(same) {
            Some(column) => format!("names are case-sensitive; the file has {}", column.name),
            None => format!(
                "{option} takes names of columns or ranges such as PC1-PC10, separated by commas"
            ),
        };
        Error::option(
            option,
            format!(
                "{} has no column {} besides the ids; it has {}",
                self.path.display(),
                quoted(name),
                self.shown()
            ),
            hint,
        )
    }

    /// The names of the columns, at most a dozen.
    /// The names of the first columns, for messages.
    #[must_use]
    pub fn shown(&self) -> String {
        let names = self.columns.iter().take(SHOWN).map(|c| c.name.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        match self.columns.len().saturating_sub(SHOWN) {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

/// Adds the range to an error about one of its columns.
fn in_range(range: &str, error: Error) -> Error {
    match error {
        Error::InvalidOption { option, what, hint } => {
            Error::option(option, format!("range {range}: {what}"), hint)
        }
        other => other,
    }
}

/// The names from `PC1` to `PC10`; `None` if the ends are not a common prefix and ascending numbers.
fn numbered_names(first: &str, last: &str) -> Option<Vec<String>> {
    let split = |name: &'_ str| -> Option<(usize, usize)> {
        let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
        let at = name.len() - digits;
        let number = name[at..].parse().ok()?;
        // `PC01` is not PC1.
        (name[at..] == format!("{number}")).then_some((at, number))
    };
    let ((at, from), (same, to)) = (split(first)?, split(last)?);
    if first[..at] != last[..same] || from > to || to - from > 1_000_000 {
        return None;
    }
    let prefix = &first[..at];
    Some(
        (from..=to)
            .map(|number| format!("{prefix}{number}"))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str) -> TableHeader {
        let names = names.split(' ').enumerate();
        TableHeader {
            path: "t".into(),
            columns: names
                .map(|(index, name)| Named {
                    index,
                    name: name.into(),
                })
                .collect(),
        }
    }

    fn chosen(names: &str, listed: &str) -> Result<Vec<usize>> {
        let listed: Vec<String> = listed.split(',').map(str::to_owned).collect();
        header(names).named(&listed, "--covar-name")
    }

    #[test]
    fn names_and_ranges_choose_columns() {
        let names = "age PC1 PC2 sex PC3 PC10 LDL-C a b";
        assert_eq!(chosen(names, "sex,age").unwrap(), [3, 0]);
        // Numbered names leave out what is between them in the file.
        assert_eq!(chosen(names, "PC1-PC3").unwrap(), [1, 2, 4]);
        assert_eq!(chosen(names, "age-PC2").unwrap(), [0, 1, 2]);
        assert_eq!(chosen(names, "LDL-C").unwrap(), [6]);
        assert_eq!(chosen(names, "LDL-C-b").unwrap(), [6, 7, 8]);
    }

    #[test]
    fn wrong_names_are_explained() {
        let names = "age PC1 PC2 sex PC3 PC10";
        for (listed, expected) in [
            (
                "height",
                "t has no column \"height\" besides the ids; it has age, PC1",
            ),
            ("Age", "no column \"Age\""),
            ("PC1-PC10", "range PC1-PC10: t has no column \"PC4\""),
            ("PC1-PC11", "range PC1-PC11: t has no column \"PC4\""),
            ("sex-age", "range sex-age: in t, sex comes after age"),
            ("age,PC1,age", "column age is listed twice"),
            ("", "no column \"\""),
        ] {
            let error = chosen(names, listed).unwrap_err().to_string();
            assert!(error.contains(expected), "{listed}: {error}");
        }
        let hint = chosen(names, "Age").unwrap_err();
        assert!(hint.hint().unwrap().contains("the file has age"));
        let error = header("a b").numbered(&[1, 3], "-n").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("column 3 does not exist: t has 2 columns")
        );
    }
}
