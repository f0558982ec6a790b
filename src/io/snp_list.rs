//! The `-snps` file: a list of SNP ids.

use std::collections::HashSet;
use std::path::Path;

use super::layout::{Split, TextFile};
use super::text::{Lines, table_fields};
use crate::error::{Error, Result};

/// Reads the first field of every line (separated by spaces, tabs or commas) as a SNP id.
///
/// Ids may repeat and need not occur in the `.bim`. Fails on a file without ids, with which GEMMA would not filter at
/// all.
pub fn read_snp_list(path: &Path) -> Result<HashSet<Box<str>>> {
    ids(path, Lines::open(path)?)
}

/// The ids of a list in its order, with repetitions; see [`read_snp_list`].
pub fn read_snp_list_in_order(path: &Path) -> Result<Vec<Box<str>>> {
    let mut all = Vec::new();
    each_id(path, Lines::open(path)?, |id| all.push(id.into()))?;
    Ok(all)
}

/// As [`read_snp_list`], from an open file.
pub(super) fn read_snp_list_of(file: &TextFile) -> Result<HashSet<Box<str>>> {
    ids(file.path(), file.lines(Split::<true>::Runs)?)
}

fn ids(path: &Path, lines: Lines) -> Result<HashSet<Box<str>>> {
    let mut ids = HashSet::new();
    each_id(path, lines, |id| {
        if !ids.contains(id) {
            ids.insert(id.into());
        }
    })?;
    Ok(ids)
}

/// Passes the ids of a list to `take`. Fails if there is none.
fn each_id(path: &Path, mut lines: Lines, mut take: impl FnMut(&str)) -> Result<()> {
    let mut is_empty = true;
    while let Some((line, text)) = lines.next_line()? {
        let starts_empty = text.trim_start_matches(' ').starts_with(['\t', ',']);
        let first = table_fields(text).next().filter(|_| !starts_empty);
        let id = first.ok_or_else(|| {
            Error::malformed_line(
                path,
                line,
                "the line holds no SNP id",
                "write one id per line",
            )
        })?;
        if let Some(other) = table_fields(text)
            .nth(1)
            .filter(|other| are_alike(id, other))
        {
            return Err(Error::malformed_line(
                path,
                line,
                format!("the line holds several SNP ids, {id} and {other}"),
                "write one id per line: only the first column is read",
            ));
        }
        take(id);
        is_empty = false;
    }
    if is_empty {
        return Err(Error::malformed(
            path,
            "the file lists no SNPs",
            "write one id per line, or omit the list to use every SNP",
        ));
    }
    Ok(())
}

/// Whether both are ids like `rs1`, with the same letters before the number.
fn are_alike(one: &str, other: &str) -> bool {
    let letters = |id: &str| {
        let letters = id.trim_end_matches(|c: char| c.is_ascii_digit());
        (letters.len() < id.len() && !letters.is_empty()).then(|| letters.to_owned())
    };
    one != other && letters(one).is_some() && letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<HashSet<Box<str>>> {
        read_snp_list(file(content).path())
    }

    #[test]
    fn several_ids_on_a_line_are_an_error() {
        for text in ["rs1\nrs5,rs6\n", "rs1\nrs5 rs6\n"] {
            assert_fails(
                read(text),
                &[":2: the line holds several SNP ids, rs5 and rs6"],
            );
        }
    }

    #[test]
    fn the_order_of_a_list_is_kept() {
        let list = file("rs9\nrs1\nrs9\n");
        let ids = read_snp_list_in_order(list.path()).unwrap();
        assert_eq!(ids, ["rs9", "rs1", "rs9"].map(Box::<str>::from));
    }

    #[test]
    fn first_fields_are_ids_and_duplicates_count_once() {
        let expected = ["rs1", "rs2", "chr1:5_A/G"].map(Box::<str>::from);
        let text = "rs1\nrs2,ignored\n rs1 x\nchr1:5_A/G\n";
        for content in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
        ] {
            assert_eq!(read(&content).unwrap(), expected.clone().into());
            assert_eq!(read(gzip(&content)).unwrap(), expected.clone().into());
        }
    }

    #[test]
    fn a_list_without_ids_is_an_error() {
        assert_fails(read(""), &["lists no SNP", "omit"]);
        assert_fails(read("rs1\n,,\n"), &[":2: the line holds no SNP id"]);
        assert_fails(read("rs1\n\nrs2\n"), &[":2: the line is blank"]);
    }
}
