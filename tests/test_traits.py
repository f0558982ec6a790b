"""Several phenotypes in one run: columns of files, arrays, frames, mappings; their results, failures and blocks."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jamma
from conftest import DATA, ROOT, Floats, Study, read_study
from jamma import running
from jamma.cli import main
from test_api import TEXTS, assert_same
from test_seam import NumpyBackend, NumpyScanner

pytestmark = pytest.mark.filterwarnings("ignore::jamma.JammaWarning")

N, NAMES = 151, ["height", "bmi", "wing length"]


@pytest.fixture(scope="module")
def phenotypes() -> Floats:
    """Three phenotypes of the study `missing`: two with the same individuals, one with fewer."""
    y = np.random.default_rng(11).normal(size=(N, 3))
    y[:5, :] = np.nan
    y[20:40, 1] = np.nan
    return y


@pytest.fixture(scope="module")
def alone(phenotypes: Floats) -> list[jamma.LmmResult]:
    """The result of each phenotype in a run of its own."""
    return [jamma.run_lmm(DATA / "missing", phenotype=y, tests="all") for y in phenotypes.T]


def assert_same_run(found: jamma.LmmResult, expected: jamma.LmmResult) -> None:
    """The same numbers to the bit, and the same report."""
    assert_same(expected, found)
    assert found.ledger == expected.ledger
    assert found.report.kinship_snps == expected.report.kinship_snps
    assert found.report.n_covariates == expected.report.n_covariates
    for name, value in vars(expected.null).items():
        assert np.array_equal(value, getattr(found.null, name)), name


# ------------------------------------------------------------------------------------------------------------- of files


def test_every_trait_of_a_file_has_the_bits_of_its_own_run(backend: str) -> None:
    result = jamma.run_lmm(DATA / "missing", traits="all", tests="all", backend=backend)
    assert isinstance(result, jamma.LmmResults)
    assert list(result.traits) == ["1", "2", "3", "4"]
    for name, of in result.traits.items():
        assert_same_run(of, jamma.run_lmm(DATA / "missing", phenotype=int(name), tests="all", backend=backend))


@pytest.mark.parametrize(
    "traits", ["3,1-2", [3, 1, 2], (3.0, np.int8(1), "2"), np.array([3, 1, 2]), pd.Index([3, 1, 2]), ["3", "1-2"]]
)
def test_columns_are_listed_in_any_way(traits: Any) -> None:
    result = jamma.run_lmm(DATA / "missing", traits=traits)
    assert list(result.traits) == ["3", "1", "2"]
    assert_same_run(result.traits["2"], jamma.run_lmm(DATA / "missing", phenotype=2))


def test_columns_may_be_those_of_a_file_of_phenotypes() -> None:
    file = DATA / "missing.pheno.txt"
    for traits in ("all", [1, 2]):
        result = jamma.run_lmm(DATA / "missing", phenotype=file, traits=traits)
        assert list(result.traits) == ["1", "2"]
        assert_same_run(result.traits["2"], jamma.run_lmm(DATA / "missing", phenotype=(file, 2)))


def test_a_list_of_one_column_is_a_run_of_several() -> None:
    for traits in (2, "2", [2], range(2, 3)):
        result = jamma.run_lmm(DATA / "missing", traits=traits)
        assert result.columns[0] == "trait"
        assert list(result.traits) == ["2"]
    single = jamma.run_lmm(DATA / "missing", phenotype=2)
    assert_same(single, result.traits["2"])
    assert type(single) is jamma.LmmResult
    assert "trait" not in single
    assert list(single.traits) == ["2"]
    assert single.traits["2"] is single
    assert single.failed == {}


@pytest.mark.parametrize("long", [False, True])
def test_the_files_are_those_of_the_command(long: bool, tmp_path: Path) -> None:
    result = jamma.run_lmm(DATA / "missing", traits=[1, 4], out=tmp_path / "api" / "x", long=long)
    words = ["lmm", "-bfile", str(DATA / "missing"), "--traits", "1,4", "-outdir", str(tmp_path / "cli"), "-o", "x"]
    assert main([*words, "-silence", *(["--long"] if long else [])]) == 0
    written = sorted(path.name for path in (tmp_path / "cli").iterdir())
    assert written == (["x.assoc.txt"] if long else ["x.1.assoc.txt", "x.4.assoc.txt"]) + ["x.log.txt", "x.run.json"]
    assert sorted(path.name for path in result.outputs) == written
    for name in written[:-2]:
        assert (tmp_path / "api" / name).read_bytes() == (tmp_path / "cli" / name).read_bytes()
    if long:
        table = jamma.read_assoc(tmp_path / "cli" / "x.assoc.txt")
        assert table.columns == result.columns
        assert table["trait"].to_list() == result["trait"].tolist()
        assert table["beta"].to_numpy() == pytest.approx(result["beta"], rel=5.1e-7)


# ----------------------------------------------------------------------------------------------------------- in memory


def shuffled(ids: list[str]) -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).permutation(len(ids))


def as_array(y: Floats, _: list[str]) -> Any:
    return y


def as_rows(y: Floats, _: list[str]) -> Any:
    return y.tolist()


def as_list(y: Floats, _: list[str]) -> Any:
    return [y[:, 0], pl.Series(y[:, 1]), pd.Series(y[:, 2])]


def as_masked(y: Floats, _: list[str]) -> Any:
    return np.ma.masked_invalid(y)


def as_pandas(y: Floats, ids: list[str]) -> Any:
    order = shuffled(ids)
    return pd.DataFrame(y[order], index=[ids[i] for i in order], columns=NAMES)


def as_polars(y: Floats, ids: list[str]) -> Any:
    order = shuffled(ids)
    return pl.DataFrame({"iid": [ids[i] for i in order], **dict(zip(NAMES, y[order].T, strict=True))}).fill_nan(None)


def as_arrow(y: Floats, ids: list[str]) -> Any:
    return as_polars(y, ids).to_arrow()


def as_mapping(y: Floats, _: list[str]) -> Any:
    return dict(zip(NAMES, y.T, strict=True))


def as_series(y: Floats, ids: list[str]) -> Any:
    """Each phenotype only of those who have it, in an order of its own."""
    columns = {}
    for name, values in zip(NAMES, y.T, strict=True):
        rows = [i for i in shuffled(ids) if not np.isnan(values[i])]
        columns[name] = pd.Series(values[rows], index=[ids[i] for i in rows])
    return columns


@pytest.mark.parametrize(
    ("form", "names"),
    [
        *((form, ["1", "2", "3"]) for form in (as_array, as_rows, as_list, as_masked)),
        *((form, NAMES) for form in (as_pandas, as_polars, as_arrow, as_mapping, as_series)),
    ],
)
def test_phenotypes_in_memory_have_the_bits_of_their_own_runs(
    form: Callable[[Floats, list[str]], Any],
    names: list[str],
    phenotypes: Floats,
    alone: list[jamma.LmmResult],
    study: Study,
) -> None:
    given = form(phenotypes, [iid for _, iid in study.individuals])
    result = jamma.run_lmm(DATA / "missing", phenotype=given, tests="all")
    assert list(result.traits) == names
    for of, expected in zip(result.traits.values(), alone, strict=True):
        assert_same_run(of, expected)


def test_an_xarray_may_have_several_phenotypes(phenotypes: Floats, alone: list[jamma.LmmResult], study: Study) -> None:
    xarray = pytest.importorskip("xarray")
    coords = {"iid": [iid for _, iid in study.individuals], "trait": NAMES}
    given = xarray.DataArray(phenotypes, dims=("iid", "trait"), coords=coords)
    result = jamma.run_lmm(DATA / "missing", phenotype=given, tests="all")
    assert list(result.traits) == NAMES
    assert_same_run(result.traits["bmi"], alone[1])


def test_genotypes_and_phenotypes_may_both_be_in_memory(
    phenotypes: Floats, alone: list[jamma.LmmResult], study: Study, backend: str
) -> None:
    arguments: dict[str, Any] = {"genotypes": study.genotypes, "bim": pl.DataFrame(study.bim), "tests": "all"}
    result = jamma.run_lmm(phenotype=phenotypes, backend=backend, **arguments)
    for of, expected in zip(result.traits.values(), alone, strict=True):
        if backend == "rust":
            assert_same_run(of, expected)
        for name in ("se", "p_wald", "p_lrt", "p_score"):
            assert of[name] == pytest.approx(expected[name], rel=1e-6), name
    single = jamma.run_lmm(phenotype=phenotypes[:, 1], backend=backend, **arguments)
    assert_same_run(result.traits["2"], single)


def test_traits_select_columns_in_memory_by_name(phenotypes: Floats, alone: list[jamma.LmmResult]) -> None:
    frame = pd.DataFrame(phenotypes, columns=NAMES).assign(constant=1.0)
    result = jamma.run_lmm(DATA / "missing", phenotype=frame, traits=["bmi", "height"], tests="all")
    assert list(result.traits) == ["bmi", "height"]
    assert_same_run(result.traits["height"], alone[0])
    mapping = {"text": ["a"] * N, "bmi": phenotypes[:, 1]}
    for given, traits in ((mapping, "bmi"), (phenotypes, 2), (phenotypes[:, 1], "all")):
        (of,) = jamma.run_lmm(DATA / "missing", phenotype=given, traits=traits, tests="all").traits.values()
        assert_same_run(of, alone[1])


def test_a_table_of_one_column_is_a_single_phenotype(phenotypes: Floats, alone: list[jamma.LmmResult]) -> None:
    for given in (phenotypes[:, :1], pl.DataFrame({"height": phenotypes[:, 0]})):
        result = jamma.run_lmm(DATA / "missing", phenotype=given, tests="all")
        assert type(result) is jamma.LmmResult
        assert_same_run(result, alone[0])
    assert "trait" in jamma.run_lmm(DATA / "missing", phenotype={"height": phenotypes[:, 0]})


def test_notes_on_ids_are_given_once(phenotypes: Floats, study: Study) -> None:
    ids, first = [iid for _, iid in study.individuals], " ".join(study.individuals[0])
    frame = pd.DataFrame(phenotypes, index=["nobody", *ids[1:]])
    columns = {str(name): frame[name] for name in frame}
    for given in (frame, columns):
        notes = jamma.run_lmm(DATA / "missing", phenotype=given).notes
        assert notes[:2] == [
            "phenotype: 1 of 151 rows are of unknown individuals and are ignored",
            f"phenotype: 1 of 151 individuals have no row and are not analysed (the first is {first})",
        ]
    columns["2"] = frame[2].iloc[:-1]
    notes = jamma.run_lmm(DATA / "missing", phenotype=columns).notes
    assert notes[0] == "phenotype '0' and 1 other: 1 of 151 rows are of unknown individuals and are ignored"
    assert notes[3].startswith("phenotype '2': 2 of 151 individuals have no row")


# ------------------------------------------------------------------------------------------------------------- failures


def test_a_trait_that_cannot_be_analysed_does_not_end_the_run(
    phenotypes: Floats, alone: list[jamma.LmmResult], tmp_path: Path
) -> None:
    given = {"constant": np.ones(N), "bmi": phenotypes[:, 1], "missing": np.full(N, np.nan), "height": phenotypes[:, 0]}
    with pytest.warns(jamma.JammaWarning, match="trait constant is not analysed"):
        result = jamma.run_lmm(DATA / "missing", phenotype=given, tests="all", out=tmp_path / "x")
    assert list(result.traits) == ["bmi", "height"]
    assert list(result.failed) == ["constant", "missing"]
    assert "the phenotype is constant" in result.failed["constant"]
    assert "analyzed individuals equals 0" in result.failed["missing"]
    assert_same_run(result.traits["bmi"], alone[1])
    assert "2 phenotypes (bmi, height), 2 could not be analysed" in repr(result)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "x.bmi.assoc.txt",
        "x.height.assoc.txt",
        "x.log.txt",
        "x.run.json",
    ]
    with pytest.raises(ValueError, match="phenotype constant: the phenotype is constant"):
        jamma.run_lmm(DATA / "missing", phenotype=given, fail_fast=True)
    del given["bmi"], given["height"]
    with pytest.raises(ValueError, match=r"phenotype constant: the phenotype is constant.*nor can the other trait"):
        jamma.run_lmm(DATA / "missing", phenotype=given)


# --------------------------------------------------------------------------------------------------------------- results


@pytest.fixture(scope="module")
def result(phenotypes: Floats) -> jamma.LmmResult:
    return jamma.run_lmm(DATA / "missing", phenotype=pd.DataFrame(phenotypes, columns=NAMES), all_snps=True)


def test_the_table_has_the_rows_of_one_trait_after_the_other(result: jamma.LmmResult) -> None:
    assert result.columns == ["trait", *result.traits["bmi"].columns]
    assert result["trait"].tolist() == [name for name in NAMES for _ in range(480)]
    for name in result.traits["bmi"].columns:
        joined = np.concatenate([of[name] for of in result.traits.values()])
        assert np.array_equal(result[name], joined, equal_nan=name not in (*TEXTS, "status")), name
    assert len(set(result["status"])) > 1
    row = next(iter(result))
    assert row.trait == "height"
    assert row.rs == result["rs"][0]


def test_the_traits_share_the_memory_of_the_table(result: jamma.LmmResult) -> None:
    for name in ("ps", "n_miss", "af", "beta", "p_wald"):
        assert np.shares_memory(result[name], result.traits["bmi"][name]), name
    for table in (result, result.traits["bmi"]):
        with pytest.raises(ValueError, match="read-only"):
            table["beta"][0] = 0.0


def test_the_trait_is_categorical_in_frames(result: jamma.LmmResult) -> None:
    frame = result.to_polars()
    assert frame.schema["trait"] == pl.Categorical
    assert frame.filter(pl.col("trait") == "wing length").drop("trait").equals(result.traits["wing length"].to_polars())
    assert frame["trait"].to_list() == result["trait"].tolist()
    table = result.to_pandas()
    assert list(table["trait"].cat.categories) == NAMES
    assert table["trait"].tolist() == result["trait"].tolist()
    pyarrow = pytest.importorskip("pyarrow")
    assert pyarrow.types.is_dictionary(pyarrow.table(result).schema.field("trait").type)
    assert pd.DataFrame(result)["trait"].tolist() == result["trait"].tolist()


def test_what_belongs_to_one_trait_is_not_an_attribute_of_all(result: jamma.LmmResult) -> None:
    for name in ("null", "ledger", "chromosomes", "permutations"):
        with pytest.raises(ValueError, match=rf"3 phenotypes; choose one, as in \.traits\['height'\]\.{name}"):
            getattr(result, name)
    report = result.report
    assert (report.individuals, report.snps) == ({"total": 151}, {"total": 480})
    assert report.traits["bmi"].individuals["analysed"] == 126
    assert report.traits["bmi"].name == "bmi"
    assert result.times["converting arrays"] > 0
    assert repr(result).startswith("LmmResults: 3 phenotypes (height, bmi, wing length), 1440 rows for 480 SNPs")
    assert "<table" in result._repr_html_()
    with pytest.raises(TypeError):
        result.traits["new"] = result  # type: ignore[index]


def test_copies_are_equal(result: jamma.LmmResult) -> None:
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert again.to_polars().equals(result.to_polars())
        assert again.traits["bmi"].to_polars().equals(result.traits["bmi"].to_polars())
        with pytest.raises(ValueError, match="read-only"):
            again.traits["bmi"]["beta"][0] = 0.0


def test_texts_of_traits_may_have_other_numbers() -> None:
    from jamma.result import _joined

    def table(texts: list[str], numbers: list[int]) -> dict[str, Any]:
        return {
            "chr": (np.array(numbers, np.uint32), texts),
            "rs": "".join(f"rs{k}\n" for k in range(len(numbers))),
            "n_miss": np.zeros(len(numbers), np.uint32),
        }

    columns, of_each = _joined([table(["1", "X"], [0, 0, 1]), table(["X", "1", "2"], [2, 0, 1]), table([], [])])
    tables = [jamma.AssocTable({**of, "ps": of["n_miss"]}) for of in (columns, *of_each)]
    assert [of["chr"].tolist() for of in tables] == [
        ["1", "1", "X", "2", "X", "1"],
        ["1", "1", "X"],
        ["2", "X", "1"],
        [],
    ]
    assert tables[0]["rs"].tolist() == ["rs0", "rs1", "rs2"] * 2
    assert tables[0].to_polars()["rs"].to_list() == ["rs0", "rs1", "rs2"] * 2
    assert len(tables[3].to_polars()) == 0
    assert tables[0]["n_miss"].dtype == np.int64


# ---------------------------------------------------------------------------------------------------------------- blocks


def test_blocks_are_the_rows_of_each_trait(phenotypes: Floats, backend: str) -> None:
    frame = pl.DataFrame(phenotypes, schema=NAMES)
    whole = jamma.run_lmm(DATA / "missing", phenotype=frame, backend=backend)
    blocks = jamma.iter_lmm(DATA / "missing", phenotype=frame, block_snps=100, backend=backend)
    assert (blocks.traits, blocks.failed, blocks.chromosomes, blocks.permutations) == (None,) * 4
    taken = list(blocks)
    assert all(block.columns == whole.columns for block in taken)
    assert all(len(set(block["trait"])) == 1 for block in taken)
    # The two traits with the same individuals alternate.
    assert [block["trait"][0] for block in taken[:4]] == ["height", "wing length"] * 2
    joined = pl.concat([block.to_polars() for block in taken])
    for name, of in whole.traits.items():
        found = joined.filter(pl.col("trait") == name).drop("trait")
        if backend == "rust":
            assert found.equals(of.to_polars()), name
        assert found["rs"].to_list() == of["rs"].tolist()
        assert found["p_wald"].to_numpy() == pytest.approx(of["p_wald"], rel=1e-9)
    assert blocks.traits is not None
    assert list(blocks.traits) == NAMES
    assert blocks.traits["bmi"].null is not None
    assert blocks.traits["bmi"].null.pve == pytest.approx(whole.traits["bmi"].null.pve, rel=1e-9)
    assert blocks.failed == {}
    assert repr(blocks) == "LmmBlocks: finished, 3 phenotypes"
    with pytest.raises(ValueError, match=r"choose one, as in \.traits\['height'\]\.null"):
        _ = blocks.null


def test_blocks_of_a_single_phenotype_have_its_name() -> None:
    blocks = jamma.iter_lmm(DATA / "missing", phenotype=2)
    assert all("trait" not in block for block in blocks)
    assert blocks.traits is not None
    assert list(blocks.traits) == ["2"]
    assert blocks.traits["2"] is blocks.report


# --------------------------------------------------------------------------------------------------------------- errors


def frame_of(names: list[str], n: int = N) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).normal(size=(n, len(names))), columns=names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"phenotype": frame_of(["a", "b", "a"])}, "phenotype: two columns have the name 'a'"),
        ({"phenotype": frame_of(["a", " "])}, "phenotype: column 2 has no name"),
        ({"phenotype": frame_of(["a", "b\tc"])}, r"phenotype: the name 'b\\tc' has control characters"),
        ({"phenotype": {1: np.ones(N), "1": np.ones(N)}}, "phenotype: two columns have the name '1'"),
        ({"phenotype": {"": np.ones(N)}}, "phenotype: column 1 has no name"),
        ({"phenotype": {}}, "phenotype: there is no column of phenotypes"),
        ({"phenotype": {"a": np.ones((N, 2))}}, "phenotype 'a': 2 columns, expected one"),
        ({"phenotype": {"a": np.ones(N), "b": np.ones(3)}}, "phenotype 'b': 3 rows, but there are 151 individuals"),
        ({"phenotype": {"a": ["x"] * N}}, "phenotype 'a': expected real numbers"),
        ({"phenotype": {"a": 3.0}}, "phenotype: expected a column for each name, found 3.0 for 'a'"),
        ({"phenotype": {"a": np.array(3.0)}}, "phenotype 'a': the array has 0 dimensions"),
        ({"phenotype": np.ones((2, N))}, r"phenotype: the array has shape \(2, 151\).*transpose it"),
        ({"phenotype": np.ones((N, 2, 2))}, "phenotype: the array has 3 dimensions"),
        ({"phenotype": np.full((N, 2), np.inf)}, "phenotype: a value is infinite"),
        ({"phenotype": frame_of(["a", "sample"])}, "phenotype: the name of column 'sample' suggests ids"),
        (
            {"phenotype": frame_of(["a", "b"]), "traits": ["c"]},
            "traits: phenotype has no column 'c'; its columns are a, b",
        ),
        ({"phenotype": frame_of(["a", "b"]), "traits": "1,2"}, "traits: phenotype has no column '1,2'"),
        ({"phenotype": frame_of(["a", "b"]), "traits": ["b", "b"]}, "traits: column 'b' is listed twice"),
        ({"phenotype": frame_of(["a", "b"]), "traits": []}, "traits: the list is empty"),
        ({"phenotype": 2, "traits": "all"}, "traits: a column is also chosen with phenotype"),
        ({"phenotype": (DATA / "missing.pheno.txt", 2), "traits": "all"}, "traits: a column is also chosen"),
        ({"traits": []}, "traits: the list is empty"),
        ({"traits": {"a": 1}}, "traits: expected 'all', or a list of columns, found {'a': 1}"),
        ({"traits": [[1, 2]]}, "traits: expected a number, found"),
        ({"traits": 1.5}, "traits: expected 'all', or a list of columns, found 1.5"),
        ({"traits": True}, "traits: expected 'all', or a list of columns, found True"),
        ({"traits": [1.5]}, "traits: expected a whole number, found 1.5"),
        ({"traits": "some"}, '^traits: "some" is not a column or a range: expected all, or columns from 1'),
        ({"traits": "3-1"}, '^traits: "3-1" is not a range'),
        ({"traits": [1, 1]}, "^traits: column 1 is listed twice"),
        ({"traits": [1, 40]}, "phenotype 40 does not exist"),
        ({"traits": "all", "long": True}, "long requires out"),
        ({"long": True, "out": "never/written"}, "^long: the run has a single trait"),
        ({"fail_fast": True}, "^fail_fast: the run has a single trait"),
        ({"traits": "all", "fail_fast": "no"}, "fail_fast: expected True or False, found 'no'"),
    ],
)
def test_wrong_phenotypes_are_errors(arguments: dict[str, Any], message: str) -> None:
    for call in (jamma.run_lmm, lambda *args, **kw: list(jamma.iter_lmm(*args, **kw))):
        with pytest.raises(ValueError, match=message):
            call(DATA / "missing", **arguments)


def test_the_kinship_depends_on_one_phenotype() -> None:
    with pytest.raises(ValueError, match="phenotype: 2 columns, expected one; select the column to use"):
        jamma.kinship(DATA / "missing", phenotype=np.ones((N, 2)))


def test_two_files_may_not_have_the_same_name(tmp_path: Path, phenotypes: Floats) -> None:
    given = {"a": phenotypes[:, 0], "A": phenotypes[:, 1]}
    with pytest.raises(ValueError, match="would have the same file name"):
        jamma.run_lmm(DATA / "missing", phenotype=given, out=tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    assert len(jamma.run_lmm(DATA / "missing", phenotype=given, out=tmp_path / "x", long=True).traits) == 2


def test_the_log_has_the_call() -> None:
    log = jamma.run_lmm(DATA / "missing", traits=[1, 3, 4]).report.log
    assert "traits=[1, 3, 4]) \n" in log
    log = jamma.run_lmm(DATA / "missing", phenotype={"a": read_study("missing").phenotype}).report.log
    assert "phenotype=<dict of 1>) \n" in log


def test_the_example_of_the_documentation_runs() -> None:
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    section = text.split("## Several phenotypes")[1]
    code = section.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    result = names["result"]
    assert list(result.traits) == ["height", "weight"]
    assert list(result.traits["height"].chromosomes) == list(names["K"]) == ["1", "2", "X"]
    assert list(result.traits["height"].permutations.thresholds) == [0.01, 0.05, 0.1]


# ----------------------------------------------------------------------------------------------- a backend in Python


class GroupBackend(NumpyBackend):
    """Tests all traits of a group at once."""

    def group_scanner(self, *, traits: list[dict[str, Any]], **given: Any) -> GroupScanner:
        self.calls.append(f"group_scanner {len(traits)}")
        return GroupScanner([NumpyScanner(**given, **trait) for trait in traits])


class GroupScanner:
    def __init__(self, scanners: list[NumpyScanner]) -> None:
        self.scanners = scanners

    def scan(self, *given: Any) -> list[dict[str, Any]]:
        return [scanner.scan(*given) for scanner in self.scanners]


@pytest.mark.parametrize(
    ("kind", "calls"),
    [(NumpyBackend, ["scanner score", "scanner score"]), (GroupBackend, ["group_scanner 2"])],
)
def test_a_backend_may_test_the_traits_of_a_group_at_once(
    kind: type[NumpyBackend], calls: list[str], monkeypatch: pytest.MonkeyPatch, phenotypes: Floats
) -> None:
    expected = jamma.run_lmm(DATA / "missing", phenotype=phenotypes, tests="score")
    backend = kind()
    monkeypatch.setattr(running, "backend_object", lambda name, **_: backend)
    found = jamma.run_lmm(DATA / "missing", phenotype=phenotypes, tests="score")
    decomposition = ["kinship_sum centered", "eigendecompose"]
    assert backend.calls == [*decomposition, *calls, *decomposition, "scanner score"]
    for name in ("se", "p_score"):
        assert found[name] == pytest.approx(expected[name], rel=1e-6), name


def test_a_backend_that_forgets_a_trait_is_an_error(monkeypatch: pytest.MonkeyPatch, phenotypes: Floats) -> None:
    monkeypatch.setattr(running, "backend_object", lambda name, **_: GroupBackend())
    monkeypatch.setattr(GroupScanner, "scan", lambda self, *given: [self.scanners[0].scan(*given)])
    with pytest.raises(ValueError, match="scan returned the results of 1 traits, expected 2"):
        jamma.run_lmm(DATA / "missing", phenotype=phenotypes, tests="score")
