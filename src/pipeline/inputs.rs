//! The input files of a run: they must not change during the run, and its outputs must not overwrite them.

use super::input_content::{content_of, content_of_store};
use super::input_paths::{Purpose, paths};
use super::job::Job;
use super::parts::InputFact;
use super::record;
use crate::error::{Error, Result};
use crate::output::file::OutputFile;
use crate::output::report::FileReport;
use crate::sources::{GenotypeSource, without_secrets};
use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The inputs of a run.
#[derive(Debug)]
pub(super) struct InputFiles {
    /// The regular files, with their metadata before the first was opened.
    files: Vec<(PathBuf, Metadata)>,
    /// What each of `files` is for.
    purposes: Vec<Purpose>,
    /// Addresses, pipes and devices, and what each is for.
    others: Vec<(Purpose, PathBuf)>,
}

impl InputFiles {
    /// Records the files that `job` reads. A file without metadata is skipped: its reader reports the error, and the
    /// source of genotypes checks files at URLs.
    pub(super) fn of(job: &Job) -> Self {
        let mut found = Self {
            files: Vec::new(),
            purposes: Vec::new(),
            others: Vec::new(),
        };
        for (purpose, path) in paths(job) {
            if record::is_other(&path) {
                found.others.push((purpose, path));
                continue;
            }
            // Pipes and devices have no persistent content.
            if let Some(metadata) = std::fs::metadata(&path).ok().filter(Metadata::is_file) {
                found.files.push((path, metadata));
                found.purposes.push(purpose);
            }
        }
        found
    }

    /// What the record of the run says about them.
    pub(super) fn reports(&self) -> Vec<FileReport> {
        let others: Vec<PathBuf> = self.others.iter().map(|(_, path)| path.clone()).collect();
        record::inputs(&self.files, &others)
    }

    /// Their contents, by what they are for: neither the paths nor the names of files matter.
    ///
    /// * `genotypes`: knows the versions of files at URLs
    pub(super) fn facts(&self, genotypes: &dyn GenotypeSource) -> Vec<InputFact> {
        let versions = genotypes.versions();
        let mut facts = Vec::new();
        let mut stored: Option<(&Path, Vec<(&Path, u64)>)> = None;
        for ((path, metadata), purpose) in self.files.iter().zip(&self.purposes) {
            match purpose {
                Purpose::Store(store) => {
                    let (_, files) = stored.get_or_insert_with(|| (&**store, Vec::new()));
                    files.push((path, metadata.len()));
                }
                purpose => facts.push(InputFact {
                    purpose: purpose.name(),
                    content: content_of(path, metadata.len(), purpose.is_matrix()),
                    file: Some(file_name(path)),
                }),
            }
        }
        if let Some((store, files)) = stored {
            facts.push(InputFact {
                purpose: Purpose::STORE.to_owned(),
                content: content_of_store(store, &files),
                file: Some(file_name(store)),
            });
        }
        for (purpose, path) in &self.others {
            let mut versions = versions.iter();
            let version = versions.find(|(url, _)| url == path);
            facts.push(match version {
                Some((_, Some(version))) => InputFact {
                    purpose: purpose.name(),
                    content: version.clone(),
                    file: Some(file_name(path)),
                },
                // Nothing else is known of the content of a pipe.
                _ => InputFact {
                    purpose: purpose.name(),
                    content: without_secrets(&path.to_string_lossy()),
                    file: None,
                },
            });
        }
        facts
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

/// The name of a file in messages.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    without_secrets(&name.to_string_lossy())
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
                purposes: vec![Purpose::Option("-p")],
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
