"""Genotypes of every kind of array give the results of the same data in files, to the bit, and are read block by block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import sparse

import jamma
from conftest import ROOT, Study, needs_jax
from jamma import genotypes as readers
from jamma.genotypes import by_chunks, genotypes_of
from jamma.xarrays import copies
from test_api import assert_same
from test_sources import alleles_of

da = pytest.importorskip("dask.array", reason="dask is not installed")
xr = pytest.importorskip("xarray", reason="xarray is not installed")

Array = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture
def dosages(study: Study) -> Array:
    """Dosages of single precision, (n, p), with missing values."""
    rng = np.random.default_rng(11)
    x = np.clip(study.genotypes + rng.uniform(-0.4, 0.4, study.genotypes.shape), 0, 2)
    return x.astype(np.float32)


def dataset(study: Study, **arrays: tuple[tuple[str, ...], Any]) -> Any:
    """A dataset as sgkit makes it, with ids and records."""
    bim = study.bim
    contigs = list(dict.fromkeys(bim["chr"]))
    return xr.Dataset(
        {
            "sample_id": (("samples",), np.array([iid for _, iid in study.individuals], dtype=object)),
            "contig_id": (("contigs",), np.array(contigs)),
            "variant_contig": (("variants",), np.array([contigs.index(one) for one in bim["chr"]])),  # type: ignore[arg-type]
            "variant_position": (("variants",), np.array(bim["ps"])),
            "variant_id": (("variants",), np.array(bim["rs"])),
            "variant_allele": (("variants", "alleles"), np.array([bim["allele0"], bim["allele1"]], dtype="S").T),
            **arrays,
        }
    )


def mapped(x: Array, folder: Path, order: str) -> Array:
    """A memory map of the array, which cannot be written to."""
    path = folder / f"x.{order}"
    np.asarray(x, order=order).T.tofile(path) if order == "F" else x.tofile(path)  # type: ignore[call-overload]
    return np.memmap(path, dtype=x.dtype, mode="r", shape=x.shape, order=order)  # type: ignore[call-overload, no-any-return]


CODED: dict[str, Callable[[Array, Path], Any]] = {
    "int8": lambda x, _: np.where(np.isnan(x), -1, x).astype(np.int8),
    "int8 of bed-reader": lambda x, _: np.asfortranarray(np.where(np.isnan(x), -127, x).astype(np.int8)),
    "uint8": lambda x, _: np.where(np.isnan(x), 255, x).astype(np.uint8),
    "float32 of bed-reader": lambda x, _: np.asfortranarray(x.astype(np.float32)),
    "float16": lambda x, _: x.astype(np.float16),
    "foreign byte order": lambda x, _: x.astype(">f8"),
    "masked": lambda x, _: np.ma.masked_invalid(x),
    "memory map in C order": lambda x, folder: mapped(np.where(np.isnan(x), -9, x).astype(np.int8), folder, "C"),
    "memory map in F order": lambda x, folder: mapped(x, folder, "F"),
    "csc": lambda x, _: sparse.csc_matrix(np.where(np.isnan(x), -1, x).astype(np.int8)),
    "csr": lambda x, _: sparse.csr_array(x),
    "coo": lambda x, _: sparse.coo_matrix(x),
    "dask": lambda x, _: da.from_array(x, chunks=(50, 37)),
    "xarray": lambda x, _: xr.DataArray(da.from_array(x, chunks=(20, 100)), dims=("samples", "variants")),
    "xarray, SNPs first": lambda x, _: xr.DataArray(x.T, dims=("variants", "samples")),
    "alleles": lambda x, _: xr.DataArray(
        da.from_array(alleles_of(x), chunks=(37, 151, 2)), dims=("variants", "samples", "ploidy")
    ),
}


@pytest.mark.parametrize("kind", CODED)
def test_hard_calls_of_every_kind_give_the_bits_of_the_files(study: Study, tmp_path: Path, kind: str) -> None:
    given = CODED[kind](study.genotypes, tmp_path)
    expected = jamma.run_lmm(study.bfile, tests="all")
    found = jamma.run_lmm(genotypes=given, phenotype=study.phenotype, bim=pl.DataFrame(study.bim), tests="all")
    assert_same(expected, found)
    assert found.ledger == expected.ledger
    assert found.null.pve == expected.null.pve


SOFT: dict[str, Callable[[Array, Path], Any]] = {
    "C order": lambda x, _: x,
    "F order": lambda x, _: np.asfortranarray(x),
    "double precision": lambda x, _: x.astype(np.float64),
    "steps": lambda x, _: np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[::2, ::2],
    "masked": lambda x, _: np.ma.masked_invalid(x),
    "memory map": lambda x, folder: mapped(x, folder, "C"),
    "csc": lambda x, _: sparse.csc_array(x),
    "csr": lambda x, _: sparse.csr_matrix(x),
    "frame": lambda x, _: pl.DataFrame(x),
    "dask": lambda x, _: da.from_array(x, chunks=(50, 37)),
    "xarray": lambda x, _: xr.DataArray(da.from_array(x.T, chunks=(41, 60)), dims=("variants", "samples")),
}


@pytest.mark.parametrize("kind", SOFT)
def test_dosages_of_every_kind_are_the_same(study: Study, dosages: Array, tmp_path: Path, kind: str) -> None:
    expected = jamma.run_lmm(genotypes=dosages.astype(np.float64).tolist(), phenotype=study.phenotype, tests="all")
    found = jamma.run_lmm(genotypes=SOFT[kind](dosages, tmp_path), phenotype=study.phenotype, tests="all")
    assert_same(expected, found, but=("rs",))
    blocks = list(jamma.iter_lmm(genotypes=SOFT[kind](dosages, tmp_path), phenotype=study.phenotype, block_snps=29))
    assert len(blocks) > 5
    for name in ("beta", "p_wald"):
        assert np.array_equal(np.concatenate([block[name] for block in blocks]), expected[name])


@needs_jax
def test_the_backend_jax_reads_dosages_too(study: Study, dosages: Array) -> None:
    expected = jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype, backend="rust")
    found = jamma.run_lmm(genotypes=da.from_array(dosages), phenotype=study.phenotype, backend="jax")
    assert found["beta"] == pytest.approx(expected["beta"], rel=1e-6, abs=1e-6)


class Watched:
    """An array in a file, as far as the package can see, that records what is read from it."""

    __module__ = "zarr.test"

    def __init__(self, values: Array, chunks: tuple[int, int] | None = None) -> None:
        self.values, self.chunks = values, chunks
        self.shape, self.dtype = values.shape, values.dtype
        self.read: list[tuple[int, int]] = []

    def __getitem__(self, key: tuple[slice, slice]) -> Array:
        rows, snps = key
        assert rows == slice(None)
        self.read.append((snps.start, snps.stop))
        return self.values[rows, snps]


def test_dosages_are_read_in_blocks_and_never_as_a_whole(study: Study, dosages: Array) -> None:
    watched = Watched(dosages)
    blocks = list(jamma.iter_lmm(genotypes=watched, phenotype=study.phenotype, block_snps=16))
    assert sum(map(len, blocks)) > 100
    # The first read is to see that they are not hard calls; then all SNPs twice, for the kinship and for the tests.
    of_run = watched.read[1:]
    assert max(end - first for first, end in of_run) == 16
    assert of_run == [(first, first + 16) for first in range(0, 480, 16)] * 2


def test_large_blocks_are_read_in_parts() -> None:
    """32 MB in double precision at a time, whatever the size of a block."""
    n, p = 1500, 4000
    x = np.random.default_rng(2).uniform(0, 2, size=(n, p)).astype(np.float32)
    watched = Watched(x)
    found = jamma.kinship(genotypes=watched)
    step = (1 << 22) // n
    assert watched.read == [(0, step), (0, step), (step, p)]
    assert np.array_equal(found, jamma.kinship(genotypes=np.asfortranarray(x, dtype=np.float64)))


def test_whole_chunks_are_loaded_once_in_each_pass(study: Study, dosages: Array) -> None:
    watched = Watched(dosages, chunks=(151, 100))
    list(jamma.iter_lmm(genotypes=watched, phenotype=study.phenotype, block_snps=16))
    chunks = [(0, 100), (100, 200), (200, 300), (300, 400), (400, 480)]
    assert watched.read == chunks * 3


def test_chunks_that_are_too_large_are_loaded_by_range(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.arange(60.0).reshape(3, 20)
    read: list[tuple[int, int]] = []

    def load(first: int, end: int) -> Array:
        read.append((first, end))
        return x[:, first:end]

    monkeypatch.setattr(readers, "KEPT_BYTES", 8 * 24)
    chunked = by_chunks(load, (5, 10, 5), 20, 24)
    assert np.array_equal(chunked(3, 18), x[:, 3:18])
    assert read == [(0, 5), (5, 15), (15, 20)][:1] + [(5, 15), (15, 20)]
    assert np.array_equal(by_chunks(load, 7, 20, 24)(0, 20), x)
    assert np.array_equal(by_chunks(load, None, 20, 24)(4, 9), x[:, 4:9])


def test_a_dataset_has_ids_and_records(study: Study, dosages: Array) -> None:
    expected = jamma.run_lmm(study.bfile, tests="all")
    iids = [iid for _, iid in study.individuals]
    phenotype = pl.DataFrame({"iid": iids[::-1], "y": study.phenotype[::-1]})
    alleles = da.from_array(alleles_of(study.genotypes), chunks=(64, 151, 2))
    ds = dataset(study, call_genotype=(("variants", "samples", "ploidy"), alleles))
    assert_same(expected, jamma.run_lmm(genotypes=ds, phenotype=phenotype, tests="all"))
    # The names of contigs may be in the attributes.
    other = ds.drop_vars("contig_id").assign_attrs(contigs=ds["contig_id"].values.tolist())
    assert_same(expected, jamma.run_lmm(genotypes=other, phenotype=phenotype, tests="all"))
    kinship = jamma.kinship(genotypes=ds)
    assert [iid for _, iid in kinship.individuals] == iids  # type: ignore[union-attr]
    # Columns of bim take precedence.
    found = jamma.run_lmm(genotypes=ds, phenotype=phenotype, bim={"chr": ["7"] * 480})
    assert set(found["chr"]) == {"7"}
    assert found["ps"].tolist() == expected["ps"].tolist()
    soft = dataset(study, call_dosage=(("variants", "samples"), da.from_array(dosages.T, chunks=(64, 80))))
    expected = jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype, bim=pl.DataFrame(study.bim))
    assert_same(expected, jamma.run_lmm(genotypes=soft, phenotype=phenotype))
    both = soft.assign(call_genotype=ds["call_genotype"])
    with pytest.warns(jamma.JammaWarning, match="the dosages are used"):
        assert_same(expected, jamma.run_lmm(genotypes=both, phenotype=phenotype))
    with pytest.raises(ValueError, match="neither call_dosage nor call_genotype"):
        jamma.run_lmm(genotypes=ds.drop_vars("call_genotype"), phenotype=phenotype)
    with pytest.raises(ValueError, match="missing: pairs of alleles have a code of their own"):
        jamma.run_lmm(genotypes=ds, phenotype=phenotype, missing=-9)
    with pytest.raises(ValueError, match="not always one of the 1 contigs"):
        jamma.run_lmm(genotypes=ds.drop_vars("contig_id").assign_attrs(contigs=["1"]), phenotype=phenotype)


def test_dosages_of_a_dataset_may_be_rounded(study: Study, dosages: Array) -> None:
    dosages[:, 5] = 2.0
    expected = jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype, bim=pl.DataFrame(study.bim))
    dosages[:, 5] = np.nextafter(np.float32(2), np.float32(3))
    with pytest.raises(ValueError, match=r"individual 1 has 2\.000000"):
        jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype)
    ds = dataset(study, call_dosage=(("variants", "samples"), dosages.T))
    assert_same(expected, jamma.run_lmm(genotypes=ds, phenotype=study.phenotype))


def test_haploid_calls_count_as_homozygous() -> None:
    alleles = np.array([[[0, -2], [1, -2], [0, 1], [2, 1], [-1, 1], [-1, -2], [-2, -2], [1, -1]]], dtype=np.int8)
    assert copies(alleles).tolist() == [[0, 2, 1, 2, -1, -1, -1, -1]]
    assert copies(alleles[:, :, :1] * (alleles[:, :, :1] > 0)).tolist() == [[0, 2, 0, 2, 0, 0, 0, 2]]
    with pytest.raises(ValueError, match=r"individual 2 has the alleles \[0, 1, 0\] at SNP 4"):
        copies(np.array([[[0, 1, -2], [0, 1, 0]]], dtype=np.int8), first=3)
    with pytest.raises(ValueError, match=r"individual 1 has the alleles \[-3, 1\] at SNP 1"):
        copies(np.array([[[-3, 1]]], dtype=np.int8))


def test_wrong_dosages_are_errors_wherever_they_are(study: Study, dosages: Array) -> None:
    dosages[3, 470] = 7.0
    with pytest.raises(ValueError, match="individual 4 has 7 at SNP 471, expected a number from 0 to 2") as raised:
        jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype)
    assert "declare its code: missing=7" in raised.value.__notes__[0]
    found = jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype, missing=7.0)
    dosages[3, 470] = np.nan
    assert_same(jamma.run_lmm(genotypes=dosages, phenotype=study.phenotype), found)


def test_an_exception_while_reading_ends_the_run(study: Study, dosages: Array, tmp_path: Path) -> None:
    class Broken(Watched):
        __module__ = "zarr.test"

        def __getitem__(self, key: tuple[slice, slice]) -> Array:
            if key[1].start > 0:
                raise KeyError("chunk 1.0 is gone")
            return super().__getitem__(key)

    with pytest.raises(KeyError, match=r"chunk 1\.0 is gone"):
        jamma.run_lmm(genotypes=Broken(dosages, chunks=(151, 100)), phenotype=study.phenotype, out=tmp_path / "x")
    assert list(tmp_path.iterdir()) == []

    class Short(Watched):
        __module__ = "zarr.test"

        def __getitem__(self, key: tuple[slice, slice]) -> Array:
            return super().__getitem__(key)[: 150 if key[1].start > 0 else 151]

    with pytest.raises(ValueError, match="the array of SNPs 101 to 200 has shape 150 x 100, expected 151 x 100"):
        list(jamma.iter_lmm(genotypes=Short(dosages), phenotype=study.phenotype, block_snps=100))


def test_arrays_that_are_no_tables_of_genotypes_are_errors(study: Study) -> None:
    x = study.genotypes
    for given, message in (
        (da.from_array(x[None]), "the array has 3 dimensions, expected 2"),
        (da.from_array(x.astype(complex)), "expected real numbers, found complex numbers"),
        (sparse.csr_matrix(x.astype(complex)), "expected real numbers, found complex numbers"),
        (xr.DataArray(x[0], dims="variants"), "the array has 1 dimensions, expected 2"),
        (xr.DataArray(x[None], dims=("a", "b", "c")), "the dimensions a, b, c and the type float64"),
    ):
        with pytest.raises(ValueError, match=message):
            jamma.run_lmm(genotypes=given, phenotype=study.phenotype)
    unknown = da.from_array(x)[da.from_array(x[:, 0]) >= 0]
    with pytest.raises(ValueError, match="call compute_chunk_sizes"):
        genotypes_of(unknown)


def test_the_example_of_the_documentation_runs() -> None:
    section = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").split("## Arrays of genotypes")[1]
    exec(section.split("```python\n")[1].split("```")[0], {})
