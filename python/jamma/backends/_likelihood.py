"""The likelihoods of lambda and their derivatives, for many SNPs at once.

With H = lambda D + 1, weights w₁ = 1/h, w₂ = d/h², w₃ = d²/h³, Q an orthonormal basis of the rotated covariates and y
the rotated phenotype without its part in Q, the numbers without x at one lambda are G = QᵀH⁻¹Q, S₁ = QᵀW₂Q,
S₂ = QᵀW₃Q, α = G⁻¹QᵀH⁻¹y and r₀ = y - Qα. For a SNP x, orthogonal to Q, z = G⁻¹QᵀH⁻¹x and x̃ = x - Qz, blockwise
inversion gives P_xx = Σ w₁x² - zᵀQᵀH⁻¹x, P_xy = Σ w₁xy - αᵀQᵀH⁻¹x, β̂ = P_xy/P_xx, r = r₀ - β̂x̃, and

* A = yᵀPy = Σ w₁r₀² - β̂P_xy, g = yᵀPKPy = Σ w₂r², gg = yᵀPKPKPy = Σ w₃r² - uᵀG⁻¹u with u = XᵀW₂r
* ML:   ℓ' = -½ Σ d/h + ½ n g/A, ℓ'' = ½ Σ d²/h² - ½ n (2 gg A - g²)/A²
* REML: ℓ' = -½ (Σ d/h - tr G⁻¹S₁) + ½ ν g/A, ℓ'' = ½ (Σ d²/h² - 2 tr G⁻¹S₂ + tr (G⁻¹S₁)²) - ½ ν (2 gg A - g²)/A²

where X = [Q x] in the traces and ν = n - c - 1. These keep their digits as lambda goes to 0, where GEMMA's forms, which
divide differences by lambda², do not. Where a difference loses digits nevertheless (x explains all but a thousandth of
y, say), the residual is formed.

Source: Zhou & Stephens 2012, Nat. Genet. 44:821, Supplementary Note sections 3.1 to 3.3.

Shapes: n individuals (padded with d = 0 and columns of 0, which add nothing to any sum), b SNPs, c covariates.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from . import _small as small

DIGITS_LOST = 1e-3
"""Where less than this share of a sum is left after a subtraction, the residual form is used."""
PERFECT_FIT = 1e-26
"""yᵀPy below this share of yᵀH⁻¹y is a residual of rounding only."""
A_FOR_PERFECT_FIT = 1e-8
"""What GEMMA puts in place of a yᵀPy of exactly 0 inside the logarithm."""


class Study(NamedTuple):
    """What all SNPs share, after rotation."""

    d: Array
    """Eigenvalues, (n,)."""
    columns: Array
    """Orthonormal basis of the covariates, then the phenotype without its part in it, (n, c + 1)."""
    pairs: Array
    """Products of all pairs of `columns`, the lower triangle row by row, (n, (c+1)(c+2)/2)."""
    n: Array
    """Individuals that are not padding, a float64 scalar."""

    @property
    def c(self) -> int:
        """Covariates, the intercept included."""
        return self.columns.shape[1] - 1


class Shared(NamedTuple):
    """What does not contain x, at each lambda of an array of shape (...)."""

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

    def for_snps(self) -> Shared:
        """The same with an axis over SNPs behind."""
        return Shared(*(field[..., None] for field in self))


class Moments(NamedTuple):
    """What both likelihoods need at one lambda per entry; all of shape (...), NaN where XᵀH⁻¹X is singular."""

    lam: Array
    a: Array
    """yᵀPy; 0 where the fit is perfect."""
    beta: Array
    p_xx: Array
    log_det_h: Array
    log_det: Array
    """ln|XᵀH⁻¹X| - ln|XᵀX|."""
    g: Array
    gg: Array
    trace_s1: Array
    trace_s1_squared: Array
    trace_s2: Array
    sum_dw: Array
    sum_dw_squared: Array


class Sums(NamedTuple):
    """Sums with x under w₁, w₂, w₃ (the first axis; two of them where no second derivative is wanted)."""

    xq: Array
    """(3, c, ...)."""
    xy: Array
    """(3, ...)."""
    xx: Array
    """(3, ...)."""


class Criterion(NamedTuple):
    """Which likelihood is maximised: traced scalars, so that one compilation serves both."""

    is_reml: Array
    df: Array
    """n for ML, n - k for REML, float64."""


def weights(lam: Array, d: Array) -> tuple[Array, Array, Array, Array]:
    """d/h and w₁, w₂, w₃ for lambda (m,) and d (n,): four arrays (n, m)."""
    w1 = 1.0 / (lam * d[:, None] + 1.0)
    dw = d[:, None] * w1
    return dw, w1, dw * w1, dw * dw * w1


def shared_values(lam: Array, study: Study, of: tuple[Array, Array, Array, Array], *, by_residual: bool) -> Shared:
    """The numbers without x at each lambda (m,).

    Parameters
    ----------
    of : the :func:`weights` at `lam`
    by_residual : bool
        Whether Σ w r₀² is summed from r₀ (n, m), which keeps its digits, or is a difference of the sums of pairs.
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
    )


