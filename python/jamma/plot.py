"""Manhattan and QQ plots with matplotlib (`pip install matplotlib`)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .genome import Genome

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

    from .result import AssocTable

Floats = NDArray[np.float64]
Table: TypeAlias = "AssocTable | pl.DataFrame | str | os.PathLike[str]"

GENOME_WIDE = 5e-8
"""Conventional threshold of genome-wide significance, a p-value."""
SUGGESTIVE = 1e-5
"""Conventional threshold of suggestive association, a p-value."""
COLOURS = ("#30638e", "#8fb8de")
"""Colours of odd and even chromosomes."""
HIGHLIGHT = "#d1495b"
"""Colour of highlighted SNPs, and of those beyond a cut axis."""
_LEVEL = 0.05
"""Genome-wide level of the threshold by permutation."""
_FEWEST = 19
"""Fewest permutations that resolve this level."""
_SMALLEST, _NORMAL = 5e-324, 1e-307
_LINE, _FAINT = "#b23a48", "#7d8597"


def manhattan(
    table: Table,
    *,
    p: str | None = None,
    trait: str | None = None,
    threshold: float | Literal["bonferroni", "permutation"] | None = GENOME_WIDE,
    suggestive: float | None = SUGGESTIVE,
    highlight: Iterable[str] | None = None,
    labels: int | Iterable[str] | Mapping[str, str] = 0,
    cut: float | None = None,
    title: str | None = None,
    colours: Sequence[str] = COLOURS,
    ax: Axes | None = None,
) -> Axes:
    """Draw a Manhattan plot: -log10 p of each SNP along the genome.

    Chromosomes are in natural order: 1, 2, ..., X, Y, XY, MT, then all others, with chr9 before chr10. The scaffolds of a
    large assembly share one span at the end of the axis, labelled with their number: all but the 59 with the most SNPs, or
    all scaffolds if there are chromosomes. Names of chromosomes that do not fit are omitted.

    Parameters
    ----------
    table : LmmResult, frame or path
        Association results, or the path of an association table. SNPs without a p-value are not drawn.
    p : str, optional
        Column of p-values. Default: the first of p_wald, p_lrt and p_score that the table has.
    trait : str, optional
        The phenotype to draw, if the table has several.
    threshold : float, "bonferroni" or "permutation", optional
        The p-value at which a line is drawn; None draws no line. "bonferroni" is 0.05 divided by the number of SNPs,
        "permutation" the threshold at the genome-wide level 0.05 of a result with `permutations`. The axis always includes
        the line.
    suggestive : float, optional
        The p-value at which a faint line is drawn; None draws no line.
    highlight : ids of SNPs, optional
        SNPs to draw larger and in another colour.
    labels : int, ids of SNPs, or mapping of ids to texts
        SNPs to label: the best `labels` SNPs, at most one per chromosome; the given SNPs, with their ids; or the given
        SNPs, with the given texts.
    cut : float, optional
        Height of the axis in -log10 p. SNPs above it are drawn at its end, as triangles.
    title : str, optional
        Title of the plot.
    colours : sequence of str
        Colours of the chromosomes, in turn.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on. Default: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the plot.

    Raises
    ------
    ValueError
        If the table has no column of p-values or has several phenotypes of which none is chosen, a p-value is not from 0 to
        1, or a SNP to highlight or label is not in the table.
    ImportError
        If matplotlib is not installed.
    """
    columns = _columns(table, trait)
    heights = _neg_log10(columns, _p_column(columns, p))
    if isinstance(threshold, str) and threshold == "permutation":
        threshold = _by_permutation(table, trait)
    lines = _lines(threshold, suggestive, int(np.isfinite(heights).sum()))
    if not len(colours):
        raise ValueError("colours: give at least one colour")
    axes = _axes(ax, (10.0, 4.0))
    genome = Genome.of(columns["chr"].astype(str), np.asarray(columns["ps"], dtype=np.float64))
    shown = heights if cut is None else np.minimum(heights, cut)
    for k, members in enumerate(genome.members):
        axes.scatter(
            genome.x[members], shown[members], s=4, color=colours[k % len(colours)], linewidths=0, rasterized=True
        )
    _point_out(axes, columns, genome.x, shown, highlight)
    if cut is not None:
        above = heights > cut
        axes.scatter(genome.x[above], shown[above], s=14, marker="^", color=HIGHLIGHT, linewidths=0, clip_on=False)
    for height, colour, style in lines:
        axes.axhline(height, color=colour, linewidth=0.8, linestyle=style)
    axes.set_xlim(-0.01 * genome.width, 1.01 * genome.width)
    axes.set_ylim(0.0, _top(shown, [height for height, *_ in lines], cut))
    _write_labels(axes, columns, genome, shown, labels)
    _name_chromosomes(axes, genome)
    together = f" (+{genome.n_together}: others, side by side)" if genome.n_together else ""
    axes.set_xlabel(f"chromosome{together}")
    axes.set_ylabel("$-\\log_{10}\\,p$")
    if title is not None:
        axes.set_title(title)
    return axes


def qq(
    table: Table,
    *,
    p: str | None = None,
    trait: str | None = None,
    title: str | None = None,
    colour: str = COLOURS[0],
    cut: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a QQ plot: observed against expected -log10 p, with a 95 % band and the genomic inflation factor.

    Parameters
    ----------
    table, p, trait, cut, ax
        As in :func:`manhattan`.
    title : str, optional
        Text above the inflation factor.
    colour : str
        Colour of the SNPs.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the plot.

    Raises
    ------
    ValueError
        If the table has no column of p-values or has several phenotypes of which none is chosen, none of the p-values is a
        number, or one is not from 0 to 1.
    ImportError
        If matplotlib is not installed.
    """
    columns = _columns(table, trait)
    observed = _neg_log10(columns, _p_column(columns, p))
    observed = np.sort(observed[np.isfinite(observed)])[::-1]
    if not len(observed):
        raise ValueError("no SNP has a p-value")
    axes = _axes(ax, (4.5, 4.5))
    n = len(observed)
    rank = np.arange(1, n + 1)
    expected = -np.log10((rank - 0.5) / n)
    low, high = _band(rank, n)
    shown = observed if cut is None else np.minimum(observed, cut)
    axes.fill_between(expected, low, high, color="#dddddd", linewidth=0)
    axes.plot(expected, expected, color="#777777", linewidth=0.8)
    axes.scatter(expected, shown, s=5, color=colour, linewidths=0, rasterized=True)
    if cut is not None:
        above = observed > cut
        axes.scatter(expected[above], shown[above], s=14, marker="^", color=HIGHLIGHT, linewidths=0, clip_on=False)
        axes.set_ylim(0.0, cut)
    axes.set_xlabel("expected $-\\log_{10}\\,p$")
    axes.set_ylabel("observed $-\\log_{10}\\,p$")
    factor = f"$\\lambda_{{GC}}$ = {inflation(10.0**-observed):.3f}"
    axes.set_title(factor if title is None else f"{title}\n{factor}", fontsize=9)
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
    """95 % band of the k-th smallest of n uniform p-values, in -log10: normal, with the moments of Beta(k, n + 1 - k)."""
    mean = rank / (n + 1)
    spread = np.sqrt((1 - mean) / (mean * (n + 2)))
    centre = -np.log10(mean)
    width = 1.96 * spread / np.log(10)
    return np.maximum(centre - width, 0.0), centre + width


