"""Genotypes in the user's arrays, whatever stores them, read by ranges of SNPs.

An array is never converted as a whole. Arrays that are not in memory (dask, zarr, h5py, xarray on top of them) are loaded
by whole chunks, because a chunk is expensive to load.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .frames import Floats, rows_of
from .matrix import Id
from .numeric import codes_of, declared_codes, real, without_codes

Load: TypeAlias = Callable[[int, int], NDArray[Any]]
"""The values of the SNPs from a first to an end, (n, end - first), of any numeric type."""

KEPT_BYTES = 1 << 30
"""Largest chunk that is loaded whole, to be kept for the ranges after it."""
_CHUNKED = ("dask", "zarr", "h5py")
"""Libraries whose arrays are not in memory."""


@dataclass(frozen=True)
class Genotypes:
    """Genotypes of n individuals at p SNPs.

    Attributes
    ----------
    shape : (int, int)
        n and p.
    load : Load
        The values of a range of SNPs.
    ids : list of (fid, iid), optional
        Ids of the individuals, if the array carries them.
    names : list of str
        Ids of the SNPs, empty if there are none.
    codes : tuple of float
        Codes of missing genotypes.
    are_calls : bool
        Whether the values are counted from pairs of alleles, so that no other codes may be declared.
    records : dict of str to list
        Columns of the SNPs, as those of `bim`.
    notes : list of str
        Notes for the user.
    """

    shape: tuple[int, int]
    load: Load
    ids: list[Id] | None = None
    names: list[str] = field(default_factory=list)
    codes: tuple[float, ...] = ()
    are_calls: bool = False
    records: dict[str, list[Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def reader(self, missing: Any) -> Callable[[int, int], Floats]:
        """A function that returns a range of SNPs as float64, (n, end - first), NaN for a missing genotype.

        Parameters
        ----------
        missing : number or sequence of numbers, optional
            The argument: codes of missing genotypes instead of `codes`.

        Raises
        ------
        ValueError
            If `missing` is not a code of a missing genotype.
        """
        if self.are_calls and missing is not None:
            raise ValueError("missing: pairs of alleles have a code of their own for missing alleles, -1; omit missing")
        codes = self.codes if missing is None else declared_codes(missing)
        return lambda first, end: without_codes(real("genotypes", self.load(first, end)), codes)


def genotypes_of(given: Any) -> Genotypes:
    """The genotypes in the argument `genotypes`.

    Raises
    ------
    ValueError
        If it is not a table of individuals and SNPs, its values are not real numbers, or ids are ambiguous.
    """
    module = type(given).__module__.split(".")[0]
    if module == "xarray":
        from .xarrays import genotypes_of_xarray

        return genotypes_of_xarray(given)
    if module in _CHUNKED and hasattr(given, "dtype") and hasattr(given, "shape"):
        return _of_chunks(given)
    if isinstance(given, np.ma.MaskedArray):
        return _of_masked(given)
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(given):
        return _of_sparse(given)
    rows = rows_of("genotypes", given, ndim=2)
    values = rows.values
    return Genotypes(
        shape=shape_of(values),
        load=lambda first, end: values[:, first:end],
        ids=rows.ids,
        names=rows.names,
        codes=rows.codes,
        notes=rows.notes,
    )


def shape_of(given: Any) -> tuple[int, int]:
    """The shape of a table.

    Raises
    ------
    ValueError
        If `given` is not a table of known size, or its values are not real numbers.
    """
    real("genotypes", np.empty(0, given.dtype))
    shape: Sequence[Any] = given.shape
    if len(shape) != 2:
        raise ValueError(f"genotypes: the array has {len(shape)} dimensions, expected 2")
    if any(size != size for size in shape):
        raise ValueError("genotypes: the size of the dask array is not known; call compute_chunk_sizes() on it first")
    return int(shape[0]), int(shape[1])


def _of_masked(given: Any) -> Genotypes:
    shape = shape_of(given)

    def load(first: int, end: int) -> NDArray[Any]:
        return np.asarray(np.ma.filled(given[:, first:end].astype(np.float64), np.nan))

    return Genotypes(shape, load)


def _of_sparse(given: Any) -> Genotypes:
    shape = shape_of(given)
    columns = given.tocsc()
    return Genotypes(shape, lambda first, end: columns[:, first:end].toarray(order="F"), codes=codes_of([given.dtype]))


def _of_chunks(given: Any) -> Genotypes:
    shape = shape_of(given)
    chunks = getattr(given, "chunks", None)
    load = by_chunks(
        lambda first, end: np.asarray(given[:, first:end]),
        None if chunks is None else chunks[1],
        shape[1],
        shape[0] * given.dtype.itemsize,
    )
    return Genotypes(shape, load, codes=codes_of([given.dtype]))


def by_chunks(load: Load, sizes: int | Sequence[int] | None, p: int, bytes_per_snp: int) -> Load:
    """`load`, called for whole chunks, of which the last one is kept.

    Parameters
    ----------
    load : Load
        Loads any range.
    sizes : int or sequence of int, optional
        The number of SNPs in each chunk; None if there are no chunks.
    p : int
        The number of SNPs.
    bytes_per_snp : int
        Bytes of a SNP in memory; chunks of more than :data:`KEPT_BYTES` are loaded by the ranges that are needed.
    """
    if sizes is None or p == 0:
        return load
    ends = np.cumsum(sizes) if isinstance(sizes, Sequence) else np.minimum(np.arange(sizes, p + sizes, sizes), p)
    return _Chunks(load, [0, *ends.tolist()], bytes_per_snp)


class _Chunks:
    """Ranges of SNPs from whole chunks; threads take turns."""

    def __init__(self, load: Load, bounds: list[int], bytes_per_snp: int) -> None:
        self._load = load
        self._bounds = bounds
        self._bytes_per_snp = bytes_per_snp
        self._lock = Lock()
        self._kept: tuple[int, NDArray[Any]] | None = None
        """The first SNP of the last chunk, and its values."""

    def __call__(self, first: int, end: int) -> NDArray[Any]:
        with self._lock:
            parts = []
            while first < end:
                chunk = int(np.searchsorted(self._bounds, first, side="right"))
                start, stop = self._bounds[chunk - 1], self._bounds[chunk]
                until = min(stop, end)
                parts.append(self._part(start, stop, first, until))
                first = until
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def _part(self, start: int, stop: int, first: int, until: int) -> NDArray[Any]:
        """The SNPs from `first` to `until` of the chunk from `start` to `stop`."""
        if (stop - start) * self._bytes_per_snp > KEPT_BYTES:
            return self._load(first, until)
        if self._kept is None or self._kept[0] != start:
            # Two chunks are never in memory at the same time.
            self._kept = None
            self._kept = (start, self._load(start, stop))
        return self._kept[1][:, first - start : until - start]
