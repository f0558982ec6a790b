//! The names of the columns of a table: which are ids, and which hold values.

use std::collections::HashMap;
use std::path::Path;

use super::names::{Named, TableHeader};
use super::role::TableRole;
use crate::error::{Error, Result};
use crate::io::text::quoted;

/// Names of the only column of ids of a table without IID, in lower case.
const OTHER_IDS: [&str; 12] = [
    "id",
    "sample",
    "sample_id",
    "sampleid",
    "sample.id",
    "individual",
    "individual_id",
    "eid",
    "f.eid",
    "taxa",
    "taxon",
    "<trait>",
];

/// Further columns of PLINK's tables that are neither phenotypes nor covariates.
const PEDIGREE: [&str; 3] = ["sid", "pat", "mat"];

/// The columns of a table, by their indices.
pub(super) struct Layout {
    pub(super) fid: Option<usize>,
    pub(super) iid: usize,
    pub(super) header: TableHeader,
}

fn plain(name: &str) -> String {
    name.trim_start_matches('#').to_ascii_lowercase()
}

/// The columns of FID and IID; `None` if there is no column of ids.
pub(super) fn id_columns(names: &[String]) -> Option<(Option<usize>, usize)> {
    let find = |wanted: &dyn Fn(&str) -> bool| names.iter().position(|name| wanted(&plain(name)));
    if let Some(iid) = find(&|name| name == "iid") {
        return Some((find(&|name| name == "fid"), iid));
    }
    find(&|name| OTHER_IDS.contains(&name)).map(|iid| (None, iid))
}

/// Divides the columns called `names` into ids and values.
///
/// * `line`: the line of the header, if the file is text
///
/// Fails if there is no column of ids, or if a name occurs twice.
pub(super) fn layout(
    path: &Path,
    role: TableRole,
    names: &[String],
    line: Option<u64>,
) -> Result<Layout> {
    let fault = |what: String, hint: String| match line {
        Some(line) => Error::malformed_line(path, line, what, hint),
        None => Error::malformed(path, what, hint),
    };
    let Some((fid, iid)) = id_columns(names) else {
        let first: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
        let what = if names.iter().any(|name| plain(name) == "fid") {
            "the header has FID, but no IID".to_owned()
        } else {
            format!(
                "the first line names no column of ids (FID and IID, IID alone, or id, sample, eid, taxa): it starts with {}",
                quoted(&first.join(" "))
            )
        };
        let hint = format!(
            "{} needs a header such as `FID IID {}`; a file without a header is read with {}",
            role.option(),
            if role == TableRole::Covariates {
                "age"
            } else {
                "height"
            },
            role.positional()
        );
        return Err(fault(what, hint));
    };
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (index, name) in names
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.is_empty())
    {
        if let Some(earlier) = seen.insert(name, index) {
            return Err(fault(
                format!(
                    "columns {} and {} are both called {}",
                    earlier + 1,
                    index + 1,
                    quoted(name)
                ),
                "give each column its own name".into(),
            ));
        }
    }
    let is_value = |index: usize, name: &str| {
        let plain = plain(name);
        index != iid
            && Some(index) != fid
            && !name.is_empty()
            && !PEDIGREE.contains(&plain.as_str())
            && !(role == TableRole::Psam && plain == "sex")
    };
    let columns = names.iter().enumerate();
    let columns = columns.filter(|(index, name)| is_value(*index, name));
    let header = TableHeader {
        path: path.to_path_buf(),
        columns: columns
            .map(|(index, name)| Named {
                index,
                name: name.clone(),
            })
            .collect(),
    };
    if header.columns.is_empty() {
        return Err(match role {
            TableRole::Psam => fault(
                "the file has no phenotype".into(),
                "give phenotypes with --pheno, or with -p".into(),
            ),
            _ => fault(
                "the table has ids, but no other column".into(),
                format!("add the columns, or omit {}", role.option()),
            ),
        });
    }
    Ok(Layout { fid, iid, header })
}

/// A note on columns without a name, which cannot be chosen.
pub(super) fn note_on_unnamed(path: &Path, names: &[String]) -> Option<String> {
    let unnamed = names.iter().position(String::is_empty)?;
    Some(format!(
        "{}: column {} has no name and is not read",
        path.display(),
        unnamed + 1
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout_of(names: &str, role: TableRole) -> Result<(Option<usize>, usize, Vec<String>)> {
        let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
        let layout = layout("t".as_ref(), role, &names, Some(1))?;
        let columns = layout.header.columns.into_iter();
        Ok((layout.fid, layout.iid, columns.map(|c| c.name).collect()))
    }

    #[test]
    fn ids_are_found_in_the_spellings_of_many_programs() {
        for (names, fid, iid, values) in [
            ("FID IID Y1 Y2", Some(0), 1, "Y1 Y2"),
            ("#FID IID SID PHENO", Some(0), 1, "PHENO"),
            ("#IID PAT MAT SEX y", None, 0, "SEX y"),
            ("iid fid y", Some(1), 0, "y"),
            ("id y", None, 0, "y"),
            ("Sample_ID y", None, 0, "y"),
            ("eid p21 p31", None, 0, "p21 p31"),
            ("Taxa EarHT", None, 0, "EarHT"),
            ("<Trait> EarHT", None, 0, "EarHT"),
        ] {
            let values: Vec<String> = values.split(' ').map(str::to_owned).collect();
            let found = layout_of(names, TableRole::Phenotypes).unwrap();
            assert_eq!(found, (fid, iid, values), "{names}");
        }
        let psam = layout_of("#IID SEX y", TableRole::Psam).unwrap();
        assert_eq!(psam.2, ["y"]);
    }

    #[test]
    fn a_header_without_ids_or_with_a_repeated_name_is_an_error() {
        let fails = |names: &str, role: TableRole, expected: &str| {
            let error = layout_of(names, role).unwrap_err();
            let text = format!("{error}; {}", error.hint().unwrap());
            assert!(text.contains(expected), "{text}");
        };
        fails("F1 I1 2.5", TableRole::Phenotypes, "read with -p");
        fails("F1 I1 2.5", TableRole::Covariates, "read with -c");
        fails("FID y", TableRole::Phenotypes, "has FID, but no IID");
        fails(
            "IID y x y",
            TableRole::Phenotypes,
            "columns 2 and 4 are both called \"y\"",
        );
        fails("FID IID", TableRole::Covariates, "no other column");
    }
}
