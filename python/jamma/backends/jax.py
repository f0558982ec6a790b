"""The backend that computes with JAX, on a GPU or on the host: kinship, eigendecomposition and scan of blocks of SNPs.

Everything crosses as NumPy arrays. Files, filters, ids, logs, output and p-values belong to the caller: the Rust
pipeline, or `jamma.backends.array_lmm` for arrays. Two-bit genotypes are sent as they are and decoded on the device.
Numbers are float64 throughout.

>>> backend = JaxBackend()                                          # doctest: +SKIP
>>> total = backend.kinship_sum("centered", n)                      # doctest: +SKIP
>>> total.add(packed, means, sds)                                   # doctest: +SKIP
>>> d, u = backend.eigendecompose(total.finish(n_snps))             # doctest: +SKIP
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from . import _eigen as eigen
from . import _host as host
from . import _plan as plan
from . import _scan as on_device
from ._constants import UNDEFINED_COLLINEAR, UNDEFINED_FLAT_RESTRICTED, UNDEFINED_LIKELIHOOD
from ._float64 import in_float64
from ._likelihood import Criterion, Study
from ._optimize import Optimum, lambda_grid
from ._packed import checked_packed, decode, padded, padded_snps
from ._rotated import RotatedStudy

Floats = NDArray[np.float64]

TESTS = ("wald", "lrt", "score", "all", "lrt_effect")
"""GEMMA's -lmm 1, 2, 3, 4 and 9."""

_RESULTS = ("beta", "se", "logl_h1", "l_remle", "l_mle", "f_wald", "lrt", "f_score")


class JaxBackend:
    """The three verbs of a backend, computed by JAX.

    Parameters
    ----------
    device : str, optional
        "cpu", "gpu", "cuda" ..., with a number as in "gpu:1"; JAX's first device where not given.
    memory : int, optional
        Most bytes to take on the device; all that is free where not given.
    warns : bool
        Emit notes as warnings too; not for a run, which does so itself.

    Raises
    ------
    RuntimeError
        Where JAX has no such device.

    Attributes
    ----------
    notes : list of str
        What was done otherwise than asked for, such as a decomposition on the host.
    """

    name = "jax"

    def __init__(self, *, device: str | None = None, memory: int | None = None, warns: bool = True) -> None:
        self.device = plan.find_device(device)
        self.memory = memory
        self._warns = warns
        self.notes: list[str] = []

    def host_bytes(self, stage: host.Stage, n: int, block_snps: int, dosages: bool) -> int:
        """The most bytes on the host in a stage, beside what the caller has of its own; see :mod:`._host`.

        Parameters
        ----------
        stage : {"kinship", "eigendecomposition", "association"}
        n : int
            Individuals of the stage.
        block_snps : int
            SNPs that are passed in at a time.
        dosages : bool
            Whether they are dosages rather than two-bit calls.

        Raises
        ------
        ValueError
            Where there is no such stage.
        """
        return host.host_bytes(stage, n, block_snps, dosages, device=self.device, memory=self.memory)

    def kinship_sum(self, kind: str, n: int) -> KinshipSum:
        """Begins the kinship sum of `n` individuals.

        Parameters
        ----------
        kind : {"centered", "standardized"}
        n : int
        """
        return KinshipSum(kind, n, self.device, self.memory)

    @in_float64
    def eigendecompose(self, kinship: Floats) -> tuple[Floats, Floats]:
        """Eigenvalues and eigenvectors of a symmetric matrix, as given: neither centred nor zeroed here.

        Parameters
        ----------
        kinship : ndarray, shape (n, n)
            Not changed.

        Returns
        -------
        values : ndarray, shape (n,)
            Ascending.
        vectors : ndarray, shape (n, n)
            Columns in the order of `values`.

        Raises
        ------
        ArithmeticError
            Where an entry is not finite or the decomposition does not converge.
        """
        n = eigen.checked_rows(kinship)
        if plan.is_gpu(self.device):
            reason = eigen.why_not_on_device(n, plan.free_bytes(self.device, self.memory))
            if reason is None:
                return eigen.on_device(kinship, self.device)
            note = f"the kinship matrix is decomposed on the host: {reason}"
            self.notes.append(note)
            if self._warns:
                warnings.warn(note, RuntimeWarning, stacklevel=3)
        return eigen.on_host(kinship)

    def scanner(
        self,
        *,
        d: Floats,
        u: Floats,
        uty: Floats,
        utw: Floats,
        null_lambda_ml: float,
        null_logl_ml: float,
        l_min: float,
        l_max: float,
        n_region: int,
        tests: str,
    ) -> Scanner:
        """Prepares the tests of SNPs against a fitted null model.

        Parameters
        ----------
        d : ndarray, shape (n,)
            Eigenvalues, after the zeroing rule.
        u : ndarray, shape (n, n)
            Columns eigenvectors.
        uty : ndarray, shape (n,)
            Rotated phenotype.
        utw : ndarray, shape (n, c)
            Rotated covariates, the intercept among them.
        null_lambda_ml, null_logl_ml : float
            ML estimate of lambda in the null model, and its log-likelihood.
        l_min, l_max, n_region
            Range of lambda, and the number of intervals of the grid; with 0 its ends alone are compared.
        tests : {"wald", "lrt", "score", "all", "lrt_effect"}
            "lrt_effect" is the likelihood ratio test with the effect at the null model's lambda (-lmm 9).

        Raises
        ------
        ValueError
            Where shapes do not fit, the covariates are dependent, or an option is unknown.
        MemoryError
            Where the eigenvectors and the smallest block do not fit on the device.
        """
        check_options(tests, l_min, l_max, n_region)
        return Scanner(
            self, RotatedStudy.of(d, uty, utw), u, (null_lambda_ml, null_logl_ml), (l_min, l_max, n_region), tests
        )


