"""`output_format`, `columns`, `effects` and the record of a run; tables read back by other programs' readers."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import jamma
from jamma.cli import main

DATA = Path(__file__).parent.parent / "reference" / "data"
ALL = ["gemma", "tsv.gz", "bgz", "parquet", "ssf"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, jamma.LmmResult]:
    """The folder of a run `d` in all formats, and its result."""
    folder = tmp_path_factory.mktemp("formats")
    result = jamma.run_lmm(DATA / "demo", tests="all", output_format=ALL, out=folder / "d")
    return folder, result


def assert_same(frame: Any, result: jamma.LmmResult) -> None:
    """Assert that a frame has the numbers of the result, to the bit."""
    assert list(frame.columns) == result.columns
    for name in result.columns:
        found, expected = np.asarray(frame[name]), np.asarray(result[name])
        if expected.dtype.kind == "f":
            assert np.array_equal(found.astype(float), expected, equal_nan=True), name
        else:
            assert [str(cell) for cell in found] == [str(cell) for cell in expected], name


def test_parquet_has_the_numbers_of_the_result_in_every_reader(run: tuple[Path, jamma.LmmResult]) -> None:
    folder, result = run
    path = folder / "d.assoc.parquet"
    assert_same(pl.read_parquet(path), result)
    parquet = pytest.importorskip("pyarrow.parquet")
    file = parquet.ParquetFile(path)
    assert_same(file.read().to_pandas(), result)
    metadata = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    null = json.loads(metadata["jamma_null_model"])
    assert null["lambda_reml"] == result.null.lambda_reml
    chromosomes = [file.read_row_group(group, ["chr"]).to_pylist() for group in range(file.num_row_groups)]
    assert all(len({row["chr"] for row in rows}) == 1 for rows in chromosomes)


def test_parquet_is_read_by_pandas_and_duckdb(run: tuple[Path, jamma.LmmResult]) -> None:
    folder, result = run
    duckdb = pytest.importorskip("duckdb")
    path = folder / "d.assoc.parquet"
    rows = duckdb.sql(f"select rs, p_wald from '{path}' order by p_wald limit 3").fetchall()
    expected = result.to_polars().sort("p_wald").head(3)
    assert rows == list(expected.select("rs", "p_wald").iter_rows())


@pytest.mark.parametrize("name", ["d.assoc.tsv.gz", "d.assoc.tsv.bgz"])
def test_compressed_text_has_the_digits_of_gemmas_table(name: str, run: tuple[Path, jamma.LmmResult]) -> None:
    folder, _ = run
    assert gzip.decompress((folder / name).read_bytes()) == (folder / "d.assoc.txt").read_bytes()
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(folder / name, sep="\t", compression="gzip")
    assert frame["p_wald"].tolist() == jamma.read_assoc(folder / "d.assoc.txt")["p_wald"].to_list()


def test_tabix_finds_rows(run: tuple[Path, jamma.LmmResult]) -> None:
    folder, result = run
    if shutil.which("tabix") is None:
        pytest.skip("tabix is not installed")
    command = ["tabix", str(folder / "d.assoc.tsv.bgz"), "2:2000000-9000000"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    within = result.to_polars().filter((pl.col("chr") == "2") & pl.col("ps").is_between(2_000_000, 9_000_000))
    assert [line.split("\t")[1] for line in found] == within["rs"].to_list()


def test_the_record_is_that_of_the_report(run: tuple[Path, jamma.LmmResult]) -> None:
    folder, result = run
    record = jamma.read_run(folder / "d")
    assert record == jamma.read_run(folder / "d.run.json")
    assert record["traits"][0]["null_model"]["pve"] == result.null.pve
    assert record["options"]["output-format"] == ALL
    sizes = {Path(one["path"]).name: one["bytes"] for one in record["inputs"]}
    assert sizes["demo.bed"] == (DATA / "demo.bed").stat().st_size
    # The report is complete after the files were written.
    of_report = json.loads(result.report.to_json())
    assert of_report["traits"] == record["traits"]
    assert of_report["outputs"][: len(record["outputs"])] == record["outputs"]


def test_a_file_that_is_no_record_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.run.json").write_text("{}")
    with pytest.raises(ValueError, match="not the record of a run"):
        jamma.read_run(tmp_path / "x")
    with pytest.raises(FileNotFoundError):
        jamma.read_run(tmp_path / "none")


def test_formats_and_columns_need_files() -> None:
    for given in ({"output_format": "parquet"}, {"columns": "regenie"}):
        with pytest.raises(ValueError, match=next(iter(given))):
            jamma.run_lmm(DATA / "demo", **given)  # type: ignore[arg-type]


def test_effects_are_columns_of_the_likelihood_ratio_test(tmp_path: Path) -> None:
    without = jamma.run_lmm(DATA / "demo", tests="lrt")
    result = jamma.run_lmm(DATA / "demo", tests="lrt", effects=True)
    other = jamma.run_lmm(DATA / "demo", tests="lrt_effect")
    assert result.columns == [*without.columns, "beta", "se"]
    assert np.array_equal(result["beta"], other["beta"])
    assert np.array_equal(result["se"], other["se"])
    # Columns for other programs do not change the result.
    hidden = jamma.run_lmm(DATA / "demo", tests="lrt", output_format="tsv.gz", columns="plink2", out=tmp_path / "x")
    assert hidden.columns == without.columns


def test_top_and_compare_are_commands(run: tuple[Path, jamma.LmmResult], capfd: pytest.CaptureFixture[str]) -> None:
    folder, result = run
    assert main(["top", str(folder / "d"), "-n", "2", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    expected = result.to_polars().sort("p_wald")["rs"].head(2).to_list()
    assert [hit["rs"] for hit in found[0]["hits"]] == expected
    assert main(["compare", str(folder / "d.assoc.txt"), str(folder / "d.assoc.parquet"), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["is_equal"] is True


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The validator of the GWAS Catalog in an environment of its own."""
    python = shutil.which("python3.11") or (sys.executable if sys.version_info < (3, 12) else None)
    if python is None:
        pytest.skip("gwas-sumstats-tools needs Python 3.11")
    folder = tmp_path_factory.mktemp("validator")
    pins = ["gwas-sumstats-tools==1.0.25", "numpy<1.27", "click<8.2", "six", "setuptools<70"]
    try:
        subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
        subprocess.run(
            [folder / "bin" / "pip", "install", "--quiet", *pins], check=True, capture_output=True, timeout=600
        )
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"gwas-sumstats-tools cannot be installed: {error}")
    return folder / "bin" / "gwas-ssf"


def test_the_official_validator_accepts_human_chromosomes(validator: Path, tmp_path: Path) -> None:
    # It demands all of the chromosomes 1 to 22: the SNPs of the demo are renamed.
    for extension in ("bed", "fam"):
        shutil.copy(DATA / f"demo.{extension}", tmp_path / f"h.{extension}")
    lines = (DATA / "demo.bim").read_text().splitlines()
    names = [*map(str, range(1, 23)), "X"]
    rows = []
    for k, line in enumerate(lines):
        cells = line.split("\t")
        cells[0] = names[k * len(names) // len(lines)]
        rows.append("\t".join(cells))
    (tmp_path / "h.bim").write_text("\n".join(rows) + "\n")
    jamma.run_lmm(tmp_path / "h", tests="all", maf=None, output_format="ssf", out=tmp_path / "h")
    path = tmp_path / "h.ssf.tsv.gz"
    done = subprocess.run([validator, "validate", "-m", "10", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    read = subprocess.run([validator, "read", "-M", path], capture_output=True, text=True)
    assert read.returncode == 0, read.stdout + read.stderr
    assert "data_file_md5sum" in read.stdout
