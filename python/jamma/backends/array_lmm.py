"""The linear mixed model on arrays, without the Rust extension: kinship, null model and tests by the JAX backend.

Files, filters and ids belong to the Rust pipeline. Here rows are individuals and every array has the same ones in the
same order.
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
"""SNPs whose dosages are copied at once while the kinship is summed."""


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
        Dosages of the effect allele, 0 to 2, NaN missing. A missing one stands for the mean of the SNP's others among
        the individuals analysed.
    phenotype : array_like, shape (n,)
        NaN excludes the individual.
    covariates : array_like, shape (n, c), optional
        NaN excludes the individual. An intercept is appended where no column is constant, as GEMMA does.
    kinship : array_like, shape (n, n), optional
        Of the same individuals. If not given, the centred kinship of all n individuals, from the SNPs of
        `kinship_genotypes` that vary among those analysed.
    kinship_genotypes : array_like, shape (n, q), optional
        The SNPs of a computed kinship; those of `genotypes` if not given.
    tests : {"wald", "lrt", "score", "all", "lrt_effect"}
    l_min, l_max, n_region
        Range of lambda and number of intervals of its grid.
    backend : JaxBackend, optional
        One on JAX's first device where not given.

    Returns
    -------
    dict
        Arrays (p,): "af" (of the effect allele), "n_miss", "beta", "se", "logl_h1", "l_remle", "l_mle", "p_wald",
        "p_lrt", "p_score" (NaN where the tests do not give it), "undefined" (0; 1 collinear with the covariates; 2
        likelihood could not be evaluated; 3 no Wald test, since the restricted likelihood does not depend on lambda),
        "used_fallback" and "is_perfect_fit" (the SNP and the covariates explain the phenotype completely). "null": dict
        of the null model. "analysed": bool (n,). "warnings": list of str.

    Raises
    ------
    ValueError
        Where shapes disagree, covariates are dependent, or the phenotype has no variance left.
    ArithmeticError
        Where a matrix is singular or not finite.
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
            raise ValueError(f"the kinship matrix is of shape {k.shape}, but there are {len(x)} individuals")
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

    F on 1 and `df` degrees of freedom is the square of Student's t; the likelihood ratio is chi-squared with 1.
    """
    out = dict(found)
    f_wald, ratio, f_score = (out.pop(name) for name in ("f_wald", "lrt", "f_score"))
    return out | {
        "p_wald": f_upper_tail(f_wald, df),
        "p_lrt": np.asarray(chdtrc(1.0, ratio)),
        "p_score": f_upper_tail(f_score, df),
    }


def f_upper_tail(f: Floats, df: int) -> Floats:
    """P(F > f) on 1 and `df` degrees of freedom; 1 where rounding made `f` negative."""
    # Not `maximum`, which may lose NaN.
    return np.asarray(2.0 * stdtr(df, -np.sqrt(np.where(f < 0.0, 0.0, f))))


def decompose(kinship: Floats, backend: JaxBackend) -> tuple[Floats, Floats, list[str]]:
    """Centres a kinship (n, n), decomposes it, and sets eigenvalues below 10⁻¹⁰ to 0.

    The upper triangle decides and is mirrored down, as GEMMA has it.

    Returns
    -------
    d : ndarray, shape (n,)
        Ascending.
    u : ndarray, shape (n, n)
        Columns eigenvectors.
    warnings : list of str
        What a user should know about the kinship.

    Raises
    ------
    ArithmeticError
        Where an entry is not finite or too large, or the kinship is 0 or constant.
    """
    largest = _largest_entry(kinship)
    means = kinship.mean(axis=1)
    centred = kinship - means[:, None] - means[None, :] + means.mean()
    mirror_upper(centred)
    if len(kinship) > 1 and not (np.abs(centred) > KINSHIP_CONSTANT * largest).any():
        raise ArithmeticError("the kinship is constant (0 once it is centred): it cannot correct for relatedness")
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
    """The largest absolute value of a kinship, which is neither 0 nor so large that products overflow."""
    checked_rows(kinship)
    largest = float(np.abs(kinship).max())
    if largest > KINSHIP_TOO_LARGE:
        raise ArithmeticError(
            f"the kinship has numbers up to {largest:.1e}, too large: no residual variance is left beside them"
        )
    if largest == 0.0:
        raise ArithmeticError("every entry of the kinship is 0: it cannot correct for relatedness")
    return largest


def _floating(genotypes: ArrayLike) -> NDArray[np.floating | np.integer]:
    """Genotypes as they are where they are floating-point or small integers; a copy is made block by block later."""
    x = np.asarray(genotypes)
    if x.ndim != 2:
        raise ValueError(f"genotypes are of shape {x.shape}, but must be individuals x SNPs")
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
        raise ValueError(f"the phenotype is of shape {y.shape}, but there are {len(x)} individuals")
    w = np.ones((len(x), 1)) if covariates is None else np.array(covariates, np.float64)
    if w.ndim == 1:
        w = w[:, None]
    if w.ndim != 2 or len(w) != len(x):
        raise ValueError(f"the covariates are of shape {w.shape}, but there are {len(x)} individuals")
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
        # fmin and fmax pass over NaN without a warning.
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
