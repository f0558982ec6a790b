"""The parts of the user's arrays, frames and labelled arrays: values, ids of the rows, names of the columns.

Ids of individuals are in a column `iid` (and `fid`), in a pandas index of strings or with the name of ids, or in a
coordinate of an xarray array. Labels that may or may not be ids, and two sets of ids that differ, are errors, because a
guess could be wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .matrix import KINSHIPS, Id, KinshipMatrix
from .numeric import codes_of, real
from .row_ids import (
    FAMILY,
    INDIVIDUAL,
    INDIVIDUALS,
    ids_of_frame,
    ids_of_index,
    ids_of_levels,
    level_named,
    pair,
    paired,
)

_OF_INDIVIDUALS = ("pat", "mat", "sex", "phenotype")
"""The columns of PLINK's genotype tables that are neither ids nor SNPs."""
SNPS = ("rs", "snp", "snps", "rsid", "snp_id", "variant", "variants", "variant_id", "marker", "markers")
"""Names of a dimension or of an index level that contains SNPs."""


class Parts(NamedTuple):
    """The parts of an array or frame.

    Attributes
    ----------
    values : ndarray
        Integers, bools or floating-point numbers.
    ids : list of (fid, iid), optional
        Ids of the rows, if they carry ids.
    names : list of str
        Names of the columns, empty if there are none.
    codes : tuple of float
        Codes of missing genotypes in integers of this type.
    are_implied : bool
        Whether the ids are those of the PLINK files that the matrix was computed from, not given by the user.
    notes : tuple of str
        Notes on columns that are ignored.
    """

    values: NDArray[Any]
    ids: list[Id] | None
    names: list[str]
    codes: tuple[float, ...]
    are_implied: bool = False
    notes: tuple[str, ...] = ()


def parts_of(what: str, given: Any) -> Parts:
    """The parts of an array, a series, a frame or a labelled array.

    Raises
    ------
    ValueError
        If the labels of its class cannot be read, values are not real numbers, or ids are ambiguous.
    """
    if isinstance(given, np.ma.MaskedArray):
        values = real(what, given.data)
        return Parts(np.ma.filled(np.ma.array(values, np.float64, mask=given.mask), np.nan), None, [], ())
    if isinstance(given, KinshipMatrix) and given.individuals is not None:
        return Parts(np.asarray(given), given.individuals, [], (), given.are_implied)
    if isinstance(given, np.ndarray):
        return _of_fields(what, given) if given.dtype.names else _of_array(what, given)
    # No import: a user who passes a frame has imported its library.
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(given, (pandas.DataFrame, pandas.Series, pandas.Index)):
        return _of_pandas(what, given)
    if polars is not None and isinstance(given, (polars.DataFrame, polars.LazyFrame, polars.Series)):
        return _of_polars(what, given)
    module = type(given).__module__.split(".")[0]
    if module == "xarray":
        return _of_xarray(what, given)
    if isinstance(given, Mapping):
        raise ValueError(
            f"{what}: expected an array or a frame, found a {type(given).__name__}; convert it to a pandas or polars frame"
        )
    if hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__"):
        return _of_arrow(what, given)
    if hasattr(given, "to_pandas"):
        return parts_of(what, given.to_pandas())
    if hasattr(given, "toarray"):
        raise ValueError(f"{what}: expected a dense matrix, found a sparse one; convert it with .toarray()")
    if hasattr(given, "coords") or hasattr(given, "columns") or (module == "dask" and hasattr(given, "index")):
        raise ValueError(
            f"{what}: the labels of a {module} {type(given).__name__} cannot be read; convert it to pandas, or to NumPy if "
            "the rows are in the order of the study"
        )
    return _of_array(what, np.asarray(given))


