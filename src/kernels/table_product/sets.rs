//! Tables of a set of rows, and the sums of their entries.

use super::element::{Lane, add_all};
use super::line::{Line, sum};
use super::patterns::{ENTRIES, GROUP, GROUPS, Patterns, SET};
use pulp::{Simd, WithSimd};

/// Lines allocated for the tables of a set. The last table has room for 256 entries, so that no index byte can point
/// outside.
pub(super) const LINES: usize = (GROUPS - 1) * ENTRIES + 256;

/// The rows from which tables are computed.
pub(super) trait Rows<T, const N: usize>: Copy {
    /// The values that a row adds to the lanes for a dosage of X.
    fn value(self, row: usize, dosage: usize) -> Line<T, N>;
}

/// Adds the products of a range of sets of rows of a panel; a missing call counts as dosage 0.
pub(super) struct AddSets<'a, T, R, const N: usize> {
    pub(super) sets: std::ops::Range<usize>,
    pub(super) rows: R,
    pub(super) x: &'a Patterns,
    /// First column of X.
    pub(super) first: usize,
    /// Scratch memory, [`LINES`] in all.
    pub(super) tables: &'a mut [Line<T, N>],
    /// One line for each column of X from `first` on.
    pub(super) acc: &'a mut [Line<T, N>],
}

impl<T: Lane, R: Rows<T, N>, const N: usize> WithSimd for AddSets<'_, T, R, N> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for set in self.sets {
            fill_tables(self.rows, set * SET, self.tables);
            let tables: &[Line<T, N>; LINES] = (&*self.tables).try_into().expect("all tables");
            // One base with constant offsets: there are not enough registers for one per table.
            let entries = |indices: &[u8; GROUPS]| -> [&[T; N]; GROUPS] {
                let word = u64::from_le_bytes(*indices);
                std::array::from_fn(|group| {
                    &tables[group * ENTRIES + usize::from((word >> (8 * group)) as u8)].0
                })
            };
            // Two columns at a time, because their sums do not depend on each other.
            let (pairs, rest) = self.acc.as_chunks_mut::<2>();
            let (pairs_of_indices, rest_of_indices) = self.x.set(set, self.first).as_chunks::<2>();
            for (acc, indices) in pairs.iter_mut().zip(pairs_of_indices) {
                add_all(
                    simd,
                    acc.each_mut().map(|acc| &mut acc.0),
                    indices.each_ref().map(entries),
                );
            }
            for (acc, indices) in rest.iter_mut().zip(rest_of_indices) {
                add_all(simd, [&mut acc.0], [entries(indices)]);
            }
        }
    }
}

/// Fills the tables of the set that begins at row `first`: for each group of four rows, entry Σ 3ᵏ gₖ is the sum of their
/// values at the dosages gₖ.
#[inline(always)]
fn fill_tables<T: Lane, const N: usize>(
    rows: impl Rows<T, N>,
    first: usize,
    tables: &mut [Line<T, N>],
) {
    for group in 0..GROUPS {
        let pairs = |row: usize| -> [Line<T, N>; 9] {
            let row = first + group * GROUP + row;
            let (low, high) = (
                [0, 1, 2].map(|dosage| rows.value(row, dosage)),
                [0, 1, 2].map(|dosage| rows.value(row + 1, dosage)),
            );
            std::array::from_fn(|pair| sum(&low[pair % 3], &high[pair / 3]))
        };
        let (low, high) = (pairs(0), pairs(2));
        let table = &mut tables[group * ENTRIES..][..ENTRIES];
        for (entries, high) in table.chunks_exact_mut(9).zip(&high) {
            for (entry, low) in entries.iter_mut().zip(&low) {
                *entry = sum(low, high);
            }
        }
    }
}