class KinshipSum:
    """A running sum of z zᵀ over SNPs, on the device."""

    @in_float64
    def __init__(self, kind: str, n: int, device: jax.Device, memory: int | None) -> None:
        if kind not in ("centered", "standardized"):
            raise ValueError(f"kinship is 'centered' or 'standardized', not {kind!r}")
        self._n, self._device, self._is_standardized = n, device, kind == "standardized"
        free = plan.free_bytes(device, memory)
        # The sum, and the product that is added to it.
        plan.require(f"kinship sums of {n} individuals", 2 * 8 * n * n, free, device)
        self._block = plan.block_snps(max(n, 1), 0, free - 2 * 8 * n * n, device)
        self._sum = jax.device_put(np.zeros((n, n)), device)

    @in_float64
    def add(self, packed: NDArray[np.uint8], means: Floats, sds: Floats) -> None:
        """Adds SNPs.

        Parameters
        ----------
        packed : ndarray, shape (b, ceil(n/4)), uint8
            Two-bit codes of a .bed file: 00 dosage 2, 01 missing, 10 dosage 1, 11 dosage 0.
        means, sds : ndarray, shape (b,)
            A missing call stands for the mean; a column is dosage - mean, divided by the standard deviation where the
            kind is "standardized" and it is not 0.
        """
        checked_packed(packed, means, self._n)
        self._check(means)
        scales = self._scales(sds)
        for part in _parts(len(packed), self._block):
            block = padded_snps(packed[part], self._block)
            columns = [padded(values[part], self._block) for values in (means, scales)]
            self._sum = _add_packed(self._sum, *jax.device_put((block, *columns), self._device))

    @in_float64
    def add_dosages(self, dosages: Floats, means: Floats, sds: Floats) -> None:
        """Adds SNPs given as dosages (n, b), NaN missing; the rest as in :meth:`add`."""
        self._check(means)
        scales = self._scales(sds)
        for part in _parts(dosages.shape[1], self._block):
            block = padded(np.asarray(dosages[:, part], np.float64), self._block, axis=1)
            columns = [padded(values[part], self._block) for values in (means, scales)]
            self._sum = _add_dosages(self._sum, *jax.device_put((block, *columns), self._device))

    @in_float64
    def finish(self, n_snps: int) -> Floats:
        """The sum divided by `n_snps`, (n, n), exactly symmetric; ends the sum.

        Raises
        ------
        ArithmeticError
            Where no SNP was added.
        """
        if n_snps < 1:
            raise ArithmeticError("no SNP is left for the kinship; loosen the filters")
        # No more than two matrices at a time: see `_host`.
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
        # As GEMMA: a SNP without variance is only centred.
        return np.divide(1.0, sds, out=np.ones(len(sds)), where=sds != 0.0)


