//! Finds the files of a prefix, and recognises what else was given to `--pfile`.

use crate::error::{Error, Result, escaped};
use crate::io::regular::check_regular;
use crate::sources::plink_path;
use std::path::{Path, PathBuf};

/// Names of the file of SNPs, in the order in which they are looked for; the compression is recognised by content.
const PVAR: [&str; 3] = ["pvar", "pvar.zst", "pvar.gz"];

/// The file of SNPs, with a note if there is another one that is not read.
///
/// Fails if one of the three files does not exist or is not a regular file.
pub(super) fn find(prefix: &Path, pgen: &Path, psam: &Path) -> Result<(PathBuf, Vec<String>)> {
    let check = |path: &Path| check_regular(path).map_err(|error| explained(prefix, error));
    check(pgen)?;
    let paths = PVAR.map(|extension| plink_path(prefix, extension));
    let mut found = paths.iter().filter(|path| path.exists());
    let Some(pvar) = found.next() else {
        return Err(explained(
            prefix,
            check_regular(&paths[0]).expect_err("it does not exist"),
        ));
    };
    check(pvar)?;
    check(psam)?;
    let notes = found.map(|other| {
        format!(
            "{} is ignored, because {} exists",
            other.display(),
            pvar.display()
        )
    });
    Ok((pvar.clone(), notes.collect()))
}

/// The error about a missing file, or what `prefix` is instead of a prefix of PLINK 2 files.
fn explained(prefix: &Path, error: Error) -> Error {
    let given = prefix.to_string_lossy();
    let option = |what: &str, hint: String| {
        let given = escaped(&given);
        let what = format!(
            "{given} is {what}; expected the prefix of PLINK 2 files (.pgen, .pvar, .psam)"
        );
        Error::option("--pfile", what, hint)
    };
    let extensions = ["pgen", "psam"].into_iter().chain(PVAR);
    for extension in extensions {
        let stem = given
            .strip_suffix(extension)
            .and_then(|stem| stem.strip_suffix('.'));
        if let Some(stem) = stem.filter(|stem| !stem.is_empty()) {
            let hint = format!("omit the extension: --pfile {}", escaped(stem));
            return option("the name of one file", hint);
        }
    }
    if prefix.is_dir() {
        return option(
            "a directory",
            "give the prefix of the files in it: --pfile DIRECTORY/PREFIX".into(),
        );
    }
    let exists = |extension| plink_path(prefix, extension).exists();
    if exists("bed") && !exists("pgen") {
        return option(
            "the prefix of PLINK 1 files (.bed, .bim, .fam)",
            format!("use -bfile {}", escaped(&given)),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(prefix: &Path) -> String {
        let [pgen, psam] = ["pgen", "psam"].map(|extension| plink_path(prefix, extension));
        let error = find(prefix, &pgen, &psam).unwrap_err();
        format!("{error}\n{}", error.hint().unwrap_or_default())
    }

    #[test]
    fn something_else_than_a_prefix_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["x.bed", "y.pgen", "y.psam"] {
            std::fs::write(at(name), "").unwrap();
        }
        for (prefix, part) in [
            ("x", "use -bfile "),
            ("y.pgen", "omit the extension: --pfile "),
            ("z.pvar.zst", "omit the extension"),
            ("", "a directory"),
            ("y", "y.pvar: cannot open"),
            ("z", "z.pgen: cannot open"),
        ] {
            let text = message(&at(prefix));
            assert!(text.contains(part), "{prefix}: {text}");
        }
    }

    #[test]
    fn an_uncompressed_pvar_takes_precedence_with_a_note() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["x.pgen", "x.psam", "x.pvar", "x.pvar.zst"] {
            std::fs::write(at(name), "").unwrap();
        }
        let (pvar, notes) = find(&at("x"), &at("x.pgen"), &at("x.psam")).unwrap();
        assert_eq!(pvar, at("x.pvar"));
        assert!(notes[0].contains("x.pvar.zst is ignored"), "{notes:?}");
    }
}
