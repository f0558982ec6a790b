"""Chromosomes in natural order, and the coordinates of SNPs along the axis of a plot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# With more than _MOST_NAMED sequences, those with the fewest SNPs share one span at the end of the axis. If there are at
# least _FEW chromosomes and more than _FEW_OTHERS other sequences, all of the others share it.
_MOST_NAMED = 60
_FEW, _FEW_OTHERS = 3, 8
_GAP, _MOST_GAPS = 0.004, 0.08
"""Gap between chromosomes, and the most of all gaps together, as a fraction of the genome."""


@dataclass(frozen=True)
class Genome:
    """Coordinates of SNPs and spans of chromosomes along the axis.

    Attributes
    ----------
    names : list of str
        Names of the chromosomes in order; the last can be that of a group, such as +340.
    members : list of ndarray
        Indices of the SNPs of each chromosome.
    x : ndarray, shape (p,)
        Coordinate of each SNP: base pairs, with gaps between chromosomes.
    starts, ends : ndarray
        Coordinates of both ends of each chromosome.
    n_together : int
        Number of small sequences that share the last span.
    """

    names: list[str]
    members: list[NDArray[np.intp]]
    x: Floats
    starts: Floats
    ends: Floats
    n_together: int = 0

    @property
    def width(self) -> float:
        return float(self.ends[-1]) if len(self.ends) else 1.0

    @property
    def spans(self) -> NDArray[np.intp]:
        """The number of the span of each SNP, shape (p,)."""
        found = np.zeros(len(self.x), dtype=np.intp)
        for k, here in enumerate(self.members):
            found[here] = k
        return found

    @staticmethod
    def of(chromosomes: NDArray[Any], ps: Floats) -> Genome:
        """The genome of SNPs on `chromosomes` at `ps`, both of shape (p,); `ps` may have NaN."""
        distinct, of_snp = np.unique(chromosomes, return_inverse=True)
        return Genome.of_numbers([str(name) for name in distinct], of_snp, ps)

    @staticmethod
    def of_numbers(distinct: list[str], of_snp: NDArray[np.integer], ps: Floats) -> Genome:
        """The genome of SNPs on the chromosomes `distinct[of_snp]`, each of which has a SNP."""
        if not distinct:
            return Genome([], [], np.zeros(0), np.zeros(0), np.zeros(0))
        # A chromosome II means that numbers are Roman: I is 1 and X is 10.
        is_roman = "ii" in {_bare(name) for name in distinct}
        keys = [natural_key(name, is_roman=is_roman) for name in distinct]
        order = sorted(range(len(distinct)), key=lambda k: keys[k])
        # Numbers of 16 bits are sorted in linear time.
        small = of_snp.astype(np.uint16) if len(distinct) < 2**16 else of_snp
        by_chromosome = np.split(np.argsort(small, kind="stable"), np.cumsum(np.bincount(of_snp))[:-1])
        ps = _known(ps, by_chromosome)
        groups = [[k] for k in order]
        names = [str(distinct[k]) for k in order]
        named = _named(order, keys, [len(members) for members in by_chromosome])
        rest = [k for k in order if k not in named]
        if rest:
            groups = [[k] for k in order if k in named] + [rest]
            names = [str(distinct[k]) for k in order if k in named] + [f"+{len(rest)}"]
        x = np.zeros(len(ps))
        spans: list[tuple[float, float]] = []
        gap = _gap([_span(ps[by_chromosome[k]]) for k in order])
        end = -gap
        for group in groups:
            start = end = end + gap
            for k in group:
                here = by_chromosome[k]
                width = _span(ps[here])
                x[here] = end + (ps[here] - ps[here].min() if np.ptp(ps[here]) > 0 else np.arange(len(here)))
                end += width
            spans.append((start, end))
        members = [np.concatenate([by_chromosome[k] for k in group]) for group in groups]
        starts, ends = np.array(spans).reshape(-1, 2).T
        return Genome(names, members, x, starts, ends, len(rest))


def _known(ps: Floats, by_chromosome: list[NDArray[np.intp]]) -> Floats:
    """Positions; a SNP without one gets the start of its chromosome."""
    if np.isfinite(ps).all():
        return ps
    ps = ps.copy()
    for here in by_chromosome:
        found = ps[here]
        is_known = np.isfinite(found)
        ps[here] = np.where(is_known, found, np.min(found, initial=np.inf, where=is_known) if is_known.any() else 0.0)
    return ps


def _named(order: list[int], keys: list[Any], sizes: list[int]) -> set[int]:
    """The chromosomes with a span of their own: all, except for the scaffolds of a large assembly."""
    chromosomes = [k for k in order if keys[k][0] <= _LAST_CHROMOSOME]
    n_others = len(order) - len(chromosomes)
    if len(chromosomes) >= _FEW and n_others > _FEW_OTHERS:
        return set(chromosomes)
    if len(order) <= _MOST_NAMED:
        return set(order)
    # Chromosomes first, then the scaffolds with the most SNPs.
    kept = sorted(order, key=lambda k: (keys[k][0] > _LAST_CHROMOSOME, -sizes[k]))
    return set(kept[: _MOST_NAMED - 1])


def _span(ps: Floats) -> float:
    """The width of a chromosome in base pairs; without positions SNPs are one unit apart."""
    return max(float(np.ptp(ps)) if np.ptp(ps) > 0 else float(len(ps) - 1), 1.0)


def _gap(spans: list[float]) -> float:
    return min(_GAP, _MOST_GAPS / max(len(spans), 1)) * sum(spans)


_ORDER = ("x", "y", "xy", "mt")
# Birds have Z and W, and the mitochondrion has several names.
_SAME = {"m": "mt", "mito": "mt", "par": "xy", "w": "y", "z": "x"}
_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")
_LAST_CHROMOSOME = 1


def _bare(chromosome: str) -> str:
    """The name of a chromosome in lower case, without `chr`."""
    return re.sub(r"^(chromosome|chrom|chr)[_.-]?(?=.)", "", chromosome.strip().lower())


def natural_key(chromosome: str, *, is_roman: bool = False) -> tuple[int, int, list[tuple[int, int, str]]]:
    """Sort key of a chromosome: numbers by size, X, Y, XY, MT, then other names, with the numbers in them by size.

    `chr1`, `Chr01` and `1` all count as 1; with `is_roman` so does I, and X counts as 10.
    """
    name = _bare(chromosome)
    if is_roman and (roman := _ROMAN.fullmatch(name)) and name:
        units = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix").index(roman[2])
        name = str(10 * len(roman[1]) + units)
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name)]
    if name.isdigit():
        return 0, int(name), parts
    if (short := _SAME.get(name, name)) in _ORDER:
        return _LAST_CHROMOSOME, _ORDER.index(short), parts
    # 2L and 2R are arms of a chromosome; 1A, 1B and 1D are of the subgenomes of a polyploid.
    if re.fullmatch(r"\d{1,2}[a-z]{1,2}", name):
        return 0, parts[0][1], parts
    return _LAST_CHROMOSOME + 1, 0, parts
