//! Lists of individuals (`--keep`, `--remove`): FID and IID, or IID alone, one individual per line.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::id_header::Columns;
use super::individual::Individual;
use super::text::{Lines, count, fields};
use crate::error::{Error, Result};

const HINT: &str =
    "write FID and IID, or IID, of one individual per line; a header is #FID IID, FID IID or #IID";

/// The individuals that a file lists.
#[derive(Clone, Debug)]
pub struct IdList {
    pub(super) path: PathBuf,
    /// FID, if the file has FIDs, and IID.
    pub(super) ids: Vec<(Option<Box<str>>, Box<str>)>,
}

/// The rows of listed individuals among those of a study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRows {
    /// For each line of the list, the row of its individual; `None` if it is not in the study.
    pub of_lines: Vec<Option<usize>>,
    /// Whether each individual of the study is listed.
    pub is_listed: Vec<bool>,
    /// The listed individuals that are not in the study, each once.
    pub unknown: Vec<String>,
    /// Whether individuals were matched by IID alone although the list has FIDs, because no pair of FID and IID occurs
    /// in the study.
    pub has_other_fids: bool,
}

/// The positions of FID, if there is one, and IID in a line.
pub(super) type Places = (Option<usize>, usize);

impl IdList {
    /// Reads a list, plain or gzipped.
    ///
    /// The columns are those that a header names (`#FID IID`, `FID IID`, `#IID`, `IID`); without a header, a line is an
    /// IID if line 1 has one column, else FID and IID. Further columns are ignored, and an individual may be listed
    /// repeatedly. Fails on a line without these columns and on a list of nobody.
    pub fn read(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut places: Option<(Places, bool)> = None;
        let mut ids = Vec::new();
        while let Some((line, text)) = lines.next_line()? {
            if line == 1
                && let Some(of_header) = header(path, text)?
            {
                places = Some((of_header, true));
                continue;
            }
            let n = fields(text).count();
            let ((fid, iid), has_header) = *places.get_or_insert(match n {
                1 => ((None, 0), false),
                _ => ((Some(0), 1), false),
            });
            let is_alike = has_header || (fid.is_none() == (n == 1));
            let cell = |at: usize| fields(text).nth(at);
            let (Some(iid), true) = (cell(iid), is_alike) else {
                let what = match n {
                    1 => "the line has one column, but line 1 has FID and IID".to_owned(),
                    n => format!("the line has {}, but line 1 has one", count(n, "column")),
                };
                return Err(Error::malformed_line(path, line, what, HINT));
            };
            let fid = fid.map(|at| cell(at).unwrap_or_default().into());
            ids.push((fid, iid.into()));
        }
        if ids.is_empty() {
            return Err(Error::malformed(
                path,
                "the file lists no individuals",
                HINT,
            ));
        }
        Ok(Self {
            path: path.to_path_buf(),
            ids,
        })
    }

    /// The listed ones of `individuals`.
    ///
    /// An individual is listed by its FID and IID, or by its IID. If no pair of FID and IID of the list occurs in the
    /// study, individuals are matched by IID. Fails if an IID alone is that of several individuals, and if no
    /// individual of the list is in the study.
    pub fn rows_of(&self, individuals: &[Individual]) -> Result<ListedRows> {
        let pairs: HashMap<[&str; 2], usize> =
            (individuals.iter().map(|one| [&*one.fid, &*one.iid]))
                .zip(0..)
                .collect();
        let pair = |(fid, iid): &(Option<Box<str>>, Box<str>)| {
            let fid = fid.as_deref()?;
            pairs.get(&[fid, &**iid]).copied()
        };
        let has_fids = self.ids.iter().any(|(fid, _)| fid.is_some());
        let is_by_pair = has_fids && self.ids.iter().any(|id| pair(id).is_some());
        let iids = Iids::of(individuals);
        let mut rows = ListedRows {
            of_lines: Vec::with_capacity(self.ids.len()),
            is_listed: vec![false; individuals.len()],
            unknown: Vec::new(),
            has_other_fids: has_fids && !is_by_pair,
        };
        let mut named = std::collections::HashSet::new();
        for id in &self.ids {
            let row = if is_by_pair {
                pair(id)
            } else {
                iids.row(&id.1).map_err(|n| self.ambiguous(&id.1, n))?
            };
            rows.of_lines.push(row);
            match row {
                Some(row) => rows.is_listed[row] = true,
                None if named.insert(id) => rows.unknown.push(match &id.0 {
                    Some(fid) => format!("{fid} {}", id.1),
                    None => id.1.to_string(),
                }),
                None => {}
            }
        }
        if !rows.is_listed.contains(&true) {
            return Err(Error::inconsistent(
                format!(
                    "{}: none of the {} is in the genotype files, whose first is {}",
                    self.path.display(),
                    count(rows.unknown.len(), "listed individual"),
                    individuals[0]
                ),
                HINT,
            ));
        }
        Ok(rows)
    }

