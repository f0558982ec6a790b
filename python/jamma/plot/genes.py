"""Genes of a region from GFF3, GTF or BED files, and the track below a regional plot."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..genome import natural_key
from .chromosomes import width_in_inches
from .style import COLOURS, INK, LINE, SMALL, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 6
"""Most rows of genes; of further genes only their number is shown."""
_EM = 0.58
_GENES = ("gene", "ncRNA_gene", "pseudogene")
_PARTS = ("exon", "CDS")


@dataclass
class Gene:
    """A gene: its name, its ends in base pairs from 1, its strand ("+", "-" or ".") and its exons.

    Examples
    --------
    >>> jamma.plot.Gene("Abc1", 1_000, 9_000, "+", exons=[(1_000, 1_500), (8_000, 9_000)]).strand
    '+'
    """

    name: str
    start: float
    end: float
    strand: str = "."
    exons: list[tuple[float, float]] = field(default_factory=list)


def is_same_chromosome(a: str, b: str) -> bool:
    """Whether two names mean the same chromosome: chr1, Chr01 and 1."""
    return a == b or natural_key(a) == natural_key(b)


def genes_of(source: Any, chromosome: str, start: float, end: float) -> list[Gene]:
    """The genes of a region, ordered by their start.

    Parameters
    ----------
    source : path, or sequence of Gene
        A GFF3, GTF or BED file, also compressed by gzip; its extension determines the format.
    chromosome, start, end
        The region, in base pairs from 1.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If the extension is not known, or a line is malformed.
    """
    if not isinstance(source, (str, os.PathLike)):
        found = [gene for gene in source if gene.end >= start and gene.start <= end]
        return sorted(found, key=lambda gene: gene.start)
    path = Path(source)
    kind = re.sub(r"\.(gz|bgz)$", "", path.name.lower()).rpartition(".")[2]
    if kind in ("gff", "gff3", "gtf"):
        found = _of_gff(path, chromosome, start, end, is_gtf=kind == "gtf")
    elif kind == "bed":
        found = _of_bed(path, chromosome, start, end)
    else:
        raise ValueError(f"{path}: the extension must be .gff, .gff3, .gtf or .bed, also with .gz")
    return sorted(found, key=lambda gene: (gene.start, gene.end))


def _rows(path: Path, n_columns: int, chromosome: str) -> pl.DataFrame:
    """The lines of the chromosome; columns are c0, c1, ..."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        frame = pl.read_csv(
            path,
            separator="\t",
            has_header=False,
            infer_schema=False,
            quote_char=None,
            comment_prefix="#",
            truncate_ragged_lines=True,
            glob=False,
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame({f"c{k}": pl.Series([], dtype=pl.String) for k in range(12)})
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from error
    if frame.width < n_columns:
        raise ValueError(f"{path}: expected at least {n_columns} columns separated by tabs, found {frame.width}")
    frame = frame.rename({name: f"c{k}" for k, name in enumerate(frame.columns)})
    names = [name for name in frame["c0"].unique().to_list() if name and is_same_chromosome(name, chromosome)]
    return frame.filter(pl.col("c0").is_in(names))


def _numbers(path: Path, frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    try:
        return frame.with_columns(pl.col(name).cast(pl.Float64) for name in columns)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path}: a position is not a number: {str(error).splitlines()[0]}") from error


def _of_gff(path: Path, chromosome: str, start: float, end: float, *, is_gtf: bool) -> list[Gene]:
    frame = _numbers(path, _rows(path, 9, chromosome), ("c3", "c4"))
    frame = frame.filter((pl.col("c4") >= start) & (pl.col("c3") <= end))
    read = _gtf_attributes if is_gtf else _gff_attributes
    genes: dict[str, Gene] = {}
    parents: dict[str, str] = {}
    parts: list[tuple[str, float, float]] = []
    kinds, starts, ends, strands, attributes = (frame[f"c{k}"].to_list() for k in (2, 3, 4, 6, 8))
    for kind, first, last, strand, text in zip(kinds, starts, ends, strands, attributes, strict=True):
        of = read(text or "")
        own = of.get("gene_id", "") if is_gtf else of.get("ID", "")
        name = of.get("gene_name") or of.get("Name") or of.get("gene") or of.get("gene_id") or own
        parent = own if is_gtf else of.get("Parent", "").split(",")[0]
        if kind in _GENES:
            genes[own or name] = Gene(name.removeprefix("gene:"), first, last, strand)
        elif kind in _PARTS:
            parts.append((parent, first, last))
        if own and parent and not is_gtf:
            parents[own] = parent
        if is_gtf and own not in genes and kind in ("transcript", *_PARTS):
            # Some GTF files have no lines of genes.
            genes[own] = Gene(name, first, last, strand)
        elif is_gtf:
            genes[own].start, genes[own].end = min(genes[own].start, first), max(genes[own].end, last)
    for parent, first, last in parts:
        for _ in range(4):
            if parent in genes:
                genes[parent].exons.append((first, last))
                break
            parent = parents.get(parent, "")
    return list(genes.values())


