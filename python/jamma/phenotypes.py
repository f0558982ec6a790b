"""Several phenotypes in memory: their names, and their values in the order of the study.

They are the columns of an array or a frame, or separate columns, each matched by its own ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Number
from typing import Any
from unicodedata import category

import numpy as np

from .frames import Floats, Rows, floats, rows_of
from .matrix import Id
from .numeric import is_whole

WHAT = "phenotype"
"""The argument, in messages."""

_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories of control characters, lone surrogates, and separators of lines and paragraphs."""


@dataclass(frozen=True)
class Phenotypes:
    """Several phenotypes.

    Attributes
    ----------
    names : list of str
        Their names, all different, in the order of the request.
    parts : list of (Rows, list of int)
        Columns that share their ids, each part with the indices of its columns in `names`.
    """

    names: list[str]
    parts: list[tuple[Rows, list[int]]]

    def in_order(self, study: Sequence[Id] | None, n: int) -> Floats:
        """The phenotypes in the order of the study, (n, t); NaN for an individual without a row.

        Raises
        ------
        ValueError
            As in :meth:`Rows.row_indices`.
        """
        values = np.empty((n, len(self.names)), order="F")
        for rows, columns in self.parts:
            if rows.ids is None and len(rows.values) != n and rows.values.shape[1] == n:
                raise ValueError(
                    f"{WHAT}: the array has shape {rows.values.shape}, but each row is an individual; transpose it"
                )
            values[:, columns] = floats(rows.in_order(study, n))
        return values


def one_or_several(given: Any, traits: Any) -> Rows | Phenotypes:
    """The argument `phenotype` in memory: a column, or several phenotypes.

    Parameters
    ----------
    given : array_like, frame, mapping or list of arrays
        A table of one column is a single phenotype, unless `traits` is given; a mapping, or a list of arrays, is always
        several.
    traits : "all" or names of columns, optional
        The columns to use.

    Raises
    ------
    ValueError
        If a value is not a number, a name is empty, not unique or has control characters, or `traits` are not columns.
    """
    columns = _columns(given)
    if columns is not None:
        names = _selected([name for name, _ in columns], traits)
        values = dict(columns)
        return Phenotypes(names, _parts({name: rows_of(_named(name), values[name], ndim=1) for name in names}))
    table = rows_of(WHAT, given, ndim=2)
    n_columns = table.values.shape[1]
    if n_columns == 1 and traits is None:
        return replace(table, values=table.values[:, 0])
    known = table.names if len(table.names) == n_columns else _numbers(n_columns)
    names = _selected(known, traits)
    if names != known:
        at = {name: column for column, name in enumerate(known)}
        table = replace(table, values=table.values[:, [at[name] for name in names]], names=names)
    return Phenotypes(names, [(table, list(range(len(names))))])


def listed(traits: Any) -> list[Any]:
    """The elements of the argument `traits`: a list, or a single string or number.

    Raises
    ------
    ValueError
        If it is something else, or empty.
    """
    if isinstance(traits, str) or is_whole(traits):
        return [traits]
    is_table = isinstance(traits, Mapping) or len(getattr(traits, "shape", ())) > 1
    if not isinstance(traits, Iterable) or isinstance(traits, bytes) or is_table:
        raise ValueError(f"traits: expected 'all', or a list of columns, found {traits!r}")
    columns = list(traits)
    if not columns:
        raise ValueError("traits: the list is empty; give columns of phenotypes, or 'all'")
    return columns


def _columns(given: Any) -> list[tuple[str, Any]] | None:
    """The names and values of a mapping, or of a list of one-dimensional arrays; None if `given` is something else."""
    if isinstance(given, Mapping) and type(given).__module__.split(".")[0] != "xarray":
        for name, values in given.items():
            if isinstance(values, (Number, str, type(None))):
                raise ValueError(
                    f"{WHAT}: expected a column for each name, found {values!r} for {name!r}; if the keys are ids of "
                    "individuals, convert the mapping to a pandas Series"
                )
        return _checked([(str(name), values) for name, values in given.items()])
    # A list of lists of numbers is an array, whose rows are individuals.
    if isinstance(given, (list, tuple)) and any(map(_is_column, given)):
        return list(zip(_numbers(len(given)), given, strict=True))
    return None


def _is_column(given: Any) -> bool:
    is_arrow = hasattr(given, "__arrow_c_array__") or hasattr(given, "__arrow_c_stream__")
    return len(getattr(given, "shape", ())) == 1 or (is_arrow and not hasattr(given, "shape"))


def _numbers(count: int) -> list[str]:
    return [str(number + 1) for number in range(count)]


def _checked(columns: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """`columns`, whose names are not equal as strings."""
    _check_names([name for name, _ in columns])
    return columns


def _selected(names: list[str], traits: Any) -> list[str]:
    """Those of the column `names` that `traits` lists, in its order; all if it is None or "all"."""
    if not names:
        raise ValueError(f"{WHAT}: there is no column of phenotypes")
    _check_names(names)
    if traits is None or (isinstance(traits, str) and traits == "all"):
        return names
    wanted = [str(one) for one in listed(traits)]
    for number, name in enumerate(wanted):
        if name not in names:
            shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
            raise ValueError(f"traits: {WHAT} has no column {name!r}; its columns are {shown}")
        if name in wanted[:number]:
            raise ValueError(f"traits: column {name!r} is listed twice")
    return wanted


def _check_names(names: list[str]) -> None:
    known: set[str] = set()
    for number, name in enumerate(names):
        if not name.strip():
            raise ValueError(f"{WHAT}: column {number + 1} has no name; name each phenotype")
        if any(category(character) in _UNPRINTABLE for character in name):
            raise ValueError(f"{WHAT}: the name {name!r} has control characters; rename the column")
        if name in known:
            raise ValueError(f"{WHAT}: two columns have the name {name!r}; give each phenotype its own name")
        known.add(name)


def _named(name: str) -> str:
    return f"{WHAT} {name!r}"


def _parts(columns: dict[str, Rows]) -> list[tuple[Rows, list[int]]]:
    """Tables of the columns that have the same ids: their rows are matched once."""
    groups: list[tuple[Rows, list[int]]] = []
    for number, rows in enumerate(columns.values()):
        for first, numbers in groups:
            if first.ids == rows.ids and len(first.values) == len(rows.values):
                numbers.append(number)
                break
        else:
            groups.append((rows, [number]))
    names, values = list(columns), [rows.values for rows in columns.values()]
    parts = []
    for first, numbers in groups:
        is_all, n_others = len(numbers) == len(columns), len(numbers) - 1
        others = f" and {n_others} other{'s' if n_others > 1 else ''}" if n_others else ""
        table = replace(
            first,
            what=WHAT if is_all else f"{first.what}{others}",
            values=np.column_stack([floats(values[number]) for number in numbers]),
            names=[names[number] for number in numbers],
            notes=[],
        )
        parts.append((table, numbers))
    return parts
