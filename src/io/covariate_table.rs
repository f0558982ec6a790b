//! Covariates as a table with missing rows.

use std::ops::Range;

/// Covariates: a row of numbers for each individual without missing covariates.
#[derive(Clone, Debug, PartialEq)]
pub struct CovariateTable {
    /// The names of the covariates; `None` if their columns have numbers.
    pub(super) names: Option<Vec<String>>,
    /// The indicator columns of each category; an individual of the reference level has 0 in all of them.
    pub(super) categories: Vec<Range<usize>>,
    pub(super) n_columns: usize,
    /// Number of id columns in the file before the first covariate.
    pub(super) n_id_columns: usize,
    pub(super) values: Vec<f64>,           // the rows, one after another
    pub(super) starts: Vec<Option<usize>>, // start of each individual's complete row in `values`
}

impl CovariateTable {
    /// A table that does not come from a file: rows of `n_columns` numbers, one after another; NaN makes a row missing.
    ///
    /// # Panics
    /// If `rows` does not consist of whole rows.
    #[must_use]
    pub fn of_rows(n_columns: usize, rows: &[f64]) -> Self {
        assert!(
            n_columns > 0 && rows.len().is_multiple_of(n_columns),
            "whole rows"
        );
        let mut values = Vec::with_capacity(rows.len());
        let starts = rows
            .chunks_exact(n_columns)
            .map(|row| {
                let start = values.len();
                let is_complete = !row.iter().any(|x| x.is_nan());
                is_complete.then(|| {
                    values.extend_from_slice(row);
                    start
                })
            })
            .collect();
        Self {
            names: None,
            categories: Vec::new(),
            n_columns,
            n_id_columns: 0,
            values,
            starts,
        }
    }

    /// The table of only the individuals at `rows`, in this order.
    #[must_use]
    pub fn of_individuals(mut self, rows: &[usize]) -> Self {
        self.starts = rows.iter().map(|&row| self.starts[row]).collect();
        self
    }

    /// A table of named columns, to which an intercept is always added.
    ///
    /// * `n`: number of individuals
    /// * `columns`: names, and a value for each individual; an individual with a missing value has no row
    /// * `categories`: the indicator columns of each category
    #[must_use]
    pub fn of_columns(
        n: usize,
        columns: Vec<(String, Vec<Option<f64>>)>,
        categories: Vec<Range<usize>>,
    ) -> Self {
        let mut values = Vec::with_capacity(n * columns.len());
        let row = |i: usize, values: &mut Vec<f64>| {
            let start = values.len();
            for (_, column) in &columns {
                if let Some(value) = column[i] {
                    values.push(value);
                } else {
                    values.truncate(start);
                    return None;
                }
            }
            Some(start)
        };
        let starts = (0..n).map(|i| row(i, &mut values)).collect();
        Self {
            n_columns: columns.len(),
            n_id_columns: 0,
            values,
            starts,
            names: Some(columns.into_iter().map(|(name, _)| name).collect()),
            categories,
        }
    }

    /// Covariate `j`, counted from 0, as messages call it: its name, or the number of its column.
    pub fn name(&self, j: usize) -> String {
        match &self.names {
            Some(names) => names[j].clone(),
            None => format!("covariate {}", self.column_in_file(j) + 1),
        }
    }

    /// Whether the covariates have names. They are then used with an intercept, and constant ones are excluded.
    pub fn is_named(&self) -> bool {
        self.names.is_some()
    }

    /// The indicator columns of each category.
    pub fn categories(&self) -> &[Range<usize>] {
        &self.categories
    }

    /// The number of individuals, complete or not.
    pub fn n_individuals(&self) -> usize {
        self.starts.len()
    }

    /// The number of covariates; 0 if no row is complete.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The column of covariate `j` in its file, both counted from 0.
    pub fn column_in_file(&self, j: usize) -> usize {
        self.n_id_columns + j
    }

    /// The covariates of individual `i` of the `.fam`, `None` if one of them is missing.
    pub fn row(&self, i: usize) -> Option<&[f64]> {
        self.starts[i].map(|start| &self.values[start..start + self.n_columns])
    }
}
