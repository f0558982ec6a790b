"""Numbers of any type, codes of missing genotypes, values that are not real numbers, and messages that name arguments."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jamma
from conftest import DATA, Study, environment, read_study
from jamma.numeric import SIGNED_CODES, declared_codes, number, whole
from test_api import assert_same

NUMBERS = {
    "maf": 0.05,
    "miss": 0.1,
    "hwe": 0.001,
    "r2": 0.9,
    "lmin": 0.001,
    "lmax": 1000.0,
    "memory": 8.0,
}
WHOLE = {"region": 8, "threads": 1, "phenotype": 2}


@pytest.mark.parametrize("name", [*NUMBERS, *WHOLE])
def test_every_numeric_argument_takes_every_numeric_type(name: str) -> None:
    value = NUMBERS.get(name, WHOLE.get(name))
    expected = jamma.run_lmm(DATA / "missing", **{name: value})
    types: list[Any] = [np.float32, np.float64, np.longdouble, Decimal, np.array, lambda x: np.array(x, np.float32)]
    if name in WHOLE:
        types = [np.int8, np.int64, np.uint16, np.array, np.float64]
    for kind in types[:-1] if name == "phenotype" else types:
        given = kind(str(value)) if kind is Decimal else kind(value)
        assert_same(expected, jamma.run_lmm(DATA / "missing", **{name: given}))
    for wrong in (True, np.True_, "0.1", 1j, np.array([0.1, 0.2]), [1]):
        # A string is the path of a file if the argument accepts one.
        error = FileNotFoundError if name == "phenotype" and isinstance(wrong, str) else ValueError
        with pytest.raises(error, match="0.1" if error is FileNotFoundError else name):
            jamma.run_lmm(DATA / "missing", **{name: wrong})


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_is_no_other(name: str) -> None:
    for wrong in (1.5, np.float64(2.5), True, np.True_, "1"):
        with pytest.raises((ValueError, FileNotFoundError)):
            jamma.run_lmm(DATA / "missing", **{name: wrong})


def test_flags_are_bools_of_any_kind(tmp_path: Path) -> None:
    for yes in (True, np.True_, np.array(True), 1):
        result = jamma.run_lmm(DATA / "demo", log10p=yes, gz=yes, out=tmp_path / "x", progress=np.False_)  # type: ignore[arg-type]
        assert "neg_log10_p_wald" in result
        assert result.outputs[0].suffix == ".gz"
    for name in ("log10p", "gz", "save_kinship", "all_snps", "r2_centred", "progress"):
        with pytest.raises(ValueError, match=f"{name}: expected True or False, found 'no'"):
            jamma.run_lmm(DATA / "demo", out=tmp_path / "x", **{name: "no"})
    assert len(jamma.kinship(DATA / "demo", npy=np.True_, out=tmp_path / "k")) == 300  # type: ignore[arg-type]
    assert (tmp_path / "k.cXX.npy").exists()


def test_numbers_keep_the_decimals_of_their_type() -> None:
    given = (np.float32(0.01), np.float16(0.5), 0.1, 3, np.int8(-4), Decimal("0.30"), np.longdouble("0.7"), np.array(2))
    assert [number("x", x) for x in given] == [0.01, 0.5, 0.1, 3, -4, 0.3, 0.7, 2]
    wholes = [whole("x", x) for x in (3, 3.0, np.float32(3), np.array(3))]
    assert wholes == [3] * 4
    assert {type(x) for x in wholes} == {int}


def test_options_are_typed_and_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths may look like options or numbers of a command line."""
    expected = jamma.run_lmm(DATA / "missing", phenotype=(DATA / "missing.pheno.txt", 2))
    monkeypatch.chdir(tmp_path)
    for extension in ("bed", "bim", "fam"):
        Path(f"-lmm.{extension}").write_bytes((DATA / f"missing.{extension}").read_bytes())
    Path("-1").write_bytes((DATA / "missing.pheno.txt").read_bytes())
    found = jamma.run_lmm("-lmm", phenotype=("-1", 2), out="-o")
    assert_same(expected, found)
    assert Path("-o.assoc.txt").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rotation": 32}, "rotation: expected f64 or f32, found 32"),
        ({"rotation": ["f64"]}, r"rotation: expected f64 or f32, found \['f64'\]"),
        ({"rotation": np.float64(64)}, "rotation: expected f64 or f32, found 64.0"),
        ({"kinship_qc": True}, "kinship_qc: expected analysed or all, found True"),
        ({"maf": np.float64(0.7)}, "maf: expected a number from 0 to 0.5, found 0.7"),
        ({"maf": float("nan")}, "maf: expected a number from 0 to 0.5, found NaN"),
        ({"threads": np.int64(-1)}, "threads: expected a whole number from 1 to 4096, found -1"),
        ({"threads": 10**30}, "threads: expected a whole number from 1 to 4096, found 1e30"),
        ({"region": 10**6}, "region: expected a whole number from 0 to 1000, found 1000000"),
        ({"phenotype": np.int8(-3)}, "phenotype: expected a column number of at least 1, found -3"),
    ],
)
def test_a_wrong_value_is_named_with_its_argument_and_the_range(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.run_lmm(DATA / "missing", **given)


def test_the_engine_knows_its_options() -> None:
    from jamma import _core

    with pytest.raises(TypeError, match="the command gk has no option lmin"):
        _core.Run("gk", {"lmin": 1.0}, call="", write=False)
    with pytest.raises(ValueError, match="there is no command lnm"):
        _core.Run("lnm", {}, call="", write=False)  # type: ignore[arg-type]


def test_the_log_has_the_call(study: Study, tmp_path: Path) -> None:
    w = np.column_stack([np.ones(len(study.phenotype)), np.arange(len(study.phenotype))])
    for result, call in (
        (jamma.run_lmm(study.bfile), f"jamma.run_lmm(bfile={study.bfile!r})"),
        (
            jamma.run_lmm(Path(study.bfile), covariates=w, maf=np.float32(0.05), tests="all", out=tmp_path / "x"),
            f"jamma.run_lmm(bfile={study.bfile!r}, covariates=<ndarray 151 x 2>, tests='all', maf=0.05, "
            f"out={str(tmp_path / 'x')!r})",
        ),
        (
            jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, snps=None),
            "jamma.run_lmm(genotypes=<ndarray 151 x 480>, phenotype=<ndarray 151>)",
        ),
    ):
        assert f"## Command Line Input = {call} \n" in result.report.log
    jamma.kinship(study.bfile, kind="standardized", phenotype=(DATA / "missing.pheno.txt", 2), out=tmp_path / "k")
    log = (tmp_path / "k.log.txt").read_text()
    path = str(DATA / "missing.pheno.txt")
    assert f"= jamma.kinship(bfile={study.bfile!r}, kind='standardized', phenotype=({path!r}, 2), out=" in log
    blocks = jamma.iter_lmm(study.bfile, block_snps=100)
    assert len(list(blocks)) > 1
    assert blocks.report is not None
    assert f"jamma.iter_lmm(bfile={study.bfile!r}, block_snps=100)" in blocks.report.log


