"""The tests of a block of SNPs on the device: rotation, statistics at the null lambda, evaluation of the grid, search.

Each function is compiled once for the shapes of a study. The last block is padded with columns of 0, which count as
collinear with the covariates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ._constants import ABSOLUTE_BELOW, COLLINEAR_BELOW, SAME_STATISTIC
from ._likelihood import (
    Criterion,
    Moments,
    Shared,
    Study,
    Sums,
    moments_at,
    moments_of_sums,
    shared_values,
    weights,
)
from ._optimize import GridEvaluation, LambdaGrid, Optimum, maximise
from ._packed import decode, with_means
from ._weighted import WeightedModel, moments_of_weighted, weighted_model


class Rotated(NamedTuple):
    """Rotated SNPs, with their projection on the covariates removed."""

    x: Array
    """(n, b)."""
    xx: Array
    """xᵀx, (b,)."""
    is_collinear: Array
    """(b,) bool."""


class Tables(NamedTuple):
    """The values on the grid that do not depend on x; every block uses them."""

    grid: LambdaGrid
    """The grid, of m points in all."""
    at: Shared
    weighted: Array
    """The products w a for the weights w₁ and w₂ and each a among the covariates and y, (2, m, c + 1, n)."""
    weights: Array
    """The weights w₁ and w₂, (2, m, n)."""


def _rotated(ut: Array, x: Array, study: Study) -> Rotated:
    n = study.d.shape[0]
    x = jnp.pad(ut @ x, ((0, n - ut.shape[0]), (0, 0)))
    total = jnp.sum(x * x, axis=0)
    q = study.columns[:, :-1]
    # Twice: the first pass leaves a rounding error of the size of x.
    for _ in range(2):
        x = x - q @ (q.T @ x)
    xx = jnp.sum(x * x, axis=0)
    # The negation also catches NaN.
    return Rotated(x, xx, ~(xx > COLLINEAR_BELOW * total))


@jax.jit
def rotate_packed(ut: Array, packed: Array, means: Array, study: Study) -> Rotated:
    """Rotate packed SNPs (b, ceil(n/4)) of means (b,) by `ut` (n, n), whose rows are eigenvectors."""
    return _rotated(ut, decode(packed, means, ut.shape[0]), study)


@jax.jit
def rotate_dosages(ut: Array, dosages: Array, study: Study) -> Rotated:
    """Rotate dosages (n, b), NaN if missing, by `ut` (n, n), whose rows are eigenvectors."""
    return _rotated(ut, with_means(dosages), study)


@jax.jit
def weighted_at(lam: Array, study: Study) -> WeightedModel:
    """The model without x at each lambda (m,)."""
    return weighted_model(lam, study)


def _points(grid: LambdaGrid) -> tuple[Array, Array]:
    """All lambda of the grid (m,), with a number in place of those that are not finite, and which ones are finite."""
    points = jnp.concatenate([grid.points, grid.fine, grid.ends])
    # An infinite or undefined point (lambda_min = 0) is never the end of a bracket, so any number can replace it.
    is_finite = jnp.isfinite(points)
    return jnp.where(is_finite, points, points[-1]), is_finite


@jax.jit
def tables(grid: LambdaGrid, study: Study) -> Tables:
    """The values on the grid that do not depend on x."""
    lam, _ = _points(grid)
    of = weights(lam, study.d)
    w = jnp.stack([of[1].T, of[2].T])
    return Tables(
        grid=grid,
        at=shared_values(lam, study, of, by_residual=True).for_snps(),
        weighted=w[:, :, None, :] * study.columns.T,
        weights=w,
    )


@jax.jit
def evaluate_grid(study: Study, snps: Rotated, of: Tables) -> tuple[GridEvaluation, Array]:
    """The moments of each SNP on the grid, and whether its likelihood can be evaluated there, (b,) bool."""
    x, xx, is_collinear = snps
    with_columns = jnp.moveaxis(jnp.tensordot(of.weighted, x, axes=1), 2, 1)
    sums = Sums(with_columns[:, :-1], with_columns[:, -1], jnp.tensordot(of.weights, x * x, axes=1))
    moments, is_lost = moments_of_sums(of.at, sums, xx)
    is_lost &= ~is_collinear

    def kept(lam: Array, is_lost: Array, here: Moments) -> Moments:
        return here

    def replaced(lam: Array, is_lost: Array, here: Moments) -> Moments:
        exact = moments_of_weighted(weighted_model(lam[None], study), x, xx)
        return _select(is_lost, exact, here)

    def at_each_point() -> Moments:
        points = (of.at.lam[:, 0], is_lost, moments)
        found: Moments = jax.lax.map(lambda point: jax.lax.cond(jnp.any(point[1]), replaced, kept, *point), points)
        return found

    moments = jax.lax.cond(jnp.any(is_lost), at_each_point, lambda: moments)
    is_finite = _points(of.grid)[1][:, None]
    is_defined = ~is_collinear & jnp.all(~jnp.isnan(moments.log_det) | ~is_finite, axis=0)
    moments = Moments(*(jnp.where(is_finite, field, jnp.nan) for field in moments))
    return GridEvaluation(of.grid, moments), is_defined


def _select(condition: Array, yes: Moments, no: Moments) -> Moments:
    return Moments(*(jnp.where(condition, a, b) for a, b in zip(yes, no, strict=True)))


@jax.jit
def search(study: Study, snps: Rotated, start: GridEvaluation, criterion: Criterion, is_defined: Array) -> Optimum:
    """The maximum of each SNP's likelihood under `criterion`, fields of shape (b,)."""

    def few(index: Array) -> Callable[[Array, Array], Moments]:
        x, xx = (jnp.take(v, index, axis=-1, mode="clip") for v in (snps.x, snps.xx))

        def evaluate(lam: Array, is_wanted: Array) -> Moments:
            moments, is_lost = moments_at(lam, x, xx, study)

            def replaced() -> Moments:
                return _select(is_lost, moments_of_weighted(weighted_model(lam, study), x, xx), moments)

            found: Moments = jax.lax.cond(jnp.any(is_lost & is_wanted), replaced, lambda: moments)
            return found

        return evaluate

    return maximise(lambda lam: moments_at(lam, snps.x, snps.xx, study), few, start, criterion, study, is_defined)


