//! Fallible allocation: a failure is an error with the requested size, never an abort.

#![allow(unsafe_code)]

use super::allocator::fallibly;
use crate::error::{Error, Result};
use faer::Mat;
use std::alloc::{Layout, alloc_zeroed};
use std::fmt;

/// An empty vector with capacity for `n` values of `what`.
///
/// Fails with [`Error::Memory`] if the memory cannot be allocated.
pub fn room<T>(n: usize, what: &str) -> Result<Vec<T>> {
    let mut values = Vec::new();
    fallibly(|| values.try_reserve_exact(n)).map_err(|_| refused(bytes_of::<T>(n), what))?;
    Ok(values)
}

/// Reserves capacity for `n` more values of `what`. Fails as [`room`] does, and then leaves `values` unchanged.
pub fn more_room<T>(values: &mut Vec<T>, n: usize, what: &str) -> Result<()> {
    fallibly(|| values.try_reserve(n)).map_err(|_| refused(bytes_of::<T>(values.len() + n), what))
}

/// `n` copies of `value`. Fails as [`room`] does.
pub fn filled<T: Clone>(n: usize, value: T, what: &str) -> Result<Vec<T>> {
    let mut values = room(n, what)?;
    values.resize(n, value);
    Ok(values)
}

/// `n` zeros, which the system provides only when they are first used. Fails as [`room`] does.
pub fn zeroed(n: usize, what: &str) -> Result<Vec<f64>> {
    let layout = Layout::array::<f64>(n).map_err(|_| refused(bytes_of::<f64>(n), what))?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the size of the layout is not 0.
    let memory = fallibly(|| unsafe { alloc_zeroed(layout) });
    if memory.is_null() {
        return Err(refused(bytes_of::<f64>(n), what));
    }
    #[expect(
        clippy::cast_ptr_alignment,
        clippy::same_length_and_capacity,
        reason = "the layout has the alignment of f64 and the size of n values"
    )]
    // SAFETY: the memory comes from the global allocator with the layout of n values, and the bits of 0.0 are zeros.
    let values = unsafe { Vec::from_raw_parts(memory.cast::<f64>(), n, n) };
    Ok(values)
}

/// An empty matrix with capacity for `rows` × `columns` numbers. Fails as [`room`] does.
pub fn matrix_room(rows: usize, columns: usize, what: &str) -> Result<Mat<f64>> {
    let bytes = (rows as u64)
        .saturating_mul(columns as u64)
        .saturating_mul(8);
    // faer counts capacity in isize.
    if bytes > isize::MAX as u64 {
        return Err(refused(bytes, what));
    }
    let mut matrix = Mat::new();
    fallibly(|| matrix.try_reserve(rows, columns)).map_err(|_| refused(bytes, what))?;
    Ok(matrix)
}

/// Fails as [`room`] does if `bytes` more cannot be allocated now. The memory is freed again.
pub fn check_room(bytes: u64, what: &str) -> Result<()> {
    let n = usize::try_from(bytes).map_err(|_| refused(bytes, what))?;
    room::<u8>(n, what).map(drop)
}

/// Gives freed memory back to the system, where the allocator keeps it.
///
/// That of glibc keeps freed matrices of up to 32 MiB for each thread: a run that makes and drops many takes several times their
/// size, in an order that depends on the threads.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        // SAFETY: any thread may call it at any time; it changes no memory that is in use.
        unsafe { malloc_trim(0) };
    }
}

/// The error of a failed allocation.
#[must_use]
pub fn refused(bytes: u64, what: &str) -> Error {
    Error::Memory {
        what: format!(
            "not enough memory for {what}: the system refused {} more",
            Amount(bytes)
        ),
        hint: REFUSED_HINT.into(),
    }
}

/// Bytes, printed in a suitable unit without allocating memory.
#[derive(Debug, Clone, Copy)]
pub struct Amount(pub u64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..10_000 => write!(f, "{bytes} bytes"),
            bytes @ 10_000..1_000_000 => write!(f, "{:.2} kB", bytes as f64 / 1e3),
            bytes => write!(f, "{:.2} MB", bytes as f64 / 1e6),
        }
    }
}

/// The hint for a failed allocation.
pub const REFUSED_HINT: &str = "use a machine with more free memory, raise the memory limit (ulimit -v, or that of the job), or analyse fewer individuals";

fn bytes_of<T>(n: usize) -> u64 {
    (n as u64).saturating_mul(size_of::<T>() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERABYTES: usize = 1 << 50;

    #[test]
    fn impossible_sizes_are_errors_with_their_numbers() {
        for error in [
            room::<f64>(TERABYTES, "a test").unwrap_err(),
            filled(TERABYTES, 1.0, "a test").unwrap_err(),
            zeroed(TERABYTES, "a test").unwrap_err(),
            matrix_room(1 << 25, 1 << 25, "a test").unwrap_err(),
            check_room(8 * TERABYTES as u64, "a test").unwrap_err(),
        ] {
            let text = error.to_string();
            assert!(
                text.starts_with(
                    "not enough memory for a test: the system refused 9007199254.74 MB"
                ),
                "{text}"
            );
        }
        assert!(matrix_room(usize::MAX, 2, "").is_err());
        assert!(room::<f64>(usize::MAX, "").is_err());
    }

    #[test]
    fn possible_sizes_are_given() {
        assert_eq!(filled(3, 7, "").unwrap(), [7, 7, 7]);
        assert_eq!(zeroed(3, "").unwrap(), [0.0; 3]);
        assert!(zeroed(0, "").unwrap().is_empty());
        assert!(zeroed(usize::MAX, "").is_err());
        assert!(check_room(1 << 20, "").is_ok());
    }
}