def ids_of(what: str, given: Any) -> list[Id]:
    """The ids of individuals in a sequence of IIDs or of pairs (FID, IID), or in a frame with a column `iid` (and `fid`).

    Raises
    ------
    ValueError
        If `given` is something else, or an id is missing.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(given, pandas.MultiIndex):
        return ids_of_levels(what, given)
    if type(given).__module__.split(".")[0] == "xarray" and getattr(given, "ndim", 0) == 1:
        return _ids_of_coordinate(what, given)
    if isinstance(given, np.ndarray) and given.dtype.names:
        given = {name: given[name] for name in given.dtype.names}
    columns = getattr(given, "columns", None) if not isinstance(given, Mapping) else list(given)
    if columns is not None and not callable(columns):
        by_case = _by_case(columns if isinstance(given, Mapping) else _names_of(given))
        if INDIVIDUAL not in by_case:
            raise ValueError(f"{what}: there is no column iid, only {', '.join(map(str, by_case))}")
        families = given[by_case[FAMILY]] if FAMILY in by_case else None
        ids = paired(what, given[by_case[INDIVIDUAL]], families) or []
    elif isinstance(given, (str, bytes)):
        raise ValueError(f"{what}: expected a list of ids, found {given!r}")
    else:
        several = given.to_pylist() if hasattr(given, "to_pylist") else list(given)
        ids = [pair(what, one) for one in several]
    return ids


def _names_of(frame: Any) -> list[Any]:
    return list(frame.column_names if hasattr(frame, "column_names") else frame.columns)


def _by_case(names: Iterable[Any]) -> dict[str, Any]:
    """The names of columns, by these names in lower case and without the `#` of PLINK's `#IID`."""
    return {str(name).lower().removeprefix("#"): name for name in names}


def _reject_ids_as_data(what: str, names: Iterable[Any]) -> None:
    """Raise ValueError if the name of a column suggests ids: they would be used as numbers."""
    for name in names:
        if str(name).lower().removeprefix("#") in (*INDIVIDUALS, FAMILY):
            raise ValueError(f"{what}: the name of column {name!r} suggests ids; rename it iid (or fid), or drop it")


def _not_snps(what: str, names: Sequence[str], notes: list[str], *, has_ids: bool) -> list[int]:
    """The indices of the columns of `plink --recode A` that are not SNPs; adds a note that they are ignored.

    Raises
    ------
    ValueError
        If there are such columns without the columns of ids: it is not a table of PLINK.
    """
    found = [column for column, name in enumerate(names) if str(name).lower() in _OF_INDIVIDUALS]
    if not found:
        return []
    listed = ", ".join(str(names[column]) for column in found)
    if not has_ids:
        raise ValueError(f"{what}: the columns {listed} describe individuals, not SNPs; drop them")
    notes.append(f"{what}: the columns {listed} describe individuals and are ignored")
    return found


def _of_array(what: str, values: NDArray[Any]) -> Parts:
    values = real(what, values)
    return Parts(values, None, [], codes_of([values.dtype]))


def _of_fields(what: str, given: NDArray[Any]) -> Parts:
    """The parts of a structured array: its fields are the columns of a frame."""
    import polars as pl

    names = given.dtype.names or ()
    columns = {name: given[name] for name in names}
    texts = {name: column.astype(str) for name, column in columns.items() if column.dtype.kind in "SU"}
    return _of_polars(what, pl.DataFrame(columns | texts))


def _of_arrow(what: str, given: Any) -> Parts:
    import polars as pl

    metadata = getattr(getattr(given, "schema", None), "pandas_metadata", None)
    # A column that was an index of pandas; a mere count of rows is in the metadata, not in a column.
    if metadata and any(isinstance(column, str) for column in metadata.get("index_columns", ())):
        return parts_of(what, given.to_pandas())
    if hasattr(given, "schema") or hasattr(given, "columns") or hasattr(given, "column_names"):
        return _of_polars(what, pl.DataFrame(given))
    return _of_polars(what, pl.Series(what, given))


