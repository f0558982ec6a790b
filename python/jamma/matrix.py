"""A kinship that knows whose its rows are."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Id: TypeAlias = tuple[str, str]
"""Family and individual id; the family id is empty if there is none."""


class KinshipMatrix(np.ndarray):
    """A kinship as a NumPy array, with the ids of its rows, by which it is matched to the individuals of a study.

    Whatever is computed from it or cut out of it is an array without ids.

    Attributes
    ----------
    individuals : list of (fid, iid), optional
        Whose the rows and columns are.
    are_implied : bool
        The ids are those of the PLINK files that the kinship was computed from, which genotypes without ids may have too.
    """

    individuals: list[Id] | None
    are_implied: bool

    def __array_finalize__(self, _: Any) -> None:
        """Nothing that is made of the array has its ids: rows may be others."""
        self.individuals = None
        self.are_implied = False


def with_ids(matrix: NDArray[np.float64], ids: list[Id] | None, *, are_implied: bool = False) -> NDArray[np.float64]:
    """`matrix` with the ids of its rows, if there are any; not copied."""
    if ids is None:
        return matrix
    labelled = matrix.view(KinshipMatrix)
    labelled.individuals, labelled.are_implied = ids, are_implied
    return labelled