def moments_without_snp(at: Shared) -> Moments:
    """The moments of the null model."""
    nothing = jnp.full_like(at.lam, jnp.nan)
    return Moments(
        lam=at.lam,
        a=jnp.where(at.rr[0] <= PERFECT_FIT * at.yy[0], 0.0, at.rr[0]),
        beta=nothing,
        p_xx=nothing,
        log_det_h=at.log_det_h,
        log_det=at.log_det_g,
        g=at.rr[1],
        gg=at.rr[2] - at.u_g_u,
        trace_s1=at.trace_s1,
        trace_s1_squared=at.trace_s1_squared,
        trace_s2=at.trace_s2,
        sum_dw=at.sum_dw,
        sum_dw_squared=at.sum_dw_squared,
    )


def project(at: Shared, sums: Sums) -> tuple[Array, Array, Array]:
    """The vector z = G⁻¹QᵀH⁻¹x (c, ...), P_xx and P_xy."""
    z = small.times(at.g_inverse, sums.xq[0])
    return z, sums.xx[0] - small.dot(z, sums.xq[0]), sums.xy[0] - small.dot(sums.xq[0], at.alpha)


def moments_of_sums(at: Shared, sums: Sums, xx: Array) -> tuple[Moments, Array]:
    """The moments with a SNP from its sums, and whether a difference lost digits.

    Parameters
    ----------
    at : what is shared, with trailing axes that broadcast against those of `sums`
    xx : Array, shape (b,)
        xᵀx, what |XᵀX| has beyond the orthonormal basis.
    """
    z, p_xx, p_xy = project(at, sums)
    beta = p_xy / p_xx
    a = at.rr[0] - beta * p_xy
    s_z = small.times(at.s[0], z)
    xx2 = sums.xx[1] - 2.0 * small.dot(z, sums.xq[1]) + small.dot(z, s_z)
    xr2 = sums.xy[1] - small.dot(sums.xq[1], at.alpha) - small.dot(z, at.u[0])
    g = at.rr[1] - 2.0 * beta * xr2 + beta * beta * xx2
    is_kept = (p_xx > DIGITS_LOST * sums.xx[0]) & (a > DIGITS_LOST * at.yy[0])
    # The comparisons are false for NaN.
    is_kept &= (xx2 > DIGITS_LOST * sums.xx[1]) & (g > DIGITS_LOST * at.yy[1])
    t = sums.xq[1] - s_z
    g_t = small.times(at.g_inverse, t)
    t_g_t = small.dot(t, g_t)
    share = xx2 / p_xx
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
        trace_s1=at.trace_s1 + share,
        trace_s1_squared=at.trace_s1_squared + 2.0 * t_g_t / p_xx + share * share,
        trace_s2=trace_s2,
        sum_dw=at.sum_dw,
        sum_dw_squared=at.sum_dw_squared,
    )
    return Moments(*(jnp.broadcast_to(field, a.shape) for field in moments)), ~is_kept


