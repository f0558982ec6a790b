"""Thinning: of SNPs that would be drawn on top of each other, only one is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALWAYS = 100_000
"""Tables with at most this many SNPs are drawn as they are."""
_EXACT = 4.0
"""SNPs of at least this -log10 p are all kept."""
_MOST_EXACT = 50_000
"""The most SNPs that are kept for their -log10 p; with more the limit is raised."""
_COLUMNS, _ROWS = 1500, 32
"""Cells across the axis, and per unit of -log10 p."""


def kept(x: Floats, heights: Floats, groups: NDArray[np.integer], width: float) -> NDArray[np.intp]:
    """The SNPs that are drawn: all strong ones, and of the others the strongest of each cell of a fine grid.

    Against a figure of all SNPs, about 1 % of the drawn pixels are lost, most of them below -log10 p = 2.

    Parameters
    ----------
    x, heights : ndarray, shape (p,)
        Coordinates of the SNPs; NaN in `heights` is not drawn.
    groups : ndarray, shape (p,)
        Number of the chromosome of each SNP, ascending along x.
    width : float
        Width of the axis in the unit of `x`.
    """
    is_drawn = np.isfinite(heights)
    if len(heights) <= ALWAYS:
        return np.flatnonzero(is_drawn)
    limit = _EXACT
    strong = np.flatnonzero(is_drawn & (heights >= limit))
    if len(strong) > _MOST_EXACT:
        of_strong = heights[strong]
        limit = float(np.partition(of_strong, len(of_strong) - _MOST_EXACT)[len(of_strong) - _MOST_EXACT])
        strong = strong[of_strong >= limit]
    weak = np.flatnonzero(is_drawn & (heights < limit))
    of_weak = heights[weak]
    n_rows = int(np.ceil(limit * _ROWS)) + 1
    # Adding the number of the chromosome keeps the cells of neighbouring chromosomes apart.
    column = (x[weak] * (_COLUMNS / max(width, 1.0))).astype(np.int32) + groups[weak].astype(np.int32)
    cell = column * n_rows + (of_weak * _ROWS).astype(np.int32)
    highest = np.full(int(cell.max(initial=0)) + 1, -1.0)
    np.maximum.at(highest, cell, of_weak)
    is_best = of_weak == highest[cell]
    # Of equal SNPs the first.
    first = np.unique(cell[is_best], return_index=True)[1]
    return np.sort(np.concatenate([strong, weak[is_best][first]]))
