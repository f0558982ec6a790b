"""Rows of users' arrays and frames in the order of the study.

Rows that carry ids are matched by them. Rows that carry none are taken to be in the order of the study, but only if the
study itself says who its rows are, or nobody does: ids on one side alone are an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .labelled import taken_apart
from .matrix import Id

Floats = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]
"""The row of each individual, -1 if there is none."""


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
        Names of the columns, empty if there are none.
    codes : tuple of float
        The code of a missing genotype.
    notes : list of str
        What to know of the matching.
    are_implied : bool
        The ids come from the files that a matrix was computed from.
    """

    what: str
    values: NDArray[Any]
    ids: list[Id] | None
    names: list[str]
    codes: tuple[float, ...] = ()
    notes: list[str] = field(default_factory=list)
    are_implied: bool = False

    def in_order(self, of: Sequence[Id] | None, n: int) -> NDArray[Any]:
        """The rows in the order of the individuals `of`; NaN for one who has no row.

        Parameters
        ----------
        of : sequence of (fid, iid), optional
            None if nobody knows: then rows are in order already.
        n : int
            Individuals of the study.
        """
        at = self.places(of, n)
        if at is None:
            return self.values
        rows = self.values[at]
        if (at < 0).any():
            rows = rows.astype(np.float64)
            rows[at < 0] = np.nan
        return rows

    def places(self, of: Sequence[Id] | None, n: int) -> Places | None:
        """The row of each individual of the study; None if rows are in order already.

        Raises
        ------
        ValueError
            If the number of rows disagrees, ids repeat, or none is in the study. Notes say whose rows are not used.
        """
        if self.ids is None or of is None or self.ids == list(of):
            if len(self.values) != n:
                raise ValueError(
                    f"{self.what}: {len(self.values)} rows, but there are {n} individuals; give one row for each, in "
                    "their order, or rows with ids: a frame with a column iid"
                )
            return None
        at = self._matched(of)
        without = int((at < 0).sum())
        if without == n:
            raise ValueError(
                f"{self.what}: none of its ids is in the study; it has {self.ids[0][1]!r}, the study {of[0][1]!r}"
            )
        strangers = len(self.ids) - (n - without)
        if strangers:
            self.notes.append(
                f"{self.what}: {strangers} of {len(self.ids)} rows are of nobody in the study, and left out"
            )
        # Who needs a kinship is known when it is known who is analysed.
        if without and self.what not in ("kinship", "eigen"):
            self.notes.append(
                f"{self.what}: {without} of {n} individuals have no row, and are not analysed (the first is "
                f"{_text(of[int(np.argmin(at))])})"
            )
        return at

    def _matched(self, of: Sequence[Id]) -> Places:
        """Family ids count if both sides have them, and agree for anybody."""
        assert self.ids is not None
        if not (_has_families(self.ids) and _has_families(of)):
            return self._by(of, has_families=False)
        at = self._by(of, has_families=True)
        iids, others = [iid for _, iid in self.ids], [iid for _, iid in of]
        if (at >= 0).any() or not set(map(as_number, iids)) & set(map(as_number, others)):
            return at
        if len(set(iids)) < len(iids) or len(set(others)) < len(others):
            raise ValueError(
                f"{self.what}: the IIDs are those of the study, but the FIDs are others ({_text(self.ids[0])}, in the "
                f"study {_text(of[0])}), and IIDs alone repeat; give the FIDs of the study"
            )
        self.notes.append(f"{self.what}: the FIDs are not those of the study; rows were matched by IID alone")
        return self._by(of, has_families=False)

    def _by(self, of: Sequence[Id], *, has_families: bool) -> Places:
        assert self.ids is not None

        def key(of_one: Id) -> Id:
            return of_one if has_families else ("", of_one[1])

        places = {key(of_one): row for row, of_one in enumerate(self.ids)}
        if len(places) < len(self.ids):
            twice = repeated([key(of_one) for of_one in self.ids])
            raise ValueError(f"{self.what}: individual {_text(twice)} has two rows; keep one of them")
        if len({key(one) for one in of}) < len(of):
            twice = repeated([key(one) for one in of])
            raise ValueError(
                f"{self.what}: ids of the study repeat ({_text(twice)}); give a frame with the columns fid and iid"
            )
        at = np.array([places.get(key(one), -1) for one in of], dtype=np.intp)
        if (at < 0).any():
            _match_numbers(at, [key(one) for one in self.ids], [key(one) for one in of])
        return at


def as_number(text: str) -> str:
    """An id that compares as a number: 007, 7 and 7.0 are 7."""
    whole, _, rest = text.partition(".")
    is_whole = whole.isascii() and whole.isdigit() and not rest.strip("0") and not text.endswith(".")
    return (whole.lstrip("0") or "0") if is_whole else text


def _match_numbers(at: Places, rows: Sequence[Id], of: Sequence[Id]) -> None:
    """Finds rows whose ids are the same numbers, written otherwise; not those that are there twice as numbers."""
    keys = [(as_number(fid), as_number(iid)) for fid, iid in rows]
    wanted = [(as_number(fid), as_number(iid)) for fid, iid in of]
    n_rows, n_wanted = Counter(keys), Counter(wanted)
    places = {key: row for row, key in enumerate(keys)}
    for place in np.flatnonzero(at < 0):
        key = wanted[place]
        if n_rows[key] == 1 and n_wanted[key] == 1:
            at[place] = places[key]


def _has_families(ids: Sequence[Id]) -> bool:
    """Whether family ids say anything: PLINK writes 0, or the IID once more, for no family."""
    return any(fid not in ("", "0", iid) for fid, iid in ids)


def repeated(ids: Sequence[Id]) -> Id:
    """The first id that is there for the second time."""
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
        If it has another number of dimensions, a column that is not of numbers, or ids that are ambiguous.
    """
    values, ids, names, codes, are_implied, notes = taken_apart(what, given)
    if ndim == 1 and values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if ndim == 2 and values.ndim == 1 and what != "kinship":
        values = values[:, None]
    if ndim == 1 and values.ndim == 2:
        columns = f" ({', '.join(names[:6])}{', ...' if len(names) > 6 else ''})" if names else ""
        raise ValueError(f"{what}: {values.shape[1]} columns{columns}, one is expected; give the one to use")
    if what == "kinship" and values.ndim != ndim:
        raise ValueError(f"the kinship matrix is of shape {values.shape}, a square matrix is expected")
    if values.ndim != ndim:
        raise ValueError(f"{what}: an array of {values.ndim} dimensions, expected {ndim}")
    if what == "kinship" and values.dtype.kind == "b":
        raise ValueError("kinship: the values are True and False, numbers are expected")
    return Rows(what, values, ids, names, codes, list(notes), are_implied=are_implied)


def floats(values: NDArray[Any]) -> Floats:
    """As float64."""
    return np.asarray(values, dtype=np.float64)
