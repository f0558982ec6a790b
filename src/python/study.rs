//! A study in memory: individuals, SNPs and genotypes from arrays.

use super::array_source::{ArraySource, check_range};
use super::object::Raised;
use crate::error::Result;
use crate::genotype::Genotypes;
use crate::io::bed::{call_code, packed_bytes};
use crate::io::bim::{Snp, SnpTable};
use crate::io::fam::Individual;
use crate::kernels::memory::more_room;
use crate::sources::{GenotypeSource, MemorySource};
use numpy::{PyArray2, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::Arc;

/// Individuals, SNPs and genotypes.
#[pyclass(module = "jamma._core")]
pub(super) struct Study {
    individuals: Vec<Individual>,
    snps: Vec<[String; 4]>,
    ps: Vec<i64>,
    genotypes: Stored,
}

/// The genotypes of a study.
enum Stored {
    /// Hard calls, two bits each as in a `.bed` file.
    Calls(Arc<Genotypes>),
    /// Dosages that a Python function returns.
    Read { read: Py<PyAny>, n_snps: usize },
}

#[pymethods]
impl Study {
    /// A study of `individuals` (FID, IID) without SNPs.
    #[new]
    fn new(individuals: Vec<(String, String)>) -> Self {
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
            genotypes: Stored::Calls(Arc::new(Genotypes::Packed(Vec::new()))),
        }
    }

    /// Adds the hard calls of some SNPs, individuals × SNPs, NaN if missing; `first` is the index of the first of them.
    ///
    /// Returns False and adds nothing if a genotype is not 0, 1 or 2.
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
        let Stored::Calls(genotypes) = &mut self.genotypes else {
            return Err(PyValueError::new_err(
                "the study has dosages: hard calls cannot be added",
            ));
        };
        let Some(Genotypes::Packed(bytes)) = Arc::get_mut(genotypes) else {
            return Err(PyValueError::new_err(
                "the study is in use by a run: SNPs cannot be added",
            ));
        };
        for (s, snp) in view.columns().into_iter().enumerate() {
            check_range(snp.iter().copied(), first + s)?;
        }
        if view.iter().any(|&g| !g.is_nan() && g.fract() != 0.0) {
            return Ok(false);
        }
        more_room(bytes, view.ncols() * packed_bytes(n), "the genotypes")?;
        for snp in view.columns() {
            let start = bytes.len();
            bytes.resize(start + packed_bytes(n), 0);
            for (i, &g) in snp.iter().enumerate() {
                // Checked above: NaN or 0, 1 or 2.
                let code = call_code((!g.is_nan()).then_some(g as u8));
                bytes[start + i / 4] |= code << (2 * (i % 4));
            }
        }
        Ok(true)
    }

    /// Reads the genotypes of `n_snps` SNPs with `read` (see [`ArraySource`]) during the run; hard calls that were added are
    /// dropped.
    fn read_dosages(&mut self, read: Py<PyAny>, n_snps: usize) {
        self.genotypes = Stored::Read { read, n_snps };
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
        let n_stored = match &self.genotypes {
            Stored::Calls(genotypes) => genotypes.n_snps(self.individuals.len()).unwrap_or(0),
            Stored::Read { n_snps, .. } => *n_snps,
        };
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
        matches!(self.genotypes, Stored::Read { .. })
    }
}

impl Study {
    /// The study for a run, which shares the genotypes, and the storage of an exception of the function that reads them.
    pub(super) fn source(
        &self,
        py: Python<'_>,
    ) -> Result<(Arc<dyn GenotypeSource>, Option<Raised>)> {
        let snps = self.snps.iter().zip(&self.ps);
        let snps = SnpTable::of(snps.map(|([chr, rs, allele1, allele0], &ps)| Snp {
            chr,
            rs,
            ps,
            allele1,
            allele0,
        }));
        let individuals = self.individuals.clone();
        match &self.genotypes {
            Stored::Calls(genotypes) => {
                let source = MemorySource::new(individuals, snps, Arc::clone(genotypes))?;
                Ok((Arc::new(source), None))
            }
            Stored::Read { read, .. } => {
                let source = ArraySource::new(individuals, snps, read.clone_ref(py));
                let raised = source.raised();
                Ok((Arc::new(source), Some(raised)))
            }
        }
    }
}
