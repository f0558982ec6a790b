//! Exact integer Gram matrix of packed two-bit genotypes: G_ij = Σ_s a_is a_js, a missing call counting 0.
//!
//! Genotypes are unpacked to bytes, four SNPs of an individual side by side, and multiplied by the byte products of the
//! processor: one AVX-512 VNNI instruction does 64 of them. A register tile of 12 × 32 sums stays in registers over all
//! SNPs of a batch. Integer sums have no rounding: every processor, thread count and order gives the same matrix.

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use faer::MatMut;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Individuals of a [`Line`].
const LINE: usize = 16;
/// Individuals unpacked side by side: a whole number of tiles both ways.
const PANEL: usize = 96;
/// Lines of a panel for each four SNPs.
const PANEL_LINES: usize = PANEL / LINE;
/// Columns and rows of a register tile.
const COLUMNS: usize = 12;
const ROWS: usize = 32;
const ROW_LINES: usize = ROWS / LINE;
/// Rows that one task updates in the columns of one panel.
const TASK_ROWS: usize = 4 * PANEL;
/// SNPs of one batch; bounds the `i32` sums of a tile, at most 2·255 a SNP.
pub const MAX_SNPS: usize = 1 << 20;
/// Bits of a weight of [`Unpacked::weighted_sums`].
pub const WEIGHT_BITS: u32 = 8 * WEIGHT_BYTES as u32;
const WEIGHT_BYTES: usize = 7;

/// One vector register: four bytes for each of sixteen individuals.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([[u8; 4]; LINE]);

impl Line {
    const ZERO: Self = Self([[0; 4]; LINE]);
}

/// Sums of products: `tile[column][row]`.
type Tile = [[i32; ROWS]; COLUMNS];

/// What fills one tile: some columns of one panel times some rows of another.
struct Product<'a> {
    /// The panel that the columns are in, [`PANEL_LINES`] for each four SNPs.
    columns: &'a [Line],
    /// First column in its panel, a multiple of [`COLUMNS`].
    first_column: usize,
    /// The panel that the rows are in; bytes below 128.
    rows: &'a [Line],
    /// First line of the rows in their panel, a multiple of [`ROW_LINES`].
    first_line: usize,
}

/// The ways to fill a tile; the first is the specification of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Vnni,
}

impl Instructions {
    /// All that this processor has, the best last.
    fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "other processors have the portable way only")]
        let mut all = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if x86::has_avx2() {
                all.push(Self::Avx2);
            }
            if x86::has_vnni() {
                all.push(Self::Vnni);
            }
        }
        all
    }

    fn best() -> Self {
        *Self::available().last().expect("the portable way is there")
    }

    fn fill(self, product: &Product, tile: &mut Tile) {
        match self {
            Self::Portable => portable::fill(product, tile),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86::fill_avx2(product, tile),
            #[cfg(target_arch = "x86_64")]
            Self::Vnni => x86::fill_vnni(product, tile),
        }
    }
}

/// A batch of SNPs unpacked for multiplication; its memory serves one batch after another.
#[derive(Debug, Clone, Default)]
pub struct Unpacked {
    n: usize,
    /// Groups of four SNPs, the last one filled up with zeros.
    quads: usize,
    /// Panel after panel of individuals, and in each the groups of four SNPs.
    lines: Vec<Line>,
}

impl Unpacked {
    /// Replaces the batch by `snps`: the packed genotypes of `n` individuals each, as in a `.bed` file.
    ///
    /// # Panics
    /// Where a SNP is shorter than `n` individuals, or there are more than [`MAX_SNPS`].
    pub fn fill(&mut self, n: usize, snps: &[&[u8]]) {
        assert!(snps.len() <= MAX_SNPS && snps.iter().all(|snp| snp.len() >= n.div_ceil(4)));
        (self.n, self.quads) = (n, snps.len().div_ceil(4));
        let panel_lines = self.quads * PANEL_LINES;
        self.lines
            .resize(n.div_ceil(PANEL) * panel_lines, Line::ZERO);
        self.lines
            .par_chunks_mut(panel_lines.max(1))
            .enumerate()
            .for_each(|(panel, lines)| {
                for (snps, lines) in snps.chunks(4).zip(lines.chunks_exact_mut(PANEL_LINES)) {
                    portable::unpack(snps, panel * PANEL / 4, lines);
                }
            });
    }

    /// Adds G to `sums` (n × n), of which the upper triangle becomes meaningless.
    ///
    /// The entries of `sums` stay exact while they are integers below 2⁵³.
    ///
    /// # Panics
    /// Where `sums` is not n × n.
    pub fn add_gram(&self, sums: MatMut<'_, f64>) {
        self.add_gram_with(Instructions::best(), sums);
    }

