"""The numbers that the Rust engine and the code in Python both use: the thresholds, tolerances and defaults of the model.

`jamma._core.constants()` gives those of the engine under the same names, and a test holds the two tables equal, so that
neither side has a number that the other lacks. A new one is added here and in `src/python/constants.rs`. What one side
alone uses, such as the sizes of blocks on a device, stays where it is used.
"""

from __future__ import annotations

from typing import Final

# The kinship and its eigenvalues.
SYMMETRY_TOLERANCE: Final = 1e-6
"""Largest difference of mirrored entries of a kinship that is rounding, as a fraction of the largest entry."""
KINSHIP_TOO_LARGE: Final = 1e30
"""Entries beyond this leave no digits of the residual variance beside the genetic one."""
KINSHIP_CONSTANT: Final = 1e-9
"""A kinship that varies by no more than this fraction of its largest entry, once centred, is constant."""
ZERO_BELOW: Final = 1e-10
"""Eigenvalues below this are set to 0: absolute, and every negative one, as GEMMA has it."""

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
"""A covariate that keeps no more than this fraction of its norm after the earlier ones depends on them."""
EXPLAINED_BELOW: Final = 1e-20
"""A phenotype that keeps no more than this fraction of its sum of squares after the covariates has no variance left."""
COLLINEAR_BELOW: Final = 1e-18
"""A SNP that keeps no more than this fraction of xᵀx after the covariates is a combination of them."""

# The likelihood at one lambda.
DIGITS_LOST: Final = 1e-3
"""If less than this fraction of a sum is left after a subtraction, the weighted form is used."""
ILL_CONDITIONED: Final = 1e-6
"""If a covariate keeps less than this fraction of its weighted square after the others, G⁻¹ has too few digits."""
LARGEST_MEAN_PRODUCT: Final = 1e9
"""Beyond this product of lambda and the mean eigenvalue the terms of the slope cancel but for their last digits."""
WEIGHTED_DEPENDENT_BELOW: Final = 1e-14
"""A weighted column that keeps no more than this fraction of its norm after the earlier ones is a combination of them."""
PERFECT_FIT: Final = 1e-26
"""A yᵀPy of no more than this fraction of the weighted yᵀy is rounding: a perfect fit."""
PERFECT_FIT_EACH: Final = 1e-28
"""What each individual adds to that fraction."""

# The search for lambda: GEMMA's path, and the root where that path fails.
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
"""An eigenvalue that is this fraction of the largest can be 0: files have ten digits of a kinship."""
UNCERTAIN_SLOPE: Final = 1e-6
"""The largest slope, for each individual, that such an eigenvalue makes."""
UNLIKE_NOISE: Final = 10.0
"""An eigenvalue that is this many times its uncertainty below the largest differs from it."""
FINE_INTERVAL: Final = 10.001
"""Longest interval, as a factor, that is not searched again at every decade: GEMMA's default is not."""
SMALLEST_POSITIVE: Final = 1e-12
"""The search at every decade begins here if the range begins at 0."""
SMALLEST_FRACTION: Final = 1e-20
"""Or at this fraction of the end of the range, if that is less."""
CLEARLY_HIGHER: Final = 1e-6
"""How much higher a maximum of that search must be to replace the one of GEMMA's path, whose lambda is inexact."""

# The tests.
SAME_STATISTIC: Final = 1e-7
"""Wald statistics that differ by no more than this fraction print the same p."""
ABSOLUTE_BELOW: Final = 1e-3
"""A variance below this counts by its absolute value: a small negative one must not give NaN. As GEMMA has it."""
UNDEFINED_COLLINEAR: Final = 1
"""The code of a SNP that is a combination of the covariates."""
UNDEFINED_LIKELIHOOD: Final = 2
"""The code of a SNP whose likelihood cannot be evaluated."""
UNDEFINED_FLAT_RESTRICTED: Final = 3
"""The code of a SNP without Wald test, since the restricted likelihood does not depend on lambda."""


def constants() -> dict[str, float]:
    """The table, by name."""
    return {name: value for name, value in globals().items() if name.isupper()}
