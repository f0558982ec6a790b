"""Association tables of different programs in one form, and the numbers that compare two of them.

SNPs are matched by id. Effects are oriented to allele1 of the first table. Ties (SNPs in complete linkage disequilibrium have
equal p-values, which programs print with different digits) never count as a difference of order.
"""

import collections
import csv
import dataclasses
import pathlib

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

TIE = 1e-4  # p-values whose relative difference is below this are equal in rank; the coarsest table has five digits
MEDIAN_CHI2 = float(stats.chi2.median(1))


@dataclasses.dataclass
class Table:
    """Tested SNPs of one run, in the order of the file."""

    rs: list[str]
    allele1: list[str]  # the allele whose copies `beta` counts
    allele0: list[str]  # "" if the program does not report it
    beta: Array  # NaN where the program reports no effect
    se: Array
    p: Array

    def __post_init__(self) -> None:
        repeated = [rs for rs, count in collections.Counter(self.rs).items() if count > 1]
        if repeated:
            raise ValueError(f"{len(repeated)} SNP ids appear more than once, the first is {repeated[0]}; tables are matched by SNP id")


@dataclasses.dataclass
class Aligned:
    """The SNPs of two tables that both programs give a p-value; `second` is oriented to the alleles of `first`."""

    rs: list[str]
    first: Table
    second: Table
    counts: dict[str, int]


def number(text: str) -> float:
    """A number of a table; NaN for an empty field, NA and the like."""
    return float("nan") if text.strip().lower() in ("", "na", "nan", ".", "none") else float(text)


def read_table(path: pathlib.Path, columns: dict[str, str], delimiter: str = "\t") -> Table:
    """Read a table with a header; `columns` names the columns of rs, allele1, p and, if there, allele0, beta and se.

    A comment sign before the header is removed. With `delimiter=" "`, columns are separated by any number of blanks.
    """
    lines = path.read_text().splitlines()
    if delimiter == " ":
        rows = [line.split() for line in lines]
    else:
        rows = list(csv.reader(lines, delimiter=delimiter))
    header = [name.lstrip("#") for name in rows[0]]
    lacking = [name for name in columns.values() if name not in header]
    if lacking:
        raise ValueError(f"{path}: no column {lacking[0]}; there are {', '.join(header)}")
    at = {field: header.index(name) for field, name in columns.items()}

    def texts(field: str) -> list[str]:
        return [row[at[field]] for row in rows[1:]] if field in at else [""] * (len(rows) - 1)

    def numbers(field: str) -> Array:
        return np.array([number(text) for text in texts(field)])

    return Table(texts("rs"), texts("allele1"), texts("allele0"), numbers("beta"), numbers("se"), numbers("p"))


def align(first: Table, second: Table) -> Aligned:
    """Match two tables by SNP id and orient the second to the alleles of the first.

    Counts: `first`, `second` (rows), `only_first`, `only_second`, `no_p` (in both tables, but one of them has no p-value), `flipped`,
    and `other_alleles` (the alleles are those of neither orientation: effects are not compared, p-values are) and `common`.
    """
    row_of = {rs: i for i, rs in enumerate(second.rs)}
    both = [(i, row_of[rs]) for i, rs in enumerate(first.rs) if rs in row_of]
    used = [(i, j) for i, j in both if not (np.isnan(first.p[i]) or np.isnan(second.p[j]))]
    signs = np.array([orientation(first, i, second, j) for i, j in used], dtype=float)
    a, b = (np.array([pair[k] for pair in used], dtype=int) for k in (0, 1))

    def rows(table: Table, index: NDArray[np.int_], sign: Array) -> Table:
        return Table([table.rs[i] for i in index], [first.allele1[i] for i in a], [first.allele0[i] for i in a], sign * table.beta[index],
                     np.where(np.isnan(sign), np.nan, table.se[index]), table.p[index])

    counts = {"first": len(first.rs), "second": len(second.rs), "only_first": len(first.rs) - len(both),
              "only_second": len(second.rs) - len(both), "no_p": len(both) - len(used), "common": len(used),
              "flipped": int((signs < 0).sum()), "other_alleles": int(np.isnan(signs).sum())}
    return Aligned([first.rs[i] for i in a], rows(first, a, np.ones(len(used))), rows(second, b, signs), counts)


