"""Files of genotypes and options of the command line from Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import polars as pl
import pytest

import jamma
from conftest import DATA, Study
from jamma import _core
from jamma.cli import main
from jamma.file_options import FileOptions, file_options
from test_api import assert_same

Array = np.ndarray[Any, np.dtype[Any]]


def alleles_of(x: Array) -> Array:
    """Copies of the second allele as pairs of alleles, (p, n, 2), with -1 for a missing one."""
    counts = np.where(np.isnan(x), -2, x).astype(np.int8).T
    first, second = (counts > 1).astype(np.int8), (counts > 0).astype(np.int8)
    missing = counts == -2
    first[missing], second[missing] = -1, -1
    # Only one of the alleles has to be missing.
    first[0][missing[0]] = 0
    return np.stack([first, second], axis=2)


def write_array(store: Path, name: str, values: Any) -> None:
    """An uncompressed Zarr array of format 2 in one chunk; a list of strings is stored as strings of any length."""
    folder = store / name
    folder.mkdir(parents=True)
    values = np.asarray(values)
    is_text = values.dtype.kind in "US"
    metadata = {
        "shape": values.shape,
        "chunks": values.shape,
        "dtype": "|O" if is_text else values.dtype.str,
        "fill_value": "" if is_text else 0,
        "order": "C",
        "filters": [{"id": "vlen-utf8"}] if is_text else None,
        "dimension_separator": ".",
        "compressor": None,
        "zarr_format": 2,
    }
    (folder / ".zarray").write_text(json.dumps(metadata))
    content = values.tobytes()
    if is_text:
        texts = [str(text).encode() for text in values.ravel()]
        lengths = [len(texts), *map(len, texts)]
        parts = [np.uint32(length).tobytes() for length in lengths]
        content = parts[0] + b"".join(length + text for length, text in zip(parts[1:], texts, strict=True))
    (folder / ".".join("0" * values.ndim)).write_bytes(content)


def write_store(path: Path, study: Study) -> Path:
    """The study as a VCF Zarr store."""
    bim = study.bim
    contigs = list(dict.fromkeys(bim["chr"]))
    path.mkdir()
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    write_array(path, "sample_id", [iid for _, iid in study.individuals])
    write_array(path, "contig_id", contigs)
    write_array(path, "variant_contig", np.array([contigs.index(one) for one in bim["chr"]], np.int8))  # type: ignore[arg-type]
    write_array(path, "variant_position", np.array(bim["ps"], np.int32))
    write_array(path, "variant_id", bim["rs"])
    write_array(path, "variant_allele", np.array([bim["allele0"], bim["allele1"]]).T)
    write_array(path, "call_genotype", alleles_of(study.genotypes))
    write_array(path, "call_DS", np.where(np.isnan(study.genotypes), np.nan, study.genotypes * 0.75).T.astype("<f4"))
    return path


@pytest.fixture
def store(study: Study, tmp_path: Path) -> Path:
    return write_store(tmp_path / "s.vcz", study)


def test_a_zarr_store_gives_the_bits_of_the_files(study: Study, store: Path) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    iids = [iid for _, iid in study.individuals]
    # Rows with ids are matched with those of the store, rows without are in its order.
    by_id = pl.DataFrame({"iid": iids[::-1], "y": study.phenotype[::-1]})
    for phenotype in (by_id, study.phenotype):
        assert_same(expected, jamma.run_lmm(zarr=store, phenotype=phenotype, tests="all"))
    blocks = list(jamma.iter_lmm(zarr=str(store), phenotype=by_id, block_snps=100))
    assert np.array_equal(np.concatenate([block["p_wald"] for block in blocks]), expected["p_wald"])
    kinship = jamma.kinship(zarr=store)
    assert np.array_equal(kinship, jamma.kinship(study.bfile, kinship_qc="all"))
    assert kinship.individuals == [("0", iid) for iid in iids]
    of_analysed = jamma.kinship(zarr=store, phenotype=by_id)
    assert np.array_equal(of_analysed, jamma.kinship(study.bfile))
    order = np.random.default_rng(1).permutation(len(iids))
    shuffled = pl.DataFrame({"iid": [iids[i] for i in order]} | {iids[i]: of_analysed[order, i] for i in order})
    found = jamma.run_lmm(zarr=store, phenotype=by_id, kinship=shuffled, tests="all")
    assert_same(jamma.run_lmm(study.bfile, kinship=of_analysed, tests="all"), found)


def test_options_of_a_format_are_those_of_the_command_line(study: Study, store: Path, tmp_path: Path) -> None:
    result = jamma.run_lmm(zarr=store, dosage="DS", phenotype=study.phenotype, out=tmp_path / "api")
    (tmp_path / "y.txt").write_text("".join(f"{y!r}\n".replace("nan", "NA") for y in study.phenotype.tolist()))
    words = ["lmm", "--zarr", str(store), "--dosage", "DS", "-p", str(tmp_path / "y.txt")]
    assert main([*words, "-outdir", str(tmp_path), "-o", "cli", "-silence"]) == 0
    assert (tmp_path / "api.assoc.txt").read_bytes() == (tmp_path / "cli.assoc.txt").read_bytes()
    assert result["af"].max() < 0.75 + 1e-6
    called = jamma.run_lmm(zarr=store, dosage="DS", hard_call_threshold=np.float32(0.3), phenotype=study.phenotype)
    assert called.report.log != result.report.log
    assert f"zarr={str(store)!r}, dosage='DS'" in result.report.log


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"nonsense": 1}, TypeError, r"run_lmm\(\) got an unexpected keyword argument 'nonsense'"),
        ({"vcf": "x.vcf", "bfile": "y"}, ValueError, "genotypes are given twice, as bfile and as vcf"),
        ({"vcf": "x.vcf", "zarr": "y"}, ValueError, "genotypes are given twice, as vcf and as zarr"),
        ({"vcf": "x.vcf", "genotypes": np.eye(3)}, ValueError, "genotypes are given twice, as genotypes and as vcf"),
        ({}, ValueError, "give the genotypes either as bfile .* or bimbam"),
        ({"zarr": "no/such"}, (OSError, ValueError), "no/such"),
        ({"bfile": DATA / "demo", "dosage": "DS"}, ValueError, "dosage: the argument belongs to `vcf`, `zarr`"),
        ({"zarr": "x", "dosage": "XX"}, ValueError, "dosage: expected DS or GP, found 'XX'"),
        ({"bfile": DATA / "demo", "ploidy": 2.5}, ValueError, "ploidy: expected a whole number"),
        ({"bfile": DATA / "demo", "vcf": None, "ploidy": [1, 2]}, ValueError, "ploidy: expected one value"),
        ({"bfile": DATA / "demo", "pheno": "y.tsv", "phenotype": np.ones(3)}, ValueError, "phenotypes are given twice"),
        ({"bfile": DATA / "demo", "covar": "y.tsv", "covariates": "c"}, ValueError, "covariates are given twice"),
    ],
)
def test_wrong_options_are_errors(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        jamma.run_lmm(**given)


def test_every_function_rejects_unknown_arguments() -> None:
    for function in (jamma.run_lmm, jamma.iter_lmm, jamma.kinship):
        with pytest.raises(TypeError, match=rf"{function.__name__}\(\) got an unexpected keyword argument 'vfc'"):
            function(DATA / "demo", vfc="x.vcf")  # type: ignore[operator]


def test_every_option_is_described() -> None:
    described = FileOptions.__doc__ or ""
    names = {name for line in described.splitlines() if " : " in line for name in line.split(" : ")[0].split(",")}
    assert {name.strip() for name in names} == set(FileOptions.__annotations__)
    assert jamma.FileOptions is FileOptions


def test_lists_are_separated_by_commas() -> None:
    given: FileOptions = {
        "pheno_name": ["height", "weight"],
        "chr": [1, "X", np.int64(3)],
        "missing_code": -9.0,
        "from_bp": np.int64(5),  # type: ignore[typeddict-item]
        "rint": np.True_,  # type: ignore[typeddict-item]
        "info": np.float32(0.3),  # type: ignore[typeddict-item]
        "keep": Path("keep.txt"),
        "bimbam": "x.txt",
        "annotation": Path("a.txt"),
    }
    expected = {
        "pheno_name": "height,weight",
        "chr": "1,X,3",
        "missing_code": "-9",
        "from_bp": 5,
        "rint": True,
        "info": 0.3,
        "keep": "keep.txt",
        "g": "x.txt",
        "a": "a.txt",
    }
    found = file_options(given)
    assert found == expected
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in expected.items()
    }
    with pytest.raises(ValueError, match="pheno_name: 'a,b' has a comma"):
        file_options({"pheno_name": ["a,b"]})


def test_ids_are_those_of_the_files(study: Study, store: Path) -> None:
    n, ids = _core.individuals("lmm", {"bfile": study.bfile})
    assert (n, ids) == (len(study.individuals), study.individuals)
    n, ids = _core.individuals("lmm", {"zarr": str(store)})
    assert ids == [("0", iid) for _, iid in study.individuals]
    unknown = pl.DataFrame({"iid": ["a", "b"], "y": [1.0, 2.0]})
    with pytest.raises(ValueError, match="phenotype: none of its ids is in the study"):
        jamma.run_lmm(zarr=store, phenotype=unknown)


def bimbam_of(study: Study, path: Path) -> Path:
    """The study as BIMBAM mean genotypes, without ids of individuals."""
    rows = (
        ", ".join([rs, a1, a0, *("NA" if np.isnan(g) else str(int(g)) for g in calls)])
        for rs, a1, a0, calls in zip(
            study.rs, study.bim["allele1"], study.bim["allele0"], study.genotypes.T, strict=True
        )
    )
    path.write_text("\n".join(rows) + "\n")
    return path


def test_rows_of_files_without_ids_are_in_order(study: Study, tmp_path: Path) -> None:
    path = bimbam_of(study, tmp_path / "x.txt")
    try:
        found = _core.individuals("lmm", {"g": str(path)})
    except ValueError as error:
        pytest.skip(str(error))
    assert found == (len(study.individuals), None)
    result = jamma.run_lmm(bimbam=path, phenotype=study.phenotype)
    assert result["beta"] == pytest.approx(jamma.run_lmm(study.bfile)["beta"], rel=1e-6)
    with_ids = pl.DataFrame({"iid": [iid for _, iid in study.individuals], "y": study.phenotype})
    with pytest.raises(ValueError, match=r"but the genotypes carry none, .*; remove the ids if the rows are"):
        jamma.run_lmm(bimbam=path, phenotype=with_ids)


class Parts(SimpleHTTPRequestHandler):
    """Serves the files of a directory, and parts of them."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None or not path.is_file():
            super().do_GET()
            return
        content = path.read_bytes()
        first, last = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.send_header("Last-Modified", self.date_time_string(int(path.stat().st_mtime)))
        self.end_headers()
        self.wfile.write(content[first : last + 1])

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the output of the tests free of requests."""


@pytest.fixture
def url(study: Study, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The study at a URL."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    directory = Path(study.bfile).parent
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Parts, directory=str(directory)))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        _core.individuals("lmm", {"bfile": f"{address}/{Path(study.bfile).name}"})
    except ValueError as error:
        if "does not read URLs" not in str(error):
            raise
        pytest.skip(str(error))
    yield f"{address}/{Path(study.bfile).name}"
    server.shutdown()
    server.server_close()


def test_a_url_gives_the_bits_of_the_files(study: Study, url: str, tmp_path: Path) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    result = jamma.run_lmm(url, tests="all", out=tmp_path / "r")
    assert_same(expected, result)
    assert f"bfile={url!r}" in result.report.log
    assert f"{url}.bim" in result.report.log
    blocks = list(jamma.iter_lmm(bfile=url, block_snps=100))
    assert np.array_equal(np.concatenate([block["p_wald"] for block in blocks]), expected["p_wald"])
    assert np.array_equal(jamma.kinship(url), jamma.kinship(study.bfile))
    assert_same(jamma.run_lmm(study.bfile, loco=True), jamma.run_lmm(url, loco=True))
    with_ids = pl.DataFrame({"iid": [iid for _, iid in study.individuals][::-1], "y": study.phenotype[::-1]})
    assert_same(expected, jamma.run_lmm(url, phenotype=with_ids, tests="all"))
    assert _core.individuals("lmm", {"bfile": url}) == (len(study.individuals), study.individuals)


def test_errors_of_urls_are_those_of_files(study: Study, url: str) -> None:
    with pytest.raises(FileNotFoundError, match=re.escape(f"{url}x.fam: there is no such file")):
        jamma.run_lmm(f"{url}x")
    cases: list[tuple[Path | str, str]] = [
        (Path(url), r"bfile: http:/127.* has only one slash"),
        ("https://me:secret@host/s", "bfile: https://host/s: the URL contains a user name or a password"),
        ("https://host/s?sig=secret", "bfile: https://host/s: the URL has a query"),
        ("ftp://host/s", "URLs with ftp:// are not read"),
    ]
    for wrong, message in cases:
        with pytest.raises(ValueError, match=message) as caught:
            jamma.run_lmm(wrong)
        assert "secret" not in str(caught.value)
    for name in ("kinship", "phenotype", "covariates", "keep", "pheno"):
        given: dict[str, Any] = {name: f"{url}.txt"}
        with pytest.raises(ValueError, match=re.escape(f"{name}: {url}.txt is a URL, which only `bfile` reads")):
            jamma.run_lmm(study.bfile, **given)
    with pytest.raises(ValueError, match=r"vcf: https://host/x\.vcf is a URL"):
        jamma.run_lmm(vcf="https://host/x.vcf")
    with pytest.raises(ValueError, match="bfile: expected the path of a local file, found a URL"):
        jamma.read_kinship("k.txt", bfile=url)
