"""Maximisation of a likelihood over lambda along GEMMA's search path, for many SNPs at once.

1. The range is divided into intervals of equal length in ln lambda; an interval in which the slope changes sign is a
   bracket.
2. In every bracket the Brent-Dekker method runs until the root is known to 10 %, then Newton's method until a step is
   below 10⁻⁵ of lambda. The estimate is the iterate *before* the last one.
3. The result is the bracket with the highest likelihood, or an end of the range if the likelihood is higher there.
4. GEMMA's path can miss a maximum in intervals longer than a decade. They are searched again at every decade, and a
   maximum found there is used if it is higher.

A likelihood that does not depend on lambda is flat: it has no maximum, and the smallest lambda is reported.

The printed digits of lambda, beta and p depend on this path. If it fails, GEMMA prints `nan`; here the root of the slope in
the bracket is found by Brent-Dekker in ln lambda, so that the row is correct.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from ._constants import (
    CLEARLY_HIGHER,
    FINE_INTERVAL,
    FLAT_SLOPE,
    SMALLEST_FRACTION,
    SMALLEST_POSITIVE,
    UNCERTAIN_EIGENVALUE,
    UNCERTAIN_SLOPE,
    UNLIKE_NOISE,
)
from ._likelihood import Criterion, Moments, Study, slope, value
from ._search import Brackets, Evaluate, EvaluateFew, Point, choose, search_brackets, select


class LambdaGrid(NamedTuple):
    """The points at which every likelihood is evaluated."""

    points: NDArray[np.float64] | Array
    """Ends of the intervals, (m,), or empty; the last is l_min·exp(step·n_region), l_max up to rounding."""
    fine: NDArray[np.float64] | Array
    """Points from one end of the range to the other, at most a decade apart; empty if the intervals are short enough."""
    ends: NDArray[np.float64] | Array
    """Both ends of the range, (2,)."""

    @property
    def size(self) -> int:
        """Number of all points."""
        return len(self.points) + len(self.fine) + 2


def lambda_grid(l_min: float, l_max: float, n_region: int) -> LambdaGrid:
    """The grid of `n_region` intervals from `l_min` to `l_max`."""
    return LambdaGrid(
        _grid_points(l_min, l_max, n_region) if n_region else np.zeros(0),
        _fine_points(l_min, l_max, n_region) if n_region else np.zeros(0),
        np.array([l_min, l_max], np.float64),
    )


def _grid_points(l_min: float, l_max: float, n_region: int) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        step = np.log(np.divide(l_max, l_min)) / n_region
        return np.asarray(l_min * np.exp(step * np.arange(n_region + 1)))


def _fine_points(l_min: float, l_max: float, n_region: int) -> NDArray[np.float64]:
    least = l_min if l_min > 0.0 else min(SMALLEST_POSITIVE, SMALLEST_FRACTION * l_max)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        length = float(np.log(np.divide(l_max, least)))
    is_fine = l_min > 0.0 and length <= n_region * np.log(FINE_INTERVAL)
    if is_fine or not 0.0 < length < np.inf:
        return np.zeros(0)
    intervals = int(np.ceil(length / np.log(10.0)))
    return np.asarray(least * np.exp(length * np.arange(intervals + 1) / intervals))


class Optimum(NamedTuple):
    """The maximum of each model's likelihood."""

    at: Point
    has_failed_path: Array
    """Whether GEMMA's path failed in a bracket, or the likelihood is flat and has no bracket, (b,) bool."""
    is_flat: Array
    """Whether the likelihood does not depend on lambda, (b,) bool; then `at` is at the smallest lambda."""
    is_perfect: Array
    """Whether the residual is 0 at every lambda, (b,) bool; then `at` is at the smallest one, with infinite likelihood."""


class GridEvaluation(NamedTuple):
    """The moments on the grid, from which the searches under both criteria start."""

    grid: LambdaGrid
    moments: Moments
    """At the points of the grid, of the fine grid and at both ends of the range, (m, b); NaN if lambda is not finite."""

    def ends(self) -> tuple[Moments, Moments]:
        """The moments at both ends of the range, (b,)."""
        return Moments(*(field[-2] for field in self.moments)), Moments(*(field[-1] for field in self.moments))


