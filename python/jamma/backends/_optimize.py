"""The maximum of a likelihood over lambda, along GEMMA's path, for many SNPs at once.

1. A grid of intervals of equal length in ln lambda; an interval in which the slope changes sign is a bracket.
2. In every bracket the Brent-Dekker method until the root is known to 10 %, then Newton's method until a step is below
   10⁻⁵ of lambda. The estimate is the iterate *before* the last one.
3. The best bracket stands, unless the likelihood at an end of the range is higher.
4. Intervals longer than a decade can hide a maximum from GEMMA's path. They are searched again at every decade, and a
   maximum there is taken if it is the higher one.

A likelihood that does not depend on lambda is flat: it has no maximum, and the smallest lambda is reported.

The printed digits of lambda, beta and p depend on this path. Where it fails, GEMMA prints `nan`; here the root of the
slope in the bracket is found by Brent-Dekker in ln lambda, so that the row is correct.

Every SNP carries the state of its own search. A turn of the loop evaluates each SNP's likelihood at the lambda that its
search asks for, whatever the stage, and moves all searches on: SNPs do not wait for each other, and the likelihood is
compiled once for all stages. SNPs whose sums lose digits, and the last ones of a block, are searched a few at a time,
where those that lost digits have the costlier form that keeps them.

Source of Brent-Dekker: Brent 1973, Algorithms for Minimization without Derivatives, chapter 4, in the variant of the
GNU Scientific Library 2.7, whose bracket reports only serve the stop rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import NDArray

from ._likelihood import Criterion, Moments, Study, curvature, slope, value

MAX_STEPS = 100
"""Steps allowed in each stage of GEMMA's path."""
BRENT_WIDTH = 0.1
"""The first stage stops when the bracket is narrower than this share of its smaller end."""
NEWTON_STEP = 1e-5
"""The second stage stops when a step is below this share of lambda."""
FLAT_SLOPE = 1e-12
"""A slope in ln lambda below this, times n, is rounding."""
UNCERTAIN_EIGENVALUE = 1e-9
"""A kinship is known to 10 digits, as files have it: an eigenvalue this fraction of the largest can be 0, and a slope that
it makes, lambda times it for each individual, is no information about lambda."""
UNCERTAIN_SLOPE = 1e-6
"""What such a slope is at most, for each individual."""
FINE_INTERVAL = 10.001
"""Longest interval that is not searched again, as a factor; a little more than a decade, so that GEMMA's default is not."""
SMALLEST_POSITIVE = 1e-12
"""Where the range begins at 0, the search at every decade begins here, or at 10⁻²⁰ of its end."""
CLEARLY_HIGHER = 1e-6
"""How much higher a maximum of that search must be to replace the one of GEMMA's path, whose lambda is inexact."""
ROOT_TOLERANCE = 1e-10
"""Width in ln lambda at which the search for the root stops where GEMMA's path fails."""
MAX_ROOT_STEPS = 200
_T = TypeVar("_T", bound=tuple[object, ...])
_EPSILON = float(np.finfo(np.float64).eps)

# Stages of a search.
_BRENT, _NEWTON_START, _NEWTON, _ROOT, _FINAL, _DONE = range(6)


class LambdaGrid(NamedTuple):
    """The points at which every likelihood is evaluated."""

    points: NDArray[np.float64] | Array
    """Ends of the intervals, (m,); the last is l_min·exp(step·n_region), not l_max to the bit. None without intervals."""
    fine: NDArray[np.float64] | Array
    """From one end of the range to the other, a decade or less apart; none where the intervals are as short already."""
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
    least = l_min if l_min > 0.0 else min(SMALLEST_POSITIVE, 1e-20 * l_max)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        length = float(np.log(np.divide(l_max, least)))
    is_fine = l_min > 0.0 and length <= n_region * np.log(FINE_INTERVAL)
    if is_fine or not 0.0 < length < np.inf:
        return np.zeros(0)
    intervals = int(np.ceil(length / np.log(10.0)))
    return np.asarray(least * np.exp(length * np.arange(intervals + 1) / intervals))


