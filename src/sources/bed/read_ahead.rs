//! Reads a file at a URL in order, with several requests ahead of the reader.

use super::remote::{Network, RemoteFile};
use crate::error::Result;
use crate::io::bed::ReadAt;
use bed_reader::CloudFile;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Bytes of a request: large enough for the round trip to be a small part of it, and small enough to arrive within the time
/// limit of a request at 140 kB/s, shared by all requests.
pub(super) const PIECE_BYTES: u64 = if cfg!(test) { 64 } else { 4 << 20 };
/// Requests at a time.
const IN_FLIGHT: usize = 4;
/// Maximum number of bytes in memory: the piece being read, and those ahead of it.
pub(super) const HELD_BYTES: u64 = (IN_FLIGHT as u64 + 1) * PIECE_BYTES;

/// Opens a file and reads all of it; `url` is its name in messages.
pub(super) fn read_all(
    url: PathBuf,
    object: CloudFile,
    network: Arc<Network>,
) -> Result<(Arc<RemoteFile>, Vec<u8>)> {
    let (file, mut bytes) = RemoteFile::open(url, object, network, PIECE_BYTES)?;
    let (start, end) = (bytes.len(), file.n_bytes());
    bytes.resize(end as usize, 0);
    let mut rest = ReadAhead::new(Arc::clone(&file), end);
    rest.read_exact_at(start as u64, &mut bytes[start..])?;
    Ok((file, bytes))
}

/// A reader of consecutive bytes; reading elsewhere is possible and starts anew.
pub(super) struct ReadAhead {
    file: Arc<RemoteFile>,
    /// Nothing is requested from here on.
    end: u64,
    /// The first byte that is not requested yet.
    next: u64,
    requests: VecDeque<JoinHandle<Result<Vec<u8>>>>,
    /// The piece being read, and its unread part.
    piece: Vec<u8>,
    unread: Range<usize>,
    /// Offset of the first unread byte in the file.
    offset: u64,
}

impl ReadAhead {
    /// A reader of bytes before `end`, which is within the file.
    pub(super) fn new(file: Arc<RemoteFile>, end: u64) -> Self {
        Self {
            file,
            end,
            next: 0,
            requests: VecDeque::new(),
            piece: Vec::new(),
            unread: 0..0,
            offset: 0,
        }
    }

    /// Drops what was read ahead.
    fn start_at(&mut self, offset: u64) {
        self.abort();
        (self.offset, self.next, self.unread) = (offset, offset, 0..0);
    }

    /// Requests pieces until enough are in flight.
    fn request(&mut self) {
        while self.requests.len() < IN_FLIGHT && self.next < self.end {
            let end = self.end.min(self.next + PIECE_BYTES);
            self.requests.push_back(self.file.request(self.next..end));
            self.next = end;
        }
    }

    /// Waits for the next piece.
    fn next_piece(&mut self) -> Result<()> {
        self.request();
        let request = self
            .requests
            .pop_front()
            .expect("reading ends before `end`");
        let received = self.file.network().wait(request);
        self.piece =
            received.expect("requests neither panic nor are aborted before their reader")?;
        self.unread = 0..self.piece.len();
        // The next request takes the place of this one while its bytes are processed.
        self.request();
        Ok(())
    }

    fn abort(&mut self) {
        for request in self.requests.drain(..) {
            request.abort();
        }
    }
}

impl ReadAt for ReadAhead {
    /// # Panics
    /// If the bytes extend beyond the end that was given to [`ReadAhead::new`].
    fn read_exact_at(&mut self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        if offset != self.offset {
            self.start_at(offset);
        }
        let mut n_filled = 0;
        while n_filled < bytes.len() {
            if self.unread.is_empty() {
                self.next_piece()?;
            }
            let n = self.unread.len().min(bytes.len() - n_filled);
            let first = self.unread.start;
            bytes[n_filled..n_filled + n].copy_from_slice(&self.piece[first..first + n]);
            self.unread.start += n;
            self.offset += n as u64;
            n_filled += n;
        }
        Ok(())
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.abort();
    }
}

impl fmt::Debug for ReadAhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadAhead").field(&self.file).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::connect;
    use super::super::url::PlinkUrl;
    use super::*;

    /// A `.bed` of these bytes, at a URL, and its directory.
    fn remote(bytes: &[u8]) -> (Arc<RemoteFile>, Vec<u8>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.bed"), bytes).unwrap();
        let url = format!("file://{}/x", folder.path().display());
        let url = PlinkUrl::parse(url.as_ref()).unwrap().unwrap();
        let object = connect::open(&url).unwrap();
        let network = Network::start().unwrap();
        let (file, whole) = read_all(url.file("bed"), object, network).unwrap();
        (file, whole, folder)
    }

    #[test]
    fn any_ranges_in_any_order_are_those_of_the_file() {
        for n in [0_usize, 1, 63, 64, 65, 128, 1000, 4097] {
            let bytes: Vec<u8> = (0..n).map(|i| (i * 7 + i / 64) as u8).collect();
            let (file, whole, _folder) = remote(&bytes);
            assert_eq!(whole, bytes);
            assert_eq!(file.n_bytes(), n as u64);
            let mut reader = ReadAhead::new(file, n as u64);
            for (offset, length) in [
                (0, 3),
                (3, 61),
                (64, 500),
                (2000, 2000),
                (7, 1),
                (8, 0),
                (8, 900),
            ] {
                let end = (offset + length).min(n);
                let mut read = vec![0; end.saturating_sub(offset)];
                reader.read_exact_at(offset as u64, &mut read).unwrap();
                assert_eq!(
                    read,
                    bytes[offset.min(end)..end],
                    "{offset} {length} of {n}"
                );
            }
            assert!(reader.requests.len() <= IN_FLIGHT);
        }
    }

    #[test]
    fn a_file_that_changes_is_an_error_at_the_next_request() {
        let bytes = vec![7; 1000];
        let (file, _, folder) = remote(&bytes);
        file.check_unchanged().unwrap();
        let path = folder.path().join("x.bed");
        for changed in [vec![8; 1000], vec![7; 999], vec![7; 10], vec![]] {
            // Times of files have the resolution of the kernel's clock tick.
            std::thread::sleep(std::time::Duration::from_millis(20));
            std::fs::write(&path, changed).unwrap();
            let mut reader = ReadAhead::new(Arc::clone(&file), 1000);
            let error = reader.read_exact_at(0, &mut [0; 1000]).unwrap_err();
            assert!(
                error.to_string().contains("modified during the run"),
                "{error}"
            );
            file.check_unchanged().unwrap_err();
        }
        std::fs::remove_file(&path).unwrap();
        file.check_unchanged().unwrap();
    }
}
