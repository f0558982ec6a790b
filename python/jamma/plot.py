"""Manhattan and QQ plots, with matplotlib (`pip install 'jamma[plot]'`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from .result import AssocTable

Floats = NDArray[np.float64]
Table: TypeAlias = "AssocTable | pl.DataFrame | str | os.PathLike[str]"

GENOME_WIDE = 5e-8
"""The p-value below which a SNP is significant by convention."""
COLOURS = ("#30638e", "#8fb8de")
"""Of odd and even chromosomes."""


def manhattan(
    table: Table, *, p: str | None = None, threshold: float | None = GENOME_WIDE, ax: Axes | None = None
) -> Axes:
    """Draw -log10 p along the genome.

    Parameters
    ----------
    table : LmmResult, frame or path
        A path is of an association table.
    p : str, optional
        Column of p-values; the first of p_wald, p_lrt, p_score that is there.
    threshold : float, optional
        Where a line is drawn; None draws none.
    ax : matplotlib.axes.Axes, optional
        What to draw on; a new figure where not given.

    Returns
    -------
    matplotlib.axes.Axes
    """
    columns = _columns(table)
    heights = _neg_log10(columns, _p_column(columns, p))
    axes = _axes(ax, (10.0, 4.0))
    chromosomes = sorted(set(columns["chr"].astype(str).tolist()), key=_rank)
    start, ticks = 0.0, []
    for k, chromosome in enumerate(chromosomes):
        here = columns["chr"].astype(str) == chromosome
        ps = columns["ps"][here].astype(np.float64)
        # Without positions SNPs stand one after the other.
        x = ps - ps.min() if np.ptp(ps) > 0 else np.arange(len(ps), dtype=np.float64)
        axes.scatter(start + x, heights[here], s=4, color=COLOURS[k % 2], linewidths=0, rasterized=True)
        width = max(float(x.max()), 1.0)
        ticks.append(start + width / 2)
        start += 1.03 * width
    axes.set_xticks(ticks, chromosomes, fontsize=8)
    axes.set_xlabel("chromosome")
    axes.set_ylabel("$-\\log_{10}\\,p$")
    axes.set_ylim(bottom=0)
    if threshold is not None:
        axes.axhline(-np.log10(threshold), color="#b23a48", linewidth=0.8, linestyle="--")
    return axes


def qq(table: Table, *, p: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw observed against expected -log10 p, with a 95 % band, and write the genomic inflation factor.

    Parameters
    ----------
    table, p, ax
        As of :func:`manhattan`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    columns = _columns(table)
    observed = _neg_log10(columns, _p_column(columns, p))
    observed = np.sort(observed[np.isfinite(observed)])[::-1]
    if not len(observed):
        raise ValueError("no SNP has a p-value")
    axes = _axes(ax, (4.5, 4.5))
    n = len(observed)
    rank = np.arange(1, n + 1)
    expected = -np.log10((rank - 0.5) / n)
    low, high = _band(rank, n)
    axes.fill_between(expected, low, high, color="#dddddd", linewidth=0)
    axes.plot(expected, expected, color="#777777", linewidth=0.8)
    axes.scatter(expected, observed, s=5, color=COLOURS[0], linewidths=0, rasterized=True)
    axes.set_xlabel("expected $-\\log_{10}\\,p$")
    axes.set_ylabel("observed $-\\log_{10}\\,p$")
    axes.set_title(f"$\\lambda_{{GC}}$ = {inflation(10.0**-observed):.3f}", fontsize=9)
    return axes


def inflation(p: Floats) -> float:
    """Genomic inflation factor: the median chi-squared statistic (1 df) of `p` over that of uniform p-values."""
    p = np.asarray(p, dtype=np.float64)
    p = p[np.isfinite(p)]
    return float(_normal_quantile(np.median(p) / 2) ** 2 / _normal_quantile(0.25) ** 2)


def _normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(float(np.clip(p, 1e-300, 0.5)))


def _band(rank: NDArray[np.int_], n: int) -> tuple[Floats, Floats]:
    """95 % of the k-th of n uniform p-values, as -log10: near normal, with the moments of Beta(k, n + 1 - k)."""
    mean = rank / (n + 1)
    spread = np.sqrt((1 - mean) / (mean * (n + 2)))
    centre = -np.log10(mean)
    width = 1.96 * spread / np.log(10)
    return np.maximum(centre - width, 0.0), centre + width


def _columns(table: Table) -> Any:
    if isinstance(table, (str, os.PathLike)):
        from .api import read_assoc

        table = read_assoc(table)
    names = list(table.columns)
    return {name: np.asarray(table[name]) for name in names}


def _p_column(columns: Any, p: str | None) -> str:
    candidates = ("p_wald", "p_lrt", "p_score") if p is None else (p,)
    for name in candidates:
        if name in columns:
            return name
    raise ValueError(f"there is no column {' or '.join(candidates)}, only {', '.join(columns)}")


def _neg_log10(columns: Any, p: str) -> Floats:
    exact = columns.get(f"neg_log10_{p}")
    if exact is not None:
        return np.asarray(exact, dtype=np.float64)
    with np.errstate(divide="ignore"):
        # 0 is an underflow: the smallest number above it stands for it.
        values = np.asarray(columns[p], dtype=np.float64)
        return -np.log10(np.where(values == 0.0, 5e-324, values))


def _rank(chromosome: str) -> tuple[int, int, str]:
    """Numbers by size, then names; `chr1` is 1."""
    name = chromosome.lower().removeprefix("chr")
    return (0, int(name), "") if name.isdigit() else (1, 0, name)


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'jamma[plot]'") from error
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=size, layout="constrained")
    assert isinstance(figure, Figure)
    return axes
