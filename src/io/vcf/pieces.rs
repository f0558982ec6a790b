//! The content of a file in pieces, from any known position on.

use super::bgzf::{self, Block};
use crate::error::{Error, Result};
use flate2::Decompress;
use flate2::bufread::MultiGzDecoder;
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const BUFFER_BYTES: usize = 1 << 20;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// One stream, which is read from the start.
    Gzip,
    /// Blocks, which are read from any of them on.
    Bgzf,
}

/// A position in the content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Where reading starts: a byte of the file.
    pub(super) at: u64,
    /// Bytes of decompressed content between there and the position.
    pub(super) skip: u64,
}

/// Some content of a file.
#[derive(Debug)]
pub(super) struct Piece {
    /// The content, or the data of the blocks.
    bytes: Vec<u8>,
    origin: Origin,
    /// Bytes at the start that are before the position from which the file is read.
    n_skipped: usize,
    /// Bytes at the end that are after the position up to which it is read.
    n_cut: usize,
}

#[derive(Debug)]
enum Origin {
    /// A byte of a plain file.
    Plain(u64),
    /// A byte of the content of a stream of gzip.
    Stream(u64),
    Blocks(Vec<Block>),
}

impl Piece {
    /// Appends the content to `text`; blocks are decompressed on all threads.
    pub(super) fn append_to(&self, path: &Path, text: &mut Vec<u8>) -> Result<()> {
        let start = text.len();
        match &self.origin {
            Origin::Plain(_) | Origin::Stream(_) => text.extend_from_slice(&self.bytes),
            Origin::Blocks(blocks) => {
                let n_text: usize = blocks.iter().map(|block| block.n_text).sum();
                text.resize(start + n_text, 0);
                let mut rest = &mut text[start..];
                let mut targets = Vec::with_capacity(blocks.len());
                for block in blocks {
                    let (target, after) = rest.split_at_mut(block.n_text);
                    targets.push((block, target));
                    rest = after;
                }
                targets.into_par_iter().try_for_each_init(
                    || Decompress::new(false),
                    |inflater, (block, text)| {
                        bgzf::inflate(inflater, path, block, &self.bytes, text)
                    },
                )?;
            }
        }
        if self.n_skipped + self.n_cut > text.len() - start {
            let what = "the content ends before a record that was there earlier";
            return Err(Error::malformed(
                path,
                what,
                "the file must not change during a run",
            ));
        }
        text.truncate(text.len() - self.n_cut);
        text.drain(start..start + self.n_skipped);
        Ok(())
    }

    /// The position of a byte of the content.
    pub(super) fn position(&self, byte: usize) -> Position {
        let mut byte = byte + self.n_skipped;
        match &self.origin {
            Origin::Plain(at) => Position {
                at: at + byte as u64,
                skip: 0,
            },
            Origin::Stream(at) => Position {
                at: 0,
                skip: at + byte as u64,
            },
            Origin::Blocks(blocks) => {
                for block in blocks {
                    if byte < block.n_text {
                        return Position {
                            at: block.at,
                            skip: byte as u64,
                        };
                    }
                    byte -= block.n_text;
                }
                panic!("the byte is in the piece")
            }
        }
    }
}

/// The pieces of an open file.
pub(super) struct Pieces {
    path: PathBuf,
    input: Input,
    /// Where the next piece starts, and the bytes of it that are before the position from which the file is read.
    next: Position,
    /// Where the last piece of blocks ends; otherwise, at the end of the file.
    end: Option<Position>,
}

enum Input {
    Plain(BufReader<File>),
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
    Bgzf(BufReader<File>),
}

impl Pieces {
    /// Opens a file to be read from a position on.
    ///
    /// * `end`: the position up to which a file of blocks is read
    pub(super) fn open(
        path: &Path,
        compression: Compression,
        from: Position,
        end: Option<Position>,
    ) -> Result<Self> {
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let start = file.seek(SeekFrom::Start(from.at));
        start.map_err(Error::io("read", path))?;
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Ok(Self {
            path: path.to_path_buf(),
            input: match compression {
                Compression::None => Input::Plain(file),
                Compression::Gzip => Input::Gzip(Box::new(MultiGzDecoder::new(file))),
                Compression::Bgzf => Input::Bgzf(file),
            },
            next: from,
            end,
        })
    }

    /// The next piece, of about `n_bytes` of content; `None` at the end.
    pub(super) fn next(&mut self, n_bytes: usize) -> Result<Option<Piece>> {
        let path = &self.path;
        let mut bytes = Vec::new();
        let Position { at, skip } = &mut self.next;
        let mut n_cut = 0;
        let (origin, n_skipped) = match &mut self.input {
            Input::Plain(file) => {
                bytes.reserve_exact(n_bytes);
                let read = file.take(n_bytes as u64).read_to_end(&mut bytes);
                read.map_err(Error::io("read", path))?;
                let start = *at;
                *at += bytes.len() as u64;
                (Origin::Plain(start), 0)
            }
            Input::Gzip(stream) => {
                let before = &mut stream.take(std::mem::take(skip));
                let skipped = io::copy(before, &mut io::sink());
                *at += skipped.map_err(|source| gzip_error(path, source))?;
                let read = stream.take(n_bytes as u64).read_to_end(&mut bytes);
                read.map_err(|source| gzip_error(path, source))?;
                let start = *at;
                *at += bytes.len() as u64;
                (Origin::Stream(start), 0)
            }
            Input::Bgzf(file) => {
                let (mut blocks, mut n_text) = (Vec::new(), 0);
                let is_before_end = |at: u64| {
                    self.end
                        .is_none_or(|end| at < end.at || (at == end.at && end.skip > 0))
                };
                while n_text < n_bytes && is_before_end(*at) {
                    let block = bgzf::read_block(file, path, *at, &mut bytes)?;
                    let Some((block, length)) = block else { break };
                    if let Some(end) = self.end.filter(|end| end.at == *at) {
                        n_cut = block.n_text.saturating_sub(end.skip as usize);
                    }
                    n_text += block.n_text;
                    *at += length;
                    blocks.push(block);
                }
                (Origin::Blocks(blocks), std::mem::take(skip) as usize)
            }
        };
        Ok((!bytes.is_empty()).then_some(Piece {
            bytes,
            origin,
            n_skipped,
            n_cut,
        }))
    }
}

fn gzip_error(path: &Path, source: io::Error) -> Error {
    let what = match source.kind() {
        io::ErrorKind::UnexpectedEof => "the gzip data end early",
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => "the gzip data are damaged",
        _ => return Error::io("read", path)(source),
    };
    Error::malformed(path, what, "copy or compress the file again")
}

/// The compression of a file with these first bytes.
pub(super) fn compression_of(start: &[u8]) -> Compression {
    if bgzf::is_bgzf(start) {
        Compression::Bgzf
    } else if start.starts_with(&[0x1f, 0x8b]) {
        Compression::Gzip
    } else {
        Compression::None
    }
}

/// Fails if a file of blocks does not end with the empty block that marks a complete file.
pub(super) fn check_end(path: &Path) -> Result<()> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    let mut end = Vec::new();
    let start = length.saturating_sub(bgzf::END.len() as u64);
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.read_to_end(&mut end))
        .map_err(Error::io("read", path))?;
    if end == bgzf::END {
        return Ok(());
    }
    Err(Error::malformed(
        path,
        "the file does not end with the BGZF end-of-file block: it is truncated, or other data follow",
        "copy the file again, or write it again with bcftools or bgzip",
    ))
}