def maximise(
    evaluate: Evaluate,
    evaluate_few: EvaluateFew | None,
    start: GridEvaluation,
    criterion: Criterion,
    study: Study,
    is_defined: Array,
) -> Optimum:
    """The maximum of each model's likelihood under `criterion`.

    Parameters
    ----------
    evaluate : Evaluate
        The likelihood of all models.
    evaluate_few : EvaluateFew, optional
        The likelihood of some of the models: those that lost digits and, once an eighth of the searches is left, these.
        None if `evaluate` always keeps its digits.
    start : GridEvaluation
        The moments on the grid.
    criterion : Criterion
        REML or ML.
    study : Study
        What all models share.
    is_defined : Array, shape (b,), bool
        Which models have a likelihood; the results of the others are meaningless.

    Returns
    -------
    Optimum
        Fields of shape (b,).
    """
    grid = start.grid
    m, f = len(grid.points), len(grid.fine)
    lambdas = jnp.concatenate([grid.points, grid.fine, grid.ends])[:, None]
    slopes = slope(start.moments, criterion)
    low, high = (Point(e.lam, value(e, criterion), e.beta, e.p_xx, e.a) for e in start.ends())
    is_perfect = low.a == 0.0
    is_flat = ~is_perfect & _is_flat(slopes * lambdas, lambdas, study)
    is_searched = is_defined & ~is_perfect & ~is_flat

    def search(brackets: Brackets) -> tuple[Point, Array]:
        return search_brackets(brackets, evaluate, evaluate_few, criterion, is_searched)

    best = select(low.value >= high.value, low, high)
    margin = jnp.zeros(low.value.shape)
    has_failed_path = is_flat
    if m:
        brackets = _brackets(lambdas[:m], slopes[:m], grid)
        if f:
            # Both searches in one call, which is compiled once.
            finer = _fine_brackets(lambdas[m : m + f], slopes[m : m + f], grid, study.n)
            found, failed = jax.lax.map(search, _stacked(brackets, finer))
            on_path, finest = (Point(*(field[k] for field in found)) for k in (0, 1))
            failed = failed[0]
        else:
            on_path, failed = search(brackets)
        best = select(on_path.value > -jnp.inf, on_path, best)
        margin = choose(on_path.value > -jnp.inf, CLEARLY_HIGHER, 0.0)
        has_failed_path |= failed
    for end in (low, high):
        margin = choose(end.value > best.value, 0.0, margin)
        best = select(end.value > best.value, end, best)
    if f:
        best = select(finest.value > best.value + margin, finest, best)
    return Optimum(select(is_perfect | is_flat, low, best), has_failed_path, is_flat, is_perfect)


def _is_flat(slopes: Array, lambdas: Array, study: Study) -> Array:
    """Whether `slopes` in ln lambda (m, b) are only rounding, or are caused by eigenvalues that may be 0."""
    # A slope caused by an uncertain eigenvalue, lambda times this value per individual, is no information about lambda.
    uncertain = jnp.minimum(UNCERTAIN_EIGENVALUE * lambdas * study.max_d, UNCERTAIN_SLOPE)
    # Only if, up to this uncertainty, the columns span K, or K is a multiple of the identity except for that many
    # directions; otherwise a kinship in a very large unit would have small slopes too. The padding of d is 0.
    k, noise = study.c + 1, UNCERTAIN_EIGENVALUE * study.max_d
    n_unlike = jnp.sum(study.d < study.max_d - UNLIKE_NOISE * noise) - (study.d.shape[0] - study.n)
    has_no_structure = (jnp.sum(study.d > noise) <= k) | (n_unlike <= k)
    is_small = jnp.abs(slopes) <= (FLAT_SLOPE + jnp.where(has_no_structure, uncertain, 0.0)) * study.n
    return (lambdas[-2] < lambdas[-1]) & jnp.all(is_small | ~jnp.isfinite(lambdas), axis=0)


def _brackets(lambdas: Array, slopes: Array, grid: LambdaGrid) -> Brackets:
    """The intervals between `lambdas` (m, 1) of `slopes` (m, b) there."""
    is_bracket = slopes[:-1] * slopes[1:] <= 0.0
    lambdas, ends = jnp.broadcast_to(lambdas, slopes.shape), jnp.asarray(grid.ends)
    return Brackets(lambdas[:-1], lambdas[1:], slopes[:-1], slopes[1:], is_bracket, (ends[0], ends[1]), False)


def _fine_brackets(lambdas: Array, slopes: Array, grid: LambdaGrid, n: Array) -> Brackets:
    """The same for the fine grid, in which a bracket must contain a maximum that is not rounding."""
    of = _brackets(lambdas, slopes, grid)
    is_rounding = of.slope_lo * of.lo - of.slope_hi * of.hi <= FLAT_SLOPE * n
    return of._replace(is_bracket=(of.slope_lo > 0.0) & (of.slope_hi < 0.0) & ~is_rounding, by_root=True)


def _stacked(*of: Brackets) -> Brackets:
    """Several lists of brackets along a new axis, padded to the length of the longest."""
    m = max(len(brackets.lo) for brackets in of)

    def padded(values: Array) -> Array:
        return jnp.pad(values, ((0, m - len(values)), (0, 0))) if values.ndim == 2 else values

    stacked: Brackets = jax.tree.map(lambda *values: jnp.stack([padded(jnp.asarray(v)) for v in values]), *of)
    return stacked
