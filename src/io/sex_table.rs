//! Tables of the sex of individuals (`--sex-from`).

use std::path::Path;

use super::id_list::{IdList, ListedRows, Places, header};
use super::individual::Individual;
use super::sex::Sex;
use super::text::{Lines, fields};
use crate::error::{Error, Result};

const HINT: &str = "write FID, IID and sex of one individual per line, or IID and sex; a header names them FID, IID and SEX";

/// Reads a table of sexes for `individuals`: FID, IID and sex, or IID and sex, separated by spaces or tabs.
///
/// A header (`#FID IID SEX`, `#IID SEX`) names the columns, in any order and among others; without it, a line of two
/// columns is IID and sex, and a longer one FID, IID and sex. The sex of an individual that is not in the table is
/// unknown. Individuals are matched as by [`IdList::rows_of`], which also returns those that are not in the study.
/// Fails as it does, on a line without these columns, and on an individual with two sexes.
pub fn read_sexes(path: &Path, individuals: &[Individual]) -> Result<(Vec<Sex>, ListedRows)> {
    let mut lines = Lines::open(path)?;
    let mut columns: Option<(Places, usize)> = None;
    let mut list = IdList {
        path: path.to_path_buf(),
        ids: Vec::new(),
    };
    let mut of_lines = Vec::new();
    while let Some((line, text)) = lines.next_line()? {
        if line == 1
            && let Some(places) = header(path, text)?
        {
            let mut names = fields(text).map(|name| name.trim_start_matches('#'));
            let sex = names.position(|name| name.eq_ignore_ascii_case("SEX"));
            let sex = sex.ok_or_else(|| {
                Error::malformed_line(path, line, "the header has no column SEX", HINT)
            })?;
            columns = Some((places, sex));
            continue;
        }
        let cells: Vec<&str> = fields(text).collect();
        let ((fid, iid), sex) = *columns.get_or_insert(match cells.len() {
            2 => ((None, 0), 1),
            _ => ((Some(0), 1), 2),
        });
        let (Some(iid), Some(sex)) = (cells.get(iid), cells.get(sex)) else {
            return Err(Error::malformed_line(
                path,
                line,
                "the line has no sex",
                HINT,
            ));
        };
        let fid = fid.and_then(|fid| cells.get(fid)).map(|&fid| fid.into());
        list.ids.push((fid, (*iid).into()));
        of_lines.push(Sex::of(sex));
    }
    if list.ids.is_empty() {
        return Err(Error::malformed(
            path,
            "the file lists no individuals",
            HINT,
        ));
    }
    let rows = list.rows_of(individuals)?;
    let mut sexes: Vec<Option<Sex>> = vec![None; individuals.len()];
    for (row, sex) in rows.of_lines.iter().zip(of_lines) {
        let Some(row) = *row else {
            continue;
        };
        if sexes[row].is_some_and(|known| known != sex) {
            return Err(Error::malformed(
                path,
                format!("individual {} has two sexes", individuals[row]),
                "list each individual once",
            ));
        }
        sexes[row] = Some(sex);
    }
    let sexes = sexes.into_iter().map(Option::unwrap_or_default);
    Ok((sexes.collect(), rows))
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file};
    use super::*;
    use Sex::{Female, Male, Unknown};

    fn read(content: &str) -> Result<Vec<Sex>> {
        let individuals = ["a", "b", "c", "d"].map(|iid| Individual {
            fid: "f".into(),
            iid: iid.into(),
        });
        read_sexes(file(content).path(), &individuals).map(|(sexes, _)| sexes)
    }

    #[test]
    fn every_form_of_a_table_is_read() {
        for content in [
            "f a 1\nf c 2\nf d 0\n",
            "a M\nc F\nd NA\nz 1\n",
            "#FID IID SEX\nf a male\nf c FEMALE\nf d -9\n",
            "#IID PAT SEX\na 0 1\nc 0 2\n",
            "#IID SEX\na 1\nc 2\na 1\n",
        ] {
            assert_eq!(
                read(content).unwrap(),
                [Male, Unknown, Female, Unknown],
                "{content}"
            );
        }
    }

    #[test]
    fn wrong_tables_are_named() {
        assert_fails(read("a 1\na 2\n"), &["f a has two sexes"]);
        assert_fails(read("a\n"), &[":1: the line has no sex"]);
        assert_fails(
            read("#IID AGE\na 1\n"),
            &[":1: the header has no column SEX"],
        );
        assert_fails(read("z 1\n"), &["none of the 1 listed individual"]);
        assert_fails(read("#IID SEX\n"), &["lists no individuals"]);
    }
}
