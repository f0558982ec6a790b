//! Numeric matrices in Parquet files: the columns are named as in a text matrix.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use polars::prelude::{Column, DataFrame, DataType, ParquetReader, SerReader};

use super::super::individual::Individual;
use super::header::{Header, Rows, SnpColumn};
use super::individual_rows::Matrix;
use super::snp_map::Place;
use super::value::Scale;
use crate::error::{Error, Result};
use crate::kernels::memory::{filled, room};

/// The first bytes of a Parquet file.
const MAGIC: &[u8; 4] = b"PAR1";

const HINT: &str = "write the file again; a text matrix can be given instead";

/// A matrix in memory.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Ids of the SNPs.
    pub(crate) names: Vec<Box<str>>,
    /// What the matrix says about them; empty if it says nothing.
    pub(crate) places: Vec<Place>,
    pub(crate) matrix: Matrix,
}

/// Reads the matrix at `path` if it is a Parquet file; `None` if it is something else.
///
/// Fails if the file is damaged, its columns are not those of a matrix, a column of values has no numbers, a value is out
/// of range, or the memory does not suffice.
pub(crate) fn read(
    path: &Path,
    scale: Scale,
    is_snp: Option<&dyn Fn(&str) -> bool>,
) -> Result<Option<Table>> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut start = [0; MAGIC.len()];
    if file.read_exact(&mut start).is_err() || start != *MAGIC {
        return Ok(None);
    }
    // The library panics on some damaged files.
    let read = std::panic::catch_unwind(|| ParquetReader::new(file).finish());
    let frame = match read {
        Ok(Ok(frame)) => frame,
        Ok(Err(error)) => {
            let reason = error.to_string();
            let reason = reason.lines().next().unwrap_or_default();
            return Err(Error::malformed(
                path,
                format!("the Parquet file is damaged ({reason})"),
                HINT,
            ));
        }
        Err(_) => return Err(Error::malformed(path, "the Parquet file is damaged", HINT)),
    };
    let names: Vec<&str> = frame
        .columns()
        .iter()
        .map(|column| column.name().as_str())
        .collect();
    let header = Header::of_names(path, &names, is_snp)?;
    if frame.height() == 0 {
        let hint = "give a row for each individual or SNP";
        return Err(Error::malformed(path, "the matrix has no rows", hint));
    }
    match &header.rows {
        Rows::Individuals {
            fid,
            iid,
            n_columns,
        } => individual_rows(path, &frame, &header, (*fid, *iid, *n_columns), scale),
        Rows::Snps { columns } => snp_rows(path, &frame, &header, columns, scale),
        Rows::HapMap => Err(Error::malformed(
            path,
            "HapMap calls in a Parquet file",
            "give HapMap text",
        )),
    }
    .map(Some)
}

/// Columns of SNPs.
fn individual_rows(
    path: &Path,
    frame: &DataFrame,
    header: &Header,
    (fid, iid, n_columns): (Option<usize>, usize, usize),
    scale: Scale,
) -> Result<Table> {
    let (n, p) = (frame.height(), header.names.len());
    let mut rows = Vec::with_capacity(n);
    for _ in 0..n {
        rows.push(room(p, "the matrix")?);
    }
    let iids = texts(path, &frame.columns()[iid])?;
    for (column, rs) in frame.columns()[n_columns..].iter().zip(&header.names) {
        let values = numbers(path, column)?;
        for ((row, value), iid) in rows.iter_mut().zip(values).zip(&iids) {
            row.push(scaled(path, scale, value, (iid, rs))?);
        }
    }
    let fids = match fid {
        Some(fid) => texts(path, &frame.columns()[fid])?,
        None => filled(n, "0".into(), "the ids")?,
    };
    let ids = fids
        .into_iter()
        .zip(iids)
        .map(|(fid, iid)| Individual { fid, iid });
    Ok(Table {
        names: header.names.clone(),
        places: Vec::new(),
        matrix: matrix(path, ids, rows)?,
    })
}

/// Columns of individuals.
fn snp_rows(
    path: &Path,
    frame: &DataFrame,
    header: &Header,
    columns: &[SnpColumn],
    scale: Scale,
) -> Result<Table> {
    let p = frame.height();
    let mut names = Vec::new();
    for (&kind, column) in columns.iter().zip(frame.columns()) {
        if kind == SnpColumn::Id {
            names = texts(path, column)?;
        }
    }
    let mut places = filled(p, Place::default(), "the SNPs")?;
    for (&kind, column) in columns.iter().zip(frame.columns()) {
        if matches!(kind, SnpColumn::Id | SnpColumn::Other) {
            continue;
        }
        let cells = cells(path, column)?;
        for ((place, cell), rs) in places.iter_mut().zip(cells).zip(&names) {
            place.set(kind, &cell.unwrap_or_default(), (path, 0, rs))?;
        }
    }
    let mut rows = Vec::with_capacity(header.names.len());
    for (column, iid) in frame.columns()[columns.len()..].iter().zip(&header.names) {
        let mut row = room(p, "the matrix")?;
        for (value, rs) in numbers(path, column)?.zip(&names) {
            row.push(scaled(path, scale, value, (iid, rs))?);
        }
        rows.push(row);
    }
    Ok(Table {
        names,
        places,
        matrix: matrix(path, header.individuals().into_iter(), rows)?,
    })
}

fn matrix(
    path: &Path,
    individuals: impl Iterator<Item = Individual>,
    rows: Vec<Vec<f64>>,
) -> Result<Matrix> {
    let (mut matrix, mut seen) = (Matrix::default(), HashMap::new());
    for ((individual, row), line) in individuals.zip(rows).zip(1..) {
        matrix.push((path, line), &mut seen, individual, row)?;
    }
    Ok(matrix)
}

