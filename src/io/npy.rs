//! Matrices and vectors as NumPy arrays (`.npy`): the functions of [`matrix`](super::matrix), and writers.
//!
//! npyz reads and writes the header. The numbers are streamed here, because npyz reads them one at a time.

mod array;
mod content;
mod write;

pub(super) use array::add_content;
use array::{Array, read_header};
pub use content::{of_matrix, of_vector};
pub use write::{write_matrix, write_vector};

use std::path::Path;

use faer::Mat;
use npyz::Order;

use super::content::Content;
use super::matrix::{COMPLETE_HINT, scatter_rows};
use super::source::Source;
use super::square::{NOT_KEPT, SquareMatrix, positions};
use crate::error::{Error, Result};
use crate::kernels::memory::room;
use crate::kernels::try_zeros;

/// Rows that are collected before they are copied to columns.
const SCATTER_ROWS: usize = 64;

/// Whether `path` names a `.npy` file, plain or compressed.
pub(crate) fn is_npy(path: &Path) -> bool {
    let has = |path: &Path, extension| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(extension))
    };
    has(path, "npy")
        || (has(path, "gz")
            && path
                .file_stem()
                .is_some_and(|stem| has(Path::new(stem), "npy")))
}

/// Reads a kinship matrix of `n_total` individuals for the kept ones.
///
/// Entry (a, b) of the result is entry (`kept[a]`, `kept[b]`) of the array; `kept` holds distinct 0-based rows in any
/// order. The array is `n_total` × `n_total`, `float64` or `float32`, in C or Fortran order. Fails if the shape or type
/// differs, the file is too short or too long, or a kept entry is not finite. Memory: the result and one row.
///
/// * `content`: the checksum to which the whole array is added
pub fn read_square(
    path: &Path,
    n_total: usize,
    kept: &[usize],
    content: Option<&mut Content>,
) -> Result<SquareMatrix> {
    assert!(!kept.is_empty(), "at least one individual is kept");
    let array = Array::open(path, &[n_total, n_total])?.hashed_into(content);
    let positions = positions(n_total, kept);
    let mut matrix = SquareMatrix::zeros(kept.len())?;
    let order = array.order;
    array.for_each_line(|i, line| {
        if positions[i] == NOT_KEPT {
            return Ok(());
        }
        let row = &mut matrix.values[positions[i] * kept.len()..][..kept.len()];
        for (value, &j) in row.iter_mut().zip(kept) {
            *value = line[j];
            if !value.is_finite() {
                let (row, column) = if order == Order::C { (i, j) } else { (j, i) };
                return Err(not_finite(path, row, column, *value));
            }
        }
        Ok(())
    })?;
    if order == Order::Fortran {
        matrix.transpose();
    }
    Ok(matrix)
}

/// Reads a whole array of `n_rows` × `n_columns` numbers. Fails as [`read_square`] does.
///
/// * `content`: the checksum to which the whole array is added
pub fn read_dense(
    path: &Path,
    n_rows: usize,
    n_columns: usize,
    content: Option<&mut Content>,
) -> Result<Mat<f64>> {
    let array = Array::open(path, &[n_rows, n_columns])?.hashed_into(content);
    let mut matrix = try_zeros(n_rows, n_columns, "the matrix")?;
    if array.order == Order::Fortran {
        array.for_each_line(|j, column| {
            if let Some(i) = column.iter().position(|value| !value.is_finite()) {
                return Err(not_finite(path, i, j, column[i]));
            }
            matrix.col_as_slice_mut(j).copy_from_slice(column);
            Ok(())
        })?;
        return Ok(matrix);
    }
    let mut rows = room(SCATTER_ROWS * n_columns, "some rows")?;
    array.for_each_line(|i, row| {
        if let Some(j) = row.iter().position(|value| !value.is_finite()) {
            return Err(not_finite(path, i, j, row[j]));
        }
        rows.extend_from_slice(row);
        if (i + 1) % SCATTER_ROWS == 0 || i + 1 == n_rows {
            let first_row = i / SCATTER_ROWS * SCATTER_ROWS;
            scatter_rows(&rows, first_row, &mut matrix);
            rows.clear();
        }
        Ok(())
    })?;
    Ok(matrix)
}

