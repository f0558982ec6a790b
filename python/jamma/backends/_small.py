"""Linear algebra of the few columns of one model, for many lambda at once.

Matrices are (k, k, ...), vectors (k, ...): the trailing axes run over lambda and SNPs, and k is small, so that every
step is an elementwise operation over all of them. A matrix that is not positive definite gives NaN.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def cholesky(g: Array) -> list[Array]:
    """Columns of the lower factor L of G = L Lᵀ: column j holds rows j to k-1, shape (k-j, ...)."""
    k = g.shape[0]
    columns: list[Array] = []
    for j in range(k):
        column = g[j:, j]
        for m, earlier in enumerate(columns):
            column = column - earlier[j - m :] * earlier[j - m]
        # Not positive definite, or NaN: NaN in all that follows.
        pivot = jnp.where(column[0] > 0.0, column[0], jnp.nan)
        columns.append(column / jnp.sqrt(pivot))
    return columns


def log_determinant(factor: list[Array]) -> Array:
    """ln|G|."""
    total = jnp.log(factor[0][0])
    for column in factor[1:]:
        total = total + jnp.log(column[0])
    return 2.0 * total


def forward(factor: list[Array], b: Array) -> Array:
    """L⁻¹B for B of shape (k, ...) or (k, m, ...)."""
    rows = []
    rest = b
    for column in factor:
        # A right-hand side with several columns has one axis more than the factor.
        tail = column if rest.ndim == column.ndim else column[:, None]
        row = rest[0] / tail[0]
        rows.append(row)
        rest = rest[1:] - tail[1:] * row
    return jnp.stack(rows)


def solve(factor: list[Array], b: Array) -> Array:
    """G⁻¹B = L⁻ᵀL⁻¹B for B of shape (k, ...) or (k, m, ...)."""
    rows = list(forward(factor, b))
    for i in reversed(range(len(factor))):
        total = rows[i]
        for offset in range(1, len(factor) - i):
            total = total - factor[i][offset] * rows[i + offset]
        rows[i] = total / factor[i][0]
    return jnp.stack(rows)


def inverse(factor: list[Array]) -> Array:
    """G⁻¹, (k, k, ...)."""
    k, trailing = len(factor), factor[0].shape[1:]
    unit = jnp.eye(k).reshape((k, k) + (1,) * len(trailing))
    return solve(factor, jnp.broadcast_to(unit, (k, k, *trailing)))


def whitened_traces(factor: list[Array], s: Array) -> tuple[Array, Array]:
    """Traces of M and M² for M = L⁻¹SL⁻ᵀ, which has the traces of G⁻¹S, for symmetric S."""
    m = forward(factor, jnp.swapaxes(forward(factor, s), 0, 1))
    return jnp.trace(m), jnp.sum(m * m, axis=(0, 1))


def dot(a: Array, b: Array) -> Array:
    """Σ aᵢ bᵢ over the first axis."""
    return jnp.sum(a * b, axis=0)


def times(m: Array, v: Array) -> Array:
    """Mv."""
    return jnp.sum(m * v, axis=1)


def full(pairs: Array, k: int) -> Array:
    """The symmetric (k, k, ...) matrix of the packed lower triangle `pairs` (k(k+1)/2, ...), row by row."""
    index = [[max(i, j) * (max(i, j) + 1) // 2 + min(i, j) for j in range(k)] for i in range(k)]
    return pairs[jnp.array(index)]
