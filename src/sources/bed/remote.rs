//! A file at a URL: ranges of its bytes, all of one version of the file.

use super::fault::{is_of_empty_file, modified, of_request, of_transfer, reason_of};
use crate::error::{Error, Result};
use bed_reader::{CloudFile, CloudFileError};
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// Attempts to transfer a range. Requests without a reply are repeated by the client itself.
const ATTEMPTS: usize = 3;
/// Longest wait for the check at the end of a run.
const LAST_CHECK: Duration = Duration::from_secs(10);
/// Threads that transfer and decrypt.
const NETWORK_THREADS: usize = 2;

/// The threads on which requests run.
pub(super) struct Network(Option<Runtime>);

impl Network {
    /// Starts the threads. Fails if the system does not allow it.
    pub(super) fn start() -> Result<Arc<Self>> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(NETWORK_THREADS)
            .thread_name("jamma-network")
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => Ok(Arc::new(Self(Some(runtime)))),
            Err(reason) => Err(Error::threads(NETWORK_THREADS, &reason)),
        }
    }

    fn runtime(&self) -> &Runtime {
        self.0
            .as_ref()
            .expect("the threads run until this is dropped")
    }

    /// Waits for a request.
    pub(super) fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        self.runtime().block_on(request)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Does not wait for a request that hangs.
        self.0.take().expect("dropped once").shutdown_background();
    }
}

/// What identifies the content of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Version {
    n_bytes: u64,
    etag: Option<String>,
    /// Seconds since 1970; 0 if the server does not state it.
    modified: i64,
}

impl Version {
    /// Whether a change that keeps the length would be noticed.
    fn is_certain(&self) -> bool {
        self.etag.is_some() || self.modified != 0
    }

    fn is_of_same_file(&self, other: &Self) -> bool {
        let is_same_content = match (&self.etag, &other.etag) {
            (Some(one), Some(other)) => one == other,
            _ => self.modified == other.modified,
        };
        self.n_bytes == other.n_bytes && is_same_content
    }
}

/// A file at a URL, opened once; every range must be of the version that was opened.
pub(super) struct RemoteFile {
    url: PathBuf,
    object: CloudFile,
    network: Arc<Network>,
    version: Version,
}

/// Bytes of a file and its version.
struct Part {
    bytes: Vec<u8>,
    version: Version,
}

impl RemoteFile {
    /// Opens the file by reading its first bytes, at most `most`, and returns them.
    ///
    /// * `url`: its name in messages
    pub(super) fn open(
        url: PathBuf,
        object: CloudFile,
        network: Arc<Network>,
        most: u64,
    ) -> Result<(Arc<Self>, Vec<u8>)> {
        let Part { bytes, version } = network.wait(fetch(&object, &url, 0..most))?;
        let file = Self {
            url,
            object,
            network,
            version,
        };
        Ok((Arc::new(file), bytes))
    }

    /// The length of the file.
    pub(super) fn n_bytes(&self) -> u64 {
        self.version.n_bytes
    }

    /// The URL.
    pub(super) fn url(&self) -> &Path {
        &self.url
    }

    /// The length and the ETag of the file, or its time of modification; `None` if the server states neither.
    pub(super) fn version(&self) -> Option<String> {
        let Version {
            n_bytes,
            etag,
            modified,
        } = &self.version;
        match (etag, modified) {
            (Some(etag), _) => Some(format!("{n_bytes} bytes, ETag {etag}")),
            (None, 0) => None,
            (None, seconds) => Some(format!("{n_bytes} bytes, of {seconds} s since 1970")),
        }
    }

    /// The threads of its requests.
    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// A note if the server states too little to notice every change.
    pub(super) fn note(&self) -> Option<String> {
        (!self.version.is_certain()).then(|| {
            format!(
                "{}: the server states neither an ETag nor a time of modification, so that a change of the file during the run is noticed only if its size changes",
                self.url.display()
            )
        })
    }

    /// Starts the transfer of a range, which must not be empty. Its result has all bytes of the range.
    pub(super) fn request(self: &Arc<Self>, range: Range<u64>) -> JoinHandle<Result<Vec<u8>>> {
        let (object, url, version) = (self.object.clone(), self.url.clone(), self.version.clone());
        self.network.runtime().spawn(async move {
            let part = fetch(&object, &url, range.clone()).await?;
            // A file that has become shorter may give fewer bytes.
            if !part.version.is_of_same_file(&version)
                || part.bytes.len() as u64 != range.end - range.start
            {
                return Err(modified(&url));
            }
            Ok(part.bytes)
        })
    }

    /// Fails if the server has another version of the file now. A file that cannot be read any more is no error: what was
    /// read of it is of the version that was opened.
    ///
    /// Returns false without an answer within [`LAST_CHECK`]: the client would repeat the request for a minute and more.
    pub(super) fn check_unchanged(&self) -> Result<bool> {
        let request = async {
            let request = fetch(&self.object, &self.url, 0..1);
            tokio::time::timeout(LAST_CHECK, request).await
        };
        match self.network.wait(request) {
            Ok(Ok(part)) if !part.version.is_of_same_file(&self.version) => {
                Err(modified(&self.url))
            }
            Ok(Ok(_)) => Ok(true),
            _ => Ok(false),
        }
    }
}

impl fmt::Debug for RemoteFile {
    /// The URL only: the client may have credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteFile").field(&self.url).finish()
    }
}

/// The bytes of a range, as far as the file has them. A transfer that breaks off is repeated.
async fn fetch(object: &CloudFile, url: &Path, range: Range<u64>) -> Result<Part> {
    let mut failure = String::new();
    for _ in 0..ATTEMPTS {
        let mut options = default_of(|options| object.get_opts(options));
        options.range = Some((range.start as usize..range.end as usize).into());
        let reply = match object.get_opts(options).await {
            Ok(reply) => reply,
            Err(error) if range.start == 0 && is_of_empty_file(&error) => {
                return Ok(Part {
                    bytes: Vec::new(),
                    version: Version::default(),
                });
            }
            Err(error) => return Err(of_request(url, error)),
        };
        let version = Version {
            n_bytes: reply.meta.size as u64,
            etag: reply.meta.e_tag.clone(),
            modified: reply.meta.last_modified.timestamp(),
        };
        let n_expected = reply.range.len();
        match reply.bytes().await {
            Ok(bytes) if bytes.len() == n_expected => {
                let bytes = bytes.into();
                return Ok(Part { bytes, version });
            }
            Ok(bytes) => failure = format!("{} of {n_expected} bytes arrived", bytes.len()),
            Err(error) => failure = reason_of(&CloudFileError::from(error)),
        }
    }
    Err(of_transfer(url, &failure))
}

/// The default of the argument of a function. bed-reader does not export the type of these options.
fn default_of<T: Default, R>(_: impl FnOnce(T) -> R) -> T {
    T::default()
}
