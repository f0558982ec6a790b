"""The backend jax, on a GPU or on the host: kinship, eigendecomposition, and tests of blocks of SNPs.

Inputs and results are NumPy arrays. Files, filters, ids, logs, output and p-values are the task of the caller: the Rust
pipeline, or `jamma.backends.array_lmm` for arrays. Two-bit genotypes are sent as they are and decoded on the device. All
numbers are in double precision.

A run calls `kinship_sum`, `add` of its result for each block of SNPs, `finish`, `eigendecompose`, `scanner`, and `scan` of
the scanner for each block.

>>> backend = JaxBackend(warns=False)
>>> d, u = backend.eigendecompose(np.array([[2.0, 1.0], [1.0, 2.0]]))
>>> np.round(np.asarray(d), 12)
array([1., 3.])
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

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
from ._kinship import KinshipSum
from ._likelihood import Criterion, Study
from ._optimize import LambdaGrid, Optimum, lambda_grid
from ._packed import checked_packed, padded, padded_snps
from ._rotated import RotatedStudy

Floats = NDArray[np.float64]

TESTS = ("wald", "lrt", "score", "all", "lrt_effect")
"""GEMMA's -lmm 1, 2, 3, 4 and 9."""

_RESULTS = ("beta", "se", "logl_h1", "l_remle", "l_mle", "f_wald", "lrt", "f_score")


class FittedTrait(TypedDict):
    """A trait with its null model, for :meth:`JaxBackend.group_scanner`."""

    uty: Floats
    """Rotated phenotype, (n,)."""
    null_lambda_ml: float
    """ML estimate of lambda in the null model."""
    null_logl_ml: float
    """The log-likelihood there."""


