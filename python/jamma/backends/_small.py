"""Linear algebra of the few columns of one model, for many lambda at once.

Matrices have shape (k, k, ...) and vectors (k, ...); the trailing axes run over lambda and SNPs. Each step of a loop over
the k columns processes all of them at once. Loops compile as fast for twenty covariates as for one, unlike unrolled steps.
A matrix that is not positive definite gives NaN.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array


def cholesky(g: Array) -> Array:
    """The lower factor L of G = L Lᵀ, (k, k, ...)."""
    k = g.shape[0]
    rows = jnp.arange(k).reshape((k,) + (1,) * (g.ndim - 2))

    def column(j: Array, factor: Array) -> Array:
        # Columns from j on are still 0.
        rest = g[:, j] - jnp.sum(factor * factor[j], axis=1)
        # NaN if the matrix is not positive definite; it propagates to all results.
        pivot = jnp.where(rest[j] > 0.0, rest[j], jnp.nan)
        return factor.at[:, j].set(jnp.where(rows >= j, rest / jnp.sqrt(pivot), 0.0))

    factor: Array = jax.lax.fori_loop(0, k, column, jnp.zeros_like(g))
    return factor


def log_determinant(factor: Array) -> Array:
    """ln|G|."""
    return 2.0 * jnp.sum(jnp.log(diagonal(factor)), axis=0)


def forward(factor: Array, b: Array) -> Array:
    """L⁻¹B for B of shape (k, ...) or (k, m, ...)."""
    # A matrix B has as many axes as the factor, a vector one less.
    of_vector = b.ndim < factor.ndim

    def row(i: Array, x: Array) -> Array:
        coefficients = factor[i] if of_vector else factor[i][:, None]
        return x.at[i].set((b[i] - jnp.sum(coefficients * x, axis=0)) / factor[i, i])

    solved: Array = jax.lax.fori_loop(0, len(b), row, jnp.zeros_like(b))
    return solved


def solve(factor: Array, b: Array) -> Array:
    """G⁻¹B = L⁻ᵀL⁻¹B for B of shape (k, ...) or (k, m, ...)."""
    of_vector, k = b.ndim < factor.ndim, len(b)
    half = forward(factor, b)

    def row(step: Array, x: Array) -> Array:
        i = k - 1 - step
        coefficients = factor[:, i] if of_vector else factor[:, i][:, None]
        return x.at[i].set((half[i] - jnp.sum(coefficients * x, axis=0)) / factor[i, i])

    solved: Array = jax.lax.fori_loop(0, k, row, jnp.zeros_like(b))
    return solved


def inverse(factor: Array) -> Array:
    """G⁻¹, (k, k, ...)."""
    k = factor.shape[0]
    unit = jnp.eye(k).reshape((k, k) + (1,) * (factor.ndim - 2))
    return solve(factor, jnp.broadcast_to(unit, factor.shape))


def whitened_traces(factor: Array, s: Array) -> tuple[Array, Array]:
    """Traces of M and M² for M = L⁻¹SL⁻ᵀ and symmetric S; they are those of G⁻¹S and (G⁻¹S)²."""
    m = forward(factor, jnp.swapaxes(forward(factor, s), 0, 1))
    return jnp.trace(m), jnp.sum(m * m, axis=(0, 1))


def dot(a: Array, b: Array) -> Array:
    """Σ aᵢ bᵢ over the first axis."""
    return jnp.sum(a * b, axis=0)


def times(m: Array, v: Array) -> Array:
    """The product Mv of a matrix and a vector."""
    return jnp.sum(m * v, axis=1)


def full(pairs: Array, k: int) -> Array:
    """The symmetric matrix (k, k, ...) with the lower triangle `pairs` (k(k+1)/2, ...), packed row by row."""
    index = [[max(i, j) * (max(i, j) + 1) // 2 + min(i, j) for j in range(k)] for i in range(k)]
    return pairs[jnp.array(index)]


def diagonal(m: Array) -> Array:
    """The diagonal of a matrix, (k, ...)."""
    k = jnp.arange(m.shape[0])
    return m[k, k]
