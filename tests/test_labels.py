"""Labels of frames that are ids of the rows, or may be: columns, indexes of numbers, PLINK's own tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import jamma
from conftest import Floats, Study, read_study
from test_api import assert_same
from test_ids import iids_of, needs_xarray, xr

OF_BIM = ("chr", "rs", "ps", "allele1", "allele0")


@pytest.fixture(scope="module")
def plain() -> Study:
    return read_study("plain")


@pytest.fixture(scope="module")
def matrix(plain: Study) -> Floats:
    return np.asarray(jamma.kinship(plain.bfile))


def with_iids(study: Study, folder: Path, iids: list[str]) -> str:
    """The study with other ids."""
    for extension in ("bed", "bim"):
        (folder / f"s.{extension}").write_bytes(Path(f"{study.bfile}.{extension}").read_bytes())
    rows = [line.split() for line in Path(f"{study.bfile}.fam").read_text().splitlines()]
    lines = [" ".join(["0", iid, *row[2:]]) + "\n" for iid, row in zip(iids, rows, strict=True)]
    (folder / "s.fam").write_text("".join(lines))
    return str(folder / "s")


@pytest.mark.parametrize(
    "make",
    [
        lambda k, names: pd.DataFrame(k, columns=names),
        lambda k, names: pl.DataFrame(k, schema=names),
        lambda k, names: pa.table(dict(zip(names, k.T, strict=True))),
        pytest.param(
            lambda k, names: xr.DataArray(k, dims=("row", "column"), coords={"column": names}), marks=needs_xarray
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_columns_name_the_rows_of_a_kinship(
    plain: Study, matrix: Floats, make: Callable[[Floats, list[str]], Any]
) -> None:
    order = np.random.default_rng(5).permutation(len(matrix))
    k = matrix[np.ix_(order, order)]
    names = [iids_of(plain)[i] for i in order]
    assert_same(jamma.run_lmm(plain.bfile, kinship=matrix), jamma.run_lmm(plain.bfile, kinship=make(k, names)))
    others = [f"who{i * 7}" for i in range(len(names))]
    with pytest.raises(ValueError, match=r"kinship: its columns are named .* not by individuals of the study"):
        jamma.run_lmm(plain.bfile, kinship=make(k, others))
    with pytest.raises(ValueError, match="kinship: its columns are named"):
        jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype, kinship=make(k, others))


def test_numbered_columns_are_not_ids(plain: Study, matrix: Floats) -> None:
    expected = jamma.run_lmm(plain.bfile, kinship=matrix)
    for prefix, first in (("column_", 0), ("column_", 1), ("V", 1), ("", 0)):
        names = [f"{prefix}{i + first}" for i in range(len(matrix))]
        assert_same(expected, jamma.run_lmm(plain.bfile, kinship=pl.DataFrame(matrix, schema=names)))
    assert_same(expected, jamma.run_lmm(plain.bfile, kinship=pd.DataFrame(matrix)))


def test_eigendecompose_puts_columns_in_order(plain: Study, matrix: Floats) -> None:
    iids = [f"{iid}x" for iid in iids_of(plain)]
    frame = pd.DataFrame(matrix, index=iids, columns=iids)
    expected = jamma.eigendecompose(frame)
    found = jamma.eigendecompose(frame[iids[::-1]])
    assert np.array_equal(expected.vectors, found.vectors)
    assert expected.individuals == found.individuals
    assert jamma.eigendecompose(pl.DataFrame(matrix, schema=iids)).individuals == expected.individuals


@pytest.mark.parametrize("name", ["index", "row", "Unnamed: 0", "age"])
def test_an_index_of_numbers_is_of_ids_only_by_name(plain: Study, tmp_path: Path, name: str) -> None:
    n = len(plain.phenotype)
    numbers = np.arange(n) + 1
    bfile = with_iids(plain, tmp_path, [str(i) for i in numbers[::-1]])
    y = plain.phenotype[::-1]
    for values in (numbers, numbers.astype(float), pd.CategoricalIndex(numbers)):
        with pytest.raises(
            ValueError, match=f"index has numbers and is named '{name}', so it is unclear whether it has ids"
        ):
            jamma.run_lmm(bfile, phenotype=pd.Series(y, index=pd.Index(values, name=name)))
    found = jamma.run_lmm(bfile, phenotype=pd.Series(y, index=pd.Index(numbers, name="#IID")))
    assert_same(jamma.run_lmm(bfile), found)


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_ids_compare_as_numbers(plain: Study, tmp_path: Path) -> None:
    n = len(plain.phenotype)
    bfile = with_iids(plain, tmp_path, [f"{i + 1:05d}" for i in range(n)])
    expected = jamma.run_lmm(bfile)
    order = np.random.default_rng(1).permutation(n)
    for iids in (order + 1, (order + 1.0), [f"{i + 1}.0" for i in order], [f"{i + 1:07d}" for i in order]):
        assert_same(expected, jamma.run_lmm(bfile, phenotype=pl.DataFrame({"iid": iids, "y": plain.phenotype[order]})))
    # 7 and 007 are two individuals of this study, so ids must match as text.
    bfile = with_iids(plain, tmp_path, ["7", "007", *(f"i{i}" for i in range(2, n))])
    frame = pl.DataFrame({"iid": ["07", *(f"i{i}" for i in range(2, n))], "y": plain.phenotype[1:]})
    with pytest.warns(jamma.JammaWarning, match="2 of .* individuals have no row"):
        jamma.run_lmm(bfile, phenotype=frame)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_tables_of_plink_are_genotypes(plain: Study, library: Any) -> None:
    n = len(plain.phenotype)
    people = {"PAT": [0] * n, "MAT": [0] * n, "SEX": [1] * n, "PHENOTYPE": [-9] * n}
    snps = {f"{rs}_A": plain.genotypes[:, s] for s, rs in enumerate(plain.rs)}
    ids = {"FID": [fid for fid, _ in plain.individuals], "IID": iids_of(plain)}
    with pytest.warns(jamma.JammaWarning, match="columns PAT, MAT, SEX, PHENOTYPE describe individuals"):
        found = jamma.run_lmm(genotypes=library(ids | people | snps), phenotype=plain.phenotype)
    assert_same(jamma.run_lmm(plain.bfile), found, but=OF_BIM)
    with pytest.raises(ValueError, match="genotypes: the columns Sex describe individuals, not SNPs"):
        jamma.run_lmm(genotypes=library({"Sex": [1] * n} | snps), phenotype=plain.phenotype)


@pytest.mark.parametrize("name", ["rs", "snp", "id"])
def test_an_index_of_bim_is_matched(study: Study, name: str) -> None:
    bim = pd.DataFrame(study.bim).set_index("rs").rename_axis(name)
    genotypes = pd.DataFrame(study.genotypes, columns=study.rs)
    expected = jamma.run_lmm(study.bfile)
    for given in (bim[::-1], bim.set_axis(pd.CategoricalIndex(study.rs, name=name))[::-1]):
        assert_same(expected, jamma.run_lmm(genotypes=genotypes, phenotype=study.phenotype, bim=given))
    numbers = np.arange(len(study.rs)) * 3 + 5
    genotypes.columns = numbers
    given = bim.set_axis(pd.Index(numbers, name=name))[::-1]
    found = jamma.run_lmm(genotypes=genotypes, phenotype=study.phenotype, bim=given)
    assert_same(expected, found, but=("rs",))


@pytest.mark.parametrize("name", ["chr", "rs", "allele1", "allele0"])
@pytest.mark.parametrize("wrong", ["a\tb", "a\nb", "a\r"])
def test_names_that_break_a_table_are_errors(plain: Study, name: str, wrong: str) -> None:
    bim = pl.DataFrame(plain.bim).with_columns(pl.Series(name, [wrong, *plain.bim[name][1:]]))
    with pytest.raises(ValueError, match=f"genotypes: {name} of SNP 1 contains a tab or a line break"):
        jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype, bim=bim)


def test_individuals_may_be_labels(plain: Study) -> None:
    iids = iids_of(plain)
    phenotype = pl.DataFrame({"iid": iids[::-1], "y": plain.phenotype[::-1]})
    expected = jamma.run_lmm(genotypes=plain.genotypes, individuals=iids, phenotype=phenotype)
    turned = [(iid, fid) for fid, iid in plain.individuals]
    several: list[Any] = [
        np.array(turned, dtype=[("IID", "U20"), ("FID", "U20")]),
        np.array([(iid,) for iid in iids], dtype=[("iid", "S20")]),
        pd.MultiIndex.from_tuples(turned, names=["iid", "fid"]),
        pd.MultiIndex.from_tuples(plain.individuals),
    ]
    if xr is not None:
        coords = {"iid": ("sample", iids), "fid": ("sample", [fid for fid, _ in plain.individuals])}
        array = xr.DataArray(plain.phenotype, dims="sample", coords=coords)
        several += [array.iid, xr.DataArray(plain.phenotype, dims="sample", coords={"sample": iids}).sample]
    for individuals in several:
        found = jamma.run_lmm(genotypes=plain.genotypes, individuals=individuals, phenotype=phenotype)
        assert_same(expected, found)


@pytest.mark.parametrize("npy", [False, True])
@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_the_kinship_of_bare_genotypes_comes_back(plain: Study, tmp_path: Path, npy: bool) -> None:
    k = jamma.kinship(genotypes=plain.genotypes, out=tmp_path / "k", npy=npy)
    path = tmp_path / ("k.cXX.npy" if npy else "k.cXX.txt")
    expected = jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype, kinship=k)
    for kinship in (path, jamma.read_kinship(path)):
        found = jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype, kinship=kinship)
        if npy:
            assert_same(expected, found)
        assert np.allclose(expected["p_wald"], found["p_wald"], rtol=1e-5)