class Evaluate(Protocol):
    """The likelihood of each of b models in a form that is cheap and mostly good."""

    def __call__(self, lam: Array, /) -> tuple[Moments, Array]:
        """The moments of each model at its own lambda (b,), and whether they lost digits."""
        ...


class EvaluateFew(Protocol):
    """The likelihood of some of the models in the form that keeps its digits."""

    def __call__(self, index: Array, /) -> Callable[[Array, Array], Moments]:
        """The moments of the models `index` (b',) as a function of lambda (b',) and of which are wanted (b',)."""
        ...


class Point(NamedTuple):
    """A lambda and what the tests need there, (b,)."""

    lam: Array
    value: Array
    beta: Array
    p_xx: Array
    a: Array


class Optimum(NamedTuple):
    """The maximum of each model's likelihood."""

    at: Point
    has_failed_path: Array
    """Whether GEMMA's path failed in a bracket, or would if it had one: the likelihood is flat, (b,) bool."""
    is_flat: Array
    """Whether the likelihood does not depend on lambda, (b,) bool; the smallest one is given."""
    is_perfect: Array
    """Whether the residual is 0 whatever lambda, (b,) bool; the smallest one is given, the likelihood is infinite."""


class Survey(NamedTuple):
    """The moments on the grid, where the search starts under either criterion."""

    grid: LambdaGrid
    moments: Moments
    """At the points of the grid, of the fine grid and at both ends of the range, (m, b); NaN where lambda is not finite."""

    def ends(self) -> tuple[Moments, Moments]:
        """The moments at both ends of the range, (b,)."""
        return Moments(*(field[-2] for field in self.moments)), Moments(*(field[-1] for field in self.moments))


class _Brent(NamedTuple):
    """q is the current point, p the one before, r the other end; s is the last step, t the one before."""

    p: Array
    q: Array
    r: Array
    f_p: Array
    f_q: Array
    f_r: Array
    s: Array
    t: Array


class _Search(NamedTuple):
    """State of the searches, (b,) each."""

    stage: Array
    lam: Array
    """Where the likelihood is wanted next."""
    bracket: Array
    """Number of the current bracket."""
    steps: Array
    """Steps made in the current stage."""
    brent: _Brent
    before: Point
    """Newton's iterate before `lam`."""
    best: Point
    """The best bracket so far; its value is -inf before the first."""
    has_failed_path: Array


class _Brackets(NamedTuple):
    """Intervals of the grid, (m, b) each, and the open range that Newton's method must not leave."""

    lo: Array
    hi: Array
    slope_lo: Array
    slope_hi: Array
    is_bracket: Array
    range: tuple[Array, Array]
    by_root: ArrayLike
    """Whether the root is searched at once, without GEMMA's path before it: a bool."""


def _choose(condition: Array, yes: ArrayLike, no: ArrayLike) -> Array:
    return jnp.where(condition, yes, no)


def _select(condition: Array, yes: _T, no: _T) -> _T:
    chosen: _T = jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)
    return chosen


def _same_sign(a: Array, b: Array) -> Array:
    return ((a > 0.0) & (b > 0.0)) | ((a < 0.0) & (b < 0.0))


def _begin_brent(lo: Array, hi: Array, f_lo: Array, f_hi: Array) -> _Brent:
    return _Brent(lo, hi, hi, f_lo, f_hi, f_hi, hi - lo, hi - lo)