def test_other_functions_take_numpy_scalars_too(tmp_path: Path) -> None:
    blocks = jamma.iter_lmm(DATA / "demo", block_snps=np.int64(50), threads=np.int32(1))  # type: ignore[arg-type]
    assert len(list(blocks)) > 3
    k = jamma.kinship(DATA / "demo", maf=np.float32(0.02), threads=np.uint8(1))  # type: ignore[arg-type]
    assert np.array_equal(k, jamma.kinship(DATA / "demo", maf=0.02))
    eigen = jamma.eigendecompose(k, centre=np.True_, threads=np.int64(1))  # type: ignore[arg-type]
    assert eigen.is_centred is True
    for threads in (0, -1, True, 1.5):
        with pytest.raises(ValueError, match="threads"):
            jamma.eigendecompose(k, threads=threads)  # type: ignore[arg-type]
    of_file = jamma.run_lmm(DATA / "missing", phenotype=(DATA / "missing.pheno.txt", np.int64(2)))  # type: ignore[arg-type]
    assert_same(jamma.run_lmm(DATA / "missing", phenotype=(DATA / "missing.pheno.txt", 2)), of_file)


@pytest.mark.parametrize(
    ("dtype", "code"),
    [
        *((dtype, code) for dtype in (np.int8, np.int16, np.int64) for code in (-1, -9, -127)),
        (np.uint8, 255),
        (np.uint16, 65535),
    ],
)
def test_missing_codes_of_integers_are_missing_genotypes(study: Study, dtype: Any, code: int) -> None:
    bim = pl.DataFrame(study.bim)
    expected = jamma.run_lmm(study.bfile)
    coded = np.where(np.isnan(study.genotypes), code, study.genotypes).astype(dtype)
    assert (coded == code).any()
    frame = pd.DataFrame(coded)
    for genotypes in (
        coded,
        np.asfortranarray(coded),
        frame,
        pl.DataFrame(coded),
        coded.tolist() if code < 0 else coded,
    ):
        assert_same(expected, jamma.run_lmm(genotypes=genotypes, phenotype=study.phenotype, bim=bim))
    for missing in (code, [code], np.array([code, 99])):
        assert_same(expected, jamma.run_lmm(genotypes=coded, phenotype=study.phenotype, bim=bim, missing=missing))
    assert np.array_equal(jamma.kinship(genotypes=coded), jamma.kinship(genotypes=study.genotypes))


