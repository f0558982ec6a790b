"""Manhattan and QQ plots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jamma
from conftest import DATA

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(scope="module")
def result() -> jamma.LmmResult:
    return jamma.run_lmm(DATA / "demo", tests="all")


def test_a_manhattan_plot_has_every_snp_and_chromosome(result: jamma.LmmResult, tmp_path: Path) -> None:
    from jamma.plot import manhattan

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
    assert f"{inflation(result['p_lrt']):.3f}" in axes.get_title()
    axes.figure.savefig(tmp_path / "qq.pdf")
    with pytest.raises(ValueError, match="no column p_none"):
        qq(result, p="p_none")


def test_uniform_p_values_have_no_inflation() -> None:
    from jamma.plot import inflation

    assert inflation((np.arange(10_001) + 0.5) / 10_001) == pytest.approx(1.0, abs=1e-3)
