//! `.id` files: the individuals of the rows of a matrix, tied to it by checksums.

use super::file::{OutputFile, OutputPlace, finish_all};
use super::matrix::{MatrixFormat, Written};
use crate::error::{Error, Result};
use crate::io::fam::Individual;
use crate::io::ids::{IdFile, NUMBERS};
use crate::io::individual::have_ids;
use crate::io::seal::{Seal, digest_of_ids};
use std::path::{Path, PathBuf};

/// Gives a matrix, its eigenvalues if it has any, and the ids of its rows their final names; returns all paths, the ids
/// last.
///
/// The ids are renamed first, so that their checksums reject an older matrix if the process ends in between.
///
/// * `path`: path of the ids, a file of `FID<tab>IID`, or of numbers if there are no ids, and the checksums, one per line
/// * `left_out`: the chromosome that is left out of the kinship
pub fn finish_with_ids(
    path: &Path,
    individuals: &[Individual],
    left_out: Option<&str>,
    format: MatrixFormat,
    matrix: Written,
    eigenvalues: Option<Written>,
) -> Result<Vec<PathBuf>> {
    let seal = Seal {
        format: format.extension().to_owned(),
        matrix: matrix.digest,
        eigenvalues: eigenvalues.as_ref().map(|values| values.digest),
        ids: digest_of_ids(individuals),
        left_out: left_out.map(str::to_owned),
    };
    let mut ids = OutputFile::create(path)?;
    ids.write_with(|out| {
        let has_ids = have_ids(individuals);
        if !has_ids {
            writeln!(out, "{NUMBERS}")?;
        }
        for Individual { fid, iid } in individuals {
            if has_ids {
                writeln!(out, "{fid}\t{iid}")?;
            } else {
                writeln!(out, "{iid}")?;
            }
        }
        let mut seals = seals_of_siblings(path, &seal);
        seals.push(seal);
        seals.iter().try_for_each(|seal| writeln!(out, "{seal}"))
    })?;
    let files = [
        Some(ids),
        eigenvalues.map(|values| values.file),
        Some(matrix.file),
    ];
    let mut paths = finish_all(files.into_iter().flatten().collect())?;
    paths.rotate_left(1);
    Ok(paths)
}

/// Checksums of the matrix of the same individuals in other formats, which has the same ids file.
fn seals_of_siblings(path: &Path, seal: &Seal) -> Vec<Seal> {
    // The file may be absent, damaged, or a pipe, which would never end.
    if !path.is_file() {
        return Vec::new();
    }
    let Ok(older) = IdFile::read(path) else {
        return Vec::new();
    };
    let mut seals = older.seals().to_vec();
    seals.retain(|other| {
        let has_matrix = path.with_extension(&other.format).exists();
        other.format != seal.format && other.ids == seal.ids && has_matrix
    });
    seals
}

/// Fails if a matrix of another format with this name belongs to other individuals, whose ids would be lost.
pub fn check_ids_are_free(
    place: &OutputPlace,
    stem: &str,
    format: MatrixFormat,
    individuals: &[Individual],
) -> Result<()> {
    let id_path = place.path(&format!("{stem}.id"));
    OutputFile::check(&id_path)?;
    let sibling = MatrixFormat::ALL
        .into_iter()
        .filter(|&other| other != format)
        .map(|other| place.path(&format!("{stem}.{}", other.extension())))
        .find(|sibling| sibling.exists());
    let Some(sibling) = sibling else {
        return Ok(());
    };
    if !id_path.is_file() || IdFile::read(&id_path)?.individuals() == individuals {
        return Ok(());
    }
    Err(Error::inconsistent(
        format!(
            "{} belongs to other individuals, whose ids in {} would be overwritten",
            sibling.display(),
            id_path.display()
        ),
        "choose another prefix with -o, or remove the old files",
    ))
}
