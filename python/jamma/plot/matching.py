"""The same SNPs in two tables: matched by id, or by position and alleles, with the alleles in either order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..genome import natural_key

if TYPE_CHECKING:
    from .tables import Scan

Floats = NDArray[np.float64]
By = Literal["auto", "id", "position"]

_COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}


@dataclass(frozen=True)
class Matched:
    """Rows of the same SNPs in two tables.

    Attributes
    ----------
    a, b : ndarray of int, shape (m,)
        Rows in the first and in the second table.
    sign : ndarray, shape (m,)
        -1 if the second table counts the other allele, so that its effects change their sign; else 1.
    by : str
        "id" or "position".
    n_flipped : int
        Number of SNPs of which the second table counts the other allele.
    n_other_strand : int
        Number of SNPs whose alleles are those of the other strand.
    n_different : int
        Number of SNPs that are not matched, because their alleles differ.
    n_repeated : int
        Number of rows that are not matched, because their table has several rows of this id, or position and alleles.
    """

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    sign: Floats
    by: str
    n_flipped: int
    n_other_strand: int
    n_different: int
    n_repeated: int


def match(first: Scan, second: Scan, by: By = "auto") -> Matched:
    """Match the SNPs of two tables.

    Without alleles in both tables, the same allele is assumed to be counted.

    Parameters
    ----------
    by : {"auto", "id", "position"}
        What identifies a SNP: its id; or chromosome, position and alleles. "auto" takes the one that matches more SNPs, the
        id if they match the same number.

    Raises
    ------
    ValueError
        If no SNP is in both tables, or `by` is none of these.
    """
    if by not in ("auto", "id", "position"):
        raise ValueError(f"by: expected 'auto', 'id' or 'position', found {by!r}")
    a, b = first.frame, second.frame
    ways = {"id": ("rs",), "position": ("chr", "ps")}
    found: list[Matched] = []
    for way, columns in ways.items():
        if found and len(found[0].a) == min(a.height, b.height):
            break
        has_columns = all(name in frame.columns for name in columns for frame in (a, b))
        if by in ("auto", way) and has_columns:
            found.append(_matched(a, b, way))
        elif by == way:
            raise ValueError(f"by: {way!r} needs the columns {' and '.join(columns)} in both tables")
    best = max(found, key=lambda one: len(one.a), default=None)
    if best is None or not len(best.a):
        raise ValueError("no SNP is in both tables, neither by id nor by position and alleles")
    return best


def _matched(a: pl.DataFrame, b: pl.DataFrame, way: str) -> Matched:
    has_alleles = all(name in frame.columns for name in ("allele1", "allele0") for frame in (a, b))
    left, right = _keyed(a, way, has_alleles), _keyed(b, way, has_alleles)
    n_repeated = a.height + b.height - left.height - right.height
    if left.height == right.height and left["key"].equals(right["key"]):
        # The SNPs of two traits of a run: no search is needed.
        joined = pl.concat([left, right.drop("key").rename(lambda name: f"{name}_b")], how="horizontal")
    else:
        joined = left.join(right, on="key", how="inner", suffix="_b").sort("row")
    rows_a, rows_b = (joined[name].to_numpy().astype(np.intp) for name in ("row", "row_b"))
    if not has_alleles:
        sign = np.ones(len(rows_a))
        return Matched(rows_a, rows_b, sign, way, 0, 0, 0, n_repeated)
    effect, other, effect_b, other_b = (joined[name] for name in ("allele1", "allele0", "allele1_b", "allele0_b"))
    is_same = ((effect == effect_b) & (other == other_b)).to_numpy()
    is_swapped = ((effect == other_b) & (other == effect_b)).to_numpy()
    # A/T and C/G look the same on both strands: they are matched as written.
    turned, turned_other = (_complement(one) for one in (effect_b, other_b))
    is_turned = ((effect == turned) & (other == turned_other)).to_numpy() & ~is_same & ~is_swapped
    is_turned_swapped = ((effect == turned_other) & (other == turned)).to_numpy() & ~is_same & ~is_swapped
    is_flipped = (is_swapped | is_turned_swapped) & ~is_same
    is_matched = is_same | is_swapped | is_turned | is_turned_swapped
    return Matched(
        rows_a[is_matched],
        rows_b[is_matched],
        np.where(is_flipped, -1.0, 1.0)[is_matched],
        way,
        int(is_flipped.sum()),
        int((is_turned | is_turned_swapped).sum()),
        int((~is_matched).sum()),
        n_repeated,
    )


def _complement(alleles: pl.Series) -> pl.Series:
    return alleles.replace(_COMPLEMENT)


def _keyed(frame: pl.DataFrame, way: str, has_alleles: bool) -> pl.DataFrame:
    """Rows with a key that identifies the SNP; keys of several rows are not matched."""
    columns = [pl.int_range(pl.len(), dtype=pl.Int64).alias("row")]
    if has_alleles:
        columns += [pl.col(name).cast(pl.String).str.to_uppercase() for name in ("allele1", "allele0")]
    if way == "id":
        columns.append(pl.col("rs").cast(pl.String).alias("key"))
    else:
        names = frame["chr"].cast(pl.String)
        # chr1, Chr01 and 1 are one chromosome.
        same = {name: str(natural_key(name)) for name in names.unique().to_list() if name is not None}
        chromosome = names.replace(same)
        columns.append(pl.concat_str([chromosome, pl.col("ps").cast(pl.Int64)], separator=":").alias("key"))
    found = frame.select(columns)
    if way == "position" and has_alleles:
        # SNPs at the same position are told apart by their alleles, in either order and on either strand.
        pairs = [pl.min_horizontal("allele1", "allele0"), pl.max_horizontal("allele1", "allele0")]
        turned = [pl.col(name).replace(_COMPLEMENT) for name in ("allele1", "allele0")]
        own = pl.concat_str(pairs, separator="/")
        other = pl.concat_str([pl.min_horizontal(turned), pl.max_horizontal(turned)], separator="/")
        found = found.with_columns(pl.concat_str(["key", pl.min_horizontal(own, other)], separator=":").alias("key"))
    found = found.filter(pl.col("key").is_not_null() & (pl.col("key") != "."))
    return found.filter(pl.col("key").is_unique())
