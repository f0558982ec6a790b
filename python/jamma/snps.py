"""Records of the SNPs of genotypes in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .genotypes import Genotypes

NAMES = ("chr", "rs", "ps", "cm", "allele1", "allele0")
"""The columns that `bim` may have."""
_OF_INDEX = ("rs", "snp", "snps", "id", "rsid", "snp_id", "variant", "variants", "variant_id", "marker", "markers")
"""Names of an index that contains ids of SNPs."""


_BREAKS = "\t\n\r"


def named_snps(x: Genotypes, bim: Any) -> tuple[list[str], list[str], list[int], list[str], list[str]]:
    """chr, rs, ps, allele1 and allele0 of each SNP; the defaults are 0, snp1, snp2, ..., 0, A and B.

    Columns of `bim` take precedence over the records of the genotypes. Rows of `bim` are matched with the columns of the
    genotypes by id if both have ids; else they must be in the same order.

    Raises
    ------
    ValueError
        If `bim` has another number of SNPs or other ids, an unknown column, or a position that is not a whole number.
    """
    p = x.shape[1]
    columns = _columns(bim)
    if unknown := sorted(set(columns) - set(NAMES)):
        raise ValueError(f"bim: unknown column {unknown[0]!r}, expected chr, rs, ps, allele1 and allele0")
    order = _order(x.names, columns.get("rs"))

    def column(name: str, otherwise: Iterable[Any]) -> list[Any]:
        values = columns.get(name)
        if values is None:
            return x.records.get(name) or list(otherwise)
        if order is not None:
            values = [values[row] for row in order]
        if len(values) != p:
            raise ValueError(f"bim: column {name} has {len(values)} values, but there are {p} SNPs")
        return values

    rs = x.names or [f"snp{s + 1}" for s in range(p)]

    def texts(name: str, absent: str, otherwise: list[str]) -> list[str]:
        found = [_text(value, absent) for value in column(name, otherwise)]
        whole = "".join(found)
        if any(blank in whole for blank in _BREAKS):
            s = next(s for s, text in enumerate(found) if any(blank in text for blank in _BREAKS))
            raise ValueError(
                f"genotypes: {name} of SNP {s + 1} contains a tab or a line break, which tables cannot hold: {found[s]!r}"
            )
        return found

    return (
        texts("chr", "0", ["0"] * p),
        texts("rs", ".", rs),
        [_position(value) for value in column("ps", [0] * p)],
        texts("allele1", "0", ["A"] * p),
        texts("allele0", "0", ["B"] * p),
    )


def _order(names: list[str], rs: list[Any] | None) -> list[int] | None:
    """The row of `bim` for each column of the genotypes; None if they are in order already, or one side has no ids."""
    if not names or rs is None or _are_counted(names) or names == (ids := [_text(one, ".") for one in rs]):
        return None
    rows = {one: row for row, one in enumerate(ids)}
    if len(rows) < len(ids) or len(set(names)) < len(names):
        raise ValueError(
            "bim: its ids (rs) differ from the column names of the genotypes and cannot be matched, because ids repeat"
        )
    absent = [name for name in names if name not in rows]
    if absent:
        raise ValueError(
            f"bim: its ids (rs) differ from the column names of the genotypes: {len(absent)} of {len(names)} names are not "
            f"in bim (the first is {absent[0]!r}); omit rs if the rows are in the order of the columns"
        )
    return [rows[name] for name in names]


def _are_counted(names: list[str]) -> bool:
    """Whether names of columns are the defaults of pandas or polars."""
    return all(name in (str(k), f"column_{k}") for k, name in enumerate(names))


def _columns(bim: Any) -> dict[str, list[Any]]:
    if bim is None:
        return {}
    if isinstance(bim, Mapping):
        return {str(name): list(values) for name, values in bim.items()}
    if hasattr(bim, "column_names"):
        return {str(name): bim[name].to_pylist() for name in bim.column_names}
    if not hasattr(bim, "columns"):
        raise ValueError(f"bim: expected a frame or a mapping, found a {type(bim).__name__}")
    columns = {str(name): list(bim[name].to_list()) for name in bim.columns}
    index = getattr(bim, "index", None)
    if "rs" not in columns and index is not None and index.nlevels == 1:
        # An index of numbers may be a count of rows, or the rest of one; only its name can show that it has ids.
        kind = getattr(index, "categories", index).inferred_type
        is_named = str(index.name).lower().removeprefix("#") in _OF_INDEX
        if kind in ("string", "mixed") or is_named:
            columns["rs"] = index.to_list()
    return columns


def _text(value: Any, otherwise: str) -> str:
    """A value as a string; 1.0 becomes "1", because pandas stores whole numbers next to missing ones as floats."""
    if isinstance(value, str):
        return value
    if value is None or str(value) in ("nan", "<NA>", "NaN"):
        return otherwise
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _position(value: Any) -> int:
    text = _text(value, "0")
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"bim: the position {text} is not a whole number") from None
