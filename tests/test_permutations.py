"""Genome-wide thresholds by permutation, from Python."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jamma
from conftest import DATA, needs_jax
from jamma.cli import main
from test_api import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")

LOCO = DATA / "loco"


def of_run(**arguments: Any) -> jamma.Permutations:
    found = jamma.run_lmm(LOCO, **arguments).permutations
    assert found is not None
    return found


def assert_equal(a: jamma.Permutations | None, b: jamma.Permutations | None) -> None:
    assert a is not None
    assert b is not None
    assert np.array_equal(a.min_p, b.min_p)
    assert {**vars(a), "min_p": None} == {**vars(b), "min_p": None}


def test_thresholds_are_order_statistics_of_the_smallest_p() -> None:
    result = jamma.run_lmm(LOCO, permutations=199)
    found = result.permutations
    assert found is not None
    assert (found.count, found.seed, found.min_p.shape) == (199, 1, (199,))
    assert found.thresholds == {alpha: np.sort(found.min_p)[k - 1] for alpha, k in ((0.01, 2), (0.05, 10), (0.1, 20))}
    assert found.observed_min_p == pytest.approx(result["p_wald"].min(), rel=0.5)
    assert found.genome_wide_p == (1 + (found.min_p <= found.observed_min_p).sum()) / 200
    with pytest.raises(ValueError, match="read-only"):
        found.min_p[0] = 0.0
    again = pickle.loads(pickle.dumps(result)).permutations
    assert_equal(again, found)
    assert not again.min_p.flags.writeable
    assert "array" not in repr(found)
    # The tests themselves are not affected.
    assert_same(jamma.run_lmm(LOCO), result)
    assert jamma.run_lmm(LOCO).permutations is None


def test_few_permutations_resolve_few_levels() -> None:
    assert list(of_run(permutations=20).thresholds) == [0.05, 0.1]
    assert of_run(permutations=1).thresholds == {}


def test_the_seed_chooses_the_permutations(tmp_path: Path) -> None:
    expected = of_run(permutations=50)
    assert_equal(expected, of_run(permutations=np.int64(50), seed=np.uint8(1)))
    assert not np.array_equal(expected.min_p, of_run(permutations=50, seed=2).min_p)
    assert of_run(permutations=5, seed=2**64 - 1).seed == 2**64 - 1
    result = jamma.run_lmm(LOCO, permutations=50, seed=3, out=tmp_path / "api")
    words = ["lmm", "-bfile", str(LOCO), "--permutations", "50", "-seed", "3", "-outdir", str(tmp_path), "-o", "cli"]
    assert main([*words, "-silence"]) == 0
    lines = [
        [line for line in (tmp_path / f"{name}.log.txt").read_text().splitlines() if "genome-wide" in line]
        for name in ("api", "cli")
    ]
    assert lines[0] == lines[1] != []
    assert result.permutations is not None
    assert result.permutations.seed == 3


def test_each_trait_has_the_thresholds_of_its_own_run() -> None:
    for loco in (False, True):
        result = jamma.run_lmm(LOCO, traits="all", loco=loco, permutations=30)
        for name, of in result.traits.items():
            assert_equal(of.permutations, of_run(phenotype=int(name), loco=loco, permutations=30))
    blocks = jamma.iter_lmm(LOCO, loco=True, permutations=30)
    list(blocks)
    assert_equal(blocks.permutations, of_run(loco=True, permutations=30))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"permutations": 0}, "^permutations: expected a whole number from 1 to 1000000, found 0"),
        ({"permutations": True}, "permutations: expected a number, found True"),
        ({"permutations": 1.5}, "permutations: expected a whole number, found 1.5"),
        ({"permutations": "10"}, "permutations: expected a number, found '10'"),
        ({"seed": 1}, "seed is the seed of permutations"),
        ({"permutations": 5, "seed": -1}, "^seed: expected a whole number of at least 0, found -1"),
        (
            {"permutations": 5, "seed": 2**64},
            "^seed: expected a whole number of at least 0, found 18446744073709551616",
        ),
        ({"permutations": 5, "seed": 0.5}, "seed: expected a whole number, found 0.5"),
    ],
)
def test_wrong_numbers_are_errors(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.run_lmm(LOCO, **arguments)


@needs_jax
def test_the_backend_jax_does_not_permute() -> None:
    with pytest.raises(ValueError, match=r"^backend: jax does not compute permutations") as raised:
        jamma.run_lmm(LOCO, permutations=5, backend="jax")
    assert raised.value.__notes__ == ["hint: omit the argument, or choose the backend rust"]