def _brent_step(at: _Brent, tolerance: Array) -> tuple[_Brent, Array]:
    """The next point q, whose value is not in yet, and whether the current one is the root."""
    p, q, r, f_p, f_q, f_r, s, t = at
    outside = _same_sign(f_q, f_r)
    r, f_r = _choose(outside, p, r), _choose(outside, f_p, f_r)
    s, t = _choose(outside, q - p, s), _choose(outside, q - p, t)
    swapped = jnp.abs(f_r) < jnp.abs(f_q)
    p, q, r = _choose(swapped, q, p), _choose(swapped, r, q), _choose(swapped, q, r)
    f_p, f_q, f_r = _choose(swapped, f_q, f_p), _choose(swapped, f_r, f_q), _choose(swapped, f_q, f_r)
    is_two_point = outside | swapped
    m = 0.5 * (r - q)
    is_root = (f_q == 0.0) | (jnp.abs(m) <= tolerance)
    bisects = (jnp.abs(t) < tolerance) | (jnp.abs(f_p) <= jnp.abs(f_q))
    a, b, d = f_q / f_p, f_p / f_r, f_q / f_r
    numerator = _choose(is_two_point, 2.0 * m * a, a * (2.0 * m * b * (b - d) - (q - p) * (d - 1.0)))
    denominator = _choose(is_two_point, 1.0 - a, (b - 1.0) * (d - 1.0) * (a - 1.0))
    is_positive = numerator > 0.0
    denominator = _choose(is_positive, -denominator, denominator)
    numerator = _choose(is_positive, numerator, -numerator)
    limit = jnp.minimum(3.0 * m * denominator - jnp.abs(tolerance * denominator), jnp.abs(t * denominator))
    interpolates = ~bisects & (2.0 * numerator < limit)
    t = _choose(interpolates, s, m)
    s = _choose(interpolates, numerator / denominator, m)
    step = _choose(jnp.abs(s) > tolerance, s, jnp.copysign(tolerance, m))
    moved = _Brent(q, q + step, r, f_q, f_q, f_r, s, t)
    stayed = _Brent(p, q, r, f_p, f_q, f_r, s, t)
    return _select(is_root, stayed, moved), is_root


def _take(values: Array, index: Array) -> Array:
    return jnp.take_along_axis(values, index[None], axis=0)[0]


def _ends(brackets: _Brackets, index: Array) -> tuple[Array, Array, Array, Array]:
    index = jnp.minimum(index, brackets.lo.shape[0] - 1)
    lo, hi, f_lo, f_hi = (_take(values, index) for values in brackets[:4])
    return lo, hi, f_lo, f_hi


def _enter(state: _Search, brackets: _Brackets, goes_on: Array, fails: Array, next_one: Array) -> _Search:
    """Makes a Brent step for the searches that go on, that turn to the fallback, and that take the next bracket."""
    m = brackets.lo.shape[0]
    number = jnp.arange(m, dtype=state.bracket.dtype)[:, None]
    following = jnp.min(_choose(brackets.is_bracket & (number > state.bracket), number, m), axis=0)
    bracket = _choose(next_one, following, state.bracket)
    is_done = next_one & (bracket >= m)
    lo, hi, f_lo, f_hi = _ends(brackets, bracket)
    brent = _select(next_one, _begin_brent(lo, hi, f_lo, f_hi), state.brent)
    by_root = fails | (next_one & brackets.by_root)
    brent = _select(by_root, _begin_brent(jnp.log(lo), jnp.log(hi), f_lo, f_hi), brent)
    stage = _choose(by_root, _ROOT, _choose(next_one, _BRENT, state.stage))
    in_logarithm = stage == _ROOT
    tolerance = _choose(in_logarithm, 0.5 * ROOT_TOLERANCE, 0.5 * _EPSILON * jnp.abs(brent.q))
    brent, is_root = _brent_step(brent, tolerance)
    steps_now = goes_on | fails | next_one
    lam = _choose(in_logarithm, jnp.clip(jnp.exp(brent.q), *brackets.range), brent.q)
    stage = _choose(is_root, _choose(in_logarithm, _FINAL, _NEWTON_START), stage)
    return state._replace(
        stage=_choose(is_done, _DONE, _choose(steps_now, stage, state.stage)).astype(state.stage.dtype),
        lam=_choose(steps_now & ~is_done, lam, state.lam),
        bracket=bracket,
        steps=_choose(fails | next_one, 0, state.steps),
        brent=_select(steps_now, brent, state.brent),
        has_failed_path=state.has_failed_path | fails,
    )


