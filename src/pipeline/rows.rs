//! The rows of a table that are those of the individuals.

use crate::error::Result;
use crate::io::frame::{IdTable, Join, ManyRows};
use std::fmt::Display;

/// The rows of the individuals, of which each has one, or several with replicates.
pub(super) enum Rows {
    One(Join),
    Several(ManyRows),
}

impl Rows {
    /// How rows were matched, which individuals and rows were not, and what is done with several rows.
    pub(super) fn notes(&self) -> Vec<String> {
        match self {
            Self::One(join) => join.notes.clone(),
            Self::Several(many) => many.notes.clone(),
        }
    }

    /// The value of each individual from those of the rows in a column of `table`, which must be the same in all rows of an
    /// individual.
    pub(super) fn pick<T: Clone + PartialEq + Display>(
        &self,
        table: &IdTable,
        column: usize,
        values: &[Option<T>],
    ) -> Result<Vec<Option<T>>> {
        match self {
            Self::One(join) => Ok(join.pick(values)),
            Self::Several(many) => table.one_value_each(many, column, values),
        }
    }
}
