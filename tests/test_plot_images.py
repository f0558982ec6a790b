"""The figures as images, against those in tests/figures, with a tolerance for versions of matplotlib.

Both images are divided into squares of 6 × 6 pixels, and a square is compared with its neighbours too, so that a point or a
letter that moves by a few pixels changes nothing. `JAMMA_NEW_FIGURES=1` writes the images anew; look at them before they
are committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from figures_of import PEAKS, study

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import image, pyplot  # noqa: E402

from jamma import plot  # noqa: E402
from jamma.plot import style  # noqa: E402
from jamma.plot.runs import Facts, Log  # noqa: E402

FIGURES = Path(__file__).parent / "figures"
DPI = 64
SQUARE = 6
# Squares differ if a level of red, green or blue (of 255) differs by more than LEVELS. At most MOST of 1000 may; in
# figures that are mostly text, MOST_OF_TEXT (with matplotlib 3.8 instead of 3.11, 1.3 and 6.4 do).
LEVELS, MOST, MOST_OF_TEXT = 80.0, 3.0, 9.0
OF_POINTS = ("manhattan", "compressed", "stacked", "mirrored", "regional", "kinship")
MOST_BYTES = 300_000


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    with pyplot.rc_context():
        # The font that is part of matplotlib.
        matplotlib.rcdefaults()
        matplotlib.use("Agg")
        yield
    pyplot.close("all")


def kinship() -> Any:
    rng = np.random.default_rng(5)
    families = np.repeat(np.arange(12), 10)
    x = rng.normal(size=(120, 400)) + rng.normal(size=(12, 400))[families] * 0.8
    x -= x.mean(axis=0)
    return x @ x.T / 400


def phenotype() -> Any:
    rng = np.random.default_rng(6)
    values, vectors = np.linalg.eigh(kinship())
    return vectors @ (np.sqrt(np.maximum(values, 0)) * rng.normal(size=120)) + 0.7 * rng.normal(size=120)


def logs(folder: Path) -> dict[str, Path]:
    found = {}
    for name, pve, low, high in (("height", 0.6, 0.5, 0.69), ("weight", 0.3, 0.12, 0.45), ("glucose", 0.05, 0.0, 0.2)):
        found[name] = folder / f"{name}.log.txt"
        found[name].write_text(
            f"## pve estimate in the null model = {pve}\n## se(pve) in the null model = 0.05\n"
            f"## 95 % profile-likelihood interval of pve = {low} to {high}\n"
        )
    return found


def r2_of(table: pl.DataFrame) -> Any:
    """A decay with the distance from the lead SNP."""
    lead = table.row(int(table["p_wald"].arg_min()), named=True)
    return np.exp(-np.abs(table["ps"].to_numpy() - lead["ps"]) / 1.5e6)


def locus() -> pl.DataFrame:
    return study(1500, peaks=(("2", 40.0, 14.0),))


GENES = [plot.Gene("Abc1", 37_000_000, 38_200_000, "+", [(37_000_000, 37_100_000), (38_000_000, 38_200_000)])] + [
    plot.Gene(f"Gene{k}", 38_500_000 + 900_000 * k, 39_200_000 + 900_000 * k, "+-"[k % 2]) for k in range(4)
]
MAP = pl.DataFrame({"chr": "2", "pos": np.arange(35, 46) * 1e6, "rate": [1.0, 2, 40, 1, 2, 1, 5, 70, 1, 2, 1]})

ONE = (0.1, 0.16, 0.87, 0.66)


def at(width: float, height: float, *places: tuple[float, float, float, float]) -> list[Any]:
    """Axes at fixed places of a figure, so that its layout does not depend on the version of matplotlib."""
    figure = pyplot.figure(figsize=(width, height))
    return [figure.add_axes(place) for place in places]


def two() -> list[Any]:
    return at(7.2, 3.9, (0.1, 0.53, 0.87, 0.36), (0.1, 0.11, 0.87, 0.36))


def small() -> Any:
    return at(3.2, 2.9, (0.17, 0.16, 0.7, 0.7))[0]


HIGHLIGHT = ["X:1-100000000"]
LABELS: dict[str, Any] = {"labels": "auto", "locus": 5e6}


def of_genome(table: pl.DataFrame, **options: Any) -> Any:
    return plot.manhattan(table, ax=at(7.2, 2.7, ONE)[0], **options)


def of_region(_: Path) -> Any:
    upper, lower = at(4.1, 3.3, (0.12, 0.38, 0.74, 0.56), (0.12, 0.14, 0.74, 0.18))
    return plot.regional(
        locus(), r2=r2_of(locus()), window=5e6, genes=GENES, recombination=MAP, ax=upper, gene_ax=lower
    )


CASES: dict[str, Callable[[Path], Any]] = {
    "manhattan": lambda _: of_genome(study(peaks=PEAKS), highlight=HIGHLIGHT, **LABELS),
    "compressed": lambda _: of_genome(study(peaks=(("2", 40.0, 80.0), ("5", 50.0, 9.0))), **LABELS),
    "stacked": lambda _: plot.manhattan({"height": study(peaks=PEAKS), "weight": study(seed=2)}, ax=two()),
    "mirrored": lambda _: plot.manhattan(
        [study(peaks=PEAKS), study(seed=2, peaks=PEAKS[1:])], layout="mirrored", ax=two(), **LABELS
    ),
    "qq": lambda _: plot.qq(study(peaks=PEAKS), title="height", ax=small()),
    "qq_several": lambda _: plot.qq({"height": study(peaks=PEAKS), "weight": study(seed=2)}, cut=None, ax=small()),
    "regional": of_region,
    "kinship": lambda _: plot.kinship_heatmap(kinship(), ax=small()),
    "pve_profile": lambda _: plot.pve_profile(kinship(), phenotype=phenotype(), ax=small()),
    "pve_intervals": lambda folder: plot.pve_profile(logs(folder), ax=at(3.2, 1.3, (0.2, 0.38, 0.7, 0.55))[0]),
    "effects": lambda _: plot.effect_compare(
        study(peaks=PEAKS),
        study(peaks=PEAKS).with_columns(pl.col("beta") * 0.7),
        names=("one", "two"),
        ax=small(),
    ),
}


def squares(path: Path) -> Any:
    """The darkest level of red, green and blue in each square, white beyond the edge; shape (rows, columns, 3)."""
    pixels = np.asarray(image.imread(path))[..., :3] * 255
    height, width = (-(-size // SQUARE) * SQUARE for size in pixels.shape[:2])
    whole = np.full((height, width, 3), 255.0)
    whole[: pixels.shape[0], : pixels.shape[1]] = pixels
    return whole.reshape(height // SQUARE, SQUARE, width // SQUARE, SQUARE, 3).min(axis=(1, 3))


def difference(found: Path, expected: Path) -> float:
    """The squares that do not look like any of the squares around them in the other image, per thousand."""
    a, b = squares(found), squares(expected)
    assert a.shape == b.shape, f"{found.name}: {a.shape} squares, expected {b.shape}"
    return 1000 * max(unlike(a, b), unlike(b, a))


def unlike(a: Any, b: Any) -> float:
    """The fraction of squares of `a` that differ in a colour from all 3 × 3 squares around them in `b`."""
    padded = np.pad(b, ((1, 1), (1, 1), (0, 0)), mode="edge")
    near = [padded[i : i + b.shape[0], j : j + b.shape[1]] for i in range(3) for j in range(3)]
    nearest = np.min([np.abs(a - one).max(axis=2) for one in near], axis=0)
    return float((nearest > LEVELS).mean())


def drawn(name: str, folder: Path) -> Path:
    path = folder / f"{name}.png"
    plot.save(CASES[name](folder), path, dpi=DPI)
    return path


@pytest.mark.parametrize("name", CASES)
def test_figures_look_as_before(name: str, tmp_path: Path) -> None:
    path = drawn(name, tmp_path)
    expected = FIGURES / f"{name}.png"
    if os.environ.get("JAMMA_NEW_FIGURES"):
        expected.write_bytes(path.read_bytes())
    found = difference(path, expected)
    assert found <= (MOST if name in OF_POINTS else MOST_OF_TEXT), f"{name}: {found:.1f} of 1000 squares differ"


def test_the_comparison_sees_what_matters(tmp_path: Path) -> None:
    table = study(peaks=PEAKS)
    changes: dict[str, Callable[[], Any]] = {
        "no labels": lambda: of_genome(table, highlight=HIGHLIGHT),
        "no highlight": lambda: of_genome(table, **LABELS),
        "no second peak": lambda: of_genome(study(peaks=PEAKS[:1]), highlight=HIGHLIGHT, **LABELS),
        "another threshold": lambda: of_genome(table, highlight=HIGHLIGHT, threshold=1e-6, **LABELS),
        "other colours": lambda: of_genome(table, highlight=HIGHLIGHT, colours=["#dddddd", "#000000"], **LABELS),
    }
    for what, draw in changes.items():
        path = tmp_path / "changed.png"
        plot.save(draw(), path, dpi=DPI)
        assert difference(path, FIGURES / "manhattan.png") > MOST, what


def test_the_images_are_small() -> None:
    assert sum(path.stat().st_size for path in FIGURES.glob("*.png")) < MOST_BYTES
    assert {path.stem for path in FIGURES.glob("*.png")} == set(CASES)


@pytest.mark.parametrize("size", [None, (5.0, 2.2)])
def test_new_figures_have_room_for_all_text(size: tuple[float, float] | None) -> None:
    drawn = [
        plot.manhattan(study(peaks=PEAKS), title="height", **LABELS),
        plot.manhattan([study(peaks=PEAKS), study(seed=2, peaks=PEAKS)], layout="mirrored", **LABELS)[0],
        plot.qq(study(peaks=PEAKS)),
        plot.regional(locus(), r2=r2_of(locus()), window=5e6, genes=GENES, recombination=MAP),
        plot.kinship_heatmap(kinship()),
        plot.pve_profile(kinship(), phenotype=phenotype()),
    ]
    for axes in drawn:
        figure = axes.figure
        if size is not None and axes is drawn[0]:
            figure.set_size_inches(*size)
        figure.canvas.draw()
        whole = figure.bbox
        with style.styled():
            for one in figure.axes:
                box = one.get_tightbbox(figure.canvas.get_renderer())
                assert box.x0 >= whole.x0 - 2, one
                assert box.y0 >= whole.y0 - 2, one
                assert box.x1 <= whole.x1 + 2, one
                assert box.y1 <= whole.y1 + 2, one


def test_the_settings_of_the_user_are_kept() -> None:
    before = dict(matplotlib.rcParams)
    axes = plot.manhattan(study(peaks=PEAKS), labels=1)
    axes.figure.canvas.draw()
    assert dict(matplotlib.rcParams) == before


def test_new_figures_save_themselves_with_publication_defaults(tmp_path: Path) -> None:
    axes = plot.qq(study())
    axes.figure.savefig(tmp_path / "a.png")
    size = np.asarray(image.imread(tmp_path / "a.png")).shape
    assert size[:2] == (round(2.9 * style.DPI), round(3.0 * style.DPI))
    axes.figure.savefig(tmp_path / "a.svg")
    assert "Expected" in (tmp_path / "a.svg").read_text()
    with pytest.raises(ValueError, match=r"the extension must be \.png, \.svg or \.pdf"):
        plot.save(axes, tmp_path / "a.jpg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_facts_of_an_empty_log_are_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.log.txt").write_text("nothing\n")
    assert Log.read(tmp_path / "x.log.txt").of("") == Facts()
