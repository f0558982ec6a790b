//! Tests of SNPs by a Python backend, which has one scanner for each trait, or one for all traits of a group.

use super::block_array::{BlockArray, Scanners};
use super::matrices::array_of_mat;
use super::object::PyBackend;
use crate::assoc::lmm::{Effect, Lmm, SnpStatistics, Tests};
use crate::assoc::{Scan, SnpFlags, TraitColumns, Undefined};
use crate::error::Result;
use crate::genotype::{GenotypeBlock, SnpSummary};
use crate::null::{FittedGroup, FittedTrait};
use crate::stats::PValue;
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Codes of the backend for a SNP without results; the code of a SNP with results is 0.
pub(super) const UNDEFINED_COLLINEAR: u8 = 1;
pub(super) const UNDEFINED_LIKELIHOOD: u8 = 2;
pub(super) const UNDEFINED_FLAT_RESTRICTED: u8 = 3;

/// The method of a backend that makes a scanner for all traits of a group; it is optional.
const GROUP_SCANNER: &str = "group_scanner";

/// The scanners of a group's traits.
pub(super) struct PyScan<'g> {
    backend: &'g PyBackend,
    scanners: Scanners,
    group: &'g FittedGroup,
    options: Lmm,
}

impl<'g> PyScan<'g> {
    /// Calls the method `group_scanner` of `backend` for several traits, if it has one, else `scanner` for each trait.
    pub(super) fn new(
        backend: &'g PyBackend,
        group: &'g FittedGroup,
        options: Lmm,
    ) -> Result<Self> {
        let scanners = backend.call(|py| {
            let (eigen, range) = (group.rotation.eigen(), options.range);
            let arguments = PyDict::new(py);
            arguments.set_item("d", eigen.values.clone().into_pyarray(py))?;
            arguments.set_item("u", array_of_mat(py, eigen.vectors.as_ref())?)?;
            arguments.set_item("utw", array_of_mat(py, group.design.utw())?)?;
            arguments.set_item("l_min", range.min)?;
            arguments.set_item("l_max", range.max)?;
            arguments.set_item("n_region", range.intervals)?;
            arguments.set_item("tests", name_of(options.computed_tests()))?;
            let object = &backend.object;
            let set_trait = |of: &Bound<'_, PyDict>, fitted: &FittedTrait| {
                let (model, ml) = (&fitted.model, &fitted.null.ml);
                of.set_item("uty", model.uty().to_vec().into_pyarray(py))?;
                of.set_item("null_lambda_ml", ml.lambda)?;
                of.set_item("null_logl_ml", ml.value)
            };
            if group.traits.len() > 1 && object.bind(py).hasattr(GROUP_SCANNER)? {
                let traits = group.traits.iter().map(|fitted| {
                    let of_trait = PyDict::new(py);
                    set_trait(&of_trait, fitted).map(|()| of_trait)
                });
                arguments.set_item("traits", traits.collect::<PyResult<Vec<_>>>()?)?;
                let scanner = object.call_method(py, GROUP_SCANNER, (), Some(&arguments))?;
                return Ok(Scanners::OfGroup(scanner));
            }
            let scanners = group.traits.iter().map(|fitted| {
                set_trait(&arguments, fitted)?;
                object.call_method(py, "scanner", (), Some(&arguments))
            });
            Ok(Scanners::OfTraits(scanners.collect::<PyResult<_>>()?))
        })?;
        Ok(Self {
            backend,
            scanners,
            group,
            options,
        })
    }
}

impl Scan for PyScan<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>> {
        if snps.is_empty() {
            let nothing = || self.options.trait_columns([].iter());
            return Ok(self.group.traits.iter().map(|_| nothing()).collect());
        }
        let snp_indices: Vec<usize> = snps.iter().map(|snp| snp.snp_index).collect();
        let subset = self.group.rotation.subset();
        let df = (self.group.n() - self.group.c() - 1) as f64;
        self.backend.call(|py| {
            let array = BlockArray::new(py, block, &snp_indices, subset)?;
            let means: Vec<f64> = snps.iter().map(SnpSummary::mean).collect();
            let found = array.scan_by(&self.scanners, means)?;
            let n_traits = self.group.traits.len();
            if found.len() != n_traits {
                return Err(PyValueError::new_err(format!(
                    "scan returned the results of {} traits, expected {n_traits}",
                    found.len()
                )));
            }
            let columns = found.iter().map(|found| {
                let found = Statistics::of(found.bind(py), snps.len())?;
                let rows: Vec<_> = (0..snps.len()).map(|s| found.snp(s, df)).collect();
                Ok(self.options.trait_columns(rows.iter()))
            });
            columns.collect()
        })
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
                "scan returned {} values of {name} for {n_snps} SNPs",
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

    fn snp(&self, s: usize, df: f64) -> SnpStatistics {
        let undefined = match self.undefined[s] {
            0 => None,
            UNDEFINED_COLLINEAR => Some(Undefined::Collinear),
            UNDEFINED_FLAT_RESTRICTED => Some(Undefined::FlatRestricted),
            _ => Some(Undefined::Likelihood),
        };
        // A flat restricted likelihood does not affect the other tests.
        if undefined.is_some_and(|reason| reason != Undefined::FlatRestricted) {
            return SnpStatistics {
                flags: SnpFlags {
                    undefined,
                    ..SnpFlags::default()
                },
                ..SnpStatistics::NAN
            };
        }
        let [beta, se, logl_h1, l_remle, l_mle, f_wald, lrt, f_score] =
            self.numbers.each_ref().map(|values| values[s]);
        SnpStatistics {
            effect: Effect { beta, se },
            logl_h1,
            l_remle,
            l_mle,
            p_wald: PValue::of_f(f_wald, df),
            p_lrt: PValue::of_chi2(lrt),
            p_score: PValue::of_f(f_score, df),
            flags: SnpFlags {
                undefined,
                lambda_bound: None,
                used_fallback: self.used_fallback[s],
                is_perfect_fit: self.is_perfect_fit[s],
            },
        }
    }
}
