//! Two-bit genotypes as indices of look-up tables.

use rayon::prelude::*;

/// Rows of X that one table covers: one byte of packed genotypes.
pub(super) const GROUP: usize = 4;
/// Tables used at once: one word of packed genotypes. They take 41 KB, of which the entries that occur stay in the
/// first-level cache.
pub(super) const GROUPS: usize = 8;
/// Rows of X added at once.
pub(super) const SET: usize = GROUP * GROUPS;
/// Entries of a table: every row of a group has dosage 0, 1 or 2.
pub(super) const ENTRIES: usize = 81;

/// Sets that one task fills: a cache line of each packed column.
const SETS_PER_TASK: usize = 8;

/// Columns whose missing calls one task lists.
const COLUMNS_PER_TASK: usize = 128;

/// Dosage of allele1 for each two-bit code, 0 for a missing call.
const DOSAGES: [u8; 4] = [2, 0, 1, 0];

/// Σ 3ᵏ · dosage of the four codes of a byte.
const PATTERN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = DOSAGES[byte & 3]
            + 3 * DOSAGES[byte >> 2 & 3]
            + 9 * DOSAGES[byte >> 4 & 3]
            + 27 * DOSAGES[byte >> 6];
        byte += 1;
    }
    table
};

/// The four dosages of a byte, one in each byte of the number.
const SPREAD: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = u32::from_le_bytes([
            DOSAGES[byte & 3],
            DOSAGES[byte >> 2 & 3],
            DOSAGES[byte >> 4 & 3],
            DOSAGES[byte >> 6],
        ]);
        byte += 1;
    }
    table
};

/// A k × b matrix X of dosages 0, 1, 2 and missing calls, in the form used by [`super::transposed_product`] and
/// [`super::add_integer_panel`].
///
/// The memory is reused each time X is filled.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    n_rows: usize,
    n_columns: usize,
    /// [set][column][group in set]: Σ 3ᵏ · dosage of the four rows of the group.
    indices: Vec<[u8; GROUPS]>,
    /// Start of the missing calls of each column; one more entry than columns.
    starts: Vec<usize>,
    /// Rows of missing calls, ascending within a column.
    missing: Vec<u32>,
    /// Mean of each column; empty if X was filled by rows.
    means: Vec<f64>,
}

impl Patterns {
    /// Fills X with packed columns; a missing call is imputed with the mean of its column.
    ///
    /// * `n_rows`: k, at least 1
    /// * `packed`: columns of ⌈k/4⌉ bytes each, two bits a row, codes as in a `.bed` file: `00` is 2, `01` missing,
    ///   `10` is 1, `11` is 0
    /// * `means`: b numbers
    ///
    /// Bits of rows beyond k must be `11`.
    ///
    /// # Panics
    /// If the lengths of `packed` and `means` disagree.
    pub fn fill_columns(&mut self, n_rows: usize, packed: &[u8], means: &[f64]) {
        let (stride, b) = (n_rows.div_ceil(GROUP), means.len());
        assert_eq!(packed.len(), stride * b, "b columns of k rows");
        self.resize(n_rows, b, means);
        if b == 0 {
            return;
        }
        self.indices
            .par_chunks_mut(SETS_PER_TASK * b)
            .enumerate()
            .for_each(|(task, sets)| {
                let first = task * SETS_PER_TASK * GROUPS;
                let last = stride.min(first + SETS_PER_TASK * GROUPS);
                for (column, packed) in packed.chunks_exact(stride).enumerate() {
                    let (whole, rest) = packed[first..last].as_chunks::<GROUPS>();
                    let mut set = column;
                    for bytes in whole {
                        sets[set] = bytes.map(|byte| PATTERN[usize::from(byte)]);
                        set += b;
                    }
                    if !rest.is_empty() {
                        let last = &mut sets[set];
                        *last = [0; GROUPS];
                        for (index, byte) in last.iter_mut().zip(rest) {
                            *index = PATTERN[usize::from(*byte)];
                        }
                    }
                }
            });
        self.list_missing_of_columns(stride, packed);
    }

    fn list_missing_of_columns(&mut self, stride: usize, packed: &[u8]) {
        let parts: Vec<(Vec<u32>, Vec<usize>)> = packed
            .par_chunks(COLUMNS_PER_TASK * stride)
            .map(|packed| {
                let (mut missing, mut ends) = (Vec::new(), Vec::new());
                for packed in packed.chunks_exact(stride) {
                    for_each_missing(packed, |row| missing.push(row as u32));
                    ends.push(missing.len());
                }
                (missing, ends)
            })
            .collect();
        self.starts.push(0);
        for (missing, ends) in parts {
            let before = self.missing.len();
            self.missing.extend(missing);
            self.starts.extend(ends.iter().map(|end| before + end));
        }
    }

