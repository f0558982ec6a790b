"""The search for the root of the slope in every bracket of every model: Brent-Dekker, Newton, and a fallback.

Every SNP has the state of its own search. One iteration of the loop evaluates each SNP's likelihood at the lambda that
its search needs next, in whatever stage it is, and advances all searches. So SNPs do not wait for each other, and the
likelihood is compiled once for all stages. SNPs whose sums lose digits, and the last ones of a block, are searched a few
at a time in the more expensive form that keeps all digits.

Source of Brent-Dekker: Brent 1973, Algorithms for Minimization without Derivatives, chapter 4, in the variant of the
GNU Scientific Library 2.7; the bracket that it reports is used for the stopping rule only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from ._constants import BRENT_WIDTH, MAX_ROOT_STEPS, MAX_STEPS, NEWTON_STEP, ROOT_TOLERANCE
from ._float64 import EPSILON
from ._likelihood import Criterion, Moments, curvature, slope, value

_T = TypeVar("_T", bound=tuple[object, ...])

# Stages of a search.
_BRENT, _NEWTON_START, _NEWTON, _ROOT, _FINAL, _DONE = range(6)


class Evaluate(Protocol):
    """The likelihood of each of b models in a form that is cheap and usually accurate."""

    def __call__(self, lam: Array, /) -> tuple[Moments, Array]:
        """The moments of each model at its own lambda (b,), and whether they lost digits."""
        ...


class EvaluateFew(Protocol):
    """The likelihood of some of the models in the form that keeps all digits."""

    def __call__(self, index: Array, /) -> Callable[[Array, Array], Moments]:
        """The moments of the models `index` (b',) as a function of lambda (b',) and of which are needed (b', bool)."""
        ...


class Point(NamedTuple):
    """A lambda and the values there that the tests need, (b,)."""

    lam: Array
    value: Array
    beta: Array
    p_xx: Array
    a: Array


class _Brent(NamedTuple):
    """State of Brent-Dekker: current point q, previous point p, other end r; last step s, step before it t."""

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
    """Where the likelihood is evaluated next."""
    bracket: Array
    """Index of the current bracket."""
    steps: Array
    """Number of steps in the current stage."""
    brent: _Brent
    before: Point
    """Newton's iterate before `lam`."""
    best: Point
    """The best result so far; its value is -inf before the first."""
    has_failed_path: Array


class Brackets(NamedTuple):
    """Intervals of the grid, (m, b) each, and the open range to which Newton's method is limited."""

    lo: Array
    hi: Array
    slope_lo: Array
    slope_hi: Array
    is_bracket: Array
    range: tuple[Array, Array]
    by_root: ArrayLike
    """Whether to search the root directly, without GEMMA's path first: a bool."""


def choose(condition: Array, yes: ArrayLike, no: ArrayLike) -> Array:
    """`yes` if the condition is true, else `no`, element by element."""
    return jnp.where(condition, yes, no)


def select(condition: Array, yes: _T, no: _T) -> _T:
    """:func:`choose` for every field of a tuple."""
    chosen: _T = jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)
    return chosen


def _same_sign(a: Array, b: Array) -> Array:
    return ((a > 0.0) & (b > 0.0)) | ((a < 0.0) & (b < 0.0))


def _begin_brent(lo: Array, hi: Array, f_lo: Array, f_hi: Array) -> _Brent:
    return _Brent(lo, hi, hi, f_lo, f_hi, f_hi, hi - lo, hi - lo)


