"""Ids of the rows of a table: as strings, in columns, and in pandas indexes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from .matrix import Id

FAMILY, INDIVIDUAL = "fid", "iid"
FAMILIES = (FAMILY, "family", "family_id", "famid")
INDIVIDUALS = (
    INDIVIDUAL,
    "id",
    "ids",
    "individual",
    "individuals",
    "individual_id",
    "sample",
    "samples",
    "sample_id",
    "sampleid",
    "subject",
    "subject_id",
    "indiv",
    "ind",
    "eid",
    "taxa",
)
"""Names of an index or a coordinate that contains ids of individuals."""


def pair(what: str, one: Any) -> Id:
    """An IID, or a pair (FID, IID), as a pair; the FID is empty if there is none."""
    if isinstance(one, (str, bytes)) or not isinstance(one, (Sequence, np.ndarray)):
        return "", id_text(what, one)
    if len(one) != 2:
        raise ValueError(f"{what}: expected an IID or a pair (FID, IID), found {one!r}")
    return id_text(what, one[0]), id_text(what, one[1])


def id_text(what: str, one: Any) -> str:
    """An id as a string: 7 and 7.0 become "7".

    Raises
    ------
    ValueError
        If the id is missing.
    """
    if isinstance(one, bytes):
        one = one.decode()
    is_whole_float = isinstance(one, Real) and not isinstance(one, Integral) and float(one).is_integer()
    text = str(int(one)) if is_whole_float else str(one)
    if one is None or text in ("", "nan", "<NA>", "NaT"):
        raise ValueError(f"{what}: a row has no id ({text!r}); give every row an id, or remove the row")
    return text


def check_for_file(what: str, ids: Sequence[Id]) -> None:
    """Raise ValueError if ids cannot be written to an .id file: blanks separate its columns, and ids must be unique."""
    seen: set[Id] = set()
    for one in ids:
        if any(not text or text.split() != [text] for text in (one[0] or one[1], one[1])):
            raise ValueError(
                f"{what}: the id {' '.join(one).strip()!r} contains a blank, which an .id file cannot hold"
            )
        if one in seen:
            raise ValueError(f"{what}: two rows have the same id ({' '.join(one).strip()})")
        seen.add(one)


def paired(what: str, iids: Iterable[Any] | None, fids: Iterable[Any] | None) -> list[Id] | None:
    """The ids in columns of IIDs and, if there is one, of FIDs; None without IIDs."""
    if iids is None:
        return None
    names = [id_text(what, one) for one in iids]
    families = [id_text(what, one) for one in fids] if fids is not None else [""] * len(names)
    return list(zip(families, names, strict=True))


def level_named(names: Sequence[Any], wanted: Sequence[str]) -> int | None:
    """The index of the level with the first of the names `wanted`; None if no level has any of them."""
    lower = [str(name).lower().removeprefix("#") for name in names]
    return next((lower.index(name) for name in wanted if name in lower), None)


def ids_of_frame(what: str, index: Any, iids: Any, fids: Any) -> list[Id] | None:
    """Ids in the columns of a pandas frame or in its index."""
    if iids is None:
        of_index = ids_of_index(what, index)
        if fids is None or of_index is None:
            if fids is not None:
                raise ValueError(f"{what}: there is a column fid but no column iid; give both, or drop fid")
            return of_index
        return paired(what, [iid for _, iid in of_index], fids)
    ids = paired(what, iids, fids)
    if _has_texts(index) and ids is not None:
        of_index = ids_of_index(what, index)
        if of_index is not None and [iid for _, iid in of_index] != [iid for _, iid in ids]:
            raise ValueError(
                f"{what}: the column iid and the index differ ({ids[0][1]!r} and {of_index[0][1]!r} in the first row); "
                "drop the index (reset_index(drop=True)) or the column"
            )
    return ids


def _has_texts(index: Any) -> bool:
    """Whether an index clearly has ids: it has strings, several levels, or the name of ids."""
    if index.nlevels > 1 or names_individuals(index.name):
        return True
    return index.inferred_type in ("string", "categorical", "mixed")


def names_individuals(name: object) -> bool:
    """Whether an index of this name contains ids of individuals."""
    return str(name).lower().removeprefix("#") in INDIVIDUALS


def ids_of_index(what: str, index: Any) -> list[Id] | None:
    """The ids in a pandas index; None if it is only the count of rows that pandas makes by default.

    Raises
    ------
    ValueError
        If it is unclear whether the index contains ids.
    """
    if index.nlevels > 1:
        return ids_of_levels(what, index)
    index = index.get_level_values(0)
    is_named = index.name is not None
    kind = getattr(index, "categories", index).inferred_type
    is_numeric = kind in ("integer", "floating", "mixed-integer-float", "boolean", "decimal")
    if is_numeric and not names_individuals(index.name):
        if np.array_equal(index.to_numpy(), np.arange(len(index))):
            if not is_named:
                return None
            raise ValueError(
                f"{what}: the index {index.name!r} counts from 0, so it is unclear whether it has ids; name it iid if it "
                "does (index.name = 'iid'), or drop it if rows are in the order of the study (reset_index(drop=True))"
            )
        name = f"is named {index.name!r}" if is_named else "has no name"
        raise ValueError(
            f"{what}: the index has numbers and {name}, so it is unclear whether it has ids; name it iid if it does "
            "(index.name = 'iid'), or drop it if rows are in the order of the study (reset_index(drop=True))"
        )
    return [("", id_text(what, iid)) for iid in index]


def ids_of_levels(what: str, index: Any) -> list[Id]:
    """The ids in a pandas index of several levels: fid and iid by name, or two levels without names."""
    iid, fid = level_named(index.names, INDIVIDUALS), level_named(index.names, FAMILIES)
    if iid is None and index.nlevels == 2:
        if fid is not None:
            iid = 1 - fid
        elif all(name is None for name in index.names):
            fid, iid = 0, 1
    if iid is None:
        raise ValueError(
            f"{what}: the index has the levels {', '.join(map(str, index.names))}, of which none is named iid; name the "
            "levels fid and iid (index.names = ['fid', 'iid']), or drop the index (reset_index(drop=True))"
        )
    families = index.get_level_values(fid) if fid is not None else None
    return paired(what, index.get_level_values(iid), families) or []
