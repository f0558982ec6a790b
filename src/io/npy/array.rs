//! An open `.npy` file: its header, and its numbers line by line.

use std::io::{BufRead, ErrorKind, Read};
use std::path::Path;

use npyz::{NpyHeader, Order};

use super::content::add_header;
use crate::error::{Error, Result};
use crate::io::content::Content;
use crate::io::source::Source;
use crate::kernels::memory::filled;

/// Maximum length of a header in bytes; NumPy writes 128.
const HEADER_BYTES: u64 = 1 << 16;
/// Bytes that are read at a time, or one row if that is longer.
const READ_BYTES: usize = if cfg!(test) { 1 << 6 } else { 1 << 20 };

/// Adds the array at `path`, of any shape, to `content`.
pub(crate) fn add_content(path: &Path, content: &mut Content) -> Result<()> {
    let (array, _) = Array::open_any(path)?;
    // The size of a piece does not depend on the shape, which is only what the header claims.
    let mut bytes = vec![0; READ_BYTES];
    let mut array = array.hashed_into(Some(content));
    loop {
        let n_read = array.source.fill(&mut bytes)?;
        if let Some(content) = array.content.as_deref_mut() {
            content.add(&bytes[..n_read]);
        }
        if n_read < bytes.len() {
            return Ok(());
        }
    }
}

/// The type of the numbers in a file; they are little-endian.
#[derive(Clone, Copy)]
enum Number {
    F64,
    F32,
}

/// An open array of the expected shape, positioned at its first number.
pub(super) struct Array<'a> {
    path: &'a Path,
    source: Source,
    number: Number,
    pub(super) order: Order,
    n_lines: usize, // rows in C order, columns in Fortran order, 1 for a vector
    line_len: usize,
    content: Option<&'a mut Content>,
}

impl<'a> Array<'a> {
    pub(super) fn open(path: &'a Path, shape: &[usize]) -> Result<Self> {
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
    pub(super) fn hashed_into(mut self, content: Option<&'a mut Content>) -> Self {
        self.content = content;
        if let Some(content) = self.content.as_deref_mut() {
            let n_bytes = self.number.n_bytes();
            add_header(content, n_bytes, self.order, self.n_lines, self.line_len);
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
    pub(super) fn for_each_line(
        mut self,
        mut call: impl FnMut(usize, &[f64]) -> Result<()>,
    ) -> Result<()> {
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

pub(super) fn read_header(path: &Path, source: &mut Source) -> Result<NpyHeader> {
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

/// A shape as NumPy prints it: `(3, 4)`, `(3,)`.
fn shape_text<T: std::fmt::Display>(shape: &[T]) -> String {
    let lengths: Vec<_> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", lengths.join(", "))
}
