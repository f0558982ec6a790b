//! The `.sample` file of BGEN and other Oxford formats: the individuals of the genotypes.

use super::individual::Individual;
use super::layout::{self, Layout, Split, TextFile, check_word};
use super::sex::Sex;
use super::text::quoted;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::path::Path;

const HINT: &str = "the first line names the columns (ID_1 ID_2 missing ..., or ID ...), the second gives their types (0 0 0 ...), and each further line describes an individual";

/// Where the ids of an individual are.
#[derive(Clone, Copy)]
enum IdColumns {
    /// `ID_1` is the FID, and `ID_2` the IID.
    Two,
    /// `ID` is the IID; the FID is 0, as in plink2.
    One,
}

/// The individuals of a `.sample` file in its order.
#[derive(Debug)]
pub(crate) struct OxfordSample {
    pub(crate) individuals: Vec<Individual>,
    /// The sex of each of them; `None` if the file has no column of sexes.
    pub(crate) sexes: Option<Vec<Sex>>,
}

/// Reads the individuals of a `.sample` file in its order: FID from `ID_1` and IID from `ID_2`, or FID 0 and IID from
/// `ID`, separated by spaces or tabs.
///
/// The column `sex` gives their sexes. The other columns are not used, phenotypes included. Fails if the two header lines
/// are missing, on a line with another number of columns, an id that is empty or contains a space, a duplicate individual,
/// and if no individual is listed.
pub(crate) fn read_oxford_sample(path: &Path) -> Result<OxfordSample> {
    layout::read(path, read_split)
}

fn read_split(file: &TextFile, split: Split<false>) -> Result<OxfordSample> {
    let path = file.path();
    let mut lines = file.lines(split)?;
    let Some((line, names)) = lines.next_line()? else {
        return Err(no_individuals(path));
    };
    let layout = Layout::new(split, (line, names));
    let names = layout.cells(names);
    let ids = id_columns(path, &names)?;
    let sex = (names.iter()).position(|name| name.eq_ignore_ascii_case("sex"));
    let Some((line, types)) = lines.next_line()? else {
        return Err(no_individuals(path));
    };
    if !layout.row(path, line, types)?.starts_with(&["0"]) {
        return Err(Error::malformed_line(
            path,
            line,
            format!(
                "the second line is {}, expected the types of the columns, the first of which is 0",
                quoted(types)
            ),
            HINT,
        ));
    }
    let mut individuals = Vec::new();
    let mut sexes = Vec::new();
    while let Some((line, text)) = lines.next_line()? {
        let cells = layout.row(path, line, text)?;
        let (fid, iid) = match ids {
            IdColumns::Two => (cells[0], cells[1]),
            IdColumns::One => ("0", cells[0]),
        };
        if layout.is_delimited() {
            check_word(path, line, "1", fid)?;
            check_word(path, line, if iid == cells[0] { "1" } else { "2" }, iid)?;
        }
        individuals.push(Individual {
            fid: fid.into(),
            iid: iid.into(),
        });
        sexes.extend(sex.map(|sex| Sex::of(cells[sex])));
    }
    if individuals.is_empty() {
        return Err(no_individuals(path));
    }
    check_unique(path, &individuals)?;
    Ok(OxfordSample {
        individuals,
        sexes: sex.map(|_| sexes),
    })
}

/// Where the ids are, by the names of the columns.
fn id_columns(path: &Path, names: &[&str]) -> Result<IdColumns> {
    let is = |column: usize, name: &str| {
        let found = names.get(column);
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    if is(0, "ID_1") && is(1, "ID_2") {
        return Ok(IdColumns::Two);
    }
    if is(0, "ID") {
        return Ok(IdColumns::One);
    }
    Err(Error::malformed_line(
        path,
        1,
        format!(
            "the first line starts with {}, expected ID_1 and ID_2, or ID",
            quoted(&names[..names.len().min(2)].join(" "))
        ),
        HINT,
    ))
}

fn no_individuals(path: &Path) -> Error {
    Error::malformed(path, "the file lists no individuals", HINT)
}

/// Fails if an individual occurs twice; the first one is on line 3.
fn check_unique(path: &Path, individuals: &[Individual]) -> Result<()> {
    let mut lines = HashMap::with_capacity(individuals.len());
    for (individual, line) in individuals.iter().zip(3_u64..) {
        if let Some(earlier) = lines.insert(individual, line) {
            return Err(Error::malformed_line(
                path,
                line,
                format!("duplicate individual {individual}, first on line {earlier}"),
                "give each individual its own pair of ids",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file};
    use super::*;

    fn names(content: &str) -> Result<Vec<String>> {
        let individuals = read_oxford_sample(file(content).path())?.individuals;
        Ok(individuals.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn ids_come_from_one_or_two_columns() {
        let two = "ID_1 ID_2 missing sex\n0 0 0 D\nf a 0 1\nf b 0.5 NA\n";
        assert_eq!(names(two).unwrap(), ["f a", "f b"]);
        assert_eq!(names(&two.replace(' ', "\t")).unwrap(), ["f a", "f b"]);
        assert_eq!(
            names("id missing\n0 0\na 0\nb 0\n").unwrap(),
            ["0 a", "0 b"]
        );
        assert_eq!(names("ID\n0\na\nb\n").unwrap(), ["0 a", "0 b"]);
        let with_empty_cell = "ID_1\tID_2\tmissing\ty\n0\t0\t0\tP\nf\ta\t0\t\nf\tb\t0\t1\n";
        assert_eq!(names(with_empty_cell).unwrap(), ["f a", "f b"]);
    }

    #[test]
    fn sexes_come_from_the_column_of_that_name() {
        let sexes = |content: &str| read_oxford_sample(file(content).path()).unwrap().sexes;
        let stated = sexes("ID_1 ID_2 missing sex\n0 0 0 D\nf a 0 1\nf b 0 F\nf c 0 NA\n");
        assert_eq!(stated.unwrap(), [Sex::Male, Sex::Female, Sex::Unknown]);
        assert!(sexes("ID missing\n0 0\na 0\n").is_none());
    }

    #[test]
    fn other_tables_are_errors() {
        assert_fails(
            names("f a 0\nf b 0\n"),
            &[":1: the first line starts with \"f a\""],
        );
        assert_fails(
            names("ID_1 ID_2 missing\nf a 0\n"),
            &[":2: the second line is \"f a 0\"", "types"],
        );
        assert_fails(
            names("ID_1 ID_2 missing\n0 0 0\nf a\n"),
            &[":3: the line has 2 columns, but line 1 has 3"],
        );
        assert_fails(
            names("ID_1 ID_2 missing\n0 0 0\nf a 0\nf b 0\nf a 0\n"),
            &[":5: duplicate individual f a, first on line 3"],
        );
        assert_fails(
            names("ID_1\tID_2\tmissing\n0\t0\t0\nf\t\t0\n"),
            &[":3: column 2 is empty"],
        );
        for empty in ["", "ID_1 ID_2 missing\n", "ID_1 ID_2 missing\n0 0 0\n"] {
            assert_fails(names(empty), &["lists no individuals"]);
        }
    }
}