@pytest.mark.parametrize("code", [3, -2, -128, 9])
def test_a_code_that_was_not_declared_is_named(study: Study, code: int) -> None:
    bim = pl.DataFrame(study.bim)
    coded = np.where(np.isnan(study.genotypes), code, study.genotypes).astype(np.int16)
    with pytest.raises(ValueError, match=rf"has {code} at SNP \d+, expected a number from 0 to 2") as raised:
        jamma.run_lmm(genotypes=coded, phenotype=study.phenotype)
    assert raised.value.__notes__ == [f"hint: write NaN for a missing genotype, or declare its code: missing={code}"]
    found = jamma.run_lmm(genotypes=coded, phenotype=study.phenotype, bim=bim, missing=code)
    assert_same(jamma.run_lmm(study.bfile), found)
    # Floating-point numbers have NaN; their codes are to be declared.
    with pytest.raises(ValueError, match=f"has {code} at SNP"):
        jamma.run_lmm(genotypes=coded.astype(float), phenotype=study.phenotype)
    found = jamma.run_lmm(genotypes=coded.astype(float), phenotype=study.phenotype, bim=bim, missing=code)
    assert_same(jamma.run_lmm(study.bfile), found)


def test_declared_codes_replace_the_convention(study: Study) -> None:
    coded = np.where(np.isnan(study.genotypes), -9, study.genotypes).astype(np.int8)
    with pytest.raises(ValueError, match="has -9 at SNP"):
        jamma.run_lmm(genotypes=coded, phenotype=study.phenotype, missing=3)
    for wrong in (0, 1, 2, 1.5, [-9, 2]):
        with pytest.raises(ValueError, match=r"missing: .* is a genotype"):
            jamma.run_lmm(genotypes=coded, phenotype=study.phenotype, missing=wrong)
    with pytest.raises(ValueError, match="missing applies to genotypes in memory"):
        jamma.run_lmm(study.bfile, missing=-9)
    assert declared_codes(SIGNED_CODES) == SIGNED_CODES