/// A value of the matrix, NaN if it is missing.
fn scaled(path: &Path, scale: Scale, value: Option<f64>, (iid, rs): (&str, &str)) -> Result<f64> {
    match value {
        None => Ok(f64::NAN),
        Some(x) if x.is_nan() => Ok(x),
        Some(x) => scale.scaled(x).ok_or_else(|| {
            let error = scale.error(path, 0, iid, rs, &x.to_string());
            let (what, hint) = match error {
                Error::Malformed { what, hint, .. } => (what, hint),
                other => return other,
            };
            Error::malformed(path, what, hint)
        }),
    }
}

/// The numbers of a column, `None` if missing.
fn numbers(path: &Path, column: &Column) -> Result<impl Iterator<Item = Option<f64>>> {
    let kind = column.dtype();
    if !kind.is_primitive_numeric() && !kind.is_bool() {
        return Err(Error::malformed(
            path,
            format!(
                "column {} is of type {kind}, expected numbers",
                column.name()
            ),
            "write the values as numbers, with nulls for missing values",
        ));
    }
    let cast = column
        .cast(&DataType::Float64)
        .map_err(|e| damaged(path, &e))?;
    let values: Vec<Option<f64>> = cast.f64().map_err(|e| damaged(path, &e))?.iter().collect();
    Ok(values.into_iter())
}

/// The cells of a column as text, `None` if missing.
fn cells(path: &Path, column: &Column) -> Result<Vec<Option<Box<str>>>> {
    let cast = column
        .cast(&DataType::String)
        .map_err(|e| damaged(path, &e))?;
    let cells = cast.str().map_err(|e| damaged(path, &e))?;
    Ok(cells.iter().map(|cell| cell.map(Box::from)).collect())
}

/// The ids in a column.
fn texts(path: &Path, column: &Column) -> Result<Vec<Box<str>>> {
    let cells = cells(path, column)?.into_iter().zip(1..);
    cells
        .map(|(cell, row)| {
            cell.filter(|cell| !cell.is_empty()).ok_or_else(|| {
                let what = format!("column {} has no id in row {row}", column.name());
                Error::malformed(path, what, "give every row an id")
            })
        })
        .collect()
}

fn damaged(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::malformed(path, format!("the Parquet file is damaged ({error})"), HINT)
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file};
    use super::*;
    use polars::prelude::{NamedFrom, ParquetWriter, Series};

    fn written(columns: Vec<Series>) -> tempfile::NamedTempFile {
        let n = columns[0].len();
        let columns = columns.into_iter().map(Column::from).collect();
        let mut frame = DataFrame::new(n, columns).unwrap();
        let file = file("");
        ParquetWriter::new(file.reopen().unwrap())
            .finish(&mut frame)
            .unwrap();
        file
    }

    fn table(columns: Vec<Series>) -> Result<Table> {
        let file = written(columns);
        read(file.path(), Scale::Ploidy(2), None).map(Option::unwrap)
    }

    fn value(table: &Table) -> Vec<String> {
        let rows = table.matrix.rows.iter();
        rows.map(|row| [0, 1].map(|snp| row.value(snp).to_string()).join(" "))
            .collect()
    }

    #[test]
    fn both_ways_of_a_matrix_are_read() {
        let one = table(vec![
            Series::new("IID".into(), ["a", "b", "c"]),
            Series::new("rs1".into(), [0_i64, 1, 2]),
            Series::new("rs2".into(), [Some(0.5), None, Some(2.0)]),
        ])
        .unwrap();
        let other = table(vec![
            Series::new("SNP".into(), ["rs1", "rs2"]),
            Series::new("pos".into(), [Some(7_i64), None]),
            Series::new("a".into(), [0.0, 0.5]),
            Series::new("b".into(), [1.0, f64::NAN]),
            Series::new("c".into(), [2_u8, 2]),
        ])
        .unwrap();
        for table in [&one, &other] {
            assert_eq!(value(table), ["0 0.5", "1 NaN", "2 2"]);
            assert_eq!(table.names, ["rs1".into(), "rs2".into()]);
            assert_eq!(table.matrix.individuals[2].to_string(), "0 c");
        }
        assert_eq!([other.places[0].ps, other.places[1].ps], [7, -9]);
    }

    #[test]
    fn what_is_no_matrix_is_an_error() {
        let ids = || Series::new("IID".into(), ["a", "b"]);
        assert_fails(
            table(vec![ids(), Series::new("rs1".into(), [0.0, 3.0])]),
            &["individual b at SNP rs1", "\"3\""],
        );
        assert_fails(
            table(vec![ids(), Series::new("rs1".into(), ["0", "1"])]),
            &["column rs1 is of type"],
        );
        assert_fails(
            table(vec![
                Series::new("x".into(), [0, 1]),
                Series::new("rs1".into(), [0, 1]),
            ]),
            &["does not say"],
        );
        assert_fails(
            table(vec![
                Series::new("IID".into(), ["a", "a"]),
                Series::new("rs1".into(), [0, 1]),
            ]),
            &["duplicate individual"],
        );
        assert!(
            read(file("IID rs1\n").path(), Scale::Any, None)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_truncated_file_is_an_error() {
        let whole = written(vec![
            Series::new("IID".into(), ["a", "b"]),
            Series::new("rs1".into(), [0, 1]),
        ]);
        let bytes = std::fs::read(whole.path()).unwrap();
        for end in 4..bytes.len() {
            assert_fails(
                read(file(&bytes[..end]).path(), Scale::Any, None),
                &["damaged"],
            );
        }
    }
}
