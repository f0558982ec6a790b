//! The input files of a run: they must not change during the run, and its outputs must not overwrite them.

use super::individuals::SexInput;
use super::input::Input;
use super::job::{EigenFiles, GenotypeInput, Job, KinshipFile, KinshipInput};
use super::record;
use crate::error::{Error, Result};
use crate::io::ids::id_path_for;
use crate::io::relationship::id_path_of;
use crate::kinship::KinshipLayout;
use crate::output::file::OutputFile;
use crate::output::report::FileReport;
use crate::sources::GenotypeSource;
use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The inputs of a run.
#[derive(Debug)]
pub(super) struct InputFiles {
    /// The regular files, with their metadata before the first was opened.
    files: Vec<(PathBuf, Metadata)>,
    /// Addresses, pipes and devices.
    others: Vec<PathBuf>,
}

impl InputFiles {
    /// Records the files that `job` reads. A file without metadata is skipped: its reader reports the error, and the
    /// source of genotypes checks files at URLs.
    pub(super) fn of(job: &Job) -> Self {
        let regular = |path: PathBuf| {
            let metadata = std::fs::metadata(&path).ok()?;
            // Pipes and devices have no persistent content.
            metadata.is_file().then_some((path, metadata))
        };
        let paths = paths(job);
        Self {
            others: paths
                .iter()
                .filter(|path| record::is_other(path))
                .cloned()
                .collect(),
            files: paths.into_iter().filter_map(regular).collect(),
        }
    }

    /// What the record of the run says about them.
    pub(super) fn reports(&self) -> Vec<FileReport> {
        record::inputs(&self.files, &self.others)
    }

    /// Fails if one of `outputs` is write-protected or a directory, or is the same file as an input or another output, whatever
    /// their paths.
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
            if let Some((input, _)) = self.files.iter().find(is_same) {
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

    /// Fails if an input was modified or replaced since the run started. A removed input is no error: it has been read.
    pub(super) fn check(&self, genotypes: &dyn GenotypeSource) -> Result<()> {
        genotypes.check_unchanged()?;
        self.check_local()
    }

    fn check_local(&self) -> Result<()> {
        for (path, before) in &self.files {
            if let Some(now) = look_again(path)
                && is_rewritten(before, &now)
            {
                return Err(Error::inconsistent(
                    format!(
                        "{}: the file was modified during the run, so the results may mix old and new content",
                        path.display()
                    ),
                    "the results were not written; run again when no other program writes to the inputs",
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

/// The files that `job` reads, and the id files of its matrices; genotypes at URLs are among them.
fn paths(job: &Job) -> Vec<PathBuf> {
    let mut paths = match &job.genotypes {
        GenotypeInput::Files(files) => files.paths(),
        GenotypeInput::Source(source) => source.files(),
    };
    if let Input::File(columns) = &job.traits.phenotypes {
        paths.extend(columns.file.as_ref().map(|file| file.path().clone()));
    }
    let lists = [
        job.filter.snps.as_ref(),
        (job.analysis.computed_kinship()).and_then(|kinship| kinship.snps.as_ref()),
    ];
    for input in lists.into_iter().flatten() {
        paths.extend(path_of(input));
    }
    paths.extend(job.condition.as_ref().and_then(path_of));
    paths.extend(job.individuals.paths().cloned());
    if let Some(SexInput::Table(path)) = &job.sexes {
        paths.push(path.clone());
    }
    paths.extend(job.effect_alleles.clone());
    let choice = &job.filter.choice;
    paths.extend(choice.extract.iter().chain(&choice.exclude).cloned());
    if let Some(Input::File(columns)) = &job.covariates {
        paths.push(columns.file.path().clone());
    }
    let of_weights = job.weights.as_ref().map(|weights| &weights.values);
    let values = job.environment.iter().chain(of_weights);
    paths.extend(values.filter_map(|values| values.path().cloned()));
    match job.analysis.kinship() {
        Some(KinshipInput::Matrix(Input::File(file))) => {
            paths.extend(paths_of_matrix(file));
        }
        Some(KinshipInput::Eigen(Input::File(EigenFiles { values, vectors }))) => {
            paths.extend([id_path_for(vectors), vectors.clone(), values.clone()]);
        }
        _ => {}
    }
    if let Some(Input::File(file)) = &job.second_kinship {
        paths.extend(paths_of_matrix(file));
    }
    paths
}

/// The file of a kinship, and its ids.
fn paths_of_matrix(file: &KinshipFile) -> Vec<PathBuf> {
    let ids = (file.layout == KinshipLayout::Square).then(|| id_path_of(&file.path));
    ids.into_iter().chain([file.path.clone()]).collect()
}

fn path_of<M>(input: &Input<PathBuf, M>) -> Option<PathBuf> {
    match input {
        Input::File(path) => Some(path.clone()),
        Input::Memory(_) => None,
    }
}

/// Identifies a file independently of its path.
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

/// The current metadata of `path`; `None` if the file no longer exists.
fn look_again(path: &Path) -> Option<Metadata> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() {
        return Some(metadata);
    }
    // A network file system asks its server when a file is opened; without that, the metadata may come from a cache.
    let opened = std::fs::File::open(path).and_then(|file| file.metadata());
    Some(opened.unwrap_or(metadata))
}

/// Whether the content may have changed: another file, length or modification time.
#[cfg(unix)]
fn is_rewritten(before: &Metadata, now: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let content = |m: &Metadata| (m.dev(), m.ino(), m.len(), m.mtime(), m.mtime_nsec());
    let change = |m: &Metadata| (m.ctime(), m.ctime_nsec());
    let attributes = |m: &Metadata| (m.mode(), m.uid(), m.gid(), m.nlink());
    // Setting the modification time back still updates ctime. So do chmod, chown and ln, which change attributes.
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
            let inputs = InputFiles {
                files: vec![(file.clone(), fs::metadata(&file).unwrap())],
                others: Vec::new(),
            };
            assert!(inputs.check_local().is_ok());
            // Times of files have the resolution of the kernel's clock tick.
            std::thread::sleep(std::time::Duration::from_millis(20));
            change(&file);
            inputs.check_local().is_err()
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
