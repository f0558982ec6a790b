//! Kinship matrices from files, matched to the individuals of a study.

use super::bound::{BoundIds, ids_beside, read_bound_square};
use super::kind::Kinship;
use super::relationship;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::fam::Individual;
use crate::io::relationship::Format;
use crate::io::square::SquareMatrix;
use crate::io::text::count;
use crate::io::triplets;
use crate::kernels::memory::room;
use crate::kernels::try_copy;
use std::path::Path;

/// The layout of a kinship file (`-km`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KinshipLayout {
    /// A square matrix, as text or `.npy` (`-km 1`).
    #[default]
    Square,
    /// Lines `id1 id2 value` (`-km 2`).
    Triplets,
}

/// Reads the kinship of the `analysed` individuals from `path`; also returns notes for the user.
///
/// Matrices of PLINK, GCTA, R and TASSEL are matched by the ids of their rows (see [`relationship`](crate::io::relationship)).
///
/// If there are ids next to a square matrix (`X.cXX.id` next to `X.cXX.txt`), rows are matched by family and individual
/// id, and the matrix must be the one that the ids were written for. Without ids, the rows must be all individuals of
/// the `.fam` in its order, as in GEMMA. Rows of other individuals must exist but are not parsed.
///
/// Fails if an analysed individual has no row, the size is wrong, a cell is not a finite number, or the matrix is not
/// symmetric.
pub fn read_kinship(
    path: &Path,
    layout: KinshipLayout,
    everybody: &[Individual],
    analysed: &Subset,
) -> Result<(Kinship, Vec<String>)> {
    match layout {
        KinshipLayout::Square => match Format::of(path)? {
            Format::Plain => {
                let mut notes = Vec::new();
                let ids = ids_beside(path, &mut notes)?;
                read_square(path, ids.as_ref(), everybody, analysed, notes)
            }
            Format::Kinf => {
                let note = format!(
                    "{}: EMMAX's kinship, without ids; its rows are assumed to be the individuals of the genotypes in order, as in the .tfam it was computed from",
                    path.display()
                );
                read_square(path, None, everybody, analysed, vec![note])
            }
            other => relationship::read(path, &other, everybody, analysed),
        },
        KinshipLayout::Triplets => read_triplets(path, everybody, analysed),
    }
}

