//! Parquet and Arrow files, with polars.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{
    ArrowDataType, ArrowSchema, Column, DataFrame, DataType, IpcReader, ParquetReader,
    PolarsResult, SerReader,
};

use super::rows::{Cells, Texts};
use crate::error::{Error, Result};
use crate::io::text::quoted;

/// 2⁵³: smaller integers are exact in double precision.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A format with types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Parquet,
    Arrow,
}

impl Binary {
    /// The format of a regular file by its first bytes; `None` if it may be text.
    pub(super) fn of(path: &Path) -> Result<Option<Self>> {
        // The bytes of a pipe could not be read again.
        if !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
            return Ok(None);
        }
        let mut start = Vec::new();
        let file = File::open(path).map_err(Error::io("open", path))?;
        let read = file.take(8).read_to_end(&mut start);
        read.map_err(Error::io("read", path))?;
        if start.starts_with(b"PAR1") {
            return Ok(Some(Self::Parquet));
        }
        if start.starts_with(b"ARROW1") {
            return Ok(Some(Self::Arrow));
        }
        let (name, hint) = if start.starts_with(b"FEA1") {
            (
                "a Feather file of version 1",
                "write version 2: write_feather(x, path) with a current version of arrow",
            )
        } else if start.starts_with(b"\xff\xff\xff\xff") {
            (
                "an Arrow stream",
                "write an Arrow file (Feather), not a stream: in polars write_ipc",
            )
        } else {
            return Ok(None);
        };
        Err(Error::malformed(path, format!("the file is {name}"), hint))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
        }
    }

    /// The names of the columns.
    pub(super) fn names(self, path: &Path) -> Result<Vec<String>> {
        let schema = self.schema(path)?;
        let names = schema.iter_names().map(|name| name.trim().to_owned());
        Ok(names.collect())
    }

    /// The columns `wanted`, in this order.
    pub(super) fn columns(
        self,
        path: &Path,
        names: &[String],
        wanted: &[usize],
    ) -> Result<Vec<Cells>> {
        let schema = self.schema(path)?;
        let types: Vec<&ArrowDataType> = schema.iter_values().map(|field| &field.dtype).collect();
        for &j in wanted {
            check_type(path, &names[j], types[j])?;
        }
        let mut projection = wanted.to_vec();
        projection.sort_unstable();
        projection.dedup();
        let frame = self.frame(path, &projection)?;
        let column = |j: usize| &frame.columns()[projection.partition_point(|&k| k < j)];
        let cells = wanted.iter().map(|&j| cells(column(j)));
        let cells: PolarsResult<Vec<Cells>> = cells.collect();
        cells.map_err(|error| self.unreadable(path, &error.to_string()))
    }

    fn schema(self, path: &Path) -> Result<Arc<ArrowSchema>> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        self.guarded(path, || match self {
            Self::Parquet => ParquetReader::new(file).schema(),
            Self::Arrow => IpcReader::new(file).schema(),
        })
    }

    fn frame(self, path: &Path, projection: &[usize]) -> Result<DataFrame> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let projection = Some(projection.to_vec());
        self.guarded(path, || match self {
            Self::Parquet => ParquetReader::new(file)
                .with_projection(projection)
                .finish(),
            Self::Arrow => IpcReader::new(file).with_projection(projection).finish(),
        })
    }

    /// The result of `read`; a panic of the reader, which damaged files can cause, is an error.
    fn guarded<T>(self, path: &Path, read: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(read)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.unreadable(path, &error.to_string())),
            Err(_) => Err(self.unreadable(path, "it is damaged")),
        }
    }

    fn unreadable(self, path: &Path, reason: &str) -> Error {
        let reason = reason.lines().next().unwrap_or_default();
        Error::malformed(
            path,
            format!("the {} file cannot be read: {reason}", self.name()),
            "check that the file is complete, or write it again, for example with polars or pyarrow",
        )
    }
}

/// Fails unless a column has numbers or text.
fn check_type(path: &Path, name: &str, dtype: &ArrowDataType) -> Result<()> {
    let (what, hint) = match dtype {
        ArrowDataType::Null
        | ArrowDataType::Boolean
        | ArrowDataType::Int8
        | ArrowDataType::Int16
        | ArrowDataType::UInt8
        | ArrowDataType::UInt16
        | ArrowDataType::Int32
        | ArrowDataType::Int64
        | ArrowDataType::UInt32
        | ArrowDataType::UInt64
        | ArrowDataType::Float32
        | ArrowDataType::Float64
        | ArrowDataType::Utf8
        | ArrowDataType::LargeUtf8
        | ArrowDataType::Utf8View => return Ok(()),
        // Categories of words, as pandas and R write them.
        ArrowDataType::Dictionary(_, words, _)
            if matches!(
                **words,
                ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View
            ) =>
        {
            return Ok(());
        }
        other => (
            format!("the type {other:?}"),
            "write the column as numbers or text",
        ),
    };
    Err(Error::malformed(
        path,
        format!("column {} has {what}", quoted(name)),
        hint,
    ))
}

fn cells(column: &Column) -> PolarsResult<Cells> {
    let series = column.as_materialized_series();
    let words;
    let series = if matches!(
        series.dtype(),
        DataType::Categorical(..) | DataType::Enum(..)
    ) {
        words = series.cast(&DataType::String)?;
        &words
    } else {
        series
    };
    if series.dtype() == &DataType::String {
        let cells = series.str()?.iter();
        let cells = cells.map(|cell| cell.unwrap_or_default().trim());
        return Ok(Cells::Texts(Texts::of(cells)));
    }
    let numbers = series.strict_cast(&DataType::Float64)?;
    let numbers = numbers.f64()?;
    // Long integers, which are ids, keep all their digits as text.
    if series.dtype().is_integer() && numbers.iter().flatten().any(|x| x.abs() >= EXACT) {
        let digits = series.strict_cast(&DataType::String)?;
        let cells = digits.str()?.iter().map(Option::unwrap_or_default);
        return Ok(Cells::Texts(Texts::of(cells)));
    }
    Ok(Cells::Numbers(numbers.iter().collect()))
}
