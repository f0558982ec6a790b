//! Which program wrote a kinship file, by its name and its first lines.

use super::layout::Layout;
use crate::error::{Error, Result};
use crate::io::ids::id_path_for;
use crate::io::npy::is_npy;
use std::path::{Path, PathBuf};

/// What a kinship file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// A square matrix of jamma, GEMMA or NumPy, with jamma's ids next to it or in the order of the genotypes.
    Plain,
    /// A square matrix of EMMAX, without ids.
    Kinf,
    /// PLINK's text.
    Rel,
    /// PLINK's binary file.
    RelBinary,
    /// GCTA's binary file.
    GrmBinary,
    /// GCTA's text.
    GrmPairs,
    /// Text with names.
    Named(Layout),
}

/// Endings of files that are not a relationship matrix: the ending, what the file is, and a hint.
const OTHERS: &[(&str, &str, &str)] = &[
    (".king", KING, MAKE_REL),
    (".king.gz", KING, MAKE_REL),
    (".king.bin", KING, MAKE_REL),
    (".king.zst", KING, MAKE_REL),
    (".kin0", KING, MAKE_REL),
    (".kin", KING, MAKE_REL),
    (
        ".grm.n.bin",
        "the numbers of SNPs of a GCTA matrix, not the matrix",
        "give the matrix: -k PREFIX.grm.bin",
    ),
    (
        ".grm.id",
        "the ids of a matrix, not the matrix",
        "give the matrix: -k PREFIX.grm.bin or -k PREFIX.grm.gz",
    ),
    (
        ".rel.id",
        "the ids of a matrix, not the matrix",
        "give the matrix: -k PREFIX.rel or -k PREFIX.rel.bin",
    ),
    (
        ".grm.sp",
        "a sparse matrix of GCTA, in which small relationships are set to 0",
        "give the whole matrix from which it was made: -k PREFIX.grm.bin",
    ),
];
const KING: &str =
    "a table of KING kinship coefficients, which may be -inf and are half a relationship";
const MAKE_REL: &str = "give a relationship matrix (plink2 --make-rel, then -k PREFIX.rel), or omit -k to compute the kinship from the genotypes";

impl Format {
    /// The format of the file at `path`. A pipe, which can be read only once, is not opened and counts as plain.
    ///
    /// Fails if the name is that of a file that does not contain relationships.
    pub fn of(path: &Path) -> Result<Self> {
        let name = name_of(path);
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if let Some((_, what, hint)) = OTHERS.iter().find(|(ending, ..)| ends(&[ending])) {
            let what = format!("{} is {what}", path.display());
            return Err(Error::option("-k", what, *hint));
        }
        Ok(if ends(&[".kinf", ".kinf.gz"]) {
            Self::Kinf
        } else if ends(&[".rel.bin"]) {
            Self::RelBinary
        } else if ends(&[".rel", ".rel.gz", ".rel.zst"]) {
            Self::Rel
        } else if ends(&[".grm.bin"]) {
            Self::GrmBinary
        } else if ends(&[".grm.gz", ".grm"]) {
            Self::GrmPairs
        } else if is_npy(path) || !path.is_file() {
            Self::Plain
        } else {
            Layout::of(path).map_or(Self::Plain, Self::Named)
        })
    }

    /// Whether rows are identified by ids in a file next to the matrix.
    #[must_use]
    pub fn has_id_file(&self) -> bool {
        matches!(
            self,
            Self::Rel | Self::RelBinary | Self::GrmBinary | Self::GrmPairs
        )
    }
}

/// The name of a file in lower case.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().to_ascii_lowercase()
}

/// The path of the ids of the matrix at `path`: `X.grm.id` for `X.grm.bin`, `X.rel.id` for `X.rel.bin`, and otherwise
/// that of [`id_path_for`].
#[must_use]
pub fn id_path_of(path: &Path) -> PathBuf {
    let name = name_of(path);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let mut of_whole_name = path.as_os_str().to_owned();
    of_whole_name.push(".id");
    let of_whole_name = PathBuf::from(of_whole_name);
    if ends(&[".rel.bin"]) && of_whole_name.exists() {
        return of_whole_name;
    }
    if ends(&[".rel.bin", ".rel.gz", ".rel.zst", ".grm.bin", ".grm.gz"]) {
        return path.with_extension("id");
    }
    if ends(&[".rel", ".grm"]) {
        return of_whole_name;
    }
    id_path_for(path)
}

/// The matrix file that `path` names: the file itself or, if there is none, GCTA's file with this prefix.
#[must_use]
pub fn located(path: &Path) -> PathBuf {
    if std::fs::symlink_metadata(path).is_ok() {
        return path.to_path_buf();
    }
    let is_grm = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("grm"));
    let endings: &[&str] = if is_grm {
        &[".bin", ".gz"]
    } else {
        &[".grm.bin", ".grm.gz"]
    };
    let with = |ending: &&str| {
        let mut whole = path.as_os_str().to_owned();
        whole.push(ending);
        PathBuf::from(whole)
    };
    let found = endings.iter().map(with).find(|whole| whole.is_file());
    found.unwrap_or_else(|| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_format_and_the_ids() {
        for (name, format, ids) in [
            ("d.x/a.rel", Format::Rel, "d.x/a.rel.id"),
            ("a.rel.gz", Format::Rel, "a.rel.id"),
            ("a.rel.bin", Format::RelBinary, "a.rel.id"),
            ("a.grm.bin", Format::GrmBinary, "a.grm.id"),
            ("a.b.grm.gz", Format::GrmPairs, "a.b.grm.id"),
            ("a.grm", Format::GrmPairs, "a.grm.id"),
            ("a.hBN.kinf", Format::Kinf, "a.hBN.kinf.id"),
            ("a.cXX.txt", Format::Plain, "a.cXX.id"),
            ("a.cXX.npy", Format::Plain, "a.cXX.id"),
        ] {
            let path = Path::new(name);
            assert_eq!(Format::of(path).unwrap(), format, "{name}");
            assert_eq!(id_path_of(path), Path::new(ids));
        }
        for name in [
            "a.king.bin",
            "a.kin0",
            "a.grm.N.bin",
            "a.grm.id",
            "a.grm.sp",
        ] {
            let error = Format::of(Path::new(name)).unwrap_err();
            assert!(error.hint().unwrap().contains("-k PREFIX"), "{name}");
        }
    }

    #[test]
    fn a_prefix_names_the_files_of_gcta() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        assert_eq!(located(&at("x")), at("x"));
        std::fs::write(at("x.grm.gz"), "").unwrap();
        assert_eq!(located(&at("x")), at("x.grm.gz"));
        std::fs::write(at("x.grm.bin"), "").unwrap();
        assert_eq!(located(&at("x")), at("x.grm.bin"));
        assert_eq!(located(&at("x.grm")), at("x.grm.bin"));
        std::fs::write(at("x"), "").unwrap();
        assert_eq!(located(&at("x")), at("x"));
    }
}
