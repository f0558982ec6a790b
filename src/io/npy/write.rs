//! Writes arrays: the header with npyz, the numbers as they are in memory.

use std::io::Write;

use npyz::{DType, Order, WriteOptions, WriterBuilder};

use crate::io::numbers::write_numbers;

/// Writes an `n_rows` × `n_columns` float64 array in Fortran order, column after column.
pub fn write_matrix<'a>(
    out: &mut impl Write,
    n_rows: usize,
    columns: impl ExactSizeIterator<Item = &'a [f64]>,
) -> std::io::Result<()> {
    write_header(out, &[n_rows as u64, columns.len() as u64])?;
    for column in columns {
        assert_eq!(column.len(), n_rows, "a full column");
        write_numbers(out, column)?;
    }
    Ok(())
}

/// Writes a one-dimensional float64 array.
pub fn write_vector(out: &mut impl Write, values: &[f64]) -> std::io::Result<()> {
    write_header(out, &[values.len() as u64])?;
    write_numbers(out, values)
}

fn write_header(out: &mut impl Write, shape: &[u64]) -> std::io::Result<()> {
    let order = match shape {
        [_] => Order::C, // as NumPy writes vectors
        _ => Order::Fortran,
    };
    WriteOptions::new_header_only()
        .dtype(DType::Plain("<f8".parse().expect("a type of NumPy")))
        .shape(shape)
        .order(order)
        .writer(out)
        .write_header_only()?;
    Ok(())
}
