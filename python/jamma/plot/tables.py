"""What the figures accept: results, frames, files and prefixes, as tables with the same names of columns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from .formats import NO_NUMBER, TextTable, ours, reference_columns, test_column
from .runs import Facts, Log, log_of, prefix_name, tables_of

if TYPE_CHECKING:
    import polars as pl

    from ..result import AssocTable


class Frame(Protocol):
    """A frame of any kind: names of columns, and columns by name."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""

    def __getitem__(self, name: str, /) -> Any:
        """The column `name`."""


Table: TypeAlias = "AssocTable | pl.DataFrame | Frame | str | os.PathLike[str]"
Tables: TypeAlias = "Table | Sequence[Table] | Mapping[str, Table]"

_TEXTS = ("chr", "rs", "allele1", "allele0", "trait")


@dataclass(frozen=True)
class Scan:
    """The association of one trait.

    Attributes
    ----------
    name : str
        The name of the trait or of the run, for titles; may be empty.
    frame : polars.DataFrame
        Columns chr, rs, ps, alleles, statistics: text as strings, numbers as float64.
    result : LmmResult, optional
        The result that the table is of.
    facts : Facts, optional
        What the log of the run says about the trait.
    """

    name: str
    frame: pl.DataFrame
    result: Any = None
    facts: Facts | None = None

    def needs(self, *names: str) -> None:
        """Raise a ValueError if the table does not have these columns."""
        for name in names:
            if name not in self.frame.columns:
                of = f" of {self.name}" if self.name else ""
                raise ValueError(f"the table{of} has no column {name!r}, only {', '.join(self.frame.columns)}")


def scans(tables: Tables, trait: str | Iterable[str] | None, columns: Iterable[str]) -> list[Scan]:
    """The traits of one or several tables.

    Parameters
    ----------
    tables : table, sequence of tables, or mapping of names to tables
        Results, frames, files or prefixes.
    trait : str or several, optional
        The traits to choose from tables of several; all if None.
    columns : names
        The columns that are needed, if the table has them; p-values are always read.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If a table has no such trait, or is not an association table.
    """
    wanted = None if trait is None else [trait] if isinstance(trait, str) else [str(one) for one in trait]
    named = _named(tables)
    found: list[Scan] = []
    for name, table in named:
        of_table = _of_table(table, wanted, tuple(columns))
        prefix = name if len(named) > 1 or isinstance(tables, Mapping) else ""
        for one in of_table:
            label = prefix if len(of_table) == 1 and prefix else " ".join(part for part in (prefix, one.name) if part)
            found.append(Scan(label, one.frame, one.result, one.facts))
    return found


def one_scan(table: Table, trait: str | None, columns: Iterable[str], instead: str = "") -> Scan:
    """The only trait of a table, or the one chosen.

    Raises
    ------
    ValueError
        As :func:`scans`, and if there are several.
    """
    found = scans(table, trait, columns)
    if len(found) > 1:
        names = [one.name for one in found]
        raise ValueError(
            f"the table has {len(found)} phenotypes ({_some(names)}); choose one, as in trait={names[0]!r}{instead}"
        )
    return found[0]


def are_several(tables: Tables) -> bool:
    """Whether `tables` are several tables, not one."""
    return isinstance(tables, (list, tuple, Mapping)) and not _is_table(tables)


def _is_table(one: Any) -> bool:
    return isinstance(one, (str, os.PathLike)) or hasattr(one, "columns") or hasattr(one, "__arrow_c_stream__")


def _named(tables: Tables) -> list[tuple[str, Any]]:
    if _is_table(tables):
        return [("", tables)]
    if isinstance(tables, Mapping):
        return [(str(name), table) for name, table in tables.items()]
    if isinstance(tables, (list, tuple)):
        if not tables:
            raise ValueError("tables: give at least one table")
        names = [prefix_name(one) if isinstance(one, (str, os.PathLike)) else "" for one in tables]
        return [(name or str(k + 1), one) for k, (name, one) in enumerate(zip(names, tables, strict=True))]
    raise TypeError(f"expected an association result, a frame, a file or a prefix, found {type(tables).__name__}")


