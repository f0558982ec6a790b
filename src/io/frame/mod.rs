//! Tables with a header and ids: text, Parquet and Arrow (`--pheno`, `--covar`, `.psam`).
//!
//! | file | recognised by | how it is read |
//! |---|---|---|
//! | text, plain or gzip | anything else | lines are checked and split here, and polars parses the chosen columns as strings |
//! | Parquet | `PAR1` | by polars, with the types of the file |
//! | Arrow IPC file (Feather 2) | `ARROW1` | by polars, with the types of the file |
//!
//! The columns of a text file are separated by tabs, commas or semicolons, or by runs of spaces and tabs; the header shows
//! which. Cells may be in double quotes. Ids are the columns FID and IID, or IID alone, in any case and with or without `#`;
//! without IID, the first column called `id`, `sample`, `sample_id`, `individual`, `eid`, `taxa` and so on.
//!
//! The crate polars is used nowhere else in `io`, and only with the feature `tables`; without it, [`read_table`] fails.

#[cfg(feature = "tables")]
mod binary;
mod cells;
#[cfg(feature = "tables")]
mod header;
mod join;
mod missing;
mod names;
mod read;
mod role;
mod rows;
#[cfg(feature = "tables")]
mod strings;
mod table;
#[cfg(feature = "tables")]
mod text;
mod typed;

pub use cells::Values;
pub use join::{Join, ManyRows};
pub use missing::MissingCodes;
pub use names::TableHeader;
pub use read::read_table;
pub use role::TableRole;
pub use table::IdTable;
pub(crate) use typed::{TypedColumn, typed_columns};