class Scanner:
    """Tests of SNPs against one null model, block by block. Made by :meth:`JaxBackend.scanner`."""

    @in_float64
    def __init__(
        self,
        backend: JaxBackend,
        model: RotatedStudy,
        u: Floats,
        null: tuple[float, float],
        lambda_range: tuple[float, float, int],
        tests: str,
    ) -> None:
        n, c, device = model.n, model.c, backend.device
        if u.shape != (n, n):
            raise ValueError(f"eigenvectors are {u.shape[0]} x {u.shape[1]}, but {n} individuals are analysed")
        l_min, l_max, n_region = lambda_range
        free = plan.free_bytes(device, backend.memory)
        grid = lambda_grid(l_min, l_max, n_region)
        of_study = 8 * n * (n + 3 * grid.size * (c + 2) + c * c)
        plan.require(f"the eigenvectors of {n} individuals", of_study, free, device)
        # Beside the sums on the grid, the weighted covariates of an eighth of the SNPs, twice.
        self._block = plan.block_snps(n, 4 * grid.size * (c + 16) + n * c // 4, free - of_study, device)
        self._n, self._device, self._tests = n, device, tests
        # Rows eigenvectors; no copy of column-major eigenvectors.
        self._ut = jax.device_put(np.ascontiguousarray(u.T), device)
        self._study = device_study(model, device)
        self._null_logl = jax.device_put(np.float64(null[1]), device)
        self._tables = on_device.tables(jax.device_put(grid, device), self._study)
        self._at_null = on_device.weighted_at(jax.device_put(np.array([null[0]]), device), self._study)
        self._reml, self._ml = (criterion(is_reml, n, c + 1, device) for is_reml in (True, False))

    @in_float64
    def scan(self, packed: NDArray[np.uint8], means: Floats) -> dict[str, NDArray[Any]]:
        """Tests SNPs given as two-bit calls.

        Parameters
        ----------
        packed : ndarray, shape (b, ceil(n/4)), uint8
            As in :meth:`KinshipSum.add`.
        means : ndarray, shape (b,)
            What missing calls stand for.

        Returns
        -------
        dict of ndarray, shape (b,)
            "beta", "se", "logl_h1", "l_remle", "l_mle", "f_wald" and "f_score" (on 1 and n - c - 1 degrees of freedom),
            "lrt" (chi-squared, 1): float64, NaN where the tests do not give it or the SNP is undefined. "undefined":
            uint8, 1 collinear with the covariates, 2 likelihood could not be evaluated, 3 no Wald test, since the
            restricted likelihood does not depend on lambda: the other tests stand. "used_fallback": bool, a lambda was
            found where GEMMA's search ends without one. "is_perfect_fit": bool, the SNP and the covariates explain the
            phenotype completely: tests with an infinite statistic have p = 0.
        """
        checked_packed(packed, means, self._n)

        def rotated(part: slice) -> on_device.Rotated:
            block = padded_snps(packed[part], self._block), padded(means[part], self._block)
            snps: on_device.Rotated = on_device.rotate_packed(
                self._ut, *jax.device_put(block, self._device), self._study
            )
            return snps

        return self._scan(len(packed), rotated)

    @in_float64
    def scan_dosages(self, dosages: NDArray[np.floating | np.integer]) -> dict[str, NDArray[Any]]:
        """Tests SNPs given as dosages (n, b), NaN missing; a missing one stands for the mean of its SNP's others.

        Returns what :meth:`scan` does.
        """
        if dosages.ndim != 2 or len(dosages) != self._n:
            raise ValueError(f"dosages are of shape {dosages.shape}, but {self._n} individuals are analysed")

        def rotated(part: slice) -> on_device.Rotated:
            block = padded(np.asarray(dosages[:, part], np.float64), self._block, axis=1)
            snps: on_device.Rotated = on_device.rotate_dosages(
                self._ut, jax.device_put(block, self._device), self._study
            )
            return snps

        return self._scan(dosages.shape[1], rotated)

    def _scan(self, b: int, rotated: Callable[[slice], on_device.Rotated]) -> dict[str, NDArray[Any]]:
        blocks: list[dict[str, NDArray[Any]]] = []
        underway: dict[str, Array] | None = None
        for part in _parts(b, self._block):
            # The device works on this block while the host takes the one before.
            following = self._test(rotated(part))
            if underway is not None:
                blocks.append(jax.device_get(underway))
            underway = following
        if underway is not None:
            blocks.append(jax.device_get(underway))
        return _results(blocks, b)

    def _test(self, snps: on_device.Rotated) -> dict[str, Array]:
        out: dict[str, Array] = {}
        undefined = jnp.where(snps.is_collinear, UNDEFINED_COLLINEAR, 0)
        is_perfect_fit = used_fallback = jnp.zeros(self._block, bool)
        if self._tests in ("score", "all", "lrt_effect"):
            out |= on_device.statistics_at_null(self._study, snps, self._at_null)
            is_perfect_fit |= out["is_perfect_fit"]
            undefined = jnp.where(jnp.isnan(out["f_score"]) & (undefined == 0), UNDEFINED_LIKELIHOOD, undefined)
            if self._tests == "lrt_effect":
                del out["f_score"]
        if self._tests != "score":
            start, is_defined = on_device.survey(self._study, snps, self._tables)
            undefined = jnp.where(is_defined | snps.is_collinear, undefined, UNDEFINED_LIKELIHOOD)

            def find(of: Criterion) -> Optimum:
                found: Optimum = on_device.search(self._study, snps, start, of, is_defined)
                return found

            if self._tests in ("wald", "all"):
                reml = find(self._reml)
                found, has_no_test = on_device.wald(self._study, reml, start)
                out |= found
                undefined = jnp.where(has_no_test & (undefined == 0), UNDEFINED_FLAT_RESTRICTED, undefined)
                used_fallback |= reml.has_failed_path & ~has_no_test
                is_perfect_fit |= reml.at.a == 0.0
            if self._tests in ("lrt", "all", "lrt_effect"):
                ml = find(self._ml)
                out |= on_device.likelihood_ratio(ml, self._null_logl)
                used_fallback |= ml.has_failed_path
                is_perfect_fit |= ml.is_perfect
        return out | {"undefined": undefined, "used_fallback": used_fallback, "is_perfect_fit": is_perfect_fit}


def check_options(tests: str, l_min: float, l_max: float, n_region: int) -> None:
    """ValueError where a scan cannot be made with these options."""
    if tests not in TESTS:
        raise ValueError(f"tests are one of {', '.join(TESTS)}, not {tests!r}")
    if n_region < 0:
        raise ValueError(f"the grid of lambda cannot have {n_region} intervals")
    # Also false for NaN.
    if not 0.0 <= l_min <= l_max < np.inf:
        raise ValueError(f"lambda is searched from {l_min:g} to {l_max:g}, which is not a range of numbers from 0 on")


def device_study(model: RotatedStudy, device: jax.Device) -> Study:
    """`model` on `device`, padded with individuals that add nothing to any sum."""
    rows = -(-model.n // plan.ROW_PAD) * plan.ROW_PAD
    columns = padded(np.column_stack([model.q, model.y]), rows)
    pairs = np.column_stack([columns[:, i] * columns[:, j] for i in range(model.c + 1) for j in range(i + 1)])
    sizes = (np.float64(of) for of in (model.n, model.mean_d, np.max(model.d), model.y_norm))
    return Study(*jax.device_put((padded(model.d, rows), columns, pairs, *sizes), device))


def criterion(is_reml: bool, n: int, k: int, device: jax.Device) -> Criterion:
    """REML or ML of n individuals and k swept columns."""
    return Criterion(*jax.device_put((np.bool_(is_reml), np.float64(n - k if is_reml else n)), device))


def _results(blocks: list[dict[str, NDArray[Any]]], b: int) -> dict[str, NDArray[Any]]:
    """The results of all blocks in one, with NaN for what the tests do not give and where a SNP is undefined."""
    joined = {name: np.concatenate([block[name] for block in blocks])[:b] for name in (blocks[0] if blocks else ())}
    out: dict[str, NDArray[Any]] = {}
    undefined = joined.get("undefined", np.zeros(b)).astype(np.uint8)
    is_tested = (undefined == 0) | (undefined == UNDEFINED_FLAT_RESTRICTED)
    for name in _RESULTS:
        out[name] = np.where(is_tested, joined.get(name, np.full(b, np.nan)), np.nan)
    out["undefined"] = undefined
    for name in ("used_fallback", "is_perfect_fit"):
        out[name] = joined.get(name, np.zeros(b, np.bool_)) & is_tested
    return out


def _parts(length: int, block: int) -> Iterator[slice]:
    return (slice(first, min(first + block, length)) for first in range(0, length, block))


@partial(jax.jit, donate_argnums=0)
def _add_packed(total: Array, packed: Array, means: Array, scales: Array) -> Array:
    z = (decode(packed, means, total.shape[0]) - means) * scales
    return total + z @ z.T


@partial(jax.jit, donate_argnums=0)
def _add_dosages(total: Array, dosages: Array, means: Array, scales: Array) -> Array:
    z = (jnp.where(jnp.isnan(dosages), means, dosages) - means) * scales
    return total + z @ z.T
