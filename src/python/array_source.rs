//! Dosages of an array in Python, which are read block by block and never copied as a whole.

use super::exit;
use super::object::Raised;
use crate::error::{Error, Result};
use crate::genotype::{Encoding, GenotypeBlock, Genotypes};
use crate::io::bim::SnpTable;
use crate::io::fam::Individual;
use crate::kernels::memory::more_room;
use crate::sources::ranges::{BlocksAhead, RangeReader};
use crate::sources::{GenotypeBlocks, GenotypeSource};
use numpy::ndarray::{ArrayView2, s};
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

/// Number of genotypes that the reader converts at a time: 32 MB in double precision.
const VALUES_AT_ONCE: usize = 1 << 22;
/// Number of rows whose cache lines stay in the first level of the cache while they are copied.
const ROWS_AT_ONCE: usize = 256;

/// A source whose genotypes are returned by a Python function.
///
/// `read(first, end)` returns the dosages of the SNPs from `first` to `end` as an array of individuals × SNPs in double
/// precision, NaN if missing. It is called with the interpreter lock, from any thread, any number of times, and must return
/// the same values each time.
#[derive(Debug, Clone)]
pub(super) struct ArraySource {
    individuals: Arc<[Individual]>,
    snps: Arc<SnpTable>,
    read: Arc<Py<PyAny>>,
    raised: Raised,
}

impl ArraySource {
    /// * `read`: the function
    pub(super) fn new(individuals: Vec<Individual>, snps: SnpTable, read: Py<PyAny>) -> Self {
        Self {
            individuals: individuals.into(),
            snps: Arc::new(snps),
            read: Arc::new(read),
            raised: Raised::default(),
        }
    }

    /// The storage of an exception of the function.
    pub(super) fn raised(&self) -> Raised {
        Arc::clone(&self.raised)
    }

    /// Appends the dosages of the SNPs to `out`, SNP by SNP. An exception ends the run.
    fn append(&self, snps: Range<usize>, out: &mut Vec<f64>) -> Result<()> {
        // During the shutdown there is no interpreter to attach to, and the run is cancelled.
        let attached = exit::try_attach(|py| {
            self.call(py, snps, out).map_err(|error| {
                let what = format!("the genotypes could not be read: {error}");
                let is_memory = error.is_instance_of::<PyMemoryError>(py);
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                let hint = "check the array that was given as genotypes".into();
                if is_memory {
                    Error::Memory { what, hint }
                } else {
                    Error::Backend { what, hint }
                }
            })
        });
        attached.unwrap_or(Err(Error::Interrupted))
    }

    fn call(&self, py: Python<'_>, snps: Range<usize>, out: &mut Vec<f64>) -> PyResult<()> {
        let found = self.read.call1(py, (snps.start, snps.end))?;
        let found: PyReadonlyArray2<'_, f64> = found.extract(py)?;
        let n = self.individuals.len();
        if found.shape() != [n, snps.len()] {
            return Err(PyValueError::new_err(format!(
                "genotypes: the array of SNPs {} to {} has shape {} x {}, expected {n} x {}",
                snps.start + 1,
                snps.end,
                found.shape()[0],
                found.shape()[1],
                snps.len()
            )));
        }
        let start = out.len();
        out.resize(start + n * snps.len(), 0.0);
        copy_by_columns(&found.as_array(), &mut out[start..]);
        let columns = out[start..].chunks_exact(n.max(1)).zip(snps);
        for (snp, snp_index) in columns {
            check_range(snp.iter().copied(), snp_index)?;
        }
        Ok(())
    }

    fn block(&self, snps: Range<usize>) -> Result<GenotypeBlock> {
        let n = self.individuals.len();
        let mut values = Vec::new();
        more_room(&mut values, n * snps.len(), "the genotypes")?;
        let step = (VALUES_AT_ONCE / n.max(1)).max(1);
        for first in snps.clone().step_by(step) {
            self.append(first..(first + step).min(snps.end), &mut values)?;
        }
        let block = GenotypeBlock::new(snps.start, n, Genotypes::Dosages(values));
        Ok(block.with_records(Arc::clone(&self.snps), snps.start))
    }
}

/// Copies an array to `out`, column by column.
///
/// Some rows at a time, because in an array of rows each cache line has values of several columns.
fn copy_by_columns(from: &ArrayView2<'_, f64>, out: &mut [f64]) {
    let n = from.nrows();
    for first in (0..n).step_by(ROWS_AT_ONCE) {
        let rows = first..(first + ROWS_AT_ONCE).min(n);
        for (column, into) in from.columns().into_iter().zip(out.chunks_exact_mut(n)) {
            let some = column.slice_move(s![rows.clone()]);
            for (x, value) in into[rows.clone()].iter_mut().zip(some) {
                *x = *value;
            }
        }
    }
}

/// Fails if a genotype of a SNP is neither NaN nor from 0 to 2.
pub(super) fn check_range(genotypes: impl Iterator<Item = f64>, snp_index: usize) -> Result<()> {
    let mut genotypes = genotypes.enumerate();
    match genotypes.find(|(_, g)| !g.is_nan() && !(0.0..=2.0).contains(g)) {
        None => Ok(()),
        Some((row, g)) => Err(Error::inconsistent(
            format!(
                "genotypes: individual {} has {g} at SNP {}, expected a number from 0 to 2, or NaN",
                row + 1,
                snp_index + 1
            ),
            format!("write NaN for a missing genotype, or declare its code: missing={g}"),
        )),
    }
}

impl GenotypeSource for ArraySource {
    fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    fn snps(&self) -> Option<&Arc<SnpTable>> {
        Some(&self.snps)
    }

    fn encoding(&self) -> Encoding {
        Encoding::Dosage
    }

    fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Result<Box<dyn GenotypeBlocks>> {
        let snps = snps.start..snps.end.min(self.snps.len());
        // The function often waits for a disk or another program, without the lock.
        let blocks = BlocksAhead::start(self.clone(), snps, block_snps)?;
        Ok(Box::new(blocks))
    }
}

impl RangeReader for ArraySource {
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        self.block(snps).map(Some)
    }
}