def _lines(threshold: Any, suggestive: float | None, n_snps: int) -> list[tuple[float, str, str]]:
    if isinstance(threshold, str):
        if threshold != "bonferroni":
            raise ValueError(f"threshold: expected a p-value, 'bonferroni', 'permutation' or None, found {threshold!r}")
        threshold = 0.05 / max(n_snps, 1)
    lines = []
    for name, value, colour, style in (("threshold", threshold, _LINE, "--"), ("suggestive", suggestive, _FAINT, ":")):
        if value is None:
            continue
        if not 0.0 < float(value) <= 1.0:
            raise ValueError(f"{name}: expected a p-value from 0 to 1, found {value}")
        lines.append((float(-np.log10(float(value))), colour, style))
    return lines


def _top(shown: Floats, lines: list[float], cut: float | None) -> float:
    """The height of the axis: above every SNP, or `cut`, and always above every line."""
    finite = shown[np.isfinite(shown)]
    highest = max([1.0, *lines, *([float(finite.max())] if len(finite) else [])])
    if cut is None:
        return 1.06 * highest
    return max(cut, 1.06 * max(lines, default=0.0))


def _rows_of(columns: Any, what: str, ids: Iterable[str]) -> list[tuple[str, NDArray[np.intp]]]:
    """Each of the SNPs `ids` with its rows in the table."""
    rs = columns["rs"].astype(str)
    found = [(str(one), np.flatnonzero(rs == str(one))) for one in ids]
    if absent := [one for one, rows in found if not len(rows)]:
        raise ValueError(f"{what}: {len(absent)} of {len(found)} SNPs are not in the table, the first is {absent[0]}")
    return found


