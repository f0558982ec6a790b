"""Whose the rows of a table are: ids as text, and the ids that columns and pandas indexes carry."""

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
"""Names of an index or a coordinate that say that it has the ids of individuals."""


def pair(what: str, one: Any) -> Id:
    if isinstance(one, (str, bytes)) or not isinstance(one, (Sequence, np.ndarray)):
        return "", id_text(what, one)
    if len(one) != 2:
        raise ValueError(f"{what}: expected an IID or a pair (FID, IID), found {one!r}")
    return id_text(what, one[0]), id_text(what, one[1])


def id_text(what: str, one: Any) -> str:
    """An id as a text: 7 and 7.0 are "7".

    Raises
    ------
    ValueError
        If it is missing.
    """
    if isinstance(one, bytes):
        one = one.decode()
    is_whole_float = isinstance(one, Real) and not isinstance(one, Integral) and float(one).is_integer()
    text = str(int(one)) if is_whole_float else str(one)
    if one is None or text in ("", "nan", "<NA>", "NaT"):
        raise ValueError(f"{what}: a row has no id ({text!r}); give every row one, or remove the row")
    return text


def check_for_file(what: str, ids: Sequence[Id]) -> None:
    """ValueError if a file of the ids could not be read again: blanks divide columns there, and ids are unique."""
    seen: set[Id] = set()
    for one in ids:
        if any(not text or text.split() != [text] for text in (one[0] or one[1], one[1])):
            raise ValueError(f"{what}: the id {' '.join(one).strip()!r} has a blank, which a file of ids cannot have")
        if one in seen:
            raise ValueError(f"{what}: two rows have the same id ({' '.join(one).strip()})")
        seen.add(one)


def paired(what: str, iids: Iterable[Any] | None, fids: Iterable[Any] | None) -> list[Id] | None:
    if iids is None:
        return None
    names = [id_text(what, one) for one in iids]
    families = [id_text(what, one) for one in fids] if fids is not None else [""] * len(names)
    return list(zip(families, names, strict=True))


def level_named(names: Sequence[Any], wanted: Sequence[str]) -> int | None:
    """The position of the level with the first of the names `wanted`."""
    lower = [str(name).lower().removeprefix("#") for name in names]
    return next((lower.index(name) for name in wanted if name in lower), None)


def ids_of_frame(what: str, index: Any, iids: Any, fids: Any) -> list[Id] | None:
    """Ids in the columns of a pandas frame or in its index."""
    if iids is None:
        of_index = ids_of_index(what, index)
        if fids is None or of_index is None:
            if fids is not None:
                raise ValueError(f"{what}: there is a column fid but none iid: give both, or drop it")
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
    """Whether an index says by itself that it has ids: texts, several levels, or the name of one."""
    if index.nlevels > 1 or names_individuals(index.name):
        return True
    return index.inferred_type in ("string", "categorical", "mixed")


def names_individuals(name: object) -> bool:
    return str(name).lower().removeprefix("#") in INDIVIDUALS


def ids_of_index(what: str, index: Any) -> list[Id] | None:
    """The ids that a pandas index carries; None if it is a count of rows, which pandas makes by itself."""
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
                f"{what}: the index {index.name!r} counts from 0, so that it may be ids or a count: name it iid if it has "
                "ids (index.name = 'iid'), or drop it if rows are in the order of the study (reset_index(drop=True))"
            )
        called = f"named {index.name!r}" if is_named else "without a name"
        raise ValueError(
            f"{what}: the index is of numbers {called}, which may be ids or not: name it iid if it has ids "
            "(index.name = 'iid'), or drop it if rows are in the order of the study (reset_index(drop=True))"
        )
    return [("", id_text(what, iid)) for iid in index]


def ids_of_levels(what: str, index: Any) -> list[Id]:
    iid, fid = level_named(index.names, INDIVIDUALS), level_named(index.names, FAMILIES)
    if iid is None and index.nlevels == 2:
        if fid is not None:
            iid = 1 - fid
        elif all(name is None for name in index.names):
            fid, iid = 0, 1
    if iid is None:
        raise ValueError(
            f"{what}: the index has the levels {', '.join(map(str, index.names))}, of which none is named iid: name the "
            "levels fid and iid (index.names = ['fid', 'iid']), or drop the index (reset_index(drop=True))"
        )
    families = index.get_level_values(fid) if fid is not None else None
    return paired(what, index.get_level_values(iid), families) or []
