//! Files opened for reading, plain or compressed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::bgzf_reader::{BgzfReader, Place, is_bgzf};
use crate::error::{Error, Result};

const BUFFER_BYTES: usize = 1 << 20;
const GZIP_MAGIC: &[u8] = b"\x1f\x8b";
const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// An open file, decompressed while it is read if its content is compressed.
pub(super) struct Source {
    path: PathBuf,
    reader: Reader,
    /// The name of the compression.
    compression: Option<&'static str>,
    /// Bytes read so far, and the maximum.
    n_read: u64,
    most: u64,
    plain_length: Option<u64>,
}

/// The text of a file.
enum Reader {
    /// Text that is read in one go: gzip, or text in memory.
    Whole(Box<dyn BufRead + Send>),
    /// A plain file from this offset on.
    Plain(BufReader<File>, u64),
    /// A file in blocks.
    Bgzf(Box<BgzfReader>),
}

impl Reader {
    fn get(&mut self) -> &mut dyn BufRead {
        match self {
            Self::Whole(reader) => reader,
            Self::Plain(reader, _) => reader,
            Self::Bgzf(reader) => reader,
        }
    }
}

/// Maximum factor by which a compressed text file may expand, and a size that is always allowed.
const MAX_EXPANSION: u64 = 100;
const ALWAYS: u64 = if cfg!(test) { 1 << 20 } else { 64 << 20 };

impl Source {
    /// Opens `path`. Gzip is recognised by the first two bytes, not by the name. Fails if the file cannot be read.
    ///
    /// * `is_bounded`: whether [`fill`](Self::fill) rejects data that expand far more than text does; a matrix of zeros
    ///   may do so
    pub(super) fn open(path: &Path, is_bounded: bool) -> Result<Self> {
        Self::open_with(path, is_bounded, false)
    }

    /// As [`open`](Self::open) with bounds, for a file that may also be compressed with Zstandard.
    ///
    /// Fails on such a file if this build does not read them.
    pub(super) fn open_or_zstd(path: &Path) -> Result<Self> {
        Self::open_with(path, true, true)
    }

