"""The profile of the restricted likelihood of PVE in the null model."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from ..backends._constants import LAMBDA_MAX, LAMBDA_MIN, ZERO_BELOW

Floats = NDArray[np.float64]

HALF_CHI2 = 1.920729410347062
"""χ²(1) is below twice this with a probability of 0.95."""
_POINTS = 401
_HALVINGS = 80


@dataclass(frozen=True)
class Profile:
    """The restricted log-likelihood along PVE.

    Attributes
    ----------
    pve : ndarray, shape (m,)
        Values of PVE, ascending.
    log_likelihood : ndarray, shape (m,)
        The restricted log-likelihood, maximised over the other parameters.
    estimate : float
        The value of PVE with the largest likelihood in the range of lambda.
    highest : float
        The likelihood there.
    interval : (float, float)
        The values around it that a likelihood-ratio test at 5 % does not reject.
    is_open : (bool, bool)
        Whether the ends of the interval are those of the range of lambda.
    """

    pve: Floats
    log_likelihood: Floats
    estimate: float
    highest: float
    interval: tuple[float, float]
    is_open: tuple[bool, bool]


@dataclass(frozen=True)
class Model:
    """A rotated null model.

    Attributes
    ----------
    d : ndarray, shape (n,)
        Eigenvalues of the centred kinship of the analysed individuals.
    w : ndarray, shape (n, c)
        Rotated covariates, UᵀW.
    y : ndarray, shape (n,)
        Rotated phenotype, Uᵀy.
    """

    d: Floats
    w: Floats
    y: Floats

    @staticmethod
    def of(kinship: Floats, y: Floats, covariates: Floats | None) -> Model:
        """Centre and decompose `kinship`, shape (n, n), and rotate; without covariates there is an intercept."""
        n = len(y)
        w = np.ones((n, 1)) if covariates is None else covariates
        if not np.any(np.ptp(w, axis=0) == 0):
            w = np.column_stack([w, np.ones(n)])
        means = kinship.mean(axis=1)
        centred = kinship - means[:, None] - means[None, :] + means.mean()
        d, u = np.linalg.eigh(centred)
        return Model.of_eigen(d, u, y, w)

    @staticmethod
    def of_eigen(d: Floats, u: Floats, y: Floats, w: Floats) -> Model:
        """With an eigendecomposition: `u` has the eigenvectors as columns."""
        return Model(np.where(d < ZERO_BELOW, 0.0, d), u.T @ w, u.T @ y)

    @property
    def t(self) -> float:
        """The mean eigenvalue."""
        return float(self.d.mean())

    def pve_of(self, lambda_: float) -> float:
        """PVE = tλ / (tλ + 1)."""
        return self.t * lambda_ / (self.t * lambda_ + 1)

    def lambda_of(self, pve: float) -> float:
        """λ = PVE / (t (1 - PVE))."""
        return pve / (self.t * (1 - pve))

    def restricted_log_likelihood(self, lambda_: float) -> float:
        """ℓ_R(λ) = ½ν ln(ν/2π) − ½ν − ½ν ln(yᵀPy) + ½ ln|WᵀW| − ½ ln|H| − ½ ln|WᵀH⁻¹W|, with ν = n − c, H = λD + I.

        Source: Zhou & Stephens 2012, Nat. Genet. 44:821, Supplementary Note 3.1.2.
        """
        n, c = self.w.shape
        nu = n - c
        h = lambda_ * self.d + 1.0
        weighted = self.w / h[:, None]
        g = self.w.T @ weighted
        beta = np.linalg.solve(g, weighted.T @ self.y)
        residual = self.y - self.w @ beta
        ypy = float(residual @ (residual / h))
        log_det_w, log_det_g = np.linalg.slogdet(self.w.T @ self.w)[1], np.linalg.slogdet(g)[1]
        return float(0.5 * nu * (log(nu / (2 * pi)) - 1 - log(ypy)) + 0.5 * (log_det_w - log_det_g - np.log(h).sum()))

    def profile(self) -> Profile:
        """The likelihood along PVE, its maximum, and the interval.

        Raises
        ------
        ValueError
            If the kinship has no variance, or the covariates explain the phenotype.
        """
        n, c = self.w.shape
        if n <= c:
            raise ValueError(f"there are {n} individuals and {c} covariates; the model needs more individuals")
        if not self.t > 0:
            raise ValueError("the centred kinship is 0: PVE is not defined")
        fitted = self.w @ np.linalg.lstsq(self.w, self.y, rcond=None)[0]
        if float(((self.y - fitted) ** 2).sum()) <= 1e-20 * float((self.y**2).sum()):
            raise ValueError("the covariates explain the phenotype completely")
        low, high = self.pve_of(LAMBDA_MIN), self.pve_of(LAMBDA_MAX)
        # Dense in the middle and near both ends, where the likelihood changes quickly.
        inner = (1 - np.cos(np.linspace(0, pi, _POINTS))) / 2
        pve = low + (high - low) * inner
        values = np.array([self.restricted_log_likelihood(self.lambda_of(one)) for one in pve])
        best = int(np.argmax(values))
        estimate, highest = self._maximum(pve, values, best)
        lower, is_open_below = self._end(pve, values, best, highest, -1)
        upper, is_open_above = self._end(pve, values, best, highest, 1)
        return Profile(pve, values, estimate, highest, (lower, upper), (is_open_below, is_open_above))

    def _value(self, pve: float) -> float:
        return self.restricted_log_likelihood(self.lambda_of(pve))

    def _maximum(self, pve: Floats, values: Floats, best: int) -> tuple[float, float]:
        """The maximum next to a grid point, by golden sections."""
        low, high = float(pve[max(best - 1, 0)]), float(pve[min(best + 1, len(pve) - 1)])
        ratio = (5**0.5 - 1) / 2
        for _ in range(_HALVINGS):
            a, b = high - ratio * (high - low), low + ratio * (high - low)
            if self._value(a) >= self._value(b):
                high = b
            else:
                low = a
        middle = (low + high) / 2
        found = self._value(middle)
        return (middle, found) if found >= values[best] else (float(pve[best]), float(values[best]))

    def _end(self, pve: Floats, values: Floats, best: int, highest: float, step: int) -> tuple[float, bool]:
        """An end of the interval: where the likelihood is lower by half of χ², or the end of the range."""
        k = best
        while 0 <= k + step < len(pve) and values[k + step] >= highest - HALF_CHI2:
            k += step
        if not 0 <= k + step < len(pve):
            return float(pve[k]), True
        inside, outside = float(pve[k]), float(pve[k + step])
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if self._value(middle) >= highest - HALF_CHI2:
                inside = middle
            else:
                outside = middle
        return inside, False
