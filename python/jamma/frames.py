"""Rows of the user's arrays and frames, in the order of the study.

Rows that carry ids are matched by them. Rows without ids are assumed to be in the order of the study. Rows with ids are an
error if the study has none, because they cannot be matched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .labelled import parts_of
from .matrix import KINSHIPS, Id

Floats = NDArray[np.float64]
RowIndices: TypeAlias = NDArray[np.intp]
"""The row of each individual of the study, -1 if it has none."""


@dataclass(frozen=True)
class Rows:
    """Rows of numbers, one for each individual.

    Attributes
    ----------
    what : str
        The name of the argument, for messages.
    values : ndarray
        The values as the user gave them, without the ids; numbers of any type.
    ids : list of (fid, iid), optional
        Ids of the rows.
    names : list of str
        Names of the columns, empty if there are none.
    codes : tuple of float
        Codes of missing genotypes.
    notes : list of str
        Notes on rows and columns that are ignored, and on how rows were matched.
    are_implied : bool
        Whether the ids are those of the PLINK files that a matrix was computed from.
    """

    what: str
    values: NDArray[Any]
    ids: list[Id] | None
    names: list[str]
    codes: tuple[float, ...] = ()
    notes: list[str] = field(default_factory=list)
    are_implied: bool = False

    def in_order(self, study: Sequence[Id] | None, n: int) -> NDArray[Any]:
        """The rows in the order of the study; NaN for an individual without a row.

        Parameters
        ----------
        study : sequence of (fid, iid), optional
            Ids of the individuals of the study. None if they are not known: then rows are in order already.
        n : int
            Number of individuals of the study.
        """
        at = self.row_indices(study, n)
        if at is None:
            return self.values
        rows = self.values[at]
        if (at < 0).any():
            rows = rows.astype(np.float64)
            rows[at < 0] = np.nan
        return rows

    def row_indices(self, study: Sequence[Id] | None, n: int) -> RowIndices | None:
        """The row of each individual of the study; None if rows are in order already. Appends to `notes`.

        Raises
        ------
        ValueError
            If the number of rows differs from `n`, ids repeat, or no id is in the study.
        """
        if self.ids is None or study is None or self.ids == list(study):
            if len(self.values) != n:
                raise ValueError(
                    f"{self.what}: {len(self.values)} rows, but there are {n} individuals; give one row for each, in "
                    "their order, or rows with ids (a frame with a column iid)"
                )
            return None
        at = self._matched(study)
        without = int((at < 0).sum())
        if without == n:
            raise ValueError(
                f"{self.what}: none of its ids is in the study; its first id is {self.ids[0][1]!r}, that of the study is "
                f"{study[0][1]!r}"
            )
        unknown = len(self.ids) - (n - without)
        if unknown:
            self.notes.append(
                f"{self.what}: {unknown} of {len(self.ids)} rows are of unknown individuals and are ignored"
            )
        # Whether an individual needs a row of the kinship depends on who is analysed, which is decided later.
        if without and self.what not in (*KINSHIPS, "eigen"):
            self.notes.append(
                f"{self.what}: {without} of {n} individuals have no row and are not analysed (the first is "
                f"{_text(study[int(np.argmin(at))])})"
            )
        return at

    def _matched(self, study: Sequence[Id]) -> RowIndices:
        """Matches by FID and IID if both sides have family ids and any of these agree, else by IID alone."""
        assert self.ids is not None
        if not (_has_families(self.ids) and _has_families(study)):
            return self._by_id(study, has_families=False)
        at = self._by_id(study, has_families=True)
        iids, others = [iid for _, iid in self.ids], [iid for _, iid in study]
        if (at >= 0).any() or not set(map(as_number, iids)) & set(map(as_number, others)):
            return at
        if len(set(iids)) < len(iids) or len(set(others)) < len(others):
            raise ValueError(
                f"{self.what}: the IIDs match those of the study, but the FIDs do not ({_text(self.ids[0])}, in the study "
                f"{_text(study[0])}), and the IIDs alone are not unique; give the FIDs of the study"
            )
        self.notes.append(f"{self.what}: the FIDs differ from those of the study; rows were matched by IID alone")
        return self._by_id(study, has_families=False)

    def _by_id(self, study: Sequence[Id], *, has_families: bool) -> RowIndices:
        assert self.ids is not None

        def key(one: Id) -> Id:
            return one if has_families else ("", one[1])

        rows = {key(one): row for row, one in enumerate(self.ids)}
        if len(rows) < len(self.ids):
            twice = repeated([key(one) for one in self.ids])
            raise ValueError(f"{self.what}: individual {_text(twice)} has two rows; keep one of them")
        if len({key(one) for one in study}) < len(study):
            twice = repeated([key(one) for one in study])
            raise ValueError(
                f"{self.what}: the ids of the study are not unique ({_text(twice)} repeats); give a frame with the columns "
                "fid and iid"
            )
        at = np.array([rows.get(key(one), -1) for one in study], dtype=np.intp)
        if (at < 0).any():
            _match_numbers(at, [key(one) for one in self.ids], [key(one) for one in study])
        return at


def as_number(text: str) -> str:
    """An id in a form that compares as a number: 007, 7 and 7.0 become 7; other ids are not changed."""
    whole, _, rest = text.partition(".")
    is_whole = whole.isascii() and whole.isdigit() and not rest.strip("0") and not text.endswith(".")
    return (whole.lstrip("0") or "0") if is_whole else text


def _match_numbers(at: RowIndices, rows: Sequence[Id], study: Sequence[Id]) -> None:
    """Fills in rows whose ids are the same numbers, written differently, unless such a number is not unique."""
    keys = [(as_number(fid), as_number(iid)) for fid, iid in rows]
    wanted = [(as_number(fid), as_number(iid)) for fid, iid in study]
    n_rows, n_wanted = Counter(keys), Counter(wanted)
    row_of = {key: row for row, key in enumerate(keys)}
    for individual in np.flatnonzero(at < 0):
        key = wanted[individual]
        if n_rows[key] == 1 and n_wanted[key] == 1:
            at[individual] = row_of[key]


def _has_families(ids: Sequence[Id]) -> bool:
    """Whether there are family ids: without a family PLINK writes 0, or the IID once more."""
    return any(fid not in ("", "0", iid) for fid, iid in ids)


def repeated(ids: Sequence[Id]) -> Id:
    """The first id that occurs for the second time; one must."""
    seen: set[Id] = set()
    for one in ids:
        if one in seen:
            return one
        seen.add(one)
    raise AssertionError("no id repeats")


def _text(one: Id) -> str:
    return " ".join(one).strip()


def rows_of(what: str, given: Any, *, ndim: int) -> Rows:
    """The rows of an array, a series, a frame or a labelled array.

    Raises
    ------
    ValueError
        If the number of dimensions is not `ndim`, a column does not contain numbers, or ids are ambiguous.
    """
    values, ids, names, codes, are_implied, notes = parts_of(what, given)
    if ndim == 1 and values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if ndim == 2 and values.ndim == 1 and what not in KINSHIPS:
        values = values[:, None]
    if ndim == 1 and values.ndim == 2:
        columns = f" ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''})" if names else ""
        raise ValueError(f"{what}: {values.shape[1]} columns{columns}, expected one; select the column to use")
    if what in KINSHIPS and values.ndim != ndim:
        raise ValueError(f"the {what} matrix has shape {values.shape}, expected a square matrix")
    if values.ndim != ndim:
        raise ValueError(f"{what}: the array has {values.ndim} dimensions, expected {ndim}")
    if what in KINSHIPS and values.dtype.kind == "b":
        raise ValueError(f"{what}: expected numbers, found True and False")
    return Rows(what, values, ids, names, codes, list(notes), are_implied=are_implied)


def floats(values: NDArray[Any]) -> Floats:
    """The values as float64."""
    return np.asarray(values, dtype=np.float64)