class JaxBackend:
    """Kinship, eigendecomposition and tests of SNPs, computed by JAX.

    Parameters
    ----------
    device : str, optional
        A platform, "cpu", "gpu", "cuda", ..., optionally with a number, as in "gpu:1". Default: JAX's first device.
    memory : int, optional
        Maximum number of bytes to use on the device. Default: its free memory.
    warns : bool
        Whether to emit notes as warnings too. A run of the engine emits them itself.

    Raises
    ------
    RuntimeError
        If JAX has no such device.

    Attributes
    ----------
    notes : list of str
        Deviations from what was requested, such as a decomposition on the host.
    """

    name = "jax"

    def __init__(self, *, device: str | None = None, memory: int | None = None, warns: bool = True) -> None:
        self.device = plan.find_device(device)
        self.memory = memory
        self._warns = warns
        self.notes: list[str] = []

    def host_bytes(self, stage: host.Stage, n: int, block_snps: int, dosages: bool) -> int:
        """Peak host memory of the backend in a stage in bytes, in addition to that of the caller; see :mod:`._host`.

        Parameters
        ----------
        stage : {"kinship", "eigendecomposition", "association"}
        n : int
            Number of individuals in the stage.
        block_snps : int
            Number of SNPs that are passed in at a time.
        dosages : bool
            Whether they are passed as dosages rather than as two-bit calls.

        Raises
        ------
        ValueError
            If there is no such stage.
        """
        return host.host_bytes(stage, n, block_snps, dosages, device=self.device, memory=self.memory)

    def kinship_sum(self, kind: str, n: int) -> KinshipSum:
        """Start the kinship sum of `n` individuals.

        Parameters
        ----------
        kind : {"centered", "standardized"}
        n : int
            Number of individuals.

        Raises
        ------
        ValueError
            If there is no such kind.
        MemoryError
            If two matrices do not fit on the device.
        """
        return KinshipSum(kind, n, self.device, self.memory)

    @in_float64
    def eigendecompose(self, kinship: Floats) -> tuple[Floats, Floats]:
        """Eigenvalues and eigenvectors of a symmetric matrix, which is neither centred here nor changed.

        Parameters
        ----------
        kinship : ndarray, shape (n, n)
            The matrix.

        Returns
        -------
        values : ndarray, shape (n,)
            Eigenvalues in ascending order; small ones are not set to 0.
        vectors : ndarray, shape (n, n)
            Eigenvectors as columns, in the order of `values`.

        Raises
        ------
        ValueError
            If the matrix is not square.
        ArithmeticError
            If an entry is not finite, or the decomposition does not converge.
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
        """Prepare the tests of SNPs against a fitted null model.

        Parameters
        ----------
        d : ndarray, shape (n,)
            Eigenvalues, with small ones set to 0.
        u : ndarray, shape (n, n)
            Eigenvectors as columns.
        uty : ndarray, shape (n,)
            Rotated phenotype.
        utw : ndarray, shape (n, c)
            Rotated covariates, including the intercept.
        null_lambda_ml, null_logl_ml : float
            ML estimate of lambda in the null model, and the log-likelihood there.
        l_min, l_max, n_region : float, float, int
            Range of lambda, and number of intervals of the grid; if it is 0, only the ends of the range are compared.
        tests : {"wald", "lrt", "score", "all", "lrt_effect"}
            "lrt_effect" is the likelihood ratio test with the effect at the ML lambda of the null model (-lmm 9).

        Raises
        ------
        ValueError
            If shapes disagree, the covariates are linearly dependent, or an option is unknown.
        MemoryError
            If the eigenvectors and the smallest block do not fit on the device.
        """
        trait: FittedTrait = {"uty": uty, "null_lambda_ml": null_lambda_ml, "null_logl_ml": null_logl_ml}
        return Scanner(
            self.group_scanner(
                d=d, u=u, utw=utw, traits=[trait], l_min=l_min, l_max=l_max, n_region=n_region, tests=tests
            )
        )

    def group_scanner(
        self,
        *,
        d: Floats,
        u: Floats,
        utw: Floats,
        traits: Sequence[FittedTrait],
        l_min: float,
        l_max: float,
        n_region: int,
        tests: str,
    ) -> GroupScanner:
        """Prepare the tests of SNPs against the null models of traits that share individuals, kinship and covariates.

        The eigenvectors are copied to the device once, and each SNP is rotated once.

        Parameters
        ----------
        traits : sequence of FittedTrait
            Rotated phenotypes with their null models, at least one.
        d, u, utw, l_min, l_max, n_region, tests
            As in :meth:`scanner`.

        Raises
        ------
        ValueError, MemoryError
            As in :meth:`scanner`.
        """
        check_options(tests, l_min, l_max, n_region)
        models = [RotatedStudy.of(d, trait["uty"], utw) for trait in traits]
        nulls = [(trait["null_lambda_ml"], trait["null_logl_ml"]) for trait in traits]
        return GroupScanner(self, models, u, nulls, (l_min, l_max, n_region), tests)


class GroupScanner:
    """Tests of SNPs against the null models of several traits. Made by :meth:`JaxBackend.group_scanner`."""

    @in_float64
    def __init__(
        self,
        backend: JaxBackend,
        models: Sequence[RotatedStudy],
        u: Floats,
        nulls: Sequence[tuple[float, float]],
        lambda_range: tuple[float, float, int],
        tests: str,
    ) -> None:
        n, c, device = models[0].n, models[0].c, backend.device
        if u.shape != (n, n):
            raise ValueError(f"eigenvectors are {u.shape[0]} x {u.shape[1]}, but {n} individuals are analysed")
        l_min, l_max, n_region = lambda_range
        free = plan.free_bytes(device, backend.memory)
        grid = lambda_grid(l_min, l_max, n_region)
        # Of each trait: eigenvalues, columns, their pairs, and the model at the null lambda.
        of_traits = len(models) * (6 + 2 * c + (c + 1) * (c + 2) // 2)
        of_study = 8 * n * (n + 3 * grid.size * (c + 2) + c * c + of_traits)
        plan.require(f"the eigenvectors of {n} individuals", of_study, free, device)
        # The sums on the grid, and twice the weighted covariates of an eighth of the SNPs.
        self._block = plan.block_snps(n, 4 * grid.size * (c + 16) + n * c // 4, free - of_study, device)
        self._n, self._device = n, device
        # Eigenvectors as rows; no copy if they are column-major.
        self._ut = jax.device_put(np.ascontiguousarray(u.T), device)
        on = jax.device_put(grid, device)
        criteria = [criterion(is_reml, n, c + 1, device) for is_reml in (True, False)]
        is_alone = len(models) == 1
        self._traits = [
            _Tests(device_study(model, device), null, on, criteria, tests, keeps_tables=is_alone)
            for model, null in zip(models, nulls, strict=True)
        ]
        # Rotation and removal of the covariates do not depend on the trait.
        self._study = self._traits[0].study

    @in_float64
    def scan(self, packed: NDArray[np.uint8], means: Floats) -> list[dict[str, NDArray[Any]]]:
        """Test SNPs given as two-bit calls; the results of each trait, as of :meth:`Scanner.scan`.

        Parameters
        ----------
        packed : ndarray, shape (b, ceil(n/4)), uint8
            As in :meth:`KinshipSum.add`.
        means : ndarray, shape (b,)
            Mean dosage of each SNP, used for its missing calls.

        Raises
        ------
        ValueError
            If shapes disagree.
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
    def scan_dosages(self, dosages: NDArray[np.floating | np.integer]) -> list[dict[str, NDArray[Any]]]:
        """Test SNPs given as dosages; the results of each trait, as of :meth:`Scanner.scan`.

        Parameters
        ----------
        dosages : ndarray, shape (n, b)
            NaN if missing; a missing dosage counts as the mean of the others of the SNP.

        Raises
        ------
        ValueError
            If the number of rows is not n.
        """
        if dosages.ndim != 2 or len(dosages) != self._n:
            raise ValueError(f"dosages have shape {dosages.shape}, but {self._n} individuals are analysed")

        def rotated(part: slice) -> on_device.Rotated:
            block = padded(np.asarray(dosages[:, part], np.float64), self._block, axis=1)
            snps: on_device.Rotated = on_device.rotate_dosages(
                self._ut, jax.device_put(block, self._device), self._study
            )
            return snps

        return self._scan(dosages.shape[1], rotated)

    def _scan(self, b: int, rotated: Callable[[slice], on_device.Rotated]) -> list[dict[str, NDArray[Any]]]:
        blocks: list[list[dict[str, NDArray[Any]]]] = []
        previous: list[dict[str, Array]] | None = None
        for part in plan.parts(b, self._block):
            # The device computes this block while the host copies the previous one.
            snps = rotated(part)
            current = [of.test(snps) for of in self._traits]
            if previous is not None:
                blocks.append(jax.device_get(previous))
            previous = current
        if previous is not None:
            blocks.append(jax.device_get(previous))
        return [_results([block[of] for block in blocks], b) for of in range(len(self._traits))]


