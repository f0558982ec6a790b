//! Reads a table with ids.

use std::path::Path;

use super::names::TableHeader;
use super::role::TableRole;
use super::table::IdTable;
use crate::error::Result;

/// Reads the columns of the file at `path` that `choose` selects, by their indices in the header.
///
/// Fails if the file cannot be read, if it has no column of ids or no rows, and if text is malformed: rows of different
/// width, cells with unpaired quotation marks, names that occur twice. Fails without the feature `tables`.
#[cfg(feature = "tables")]
pub fn read_table(
    path: &Path,
    role: TableRole,
    choose: impl FnOnce(&TableHeader) -> Result<Vec<usize>>,
) -> Result<IdTable> {
    use super::binary::Binary;
    use super::header::{layout, note_on_unnamed};
    use super::rows::{Cells, RowIds};
    use super::table::Column;
    use super::{strings, text};
    use crate::error::Error;

    let binary = Binary::of(path)?;
    let mut scanned = None;
    let (names, line) = if let Some(binary) = &binary {
        (binary.names(path)?, None)
    } else {
        let mut text = text::scan(path, role)?;
        let names = std::mem::take(&mut text.names);
        let line = text.header_line;
        scanned = Some(text);
        (names, line)
    };
    let layout = layout(path, role, &names, line)?;
    let chosen = choose(&layout.header)?;
    let chosen: Vec<_> = (chosen.iter())
        .map(|&k| &layout.header.columns[k])
        .collect();
    let ids = [Some(layout.iid), layout.fid].into_iter().flatten();
    let wanted: Vec<usize> = ids
        .chain(chosen.iter().map(|column| column.index))
        .collect();
    let first_line = scanned.as_ref().map(|scanned| scanned.first_line);
    let mut cells = match (binary, scanned) {
        (Some(binary), _) => binary.columns(path, &names, &wanted)?,
        (None, Some(scanned)) => {
            let n_rows = scanned.n_rows;
            let columns = strings::columns(path, scanned, names.len(), &wanted)?;
            if columns.iter().any(|texts| texts.len() != n_rows) {
                return Err(Error::malformed(
                    path,
                    format!("{n_rows} rows were read, but they could not be divided into cells"),
                    "check the quotation marks in the file",
                ));
            }
            columns.into_iter().map(Cells::Texts).collect()
        }
        (None, None) => panic!("a file is text or binary"),
    }
    .into_iter();
    let mut next = || cells.next().expect("as many columns as are wanted");
    let iid = next().into_texts();
    let fid = layout.fid.map(|_| next().into_texts());
    let ids = RowIds { fid, iid };
    if ids.len() == 0 {
        return Err(Error::malformed(
            path,
            "the table has a header, but no rows",
            format!("give one row per individual, or omit {}", role.option()),
        ));
    }
    let columns = chosen.iter().map(|column| Column {
        name: column.name.clone(),
        cells: next(),
    });
    Ok(IdTable {
        path: path.to_path_buf(),
        role,
        columns: columns.collect(),
        ids,
        first_line,
        notes: note_on_unnamed(path, &names).into_iter().collect(),
    })
}

/// Fails: the feature `tables` is not built.
#[cfg(not(feature = "tables"))]
pub fn read_table(
    _: &Path,
    role: TableRole,
    _: impl FnOnce(&TableHeader) -> Result<Vec<usize>>,
) -> Result<IdTable> {
    let (what, hint) = crate::io::features::not_built("tables", "tables with ids");
    let hint = format!("{hint}, or give files without a header with -p and -c");
    Err(crate::error::Error::option(role.option(), what, hint))
}