    fn add_gram_with(&self, instructions: Instructions, sums: MatMut<'_, f64>) {
        assert!(sums.nrows() == self.n && sums.ncols() == self.n);
        if self.quads == 0 {
            return;
        }
        tasks(sums).into_par_iter().for_each(|task| {
            Arch::new().dispatch(AddTask {
                unpacked: self,
                instructions,
                task,
            });
        });
    }

    /// Σ_s `weights[s]` a_is for every individual i.
    ///
    /// # Panics
    /// Where there are more weights than SNPs, a weight has more than [`WEIGHT_BITS`] bits, or the sum may not fit.
    #[must_use]
    pub fn weighted_sums(&self, weights: &[u64]) -> Vec<u64> {
        self.weighted_sums_with(Instructions::best(), weights)
    }

    /// The bytes of the weights are multiplied as if they were seven more individuals.
    fn weighted_sums_with(&self, instructions: Instructions, weights: &[u64]) -> Vec<u64> {
        let largest = weights.iter().copied().max().unwrap_or(0);
        assert!(weights.len() <= 4 * self.quads && largest >> WEIGHT_BITS == 0);
        assert!(largest.checked_mul(2 * weights.len() as u64).is_some());
        let mut sums = vec![0; self.n];
        if self.quads == 0 {
            return sums;
        }
        let mut bytes = vec![Line::ZERO; self.quads * PANEL_LINES];
        for (s, weight) in weights.iter().enumerate() {
            let Line(line) = &mut bytes[s / 4 * PANEL_LINES];
            for (byte, individual) in weight
                .to_le_bytes()
                .into_iter()
                .zip(line)
                .take(WEIGHT_BYTES)
            {
                individual[s % 4] = byte;
            }
        }
        sums.par_chunks_mut(PANEL)
            .zip(self.lines.par_chunks(self.quads * PANEL_LINES))
            .for_each(|(sums, rows)| {
                let mut tile = [[0; ROWS]; COLUMNS];
                for (part, sums) in sums.chunks_mut(ROWS).enumerate() {
                    let product = Product {
                        columns: &bytes,
                        first_column: 0,
                        rows,
                        first_line: part * ROW_LINES,
                    };
                    instructions.fill(&product, &mut tile);
                    for (byte, column) in tile.iter().take(WEIGHT_BYTES).enumerate() {
                        for (sum, &x) in sums.iter_mut().zip(column) {
                            *sum += (x as u64) << (8 * byte);
                        }
                    }
                }
            });
        sums
    }

    fn panel(&self, panel: usize) -> &[Line] {
        let lines = self.quads * PANEL_LINES;
        &self.lines[panel * lines..][..lines]
    }
}

/// A part of the lower triangle: columns of one panel, rows of a few.
struct Task<'a> {
    column_panel: usize,
    first_row: usize,
    sums: MatMut<'a, f64>,
}

/// Cuts the lower triangle of `sums` into parts to share out.
fn tasks(mut sums: MatMut<'_, f64>) -> Vec<Task<'_>> {
    let mut tasks = Vec::new();
    let mut column_panel = 0;
    while sums.ncols() > 0 {
        let width = PANEL.min(sums.ncols());
        let (panel, later) = sums.split_at_col_mut(width);
        let mut first_row = column_panel * PANEL;
        let mut below = panel.split_at_row_mut(first_row).1;
        while below.nrows() > 0 {
            let height = TASK_ROWS.min(below.nrows());
            let (part, rest) = below.split_at_row_mut(height);
            tasks.push(Task {
                column_panel,
                first_row,
                sums: part,
            });
            (first_row, below) = (first_row + height, rest);
        }
        (column_panel, sums) = (column_panel + 1, later);
    }
    tasks
}

struct AddTask<'a> {
    unpacked: &'a Unpacked,
    instructions: Instructions,
    task: Task<'a>,
}

