"""The rotated study on the host: an orthonormal basis of the covariates, and the phenotype without them.

Both likelihoods depend on W, y and x only through the span of W and the components of y and x orthogonal to it. Computing
these once costs nothing per lambda and avoids the cancellation that large means and scales of covariates cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._constants import DEPENDENT_BELOW, EXPLAINED_BELOW

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RotatedStudy:
    """Rotated phenotype and covariates of n individuals."""

    d: Floats
    """Eigenvalues, (n,)."""
    q: Floats
    """Orthonormal basis of the rotated covariates, (n, c)."""
    r: Floats
    """Upper triangular, UᵀW = QR, (c, c)."""
    y: Floats
    """Rotated phenotype without its projection on the basis, (n,)."""
    y_in_basis: Floats
    """Coefficients of this projection, (c,)."""

    @classmethod
    def of(cls, d: Floats, uty: Floats, utw: Floats) -> RotatedStudy:
        """The study with eigenvalues `d` (n,), rotated phenotype `uty` (n,) and rotated covariates `utw` (n, c).

        Raises
        ------
        ValueError
            If shapes disagree, n <= c + 1, the covariates are linearly dependent, or they explain the phenotype completely.
        """
        n, c = utw.shape
        if d.shape != (n,) or uty.shape != (n,):
            raise ValueError(
                f"eigenvalues {d.shape}, rotated phenotype {uty.shape} and rotated covariates {utw.shape} have different "
                "numbers of individuals"
            )
        if n <= c + 1:
            raise ValueError(
                f"{n} individuals are analysed, but {c} covariates (with the intercept) need at least {c + 2}; analyse "
                "more individuals or use fewer covariates"
            )
        q, r = np.linalg.qr(utw)
        norms = np.sqrt(np.sum(utw * utw, axis=0))
        # The negation also catches NaN.
        dependent = np.flatnonzero(~(np.abs(np.diag(r)) > DEPENDENT_BELOW * norms))
        if dependent.size:
            raise ValueError(
                f"covariate {dependent[0] + 1} is a linear combination of the others; remove it from the covariates"
            )
        y, inside = uty.copy(), np.zeros(c)
        # Twice: the first pass leaves a rounding error of the size of y.
        for _ in range(2):
            part = q.T @ y
            y -= q @ part
            inside += part
        if not y @ y > EXPLAINED_BELOW * (uty @ uty):
            raise ValueError(
                "the phenotype has no variance left after the covariates among the analysed individuals; check that "
                "it is not constant and not a combination of the covariates"
            )
        return cls(d, q, r, y, inside)

    @property
    def n(self) -> int:
        """Number of individuals."""
        return len(self.d)

    @property
    def mean_d(self) -> float:
        """Mean eigenvalue."""
        return float(np.sum(self.d)) / self.n

    @property
    def y_norm(self) -> float:
        """Norm of the rotated phenotype before the covariates are removed."""
        return float(np.hypot(np.linalg.norm(self.y), np.linalg.norm(self.y_in_basis)))

    @property
    def c(self) -> int:
        """Number of covariates, including the intercept."""
        return int(self.q.shape[1])

    def covariate_effects(self, of_residual: Floats) -> Floats:
        """Effects of the covariates (c,), given the coefficients of `y` on the basis (c,)."""
        return np.asarray(np.linalg.solve(self.r, self.y_in_basis + of_residual))

    def covariate_variances(self, r_weighted: Floats) -> Floats:
        """Diagonal of (WᵀH⁻¹W)⁻¹, (c,), from the triangular factor R of the weighted basis, QᵀH⁻¹Q = RᵀR, (c, c)."""
        half = np.linalg.solve(r_weighted.T, np.linalg.inv(self.r).T)
        return np.asarray(np.sum(half * half, axis=0))
