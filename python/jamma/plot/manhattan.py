"""Manhattan plots: of one trait, or of several, stacked or mirrored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from . import labels as loci_labels
from .chromosomes import genome_of, name_axis, name_chromosomes, set_limits, width_in_inches
from .scale import bend_of, set_scale
from .style import (
    COLOURS,
    HIGHLIGHT,
    HIT,
    INK,
    LABEL,
    LINE,
    POINT,
    POINT_HIT,
    dressed,
    figure,
    needs_matplotlib,
    styled,
)
from .tables import Scan, Table, Tables, are_several, one_scan, scans
from .thinning import kept
from .values import GENOME_WIDE, SUGGESTIVE, Heights, Line, Threshold, lines, neg_log10, p_column, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..genome import Genome

Floats = NDArray[np.float64]
Layout = Literal["stacked", "mirrored"]

_SIZE = (7.2, 2.7)
"""Width and height of a figure in inches; several traits have `_EACH` each."""
_EACH = 1.75
_BASE, _SHARED, _TOP = ("chr", "ps"), 1.06, 1.0


@overload
def manhattan(  # type: ignore[overload-overlap]
    tables: Table,
    *,
    p: str | None = None,
    trait: str | None = None,
    layout: None = None,
    threshold: Threshold = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    highlight: Iterable[str] | None = None,
    labels: int | Literal["auto"] | Iterable[str] | Mapping[str, str] = 0,
    locus: float = loci_labels.LOCUS,
    cut: float | None = None,
    compress: float | Literal["auto"] | None = "auto",
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
    thin: bool = True,
    ax: Axes | None = None,
) -> Axes: ...
@overload
def manhattan(
    tables: Table,
    *,
    p: str | None = None,
    trait: str | Iterable[str] | None = None,
    layout: Layout,
    threshold: Threshold = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    highlight: Iterable[str] | None = None,
    labels: int | Literal["auto"] | Iterable[str] | Mapping[str, str] = 0,
    locus: float = loci_labels.LOCUS,
    cut: float | None = None,
    compress: float | Literal["auto"] | None = "auto",
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
    thin: bool = True,
    ax: Sequence[Axes] | None = None,
) -> list[Axes]: ...
@overload
def manhattan(
    tables: Sequence[Table] | Mapping[str, Table],
    *,
    p: str | None = None,
    trait: str | Iterable[str] | None = None,
    layout: Layout | None = None,
    threshold: Threshold = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    highlight: Iterable[str] | None = None,
    labels: int | Literal["auto"] | Iterable[str] | Mapping[str, str] = 0,
    locus: float = loci_labels.LOCUS,
    cut: float | None = None,
    compress: float | Literal["auto"] | None = "auto",
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
    thin: bool = True,
    ax: Sequence[Axes] | None = None,
) -> list[Axes]: ...
def manhattan(
    tables: Tables,
    *,
    p: str | None = None,
    trait: str | Iterable[str] | None = None,
    layout: Layout | None = None,
    threshold: Threshold = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    highlight: Iterable[str] | None = None,
    labels: int | Literal["auto"] | Iterable[str] | Mapping[str, str] = 0,
    locus: float = loci_labels.LOCUS,
    cut: float | None = None,
    compress: float | Literal["auto"] | None = "auto",
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
    thin: bool = True,
    ax: Any = None,
) -> Any:
    """Draw a Manhattan plot: -log10 p of each SNP along the genome.

    Chromosomes are in natural order: 1, 2, ..., X, Y, XY, MT, then all others, with chr9 before chr10. The scaffolds of a
    large assembly share one span at the end of the axis, labelled with their number: all but the 59 with the most SNPs, or
    all scaffolds if there are chromosomes. Names of chromosomes that do not fit are omitted.

    SNPs beyond the threshold are red. A SNP with p = 0 is a triangle at the height of the smallest positive number, and a
    :class:`~jamma.JammaWarning` counts such SNPs and those without a p-value, which are not drawn.

    Parameters
    ----------
    tables : LmmResult, frame or path; or several in a sequence or a mapping of names
        Association results, the path of an association table, or the prefix of a run. Several are drawn one below the
        other.
    p : str, optional
        Column of p-values. Default: the first of p_wald, p_lrt, p_score and p that the table has.
    trait : str or several, optional
        The phenotype to draw, if the table has several.
    layout : {"stacked", "mirrored"}, optional
        Draw all phenotypes (or those of `trait`): one below the other, or two of them on both sides of the chromosomes.
    threshold : float, "bonferroni", "permutation", "effective", optional
        The p-value at which a line is drawn; None draws no line. "bonferroni" is 0.05 divided by the number of SNPs,
        "permutation" the threshold at the genome-wide level 0.05 of a run with `permutations`, "effective" that of the
        effective number of tests; both are taken from the result or the log. The axis always includes the line.
    suggestive : float, optional
        The p-value at which a faint line is drawn; None draws no line.
    highlight : ids of SNPs, or regions, optional
        SNPs to draw larger and in another colour. A region is written chr:first-last, in base pairs. Of several tables, one
        must have each of them.
    labels : int, "auto", ids of SNPs, or mapping of ids to texts
        SNPs to label above the axes: the lead SNPs of the best `labels` loci; those beyond the threshold, at most 16; the
        given SNPs or regions, with their ids; or the given SNPs, with the given texts.
    locus : float
        SNPs within this distance of a stronger SNP belong to its locus, in base pairs. Choose a larger one if linkage
        disequilibrium extends further, as in crosses.
    cut : float, optional
        Height of the axis in -log10 p. SNPs above it are drawn at its end, as triangles.
    compress : float, "auto" or None
        -log10 p above which the axis is compressed, with a mark. "auto" compresses it above 20 if a SNP is above 25 and
        `cut` is not given.
    title : str, optional
        Title of the plot.
    colours : sequence of str
        Colours of the chromosomes, in turn.
    thin : bool
        Of more than 100,000 SNPs, draw those that can be seen: all with p below 1e-4, and the strongest of each cell of a
        grid that is finer than the points.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; of several phenotypes, a sequence. Default: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the plot; of several tables, or with a `layout`, the list of those of each phenotype.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If the table has no column of p-values or has several phenotypes of which none is chosen, a p-value is not from 0 to
        1, or a SNP to highlight or label is not in the table.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> result = jamma.run_lmm("demo", out="output/demo")
    >>> axes = jamma.plot.manhattan(result, threshold="bonferroni", labels=3)
    >>> axes = jamma.plot.manhattan("demo", title="demo")   # or from the files of the run
    >>> axes.get_title(loc="left") or axes.get_title()
    'demo'
    """
    needs_matplotlib()
    if not len(colours):
        raise ValueError("colours: give at least one colour")
    if layout not in (None, "stacked", "mirrored"):
        raise ValueError(f"layout: expected 'stacked' or 'mirrored', found {layout!r}")
    is_one = layout is None and not are_several(tables)
    # Ids take most of the memory, and are read only if they are needed.
    needs_ids = highlight is not None or not (isinstance(labels, int) and labels <= 0)
    columns = (*_BASE, "rs") if needs_ids else _BASE
    if is_one:
        found = [one_scan(tables, trait, columns, " or draw all with layout='stacked'")]  # type: ignore[arg-type]
    else:
        found = scans(tables, trait, columns)
    if layout == "mirrored" and len(found) != 2:
        raise ValueError(f"layout: 'mirrored' needs two phenotypes, found {len(found)}; choose two with trait")
    genome, slices = genome_of(found)
    spans = genome.spans
    highlight, ids_of_labels = _listed(highlight), None if _is_choice(labels) else _listed(labels)
    for what, ids in (("highlight", highlight), ("labels", ids_of_labels)):
        if ids is not None:
            loci_labels.require(found, what, ids)
    chosen = labels if ids_of_labels is None else ids_of_labels
    drawing = _Drawing(genome, colours, highlight, chosen, locus, cut, compress, thin)
    with styled(ax is None):
        axes = _axes(ax, len(found), layout)
        rooms: list[float] = []
        for k, (scan, part, one) in enumerate(zip(found, slices, axes, strict=True)):
            heights = neg_log10(scan.frame, p_column(scan.frame, p))
            tell(scan.name, heights, "drawn as triangles at the top")
            at = lines(scan, threshold, suggestive, len(heights.values) - heights.n_missing)
            is_downward = layout == "mirrored" and k == 1
            row = drawing.draw(one, scan, genome.x[part], spans[part], heights, at, is_downward)
            rooms.append(row[0])
            # The chromosomes of stacked traits are named once, those of mirrored ones between the two.
            is_named = k == 0 if layout == "mirrored" else k == len(found) - 1
            _name(one, scan.name if not is_one else "", genome, is_named, is_downward, row)
        if layout == "mirrored":
            axes[0].set_xlabel("")
        else:
            name_axis(axes[-1], genome)
        if len(axes) > 1 and ax is None:
            whole: Any = axes[0].figure
            whole.align_ylabels(axes)
        if title is not None:
            _entitle(axes, title, rooms[0])
    return axes[0] if is_one else axes


def _is_choice(labels: Any) -> bool:
    """Whether the labels are chosen by a rule, not by ids."""
    return isinstance(labels, (int, np.integer)) or (isinstance(labels, str) and labels == "auto")


def _listed(ids: Any) -> Any:
    """Ids as a list, or a mapping as it is: each trait needs them again."""
    if ids is None or isinstance(ids, Mapping):
        return ids
    return [ids] if isinstance(ids, str) else [str(one) for one in ids]


def _axes(ax: Any, n: int, layout: Layout | None) -> list[Axes]:
    if ax is not None:
        given = [ax] if hasattr(ax, "scatter") else list(np.ravel(ax))
        if len(given) != n:
            raise ValueError(f"ax: there are {n} phenotypes to draw, but {len(given)} axes")
        return [dressed(one) for one in given]
    height = _SIZE[1] if n == 1 else _EACH * n + 0.45
    new: Any = figure((_SIZE[0], height))
    found = new.subplots(n, 1, squeeze=False, sharex=n > 1)[:, 0]
    if layout == "mirrored":
        new.get_layout_engine().set(hspace=0.0, h_pad=0.01)
    return [dressed(one) for one in found]


@dataclass
class _Drawing:
    """What the traits of a figure have in common."""

    genome: Genome
    colours: Sequence[str]
    highlight: Iterable[str] | None
    labels: Any
    locus: float
    cut: float | None
    compress: float | Literal["auto"] | None
    thin: bool

    def draw(
        self,
        axes: Axes,
        scan: Scan,
        x: Floats,
        spans: NDArray[np.intp],
        heights: Heights,
        at: list[Line],
        is_downward: bool,
    ) -> tuple[float, float]:
        """Draw a trait: SNPs, lines, labels, and the axis of -log10 p; returns what `write_row` does."""
        y = heights.values
        shown = y if self.cut is None else np.minimum(y, self.cut)
        drawn = kept(x, shown, spans, self.genome.width) if self.thin else np.flatnonzero(np.isfinite(shown))
        limit = next((line.height for line in at if line.style == "--"), np.inf)
        with np.errstate(invalid="ignore"):
            is_above = heights.is_zero if self.cut is None else heights.is_zero | (y > self.cut)
        of_drawn, is_triangle = shown[drawn], is_above[drawn]
        is_hit = (y[drawn] >= limit) & ~is_triangle
        group = spans[drawn] % len(self.colours)
        style: dict[str, Any] = {"linewidths": 0, "rasterized": True}
        for k, colour in enumerate(self.colours):
            part = drawn[(group == k) & ~is_hit & ~is_triangle]
            axes.scatter(x[part], shown[part], s=POINT, color=colour, **style)
        part = drawn[is_hit]
        axes.scatter(x[part], shown[part], s=POINT_HIT, color=HIT, zorder=2.2, **style)
        part = drawn[is_triangle]
        marker = "v" if is_downward else "^"
        axes.scatter(
            x[part], of_drawn[is_triangle], s=14, marker=marker, color=HIT, linewidths=0, clip_on=False, zorder=3
        )
        for line in at:
            axes.axhline(line.height, color=line.colour, linewidth=LINE, linestyle=line.style, zorder=1.2)
        self._point_out(axes, scan, x, shown)
        top, bend = self._top(shown, at)
        set_limits(axes, self.genome)
        set_scale(axes, top, bend, is_downward=is_downward)
        return self._write_labels(axes, scan, x, spans, y, limit, is_downward)

    def _top(self, shown: Floats, at: list[Line]) -> tuple[float, float | None]:
        """The height of the axis, above every SNP (or `cut`) and every line, and where it is compressed."""
        of_lines = max((line.height for line in at), default=0.0)
        finite = shown[np.isfinite(shown)]
        highest = max(_TOP, of_lines, float(finite.max()) if len(finite) else 0.0)
        if self.cut is not None:
            return max(self.cut, _SHARED * of_lines), None
        bend = bend_of(self.compress, highest)
        return _SHARED * highest, bend

    def _point_out(self, axes: Axes, scan: Scan, x: Floats, y: Floats) -> None:
        if self.highlight is None:
            return
        found = loci_labels.rows_of(scan, self.highlight)
        rows = np.unique(np.concatenate([*found.values(), np.zeros(0, np.intp)]).astype(np.intp))
        axes.scatter(x[rows], y[rows], s=9, color=HIGHLIGHT, edgecolors=INK, linewidths=0.3, rasterized=True, zorder=3)

    def _write_labels(
        self,
        axes: Axes,
        scan: Scan,
        x: Floats,
        spans: NDArray[np.intp],
        y: Floats,
        limit: float,
        is_downward: bool,
    ) -> tuple[float, float]:
        least = limit if np.isfinite(limit) else -np.log10(SUGGESTIVE)
        chosen = loci_labels.chosen(scan, self.labels, y, spans, least, self.locus)
        highest = np.inf if self.cut is None else self.cut
        at = [(text, float(x[row]), float(min(y[row], highest))) for text, row in chosen]
        return loci_labels.write_row(axes, at, is_below=is_downward)


def _name(axes: Axes, name: str, genome: Genome, is_named: bool, is_downward: bool, row: tuple[float, float]) -> None:
    """The names of the axes: of -log10 p, of the trait, and of the chromosomes if they are named here."""
    axes.set_ylabel(r"$-\log_{10}\,p$", fontsize=LABEL)
    if is_downward:
        axes.spines["top"].set_visible(True)
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", bottom=False, labelbottom=False, top=False)
    elif is_named:
        name_chromosomes(axes, genome)
        axes.tick_params(axis="x", labelbottom=True)
    else:
        axes.tick_params(axis="x", length=0, labelbottom=False)
    if not name:
        return
    # The name is next to the row of labels if there is room, else beyond it.
    room, begin = row
    is_free = begin > 0.02 + 0.6 * LABEL * len(name) / 72.0 / width_in_inches(axes)
    pad = 4.0 + (0.0 if is_free else room)
    if is_downward:
        at: Any = {"xy": (0, 0), "xytext": (0, -pad), "xycoords": "axes fraction", "textcoords": "offset points"}
        axes.annotate(name, **at, ha="left", va="top", fontsize=LABEL, annotation_clip=False)
    else:
        axes.set_title(name, loc="left", fontsize=LABEL, pad=pad)


def _entitle(axes: list[Axes], title: str, room: float) -> None:
    if len(axes) == 1:
        axes[0].set_title(title, fontsize=LABEL + 1, pad=4 + room)
    else:
        figure: Any = axes[0].figure
        figure.suptitle(title, fontsize=LABEL + 1)
