//! Indexes of BGZF text that is sorted by chromosome and position: `.tbi`, and `.csi` for longer chromosomes.
//!
//! Rows are single positions, so every row belongs to a smallest bin, a window of 2¹⁴ positions; the index has the range of
//! the text of each window. Source: the specifications of tabix and of CSI (SAM/BAM group, tabix.pdf and CSIv1.pdf).

use super::bgzf::{Bgzf, BlockOffsets};
use std::collections::HashMap;

/// log₂ of the positions in a window.
const WINDOW_BITS: u32 = 14;
/// Levels of bins above the windows in a `.tbi` file, which holds 2²⁹ positions.
const TBI_DEPTH: u32 = 5;

/// A row that is not in order, which an index cannot find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsorted(String);

impl std::fmt::Display for Unsorted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks that the rows of each chromosome are together, by ascending position.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The chromosomes so far, with their numbers.
    known: HashMap<Box<str>, usize>,
    last: Option<(Box<str>, i64)>,
    /// The largest position.
    pub(crate) largest: i64,
}

impl Order {
    /// Adds a row; returns whether it is the first of its chromosome.
    pub(crate) fn add(&mut self, chr: &str, ps: i64) -> Result<bool, Unsorted> {
        self.largest = self.largest.max(ps);
        if let Some((last, before)) = &mut self.last
            && **last == *chr
        {
            if ps < *before {
                return Err(Unsorted(format!(
                    "on chromosome {chr}, position {ps} comes after {before}"
                )));
            }
            *before = ps;
            return Ok(false);
        }
        let number = self.known.len();
        if self.known.insert(chr.into(), number).is_some() {
            let other = self.last.as_ref().map_or("", |(chr, _)| chr);
            return Err(Unsorted(format!(
                "chromosome {chr} continues after chromosome {other}"
            )));
        }
        self.last = Some((chr.into(), ps));
        Ok(true)
    }
}

/// The text of a window.
#[derive(Debug, Clone, Copy)]
struct Window {
    number: u64,
    begin: u64,
    end: u64,
}

/// The windows of a chromosome.
#[derive(Debug)]
struct Sequence {
    name: Box<str>,
    windows: Vec<Window>,
    n_rows: u64,
}

/// An index of rows as they are written.
#[derive(Debug)]
pub(crate) struct Index {
    order: Order,
    sequences: Vec<Sequence>,
    /// The columns of the chromosome and of the position, from 1.
    columns: [i32; 2],
}

/// The kind of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexKind {
    /// `.tbi`
    Tbi,
    /// `.csi`, for positions above 2²⁹.
    Csi,
}

impl IndexKind {
    /// The kind for positions up to `largest`.
    pub(crate) fn of(largest: i64) -> Self {
        if largest > 1 << (WINDOW_BITS + 3 * TBI_DEPTH) {
            Self::Csi
        } else {
            Self::Tbi
        }
    }

    /// The extension of its files.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Tbi => "tbi",
            Self::Csi => "csi",
        }
    }
}

impl Index {
    /// * `columns`: those of the chromosome and of the position, from 1
    pub(crate) fn new(columns: [usize; 2]) -> Self {
        Self {
            order: Order::default(),
            sequences: Vec::new(),
            columns: columns.map(|column| column as i32),
        }
    }

    /// Adds a row, which is the text from `begin` to `end`.
    pub(crate) fn add(&mut self, chr: &str, ps: i64, begin: u64, end: u64) -> Result<(), Unsorted> {
        if self.order.add(chr, ps)? {
            self.sequences.push(Sequence {
                name: chr.into(),
                windows: Vec::new(),
                n_rows: 0,
            });
        }
        let sequence = self.sequences.last_mut().expect("a chromosome was begun");
        sequence.n_rows += 1;
        // Positions count from 1; htslib takes a smaller one for the first.
        let number = u64::try_from(ps - 1).unwrap_or(0) >> WINDOW_BITS;
        match sequence.windows.last_mut() {
            Some(window) if window.number == number => window.end = end,
            _ => sequence.windows.push(Window { number, begin, end }),
        }
        Ok(())
    }

    /// The kind of index that the rows need.
    pub(crate) fn kind(&self) -> IndexKind {
        IndexKind::of(self.order.largest)
    }

