//! The genotypes of a block as NumPy arrays.

use crate::genotype::{GenotypeBlock, Subset};
use numpy::npyffi::NPY_ORDER;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use rayon::prelude::*;

/// The packed genotypes of the wanted individuals: SNPs × ⌈n/4⌉.
pub(super) fn packed<'py>(
    py: Python<'py>,
    block: &GenotypeBlock,
    snp_indices: &[usize],
    wanted: &Subset,
) -> PyResult<Bound<'py, PyArray2<u8>>> {
    let stride = wanted.len().div_ceil(4);
    let bytes = py.detach(|| {
        let mut bytes = vec![0_u8; snp_indices.len() * stride];
        bytes
            .par_chunks_mut(stride)
            .zip(snp_indices)
            .for_each(|(out, &snp_index)| wanted.compact(block.packed(snp_index), out));
        bytes
    });
    bytes.into_pyarray(py).reshape([snp_indices.len(), stride])
}

/// The dosages of the wanted individuals, n × SNPs, NaN where missing.
pub(super) fn dosages<'py>(
    py: Python<'py>,
    block: &GenotypeBlock,
    snp_indices: &[usize],
    wanted: &Subset,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let n = wanted.len();
    let mut values = Vec::with_capacity(n * snp_indices.len());
    for &snp_index in snp_indices {
        let of_all = block.dosages(snp_index);
        values.extend(wanted.rows().iter().map(|&i| of_all[i]));
    }
    values
        .into_pyarray(py)
        .reshape_with_order([n, snp_indices.len()], NPY_ORDER::NPY_FORTRANORDER)
}
