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


def households(n: int, size: int) -> Floats:
    """A kinship of households of `size` individuals who follow each other."""
    of = np.arange(n) // size
    return (of[:, None] == of[None, :]).astype(float)


def test_two_kinships_are_combined_in_the_ratio_of_their_variance_components() -> None:
    k, h = jamma.kinship(DATA / "plain"), households(120, 8)
    result = jamma.run_lmm(DATA / "plain", kinship=k, kinship2=h, tests="all")
    components = result.null.components
    assert components is not None
    assert 0.05 < components.fraction < 0.95
    w = components.fraction
    one = jamma.run_lmm(DATA / "plain", kinship=(1.0 - w) * np.asarray(k) + w * h, tests="all")
    assert_same(result, one)
    assert one.null.components is None
    assert sum(components.vg) == pytest.approx(result.null.vg, rel=1e-12)
    assert sum(components.pve) == pytest.approx(result.null.pve, rel=1e-9)
    assert components.vg[1] == pytest.approx(w * result.null.vg, rel=1e-12)
    assert components.ve == result.null.ve
    errors = [components.fraction_se, components.ve_se, *components.vg_se, *components.pve_se]
    assert all(0.0 < error < 2.0 for error in errors)


def test_a_second_kinship_is_matched_by_its_ids_or_read_from_a_file(tmp_path: Path) -> None:
    h = households(120, 8)
    expected = jamma.run_lmm(DATA / "plain", kinship2=h)
    assert_same(expected, jamma.run_lmm(DATA / "plain", kinship2=DATA / "plain.households.txt"))
    ids = [line.split()[1] for line in (DATA / "plain.fam").read_text().splitlines()]
    order = np.random.default_rng(3).permutation(120)
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(h[np.ix_(order, order)], index=pandas.Index([ids[i] for i in order], name="iid"))
    assert_same(expected, jamma.run_lmm(DATA / "plain", kinship2=frame))
    blocks = jamma.iter_lmm(DATA / "plain", kinship2=h, block_snps=50)
    np.testing.assert_array_equal(np.concatenate([block["p_wald"] for block in blocks]), expected["p_wald"])
    assert blocks.null is not None
    assert blocks.null.components == expected.null.components


def test_every_phenotype_and_chromosome_has_components_of_its_own() -> None:
    y = np.random.default_rng(8).normal(size=(120, 2)) + households(120, 8)[:, :2]
    several = jamma.run_lmm(DATA / "plain", phenotype={"a": y[:, 0], "b": y[:, 1]}, kinship2=households(120, 8))
    fractions = [one.null.components.fraction for one in several.traits.values()]  # type: ignore[union-attr]
    assert len(set(fractions)) == 2
    every = jamma.run_lmm(DATA / "plain", loco=True, kinship2=households(120, 8))
    nulls = [one.null for one in every.chromosomes.values()]
    assert len({null.components.fraction for null in nulls if null is not None and null.components is not None}) > 1


def test_a_second_kinship_that_cannot_be_used_is_refused() -> None:
    k = np.asarray(jamma.kinship(DATA / "plain"))
    eigen = jamma.eigendecompose(k, centre=True)
    for arguments, text in (
        ({"kinship": k, "kinship2": 2.0 * k + 1.0}, "the same up to a factor"),
        ({"kinship2": np.eye(120)}, "kinship2: the kinship is a multiple of the identity"),
        ({"kinship2": np.eye(119)}, "the kinship2 matrix is 119 x 119"),
        ({"kinship2": np.ones((120, 3))}, "the kinship2 matrix"),
        ({"kinship2": 3}, "kinship2: expected the path of a file, or values"),
        ({"kinship2": households(120, 8), "eigen": eigen}, "kinship2: eigen is the decomposition of one kinship"),
    ):
        with pytest.raises(ValueError, match=text):
            jamma.run_lmm(DATA / "plain", **arguments)  # type: ignore[arg-type]


def test_options_that_have_no_effect_are_refused() -> None:
    for arguments in ({"gxe_effects": True}, {"gemma_widv": True}, {"replicates": "mean"}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            jamma.run_lmm(DATA / "missing", **arguments)  # type: ignore[arg-type]
