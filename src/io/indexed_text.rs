//! Text files with one SNP a line, which are read several times and from any line.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::bgzf_reader::Place;
use super::text::{BATCH_BYTES, LineBatch, Lines};
use crate::error::{Error, Result};

/// A text file, plain or gzip, and places in it at which reading can start.
///
/// The places become known while the file is first read: the start of every batch of lines of a plain file or of BGZF.
/// Other gzip files are read from their start each time.
#[derive(Debug, Clone)]
pub(crate) struct IndexedText {
    path: PathBuf,
    /// Lines before a place, in order.
    places: Arc<Mutex<Vec<(u64, Place)>>>,
}

impl IndexedText {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            places: Arc::default(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines from `line` on, counted from 0, which a thread reads ahead.
    pub(crate) fn lines_from(&self, line: u64) -> Result<LinesAhead> {
        let start = {
            let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            let after = places.partition_point(|(before, _)| *before <= line);
            after.checked_sub(1).map(|at| places[at])
        };
        let from = start.map(|(before, place)| (place, before));
        let lines = Lines::open_at(&self.path, from)?;
        let (send, batches) = sync_channel(1);
        let places = Arc::clone(&self.places);
        let read = move || {
            let mut lines = lines;
            let mut n_before = start.map_or(0, |(before, _)| before);
            loop {
                let place = lines.place();
                let batch = lines.next_batch(BATCH_BYTES);
                if let (Ok(Some(batch)), Some(place)) = (&batch, place) {
                    let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
                    if places.last().is_none_or(|(last, _)| *last < n_before) {
                        places.push((n_before, place));
                    }
                    n_before += batch.len() as u64;
                }
                let is_last = !matches!(batch, Ok(Some(_)));
                // The receiver is dropped if the computation ends early: nothing more has to be read.
                if send.send(batch).is_err() || is_last {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("jamma-read".into())
            .spawn(read)
            .map_err(|source| Error::Io {
                verb: "start a thread to read",
                path: self.path.clone(),
                source,
            })?;
        Ok(LinesAhead {
            batches,
            n_skipped: line - start.map_or(0, |(before, _)| before),
            current: LineBatch::default(),
            n_taken: 0,
            is_at_end: false,
        })
    }
}

/// Lines that are read ahead.
pub(crate) struct LinesAhead {
    batches: Receiver<Result<Option<LineBatch>>>,
    /// Lines still to be skipped.
    n_skipped: u64,
    current: LineBatch,
    n_taken: usize,
    is_at_end: bool,
}

impl LinesAhead {
    /// The next lines of one batch, at most `most` of them; `None` at the end of the file.
    ///
    /// Returns the batch and the indices of the lines in it. Fails as [`Lines::next_batch`] does, and then ends.
    ///
    /// # Panics
    /// If the reading thread ended before the end without an error: a bug must not look like the end of the file.
    pub(crate) fn next_lines(
        &mut self,
        most: usize,
    ) -> Result<Option<(&LineBatch, std::ops::Range<usize>)>> {
        loop {
            let left = self.current.len() - self.n_taken;
            let skipped = left.min(usize::try_from(self.n_skipped).unwrap_or(left));
            self.n_taken += skipped;
            self.n_skipped -= skipped as u64;
            if self.n_taken < self.current.len() {
                break;
            }
            if self.is_at_end {
                return Ok(None);
            }
            let batch = self.batches.recv();
            let batch = batch.expect("the reading thread sends every batch, an error or the end");
            self.is_at_end = !matches!(batch, Ok(Some(_)));
            (self.current, self.n_taken) = (batch?.unwrap_or_default(), 0);
        }
        let first = self.n_taken;
        self.n_taken = self.current.len().min(first.saturating_add(most));
        Ok(Some((&self.current, first..self.n_taken)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bgzf::Bgzf;
    use super::super::text::testing::{file, gzip};
    use super::*;

    fn read(text: &IndexedText, line: u64, most: usize) -> Vec<String> {
        let mut lines = text.lines_from(line).unwrap();
        let mut found = Vec::new();
        while let Some((batch, range)) = lines.next_lines(most).unwrap() {
            assert!(!range.is_empty() && range.len() <= most);
            for i in range {
                let (number, text) = batch.get(i);
                assert_eq!(number, line + found.len() as u64 + 1);
                found.push(text.to_owned());
            }
        }
        found
    }

    #[test]
    fn lines_are_the_same_from_every_line_in_every_compression() {
        let lines: Vec<String> = (0..9000)
            .map(|i| format!("rs{i} {}", "A".repeat(i % 60)))
            .collect();
        let plain = format!("\u{feff}{}\r\n", lines.join("\r\n")).into_bytes();
        let mut bgzf = Bgzf::default();
        let mut blocks = bgzf.add(std::slice::from_ref(&plain)).concat();
        blocks.extend(bgzf.finish().concat());
        for (content, has_places) in [(plain.clone(), true), (gzip(&plain), false), (blocks, true)]
        {
            let file = file(content);
            let text = IndexedText::new(file.path());
            assert_eq!(text.path(), file.path());
            for pass in 0..2 {
                for line in [0, 1, 100, 4567, 8999, 9000, 20_000] {
                    let expected = &lines[line.min(9000)..];
                    assert!(
                        read(&text, line as u64, [7, 100_000][pass]) == expected,
                        "{line}"
                    );
                }
                let n_places = text.places.lock().unwrap().len();
                assert_eq!(n_places > 50, has_places, "{n_places}");
            }
        }
    }
}
