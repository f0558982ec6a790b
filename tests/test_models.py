"""Genetic models, interactions, weights and replicates: keywords, arrays, and the files of GEMMA."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jamma
from conftest import DATA, Floats, Study, needs_jax
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


CODINGS = {"dominant": (0.0, 1.0, 1.0), "recessive": (0.0, 0.0, 1.0), "overdominant": (0.0, 1.0, 0.0)}


def recoded(genotypes: Floats, values: tuple[float, float, float]) -> Floats:
    """Genotypes with other values for 0, 1 and 2 copies; NaN stays."""
    return np.select([genotypes == copies for copies in (0, 1, 2)], values, np.nan)


def rows_tested(result: jamma.LmmResult) -> dict[str, int]:
    """The rows of SNPs with statistics, by id."""
    return {rs: i for i, rs in enumerate(result["rs"].tolist()) if not np.isnan(result["p_wald"][i])}


@pytest.mark.parametrize("model", CODINGS)
def test_coded_genotypes_are_those_of_a_recoded_array(study: Study, backend: str, model: str) -> None:
    """The codes are replaced before a backend sees them, so that every backend has these models."""
    kinship = jamma.kinship(study.bfile)
    given = {
        "phenotype": study.phenotype,
        "bim": study.bim,
        "kinship": np.asarray(kinship),
        "maf": 0.0,
        "backend": backend,
    }
    coded = jamma.run_lmm(genotypes=study.genotypes, model=model, **given)  # type: ignore[arg-type]
    array = jamma.run_lmm(genotypes=recoded(study.genotypes, CODINGS[model]), **given)  # type: ignore[arg-type]
    rows, of_array = rows_tested(coded), rows_tested(array)
    assert rows.keys() == of_array.keys()
    assert len(rows) > 300
    for name in ("beta", "se", "l_remle", "p_wald"):
        a, b = coded[name][list(rows.values())], array[name][[of_array[rs] for rs in rows]]
        if backend == "rust":
            np.testing.assert_array_equal(a, b)
        else:
            # The SNPs of a batch differ, and with them the rounding of its products.
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-12)
    assert any(f"model='{model}'" in note for note in coded.notes)


def test_coded_genotypes_of_the_linear_model(study: Study) -> None:
    given = {"phenotype": study.phenotype, "bim": study.bim, "maf": 0.0, "tests": "all"}
    coded = jamma.run_lm(genotypes=study.genotypes, model="recessive", **given)  # type: ignore[arg-type]
    array = jamma.run_lm(genotypes=recoded(study.genotypes, CODINGS["recessive"]), **given)  # type: ignore[arg-type]
    rows, of_array = rows_tested(coded), rows_tested(array)
    assert rows.keys() == of_array.keys()
    for name in ("beta", "se", "p_wald", "p_lrt", "p_score"):
        np.testing.assert_array_equal(coded[name][list(rows.values())], array[name][[of_array[rs] for rs in rows]])


def test_genotypic_effects_are_those_of_least_squares_on_both_columns() -> None:
    rng = np.random.default_rng(11)
    n, p = 90, 25
    x = rng.integers(0, 3, (n, p)).astype(float)
    x[:, 3] = np.minimum(x[:, 3], 1.0)
    w = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = 3 + w[:, 1] + 0.4 * x[:, 0] + rng.normal(size=n)
    result = jamma.run_lm(genotypes=x, phenotype=y, covariates=w, maf=0.0, model="genotypic", all_snps=True)
    assert result.columns[-6:] == ["beta_add", "se_add", "beta_dom", "se_dom", "p_wald", "status"]
    for s in range(p):
        if s == 3:
            assert result["status"][s] == "absent_genotype"
            assert np.isnan(result["p_wald"][s])
            continue
        columns = np.column_stack([w, x[:, s], x[:, s] == 1.0])
        beta, rss, *_ = np.linalg.lstsq(columns, y, rcond=None)
        se = np.sqrt(rss[0] / (n - 4) * np.diag(np.linalg.inv(columns.T @ columns)))
        found = [result[name][s] for name in ("beta_add", "beta_dom", "se_add", "se_dom")]
        np.testing.assert_allclose(found, [beta[2], beta[3], se[2], se[3]], rtol=1e-9)


def test_genotypic_columns_of_the_mixed_model(study: Study) -> None:
    result = jamma.run_lmm(study.bfile, model="genotypic", tests="all", backend="rust")
    names = ["beta_add", "se_add", "beta_dom", "se_dom", "logl_H1", "l_remle", "l_mle", "p_wald", "p_lrt", "p_score"]
    assert result.columns[-10:] == names
    additive = jamma.run_lmm(study.bfile, tests="all", backend="rust")
    np.testing.assert_array_equal(result["af"], additive["af"])


def test_dosages_have_no_genotypes_to_code(study: Study) -> None:
    dosages = study.genotypes.copy()
    dosages[0, 0] = 0.5
    for run in (jamma.run_lmm, jamma.run_lm):
        with pytest.raises(ValueError, match="model: the genotypes are dosages"):
            run(genotypes=dosages, phenotype=study.phenotype, model="dominant")
    with pytest.raises(ValueError, match="model"):
        jamma.run_lmm(study.bfile, model="multiplicative")  # type: ignore[arg-type]


def test_an_interaction_of_snps_is_that_with_the_genotypes_as_environment(study: Study) -> None:
    rs = next(rs for rs in study.rs if study.rs.count(rs) == 1)
    x = study.genotypes[:, study.rs.index(rs)]
    analysed = ~np.isnan(study.phenotype)
    partner = np.where(np.isnan(x), np.nanmean(x[analysed]), x)
    found = jamma.run_lmm(study.bfile, tests="all", interaction=rs, gxe_effects=True, backend="rust")
    expected = jamma.run_lmm(study.bfile, tests="all", gxe=partner, gxe_effects=True, backend="rust")
    # NumPy's mean may differ in the last bit.
    for name in ("beta", "se", "p_wald", "beta_g"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9)
    with pytest.raises(ValueError, match="no SNP of the genotypes has this id: nothing"):
        jamma.run_lmm(study.bfile, interaction="nothing")


@needs_jax
def test_the_backend_jax_refuses_tests_of_several_columns_by_name(study: Study) -> None:
    for argument in ({"model": "genotypic"}, {"interaction": study.rs[0]}):
        with pytest.raises(ValueError, match=next(iter(argument))):
            jamma.run_lmm(study.bfile, backend="jax", **argument)  # type: ignore[arg-type]


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
        ({"kinship2": np.eye(119)}, "kinship2: 119 rows, but there are 120 individuals"),
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
