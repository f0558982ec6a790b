//! Id columns in `-p` and `-c` files: rows are matched by them, and their numbers are not taken for data.
//!
//! A file may start with FID and IID, or with IID alone. If most of its rows then name individuals of the study, rows
//! are matched by these columns. Numbers can be ids as well as phenotypes. A single column of small integers is
//! therefore taken for ids only if nearly every row is a different individual, and it is an error if the order is not
//! that of the study.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::id_index::Index;
use super::individual::{Individual, have_ids};
use super::suspect::unquoted;
use super::text::{count, quoted};
use crate::error::{Error, Result};

/// Number of rows that are examined first.
const SAMPLED: usize = 100;
/// Maximum number of individuals that a note names.
const NAMED: usize = 5;

/// The first two cells of every row.
#[derive(Default)]
pub(super) struct IdCells {
    text: String,
    ends: Vec<[usize; 2]>,
    /// Number of columns in the file.
    width: usize,
}

impl IdCells {
    pub(super) fn push(&mut self, cells: &[&str]) {
        self.width = cells.len();
        let mut ends = [0; 2];
        for (k, end) in ends.iter_mut().enumerate() {
            self.text
                .push_str(cells.get(k).copied().unwrap_or_default());
            *end = self.text.len();
        }
        self.ends.push(ends);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, row: usize) -> [&str; 2] {
        let start = if row == 0 { 0 } else { self.ends[row - 1][1] };
        let [first, second] = self.ends[row];
        [&self.text[start..first], &self.text[first..second]]
    }

    fn column(&self, k: usize) -> impl Iterator<Item = &str> {
        (0..self.len()).map(move |row| self.get(row)[k])
    }

    fn is_text(&self, k: usize) -> bool {
        self.column(k).any(is_text)
    }

    fn is_all_text(&self, k: usize) -> bool {
        self.column(k).all(is_text)
    }

    /// Whether the columns are probably FID and IID: the same integer twice in every row, before other columns, and
    /// more widely spread than counts.
    fn are_equal_numbers(&self) -> bool {
        let (mut least, mut most) = (i64::MAX, i64::MIN);
        let is_equal = self.width > 2
            && (0..self.len()).all(|row| {
                let [first, second] = self.get(row);
                let number = first.parse::<i64>().ok().filter(|_| first == second);
                least = least.min(number.unwrap_or(i64::MAX));
                most = most.max(number.unwrap_or(i64::MIN));
                number.is_some()
            });
        is_equal && most.saturating_sub(least) > 20 * self.len() as i64
    }

    fn is_constant(&self, k: usize) -> bool {
        self.column(k).all(|cell| cell == self.get(0)[k])
    }
}

fn is_text(cell: &str) -> bool {
    !cell.is_empty() && cell != "NA" && unquoted(cell).parse::<f64>().is_err()
}

/// The columns by which rows are matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// FID and IID in columns 1 and 2.
    FidIid,
    /// IID in column 1.
    Iid,
    /// IID in column 2; the FIDs in column 1 differ from the `.fam`.
    IidSecond,
}

impl Key {
    /// Number of columns before the data.
    pub(super) fn n_columns(self) -> usize {
        match self {
            Self::Iid => 1,
            Self::FidIid | Self::IidSecond => 2,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::FidIid => "FID and IID (columns 1 and 2)",
            Self::Iid => "IID (column 1)",
            Self::IidSecond => "IID (column 2); the FIDs in column 1 differ from the .fam",
        }
    }

    /// The content of column `column`, counted from 1.
    pub(super) fn of_column(self, column: usize) -> &'static str {
        match (self, column) {
            (Self::FidIid | Self::IidSecond, 1) => "family id (FID)",
            _ => "individual id (IID)",
        }
    }
}

/// Rows matched to individuals by id.
pub(super) struct Matching {
    pub(super) key: Key,
    /// The individual of each row, `None` if it is not in the study.
    pub(super) individuals: Vec<Option<usize>>,
}

impl Matching {
    /// The row of each of `n` individuals.
    pub(super) fn rows(&self, n: usize) -> Vec<Option<usize>> {
        let mut rows = vec![None; n];
        for (row, individual) in self.individuals.iter().enumerate() {
            if let Some(i) = individual {
                rows[*i] = Some(row);
            }
        }
        rows
    }