BAD = {
    "complex": (lambda y: y + 0j, "complex"),
    "complex objects": (lambda y: np.array([*y[:-1], 1j], dtype=object), "complex"),
    "masked complex": (lambda y: np.ma.array(y + 0j), "complex"),
    "list of complex": (lambda y: [*y[:-1], 1 + 0j], "complex"),
    "pandas complex": (lambda y: pd.Series(y + 0j), "complex"),
    "pandas objects": (lambda y: pd.Series([*y[:-1], 1j], dtype=object), "complex"),
    "complex64": (lambda y: y.astype(np.complex64), "complex"),
    "texts": (lambda y: [str(x) for x in y], "expected real numbers"),
    "bytes": (lambda y: np.array([str(x).encode() for x in y]), "expected real numbers"),
    "a text among numbers": (lambda y: np.array([*y[:-1], "1"], dtype=object), "expected real numbers, found '1'"),
    "dates": (lambda y: np.arange(len(y)).astype("M8[D]"), "dates or times"),
    "spans": (lambda y: np.arange(len(y)).astype("m8[s]"), "dates or times"),
    "polars dates": (lambda y: pl.Series(np.arange(len(y)).astype("M8[D]")), "expected numbers"),
    "pandas dates": (lambda y: pd.Series(pd.date_range("2020", periods=len(y))), "expected numbers"),
    "categories": (lambda y: pd.Series(pd.Categorical(np.arange(len(y)) % 3)), "expected numbers"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("what", ["phenotype", "covariates", "kinship", "genotypes", "eigen"])
def test_values_that_are_not_real_numbers_are_errors(study: Study, kind: str, what: str) -> None:
    make, message = BAD[kind]
    given = make(np.nan_to_num(study.phenotype))
    n = len(study.phenotype)
    arguments: dict[str, Any] = {"bfile": study.bfile, what: given}
    if what in ("kinship", "genotypes"):
        if isinstance(given, (list, np.ma.MaskedArray)):
            given = np.asarray(given)
        elif not isinstance(given, np.ndarray):
            pytest.skip("a series is no matrix")
        arguments = {"bfile": study.bfile, "kinship": np.broadcast_to(given, (n, n))}
        if what == "genotypes":
            arguments = {"genotypes": np.broadcast_to(given[:, None], (n, 4)), "phenotype": study.phenotype}
    if what == "eigen":
        arguments[what] = (given, np.eye(n))
    with pytest.raises(ValueError, match=f"(?s){what}.*{message}"):
        jamma.run_lmm(**arguments)


def test_complex_kinships_are_errors_everywhere(tmp_path: Path) -> None:
    k = np.eye(4) + 0j
    for function in (jamma.eigendecompose, lambda k: jamma.write_kinship(tmp_path / "k.npy", k)):
        with pytest.raises(ValueError, match="expected real numbers, found complex"):
            function(k)
    assert not list(tmp_path.iterdir())


def test_real_numbers_of_many_kinds_are_taken(study: Study) -> None:
    y = study.phenotype
    expected = jamma.run_lmm(study.bfile, phenotype=y)
    objects = np.array([None if np.isnan(x) else Decimal(repr(float(x))) for x in y], dtype=object)
    for given in (
        objects,
        pd.Series([pd.NA if np.isnan(x) else float(x) for x in y], dtype=object),
        pd.array(y, dtype="Float64"),
        np.ma.masked_invalid(y),
        y.astype(np.longdouble),
        pl.Series([None if np.isnan(x) else float(x) for x in y]),
        y[:, None],
        pd.DataFrame({"y": y}),
    ):
        assert_same(expected, jamma.run_lmm(study.bfile, phenotype=given))
    case = (y > np.nanmedian(y)).astype(float)
    assert_same(jamma.run_lmm(study.bfile, phenotype=case), jamma.run_lmm(study.bfile, phenotype=case.astype(bool)))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"maf": 0.7}, "maf"),
        ({"miss": -1}, "miss"),
        ({"hwe": 2}, "hwe"),
        ({"r2": 1.5}, "r2"),
        ({"lmin": -1.0}, "lmin"),
        ({"lmax": 1e-9}, "lmax"),
        ({"region": -1}, "region"),
        ({"rotation": "f16"}, "rotation"),
        ({"threads": 0}, "threads"),
        ({"memory": -1}, "memory"),
        ({"kinship_qc": "some"}, "kinship_qc"),
        ({"bfile": ""}, "bfile"),
        ({"bfile": DATA / "demo.bed"}, "bfile"),
        ({"out": "dir/"}, "out"),
        ({"phenotype": 0}, "phenotype"),
        ({"phenotype": 99}, "phenotype"),
        ({"snps": DATA / "missing.snps.txt"}, "snps"),
        ({"kinship_snps": ["none"]}, "kinship_snps"),
        ({"kinship": np.eye(300), "kinship_snps": ["a"]}, "kinship_snps"),
        ({"kinship": np.eye(300), "save_kinship": True, "out": "x"}, "save_kinship"),
        ({"save_kinship": True}, "save_kinship"),
    ],
)
def test_messages_name_arguments_and_not_options(arguments: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=name) as raised:
        jamma.run_lmm(**({"bfile": DATA / "demo"} | arguments))
    text = "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    assert name in text
    assert not re.search(r"(^|[\s`(])--?[a-z]", text), text


