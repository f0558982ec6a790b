"""The tests of a block of SNPs on the device: rotation, null statistics, survey of the grid, search.

Each function is compiled once for the shapes of a study; SNPs of the last block that are not there are columns of 0,
which count as collinear with the covariates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ._likelihood import (
    Criterion,
    Moments,
    Shared,
    Study,
    Sums,
    moments_at,
    moments_of_residual,
    moments_of_sums,
    moments_without_snp,
    project,
    shared_values,
    weights,
)
from ._optimize import Optimum, Survey, maximise
from ._packed import decode, with_means

COLLINEAR_BELOW = 1e-18
"""A SNP whose variance after the covariates is below this share of xᵀx is a combination of them."""


class Rotated(NamedTuple):
    """SNPs after rotation and without their part in the covariates."""

    x: Array
    """(n, b)."""
    xx: Array
    """xᵀx, (b,)."""
    is_collinear: Array
    """(b,) bool."""


class Tables(NamedTuple):
    """What the survey of every block uses: all about the grid that does not contain x."""

    points: Array
    """Lambda at the ends of the intervals, then at both ends of the range, (m + 2,)."""
    at: Shared
    weighted: Array
    """w a for w₁, w₂ and a among the covariates and y, (2, m + 2, c + 1, n)."""
    weights: Array
    """w₁ and w₂, (2, m + 2, n)."""


def _rotated(ut: Array, x: Array, study: Study) -> Rotated:
    n = study.d.shape[0]
    x = jnp.pad(ut @ x, ((0, n - ut.shape[0]), (0, 0)))
    total = jnp.sum(x * x, axis=0)
    q = study.columns[:, :-1]
    # Twice: the first sweep leaves a rounding error of x's size.
    for _ in range(2):
        x = x - q @ (q.T @ x)
    xx = jnp.sum(x * x, axis=0)
    # The negation also catches NaN.
    return Rotated(x, xx, ~(xx > COLLINEAR_BELOW * total))


@jax.jit
def rotate_packed(ut: Array, packed: Array, means: Array, study: Study) -> Rotated:
    """Rotates packed SNPs (b, stride) by `ut` (n, n), rows eigenvectors."""
    return _rotated(ut, decode(packed, means, ut.shape[0]), study)


@jax.jit
def rotate_dosages(ut: Array, dosages: Array, study: Study) -> Rotated:
    """Rotates dosages (n, b), NaN missing, by `ut` (n, n), rows eigenvectors."""
    return _rotated(ut, with_means(dosages), study)


@jax.jit
def shared_at(lam: Array, study: Study) -> Shared:
    """The numbers without x at each lambda (m,)."""
    return shared_values(lam, study, weights(lam, study.d), by_residual=True)


@jax.jit
def tables(points: Array, study: Study) -> Tables:
    """The tables of the grid."""
    # An endless or undefined point (lambda_min = 0) never begins or ends a bracket; any number stands in for it.
    lam = jnp.where(jnp.isfinite(points), points, points[-1])
    of = weights(lam, study.d)
    w = jnp.stack([of[1].T, of[2].T])
    return Tables(
        points=points,
        at=shared_values(lam, study, of, by_residual=True).for_snps(),
        weighted=w[:, :, None, :] * study.columns.T,
        weights=w,
    )


@jax.jit
def survey(study: Study, snps: Rotated, of: Tables) -> tuple[Survey, Array]:
    """The moments of each SNP on the grid, and whether its likelihood can be evaluated there."""
    x, xx, is_collinear = snps
    with_columns = jnp.moveaxis(jnp.tensordot(of.weighted, x, axes=1), 2, 1)
    sums = Sums(with_columns[:, :-1], with_columns[:, -1], jnp.tensordot(of.weights, x * x, axes=1))
    moments, is_lost = moments_of_sums(of.at, sums, xx)
    is_lost &= ~is_collinear

    def replaced() -> Moments:
        exact = jax.lax.map(
            lambda lam: moments_of_residual(jnp.broadcast_to(lam, xx.shape), x, xx, study), of.at.lam[:, 0]
        )
        return Moments(*(jnp.where(is_lost, e, m) for e, m in zip(exact, moments, strict=True)))

    moments = jax.lax.cond(jnp.any(is_lost), replaced, lambda: moments)
    is_finite = jnp.isfinite(of.points)[:, None]
    is_defined = ~is_collinear & jnp.all(~jnp.isnan(moments.log_det) | ~is_finite, axis=0)
    moments = Moments(*(jnp.where(is_finite, field, jnp.nan) for field in moments))
    return Survey(of.points[:-2], moments), is_defined


@jax.jit
def search(study: Study, snps: Rotated, start: Survey, criterion: Criterion, is_defined: Array) -> Optimum:
    """The maximum of each SNP's likelihood."""

    def few(index: Array) -> Callable[[Array], Moments]:
        x, xx = (jnp.take(v, index, axis=-1, mode="clip") for v in (snps.x, snps.xx))
        return lambda lam: moments_of_residual(lam, x, xx, study)

    return maximise(lambda lam: moments_at(lam, snps.x, snps.xx, study), few, start, criterion, study.n, is_defined)


