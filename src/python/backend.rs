//! A backend that is a Python object: the three verbs of the seam, block by block.
//!
//! The object gets packed genotypes (or dosages) of the wanted individuals, means and matrices as NumPy arrays and gives statistics back;
//! centring, the zeroing rule and p-values are ours, so that they cannot differ between backends. The interpreter lock
//! is taken for each block.

use super::exit;
use super::genotypes::{dosages, packed};
use super::matrices::{array_of_mat, array_of_symmetric, mat_of_array};
use crate::backend::{Backend, KinshipAccumulator, Scan};
use crate::eigen::Eigen;
use crate::error::{Error, Result};
use crate::genotype::{GenotypeBlock, SnpSummary, Subset};
use crate::kernels::Precision;
use crate::kinship::{Kinship, KinshipKind, moments, scale};
use crate::lmm::{Effect, LambdaRange, NullFit, PValue, RotatedModel, SnpAssoc, Tests, Undefined};
use numpy::{IntoPyArray, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex, PoisonError};

/// The exception that ended a run, for the caller to raise again.
pub(super) type Raised = Arc<Mutex<Option<PyErr>>>;

/// Why a SNP has no results, in the object's answers; 0 where it has.
pub(super) const UNDEFINED_COLLINEAR: u8 = 1;
pub(super) const UNDEFINED_LIKELIHOOD: u8 = 2;
pub(super) const UNDEFINED_FLAT_RESTRICTED: u8 = 3;

/// A Python object with the methods `kinship_sum`, `eigendecompose` and `scanner`, and a `name`.
pub(super) struct PyBackend {
    object: Py<PyAny>,
    name: String,
    raised: Raised,
}

impl PyBackend {
    pub(super) fn new(py: Python<'_>, object: Py<PyAny>) -> PyResult<Self> {
        let name = object.getattr(py, "name")?.extract(py)?;
        Ok(Self {
            object,
            name,
            raised: Raised::default(),
        })
    }

    /// Where an exception of the object is kept.
    pub(super) fn raised(&self) -> Raised {
        Arc::clone(&self.raised)
    }

    /// Calls into Python; an exception ends the run.
    fn call<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
        // There is nobody to attach to when the interpreter is being shut down: the run was given up.
        let attached = exit::try_attach(|py| {
            work(py).map_err(|error| {
                let what = format!("the backend {} failed: {error}", self.name);
                let is_memory = error.is_instance_of::<PyMemoryError>(py)
                    || what.contains("RESOURCE_EXHAUSTED");
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                let hint = "choose the backend rust with --backend rust or backend=\"rust\"".into();
                if is_memory {
                    Error::Memory { what, hint }
                } else {
                    Error::Backend { what, hint }
                }
            })
        });
        attached.unwrap_or(Err(Error::Interrupted))
    }
}

impl Backend for PyBackend {
    fn name(&self) -> &str {
        &self.name
    }

    fn kinship_sum<'a>(
        &'a self,
        kind: KinshipKind,
        wanted: Subset,
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
                    "eigendecompose gave {} values and {} x {} vectors for a {n} x {n} matrix",
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

    fn notes(&self) -> Vec<String> {
        let taken = self.call(|py| {
            // An attribute that a backend need not have.
            let Ok(notes) = self.object.getattr(py, "notes") else {
                return Ok(Vec::new());
            };
            let texts = notes.extract(py)?;
            notes.call_method0(py, "clear")?;
            Ok(texts)
        });
        taken.unwrap_or_default()
    }

    fn host_bytes(
        &self,
        stage: &str,
        n: usize,
        block_snps: usize,
        has_dosages: bool,
    ) -> Result<u64> {
        self.call(|py| {
            // A method that a backend need not have.
            let Ok(price) = self.object.getattr(py, "host_bytes") else {
                return Ok(0);
            };
            price
                .call1(py, (stage, n, block_snps, has_dosages))?
                .extract(py)
        })
    }

    fn scanner<'m>(
        &'m self,
        model: &'m RotatedModel,
        null: &NullFit,
        individuals: &'m Subset,
        range: LambdaRange,
        tests: Tests,
        rotation: Precision,
    ) -> Result<Box<dyn Scan + 'm>> {
        if rotation == Precision::F32 {
            return Err(Error::option(
                "--rotation",
                format!("the backend {} rotates in f64 only", self.name),
                "leave the option out, or choose the backend rust",
            ));
        }
        let scanner = self.call(|py| {
            let n = model.n();
            let arguments = PyDict::new(py);
            arguments.set_item("d", model.eigen().values.clone().into_pyarray(py))?;
            arguments.set_item("u", array_of_mat(py, model.eigen().vectors.as_ref())?)?;
            arguments.set_item("uty", model.uty()[..n].to_vec().into_pyarray(py))?;
            arguments.set_item("utw", array_of_mat(py, model.utw())?)?;
            arguments.set_item("null_lambda_ml", null.ml.lambda)?;
            arguments.set_item("null_logl_ml", null.ml.value)?;
            arguments.set_item("l_min", range.min)?;
            arguments.set_item("l_max", range.max)?;
            arguments.set_item("n_region", range.intervals)?;
            arguments.set_item("tests", name_of(tests))?;
            self.object.call_method(py, "scanner", (), Some(&arguments))
        })?;
        Ok(Box::new(PyScan {
            backend: self,
            scanner,
            individuals,
            df: (model.n() - model.c() - 1) as f64,
        }))
    }
}

