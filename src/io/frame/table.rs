//! A table whose rows have ids.

use std::path::{Path, PathBuf};

use super::role::TableRole;
use super::rows::{Cells, RowIds};
use crate::error::Error;

/// Chosen columns of a table whose rows have ids.
#[derive(Debug)]
pub struct IdTable {
    pub(super) path: PathBuf,
    pub(super) role: TableRole,
    pub(super) ids: RowIds,
    /// The line of the first row; `None` if the file is not text.
    pub(super) first_line: Option<u64>,
    pub(super) columns: Vec<Column>,
    /// Notes for the user on the file.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Cells,
}

impl IdTable {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.ids.len()
    }

    /// The names of the chosen columns, in the order of the choice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// An [`Error::Malformed`] about a row, counted from 0.
    pub(super) fn at(&self, row: usize, what: &str, hint: &str) -> Error {
        match self.first_line {
            Some(first) => Error::malformed_line(&self.path, first + row as u64, what, hint),
            None => Error::malformed(&self.path, format!("row {}: {what}", row + 1), hint),
        }
    }

    /// A row, counted from 0, as messages name it.
    pub(super) fn place(&self, row: usize) -> String {
        match self.first_line {
            Some(first) => format!("line {}", first + row as u64),
            None => format!("row {}", row + 1),
        }
    }
}
