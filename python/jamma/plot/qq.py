"""QQ plots: of one trait or several, with a confidence band and the genomic inflation factor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray

from .style import BAND, COLOURS, FAINT, LABEL, LINE, TICK, TRAITS, axes, needs_matplotlib, note, styled
from .tables import Scan, Table, Tables, are_several, one_scan, scans
from .values import inflation, neg_log10, numbers, p_column, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_SIZE = (3.0, 2.9)
_CLEARLY, _LEAST_CUT = 1.25, 8.0
_STRATA = 4
_BY_MAF = ("#9fb3c8", "#5b8fc7", "#27496d", "#c8361d")
"""Colours of the strata, from the rarest alleles to the most common."""
_EXACT_RANKS, _OTHER_RANKS, _THIN_ABOVE = 1000, 1500, 20_000
"""Of more SNPs than the last number, so many of the smallest p-values are drawn, and so many of the others."""


def qq(
    tables: Tables,
    *,
    p: str | None = None,
    trait: str | Iterable[str] | None = None,
    strata: Literal["maf"] | None = None,
    cut: float | Literal["auto"] | None = "auto",
    title: str | None = None,
    colour: str = COLOURS[0],
    ax: Axes | None = None,
) -> Axes:
    """Draw a QQ plot: observed against expected -log10 p, with a 95 % band and the genomic inflation factor.

    The band is the pointwise 95 % interval of the order statistics of n independent uniform p-values. Linkage
    disequilibrium makes the true interval wider.

    Parameters
    ----------
    tables : LmmResult, frame or path; or several in a sequence or a mapping of names
        As of :func:`manhattan`; several are drawn on the same axes, with the band of the one with the most SNPs.
    p : str, optional
        As of :func:`manhattan`.
    trait : str or several, optional
        The phenotypes to draw, if the table has several.
    strata : "maf", optional
        Draw the quarters of the SNPs by minor allele frequency separately; of one phenotype.
    cut : float, "auto" or None
        Height of the axis in -log10 p; a triangle and their number stand for the SNPs above it. "auto" is twice the largest
        expected value and at least 8, if a SNP is clearly above that.
    title : str, optional
        Title of the plot.
    colour : str
        Colour of the SNPs of a single phenotype.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on. Default: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the plot.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If the table has no column of p-values or has several phenotypes of which none is chosen, none of the p-values is a
        number, or one is not from 0 to 1.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> axes = jamma.plot.qq({"mixed": jamma.run_lmm("demo"), "linear": jamma.run_lm("demo")})
    >>> len(axes.get_legend().get_texts())
    2
    """
    needs_matplotlib()
    if strata not in (None, "maf"):
        raise ValueError(f"strata: expected 'maf' or None, found {strata!r}")
    columns = ("af",) if strata else ()
    if are_several(tables) or not (trait is None or isinstance(trait, str)):
        found = scans(tables, trait, columns)
    else:
        found = [one_scan(cast("Table", tables), trait, columns)]
    if strata and len(found) > 1:
        raise ValueError(f"strata: expected one phenotype, found {len(found)}; choose one with trait")
    curves = _by_maf(found[0], p) if strata else [_curve(scan, p) for scan in found]
    if len(curves) == 1:
        curves[0].colour = colour
    elif not strata:
        for k, curve in enumerate(curves):
            curve.colour = TRAITS[k % len(TRAITS)]
    with styled(ax is None):
        drawn = axes(ax, _SIZE)
        _draw(drawn, curves, cut)
        if title is not None:
            drawn.set_title(title, fontsize=LABEL + 1)
    return drawn


@dataclass
class _Curve:
    """The sorted -log10 p of some SNPs, largest first, and what they are called."""

    name: str
    observed: Floats
    inflation: float
    colour: str = COLOURS[0]

    @property
    def n(self) -> int:
        return len(self.observed)


def _curve(scan: Scan, p: str | None) -> _Curve:
    heights = neg_log10(scan.frame, p_column(scan.frame, p))
    tell(scan.name, heights, _ZEROS)
    return _sorted(scan.name, heights.values[np.isfinite(heights.values)])


_ZEROS = "drawn at the smallest positive number"


def _sorted(name: str, heights: Floats) -> _Curve:
    observed = np.sort(heights)[::-1]
    if not len(observed):
        of = f" of {name}" if name else ""
        raise ValueError(f"no SNP{of} has a p-value")
    return _Curve(name, observed, inflation(10.0**-observed))


def _by_maf(scan: Scan, p: str | None) -> list[_Curve]:
    """The quarters of the SNPs by minor allele frequency, rarest first."""
    scan.needs("af")
    heights = neg_log10(scan.frame, p_column(scan.frame, p))
    af = numbers(scan.frame, "af")
    maf = np.minimum(af, 1 - af)
    tell(scan.name, heights, _ZEROS)
    is_known = np.isfinite(heights.values) & np.isfinite(maf)
    if n := int((np.isfinite(heights.values) & ~np.isfinite(maf)).sum()):
        note(f"{n} SNPs have no allele frequency and are not drawn")
    if not is_known.any():
        raise ValueError("no SNP has a p-value and an allele frequency")
    edges = np.unique(np.quantile(maf[is_known], np.linspace(0, 1, _STRATA + 1)))
    curves = []
    for k, (low, high) in enumerate(pairwise(edges)):
        is_last = k == len(edges) - 2
        with np.errstate(invalid="ignore"):
            is_in = is_known & (maf >= low) & ((maf <= high) if is_last else (maf < high))
        if is_in.any():
            curve = _sorted("", heights.values[is_in])
            curve.name, curve.colour = f"MAF {low:.2g} to {high:.2g}", _BY_MAF[min(k, len(_BY_MAF) - 1)]
            curves.append(curve)
    if not curves:
        curves = [_sorted("", heights.values[is_known])]
    return curves


def _draw(drawn: Axes, curves: list[_Curve], cut: float | Literal["auto"] | None) -> None:
    from matplotlib.ticker import MaxNLocator

    n = max(curve.n for curve in curves)
    ranks = _ranks(n)
    expected = expected_of(ranks, n)
    low, high = band(ranks, n)
    drawn.fill_between(expected, low, high, color=BAND, linewidth=0, zorder=0)
    drawn.plot([0, expected[0]], [0, expected[0]], color=FAINT, linewidth=LINE, zorder=1)
    highest = max(float(curve.observed[0]) for curve in curves)
    limit = _limit(cut, float(expected[0]), highest)
    n_above = 0
    for curve in curves:
        ranks = _ranks(curve.n)
        x, y = expected_of(ranks, curve.n), curve.observed[ranks - 1]
        n_above += 0 if limit is None else int((curve.observed > limit).sum())
        is_in = np.ones(len(y), bool) if limit is None else y <= limit
        drawn.scatter(x[is_in], y[is_in], s=4, color=curve.colour, linewidths=0, rasterized=True, zorder=2)
        if limit is not None and not is_in.all():
            at = x[~is_in].min()
            drawn.scatter([at], [limit], s=16, marker="^", color=curve.colour, linewidths=0, clip_on=False, zorder=3)
    top = 1.04 * max(highest, float(expected[0])) if limit is None else limit
    drawn.set_xlim(0, 1.03 * expected[0])
    drawn.set_ylim(0, top)
    for axis in (drawn.xaxis, drawn.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=2))
    drawn.set_xlabel(r"Expected $-\log_{10}\,p$", fontsize=LABEL)
    drawn.set_ylabel(r"Observed $-\log_{10}\,p$", fontsize=LABEL)
    _write(drawn, curves)
    if n_above:
        text = f"▲ {n_above} SNP{'s' if n_above > 1 else ''}, up to {highest:.3g}"
        drawn.annotate(
            text, (1, 0), xytext=(0, 6), xycoords="axes fraction", textcoords="offset points", ha="right", fontsize=TICK
        )


def _write(drawn: Axes, curves: list[_Curve]) -> None:
    """The inflation factor, or a legend of those of all curves."""
    from matplotlib.lines import Line2D

    texts = [rf"$\lambda_{{\mathrm{{GC}}}}$ = {curve.inflation:.3f}" for curve in curves]
    if len(curves) == 1:
        drawn.text(0.04, 0.97, texts[0], transform=drawn.transAxes, ha="left", va="top", fontsize=TICK + 0.5)
        return
    marks = [Line2D([], [], marker="o", markersize=3, linewidth=0, color=curve.colour) for curve in curves]
    names = [f"{curve.name}: {text}" for curve, text in zip(curves, texts, strict=True)]
    drawn.legend(
        marks,
        names,
        loc="upper left",
        frameon=False,
        handletextpad=0.1,
        borderaxespad=0.2,
        labelspacing=0.3,
        fontsize=TICK - 0.5,
    )


def _limit(cut: float | Literal["auto"] | None, largest_expected: float, highest: float) -> float | None:
    if cut is None:
        return None
    if cut == "auto":
        limit = max(float(np.ceil(2 * largest_expected)), _LEAST_CUT)
        # A few points slightly above do not need a cut.
        return limit if highest > _CLEARLY * limit else None
    if isinstance(cut, str) or not float(cut) > 0:
        raise ValueError(f"cut: expected a positive number, 'auto' or None, found {cut!r}")
    return float(cut)


def _ranks(n: int) -> NDArray[np.int_]:
    """The ranks to draw: all of a small table, else the first, and others evenly on the logarithmic axis."""
    if n <= _THIN_ABOVE:
        return np.arange(1, n + 1)
    others = np.geomspace(_EXACT_RANKS, n, _OTHER_RANKS).round().astype(np.int_)
    return np.unique(np.concatenate([np.arange(1, _EXACT_RANKS + 1), others]))


def expected_of(ranks: NDArray[np.int_], n: int) -> Floats:
    """Expected -log10 p of these ranks of n uniform p-values."""
    return np.asarray(-np.log10((ranks - 0.5) / n), dtype=np.float64)


_EXACT = 60
"""Ranks up to this have an exact band; of others the normal approximation differs by less than the width of a line."""
_HALVINGS = 60


def band(ranks: NDArray[np.int_], n: int, level: float = 0.95) -> tuple[Floats, Floats]:
    """Interval of -log10 of the k-th smallest of n uniform p-values, which is distributed as Beta(k, n + 1 - k).

    Parameters
    ----------
    ranks : ndarray of int
        k, from 1.
    n : int
        Number of p-values.
    level : float
        The probability of the interval.

    Returns
    -------
    (ndarray, ndarray)
        Its lower and upper ends.
    """
    tail = (1 - level) / 2
    mean = ranks / (n + 1)
    spread = np.sqrt((1 - mean) / (mean * (n + 2)))
    centre, width = -np.log10(mean), NormalDist().inv_cdf(1 - tail) * spread / np.log(10)
    low, high = np.maximum(centre - width, 0.0), centre + width
    is_small = ranks <= _EXACT
    low[is_small] = -np.log10(_beta_quantile(ranks[is_small], n, 1 - tail))
    high[is_small] = -np.log10(_beta_quantile(ranks[is_small], n, tail))
    return low, high


def _beta_quantile(ranks: NDArray[np.int_], n: int, probability: float) -> Floats:
    """Quantile of Beta(k, n + 1 - k), by halving in ln x.

    P(Beta(k, n + 1 - k) <= x) = P(Binomial(n, x) >= k) = 1 - sum over j < k of C(n, j) x^j (1 - x)^(n - j).
    """
    from math import lgamma

    j = np.arange(int(ranks.max(initial=1)))
    choose = np.array([lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) for i in j.tolist()])
    is_below = j[None, :] < ranks[:, None]
    low, high = np.full(len(ranks), np.log(1e-12 / n)), np.zeros(len(ranks))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        log_rest = np.log1p(-np.minimum(np.exp(middle), 1 - 1e-16))
        terms = choose[None, :] + j[None, :] * middle[:, None] + (n - j)[None, :] * log_rest[:, None]
        reached = 1 - np.where(is_below, np.exp(terms), 0.0).sum(axis=1)
        is_less = reached < probability
        low, high = np.where(is_less, middle, low), np.where(is_less, high, middle)
    return np.asarray(np.exp((low + high) / 2), dtype=np.float64)