fn name_of(tests: Tests) -> &'static str {
    match tests {
        Tests::Wald => "wald",
        Tests::Lrt => "lrt",
        Tests::Score => "score",
        Tests::All => "all",
        Tests::LrtWithEffect => "lrt_effect",
    }
}

/// A running sum of the object's.
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
            .map(|&snp_index| {
                if block.has_dosages() {
                    let (mean, per_sd) = moments(self.kind, block.dosages(snp_index));
                    return (mean, per_sd.recip());
                }
                let (mean, per_variance) = scale(self.everybody.count(block.packed(snp_index)));
                (mean, per_variance.recip().sqrt())
            })
            .unzip();
        self.backend.call(|py| {
            let (means, sds) = (means.into_pyarray(py), sds.into_pyarray(py));
            if block.has_dosages() {
                let dosages = dosages(py, block, snp_indices, &self.wanted)?;
                self.sum
                    .call_method1(py, "add_dosages", (dosages, means, sds))
            } else {
                let packed = packed(py, block, snp_indices, &self.wanted)?;
                self.sum.call_method1(py, "add", (packed, means, sds))
            }
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

/// A scanner of the object's.
struct PyScan<'m> {
    backend: &'m PyBackend,
    scanner: Py<PyAny>,
    individuals: &'m Subset,
    df: f64,
}

impl Scan for PyScan<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<SnpAssoc>> {
        if snps.is_empty() {
            return Ok(Vec::new());
        }
        let snp_indices: Vec<usize> = snps.iter().map(|snp| snp.snp_index).collect();
        let means: Vec<f64> = snps.iter().map(SnpSummary::mean).collect();
        self.backend.call(|py| {
            let found = if block.has_dosages() {
                let dosages = dosages(py, block, &snp_indices, self.individuals)?;
                self.scanner.call_method1(py, "scan_dosages", (dosages,))?
            } else {
                let packed = packed(py, block, &snp_indices, self.individuals)?;
                let arguments = (packed, means.into_pyarray(py));
                self.scanner.call_method1(py, "scan", arguments)?
            };
            let found = Statistics::of(found.bind(py), snps.len())?;
            Ok((0..snps.len()).map(|s| found.snp(s, self.df)).collect())
        })
    }
}

/// The statistics of a block, one vector each.
struct Statistics {
    numbers: [Vec<f64>; 8],
    undefined: Vec<u8>,
    used_fallback: Vec<bool>,
    is_perfect_fit: Vec<bool>,
}

impl Statistics {
    fn of(found: &Bound<'_, PyAny>, n_snps: usize) -> PyResult<Self> {
        let numbers = |name: &str| -> PyResult<Vec<f64>> {
            let array: PyReadonlyArray1<'_, f64> = found.get_item(name)?.extract()?;
            let values = array.as_array().to_vec();
            if values.len() == n_snps {
                return Ok(values);
            }
            Err(PyValueError::new_err(format!(
                "scan gave {} values of {name} for {n_snps} SNPs",
                values.len()
            )))
        };
        let undefined: PyReadonlyArray1<'_, u8> = found.get_item("undefined")?.extract()?;
        let flags = |name: &str| -> PyResult<Vec<bool>> {
            let array: PyReadonlyArray1<'_, bool> = found.get_item(name)?.extract()?;
            Ok(array.as_array().to_vec())
        };
        Ok(Self {
            numbers: [
                numbers("beta")?,
                numbers("se")?,
                numbers("logl_h1")?,
                numbers("l_remle")?,
                numbers("l_mle")?,
                numbers("f_wald")?,
                numbers("lrt")?,
                numbers("f_score")?,
            ],
            undefined: undefined.as_array().to_vec(),
            used_fallback: flags("used_fallback")?,
            is_perfect_fit: flags("is_perfect_fit")?,
        })
    }

    fn snp(&self, s: usize, df: f64) -> SnpAssoc {
        let undefined = match self.undefined[s] {
            0 => None,
            UNDEFINED_COLLINEAR => Some(Undefined::Collinear),
            UNDEFINED_FLAT_RESTRICTED => Some(Undefined::FlatRestricted),
            _ => Some(Undefined::Likelihood),
        };
        // A flat restricted likelihood leaves the other tests as they are.
        if undefined.is_some_and(|reason| reason != Undefined::FlatRestricted) {
            return SnpAssoc {
                undefined,
                ..SnpAssoc::NAN
            };
        }
        let [beta, se, logl_h1, l_remle, l_mle, f_wald, lrt, f_score] =
            self.numbers.each_ref().map(|values| values[s]);
        SnpAssoc {
            effect: Effect { beta, se },
            logl_h1,
            l_remle,
            l_mle,
            p_wald: PValue::of_f(f_wald, df),
            p_lrt: PValue::of_chi2(lrt),
            p_score: PValue::of_f(f_score, df),
            undefined,
            used_fallback: self.used_fallback[s],
            is_perfect_fit: self.is_perfect_fit[s],
        }
    }
}
