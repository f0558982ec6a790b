"""`output_format`, `columns`, `effects` and the record of a run; tables read back by other programs' readers."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
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


def _polars(path: Path) -> Any:
    return (
        pl.read_parquet(path)
        if path.suffix == ".parquet"
        else pl.read_csv(path, separator="\t", null_values=["NA", "#NA"])
    )


def _pandas(path: Path) -> Any:
    pandas = pytest.importorskip("pandas")
    if path.suffix == ".parquet":
        pytest.importorskip("pyarrow")
        return pandas.read_parquet(path)
    return pandas.read_csv(path, sep="\t", compression="gzip")


def _pyarrow(path: Path) -> Any:
    csv, parquet = pytest.importorskip("pyarrow.csv"), pytest.importorskip("pyarrow.parquet")
    if path.suffix == ".parquet":
        return parquet.read_table(path)
    # The name of a .bgz does not say that it is gzip.
    return csv.read_csv(gzip.open(path), parse_options=csv.ParseOptions(delimiter="\t"))


def _duckdb(path: Path) -> Any:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    if path.suffix == ".parquet":
        return duckdb.sql(f"select * from read_parquet('{path}')").arrow().read_all()
    return duckdb.sql(f"select * from read_csv('{path}', delim='\t', compression='gzip')").arrow().read_all()


READERS = {"polars": _polars, "pandas": _pandas, "pyarrow": _pyarrow, "duckdb": _duckdb}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["d.assoc.parquet", "d.assoc.tsv.gz", "d.assoc.tsv.bgz", "d.ssf.tsv.gz"])
def test_every_reader_has_the_rows_and_numbers_of_the_result(
    name: str, reader: str, run: tuple[Path, jamma.LmmResult]
) -> None:
    folder, result = run
    found = READERS[reader](folder / name)
    ours = {"beta": "beta", "se": "standard_error", "p_wald": "p_value"}
    is_ssf = name.startswith("d.ssf")
    rows = result.to_polars()
    for ours_name, ssf_name in ours.items():
        numbers = np.asarray(found[ssf_name if is_ssf else ours_name], dtype=float)
        expected = rows[ours_name].to_numpy()
        if name.endswith("parquet"):
            assert np.array_equal(numbers, expected)
        else:
            assert np.allclose(numbers, expected, rtol=5.1e-7, atol=0)
    positions = np.asarray(found["base_pair_location" if is_ssf else "ps"])
    assert positions.tolist() == rows["ps"].to_list()


def test_r_reads_every_text_table(run: tuple[Path, jamma.LmmResult]) -> None:
    folder, result = run
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    script = """
    folder <- commandArgs(TRUE)[1]
    for (name in c("d.assoc.txt", "d.assoc.tsv.gz", "d.assoc.tsv.bgz", "d.ssf.tsv.gz")) {
      readers <- list(base = function(path) read.delim(gzfile(path)))
      if (requireNamespace("data.table", quietly = TRUE)) {
        readers$fread <- function(path) data.table::fread(cmd = paste("gzip -dcf", shQuote(path)), data.table = FALSE)
      }
      for (read in readers) {
        table <- read(file.path(folder, name))
        se <- if ("se" %in% names(table)) table$se else table$standard_error
        cat(nrow(table), sum(se), "\n")
      }
    }
    """
    done = subprocess.run(["Rscript", "-e", script, str(folder)], capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert len(lines) >= 4
    for n, total in lines:
        assert int(n) == len(result["se"])
        assert float(total) == pytest.approx(float(np.sum(result["se"])), rel=1e-5)


def test_the_metadata_of_gwas_ssf_has_the_checksum_of_the_table(run: tuple[Path, jamma.LmmResult]) -> None:
    folder, _ = run
    meta = dict(
        line.split(": ", 1) for line in (folder / "d.ssf.tsv.gz-meta.yaml").read_text().splitlines() if ": " in line
    )
    digest = hashlib.md5((folder / "d.ssf.tsv.gz").read_bytes(), usedforsecurity=False).hexdigest()
    assert meta["data_file_md5sum"].strip("'\"") == digest


def test_tabix_reads_an_index_for_long_chromosomes(tmp_path: Path) -> None:
    if shutil.which("tabix") is None:
        pytest.skip("tabix is not installed")
    for extension in ("bed", "fam"):
        shutil.copy(DATA / f"demo.{extension}", tmp_path / f"w.{extension}")
    # Positions as in wheat, beyond those that a .tbi can index.
    lines = [line.split("\t") for line in (DATA / "demo.bim").read_text().splitlines()]
    text = "".join("\t".join([*cells[:3], str(int(cells[3]) + 600_000_000), *cells[4:]]) + "\n" for cells in lines)
    (tmp_path / "w.bim").write_text(text)
    result = jamma.run_lmm(tmp_path / "w", output_format="bgz", out=tmp_path / "w")
    assert (tmp_path / "w.assoc.tsv.bgz.csi").is_file()
    command = ["tabix", str(tmp_path / "w.assoc.tsv.bgz"), "2:602000000-609000000"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    within = result.to_polars().filter((pl.col("chr") == "2") & pl.col("ps").is_between(602_000_000, 609_000_000))
    assert [line.split("\t")[1] for line in found] == within["rs"].to_list()
    assert len(found) > 1


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
    written = {Path(one["path"]).name: one["bytes"] for one in record["outputs"]}
    assert written == {name: (folder / name).stat().st_size for name in written}
    assert written.keys() >= {"d.assoc.txt", "d.assoc.parquet", "d.assoc.tsv.bgz.tbi", "d.ssf.tsv.gz"}
    # The report is complete after the files were written.
    of_report = json.loads(result.report.to_json())
    assert of_report["traits"] == record["traits"]
    assert of_report["outputs"][: len(record["outputs"])] == record["outputs"]


RUNS: dict[str, dict[str, Any]] = {
    "every test": {"tests": "all", "effective_tests": True, "permutations": 10},
    "loco": {"loco": True},
    "several": {"traits": [1, 2]},
    "stepwise": {"stepwise": 0.05, "stepwise_max": 2, "log10p": True},
    "dominant": {"model": "dominant", "chr": [1, 2]},
    "arrays": {"kinship": np.eye(300), "snps": ["rs10001", "rs10007", "rs10010"]},
}


def study_of(name: str) -> Path:
    """The study of a run."""
    return DATA / {"several": "missing", "loco": "loco"}.get(name, "demo")


@pytest.mark.parametrize("name", RUNS)
def test_the_log_the_record_and_the_report_agree(name: str, tmp_path: Path) -> None:
    result = jamma.run_lmm(study_of(name), out=tmp_path / "r", **RUNS[name])
    record = jamma.read_run(tmp_path / "r")
    log = (tmp_path / "r.log.txt").read_text()
    reports = list(result.report.traits.values()) or [result.report]
    assert len(reports) == len(record["traits"])
    for of, report in zip(record["traits"], reports, strict=True):
        assert of["individuals"] == report.individuals
        assert of["n_covariates"] == report.n_covariates
        assert of["snps"]["kept"] == report.snps["kept"]
        assert sum(of["snps"]["excluded"].values()) + of["snps"]["kept"] == report.snps["total"]
        assert of["bonferroni"] == report.diagnostics.bonferroni
        assert of["effective_tests"] == report.diagnostics.effective_tests
        for column, test in of["tests"].items():
            assert test["lambda_gc"] == report.diagnostics.lambda_gc[column]
        if report.null is not None:
            for member in ("pve", "pve_se", "vg", "ve", "lambda_reml", "logl_ml"):
                number = getattr(report.null, member)
                # JSON has no infinity: the standard error of PVE is one at a bound of lambda.
                assert of["null_model"][member] == (number if math.isfinite(number) else None)
            shown = [float(line.split("=")[1]) for line in log.splitlines() if line.startswith("## pve estimate")]
            assert any(pve == pytest.approx(report.null.pve, rel=1e-4) for pve in shown)
        for chromosome in of["chromosomes"]:
            found = report.chromosomes[chromosome["chromosome"]]
            assert chromosome["n_tested"] == found.n_tested
            # A chromosome without a SNP to test has no null model.
            assert (chromosome["null_model"] is None) == (found.null is None)
            if found.null is not None:
                assert chromosome["null_model"]["pve"] == found.null.pve
        if report.permutations is not None:
            assert of["permutations"]["genome_wide_p"] == report.permutations.genome_wide_p
        if report.stepwise is not None:
            assert [step["rs"] for step in of["stepwise"]["steps"]] == report.stepwise["rs"]
    for note in record["notes"]:
        assert note in log
    assert f"## number of total SNPs/var = {record['n_snps']}" in log
    assert record["machine"]["threads"] == result.report.threads
    assert record["options"]["threads"] == result.report.threads
    assert record["machine"]["kernels"] in ("AVX-512", "AVX2", "SSE2", "NEON", "portable")
    assert record["in_memory"] == (["kinship", "snps"] if name == "arrays" else [])


@pytest.mark.parametrize("name", RUNS)
def test_records_follow_the_schema(name: str, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(__file__).parent.parent / "docs" / "run.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    bfile = study_of(name)
    jamma.run_lmm(bfile, out=tmp_path / "r", **RUNS[name])
    jsonschema.validate(jamma.read_run(tmp_path / "r"), schema)
    for command in (["gk"], ["eigen"], ["lm"], ["lmm", "-lmm", "5"]):
        line = [command[0], "-bfile", str(bfile), *command[1:], "-outdir", str(tmp_path), "-o", "c", "-silence"]
        assert main([*line, "--backend", "rust"]) == 0
        jsonschema.validate(jamma.read_run(tmp_path / "c"), schema)


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
