//! Kinship matrices of other programs, matched to the individuals of a study by the ids of their rows.

use super::kind::Kinship;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::ids::{IdFile, is_outlived_by};
use crate::io::relationship::{self, Format, Relationship};
use crate::io::square::SquareMatrix;
use crate::io::text::count;
use crate::kernels::memory::matrix_room;
use std::path::Path;

/// Individual ids of programs that write one name for FID and IID.
const JOINTS: [char; 2] = ['_', ':'];

/// Reads the kinship of the `analysed` individuals from a file with ids; also returns notes for the user.
pub(super) fn read(
    path: &Path,
    format: &Format,
    everybody: &[Individual],
    analysed: &Subset,
) -> Result<(Kinship, Vec<String>)> {
    let wanted: Vec<Individual> = (analysed.rows().iter())
        .map(|&i| everybody[i].clone())
        .collect();
    let ids = relationship::ids(path, format)?;
    relationship::check_size(path, format, &ids)?;
    let mut notes = Vec::new();
    if format.has_id_file() && is_outlived_by(ids.path(), path) {
        notes.push(format!(
            "{}: older than the matrix next to it; if another program replaced the matrix, its rows may be other individuals",
            ids.path().display()
        ));
    }
    let Matched { rows, by, note } = matched(format, &ids, &wanted, everybody)?;
    // The file is read in its own order, because some files have only one triangle.
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|&k| rows[k]);
    let kept: Vec<usize> = order.iter().map(|&k| rows[k]).collect();
    let Relationship {
        mut matrix,
        tolerance,
        description,
    } = relationship::read(path, format, &ids, &kept)?;
    let n_rows = ids.individuals().len();
    notes.push(format!(
        "{}: {description}, of {}; rows were matched by {by}",
        path.display(),
        count(n_rows, "individual")
    ));
    notes.extend(note);
    let name = |a: usize| format!("individual {}", wanted[order[a]]);
    if let Some(asymmetry) = matrix.symmetrize_within(tolerance, path, name)? {
        notes.push(format!(
            "{}: not exactly symmetric, by up to {:.2e} between {} and {}; the upper triangle is used",
            path.display(),
            asymmetry.difference,
            name(asymmetry.row),
            name(asymmetry.column)
        ));
    }
    if rows.len() < n_rows {
        notes.push(format!(
            "{}: ignored {} of individuals that are not analysed",
            path.display(),
            count(n_rows - rows.len(), "row")
        ));
    }
    Ok((in_order(&matrix, &order)?, notes))
}

/// Reads a matrix with ids of another program as a whole: in the order of `everybody`, or in its own order, with its ids.
///
/// `None` if the file is not of another program, or has no ids.
pub fn read_with_ids(
    path: &Path,
    everybody: Option<Vec<Individual>>,
) -> Result<Option<(Kinship, Vec<Individual>)>> {
    let format = Format::of(path)?;
    if matches!(format, Format::Plain | Format::Kinf) {
        return Ok(None);
    }
    let everybody = match everybody {
        Some(everybody) => everybody,
        None => relationship::ids(path, &format)?.individuals().to_vec(),
    };
    let all = Subset::everybody(everybody.len());
    let (kinship, _) = read(path, &format, &everybody, &all)?;
    Ok(Some((kinship, everybody)))
}

/// The rows of the analysed individuals.
struct Matched {
    /// The row of each, in their order.
    rows: Vec<usize>,
    /// What identified them.
    by: String,
    /// A note on ids that differ.
    note: Option<String>,
}

