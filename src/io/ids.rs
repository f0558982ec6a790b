//! The `.id` file next to a matrix: the individuals of its rows.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fam::check_unique_sometimes;
use super::id_header::Columns;
pub use super::id_header::NUMBERS;
pub(crate) use super::id_header::UNSEAL_HINT;
use super::individual::{Individual, have_ids};
use super::seal::{self, Seal};
use super::text::{Lines, count, fields};
use crate::error::{Error, Result};

/// Path of the ids of a matrix file: `out/m.cXX.id` for `out/m.cXX.txt`, `out/m.cXX.npy` and `out/m.cXX.txt.gz`.
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

/// A matrix may be this much newer than its ids, because copying takes a while; otherwise it may have been replaced
/// without them.
const YOUNGER: Duration = Duration::from_mins(1);

/// Whether the matrix file is so much newer than the ids at `path` that another program may have replaced it.
#[must_use]
pub fn is_outlived_by(path: &Path, matrix: &Path) -> bool {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified());
    match (modified(path), modified(matrix)) {
        (Ok(ids), Ok(matrix)) => matrix.duration_since(ids).is_ok_and(|age| age > YOUNGER),
        _ => false,
    }
}

/// An `.id` file: the individuals of the rows of a matrix, and the checksums that tie it to that matrix.
#[derive(Clone, Debug)]
pub struct IdFile {
    path: PathBuf,
    individuals: Vec<Individual>,
    has_fids: bool,
    seals: Vec<Seal>,
}

