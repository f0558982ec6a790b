//! The individuals of a BGEN file: their ids are in the file, in a `.sample` file, or in both.

use crate::error::{Error, Result};
use crate::io::bgen::Header;
use crate::io::fam::Individual;
use crate::io::oxford_sample::read_oxford_sample;
use crate::io::sex::Sex;
use crate::io::text::count;
use std::collections::HashMap;
use std::path::Path;

/// The individuals in the order of the genotypes: those of the `.sample` file, with their sexes if it has them, else IIDs
/// with FID 0 from the file itself.
///
/// * `ids`: the ids in the file
///
/// Fails if there are no ids, if their number is not that of the genotypes, or if the two files disagree.
pub(super) fn individuals(
    header: &Header,
    ids: Option<Vec<Box<str>>>,
    sample: Option<&Path>,
) -> Result<(Vec<Individual>, Option<Vec<Sex>>)> {
    let Some(sample) = sample else {
        let individuals = of_ids(header, ids.ok_or_else(|| without_ids(header))?)?;
        return Ok((individuals, None));
    };
    let read = read_oxford_sample(sample)?;
    let individuals = read.individuals;
    if individuals.len() != header.n_individuals {
        return Err(Error::inconsistent(
            format!(
                "{} and {} disagree: the genotypes are those of {}, but the .sample file lists {}",
                header.path.display(),
                sample.display(),
                count(header.n_individuals, "individual"),
                individuals.len()
            ),
            "give the .sample file that was written with the BGEN file; it has two header lines",
        ));
    }
    check_ids(
        header,
        ids.as_deref().unwrap_or_default(),
        sample,
        &individuals,
    )?;
    Ok((individuals, read.sexes))
}

/// The error about a file without ids.
fn without_ids(header: &Header) -> Error {
    let beside = header.path.with_extension("sample");
    let hint = if beside.is_file() {
        format!("give the .sample file: --sample {}", beside.display())
    } else {
        "give the .sample file that was written with the BGEN file: --sample FILE".into()
    };
    Error::inconsistent(
        format!(
            "{}: the file has no ids of its {}",
            header.path.display(),
            count(header.n_individuals, "individual")
        ),
        hint,
    )
}

/// Individuals with the ids as IIDs and FID 0, as in plink2.
fn of_ids(header: &Header, ids: Vec<Box<str>>) -> Result<Vec<Individual>> {
    let wrong = |what: String| {
        Error::malformed(
            &header.path,
            what,
            "give other ids in the same order in a .sample file: --sample FILE",
        )
    };
    let mut rows = HashMap::with_capacity(ids.len());
    for (id, row) in ids.iter().zip(1_usize..) {
        if id.is_empty() || id.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong(format!(
                "the id of individual {row} is {id:?}, expected one word"
            )));
        }
        if let Some(earlier) = rows.insert(id, row) {
            return Err(wrong(format!(
                "individuals {earlier} and {row} have the same id {id}"
            )));
        }
    }
    let individual = |iid| Individual {
        fid: "0".into(),
        iid,
    };
    Ok(ids.into_iter().map(individual).collect())
}

/// Fails if ids in the BGEN file are not those of the `.sample` file: IID, FID, or both joined by a character.
fn check_ids(
    header: &Header,
    ids: &[Box<str>],
    sample: &Path,
    individuals: &[Individual],
) -> Result<()> {
    let pairs = ids.iter().zip(individuals).enumerate();
    let mut others = pairs.filter(|(_, (id, individual))| !names(id, individual));
    let Some((row, _)) = others.next() else {
        return Ok(());
    };
    let n_others = 1 + others.count();
    Err(Error::inconsistent(
        format!(
            "{} and {} disagree: the ids of {n_others} of {} differ, the first in row {}: {} in the BGEN file, {} (FID and IID) in the .sample file",
            header.path.display(),
            sample.display(),
            count(individuals.len(), "individual"),
            row + 1,
            ids[row],
            individuals[row]
        ),
        "give the .sample file of this BGEN file, with its rows in the same order, or omit --sample to use the ids in the BGEN file",
    ))
}

/// Whether an id in a BGEN file names the individual.
fn names(id: &str, individual: &Individual) -> bool {
    let Individual { fid, iid } = individual;
    let joined = || {
        let rest = id.strip_prefix(&**fid)?.strip_suffix(&**iid)?;
        Some(matches!(rest, "_" | ":" | "-" | " " | "\t" | "|"))
    };
    id == &**iid || (id == &**fid && id != "0") || joined() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_be_that_of_one_or_of_both_columns() {
        let individual = Individual {
            fid: "f1".into(),
            iid: "a".into(),
        };
        for id in ["a", "f1", "f1_a", "f1:a"] {
            assert!(names(id, &individual), "{id}");
        }
        for id in ["", "b", "f1a", "f1_b", "f1_a_", "f2_a", "f1__a"] {
            assert!(!names(id, &individual), "{id}");
        }
    }
}
