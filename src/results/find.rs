//! The tables of a run by its prefix.

use crate::error::{Error, Result};
use crate::output::record::outputs_of;
use std::path::{Path, PathBuf};

/// How the names of tables end, the preferred format first.
const SUFFIXES: [&str; 6] = [
    "assoc.txt",
    "assoc.txt.gz",
    "assoc.tsv.gz",
    "assoc.tsv.bgz",
    "assoc.parquet",
    "ssf.tsv.gz",
];

/// The table at `prefix`, or the tables `PREFIX.assoc.txt` or `PREFIX.TRAIT.assoc.txt` of a run, in one of the formats of jamma.
///
/// Fails with [`Error::Io`] if there is none.
pub fn tables_of(prefix: &Path) -> Result<Vec<PathBuf>> {
    if prefix.is_file() {
        return Ok(vec![prefix.to_path_buf()]);
    }
    // A table that the last run did not write is that of an earlier one.
    let known = outputs_of(prefix);
    let is_known = |path: &Path| {
        known.as_ref().is_none_or(|files| {
            files
                .iter()
                .any(|file| file.file_name() == path.file_name())
        })
    };
    let named = |suffix: &str| {
        let mut path = prefix.as_os_str().to_owned();
        path.push(format!(".{suffix}"));
        PathBuf::from(path)
    };
    let alone = SUFFIXES.iter().map(|suffix| named(suffix));
    if let Some(path) = alone
        .into_iter()
        .find(|path| path.is_file() && is_known(path))
    {
        return Ok(vec![path]);
    }
    let start = named("");
    let start = start
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = (prefix.parent()).filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let names: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    for suffix in SUFFIXES {
        let is_table = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let rest = name.strip_prefix(&start);
            rest.is_some_and(|rest| rest.ends_with(&format!(".{suffix}"))) && is_known(path)
        };
        let mut found: Vec<PathBuf> = names.iter().filter(is_table).cloned().collect();
        if !found.is_empty() {
            found.sort();
            return Ok(found);
        }
    }
    let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
    Err(Error::io("find a table of associations", prefix)(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_by_their_prefix() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in [
            "one.assoc.txt.gz",
            "many.b.assoc.txt",
            "many.a.assoc.txt",
            "manyfold.assoc.txt",
        ] {
            std::fs::write(path(name), "x").unwrap();
        }
        let found = |prefix: &str| tables_of(&path(prefix)).unwrap();
        assert_eq!(found("one"), [path("one.assoc.txt.gz")]);
        let both = [path("many.a.assoc.txt"), path("many.b.assoc.txt")];
        assert_eq!(found("many"), both);
        assert_eq!(found("many.a.assoc.txt"), [path("many.a.assoc.txt")]);
        std::fs::write(
            path("many.run.json"),
            "{\"outputs\": [{\"path\": \"o/many.b.assoc.txt\"}]}",
        )
        .unwrap();
        assert_eq!(found("many"), [path("many.b.assoc.txt")]);
        let error = tables_of(&path("none")).unwrap_err();
        assert!(error.to_string().contains("none"), "{error}");
    }
}
