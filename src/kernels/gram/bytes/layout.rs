//! Layout of the genotypes in memory, and tiles of their products.

/// Individuals in a [`Line`].
pub(super) const LINE: usize = 16;
/// Individuals in a panel: a whole number of tiles in both directions.
pub(super) const PANEL: usize = 96;
/// Lines of a panel for each group of four SNPs.
pub(super) const PANEL_LINES: usize = PANEL / LINE;
/// Columns of a register tile.
pub(super) const COLUMNS: usize = 12;
/// Rows of a register tile.
pub(super) const ROWS: usize = 32;
/// Lines that hold the rows of a tile for a group of four SNPs.
pub(super) const ROW_LINES: usize = ROWS / LINE;

/// One vector register: four bytes for each of sixteen individuals.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [[u8; 4]; LINE]);

impl Line {
    pub(super) const ZERO: Self = Self([[0; 4]; LINE]);
}

/// Sums of products: `tile[column][row]`.
pub(super) type Tile = [[i32; ROWS]; COLUMNS];

/// The factors of one tile: columns of one panel and rows of another.
pub(super) struct Product<'a> {
    /// The panel of the columns, with [`PANEL_LINES`] lines for each group of four SNPs.
    pub(super) columns: &'a [Line],
    /// First column in its panel, a multiple of [`COLUMNS`].
    pub(super) first_column: usize,
    /// The panel of the rows; its bytes are below 128.
    pub(super) rows: &'a [Line],
    /// First line of the rows in their panel, a multiple of [`ROW_LINES`].
    pub(super) first_line: usize,
}
