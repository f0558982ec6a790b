"""The model at one lambda after weighting: slower than the sums of `_likelihood`, but accurate for all weights.

The columns H^(-½)Q are made orthonormal, H^(-½)Q = Q̃R, and the phenotype H^(-½)y is reduced to its residual r̃. A SNP is
reduced in the same way, H^(-½)x = Q̃z + P_xx^½ q̃. With ρ = d/h for every individual, and with [Q̃ q̃] instead of Q̃ if
there is a SNP:

* A = Σ r̃², ln|XᵀH⁻¹X| = Σ 2 ln Rⱼⱼ, β̂ = q̃ᵀr̃ / P_xx^½
* g = Σ ρ r̃², gg = Σ ρ² r̃² - |Q̃ᵀ(ρ r̃)|²
* tr G⁻¹S₁ = tr M with M = Q̃ᵀ diag(ρ) Q̃, tr (G⁻¹S₁)² = Σ Mᵢⱼ², tr G⁻¹S₂ = Σ ρ² q̃²

Individuals in the null space of K have weight 1, all others about 1/(λd). If λd is large and the columns have a part in the
null space, the products QᵀH⁻¹Q span many orders of magnitude, and their Cholesky factor has no digits left for the small
ones. Orthogonalisation works with the square roots of the weights and keeps these digits.

Shapes are those of `_likelihood`; m is the number of lambda, either b (one for each SNP) or 1 (the same for all SNPs).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from ._constants import PERFECT_FIT, PERFECT_FIT_EACH, WEIGHTED_DEPENDENT_BELOW
from ._float64 import EPSILON
from ._likelihood import Moments, Study


class WeightedModel(NamedTuple):
    """Covariates and phenotype at each lambda (m,); NaN if the weighted covariates are linearly dependent."""

    root: Array
    """H^(-½), (n, m)."""
    rho: Array
    """ρ = d/h, (n, m)."""
    of_slope: Array
    """ρ, or for large λd ρ - 1/λ = -1/(λh), from which the slopes are computed, (n, m).

    Subtracting a constant from every ρ changes neither slope, because Σ (1 - leverage) = ν and Σ r̃² = A. For large λd every
    ρ is close to 1/λ, so the slope is computed from the differences.
    """
    q: Array
    """Q̃, (c, n, m)."""
    r: Array
    """R, upper triangular, (c, c, m)."""
    residual: Array
    """r̃, (n, m)."""
    alpha: Array
    """Effects of the columns of Q, (c, m)."""
    least_a: Array
    """An A of at most this is rounding, (m,)."""
    null: Moments
    """The moments without a SNP, (m,)."""


def weighted_model(lam: Array, study: Study) -> WeightedModel:
    """The covariates and the phenotype at each lambda (m,)."""
    c, m = study.c, lam.shape[0]
    rows = study.d.shape[0]
    h = lam * study.d[:, None] + 1.0
    root, rho = 1.0 / jnp.sqrt(h), study.d[:, None] / h
    is_large = lam * study.mean_d > 1.0
    of_slope = jnp.where(is_large, -1.0 / (lam * h), rho)

    def orthogonalise(j: Array, found: tuple[Array, Array]) -> tuple[Array, Array]:
        # Columns from j on are still 0.
        q, r = found
        x = root * jnp.take(study.columns, j, axis=1)[:, None]
        before = _norm(x)
        x, coefficients = _remove(q, x)
        norm = _or_nan(_norm(x), before)
        return q.at[j].set(x / norm), r.at[:, j].set(coefficients).at[j, j].set(norm)

    q, r = jax.lax.fori_loop(0, c, orthogonalise, (jnp.zeros((c, rows, m)), jnp.zeros((c, c, m))))
    y = root * study.columns[:, c:]
    residual, coefficients = _remove(q, y)
    # The rounding error of the rotation is relative to the phenotype before the covariates are removed.
    is_individual = (jnp.arange(rows) < study.n)[:, None]
    mean_weight = jnp.sum(jnp.where(is_individual, root * root, 0.0), axis=0) / study.n
    noise = study.n * (EPSILON * study.y_norm) ** 2 * mean_weight
    least_a = (PERFECT_FIT + PERFECT_FIT_EACH * study.n) * jnp.sum(y * y, axis=0) + noise
    a = jnp.sum(residual * residual, axis=0)
    rho_r = rho * residual
    with_q = _with_columns(q, rho_r)

    def traces(j: Array, sums: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        of_slopes, squared, second = sums
        scaled = rho * q[j]
        products = _with_columns(q, scaled)
        return (
            of_slopes + jnp.sum(q[j] * of_slope * q[j], axis=0),
            squared + jnp.sum(products * products, axis=0),
            second + jnp.sum(scaled * scaled, axis=0),
        )

    trace, trace_s1_squared, trace_s2 = jax.lax.fori_loop(0, c, traces, (jnp.zeros(m),) * 3)
    nothing = jnp.full(m, jnp.nan)
    diagonal = r[jnp.arange(c), jnp.arange(c)]
    null = Moments(
        lam=lam,
        a=jnp.where(a <= least_a, 0.0, a),
        beta=nothing,
        p_xx=nothing,
        log_det_h=jnp.sum(jnp.log1p(lam * study.d[:, None]), axis=0),
        log_det=2.0 * jnp.sum(jnp.log(diagonal), axis=0),
        g=jnp.sum(residual * rho_r, axis=0),
        gg=jnp.sum(rho_r * rho_r, axis=0) - jnp.sum(with_q * with_q, axis=0),
        trace_s1_squared=trace_s1_squared,
        trace_s2=trace_s2,
        sum_dw_squared=jnp.sum(rho * rho, axis=0),
        # The padding has h = 1, so this sum, which contains no column, must exclude it.
        slope_sum=jnp.sum(jnp.where(is_individual, of_slope, 0.0), axis=0),
        slope_trace=trace,
        slope_g=jnp.sum(residual * of_slope * residual, axis=0),
    )
    return WeightedModel(root, rho, of_slope, q, r, residual, _backward(r, coefficients), least_a, null)


def moments_of_weighted(at: WeightedModel, x: Array, xx: Array) -> Moments:
    """The moments with each SNP of x (n, b); `xx` (b,) is xᵀx.

    NaN if the weighted x is a linear combination of the weighted covariates.
    """
    q = at.root * x
    before = _norm(q)
    q, _ = _remove(at.q, q)
    norm = _or_nan(_norm(q), before)
    q = q / norm
    with_y = jnp.sum(q * at.residual, axis=0)
    r = at.residual - with_y * q
    a = jnp.sum(r * r, axis=0)
    rho_q, rho_r = at.rho * q, at.rho * r
    own, with_others = jnp.sum(q * rho_q, axis=0), _with_columns(at.q, rho_q)
    of_x, of_columns = jnp.sum(q * rho_r, axis=0), _with_columns(at.q, rho_r)
    p_xx, null = norm * norm, at.null
    moments = Moments(
        lam=null.lam,
        a=jnp.where(a <= at.least_a, 0.0, a),
        beta=with_y / norm,
        p_xx=p_xx,
        log_det_h=null.log_det_h,
        log_det=null.log_det + jnp.log(p_xx / xx),
        g=jnp.sum(r * rho_r, axis=0),
        gg=jnp.sum(rho_r * rho_r, axis=0) - jnp.sum(of_columns * of_columns, axis=0) - of_x * of_x,
        trace_s1_squared=null.trace_s1_squared + own * own + 2.0 * jnp.sum(with_others * with_others, axis=0),
        trace_s2=null.trace_s2 + jnp.sum(rho_q * rho_q, axis=0),
        sum_dw_squared=null.sum_dw_squared,
        slope_sum=null.slope_sum,
        slope_trace=null.slope_trace + jnp.sum(q * at.of_slope * q, axis=0),
        slope_g=jnp.sum(r * at.of_slope * r, axis=0),
    )
    return Moments(*(jnp.broadcast_to(field, xx.shape) for field in moments))


def _norm(x: Array) -> Array:
    return jnp.sqrt(jnp.sum(x * x, axis=0))


def _or_nan(norm: Array, before: Array) -> Array:
    """The norm of a column after orthogonalisation, NaN if nothing but rounding is left of the norm `before`."""
    return jnp.where(norm > WEIGHTED_DEPENDENT_BELOW * before, norm, jnp.nan)


def _with_columns(q: Array, x: Array) -> Array:
    """Q̃ᵀx, (c, b)."""
    return q[..., 0] @ x if q.shape[-1] == 1 else jnp.sum(q * x, axis=1)


def _remove(q: Array, x: Array) -> tuple[Array, Array]:
    """`x` (n, b) without its projection on the orthonormal columns, removed twice, and the coefficients (c, b)."""
    total = jnp.zeros((q.shape[0], x.shape[1]))
    for _ in range(2):
        coefficients = _with_columns(q, x)
        x = x - (q[..., 0].T @ coefficients if q.shape[-1] == 1 else jnp.sum(q * coefficients[:, None], axis=0))
        total = total + coefficients
    return x, total


def _backward(r: Array, b: Array) -> Array:
    """R⁻¹b for b (c, m)."""
    c = r.shape[0]

    def row(step: Array, x: Array) -> Array:
        i = c - 1 - step
        return x.at[i].set((b[i] - jnp.sum(r[i] * x, axis=0)) / r[i, i])

    solved: Array = jax.lax.fori_loop(0, c, row, jnp.zeros_like(b))
    return solved
