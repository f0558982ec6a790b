"""Whole workflows against GEMMA's outputs in reference/, on every backend, and the backends against each other.

The Rust suite compares every case of reference/ as text; here a case of each kind runs on each backend by the tolerances of
the package: effects, standard errors and p-values within 1e-6, lambda within 1e-5 (3e-4 if the likelihood is flat or
GEMMA's own result depends on the processor: reference/tolerances.tsv).
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import jamma
from conftest import DATA, REFERENCE, needs_jax
from jamma.cli import main

CASES = {
    (row[1], row[0]): row[2]
    for row in (line.split("\t") for line in (REFERENCE / "cases.tsv").read_text().splitlines()[1:])
}
LMM = [
    ("plain", "lmm1"),
    ("plain", "lmm4"),
    ("plain", "lmm9"),
    ("plain", "sxx_lmm4"),
    ("plain", "region30_lmm4"),
    ("missing", "lmm4"),
    ("missing", "n2_lmm4"),
    ("missing", "n4_lmm4"),
    ("missing", "hwe_lmm1"),
    ("missing", "r2_90_lmm1"),
    ("covariates", "lmm4"),
    ("covariates", "na_lmm4"),
    ("odd", "lmm4"),
    ("odd", "n3_lmm4"),
    ("odd", "du_lmm4"),
    ("demo", "lmm4"),
]

# Cases that add nothing for the backend jax, which takes seconds to compile each new shape.
COVERED = {"lmm1", "region30_lmm4", "hwe_lmm1", "du_lmm4", "n3_lmm4"}


def run(dataset: str, name: str, backend: str, place: Path) -> pl.DataFrame:
    """Our table of a case, by the command line that made GEMMA's."""
    words = shlex.split(CASES[dataset, name])[1:]
    at = words.index("-outdir")
    words[at + 1] = str(place)
    here = Path.cwd()
    os.chdir(DATA)
    try:
        assert main([*words, "-silence", "--backend", backend]) == 0
    finally:
        os.chdir(here)
    return jamma.read_assoc(place / f"{name}.assoc.txt")


def worst(name: str, ours: pl.DataFrame, theirs: pl.DataFrame, rows: np.ndarray) -> float:
    """The largest relative difference of a column among `rows`; of effects near zero in units of their error."""
    a, b = (frame[name].to_numpy()[rows] for frame in (ours, theirs))
    scale = np.maximum(abs(a), abs(b))
    if name == "beta" and "se" in ours.columns:
        scale = np.maximum(scale, ours["se"].to_numpy()[rows])
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.max(np.where(a == b, 0.0, abs(a - b) / scale), initial=0.0))


@pytest.mark.parametrize(("dataset", "name"), LMM, ids=lambda part: part)
def test_associations_are_gemmas(dataset: str, name: str, backend: str, tmp_path: Path) -> None:
    if backend == "jax" and name in COVERED:
        pytest.skip("JAX compiles for every shape and mode; others cover this one")
    ours = run(dataset, name, backend, tmp_path)
    theirs = jamma.read_assoc(REFERENCE / "gemma" / dataset / f"{name}.assoc.txt")
    assert ours.columns == theirs.columns
    for column in ("chr", "rs", "ps", "n_miss", "allele1", "allele0", "af"):
        assert ours[column].equals(theirs[column]), column
    # GEMMA prints nan where its search fails; every number of ours is one.
    defined = np.isfinite(theirs.select(pl.selectors.float()).to_numpy()).all(axis=1)
    assert defined.mean() > 0.9
    assert np.isfinite(ours.select(pl.selectors.float()).to_numpy()).all()
    for column in ours.columns[7:]:
        if not column.startswith("l_"):
            # logl_H1 is printed with seven digits, as all are.
            limit = 1e-6 if column != "logl_H1" else 2e-6
            assert worst(column, ours, theirs, defined) <= limit, column
            continue
        values = theirs[column].to_numpy()
        settled = defined & (values >= 0.05) & (values <= 900.0)
        assert worst(column, ours, theirs, settled) <= 1e-5, column
        assert worst(column, ours, theirs, defined) <= 3e-4, column
    for column in (name for name in ours.columns if name.startswith("p_")):
        a, b = (frame[column].to_numpy()[defined] < 0.05 / len(ours) for frame in (ours, theirs))
        assert np.array_equal(a, b), f"significance by {column}"


@pytest.mark.parametrize("dataset", ["plain", "missing"])
@pytest.mark.parametrize(("kind", "file"), [("centered", "gk1.cXX.txt"), ("standardized", "gk2.sXX.txt")])
def test_kinships_are_gemmas(dataset: str, kind: str, file: str, backend: str) -> None:
    ours = jamma.kinship(DATA / dataset, kind=kind, backend=backend)  # type: ignore[arg-type]
    theirs = jamma.read_kinship(REFERENCE / "gemma" / dataset / file)
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() <= 1e-9 * abs(theirs).max()
    assert np.array_equal(ours, ours.T)


def test_the_null_model_is_gemmas(backend: str) -> None:
    result = jamma.run_lmm(DATA / "demo", kinship=REFERENCE / "gemma/demo/gk1.cXX.txt", tests="all", backend=backend)
    log = (REFERENCE / "gemma/demo/lmm4.log.txt").read_text()

    def printed(label: str) -> float:
        line = next(line for line in log.splitlines() if line.startswith(f"## {label} ="))
        return float(line.split("=")[1])

    assert result.null.pve == pytest.approx(printed("pve estimate in the null model"), rel=1e-5)
    assert result.null.pve_se == pytest.approx(printed("se(pve) in the null model"), rel=1e-5)
    assert result.null.vg == pytest.approx(printed("vg estimate in the null model"), rel=1e-5)
    assert result.null.ve == pytest.approx(printed("ve estimate in the null model"), rel=1e-5)
    assert result.null.beta[0] == pytest.approx(printed("beta estimate in the null model"), rel=1e-5)
    assert result.backend == backend


@needs_jax
@pytest.mark.parametrize("dataset", ["demo", "missing", "covariates"])
def test_the_backends_agree(dataset: str) -> None:
    covariates = {"covariates": DATA / "covariates.txt"} if dataset == "covariates" else {}
    rust, jax = (jamma.run_lmm(DATA / dataset, tests="all", backend=name, **covariates) for name in ("rust", "jax"))
    assert jax.backend == "jax"
    assert rust["rs"].tolist() == jax["rs"].tolist()
    everything = np.ones(len(rust), bool)
    a, b = rust.to_polars(), jax.to_polars()
    for column in ("beta", "se", "logl_H1", "p_wald", "p_lrt", "p_score"):
        assert worst(column, a, b, everything) <= 1e-6, column
    for column in ("l_remle", "l_mle"):
        assert worst(column, a, b, everything) <= 1e-5, column
    assert rust.ledger["snps"]["fallback"] == jax.ledger["snps"]["fallback"]