def orientation(first: Table, i: int, second: Table, j: int) -> float:
    """1 if both effects count the same allele, -1 if they count different ones, NaN if the alleles do not agree."""
    if second.allele0[j] and first.allele0[i] and {first.allele1[i], first.allele0[i]} != {second.allele1[j], second.allele0[j]}:
        return float("nan")
    if second.allele1[j] == first.allele1[i]:
        return 1.0
    return -1.0 if second.allele1[j] == first.allele0[i] else float("nan")


def relative_difference(a: Array, b: Array) -> Array:
    """|a - b| / max(|a|, |b|), 0 where both are 0, NaN where one is NaN."""
    largest = np.maximum(np.abs(a), np.abs(b))
    return np.where(largest == 0, 0.0, np.abs(a - b) / np.where(largest == 0, 1.0, largest))


def lambda_gc(p: Array) -> float:
    """The genomic inflation factor: the median of the chi-square quantiles of p, divided by that of the null distribution."""
    return float(stats.chi2.isf(np.median(p), 1)) / MEDIAN_CHI2


def shared_top(a: Array, b: Array, k: int) -> int:
    """How many of the k smallest of `a` are among the k smallest of `b`; SNPs that tie with the k-th of `b` count."""
    k = min(k, len(a))
    if k == 0:
        return 0
    limit = np.partition(b, k - 1)[k - 1] * (1 + TIE)
    return int((b[np.argsort(a, kind="stable")[:k]] <= limit).sum())


def swapped_pairs(a: Array, b: Array, k: int) -> tuple[int, int]:
    """Of the pairs of the k smallest of `a`: how many have the opposite order in `b`, and how many are not ties in `a`."""
    top = np.argsort(a, kind="stable")[:k]
    i, j = np.triu_indices(len(top), 1)
    below = a[top[i]] < a[top[j]] * (1 - TIE)
    above = b[top[i]] > b[top[j]] * (1 + TIE)
    return int((below & above).sum()), int(below.sum())


def largest(rs: list[str], values: Array) -> tuple[float | None, str | None]:
    """The largest value and its SNP; None without any value that is not NaN."""
    if len(values) == 0 or np.isnan(values).all():
        return None, None
    at = int(np.nanargmax(values))
    return float(values[at]), rs[at]


def compare(first: Table, second: Table) -> dict:
    """Everything that accuracy.py reports about two tables, as plain numbers.

    p-values of 0 are counted; they have no -log10 p, and are not part of its difference.
    """
    aligned = align(first, second)
    a, b, rs = aligned.first, aligned.second, aligned.rs
    found: dict = {"counts": aligned.counts | {"zero_first": int((a.p == 0).sum()), "zero_second": int((b.p == 0).sum())}}
    if not rs:
        return found
    of_p = relative_difference(a.p, b.p)
    positive = (a.p > 0) & (b.p > 0)
    logs = np.full(len(rs), np.nan)
    logs[positive] = np.abs(np.log10(a.p[positive]) - np.log10(b.p[positive]))
    found["p"] = dict(zip(("largest", "snp"), largest(rs, of_p), strict=True)) | {"median": float(np.median(of_p))}
    found["log10_p"] = dict(zip(("largest", "snp"), largest(rs, logs), strict=True))
    if (~np.isnan(a.beta + b.beta)).any():
        of_beta = relative_difference(a.beta, b.beta)
        found["beta"] = dict(zip(("largest", "snp"), largest(rs, of_beta), strict=True)) | {
            "median": float(np.nanmedian(of_beta)), "largest_in_se": largest(rs, np.abs(a.beta - b.beta) / a.se)[0],
            "opposite_sign": int((a.beta * b.beta < 0).sum())}
    if (~np.isnan(a.se + b.se)).any():
        of_se = relative_difference(a.se, b.se)
        found["se"] = dict(zip(("largest", "snp"), largest(rs, of_se), strict=True)) | {"median": float(np.nanmedian(of_se))}
    found["lambda_gc"] = [lambda_gc(a.p), lambda_gc(b.p)]
    found["spearman"] = float(stats.spearmanr(a.p, b.p).statistic)
    found["top"] = {str(k): {"shared": shared_top(a.p, b.p, k), "of": min(k, len(rs)),
                             "swapped": swapped_pairs(a.p, b.p, k)[0], "pairs": swapped_pairs(a.p, b.p, k)[1]} for k in (10, 100)}
    found["best"] = [rs[int(np.argmin(a.p))], rs[int(np.argmin(b.p))]]
    return found
