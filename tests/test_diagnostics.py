"""Diagnostics, SNPs as covariates, and odds ratios, from Python."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import jamma
from conftest import DATA, Study
from test_api import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")

MISSING = DATA / "missing"


def test_diagnostics_are_those_of_the_log(tmp_path: Path) -> None:
    result = jamma.run_lmm(MISSING, tests="all", all_snps=True, effective_tests=True, out=tmp_path / "d")
    found = result.diagnostics
    assert set(found.lambda_gc) == set(found.lambda_gc_interval) == {"p_wald", "p_lrt", "p_score"}
    for name, value in found.lambda_gc.items():
        lower, upper = found.lambda_gc_interval[name]
        assert lower < value < upper
        assert f"## lambda_GC ({name}) = {value:.4g} (95 % interval {lower:.4g} to {upper:.4g})" in result.report.log
    statuses, counts = np.unique(result["status"], return_counts=True)
    assert found.status == dict(zip(statuses, counts.tolist(), strict=True))
    assert found.n_tests == result.ledger["snps"]["kept"]
    assert found.bonferroni == 0.05 / found.n_tests
    assert found.effective_tests is not None
    assert 1 < found.effective_tests <= found.n_tests
    assert found.effective_threshold == pytest.approx(1 - 0.95 ** (1 / found.effective_tests))
    assert (found.n_copies, found.copies, found.cases, found.n_without_odds) == (0, [], None, None)
    assert found.pve_interval == result.null.pve_interval
    assert found.pve_interval is not None
    assert found.pve_interval[0] <= result.null.pve <= found.pve_interval[1]
    assert found.lambda_bound == result.null.lambda_bound
    assert pickle.loads(pickle.dumps(result)).diagnostics == found
    assert jamma.run_lmm(MISSING).diagnostics.effective_tests is None


def test_several_phenotypes_have_diagnostics_of_their_own() -> None:
    both = jamma.run_lmm(MISSING, traits=[1, 2])
    for name, one in both.traits.items():
        assert one.diagnostics == jamma.run_lmm(MISSING, phenotype=int(name)).diagnostics
    with pytest.raises(ValueError, match="diagnostics"):
        _ = both.diagnostics
    with jamma.iter_lmm(MISSING) as blocks:
        assert blocks.diagnostics is None
        list(blocks)
    assert blocks.diagnostics == jamma.run_lmm(MISSING).diagnostics


def test_snps_are_covariates(tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [str(one) for one in np.asarray(study.bim["rs"])[[7, 20]]]
    expected = jamma.run_lmm(study.bfile, condition=",".join(ids))
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join(ids) + "\n")
    assert expected.report.conditioned_on == ids
    assert expected.report.n_covariates == 3
    for condition in (ids, listed):
        assert_same(jamma.run_lmm(study.bfile, condition=condition), expected)
    in_memory = jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, bim=study.bim, condition=ids)
    assert_same(in_memory, expected)
    with pytest.raises(ValueError, match="no SNP of the genotypes has this id: nothing"):
        jamma.run_lmm(study.bfile, condition="nothing")
    # A list has ids, whatever files there are; a path is a file.
    monkeypatch.chdir(tmp_path)
    (tmp_path / ids[0]).write_text(f"{ids[1]}\n")
    assert jamma.run_lmm(study.bfile, condition=ids[:1]).report.conditioned_on == ids[:1]
    assert jamma.run_lmm(study.bfile, condition=tmp_path / ids[0]).report.conditioned_on == ids[1:]
    with pytest.raises(FileNotFoundError, match="lost"):
        jamma.run_lmm(study.bfile, condition=tmp_path / "lost")


def test_odds_ratios_of_a_binary_phenotype(study: Study) -> None:
    y = np.where(study.phenotype > np.nanmedian(study.phenotype), 1.0, 0.0)
    y[np.isnan(study.phenotype)] = np.nan
    result = jamma.run_lmm(study.bfile, phenotype=y, odds=True)
    assert result.columns[-2:] == ["log_odds", "se_log_odds"]
    found = result.diagnostics
    assert (found.cases, found.controls) == ((y == 1).sum(), (y == 0).sum())
    k = found.cases / (found.cases + found.controls)
    b, p = result["beta"], result["af"]
    with np.errstate(invalid="ignore"):
        expected = np.log((k + b * (1 - p)) * (1 - k + b * p) / ((k - b * p) * (1 - k - b * (1 - p))))
    assert result["log_odds"] == pytest.approx(expected, nan_ok=True)
    assert found.n_without_odds == np.isnan(result["log_odds"]).sum() - np.isnan(b).sum()
    with pytest.raises(ValueError, match="is not binary"):
        jamma.run_lmm(study.bfile, odds=True)
