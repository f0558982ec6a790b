"""`all_snps=True`: every SNP of the input is a row, with its status."""

import numpy as np
import pytest

import jamma
from conftest import DATA


def test_every_snp_is_a_row_and_the_tested_ones_keep_theirs() -> None:
    bfile = DATA / "missing"
    few = jamma.run_lmm(bfile, maf=0.1, tests="all", progress=False)
    every = jamma.run_lmm(bfile, maf=0.1, tests="all", all_snps=True, progress=False)
    assert "status" not in few.columns
    assert every.columns == [*few.columns, "status"]
    with open(f"{bfile}.bim", encoding="utf-8") as lines:
        assert list(every["rs"]) == [line.split()[1] for line in lines]
    tested = np.array([not status.startswith("excluded_") for status in every["status"]])
    assert 0 < tested.sum() < len(every)
    for name in few.columns:
        np.testing.assert_array_equal(every[name][tested], few[name], err_msg=name)
    assert np.isnan(every["beta"][~tested]).all()
    frame = every.to_polars()
    counts = dict(frame.group_by("status").len().iter_rows())
    assert counts["excluded_allele_frequency"] == few.ledger["snps"]["allele_frequency"]


def test_blocks_have_the_status_too() -> None:
    bfile = DATA / "missing"
    whole = jamma.run_lmm(bfile, maf=0.1, all_snps=True, progress=False)
    blocks = list(jamma.iter_lmm(bfile, maf=0.1, all_snps=True, block_snps=256, progress=False))
    assert np.concatenate([block["status"] for block in blocks]).tolist() == list(whole["status"])


def test_runs_without_tests_refuse_it() -> None:
    with pytest.raises(TypeError):
        jamma.kinship(DATA / "missing", all_snps=True)  # type: ignore[call-arg]
