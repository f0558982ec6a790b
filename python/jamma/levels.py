"""A category in memory: levels become numbers, so that its rows are matched to the individuals like those of numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .row_ids import FAMILY, INDIVIDUAL


class Coded(NamedTuple):
    """A category.

    Attributes
    ----------
    values : array, series, frame or labelled array
        What the user gave, with the number of the level in place of each level, NaN if missing; it keeps its ids.
    levels : list of str
        The levels, by their numbers.
    """

    values: Any
    levels: list[str]


def coded(given: Any) -> Coded | None:
    """The environment `given` with its levels as numbers; None if it does not have words.

    A level is a string, or any value of a categorical column of pandas or polars. None, NaN and null are missing.
    """
    if given is None:
        return None
    # No import: a user who passes a frame has imported its library.
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    module = type(given).__module__.split(".")[0]
    if pandas is not None and isinstance(given, pandas.Series):
        return _of_pandas(given)
    if pandas is not None and isinstance(given, pandas.DataFrame):
        return _of_frame(given, _of_pandas)
    if polars is not None and isinstance(given, polars.LazyFrame):
        given = given.collect()
    if polars is not None and isinstance(given, polars.Series):
        return _of_polars(given)
    if polars is not None and isinstance(given, polars.DataFrame):
        return _of_frame(given, _of_polars)
    if module == "xarray" and hasattr(given, "dims") and not hasattr(given, "data_vars"):
        found = _numbered(given.values.tolist()) if given.ndim == 1 else None
        return None if found is None else Coded(given.copy(data=found[0]), found[1])
    if module == "pyarrow":
        return coded(given.to_pandas())
    values = np.asarray(given)
    if values.dtype.names:
        import polars as pl

        texts = {name: values[name].astype(str) for name in values.dtype.names if values[name].dtype.kind in "SU"}
        return coded(pl.DataFrame({name: values[name] for name in values.dtype.names} | texts))
    if values.ndim != 1 or isinstance(given, (str, bytes)):
        return None
    found = _numbered(given if isinstance(given, Sequence) else values.tolist())
    return None if found is None else Coded(*found)


def levels_of(values: NDArray[np.float64], levels: Sequence[str]) -> list[str | None]:
    """The level of each individual, None if it is missing, from the numbers of the levels in the order of the study."""
    return [None if np.isnan(value) else levels[int(value)] for value in values.tolist()]


def _of_frame(frame: Any, of_column: Any) -> Coded | None:
    """The only column besides the ids, in its frame."""
    others = [name for name in frame.columns if str(name).lower().removeprefix("#") not in (FAMILY, INDIVIDUAL)]
    if len(others) != 1:
        return None  # The reader of rows explains it.
    found = of_column(frame[others[0]])
    if found is None:
        return None
    if hasattr(frame, "with_columns"):
        return Coded(frame.with_columns(found.values.alias(others[0])), found.levels)
    frame = frame.copy()
    frame[others[0]] = found.values
    return Coded(frame, found.levels)


def _of_pandas(series: Any) -> Coded | None:
    import pandas as pd

    values = [None if pd.isna(one) else one for one in series.tolist()]
    found = _numbered(values, is_category=isinstance(series.dtype, pd.CategoricalDtype))
    return None if found is None else Coded(pd.Series(found[0], index=series.index, name=series.name), found[1])


def _of_polars(series: Any) -> Coded | None:
    import polars as pl

    found = _numbered(series.to_list())
    return None if found is None else Coded(pl.Series(series.name, found[0]), found[1])


def _numbered(values: Iterable[Any], *, is_category: bool = False) -> tuple[NDArray[np.float64], list[str]] | None:
    """The number of the level of each value, NaN if it is missing, and the levels; None if no value is a string."""
    values = list(values)
    if not (is_category or any(isinstance(one, str) for one in values)):
        return None
    numbers: dict[str, int] = {}
    found = [np.nan if _is_missing(one) else float(numbers.setdefault(str(one), len(numbers))) for one in values]
    return np.array(found, dtype=np.float64), list(numbers)


def _is_missing(one: Any) -> bool:
    return (
        one is None or type(one).__name__ == "NAType" or (isinstance(one, (float, np.floating)) and bool(np.isnan(one)))
    )
