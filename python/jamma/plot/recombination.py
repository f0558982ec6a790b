"""Recombination rates from a genetic map, behind the SNPs of a regional plot."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .genes import is_same_chromosome
from .style import COLOURS, LABEL, dressed, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def rates(source: Any, chromosome: str, start: float, end: float) -> tuple[Floats, Floats]:
    """Positions and recombination rates of the region."""
    if isinstance(source, (str, os.PathLike)):
        frame, name = _read_map(Path(source)), os.fspath(source)
    else:
        frame, name = (source if isinstance(source, pl.DataFrame) else pl.DataFrame(dict(source))), "recombination"
    columns = {column.lower(): column for column in frame.columns}
    of_chromosome = next((columns[key] for key in columns if key.startswith("chr") or key == "#chrom"), None)
    position = next((columns[key] for key in columns if key in ("ps", "bp") or key.startswith("pos")), None)
    rate = next((columns[key] for key in columns if "rate" in key or "cm/mb" in key), None)
    if position is None or rate is None:
        raise ValueError(
            f"{name}: expected columns of positions and of rates (cM/Mb), found {', '.join(frame.columns)}"
        )
    if of_chromosome is not None:
        texts = frame[of_chromosome].cast(pl.String)
        same = [one for one in texts.unique().to_list() if one and is_same_chromosome(one, chromosome)]
        frame = frame.filter(texts.is_in(same))
    try:
        x, y = (frame[one].cast(pl.Float64).to_numpy() for one in (position, rate))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{name}: a position or rate is not a number: {str(error).splitlines()[0]}") from error
    is_near = (x >= start) & (x <= end)
    # A rate holds up to the next position, so the one before the region counts too.
    before, after = np.flatnonzero(x < start), np.flatnonzero(x > end)
    rows = np.flatnonzero(is_near)
    rows = np.concatenate([before[-1:], rows, after[:1]]).astype(np.intp)
    if not len(rows):
        note(f"{name}: there is no recombination rate in the region")
    return x[rows], y[rows]


def _read_map(path: Path) -> pl.DataFrame:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    is_gzip = path.suffix in (".gz", ".bgz")
    with gzip.open(path, "rt") if is_gzip else path.open(encoding="utf-8") as file:
        rows = [line.split("\t") if "\t" in line else line.split() for line in file.read().splitlines() if line.strip()]
    if len(rows) < 2 or len(rows[0]) < 2:
        raise ValueError(f"{path}: not a genetic map: expected a header and columns of positions and rates")
    width = len(rows[0])
    for k, row in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"{path}: line {k + 1} has {len(row)} fields, the header has {width}")
    return pl.DataFrame({name: [row[k] for row in rows[1:]] for k, name in enumerate(rows[0])})


def draw(axes: Axes, ps: Floats, rates: Floats) -> None:
    right = axes.twinx()
    dressed(right)
    right.spines["right"].set_visible(True)
    right.spines["left"].set_visible(False)
    right.plot(ps / 1e6, rates, color=COLOURS[1], linewidth=0.7, alpha=0.8, drawstyle="steps-post")
    right.set_ylim(0, max(100.0, 1.1 * float(np.nanmax(rates, initial=0.0))))
    right.set_ylabel("Recombination rate (cM/Mb)", fontsize=LABEL)
    # The SNPs are drawn on top of the line.
    axes.set_zorder(right.get_zorder() + 1)
    axes.patch.set_visible(False)
