//! Matrices and vectors as NumPy arrays (`.npy`): the functions of [`matrix`](super::matrix), and writers.
//!
//! npyz reads and writes the header. The numbers are streamed here, because npyz reads them one at a time.

mod content;
mod write;

pub(super) use content::add_content;
pub use content::{of_matrix, of_vector};
use write::write_numbers;
pub use write::{write_matrix, write_vector};

use std::io::{BufRead, ErrorKind, Read};
use std::path::Path;

use faer::Mat;
use npyz::{NpyHeader, Order};

use super::content::Content;
use super::matrix::scatter_rows;
use super::source::Source;
use super::square::{NOT_KEPT, SquareMatrix, positions};
use crate::error::{Error, Result};
use crate::kernels::memory::{filled, room};
use crate::kernels::try_zeros;

/// Maximum length of a header in bytes; NumPy writes 128.
const HEADER_BYTES: u64 = 1 << 16;
/// Rows that are collected before they are copied to columns.
const SCATTER_ROWS: usize = 64;
/// Bytes that are read at a time, or one row if that is longer.
const READ_BYTES: usize = if cfg!(test) { 1 << 6 } else { 1 << 20 };

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
    let array = Array::open(path, &[n_total, n_total])?.counted_in(content);
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
    let array = Array::open(path, &[n_rows, n_columns])?.counted_in(content);
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
    let array = Array::open(path, &[n])?.counted_in(content);
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

/// The type of the numbers in a file; they are little-endian.
#[derive(Clone, Copy)]
enum Number {
    F64,
    F32,
}

/// An open array of the expected shape, positioned at its first number.
struct Array<'a> {
    path: &'a Path,
    source: Source,
    number: Number,
    order: Order,
    n_lines: usize, // rows in C order, columns in Fortran order, 1 for a vector
    line_len: usize,
    content: Option<&'a mut Content>,
}

impl<'a> Array<'a> {
    fn open(path: &'a Path, shape: &[usize]) -> Result<Self> {
        let (array, found) = Self::open_any(path)?;
        if found != shape {
            return Err(Error::malformed(
                path,
                format!(
                    "the array has shape {}, expected {}",
                    shape_text(&found),
                    shape_text(shape)
                ),
                "give the array that was computed for the same individuals",
            ));
        }
        Ok(array)
    }

    /// Opens an array of any shape, and also returns its shape.
    fn open_any(path: &'a Path) -> Result<(Self, Vec<usize>)> {
        let mut source = Source::open(path, false)?;
        let header = read_header(path, &mut source)?;
        let type_name = header.dtype().descr();
        let number = match type_name.trim_matches('\'') {
            "<f8" => Number::F64,
            "<f4" => Number::F32,
            _ => {
                return Err(Error::malformed(
                    path,
                    format!("the array has type {type_name}, expected float64 or float32"),
                    "save it with numpy.save(path, array.astype('<f8'))",
                ));
            }
        };
        let shape: Vec<usize> = header.shape().iter().map(|&n| n as usize).collect();
        let (n_lines, line_len) = match (shape.as_slice(), header.order()) {
            (&[rows, columns], Order::C) => (rows, columns),
            (&[rows, columns], Order::Fortran) => (columns, rows),
            (any, _) => (1, any.iter().fold(1_usize, |n, m| n.saturating_mul(*m))),
        };
        let array = Self {
            path,
            source,
            number,
            order: header.order(),
            n_lines,
            line_len,
            content: None,
        };
        array.check_length()?;
        Ok((array, shape))
    }

    /// Adds the array to `content` while its lines are read.
    fn counted_in(mut self, content: Option<&'a mut Content>) -> Self {
        self.content = content;
        if let Some(content) = self.content.as_deref_mut() {
            let n_bytes = self.number.n_bytes();
            content::add_header(content, n_bytes, self.order, self.n_lines, self.line_len);
        }
        self
    }

    /// Fails if the file is far too short, before memory is reserved; a slightly short file is detected when it is
    /// read.
    fn check_length(&self) -> Result<()> {
        let n_bytes = (self.n_lines as u64)
            .saturating_mul(self.line_len as u64)
            .saturating_mul(self.number.n_bytes() as u64);
        match self.source.plain_length() {
            Some(length) if n_bytes > length + HEADER_BYTES => Err(Error::malformed(
                self.path,
                format!(
                    "the file ends early: it has {length} bytes, but its header specifies {n_bytes}"
                ),
                "copy or create the file again",
            )),
            _ => Ok(()),
        }
    }