def _point_out(axes: Axes, columns: Any, x: Floats, y: Floats, ids: Iterable[str] | None) -> None:
    if ids is None:
        return
    wanted = [str(one) for one in ([ids] if isinstance(ids, str) else ids)]
    rs = columns["rs"].astype(str)
    if absent := sorted(set(wanted) - set(rs.tolist())):
        raise ValueError(
            f"highlight: {len(absent)} of {len(wanted)} SNPs are not in the table, the first is {absent[0]}"
        )
    rows = np.flatnonzero(np.isin(rs, wanted))
    axes.scatter(x[rows], y[rows], s=14, color=HIGHLIGHT, linewidths=0, rasterized=True, zorder=3)


def _write_labels(axes: Axes, columns: Any, genome: Genome, y: Floats, labels: Any) -> None:
    if isinstance(labels, str):
        labels = [labels]
    if isinstance(labels, (int, np.integer)):
        best = [
            m[np.argmax(np.where(np.isfinite(y[m]), y[m], -1.0))] for m in genome.members if np.isfinite(y[m]).any()
        ]
        best = sorted(best, key=lambda row: -y[row])[: int(labels)]
        written = [(str(columns["rs"][row]), int(row)) for row in best]
    else:
        texts = dict(labels) if isinstance(labels, Mapping) else {str(one): str(one) for one in labels}
        rows = _rows_of(columns, "labels", texts)
        written = [(str(texts[one]), int(found[np.argmax(y[found])])) for one, found in rows]
    middle = genome.width / 2
    for text, row in written:
        is_left = genome.x[row] <= middle
        axes.annotate(
            text,
            (genome.x[row], y[row]),
            xytext=(4 if is_left else -4, 2),
            textcoords="offset points",
            ha="left" if is_left else "right",
            fontsize=7,
            annotation_clip=False,
        )


_WIDTH_OF_LETTER = 0.0075
"""Width of a letter of tick labels, as a fraction of the axis of a figure 10 inches wide."""


def _name_chromosomes(axes: Axes, genome: Genome) -> None:
    """Writes the names of chromosomes that fit; long names are rotated if there is too little room."""
    middles = (genome.starts + genome.ends) / 2
    names = _short(genome.names)
    longest = max((len(name) for name in names if not name.startswith("+")), default=1)
    letter = _WIDTH_OF_LETTER * genome.width * 10.0 / max(_width_in_inches(axes), 1.0)
    is_turned = longest > 3 and any(b - a < letter * (longest + 1) for a, b in pairwise(middles))
    rooms = [letter * (1.6 if is_turned else len(name) + 0.6) / 2 for name in names]
    ticks: list[float] = []
    shown: list[str] = []
    free_from = -np.inf
    # The span of the scaffolds is always named, so its neighbours may lose their names.
    free_to = middles[-1] - rooms[-1] if genome.n_together else np.inf
    for k, (name, middle, room) in enumerate(zip(names, middles, rooms, strict=True)):
        is_last = genome.n_together > 0 and k == len(names) - 1
        if is_last or (middle - room >= free_from and middle + room <= free_to):
            free_from = middle + room
            ticks.append(float(middle))
            shown.append(name)
    axes.set_xticks(ticks, shown, fontsize=8)
    if is_turned:
        axes.tick_params(axis="x", labelrotation=90)