    fn open_with(path: &Path, is_bounded: bool, may_be_zstd: bool) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let status = file.metadata().map_err(Error::io("read", path))?;
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let start = file.fill_buf().map_err(Error::io("read", path))?;
        let (is_gzip, is_zstd) = (start.starts_with(GZIP_MAGIC), start.starts_with(ZSTD_MAGIC));
        let buffered = |reader: Box<dyn Read + Send>| {
            Reader::Whole(Box::new(BufReader::with_capacity(BUFFER_BYTES, reader)))
        };
        let (reader, compression) = if is_gzip {
            (buffered(Box::new(MultiGzDecoder::new(file))), Some("gzip"))
        } else if is_zstd && may_be_zstd {
            (buffered(zstd_decoder(path, file)?), Some("Zstandard"))
        } else {
            (Reader::Plain(file, 0), None)
        };
        Ok(Self {
            path: path.to_path_buf(),
            reader,
            compression,
            n_read: 0,
            plain_length: (status.is_file() && compression.is_none()).then_some(status.len()),
            most: if compression.is_some() && is_bounded && status.is_file() {
                (MAX_EXPANSION * status.len()).max(ALWAYS)
            } else {
                u64::MAX
            },
        })
    }

    /// Opens a regular file whose lines have [places](Self::place_of), unless it is gzip of another kind than BGZF.
    ///
    /// * `from`: the place where reading starts; `None` for the start of the file
    pub(super) fn open_at(path: &Path, from: Option<Place>) -> Result<Self> {
        let mut source = Self::open(path, false)?;
        let open = || File::open(path).map_err(Error::io("open", path));
        let mut start = Vec::new();
        open()?
            .take(64)
            .read_to_end(&mut start)
            .map_err(Error::io("read", path))?;
        let Place { offset, skip } = from.unwrap_or(Place { offset: 0, skip: 0 });
        match &mut source.reader {
            Reader::Plain(reader, from) => {
                reader
                    .seek(SeekFrom::Start(offset))
                    .map_err(Error::io("read", path))?;
                *from = offset;
            }
            Reader::Whole(_) if is_bgzf(&start) => {
                let reader = BgzfReader::new(open()?, offset, BUFFER_BYTES);
                let reader = reader.map_err(Error::io("read", path))?;
                source.reader = Reader::Bgzf(Box::new(reader));
                source.fill(&mut vec![0; skip as usize])?;
            }
            _ => {}
        }
        Ok(source)
    }

    /// The place of the text that is `n_bytes` before the text to be read next; `None` if reading cannot start there.
    pub(super) fn place_of(&mut self, n_bytes: usize) -> Option<Place> {
        let offset = self.n_read - n_bytes as u64;
        match &mut self.reader {
            Reader::Whole(_) => None,
            Reader::Plain(_, from) => Some(Place {
                offset: *from + offset,
                skip: 0,
            }),
            Reader::Bgzf(reader) => reader.place_of(offset),
        }
    }

    /// Text that was read from `path` before.
    pub(super) fn of_text(path: &Path, text: Arc<[u8]>) -> Self {
        Self {
            path: path.to_path_buf(),
            plain_length: Some(text.len() as u64),
            reader: Reader::Whole(Box::new(io::Cursor::new(text))),
            compression: None,
            n_read: 0,
            most: u64::MAX,
        }
    }

    /// The bytes of a whole file at `path`, perhaps a URL; gzip is decompressed with the bounds of [`open`](Self::open).
    #[cfg(feature = "cloud")]
    pub(super) fn of_bytes(path: &Path, bytes: Arc<[u8]>) -> Self {
        if !bytes.starts_with(GZIP_MAGIC) {
            return Self::of_text(path, bytes);
        }
        let most = (MAX_EXPANSION * bytes.len() as u64).max(ALWAYS);
        let decoder = MultiGzDecoder::new(io::Cursor::new(bytes));
        let reader = BufReader::with_capacity(BUFFER_BYTES, decoder);
        Self {
            path: path.to_path_buf(),
            plain_length: None,
            reader: Reader::Whole(Box::new(reader)),
            compression: Some("gzip"),
            n_read: 0,
            most,
        }
    }

    /// The length of the content in bytes, if the file itself gives it.
    pub(super) fn plain_length(&self) -> Option<u64> {
        self.plain_length
    }

    /// The file that was opened.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads until `bytes` is full or the file ends, and returns the number of bytes read.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let mut n_filled = 0;
        while n_filled < bytes.len() {
            match self.reader.get().read(&mut bytes[n_filled..]) {
                Ok(0) => break,
                Ok(n) => n_filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        self.n_read += n_filled as u64;
        if self.n_read > self.most {
            return Err(Error::malformed(
                &self.path,
                format!(
                    "the {} data expand to more than {} MB, over {MAX_EXPANSION} times their size",
                    self.compression.unwrap_or_default(),
                    self.most >> 20
                ),
                "text tables do not expand so much; check where the file comes from",
            ));
        }
        Ok(n_filled)
    }

    /// The error for a failed read: damaged data if the content is gzip, otherwise an error of the operating system.
    pub(super) fn error(&self, source: io::Error) -> Error {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        let hint = "copy or compress the file again";
        match (self.compression, source.kind()) {
            (Some(name), UnexpectedEof) => {
                Error::malformed(&self.path, format!("the {name} data end early"), hint)
            }
            (Some(name), InvalidData | InvalidInput | Other) => Error::malformed(
                &self.path,
                format!("the {name} data are damaged ({source})"),
                hint,
            ),
            _ => Error::io("read", &self.path)(source),
        }
    }
}

#[cfg(feature = "bgen")]
fn zstd_decoder(path: &Path, file: BufReader<File>) -> Result<Box<dyn Read + Send>> {
    let decoder =
        zstd::stream::read::Decoder::with_buffer(file).map_err(Error::io("read", path))?;
    Ok(Box::new(decoder))
}

#[cfg(not(feature = "bgen"))]
fn zstd_decoder(path: &Path, _file: BufReader<File>) -> Result<Box<dyn Read + Send>> {
    let (what, hint) = super::features::not_built("bgen", "files compressed with Zstandard");
    let hint = format!("decompress it with unzstd, or {hint}");
    Err(Error::malformed(path, what, hint))
}

impl Read for Source {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.reader.get().read(bytes)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.get().fill_buf()
    }

    fn consume(&mut self, n_bytes: usize) {
        self.reader.get().consume(n_bytes);
    }
}