@jax.jit
def search_null(study: Study, of: Tables, criterion: Criterion) -> Optimum:
    """The maximum of the likelihood of the null model, fields of shape (1,)."""
    at = moments_without_snp(Shared(*(field[..., 0] for field in of.at)))
    is_finite = jnp.isfinite(of.points)
    start = Survey(of.points[:-2], Moments(*(jnp.where(is_finite, field, jnp.nan)[:, None] for field in at)))

    def evaluate(lam: Array) -> tuple[Moments, Array]:
        at = shared_values(lam, study, weights(lam, study.d), by_residual=True)
        return moments_without_snp(at), jnp.zeros(lam.shape, bool)

    return maximise(evaluate, None, start, criterion, study.n, jnp.ones(1, bool))


def _safe_root(d: Array) -> Array:
    """√d, where a value below 0.001 counts by its size, as GEMMA has it: a negative variance must not give NaN."""
    return jnp.sqrt(jnp.where(d < 0.001, jnp.abs(d), d))


@jax.jit
def statistics_at_null(study: Study, snps: Rotated, at: Shared) -> dict[str, Array]:
    """Score statistic and effect at the null model's ML lambda, of which `at` is the numbers without x, (1,)."""
    w1 = 1.0 / (at.lam * study.d + 1.0)
    with_columns = (w1[:, None] * study.columns).T @ snps.x
    sums = Sums(with_columns[None, :-1], with_columns[None, -1], (w1 @ (snps.x * snps.x))[None])
    _, p_xx, p_xy = project(at, sums)
    p_yy, df = at.rr[0], study.n - study.c - 1
    return {
        "beta": p_xy / p_xx,
        "se": _safe_root((p_yy - p_xy * p_xy / p_xx) / (df * p_xx)),
        "f_score": study.n * p_xy * p_xy / (p_yy * p_xx),
    }


@jax.jit
def wald(study: Study, reml: Optimum) -> dict[str, Array]:
    """Effect and F on 1 and n - c - 1 degrees of freedom at each SNP's REML lambda."""
    at, df = reml.at, study.n - study.c - 1
    return {
        "beta": at.beta,
        "se": _safe_root(at.a / (df * at.p_xx)),
        "f_wald": at.beta * at.beta * at.p_xx * df / at.a,
        "l_remle": at.lam,
        "logl_h1": at.value,
    }


@jax.jit
def likelihood_ratio(ml: Optimum, null_logl: Array) -> dict[str, Array]:
    """2(ℓ₁ - ℓ₀) at each SNP's ML lambda; not above 0 is 0."""
    statistic = 2.0 * (ml.at.value - null_logl)
    # Not `maximum`, so that NaN stays NaN whatever its rules.
    return {"lrt": jnp.where(statistic < 0.0, 0.0, statistic), "l_mle": ml.at.lam, "logl_h1": ml.at.value}