def sums_at(of: tuple[Array, Array, Array, Array], x: Array, study: Study) -> Sums:
    """Sums of each SNP of x (n, b) at its own lambda, of which `of` are the weights (n, b)."""
    weighted = [weight * x for weight in of[1:]]
    shared = jnp.stack([study.columns.T @ wx for wx in weighted])
    return Sums(shared[:, :-1], shared[:, -1], jnp.stack([jnp.sum(wx * x, axis=0) for wx in weighted]))


def moments_of_residual(lam: Array, x: Array, xx: Array, study: Study) -> Moments:
    """The moments of each SNP of x (n, b) at its own lambda (b,), from the residual (n, b)."""
    c, k = study.c, study.c * (study.c + 1) // 2
    of = weights(lam, study.d)
    dw, *w = of
    sums = sums_at(of, x, study)
    pairs = [study.pairs.T @ weight for weight in w]
    matrices = []
    for total, xq, x_x in zip(pairs, sums.xq, sums.xx, strict=True):
        top = jnp.concatenate([small.full(total[:k], c), xq[:, None]], axis=1)
        bottom = jnp.concatenate([xq, x_x[None]])[None]
        matrices.append(jnp.concatenate([top, bottom]))
    g, s1, s2 = matrices
    factor = small.cholesky(g)
    beta = small.solve(factor, jnp.concatenate([pairs[0][k : k + c], sums.xy[0][None]]))
    r = study.columns[:, c:] - study.columns[:, :c] @ beta[:c] - x * beta[c]
    rr = [jnp.sum(weight * r * r, axis=0) for weight in w]
    w2r = w[1] * r
    u = jnp.concatenate([study.columns[:, :c].T @ w2r, jnp.sum(x * w2r, axis=0)[None]])
    half = small.forward(factor, u)
    trace_s1, trace_s1_squared = small.whitened_traces(factor, s1)
    return Moments(
        lam=lam,
        a=jnp.where(rr[0] <= PERFECT_FIT * pairs[0][k + c], 0.0, rr[0]),
        beta=beta[c],
        p_xx=factor[c, c] ** 2,
        log_det_h=jnp.sum(jnp.log1p(lam * study.d[:, None]), axis=0),
        log_det=small.log_determinant(factor) - jnp.log(xx),
        g=rr[1],
        gg=rr[2] - small.dot(half, half),
        trace_s1=trace_s1,
        trace_s1_squared=trace_s1_squared,
        trace_s2=small.whitened_traces(factor, s2)[0],
        sum_dw=jnp.sum(dw, axis=0),
        sum_dw_squared=jnp.sum(dw * dw, axis=0),
    )


def moments_at(lam: Array, x: Array, xx: Array, study: Study) -> tuple[Moments, Array]:
    """The moments of each SNP of x (n, b) at its own lambda (b,) from sums, and whether a difference lost digits."""
    of = weights(lam, study.d)
    at = shared_values(lam, study, of, by_residual=False)
    return moments_of_sums(at, sums_at(of, x, study), xx)


def value(m: Moments, criterion: Criterion) -> Array:
    """The log-likelihood."""
    df = criterion.df
    a = jnp.where(m.a == 0.0, A_FOR_PERFECT_FIT, m.a)
    log_det = m.log_det_h + jnp.where(criterion.is_reml, m.log_det, 0.0)
    return 0.5 * df * (jnp.log(df) - math.log(2.0 * math.pi) - 1.0) - 0.5 * log_det - 0.5 * df * jnp.log(a)


def slope(m: Moments, criterion: Criterion) -> Array:
    """First derivative in lambda."""
    trace = m.sum_dw - jnp.where(criterion.is_reml, m.trace_s1, 0.0)
    return -0.5 * trace + 0.5 * criterion.df * m.g / m.a


def curvature(m: Moments, criterion: Criterion) -> Array:
    """Second derivative in lambda."""
    trace = m.sum_dw_squared + jnp.where(criterion.is_reml, m.trace_s1_squared - 2.0 * m.trace_s2, 0.0)
    return 0.5 * trace - 0.5 * criterion.df * (2.0 * m.gg * m.a - m.g * m.g) / (m.a * m.a)
