//! Output files, which get their final name only when they are complete.

use super::partial::{Closed, Partial, changing, remove_stale, remove_unfinished_of};
pub use super::partial::{remove_unfinished, remove_unfinished_for_good};
use super::target::{Target, check_directory, directory_of, nearest_existing, sync_directory};
use crate::error::{Error, Result};
use crate::io::disk::free_bytes;
use rayon::prelude::*;
use std::io::{BufWriter, ErrorKind, IntoInnerError, Write};
use std::path::{Path, PathBuf};

/// Directory and prefix of the outputs of a run: `-outdir` and `-o`.
#[derive(Debug, Clone)]
pub struct OutputPlace {
    directory: PathBuf,
    prefix: String,
}

/// Whether `suffix` follows the prefix in the name of an output; other files that start with a prefix belong to other
/// runs.
fn is_suffix(suffix: &str) -> bool {
    let plain = suffix.strip_suffix("-meta.yaml").unwrap_or(suffix);
    let plain = [".tbi", ".csi"]
        .iter()
        .find_map(|end| plain.strip_suffix(end))
        .unwrap_or(plain);
    let plain = plain.strip_suffix(".gz").unwrap_or(plain);
    let Some((
        stem,
        "txt" | "npy" | "id" | "tsv" | "bgz" | "parquet" | "json" | "html" | "jammapart",
    )) = plain.rsplit_once('.')
    else {
        return false;
    };
    if plain.ends_with(".jammapart") {
        return stem.starts_with("part-");
    }
    let stem = stem.strip_suffix(".tsv").unwrap_or(stem);
    let once = ["log", "eigenD", "eigenU", "stepwise", "run", "report"];
    // These may follow the name of a trait or a chromosome.
    let each = ["assoc", "ssf", "cXX", "sXX", "residU", "residE"];
    let last = stem.rsplit_once('.').map_or(stem, |(_, last)| last);
    once.contains(&stem) || each.contains(&last)
}

impl OutputPlace {
    /// Creates `directory` if it does not exist, and removes unfinished files that dead runs with this prefix left
    /// there.
    ///
    /// Fails with [`Error::Io`] if that is not permitted or if `directory` is a file.
    pub fn new(directory: &Path, prefix: &str) -> Result<Self> {
        std::fs::create_dir_all(directory)
            .map_err(Error::io("create the output directory", directory))?;
        let place = Self {
            directory: directory.to_path_buf(),
            prefix: prefix.to_owned(),
        };
        let start = place.path("");
        let name = start.file_name().unwrap_or_default().to_string_lossy();
        remove_stale(directory_of(&start), |output| {
            output.strip_prefix(&*name).is_some_and(is_suffix)
        });
        Ok(place)
    }

    /// The same without creating the directory, which exists or will be created elsewhere.
    #[must_use]
    pub fn at(directory: &Path, prefix: &str) -> Self {
        Self {
            directory: directory.to_path_buf(),
            prefix: prefix.to_owned(),
        }
    }

    /// Fails if [`new`](Self::new) would fail, or if no file could be created there. Creates nothing.
    pub fn check(&self) -> Result<()> {
        let directory = &self.directory;
        let verb = if directory.exists() {
            "write to the output directory"
        } else {
            "create the output directory"
        };
        check_directory(directory).map_err(Error::io(verb, directory))?;
        // A prefix may contain a directory, which is not created.
        let log = self.path("log.txt");
        let below = directory_of(&log);
        if below != directory_of(&directory.join("x")) {
            let found = std::fs::metadata(below).map_err(Error::io("write", &log))?;
            if !found.is_dir() {
                return Err(Error::io("write", &log)(ErrorKind::NotADirectory.into()));
            }
        }
        Ok(())
    }

    /// The last part of the prefix, which names the run.
    #[must_use]
    pub fn name(&self) -> String {
        let path = Path::new(&self.prefix);
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// The path of the output with `suffix`, for example `cXX.txt`.
    #[must_use]
    pub fn path(&self, suffix: &str) -> PathBuf {
        self.directory.join(format!("{}.{suffix}", self.prefix))
    }

    /// Opens the output with `suffix` under a temporary name. Fails immediately if it cannot be written.
    pub fn create(&self, suffix: &str) -> Result<OutputFile> {
        OutputFile::create(&self.path(suffix))
    }

    /// As [`create`](Self::create), for one of many files that are open at once: it buffers less.
    pub fn create_one_of_many(&self, suffix: &str) -> Result<OutputFile> {
        OutputFile::buffered(&self.path(suffix), SMALL_BUFFER)
    }

    /// Fails with [`Error::Memory`] if the disk does not have about `bytes` of free space.
    pub fn check_room(&self, bytes: u64) -> Result<()> {
        let Some(free) = nearest_existing(&self.directory).and_then(free_bytes) else {
            return Ok(());
        };
        if bytes <= free {
            return Ok(());
        }
        Err(Error::Memory {
            what: format!(
                "{}: the outputs need about {:.2} MB, but the disk has {:.2} MB free",
                self.directory.display(),
                bytes as f64 / 1e6,
                free as f64 / 1e6
            ),
            hint: "free some space, choose another disk with -outdir, write text with --gz, or write the matrix with --format npy".into(),
        })
    }
}

impl OutputPlace {
    /// Removes the temporary files of these outputs, for a run that is cancelled but has not ended yet.
    ///
    /// If the run continues nevertheless, it fails when it gives them their final names.
    pub fn remove_unfinished(&self) {
        let start = self.path("");
        let start = start.to_string_lossy();
        remove_unfinished_of(|path| path.to_string_lossy().starts_with(&*start));
    }
}

/// Bytes that a file buffers.
const BUFFER: usize = 1 << 20;
/// Bytes that each of many files buffers.
const SMALL_BUFFER: usize = 1 << 15;
/// Files that are synced one after the other.
const FEW: usize = 4;

/// A file that is written next to its final path; it is removed if it is dropped without [`OutputFile::finish`].
///
/// If the output is a symbolic link, the file it points to is written. A file that is replaced keeps its mode. A
/// device, such as `/dev/null`, is written directly.
#[derive(Debug)]
pub struct OutputFile {
    writer: BufWriter<Partial>,
    path: PathBuf,
}

impl OutputFile {
    /// Opens a temporary file next to `path`. Fails if that is not permitted or if `path` is write-protected.
    pub fn create(path: &Path) -> Result<Self> {
        Self::buffered(path, BUFFER)
    }

