"""Leaving one chromosome out of the kinship: runs, kinships, and what is rejected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import jamma
from conftest import DATA, read_study
from jamma.cli import main
from test_api import assert_same

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")

LOCO = DATA / "loco"
CHROMOSOMES = ["1", "2", "X", "chr4", "unplaced", "scaffold_9", "MT"]
"""In the order of the file; `unplaced` are chromosome 0 and two small scaffolds. No SNP of MT passes the filters."""
STATISTICS = ("se", "p_wald", "p_lrt", "p_score")


@pytest.fixture(scope="module")
def result() -> jamma.LmmResult:
    return jamma.run_lmm(LOCO, loco=True, tests="all")


def test_each_chromosome_has_the_bits_of_its_own_run(result: jamma.LmmResult, backend: str) -> None:
    if backend != "rust":
        result = jamma.run_lmm(LOCO, loco=True, tests="all", backend=backend)
    assert list(result.chromosomes) == CHROMOSOMES
    whole = result.to_polars()
    for name in ("1", "X", "scaffold_9"):
        one = jamma.run_lmm(LOCO, loco=name, tests="all", backend=backend)
        assert set(one["chr"]) == {name}
        rows = whole.filter(pl.col("chr") == name)
        if backend == "rust":
            assert rows.equals(one.to_polars()), name
        for statistic in STATISTICS:
            assert rows[statistic].to_numpy() == pytest.approx(one[statistic], rel=1e-9), statistic
        of = result.chromosomes[name]
        assert of.null is not None
        assert of.null.pve == pytest.approx(one.null.pve, rel=1e-9)
        assert one.report.kinship_snps is not None
        assert (of.n_tested, of.n_kinship_snps) == (len(one), one.report.kinship_snps["kept"])
        assert (one.report.left_out, one.chromosomes) == (name, {})


def test_the_backends_agree(result: jamma.LmmResult, backend: str) -> None:
    other = jamma.run_lmm(LOCO, loco=True, tests="all", backend=backend)
    assert other["rs"].tolist() == result["rs"].tolist()
    for name in STATISTICS:
        assert other[name] == pytest.approx(result[name], rel=1e-6), name


def test_there_is_a_null_model_for_each_chromosome(result: jamma.LmmResult) -> None:
    assert result.null is None
    assert result.report.left_out is None
    assert sum(of.n_tested for of in result.chromosomes.values()) == len(result) == result.ledger["snps"]["kept"]
    assert result.chromosomes["MT"] == jamma.ChromosomeReport(566, 0, None)
    assert "566 of 604 SNPs tested in 97 of 101 individuals, 7 chromosomes left out in turn" in repr(result)
    assert any(note.startswith("no SNP is left to test on chromosome MT") for note in result.notes)
    blocks = jamma.iter_lmm(LOCO, loco=True, tests="all", block_snps=50)
    joined = pl.concat([block.to_polars() for block in blocks])
    assert joined.equals(result.to_polars())
    assert blocks.null is None
    assert blocks.chromosomes is not None
    assert blocks.chromosomes["X"].n_tested == result.chromosomes["X"].n_tested


def test_the_files_are_those_of_the_command(tmp_path: Path) -> None:
    jamma.run_lmm(LOCO, loco=True, tests="all", loco_min_snps=50, out=tmp_path / "api")
    words = ["lmm", "-bfile", str(LOCO), "-loco", "-loco-min-snps", "50", "-lmm", "4"]
    assert main([*words, "-outdir", str(tmp_path), "-o", "cli", "-silence"]) == 0
    assert (tmp_path / "api.assoc.txt").read_bytes() == (tmp_path / "cli.assoc.txt").read_bytes()


def test_scaffolds_are_left_out_together_if_they_are_small() -> None:
    few = jamma.run_lmm(LOCO, loco=np.True_, loco_min_snps=np.int64(1))  # type: ignore[arg-type]
    assert "unplaced" not in few.chromosomes
    assert {"0", "scaffold_9"} < set(few.chromosomes)
    many = jamma.run_lmm(LOCO, loco=True, loco_min_snps=10_000)
    assert list(many.chromosomes) == [name for name in CHROMOSOMES if name != "scaffold_9"]


def test_a_chromosome_may_be_a_number(backend: str) -> None:
    expected = jamma.run_lmm(LOCO, loco="2", backend=backend)
    for number in (2, np.int8(2), np.array(2)):
        assert_same(expected, jamma.run_lmm(LOCO, loco=number, backend=backend))  # type: ignore[arg-type]
    assert_same(jamma.run_lmm(LOCO), jamma.run_lmm(LOCO, loco=np.False_))  # type: ignore[arg-type]


def test_genotypes_may_be_in_memory(result: jamma.LmmResult) -> None:
    study = read_study("loco")
    arguments: dict[str, Any] = {
        "genotypes": study.genotypes,
        "phenotype": study.phenotype,
        "bim": pl.DataFrame(study.bim),
        "tests": "all",
    }
    assert_same(result, jamma.run_lmm(loco=True, **arguments))
    with pytest.raises(ValueError, match="on one chromosome"):
        jamma.run_lmm(loco=True, **arguments | {"bim": None})


def test_traits_and_chromosomes_go_together(result: jamma.LmmResult, backend: str) -> None:
    both = jamma.run_lmm(LOCO, loco=True, traits="all", tests="all", backend=backend)
    assert list(both.traits) == ["1", "2"]
    for name, of in both.traits.items():
        single = jamma.run_lmm(LOCO, loco=True, phenotype=int(name), tests="all", backend=backend)
        assert_same(single, of)
        assert list(of.chromosomes) == CHROMOSOMES
        assert of.null is None
    if backend == "rust":
        assert_same(result, both.traits["1"])


# ------------------------------------------------------------------------------------------------------------- kinships


@pytest.mark.parametrize("kind", ["centered", "standardized"])
def test_there_is_a_kinship_without_each_chromosome(kind: Any, backend: str) -> None:
    kinships = jamma.kinship(LOCO, kind=kind, loco=True, backend=backend)
    assert list(kinships) == CHROMOSOMES
    for name in ("X", "unplaced"):
        rest = [rs for chr, rs in zip(*chromosomes(), strict=True) if chr != name]
        expected = jamma.kinship(LOCO, kind=kind, snps=rest, backend=backend)
        assert kinships[name] == pytest.approx(expected, rel=1e-12, abs=1e-12)
        assert kinships[name].individuals == expected.individuals
    one = jamma.kinship(LOCO, kind=kind, loco="X", backend=backend)
    assert one == pytest.approx(kinships["X"], rel=1e-12, abs=1e-12)
    if backend == "rust":
        assert np.array_equal(one, kinships["X"])


def chromosomes() -> tuple[list[str], list[str]]:
    """The chromosome, or `unplaced`, and the id of each SNP."""
    study = read_study("loco")
    placed = set(CHROMOSOMES)
    return [name if name in placed else "unplaced" for name in map(str, study.bim["chr"])], study.rs


def test_a_kinship_without_a_chromosome_gives_its_results(result: jamma.LmmResult) -> None:
    kinships = jamma.kinship(LOCO, loco=True)
    one = jamma.run_lmm(LOCO, loco="X", kinship=kinships["X"], tests="all")
    rows = result.to_polars().filter(pl.col("chr") == "X")
    for name in STATISTICS:
        assert one[name] == pytest.approx(rows[name].to_numpy(), rel=1e-9), name


def test_the_kinships_are_written_one_by_one(tmp_path: Path) -> None:
    kinships = jamma.kinship(LOCO, loco=True, npy=True, out=tmp_path / "k")
    names = sorted(path.name for path in tmp_path.iterdir())
    files = [f"k.{name}.cXX.{extension}" for name in CHROMOSOMES for extension in ("id", "npy")]
    assert names == sorted([*files, "k.log.txt", "k.run.json"])
    assert np.array_equal(jamma.read_kinship(tmp_path / "k.chr4.cXX.npy"), kinships["chr4"])
    jamma.kinship(LOCO, loco="X", npy=True, out=tmp_path / "x")
    assert np.array_equal(np.load(tmp_path / "x.cXX.npy"), kinships["X"])


def test_kinships_of_arrays_carry_the_ids_of_arrays() -> None:
    study = read_study("loco")
    bim = pl.DataFrame(study.bim)
    bare = jamma.kinship(genotypes=study.genotypes, bim=bim, loco=True)
    assert type(bare["X"]) is np.ndarray
    ids = jamma.kinship(genotypes=study.genotypes, individuals=study.individuals, bim=bim, loco="X")
    assert ids.individuals == study.individuals
    assert np.array_equal(ids, bare["X"])
    assert np.array_equal(ids, jamma.kinship(LOCO, loco="X", kinship_qc="all"))


# --------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("function", [jamma.run_lmm, jamma.kinship, lambda *a, **kw: list(jamma.iter_lmm(*a, **kw))])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loco": "7"}, '^loco: no SNP is on chromosome "7"'),
        ({"loco": 7}, '^loco: no SNP is on chromosome "7"'),
        ({"loco": "unplaced"}, "^loco: no SNP is on chromosome"),
        ({"loco": ""}, "^loco: expected a name, found ''"),
        ({"loco": 1.5}, "loco: expected True, False or the name of a chromosome, found 1.5"),
        ({"loco": ["1"]}, "loco: expected True, False or the name of a chromosome, found"),
        ({"loco": None}, "loco: expected True, False or the name of a chromosome, found None"),
        ({"loco": True, "loco_min_snps": -1}, "^loco_min_snps: expected a whole number of at least 0, found -1"),
        ({"loco": True, "loco_min_snps": "5"}, "loco_min_snps: expected a number, found '5'"),
        ({"loco": "X", "loco_min_snps": 5}, "^loco_min_snps: it is for `loco` without the name of a chromosome"),
        ({"loco_min_snps": 5}, "^loco_min_snps: it is for `loco`"),
    ],
)
def test_wrong_chromosomes_are_errors(function: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(LOCO, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kinship": np.eye(101)}, "^kinship: `loco` leaves every chromosome out of the kinship"),
        ({"eigen": (np.ones(101), np.eye(101))}, "^eigen: `loco` needs a decomposition for every chromosome"),
        ({"save_kinship": True, "out": "never/written"}, "^save_kinship: `loco` has a kinship for every chromosome"),
    ],
)
def test_one_kinship_cannot_serve_every_chromosome(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.run_lmm(LOCO, loco=True, **arguments)


def test_decompositions_are_kept_for_later_runs(result: jamma.LmmResult, tmp_path: Path, backend: str) -> None:
    runs = [
        jamma.run_lmm(LOCO, loco=True, tests="all", eigen_cache=tmp_path / "cache", backend=backend) for _ in range(2)
    ]
    assert_same(runs[0], runs[1])
    read = [[note for note in run.notes if "was read from the cache" in note] for run in runs]
    assert [len(notes) for notes in read] == [0, 6]
    if backend == "rust":
        assert_same(result, runs[0])


def test_a_cache_of_decompositions_needs_a_path_and_decompositions(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="eigen_cache: expected a path, found 3"):
        jamma.run_lmm(LOCO, eigen_cache=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="eigen_cache keeps the decompositions of a run, but eigen is given"):
        jamma.run_lmm(LOCO, eigen=(np.ones(101), np.eye(101)), eigen_cache=tmp_path)