@jax.jit
def search_null(study: Study, grid: LambdaGrid, criterion: Criterion) -> Optimum:
    """The maximum of the likelihood of the null model, fields of shape (1,)."""

    def at(lam: Array) -> Moments:
        return weighted_model(lam[None], study).null

    lam, is_finite = _points(grid)
    moments: Moments = jax.lax.map(at, lam)
    start = GridEvaluation(grid, Moments(*(jnp.where(is_finite[:, None], field, jnp.nan) for field in moments)))

    def evaluate(lam: Array) -> tuple[Moments, Array]:
        return weighted_model(lam, study).null, jnp.zeros(lam.shape, bool)

    return maximise(evaluate, None, start, criterion, study, jnp.ones(1, bool))


def _safe_root(d: Array) -> Array:
    """√d, with |d| for values below `ABSOLUTE_BELOW`: a small negative variance must not give NaN; as in GEMMA."""
    return jnp.sqrt(jnp.where(d < ABSOLUTE_BELOW, jnp.abs(d), d))


@jax.jit
def statistics_at_null(study: Study, snps: Rotated, at: WeightedModel) -> dict[str, Array]:
    """Score statistic and effect at the ML lambda of the null model; `at` is the model without x at this lambda, (1,)."""
    m, df = moments_of_weighted(at, snps.x, snps.xx), study.n - study.c - 1
    return {
        "beta": m.beta,
        "se": _safe_root(m.a / (df * m.p_xx)),
        "f_score": study.n * m.beta * m.beta * m.p_xx / at.null.a,
        "is_perfect_fit": m.a == 0.0,
    }


@jax.jit
def wald(study: Study, reml: Optimum, start: GridEvaluation) -> tuple[dict[str, Array], Array]:
    """Effect and F on 1 and n - c - 1 degrees of freedom at each SNP's REML lambda, and which SNPs have no such test.

    The test is undefined if the restricted likelihood does not depend on lambda but F does. If K is a multiple of the
    identity, F does not depend on lambda either: every lambda gives the test of the linear model.
    """
    at, df = reml.at, study.n - study.c - 1
    low, high = (m.beta * m.beta * m.p_xx / m.a * df for m in start.ends())
    # The negation also catches NaN.
    has_no_test = reml.is_flat & ~(jnp.abs(low - high) <= SAME_STATISTIC * jnp.maximum(low, high))
    found = {
        "beta": at.beta,
        "se": _safe_root(at.a / (df * at.p_xx)),
        "f_wald": at.beta * at.beta * at.p_xx * df / at.a,
        "l_remle": at.lam,
        "logl_h1": at.value,
    }
    return {name: jnp.where(has_no_test, jnp.nan, values) for name, values in found.items()}, has_no_test


@jax.jit
def likelihood_ratio(ml: Optimum, null_logl: Array) -> dict[str, Array]:
    """The statistic 2(ℓ₁ - ℓ₀) at each SNP's ML lambda, at least 0."""
    statistic = 2.0 * (ml.at.value - null_logl)
    # Not `maximum`, so that NaN stays NaN.
    return {"lrt": jnp.where(statistic < 0.0, 0.0, statistic), "l_mle": ml.at.lam, "logl_h1": ml.at.value}
