//! The records of a file, read ahead by a thread.

use super::batch::Batch;
use super::binary::FIXED_BYTES;
use super::fault::{DAMAGED, Fault};
use super::file::VcfFile;
use super::pieces::{Piece, Pieces};
use super::typed::damaged;
use crate::error::{Error, Result};
use memchr::memchr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Maximum bytes of a record: about twenty for each of fifty million individuals.
const MAX_RECORD: usize = 1 << 30;

/// Consecutive records of a file, some of which are in memory.
pub(crate) struct Records {
    pieces: Receiver<Result<Option<Piece>>>,
    batch: Batch,
    /// Where the text after them starts, and up to where it has been searched for a line end.
    rest: usize,
    searched: usize,
    /// The index that a record in the place of the first blank line would have.
    first_blank: Option<usize>,
    /// What is wrong after the records in memory.
    failed: Option<Error>,
    is_at_end: bool,
}

impl Records {
    /// Starts to read a file, at the record at `from` or before it: at the last record with a known position.
    ///
    /// * `n_bytes`: bytes of content that are read at a time
    pub(crate) fn start(file: &Arc<VcfFile>, from: usize, n_bytes: usize) -> Result<Self> {
        let (first, position) = file.position_before(from);
        let mut input = {
            let end = file.part().map(|part| part.end);
            Pieces::open(file.path(), file.compression, position, end)?
        };
        let (send, pieces) = sync_channel(1);
        let read = move || {
            loop {
                let piece = input.next(n_bytes);
                let is_last = !matches!(piece, Ok(Some(_)));
                // The receiver is dropped if the computation ends early: nothing more has to be read.
                if send.send(piece).is_err() || is_last {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("jamma-read".into()).spawn(read);
        thread.map_err(|source| Error::Io {
            verb: "start a thread to read",
            path: file.path().to_path_buf(),
            source,
        })?;
        Ok(Self {
            pieces,
            batch: Batch {
                file: Arc::clone(file),
                text: Vec::new(),
                records: Vec::new(),
                first,
            },
            rest: 0,
            searched: 0,
            first_blank: None,
            failed: None,
            is_at_end: false,
        })
    }

    /// The records in memory.
    pub(crate) fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Replaces the records in memory by the next ones; returns whether there are any.
    ///
    /// Fails on damaged data and if the file ends within a record; must not be called again after an error.
    pub(crate) fn advance(&mut self) -> Result<bool> {
        self.batch.first += self.batch.records.len();
        self.batch.records.clear();
        self.batch.text.drain(..self.rest);
        self.searched -= self.rest;
        self.rest = 0;
        while !self.is_at_end {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            let piece = self.pieces.recv();
            let piece = piece.expect("the reading thread sends every piece, an error or the end");
            let Some(piece) = piece? else {
                self.is_at_end = true;
                return self.end().map(|()| false);
            };
            let before = self.batch.text.len();
            piece.append_to(self.batch.file.path(), &mut self.batch.text)?;
            if self.batch.file.is_bcf {
                self.split_bcf();
            } else {
                self.split_lines();
            }
            let of_piece = self
                .batch
                .records
                .partition_point(|record| record.start < before);
            if let Some(record) = self.batch.records.get(of_piece) {
                let position = piece.position(record.start - before);
                self.batch
                    .file
                    .remember(self.batch.first + of_piece, position);
            }
            if !self.batch.records.is_empty() {
                return Ok(true);
            }
            if self.batch.text.len() > MAX_RECORD {
                self.fail(&Fault::new("the record is longer than 1 GiB", DAMAGED));
            }
        }
        Ok(false)
    }

    fn fail(&mut self, fault: &Fault) {
        let index = self.batch.indices().end;
        self.failed = Some(self.batch.file.error(index, fault));
    }

    /// Fails if there is text after the last record.
    fn end(&mut self) -> Result<()> {
        if self.rest == self.batch.text.len() {
            let part = self.batch.file.part();
            return part.map_or(Ok(()), |part| part.check(self.batch.first));
        }
        let (what, hint) = if self.batch.file.is_bcf {
            (
                "the file ends within the record",
                "the file seems to be truncated: copy it again",
            )
        } else {
            (
                "the file ends within the line: a line feed is missing",
                "the file seems to be truncated: copy it again; if it is complete, end its last line",
            )
        };
        let fault = Fault::new(what, hint);
        Err(self.batch.file.error(self.batch.first, &fault))
    }

    fn split_lines(&mut self) {
        while let Some(length) = memchr(b'\n', &self.batch.text[self.searched..]) {
            let mut line = self.rest..self.searched + length;
            (self.rest, self.searched) = (line.end + 1, line.end + 1);
            if self.batch.text[line.clone()].ends_with(b"\r") {
                line.end -= 1;
            }
            if line.is_empty() {
                self.first_blank.get_or_insert(self.batch.indices().end);
            } else if let Some(blank) = self.first_blank {
                let what = "the line is blank, but more lines follow";
                let fault = Fault::new(what, "remove the blank line");
                self.failed = Some(self.batch.file.error(blank, &fault));
                return;
            } else {
                self.batch.records.push(line);
            }
        }
        self.searched = self.batch.text.len();
    }

    fn split_bcf(&mut self) {
        while let Some(lengths) = self.batch.text[self.rest..].first_chunk::<8>() {
            let [a, b, c, d, e, f, g, h] = *lengths;
            let [shared, genotypes] = [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes);
            let length = 8 + shared as usize + genotypes as usize;
            if (shared as usize) < FIXED_BYTES || length > MAX_RECORD {
                self.fail(&damaged("its length is impossible"));
                return;
            }
            if self.batch.text.len() - self.rest < length {
                break;
            }
            self.batch.records.push(self.rest..self.rest + length);
            self.rest += length;
        }
        self.searched = self.rest;
    }
}

#[cfg(test)]
mod tests {
    use super::super::pieces::Position;
    use super::*;
    use crate::io::bgzf::Bgzf;
    use crate::io::text::testing::{file, gzip};
    use std::fmt::Write as _;

    const N: usize = 500;

    /// A text of `N` records of one individual at the positions 0, 1, …
    fn text() -> String {
        let mut text =
            "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
                .to_owned();
        text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ti\n";
        for ps in 0..N {
            let id = "r".repeat(1 + ps % 50);
            writeln!(text, "1\t{ps}\t{id}\tA\tC\t.\t.\t.\tGT\t0/1").unwrap();
        }
        text
    }

    /// The position of the first record in memory, and those of all records from `from` on.
    fn read(file: &Arc<VcfFile>, from: usize, n_bytes: usize) -> (usize, Vec<i64>) {
        let mut records = Records::start(file, from, n_bytes).unwrap();
        let (mut first, mut all) = (None, Vec::new());
        while records.advance().unwrap() {
            let batch = records.batch();
            first.get_or_insert(batch.first);
            for index in batch.indices().filter(|index| *index >= from) {
                let mut packed = [0];
                all.push(batch.hard_calls(index, &mut packed).unwrap().ps);
                assert_eq!(packed, [0b10]);
            }
        }
        (first.unwrap_or(N), all)
    }

    #[test]
    fn later_passes_start_at_a_known_record_near_theirs() {
        let text = text();
        // Small blocks, each from a writer of its own, and the end of the last one.
        let mut blocks = Vec::new();
        for piece in text.as_bytes().chunks(700) {
            let mut block = Bgzf::default();
            block.add(&[piece.to_vec()]);
            blocks.pop();
            blocks.extend(block.finish());
        }
        let bgzf = blocks.concat();
        for bytes in [text.clone().into_bytes(), gzip(&text), bgzf] {
            let file = file(bytes);
            let file = Arc::new(VcfFile::open(file.path()).unwrap());
            let all: Vec<i64> = (0..N as i64).collect();
            assert_eq!(read(&file, 0, 1000), (0, all.clone()));
            assert!(file.position_before(N).0 > N - 50);
            for from in [0, 1, 7, 99, 250, 498, 499, 500, 900] {
                for n_bytes in [50, 1000, 1 << 20] {
                    let (first, some) = read(&file, from, n_bytes);
                    assert_eq!(some, all[from.min(N)..], "from {from}");
                    assert!(
                        from.min(N - 1) - first.min(from) < 100,
                        "{first} before {from}"
                    );
                }
            }
            assert_eq!(file.position_before(0).0, 0);
            assert_ne!(file.position_before(0).1, Position::default());
        }
    }
}
