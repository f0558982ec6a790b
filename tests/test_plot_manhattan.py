"""Manhattan plots of several traits, labels, thinning, the compressed axis, and SNPs that cannot be drawn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

import jamma
from figures_of import PEAKS, offsets, study

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402

from jamma.plot import manhattan, qq  # noqa: E402
from jamma.plot.labels import loci, spread  # noqa: E402
from jamma.plot.scale import Compressed  # noqa: E402
from jamma.plot.thinning import kept  # noqa: E402


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


def test_several_traits_share_the_genome() -> None:
    axes = manhattan({"height": study(seed=1), "weight": study(seed=2)})
    assert [one.get_title(loc="left") for one in axes] == ["height", "weight"]
    assert axes[0].get_xlim() == axes[1].get_xlim()
    assert [label.get_text() for label in axes[1].get_xticklabels()] == ["1", "2", "3", "4", "5", "X"]
    assert axes[1].get_xlabel() == "Chromosome"
    assert all(len(offsets(one)) == 1800 for one in axes)
    # A SNP has the same place in both, also if one table lacks chromosomes.
    few = study(seed=2).filter(pl.col("chr").is_in(["3", "X"]))
    axes = manhattan([study(seed=2), few])
    assert set(offsets(axes[1])[:, 0]) <= set(offsets(axes[0])[:, 0])


def test_two_traits_are_mirrored() -> None:
    upper, lower = manhattan([study(seed=1, peaks=PEAKS), study(seed=2)], layout="mirrored", labels=1)
    assert upper.get_ylim()[0] == 0
    assert upper.get_ylim()[1] > 12
    assert lower.get_ylim()[1] == 0
    assert lower.get_ylim()[0] > 7
    assert [label.get_text() for label in upper.get_xticklabels()] == ["1", "2", "3", "4", "5", "X"]
    with pytest.raises(ValueError, match="layout: 'mirrored' needs two phenotypes, found 3"):
        manhattan([study()] * 3, layout="mirrored")


def test_given_axes_are_used() -> None:
    figure, two = pyplot.subplots(2, 1)
    assert manhattan([study(), study()], ax=two) == list(two)
    with pytest.raises(ValueError, match="ax: there are 2 phenotypes to draw, but 1 axes"):
        manhattan([study(), study()], ax=[two[0]])
    assert manhattan(study(), ax=two[0]) is two[0]
    assert qq(study(), ax=two[1]).figure is figure


def test_long_tables_are_stacked_by_trait() -> None:
    long = pl.concat([study(seed=k).select(pl.lit(name).alias("trait"), pl.all()) for k, name in ((1, "a"), (2, "b"))])
    assert [one.get_title(loc="left") for one in manhattan(long, layout="stacked")] == ["a", "b"]
    assert manhattan(long, trait="b").get_title(loc="left") == ""
    assert len(manhattan(long, trait=["b"], layout="stacked")) == 1
    with pytest.raises(ValueError, match=r"2 phenotypes \(a, b\); choose one, as in trait='a' or draw all with layout"):
        manhattan(long)
    assert len(qq(long, trait=["a", "b"]).get_legend().get_texts()) == 2


def test_the_strongest_loci_are_labelled_once() -> None:
    table = study(peaks=PEAKS)
    chromosome, ps = table["chr"].to_numpy(), table["ps"].to_numpy().astype(float)
    heights = -np.log10(table["p_wald"].to_numpy())
    leads = loci(chromosome, ps, heights, 10, least=7.3, within=5e6)
    assert [(table["chr"][k], round(heights[k], 1)) for k in leads] == [("2", 12.0), ("4", 8.5)]
    # Closer SNPs of the same peak are loci of their own only if the distance is small.
    assert len(loci(chromosome, ps, heights, 10, least=7.3, within=1.0)) > 2
    texts = [text.get_text() for text in manhattan(table, labels="auto", locus=5e6).texts]
    assert texts == [table["rs"][k] for k in leads]
    assert manhattan(study(), labels="auto").texts[:] == []
    assert len(manhattan(table, labels=3, locus=5e6).texts) == 3


def test_a_cut_axis_does_not_change_the_labels() -> None:
    table = study(peaks=PEAKS)
    expected = [text.get_text() for text in manhattan(table, labels=2, locus=5e6).texts]
    assert [text.get_text() for text in manhattan(table, labels=2, locus=5e6, cut=8).texts] == expected


def test_labels_do_not_overlap_and_stay_inside() -> None:
    wanted = np.array([0.5, 0.5, 0.5, 0.02, 0.01, 0.99])
    places = spread(wanted, 0.05, 0.0, 1.0)
    ordered = np.sort(places)
    assert (np.diff(ordered) >= 0.05 - 1e-12).all()
    assert ordered[0] >= 0
    assert ordered[-1] <= 1
    # The block of three is centred on what its members want, and the order is kept.
    assert np.sort(places[:3]) == pytest.approx([0.45, 0.5, 0.55])
    assert places[4] < places[3]
    # Too little room: the gaps shrink.
    assert np.diff(np.sort(spread(np.full(50, 0.3), 0.05, 0.0, 1.0))) == pytest.approx(np.full(49, 1 / 49))
    assert spread(np.array([0.7]), 0.1, 0.0, 1.0) == pytest.approx([0.7])


def test_regions_are_highlighted() -> None:
    table = study(peaks=PEAKS)
    axes = manhattan(table, highlight=["2:38,000,000-42,000,000", "rs5"])
    inside = table.filter((pl.col("chr") == "2") & pl.col("ps").is_between(38_000_000, 42_000_000)).height
    assert len(axes.collections[-1].get_offsets()) == inside + 1
    with pytest.raises(ValueError, match="highlight: 1 of 1 SNPs are not in the table, the first is 9:1-2"):
        manhattan(table, highlight=["9:1-2"])


def test_each_of_several_tables_highlights_what_it_has() -> None:
    one, other = study(seed=1), study(seed=2).filter(pl.col("chr") == "3")
    upper, lower = manhattan([one, other], highlight=iter(["rs0", "rs600"]), labels=(x for x in ["rs0", "rs700"]))
    assert len(upper.collections[-1].get_offsets()) == 2
    assert len(lower.collections[-1].get_offsets()) == 1
    assert [[text.get_text() for text in axes.texts] for axes in (upper, lower)] == [["rs0", "rs700"], ["rs700"]]
    with pytest.raises(ValueError, match="highlight: 1 of 2 SNPs are not in the table, the first is none"):
        manhattan([one, other], highlight=["rs0", "none"])


def test_hits_are_red() -> None:
    table = study(peaks=PEAKS)
    axes = manhattan(table)
    n_hits = int((table["p_wald"] < 5e-8).sum())
    assert n_hits > 1
    # Chromosomes in two colours, then the hits.
    assert len(axes.collections[2].get_offsets()) == n_hits
    assert len(offsets(axes)) == table.height


def test_the_axis_is_compressed_above_twenty() -> None:
    axes = manhattan(study(peaks=(("2", 40.0, 90.0),)))
    heights = axes.transData.transform([(0, 0), (0, 20), (0, axes.get_ylim()[1])])[:, 1]
    assert (heights[1] - heights[0]) / (heights[2] - heights[0]) == pytest.approx(0.76)
    ticks = axes.get_yticks()
    assert {0, 4, 8, 12, 16, 20} <= set(ticks)
    assert max(ticks) > 50
    for linear in (
        manhattan(study(peaks=(("2", 40.0, 24.0),))),
        manhattan(study(peaks=(("2", 40.0, 90.0),)), compress=None),
    ):
        assert linear.get_yscale() == "linear"
    assert manhattan(study(peaks=PEAKS), compress=6).get_yscale() == "function"
    scale = Compressed(20.0, 100.0)
    y = np.linspace(0, 100, 50)
    assert scale.inverse(scale.forward(y)) == pytest.approx(y)
    assert (np.diff(scale.forward(y)) > 0).all()


def test_snps_that_cannot_be_drawn_are_counted() -> None:
    table = study().with_columns(p_wald=pl.when(pl.int_range(pl.len()) < 3).then(float("nan")).otherwise("p_wald"))
    with pytest.warns(jamma.JammaWarning, match="3 of 1800 SNPs have no p-value and are not drawn"):
        axes = manhattan(table)
    assert len(offsets(axes)) == 1797
    zero = study().with_columns(p_wald=pl.when(pl.int_range(pl.len()) < 2).then(0.0).otherwise("p_wald"))
    with pytest.warns(jamma.JammaWarning, match="2 SNPs with p = 0 .* triangles at the top"):
        axes = manhattan(zero)
    assert len(offsets(axes)) == 1800
    assert len(axes.collections[3].get_offsets()) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        manhattan(study())


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
@pytest.mark.parametrize("n", [0, 1])
def test_tables_with_few_snps_or_none_are_drawn(n: int) -> None:
    axes = manhattan(study().head(n), labels="auto")
    axes.figure.canvas.draw()
    nothing = study().with_columns(p_wald=pl.lit(float("nan")))
    manhattan(nothing, labels=2).figure.canvas.draw()
    with pytest.raises(ValueError, match="no SNP has a p-value"):
        qq(nothing)


def test_thinning_keeps_strong_snps_and_the_outline() -> None:
    rng = np.random.default_rng(3)
    n = 400_000
    x, groups = np.sort(rng.random(n)) * 1e9, np.repeat([0, 1], n // 2)
    heights = -np.log10(rng.random(n))
    heights[7] = 30.0
    heights[9] = np.nan
    found = kept(x, heights, groups, 1e9)
    assert len(found) < 0.5 * n
    assert set(np.flatnonzero(heights >= 4)) <= set(found)
    assert 9 not in found
    # In each column of pixels, the highest SNP below the limit is drawn.
    column = (x / 1e9 * 1500).astype(int)
    weak = np.where(heights < 4, heights, -1.0)
    highest, drawn = np.full(1501, -1.0), np.full(1501, -1.0)
    np.maximum.at(highest, column, np.nan_to_num(weak, nan=-1.0))
    np.maximum.at(drawn, column[found], np.nan_to_num(weak[found], nan=-1.0))
    assert (drawn == highest).all()
    # The order of the SNPs does not matter.
    order = rng.permutation(n)
    again = order[kept(x[order], heights[order], groups[order], 1e9)]
    assert sorted(heights[again]) == sorted(heights[found])
    # With very many strong SNPs the limit rises.
    many = np.full(n, 5.0) + rng.random(n)
    many[3] = 50.0
    assert 3 in kept(x, many, groups, 1e9)
    assert len(kept(x, many, groups, 1e9)) < 200_000
    assert len(kept(x[:1000], heights[:1000], groups[:1000], 1e9)) == 999


def test_large_tables_are_thinned_unless_the_user_wants_all() -> None:
    table = study(n_per_chromosome=20_000)
    assert len(offsets(manhattan(table))) < 100_000
    assert len(offsets(manhattan(table, thin=False))) == table.height
    points = qq(table).collections[-1].get_offsets()
    assert len(points) < 3000
    assert points[0][1] == pytest.approx(-np.log10(table["p_wald"].min()))


def test_columns_of_neg_log10_p_alone_are_drawn(tmp_path: Any) -> None:
    table = study(peaks=(("1", 50.0, 400.0),))
    heights = -np.log10(np.maximum(table["p_wald"].to_numpy(), 1e-300))
    heights[np.argmax(heights)] = 400.0
    only = table.drop("p_wald").with_columns(LOG10P=pl.Series(heights))
    assert offsets(manhattan(only))[:, 1].max() == 400
    with pytest.raises(ValueError, match="neg_log10_p: expected numbers from 0"):
        manhattan(only.with_columns(LOG10P=-pl.col("LOG10P")))
