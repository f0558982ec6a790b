"""The host memory of the backend, for the memory plan of a run.

S is 8n², the bytes of a matrix. A matrix that is passed from or to Rust counts as long as it is a NumPy array, and so does
its copy in Rust while both exist. The memory of the engine itself is not counted: the genotypes that are read and, during
the tests, the eigenvectors (S).

* kinship: sum and product, then sum and mean, then the mean and its copy, 2S; with a GPU the mean and its copy, 2S
* eigendecomposition: matrix, LAPACK's copy and 2S of workspace for divide and conquer, 4S; if n is too large for that,
  matrix, copy and vectors, 3S; on a GPU matrix and vectors, 2S
* association: the eigenvectors as passed in and on the device, 2S, then once; with a GPU as passed in, S

In addition there are the genotypes of a block as passed in, its results, and JAX with its compiled code; without a GPU also
the tables on the grid and the block that is being fitted. The libraries of a GPU are not counted, because their memory
depends on the driver.
"""

from __future__ import annotations

from typing import Literal, get_args

import jax

from . import _eigen as eigen
from . import _plan as plan

Stage = Literal["kinship", "eigendecomposition", "association"]

_RUNTIME = 288 << 20
"""JAX with SciPy, threads and the compiled sums: 215 to 285 MiB were measured."""
_COMPILED_SCAN = 384 << 20
"""The compiled tests and the memory that the compiler keeps: 345 to 365 MiB were measured."""
_TABLE_COLUMNS = 640
"""Columns of n numbers in the tables on the grid: 13 lambda with ten covariates."""
_DECODED_COLUMNS = 4
"""Columns of n numbers for each SNP that is added to a kinship."""
_RESULT = 512
"""Bytes of the results of a SNP: in blocks, joined, and as returned."""


def host_bytes(
    stage: Stage, n: int, block_snps: int, dosages: bool, *, device: jax.Device, memory: int | None = None
) -> int:
    """Peak host memory of the backend in a stage, in bytes.

    Parameters
    ----------
    stage : {"kinship", "eigendecomposition", "association"}
    n : int
        Number of individuals in the stage.
    block_snps : int
        Number of SNPs that are passed in at a time.
    dosages : bool
        Whether they are passed as dosages rather than as two-bit calls.
    device : jax.Device
        The device of the backend.
    memory : int, optional
        Maximum number of bytes to use on the device.

    Raises
    ------
    ValueError
        If there is no such stage.
    """
    if stage not in get_args(Stage):
        raise ValueError(f"stage: expected one of {', '.join(get_args(Stage))}, found {stage!r}")
    square, on_gpu = 8 * n * n, plan.is_gpu(device)
    # With a GPU the block is not in host memory.
    fitted = 0 if on_gpu else 8 * n * plan.usual_snps(max(n, 1), device)
    passed = block_snps * (8 * n if dosages else -(-n // 4))
    if stage == "kinship":
        return _RUNTIME + 2 * square + _DECODED_COLUMNS * fitted + passed
    if stage == "eigendecomposition":
        is_there = on_gpu and eigen.why_not_on_device(n, plan.free_bytes(device, memory)) is None
        return _RUNTIME + (2 if is_there else eigen.matrices_of_lapack(n)) * square
    tables = 0 if on_gpu else 8 * n * _TABLE_COLUMNS
    begun = square if on_gpu else 2 * square
    scanning = (0 if on_gpu else square) + plan.COLUMNS_IN_FLIGHT * fitted + passed + _RESULT * block_snps
    return _RUNTIME + tables + max(begun, scanning + _COMPILED_SCAN)
