"""Decompositions that are passed to a run, saved, and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jamma
from conftest import DATA, Floats, Study, read_study
from jamma.cli import main


def close(a: jamma.LmmResult, b: jamma.LmmResult) -> None:
    """The same statistics but for rounding."""
    assert a["rs"].tolist() == b["rs"].tolist()
    for name in ("beta", "se", "p_wald", "p_lrt", "p_score"):
        assert a[name] == pytest.approx(b[name], rel=1e-5, abs=1e-9), name
    assert a.null.pve == pytest.approx(b.null.pve, rel=1e-6)


@pytest.fixture
def k(study: Study) -> Floats:
    return np.asarray(jamma.kinship(study.bfile))


@pytest.fixture
def has(study: Study) -> np.ndarray:
    """The individuals with a phenotype: not all."""
    found = np.flatnonzero(~np.isnan(study.phenotype))
    assert len(found) < len(study.phenotype)
    return found


def test_a_decomposition_of_the_analysed_individuals_replaces_their_kinship(
    study: Study, k: Floats, has: np.ndarray
) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    eigen = jamma.eigendecompose(k[np.ix_(has, has)], centre=True)
    for given in (eigen, tuple(eigen), (eigen.values.tolist(), np.ascontiguousarray(eigen.vectors))):
        result = jamma.run_lmm(study.bfile, eigen=given, tests="all")  # type: ignore[arg-type]
        close(expected, result)
        assert result.notes == []
        assert not any("decomposition" in stage for stage in result.times)
    blocks = jamma.iter_lmm(study.bfile, eigen=eigen, tests="all")
    assert sum(map(len, blocks)) == len(expected)


def test_ids_put_a_decomposition_in_order(study: Study, k: Floats, has: np.ndarray) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    iids = np.array([iid for _, iid in study.individuals])
    order = np.random.default_rng(1).permutation(has)
    eigen = jamma.eigendecompose(pd.DataFrame(k[np.ix_(order, order)], index=iids[order]), centre=True)
    assert eigen.individuals == [("", iid) for iid in iids[order]]
    close(expected, jamma.run_lmm(study.bfile, eigen=eigen, tests="all"))
    rest = has[1:]
    fewer = jamma.eigendecompose(pd.DataFrame(k[np.ix_(rest, rest)], index=iids[rest]), centre=True)
    with pytest.raises(ValueError, match=r"eigen: individual .* has no row \(1 of "):
        jamma.run_lmm(study.bfile, eigen=fewer)
    with pytest.raises(ValueError, match="eigen: its rows carry ids"):
        jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, eigen=eigen)


@pytest.mark.parametrize("centre", [True, False])
def test_any_other_decomposition_gives_its_kinship_back(study: Study, centre: bool) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    everybodys = jamma.eigendecompose(jamma.kinship(study.bfile), centre=centre)
    assert everybodys.individuals == study.individuals
    with pytest.warns(jamma.JammaWarning, match="of 151 individuals, of whom"):
        close(expected, jamma.run_lmm(study.bfile, eigen=everybodys, tests="all"))
    demo = jamma.run_lmm(DATA / "demo", tests="all")
    # This kinship is centred already; a constant added to it changes only that.
    eigen = jamma.eigendecompose(np.asarray(jamma.kinship(DATA / "demo")) + 0.5, centre=centre)
    result = jamma.run_lmm(DATA / "demo", eigen=eigen, tests="all")
    close(demo, result)
    assert [note for note in result.notes if "centre=True" in note] == result.notes
    assert len(result.notes) == (not centre)


def test_genotypes_in_memory_take_it_too() -> None:
    study = read_study("plain")
    k = jamma.kinship(study.bfile)
    expected = jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, kinship=k, tests="all")
    eigen = jamma.eigendecompose(k, centre=True)
    close(expected, jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, eigen=eigen, tests="all"))


@pytest.mark.parametrize("extension", ["txt", "npy", "txt.gz"])
def test_a_saved_decomposition_is_read_again(
    study: Study, k: Floats, has: np.ndarray, tmp_path: Path, extension: str
) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    ids = pd.MultiIndex.from_tuples([study.individuals[i] for i in has], names=["fid", "iid"])
    eigen = jamma.eigendecompose(pd.DataFrame(k[np.ix_(has, has)], index=ids, columns=ids), centre=True)
    values, vectors = eigen.save(tmp_path / "e", npy=extension == "npy", gz=extension == "txt.gz")
    assert (values.name, vectors.name) == (f"e.eigenD.{extension}", f"e.eigenU.{extension}")
    for back in (jamma.read_eigen(tmp_path / "e"), jamma.read_eigen(values, vectors)):
        assert back.individuals == [study.individuals[i] for i in has]
        exact = extension == "npy"
        assert back.values == pytest.approx(eigen.values, rel=0 if exact else 1e-9, abs=0 if exact else 1e-12)
        assert back.vectors == pytest.approx(eigen.vectors, rel=0 if exact else 1e-9, abs=0 if exact else 1e-12)
        close(expected, jamma.run_lmm(study.bfile, eigen=back, tests="all"))
    close(expected, jamma.run_lmm(study.bfile, eigen=(values, vectors), tests="all"))
    words = ["lmm", "-bfile", study.bfile, "-d", str(values), "-u", str(vectors), "-lmm", "4"]
    assert main([*words, "-outdir", str(tmp_path), "-o", "cli", "-silence"]) == 0
    assert len(jamma.read_assoc(tmp_path / "cli.assoc.txt")) == len(expected)
    with pytest.raises(ValueError, match=r"eigen: .* has an .id file"):
        jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, eigen=(values, vectors))
    # If there are no ids, the .id file of an older matrix is removed.
    jamma.Eigen(*eigen).save(tmp_path / "e", npy=extension == "npy", gz=extension == "txt.gz")
    assert jamma.read_eigen(tmp_path / "e").individuals is None


def test_files_of_the_command_are_read(study: Study, tmp_path: Path) -> None:
    assert main(["eigen", "-bfile", study.bfile, "-outdir", str(tmp_path), "-o", "e", "-silence"]) == 0
    close(
        jamma.run_lmm(study.bfile, tests="all"),
        jamma.run_lmm(study.bfile, eigen=jamma.read_eigen(tmp_path / "e"), tests="all"),
    )
    with pytest.raises(FileNotFoundError, match=r"none.eigenU.txt"):
        jamma.read_eigen(tmp_path / "none")


@pytest.mark.parametrize(
    ("eigen", "message"),
    [
        ("e", "eigen: expected the result of eigendecompose"),
        (("e.eigenD.txt", np.eye(3)), "eigen: give both files"),
        ((np.ones(3), np.eye(4)), "3 eigenvalues, but eigenvectors of shape 4 x 4"),
        ((np.ones(3), np.eye(3)), "of 3 individuals, but"),
        ((np.ones(3), np.eye(3) * 2), "column 1 has norm 2"),
        ((np.r_[1.0, np.nan, 2.0], np.eye(3)), "eigenvalue 2 is NaN"),
        ((np.ones(3), np.full((3, 3), np.nan)), "norm"),
        ((np.ones(3),), "eigen: expected the result of eigendecompose"),
        (np.eye(3), "eigen: expected the result of eigendecompose"),
    ],
)
def test_a_wrong_decomposition_is_an_error(study: Study, eigen: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.run_lmm(study.bfile, eigen=eigen)  # type: ignore[arg-type]