def test_notes_name_arguments_too() -> None:
    with pytest.warns(jamma.JammaWarning) as warned:
        result = jamma.run_lmm(DATA / "missing", maf=None, hwe=0.001)
    assert "`maf=None` turns off the `hwe` filter too, as in GEMMA" in result.notes
    assert [str(one.message) for one in warned] == result.notes
    # The log is the command's.
    assert "-notsnp turns off the -hwe filter" in result.report.log


def test_each_note_is_a_warning_at_the_callers_line(tmp_path: Path) -> None:
    covariate = np.cos(np.arange(300))
    for run in (
        lambda: jamma.run_lmm(DATA / "demo", covariates=covariate),
        lambda: list(jamma.iter_lmm(DATA / "demo", covariates=covariate)),
        lambda: jamma.kinship(DATA / "demo", covariates=covariate),
    ):
        with pytest.warns(jamma.JammaWarning, match="no intercept") as warned:
            run()
        assert [Path(one.filename).name for one in warned] == ["test_arguments.py"]
    assert issubclass(jamma.JammaWarning, UserWarning)
    code = f"import jamma, numpy\njamma.run_lmm({str(DATA / 'demo')!r}, covariates=numpy.cos(numpy.arange(300)))\n"
    (tmp_path / "user.py").write_text(code)
    found = subprocess.run([sys.executable, tmp_path / "user.py"], capture_output=True, text=True, env=environment())
    assert found.returncode == 0
    assert "user.py:2: JammaWarning: no intercept was found" in found.stderr


def test_the_conversion_of_arrays_is_timed(study: Study) -> None:
    of_files = jamma.run_lmm(study.bfile)
    assert "converting arrays" not in of_files.times
    result = jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype)
    assert 0 < result.times["converting arrays"] < result.times["total"]
    blocks = jamma.iter_lmm(genotypes=study.genotypes, phenotype=study.phenotype)
    assert sum(map(len, blocks)) == len(result)
    assert blocks.times is not None
    assert blocks.times["converting arrays"] > 0


def test_lists_of_snps_are_lists() -> None:
    ids = read_study("missing").rs[:200]
    expected = jamma.run_lmm(DATA / "missing", snps=ids)
    for given in (np.array(ids), pd.Series(ids), pl.Series(ids), [one.encode() for one in ids], tuple(ids)):
        assert_same(expected, jamma.run_lmm(DATA / "missing", snps=given))
    for wrong in (pd.DataFrame({"rs": ids}), pl.DataFrame({"rs": ids}), np.array([ids, ids]), 5, b"rs1"):
        with pytest.raises(ValueError, match="snps: expected a list of ids"):
            jamma.run_lmm(DATA / "missing", snps=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tests": ["wald"]}, r"tests: expected one of .*, found \['wald'\]"),
        ({"kinship_kind": ["centered"]}, "kinship_kind: expected one of"),
        ({"memory": np.inf}, "memory"),
        ({"out": 5}, "out: expected a path"),
        ({"bfile": np.zeros((3, 2))}, "bfile: expected the prefix of PLINK files, found a ndarray"),
        ({"snps": []}, "snps: the list is empty"),
        ({"kinship_snps": np.array([], dtype=str)}, "kinship_snps: the list is empty"),
        ({"gz": True}, "gz requires out"),
    ],
)
def test_a_value_of_a_wrong_kind_is_named_with_its_argument(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.run_lmm(**({"bfile": DATA / "missing"} | given))


def test_formats_of_a_kinship_file_require_out() -> None:
    for name in ("npy", "gz"):
        with pytest.raises(ValueError, match=f"{name} requires out: it applies to the files that are written"):
            jamma.kinship(DATA / "missing", **{name: True})


def test_eigen_may_be_a_list_of_paths(tmp_path: Path) -> None:
    k = jamma.kinship(DATA / "plain")
    paths = jamma.eigendecompose(k, centre=True).save(tmp_path / "e", npy=True)
    found = [jamma.run_lmm(DATA / "plain", eigen=given) for given in (paths, list(paths))]
    assert_same(*found)


@pytest.mark.parametrize("read", [jamma.read_assoc, jamma.read_kinship])
def test_a_value_that_is_not_a_path_is_named(read: Any) -> None:
    with pytest.raises(ValueError, match="path: expected a path, found 5"):
        read(5)


def test_an_empty_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.assoc.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"x\.assoc\.txt: not an association table: the file is empty"):
        jamma.read_assoc(tmp_path / "x.assoc.txt")
