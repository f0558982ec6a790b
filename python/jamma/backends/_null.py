"""The null model, which has no SNP: variance components, heritability and covariate effects."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np
from numpy.typing import NDArray

from . import _scan as on_device
from ._constants import ABSOLUTE_BELOW
from ._float64 import in_float64
from ._likelihood import curvature
from ._optimize import lambda_grid
from ._rotated import RotatedStudy
from .jax import criterion, device_study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NullFit:
    """The fitted null model; all values from `pve` on are at the REML lambda."""

    l_mle: float
    logl_ml: float
    l_remle: float
    logl_reml: float
    pve: float
    """Proportion of variance explained: t lambda/(t lambda + 1) with the mean eigenvalue t."""
    pve_se: float
    """Its standard error by the delta method."""
    vg: float
    """Genetic variance, lambda ve."""
    ve: float
    """Residual variance, A/(n - c)."""
    beta: Floats
    """Effects of the covariates, in their order, (c,)."""
    beta_se: Floats
    is_flat: bool
    """Whether the restricted likelihood does not depend on lambda; then the smallest lambda is given, not an estimate."""


@in_float64
def fit_null(model: RotatedStudy, l_min: float, l_max: float, n_region: int, device: jax.Device) -> NullFit:
    """Fit the null model by maximum likelihood and by REML.

    Parameters
    ----------
    model : RotatedStudy
        Rotated phenotype and covariates.
    l_min, l_max : float
        Range of lambda.
    n_region : int
        Number of intervals of the grid; if it is 0, only the ends of the range are compared.
    device : jax.Device
        The device to compute on.

    Raises
    ------
    ArithmeticError
        If the covariates are linearly dependent after weighting by the kinship.

    Notes
    -----
    Source: Zhou & Stephens 2012, Supplementary Note section 3.1; the standard error of PVE as in GEMMA's manual.
    """
    study = device_study(model, device)
    grid = jax.device_put(lambda_grid(l_min, l_max, n_region), device)
    criteria = [criterion(is_reml, model.n, model.c, device) for is_reml in (False, True)]
    of_ml, of_reml = (jax.device_get(on_device.search_null(study, grid, of)) for of in criteria)
    ml, reml = of_ml.at, of_reml.at
    lam = float(reml.lam[0])
    at = on_device.weighted_at(jax.device_put(np.array([lam]), device), study)
    second = float(curvature(at.null, criteria[1])[0])
    ve = float(at.null.a[0]) / (model.n - model.c)
    if not np.isfinite([lam, float(reml.value[0]), float(ml.value[0]), ve]).all():
        raise ArithmeticError(
            "the covariates are linearly dependent after weighting by the kinship; remove covariates that repeat others, "
            "or raise l_min above 0"
        )
    t = model.mean_d
    # The variance of lambda is infinite if the second derivative is 0.
    with np.errstate(divide="ignore"):
        variance = np.divide(-1.0, second)
    return NullFit(
        l_mle=float(ml.lam[0]),
        logl_ml=float(ml.value[0]),
        l_remle=lam,
        logl_reml=float(reml.value[0]),
        pve=t * lam / (t * lam + 1.0),
        pve_se=t / (t * lam + 1.0) ** 2 * float(safe_root(variance)),
        vg=lam * ve,
        ve=ve,
        beta=model.covariate_effects(np.asarray(at.alpha)[:, 0]),
        is_flat=bool(of_reml.is_flat[0]),
        beta_se=safe_root(ve * model.covariate_variances(np.asarray(at.r)[..., 0])),
    )


def safe_root(d: Floats | np.floating) -> Floats:
    """√d, with |d| for values below `ABSOLUTE_BELOW`: a small negative variance must not give NaN; as in GEMMA."""
    return np.sqrt(np.where(d < ABSOLUTE_BELOW, np.abs(d), d))