impl IdFile {
    /// Reads the ids next to the matrix at `matrix_path`; `None` only if there is no such file.
    pub fn beside(matrix_path: &Path) -> Result<Option<Self>> {
        let path = id_path_for(matrix_path);
        match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            // A path that no file can have.
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Ok(None),
            Err(error) => Err(Error::io("open", &path)(error)),
            Ok(_) => Self::read(&path).map(Some),
        }
    }

    /// Reads FID and IID, one individual per line, or the columns that a header names: `#FID IID`, `#IID`, `FID IID`, or
    /// [`NUMBERS`] for the numbers of individuals without ids.
    ///
    /// Fails on a line without these columns, a duplicate individual, a file without individuals, and ids that were
    /// changed after they were written with checksums.
    pub fn read(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut file = Self {
            path: path.to_path_buf(),
            individuals: Vec::new(),
            has_fids: true,
            seals: Vec::new(),
        };
        let mut columns = Columns::default();
        let mut at_lines = Vec::new();
        while let Some((line, text)) = lines.next_line()? {
            if line == 1
                && let Some(named) = Columns::of_header(path, text)?
            {
                (columns, file.has_fids) = (named, named.fid.is_some());
            } else if fields(text).next() == Some(seal::MARK) {
                file.seals.push(seal_of(path, line, text)?);
            } else {
                file.individuals.push(columns.individual(path, line, text)?);
                at_lines.push(line);
                check_unique_sometimes(path, &file.individuals)?;
            }
        }
        if file.individuals.is_empty() {
            return Err(Error::malformed(
                path,
                "the file lists no individuals",
                "give the FID and IID of each row of the matrix",
            ));
        }
        file.check_unique(&at_lines)?;
        // PLINK writes 0 if there is no family id.
        file.has_fids &= file.individuals.iter().any(|one| &*one.fid != "0");
        let ids = seal::digest_of_ids(&file.individuals);
        if file.seals.iter().any(|seal| seal.ids != ids) {
            return Err(Error::malformed(
                path,
                "the ids were changed after they were written with their matrix: their checksum differs",
                UNSEAL_HINT,
            ));
        }
        Ok(file)
    }

    /// The individuals of a matrix at `path` that contains their names as IIDs, each once.
    pub(super) fn of_names(path: &Path, names: Vec<Box<str>>) -> Self {
        let individual = |iid| Individual {
            fid: "0".into(),
            iid,
        };
        Self {
            path: path.to_path_buf(),
            individuals: names.into_iter().map(individual).collect(),
            has_fids: false,
            seals: Vec::new(),
        }
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The individuals in the order of the rows.
    pub fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    /// The checksums; none in a file from another program.
    pub fn seals(&self) -> &[Seal] {
        &self.seals
    }

    fn check_unique(&self, at_lines: &[u64]) -> Result<()> {
        let mut lines = HashMap::with_capacity(self.individuals.len());
        for (individual, &line) in self.individuals.iter().zip(at_lines) {
            if let Some(earlier) = lines.insert(individual, line) {
                return Err(Error::malformed_line(
                    &self.path,
                    line,
                    format!("duplicate individual {individual}, first on line {earlier}"),
                    "give each individual its own pair of FID and IID",
                ));
            }
        }
        Ok(())
    }

    /// The 0-based row of each wanted individual, and a note for the user.
    ///
    /// Rows are matched by FID and IID. If FIDs differ, rows are matched by IID alone, provided that every wanted IID
    /// occurs once in this file and once in `everybody`.
    ///
    /// Fails if wanted individuals are missing; the error names the first and gives their number.
    pub fn rows_of(
        &self,
        wanted: &[Individual],
        everybody: &[Individual],
    ) -> Result<(Vec<usize>, Option<String>)> {
        if !have_ids(&self.individuals) || !have_ids(everybody) {
            return self.rows_in_order(wanted, everybody);
        }
        let rows: HashMap<_, _> = self.individuals.iter().zip(0..).collect();
        let exact: Vec<Option<usize>> = wanted.iter().map(|one| rows.get(one).copied()).collect();
        if exact.iter().all(Option::is_some) {
            return Ok((exact.into_iter().flatten().collect(), None));
        }
        let by_iid = Iids::new(&self.individuals);
        let by_iid_there = Iids::new(everybody);
        let matched: Vec<Option<usize>> = wanted
            .iter()
            .map(|one| {
                by_iid
                    .only(&one.iid)
                    .filter(|_| by_iid_there.is_unique(&one.iid))
            })
            .collect();
        if matched.iter().all(Option::is_some) {
            let rows: Vec<usize> = matched.into_iter().flatten().collect();
            let note = self.matched_by_iid(wanted, &rows);
            return Ok((rows, Some(note)));
        }
        Err(self.missing_individuals(wanted, &exact, &by_iid, &by_iid_there))
    }

    /// The rows of the wanted individuals if there are no ids here or there: both must be of equally many individuals,
    /// in the same order and, if both are numbered, of the same numbers.
    fn rows_in_order(
        &self,
        wanted: &[Individual],
        everybody: &[Individual],
    ) -> Result<(Vec<usize>, Option<String>)> {
        let (path, are_numbered) = (self.path.display(), !have_ids(&self.individuals));
        let (n, n_there) = (self.individuals.len(), everybody.len());
        if n != n_there {
            return Err(Error::inconsistent(
                format!(
                    "{path} lists {}, but there are {n_there}, which cannot be matched because {} no ids",
                    count(n, "individual"),
                    if are_numbered {
                        "it has"
                    } else {
                        "the genotypes have"
                    }
                ),
                "give a matrix of the same individuals, in their order",
            ));
        }
        if are_numbered && !have_ids(everybody) {
            let differs = |(here, there): &(&Individual, &Individual)| here != there;
            if let Some((here, there)) = self.individuals.iter().zip(everybody).find(differs) {
                return Err(Error::inconsistent(
                    format!("{path} is of other individuals: {here} there is {there} in this run"),
                    "recompute the matrix for the same phenotype (-n, -p) and covariates (-c)",
                ));
            }
        }
        let rows: HashMap<_, _> = everybody.iter().zip(0..).collect();
        let note = (are_numbered == have_ids(everybody)).then(|| {
            format!(
                "{path}: {}; rows are assumed to be the individuals in their order",
                if are_numbered {
                    "it has no ids"
                } else {
                    "its ids are not used, because the genotypes have none"
                }
            )
        });
        Ok((wanted.iter().map(|one| rows[one]).collect(), note))
    }

    fn matched_by_iid(&self, wanted: &[Individual], rows: &[usize]) -> String {
        let path = self.path.display();
        if !self.has_fids {
            return format!("{path}: no family ids; rows were matched by individual id");
        }
        let others = || {
            let pairs = wanted.iter().zip(rows);
            pairs.filter(|&(one, &row)| *one != self.individuals[row])
        };
        let (first, &row) = others()
            .next()
            .expect("some individual did not match exactly");
        format!(
            "{path}: the family ids of {} differ from the .fam (the first is {} here and {first} there); \
             rows were matched by individual id",
            count(others().count(), "analysed individual"),
            self.individuals[row]
        )
    }

    fn missing_individuals(
        &self,
        wanted: &[Individual],
        exact: &[Option<usize>],
        here: &Iids,
        there: &Iids,
    ) -> Error {
        let missing: Vec<&Individual> = wanted
            .iter()
            .zip(exact)
            .filter(|(one, row)| {
                let is_known = here.only(&one.iid).is_some() && there.is_unique(&one.iid);
                row.is_none() && (self.has_fids || !is_known)
            })
            .map(|(one, _)| one)
            .collect();
        let known: Vec<_> = missing
            .iter()
            .filter(|one| here.row(&one.iid).is_some())
            .collect();
        let first = missing
            .iter()
            .find(|one| here.row(&one.iid).is_none())
            .unwrap_or(&missing[0]);
        let what = format!(
            "{} lacks {} of {}, the first is {first}",
            self.path.display(),
            missing.len(),
            count(wanted.len(), "analysed individual")
        );
        let Some(known_first) = known.first() else {
            return Error::inconsistent(
                what,
                "give a matrix that covers every analysed individual, with the same FIDs and IIDs",
            );
        };
        let row = here.row(&known_first.iid).expect("a known IID has a row");
        let twice = known
            .iter()
            .find(|one| here.only(&one.iid).is_none() || !there.is_unique(&one.iid));
        let why = match twice {
            Some(one) if here.only(&one.iid).is_none() => {
                format!("; IID {} occurs more than once there", one.iid)
            }
            Some(one) => format!("; IID {} occurs more than once in the .fam", one.iid),
            None => String::new(),
        };
        Error::inconsistent(
            format!(
                "{what}; the IIDs of {} of them agree and only the FIDs differ, for example {} there and {known_first} in the .fam{why}",
                known.len(),
                self.individuals[row]
            ),
            "write the same FIDs and IIDs into both files; rows are matched by IID alone only if every IID is in both files and occurs once in each",
        )
    }
}