def _of_polars(what: str, given: Any) -> Parts:
    import polars as pl

    if isinstance(given, pl.LazyFrame):
        given = given.collect()
    if isinstance(given, pl.Series):
        values, codes = _numbers(what, given.to_frame())
        return Parts(values, None, [given.name], codes)
    by_case = _by_case(given.columns)
    named = [by_case[name] for name in (FAMILY, INDIVIDUAL) if name in by_case]
    if named and INDIVIDUAL not in by_case:
        raise ValueError(f"{what}: there is a column {named[0]} but no column iid; give both, or drop {named[0]}")
    ids = None
    if named:
        families = given[by_case[FAMILY]].to_list() if FAMILY in by_case else None
        ids = paired(what, given[by_case[INDIVIDUAL]].to_list(), families)
    rest = given.drop(named)
    notes: list[str] = []
    if what != "genotypes":
        _reject_ids_as_data(what, rest.columns)
    elif dropped := _not_snps(what, rest.columns, notes, has_ids=bool(named)):
        rest = rest.drop([rest.columns[column] for column in dropped])
    values, codes = _numbers(what, rest)
    return Parts(values, ids, list(rest.columns), codes, notes=tuple(notes))


def _numbers(what: str, frame: Any) -> tuple[NDArray[Any], tuple[float, ...]]:
    import polars as pl

    for name, dtype in frame.schema.items():
        if not (dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null):
            raise ValueError(_not_numbers(what, name, dtype))
    types = [
        np.dtype(str(dtype).lower()) if dtype.is_integer() and str(dtype)[-3:] != "128" else None
        for dtype in frame.dtypes
    ]
    if all(dtype.is_integer() for dtype in frame.dtypes) and not any(frame.null_count().row(0)):
        return np.asarray(frame.to_numpy()), codes_of(types)
    return np.asarray(frame.cast(pl.Float64).fill_null(float("nan")).to_numpy()), codes_of(types)


def _not_numbers(what: str, name: object, dtype: object) -> str:
    return (
        f"{what}: column {name!r} has type {dtype}, expected numbers; name it iid if it contains the ids of the "
        "individuals, code categories as numbers"
    )


def _of_pandas(what: str, given: Any) -> Parts:
    import pandas as pd

    if isinstance(given, pd.Index):
        return _of_array(what, given.to_numpy())
    frame = given.to_frame() if isinstance(given, pd.Series) else given
    names = _column_names(what, frame.columns)
    by_case = {name.lower().removeprefix("#"): column for column, name in enumerate(names)}
    named = [by_case[name] for name in (FAMILY, INDIVIDUAL) if name in by_case]
    ids = ids_of_frame(
        what,
        frame.index,
        frame.iloc[:, by_case[INDIVIDUAL]] if INDIVIDUAL in by_case else None,
        frame.iloc[:, by_case[FAMILY]] if FAMILY in by_case else None,
    )
    kept = [column for column in range(len(names)) if column not in named]
    notes: list[str] = []
    if what == "genotypes":
        dropped = _not_snps(what, [names[column] for column in kept], notes, has_ids=bool(named))
        kept = [column for k, column in enumerate(kept) if k not in dropped]
    rest, names = frame.iloc[:, kept], [names[column] for column in kept]
    if what != "genotypes" and isinstance(given, pd.DataFrame):
        _reject_ids_as_data(what, names)
    values = _values_of_pandas(what, rest, names)
    return Parts(values, ids, names, codes_of(rest.dtypes), notes=tuple(notes))


def _values_of_pandas(what: str, frame: Any, names: list[str]) -> NDArray[Any]:
    import pandas as pd

    dtypes = list(frame.dtypes)
    columns: dict[int, Any] = {}
    for column, (name, dtype) in enumerate(zip(names, dtypes, strict=True)):
        if getattr(dtype, "kind", "") == "c":
            real(f"{what}, column {name!r}", np.empty(0, complex))
        if getattr(dtype, "kind", "") == "O" and isinstance(dtype, np.dtype):
            columns[column] = real(f"{what}, column {name!r}", frame.iloc[:, column].to_numpy())
        elif not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)):
            raise ValueError(_not_numbers(what, name, dtype))
    if columns:
        others = (frame.iloc[:, k].to_numpy(np.float64, na_value=np.nan) for k in range(len(names)) if k not in columns)
        return np.column_stack([columns[k] if k in columns else next(others) for k in range(len(names))])
    if all(isinstance(dtype, np.dtype) and dtype.kind in "biu" for dtype in dtypes):
        return np.asarray(frame.to_numpy())
    return np.asarray(frame.to_numpy(dtype=np.float64, na_value=np.nan))


