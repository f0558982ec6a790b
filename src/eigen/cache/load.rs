//! Reading an entry.

use super::chunks::read_columns;
use super::header::{HEADER_BYTES, Header, Unreadable, in_words};
use super::key::CacheKey;
use crate::eigen::Eigen;
use crate::error::Error;
use crate::io::content::Content;
use crate::io::disk::open_regular;
use crate::io::numbers::read_numbers_at;
use crate::kernels::memory::filled;
use crate::kernels::try_zeros;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

/// What the cache has for a key.
#[derive(Debug)]
pub enum Lookup {
    /// The decomposition, with the bits with which it was stored.
    Hit(Eigen),
    /// There is no entry.
    Miss,
    /// There is an entry that cannot be used, for the reason in this note for the user.
    Unusable(String),
}

/// Reads the entry at `path`, which must be of `key` and of `n` individuals.
pub(super) fn load(path: &Path, key: &CacheKey, n: usize) -> Lookup {
    let file = match open_regular(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Lookup::Miss,
        Err(error) => return unusable(path, &in_words(&error)),
    };
    match read(&file, key, n) {
        Ok(eigen) => {
            // For `prune`. Only the owner of the file may do this, and nothing else depends on it.
            let _ = file.set_modified(SystemTime::now());
            Lookup::Hit(eigen)
        }
        Err(reason) => unusable(path, &reason),
    }
}

fn unusable(path: &Path, reason: &str) -> Lookup {
    Lookup::Unusable(format!(
        "{}: the cached eigendecomposition is not used: {reason}; it is computed again",
        path.display()
    ))
}

fn read(file: &File, key: &CacheKey, n: usize) -> Result<Eigen, String> {
    let header = Header::read(file).map_err(Unreadable::reason)?;
    check(&header, key, n)?;
    let refused = |error: Error| error.to_string();
    let mut values = filled(n, 0.0, "the eigenvalues").map_err(refused)?;
    let mut vectors = try_zeros(n, n, "the eigenvectors").map_err(refused)?;
    let mut content = Content::default();
    let start = HEADER_BYTES as u64;
    let failed = |error: io::Error| in_words(&error);
    read_numbers_at(file, start, &mut values, &mut content).map_err(failed)?;
    let digest = read_columns(file, start + 8 * n as u64, vectors.as_mut()).map_err(failed)?;
    if (content.digest(), digest) != (header.values, header.vectors) {
        return Err("its numbers are damaged, because their checksum differs".to_owned());
    }
    Ok(Eigen {
        values,
        vectors,
        n_zero: header.n_zero,
        most_negative: header.most_negative,
    })
}

fn check(header: &Header, key: &CacheKey, n: usize) -> Result<(), String> {
    if header.key != *key {
        return Err("it belongs to another key, so it was renamed".to_owned());
    }
    if header.n != n {
        return Err(format!(
            "it is of {} individuals, and {n} are analysed",
            header.n
        ));
    }
    Ok(())
}