/// Reads a square matrix with these ids, or without ids in the order of the genotypes.
fn read_square(
    path: &Path,
    ids: Option<&BoundIds>,
    everybody: &[Individual],
    analysed: &Subset,
    mut notes: Vec<String>,
) -> Result<(Kinship, Vec<String>)> {
    let wanted: Vec<Individual> = analysed
        .rows()
        .iter()
        .map(|&i| everybody[i].clone())
        .collect();
    let (n_rows, rows) = match ids {
        None => (everybody.len(), analysed.rows().to_vec()),
        Some(ids) => ids.rows_of(path, &wanted, everybody, &mut notes)?,
    };
    let mut square = read_bound_square(path, ids, n_rows, &rows)?;
    let name = |k: usize| format!("row {} ({})", rows[k] + 1, wanted[k]);
    if let Some(asymmetry) = square.symmetrize(path, name)? {
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
    Ok((kinship(&square)?, notes))
}

/// The kinship of the `analysed` individuals from one that the caller passes in memory; also returns notes for the
/// user.
///
/// * `name`: the matrix in messages
/// * `rows`: the row of each individual, `None` for an individual without a row; without this list, rows are
///   `everybody`
///
/// Fails as [`read_kinship`] does; entries of other individuals are not checked.
pub fn select_kinship(
    whole: SquareMatrix,
    rows: Option<Vec<Option<usize>>>,
    name: &str,
    everybody: &[Individual],
    analysed: &Subset,
) -> Result<(Kinship, Vec<String>)> {
    let path = Path::new(name);
    if rows.is_none() && whole.n != everybody.len() {
        return Err(Error::inconsistent(
            format!(
                "the {name} matrix is {0} x {0}, but there are {1}",
                whole.n,
                count(everybody.len(), "individual")
            ),
            "give one row and one column per individual, in their order",
        ));
    }
    let (n, analysed_rows) = (analysed.len(), analysed.rows());
    let rows = match rows {
        None => analysed_rows.to_vec(),
        Some(rows) => rows_in_memory(&rows, name, everybody, analysed_rows)?,
    };
    let mut square = if n == whole.n && rows.iter().copied().eq(0..n) {
        whole
    } else {
        let mut values = room(n * n, "the kinship of the analysed individuals")?;
        for &i in &rows {
            values.extend(rows.iter().map(|&j| whole.values[i * whole.n + j]));
        }
        SquareMatrix { n, values }
    };
    let one = |k: usize| format!("individual {}", everybody[analysed_rows[k]]);
    if let Some(at) = square.values.iter().position(|x| !x.is_finite()) {
        return Err(Error::malformed(
            path,
            format!(
                "{} with {} is {}, expected a finite number",
                one(at / n),
                one(at % n),
                square.values[at]
            ),
            "exclude the individuals without kinship values",
        ));
    }
    let asymmetry = square.symmetrize(path, one)?;
    let notes = asymmetry.map(|asymmetry| {
        format!(
            "{name}: not exactly symmetric, by up to {:.2e}; the upper triangle is used",
            asymmetry.difference
        )
    });
    Ok((kinship(&square)?, notes.into_iter().collect()))
}

/// The row of each analysed individual; `analysed_rows` are their rows among all individuals.
fn rows_in_memory(
    rows: &[Option<usize>],
    name: &str,
    everybody: &[Individual],
    analysed_rows: &[usize],
) -> Result<Vec<usize>> {
    let found: Vec<usize> = analysed_rows.iter().filter_map(|&i| rows[i]).collect();
    let Some(&first) = analysed_rows.iter().find(|&&i| rows[i].is_none()) else {
        return Ok(found);
    };
    Err(Error::inconsistent(
        format!(
            "{name}: individual {} has no row ({} of {} have none)",
            everybody[first],
            analysed_rows.len() - found.len(),
            count(analysed_rows.len(), "analysed individual")
        ),
        "pass the kinship of all analysed individuals, or set the phenotype of the others to missing",
    ))
}

fn read_triplets(
    path: &Path,
    everybody: &[Individual],
    analysed: &Subset,
) -> Result<(Kinship, Vec<String>)> {
    let iids: Vec<&str> = everybody.iter().map(|i| &*i.iid).collect();
    let read = triplets::read_triplets(path, &iids, analysed.rows())?;
    let mut notes = Vec::new();
    for (n_pairs, what) in [
        (
            read.n_unknown_pairs,
            "pairs with an id that is not in the .fam were ignored",
        ),
        (
            read.n_excluded_pairs,
            "pairs with an individual that is not analysed were ignored",
        ),
        (
            read.n_absent_pairs,
            "pairs of analysed individuals are absent and count as 0",
        ),
    ] {
        if n_pairs > 0 {
            notes.push(format!("{}: {n_pairs} {what}", path.display()));
        }
    }
    Ok((kinship(&read.matrix)?, notes))
}

fn kinship(square: &SquareMatrix) -> Result<Kinship> {
    let (n, what) = (square.n, "a copy of the kinship matrix");
    Ok(Kinship {
        matrix: try_copy(&square.values, n, n, what)?,
    })
}

/// Fails early, before minutes of other work, if a kinship file cannot be opened, or is one of another program without
/// the ids of its rows or with another size than they require.
pub fn check_kinship_file(path: &Path, layout: KinshipLayout) -> Result<()> {
    check_readable(path)?;
    match layout {
        KinshipLayout::Square => relationship::check(path),
        KinshipLayout::Triplets => Ok(()),
    }
}

/// Fails early if the file cannot be opened, before minutes of other work.
///
/// A pipe is not opened, because it can be opened only once.
pub fn check_readable(path: &Path) -> Result<()> {
    let status = std::fs::metadata(path).map_err(Error::io("open", path))?;
    if !status.is_file() {
        return Ok(());
    }
    std::fs::File::open(path)
        .map(drop)
        .map_err(Error::io("open", path))
}
