//! The cells of a table in memory.

/// The ids of the rows.
#[derive(Debug)]
pub(super) struct RowIds {
    /// FIDs; `None` if the table has no such column.
    pub(super) fid: Option<Texts>,
    pub(super) iid: Texts,
}

impl RowIds {
    pub(super) fn len(&self) -> usize {
        self.iid.len()
    }

    /// The ids of a row, as messages name it.
    pub(super) fn shown(&self, row: usize) -> String {
        match &self.fid {
            Some(fid) => format!("{} {}", fid.get(row), self.iid.get(row)),
            None => self.iid.get(row).to_owned(),
        }
    }
}

/// The cells of a column.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "tables"),
    allow(dead_code, reason = "without polars, nothing is read")
)]
pub(super) enum Cells {
    /// Text without enclosing quotes and blanks; an empty cell is an empty text.
    Texts(Texts),
    /// Numbers, from a file with types; `None` is null.
    Numbers(Vec<Option<f64>>),
}

impl Cells {
    /// The cells as ids: numbers as they are written without an exponent, null as an empty text.
    #[cfg(feature = "tables")]
    pub(super) fn into_texts(self) -> Texts {
        match self {
            Self::Texts(texts) => texts,
            Self::Numbers(numbers) => {
                let shown: Vec<String> = (numbers.iter())
                    .map(|number| number.map(|x| x.to_string()).unwrap_or_default())
                    .collect();
                Texts::of(shown.iter().map(String::as_str))
            }
        }
    }
}

/// Short texts, one after another.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    #[cfg(feature = "tables")]
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        texts.for_each(|text| all.push(text));
        all
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|i| self.get(i))
    }
}