    /// Calls `call` with the number and content of each line. Fails if the file is too short or too long.
    fn for_each_line(mut self, mut call: impl FnMut(usize, &[f64]) -> Result<()>) -> Result<()> {
        let line_bytes = self.line_len * self.number.n_bytes();
        let at_once = (READ_BYTES / line_bytes.max(1)).clamp(1, self.n_lines.max(1));
        let mut words = filled((at_once * line_bytes).div_ceil(8), 0.0, "some rows")?;
        let mut wide = Vec::new();
        for first in (0..self.n_lines).step_by(at_once) {
            let n_lines = at_once.min(self.n_lines - first);
            let n_bytes = n_lines * line_bytes;
            let n_read = self
                .source
                .fill(&mut bytemuck::cast_slice_mut(&mut words)[..n_bytes])?;
            if let Some(content) = self.content.as_deref_mut() {
                content.add(&bytemuck::cast_slice(&words)[..n_read]);
            }
            let numbers = self.number.of_file(&mut words, &mut wide);
            let n_whole = n_read.checked_div(line_bytes).unwrap_or(n_lines);
            for (i, line) in numbers
                .chunks_exact(self.line_len.max(1))
                .take(n_whole)
                .enumerate()
            {
                call(first + i, line)?;
            }
            if n_whole < n_lines {
                return Err(self.too_short(first + n_whole));
            }
        }
        if self.source.fill(&mut [0])? > 0 {
            return Err(Error::malformed(
                self.path,
                "the file continues after the end of its array",
                "save the array again with numpy.save, one array per file",
            ));
        }
        Ok(())
    }

    fn too_short(&self, i: usize) -> Error {
        let line = match self.order {
            _ if self.n_lines == 1 => "before the end of its numbers".to_owned(),
            Order::C => format!("in row {} of {}", i + 1, self.n_lines),
            Order::Fortran => format!("in column {} of {}", i + 1, self.n_lines),
        };
        Error::malformed(
            self.path,
            format!("the file ends early, {line}"),
            "copy or create the file again",
        )
    }
}

impl Number {
    fn n_bytes(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
        }
    }

    /// The numbers in `words`, which hold the bytes of the file; `wide` is scratch.
    fn of_file<'b>(self, words: &'b mut [f64], wide: &'b mut Vec<f64>) -> &'b [f64] {
        match self {
            Self::F64 => {
                if cfg!(target_endian = "big") {
                    let swap = |x: &mut f64| *x = f64::from_bits(u64::from_le(x.to_bits()));
                    words.iter_mut().for_each(swap);
                }
                words
            }
            Self::F32 => {
                let narrow: &[u32] = bytemuck::cast_slice(words);
                wide.clear();
                wide.extend(
                    narrow
                        .iter()
                        .map(|&bits| f64::from(f32::from_bits(u32::from_le(bits)))),
                );
                wide
            }
        }
    }
}

fn read_header(path: &Path, source: &mut Source) -> Result<NpyHeader> {
    // npyz allocates what the file specifies: from version 2 on, four bytes give the length of the header.
    let start = match source.fill_buf() {
        Ok(start) => start,
        Err(error) => return Err(source.error(error)),
    };
    if let [
        0x93,
        b'N',
        b'U',
        b'M',
        b'P',
        b'Y',
        version,
        _,
        a,
        b,
        c,
        d,
        ..,
    ] = *start
        && version >= 2
        && u64::from(u32::from_le_bytes([a, b, c, d])) > HEADER_BYTES
    {
        return Err(Error::malformed(
            path,
            "the header of the array is longer than 64 KiB",
            "save the array again with numpy.save",
        ));
    }
    NpyHeader::from_reader(source.by_ref().take(HEADER_BYTES))
        .map_err(|error| unreadable_header(path, source, error))
}

fn unreadable_header(path: &Path, source: &Source, error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => Error::malformed(
            path,
            format!("the file is not a NumPy array ({error})"),
            "save it with numpy.save; do not name a text matrix .npy",
        ),
        _ => source.error(error),
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
        "the matrix must be complete: recompute it, or exclude the individuals without values",
    )
}

/// A shape as NumPy prints it: `(3, 4)`, `(3,)`.
fn shape_text<T: std::fmt::Display>(shape: &[T]) -> String {
    let lengths: Vec<_> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", lengths.join(", "))
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