def _advance(state: _Search, m: Moments, brackets: _Brackets, criterion: Criterion) -> _Search:
    """Moves every search on by the moments that it asked for."""
    f, f_prime = slope(m, criterion), curvature(m, criterion)
    here = Point(state.lam, value(m, criterion), m.beta, m.p_xx, m.a)
    lo, hi = brackets.range
    stage, lam, steps = state.stage, state.lam, state.steps + 1

    # Brent-Dekker, on lambda or, after a failure, on ln lambda.
    is_brent, is_root = stage == _BRENT, stage == _ROOT
    brent = state.brent._replace(f_q=_choose(is_brent | is_root, f, state.brent.f_q))
    other = _choose(_same_sign(brent.f_q, brent.f_r), brent.p, brent.r)
    narrow = jnp.abs(brent.q - other) < BRENT_WIDTH * jnp.minimum(jnp.abs(brent.q), jnp.abs(other))
    has_slope = jnp.isfinite(f)
    # Newton goes on from the last point that has a slope.
    is_broken = is_brent & ~has_slope
    is_located = is_brent & has_slope & narrow
    is_exhausted = is_brent & has_slope & ~narrow & (steps >= MAX_STEPS)
    gives_up = is_root & ~has_slope
    settles = is_root & has_slope & (steps >= MAX_ROOT_STEPS)
    goes_on = (is_brent & has_slope & ~narrow & ~is_exhausted) | (is_root & has_slope & ~settles)

    # Newton.
    is_newton = stage == _NEWTON
    has_both = has_slope & jnp.isfinite(f_prime)
    change = jnp.abs(lam - state.before.lam)
    has_converged = is_newton & has_both & ((lam == state.before.lam) | (change < NEWTON_STEP * jnp.abs(lam)))
    is_outside = (lam <= lo) | (lam >= hi)
    has_failed = is_newton & ~has_converged & (~has_both | is_outside | (steps >= MAX_STEPS))
    starts = is_located | (stage == _NEWTON_START)
    steps_on = starts | (is_newton & ~has_converged & ~has_failed)
    following = lam - f / f_prime
    is_lost = steps_on & ((f_prime == 0.0) | ~jnp.isfinite(following))
    steps_on &= ~is_lost

    # Results of a bracket.
    clamped = jnp.clip(state.before.lam, lo, hi)
    is_inside = clamped == state.before.lam
    is_final = stage == _FINAL
    result = _select(is_final, here, state.before)
    # A comparison with NaN is false.
    is_better = ((has_converged & is_inside) | is_final) & (result.value > state.best.value)

    next_stage = _choose(is_broken, _NEWTON_START, stage)
    next_stage = _choose(steps_on, _NEWTON, next_stage)
    next_stage = _choose((has_converged & ~is_inside) | settles, _FINAL, next_stage)
    next_lam = _choose(is_broken, brent.p, lam)
    next_lam = _choose(steps_on, following, next_lam)
    next_lam = _choose(has_converged & ~is_inside, clamped, next_lam)
    moved = state._replace(
        stage=next_stage.astype(stage.dtype),
        lam=next_lam,
        steps=_choose(starts, 0, steps).astype(state.steps.dtype),
        brent=brent,
        before=_select(steps_on, here, state.before),
        best=_select(is_better, result, state.best),
    )
    fails = is_exhausted | has_failed | is_lost
    next_one = (has_converged & is_inside) | is_final | gives_up
    return _enter(moved, brackets, goes_on, fails, next_one)


def _begin(brackets: _Brackets, is_defined: Array) -> _Search:
    b = is_defined.shape[0]
    nothing = jnp.full(b, jnp.nan)
    point = Point(*(nothing,) * 5)
    state = _Search(
        stage=jnp.full(b, _DONE, jnp.int32),
        lam=jnp.broadcast_to(brackets.range[0], (b,)),
        bracket=jnp.full(b, -1, jnp.int32),
        steps=jnp.zeros(b, jnp.int32),
        brent=_Brent(*(nothing,) * 8),
        before=point,
        best=point._replace(value=jnp.full(b, -jnp.inf)),
        has_failed_path=jnp.zeros(b, bool),
    )
    nobody = jnp.zeros(b, bool)
    return _enter(state, brackets, nobody, nobody, is_defined)


