//! A table of associations in memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

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

    /// * `printed`: `None` for a word
    pub(super) fn push(&mut self, printed: Option<Printed>) {
        let printed = printed.unwrap_or(Printed::NAN);
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
    /// The test in the column TEST of the first row, such as `ADD`; `None` without this column.
    pub test: Option<String>,
    /// Rows that were left out because their column TEST names another test than the first row, such as that of a covariate.
    pub n_of_other_tests: usize,
    /// The names of columns that were left out because they contain words.
    pub of_words: Vec<String>,
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
    /// Without columns and rows.
    pub(super) fn empty(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            program: Program::Other,
            tests: Vec::new(),
            test: None,
            n_of_other_tests: 0,
            of_words: Vec::new(),
            n_rows: 0,
            traits: None,
            chr: None,
            ps: None,
            ids: None,
            effect: None,
            other: None,
            numbers: Vec::new(),
        }
    }

    /// Whether there are controls in a table with REGENIE's columns `htp`; the effects are then odds ratios.
    pub(super) fn is_of_binary_trait(&self) -> bool {
        let controls = self
            .numbers
            .iter()
            .find(|column| column.name == "num_controls");
        controls.is_some_and(|column| column.values.iter().any(|n| *n > 0.0))
    }

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

    /// The names of the chromosomes, in the order of their first rows.
    pub fn chromosomes(&self) -> impl Iterator<Item = &str> {
        let words = self.chr.iter();
        words.flat_map(|words| words.texts.iter().map(AsRef::as_ref))
    }

    /// The position of a row, −9 if it is unknown; `None` without such a column.
    #[must_use]
    pub fn ps(&self, row: usize) -> Option<i64> {
        self.ps.as_ref().map(|ps| ps[row])
    }

    /// Whether rows have ids.
    #[must_use]
    pub fn has_ids(&self) -> bool {
        self.ids.is_some()
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
