//! An open VCF or BCF file.

use super::fault::{DAMAGED, Fault};
use super::header::Header;
use super::part::Part;
use super::pieces::{Compression, Pieces, Position, check_end, compression_of};
use crate::error::{Error, Result};
use crate::io::foreign;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes of content that are read first for the header; each further piece is as long as all before it.
const HEADER_PIECE: usize = 1 << 18;
/// Maximum bytes of a header: names of ten million individuals.
const MAX_HEADER: usize = 1 << 30;
/// The start of BCF 2.
const BCF_MAGIC: &[u8] = b"BCF\x02";

/// A VCF or BCF file whose header has been read.
#[derive(Debug)]
pub(crate) struct VcfFile {
    path: PathBuf,
    pub(super) compression: Compression,
    pub(super) is_bcf: bool,
    pub(super) header: Header,
    /// The positions of some records, in their order, with their indices; the first is record 0.
    known: Mutex<Vec<(usize, Position)>>,
    /// The only part that is read.
    part: Option<Part>,
}

impl VcfFile {
    /// Opens a file and reads its header.
    ///
    /// Compression and format are recognised by content. Fails if the file is neither VCF 4 nor BCF 2, is truncated, as
    /// far as its end shows that, or has no individuals or no records.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let status = std::fs::metadata(path).map_err(Error::io("open", path))?;
        if !status.is_file() {
            return Err(Error::malformed(
                path,
                "this is not a regular file",
                "genotypes are read several times; write them to a file first",
            ));
        }
        let mut start = Vec::new();
        let file = File::open(path).map_err(Error::io("open", path))?;
        let read = file.take(1 << 12).read_to_end(&mut start);
        read.map_err(Error::io("read", path))?;
        let compression = compression_of(&start);
        if compression == Compression::Bgzf {
            check_end(path)?;
        }
        let (header, is_bcf, records) = read_header(path, compression)?;
        Ok(Self {
            path: path.to_path_buf(),
            compression,
            is_bcf,
            header,
            known: Mutex::new(vec![(0, records)]),
            part: None,
        })
    }

    /// Reads only a part of the file, whose first record is then record 0.
    pub(crate) fn restrict(&mut self, part: Part) {
        self.known = Mutex::new(vec![(0, part.start)]);
        self.part = Some(part);
    }

    /// The only part that is read.
    pub(super) fn part(&self) -> Option<&Part> {
        self.part.as_ref()
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the individuals.
    pub(crate) fn names(&self) -> &[String] {
        &self.header.names
    }

    /// The FORMAT fields that the header declares.
    pub(crate) fn formats(&self) -> &[String] {
        &self.header.formats
    }

    /// The error for a fault in the record at `index`.
    pub(crate) fn error(&self, index: usize, fault: &Fault) -> Error {
        let what = fault.message(|row| self.header.names.get(row).map_or("?", String::as_str));
        if self.is_bcf || self.part.is_some() {
            let of = match self.part {
                None => "",
                Some(_) => " of the part that is read by the index",
            };
            let what = format!("record {}{of}: {what}", index + 1);
            return Error::malformed(&self.path, what, fault.hint);
        }
        Error::malformed_line(&self.path, self.line(index), what, fault.hint)
    }

    /// The line of the record at `index`.
    fn line(&self, index: usize) -> u64 {
        self.header.n_lines + index as u64 + 1
    }

    /// The last known position that is not after the record at `index`, and the index of the record there.
    pub(super) fn position_before(&self, index: usize) -> (usize, Position) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known[known.partition_point(|(known, _)| *known <= index) - 1]
    }

    /// Remembers the position of a record.
    pub(super) fn remember(&self, index: usize, position: Position) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.last().is_some_and(|(last, _)| *last < index) {
            known.push((index, position));
        }
    }
}

/// Reads the header: the position of the first record comes with it.
fn read_header(path: &Path, compression: Compression) -> Result<(Header, bool, Position)> {
    let mut pieces = Pieces::open(path, compression, Position::default(), None)?;
    let mut text = Vec::new();
    let mut end = None;
    loop {
        let before = text.len();
        let Some(piece) = pieces.next(HEADER_PIECE.max(text.len()))? else {
            let has_header = end.is_some_and(|end| end <= text.len());
            return Err(ended(path, &text, has_header));
        };
        piece.append_to(path, &mut text)?;
        let is_bcf = text.starts_with(BCF_MAGIC);
        if !is_bcf && !text.starts_with(b"##fileformat=") && text.len() >= 13 {
            return Err(other_format(path, &text));
        }
        if end.is_none() {
            end = if is_bcf {
                end_of_bcf_header(&text)
            } else {
                end_of_vcf_header(path, &text)?
            };
        }
        match end {
            Some(end) if end < text.len() => {
                let position = piece.position(end.saturating_sub(before));
                let lines = if is_bcf { &text[9..end] } else { &text[..end] };
                // The text of BCF ends with NUL.
                let n = lines
                    .iter()
                    .position(|&byte| byte == 0)
                    .unwrap_or(lines.len());
                let header = Header::parse(path, &lines[..n], is_bcf)?;
                return Ok((header, is_bcf, position));
            }
            _ if text.len() > MAX_HEADER => {
                let what = "the header is longer than 1 GiB";
                return Err(Error::malformed(path, what, DAMAGED));
            }
            _ => {}
        }
    }
}

/// The end of the header of BCF, if its length is known.
fn end_of_bcf_header(text: &[u8]) -> Option<usize> {
    let length = text.get(5..9)?.try_into().expect("4 bytes");
    Some(9 + u32::from_le_bytes(length) as usize)
}

/// The end of the line `#CHROM`, if it has been read. Fails if a line before it is not of a header.
fn end_of_vcf_header(path: &Path, text: &[u8]) -> Result<Option<usize>> {
    let mut end = 0;
    for (line, number) in text.split_inclusive(|&byte| byte == b'\n').zip(1..) {
        end += line.len();
        if !line.ends_with(b"\n") {
            return Ok(None);
        }
        if line.starts_with(b"#CHROM") {
            return Ok(Some(end));
        }
        if !line.starts_with(b"##") {
            let what = "a line before #CHROM does not start with ##";
            return Err(Error::malformed_line(path, number, what, DAMAGED));
        }
    }
    Ok(None)
}

/// The error for a file that ends before its first record.
fn ended(path: &Path, text: &[u8], has_header: bool) -> Error {
    if text.is_empty() {
        return Error::malformed(path, "the file is empty", "give a VCF or BCF file");
    }
    if !has_header && !text.starts_with(b"##fileformat=") && !text.starts_with(BCF_MAGIC) {
        return other_format(path, text);
    }
    let (what, hint) = if has_header {
        ("the file has no records", "give a file with SNPs")
    } else {
        ("the file ends within its header", "copy the file again")
    };
    Error::malformed(path, what, hint)
}

/// The error for a file that is not VCF or BCF.
fn other_format(path: &Path, start: &[u8]) -> Error {
    let what = match foreign::kind_of(start) {
        _ if start.starts_with(b"BCF") => "BCF of another version than 2".into(),
        Some((name, hint)) => {
            return Error::malformed(path, format!("the file is {name}, not VCF or BCF"), hint);
        }
        None => "not VCF or BCF".to_owned(),
    };
    Error::malformed(
        path,
        format!("the file is {what}: it does not start with ##fileformat=VCFv4 or BCF\\2"),
        "give a file of VCF 4 or BCF 2, plain or compressed with bgzip or gzip",
    )
}