fn matched(
    format: &Format,
    ids: &IdFile,
    wanted: &[Individual],
    everybody: &[Individual],
) -> Result<Matched> {
    let found = ids.rows_of(wanted, everybody);
    if format.has_id_file() {
        let (rows, note) = found?;
        let by = if note.is_none() {
            format!("FID and IID with {}", ids.path().display())
        } else {
            format!("IID with {}", ids.path().display())
        };
        return Ok(Matched { rows, by, note });
    }
    let error = match found {
        Ok((rows, _)) => {
            let by = "their names, which are IIDs".to_owned();
            return Ok(Matched {
                rows,
                by,
                note: None,
            });
        }
        Err(error) => error,
    };
    for joint in JOINTS {
        let joined = |all: &[Individual]| -> Vec<Individual> {
            let join = |one: &Individual| Individual {
                fid: "0".into(),
                iid: format!("{}{joint}{}", one.fid, one.iid).into(),
            };
            all.iter().map(join).collect()
        };
        if let Ok((rows, _)) = ids.rows_of(&joined(wanted), &joined(everybody)) {
            return Ok(Matched {
                rows,
                by: format!("their names, which are FID{joint}IID"),
                note: None,
            });
        }
    }
    Err(error)
}

/// The kinship whose row `order[a]` is row a of `matrix`, which is symmetric.
fn in_order(matrix: &SquareMatrix, order: &[usize]) -> Result<Kinship> {
    let n = matrix.n;
    let mut place = vec![0; n];
    for (a, &k) in order.iter().enumerate() {
        place[k] = a;
    }
    let mut copy = matrix_room(n, n, "a copy of the kinship matrix")?;
    // Column j is row j, whose entries are next to each other in memory.
    copy.resize_with(n, n, |i, j| matrix.values[place[j] * n + place[i]]);
    Ok(Kinship { matrix: copy })
}

/// Fails early if the matrix at `path` is of a kind that cannot be used, or if its ids are absent or do not fit its size.
pub(super) fn check(path: &Path) -> Result<()> {
    let format = Format::of(path)?;
    if !format.has_id_file() {
        return Ok(());
    }
    let ids = relationship::ids(path, &format)?;
    relationship::check_size(path, &format, &ids)
}

/// Fails if rows of the matrix at `path` are identified by ids of another program, because the genotypes have none.
///
/// Ids of jamma are the numbers of the individuals in that case.
pub fn check_without_ids(path: &Path) -> Result<()> {
    let format = Format::of(path)?;
    let ids = match format {
        Format::Plain | Format::Kinf => match IdFile::beside(path)? {
            Some(ids) if ids.seals().is_empty() => ids.path().display().to_string(),
            _ => return Ok(()),
        },
        Format::Named(_) => format!("the names in {}", path.display()),
        _ => relationship::id_path_of(path).display().to_string(),
    };
    Err(Error::inconsistent(
        format!(
            "{}: its rows are identified by ids ({ids}), but the individuals of these genotypes have no ids",
            path.display()
        ),
        "give a square matrix without ids whose rows are in the order of the genotypes, or omit -k to compute the kinship",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genotypes_without_ids_take_only_matrices_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            check_without_ids(&path)
        };
        assert!(check("k.txt", "1 0\n0 1\n").is_ok());
        assert!(check("k.kinf", "1 0\n0 1\n").is_ok());
        for (name, content) in [
            ("k.rel", "1 0\n0 1\n"),
            ("k.grm.bin", ""),
            ("named.txt", "a b\na 1 0\nb 0 1\n"),
        ] {
            let error = check(name, content).unwrap_err().to_string();
            assert!(error.contains("these genotypes have no ids"), "{error}");
        }
        // Ids of another program next to a matrix.
        std::fs::write(folder.path().join("k.id"), "f a\nf b\n").unwrap();
        assert!(check("k.txt", "1 0\n0 1\n").is_err());
    }

    #[test]
    fn a_matrix_is_put_in_order() {
        let square = SquareMatrix {
            n: 3,
            values: vec![0.0, 1.0, 2.0, 1.0, 11.0, 12.0, 2.0, 12.0, 22.0],
        };
        // Row a of the file is individual `order[a]`.
        let kinship = in_order(&square, &[2, 0, 1]).unwrap().matrix;
        assert_eq!(
            [kinship[(2, 2)], kinship[(0, 0)], kinship[(1, 1)]],
            [0.0, 11.0, 22.0]
        );
        assert_eq!(
            [kinship[(0, 1)], kinship[(0, 2)], kinship[(1, 2)]],
            [12.0, 1.0, 2.0]
        );
    }
}
