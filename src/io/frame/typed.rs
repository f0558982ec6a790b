//! Columns of a file with types, without ids.

use std::path::Path;

use super::rows::Cells;
use crate::error::Result;

/// A column of a file with types.
pub(crate) enum TypedColumn {
    /// Texts; null is an empty one.
    Texts(Vec<Box<str>>),
    /// Numbers; null is `None`.
    Numbers(Vec<Option<f64>>),
}

/// The columns that `choose` selects by their indices among the names; `None` if the file is text.
#[cfg(feature = "tables")]
pub(crate) fn typed_columns(
    path: &Path,
    choose: impl FnOnce(&[String]) -> Result<Vec<usize>>,
) -> Result<Option<Vec<TypedColumn>>> {
    let Some(binary) = super::binary::Binary::of(path)? else {
        return Ok(None);
    };
    let names = binary.names(path)?;
    let chosen = choose(&names)?;
    let columns = binary.columns(path, &names, &chosen)?;
    Ok(Some(columns.into_iter().map(TypedColumn::of).collect()))
}

/// `None`, or an error if the file is Parquet, which is not built.
#[cfg(not(feature = "tables"))]
pub(crate) fn typed_columns(
    path: &Path,
    _: impl FnOnce(&[String]) -> Result<Vec<usize>>,
) -> Result<Option<Vec<TypedColumn>>> {
    let mut start = [0; 4];
    let file = std::fs::File::open(path);
    let read = file.and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    if read.is_ok() && start == *b"PAR1" {
        let (what, hint) = crate::io::features::not_built("tables", "Parquet files");
        return Err(crate::error::Error::malformed(path, what, hint));
    }
    Ok(None)
}

impl TypedColumn {
    #[cfg_attr(
        not(feature = "tables"),
        allow(dead_code, reason = "without polars, nothing is read")
    )]
    fn of(cells: Cells) -> Self {
        match cells {
            Cells::Texts(texts) => Self::Texts(texts.iter().map(Into::into).collect()),
            Cells::Numbers(numbers) => Self::Numbers(numbers),
        }
    }
}