def _width_in_inches(axes: Axes) -> float:
    figure: Any = axes.figure
    return float(axes.get_window_extent().width / figure.dpi)


def _short(names: list[str]) -> list[str]:
    """Names for the axis: without a `chr` that all of them have, and with long ones shortened in the middle."""
    if all((name.lower().startswith("chr") and len(name) > 3) or name.startswith("+") for name in names):
        names = [name if name.startswith("+") else name[3:].lstrip("_") for name in names]
    return [name if len(name) <= 16 else f"{name[:7]}…{name[-7:]}" for name in names]


def _columns(table: Table, trait: str | None) -> Any:
    """The columns as arrays by name; only the rows of `trait`, if the table has several phenotypes."""
    if isinstance(table, (str, os.PathLike)):
        from .files import read_assoc

        table = read_assoc(table)
    columns = {name: np.asarray(table[name]) for name in table.columns}
    if "trait" not in columns:
        if trait is not None:
            raise ValueError("trait: the table has only one phenotype, without a column trait; omit trait")
        return columns
    traits = columns["trait"].astype(str)
    known = list(dict.fromkeys(traits.tolist()))
    if trait is None and len(known) > 1:
        raise ValueError(
            f"the table has {len(known)} phenotypes ({_some(known)}); choose one, as in trait={known[0]!r}"
        )
    if trait is not None and trait not in known:
        raise ValueError(f"trait: the table has no phenotype {trait!r}, only {_some(known)}")
    rows = np.ones(len(traits), bool) if trait is None else traits == trait
    return {name: column[rows] for name, column in columns.items()}


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")


def _by_permutation(table: Any, trait: str | None) -> float:
    """The genome-wide threshold at the level 0.05 of a result with permutations."""
    result = table if trait is None else getattr(table, "traits", {}).get(trait)
    permutations = getattr(result, "permutations", None)
    if permutations is None:
        raise ValueError(
            "threshold: 'permutation' needs the result of run_lmm with permutations; give the threshold as a number"
        )
    if _LEVEL not in permutations.thresholds:
        raise ValueError(
            f"threshold: {permutations.count} permutations have no threshold at {_LEVEL}; compute at least {_FEWEST}"
        )
    return float(permutations.thresholds[_LEVEL])


def _p_column(columns: Any, p: str | None) -> str:
    candidates = ("p_wald", "p_lrt", "p_score") if p is None else (p,)
    for name in candidates:
        if name in columns:
            return name
    raise ValueError(f"there is no column {' or '.join(candidates)}, only {', '.join(columns)}")


def _neg_log10(columns: Any, p: str) -> Floats:
    values = np.asarray(columns[p], dtype=np.float64)
    wrong = (values < 0.0) | (values > 1.0 + 1e-6)
    if wrong.any():
        raise ValueError(
            f"{p}: expected p-values from 0 to 1, found {values[wrong][0]:g} in row {np.argmax(wrong) + 1}"
        )
    # A p-value of 0 has underflowed; it is drawn as the smallest positive number.
    heights = np.maximum(-np.log10(np.where(values == 0.0, _SMALLEST, values)), 0.0)
    exact = columns.get(f"neg_log10_{p}")
    if exact is None:
        return heights
    exact = np.asarray(exact, dtype=np.float64)
    highest = max(-np.log10(_SMALLEST), np.max(exact, initial=0.0, where=np.isfinite(exact)))
    exact = np.where(exact == np.inf, highest, exact)
    # The exact logarithm is used only if it agrees with p: the user may have changed the p-values (genomic control).
    # Below 1e-307 p itself has few digits.
    is_same = np.abs(exact - heights) <= 1e-3 * np.maximum(heights, 1.0)
    return np.where(is_same | ((values < _NORMAL) & (exact > 307.0)), exact, heights)


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install matplotlib") from error
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=size, layout="constrained")
    assert isinstance(figure, Figure)
    return axes