class Scanner:
    """Tests of SNPs against one null model, block by block. Made by :meth:`JaxBackend.scanner`."""

    def __init__(self, group: GroupScanner) -> None:
        self._group = group

    def scan(self, packed: NDArray[np.uint8], means: Floats) -> dict[str, NDArray[Any]]:
        """Test SNPs given as two-bit calls.

        Parameters
        ----------
        packed : ndarray, shape (b, ceil(n/4)), uint8
            As in :meth:`KinshipSum.add`.
        means : ndarray, shape (b,)
            Mean dosage of each SNP, used for its missing calls.

        Returns
        -------
        dict of ndarray, shape (b,)
            "beta", "se", "logl_h1", "l_remle", "l_mle", "f_wald" and "f_score" (F on 1 and n - c - 1 degrees of freedom),
            "lrt" (chi-squared on 1): float64, NaN if the tests do not compute it or the SNP is undefined. "undefined":
            uint8; 0 if all statistics are defined, 1 if the SNP is collinear with the covariates, 2 if the likelihood could
            not be evaluated, 3 if only the Wald test is undefined, because the restricted likelihood does not depend on
            lambda. "used_fallback": bool, whether lambda was found although GEMMA's search fails. "is_perfect_fit": bool,
            whether the SNP and the covariates explain the phenotype completely; an infinite statistic has p = 0.

        Raises
        ------
        ValueError
            If shapes disagree.
        """
        (found,) = self._group.scan(packed, means)
        return found

    def scan_dosages(self, dosages: NDArray[np.floating | np.integer]) -> dict[str, NDArray[Any]]:
        """Test SNPs given as dosages.

        Parameters
        ----------
        dosages : ndarray, shape (n, b)
            NaN if missing; a missing dosage counts as the mean of the others of the SNP.

        Returns
        -------
        dict of ndarray, shape (b,)
            As of :meth:`scan`.

        Raises
        ------
        ValueError
            If the number of rows is not n.
        """
        (found,) = self._group.scan_dosages(dosages)
        return found


