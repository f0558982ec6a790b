"""Genotypes of a block of SNPs on the device: decoding of two-bit calls, and means for missing calls.

Shapes: n individuals, b SNPs. SNPs are columns, so that sums over individuals are matrix products.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

ALL_ABSENT = 0xFF
"""Four calls with code 11, dosage 0, used as padding after the last SNP of a block."""

_MISSING = 1
"""The two-bit code 01."""


def decode(packed: Array, means: Array, n: int) -> Array:
    """Dosages of allele1, with the mean of the SNP in place of missing calls.

    Parameters
    ----------
    packed : Array, shape (b, ceil(n/4)), uint8
        Codes of a .bed file: 00 is dosage 2, 01 missing, 10 dosage 1, 11 dosage 0; the first individual is in the low bits.
    means : Array, shape (b,), float64
        Mean dosage of each SNP.
    n : int
        Number of individuals.

    Returns
    -------
    Array, shape (n, b), float64
    """
    shifts = jnp.arange(0, 8, 2, dtype=jnp.uint8)
    codes = ((packed[:, :, None] >> shifts) & 3).reshape(packed.shape[0], -1)[:, :n].T
    # 0 -> 2, 2 -> 1, 3 -> 0.
    dosages = jnp.where(codes == 0, 2.0, jnp.where(codes == 2, 1.0, 0.0))
    return jnp.where(codes == _MISSING, means, dosages)


def with_means(dosages: Array) -> Array:
    """Dosages (n, b) with the mean of the observed dosages of each SNP in place of NaN."""
    is_missing = jnp.isnan(dosages)
    observed = jnp.sum(~is_missing, axis=0)
    means = jnp.sum(jnp.where(is_missing, 0.0, dosages), axis=0) / observed
    return jnp.where(is_missing, means, dosages)


def padded_snps(packed: NDArray[np.uint8], block: int) -> NDArray[np.uint8]:
    """`packed` (b, ceil(n/4)), b <= `block`, with rows of dosage 0 appended up to `block`."""
    if len(packed) == block:
        return packed
    out = np.full((block, packed.shape[1]), ALL_ABSENT, np.uint8)
    out[: len(packed)] = packed
    return out


def padded(values: NDArray[np.float64], length: int, fill: float = 0.0, axis: int = 0) -> NDArray[np.float64]:
    """`values` with `fill` appended up to `length` along `axis`."""
    widths = [(0, 0)] * values.ndim
    widths[axis] = (0, length - values.shape[axis])
    return np.pad(values, widths, constant_values=fill)


def checked_packed(packed: NDArray[np.uint8], means: NDArray[np.float64], n: int) -> NDArray[np.uint8]:
    """`packed` unchanged, if its type and shape fit `n` individuals and the number of `means`; else ValueError."""
    if packed.dtype != np.uint8 or packed.shape != (len(means), -(-n // 4)):
        raise ValueError(
            f"packed genotypes have type {packed.dtype} and shape {packed.shape}, but {len(means)} SNPs of {n} individuals "
            f"have type uint8 and shape {(len(means), -(-n // 4))}"
        )
    return packed
