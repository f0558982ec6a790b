"""Arrays and frames of users as float64 arrays, rows in the order of the study.

A frame carries ids where it has a column `iid` (with or without `fid`), or, in pandas, an index of texts or with a name.
Rows that carry ids are matched by them; rows that do not are taken to be in the study's order. An index of numbers without
a name may be ids, or what is left of a count of rows after a selection: it is an error, since either guess could be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Id: TypeAlias = tuple[str, str]
"""Family and individual id; the family id is empty where there is none."""

FAMILY, INDIVIDUAL = "fid", "iid"


@dataclass(frozen=True)
class Rows:
    """Rows of numbers, one for each individual.

    Attributes
    ----------
    what : str
        What they are, for messages.
    values : ndarray
        As the user gave them, ids taken off; numbers of any type.
    ids : list of (fid, iid), optional
        Whose the rows are.
    names : list of str
        Names of the columns, empty where there are none.
    """

    what: str
    values: NDArray[Any]
    ids: list[Id] | None
    names: list[str]

    def in_order(self, of: Sequence[Id] | None, n: int, *, is_needed: bool = False) -> NDArray[Any]:
        """The rows in the order of the individuals `of`; NaN for one who has no row.

        Parameters
        ----------
        of : sequence of (fid, iid), optional
            None where nobody knows: then rows are in order already.
        n : int
            Individuals of the study.
        is_needed : bool
            Fail where somebody has no row.
        """
        if self.ids is None or of is None or self.ids == list(of):
            if len(self.values) != n:
                raise ValueError(f"{self.what}: {len(self.values)} rows, but there are {n} individuals")
            return self.values
        at = self._places(of)
        if is_needed and (at < 0).any():
            raise ValueError(
                f"{self.what}: individual {' '.join(of[int(np.argmin(at))]).strip()} has no row "
                f"({int((at < 0).sum())} of {n} have none)"
            )
        if not (at >= 0).any():
            raise ValueError(
                f"{self.what}: none of its ids is in the study; it has {self.ids[0][1]!r}, the study {of[0][1]!r}"
            )
        rows = self.values[at]
        if (at < 0).any():
            rows = rows.astype(np.float64)
            rows[at < 0] = np.nan
        return rows

    def strangers(self, of: Sequence[Id] | None) -> list[str]:
        """What to say of rows whose ids the study does not have: nothing, or one sentence."""
        if self.ids is None or of is None or self.ids == list(of):
            return []
        places = self._places(of)
        count = len(self.ids) - int((places >= 0).sum())
        return (
            [f"{self.what}: {count} of {len(self.ids)} rows are of nobody in the study, and left out"] if count else []
        )

    def _places(self, of: Sequence[Id]) -> NDArray[np.intp]:
        """The row of each individual, -1 where there is none; family ids count where both sides have them."""
        assert self.ids is not None
        has_families = any(fid for fid, _ in self.ids) and any(fid for fid, _ in of)

        def key(of_one: Id) -> Id:
            return of_one if has_families else ("", of_one[1])

        places = {key(of_one): row for row, of_one in enumerate(self.ids)}
        if len(places) < len(self.ids):
            seen: set[Id] = set()
            twice = next(one for one in self.ids if key(one) in seen or seen.add(key(one)))  # type: ignore[func-returns-value]
            raise ValueError(f"{self.what}: individual {' '.join(twice).strip()} has two rows")
        if len({key(one) for one in of}) < len(of):
            raise ValueError(f"{self.what}: ids of the study repeat; give a frame with fid and iid")
        return np.array([places.get(key(one), -1) for one in of], dtype=np.intp)


def rows_of(what: str, given: Any, *, ndim: int) -> Rows:
    """The rows of an array, a series or a frame.

    Raises
    ------
    ValueError
        Where it has another number of dimensions, or a column that is not of numbers.
    """
    values, ids, names = _taken_apart(what, given)
    if ndim == 1 and values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if ndim == 2 and values.ndim == 1:
        values = values[:, None]
    if values.ndim != ndim:
        raise ValueError(f"{what}: an array of {values.ndim} dimensions, expected {ndim}")
    if values.dtype.kind not in "biuf":
        try:
            values = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{what}: not all values are numbers ({error}); code categories as numbers") from error
    return Rows(what, values, ids, names)


def floats(values: NDArray[Any]) -> Floats:
    """As float64."""
    return np.asarray(values, dtype=np.float64)


def _taken_apart(what: str, given: Any) -> tuple[NDArray[Any], list[Id] | None, list[str]]:
    # The module of a frame's class, not an import: who gives a frame has imported it.
    module = type(given).__module__.split(".")[0]
    if module == "polars":
        return _of_polars(what, given)
    if module == "pandas":
        return _of_pandas(what, given)
    if isinstance(given, np.ma.MaskedArray):
        return np.ma.filled(given.astype(np.float64), np.nan), None, []
    return np.asarray(given), None, []


def _of_polars(what: str, given: Any) -> tuple[NDArray[Any], list[Id] | None, list[str]]:
    import polars as pl

    if isinstance(given, pl.LazyFrame):
        given = given.collect()
    if isinstance(given, pl.Series):
        return _numbers(what, given.to_frame()), None, [given.name]
    by_case = {name.lower(): name for name in given.columns}
    ids = _ids(
        [str(x) for x in given[by_case[INDIVIDUAL]].to_list()] if INDIVIDUAL in by_case else None,
        [str(x) for x in given[by_case[FAMILY]].to_list()] if FAMILY in by_case else None,
    )
    rest = given.drop([by_case[name] for name in (FAMILY, INDIVIDUAL) if name in by_case])
    return _numbers(what, rest), ids, list(rest.columns)


def _numbers(what: str, frame: Any) -> NDArray[Any]:
    import polars as pl

    for name, dtype in frame.schema.items():
        if not (dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null):
            raise ValueError(f"{what}: column {name!r} is of {dtype}, not of numbers; code categories as numbers")
    if all(dtype.is_integer() for dtype in frame.schema.values()) and not any(frame.null_count().row(0)):
        return np.asarray(frame.to_numpy())
    return np.asarray(frame.cast(pl.Float64).fill_null(float("nan")).to_numpy())


def _of_pandas(what: str, given: Any) -> tuple[NDArray[Any], list[Id] | None, list[str]]:
    import pandas as pd

    frame = given.to_frame() if isinstance(given, pd.Series) else given
    by_case = {str(name).lower(): name for name in frame.columns}
    named = [by_case[name] for name in (FAMILY, INDIVIDUAL) if name in by_case]
    if INDIVIDUAL in by_case:
        ids = _ids(
            [str(x) for x in frame[by_case[INDIVIDUAL]]],
            [str(x) for x in frame[by_case[FAMILY]]] if FAMILY in by_case else None,
        )
    elif isinstance(frame.index, pd.MultiIndex) and frame.index.nlevels == 2:
        ids = [(str(fid), str(iid)) for fid, iid in frame.index]
    elif isinstance(frame.index, pd.MultiIndex) or _is_count(frame.index):
        ids = None
    elif frame.index.name is None and pd.api.types.is_numeric_dtype(frame.index.dtype):
        raise ValueError(
            f"{what}: the index is of numbers without a name, which may be ids or not: name it iid where it is "
            "(index.name = 'iid'), or drop it where rows are in the order of the study (reset_index(drop=True))"
        )
    else:
        ids = [("", str(iid)) for iid in frame.index]
    rest = frame.drop(columns=named)
    for name, dtype in rest.dtypes.items():
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)):
            raise ValueError(f"{what}: column {name!r} is of {dtype}, not of numbers; code categories as numbers")
    if all(isinstance(dtype, np.dtype) and dtype.kind in "biu" for dtype in rest.dtypes):
        values = rest.to_numpy()
    else:
        values = rest.to_numpy(dtype=np.float64, na_value=np.nan)
    return values, ids, [str(name) for name in rest.columns]


def _is_count(index: Any) -> bool:
    """Whether an index is 0, 1, 2, ..., which pandas makes by itself."""
    return index.name is None and bool(np.array_equal(index.to_numpy(), np.arange(len(index))))


def _ids(iids: list[str] | None, fids: list[str] | None) -> list[Id] | None:
    if iids is None:
        return None
    return list(zip(fids or [""] * len(iids), iids, strict=True))
