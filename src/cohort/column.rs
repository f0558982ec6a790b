//! A covariate of the analysed individuals.

/// A candidate for a column of W.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
}

impl Column {
    pub(super) fn is_constant(&self) -> bool {
        self.values.iter().all(|x| *x == self.values[0])
    }
}
