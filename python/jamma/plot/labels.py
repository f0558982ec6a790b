"""Lead SNPs of loci, and their names in a row above the axes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .chromosomes import width_in_inches
from .style import FAINT, INK, SMALL
from .values import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .tables import Scan

Floats = NDArray[np.float64]

LOCUS = 500_000
"""SNPs within this distance of a stronger one belong to its locus, in base pairs."""
MOST = 16
"""The most loci that are labelled unless the caller wants more."""
_CANDIDATES = 200_000
"""Loci are searched among this many of the strongest SNPs."""
_LONGEST = 24
_REGION = re.compile(r"([^:]+):([\d_,]+)-([\d_,]+)")


def loci(
    chromosome: NDArray[Any], ps: Floats, heights: Floats, most: int, least: float = 0.0, within: float = LOCUS
) -> list[int]:
    """The lead SNPs of the strongest loci, strongest first.

    Parameters
    ----------
    chromosome, ps, heights : ndarray, shape (p,)
        Chromosome (as a number or a name), position and -log10 p of each SNP.
    most : int
        The largest number of loci.
    least : float
        Smallest -log10 p of a lead SNP.
    within : float
        SNPs within this distance of a stronger one belong to its locus.
    """
    rows = np.flatnonzero(np.isfinite(heights) & (heights >= least))
    if len(rows) > _CANDIDATES:
        rows = np.sort(rows[np.argpartition(-heights[rows], _CANDIDATES)[:_CANDIDATES]])
    found: list[int] = []
    while len(rows) and len(found) < most:
        lead = int(rows[np.argmax(heights[rows])])
        found.append(lead)
        with np.errstate(invalid="ignore"):
            is_same = (chromosome[rows] == chromosome[lead]) & (np.abs(ps[rows] - ps[lead]) < within)
        rows = rows[~is_same & (rows != lead)]
    return found


def require(scans: Iterable[Scan], what: str, ids: Iterable[str]) -> None:
    """Raise a ValueError if one of the SNPs or regions `ids` is in none of the tables."""
    wanted = [str(one) for one in ids]
    found = {one for scan in scans for one in rows_of(scan, wanted)}
    if absent := [one for one in wanted if one not in found]:
        raise ValueError(f"{what}: {len(absent)} of {len(wanted)} SNPs are not in the table, the first is {absent[0]}")


def rows_of(scan: Scan, ids: Iterable[str]) -> dict[str, NDArray[np.intp]]:
    """The rows of each of the SNPs `ids`, or of the SNPs of a region such as 5:1000000-2000000, that are in the table."""
    scan.needs("rs")
    wanted = [str(one) for one in ids]
    rs = scan.frame["rs"].cast(pl.String)
    rows = rs.is_in(list(dict.fromkeys(wanted))).arg_true().to_numpy()
    by_id: dict[str, list[int]] = {}
    for name, row in zip(rs.gather(rows).to_list(), rows.tolist(), strict=True):
        by_id.setdefault(name, []).append(row)
    found = {one: np.array(by_id[one], dtype=np.intp) for one in wanted if one in by_id}
    for one in wanted:
        if one not in found and (region := _REGION.fullmatch(one)) and len(inside := _inside(scan, region)):
            found[one] = inside
    return {one: found[one] for one in wanted if one in found}


def _inside(scan: Scan, region: re.Match[str]) -> NDArray[np.intp]:
    first, last = (float(re.sub(r"[_,]", "", region[k])) for k in (2, 3))
    ps = numbers(scan.frame, "ps")
    is_here = (scan.frame["chr"] == region[1]).to_numpy()
    return np.flatnonzero(is_here & (ps >= first) & (ps <= last))


def chosen(
    scan: Scan, labels: Any, heights: Floats, chromosome: NDArray[Any], significant: float, within: float = LOCUS
) -> list[tuple[str, int]]:
    """The texts of the labels and the rows of their SNPs.

    Parameters
    ----------
    labels : int, "auto", ids, or mapping of ids to texts
        See :func:`~jamma.plot.manhattan`.
    significant : float
        -log10 p of the threshold, for "auto".
    within : float
        As of :func:`loci`.
    """
    if isinstance(labels, (int, np.integer)) or (isinstance(labels, str) and labels == "auto"):
        most, least = (MOST, significant) if labels == "auto" else (int(labels), 0.0)
        if most <= 0:
            return []
        scan.needs("rs")
        leads = loci(chromosome, numbers(scan.frame, "ps"), heights, most, least, within)
        names = scan.frame["rs"].gather(leads).to_list()
        return [(str(name), row) for name, row in zip(names, leads, strict=True)]
    texts = dict(labels) if isinstance(labels, Mapping) else {str(one): str(one) for one in labels}
    of_each = rows_of(scan, texts)
    found = []
    for one, rows in of_each.items():
        known = np.where(np.isfinite(heights[rows]), heights[rows], -1.0)
        found.append((str(texts[one]), int(rows[np.argmax(known)])))
    return found


def write_row(axes: Axes, at: list[tuple[str, float, float]], *, is_below: bool = False) -> tuple[float, float]:
    """Write names in a row above (or below) the axes, with lines to their SNPs.

    Returns the height of the row in points, and where it begins as a fraction of the axis.

    Parameters
    ----------
    at : list of (str, float, float)
        Text and coordinates of each SNP. The limits of the axes must be final.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not at:
        return 0.0, 1.0
    left, right = axes.get_xlim()
    low, high = sorted(axes.get_ylim())
    end = high  # of the axis, on the side of the row
    # A line of text at 45° takes √2 of its height along the axis.
    gap = 1.2 * 1.414 * SMALL / 72.0 / width_in_inches(axes)
    wanted = np.array([(x - left) / (right - left) for _, x, _ in at])
    places = spread(wanted, gap, 0.0, 1.0)
    side, foot, knee = (-1.0, 0.0, -0.045) if is_below else (1.0, 1.0, 1.045)
    texts = [text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" for text, _, _ in at]
    style = {"fill": False, "edgecolor": FAINT, "linewidth": 0.4, "zorder": 1.5}
    for text, (_, x, y), place, own in zip(texts, at, places, wanted, strict=True):
        # The leg is in the coordinates of the SNPs, so that it stays when the user zooms.
        if low <= y < end:
            axes.add_patch(PathPatch(Path([(x, y), (x, end)]), **style))
        elbow = Path([(own, foot), (own, foot + 0.2 * (knee - foot)), (place, knee)])
        axes.add_patch(PathPatch(elbow, transform=axes.transAxes, clip_on=False, **style))
        axes.text(
            place,
            knee + side * 0.018,
            text,
            transform=axes.transAxes,
            rotation=-45 if is_below else 45,
            rotation_mode="anchor",
            ha="left",
            va="center",
            fontsize=SMALL,
            color=INK,
        )
    return 0.707 * SMALL * (0.56 * max(map(len, texts)) + 1) + 6.0, float(places.min())


def spread(wanted: Floats, gap: float, low: float, high: float) -> Floats:
    """Places as near as possible to `wanted`, in the same order, at least `gap` apart and between `low` and `high`.

    Neighbours that are too close form a block, which is centred on the mean of what its members want; blocks that touch are
    joined. If there is too little room, the gaps shrink.
    """
    n = len(wanted)
    if n > 1:
        gap = min(gap, (high - low) / (n - 1))
    order = np.argsort(wanted, kind="stable")
    # With x_k = place_k - k gap, the places must only ascend: the isotonic regression, by joining of blocks.
    targets = wanted[order] - gap * np.arange(n)
    blocks: list[tuple[float, int]] = []
    for target in targets:
        mean, count = float(target), 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    ascending = np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
    limited = np.clip(ascending, low, high - gap * (n - 1))
    places = np.empty(n)
    places[order] = limited + gap * np.arange(n)
    return places
