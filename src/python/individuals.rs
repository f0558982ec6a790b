//! The individuals of files of genotypes.

use super::background::in_background;
use super::matrices::{Ids, ids_of};
use super::options::args;
use crate::cli;
use crate::error::{Error, Result};
use crate::io::fam::read_fam;
use crate::io::regular::check_regular;
#[cfg(feature = "cloud")]
use crate::sources::BedUrlSource;
use crate::sources::{GenotypeFiles, plink_path, prefix};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::Path;

/// The number of individuals in the files that the `options` of a command name, and their family and individual ids in the
/// order of the genotypes; None instead of ids if the format has none.
#[pyfunction]
pub(super) fn individuals(
    py: Python<'_>,
    command: &str,
    options: &Bound<'_, PyDict>,
) -> PyResult<(usize, Option<Ids>)> {
    let files = cli::genotype_files(&args(command, options)?)?;
    in_background(py, move |_| of_files(&files))
}

fn of_files(files: &GenotypeFiles) -> Result<(usize, Option<Ids>)> {
    if let GenotypeFiles::Plink(prefix) = files {
        // The other two files are not needed.
        let fam = of_fam(prefix)?;
        return Ok((fam.len(), Some(fam)));
    }
    #[cfg(feature = "cloud")]
    if let GenotypeFiles::PlinkUrl(url) = files {
        let fam = ids_of(BedUrlSource::read_fam(url)?.individuals());
        return Ok((fam.len(), Some(fam)));
    }
    let opened = files.open()?;
    let individuals = opened.source.individuals();
    let ids = opened.source.has_ids().then(|| ids_of(individuals));
    Ok((individuals.len(), ids))
}

fn of_fam(bfile: &Path) -> Result<Ids> {
    let path = plink_path(bfile, "fam");
    check_regular(&path)?;
    let fam = read_fam(&path).map_err(|error| {
        let mistake = matches!(error, Error::Io { .. }).then(|| prefix::mistake(bfile));
        mistake.flatten().unwrap_or(error)
    })?;
    Ok(ids_of(fam.individuals()))
}
