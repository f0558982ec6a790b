//! Reads BGZF block by block, so that reading can also start at any block; the writer is in [`bgzf`](super::bgzf).

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// Bytes of a header up to the end of its extra field, if that holds only the length of the block.
const HEADER_BYTES: usize = 18;
/// The checksum and the length of the text.
const TRAILER_BYTES: usize = 8;
/// A block has at most this much text.
const MAX_TEXT: usize = 1 << 16;

/// A position in a text file at which reading can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Offset in the file: of the text itself, or of a BGZF block.
    pub(super) offset: u64,
    /// Bytes of text to skip in the block.
    pub(super) skip: u64,
}

/// Whether a file starts with a BGZF block.
pub(super) fn is_bgzf(start: &[u8]) -> bool {
    start
        .first_chunk::<HEADER_BYTES>()
        .is_some_and(|header| length_of(header).is_some())
}

/// The length of a block in bytes; `None` if the header is not that of a block.
fn length_of(header: &[u8; HEADER_BYTES]) -> Option<usize> {
    let is_block = header.starts_with(&[0x1f, 0x8b, 8, 4]) && header[10..16] == *b"\x06\0BC\x02\0";
    let length = 1 + usize::from(u16::from_le_bytes([header[16], header[17]]));
    (is_block && length >= HEADER_BYTES + TRAILER_BYTES).then_some(length)
}

/// The text of a BGZF file.
pub(super) struct BgzfReader {
    file: BufReader<File>,
    block: Vec<u8>,
    text: Vec<u8>,
    n_used: usize,
    decompress: Decompress,
    /// Offsets of the text and of the block, of each block that may still be asked for.
    starts: Vec<(u64, u64)>,
    /// Offsets of the text and of the block after the current block.
    next: (u64, u64),
    is_at_end: bool,
}

impl BgzfReader {
    /// The text of `file` from the block at `offset` on.
    pub(super) fn new(file: File, offset: u64, buffer: usize) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(buffer, file);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self {
            file,
            block: Vec::new(),
            text: Vec::new(),
            n_used: 0,
            decompress: Decompress::new(false),
            starts: Vec::new(),
            next: (0, offset),
            is_at_end: false,
        })
    }

    /// The place of the text at `offset`, counted from where reading started; earlier offsets are forgotten.
    pub(super) fn place_of(&mut self, offset: u64) -> Option<Place> {
        let after = self.starts.partition_point(|(text, _)| *text <= offset);
        self.starts.drain(..after.saturating_sub(1));
        let (text, block) = match self.starts.first() {
            Some(start) if after > 0 => *start,
            _ if self.next.0 == offset => self.next,
            _ => return None,
        };
        Some(Place {
            offset: block,
            skip: offset - text,
        })
    }

    /// Reads the next block. Without one, the file must end with an empty block: otherwise it is truncated.
    fn read_block(&mut self) -> io::Result<()> {
        let mut header = [0; HEADER_BYTES];
        if self.file.fill_buf()?.is_empty() {
            self.is_at_end = true;
            return if self.text.is_empty() && self.next.0 + self.next.1 > 0 {
                Ok(())
            } else {
                Err(ErrorKind::UnexpectedEof.into())
            };
        }
        self.file.read_exact(&mut header)?;
        let damaged = |what: &str| io::Error::new(ErrorKind::InvalidData, what.to_owned());
        let length = length_of(&header).ok_or_else(|| damaged("not a BGZF block"))?;
        self.block.resize(length - HEADER_BYTES, 0);
        self.file.read_exact(&mut self.block)?;
        let (body, trailer) = self.block.split_at(self.block.len() - TRAILER_BYTES);
        let number = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| trailer[at + i]));
        let n_text = number(4) as usize;
        if n_text > MAX_TEXT {
            return Err(damaged("a BGZF block is too long"));
        }
        self.text.resize(n_text, 0);
        self.n_used = 0;
        self.decompress.reset(false);
        // One more byte shows a block that is longer than its trailer says.
        let mut beyond = [0];
        let mut inflate = || {
            let status =
                self.decompress
                    .decompress(body, &mut self.text, FlushDecompress::Finish)?;
            if status == Status::StreamEnd {
                return Ok(status);
            }
            let rest = &body[self.decompress.total_in() as usize..];
            self.decompress
                .decompress(rest, &mut beyond, FlushDecompress::Finish)
        };
        let status =
            inflate().map_err(|error: flate2::DecompressError| damaged(&error.to_string()))?;
        let mut crc = Crc::new();
        crc.update(&self.text);
        if status != Status::StreamEnd
            || self.decompress.total_out() != n_text as u64
            || crc.sum() != number(0)
        {
            return Err(damaged("a BGZF block has another checksum or length"));
        }
        let (text, block) = self.next;
        if n_text > 0 {
            self.starts.push((text, block));
        }
        self.next = (text + n_text as u64, block + length as u64);
        Ok(())
    }
}

impl Read for BgzfReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(bytes)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for BgzfReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.n_used == self.text.len() && !self.is_at_end {
            self.read_block()?;
        }
        Ok(&self.text[self.n_used..])
    }

    fn consume(&mut self, n_bytes: usize) {
        self.n_used += n_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::super::bgzf::Bgzf;
    use super::super::text::testing::file;
    use super::*;

    fn compressed(text: &[u8]) -> Vec<u8> {
        let mut bgzf = Bgzf::default();
        let mut whole = bgzf.add(&[text.to_vec()]).concat();
        whole.extend(bgzf.finish().concat());
        whole
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let file = file(bytes);
        let mut text = Vec::new();
        BgzfReader::new(file.reopen()?, 0, 1 << 12)?
            .read_to_end(&mut text)
            .map(|_| text)
    }

    #[test]
    fn reading_may_start_at_every_place() {
        let text: Vec<u8> = (0..40_000)
            .flat_map(|i| format!("line {i}\n").into_bytes())
            .collect();
        let whole = compressed(&text);
        assert!(is_bgzf(&whole) && !is_bgzf(&whole[1..]) && !is_bgzf(b""));
        assert!(read(&whole).unwrap() == text);
        let file = file(&whole);
        let mut reader = BgzfReader::new(file.reopen().unwrap(), 0, 1 << 12).unwrap();
        let mut at = 0;
        for step in [0, 7, 70_000, 1, 150_000, 65_280, 12] {
            let mut skipped = vec![0; step];
            reader.read_exact(&mut skipped).unwrap();
            at += step;
            let place = reader.place_of(at as u64).unwrap();
            let mut from = BgzfReader::new(file.reopen().unwrap(), place.offset, 1 << 12).unwrap();
            io::copy(&mut (&mut from).take(place.skip), &mut io::sink()).unwrap();
            let mut rest = Vec::new();
            from.read_to_end(&mut rest).unwrap();
            assert!(rest == text[at..], "{at}");
        }
    }

    #[test]
    fn truncated_or_changed_blocks_are_errors() {
        let whole = compressed(&b"a line of text\n".repeat(3));
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{end}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x21;
            // The time, flags and operating system of a gzip header have no meaning here.
            let is_ignored = |at: usize| (4..10).contains(&at);
            let block = whole.len() - 28;
            if !is_ignored(at) && !is_ignored(at.wrapping_sub(block)) {
                assert!(read(&changed).is_err(), "{at}");
            }
        }
    }
}
