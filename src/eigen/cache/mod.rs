//! Eigendecompositions kept on disk between runs (`--eigen-cache DIR`).
//!
//! The key of an entry is a checksum of everything that determines the decomposition, so an entry is never out of date:
//! other inputs have another key. An entry is one file, `KEY.jamma-eigen`, with a header of text and the numbers as they
//! are in memory; checksums cover every byte. XXH3 with 128 bits detects mix-ups and damage, not forgery: use a
//! directory that only trusted people can write to.
//!
//! A cache never makes a run fail. An entry that is damaged, or of another version, is not used, with a note; if storing
//! fails, that is a note too. Entries appear under their names only when they are complete, so several runs may share a
//! directory, on one machine or several.

mod chunks;
mod description;
mod header;
mod key;
mod list;
mod load;
mod names;
mod prune;
mod store;
#[cfg(test)]
mod tests;
mod unfinished;

pub use description::Description;
pub use header::Header;
pub use key::{ALGORITHM, CacheKey, KeyInputs};
pub use list::{Entry, State};
pub use load::Lookup;
pub use prune::{PruneOptions, Pruned};
pub use unfinished::remove_unfinished;

use super::Eigen;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// A directory with eigendecompositions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EigenCache {
    directory: PathBuf,
}

impl EigenCache {
    /// The cache in `directory`, which is created when something is stored.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file of the entry of `key`.
    #[must_use]
    pub fn path(&self, key: &CacheKey) -> PathBuf {
        self.directory.join(names::entry_name(key))
    }

    /// The decomposition with `key`, of `n` individuals, read on all threads. An entry that is found counts as used now.
    ///
    /// Takes n² doubles.
    #[must_use]
    pub fn load(&self, key: &CacheKey, n: usize) -> Lookup {
        load::load(&self.path(key), key, n)
    }

    /// Stores `eigen`, in the place of an older file. Creates the directory, and removes files that interrupted runs
    /// left there.
    ///
    /// A failure is returned as a note for the user.
    ///
    /// # Panics
    /// If `eigen` does not have n eigenvectors of n numbers.
    #[must_use]
    pub fn store(
        &self,
        key: &CacheKey,
        eigen: &Eigen,
        description: &Description,
    ) -> Option<String> {
        store::store(&self.directory, key, eigen, description)
    }

    /// The files of the cache, in the order of their names. Other files, and links, are not included.
    ///
    /// Fails if the directory cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>> {
        list::list(&self.directory)
    }

    /// Removes files that cannot be used, and the entries that `options` select. Other files, links, and files that runs
    /// are writing are not touched.
    ///
    /// Fails if the directory cannot be read.
    pub fn prune(&self, options: &PruneOptions) -> Result<Pruned> {
        prune::prune(&self.directory, options)
    }
}
