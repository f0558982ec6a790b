"""The -log10 p axis: linear, and compressed where only a few strong loci are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .style import INK, LINE, TICK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AUTO_ABOVE, AUTO_BREAK = 25.0, 20.0
"""With SNPs above the first, the axis is compressed from the second on."""
_LOWER = 0.76
"""The fraction of the axis that is linear."""


class Compressed:
    """A scale that is linear up to `bend`, and linear with a smaller unit above it, up to `top`."""

    def __init__(self, bend: float, top: float) -> None:
        self.bend = bend
        self.slope = bend * (1 - _LOWER) / _LOWER / max(top - bend, 1e-9)

    def forward(self, y: Any) -> Any:
        """The height on paper, in units of the lower part."""
        y = np.asarray(y, dtype=np.float64)
        return np.where(y <= self.bend, y, self.bend + (y - self.bend) * self.slope)

    def inverse(self, height: Any) -> Any:
        """The value at a height on paper."""
        height = np.asarray(height, dtype=np.float64)
        return np.where(height <= self.bend, height, self.bend + (height - self.bend) / self.slope)


def bend_of(compress: float | Literal["auto"] | None, highest: float) -> float | None:
    """Where the axis is compressed, if it is.

    Raises
    ------
    ValueError
        If `compress` is not a positive number, "auto" or None.
    """
    if compress is None:
        return None
    if compress == "auto":
        return AUTO_BREAK if highest > AUTO_ABOVE else None
    if isinstance(compress, str) or not float(compress) > 0.0:
        raise ValueError(f"compress: expected a positive number, 'auto' or None, found {compress!r}")
    return float(compress) if highest > float(compress) else None


def set_scale(axes: Axes, top: float, bend: float | None, *, is_downward: bool = False) -> None:
    """The axis from 0 to `top`, compressed above `bend`, with a mark there."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

    if bend is not None:
        scale = Compressed(bend, top)
        axes.set_yscale("function", functions=(scale.forward, scale.inverse))
        below = MaxNLocator(5, integer=True).tick_values(0.0, bend)
        above = MaxNLocator(3, integer=True, steps=[1, 2, 5, 10]).tick_values(bend, top)
        room = (top - bend) * 0.15
        ticks = [y for y in below if 0 <= y <= bend] + [y for y in above if bend + room < y <= top]
        axes.yaxis.set_major_locator(FixedLocator(ticks))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_yticks(ticks, [f"{y:g}" for y in ticks], fontsize=TICK)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=2))
    axes.set_ylim(*((top, 0.0) if is_downward else (0.0, top)))
    if bend is not None:
        _mark(axes, bend, top, is_downward)


def _mark(axes: Axes, bend: float, top: float, is_downward: bool) -> None:
    """Two slanted strokes across the axis, slightly above the bend."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    at = _LOWER + 0.025
    tilt, width, gap = 0.012, 0.006, 0.016
    if is_downward:
        at = 1 - at
    # A white stripe interrupts the spine.
    low, high = at - gap / 2, at + gap / 2
    corners = [(-width, low - tilt), (width, low + tilt), (width, high + tilt), (-width, high - tilt), (0, 0)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    common = {"transform": axes.transAxes, "clip_on": False, "zorder": 10}
    axes.add_patch(PathPatch(Path(corners, codes), facecolor="white", edgecolor="none", **common))
    for y in (low, high):
        stroke = Path([(-width, y - tilt), (width, y + tilt)])
        axes.add_patch(PathPatch(stroke, fill=False, edgecolor=INK, linewidth=LINE, **common))
