"""Gene-environment interaction, weights and replicates: keywords, arrays, and the files of GEMMA."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jamma
from conftest import DATA, Floats
from test_api import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")


def values_of(name: str) -> Floats:
    """The numbers of a file of the reference data, NaN if missing."""
    return np.array([float(text.replace("NA", "nan")) for text in (DATA / name).read_text().split()])


def test_an_environment_may_be_a_file_or_an_array() -> None:
    of_file = jamma.run_lmm(DATA / "missing", tests="all", gxe_file=DATA / "missing.gxe.txt", gxe_effects=True)
    of_array = jamma.run_lmm(DATA / "missing", tests="all", gxe=values_of("missing.gxe.txt"), gxe_effects=True)
    assert_same(of_file, of_array)
    assert of_array.ledger["individuals"]["no_environment"] > 0
    np.testing.assert_array_equal(of_array["beta"], of_array["beta_gxe"])
    np.testing.assert_allclose(of_array["p_wald"], of_array["p_gxe"], rtol=1e-9)


def test_levels_are_a_category() -> None:
    levels = ["a", "b", "c"] * 50 + ["a"]
    found = jamma.run_lmm(DATA / "missing", gxe=levels)
    assert {"beta_gxe_gxe=b", "se_gxe_gxe=c", "p_wald"} <= set(found.columns)


def test_two_levels_have_named_columns() -> None:
    levels = ["F", "M", "M"] * 50 + ["M"]
    found = jamma.run_lmm(DATA / "missing", tests="all", gxe=levels)
    assert {"beta_gxe_gxe=F", "se_gxe_gxe=F"} <= set(found.columns)
    assert "beta" not in found.columns
    # The effect is the difference of F from M, the more frequent level.
    numeric = jamma.run_lmm(DATA / "missing", tests="all", gxe=np.array([level == "F" for level in levels], float))
    np.testing.assert_array_equal(found["p_wald"], numeric["p_wald"])
    np.testing.assert_allclose(found["beta_gxe_gxe=F"], numeric["beta"], rtol=1e-9)


def test_levels_are_matched_by_id() -> None:
    import polars as pl

    pd = pytest.importorskip("pandas")
    ids = [line.split()[:2] for line in (DATA / "missing.fam").read_text().splitlines()]
    levels = ["abc"[number * number % 3] for number in range(len(ids))]
    expected = jamma.run_lmm(DATA / "missing", gxe=levels)
    order = np.random.default_rng(3).permutation(len(ids))
    columns = {
        "fid": [ids[row][0] for row in order],
        "iid": [ids[row][1] for row in order],
        "site": [levels[row] for row in order],
    }
    frame = pl.DataFrame(columns)
    index = pd.MultiIndex.from_arrays([columns["fid"], columns["iid"]], names=["fid", "iid"])
    for given in (
        frame,
        frame.lazy(),
        frame.with_columns(pl.col("site").cast(pl.Categorical)),
        pd.DataFrame(columns),
        pd.Series(columns["site"], index=index),
        pd.Series(pd.Categorical(columns["site"]), index=index),
    ):
        found = jamma.run_lmm(DATA / "missing", gxe=given)
        assert found.columns == expected.columns
        np.testing.assert_array_equal(found["p_wald"], expected["p_wald"])
    # An individual without a row is not analysed.
    fewer = jamma.run_lmm(DATA / "missing", gxe=frame.head(100))
    assert fewer.ledger["individuals"]["no_environment"] > 0


def test_numbers_of_a_categorical_column_are_levels() -> None:
    pd = pytest.importorskip("pandas")
    codes = [1, 2, 7] * 50 + [1]
    found = jamma.run_lmm(DATA / "missing", gxe=pd.Series(pd.Categorical(codes)))
    assert {"beta_gxe_gxe=2", "beta_gxe_gxe=7"} <= set(found.columns)


def test_weights_of_one_change_nothing() -> None:
    plain = jamma.run_lmm(DATA / "missing", tests="all")
    weighted = jamma.run_lmm(DATA / "missing", tests="all", weights=np.ones(151))
    np.testing.assert_array_equal(plain["p_wald"], weighted["p_wald"])
    np.testing.assert_array_equal(plain["logl_H1"], weighted["logl_H1"])


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_a_weight_must_be_positive(weight: float) -> None:
    weights = np.ones(151)
    weights[3] = weight
    with pytest.raises(ValueError, match="must be positive"):
        jamma.run_lmm(DATA / "missing", weights=weights)


def test_several_rows_of_an_individual_are_replicates(tmp_path: Path) -> None:
    ids = [line.split()[:2] for line in (DATA / "plain.fam").read_text().splitlines()]
    y = np.random.default_rng(5).normal(size=(len(ids), 2)).round(3)
    table = tmp_path / "records.txt"
    rows = [f"{fid}\t{iid}\t{value}\n" for (fid, iid), both in zip(ids, y, strict=True) for value in both]
    table.write_text("FID\tIID\theight\n" + "".join(rows))
    with pytest.raises(ValueError, match="duplicate individual") as raised:
        jamma.run_lmm(DATA / "plain", pheno=table)
    assert any("replicates" in note for note in raised.value.__notes__)
    mean = jamma.run_lmm(DATA / "plain", phenotype=(y[:, 0] + y[:, 1]) / 2)
    found = jamma.run_lmm(DATA / "plain", pheno=table, replicates="mean")
    np.testing.assert_array_equal(found["p_wald"], mean["p_wald"])
    # Equal weights are a change of units.
    weighted = jamma.run_lmm(DATA / "plain", pheno=table, replicates="weighted")
    np.testing.assert_allclose(weighted["p_wald"], mean["p_wald"], rtol=1e-4)


def test_options_that_have_no_effect_are_refused() -> None:
    for arguments in ({"gxe_effects": True}, {"gemma_widv": True}, {"replicates": "mean"}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            jamma.run_lmm(DATA / "missing", **arguments)  # type: ignore[arg-type]


def test_the_linear_model_averages_replicates(tmp_path: Path) -> None:
    ids = [line.split()[:2] for line in (DATA / "plain.fam").read_text().splitlines()]
    y = np.random.default_rng(6).normal(size=(len(ids), 2)).round(3)
    table = tmp_path / "records.txt"
    rows = [f"{fid}\t{iid}\t{value}\n" for (fid, iid), both in zip(ids, y, strict=True) for value in both]
    table.write_text("FID\tIID\theight\n" + "".join(rows))
    mean = jamma.run_lm(DATA / "plain", phenotype=(y[:, 0] + y[:, 1]) / 2)
    found = jamma.run_lm(DATA / "plain", pheno=table, replicates="mean")
    np.testing.assert_array_equal(found["p_wald"], mean["p_wald"])
    with pytest.raises(ValueError, match="replicates"):
        jamma.run_lm(DATA / "plain", pheno=table, replicates="weighted")
