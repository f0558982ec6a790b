"""Regional plots: one locus, with r² to its lead SNP, recombination and genes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import genes as gene_track
from . import recombination as recombination_track
from .genes import Gene
from .locus import Locus, locus_of, r2_of
from .scale import bend_of, set_scale
from .style import (
    COLOURS,
    FAINT,
    LABEL,
    LEAD,
    LINE,
    R2,
    SMALL,
    TICK,
    dressed,
    figure,
    needs_matplotlib,
    styled,
)
from .tables import Table, one_scan
from .values import GENOME_WIDE, Threshold, lines, neg_log10, p_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

WINDOW = 250_000
"""Base pairs on either side of the lead SNP."""
_SIZE, _SIZE_OF_ROW = (4.1, 2.9), 0.17
_AREAS = (6.0, 8.0, 10.0, 12.0, 14.0)
"""Areas of the points by class of r², in pt²."""


def regional(
    table: Table,
    *,
    snp: str | None = None,
    region: str | None = None,
    window: float = WINDOW,
    genotypes: Any = None,
    r2: Any = None,
    genes: str | os.PathLike[str] | Sequence[Gene] | None = None,
    recombination: Any = None,
    p: str | None = None,
    trait: str | None = None,
    threshold: Threshold = GENOME_WIDE,
    title: str | None = None,
    ax: Axes | None = None,
    gene_ax: Axes | None = None,
) -> Axes:
    """Draw the SNPs of one locus: -log10 p by position, coloured by r² with the lead SNP.

    Parameters
    ----------
    table : LmmResult, frame or path
        As of :func:`manhattan`.
    snp : str, optional
        The lead SNP. Default: the SNP with the smallest p of the region, else of the whole table.
    region : str, optional
        chr:first-last in base pairs, or a chromosome. Default: `window` on either side of the lead SNP.
    window : float
        Base pairs on either side.
    genotypes : path, optional
        Prefix of PLINK files; r² is computed from the calls of all of their individuals. Only the SNPs of the region are
        read.
    r2 : mapping of ids to numbers, array of shape (p,), or path, optional
        r² of SNPs with the lead SNP: by id, in the order of the table, or as a table of PLINK's --r2 or
        PLINK 2's --r2-unphased.
    genes : path or sequence of Gene, optional
        GFF3, GTF or BED file of genes, which are drawn below.
    recombination : path or frame, optional
        Recombination rates in cM/Mb: a genetic map with columns chromosome, position and rate (as those of HapMap), or, if
        the second column of three is not a position, position, rate and cM.
    p, trait, threshold
        As of :func:`manhattan`.
    title : str, optional
        Title of the plot.
    ax, gene_ax : matplotlib.axes.Axes, optional
        Axes to draw on, and those of the genes. Default: those of a new figure; with only `ax`, genes are drawn below it.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the SNPs.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If the SNP or the region is not in the table, or a file is malformed.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> result = jamma.run_lmm("demo")
    >>> gene = jamma.plot.Gene("Abc1", 95_000_000, 99_000_000, "+")
    >>> axes = jamma.plot.regional(result, snp="rs10226", genotypes="demo", window=2e7, genes=[gene])
    >>> len(axes.figure.axes) > 1                           # the genes have axes of their own
    True
    """
    needs_matplotlib()
    if genotypes is not None and r2 is not None:
        raise ValueError("give either genotypes or r2, not both")
    scan = one_scan(table, trait, ("chr", "ps", "rs"))
    scan.needs("chr", "ps", "rs")
    heights = neg_log10(scan.frame, p_column(scan.frame, p))
    locus = locus_of(scan, heights, snp, region, float(window))
    colours = r2_of(locus, genotypes, r2, scan.frame.height)
    region_of = (locus.chromosome, locus.start, locus.end)
    found = None if genes is None else gene_track.genes_of(genes, *region_of)
    map_of = None if recombination is None else recombination_track.rates(recombination, *region_of)
    with styled(ax is None):
        upper, lower, frees = _axes(ax, gene_ax, found is not None)
        _draw(upper, locus, colours)
        n_tests = len(heights.values) - heights.n_missing
        shown = lines(scan, threshold, None, n_tests)
        top = 1.12 * max([1.0, locus.highest, *(line.height for line in shown)])
        for line in shown:
            upper.axhline(line.height, color=line.colour, linewidth=LINE, linestyle=line.style, zorder=1)
        # A SNP with p = 0 would leave no room for the others.
        set_scale(upper, top, bend_of("auto" if locus.is_zero.any() else None, top))
        upper.set_xlim(locus.start / 1e6, locus.end / 1e6)
        upper.set_ylabel(r"$-\log_{10}\,p$", fontsize=LABEL)
        if colours is not None:
            _legend(upper, locus)
        if map_of is not None:
            recombination_track.draw(upper, *map_of)
        last = upper if lower is None else lower
        if lower is not None and found is not None:
            n_rows = gene_track.draw(lower, found, locus.start, locus.end)
            if frees:
                _resize(upper, lower, n_rows)
            lower.set_xlim(*upper.get_xlim())
            upper.tick_params(axis="x", labelbottom=False)
        name = (
            locus.chromosome
            if locus.chromosome.lower().startswith(("chr", "scaf"))
            else f"chromosome {locus.chromosome}"
        )
        last.set_xlabel(f"Position on {name} (Mb)", fontsize=LABEL)
        last.ticklabel_format(axis="x", useOffset=False, style="plain")
        if title is not None:
            upper.set_title(title, fontsize=LABEL + 1)
    return upper


def classes(r2: Floats) -> NDArray[np.intp]:
    """The class of each r²: 0 to 4 in steps of 0.2, an edge in the class above it; -1 if it is not known."""
    found = np.searchsorted([0.2, 0.4, 0.6, 0.8], np.nan_to_num(r2, nan=0.0), side="right")
    return np.where(np.isfinite(r2), found, -1).astype(np.intp)


def _draw(axes: Axes, locus: Locus, r2: Floats | None) -> None:
    x, y = locus.ps / 1e6, locus.heights
    is_lead = np.arange(len(x)) == locus.lead
    style: dict[str, Any] = {"rasterized": len(x) > 5000, "linewidths": 0.25, "edgecolors": "white"}
    if r2 is None:
        axes.scatter(x[~is_lead], y[~is_lead], s=_AREAS[1], color=COLOURS[1], zorder=2, **style)
    else:
        of = classes(r2)
        unknown = (of < 0) & ~is_lead
        axes.scatter(x[unknown], y[unknown], s=_AREAS[0], facecolors="none", edgecolors=FAINT, linewidths=0.4, zorder=2)
        for k, colour in enumerate(R2):
            here = (of == k) & ~is_lead
            axes.scatter(x[here], y[here], s=_AREAS[k], color=colour, zorder=2.1 + 0.1 * k, **style)
    axes.scatter(x[is_lead], y[is_lead], s=26, marker="D", color=LEAD, edgecolors="white", linewidths=0.4, zorder=4)
    is_left = x[locus.lead] > (locus.start + 0.75 * (locus.end - locus.start)) / 1e6
    axes.annotate(
        locus.ids[locus.lead],
        (x[locus.lead], y[locus.lead]),
        xytext=(-4 if is_left else 4, 2.5),
        textcoords="offset points",
        ha="right" if is_left else "left",
        fontsize=SMALL + 0.7,
        zorder=5,
    )


def _legend(axes: Axes, locus: Locus) -> None:
    """The classes of r², away from the lead SNP."""
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], marker="D", markersize=3.6, linewidth=0, color=LEAD, label="lead SNP")]
    for k in reversed(range(len(R2))):
        marks.append(
            Line2D(
                [],
                [],
                marker="o",
                markersize=_AREAS[k] ** 0.5,
                linewidth=0,
                color=R2[k],
                label=f"{k / 5:.1f} to {(k + 1) / 5:.1f}",
            )
        )
    side, is_free = _free_corner(axes, locus)
    if not is_free:
        axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    legend = axes.legend(
        handles=marks,
        loc=side,
        frameon=False,
        title="$r^2$",
        fontsize=SMALL,
        title_fontsize=TICK,
        handletextpad=0.1,
        labelspacing=0.25,
        borderaxespad=0.1,
    )
    legend.set_zorder(3)


_CORNER = (0.27, 0.5)
"""Width of the legend, and where it begins, as fractions of the axes."""


def _free_corner(axes: Axes, locus: Locus) -> tuple[Literal["upper left", "upper right"], bool]:
    """The upper corner with fewer SNPs, and whether it has none."""
    across = (locus.ps - locus.start) / (locus.end - locus.start)
    is_high = locus.heights > _CORNER[1] * axes.get_ylim()[1]
    left, right = int((is_high & (across < _CORNER[0])).sum()), int((is_high & (across > 1 - _CORNER[0])).sum())
    return ("upper left", left == 0) if left <= right else ("upper right", right == 0)


def _axes(ax: Axes | None, gene_ax: Axes | None, has_genes: bool) -> tuple[Axes, Axes | None, bool]:
    """The axes of SNPs and genes, and whether the size of their figure may change."""
    if ax is not None:
        upper = dressed(ax)
        if not has_genes:
            return upper, None, False
        lower = ax.inset_axes((0.0, -0.42, 1.0, 0.38)) if gene_ax is None else gene_ax
        return upper, dressed(lower), False
    new = figure(_SIZE)
    if not has_genes:
        return dressed(new.add_subplot()), None, False
    upper, lower = new.subplots(2, 1, height_ratios=[4, 1])
    return dressed(upper), dressed(lower), True


def _resize(upper: Axes, lower: Axes, n_rows: int) -> None:
    """Make room for the rows of genes."""
    whole: Any = upper.figure
    height = _SIZE_OF_ROW * n_rows + 0.1
    whole.set_size_inches(_SIZE[0], _SIZE[1] + height)
    grid: Any = upper.get_subplotspec()
    grid.get_gridspec().set_height_ratios([_SIZE[1] - 0.6, height])
    whole.get_layout_engine().set(h_pad=0.02, hspace=0.0)
