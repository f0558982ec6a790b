"""A kinship matrix that carries the ids of its rows."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Id: TypeAlias = tuple[str, str]
"""Family and individual id; the family id is empty if there is none."""
KINSHIPS = ("kinship", "kinship2")
"""Arguments that are kinship matrices."""


class KinshipMatrix(np.ndarray):
    """A kinship as a NumPy array with the ids of its rows, by which a run matches them to the individuals of the study.

    Slices and results of computations are arrays without ids.

    Attributes
    ----------
    individuals : list of (fid, iid), optional
        Ids of the rows and columns.
    are_implied : bool
        Whether the ids are those of the PLINK files that the kinship was computed from. Such a kinship is also accepted for
        genotypes without ids, in the same order.

    Examples
    --------
    >>> K = jamma.kinship("demo")
    >>> K.individuals[0]
    ('F001', 'I001')
    >>> K[:10, :10].individuals is None                     # a part has no ids
    True
    """

    individuals: list[Id] | None
    are_implied: bool

    def __array_finalize__(self, _: Any) -> None:
        """Remove the ids from views and copies: their rows may be others."""
        self.individuals = None
        self.are_implied = False


def with_ids(matrix: NDArray[np.float64], ids: list[Id] | None, *, are_implied: bool = False) -> NDArray[np.float64]:
    """`matrix` as a KinshipMatrix with the ids of its rows, or as it is if `ids` is None; not copied."""
    if ids is None:
        return matrix
    labelled = matrix.view(KinshipMatrix)
    labelled.individuals, labelled.are_implied = ids, are_implied
    return labelled
