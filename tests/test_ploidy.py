"""The chromosomes of a species: keywords, arrays of sexes, and genotypes in memory."""

from __future__ import annotations

import numpy as np
import pytest

import jamma
from conftest import Floats
from test_api import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")

N = 60
CHROMOSOMES = ["1"] * 20 + ["20"] * 8 + ["21"] * 4 + ["23"] * 3
"""The chromosomes of mice in PLINK's codes: autosome, X, Y and MT."""


def genotypes(seed: int = 5) -> Floats:
    """Calls of N mice, males first; haploid calls are 0 or 2, and females have none on Y."""
    x = np.random.default_rng(seed).integers(0, 3, size=(N, len(CHROMOSOMES))).astype(float)
    for j, chromosome in enumerate(CHROMOSOMES):
        haploid = slice(0, N) if chromosome == "23" else slice(0, N // 2)
        if chromosome != "1":
            x[haploid, j] = 2 * (x[haploid, j] > 0)
        if chromosome == "21":
            x[N // 2 :, j] = np.nan
    return x


def bim() -> dict[str, list[str] | list[int]]:
    """The records of the SNPs."""
    p = len(CHROMOSOMES)
    return {
        "chr": CHROMOSOMES,
        "rs": [f"rs{j}" for j in range(p)],
        "ps": list(range(1, p + 1)),
        "allele1": ["A"] * p,
        "allele0": ["C"] * p,
    }


SEX = ["M"] * (N // 2) + ["F"] * (N // 2)
PHENOTYPE = np.random.default_rng(7).normal(size=N)


def run(x: Floats, **options: object) -> jamma.LmmResult:
    """The tests of all SNPs."""
    return jamma.run_lmm(genotypes=x, bim=bim(), phenotype=PHENOTYPE, maf=0, miss=1, **options)  # type: ignore[arg-type]


def test_genotypes_in_memory_are_recoded() -> None:
    x = genotypes()
    recoded = x.copy()
    for j, chromosome in enumerate(CHROMOSOMES):
        if chromosome != "1":
            recoded[slice(0, N) if chromosome == "23" else slice(0, N // 2), j] /= 2
    autosomes = [f"rs{j}" for j, chromosome in enumerate(CHROMOSOMES) if chromosome == "1"]
    expected = run(recoded, kinship_snps=autosomes)
    found = run(x, chr_set="mouse", x_model=1, sex_from=SEX)
    for column in ("beta", "se", "p_wald", "n_miss"):
        np.testing.assert_array_equal(found[column], expected[column])
    counts = found.report.kinship_snps
    assert counts is not None
    assert counts["not_autosomal"] == 15
    other = run(x, chr_set=19, x_model="none", sex_from=[1] * (N // 2) + [2] * (N // 2), all_snps=True)
    assert other.ledger["snps"]["on_x"] == 8
    assert other["status"].tolist().count("excluded_on_x") == 8


def test_sexes_are_words_or_numbers() -> None:
    x = genotypes()
    numbers = np.array([1.0] * (N // 2) + [2.0] * (N // 2))
    assert_same(run(x, chr_set="mouse", sex_from=SEX), run(x, chr_set="mouse", sex_from=numbers))
    with pytest.raises(ValueError, match="the sex of 1 of 60"):
        run(x, chr_set="mouse", sex_from=[*SEX[:-1], None])
    with pytest.raises(ValueError, match="the sex of the individuals is not given"):
        run(x, chr_set="mouse")
    with pytest.raises(ValueError, match="sex_from"):
        run(x, chr_set="mouse", sex_from=SEX[:-1])


def test_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="chr_set: expected a species"):
        run(genotypes(), chr_set="unicorn")
    with pytest.raises(ValueError, match="x_model"):
        run(genotypes(), x_model=1)
    with pytest.raises(ValueError, match="x_model"):
        run(genotypes(), chr_set="mouse", sex_from=SEX, x_model=3)


def test_the_kinship_uses_autosomes() -> None:
    x = genotypes()
    expected = jamma.kinship(genotypes=x[:, :20], maf=0, miss=1)
    found = jamma.kinship(genotypes=x, bim=bim(), maf=0, miss=1, chr_set="mouse")
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