/// Rows by IID.
struct Iids<'a>(HashMap<&'a str, (usize, bool)>);

impl<'a> Iids<'a> {
    fn new(individuals: &'a [Individual]) -> Self {
        let mut rows = HashMap::with_capacity(individuals.len());
        for (individual, row) in individuals.iter().zip(0..) {
            rows.entry(&*individual.iid)
                .and_modify(|(_, is_unique)| *is_unique = false)
                .or_insert((row, true));
        }
        Self(rows)
    }

    /// The first row with this IID.
    fn row(&self, iid: &str) -> Option<usize> {
        self.0.get(iid).map(|&(row, _)| row)
    }

    /// The row of an IID that occurs only once.
    fn only(&self, iid: &str) -> Option<usize> {
        self.row(iid).filter(|_| self.is_unique(iid))
    }

    fn is_unique(&self, iid: &str) -> bool {
        self.0.get(iid).is_some_and(|&(_, is_unique)| is_unique)
    }
}

fn seal_of(path: &Path, line: u64, text: &str) -> Result<Seal> {
    let mut words = fields(text).skip(1);
    let seal = words.next().and_then(Seal::parse);
    seal.filter(|_| words.next().is_none()).ok_or_else(|| {
        Error::malformed_line(
            path,
            line,
            "the checksums on this line are damaged or were written by another version of jamma",
            UNSEAL_HINT,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    #[test]
    fn a_matrix_much_newer_than_its_ids_is_detected() {
        let (ids, matrix) = (file("f\ta\n"), file("1\n"));
        assert!(!is_outlived_by(ids.path(), matrix.path()));
        let long_ago = std::time::SystemTime::now() - 2 * YOUNGER;
        ids.as_file().set_modified(long_ago).unwrap();
        assert!(is_outlived_by(ids.path(), matrix.path()));
    }

    fn read(content: impl AsRef<[u8]>) -> Result<Vec<Individual>> {
        IdFile::read(file(content).path()).map(|ids| ids.individuals)
    }

    fn individual(fid: &str, iid: &str) -> Individual {
        Individual {
            fid: fid.into(),
            iid: iid.into(),
        }
    }

    #[test]
    fn the_ids_are_next_to_the_matrix() {
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
        assert_fails(read("f a\nb\n"), &[":2: the line has 1 column, expected 2"]);
        assert_fails(read("#FID IID\nf a\n\nf b\n"), &[":3: the line is blank"]);
        assert_fails(
            read("#FID IID\nf\n"),
            &[":2: the line has 1 column, expected 2"],
        );
        assert_fails(
            read("#IID\na\nf b\n"),
            &[":3: the line has 2 columns, expected 1"],
        );
        assert_fails(
            read("#FID SID\nf a\n"),
            &[":1: the header has no IID column"],
        );
        assert_fails(
            read("#FID IID\nf a\nf b\nf a\n"),
            &[":4: duplicate individual f a, first on line 2"],
        );
        assert_fails(read("#FID IID\n"), &["lists no individual"]);
        assert_fails(read("f a x\n"), &[":1: the line has 3 columns"]);
        assert_fails(
            read("f a\nf b\nf a\n"),
            &[":3: duplicate individual f a, first on line 1"],
        );
        assert_fails(read(""), &["lists no individual"]);
    }

    fn ids(content: &str) -> IdFile {
        IdFile {
            path: "m.cXX.id".into(),
            ..IdFile::read(file(content).path()).unwrap()
        }
    }

    #[test]
    fn the_headers_of_plink2_name_the_columns() {
        for (content, expected) in [
            ("#FID\tIID\nf\ta\n", individual("f", "a")),
            ("#FID IID SID\nf a s\n", individual("f", "a")),
            ("#IID\na\n", individual("0", "a")),
            ("#IID SID\na s\n", individual("0", "a")),
            ("FID IID\nf a\n", individual("f", "a")),
            ("fid iid\nf a\n", individual("f", "a")),
        ] {
            assert_eq!(read(content).unwrap(), [expected], "{content:?}");
        }
    }

    #[test]
    fn wanted_individuals_get_their_rows() {
        let file = ids("f a\nf b\ng a\n");
        let everybody = &file.individuals;
        let wanted = [individual("g", "a"), individual("f", "a")];
        let rows = |wanted: &[Individual]| file.rows_of(wanted, everybody);
        assert_eq!(rows(&wanted).unwrap(), (vec![2, 0], None));
        let wanted = [
            individual("f", "b"),
            individual("g", "c"),
            individual("h", "h"),
        ];
        assert_fails(
            rows(&wanted),
            &[
                "m.cXX.id lacks 2 of 3 analysed individuals, the first is g c",
                "FIDs",
            ],
        );
    }

    #[test]
    fn other_family_ids_are_matched_by_unique_individual_ids() {
        let everybody = ["a", "b", "c"].map(|iid| individual("f", iid));
        for (content, part) in [
            ("1 c\n1 b\n1 a\n", "ids of 3 analysed individuals differ"),
            ("0 c\n0 b\n0 a\n", "no family ids"),
            ("f c\n0 b\nf a\n", "the first is 0 b here and f b there"),
            ("#IID\nc\nb\na\n", "no family ids"),
        ] {
            let (rows, note) = ids(content).rows_of(&everybody, &everybody).unwrap();
            assert_eq!(rows, [2, 1, 0], "{content:?}");
            assert!(note.as_ref().unwrap().contains(part), "{note:?}");
        }
        let fails = |content: &str, everybody: &[Individual], parts: &[&str]| {
            assert_fails(ids(content).rows_of(&everybody[..2], everybody), parts);
        };
        fails(
            "0 a\n0 b\n1 b\n",
            &everybody,
            &[
                "lacks 2 of 2",
                "the IIDs of 2 of them agree",
                "IID b occurs more than once there",
            ],
        );
        let twice = [
            individual("f", "a"),
            individual("f", "b"),
            individual("g", "b"),
        ];
        fails(
            "0 a\n0 b\n",
            &twice,
            &["IID b occurs more than once in the .fam"],
        );
        fails(
            "1 a\n1 c\n",
            &everybody,
            &[
                "the first is f b; the IIDs of 1 of them agree",
                "1 a there and f a in the .fam",
            ],
        );
        fails(
            "0 a\n0 c\n",
            &everybody,
            &["lacks 1 of 2 analysed individuals, the first is f b"],
        );
    }

    #[test]
    fn a_checksum_detects_changed_ids() {
        let individuals = [individual("f", "a"), individual("f", "b")];
        let digest = seal::digest_of_ids(&individuals);
        let line = format!("#jamma\tformat=txt,matrix={digest},ids={digest}\n");
        for content in [
            format!("f\ta\nf\tb\n{line}"),
            format!("{line}f a\r\nf b\r\n"),
            format!("f a\nf b\n{line}{}", line.replace("txt", "npy")),
        ] {
            assert_eq!(read(&content).unwrap(), individuals, "{content}");
        }
        for content in [
            format!("f b\nf a\n{line}"),
            format!("f a\nf c\n{line}"),
            format!("f a\n{line}"),
        ] {
            assert_fails(read(&content), &["the ids were changed after", "#jamma"]);
        }
        assert_fails(
            read(format!("f a\nf b\n{}", &line[..50])),
            &[":3: the checksums on this line are damaged"],
        );
    }
}
