"""The likelihoods of lambda and their derivatives, for many SNPs at once.

With H = lambda D + 1, weights w₁ = 1/h, w₂ = d/h², w₃ = d²/h³, Q an orthonormal basis of the rotated covariates and y
the rotated phenotype without its part in Q, the numbers without x at one lambda are G = QᵀH⁻¹Q, S₁ = QᵀW₂Q,
S₂ = QᵀW₃Q, α = G⁻¹QᵀH⁻¹y and r₀ = y - Qα. For a SNP x, orthogonal to Q, z = G⁻¹QᵀH⁻¹x and x̃ = x - Qz, blockwise
inversion gives P_xx = Σ w₁x² - zᵀQᵀH⁻¹x, P_xy = Σ w₁xy - αᵀQᵀH⁻¹x, β̂ = P_xy/P_xx, r = r₀ - β̂x̃, and

* A = yᵀPy = Σ w₁r₀² - β̂P_xy, g = yᵀPKPy = Σ w₂r², gg = yᵀPKPKPy = Σ w₃r² - uᵀG⁻¹u with u = XᵀW₂r
* ML:   ℓ' = -½ Σ d/h + ½ n g/A, ℓ'' = ½ Σ d²/h² - ½ n (2 gg A - g²)/A²
* REML: ℓ' = -½ (Σ d/h - tr G⁻¹S₁) + ½ ν g/A, ℓ'' = ½ (Σ d²/h² - 2 tr G⁻¹S₂ + tr (G⁻¹S₁)²) - ½ ν (2 gg A - g²)/A²

where X = [Q x] in the traces and ν = n - c - 1. These forms keep their digits as lambda goes to 0; GEMMA's, which divide
differences by lambda², do not. If a difference still loses digits (for example if x explains all but a thousandth of y, or
λd is so large that a few individuals have all the weight), the form of `_weighted` is used.

Source: Zhou & Stephens 2012, Nat. Genet. 44:821, Supplementary Note sections 3.1 to 3.3.

Shapes: n individuals (padded with d = 0 and zeros in all columns, which do not change any sum), b SNPs, c covariates.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from . import _small as small
from ._constants import DIGITS_LOST, ILL_CONDITIONED, LARGEST_MEAN_PRODUCT


class Study(NamedTuple):
    """The rotated study, which all SNPs share."""

    d: Array
    """Eigenvalues, (n,)."""
    columns: Array
    """Orthonormal basis of the covariates, then the phenotype without its projection on it, (n, c + 1)."""
    pairs: Array
    """Products of all pairs of `columns`, as a lower triangle row by row, (n, (c+1)(c+2)/2)."""
    n: Array
    """Number of individuals without the padding, a float64 scalar."""
    mean_d: Array
    """Mean eigenvalue."""
    max_d: Array
    """Largest eigenvalue."""
    y_norm: Array
    """Norm of the phenotype before the covariates are removed, to which the rounding of rotated numbers is relative."""

    @property
    def c(self) -> int:
        """Number of covariates, including the intercept."""
        return self.columns.shape[1] - 1


class Shared(NamedTuple):
    """The values that do not depend on x, at each lambda of an array of shape (...)."""

    lam: Array
    log_det_h: Array
    sum_dw: Array
    sum_dw_squared: Array
    log_det_g: Array
    trace_s1: Array
    trace_s1_squared: Array
    trace_s2: Array
    rr: Array
    """Σ w r₀² for w₁, w₂, w₃, (3, ...)."""
    yy: Array
    """Σ w y², (3, ...)."""
    u_g_u: Array
    """uᵀG⁻¹u for u = QᵀW₂r₀."""
    alpha: Array
    """(c, ...)."""
    u: Array
    """QᵀW₂r₀ and QᵀW₃r₀, (2, c, ...)."""
    g_inverse: Array
    """(c, c, ...)."""
    s: Array
    """S₁ and S₂, (2, c, c, ...)."""
    is_lost: Array
    """Whether sums lose digits for every SNP, because QᵀH⁻¹Q is nearly singular or lambda is large, bool."""

    def for_snps(self) -> Shared:
        """The same with a trailing axis for SNPs."""
        return Shared(*(field[..., None] for field in self))


class Moments(NamedTuple):
    """The values that both likelihoods need, each for one lambda per entry, (...); NaN if XᵀH⁻¹X is singular."""

    lam: Array
    a: Array
    """yᵀPy; 0 if the fit is perfect."""
    beta: Array
    p_xx: Array
    log_det_h: Array
    log_det: Array
    """ln|XᵀH⁻¹X| - ln|XᵀX|."""
    g: Array
    gg: Array
    trace_s1_squared: Array
    trace_s2: Array
    sum_dw_squared: Array
    slope_sum: Array
    """Σ d/h, tr G⁻¹S₁ and g, or these with a constant subtracted from every d/h, from which the slopes are computed."""
    slope_trace: Array
    slope_g: Array


class Sums(NamedTuple):
    """Sums with x, weighted by w₁, w₂, w₃ (first axis; only two of them if no second derivative is needed)."""

    xq: Array
    """(3, c, ...)."""
    xy: Array
    """(3, ...)."""
    xx: Array
    """(3, ...)."""


class Criterion(NamedTuple):
    """The likelihood to maximise, as traced scalars, so that one compilation serves both."""

    is_reml: Array
    df: Array
    """n for ML, n - k for REML, where k columns are removed; float64."""


def weights(lam: Array, d: Array) -> tuple[Array, Array, Array, Array]:
    """d/h and w₁, w₂, w₃ for lambda (m,) and d (n,): four arrays (n, m)."""
    w1 = 1.0 / (lam * d[:, None] + 1.0)
    dw = d[:, None] * w1
    return dw, w1, dw * w1, dw * dw * w1


def shared_values(lam: Array, study: Study, of: tuple[Array, Array, Array, Array], *, by_residual: bool) -> Shared:
    """The values that do not depend on x at each lambda (m,).

    Parameters
    ----------
    lam : Array, shape (m,)
        Values of lambda.
    study : Study
        The rotated study.
    of : tuple of Array, shape (n, m)
        The :func:`weights` at `lam`.
    by_residual : bool
        Whether Σ w r₀² is summed over r₀ (n, m), which keeps all digits, or computed as a difference of sums of pairs.
    """
    dw, *w = of
    c, k = study.c, study.c * (study.c + 1) // 2
    sums = [study.pairs.T @ weight for weight in w]
    g, s1, s2 = (small.full(total[:k], c) for total in sums)
    qy = [total[k : k + c] for total in sums]
    yy = jnp.stack([total[k + c] for total in sums])
    factor = small.cholesky(g)
    alpha = small.solve(factor, qy[0])
    u = jnp.stack([qy[1] - small.times(s1, alpha), qy[2] - small.times(s2, alpha)])
    if by_residual:
        r = study.columns[:, c:] - study.columns[:, :c] @ alpha
        rr = jnp.stack([jnp.sum(weight * r * r, axis=0) for weight in w])
    else:
        rr = jnp.stack(
            [
                yy[0] - small.dot(alpha, qy[0]),
                yy[1] - small.dot(alpha, qy[1] + u[0]),
                yy[2] - small.dot(alpha, qy[2] + u[1]),
            ]
        )
    trace_s1, trace_s1_squared = small.whitened_traces(factor, s1)
    half = small.forward(factor, u[0])
    g_inverse = small.inverse(factor)
    pivots, diagonal = small.diagonal(factor), small.diagonal(g)
    # The negation also catches NaN.
    is_lost = ~jnp.all(pivots * pivots > ILL_CONDITIONED * diagonal, axis=0)
    return Shared(
        lam=lam,
        log_det_h=jnp.sum(jnp.log1p(lam * study.d[:, None]), axis=0),
        sum_dw=jnp.sum(dw, axis=0),
        sum_dw_squared=jnp.sum(dw * dw, axis=0),
        log_det_g=small.log_determinant(factor),
        trace_s1=trace_s1,
        trace_s1_squared=trace_s1_squared,
        trace_s2=jnp.sum(g_inverse * s2, axis=(0, 1)),
        rr=rr,
        yy=yy,
        u_g_u=small.dot(half, half),
        alpha=alpha,
        u=u,
        g_inverse=g_inverse,
        s=jnp.stack([s1, s2]),
        is_lost=is_lost | (lam * study.mean_d > LARGEST_MEAN_PRODUCT),
    )


def moments_of_sums(at: Shared, sums: Sums, xx: Array) -> tuple[Moments, Array]:
    """The moments with a SNP from its sums, and whether a difference lost digits.

    Parameters
    ----------
    at : Shared
        The values that do not depend on x, with trailing axes that broadcast against those of `sums`.
    sums : Sums
        The sums with x.
    xx : Array, shape (b,)
        xᵀx, the factor of |XᵀX| that is not from the orthonormal basis.
    """
    z = small.times(at.g_inverse, sums.xq[0])
    p_xx, p_xy = sums.xx[0] - small.dot(z, sums.xq[0]), sums.xy[0] - small.dot(sums.xq[0], at.alpha)
    beta = p_xy / p_xx
    a = at.rr[0] - beta * p_xy
    s_z = small.times(at.s[0], z)
    xx2 = sums.xx[1] - 2.0 * small.dot(z, sums.xq[1]) + small.dot(z, s_z)
    xr2 = sums.xy[1] - small.dot(sums.xq[1], at.alpha) - small.dot(z, at.u[0])
    g = at.rr[1] - 2.0 * beta * xr2 + beta * beta * xx2
    is_kept = (p_xx > DIGITS_LOST * sums.xx[0]) & (a > DIGITS_LOST * at.yy[0])
    # The comparisons are false for NaN. The second one is also false if the covariates explain nearly all of y.
    is_kept &= (xx2 > DIGITS_LOST * sums.xx[1]) & (g > DIGITS_LOST * at.yy[1])
    t = sums.xq[1] - s_z
    g_t = small.times(at.g_inverse, t)
    t_g_t = small.dot(t, g_t)
    ratio = xx2 / p_xx
    if sums.xx.shape[0] == 3:
        s_z = small.times(at.s[1], z)
        xx3 = sums.xx[2] - 2.0 * small.dot(z, sums.xq[2]) + small.dot(z, s_z)
        xr3 = sums.xy[2] - small.dot(sums.xq[2], at.alpha) - small.dot(z, at.u[1])
        rr3 = at.rr[2] - 2.0 * beta * xr3 + beta * beta * xx3
        of_covariates = at.u_g_u - 2.0 * beta * small.dot(at.u[0], g_t) + beta * beta * t_g_t
        of_x = xr2 - beta * xx2
        gg = rr3 - of_covariates - of_x * of_x / p_xx
        trace_s2 = at.trace_s2 + xx3 / p_xx
    else:
        gg = trace_s2 = jnp.full_like(a, jnp.nan)
    moments = Moments(
        lam=at.lam,
        a=a,
        beta=beta,
        p_xx=p_xx,
        log_det_h=at.log_det_h,
        log_det=at.log_det_g + jnp.log(p_xx / xx),
        g=g,
        gg=gg,
        trace_s1_squared=at.trace_s1_squared + 2.0 * t_g_t / p_xx + ratio * ratio,
        trace_s2=trace_s2,
        sum_dw_squared=at.sum_dw_squared,
        slope_sum=at.sum_dw,
        slope_trace=at.trace_s1 + ratio,
        slope_g=g,
    )
    return Moments(*(jnp.broadcast_to(field, a.shape) for field in moments)), at.is_lost | ~is_kept


def sums_at(of: tuple[Array, Array, Array, Array], x: Array, study: Study) -> Sums:
    """Sums of each SNP of x (n, b) at its own lambda; `of` are the weights there, (n, b)."""
    weighted = [weight * x for weight in of[1:]]
    shared = jnp.stack([study.columns.T @ wx for wx in weighted])
    return Sums(shared[:, :-1], shared[:, -1], jnp.stack([jnp.sum(wx * x, axis=0) for wx in weighted]))


def moments_at(lam: Array, x: Array, xx: Array, study: Study) -> tuple[Moments, Array]:
    """The moments of each SNP of x (n, b) at its own lambda (b,) from sums, and whether a difference lost digits."""
    of = weights(lam, study.d)
    at = shared_values(lam, study, of, by_residual=False)
    return moments_of_sums(at, sums_at(of, x, study), xx)


def value(m: Moments, criterion: Criterion) -> Array:
    """The log-likelihood under `criterion`; infinite if the fit is perfect."""
    df = criterion.df
    log_det = m.log_det_h + jnp.where(criterion.is_reml, m.log_det, 0.0)
    return 0.5 * df * (jnp.log(df) - math.log(2.0 * math.pi) - 1.0) - 0.5 * log_det - 0.5 * df * jnp.log(m.a)


def slope(m: Moments, criterion: Criterion) -> Array:
    """First derivative of the log-likelihood in lambda."""
    trace = m.slope_sum - jnp.where(criterion.is_reml, m.slope_trace, 0.0)
    return -0.5 * trace + 0.5 * criterion.df * m.slope_g / m.a


def curvature(m: Moments, criterion: Criterion) -> Array:
    """Second derivative of the log-likelihood in lambda."""
    trace = m.sum_dw_squared + jnp.where(criterion.is_reml, m.trace_s1_squared - 2.0 * m.trace_s2, 0.0)
    # Not divided by A², which overflows or underflows if the unit of the phenotype is 1e±80, for example.
    return 0.5 * trace - 0.5 * criterion.df * (2.0 * m.gg / m.a - (m.g / m.a) ** 2)
