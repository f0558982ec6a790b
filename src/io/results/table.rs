//! A table of associations in memory.

use std::collections::HashMap;
use std::path::PathBuf;

use super::number::Printed;
use super::program::Program;

/// Texts of which many are the same.
#[derive(Debug, Default)]
pub(super) struct Words {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    of_rows: Vec<u32>,
}

impl Words {
    pub(super) fn push(&mut self, text: &str) {
        if let Some(number) = self.numbers.get(text) {
            self.of_rows.push(*number);
            return;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        self.of_rows.push(number);
    }

    fn get(&self, row: usize) -> &str {
        &self.texts[self.of_rows[row] as usize]
    }
}

/// Texts of which most are different.
#[derive(Debug, Default)]
pub(super) struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start..self.ends[row]]
    }
}

/// A column of numbers.
#[derive(Debug)]
pub(super) struct NumberColumn {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
    /// The exponent of ten of the last printed digit; `i16::MAX` if the number is exact.
    pub(super) last_places: Vec<i16>,
}

impl NumberColumn {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            values: Vec::new(),
            last_places: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, printed: Printed) {
        self.values.push(printed.value);
        self.last_places
            .push(printed.last_place.unwrap_or(i16::MAX));
    }

    fn get(&self, row: usize) -> Printed {
        let last_place = self.last_places[row];
        Printed {
            value: self.values[row],
            last_place: (last_place < i16::MAX).then_some(last_place),
        }
    }
}

/// The p-values of a test.
#[derive(Debug)]
pub struct TestColumn {
    /// The name of the column of p, such as `p_wald`; `p` if the program has one test.
    pub name: String,
    /// −log₁₀ p of each row, NaN if it is undefined.
    pub neg_log10: Vec<f64>,
    /// p as it is printed, if the table has it.
    pub(super) p: Option<NumberColumn>,
}

impl TestColumn {
    /// p of a row, 0 if it is too small for a double.
    #[must_use]
    pub fn p(&self, row: usize) -> f64 {
        match &self.p {
            Some(p) => p.values[row],
            None => 10_f64.powf(-self.neg_log10[row]),
        }
    }
}

/// A table of associations.
#[derive(Debug)]
pub struct ResultTable {
    /// The file.
    pub path: PathBuf,
    /// The program whose columns it has.
    pub program: Program,
    /// The tests, of which there is at least one.
    pub tests: Vec<TestColumn>,
    /// Rows that were left out because their column TEST names another test than the first row, such as that of a covariate.
    pub n_of_other_tests: usize,
    pub(super) n_rows: usize,
    pub(super) traits: Option<Words>,
    pub(super) chr: Option<Words>,
    pub(super) ps: Option<Vec<i64>>,
    pub(super) ids: Option<Ids>,
    pub(super) effect: Option<Words>,
    pub(super) other: Option<Words>,
    pub(super) numbers: Vec<NumberColumn>,
}

impl ResultTable {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// The traits, in the order of their first row; `None` if the table is of one.
    #[must_use]
    pub fn traits(&self) -> Option<&[Box<str>]> {
        self.traits.as_ref().map(|words| words.texts.as_slice())
    }

    /// The trait of a row; empty if the table is of one.
    #[must_use]
    pub fn trait_of(&self, row: usize) -> &str {
        self.traits.as_ref().map_or("", |words| words.get(row))
    }

    /// The chromosome of a row; empty if there is none.
    #[must_use]
    pub fn chr(&self, row: usize) -> &str {
        self.chr.as_ref().map_or("", |words| words.get(row))
    }

    /// The position of a row.
    #[must_use]
    pub fn ps(&self, row: usize) -> Option<i64> {
        self.ps.as_ref().map(|ps| ps[row])
    }

    /// Whether rows have chromosomes and positions.
    #[must_use]
    pub fn has_positions(&self) -> bool {
        self.chr.is_some() && self.ps.is_some()
    }

    /// The id of a row; empty if there is none.
    #[must_use]
    pub fn id(&self, row: usize) -> &str {
        self.ids.as_ref().map_or("", |ids| ids.get(row))
    }

    /// The allele whose effect is estimated; empty if it is not known.
    #[must_use]
    pub fn effect_allele(&self, row: usize) -> &str {
        self.effect.as_ref().map_or("", |words| words.get(row))
    }

    /// The other allele; empty if it is not known.
    #[must_use]
    pub fn other_allele(&self, row: usize) -> &str {
        self.other.as_ref().map_or("", |words| words.get(row))
    }

    /// The names of the columns of numbers, without the tests.
    pub fn number_names(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(|column| column.name.as_str())
    }

    /// The number of a row in a column, if there is such a column.
    #[must_use]
    pub fn number(&self, name: &str, row: usize) -> Option<Printed> {
        let column = self.numbers.iter().find(|column| column.name == name)?;
        Some(column.get(row))
    }

    /// p of a row as it is printed, if the test has this column.
    #[must_use]
    pub fn printed_p(&self, test: usize, row: usize) -> Option<Printed> {
        Some(self.tests[test].p.as_ref()?.get(row))
    }
}
