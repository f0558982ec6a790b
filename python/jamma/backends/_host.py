"""What the backend holds on the host, so that a run can be priced before it begins.

S is 8n², the bytes of a matrix; a matrix that the Rust side passes in or takes out counts here from the moment it is a
NumPy array, and its copy on that side while both are there. What the Rust side has of its own is not counted: the
genotypes as they are read and, while SNPs are tested, the eigenvectors (S).

* kinship: sum and product, then sum and mean, then mean and the copy of it, 2S; with a GPU mean and copy, 2S
* eigendecomposition: matrix, LAPACK's copy and 2S of workspace for divide and conquer, 4S; beyond its size matrix, copy
  and vectors, 3S; on a GPU matrix and vectors, 2S
* association: the eigenvectors as they come and on the device, 2S, then once; with a GPU as they come, S

Beside these there are the genotypes of a block as they are passed in, its results, and JAX itself with what it has
compiled; without a GPU also the tables on the grid and the block that is being fitted. The libraries of a GPU are not
counted: their memory depends on the driver.
"""

from __future__ import annotations

from typing import Literal, get_args

import jax

from . import _eigen as eigen
from . import _plan as plan

Stage = Literal["kinship", "eigendecomposition", "association"]

_RUNTIME = 288 << 20
"""JAX with SciPy, threads and the compiled sums: 215 to 285 MiB."""
_COMPILED_SCAN = 384 << 20
"""The compiled tests, and what the compiler keeps: 345 to 365 MiB."""
_TABLE_COLUMNS = 640
"""Columns of n numbers of the tables on the grid: 13 lambda with ten covariates."""
_DECODED_COLUMNS = 4
"""Columns of n numbers for each SNP that a kinship adds."""
_RESULT = 512
"""Bytes of the results of a SNP, in blocks, joined and as they are handed out."""


def host_bytes(
    stage: Stage, n: int, block_snps: int, dosages: bool, *, device: jax.Device, memory: int | None = None
) -> int:
    """The most bytes that the backend holds on the host in a stage.

    Parameters
    ----------
    stage : {"kinship", "eigendecomposition", "association"}
    n : int
        Individuals of the stage.
    block_snps : int
        SNPs that are passed in at a time.
    dosages : bool
        Whether they are dosages rather than two-bit calls.
    device : jax.Device
    memory : int, optional
        Most bytes to take on the device.

    Raises
    ------
    ValueError
        Where there is no such stage.
    """
    if stage not in get_args(Stage):
        raise ValueError(f"the stage is one of {', '.join(get_args(Stage))}, not {stage!r}")
    square, on_gpu = 8 * n * n, plan.is_gpu(device)
    # On a GPU the block is there.
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