def _of_table(table: Table, wanted: list[str] | None, columns: tuple[str, ...]) -> list[Scan]:
    from ..result import AssocTable, LmmResult

    if isinstance(table, (str, os.PathLike)):
        return _of_files(table, wanted, columns)
    if isinstance(table, LmmResult):
        several = list(table.traits.items()) if "trait" in table else []
        if several:
            return [Scan(name, of.to_polars(), of) for name, of in _chosen(dict(several), wanted).items()]
        _reject(wanted)
        return [Scan("", table.to_polars(), table)]
    frame = table.to_polars() if isinstance(table, AssocTable) else as_frame(table, columns)
    return _split(frame, wanted, None)


def _of_files(given: str | os.PathLike[str], wanted: list[str] | None, columns: tuple[str, ...]) -> list[Scan]:
    paths = tables_of(given)
    if list(paths) != [""]:
        return [
            Scan(trait, read_table(path, columns), None, _facts(path, trait))
            for trait, path in _chosen(paths, wanted).items()
        ]
    path = paths[""]
    log = log_of(path)
    return _split(read_table(path, columns), wanted, None if log is None else Log.read(log), of=path)


def _facts(path: Path, trait: str) -> Facts | None:
    log = log_of(path, trait)
    return None if log is None else Log.read(log).of(trait)


def _split(frame: pl.DataFrame, wanted: list[str] | None, log: Log | None, of: Path | None = None) -> list[Scan]:
    """The traits of a frame; those of a long table are in the column `trait`."""
    import polars as pl

    if "trait" not in frame.columns:
        _reject(wanted)
        name = "" if of is None else Path(prefix_name(of)).suffix.removeprefix(".")
        return [Scan("", frame, None, None if log is None else log.of(name))]
    traits = frame["trait"].cast(pl.String)
    known = dict.fromkeys(traits.unique(maintain_order=True).to_list())
    parts = {name: frame.filter(traits == name) if len(known) > 1 else frame for name in _chosen(known, wanted)}
    return [Scan(str(name), part, None, None if log is None else log.of(str(name))) for name, part in parts.items()]


def _chosen(known: Mapping[str, Any], wanted: list[str] | None) -> dict[str, Any]:
    if wanted is None:
        return dict(known)
    for name in wanted:
        if name not in known:
            raise ValueError(f"trait: the table has no phenotype {name!r}, only {_some(list(known))}")
    return {name: known[name] for name in wanted}


def _reject(wanted: list[str] | None) -> None:
    if wanted is not None:
        raise ValueError("trait: the table has only one phenotype, without a column trait; omit trait")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")


def _wanted(names: Sequence[str], columns: tuple[str, ...]) -> dict[str, str]:
    """The columns to read, with our names: those asked for, and all p-values."""
    known = ours(names)
    kept: dict[str, str] = {}
    for name in names:
        our = known.get(name, name)
        is_p = our.lower().startswith(("p_", "neg_log10_p")) or our == "p"
        if our in columns or is_p or our == "trait":
            kept[name] = our
    return kept


def read_table(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """The columns of an association table that are needed: text (also compressed) or Parquet.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not an association table.
    """
    import polars as pl

    if path.suffix == ".parquet":
        names = list(pl.read_parquet_schema(path))
        kept = _wanted(names, columns)
        _check(path, names, kept)
        more = _helpers(names, columns)
        frame = pl.read_parquet(path, columns=[*kept, *more], glob=False)
        return _typed(_completed(frame.rename(kept), names, more))
    text = TextTable.of(path)
    names = text.names
    kept = _wanted(names, columns)
    _check(path, names, kept)
    more = _helpers(names, columns)
    types: dict[str, Any] = {name: pl.String() if our in _TEXTS else pl.Float64() for name, our in kept.items()}
    try:
        frame = pl.read_csv(
            text.content(path),
            separator=text.separator,
            columns=list(dict.fromkeys([*kept, *more])) if text.arguments.get("has_header", True) else None,
            schema_overrides=types | {name: pl.String() for name in more},
            infer_schema=False,
            null_values=list(NO_NUMBER),
            quote_char=None,
            glob=False,
            **text.arguments,
        )
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path}: not an association table: {str(error).splitlines()[0]}") from error
    frame = frame.select(list(dict.fromkeys([*kept, *more]))).rename(kept)
    # The codes for a missing number are valid in text.
    return _completed(frame.with_columns(pl.col(pl.String).fill_null(".")), names, more)


