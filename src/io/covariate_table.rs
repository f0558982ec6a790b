//! Covariates as a table with missing rows.

/// Covariates: a row of numbers for each individual without missing covariates.
#[derive(Clone, Debug, PartialEq)]
pub struct CovariateTable {
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
