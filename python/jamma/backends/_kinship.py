"""The sum of a kinship on the device."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from . import _eigen as eigen
from . import _plan as plan
from ._float64 import in_float64
from ._packed import checked_packed, decode, padded, padded_snps

Floats = NDArray[np.float64]


class KinshipSum:
    """The running sum of z zᵀ over SNPs, on the device. Made by :meth:`JaxBackend.kinship_sum`."""

    @in_float64
    def __init__(self, kind: str, n: int, device: jax.Device, memory: int | None) -> None:
        if kind not in ("centered", "standardized"):
            raise ValueError(f"kind: expected 'centered' or 'standardized', found {kind!r}")
        self._n, self._device, self._is_standardized = n, device, kind == "standardized"
        free = plan.free_bytes(device, memory)
        # The sum and the product that is added to it.
        plan.require(f"kinship sums of {n} individuals", 2 * 8 * n * n, free, device)
        self._block = plan.block_snps(max(n, 1), 0, free - 2 * 8 * n * n, device)
        self._sum = jax.device_put(np.zeros((n, n)), device)

    @in_float64
    def add(self, packed: NDArray[np.uint8], means: Floats, sds: Floats) -> None:
        """Add SNPs.

        Parameters
        ----------
        packed : ndarray, shape (b, ceil(n/4)), uint8
            Two-bit codes of a .bed file: 00 is dosage 2, 01 missing, 10 dosage 1, 11 dosage 0.
        means, sds : ndarray, shape (b,)
            Mean and standard deviation of each SNP. A missing call counts as the mean; z is dosage - mean, divided by the
            standard deviation if the kind is "standardized" and it is not 0.

        Raises
        ------
        ValueError
            If shapes disagree.
        ArithmeticError
            If a SNP has no mean.
        """
        checked_packed(packed, means, self._n)
        self._check(means)
        scales = self._scales(sds)
        for part in plan.parts(len(packed), self._block):
            block = padded_snps(packed[part], self._block)
            columns = [padded(values[part], self._block) for values in (means, scales)]
            self._sum = _add_packed(self._sum, *jax.device_put((block, *columns), self._device))

    @in_float64
    def add_dosages(self, dosages: Floats, means: Floats, sds: Floats) -> None:
        """Add SNPs given as dosages (n, b), NaN if missing; otherwise as :meth:`add`."""
        self._check(means)
        scales = self._scales(sds)
        for part in plan.parts(dosages.shape[1], self._block):
            block = padded(np.asarray(dosages[:, part], np.float64), self._block, axis=1)
            columns = [padded(values[part], self._block) for values in (means, scales)]
            self._sum = _add_dosages(self._sum, *jax.device_put((block, *columns), self._device))

    @in_float64
    def finish(self, n_snps: int) -> Floats:
        """The sum divided by `n_snps`, shape (n, n), exactly symmetric. The sum cannot be used afterwards.

        Raises
        ------
        ArithmeticError
            If no SNP was added.
        """
        if n_snps < 1:
            raise ArithmeticError("no SNP is left for the kinship; loosen the filters")
        # At most two matrices at a time, as planned in `_host`.
        mean = np.asarray(self._sum) / n_snps
        del self._sum
        eigen.mirror_upper(mean)
        return mean

    def _check(self, means: Floats) -> None:
        if not np.isfinite(means).all():
            raise ArithmeticError(
                f"SNP {np.flatnonzero(~np.isfinite(means))[0] + 1} of a block has no mean: every call is missing"
            )

    def _scales(self, sds: Floats) -> Floats:
        if not self._is_standardized:
            return np.ones(len(sds))
        # As in GEMMA, a SNP without variance is only centred.
        return np.divide(1.0, sds, out=np.ones(len(sds)), where=sds != 0.0)


@partial(jax.jit, donate_argnums=0)
def _add_packed(total: Array, packed: Array, means: Array, scales: Array) -> Array:
    z = (decode(packed, means, total.shape[0]) - means) * scales
    return total + z @ z.T


@partial(jax.jit, donate_argnums=0)
def _add_dosages(total: Array, dosages: Array, means: Array, scales: Array) -> Array:
    z = (jnp.where(jnp.isnan(dosages), means, dosages) - means) * scales
    return total + z @ z.T