    /// Notes for the user.
    ///
    /// * `what`: what individuals without a row are missing
    pub(super) fn notes(
        &self,
        path: &Path,
        cells: &IdCells,
        individuals: &[Individual],
        what: &str,
    ) -> Vec<String> {
        let path = path.display();
        let mut notes = vec![format!(
            "{path}: rows were matched to the individuals of the .fam by {}",
            self.key.words()
        )];
        let rows = self.rows(individuals.len());
        let absent = individuals
            .iter()
            .zip(&rows)
            .filter(|(_, row)| row.is_none());
        let absent: Vec<String> = absent.map(|(i, _)| i.to_string()).collect();
        if !absent.is_empty() {
            notes.push(format!(
                "{path}: {} of the .fam without a row, and therefore without {what}: {}",
                count(absent.len(), "individual"),
                named(&absent)
            ));
        }
        let unknown = (0..cells.len()).filter(|&row| self.individuals[row].is_none());
        let unknown: Vec<String> = unknown
            .map(|row| match (self.key, cells.get(row)) {
                (Key::Iid, [iid, _]) => iid.to_owned(),
                (_, [fid, iid]) => format!("{fid} {iid}"),
            })
            .collect();
        if !unknown.is_empty() {
            notes.push(format!(
                "{path}: excluded {} of individuals not in the .fam: {}",
                count(unknown.len(), "row"),
                named(&unknown)
            ));
        }
        notes
    }
}

