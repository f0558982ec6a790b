//! The input files of a run: none may change while it goes on, and none may be overwritten by its outputs.

use super::job::{EigenFiles, Input, Job, KinshipInput};
use crate::error::{Error, Result};
use crate::io::ids::id_path_for;
use crate::kinship::KinshipLayout;
use crate::output::file::OutputFile;
use crate::sources::plink_files;
use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The regular files among the inputs, as they were before the first was opened.
#[derive(Debug)]
pub(super) struct InputFiles(Vec<(PathBuf, Metadata)>);

impl InputFiles {
    /// Looks at the files that `job` reads; one that cannot be looked at is left for its reader to name.
    pub(super) fn of(job: &Job) -> Self {
        let regular = |path: PathBuf| {
            let metadata = std::fs::metadata(&path).ok()?;
            // Pipes and devices have no content that stays.
            metadata.is_file().then_some((path, metadata))
        };
        Self(paths(job).into_iter().filter_map(regular).collect())
    }

    /// Fails if one of `outputs` is write-protected or a directory, is one of the inputs, whatever their paths, or is
    /// another output.
    pub(super) fn check_outputs(&self, outputs: Vec<PathBuf>) -> Result<()> {
        let mut known: HashMap<FileId, PathBuf> = HashMap::new();
        for output in outputs {
            OutputFile::check(&output)?;
            let Ok(metadata) = std::fs::metadata(&output) else {
                continue; // There is no such file yet.
            };
            if !metadata.is_file() {
                continue;
            }
            let id = file_id(&output, &metadata);
            let is_same = |(path, metadata): &&(PathBuf, Metadata)| file_id(path, metadata) == id;
            if let Some((input, _)) = self.0.iter().find(is_same) {
                return Err(overwritten(&output, input));
            }
            if let Some(other) = known.insert(id, output.clone()) {
                return Err(Error::inconsistent(
                    format!(
                        "{} and {} are the same file, and both are outputs of this run",
                        other.display(),
                        output.display()
                    ),
                    "remove the links, or choose another prefix with -o",
                ));
            }
        }
        Ok(())
    }

    /// Fails if an input was rewritten or replaced since the run began. One that was removed has been read.
    pub(super) fn check(&self) -> Result<()> {
        for (path, before) in &self.0 {
            if let Some(now) = look_again(path)
                && is_rewritten(before, &now)
            {
                return Err(Error::inconsistent(
                    format!(
                        "{}: the file was rewritten while the run went on, so its results may mix old and new content",
                        path.display()
                    ),
                    "its results were not written: start it again when no other program writes to its inputs",
                ));
            }
        }
        Ok(())
    }
}

fn overwritten(output: &Path, input: &Path) -> Error {
    let what = if output == input {
        format!(
            "{}: the run would overwrite this file, which is one of its inputs",
            output.display()
        )
    } else {
        format!(
            "{}: the run would overwrite this file, which is its input {}",
            output.display(),
            input.display()
        )
    };
    Error::inconsistent(
        what,
        "choose another prefix with -o, or another directory with -outdir",
    )
}

/// The files that `job` reads, and the ids beside its matrices.
fn paths(job: &Job) -> Vec<PathBuf> {
    let mut paths = match &job.genotypes {
        Input::File(prefix) => plink_files(prefix).into(),
        Input::Memory(source) => source.files(),
    };
    if let Input::File(column) = &job.phenotype {
        paths.extend(column.file.clone());
    }
    let lists = [
        job.filter.snps.as_ref(),
        (job.analysis.computed_kinship()).and_then(|kinship| kinship.snps.as_ref()),
    ];
    for input in lists.into_iter().flatten() {
        paths.extend(path_of(input));
    }
    paths.extend(job.covariates.as_ref().and_then(path_of));
    match job.analysis.kinship() {
        Some(KinshipInput::Matrix(Input::File(file))) => {
            if file.layout == KinshipLayout::Square {
                paths.push(id_path_for(&file.path));
            }
            paths.push(file.path.clone());
        }
        Some(KinshipInput::Eigen(Input::File(EigenFiles { values, vectors }))) => {
            paths.extend([id_path_for(vectors), vectors.clone(), values.clone()]);
        }
        _ => {}
    }
    paths
}

fn path_of<M>(input: &Input<PathBuf, M>) -> Option<PathBuf> {
    match input {
        Input::File(path) => Some(path.clone()),
        Input::Memory(_) => None,
    }
}

/// What tells files apart, whatever their paths.
#[cfg(unix)]
type FileId = (u64, u64);

#[cfg(unix)]
fn file_id(_: &Path, metadata: &Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
type FileId = PathBuf;

#[cfg(not(unix))]
fn file_id(path: &Path, _: &Metadata) -> FileId {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// What the file system says of `path` now; `None` where the file is gone.
fn look_again(path: &Path) -> Option<Metadata> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() {
        return Some(metadata);
    }
    // A network file system asks its server when a file is opened, and may answer from memory before.
    let opened = std::fs::File::open(path).and_then(|file| file.metadata());
    Some(opened.unwrap_or(metadata))
}

/// Whether the content may be another: another file, length or time of writing.
#[cfg(unix)]
fn is_rewritten(before: &Metadata, now: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let content = |m: &Metadata| (m.dev(), m.ino(), m.len(), m.mtime(), m.mtime_nsec());
    let change = |m: &Metadata| (m.ctime(), m.ctime_nsec());
    let attributes = |m: &Metadata| (m.mode(), m.uid(), m.gid(), m.nlink());
    // Who sets the time of writing back still changes the time of the last change, as do chmod, chown and ln.
    content(before) != content(now)
        || (change(before) != change(now) && attributes(before) == attributes(now))
}

#[cfg(not(unix))]
fn is_rewritten(before: &Metadata, now: &Metadata) -> bool {
    before.len() != now.len() || before.modified().ok() != now.modified().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_rewritten_when_its_content_may_be_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let changed = |change: &dyn Fn(&Path)| {
            let file = path("p.txt");
            let _ = fs::remove_file(&file);
            fs::write(&file, "1\n2\n").unwrap();
            let inputs = InputFiles(vec![(file.clone(), fs::metadata(&file).unwrap())]);
            assert!(inputs.check().is_ok());
            // Times of files have the resolution of the kernel's clock tick.
            std::thread::sleep(std::time::Duration::from_millis(20));
            change(&file);
            inputs.check().is_err()
        };
        assert!(changed(&|file| fs::write(file, "3\n4\n").unwrap()));
        assert!(changed(&|file| fs::write(file, "1\n2\n3\n").unwrap()));
        assert!(changed(&|file| {
            let time = fs::metadata(file).unwrap().modified().unwrap();
            fs::write(file, "3\n4\n").unwrap();
            let file = fs::File::options().write(true).open(file).unwrap();
            file.set_modified(time).unwrap();
        }));
        assert!(changed(&|file| {
            fs::write(path("new"), "3\n4\n").unwrap();
            fs::rename(path("new"), file).unwrap();
        }));
        assert!(!changed(&|file| drop(fs::read(file).unwrap())));
        assert!(!changed(&|file| fs::remove_file(file).unwrap()));
        assert!(!changed(&|file| {
            fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        }));
        assert!(!changed(&|file| fs::hard_link(file, path("link")).unwrap()));
    }
}
