//! A study in memory: individuals, SNPs and genotypes from arrays.

use crate::error::{Error, Result};
use crate::genotype::{Encoding, Genotypes};
use crate::io::bed::packed_bytes;
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::{Individual, read_fam};
use crate::io::regular::check_regular;
use crate::kernels::memory::more_room;
use crate::sources::{MemorySource, plink_path, prefix};
use numpy::{PyArray2, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Individuals, SNPs and genotypes; hard calls are kept as two bits each.
#[pyclass(module = "jamma._core")]
pub(super) struct Study {
    individuals: Vec<Individual>,
    snps: Vec<[String; 4]>,
    ps: Vec<i64>,
    genotypes: Arc<Genotypes>,
}

#[pymethods]
impl Study {
    /// A study of `individuals` (FID, IID) without SNPs.
    #[new]
    #[pyo3(signature = (individuals, *, has_dosages))]
    fn new(individuals: Vec<(String, String)>, has_dosages: bool) -> Self {
        Self {
            individuals: individuals
                .into_iter()
                .map(|(fid, iid)| Individual {
                    fid: fid.into(),
                    iid: iid.into(),
                })
                .collect(),
            snps: Vec::new(),
            ps: Vec::new(),
            genotypes: Arc::new(if has_dosages {
                Genotypes::Dosages(Vec::new())
            } else {
                Genotypes::Packed(Vec::new())
            }),
        }
    }

    /// Adds the genotypes of some SNPs, individuals × SNPs, NaN if missing.
    ///
    /// Returns False and adds nothing if the study has hard calls and a genotype is not 0, 1 or 2.
    fn add(&mut self, block: &Bound<'_, PyArray2<f64>>, first: usize) -> PyResult<bool> {
        let block = block.readonly();
        let view = block.as_array();
        let n = self.individuals.len();
        if view.nrows() != n {
            return Err(PyValueError::new_err(format!(
                "the genotypes have {} rows for {n} individuals",
                view.nrows()
            )));
        }
        let genotypes = Arc::get_mut(&mut self.genotypes).ok_or_else(|| {
            PyValueError::new_err("the study is in use by a run: SNPs cannot be added")
        })?;
        for (s, snp) in view.columns().into_iter().enumerate() {
            if let Some((i, &g)) =
                (snp.iter().enumerate()).find(|(_, g)| !g.is_nan() && !(0.0..=2.0).contains(*g))
            {
                let error = Error::inconsistent(
                    format!(
                        "genotypes: individual {} has {g} at SNP {}, expected a number from 0 to 2, or NaN",
                        i + 1,
                        first + s + 1
                    ),
                    format!("write NaN for a missing genotype, or declare its code: missing={g}"),
                );
                return Err(error.into());
            }
        }
        match genotypes {
            Genotypes::Dosages(values) => {
                more_room(values, view.len(), "the genotypes")?;
                for snp in view.columns() {
                    values.extend(snp.iter());
                }
            }
            Genotypes::Scaled(_) => {
                panic!("a study holds hard calls or dosages in double precision")
            }
            Genotypes::Packed(bytes) => {
                if view.iter().any(|&g| !g.is_nan() && g.fract() != 0.0) {
                    return Ok(false);
                }
                more_room(bytes, view.ncols() * packed_bytes(n), "the genotypes")?;
                for snp in view.columns() {
                    let start = bytes.len();
                    bytes.resize(start + packed_bytes(n), 0);
                    for (i, &g) in snp.iter().enumerate() {
                        bytes[start + i / 4] |= code(g) << (2 * (i % 4));
                    }
                }
            }
        }
        Ok(true)
    }

    /// Sets the records of the SNPs: chromosome, id, position, counted and other allele of each.
    fn name_snps(
        &mut self,
        chr: Vec<String>,
        rs: Vec<String>,
        ps: Vec<i64>,
        allele1: Vec<String>,
        allele0: Vec<String>,
    ) -> PyResult<()> {
        let p = ps.len();
        let n_stored = self.genotypes.n_snps(self.individuals.len()).unwrap_or(0);
        for (what, length) in [
            ("chr", chr.len()),
            ("rs", rs.len()),
            ("ps", p),
            ("allele1", allele1.len()),
            ("allele0", allele0.len()),
        ] {
            if length != n_stored {
                return Err(PyValueError::new_err(format!(
                    "snps: {length} values of {what} for {n_stored} SNPs"
                )));
            }
        }
        self.ps = ps;
        self.snps = (chr.into_iter().zip(rs).zip(allele1).zip(allele0))
            .map(|(((chr, rs), allele1), allele0)| [chr, rs, allele1, allele0])
            .collect();
        if let Some(broken) = self.snps.iter().flatten().find(|text| text.contains('\n')) {
            return Err(PyValueError::new_err(format!(
                "snps: {broken:?} has a line break"
            )));
        }
        Ok(())
    }

    /// Whether genotypes are dosages.
    #[getter]
    fn has_dosages(&self) -> bool {
        self.genotypes.encoding() == Encoding::Dosage
    }
}

impl Study {
    /// The study for a run; genotypes are shared, not copied.
    pub(super) fn source(&self) -> Result<MemorySource> {
        let snps = self.snps.iter().zip(&self.ps);
        let snps = SnpTable::of(snps.map(|([chr, rs, allele1, allele0], &ps)| Snp {
            chr,
            rs,
            ps,
            allele1,
            allele0,
        }));
        MemorySource::new(self.individuals.clone(), snps, Arc::clone(&self.genotypes))
    }
}

/// The two-bit code of a `.bed` file.
fn code(g: f64) -> u8 {
    if g.is_nan() {
        0b01
    } else if g == 0.0 {
        0b11
    } else if g == 1.0 {
        0b10
    } else {
        0b00
    }
}

/// Family and individual ids of PLINK files, in the order of the `.fam`.
#[pyfunction]
#[allow(
    clippy::needless_pass_by_value,
    reason = "an argument as PyO3 extracts it"
)]
pub(super) fn individuals(bfile: PathBuf) -> PyResult<Vec<(String, String)>> {
    Ok(read_individuals(&bfile)?)
}

fn read_individuals(bfile: &Path) -> Result<Vec<(String, String)>> {
    let path = plink_path(bfile, "fam");
    check_regular(&path)?;
    let fam = read_fam(&path).map_err(|error| {
        let mistake = matches!(error, Error::Io { .. }).then(|| prefix::mistake(bfile));
        mistake.flatten().unwrap_or(error)
    })?;
    let ids = fam.individuals().iter();
    Ok(ids
        .map(|individual| (individual.fid.to_string(), individual.iid.to_string()))
        .collect())
}
