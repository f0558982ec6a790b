"""Manhattan and QQ plots of results; test_plot_*.py have the other figures, and what needs no engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import jamma
from conftest import DATA

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

from jamma.plot import manhattan  # noqa: E402


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def result() -> jamma.LmmResult:
    return jamma.run_lmm(DATA / "demo", tests="all")


def test_a_manhattan_plot_has_every_snp_and_chromosome(result: jamma.LmmResult, tmp_path: Path) -> None:
    axes = manhattan(result)
    points = sum(len(collection.get_offsets()) for collection in axes.collections)
    assert points == len(result)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == sorted(set(result["chr"]), key=int)
    heights = np.concatenate([collection.get_offsets()[:, 1] for collection in axes.collections])
    assert heights.max() == pytest.approx(-np.log10(result["p_wald"].min()))
    axes.figure.savefig(tmp_path / "manhattan.png")
    assert (tmp_path / "manhattan.png").stat().st_size > 1000


def test_a_qq_plot_of_a_file_names_the_inflation(result: jamma.LmmResult, tmp_path: Path) -> None:
    from jamma.plot import inflation, qq

    jamma.run_lmm(DATA / "demo", tests="all", out=tmp_path / "x")
    axes = qq(tmp_path / "x.assoc.txt", p="p_lrt")
    assert f"{inflation(result['p_lrt']):.3f}" in axes.texts[0].get_text()
    axes.figure.savefig(tmp_path / "qq.pdf")
    with pytest.raises(ValueError, match="no column p_none"):
        qq(result, p="p_none")


def test_uniform_p_values_have_no_inflation() -> None:
    from jamma.plot import inflation

    assert inflation((np.arange(10_001) + 0.5) / 10_001) == pytest.approx(1.0, abs=1e-3)


def table(chromosomes: list[str], n: int = 20, p: float = 0.5) -> pl.DataFrame:
    names = [name for name in chromosomes for _ in range(n)]
    return pl.DataFrame(
        {
            "chr": names,
            "rs": [f"rs{k}" for k in range(len(names))],
            "ps": [1000 * (k % n + 1) for k in range(len(names))],
            "p_wald": np.linspace(p, 1.0, len(names)),
        }
    )


def ticks(axes: Axes) -> list[str]:
    return [tick.get_text() for tick in axes.get_xticklabels()]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["MT", "Y", "10", "X", "9", "XY", "1", "2"], ["1", "2", "9", "10", "X", "Y", "XY", "MT"]),
        (["chr10", "chrX", "chr9", "chrM", "chr1"], ["1", "9", "10", "X", "M"]),
        (["Chr02", "chr1", "10"], ["chr1", "Chr02", "10"]),
        (["scaffold_10", "scaffold_9", "scaffold_100"], ["scaffold_9", "scaffold_10", "scaffold_100"]),
        (["2D", "1B", "10A", "1A"], ["1A", "1B", "2D", "10A"]),
        (["X", "IV", "I", "V", "III", "II"], ["I", "II", "III", "IV", "V", "X"]),
        (["26", "23", "25", "24", "22", "0"], ["0", "22", "23", "24", "25", "26"]),
    ],
)
def test_chromosomes_are_in_natural_order(given: list[str], expected: list[str]) -> None:
    assert ticks(manhattan(table(given))) == expected


@pytest.mark.parametrize("threshold", [5e-8, 1e-30, "bonferroni"])
@pytest.mark.parametrize("cut", [None, 3.0])
def test_lines_are_always_visible(threshold: Any, cut: float | None) -> None:
    axes = manhattan(table(["1", "2"]), threshold=threshold, cut=cut)
    heights = [line.get_ydata()[0] for line in axes.lines]
    expected = -np.log10(0.05 / 40 if threshold == "bonferroni" else threshold)
    assert heights == pytest.approx([expected, 5.0])
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > max(heights)
    assert manhattan(table(["1"]), threshold=None, suggestive=None).lines[:] == []


def test_the_axis_may_be_cut() -> None:
    frame = table(["1", "2"], p=1e-40)
    axes = manhattan(frame, cut=10)
    assert axes.get_ylim() == (0, 10)
    heights = np.concatenate([collection.get_offsets()[:, 1] for collection in axes.collections])
    assert heights.max() == 10


def test_snps_are_highlighted_and_labelled(result: jamma.LmmResult) -> None:
    best = result["rs"][np.argsort(result["p_wald"])[:3]].tolist()
    axes = manhattan(result, highlight=best, labels=1, title="a title", colours=["#000000"])
    assert axes.get_title() == "a title"
    assert len(axes.collections[-1].get_offsets()) == 3
    assert [text.get_text() for text in axes.texts] == [best[0]]
    assert [text.get_text() for text in manhattan(result, labels=best).texts] == best
    assert [text.get_text() for text in manhattan(result, labels={best[1]: "gene"}).texts] == ["gene"]
    for wrong, message in [
        ({"highlight": ["none"]}, "highlight: 1 of 1 SNPs are not in the table"),
        ({"labels": ["none"]}, "labels: 1 of 1 SNPs are not in the table"),
        ({"threshold": "sidak"}, "threshold: expected a p-value, 'bonferroni', 'permutation', 'effective' or None"),
        (
            {"threshold": "effective"},
            "threshold: 'effective' needs the result or the log of a run with effective_tests",
        ),
        ({"compress": "never"}, "compress: expected a positive number, 'auto' or None, found 'never'"),
        ({"layout": "mirror"}, "layout: expected 'stacked' or 'mirrored', found 'mirror'"),
        ({"threshold": 7.3}, "threshold: expected a p-value from 0 to 1"),
        ({"suggestive": 0}, "suggestive: expected a p-value"),
        ({"colours": []}, "at least one colour"),
    ]:
        with pytest.raises(ValueError, match=message):
            manhattan(result, **wrong)


@pytest.mark.parametrize("size", [(10, 4), (4, 3)])
def test_names_of_hundreds_of_scaffolds_do_not_overlap(size: tuple[float, float]) -> None:
    figure, axes = pyplot.subplots(figsize=size)
    scaffolds = [f"NW_01{k:07d}.1" for k in range(400)]
    for names, last in [(scaffolds, "+341"), ([str(k) for k in range(1, 23)] + ["X"] + scaffolds, "+400")]:
        axes.clear()
        manhattan(table(names, 5), ax=axes)
        points = sum(len(collection.get_offsets()) for collection in axes.collections)
        assert points == 5 * len(names)
        assert ticks(axes)[-1] == last
        assert last in axes.get_xlabel()
        figure.canvas.draw()
        boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        assert len(boxes) >= 3
        assert all(a.x1 <= b.x0 + 1 for a, b in pairwise(boxes))


def test_a_qq_plot_has_title_colour_and_cut(result: jamma.LmmResult) -> None:
    axes = jamma.plot.qq(result, title="all mice", colour="#123456", cut=2)
    assert axes.get_title() == "all mice"
    assert r"\lambda" in axes.texts[0].get_text()
    assert axes.get_ylim()[1] == 2
    assert "▲" in axes.texts[-1].get_text()


def heights_of(axes: Axes) -> Any:
    return np.concatenate(
        [collection.get_offsets()[:, 1] for collection in axes.collections if len(collection.get_offsets())]
    )


def small(**columns: Any) -> pl.DataFrame:
    rows = {"chr": ["1"] * 4, "rs": list("abcd"), "ps": [100, 200, 300, 400], "p_wald": [0.5, 1e-3, 0.0, 0.2]}
    return pl.DataFrame(rows | columns)


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_a_perfect_fit_is_drawn_at_the_top() -> None:
    from jamma.plot import qq

    table = small(neg_log10_p_wald=[-np.log10(0.5), 3.0, np.inf, -np.log10(0.2)])
    for axes in (manhattan(table, labels=1), manhattan(small(), labels=1)):
        assert np.nanmax(heights_of(axes)) == pytest.approx(323.3, abs=0.1)
        assert [text.get_text() for text in axes.texts] == ["c"]
    assert np.nanmax(heights_of(qq(table, cut=None))) == pytest.approx(323.3, abs=0.1)
    assert "1 SNP, up to 323" in qq(table).texts[-1].get_text()
    # Nothing is above it.
    axes = manhattan(
        small(p_wald=[0.5, 0.0, 0.0, 0.2], neg_log10_p_wald=[-np.log10(0.5), 400.0, np.inf, -np.log10(0.2)])
    )
    assert sorted(heights_of(axes))[-2:] == [400, 400]


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_p_values_that_were_changed_are_drawn() -> None:
    table = small(neg_log10_p_wald=[-np.log10(0.5), 350.0, 350.0, -np.log10(0.2)])
    assert sorted(heights_of(manhattan(table))) == pytest.approx(sorted([-np.log10(0.5), 3.0, 350.0, -np.log10(0.2)]))


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_a_snp_without_a_position_leaves_the_others_in_place() -> None:
    axes = manhattan(small(ps=[100, None, 300, 400]))
    places = sorted(np.concatenate([collection.get_offsets()[:, 0] for collection in axes.collections]))
    assert places == [0, 0, 200, 300]


@pytest.mark.parametrize("p", [-0.1, 1.5])
def test_a_wrong_p_value_is_an_error(p: float) -> None:
    with pytest.raises(ValueError, match=r"p_wald: expected p-values from 0 to 1, found .* in row 2"):
        manhattan(small(p_wald=[0.5, p, 0.1, 0.2]))


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_one_of_several_phenotypes_is_drawn(tmp_path: Path) -> None:
    from jamma.plot import qq

    result = jamma.run_lmm(DATA / "loco", traits="all", out=tmp_path / "x", long=True)
    expected = [len(collection.get_offsets()) for collection in manhattan(result.traits["2"]).collections]
    for table in (result, result.to_polars(), result.to_pandas(), tmp_path / "x.assoc.txt"):
        axes = manhattan(table, trait="2")
        assert [len(collection.get_offsets()) for collection in axes.collections] == expected
        assert "lambda" in qq(table, trait="1").texts[0].get_text()
        stacked = manhattan(table, layout="stacked")
        assert [axes.get_title(loc="left") for axes in stacked] == ["1", "2"]
        for draw in (manhattan, qq):
            with pytest.raises(ValueError, match=r"the table has 2 phenotypes \(1, 2\); choose one, as in trait='1'"):
                draw(table)
            with pytest.raises(ValueError, match="trait: the table has no phenotype 'x', only 1, 2"):
                draw(table, trait="x")
    with pytest.raises(ValueError, match="trait: the table has only one phenotype"):
        manhattan(result.traits["2"], trait="2")


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_the_threshold_may_be_that_of_permutations() -> None:
    result = jamma.run_lmm(DATA / "loco", traits="all", permutations=19)
    for table, trait in ((result, "2"), (result.traits["2"], None)):
        axes = manhattan(table, trait=trait, threshold="permutation", suggestive=None)
        height = axes.lines[0].get_ydata()[0]
        permutations = result.traits["2"].permutations
        assert permutations is not None
        assert height == pytest.approx(-np.log10(permutations.thresholds[0.05]))
    with pytest.raises(ValueError, match="'permutation' needs the result of run_lmm with permutations"):
        manhattan(result.to_polars(), trait="2", threshold="permutation")
    few = jamma.run_lmm(DATA / "loco", permutations=18)
    with pytest.raises(ValueError, match=r"18 permutations have no threshold at 0\.05; compute at least 19"):
        manhattan(few, threshold="permutation")
