//! Text to columns of strings, with polars.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{
    CsvReadOptions, DataFrame, DataType, Field, PlSmallStr, PolarsResult, Schema, SerReader,
};

use super::rows::Texts;
use super::text::Scanned;
use crate::error::{Error, Result};

/// The columns `wanted` of checked lines, as text.
///
/// * `width`: number of columns
pub(super) fn columns(
    path: &Path,
    scanned: Scanned,
    width: usize,
    wanted: &[usize],
) -> Result<Vec<Texts>> {
    if scanned.n_rows == 0 {
        return Ok(wanted.iter().map(|_| Texts::default()).collect());
    }
    let frame = frame(scanned, width, wanted);
    frame
        .and_then(|frame| {
            let texts = wanted.iter().map(|&j| texts(&frame, j));
            texts.collect::<PolarsResult<Vec<Texts>>>()
        })
        .map_err(|error| {
            Error::malformed(
                path,
                format!("the text cannot be divided into cells: {error}"),
                "check the quotation marks in the file",
            )
        })
}

/// Columns have their numbers as names, because names may be repeated or empty.
fn name(index: usize) -> PlSmallStr {
    index.to_string().into()
}

fn frame(scanned: Scanned, width: usize, wanted: &[usize]) -> PolarsResult<DataFrame> {
    let fields = (0..width).map(|j| Field::new(name(j), DataType::String));
    let schema: Schema = fields.collect();
    let mut projection = wanted.to_vec();
    projection.sort_unstable();
    projection.dedup();
    let separator = scanned.separator();
    CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(schema)))
        .with_projection(Some(Arc::new(projection)))
        .map_parse_options(|options| {
            options
                .with_separator(separator)
                .with_quote_char(Some(b'"'))
        })
        .into_reader_with_file_handle(Cursor::new(scanned.body))
        .finish()
}

fn texts(frame: &DataFrame, index: usize) -> PolarsResult<Texts> {
    let column = frame.column(&name(index))?;
    let cells = column.str()?.iter();
    Ok(Texts::of(cells.map(|cell| cell.unwrap_or_default().trim())))
}
