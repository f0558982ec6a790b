"""Readers for PLINK files, GEMMA's SNP filters and the dense kinship matrix, in plain NumPy.

For checking other programs: all data are read into memory as float64, with NaN for missing calls.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MISSING_CODE = 1  # the two-bit code 01
DOSAGE_OF_CODE = np.array([2.0, np.nan, 1.0, 0.0])  # copies of allele1 for the codes 00, 01, 10, 11


@dataclass
class Bim:
    """The columns of a .bim file, as text except the position."""

    chr: list[str]
    rs: list[str]
    ps: list[int]
    allele1: list[str]
    allele0: list[str]


@dataclass
class Thresholds:
    """SNP filters with GEMMA's defaults; `maf=None` disables the frequency filter."""

    miss: float = 0.05
    maf: float | None = 0.01
    r2: float = 0.9999


def read_bim(path: Path) -> Bim:
    """The SNPs of a .bim file, in file order."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return Bim([r[0] for r in rows], [r[1] for r in rows], [int(r[3]) for r in rows],
               [r[4] for r in rows], [r[5] for r in rows])


def read_bed(path: Path, n: int, p: int) -> Array:
    """Dosages of allele1 from a SNP-major .bed file, n x p, missing calls as NaN."""
    raw = np.frombuffer(path.read_bytes(), np.uint8)
    if raw[:3].tobytes() != b"\x6c\x1b\x01" or raw.size != 3 + p * ((n + 3) // 4):
        raise ValueError(f"{path}: not a SNP-major .bed file of {n} individuals and {p} SNPs")
    blocks = raw[3:].reshape(p, (n + 3) // 4)
    codes = (blocks[:, :, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
    return DOSAGE_OF_CODE[codes.reshape(p, -1)[:, :n]].T.copy()


def read_fam_phenotype(path: Path, column: int) -> Array:
    """Phenotype `column` (1 is the sixth field) of a .fam file; NA and -9 are NaN."""
    values = []
    for line in path.read_text().splitlines():
        token = line.split()[4 + column]
        value = np.nan if token == "NA" else float(token)
        values.append(np.nan if value == -9.0 else value)
    return np.array(values)


def read_covariates(path: Path) -> Array:
    """Rows of a covariate file; a row with any NA is all NaN."""
    rows = [line.replace(",", " ").split() for line in path.read_text().splitlines()]
    width = max(len(r) for r in rows)
    return np.array([[np.nan] * width if "NA" in r else [float(t) for t in r] for r in rows])


def with_intercept(w: Array) -> Array:
    """Covariates of the analysed individuals, with a column of 1s appended if no column is constant."""
    if np.any(np.ptp(w, axis=0) == 0):
        return w
    return np.column_stack([w, np.ones(len(w))])


@dataclass
class Study:
    """Dosages of all individuals, and the analysed individuals with their y and W."""

    bim: Bim
    dosage: Array  # all individuals x p
    analysed: NDArray[np.bool_]
    y: Array  # n
    w: Array  # n x c


def read_study(prefix: Path, column: int = 1, covariates: Path | None = None) -> Study:
    """Read prefix.bed, .bim and .fam with one phenotype column and, if given, a covariate file."""
    bim = read_bim(prefix.with_suffix(".bim"))
    y = read_fam_phenotype(prefix.with_suffix(".fam"), column)
    dosage = read_bed(prefix.with_suffix(".bed"), len(y), len(bim.rs))
    analysed = ~np.isnan(y)
    if covariates is None:
        return Study(bim, dosage, analysed, y[analysed], np.ones((analysed.sum(), 1)))
    w = read_covariates(covariates)
    if len(w) != len(y):
        raise ValueError(f"{covariates} has {len(w)} rows but the .fam file has {len(y)}")
    analysed &= ~np.isnan(w).any(axis=1)
    return Study(bim, dosage, analysed, y[analysed], with_intercept(w[analysed]))


def mean_imputed(x: Array) -> Array:
    """One SNP with its missing calls replaced by the mean of the observed ones."""
    return np.where(np.isnan(x), np.nanmean(x), x)


def passes(x: Array, w: Array, limits: Thresholds) -> bool:
    """Whether the SNP x (analysed individuals, NaN if missing) passes miss, maf, polymorphism and r2, in that order.

    r2 is the uncentred x'W(W'W)^-1 W'x / x'x and is used only with two or more covariates, as in GEMMA.
    """
    observed = x[~np.isnan(x)]
    if len(x) - len(observed) > limits.miss * len(x) or len(observed) == 0:
        return False
    af = observed.sum() / (2 * len(observed))
    if limits.maf is not None and (af < limits.maf or af > 1 - limits.maf):
        return False
    if len(np.unique(observed)) < 2:
        return False
    if w.shape[1] < 2:
        return True
    filled = mean_imputed(x)
    fitted = w @ np.linalg.solve(w.T @ w, w.T @ filled)
    return bool(fitted @ filled / (filled @ filled) <= limits.r2)


def kept_snps(study: Study, limits: Thresholds = Thresholds()) -> list[int]:
    """Indices of the SNPs that pass the filters among the analysed individuals."""
    x = study.dosage[study.analysed]
    return [j for j in range(x.shape[1]) if passes(x[:, j], study.w, limits)]


def snps_only(study: Study, indices: list[int]) -> Study:
    """The study with only these SNPs, in this order."""
    b = study.bim
    columns = ([column[j] for j in indices] for column in (b.chr, b.rs, b.ps, b.allele1, b.allele0))
    return replace(study, bim=Bim(*columns), dosage=study.dosage[:, indices])


def dense_kinship(study: Study, standardised: bool = False) -> Array:
    """K = ZZ'/p of ALL individuals, over the SNPs that pass the filters among the ANALYSED individuals.

    Columns of Z are mean imputed and centred and, with `standardised`, divided by the square root of the variance
    (sum of observed squares + mean^2 n_miss) / n - mean^2.
    """
    columns = []
    for j in kept_snps(study):
        z = mean_imputed(study.dosage[:, j])
        z = z - z.mean()
        variance = (z @ z) / len(z)
        columns.append(z / np.sqrt(variance) if standardised and variance > 0 else z)
    stacked = np.column_stack(columns)
    return stacked @ stacked.T / stacked.shape[1]


def read_kinship(path: Path, analysed: NDArray[np.bool_]) -> Array:
    """The rows and columns of the analysed individuals, from a square kinship text file."""
    k = np.loadtxt(path)
    if k.shape != (len(analysed), len(analysed)):
        raise ValueError(f"{path}: {k.shape[0]} x {k.shape[1]} but there are {len(analysed)} individuals")
    return k[np.ix_(analysed, analysed)]
