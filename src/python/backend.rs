//! A backend that is implemented by a Python object, which is called block by block.
//!
//! The object receives packed genotypes (or dosages) of the wanted individuals, means and matrices as NumPy arrays, and returns
//! statistics. Centring, the zeroing of small eigenvalues and p-values are computed here, so that they cannot differ between
//! backends. The interpreter lock is acquired for each block.

use super::block_array::BlockArray;
use super::matrices::{array_of_symmetric, mat_of_array};
use super::object::PyBackend;
use super::scan::PyScan;
use crate::assoc::Scan;
use crate::assoc::lmm::Lmm;
use crate::backend::{Backend, KinshipAccumulator};
use crate::eigen::Eigen;
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Subset};
use crate::kernels::Precision;
use crate::kinship::{Kinship, KinshipKind, mean_and_sd};
use crate::null::FittedGroup;
use crate::progress::Stage;
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

impl Backend for PyBackend {
    fn name(&self) -> &str {
        &self.name
    }

    fn kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
        _: Encoding,
    ) -> Result<Box<dyn KinshipAccumulator + 'a>> {
        let word = match kind {
            KinshipKind::Centred => "centered",
            KinshipKind::Standardised => "standardized",
        };
        let sum = self.call(|py| {
            self.object
                .call_method1(py, "kinship_sum", (word, wanted.len()))
        })?;
        Ok(Box::new(PySum {
            backend: self,
            kind,
            sum,
            everybody: Subset::everybody(wanted.n_total()),
            wanted,
            n_snps: 0,
        }))
    }

    fn eigendecompose(
        &self,
        kinship: Kinship,
        _: &(dyn Fn() -> bool + Sync),
        _: &(dyn Fn(f64) + Sync),
    ) -> Result<Eigen> {
        let matrix = Eigen::centred(kinship)?;
        let n = matrix.nrows();
        let (values, vectors) = self.call(|py| {
            let k = array_of_symmetric(py, &matrix)?;
            drop(matrix);
            let pair = self.object.call_method1(py, "eigendecompose", (k,))?;
            let (values, vectors): (PyReadonlyArray1<'_, f64>, PyReadonlyArray2<'_, f64>) =
                pair.extract(py)?;
            let (values, vectors) = (values.as_array().to_vec(), mat_of_array(&vectors)?);
            if values.len() != n || vectors.nrows() != n || vectors.ncols() != n {
                return Err(PyValueError::new_err(format!(
                    "eigendecompose returned {} values and {} x {} vectors for a {n} x {n} matrix",
                    values.len(),
                    vectors.nrows(),
                    vectors.ncols()
                )));
            }
            Ok((values, vectors))
        })?;
        if !values.is_sorted() || !vectors.is_all_finite() {
            return Err(Error::NoConvergence {
                what: format!(
                    "the eigendecomposition of the {n} x {n} kinship matrix by the backend {} did not converge",
                    self.name
                ),
            });
        }
        Ok(Eigen::new(values, vectors))
    }

    fn host_bytes(
        &self,
        stage: Stage,
        n: u64,
        block_snps: u64,
        encoding: Encoding,
    ) -> Result<Option<u64>> {
        let is_known = matches!(
            stage,
            Stage::Kinship | Stage::Eigendecomposition | Stage::Association
        );
        if !is_known {
            return Ok(None);
        }
        self.call(|py| {
            // The method is optional.
            let Ok(price) = self.object.getattr(py, "host_bytes") else {
                return Ok(None);
            };
            let has_dosages = encoding == Encoding::Dosage;
            let bytes = price.call1(py, (stage.name(), n, block_snps, has_dosages))?;
            bytes.extract(py).map(Some)
        })
    }

    fn check_lmm(&self, options: Lmm) -> Result<()> {
        if options.rotation == Precision::F32 {
            return Err(Error::option(
                "--rotation",
                format!("the backend {} rotates in f64 only", self.name),
                "omit the option, or choose the backend rust",
            ));
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let taken = self.call(|py| {
            // The attribute is optional.
            let Ok(notes) = self.object.getattr(py, "notes") else {
                return Ok(Vec::new());
            };
            let texts = notes.extract(py)?;
            notes.call_method0(py, "clear")?;
            Ok(texts)
        });
        taken.unwrap_or_default()
    }

    fn lmm_scan<'g>(&'g self, group: &'g FittedGroup, options: Lmm) -> Result<Box<dyn Scan + 'g>> {
        Ok(Box::new(PyScan::new(self, group, options)?))
    }
}

/// A kinship sum of the Python object.
struct PySum<'a> {
    backend: &'a PyBackend,
    kind: KinshipKind,
    sum: Py<PyAny>,
    everybody: Subset,
    wanted: Subset,
    n_snps: usize,
}

impl KinshipAccumulator for PySum<'_> {
    fn add(&mut self, block: &GenotypeBlock, snp_indices: &[usize]) -> Result<()> {
        if snp_indices.is_empty() {
            return Ok(());
        }
        let (means, sds): (Vec<f64>, Vec<f64>) = snp_indices
            .iter()
            .map(|&snp_index| mean_and_sd(self.kind, block, snp_index, &self.everybody))
            .unzip();
        self.backend.call(|py| {
            BlockArray::new(py, block, snp_indices, &self.wanted)?.add_to(&self.sum, means, sds)
        })?;
        self.n_snps += snp_indices.len();
        Ok(())
    }

    fn n_snps(&self) -> usize {
        self.n_snps
    }

    fn finish(self: Box<Self>) -> Result<Kinship> {
        let n = self.wanted.len();
        let matrix = self.backend.call(|py| {
            let k = self.sum.call_method1(py, "finish", (self.n_snps,))?;
            Ok(mat_of_array(&k.extract::<PyReadonlyArray2<'_, f64>>(py)?)?)
        })?;
        assert!(
            matrix.nrows() == n && matrix.ncols() == n,
            "a kinship of the wanted individuals"
        );
        Ok(Kinship { matrix })
    }
}
