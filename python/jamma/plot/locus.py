"""The SNPs of a region, its lead SNP, and their r² with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .genes import is_same_chromosome
from .genotypes import PlinkFiles, r2_with
from .style import note
from .tables import Scan
from .values import Heights, numbers, tell

Floats = NDArray[np.float64]


@dataclass
class Locus:
    """The SNPs of a region, and its lead SNP."""

    chromosome: str
    start: float
    end: float
    rows: NDArray[np.intp]
    """Rows of the table with a p-value in the region."""
    ids: list[str]
    ps: Floats
    heights: Floats
    is_zero: NDArray[np.bool_]
    lead: int
    """Index of the lead SNP among `rows`."""

    @property
    def highest(self) -> float:
        return float(self.heights.max())


def locus_of(scan: Scan, heights: Heights, snp: str | None, region: str | None, window: float) -> Locus:
    chromosomes = scan.frame["chr"].cast(pl.String)
    ps, y = numbers(scan.frame, "ps"), heights.values
    lead_row = None if snp is None else _row_of(scan, snp, y)
    if region is not None:
        chromosome, start, end = _parsed(region)
        is_here = chromosomes.is_in(
            [name for name in chromosomes.unique().to_list() if name and is_same_chromosome(name, chromosome)]
        ).to_numpy()
        if not is_here.any():
            raise ValueError(f"region: the table has no chromosome {chromosome}")
        if not np.isfinite(end):
            start, end = float(np.nanmin(ps[is_here])), float(np.nanmax(ps[is_here]))
    else:
        if not np.isfinite(y).any():
            raise ValueError("no SNP has a p-value")
        centre = int(np.nanargmax(y)) if lead_row is None else lead_row
        chromosome = str(chromosomes[centre])
        is_here = (chromosomes == chromosome).to_numpy()
        start, end = max(ps[centre] - window, 0.0), ps[centre] + window
    with np.errstate(invalid="ignore"):
        inside = np.flatnonzero(is_here & (ps >= start) & (ps <= end))
    tell("the region", Heights(y[inside], heights.is_zero[inside]), "drawn at the smallest positive number")
    rows = inside[np.isfinite(y[inside])]
    if not len(rows):
        raise ValueError(f"region: no SNP with a p-value on chromosome {chromosome} from {start:.0f} to {end:.0f}")
    if lead_row is not None and lead_row not in rows:
        raise ValueError(f"snp: {snp} is not in the region {region}")
    lead = int(np.argmax(y[rows])) if lead_row is None else int(np.flatnonzero(rows == lead_row)[0])
    ids = scan.frame["rs"].cast(pl.String).gather(rows).to_list()
    return Locus(chromosome, float(start), float(end), rows, ids, ps[rows], y[rows], heights.is_zero[rows], lead)


def _row_of(scan: Scan, snp: str, y: Floats) -> int:
    rows = (scan.frame["rs"].cast(pl.String) == snp).arg_true().to_numpy()
    if not len(rows):
        raise ValueError(f"snp: there is no SNP {snp} in the table")
    if not np.isfinite(y[rows]).any():
        raise ValueError(f"snp: {snp} has no p-value")
    return int(rows[np.nanargmax(y[rows])])


def _parsed(region: str) -> tuple[str, float, float]:
    chromosome, colon, ends = region.rpartition(":")
    if not colon:
        return region, 0.0, np.inf
    first, dash, last = ends.replace(",", "").replace("_", "").partition("-")
    if not (dash and first.isdigit() and last.isdigit() and int(first) < int(last)):
        raise ValueError(f"region: expected chr:first-last in base pairs, such as 5:1000000-2000000, found {region!r}")
    return chromosome, float(first), float(last)


def r2_of(locus: Locus, genotypes: Any, r2: Any, n_rows: int) -> Floats | None:
    """r² of the SNPs of the locus with its lead SNP; NaN if it is not known. None if there is no source."""
    if genotypes is not None:
        return _of_genotypes(locus, genotypes)
    if r2 is None:
        return None
    if isinstance(r2, (str, os.PathLike)):
        r2 = _of_plink(Path(r2), locus.ids[locus.lead])
    if isinstance(r2, Mapping):
        found = np.array([float(r2.get(one, np.nan)) for one in locus.ids])
    else:
        values = np.asarray(r2, dtype=np.float64)
        if values.shape != (n_rows,):
            raise ValueError(
                f"r2: expected one number for each of the {n_rows} rows of the table, found {values.shape}"
            )
        found = values[locus.rows]
    with np.errstate(invalid="ignore"):
        if ((found < 0) | (found > 1 + 1e-6)).any():
            raise ValueError("r2: expected numbers from 0 to 1")
    return found


def _of_genotypes(locus: Locus, prefix: str | os.PathLike[str]) -> Floats:
    files = PlinkFiles.open(prefix)
    is_here = files.bim["rs"].is_in(locus.ids)
    rows = is_here.arg_true().to_numpy()
    by_id = dict(zip(files.bim["rs"].gather(rows).to_list(), rows.tolist(), strict=True))
    lead = locus.ids[locus.lead]
    if lead not in by_id:
        raise ValueError(f"{os.fspath(prefix)}.bim: there is no SNP {lead}, the lead SNP of the region")
    known = [k for k, one in enumerate(locus.ids) if one in by_id]
    found = np.full(len(locus.ids), np.nan)
    x = files.dosages([by_id[locus.ids[k]] for k in known])
    found[known] = r2_with(files.dosages([by_id[lead]])[:, 0], x)
    if absent := len(locus.ids) - len(known):
        note(f"{absent} of {len(locus.ids)} SNPs of the region are not in {os.fspath(prefix)}.bim; they have no colour")
    return found


def _of_plink(path: Path, lead: str) -> dict[str, float]:
    """r² by id from a table of pairs."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    with path.open(encoding="utf-8") as file:
        names = [name.lower().lstrip("#") for name in next(file, "").split()]
        a, b, value = (
            _index(path, names, of) for of in (("snp_a", "id_a"), ("snp_b", "id_b"), ("r2", "unphased_r2", "phased_r2"))
        )
        found = {lead: 1.0}
        for line in file:
            cells = line.split()
            if lead in (cells[a], cells[b]):
                found[cells[b] if cells[a] == lead else cells[a]] = float(cells[value])
    return found


def _index(path: Path, names: list[str], wanted: tuple[str, ...]) -> int:
    for name in wanted:
        if name in names:
            return names.index(name)
    raise ValueError(f"{path}: there is no column {' or '.join(wanted)}, only {', '.join(names)}")
