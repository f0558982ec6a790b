"""Eigendecompositions of kinships: computed, saved, read, and passed to a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .backends._constants import SYMMETRY_TOLERANCE, ZERO_BELOW
from .core.backend import is_rust_available, needs_engine
from .frames import Floats, floats, rows_of
from .inputs import columns_in_order, named_by_columns
from .matrix import Id
from .numeric import flag, whole
from .row_ids import check_for_file

PathLike: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True)
class Eigen:
    """Eigendecomposition K = U diag(d) Uᵀ of a kinship; unpacks as (values, vectors).

    Made by :func:`eigendecompose` and :func:`read_eigen`, which have examples.

    Attributes
    ----------
    values : ndarray, shape (n,)
        Eigenvalues in ascending order; those below 1e-10 are 0, as in GEMMA.
    vectors : ndarray, shape (n, n)
        Eigenvectors as columns; column j belongs to `values[j]`.
    individuals : list of (fid, iid), optional
        Ids of the rows of `vectors`, if the kinship carried ids.
    is_centred : bool, optional
        Whether the kinship was centred before the decomposition, as the mixed model requires; None if that is not known.
    are_implied : bool
        Whether the ids are those of the PLINK files that the kinship was computed from (see :class:`KinshipMatrix`).
    """

    values: Floats
    vectors: Floats
    individuals: list[Id] | None = field(default=None, repr=False)
    is_centred: bool | None = None
    are_implied: bool = field(default=False, repr=False)

    @property
    def n_zero(self) -> int:
        """Number of eigenvalues that are 0."""
        return int(np.count_nonzero(self.values == 0.0))

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.values, self.vectors))

    def save(self, out: PathLike, *, npy: bool = False, gz: bool = False) -> tuple[Path, Path]:
        """Write the files of `jamma eigen`, which `read_eigen` and the options -d and -u read; GEMMA reads them as text.

        Parameters
        ----------
        out : path
            "dir/name" writes dir/name.eigenD.txt, dir/name.eigenU.txt and, if the rows have ids, dir/name.eigenU.id.
        npy, gz : bool
            Write NumPy's format, which keeps every bit; compress the text, which has ten digits as in GEMMA.

        Returns
        -------
        (Path, Path)
            The files of the eigenvalues and of the eigenvectors.

        Raises
        ------
        OSError
            If a file cannot be written.
        ValueError
            If ids repeat or contain blanks.

        Examples
        --------
        >>> eigen = jamma.eigendecompose(jamma.kinship("demo"), centre=True)
        >>> [path.name for path in eigen.save("demo")]
        ['demo.eigenD.txt', 'demo.eigenU.txt']
        """
        needs_engine("Eigen.save")
        from . import _core

        if self.individuals is not None:
            check_for_file("individuals", self.individuals)
        directory, name = os.path.split(os.fspath(out))
        ids = None if self.individuals is None else [(fid or iid, iid) for fid, iid in self.individuals]
        paths = _core.write_eigen(
            directory or ".",
            name,
            floats(self.values),
            floats(self.vectors),
            individuals=ids,
            npy=flag("npy", npy),
            gz=flag("gz", gz),
        )
        return Path(paths[0]), Path(paths[1])


def read_eigen(path: PathLike, vectors: PathLike | None = None) -> Eigen:
    """Read an eigendecomposition: the files of `Eigen.save`, of `jamma eigen`, or of GEMMA's -eigen.

    Parameters
    ----------
    path : path
        "dir/name" reads dir/name.eigenD.txt and dir/name.eigenU.txt (or .npy, .txt.gz). With `vectors`: the file of the
        eigenvalues.
    vectors : path, optional
        The file of the eigenvectors.

    Returns
    -------
    Eigen
        With the ids of the rows if the eigenvectors have an .id file (.eigenU.id).

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If a file is malformed, the files do not belong together, or files in several formats have the name `path`.

    Examples
    --------
    >>> paths = jamma.eigendecompose(jamma.kinship("demo"), centre=True).save("demo", npy=True)
    >>> eigen = jamma.read_eigen(*paths)
    >>> result = jamma.run_lmm("demo", eigen=eigen)
    >>> len(eigen.individuals), len(result)
    (300, 959)
    """
    needs_engine("read_eigen")
    from . import _core

    if vectors is None:
        name = os.fspath(path)
        formats = ("txt", "npy", "txt.gz")
        found = [extension for extension in formats if os.path.exists(f"{name}.eigenD.{extension}")]
        if len(found) > 1:
            raise ValueError(
                f"{name}.eigenD: both .{found[0]} and .{found[1]} exist; give both files: read_eigen(values, vectors)"
            )
        extension = found[0] if found else "txt"
        path, vectors = f"{name}.eigenD.{extension}", f"{name}.eigenU.{extension}"
    d, u, ids = _core.read_eigen(os.fspath(path), os.fspath(vectors))
    return Eigen(d, u, individuals=ids)


def eigendecompose(
    kinship: ArrayLike, *, centre: bool = False, overwrite: bool = False, threads: int | None = None
) -> Eigen:
    """Decompose a symmetric matrix, K = U diag(d) Uᵀ.

    Parameters
    ----------
    kinship : array_like or frame, shape (n, n)
        Row-major or column-major, contiguous or not, of any type that converts to float64. It is not changed unless
        `overwrite` is set.
    centre : bool
        Centre the matrix first (subtract row and column means, add the overall mean), as the mixed model does.
        :func:`run_lmm` takes such a decomposition as `eigen`.
    overwrite : bool
        Store the eigenvectors in the memory of `kinship`, if that is a writeable float64 array.
    threads : int, optional
        Number of threads; default as in :func:`run_lmm`.

    Returns
    -------
    Eigen
        Eigenvalues in ascending order, those below 1e-10 set to 0 as in GEMMA; eigenvectors as columns; the ids of the rows
        if the kinship carries ids.

    Raises
    ------
    ValueError
        If the matrix is not square, not symmetric, or not finite.
    MemoryError
        If the system refuses memory.
    ArithmeticError
        If the decomposition does not converge.

    Examples
    --------
    >>> values, vectors = jamma.eigendecompose(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> values
    array([1., 3.])
    >>> eigen = jamma.eigendecompose(jamma.kinship("demo"), centre=True)    # as the mixed model needs it
    >>> eigen.n_zero
    1
    """
    rows = rows_of("kinship", kinship, ndim=2)
    rows = columns_in_order(named_by_columns(rows, None, is_of_study=False))
    given = rows.values
    if given.shape[0] != given.shape[1] or given.shape[0] == 0:
        raise ValueError(f"the kinship matrix has shape {given.shape}, expected a square matrix")
    is_centred = flag("centre", centre)
    if is_rust_available():
        from . import _core

        n_threads = _core.threads() if threads is None else whole("threads", threads)
        if n_threads < 1:
            raise ValueError(f"threads: expected a whole number from 1, found {n_threads}")
        values, vectors = _core.eigendecompose(floats(given), centre=is_centred, threads=n_threads)
    else:
        values, vectors = _by_lapack(given, is_centred)
    if flag("overwrite", overwrite) and given.dtype == np.float64 and given.flags.writeable:
        given[...] = vectors
        vectors = given
    return Eigen(values, vectors, individuals=rows.ids, is_centred=is_centred, are_implied=rows.are_implied)


def _by_lapack(given: NDArray[Any], centre: bool) -> tuple[Floats, Floats]:
    k = np.array(given, dtype=np.float64)
    if not np.isfinite(k).all():
        raise ValueError("the kinship matrix has an entry that is not a finite number")
    if np.abs(k - k.T).max() > SYMMETRY_TOLERANCE * np.abs(k).max():
        raise ValueError("the kinship matrix is not symmetric")
    if centre:
        means = k.mean(axis=1)
        k += means.mean() - means[:, None] - means[None, :]
    try:
        values, vectors = np.linalg.eigh(k, UPLO="U")
    except np.linalg.LinAlgError as error:
        raise ArithmeticError(f"the eigendecomposition did not converge ({error})") from error
    return np.where(values < ZERO_BELOW, 0.0, values), vectors
