//! The formats of tables of associations (`--output-format`).

use super::column_set::ColumnSet;

/// A format of tables of associations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// GEMMA's text, `.assoc.txt`.
    Gemma,
    /// Tab-separated text, compressed: `.assoc.tsv.gz`.
    Tsv,
    /// The same with an index of positions: `.assoc.tsv.bgz` and `.assoc.tsv.bgz.tbi` or `.csi`.
    Indexed,
    /// Parquet, `.assoc.parquet`.
    Parquet,
    /// GWAS-SSF 1.0, `.ssf.tsv.gz` with its metadata.
    Ssf,
}

impl TableFormat {
    /// All formats, in the order in which they are written.
    pub const ALL: [Self; 5] = [
        Self::Gemma,
        Self::Tsv,
        Self::Indexed,
        Self::Parquet,
        Self::Ssf,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemma => "gemma",
            Self::Tsv => "tsv.gz",
            Self::Indexed => "bgz",
            Self::Parquet => "parquet",
            Self::Ssf => "ssf",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// How the name of a table ends.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Gemma => "assoc.txt",
            Self::Tsv => "assoc.tsv.gz",
            Self::Indexed => "assoc.tsv.bgz",
            Self::Parquet => "assoc.parquet",
            Self::Ssf => "ssf.tsv.gz",
        }
    }

    /// The columns of the table, if `chosen` are those of `--columns`.
    pub(super) const fn columns(self, chosen: ColumnSet) -> ColumnSet {
        match self {
            Self::Gemma => ColumnSet::Gemma,
            Self::Ssf => ColumnSet::Ssf,
            Self::Tsv | Self::Indexed | Self::Parquet => chosen,
        }
    }

    /// Whether `--columns` chooses the columns.
    #[must_use]
    pub const fn has_chosen_columns(self) -> bool {
        matches!(self, Self::Tsv | Self::Indexed | Self::Parquet)
    }

    /// Whether one table can have the rows of several traits (`--long`).
    #[must_use]
    pub const fn can_be_long(self) -> bool {
        matches!(self, Self::Gemma | Self::Tsv)
    }

    /// Approximate bytes of a row with `n_columns` statistics.
    pub(super) const fn row_bytes(self, n_columns: u64) -> u64 {
        match self {
            Self::Gemma => 40 + 14 * n_columns,
            Self::Tsv | Self::Indexed | Self::Ssf => 20 + 8 * n_columns,
            Self::Parquet => 24 + 9 * n_columns,
        }
    }
}