def _brent_step(at: _Brent, tolerance: Array) -> tuple[_Brent, Array]:
    """The state with the next point q, whose value is not known yet, and whether the current point is the root."""
    p, q, r, f_p, f_q, f_r, s, t = at
    outside = _same_sign(f_q, f_r)
    r, f_r = choose(outside, p, r), choose(outside, f_p, f_r)
    s, t = choose(outside, q - p, s), choose(outside, q - p, t)
    swapped = jnp.abs(f_r) < jnp.abs(f_q)
    p, q, r = choose(swapped, q, p), choose(swapped, r, q), choose(swapped, q, r)
    f_p, f_q, f_r = choose(swapped, f_q, f_p), choose(swapped, f_r, f_q), choose(swapped, f_q, f_r)
    is_two_point = outside | swapped
    m = 0.5 * (r - q)
    is_root = (f_q == 0.0) | (jnp.abs(m) <= tolerance)
    bisects = (jnp.abs(t) < tolerance) | (jnp.abs(f_p) <= jnp.abs(f_q))
    a, b, d = f_q / f_p, f_p / f_r, f_q / f_r
    numerator = choose(is_two_point, 2.0 * m * a, a * (2.0 * m * b * (b - d) - (q - p) * (d - 1.0)))
    denominator = choose(is_two_point, 1.0 - a, (b - 1.0) * (d - 1.0) * (a - 1.0))
    is_positive = numerator > 0.0
    denominator = choose(is_positive, -denominator, denominator)
    numerator = choose(is_positive, numerator, -numerator)
    limit = jnp.minimum(3.0 * m * denominator - jnp.abs(tolerance * denominator), jnp.abs(t * denominator))
    interpolates = ~bisects & (2.0 * numerator < limit)
    t = choose(interpolates, s, m)
    s = choose(interpolates, numerator / denominator, m)
    step = choose(jnp.abs(s) > tolerance, s, jnp.copysign(tolerance, m))
    moved = _Brent(q, q + step, r, f_q, f_q, f_r, s, t)
    stayed = _Brent(p, q, r, f_p, f_q, f_r, s, t)
    return select(is_root, stayed, moved), is_root


def _take(values: Array, index: Array) -> Array:
    return jnp.take_along_axis(values, index[None], axis=0)[0]


def _ends(brackets: Brackets, index: Array) -> tuple[Array, Array, Array, Array]:
    index = jnp.minimum(index, brackets.lo.shape[0] - 1)
    lo, hi, f_lo, f_hi = (_take(values, index) for values in brackets[:4])
    return lo, hi, f_lo, f_hi


def _enter(state: _Search, brackets: Brackets, goes_on: Array, fails: Array, next_one: Array) -> _Search:
    """Makes a Brent step for the searches that continue, start the fallback, or start the next bracket."""
    m = brackets.lo.shape[0]
    number = jnp.arange(m, dtype=state.bracket.dtype)[:, None]
    following = jnp.min(choose(brackets.is_bracket & (number > state.bracket), number, m), axis=0)
    bracket = choose(next_one, following, state.bracket)
    is_done = next_one & (bracket >= m)
    lo, hi, f_lo, f_hi = _ends(brackets, bracket)
    brent = select(next_one, _begin_brent(lo, hi, f_lo, f_hi), state.brent)
    by_root = fails | (next_one & brackets.by_root)
    brent = select(by_root, _begin_brent(jnp.log(lo), jnp.log(hi), f_lo, f_hi), brent)
    stage = choose(by_root, _ROOT, choose(next_one, _BRENT, state.stage))
    in_logarithm = stage == _ROOT
    tolerance = choose(in_logarithm, 0.5 * ROOT_TOLERANCE, 0.5 * EPSILON * jnp.abs(brent.q))
    brent, is_root = _brent_step(brent, tolerance)
    steps_now = goes_on | fails | next_one
    lam = choose(in_logarithm, jnp.clip(jnp.exp(brent.q), *brackets.range), brent.q)
    stage = choose(is_root, choose(in_logarithm, _FINAL, _NEWTON_START), stage)
    return state._replace(
        stage=choose(is_done, _DONE, choose(steps_now, stage, state.stage)).astype(state.stage.dtype),
        lam=choose(steps_now & ~is_done, lam, state.lam),
        bracket=bracket,
        steps=choose(fails | next_one, 0, state.steps),
        brent=select(steps_now, brent, state.brent),
        has_failed_path=state.has_failed_path | fails,
    )