/// The first few of `names`, and the number of the others.
pub(crate) fn named(names: &[String]) -> String {
    let first = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Matches rows to individuals if the first columns are ids of the study; `None` if they are data.
///
/// Fails if an individual has two rows, if ids cannot be distinguished from data, or if the ids are not those of the
/// study.
pub(super) fn find(
    path: &Path,
    cells: &IdCells,
    individuals: &[Individual],
) -> Result<Option<Matching>> {
    let (r, n) = (cells.len(), individuals.len());
    if r == 0 || !have_ids(individuals) {
        return Ok(None);
    }
    // If these were ids, at least half of the rows would match.
    let sample = (0..r)
        .step_by(r.div_ceil(SAMPLED))
        .flat_map(|row| cells.get(row));
    let is_data = || !cells.is_text(0) && !cells.is_text(1) && !cells.are_equal_numbers();
    if r == n && Index::has_none_of(individuals, sample) && is_data() {
        return Ok(None);
    }
    let index = Index::new(individuals);
    let least = r.min(n);
    let accept = |key, individuals| checked(path, Matching { key, individuals }, cells).map(Some);
    let pairs: Vec<_> = (0..r).map(|row| index.pair(cells.get(row))).collect();
    let n_pairs = n_distinct(&pairs);
    let n_found = pairs.iter().flatten().count();
    let is_certain = if cells.is_text(0) || cells.is_text(1) || index.is_sparse {
        n_pairs >= 2.min(least) && 2 * n_pairs >= least
    } else {
        // Small numbers: nearly every row must be a different individual, and the FID must not be an intercept.
        n_pairs >= 2.min(least)
            && 10 * n_pairs >= 9 * least
            && 10 * n_pairs >= 9 * n_found
            && !cells.is_constant(0)
    };
    if is_certain {
        return accept(Key::FidIid, pairs);
    }
    for (k, key) in [(0, Key::Iid), (1, Key::IidSecond)] {
        let rows: Vec<_> = cells.column(k).map(|cell| index.iid(cell)).collect();
        let found = n_distinct(&rows);
        let is_text = cells.is_text(k);
        if is_text && found == 0 && 2 * index.n_ambiguous(cells.column(k)) >= r {
            return Err(ambiguous_ids(path, k, "individual ids (IID)"));
        }
        if is_text || index.is_sparse {
            if found >= 2.min(least) && 2 * found >= least {
                return accept(key, rows);
            }
        } else if 10 * found >= 9 * least
            && found >= 3
            && (k == 0 || cells.is_text(0) || cells.is_constant(0) && cells.get(0)[0] == "0")
        {
            let is_in_order = r == n && rows.iter().zip(0..).all(|(row, i)| *row == Some(i));
            if !is_in_order && r == n {
                return Err(ids_or_data(path, k));
            }
            return accept(key, rows);
        }
    }
    reject_other_ids(path, cells, individuals, &index)?;
    Ok(None)
}

fn n_distinct(rows: &[Option<usize>]) -> usize {
    rows.iter().flatten().collect::<HashSet<_>>().len()
}

/// Fails if an individual has two rows.
fn checked(path: &Path, matching: Matching, cells: &IdCells) -> Result<Matching> {
    let mut first = HashMap::new();
    for (row, individual) in matching.individuals.iter().enumerate() {
        let Some(individual) = individual else {
            continue;
        };
        if let Some(earlier) = first.insert(individual, row) {
            let [one, two] = cells.get(row);
            let id = match matching.key {
                Key::FidIid => format!("{one} {two}"),
                Key::Iid => one.to_owned(),
                Key::IidSecond => two.to_owned(),
            };
            return Err(Error::malformed_line(
                path,
                row as u64 + 1,
                format!("duplicate individual {id}, first on line {}", earlier + 1),
                "give each individual only one row",
            ));
        }
    }
    Ok(matching)
}

fn ambiguous_ids(path: &Path, k: usize, what: &str) -> Error {
    Error::malformed(
        path,
        format!(
            "column {} holds {what} that several individuals of the .fam share",
            k + 1
        ),
        "give FID and IID in columns 1 and 2, or remove the ids and give the rows in the order of the .fam",
    )
}

fn ids_or_data(path: &Path, k: usize) -> Error {
    Error::malformed(
        path,
        format!(
            "column {} has the individual ids (IID) of the .fam in another order: they may be ids or data",
            k + 1
        ),
        "give FID and IID in columns 1 and 2 to match rows by id; if the column is data, give the rows in the order of \
         the .fam and this column in a separate file",
    )
}

/// Fails if the first columns are texts that differ in every row, or family ids in another order: ids of another study.
fn reject_other_ids(
    path: &Path,
    cells: &IdCells,
    individuals: &[Individual],
    index: &Index<'_>,
) -> Result<()> {
    let r = cells.len();
    if cells.is_text(0) {
        let fids: HashSet<&str> = individuals.iter().map(|i| &*i.fid).collect();
        let n_fids = cells.column(0).filter(|cell| fids.contains(cell)).count();
        let is_in_order =
            r == individuals.len() && cells.column(0).zip(individuals).all(|(c, i)| c == &*i.fid);
        if is_in_order && !cells.is_text(1) {
            return Ok(());
        }
        if 2 * n_fids >= r && !cells.is_text(1) && fids.len() > 2 {
            return Err(Error::malformed(
                path,
                "column 1 holds family ids (FID) of the .fam in another order, which do not identify individuals",
                "give FID and IID in columns 1 and 2, or remove the ids and give the rows in the order of the .fam",
            ));
        }
    }
    let both = cells.is_all_text(1) && (cells.is_all_text(0) || cells.is_constant(0))
        || cells.are_equal_numbers();
    if r < 2 || !(both || cells.is_all_text(0)) {
        return Ok(());
    }
    let id = |row: usize| {
        let [one, two] = cells.get(row);
        if both {
            format!("{one} {two}")
        } else {
            one.to_owned()
        }
    };
    let n_different = (0..r).map(id).collect::<HashSet<_>>().len();
    if n_different < r {
        return Ok(());
    }
    let is_known = |&row: &usize| {
        let [one, two] = cells.get(row);
        index.pair([one, two]).is_some() || index.iid(if both { two } else { one }).is_some()
    };
    let n_known = (0..r).filter(is_known).count();
    let other = (0..r)
        .find(|row| !is_known(row))
        .map(id)
        .unwrap_or_default();
    let columns = if both {
        "columns 1 and 2 look"
    } else {
        "column 1 looks"
    };
    Err(Error::malformed(
        path,
        format!(
            "{columns} like ids, but {} of the {r} {} in the .fam; the first missing one is {}",
            if n_known == 0 {
                "none".to_owned()
            } else {
                format!("only {n_known}")
            },
            if n_known > 1 { "are" } else { "is" },
            quoted(&other)
        ),
        "give FID and IID spelled as in the .fam, or remove the ids and give the rows in the order of the .fam",
    ))
}
