"""p-values as -log10 p, their inflation, and the thresholds that figures draw."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .style import HIT, SUGGESTIVE_LINE, note

if TYPE_CHECKING:
    import polars as pl

    from .tables import Scan

Floats = NDArray[np.float64]
Threshold: TypeAlias = float | Literal["bonferroni", "permutation", "effective"] | None

GENOME_WIDE = 5e-8
"""Conventional threshold of genome-wide significance, a p-value."""
SUGGESTIVE = 1e-5
"""Conventional threshold of suggestive association, a p-value."""

_LEVEL = 0.05
"""Genome-wide level of the thresholds."""
_FEWEST = 19
"""Fewest permutations that resolve this level."""
_SMALLEST, _NORMAL = 5e-324, 1e-307
P_COLUMNS = ("p_wald", "p_lrt", "p_score", "p")
"""Columns of p-values, in the order in which they are chosen."""


@dataclass(frozen=True)
class Heights:
    """-log10 p of the SNPs of a table.

    Attributes
    ----------
    values : ndarray, shape (p,)
        -log10 p; NaN without a p-value.
    is_zero : ndarray of bool, shape (p,)
        Whether p is 0, so that the height is only a lower bound.
    """

    values: Floats
    is_zero: NDArray[np.bool_]

    @property
    def n_missing(self) -> int:
        """Number of SNPs without a p-value."""
        return int(np.isnan(self.values).sum())


def tell(name: str, heights: Heights, zeros: str) -> None:
    """Note how many SNPs have no p-value, and how many have p = 0 and what becomes of them.

    Parameters
    ----------
    name : str
        What the SNPs are of; may be empty.
    heights : Heights
        Their -log10 p.
    zeros : str
        How SNPs with p = 0 are drawn.
    """
    of = f" of {name}" if name else ""
    if n := heights.n_missing:
        note(f"{n} of {len(heights.values)} SNPs{of} have no p-value and are not drawn")
    if n := int(heights.is_zero.sum()):
        which = "1 SNP" if n == 1 else f"{n} SNPs"
        note(f"{which}{of} with p = 0 (below the smallest number, or a perfect fit), {zeros}")


def p_column(frame: pl.DataFrame, p: str | None) -> str:
    """The column of p-values, or that of -log10 p if the table has only this.

    Raises
    ------
    ValueError
        If the table does not have the column.
    """
    if p is None and not any(name in frame.columns for name in P_COLUMNS) and "neg_log10_p" in frame.columns:
        return "neg_log10_p"
    candidates = P_COLUMNS if p is None else (p,)
    for name in candidates:
        if name in frame.columns:
            return name
    raise ValueError(f"there is no column {' or '.join(candidates)}, only {', '.join(frame.columns)}")


def neg_log10(frame: pl.DataFrame, p: str) -> Heights:
    """-log10 of the column `p`, from the column of the exact logarithm if there is one.

    Raises
    ------
    ValueError
        If a p-value is not from 0 to 1.
    """
    values = numbers(frame, p)
    if p.startswith("neg_log10"):
        is_wrong = values < 0.0
        _check(p, values, is_wrong, "numbers from 0")
        highest = np.max(values, initial=0.0, where=np.isfinite(values))
        return Heights(np.where(values == np.inf, highest, values), values == np.inf)
    with np.errstate(invalid="ignore"):
        _check(p, values, (values < 0.0) | (values > 1.0 + 1e-6), "p-values from 0 to 1")
        is_zero = values == 0.0
        # A p-value of 0 has underflowed; it is drawn as the smallest positive number.
        heights = np.maximum(-np.log10(np.where(is_zero, _SMALLEST, values)), 0.0)
    name = f"neg_log10_{p}"
    if name not in frame.columns:
        return Heights(heights, is_zero)
    exact = numbers(frame, name)
    highest = max(-np.log10(_SMALLEST), np.max(exact, initial=0.0, where=np.isfinite(exact)))
    is_endless = exact == np.inf
    exact = np.where(is_endless, highest, exact)
    # The exact logarithm is used only if it agrees with p: the user may have changed the p-values (genomic control).
    # Below 1e-307 p itself has few digits.
    with np.errstate(invalid="ignore"):
        is_same = np.abs(exact - heights) <= 1e-3 * np.maximum(heights, 1.0)
        is_used = is_same | ((values < _NORMAL) & (exact > 307.0))
    return Heights(np.where(is_used, exact, heights), is_zero & (is_endless | ~is_used))


def _check(p: str, values: Floats, is_wrong: NDArray[np.bool_], expected: str) -> None:
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        raise ValueError(f"{p}: expected {expected}, found {values[row]:g} in row {row + 1}")


def numbers(frame: pl.DataFrame, name: str) -> Floats:
    """A column as numbers, with NaN for missing values."""
    column: Any = frame[name].to_numpy()
    return np.asarray(column, dtype=np.float64)


def inflation(p: ArrayLike) -> float:
    """Genomic inflation factor: the median chi-squared statistic (1 df) of `p` over that of uniform p-values.

    Examples
    --------
    >>> round(jamma.plot.inflation([0.1, 0.5, 0.9]), 6)
    1.0
    """
    values = np.asarray(p, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan")
    return float(_normal_quantile(float(np.median(values)) / 2) ** 2 / _normal_quantile(0.25) ** 2)


def _normal_quantile(p: float) -> float:
    return NormalDist().inv_cdf(min(max(p, 1e-300), 0.5))


@dataclass(frozen=True)
class Line:
    """A horizontal line at a p-value."""

    p: float
    colour: str
    style: str

    @property
    def height(self) -> float:
        """-log10 p of the line."""
        return float(-np.log10(self.p))


def lines(scan: Scan, threshold: Threshold, suggestive: float | None, n_tests: int) -> list[Line]:
    """The lines of a Manhattan plot of `scan`: the threshold, dashed, and the suggestive one, dotted.

    Raises
    ------
    ValueError
        If a threshold is not a p-value or is not known for this run.
    """
    found = []
    chosen = threshold_of(scan, threshold, n_tests)
    for name, value, colour, style in (
        ("threshold", chosen, HIT, "--"),
        ("suggestive", suggestive, SUGGESTIVE_LINE, ":"),
    ):
        if value is None:
            continue
        if not 0.0 < float(value) <= 1.0:
            raise ValueError(f"{name}: expected a p-value from 0 to 1, found {value}")
        found.append(Line(float(value), colour, style))
    return found


def threshold_of(scan: Scan, threshold: Any, n_tests: int) -> float | None:
    """The threshold as a p-value."""
    if not isinstance(threshold, str):
        return None if threshold is None else float(threshold)
    if threshold == "bonferroni":
        return _LEVEL / max(n_tests, 1)
    if threshold == "permutation":
        return _by_permutation(scan)
    if threshold == "effective":
        return _by_effective_tests(scan)
    raise ValueError(
        f"threshold: expected a p-value, 'bonferroni', 'permutation', 'effective' or None, found {threshold!r}"
    )


def _by_permutation(scan: Scan) -> float:
    """The genome-wide threshold at the level 0.05 of a run with permutations."""
    permutations = getattr(scan.result, "permutations", None)
    count, known = None, None
    if permutations is not None:
        count, known = permutations.count, permutations.thresholds.get(_LEVEL)
    elif scan.facts is not None:
        count, known = scan.facts.n_permutations, scan.facts.permutation_threshold
    if count is None:
        raise ValueError(
            "threshold: 'permutation' needs the result of run_lmm with permutations, or the log of such a run; give the "
            "threshold as a number"
        )
    if known is None:
        raise ValueError(f"threshold: {count} permutations have no threshold at {_LEVEL}; compute at least {_FEWEST}")
    return float(known)


def _by_effective_tests(scan: Scan) -> float:
    diagnostics = getattr(scan.result, "diagnostics", None)
    known = getattr(diagnostics, "effective_threshold", None)
    if known is None and scan.facts is not None:
        known = scan.facts.effective_threshold
    if known is None:
        raise ValueError(
            "threshold: 'effective' needs the result or the log of a run with effective_tests (--effective-tests); "
            "give the threshold as a number"
        )
    return float(known)
