"""The effects of two analyses against each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .matching import By, Matched, match
from .runs import prefix_name
from .style import COLOURS, FAINT, HIT, LABEL, LINE, R2, SMALL, TICK, axes, needs_matplotlib, note, styled
from .tables import Scan, Table, one_scan
from .values import neg_log10, numbers, p_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_SIZE = (3.3, 3.2)
_COLUMNS = ("chr", "ps", "rs", "allele1", "allele0", "beta", "se")
_CELLS, _THIN_ABOVE = 600, 50_000
_Z = 1.959964
_MOST_BARS = 500
"""Error bars are drawn for at most this many SNPs, the strongest."""
_BOTH, _FIRST, _SECOND = HIT, R2[2], R2[3]


def effect_compare(
    first: Table,
    second: Table,
    *,
    names: tuple[str, str] | None = None,
    p: str | None = None,
    trait: str | tuple[str | None, str | None] | None = None,
    by: By = "auto",
    threshold: float = 1e-5,
    labels: int = 0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the effects of the same SNPs in two analyses against each other.

    SNPs are matched by id, or by position and alleles. If the second table counts the other allele, its effect changes its
    sign; alleles of the other strand are recognised, except for A/T and C/G. SNPs with a p-value below `threshold` in an
    analysis are coloured and have 95 % intervals in both directions (the 500 strongest); the others are small points. The
    figure gives the correlation of all effects and of those that are coloured. A :class:`~jamma.JammaWarning` counts the
    SNPs in both tables, and those that were not matched because their alleles differ or they are repeated.

    Parameters
    ----------
    first, second : LmmResult, frame or path
        As of :func:`manhattan`, with columns `beta` and `se`.
    names : (str, str), optional
        What the analyses are called. Default: their files, or "first" and "second".
    p : str, optional
        As of :func:`manhattan`.
    trait : str, or (str, str), optional
        The phenotype to compare, or that of each table.
    by : {"auto", "id", "position"}
        What identifies a SNP. "auto" takes what matches more SNPs.
    threshold : float
        The p-value below which a SNP is coloured.
    labels : int
        Number of the strongest coloured SNPs whose ids are written.
    title : str, optional
        Title of the plot.
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
        If a table has no effects, or no SNP is in both.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> mixed, linear = jamma.run_lmm("demo"), jamma.run_lm("demo")
    >>> axes = jamma.plot.effect_compare(mixed, linear, names=("mixed model", "linear model"), threshold=1e-8)
    >>> axes.get_xlabel()
    'Effect in mixed model'
    """
    needs_matplotlib()
    if not 0.0 < float(threshold) <= 1.0:
        raise ValueError(f"threshold: expected a p-value from 0 to 1, found {threshold}")
    traits = trait if isinstance(trait, tuple) else (trait, trait)
    a, b = (one_scan(table, of, _COLUMNS) for table, of in zip((first, second), traits, strict=True))
    for scan in (a, b):
        scan.needs("beta", "se")
    matched = match(a, b, by)
    effects = _Effects(a, b, matched, p, float(threshold))
    if not len(effects.x):
        raise ValueError("no SNP has an effect in both tables")
    _notes(a, b, matched)
    called = names or (_called(first, a, "first"), _called(second, b, "second"))
    with styled(ax is None):
        drawn = axes(ax, _SIZE)
        _draw(drawn, effects, called)
        _label(drawn, effects, labels)
        if title is not None:
            drawn.set_title(title, fontsize=LABEL + 1)
    return drawn


def _called(table: Any, scan: Scan, otherwise: str) -> str:
    if isinstance(table, (str, os.PathLike)):
        return " ".join(part for part in (prefix_name(table), scan.name) if part)
    return scan.name or otherwise


def _notes(a: Scan, b: Scan, matched: Matched) -> None:
    how = "id" if matched.by == "id" else "position and alleles"
    parts = [f"{len(matched.a)} SNPs are in both tables by {how} ({a.frame.height} and {b.frame.height} rows)"]
    for count, what in (
        (matched.n_flipped, "count the other allele in the second table, and their effects change the sign"),
        (matched.n_other_strand, "have alleles of the other strand"),
        (
            # Of interest only if the tables differ in alleles or strands at all.
            matched.n_palindromic if matched.n_flipped or matched.n_other_strand else 0,
            "have alleles A/T or C/G, whose strand cannot be known, and are compared as written",
        ),
        (matched.n_different, "have other alleles and are not compared"),
    ):
        if count:
            parts.append(f"{count} {what}")
    if matched.n_repeated:
        parts.append(f"{matched.n_repeated} rows without a unique {how} are not compared")
    if len(parts) > 1 or len(matched.a) < max(a.frame.height, b.frame.height):
        note("; ".join(parts))


class _Effects:
    """The effects of the SNPs of both tables, `x` of the first and `y` of the second, for the same allele."""

    def __init__(self, a: Scan, b: Scan, matched: Matched, p: str | None, threshold: float) -> None:
        x, y = numbers(a.frame, "beta")[matched.a], numbers(b.frame, "beta")[matched.b] * matched.sign
        heights = [
            neg_log10(scan.frame, p_column(scan.frame, p)).values[rows]
            for scan, rows in ((a, matched.a), (b, matched.b))
        ]
        is_in = np.isfinite(x) & np.isfinite(y)
        if n := int((~is_in).sum()):
            note(f"{n} of {len(x)} SNPs have no effect in one of the tables and are not drawn")
        self.x, self.y = x[is_in], y[is_in]
        self.x_se = numbers(a.frame, "se")[matched.a][is_in]
        self.y_se = numbers(b.frame, "se")[matched.b][is_in]
        self.rows = matched.a[is_in]
        self.heights = [np.nan_to_num(one[is_in], nan=0.0) for one in heights]
        limit = -np.log10(threshold)
        self.threshold = threshold
        self.is_first, self.is_second = (one >= limit for one in self.heights)
        self.ids = None if "rs" not in a.frame.columns else a.frame["rs"].cast(pl.String)

    @property
    def is_strong(self) -> NDArray[np.bool_]:
        return np.asarray(self.is_first | self.is_second)

    @property
    def strongest(self) -> Floats:
        """The larger -log10 p of the two."""
        return np.maximum(*self.heights)