def _helpers(names: Sequence[str], columns: tuple[str, ...]) -> list[str]:
    """Columns that are needed to choose the rows and to find the other allele."""
    found = [test_column(names)]
    if "allele0" in columns:
        found += reference_columns(names) or ()
    return [name for name in found if name is not None]


def _completed(frame: pl.DataFrame, names: Sequence[str], helpers: list[str]) -> pl.DataFrame:
    """The rows of the first test, with the other allele, and without the columns that told."""
    import polars as pl

    test = test_column(names)
    if test is not None and frame.height:
        frame = frame.filter(pl.col(test) == frame[test][0])
    pair = reference_columns(names)
    if pair is not None and pair[0] in helpers and "allele1" in frame.columns:
        ref, alt = pair
        other = pl.when(pl.col("allele1") == pl.col(ref)).then(pl.col(alt)).otherwise(pl.col(ref))
        frame = frame.with_columns(other.alias("allele0"))
    return frame.drop(helpers)


def columns_of(path: Path) -> list[str]:
    """The names of the columns of an association table."""
    import polars as pl

    return list(pl.read_parquet_schema(path)) if path.suffix == ".parquet" else TextTable.of(path).names


def _check(path: Path, names: Sequence[str], kept: Mapping[str, str]) -> None:
    found = {*kept.values(), *ours(names).values()}
    if "rs" not in found and not {"chr", "ps"} <= found:
        missing = next(name for name in ("chr", "ps") if name not in found)
        raise ValueError(f"{path}: not an association table: there is no column {missing!r}")


def as_frame(table: Any, columns: tuple[str, ...]) -> pl.DataFrame:
    """A frame of any kind as one of polars, with our names of columns."""
    import polars as pl

    # pandas can export its columns to Arrow only if pyarrow is installed.
    is_of_pandas = type(table).__module__.startswith("pandas")
    if not isinstance(table, pl.DataFrame) and not is_of_pandas and hasattr(table, "__arrow_c_stream__"):
        table = pl.DataFrame(table)
    if not hasattr(table, "columns"):
        raise TypeError(f"expected an association result, a frame, a file or a prefix, found {type(table).__name__}")
    names = [str(name) for name in table.columns]
    kept = _wanted(names, (*columns, *names))
    if isinstance(table, pl.DataFrame):
        return _typed(table.select(list(kept)).rename(kept))
    return _typed(pl.DataFrame({our: _series(our, table[name]) for name, our in kept.items()}))


def _series(our: str, column: Any) -> Any:
    import polars as pl

    values = np.asarray(column)
    if our in _TEXTS or values.dtype.kind in "OUS":
        return pl.Series(our, [None if one is None else str(one) for one in values.tolist()], dtype=pl.String)
    return pl.Series(our, values)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Text columns as strings, so that chromosome 1 is "1", and statistics as float64."""
    import polars as pl

    changes = []
    for name, dtype in frame.schema.items():
        if name in _TEXTS and name != "trait":
            # pandas makes floating-point numbers of chromosomes if one is missing.
            whole = pl.col(name).cast(pl.Int64) if dtype.is_float() else pl.col(name)
            changes.append(whole.cast(pl.String))
        elif name not in _TEXTS and dtype.is_numeric() and dtype != pl.Float64:
            changes.append(pl.col(name).cast(pl.Float64))
    return frame.with_columns(changes) if changes else frame
