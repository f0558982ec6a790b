//! Files opened for reading, plain or gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};

const BUFFER_BYTES: usize = 1 << 20;
const GZIP_MAGIC: &[u8] = b"\x1f\x8b";

/// An open file, decompressed on the way where its content is gzip.
pub(super) struct Source {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    is_gzip: bool,
}

impl Source {
    /// Opens `path`; gzip is told by the first two bytes, not by the name. Fails where the file cannot be read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let start = file.fill_buf().map_err(Error::io("read", path))?;
        let is_gzip = start.starts_with(GZIP_MAGIC);
        let reader: Box<dyn BufRead + Send> = if is_gzip {
            Box::new(BufReader::with_capacity(
                BUFFER_BYTES,
                MultiGzDecoder::new(file),
            ))
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_path_buf(),
            reader,
            is_gzip,
        })
    }

    /// Text that was read before from `path`.
    pub(super) fn of_text(path: &Path, text: Arc<[u8]>) -> Self {
        Self {
            path: path.to_path_buf(),
            reader: Box::new(io::Cursor::new(text)),
            is_gzip: false,
        }
    }

    /// The file that was opened.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads until `bytes` is full or the file ends; how many bytes it was.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let mut n_filled = 0;
        while n_filled < bytes.len() {
            match self.reader.read(&mut bytes[n_filled..]) {
                Ok(0) => break,
                Ok(n) => n_filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(n_filled)
    }

    /// What a failed read means: damage where the content is gzip, else a refusal of the system.
    pub(super) fn error(&self, source: io::Error) -> Error {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        let hint = "copy or compress the file again";
        match source.kind() {
            UnexpectedEof if self.is_gzip => {
                Error::malformed(&self.path, "the gzip data end early", hint)
            }
            InvalidData | InvalidInput if self.is_gzip => Error::malformed(
                &self.path,
                format!("the gzip data are damaged ({source})"),
                hint,
            ),
            _ => Error::io("read", &self.path)(source),
        }
    }
}

impl Read for Source {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.reader.read(bytes)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, n_bytes: usize) {
        self.reader.consume(n_bytes);
    }
}
