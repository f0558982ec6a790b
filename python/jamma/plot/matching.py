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
    n_palindromic : int
        Number of SNPs with A/T or C/G, whose strand cannot be known; they are matched as they are written.
    """

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    sign: Floats
    by: str
    n_flipped: int
    n_other_strand: int
    n_different: int
    n_repeated: int
    n_palindromic: int


def match(first: Scan, second: Scan, by: By = "auto") -> Matched:
    """Match the SNPs of two tables.

    If a table has no effect allele, the same allele is assumed to be counted. If it has only the effect allele
    (PLINK 1.9), this one is compared.

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
    has_alleles = all("allele1" in frame.columns for frame in (a, b))
    has_both = has_alleles and all("allele0" in frame.columns for frame in (a, b))
    left, right = _keyed(a, way, has_alleles, has_both), _keyed(b, way, has_alleles, has_both)
    n_repeated = a.height + b.height - left.height - right.height
    if left.height == right.height and left["key"].equals(right["key"]):
        # The SNPs of two traits of a run: no search is needed.
        joined = pl.concat([left, right.drop("key").rename(lambda name: f"{name}_b")], how="horizontal")
    else:
        joined = left.join(right, on="key", how="inner", suffix="_b").sort("row")
    rows_a, rows_b = (joined[name].to_numpy().astype(np.intp) for name in ("row", "row_b"))
    if not has_alleles:
        sign = np.ones(len(rows_a))
        return Matched(rows_a, rows_b, sign, way, 0, 0, 0, n_repeated, 0)
    found = _related(joined)
    is_flipped = (found["swapped"] | found["turned_swapped"]) & ~found["same"]
    is_turned = (found["turned"] | found["turned_swapped"]) & ~found["same"] & ~found["swapped"]
    is_matched = found["same"] | found["swapped"] | is_turned
    return Matched(
        rows_a[is_matched],
        rows_b[is_matched],
        np.where(is_flipped, -1.0, 1.0)[is_matched],
        way,
        int((is_flipped & is_matched).sum()),
        int(is_turned.sum()),
        int((~is_matched).sum()),
        n_repeated,
        int((found["palindromic"] & is_matched).sum()),
    )


def _related(joined: pl.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """How the alleles of the second table are related to those of the first; an empty allele is unknown."""
    effect, other = pl.col("allele1"), pl.col("allele0")
    effect_b, other_b = pl.col("allele1_b"), pl.col("allele0_b")

    def equal(effect_b: pl.Expr, other_b: pl.Expr) -> pl.Expr:
        is_open = (other == "") | (other_b == "")
        return (effect == effect_b) & (is_open | (other == other_b))

    def swapped(effect_b: pl.Expr, other_b: pl.Expr) -> pl.Expr:
        by_first = (other == effect_b) & ((other_b == "") | (effect == other_b))
        by_second = (other == "") & (effect == other_b)
        return (effect_b != "") & ((other != "") & by_first | (other_b != "") & by_second)

    pair = pl.when(other != "").then(effect + other).otherwise(effect_b + other_b)
    is_palindromic = pair.is_in(["AT", "TA", "CG", "GC"])
    turned, turned_other = (one.replace(_COMPLEMENT) for one in (effect_b, other_b))
    # A/T and C/G look the same on both strands, and one allele in each table does not show the strand: as written.
    letters = list(_COMPLEMENT)
    are_letters = effect_b.is_in(letters) & (other_b.is_in(letters) | (other_b == ""))
    has_strand = ~is_palindromic & are_letters & ((other != "") | (other_b != ""))
    found = joined.select(
        same=equal(effect_b, other_b),
        swapped=swapped(effect_b, other_b),
        turned=equal(turned, turned_other) & has_strand,
        turned_swapped=swapped(turned, turned_other) & has_strand,
        palindromic=is_palindromic,
    )
    return {name: found[name].to_numpy().astype(bool) for name in found.columns}


def _keyed(frame: pl.DataFrame, way: str, has_alleles: bool, has_both: bool) -> pl.DataFrame:
    """Rows with a key that identifies the SNP; keys of several rows are not matched.

    * `has_alleles`, `has_both`: whether both tables have the effect allele, and the other one too
    """
    columns = [pl.int_range(pl.len(), dtype=pl.Int64).alias("row")]
    if has_alleles:
        columns += [
            _alleles(frame, name).alias(name) if name in frame.columns else pl.lit("").alias(name)
            for name in ("allele1", "allele0")
        ]
    if way == "id":
        columns.append(pl.col("rs").cast(pl.String).alias("key"))
    else:
        names = frame["chr"].cast(pl.String)
        # chr1, Chr01 and 1 are one chromosome.
        same = {name: str(natural_key(name)) for name in names.unique().to_list() if name is not None}
        chromosome = names.replace(same)
        columns.append(pl.concat_str([chromosome, pl.col("ps").cast(pl.Int64)], separator=":").alias("key"))
    found = frame.select(columns)
    if way == "position" and has_both:
        # SNPs at the same position are told apart by their alleles, in either order and on either strand.
        pairs = [pl.min_horizontal("allele1", "allele0"), pl.max_horizontal("allele1", "allele0")]
        turned = [pl.col(name).replace(_COMPLEMENT) for name in ("allele1", "allele0")]
        own = pl.concat_str(pairs, separator="/")
        other = pl.concat_str([pl.min_horizontal(turned), pl.max_horizontal(turned)], separator="/")
        found = found.with_columns(pl.concat_str(["key", pl.min_horizontal(own, other)], separator=":").alias("key"))
    found = found.filter(pl.col("key").is_not_null() & ~pl.col("key").is_in([".", "NA", ""]))
    return found.filter(pl.col("key").is_unique())


def _alleles(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of alleles in upper case; an unknown one is empty."""
    alleles = pl.col(name).cast(pl.String).str.to_uppercase().fill_null("")
    return pl.when(alleles.is_in([".", "0", "NA"])).then(pl.lit("")).otherwise(alleles)