    fn buffered(path: &Path, bytes: usize) -> Result<Self> {
        Ok(Self {
            writer: BufWriter::with_capacity(bytes, Partial::create(path)?),
            path: path.to_path_buf(),
        })
    }

    /// As [`create`](Self::create), for an output without an [`OutputPlace`]: also removes partial files of dead runs.
    pub fn create_alone(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        remove_stale(directory_of(path), |output| output == name);
        Self::create(path)
    }

    /// Fails if [`create`](Self::create) would fail because of an existing file.
    pub fn check(path: &Path) -> Result<()> {
        Target::of(path).map(drop)
    }

    /// The final path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Calls `write` with a writer that appends to the file.
    pub fn write_with(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<()> {
        write(&mut self.writer).map_err(Error::io("write", &self.path))
    }

    /// Appends `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }

    /// Gives the complete file its final name, and replaces an older file.
    pub fn finish(self) -> Result<PathBuf> {
        let path = self.path.clone();
        finish_all(vec![self])?;
        Ok(path)
    }

    fn close(self) -> Result<(Closed, PathBuf)> {
        let Self { writer, path } = self;
        let partial = writer.into_inner().map_err(IntoInnerError::into_error);
        let closed = partial
            .and_then(Partial::close)
            .map_err(Error::io("write", &path))?;
        Ok((closed, path))
    }
}

/// For writers of other crates; [`OutputFile::write`] has the better error.
impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

/// Gives files that belong together their final names, in order; returns their paths.
///
/// All files are synced to disk before the first is renamed. If the process ends in between, the first file is new and
/// the last one old. An `.id` file comes first, so that its checksums show that it does not belong to the old matrix.
pub fn finish_all(files: Vec<OutputFile>) -> Result<Vec<PathBuf>> {
    // The disk can sync many files at once.
    let closed = match files.len() {
        0..=FEW => (files.into_iter())
            .map(OutputFile::close)
            .collect::<Result<Vec<_>>>(),
        _ => (files.into_par_iter()).map(OutputFile::close).collect(),
    }?;
    let (mut paths, mut directories) = (Vec::new(), Vec::new());
    let changing = changing();
    for (closed, path) in closed {
        let directory = closed.persist().map_err(Error::io("write", &path))?;
        directories.extend(directory.map(|directory| (directory, path.clone())));
        paths.push(path);
    }
    drop(changing);
    directories.dedup_by(|(a, _), (b, _)| a == b);
    for (directory, path) in directories {
        sync_directory(&directory).map_err(Error::io("write", &path))?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_finished() {
        let dir = tempfile::tempdir().unwrap();
        let place = OutputPlace::new(&dir.path().join("a/b"), "run").unwrap();
        let mut file = place.create("assoc.txt").unwrap();
        file.write(b"half").unwrap();
        assert!(!place.path("assoc.txt").exists());
        drop(file);
        assert_eq!(
            std::fs::read_dir(dir.path().join("a/b")).unwrap().count(),
            0
        );
        let mut file = place.create("assoc.txt").unwrap();
        file.write(b"whole").unwrap();
        assert_eq!(std::fs::read(file.finish().unwrap()).unwrap(), b"whole");
    }

    #[test]
    fn an_impossible_place_is_an_error_before_the_work() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(OutputPlace::new(&file.join("out"), "run").is_err());
        std::fs::create_dir(dir.path().join("run.assoc.txt")).unwrap();
        let place = OutputPlace::new(dir.path(), "run").unwrap();
        assert!(
            place
                .create("assoc.txt")
                .unwrap_err()
                .to_string()
                .contains("cannot write")
        );
        assert!(place.check_room(u64::MAX).is_err());
        assert!(place.create("no/such.txt").is_err());
    }
}
