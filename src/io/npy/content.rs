//! The checksum of an array: its type, order, shape and numbers, but not the formatting of its header.

use npyz::Order;

use crate::io::content::Content;
use crate::io::numbers::write_numbers;

/// The checksum of a float64 array as [`write_matrix`](super::write_matrix) writes it: `n_rows` numbers in each of `columns`.
pub fn of_matrix<'a>(n_rows: usize, columns: impl ExactSizeIterator<Item = &'a [f64]>) -> Content {
    let mut content = Content::default();
    add_header(&mut content, 8, Order::Fortran, columns.len(), n_rows);
    for column in columns {
        // Adding bytes to a checksum does not fail.
        let _ = write_numbers(&mut content, column);
    }
    content
}

/// The checksum of a float64 array as [`write_vector`](super::write_vector) writes it.
pub fn of_vector(values: &[f64]) -> Content {
    let mut content = Content::default();
    add_header(&mut content, 8, Order::C, 1, values.len());
    let _ = write_numbers(&mut content, values);
    content
}

/// Adds what precedes the numbers of an array in its checksum.
pub(super) fn add_header(
    content: &mut Content,
    n_bytes: usize,
    order: Order,
    n_lines: usize,
    len: usize,
) {
    // A single line is the same in both orders.
    let order = if n_lines == 1 { Order::C } else { order };
    content.add(format!("f{n_bytes} {order:?} {n_lines} {len}\n").as_bytes());
}
