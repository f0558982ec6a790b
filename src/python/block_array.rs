//! Genotypes for a backend that is implemented in Python.

use crate::genotype::{Encoding, GenotypeBlock, Subset};
use numpy::npyffi::NPY_ORDER;
use numpy::{IntoPyArray, PyArrayMethods};
use pyo3::prelude::*;
use rayon::prelude::*;

/// The genotypes of some SNPs as a NumPy array, and calls of the Python methods that take such an array.
pub(super) struct BlockArray<'py> {
    /// Packed, SNPs × ⌈n/4⌉, or dosages, n × SNPs, NaN if missing.
    genotypes: Bound<'py, PyAny>,
    encoding: Encoding,
}

/// The objects of a backend that test SNPs.
pub(super) enum Scanners {
    /// One for each trait; it returns the results of this trait.
    OfTraits(Vec<Py<PyAny>>),
    /// One for all traits; it returns a list of their results.
    OfGroup(Py<PyAny>),
}

impl<'py> BlockArray<'py> {
    /// The genotypes of the `wanted` individuals. Blocks are converted to arrays only here.
    pub(super) fn new(
        py: Python<'py>,
        block: &GenotypeBlock,
        snp_indices: &[usize],
        wanted: &Subset,
    ) -> PyResult<Self> {
        let (n, p) = (wanted.len(), snp_indices.len());
        let encoding = block.encoding();
        let genotypes = match encoding {
            Encoding::Packed => {
                let stride = n.div_ceil(4);
                let bytes = py.detach(|| {
                    let mut bytes = vec![0_u8; p * stride];
                    bytes
                        .par_chunks_mut(stride)
                        .zip(snp_indices)
                        .for_each(|(out, &s)| wanted.compact(block.packed(s), out));
                    bytes
                });
                bytes.into_pyarray(py).reshape([p, stride])?.into_any()
            }
            Encoding::Dosage => {
                let values = py.detach(|| {
                    let mut values = vec![0.0; n * p];
                    (values.par_chunks_mut(n).zip(snp_indices))
                        .for_each(|(x, &s)| block.fill_column(s, wanted, f64::NAN, x));
                    values
                });
                let order = NPY_ORDER::NPY_FORTRANORDER;
                let array = values.into_pyarray(py);
                array.reshape_with_order([n, p], order)?.into_any()
            }
        };
        Ok(Self {
            genotypes,
            encoding,
        })
    }

    /// Adds the SNPs to a kinship sum of the backend.
    pub(super) fn add_to(self, sum: &Py<PyAny>, means: Vec<f64>, sds: Vec<f64>) -> PyResult<()> {
        let py = self.genotypes.py();
        let name = match self.encoding {
            Encoding::Packed => "add",
            Encoding::Dosage => "add_dosages",
        };
        let (means, sds) = (means.into_pyarray(py), sds.into_pyarray(py));
        sum.call_method1(py, name, (self.genotypes, means, sds))
            .map(drop)
    }

    /// Tests the SNPs with the backend's `scanners`, which need the `means` only if the SNPs are packed; the results of each
    /// trait.
    pub(super) fn scan_by(self, scanners: &Scanners, means: Vec<f64>) -> PyResult<Vec<Py<PyAny>>> {
        let py = self.genotypes.py();
        let means = means.into_pyarray(py);
        let scan = |scanner: &Py<PyAny>| match self.encoding {
            Encoding::Packed => scanner.call_method1(py, "scan", (&self.genotypes, &means)),
            Encoding::Dosage => scanner.call_method1(py, "scan_dosages", (&self.genotypes,)),
        };
        match scanners {
            Scanners::OfTraits(scanners) => scanners.iter().map(scan).collect(),
            Scanners::OfGroup(scanner) => scan(scanner)?.extract(py),
        }
    }
}