def _run(
    state: _Search, brackets: _Brackets, evaluate: Evaluate, criterion: Criterion, at_most: int
) -> tuple[_Search, Array]:
    """Moves the searches on until no more than `at_most` are left, beside those that wait since they lost digits."""

    def goes_on(carried: tuple[_Search, Array]) -> Array:
        state, waits = carried
        return jnp.sum((state.stage != _DONE) & ~waits) > at_most

    def turn(carried: tuple[_Search, Array]) -> tuple[_Search, Array]:
        state, waits = carried
        moments, is_lost = evaluate(state.lam)
        waits = waits | (is_lost & (state.stage != _DONE))
        return _select(waits, state, _advance(state, moments, brackets, criterion)), waits

    return jax.lax.while_loop(goes_on, turn, (state, jnp.zeros(state.stage.shape, bool)))


def _run_few(state: _Search, brackets: _Brackets, evaluate_few: EvaluateFew, criterion: Criterion, few: int) -> _Search:
    """Moves the searches that are left to their ends, `few` at a time."""
    b = state.stage.shape[0]

    def is_unfinished(state: _Search) -> Array:
        return jnp.any(state.stage != _DONE)

    def lot(state: _Search) -> _Search:
        index = jnp.nonzero(state.stage != _DONE, size=few, fill_value=b)[0]
        chosen = _columns(state, index)
        chosen = chosen._replace(stage=_choose(index < b, chosen.stage, _DONE).astype(chosen.stage.dtype))
        their_brackets = brackets._replace(
            **{name: _columns(getattr(brackets, name), index) for name in _Brackets._fields[:5]}
        )
        evaluate = evaluate_few(index)

        def turn(of: _Search) -> _Search:
            return _advance(of, evaluate(of.lam, of.stage != _DONE), their_brackets, criterion)

        chosen = jax.lax.while_loop(is_unfinished, turn, chosen)
        moved: _Search = jax.tree.map(lambda all_, some: all_.at[index].set(some, mode="drop"), state, chosen)
        return moved

    return jax.lax.while_loop(is_unfinished, lot, state)


def _columns(values: _T, index: Array) -> _T:
    """The entries at `index` of the last axis; where it lies beyond the end, those of the last."""
    chosen: _T = jax.tree.map(lambda v: jnp.take(v, index, axis=-1, mode="clip"), values)
    return chosen