def _column_names(what: str, columns: Any) -> list[str]:
    """Names of the columns; with several levels, those of the level of individuals or SNPs."""
    if columns.nlevels == 1:
        return [str(name[0] if isinstance(name, tuple) and len(name) == 1 else name) for name in columns]
    level = level_named(columns.names, (*SNPS, *INDIVIDUALS))
    if level is None and columns.nlevels == 2 and what in KINSHIPS:
        level = 1
    if level is None:
        raise ValueError(
            f"{what}: the columns have {columns.nlevels} levels, and none is named rs or iid; name or keep one of them"
        )
    return [str(name) for name in columns.get_level_values(level)]


def _of_xarray(what: str, given: Any) -> Parts:
    if not hasattr(given, "dims") or not hasattr(given, "indexes") or hasattr(given, "data_vars"):
        raise ValueError(f"{what}: expected an array, found an xarray {type(given).__name__}; give one of its arrays")
    dims = [str(dim).lower() for dim in given.dims]
    if len(dims) == 2 and (dims[0] in SNPS or (dims[1] in INDIVIDUALS and dims[0] not in INDIVIDUALS)):
        raise ValueError(
            f"{what}: the dimensions are {', '.join(map(str, given.dims))}, but individuals must be first; "
            f"transpose it: .transpose({given.dims[1]!r}, {given.dims[0]!r})"
        )
    ids = ids_of_dimension(what, given, given.dims[0]) if given.dims else None
    names: list[str] = []
    if len(dims) == 2:
        if what in KINSHIPS:
            columns = ids_of_dimension(what, given, given.dims[1])
            names = [iid for _, iid in columns or []]
        else:
            names = names_of_dimension(given, given.dims[1])
    values = real(what, np.asarray(given.values))
    return Parts(values, ids, names, codes_of([values.dtype]))


def _ids_of_coordinate(what: str, given: Any) -> list[Id]:
    """The ids in a coordinate, with the families in another coordinate of the same dimension."""
    index = given.indexes.get(given.dims[0])
    if index is not None and index.nlevels > 1 and given.name not in index.names:
        return ids_of_levels(what, index)
    families = _along(given, given.dims[0]).get(FAMILY)
    return paired(what, given.values.tolist(), None if families is None else families.values.tolist()) or []


def _along(given: Any, dim: Any) -> dict[str, Any]:
    """The coordinates of an xarray array along one dimension, by name in lower case."""
    return {str(name).lower(): coord for name, coord in given.coords.items() if coord.dims == (dim,)}


def ids_of_dimension(what: str, given: Any, dim: Any) -> list[Id] | None:
    """The ids of individuals in the coordinates of a dimension of an xarray array; None if there are none.

    Raises
    ------
    ValueError
        If it is unclear whether a coordinate contains ids.
    """
    along = _along(given, dim)
    # Coordinates named iid and fid take precedence over the index of the dimension.
    if INDIVIDUAL in along:
        families = along[FAMILY].values if FAMILY in along else None
        return paired(what, along[INDIVIDUAL].values.tolist(), None if families is None else families.tolist())
    if dim in given.indexes:
        index = given.indexes[dim]
        # xarray names the dimensions of a pandas frame without names dim_0 and dim_1; they are not names of the index.
        if index.nlevels == 1 and str(dim).startswith("dim_"):
            index = index.rename(None)
        return ids_of_index(what, index)
    for name, coord in along.items():
        if name in INDIVIDUALS:
            return paired(what, coord.values.tolist(), None)
    if texts := [name for name, coord in along.items() if coord.dtype.kind in "OUST"]:
        raise ValueError(
            f"{what}: it is unclear whether the coordinate {texts[0]!r} has the ids of the individuals; name it iid if it "
            "does, or drop it"
        )
    return None


def names_of_dimension(given: Any, dim: Any) -> list[str]:
    """The names in the coordinates of a dimension of an xarray array, empty if there are none."""
    along = _along(given, dim)
    for name in SNPS:
        if name in along and along[name].dtype.kind in "OUST":
            return [str(one) for one in along[name].values.tolist()]
    return [str(one) for one in along[str(dim).lower()].values.tolist()] if str(dim).lower() in along else []