    fn ambiguous(&self, iid: &str, n: usize) -> Error {
        Error::inconsistent(
            format!(
                "{}: IID {iid} is that of {n} individuals of the genotype files",
                self.path.display()
            ),
            "list FID and IID",
        )
    }

    /// Path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The individuals by IID.
struct Iids<'a>(HashMap<&'a str, (usize, usize)>);

impl<'a> Iids<'a> {
    fn of(individuals: &'a [Individual]) -> Self {
        let mut rows = HashMap::with_capacity(individuals.len());
        for (individual, row) in individuals.iter().zip(0..) {
            rows.entry(&*individual.iid)
                .and_modify(|(_, n)| *n += 1)
                .or_insert((row, 1));
        }
        Self(rows)
    }

    /// The row of an IID; an error with their number if it is that of several individuals.
    fn row(&self, iid: &str) -> std::result::Result<Option<usize>, usize> {
        match self.0.get(iid) {
            Some(&(row, 1)) => Ok(Some(row)),
            Some(&(_, n)) => Err(n),
            None => Ok(None),
        }
    }
}

/// The places that a header names; `None` if the line is not a header.
pub(super) fn header(path: &Path, text: &str) -> Result<Option<Places>> {
    if fields(text).next() == Some("IID") {
        return Ok(Some((None, 0)));
    }
    let columns = Columns::of_header(path, text)?;
    Ok(columns.map(|columns| (columns.fid, columns.iid)))
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn study() -> Vec<Individual> {
        [("f", "a"), ("f", "b"), ("g", "c"), ("g", "b")]
            .map(|(fid, iid)| Individual {
                fid: fid.into(),
                iid: iid.into(),
            })
            .into()
    }

    fn rows(content: impl AsRef<[u8]>) -> Result<ListedRows> {
        IdList::read(file(content).path())?.rows_of(&study())
    }

    #[test]
    fn every_form_of_a_list_is_read() {
        for content in [
            "f a\ng b\n",
            "f\ta\tx y\ng\tb\n",
            "g b\nf a\ng b\n",
            "#FID IID SEX\nf a 1\ng b 2\n",
            "FID IID\r\nf a\r\ng b\r\n",
            "#IID FID\na f\nb g\n",
        ] {
            for content in [content.as_bytes().to_vec(), gzip(content)] {
                let found = rows(content).unwrap();
                assert_eq!(found.is_listed, [true, false, false, true]);
                assert!(found.unknown.is_empty() && !found.has_other_fids);
            }
        }
        for content in ["c\na\n", "#IID\nc\na\n", "IID\na\nc\n", "x c\ny a\n"] {
            let found = rows(content).unwrap();
            assert_eq!(found.is_listed, [true, false, true, false]);
            assert_eq!(found.has_other_fids, content.starts_with('x'));
        }
    }

    #[test]
    fn unknown_individuals_are_named_once() {
        let found = rows("f a\nz z\nf c\nz z\n").unwrap();
        assert_eq!(found.unknown, ["z z", "f c"]);
        assert_eq!(found.of_lines, [Some(0), None, None, None]);
    }

    #[test]
    fn a_list_that_cannot_be_matched_is_an_error() {
        assert_fails(
            rows("a\nb\n"),
            &["IID b is that of 2 individuals", "FID and IID"],
        );
        assert_fails(
            rows("z\n"),
            &["none of the 1 listed individual", "first is f a"],
        );
        assert_fails(rows(""), &["lists no individuals"]);
        assert_fails(rows("#FID IID\n"), &["lists no individuals"]);
        assert_fails(rows("f a\nb\n"), &[":2: the line has one column"]);
        assert_fails(
            rows("a\nf b\n"),
            &[":2: the line has 2 columns, but line 1 has one"],
        );
        assert_fails(rows("#FID IID\nf\n"), &[":2: the line has one column"]);
    }
}
