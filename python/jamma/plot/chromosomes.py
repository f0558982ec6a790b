"""The genome axis: coordinates of the SNPs of one or several tables, and the names of chromosomes that fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..genome import Genome
from .style import LABEL, TICK
from .values import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .tables import Scan

Floats = NDArray[np.float64]

_EM = 0.56
"""Mean width of a letter or digit, in units of the font size."""
_LAYOUT_GAIN = 1.15
"""How much the constrained layout usually widens axes."""
_LONGEST = 16
"""Longer names are shortened in the middle."""
_MARGIN = 0.008
"""Room at both ends of the axis, as a fraction of the genome."""


def genome_of(scans: Sequence[Scan]) -> tuple[Genome, list[slice]]:
    """The genome of the SNPs of all `scans`, one after the other, and where the SNPs of each are."""
    for scan in scans:
        scan.needs("chr", "ps")
    lengths = [scan.frame.height for scan in scans]
    ends = np.cumsum([0, *lengths])
    slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    columns = [scan.frame["chr"].cast(pl.String).fill_null("?") for scan in scans]
    chromosomes: pl.Series = pl.concat(columns) if len(columns) > 1 else columns[0]
    distinct = chromosomes.unique().sort()
    of_snp = chromosomes.cast(pl.Enum(distinct)).to_physical().to_numpy()
    ps = np.concatenate([numbers(scan.frame, "ps") for scan in scans])
    return Genome.of_numbers(distinct.to_list(), of_snp, ps), slices


def set_limits(axes: Axes, genome: Genome) -> None:
    """Show the whole genome."""
    axes.set_xlim(-_MARGIN * genome.width, (1 + _MARGIN) * genome.width)


def name_chromosomes(axes: Axes, genome: Genome) -> None:
    """Write the names of chromosomes that fit; long names are rotated if there is too little room."""
    if not genome.names:
        axes.set_xticks([])
        return
    middles = (genome.starts + genome.ends) / 2
    names = short(genome.names)
    longest = max((len(name) for name in names if not name.startswith("+")), default=1)
    letter = _EM * TICK / 72.0 / width_in_inches(axes) * genome.width
    is_turned = longest > 3 and any(b - a < letter * (longest + 1) for a, b in pairwise(middles))
    rooms = [letter * (2.1 if is_turned else len(name) + 0.5) / 2 for name in names]
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
    axes.set_xticks(ticks, shown, fontsize=TICK)
    axes.tick_params(axis="x", length=0, pad=3, labelrotation=90 if is_turned else 0)


def name_axis(axes: Axes, genome: Genome) -> None:
    """The title of the axis."""
    together = f" (+{genome.n_together}: others, side by side)" if genome.n_together else ""
    axes.set_xlabel(f"Chromosome{together}", fontsize=LABEL)


def width_in_inches(axes: Axes) -> float:
    """The width of the axes; before the layout of a new figure, what the layout will probably make of it."""
    figure: Any = axes.figure
    width = float(axes.get_window_extent().width / figure.dpi)
    return max(width if figure.get_layout_engine() is None else _LAYOUT_GAIN * width, 0.5)


def short(names: list[str]) -> list[str]:
    """Names for the axis: without a `chr` that all of them have, and with long ones shortened in the middle."""
    if all((name.lower().startswith("chr") and len(name) > 3) or name.startswith("+") for name in names):
        names = [name if name.startswith("+") else name[3:].lstrip("_") for name in names]
    return [name if len(name) <= _LONGEST else f"{name[:7]}…{name[-7:]}" for name in names]