/// Reads a one-dimensional array of `n` eigenvalues. Fails as [`read_square`] does.
///
/// * `content`: the checksum to which the whole array is added
pub fn read_eigenvalues(path: &Path, n: usize, content: Option<&mut Content>) -> Result<Vec<f64>> {
    let array = Array::open(path, &[n])?.hashed_into(content);
    let mut values = room(n, "the eigenvalues")?;
    array.for_each_line(|_, line| {
        if let Some(i) = line.iter().position(|value| !value.is_finite()) {
            return Err(not_finite(path, i, 0, line[i]));
        }
        values.extend_from_slice(line);
        Ok(())
    })?;
    Ok(values)
}

/// Number of rows of the array, from its header. Fails if the array is not two-dimensional.
pub fn n_rows(path: &Path) -> Result<usize> {
    let header = read_header(path, &mut Source::open(path, false)?)?;
    match header.shape() {
        [rows, _] => Ok(*rows as usize),
        shape => Err(Error::malformed(
            path,
            format!("the array has {} dimensions, expected 2", shape.len()),
            "give a square matrix",
        )),
    }
}

fn not_finite(path: &Path, row: usize, column: usize, value: f64) -> Error {
    Error::malformed(
        path,
        format!(
            "row {}, column {} is {value}, expected a finite number",
            row + 1,
            column + 1
        ),
        COMPLETE_HINT,
    )
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    /// A file as numpy.save writes it, built from the documentation of the format.
    fn npy(descr: &str, fortran_order: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
        let mut header =
            format!("{{'descr': '{descr}', 'fortran_order': {fortran_order}, 'shape': {shape}, }}");
        header += &" ".repeat(64 - (10 + header.len() + 1) % 64);
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(numbers);
        bytes
    }

    fn f64s(numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
        numbers.into_iter().flat_map(f64::to_le_bytes).collect()
    }

    fn one_to_nine() -> impl Iterator<Item = f64> {
        (1..10).map(f64::from)
    }

    fn square(content: &[u8], n_total: usize, kept: &[usize]) -> Result<Vec<f64>> {
        read_square(file(content).path(), n_total, kept, None).map(|matrix| matrix.values)
    }

    #[test]
    fn kinship_is_read_in_both_orders_and_both_widths() {
        let narrow: Vec<u8> = one_to_nine()
            .flat_map(|value| (value as f32).to_le_bytes())
            .collect();
        for (descr, numbers) in [("<f8", f64s(one_to_nine())), ("<f4", narrow)] {
            let c = npy(descr, "False", "(3, 3)", &numbers);
            assert_eq!(square(&c, 3, &[0, 2]).unwrap(), [1.0, 3.0, 7.0, 9.0]);
            assert_eq!(square(&c, 3, &[2, 0]).unwrap(), [9.0, 7.0, 3.0, 1.0]);
            assert_eq!(square(&gzip(&c), 3, &[1]).unwrap(), [5.0]);
            let fortran = npy(descr, "True", "(3, 3)", &numbers);
            assert_eq!(square(&fortran, 3, &[0, 2]).unwrap(), [1.0, 7.0, 3.0, 9.0]);
        }
    }

    #[test]
    fn dense_arrays_are_column_major_in_both_orders() {
        for n_rows in [1, 63, 64, 65, 130] {
            let n_columns = 3;
            let entry = |i: usize, j: usize| (i * 10 + j) as f64;
            let columns = (0..n_rows * n_columns).map(|k| entry(k % n_rows, k / n_rows));
            let c = f64s((0..n_rows * n_columns).map(|k| entry(k / n_columns, k % n_columns)));
            let shape = format!("({n_rows}, {n_columns})");
            let c = file(npy("<f8", "False", &shape, &c));
            let expected = Mat::from_fn(n_rows, n_columns, entry);
            assert_eq!(
                read_dense(c.path(), n_rows, n_columns, None).unwrap(),
                expected
            );
            let fortran = file(npy("<f8", "True", &shape, &f64s(columns)));
            assert_eq!(
                read_dense(fortran.path(), n_rows, n_columns, None).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn what_is_written_is_read_again_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("u.npy");
        let n = 300;
        let values: Vec<_> = (0..n * n).map(|i| (i as f64).sin()).collect();
        let mut out = Vec::new();
        write_matrix(&mut out, n, values.chunks(n)).unwrap();
        std::fs::write(&path, out).unwrap();
        let matrix = Mat::from_fn(n, n, |i, j| values[j * n + i]);
        assert_eq!(read_dense(&path, n, n, None).unwrap(), matrix);
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"\x93NUMPY"));
        let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
        assert!(header.contains("'fortran_order': True"), "{header}");
        assert!(header.contains("'descr': '<f8'"), "{header}");

        let mut out = Vec::new();
        write_vector(&mut out, &values[..5]).unwrap();
        std::fs::write(&path, out).unwrap();
        assert_eq!(read_eigenvalues(&path, 5, None).unwrap(), values[..5]);
    }

    #[test]
    fn other_types_and_shapes_are_errors() {
        let numbers = f64s(one_to_nine());
        for descr in ["<i8", ">f8", "<c16"] {
            assert_fails(
                square(&npy(descr, "False", "(3, 3)", &numbers), 3, &[0]),
                &[&format!("has type '{descr}', expected float64"), "astype"],
            );
        }
        for shape in ["(3, 3)", "(4, 3)", "(9,)", "()"] {
            assert_fails(
                square(&npy("<f8", "False", shape, &numbers), 4, &[0]),
                &[&format!("has shape {shape}, expected (4, 4)")],
            );
        }
        let matrix = file(npy("<f8", "False", "(3, 3)", &numbers));
        assert_fails(
            read_eigenvalues(matrix.path(), 9, None),
            &["has shape (3, 3), expected (9,)"],
        );
    }

    #[test]
    fn files_that_are_too_short_or_too_long_are_errors() {
        let numbers = f64s(one_to_nine());
        let short = npy("<f8", "False", "(3, 3)", &numbers[..60]);
        assert_fails(square(&short, 3, &[0]), &["ends early, in row 3 of 3"]);
        assert_fails(square(&gzip(short), 3, &[0]), &["ends early, in row 3"]);
        let short = npy("<f8", "True", "(3, 3)", &numbers[..20]);
        assert_fails(square(&short, 3, &[0]), &["ends early, in column 1 of 3"]);
        let long = npy("<f8", "True", "(2, 2)", &numbers);
        assert_fails(square(&long, 2, &[0]), &["continues after the end"]);
        let vector = file(npy("<f8", "False", "(10,)", &numbers));
        assert_fails(read_eigenvalues(vector.path(), 10, None), &["ends early"]);
    }

    #[test]
    fn files_that_are_not_arrays_are_errors() {
        for content in ["", "1 2\n3 4\n", "\u{93}NUMPY"] {
            assert_fails(
                square(content.as_bytes(), 2, &[0]),
                &["is not a NumPy array", "numpy.save"],
            );
        }
    }

    #[test]
    fn entries_that_are_not_finite_are_named_if_they_are_kept() {
        for (value, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
            let mut numbers: Vec<f64> = one_to_nine().collect();
            numbers[5] = value;
            let numbers = f64s(numbers);
            let c = npy("<f8", "False", "(3, 3)", &numbers);
            let fortran = npy("<f8", "True", "(3, 3)", &numbers);
            let (c_name, fortran_name) = (
                format!("row 2, column 3 is {name}"),
                format!("row 3, column 2 is {name}"),
            );
            assert_fails(square(&c, 3, &[1, 2]), &[&c_name]);
            assert_fails(square(&fortran, 3, &[1, 2]), &[&fortran_name]);
            assert_eq!(square(&c, 3, &[0, 1]).unwrap(), [1.0, 2.0, 4.0, 5.0]);
            assert_fails(read_dense(file(&c).path(), 3, 3, None), &[&c_name]);
            assert_fails(
                read_dense(file(&fortran).path(), 3, 3, None),
                &[&fortran_name],
            );
            let vector = npy("<f8", "False", "(9,)", &numbers);
            assert_fails(
                read_eigenvalues(file(&vector).path(), 9, None),
                &[&format!("row 6, column 1 is {name}")],
            );
        }
    }
}