def _gff_attributes(text: str) -> dict[str, str]:
    from urllib.parse import unquote

    pairs = (part.partition("=") for part in text.split(";"))
    return {key.strip(): unquote(value.strip()) for key, _, value in pairs}


def _gtf_attributes(text: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+) "([^"]*)"', text))


def _of_bed(path: Path, chromosome: str, start: float, end: float) -> list[Gene]:
    """BED counts from 0 and excludes the end; BED12 has exons as blocks. Lines may differ in their number of fields."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    names: dict[str, bool] = {}
    found = []
    with gzip.open(path, "rt") if is_gzip else path.open(encoding="utf-8") as text:
        for number, line in enumerate(text, start=1):
            row = line.rstrip("\r\n").split("\t")
            if not line.strip() or line.startswith(_NO_GENE):
                continue
            if len(row) < 3:
                raise ValueError(
                    f"{path}: line {number}: expected at least 3 columns separated by tabs, found {len(row)}"
                )
            if row[0] not in names:
                names[row[0]] = is_same_chromosome(row[0], chromosome)
            if not names[row[0]]:
                continue
            try:
                first, last = float(row[1]) + 1, float(row[2])
            except ValueError:
                raise ValueError(f"{path}: line {number}: a position is not a number") from None
            if last >= start and first <= end:
                found.append(_gene_of(row, first, last))
    return found


_NO_GENE = ("#", "track", "browser")
"""How lines of a BED file begin that are not genes."""


def _gene_of(row: list[str], first: float, last: float) -> Gene:
    name = row[3] if len(row) > 3 and row[3] else f"{int(first)}"
    gene = Gene(name, first, last, row[5] if len(row) > 5 and row[5] in ("+", "-") else ".")
    if len(row) >= 12:
        sizes, offsets = ([float(one) for one in row[k].split(",") if one] for k in (10, 11))
        gene.exons = [(first + at, first + at + size - 1) for size, at in zip(sizes, offsets, strict=False)]
    return gene


def rows_of(genes: list[Gene], rooms: list[tuple[float, float]]) -> list[int]:
    """The row of each gene: the first in which what it needs, from `rooms[k][0]` to `rooms[k][1]`, is free."""
    free: list[float] = []
    found = []
    for low, high in rooms:
        row = next((k for k, until in enumerate(free) if low >= until), len(free))
        if row == len(free):
            free.append(high)
        else:
            free[row] = high
        found.append(row)
    return found


def draw(axes: Axes, genes: list[Gene], start: float, end: float) -> int:
    """Draw the genes of the region from `start` to `end` (base pairs) in Mb; returns the number of rows."""
    width = width_in_inches(axes)
    letter = _EM * SMALL / 72.0 / width * (end - start)
    rooms = []
    for gene in genes:
        middle = (max(gene.start, start) + min(gene.end, end)) / 2
        half = letter * (len(gene.name) + 2) / 2
        # The name stays inside the axes.
        middle = min(max(middle, start + half), end - half) if end - start > 2 * half else (start + end) / 2
        low, high = min(middle - half, max(gene.start, start)), max(middle + half, min(gene.end, end))
        rooms.append((low, high + 0.5 * letter))
    order = sorted(range(len(genes)), key=lambda k: rooms[k][0])
    at = dict(zip(order, rows_of([genes[k] for k in order], [rooms[k] for k in order]), strict=True))
    hidden = sum(row >= MOST_ROWS for row in at.values())
    for k, gene in enumerate(genes):
        if at[k] < MOST_ROWS:
            _draw_gene(axes, gene, -at[k], start, end, (rooms[k][0] + rooms[k][1] - 0.5 * letter) / 2, letter)
    n_rows = min(max(at.values(), default=0) + 1, MOST_ROWS)
    if hidden:
        note(
            f"{hidden} of {len(genes)} genes of the region are not drawn: there is no room for them in {MOST_ROWS} rows"
        )
    axes.set_ylim(-n_rows + 0.25, 0.85)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return n_rows


def _draw_gene(axes: Axes, gene: Gene, y: float, start: float, end: float, middle: float, letter: float) -> None:
    from matplotlib.patches import Rectangle

    low, high = max(gene.start, start), min(gene.end, end)
    axes.plot([low / 1e6, high / 1e6], [y, y], color=COLOURS[0], linewidth=LINE + 0.2, solid_capstyle="butt")
    for first, last in gene.exons or [(gene.start, gene.end)]:
        first, last = max(first, low), min(last, high)
        if last >= first:
            # An exon is at least as wide as a hairline.
            wide = max(last - first, 0.0012 * (end - start))
            axes.add_patch(Rectangle((first / 1e6, y - 0.14), wide / 1e6, 0.28, color=COLOURS[0], linewidth=0))
    arrow = {"+": "{} →", "-": "← {}"}.get(gene.strand, "{}")
    half = letter * (len(gene.name) + 2) / 2
    centre = min(max((low + high) / 2, start + half), end - half) if end - start > 2 * half else middle
    axes.text(
        centre / 1e6,
        y + 0.24,
        arrow.format(gene.name),
        ha="center",
        va="bottom",
        fontsize=SMALL - 0.3,
        style="italic",
        color=INK,
    )