def correlation(x: Floats, y: Floats) -> float:
    """Pearson's correlation; NaN of fewer than three points or without variation."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _draw(drawn: Axes, of: _Effects, names: tuple[str, str]) -> None:
    weak = np.flatnonzero(~of.is_strong)
    weak = weak[_visible(of.x[weak], of.y[weak])]
    drawn.axhline(0, color=FAINT, linewidth=0.4, zorder=0)
    drawn.axvline(0, color=FAINT, linewidth=0.4, zorder=0)
    drawn.scatter(of.x[weak], of.y[weak], s=2.0, color="#b8c6d6", linewidths=0, rasterized=True, zorder=1)
    strong = np.flatnonzero(of.is_strong)
    strong = strong[np.argsort(of.strongest[strong], kind="stable")]
    groups = (
        (of.is_first & of.is_second, _BOTH, "both"),
        (of.is_first & ~of.is_second, _FIRST, f"{names[0]} only"),
        (~of.is_first & of.is_second, _SECOND, f"{names[1]} only"),
    )
    barred = np.zeros(len(of.x), bool)
    barred[strong[-_MOST_BARS:]] = True
    for is_in, colour, name in groups:
        rows = strong[is_in[strong]]
        if not len(rows):
            continue
        bars = rows[barred[rows]]
        drawn.errorbar(
            of.x[bars],
            of.y[bars],
            xerr=_Z * of.x_se[bars],
            yerr=_Z * of.y_se[bars],
            fmt="none",
            ecolor=colour,
            elinewidth=0.4,
            alpha=0.55,
            zorder=2,
        )
        drawn.scatter(
            of.x[rows],
            of.y[rows],
            s=9,
            color=colour,
            edgecolors="white",
            linewidths=0.25,
            zorder=3,
            label=f"{name} ({len(rows):,})",
            rasterized=len(rows) > 5000,
        )
    _limits(drawn, of)
    drawn.set_xlabel(f"Effect in {names[0]}", fontsize=LABEL)
    drawn.set_ylabel(f"Effect in {names[1]}", fontsize=LABEL)
    texts = [f"$r$ = {correlation(of.x, of.y):.3f} ({len(of.x):,} SNPs)"]
    if 2 < len(strong) < len(of.x):
        texts.append(f"$r$ = {correlation(of.x[strong], of.y[strong]):.3f} ({len(strong):,} coloured)")
    drawn.text(0.03, 0.98, "\n".join(texts), transform=drawn.transAxes, ha="left", va="top", fontsize=TICK)
    if len(strong):
        base, _, exponent = f"{of.threshold:.0e}".partition("e")
        power = f"10^{{{int(exponent)}}}"
        power = power if base == "1" else rf"{base} \times {power}"
        drawn.legend(
            loc="lower right",
            frameon=False,
            fontsize=SMALL + 0.4,
            title=f"$p < {power}$ in",
            title_fontsize=SMALL + 0.4,
            handletextpad=0.1,
            labelspacing=0.25,
            borderaxespad=0.2,
            alignment="left",
        )


def _visible(x: Floats, y: Floats) -> NDArray[np.intp]:
    """Of many points one in each cell of a fine grid, and all at the edges."""
    if len(x) <= _THIN_ABOVE:
        return np.arange(len(x))
    cells = [np.floor((one - one.min()) / max(float(np.ptp(one)), 1e-300) * _CELLS).astype(np.int64) for one in (x, y)]
    return np.sort(np.unique(cells[0] * (_CELLS + 1) + cells[1], return_index=True)[1])


def _limits(drawn: Axes, of: _Effects) -> None:
    """Both axes around 0 as far as the points and the error bars, and the diagonal."""
    strong = np.flatnonzero(of.is_strong)
    width, height = (
        1.05
        * max(float(np.abs(one).max()), float(np.nanmax(np.abs(one[strong]) + _Z * se[strong], initial=0.0)), 1e-12)
        for one, se in ((of.x, of.x_se), (of.y, of.y_se))
    )
    # The same unit on both axes, unless the effects are of different units.
    if 1 / 3 < width / height < 3:
        width = height = max(width, height)
        drawn.set_aspect("equal", adjustable="box")
    drawn.set_xlim(-width, width)
    drawn.set_ylim(-height, height)
    end = min(width, height)
    drawn.plot([-end, end], [-end, end], color=COLOURS[0], linewidth=LINE, linestyle=(0, (4, 2)), zorder=1.5)


def _label(drawn: Axes, of: _Effects, labels: int) -> None:
    if labels < 0:
        raise ValueError(f"labels: expected a number from 0, found {labels}")
    strong = np.flatnonzero(of.is_strong)
    best = strong[np.argsort(-of.strongest[strong], kind="stable")][:labels]
    for row in best.tolist():
        name = "" if of.ids is None else str(of.ids[int(of.rows[row])])
        is_right = of.x[row] > 0
        drawn.annotate(
            name,
            (of.x[row], of.y[row]),
            xytext=(-4 if is_right else 4, 3),
            textcoords="offset points",
            ha="right" if is_right else "left",
            fontsize=SMALL,
            zorder=4,
        )
