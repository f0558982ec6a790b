"""The numbers behind the figures, against SciPy, a dense computation, and GEMMA's printed numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import plink
import polars as pl
import pytest
from scipy import stats

import jamma
from conftest import DATA, REFERENCE
from figures_of import study

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from jamma.plot import effect_compare, kinship_heatmap, pve_profile  # noqa: E402
from jamma.plot.effects import correlation  # noqa: E402
from jamma.plot.kinship import blocks, first_eigenvector  # noqa: E402
from jamma.plot.likelihood import Model  # noqa: E402
from jamma.plot.matching import match  # noqa: E402
from jamma.plot.pve import profile_of  # noqa: E402
from jamma.plot.qq import band  # noqa: E402
from jamma.plot.tables import Scan  # noqa: E402

GEMMA = REFERENCE / "gemma"


@pytest.fixture(autouse=True)
def closed_figures() -> Any:
    yield
    from matplotlib import pyplot

    pyplot.close("all")


@pytest.mark.parametrize("n", [1, 4, 60, 10_000, 10_000_000])
def test_the_band_is_that_of_order_statistics(n: int) -> None:
    ranks = np.unique(np.geomspace(1, n, 200).astype(int))
    low, high = band(ranks, n)
    beta = stats.beta(ranks, n + 1 - ranks)
    exact = ranks <= 60
    for found, tail in ((low, 0.975), (high, 0.025)):
        expected = -np.log10(beta.ppf(tail))
        assert found[exact] == pytest.approx(expected[exact], rel=1e-6, abs=1e-9)
        # One line of a figure is 0.02 units wide.
        assert found == pytest.approx(expected, abs=0.01)


def missing_study() -> tuple[Any, Any]:
    """Kinship as GEMMA printed it, and phenotype 1, of the study `missing`."""
    y = plink.read_fam_phenotype(DATA / "missing.fam", 1)
    return np.loadtxt(GEMMA / "missing" / "gk1.cXX.txt"), y


def test_the_profile_has_gemmas_estimate_and_likelihood() -> None:
    kinship, y = missing_study()
    with pytest.warns(jamma.JammaWarning, match="5 of 151 individuals have no phenotype"):
        found = profile_of(kinship, y)
    # The log has six digits.
    assert found.estimate == pytest.approx(0.739087, abs=1e-6)
    assert found.highest == pytest.approx(-206.765, abs=1e-3)
    assert found.interval[0] < found.estimate < found.interval[1]
    assert found.is_open == (False, False)
    assert (found.log_likelihood <= found.highest + 1e-9).all()


def dense_restricted_likelihood(k: Any, y: Any, w: Any, lambda_: float) -> float:
    """The restricted likelihood of y ~ N(Wb, s (λK + I)), maximised over s, from its definition."""
    n, c = w.shape
    h = lambda_ * k + np.eye(n)
    inverse = np.linalg.inv(h)
    g = w.T @ inverse @ w
    p = inverse - inverse @ w @ np.linalg.solve(g, w.T @ inverse)
    s = y @ p @ y / (n - c)
    values = [np.linalg.slogdet(one)[1] for one in (h, g, w.T @ w)]
    return float(-0.5 * ((n - c) * np.log(2 * np.pi * s) + values[0] + values[1] - values[2] + n - c))


def test_the_likelihood_is_that_of_a_dense_computation() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40, 60))
    k = x @ x.T / 60
    w = np.column_stack([np.ones(40), rng.normal(size=40)])
    y = x @ rng.normal(size=60) * 0.1 + rng.normal(size=40)
    centred = k - k.mean(axis=0) - k.mean(axis=1)[:, None] + k.mean()
    model = Model.of(k, y, w)
    for lambda_ in (1e-5, 0.1, 1.0, 30.0, 1e5):
        expected = dense_restricted_likelihood(centred, y, w, lambda_)
        assert model.restricted_log_likelihood(lambda_) == pytest.approx(expected, rel=1e-9), lambda_
    profile = model.profile()
    for end, is_open in zip(profile.interval, profile.is_open, strict=True):
        lost = 2 * (profile.highest - model.restricted_log_likelihood(model.lambda_of(end)))
        assert is_open or lost == pytest.approx(stats.chi2(1).ppf(0.95), abs=1e-6)


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_a_decomposition_gives_the_profile_of_its_kinship() -> None:
    kinship, y = missing_study()
    kept = np.isfinite(y)
    k = kinship[np.ix_(kept, kept)]
    centred = k - k.mean(axis=0) - k.mean(axis=1)[:, None] + k.mean()
    values, vectors = np.linalg.eigh(centred)
    eigen = jamma.Eigen(values, vectors, is_centred=True)
    assert profile_of(eigen, y[kept]).interval == pytest.approx(profile_of(kinship, y).interval, abs=1e-7)
    assert pve_profile(eigen, phenotype=y[kept]).get_xlabel().startswith("Proportion of variance")
    with pytest.raises(ValueError, match="not centred"):
        profile_of(jamma.Eigen(values, vectors, is_centred=False), y[kept])
    with pytest.raises(ValueError, match="146 individuals, but 3 are analysed"):
        profile_of(eigen, y[kept][:3])


def test_wrong_shapes_are_errors() -> None:
    kinship, y = missing_study()
    with pytest.raises(ValueError, match=r"the kinship has shape \(151, 151\), but the phenotype 3 individuals"):
        profile_of(kinship, [1.0, 2.0, 4.0])
    with pytest.raises(ValueError, match="covariates: expected 151 rows"):
        profile_of(kinship, y, np.ones((3, 1)))
    with pytest.raises(ValueError, match="covariates: give the phenotype too"):
        pve_profile(kinship, covariates=np.ones((151, 1)))
    with pytest.raises(ValueError, match="needs phenotype="):
        pve_profile(kinship)
    with pytest.raises(ValueError, match="the covariates explain the phenotype completely"):
        profile_of(kinship, np.full(151, 2.0))


def test_intervals_of_logs_are_drawn(tmp_path: Path) -> None:
    from test_plot_tables import LOG

    (tmp_path / "x.log.txt").write_text(LOG)
    axes = pve_profile(tmp_path / "x")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "b without X"]
    assert "95 % interval" in axes.get_xlabel()
    assert [list(line.get_xdata()) for line in axes.lines[::2]] == [[0.3, 0.65], [2.1e-6, 0.21], [0.1, 0.7]]
    axes = pve_profile({"one": GEMMA / "missing" / "lmm4.log.txt", "two": GEMMA / "missing" / "lmm4"})
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two"]
    # GEMMA has no interval: ± 1.96 se.
    assert axes.lines[0].get_xdata() == pytest.approx([0.739087 - 1.96 * 0.091739, 0.739087 + 1.96 * 0.091739])
    with pytest.raises(FileNotFoundError, match="no such log"):
        pve_profile(tmp_path / "y")


def test_the_heatmap_shows_the_matrix() -> None:
    rng = np.random.default_rng(2)
    group = rng.permutation(np.repeat([0, 1], 40))
    x = rng.normal(size=(80, 300)) + 0.7 * group[:, None]
    x -= x.mean(axis=0)
    k = x @ x.T / 300
    axes = kinship_heatmap(k, order="given")
    assert np.asarray(axes.images[0].get_array()) == pytest.approx(k)
    # Ordered by the first eigenvector, the groups are next to each other.
    order = np.argsort(first_eigenvector(k))
    assert len(np.flatnonzero(np.diff(group[order]))) == 1
    exact = np.linalg.eigh(k)[1][:, -1]
    assert abs(exact @ first_eigenvector(k)) == pytest.approx(1.0, abs=1e-6)
    clustered = np.asarray(kinship_heatmap(k, order="cluster").images[0].get_array())
    assert sorted(np.diag(clustered)) == pytest.approx(sorted(np.diag(k)))
    reverse = np.arange(80)[::-1]
    assert np.asarray(kinship_heatmap(k, order=reverse).images[0].get_array()) == pytest.approx(k[::-1, ::-1])
    for wrong, message in [
        ({"order": "size"}, "order: expected 'eigenvector', 'cluster', 'given' or a permutation"),
        ({"order": [0, 1]}, "order: expected each of the numbers 0 to 79 once"),
        ({"limit": -1.0}, "limit: expected a positive number"),
    ]:
        with pytest.raises(ValueError, match=message):
            kinship_heatmap(k, **wrong)
    with pytest.raises(ValueError, match="expected a square matrix"):
        kinship_heatmap(k[:3])
    with pytest.raises(ValueError, match="not a finite number"):
        kinship_heatmap(np.where(k == k.max(), np.nan, k))


def test_large_matrices_are_drawn_as_means_of_blocks() -> None:
    k = np.add.outer(np.arange(700.0), np.arange(700.0))
    found, size = blocks(k)
    assert (found.shape, size) == ((234, 234), 3)
    assert found[0, 1] == pytest.approx(k[:3, 3:6].mean())
    # Without the diagonal.
    off = k[:3, :3][~np.eye(3, dtype=bool)]
    assert found[0, 0] == pytest.approx(off.mean())
    # The last block is a single individual.
    assert found[-1, -1] == k[-1, -1]
    assert found[-1, 0] == pytest.approx(k[-1, :3].mean())


def flipped(table: pl.DataFrame, is_flipped: Any) -> pl.DataFrame:
    mask = pl.Series(is_flipped)
    return table.with_columns(
        pl.when(mask).then("allele0").otherwise("allele1").alias("allele1"),
        pl.when(mask).then("allele1").otherwise("allele0").alias("allele0"),
        pl.when(mask).then(-pl.col("beta")).otherwise("beta").alias("beta"),
    )


def test_flipped_alleles_change_the_sign() -> None:
    a = study(50).with_columns(allele1=pl.lit("A"), allele0=pl.lit("G"))
    is_flipped = np.arange(a.height) % 3 == 0
    b = flipped(a, is_flipped)
    found = match(Scan("", a), Scan("", b))
    assert (found.by, found.n_flipped, found.n_different) == ("id", is_flipped.sum(), 0)
    assert (found.sign == np.where(is_flipped, -1, 1)).all()
    # Without ids, by position and alleles, in another order, with other names of the chromosomes.
    c = b.with_columns(rs=pl.lit("."), chr="chr" + pl.col("chr")).sample(fraction=1.0, shuffle=True, seed=1)
    found = match(Scan("", a), Scan("", c))
    assert (found.by, len(found.a)) == ("position", a.height)
    assert c["beta"].to_numpy()[found.b] * found.sign == pytest.approx(a["beta"].to_numpy()[found.a])
    # The other strand.
    d = b.with_columns(pl.col("allele1", "allele0").replace({"A": "T", "G": "C"}))
    for by in ("id", "position"):
        found = match(Scan("", a), Scan("", d), by)  # type: ignore[arg-type]
        assert found.n_other_strand == a.height
        assert d["beta"].to_numpy()[found.b] * found.sign == pytest.approx(a["beta"].to_numpy()[found.a])


def test_alleles_that_differ_and_repeated_ids_are_counted() -> None:
    a = study(50).with_columns(allele1=pl.lit("A"), allele0=pl.lit("G"))
    b = a.with_columns(allele0=pl.when(pl.int_range(pl.len()) < 4).then(pl.lit("C")).otherwise("allele0"))
    b = b.with_columns(rs=pl.when(pl.int_range(pl.len()) >= 298).then(pl.lit("same")).otherwise("rs"))
    found = match(Scan("", a), Scan("", b), "id")
    assert (found.n_different, found.n_repeated, len(found.a)) == (4, 2, 294)
    with pytest.warns(jamma.JammaWarning, match="294 SNPs are in both tables by id .*4 have other alleles .*2 rows"):
        effect_compare(a, b, by="id")
    # A/T cannot be told from its complement: it is taken as written.
    ambiguous = a.with_columns(allele1=pl.lit("A"), allele0=pl.lit("T"))
    found = match(Scan("", ambiguous), Scan("", ambiguous.with_columns(allele1=pl.lit("T"), allele0=pl.lit("A"))))
    assert found.n_flipped == a.height
    with pytest.raises(ValueError, match="no SNP is in both tables"):
        match(Scan("", a), Scan("", a.with_columns(rs="x" + pl.col("rs"), ps=pl.col("ps") + 1)))
    with pytest.raises(ValueError, match="by: 'id' needs the columns rs in both tables"):
        match(Scan("", a.drop("rs")), Scan("", a), "id")


def test_effects_are_compared() -> None:
    a = study(200, peaks=(("2", 40.0, 12.0),))
    b = a.with_columns(beta=pl.col("beta") * 0.8 + 0.01, p_wald=pl.col("p_wald") ** 0.3)
    axes = effect_compare(a, b, names=("one", "two"), labels=1)
    n_strong = int((a["p_wald"] < 1e-5).sum())
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == [f"one only ({n_strong})"]
    assert axes.get_xlabel() == "Effect in one"
    assert f"({a.height:,} SNPs)" in axes.texts[0].get_text()
    assert axes.texts[-1].get_text() == a["rs"][int(np.argmin(a["p_wald"].to_numpy()))]
    x = a["beta"].to_numpy()
    assert correlation(x, 0.8 * x + 0.01) == pytest.approx(1.0)
    assert np.isnan(correlation(x[:2], x[:2]))
    with pytest.raises(ValueError, match="the table has no column 'se'"):
        effect_compare(a, b.drop("se"))
