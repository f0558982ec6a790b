"""The eigendecomposition of a symmetric matrix, on a GPU or by LAPACK on the host."""

from __future__ import annotations

import re
from typing import Literal

import jax
import jax.numpy as jnp
import jaxlib.version
import numpy as np
from jax import Array
from numpy.typing import NDArray

from . import _plan as plan

Floats = NDArray[np.float64]

MAX_DEVICE_ROWS = 46_340
"""The largest n with n² below 2³¹: solvers of GPUs count elements in 32 bits."""
MAX_DIVIDE_ROWS = 32_766
"""The largest n whose divide-and-conquer workspace, 1 + 6n + 2n² numbers, LAPACK can count in 32 bits."""
BROKEN_FROM, BROKEN_TO = (0, 7, 2), (0, 8, 0)
"""First and last version of JAX whose GPU solver fails for large float64 matrices (JAX issues 33062 and 33063)."""
BROKEN_ROWS = 16_384
"""The smallest n for which it fails."""
_TILE = 256
"""Rows mirrored at a time, so that both sides stay in the cache."""


def why_not_on_device(n: int, free: int) -> str | None:
    """Why a matrix of `n` rows is not decomposed on a device with `free` bytes; None if it is."""
    if n >= BROKEN_ROWS and (broken := _broken_version()):
        return (
            f"the GPU solver of {broken} fails for {BROKEN_ROWS} rows and more (JAX issues 33062 and 33063), and there are "
            f"{n}; JAX versions after 0.8.0 decompose it on the GPU"
        )
    if n > MAX_DEVICE_ROWS:
        return f"{n} rows exceed the limit of the device, {MAX_DEVICE_ROWS}"
    # The matrix, its vectors, and twice that as workspace of the divide-and-conquer solver.
    needed = 4 * 8 * n * n
    if needed > free:
        return f"{plan.gibibytes(needed)} are needed on the device, but {plan.gibibytes(free)} are free"
    return None


def _broken_version() -> str | None:
    """Name and version of the part of JAX with the defect; None if neither has it."""
    for name, version in (("jax", jax.__version__), ("jaxlib", jaxlib.version.__version__)):
        numbers = tuple(int(found) for found in re.findall(r"\d+", version)[:3])
        # The defect was fixed during the development of 0.8.1.
        is_development = numbers == (0, 8, 1) and "dev" in version
        if BROKEN_FROM <= numbers <= BROKEN_TO or is_development:
            return f"{name} {version}"
    return None


def on_device(kinship: Floats, device: jax.Device) -> tuple[Floats, Floats]:
    """Eigenvalues (ascending, (n,)) and eigenvectors (columns, (n, n)) by the solver of `device`."""
    values, vectors = _eigh(jax.device_put(kinship, device))
    return _checked(np.asarray(values), np.asarray(vectors))


@jax.jit
def _eigh(kinship: Array) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(kinship, symmetrize_input=False)
    return values, vectors


def checked_rows(kinship: Floats) -> int:
    """The number of rows of a kinship, at least 1.

    Raises
    ------
    ValueError
        If the matrix is not square.
    ArithmeticError
        If an entry is not finite.
    """
    if kinship.ndim != 2 or kinship.shape[0] != kinship.shape[1] or not len(kinship):
        raise ValueError(f"the kinship matrix has shape {kinship.shape}, which is not square")
    if not np.isfinite(kinship).all():
        raise ArithmeticError("the kinship matrix has an entry that is not a finite number; compute the kinship again")
    return int(kinship.shape[0])


def mirror_upper(matrix: Floats) -> None:
    """Copy the upper triangle of a square matrix to the lower one, in place."""
    for first in range(0, len(matrix), _TILE):
        rows, below = slice(first, first + _TILE), slice(first + _TILE, None)
        corner = matrix[rows, rows]
        corner[...] = np.triu(corner) + np.triu(corner, 1).T
        matrix[below, rows] = matrix[rows, below].T


def _checked(values: Floats, vectors: Floats) -> tuple[Floats, Floats]:
    if not np.isfinite(values).all():
        raise ArithmeticError(f"the eigendecomposition of the {len(values)} x {len(values)} kinship did not converge")
    return values, vectors


def matrices_of_lapack(n: int) -> int:
    """Matrices of `n` rows in memory at the peak of :func:`on_host`: the input, LAPACK's copy, and workspace or vectors."""
    return 4 if _divides(n) else 3


def _divides(n: int) -> bool:
    """Whether LAPACK can count the workspace of divide and conquer."""
    return n <= MAX_DIVIDE_ROWS


def on_host(kinship: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues and eigenvectors by LAPACK: divide and conquer, or relatively robust representations for large n."""
    try:
        from scipy.linalg import eigh
    except ImportError:
        return _checked(*np.linalg.eigh(kinship))
    driver: Literal["evd", "evr"] = "evd" if _divides(len(kinship)) else "evr"
    try:
        values, vectors = eigh(kinship, driver=driver, check_finite=False)
    except np.linalg.LinAlgError as error:
        raise ArithmeticError(
            f"the eigendecomposition of the {len(kinship)} x {len(kinship)} kinship did not converge"
        ) from error
    return _checked(values, vectors)
