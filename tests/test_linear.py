"""The linear model without a kinship, `run_lm`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jamma

REFERENCE = Path(__file__).parent.parent / "reference"
DATA = REFERENCE / "data"


def gemma(dataset: str, case: str) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a table of GEMMA."""
    lines = (REFERENCE / "gemma" / dataset / f"{case}.assoc.txt").read_text().splitlines()
    return lines[0].split("\t"), [line.split("\t") for line in lines[1:]]


@pytest.mark.parametrize(("tests", "mode"), [("wald", 1), ("lrt", 2), ("score", 3), ("all", 4)])
def test_every_cell_is_that_of_gemma(tests: str, mode: int) -> None:
    """All four modes, with covariates."""
    result = jamma.run_lm(DATA / "covariates", covariates=DATA / "covariates.txt", tests=tests)
    header, rows = gemma("covariates", f"lm{mode}")
    assert result.columns == header
    assert len(result) == len(rows)
    for name, cells in zip(header, zip(*rows, strict=True), strict=True):
        column = result[name]
        if name in ("chr", "rs", "allele1", "allele0"):
            assert column.tolist() == list(cells)
        elif name in ("ps", "n_mis", "n_obs"):
            assert column.dtype == np.int64
            assert column.tolist() == [int(cell) for cell in cells]
        elif name == "af":
            np.testing.assert_allclose(column, np.array(cells, float), atol=0.0005 + 1e-12)
        else:
            np.testing.assert_allclose(column, np.array(cells, float), rtol=1e-6)


def test_arrays_give_the_numbers_of_ordinary_least_squares() -> None:
    """Independent of the files and of GEMMA: a least-squares fit for each SNP."""
    rng = np.random.default_rng(3)
    n, p = 80, 30
    x = rng.integers(0, 3, (n, p)).astype(float)
    w = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = 5 + w[:, 1] + 0.4 * x[:, 0] + rng.normal(size=n)
    result = jamma.run_lm(genotypes=x, phenotype=y, covariates=w, maf=0.0)
    with pytest.raises(ValueError, match="null model was not fitted"):
        _ = result.null
    for s in range(p):
        columns = np.column_stack([w, x[:, s]])
        beta, rss, *_ = np.linalg.lstsq(columns, y, rcond=None)
        variance = rss[0] / (n - 3) * np.linalg.inv(columns.T @ columns)[2, 2]
        np.testing.assert_allclose(result["beta"][s], beta[2], rtol=1e-9)
        np.testing.assert_allclose(result["se"][s], np.sqrt(variance), rtol=1e-9)


def test_dosages_and_calls_of_the_same_values_agree() -> None:
    """Dosages are multiplied directly, calls by table look-up."""
    rng = np.random.default_rng(4)
    x = rng.integers(0, 3, (60, 40)).astype(float)
    y = rng.normal(size=60)
    of_calls = jamma.run_lm(genotypes=x, phenotype=y, tests="all")
    x[0, 0] = np.nextafter(x[0, 0], 1)  # No longer a call.
    of_dosages = jamma.run_lm(genotypes=x, phenotype=y, tests="all")
    for name in ("beta", "se", "p_wald", "p_lrt", "p_score"):
        np.testing.assert_allclose(of_calls[name], of_dosages[name], rtol=1e-8, atol=1e-12)


def test_several_phenotypes_have_the_bits_of_single_runs() -> None:
    """Each phenotype over its own individuals."""
    both = jamma.run_lm(DATA / "missing", traits=[1, 2], tests="all")
    for column in (1, 2):
        alone = jamma.run_lm(DATA / "missing", phenotype=column, tests="all")
        for name in alone.columns:
            np.testing.assert_array_equal(both.traits[str(column)][name], alone[name])


def test_the_default_of_the_environment_does_not_change_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another backend is an error only if the call names it."""
    monkeypatch.setenv("JAMMA_BACKEND", "jax")
    assert jamma.run_lm(DATA / "plain").report.backend == "rust"
    assert jamma.run_lmm(DATA / "plain", permutations=3).report.backend == "rust"
    with pytest.raises(ValueError, match=r"^backend: jax does not compute the linear model"):
        jamma.run_lm(DATA / "plain", backend="jax")
    with pytest.raises(ValueError, match="backend"):
        jamma.run_lm(DATA / "plain", backend="nonsense")


def test_arguments_of_the_mixed_model_do_not_exist() -> None:
    """`kinship`, `loco` and `permutations` have no effect on a linear model."""
    for name in ("kinship", "loco", "permutations", "lmin", "rotation", "eigen_cache"):
        with pytest.raises(TypeError, match=name):
            jamma.run_lm(DATA / "plain", **{name: 1})


def test_files_are_those_of_the_command(tmp_path: Path) -> None:
    """With `out`, the table is written as GEMMA writes it, and read back."""
    jamma.run_lm(DATA / "missing", tests="all", out=tmp_path / "ours")
    header, rows = gemma("missing", "lm4")
    text = (tmp_path / "ours.assoc.txt").read_text().splitlines()
    assert text[0].split("\t") == header
    assert [line.split("\t")[:8] for line in text[1:]] == [row[:8] for row in rows]
    frame = jamma.read_assoc(tmp_path / "ours.assoc.txt")
    assert frame["n_obs"].dtype.is_integer()
