"""The constants that the Rust engine and the Python code share: thresholds, tolerances and defaults of the model.

`jamma._core.constants()` returns those of the engine under the same names, and a test checks that both tables are equal.
Add a new constant here and in `src/python/constants.rs`. Constants that only one side uses, such as block sizes on a
device, are defined where they are used.
"""

from __future__ import annotations

from typing import Final

# The kinship and its eigenvalues.
SYMMETRY_TOLERANCE: Final = 1e-6
"""Largest difference of mirrored entries of a kinship that counts as rounding, as a fraction of the largest entry."""
KINSHIP_TOO_LARGE: Final = 1e30
"""A kinship with larger entries is an error: no digits of the residual variance are left next to the genetic one."""
KINSHIP_CONSTANT: Final = 1e-9
"""A centred kinship whose entries are at most this fraction of the largest entry before counts as constant."""
ZERO_BELOW: Final = 1e-10
"""Eigenvalues below this are set to 0, negative ones too, as in GEMMA; an absolute threshold."""

# The SNP filters: GEMMA's defaults.
MAX_MISSING: Final = 0.05
"""Largest fraction of missing calls of a SNP that is kept."""
MIN_MAF: Final = 0.01
"""Smallest minor allele frequency of a SNP that is kept."""
MIN_HWE: Final = 0.0
"""Smallest Hardy-Weinberg p-value of a SNP that is kept; 0 is off."""
MAX_R2: Final = 0.9999
"""Largest R² with the covariates of a SNP that is kept."""

# The range of lambda: GEMMA's defaults.
LAMBDA_MIN: Final = 1e-5
"""Smallest lambda."""
LAMBDA_MAX: Final = 1e5
"""Largest lambda."""
LAMBDA_INTERVALS: Final = 10
"""Intervals of the grid, equally long in ln lambda."""

# Covariates, phenotype and SNP after rotation.
DEPENDENT_BELOW: Final = 1e-10
"""A covariate that keeps at most this fraction of its norm after the earlier ones are removed depends on them."""
EXPLAINED_BELOW: Final = 1e-20
"""A phenotype that keeps at most this fraction of its sum of squares after the covariates has no variance left."""
COLLINEAR_BELOW: Final = 1e-18
"""A SNP that keeps at most this fraction of xᵀx after the covariates is a linear combination of them."""

# The likelihood at one lambda.
DIGITS_LOST: Final = 1e-3
"""The weighted form is used if less than this fraction of a sum is left after a subtraction."""
ILL_CONDITIONED: Final = 1e-6
"""G⁻¹ has too few digits if a covariate keeps less than this fraction of its weighted square after the others."""
LARGEST_MEAN_PRODUCT: Final = 1e9
"""Above this product of lambda and the mean eigenvalue, the terms of the slope cancel except for their last digits."""
WEIGHTED_DEPENDENT_BELOW: Final = 1e-14
"""A weighted column that keeps at most this fraction of its norm after the earlier ones is a combination of them."""
PERFECT_FIT: Final = 1e-26
"""A yᵀPy of at most this fraction of the weighted yᵀy is rounding: a perfect fit."""
PERFECT_FIT_EACH: Final = 1e-28
"""Increase of that fraction per individual."""

# The search for lambda: GEMMA's path, and a search for the root if that path fails.
MAX_STEPS: Final = 100
"""Steps allowed in each stage of GEMMA's path."""
BRENT_WIDTH: Final = 0.1
"""The first stage stops when the bracket is narrower than this fraction of its smaller end."""
NEWTON_STEP: Final = 1e-5
"""The second stage stops when a step is below this fraction of lambda."""
ROOT_TOLERANCE: Final = 1e-10
"""Width in ln lambda at which the search for the root stops."""
MAX_ROOT_STEPS: Final = 200
"""Steps allowed in the search for the root."""
FLAT_SLOPE: Final = 1e-12
"""A slope in ln lambda below this, times n, is rounding."""
UNCERTAIN_EIGENVALUE: Final = 1e-9
"""An eigenvalue below this fraction of the largest may be 0, because files have ten digits of a kinship."""
UNCERTAIN_SLOPE: Final = 1e-6
"""The largest slope, per individual, that such an eigenvalue can cause."""
UNLIKE_NOISE: Final = 10.0
"""An eigenvalue differs from the largest if it is lower by more than this multiple of its uncertainty."""
FINE_INTERVAL: Final = 10.001
"""Longest interval, as a ratio of its ends, that is not searched again at every decade; GEMMA's default is shorter."""
SMALLEST_POSITIVE: Final = 1e-12
"""Start of the search at every decade if the range begins at 0."""
SMALLEST_FRACTION: Final = 1e-20
"""Start of that search as a fraction of the end of the range; the smaller of the two is used."""
CLEARLY_HIGHER: Final = 1e-6
"""Increase of the log-likelihood for which a maximum of that search replaces the inexact one of GEMMA's path."""

# The tests.
SAME_STATISTIC: Final = 1e-7
"""Wald statistics that differ by at most this fraction print the same p."""
ABSOLUTE_BELOW: Final = 1e-3
"""Below this the absolute value of a variance is used, so that a small negative one does not give NaN; as in GEMMA."""
UNDEFINED_COLLINEAR: Final = 1
"""Code of a SNP that is a linear combination of the covariates."""
UNDEFINED_LIKELIHOOD: Final = 2
"""Code of a SNP whose likelihood cannot be evaluated."""
UNDEFINED_FLAT_RESTRICTED: Final = 3
"""Code of a SNP without a Wald test, because the restricted likelihood does not depend on lambda."""


def constants() -> dict[str, float]:
    """The constants by name."""
    return {name: value for name, value in globals().items() if name.isupper()}