def maximise(
    evaluate: Evaluate,
    evaluate_few: EvaluateFew | None,
    survey: Survey,
    criterion: Criterion,
    study: Study,
    is_defined: Array,
) -> Optimum:
    """The maximum of each model's likelihood under `criterion`.

    Parameters
    ----------
    evaluate : the likelihood of all models
    evaluate_few : the likelihood of some models, for those that lost digits and, when an eighth of the searches is
        left, for these; None where `evaluate` always keeps its digits
    study : what all models share
    is_defined : Array, shape (b,), bool
        Models that have a likelihood; what the others get is without meaning.

    Returns
    -------
    Optimum
    """
    grid = survey.grid
    m, f = len(grid.points), len(grid.fine)
    lambdas = jnp.concatenate([grid.points, grid.fine, grid.ends])[:, None]
    slopes = slope(survey.moments, criterion)
    low, high = (Point(e.lam, value(e, criterion), e.beta, e.p_xx, e.a) for e in survey.ends())
    is_perfect = low.a == 0.0
    is_flat = ~is_perfect & _is_flat(slopes * lambdas, lambdas, study)
    is_searched = is_defined & ~is_perfect & ~is_flat

    def search(brackets: _Brackets) -> tuple[Point, Array]:
        few = max(slopes.shape[1] // 8, 1)
        state = _begin(brackets, is_searched)
        state, _ = _run(state, brackets, evaluate, criterion, few if evaluate_few else 0)
        if evaluate_few:
            state = _run_few(state, brackets, evaluate_few, criterion, few)
        return state.best, state.has_failed_path

    best = _select(low.value >= high.value, low, high)
    margin = jnp.zeros(low.value.shape)
    has_failed_path = is_flat
    if m:
        brackets = _brackets(lambdas[:m], slopes[:m], grid)
        if f:
            # One compilation serves both searches.
            finer = _fine_brackets(lambdas[m : m + f], slopes[m : m + f], grid, study.n)
            found, failed = jax.lax.map(search, _stacked(brackets, finer))
            on_path, finest = (Point(*(field[k] for field in found)) for k in (0, 1))
            failed = failed[0]
        else:
            on_path, failed = search(brackets)
        best = _select(on_path.value > -jnp.inf, on_path, best)
        margin = _choose(on_path.value > -jnp.inf, CLEARLY_HIGHER, 0.0)
        has_failed_path |= failed
    for end in (low, high):
        margin = _choose(end.value > best.value, 0.0, margin)
        best = _select(end.value > best.value, end, best)
    if f:
        best = _select(finest.value > best.value + margin, finest, best)
    return Optimum(_select(is_perfect | is_flat, low, best), has_failed_path, is_flat, is_perfect)


def _is_flat(slopes: Array, lambdas: Array, study: Study) -> Array:
    """Whether `slopes` in ln lambda (m, b) are only rounding, or what eigenvalues that may be 0 make of them."""
    uncertain = jnp.minimum(UNCERTAIN_EIGENVALUE * lambdas * study.max_d, UNCERTAIN_SLOPE)
    # Only where the columns span K, for all that is known of it, or it is a multiple of the identity but for as many
    # directions: otherwise a kinship in a huge unit would have small slopes too. The padding of d is 0.
    k, noise = study.c + 1, UNCERTAIN_EIGENVALUE * study.max_d
    n_unlike = jnp.sum(study.d < study.max_d - 10.0 * noise) - (study.d.shape[0] - study.n)
    has_no_structure = (jnp.sum(study.d > noise) <= k) | (n_unlike <= k)
    is_small = jnp.abs(slopes) <= (FLAT_SLOPE + jnp.where(has_no_structure, uncertain, 0.0)) * study.n
    return (lambdas[-2] < lambdas[-1]) & jnp.all(is_small | ~jnp.isfinite(lambdas), axis=0)


def _brackets(lambdas: Array, slopes: Array, grid: LambdaGrid) -> _Brackets:
    """The intervals between `lambdas` (m, 1) of `slopes` (m, b) there."""
    is_bracket = slopes[:-1] * slopes[1:] <= 0.0
    lambdas, ends = jnp.broadcast_to(lambdas, slopes.shape), jnp.asarray(grid.ends)
    return _Brackets(lambdas[:-1], lambdas[1:], slopes[:-1], slopes[1:], is_bracket, (ends[0], ends[1]), False)


def _fine_brackets(lambdas: Array, slopes: Array, grid: LambdaGrid, n: Array) -> _Brackets:
    """The same of the fine grid, where a maximum must be more than rounding."""
    of = _brackets(lambdas, slopes, grid)
    is_rounding = of.slope_lo * of.lo - of.slope_hi * of.hi <= FLAT_SLOPE * n
    return of._replace(is_bracket=(of.slope_lo > 0.0) & (of.slope_hi < 0.0) & ~is_rounding, by_root=True)


def _stacked(*of: _Brackets) -> _Brackets:
    """Several lists of brackets along a new axis, all as long as the longest."""
    m = max(len(brackets.lo) for brackets in of)

    def padded(values: Array) -> Array:
        return jnp.pad(values, ((0, m - len(values)), (0, 0))) if values.ndim == 2 else values

    stacked: _Brackets = jax.tree.map(lambda *values: jnp.stack([padded(jnp.asarray(v)) for v in values]), *of)
    return stacked