    /// Fills X with packed rows.
    ///
    /// * `n_columns`: b
    /// * `packed`: k rows of ⌈b/4⌉ bytes each, codes and padding as in [`Self::fill_columns`]
    ///
    /// # Panics
    /// If the length of `packed` is not that of whole rows.
    pub fn fill_rows(&mut self, n_columns: usize, packed: &[u8]) {
        let stride = n_columns.div_ceil(GROUP);
        let k = packed.len().checked_div(stride).unwrap_or(0);
        assert_eq!(packed.len(), stride * k, "k rows of b columns");
        self.resize(k, n_columns, &[]);
        if !k.is_multiple_of(SET) {
            let last = self.indices.len() - n_columns;
            self.indices[last..].fill([0; GROUPS]);
        }
        if n_columns == 0 {
            return;
        }
        self.indices
            .par_chunks_mut(n_columns)
            .zip(packed.par_chunks(SET * stride))
            .for_each(|(indices, rows)| {
                for (group, rows) in rows.chunks(GROUP * stride).enumerate() {
                    for (byte, columns) in indices.chunks_mut(GROUP).enumerate() {
                        let mut four = 0;
                        for row in rows.chunks_exact(stride).rev() {
                            four = 3 * four + SPREAD[usize::from(row[byte])];
                        }
                        for (index, pattern) in columns.iter_mut().zip(four.to_le_bytes()) {
                            index[group] = pattern;
                        }
                    }
                }
            });
        self.list_missing_of_rows(stride, packed);
    }

    fn list_missing_of_rows(&mut self, stride: usize, packed: &[u8]) {
        self.starts.resize(self.n_columns + 1, 0);
        for row in packed.chunks_exact(stride) {
            for_each_missing(row, |column| self.starts[column + 1] += 1);
        }
        for column in 0..self.n_columns {
            self.starts[column + 1] += self.starts[column];
        }
        self.missing.resize(self.starts[self.n_columns], 0);
        let mut next = self.starts.clone();
        for (r, row) in packed.chunks_exact(stride).enumerate() {
            for_each_missing(row, |column| {
                self.missing[next[column]] = r as u32;
                next[column] += 1;
            });
        }
    }

    fn resize(&mut self, n_rows: usize, n_columns: usize, means: &[f64]) {
        (self.n_rows, self.n_columns) = (n_rows, n_columns);
        // The rows of A in an unused group are zeros, so its indices may be arbitrary, but must be within a table.
        self.indices
            .resize(n_rows.div_ceil(SET) * n_columns, [0; GROUPS]);
        self.starts.clear();
        self.missing.clear();
        self.means.clear();
        self.means.extend_from_slice(means);
    }

    /// Number of rows, k.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns, b.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// k rounded up to whole sets of rows.
    #[must_use]
    pub fn padded_rows(&self) -> usize {
        self.n_rows.next_multiple_of(SET)
    }

    /// The indices of a set of rows, columns from `first` on.
    pub(super) fn set(&self, set: usize, first: usize) -> &[[u8; GROUPS]] {
        &self.indices[set * self.n_columns + first..(set + 1) * self.n_columns]
    }

    /// The mean of a column, with which its missing calls are imputed.
    pub(super) fn column_mean(&self, column: usize) -> f64 {
        self.means[column]
    }

    /// Rows of the missing calls of a column, ascending.
    #[must_use]
    pub fn missing(&self, column: usize) -> &[u32] {
        &self.missing[self.starts[column]..self.starts[column + 1]]
    }

    /// Whether any call is missing.
    pub(super) fn has_missing(&self) -> bool {
        !self.missing.is_empty()
    }
}

/// Positions of the code `01` in packed genotypes, ascending.
fn for_each_missing(packed: &[u8], mut found: impl FnMut(usize)) {
    const LOW: u64 = 0x5555_5555_5555_5555;
    for (word, bytes) in packed.chunks(8).enumerate() {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(eight);
        let mut missing = bits & !(bits >> 1) & LOW;
        while missing != 0 {
            found(32 * word + missing.trailing_zeros() as usize / 2);
            missing &= missing - 1;
        }
    }
}
