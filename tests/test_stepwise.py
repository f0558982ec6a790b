"""Stepwise selection of SNPs, from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import jamma
from conftest import DATA, Floats, Study
from test_api import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")


@pytest.fixture
def phenotype(study: Study) -> Floats:
    """A phenotype that depends on two SNPs of the study."""
    x = np.asarray(study.genotypes, float)
    is_missing = np.isnan(x)
    af = np.nansum(x, axis=0) / 2 / np.maximum((~is_missing).sum(axis=0), 1)
    is_common = (np.minimum(af, 1 - af) > 0.3) & (is_missing.mean(axis=0) < 0.02)
    first, *_, last = np.flatnonzero(is_common)
    x = np.nan_to_num(x[:, [first, last]], nan=1.0)
    y: Floats = x @ [2.0, -1.5] + np.random.default_rng(8).normal(size=len(x))
    return y


@pytest.mark.parametrize("tests", ["wald", "lrt", "score", "all"])
def test_the_last_scan_is_that_with_the_snps_as_covariates(study: Study, phenotype: Floats, tests: str) -> None:
    runs: list[tuple[Any, dict[str, Any]]] = [(jamma.run_lmm, {"kinship_qc": "all"}), (jamma.run_lm, {})]
    for run, more in runs:
        found = run(study.bfile, phenotype=phenotype, tests=tests, stepwise=1e-4, **more)
        path = found.stepwise
        assert isinstance(path, pl.DataFrame)
        assert path["step"].to_list() == list(range(1, len(path) + 1))
        assert len(path) >= 2
        column = {"lrt": "p_lrt", "score": "p_score"}.get(tests, "p_wald")
        assert path.columns == [
            *("step", "chr", "rs", "ps", "allele1", "allele0", "af", "beta", "se"),
            *(column, "beta_joint", "se_joint", "p_joint"),
        ]
        assert (path[column] < 1e-4).all()
        expected = run(study.bfile, phenotype=phenotype, tests=tests, condition=path["rs"].to_list(), **more)
        assert_same(found, expected)
        assert found.report.n_covariates == 1 + len(path)
        plain = run(study.bfile, phenotype=phenotype, tests=tests, **more)
        best = np.nanargmin(plain[column])
        assert (path["rs"][0], path[column][0]) == (plain["rs"][best], plain[column][best])
        assert plain.stepwise is None


def test_the_path_is_written_and_limited(study: Study, phenotype: Floats, tmp_path: Path) -> None:
    found = jamma.run_lm(study.bfile, phenotype=phenotype, stepwise=1e-4, stepwise_max=1, out=tmp_path / "x")
    assert found.stepwise is not None
    assert len(found.stepwise) == 1
    assert tmp_path / "x.stepwise.txt" in found.outputs
    table = pl.read_csv(tmp_path / "x.stepwise.txt", separator="\t")
    assert table.columns == found.stepwise.columns
    assert table["p_joint"][0] == pytest.approx(found.stepwise["p_joint"][0], rel=1e-5)
    assert any("stepwise_max" in note for note in found.notes)


def test_a_path_without_steps_is_an_empty_frame() -> None:
    found = jamma.run_lmm(DATA / "missing", stepwise=1e-300)
    assert found.stepwise is not None
    assert len(found.stepwise) == 0
    assert found.stepwise.schema["p_wald"] == pl.Float64
    assert_same(found, jamma.run_lmm(DATA / "missing"))


def test_combinations_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="stepwise"):
        jamma.iter_lmm(DATA / "missing", stepwise=0.1)
    refused: list[dict[str, Any]] = [{"traits": "all"}, {"permutations": 10}, {"gxe_file": DATA / "missing.gxe.txt"}]
    for arguments in refused:
        with pytest.raises(ValueError, match="stepwise"):
            jamma.run_lmm(DATA / "missing", stepwise=0.1, **arguments)
    with pytest.raises(ValueError, match="stepwise_max"):
        jamma.run_lmm(DATA / "missing", stepwise_max=2)
    with pytest.raises(ValueError, match="from 0 to 1"):
        jamma.run_lm(DATA / "missing", stepwise=1.5)
