//! Blocks of BGZF: gzip members of at most 64 KiB, each with its length in the extra field `BC`.
//!
//! Source: SAM/BAM format specification, section 4.1. The writer is `io/bgzf.rs`.

use crate::error::{Error, Result};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

/// Maximum bytes of text in a block.
const MAX_TEXT: usize = 1 << 16;
/// The empty block at the end of every complete file.
pub(super) const END: [u8; 28] = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    0, 0,
];
const HINT: &str = "copy the file again, or compress it again with bgzip";

/// A block whose compressed bytes are in memory.
#[derive(Debug)]
pub(super) struct Block {
    /// Where it starts in the file.
    pub(super) at: u64,
    /// Length of its text.
    pub(super) n_text: usize,
    crc: u32,
    /// Its deflate data in the buffer it was read to.
    data: Range<usize>,
}

/// Whether a gzip file with these first bytes consists of blocks.
pub(super) fn is_bgzf(start: &[u8]) -> bool {
    start.len() >= 12
        && start[..4] == END[..4]
        && block_length(start.get(12..12 + extra_length(start)).unwrap_or_default()).is_some()
}

fn extra_length(header: &[u8]) -> usize {
    usize::from(u16::from_le_bytes([header[10], header[11]]))
}

/// The length of a block, from its extra fields.
fn block_length(mut extra: &[u8]) -> Option<usize> {
    while let [id1, id2, low, high, rest @ ..] = extra {
        let value = rest.get(..usize::from(u16::from_le_bytes([*low, *high])))?;
        if let ([b'B', b'C'], &[low, high]) = ([*id1, *id2], value) {
            return Some(usize::from(u16::from_le_bytes([low, high])) + 1);
        }
        extra = &rest[value.len()..];
    }
    None
}

/// Reads the block that starts at the byte `at`, and appends its data to `bytes`; `None` at the end of the file.
pub(super) fn read_block(
    reader: &mut impl Read,
    path: &Path,
    at: u64,
    bytes: &mut Vec<u8>,
) -> Result<Option<(Block, u64)>> {
    let damaged = |what: &str| Error::malformed(path, format!("{what} at byte {at}"), HINT);
    let early = || damaged("the file ends within the BGZF block");
    let start = bytes.len();
    let n_read = append(reader, 12, bytes).map_err(Error::io("read", path))?;
    if n_read == 0 {
        return Ok(None);
    }
    if n_read < 12 {
        return Err(early());
    }
    if bytes[start..start + 4] != END[..4] {
        return Err(damaged("there is no BGZF block"));
    }
    let n_extra = extra_length(&bytes[start..]);
    if append(reader, n_extra, bytes).map_err(Error::io("read", path))? < n_extra {
        return Err(early());
    }
    let data = start + 12 + n_extra;
    let length = block_length(&bytes[start + 12..]).filter(|&n| n >= 12 + n_extra + 8);
    let Some(length) = length else {
        return Err(damaged("there is no BGZF block"));
    };
    let n_left = length - 12 - n_extra;
    if append(reader, n_left, bytes).map_err(Error::io("read", path))? < n_left {
        return Err(early());
    }
    let end = bytes.len() - 8;
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    let block = Block {
        at,
        n_text: word(end + 4) as usize,
        crc: word(end),
        data: data..end,
    };
    if block.n_text > MAX_TEXT {
        return Err(damaged("the BGZF block is damaged"));
    }
    Ok(Some((block, length as u64)))
}

/// Appends up to `n` bytes, and returns how many there were.
fn append(reader: &mut impl Read, n: usize, bytes: &mut Vec<u8>) -> io::Result<usize> {
    reader.by_ref().take(n as u64).read_to_end(bytes)
}

/// Decompresses a block to `text`, which has its length.
pub(super) fn inflate(
    inflater: &mut Decompress,
    path: &Path,
    block: &Block,
    bytes: &[u8],
    text: &mut [u8],
) -> Result<()> {
    inflater.reset(false);
    let data = &bytes[block.data.clone()];
    let status = inflater.decompress(data, text, FlushDecompress::Finish);
    let is_whole = matches!(status, Ok(Status::StreamEnd))
        && inflater.total_out() == text.len() as u64
        && inflater.total_in() == data.len() as u64;
    let mut crc = Crc::new();
    crc.update(text);
    if is_whole && crc.sum() == block.crc {
        return Ok(());
    }
    Err(Error::malformed(
        path,
        format!("the BGZF block at byte {} is damaged", block.at),
        HINT,
    ))
}