class _Tests:
    """The tests of one trait, on the device.

    Parameters
    ----------
    study : Study
        The rotated study.
    null : (float, float)
        ML estimate of lambda in the null model, and the log-likelihood there.
    grid : LambdaGrid
    criteria : list of Criterion
        REML and ML.
    tests : str
    keeps_tables : bool
        Whether to keep the tables on the grid; for several traits they are made for each block, so that the memory of the
        device does not limit the number of traits.
    """

    def __init__(
        self,
        study: Study,
        null: tuple[float, float],
        grid: LambdaGrid,
        criteria: Sequence[Criterion],
        tests: str,
        *,
        keeps_tables: bool,
    ) -> None:
        device = study.d.device
        self.study, self._grid, self._tests = study, grid, tests
        self._null_logl = jax.device_put(np.float64(null[1]), device)
        self._tables = on_device.tables(grid, study) if keeps_tables else None
        self._at_null = on_device.weighted_at(jax.device_put(np.array([null[0]]), device), study)
        self._reml, self._ml = criteria

    def test(self, snps: on_device.Rotated) -> dict[str, Array]:
        """The results of a block of SNPs, as of :meth:`Scanner.scan`."""
        out: dict[str, Array] = {}
        undefined = jnp.where(snps.is_collinear, UNDEFINED_COLLINEAR, 0)
        is_perfect_fit = used_fallback = jnp.zeros(snps.xx.shape, bool)
        if self._tests in ("score", "all", "lrt_effect"):
            out |= on_device.statistics_at_null(self.study, snps, self._at_null)
            is_perfect_fit |= out["is_perfect_fit"]
            undefined = jnp.where(jnp.isnan(out["f_score"]) & (undefined == 0), UNDEFINED_LIKELIHOOD, undefined)
            if self._tests == "lrt_effect":
                del out["f_score"]
        if self._tests != "score":
            tables = self._tables or on_device.tables(self._grid, self.study)
            start, is_defined = on_device.evaluate_grid(self.study, snps, tables)
            undefined = jnp.where(is_defined | snps.is_collinear, undefined, UNDEFINED_LIKELIHOOD)

            def find(of: Criterion) -> Optimum:
                found: Optimum = on_device.search(self.study, snps, start, of, is_defined)
                return found

            if self._tests in ("wald", "all"):
                reml = find(self._reml)
                found, has_no_test = on_device.wald(self.study, reml, start)
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
    """Raise ValueError if an option of a scan is wrong."""
    if tests not in TESTS:
        raise ValueError(f"tests: expected one of {', '.join(TESTS)}, found {tests!r}")
    if n_region < 0:
        raise ValueError(f"the grid of lambda cannot have {n_region} intervals")
    # Also an error for NaN.
    if not 0.0 <= l_min <= l_max < np.inf:
        raise ValueError(f"lambda: {l_min:g} to {l_max:g} is not a range of non-negative numbers")


def device_study(model: RotatedStudy, device: jax.Device) -> Study:
    """`model` on `device`, padded with individuals that do not change any sum."""
    rows = -(-model.n // plan.ROW_PAD) * plan.ROW_PAD
    columns = padded(np.column_stack([model.q, model.y]), rows)
    pairs = np.column_stack([columns[:, i] * columns[:, j] for i in range(model.c + 1) for j in range(i + 1)])
    sizes = (np.float64(of) for of in (model.n, model.mean_d, np.max(model.d), model.y_norm))
    return Study(*jax.device_put((padded(model.d, rows), columns, pairs, *sizes), device))


def criterion(is_reml: bool, n: int, k: int, device: jax.Device) -> Criterion:
    """REML or ML for n individuals and k columns that are removed."""
    return Criterion(*jax.device_put((np.bool_(is_reml), np.float64(n - k if is_reml else n)), device))


def _results(blocks: list[dict[str, NDArray[Any]]], b: int) -> dict[str, NDArray[Any]]:
    """The results of all blocks, joined; NaN if the tests do not compute a statistic or the SNP is undefined."""
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
