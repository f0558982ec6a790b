"""The linear mixed model on arrays without the Rust extension: kinship, null model and tests by the backend jax.

Files, filters and ids are the task of the Rust pipeline. Here rows are individuals, and all arrays have the same
individuals in the same order.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, stdtr

from ._constants import (
    KINSHIP_CONSTANT,
    KINSHIP_TOO_LARGE,
    LAMBDA_INTERVALS,
    LAMBDA_MAX,
    LAMBDA_MIN,
    ZERO_BELOW,
)
from ._eigen import checked_rows, mirror_upper
from ._null import fit_null
from ._rotated import RotatedStudy
from .jax import JaxBackend, check_options

Floats = NDArray[np.float64]

_FLAT_NULL = (
    "the restricted likelihood of the null model does not depend on lambda: the covariates span the kinship, or it is a "
    "multiple of the identity; pve, vg and ve are those of the smallest lambda and are not estimates"
)
_KINSHIP_SNPS = 4096
"""Number of SNPs whose dosages are copied at a time for the kinship."""


def lmm_arrays(
    genotypes: ArrayLike,
    phenotype: ArrayLike,
    covariates: ArrayLike | None = None,
    kinship: ArrayLike | None = None,
    *,
    kinship_genotypes: ArrayLike | None = None,
    tests: str = "wald",
    l_min: float = LAMBDA_MIN,
    l_max: float = LAMBDA_MAX,
    n_region: int = LAMBDA_INTERVALS,
    backend: JaxBackend | None = None,
) -> dict[str, Any]:
    """Test every SNP for association with the phenotype in a linear mixed model.

    Parameters
    ----------
    genotypes : array_like, shape (n, p)
        Dosages of the effect allele, from 0 to 2, NaN if missing. A missing dosage counts as the mean of the SNP over the
        analysed individuals.
    phenotype : array_like, shape (n,)
        Individuals with NaN are excluded.
    covariates : array_like, shape (n, c), optional
        Individuals with NaN are excluded. An intercept is appended if no column is constant, as in GEMMA.
    kinship : array_like, shape (n, n), optional
        The kinship of the same individuals. Default: the centred kinship of all n individuals, from the SNPs of
        `kinship_genotypes` that vary among the analysed individuals.
    kinship_genotypes : array_like, shape (n, q), optional
        The SNPs of a computed kinship. Default: `genotypes`.
    tests : {"wald", "lrt", "score", "all", "lrt_effect"}
        GEMMA's -lmm 1, 2, 3, 4 and 9.
    l_min, l_max, n_region : float, float, int
        Range of lambda, and number of intervals of its grid.
    backend : JaxBackend, optional
        Default: a backend on JAX's first device.

    Returns
    -------
    dict
        Arrays of shape (p,): "af" (frequency of the effect allele), "n_miss", "beta", "se", "logl_h1", "l_remle", "l_mle",
        "p_wald", "p_lrt", "p_score" (NaN if the tests do not compute it), "undefined", "used_fallback" and
        "is_perfect_fit" as of :meth:`Scanner.scan`. "null": dict of the null model. "analysed": bool, shape (n,), which
        individuals are analysed. "warnings": list of str.

    Raises
    ------
    ValueError
        If shapes disagree, values are infinite, covariates are linearly dependent, or the phenotype has no variance left.
    ArithmeticError
        If a matrix is singular or not finite, or the kinship is 0 or constant.
    MemoryError
        If a matrix does not fit on the device.
    """
    check_options(tests, l_min, l_max, n_region)
    backend = backend or JaxBackend()
    x = _floating(genotypes)
    y, w, analysed = _cohort(x, phenotype, covariates)
    if kinship is None:
        of_kinship = x if kinship_genotypes is None else _floating(kinship_genotypes)
        k = _centred_kinship(of_kinship, analysed, backend)
    else:
        k = np.array(kinship, np.float64)
        if k.shape != (len(x), len(x)):
            raise ValueError(f"the kinship matrix has shape {k.shape}, but there are {len(x)} individuals")
    d, u, warnings = decompose(k[np.ix_(analysed, analysed)], backend)
    model = RotatedStudy.of(d, u.T @ y, u.T @ w)
    null = fit_null(model, l_min, l_max, n_region, backend.device)
    if null.is_flat:
        warnings.append(_FLAT_NULL)
    scanner = backend.scanner(
        d=d,
        u=u,
        uty=u.T @ y,
        utw=u.T @ w,
        null_lambda_ml=null.l_mle,
        null_logl_ml=null.logl_ml,
        l_min=l_min,
        l_max=l_max,
        n_region=n_region,
        tests=tests,
    )
    x = x[analysed]
    found = scanner.scan_dosages(x)
    return {
        **_summaries(x),
        **with_p_values(found, model.n - model.c - 1),
        "null": asdict(null),
        "analysed": analysed,
        "warnings": warnings + backend.notes,
    }


def with_p_values(found: dict[str, NDArray[Any]], df: int) -> dict[str, NDArray[Any]]:
    """The results of a scan with p-values in place of the statistics.

    F on 1 and `df` degrees of freedom is the square of Student's t; the likelihood ratio is chi-squared on 1.
    """
    out = dict(found)
    f_wald, ratio, f_score = (out.pop(name) for name in ("f_wald", "lrt", "f_score"))
    return out | {
        "p_wald": f_upper_tail(f_wald, df),
        "p_lrt": np.asarray(chdtrc(1.0, ratio)),
        "p_score": f_upper_tail(f_score, df),
    }


def f_upper_tail(f: Floats, df: int) -> Floats:
    """P(F > f) on 1 and `df` degrees of freedom; 1 if rounding made `f` negative."""
    # Not `maximum`, so that NaN stays NaN.
    return np.asarray(2.0 * stdtr(df, -np.sqrt(np.where(f < 0.0, 0.0, f))))


def decompose(kinship: Floats, backend: JaxBackend) -> tuple[Floats, Floats, list[str]]:
    """Centre a kinship (n, n), decompose it, and set eigenvalues below 10⁻¹⁰ to 0.

    The upper triangle is used and copied to the lower one, as in GEMMA.

    Returns
    -------
    d : ndarray, shape (n,)
        Eigenvalues in ascending order.
    u : ndarray, shape (n, n)
        Eigenvectors as columns.
    warnings : list of str
        Notes on the kinship for the user.

    Raises
    ------
    ArithmeticError
        If an entry is not finite or too large, the kinship is 0 or constant, or the decomposition does not converge.
    """
    largest = _largest_entry(kinship)
    means = kinship.mean(axis=1)
    centred = kinship - means[:, None] - means[None, :] + means.mean()
    mirror_upper(centred)
    if len(kinship) > 1 and not (np.abs(centred) > KINSHIP_CONSTANT * largest).any():
        raise ArithmeticError("the kinship is constant (0 after centring): it cannot correct for relatedness")
    d, u = backend.eigendecompose(centred)
    warnings = []
    if d[0] < -ZERO_BELOW:
        warnings.append(f"the kinship matrix has negative eigenvalues, the most negative {d[0]:.3g}: they are set to 0")
    d = np.where(d < ZERO_BELOW, 0.0, d)
    n_zero = int(np.sum(d == 0.0))
    if n_zero > 1:
        warnings.append(f"the kinship matrix has {n_zero} eigenvalues close to zero")
    return d, u, warnings


def _largest_entry(kinship: Floats) -> float:
    """The largest absolute value of a kinship; ArithmeticError if it is 0 or so large that products overflow."""
    checked_rows(kinship)
    largest = float(np.abs(kinship).max())
    if largest > KINSHIP_TOO_LARGE:
        raise ArithmeticError(
            f"the kinship has values up to {largest:.1e}, too large: no digits of the residual variance are left"
        )
    if largest == 0.0:
        raise ArithmeticError("every entry of the kinship is 0: it cannot correct for relatedness")
    return largest


def _floating(genotypes: ArrayLike) -> NDArray[np.floating | np.integer]:
    """Genotypes unchanged if they are floating-point numbers or integers; later they are copied block by block."""
    x = np.asarray(genotypes)
    if x.ndim != 2:
        raise ValueError(f"genotypes have shape {x.shape}, expected individuals x SNPs")
    if not (np.issubdtype(x.dtype, np.floating) or np.issubdtype(x.dtype, np.integer)):
        x = x.astype(np.float64)
    if x.size and np.isinf(x).any():
        raise ValueError("a genotype is infinite; missing genotypes are NaN")
    return x


def _cohort(
    x: NDArray[np.floating | np.integer], phenotype: ArrayLike, covariates: ArrayLike | None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    y = np.array(phenotype, np.float64)
    if y.shape != (len(x),):
        raise ValueError(f"the phenotype has shape {y.shape}, but there are {len(x)} individuals")
    w = np.ones((len(x), 1)) if covariates is None else np.array(covariates, np.float64)
    if w.ndim == 1:
        w = w[:, None]
    if w.ndim != 2 or len(w) != len(x):
        raise ValueError(f"the covariates have shape {w.shape}, but there are {len(x)} individuals")
    analysed = ~np.isnan(y) & ~np.isnan(w).any(axis=1)
    y, w = y[analysed], w[analysed]
    if not (np.isfinite(y).all() and np.isfinite(w).all()):
        raise ValueError("the phenotype or a covariate has an infinite value")
    if not len(y):
        raise ValueError("no individual has a phenotype and all covariates")
    if not np.any(np.ptp(w, axis=0) == 0.0):
        w = np.column_stack([w, np.ones(len(w))])
    return y, w, analysed


def _centred_kinship(x: NDArray[np.floating | np.integer], analysed: NDArray[np.bool_], backend: JaxBackend) -> Floats:
    total, n_snps = backend.kinship_sum("centered", len(x)), 0
    for first in range(0, x.shape[1], _KINSHIP_SNPS):
        block = x[:, first : first + _KINSHIP_SNPS].astype(np.float64)
        # fmin and fmax skip NaN without a warning.
        low, high = (of.reduce(block[analysed], axis=0) for of in (np.fmin, np.fmax))
        block = block[:, high > low]
        total.add_dosages(block, np.nanmean(block, axis=0), np.ones(block.shape[1]))
        n_snps += block.shape[1]
    return total.finish(n_snps)


def _summaries(x: NDArray[np.floating | np.integer]) -> dict[str, NDArray[Any]]:
    observed = np.sum(~np.isnan(x), axis=0)
    with np.errstate(invalid="ignore"):
        af = np.nansum(x, axis=0, dtype=np.float64) / (2.0 * observed)
    return {"af": af, "n_miss": len(x) - observed}