def _advance(state: _Search, m: Moments, brackets: Brackets, criterion: Criterion) -> _Search:
    """Advances every search with the moments `m` at its `lam`."""
    f, f_prime = slope(m, criterion), curvature(m, criterion)
    here = Point(state.lam, value(m, criterion), m.beta, m.p_xx, m.a)
    lo, hi = brackets.range
    stage, lam, steps = state.stage, state.lam, state.steps + 1

    # Brent-Dekker, on lambda or, after a failure, on ln lambda.
    is_brent, is_root = stage == _BRENT, stage == _ROOT
    brent = state.brent._replace(f_q=choose(is_brent | is_root, f, state.brent.f_q))
    other = choose(_same_sign(brent.f_q, brent.f_r), brent.p, brent.r)
    narrow = jnp.abs(brent.q - other) < BRENT_WIDTH * jnp.minimum(jnp.abs(brent.q), jnp.abs(other))
    has_slope = jnp.isfinite(f)
    # Newton continues from the last point with a slope.
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
    result = select(is_final, here, state.before)
    # A comparison with NaN is false.
    is_better = ((has_converged & is_inside) | is_final) & (result.value > state.best.value)

    next_stage = choose(is_broken, _NEWTON_START, stage)
    next_stage = choose(steps_on, _NEWTON, next_stage)
    next_stage = choose((has_converged & ~is_inside) | settles, _FINAL, next_stage)
    next_lam = choose(is_broken, brent.p, lam)
    next_lam = choose(steps_on, following, next_lam)
    next_lam = choose(has_converged & ~is_inside, clamped, next_lam)
    moved = state._replace(
        stage=next_stage.astype(stage.dtype),
        lam=next_lam,
        steps=choose(starts, 0, steps).astype(state.steps.dtype),
        brent=brent,
        before=select(steps_on, here, state.before),
        best=select(is_better, result, state.best),
    )
    fails = is_exhausted | has_failed | is_lost
    next_one = (has_converged & is_inside) | is_final | gives_up
    return _enter(moved, brackets, goes_on, fails, next_one)


def _begin(brackets: Brackets, is_defined: Array) -> _Search:
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
    none = jnp.zeros(b, bool)
    return _enter(state, brackets, none, none, is_defined)


def _run(
    state: _Search, brackets: Brackets, evaluate: Evaluate, criterion: Criterion, at_most: int
) -> tuple[_Search, Array]:
    """Advances the searches until at most `at_most` are left; those that lost digits wait and are not counted."""

    def goes_on(carried: tuple[_Search, Array]) -> Array:
        state, waits = carried
        return jnp.sum((state.stage != _DONE) & ~waits) > at_most

    def iterate(carried: tuple[_Search, Array]) -> tuple[_Search, Array]:
        state, waits = carried
        moments, is_lost = evaluate(state.lam)
        waits = waits | (is_lost & (state.stage != _DONE))
        return select(waits, state, _advance(state, moments, brackets, criterion)), waits

    return jax.lax.while_loop(goes_on, iterate, (state, jnp.zeros(state.stage.shape, bool)))


def _run_few(state: _Search, brackets: Brackets, evaluate_few: EvaluateFew, criterion: Criterion, few: int) -> _Search:
    """Completes the remaining searches, `few` at a time."""
    b = state.stage.shape[0]

    def is_unfinished(state: _Search) -> Array:
        return jnp.any(state.stage != _DONE)

    def complete_few(state: _Search) -> _Search:
        index = jnp.nonzero(state.stage != _DONE, size=few, fill_value=b)[0]
        chosen = _columns(state, index)
        chosen = chosen._replace(stage=choose(index < b, chosen.stage, _DONE).astype(chosen.stage.dtype))
        their_brackets = brackets._replace(
            **{name: _columns(getattr(brackets, name), index) for name in Brackets._fields[:5]}
        )
        evaluate = evaluate_few(index)

        def iterate(of: _Search) -> _Search:
            return _advance(of, evaluate(of.lam, of.stage != _DONE), their_brackets, criterion)

        chosen = jax.lax.while_loop(is_unfinished, iterate, chosen)
        moved: _Search = jax.tree.map(lambda all_, some: all_.at[index].set(some, mode="drop"), state, chosen)
        return moved

    return jax.lax.while_loop(is_unfinished, complete_few, state)


def _columns(values: _T, index: Array) -> _T:
    """The entries at `index` of the last axis; an index beyond the end gives the last entry."""
    chosen: _T = jax.tree.map(lambda v: jnp.take(v, index, axis=-1, mode="clip"), values)
    return chosen


def search_brackets(
    brackets: Brackets,
    evaluate: Evaluate,
    evaluate_few: EvaluateFew | None,
    criterion: Criterion,
    is_searched: Array,
) -> tuple[Point, Array]:
    """The best of the `brackets` of each model that `is_searched` (b,), and whether GEMMA's path failed in one of them.

    A model without a bracket has the value -inf. `evaluate_few`, if given, is used for the searches that lost digits and
    for the last eighth of the searches.
    """
    few = max(is_searched.shape[0] // 8, 1)
    state = _begin(brackets, is_searched)
    state, _ = _run(state, brackets, evaluate, criterion, few if evaluate_few else 0)
    if evaluate_few:
        state = _run_few(state, brackets, evaluate_few, criterion, few)
    return state.best, state.has_failed_path