    /// The index file.
    ///
    /// * `blocks`: where the text is in the indexed file
    pub(crate) fn file(&self, blocks: &BlockOffsets) -> Vec<u8> {
        let mut out = Vec::new();
        let depth = match self.kind() {
            IndexKind::Tbi => {
                out.extend_from_slice(b"TBI\x01");
                push(&mut out, self.sequences.len() as i32);
                out.extend(self.header());
                TBI_DEPTH
            }
            IndexKind::Csi => {
                let mut depth = TBI_DEPTH;
                while self.order.largest > 1 << (WINDOW_BITS + 3 * depth) {
                    depth += 1;
                }
                let header = self.header();
                out.extend_from_slice(b"CSI\x01");
                for number in [WINDOW_BITS, depth, header.len() as u32] {
                    push(&mut out, number as i32);
                }
                out.extend(header);
                push(&mut out, self.sequences.len() as i32);
                depth
            }
        };
        for sequence in &self.sequences {
            sequence.push(&mut out, depth, self.kind(), blocks);
        }
        out.extend_from_slice(&0_u64.to_le_bytes()); // No rows without a position.
        Bgzf::file(out)
    }

    /// The columns, the comment character, the number of header lines, and the names of the chromosomes.
    fn header(&self) -> Vec<u8> {
        let names: Vec<u8> = (self.sequences.iter())
            .flat_map(|of| of.name.bytes().chain([0]))
            .collect();
        let [chromosome, position] = self.columns;
        let mut out = Vec::new();
        let fields = [0, chromosome, position, position, i32::from(b'#'), 1];
        for number in fields.into_iter().chain([names.len() as i32]) {
            push(&mut out, number);
        }
        out.extend(names);
        out
    }
}

fn push(out: &mut Vec<u8>, number: i32) {
    out.extend_from_slice(&number.to_le_bytes());
}

impl Sequence {
    fn push(&self, out: &mut Vec<u8>, depth: u32, kind: IndexKind, blocks: &BlockOffsets) {
        let offset = |out: &mut Vec<u8>, at: u64| {
            out.extend_from_slice(&blocks.virtual_offset(at).to_le_bytes());
        };
        // The first bin of the windows; all bins above them come before.
        let first = ((1_u64 << (3 * depth)) - 1) / 7;
        push(out, self.windows.len() as i32 + 1);
        for window in &self.windows {
            out.extend_from_slice(&((first + window.number) as u32).to_le_bytes());
            if kind == IndexKind::Csi {
                offset(out, window.begin);
            }
            push(out, 1);
            offset(out, window.begin);
            offset(out, window.end);
        }
        // A bin that does not exist, after all others, has the range of the whole and the number of its rows.
        let after = ((1_u64 << (3 * depth + 3)) - 1) / 7 + 1;
        out.extend_from_slice(&(after as u32).to_le_bytes());
        if kind == IndexKind::Csi {
            out.extend_from_slice(&0_u64.to_le_bytes());
        }
        push(out, 2);
        let ends = self.windows.first().zip(self.windows.last());
        let (first, last) = ends.expect("a chromosome has rows");
        offset(out, first.begin);
        offset(out, last.end);
        for count in [self.n_rows, 0] {
            out.extend_from_slice(&count.to_le_bytes());
        }
        if kind == IndexKind::Tbi {
            // For each window, where the first row at or after it may be.
            push(out, last.number as i32 + 1);
            let mut windows = self.windows.iter().peekable();
            let mut begin = first.begin;
            for number in 0..=last.number {
                if let Some(window) = windows.next_if(|window| window.number == number) {
                    begin = window.begin;
                }
                offset(out, begin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_out_of_order_are_named() {
        let mut order = Order::default();
        for (chr, ps) in [("2", 5), ("2", 5), ("2", 9), ("10", 1)] {
            order.add(chr, ps).unwrap();
        }
        assert_eq!(order.largest, 9);
        let wrong = order.add("10", 0).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "on chromosome 10, position 0 comes after 1"
        );
        let wrong = order.add("2", 11).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "chromosome 2 continues after chromosome 10"
        );
    }

    #[test]
    fn long_chromosomes_need_another_kind() {
        for (largest, expected) in [(1, "tbi"), (1 << 29, "tbi"), ((1 << 29) + 1, "csi")] {
            assert_eq!(IndexKind::of(largest).extension(), expected);
        }
    }
}
