//! The `.id` file beside a matrix: which individual each of its rows is.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fam::{Individual, check_unique, check_unique_sometimes, refuse_header};
use super::text::{Lines, count, fields};
use crate::error::{Error, Result};

/// Where the ids of a matrix file stand: `out/m.cXX.id` for `out/m.cXX.txt`, `out/m.cXX.npy` and `out/m.cXX.txt.gz`.
pub fn id_path_for(matrix_path: &Path) -> PathBuf {
    let mut path = matrix_path.to_path_buf();
    if path.extension().is_some_and(|extension| extension == "gz") {
        path.set_extension("");
    }
    if path
        .extension()
        .is_some_and(|extension| extension == "txt" || extension == "npy")
    {
        path.set_extension("");
    }
    let mut path = path.into_os_string();
    path.push(".id");
    path.into()
}

/// How much younger than its ids a matrix may be, before it may have been replaced without them: copying takes a while.
const YOUNGER: Duration = Duration::from_secs(60);

/// Whether the matrix file is so much younger than the ids at `path` that another program may have replaced it.
#[must_use]
pub fn is_outlived_by(path: &Path, matrix: &Path) -> bool {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified());
    match (modified(path), modified(matrix)) {
        (Ok(ids), Ok(matrix)) => matrix.duration_since(ids).is_ok_and(|age| age > YOUNGER),
        _ => false,
    }
}

/// Reads an `.id` file: FID and IID, one individual per line, no header.
///
/// Fails on a line without exactly two columns, on an individual who stands twice, and on a file without a line.
pub fn read_ids(path: &Path) -> Result<Vec<Individual>> {
    let mut lines = Lines::open(path)?;
    let mut individuals = Vec::new();
    while let Some((line, text)) = lines.next_line()? {
        if line == 1 {
            refuse_header(path, text)?;
        }
        let mut columns = fields(text);
        let (Some(fid), Some(iid), None) = (columns.next(), columns.next(), columns.next()) else {
            return Err(Error::malformed_line(
                path,
                line,
                format!(
                    "the line has {}, 2 are expected",
                    count(fields(text).count(), "column")
                ),
                "give FID and IID of each row of the matrix",
            ));
        };
        individuals.push(Individual {
            fid: fid.into(),
            iid: iid.into(),
        });
        check_unique_sometimes(path, &individuals)?;
    }
    if individuals.is_empty() {
        return Err(Error::malformed(
            path,
            "the file lists no individual",
            "give FID and IID of each row of the matrix",
        ));
    }
    check_unique(path, &individuals)?;
    Ok(individuals)
}

/// For each wanted individual its 0-based row in the file that `ids_in_file` was read from.
///
/// Fails where one is not there, naming the first and the number of those missing.
pub fn match_ids(
    path: &Path,
    ids_in_file: &[Individual],
    wanted: &[Individual],
) -> Result<Vec<usize>> {
    let rows: HashMap<_, _> = ids_in_file.iter().zip(0..).collect();
    let matched: Vec<_> = wanted
        .iter()
        .filter_map(|individual| rows.get(individual).copied())
        .collect();
    if let Some(missing) = wanted.iter().find(|&wanted| !rows.contains_key(wanted)) {
        return Err(Error::inconsistent(
            format!(
                "{} lacks {} of {}, the first is {missing}",
                path.display(),
                wanted.len() - matched.len(),
                count(wanted.len(), "analysed individual")
            ),
            "give a matrix that covers every analysed individual, with the same FIDs and IIDs",
        ));
    }
    Ok(matched)
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    #[test]
    fn a_matrix_much_younger_than_its_ids_is_noticed() {
        let (ids, matrix) = (file("f\ta\n"), file("1\n"));
        assert!(!is_outlived_by(ids.path(), matrix.path()));
        let long_ago = std::time::SystemTime::now() - 2 * YOUNGER;
        ids.as_file().set_modified(long_ago).unwrap();
        assert!(is_outlived_by(ids.path(), matrix.path()));
    }

    fn read(content: impl AsRef<[u8]>) -> Result<Vec<Individual>> {
        read_ids(file(content).path())
    }

    fn individual(fid: &str, iid: &str) -> Individual {
        Individual {
            fid: fid.into(),
            iid: iid.into(),
        }
    }

    #[test]
    fn the_ids_stand_beside_the_matrix() {
        for (matrix, ids) in [
            ("out/m.cXX.txt", "out/m.cXX.id"),
            ("m.cXX.npy", "m.cXX.id"),
            ("m.cXX.txt.gz", "m.cXX.id"),
            ("m.npy.gz", "m.id"),
            ("x.eigenU.txt", "x.eigenU.id"),
            ("a.b/m.cXX", "a.b/m.cXX.id"),
            ("m.txt.txt", "m.txt.id"),
        ] {
            assert_eq!(id_path_for(Path::new(matrix)), Path::new(ids));
        }
    }

    #[test]
    fn ids_are_read_in_order() {
        let text = "f1\ta\nf2 b\nf1\tb\n";
        let expected = [
            individual("f1", "a"),
            individual("f2", "b"),
            individual("f1", "b"),
        ];
        for content in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
        ] {
            assert_eq!(read(&content).unwrap(), expected);
            assert_eq!(read(gzip(&content)).unwrap(), expected);
        }
    }

    #[test]
    fn malformed_ids_are_named() {
        assert_fails(read("f a\nb\n"), &[":2: the line has 1 column, 2 are"]);
        assert_fails(read("#FID IID\nf a\n"), &[":1: the first line is a header"]);
        assert_fails(read("f a x\n"), &[":1: the line has 3 columns"]);
        assert_fails(
            read("f a\nf b\nf a\n"),
            &[":3: individual f a stands on line 1"],
        );
        assert_fails(read(""), &["lists no individual"]);
    }

    #[test]
    fn wanted_individuals_get_their_rows() {
        let path = Path::new("m.cXX.id");
        let ids = [
            individual("f", "a"),
            individual("f", "b"),
            individual("g", "a"),
        ];
        let wanted = [ids[2].clone(), ids[0].clone()];
        assert_eq!(match_ids(path, &ids, &wanted).unwrap(), [2, 0]);
        let wanted = [ids[1].clone(), individual("g", "b"), individual("h", "h")];
        assert_fails(
            match_ids(path, &ids, &wanted),
            &[
                "m.cXX.id lacks 2 of 3 analysed individuals, the first is g b",
                "FIDs",
            ],
        );
    }
}