impl WithSimd for AddTask<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Task {
            column_panel,
            first_row,
            mut sums,
        } = self.task;
        let columns = self.unpacked.panel(column_panel);
        let mut tile = [[0; ROWS]; COLUMNS];
        for row in (0..sums.nrows()).step_by(ROWS) {
            let at = first_row + row;
            let rows = self.unpacked.panel(at / PANEL);
            for first_column in (0..sums.ncols()).step_by(COLUMNS) {
                // Nothing of this tile lies below the diagonal.
                if column_panel * PANEL + first_column >= at + ROWS {
                    break;
                }
                let product = Product {
                    columns,
                    first_column,
                    rows,
                    first_line: at % PANEL / LINE,
                };
                self.instructions.fill(&product, &mut tile);
                for (tile, j) in tile.iter().zip(first_column..sums.ncols()) {
                    let column = sums.as_mut().col_mut(j).try_as_col_major_mut();
                    let column = column.expect("columns are contiguous").as_slice_mut();
                    let column = &mut column[row..];
                    for (sum, &x) in column.iter_mut().zip(tile) {
                        *sum += f64::from(x);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = (self.0)
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 20
        }

        /// Random SNPs, missing calls and padding bits included.
        fn snps(&mut self, n: usize, p: usize) -> Vec<Vec<u8>> {
            let mut snp = || (0..n.div_ceil(4)).map(|_| self.next() as u8).collect();
            (0..p).map(|_| snp()).collect()
        }
    }

    fn dosage(snp: &[u8], i: usize) -> u64 {
        [2, 0, 1, 0][usize::from(snp[i / 4] >> (2 * (i % 4)) & 3)]
    }

    fn check(n: usize, p: usize, random: &mut Random) {
        let snps = random.snps(n, p);
        let weights: Vec<u64> = (0..p).map(|_| random.next() & ((1 << 44) - 1)).collect();
        let slices: Vec<&[u8]> = snps.iter().map(Vec::as_slice).collect();
        let mut unpacked = Unpacked::default();
        unpacked.fill(n, &slices);
        let sum = |i| (0..p).map(|s| weights[s] * dosage(&snps[s], i)).sum();
        let sums: Vec<u64> = (0..n).map(sum).collect();
        let dot = |i, j| -> u64 {
            let product = |snp: &Vec<u8>| dosage(snp, i) * dosage(snp, j);
            snps.iter().map(product).sum()
        };
        for instructions in Instructions::available() {
            let case = format!("{instructions:?}, n = {n}, p = {p}");
            let mut gram = Mat::<f64>::from_fn(n, n, |_, _| 7.0);
            unpacked.add_gram_with(instructions, gram.as_mut());
            for j in 0..n {
                for i in j..n {
                    assert_eq!(gram[(i, j)], 7.0 + dot(i, j) as f64, "{case}, {i}, {j}");
                }
            }
            let found = unpacked.weighted_sums_with(instructions, &weights);
            assert_eq!(found, sums, "{case}");
        }
    }

    #[test]
    fn every_way_equals_plain_sums_on_all_edges() {
        let mut random = Random(1);
        for n in 1..70 {
            check(n, 1 + n * 37 % 41, &mut random);
        }
        for p in 0..300 {
            check(1 + p * 7 % 36, p, &mut random);
        }
        for (n, p) in [
            (95, 5),
            (96, 128),
            (97, 129),
            (200, 17),
            (500, 9),
            (130, 300),
        ] {
            check(n, p, &mut random);
        }
    }

    #[test]
    fn the_largest_bytes_do_not_overflow() {
        let (n, p) = (40, 5000);
        let snps = vec![vec![0; n / 4]; p];
        let slices: Vec<&[u8]> = snps.iter().map(Vec::as_slice).collect();
        let mut unpacked = Unpacked::default();
        unpacked.fill(n, &slices);
        let weight = (1 << 50) - 1;
        for instructions in Instructions::available() {
            let mut gram = Mat::<f64>::zeros(n, n);
            unpacked.add_gram_with(instructions, gram.as_mut());
            assert_eq!(gram[(n - 1, 0)], 4.0 * p as f64, "{instructions:?}");
            let sums = unpacked.weighted_sums_with(instructions, &vec![weight; p]);
            assert_eq!(sums, vec![2 * weight * p as u64; n], "{instructions:?}");
        }
    }

    #[test]
    fn memory_is_reused_without_leaving_anything_behind() {
        let mut random = Random(5);
        let mut unpacked = Unpacked::default();
        for (n, p) in [(100, 30), (33, 7), (97, 12)] {
            let snps = random.snps(n, p);
            let slices: Vec<&[u8]> = snps.iter().map(Vec::as_slice).collect();
            unpacked.fill(n, &slices);
            let mut fresh = Unpacked::default();
            fresh.fill(n, &slices);
            let mut grams = [Mat::<f64>::zeros(n, n), Mat::<f64>::zeros(n, n)];
            unpacked.add_gram(grams[0].as_mut());
            fresh.add_gram(grams[1].as_mut());
            assert_eq!(grams[0], grams[1]);
        }
    }
}
