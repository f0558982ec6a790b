"""Rows with ids are matched or rejected, whatever carries them: pandas, polars, pyarrow, xarray, structured arrays."""

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

try:
    import xarray as xr
except ImportError:
    xr = None
needs_xarray = pytest.mark.skipif(xr is None, reason="xarray is not installed")


def series(values: Floats, iids: list[str]) -> pd.Series:
    return pd.Series(values, index=iids)


def named_numbers(values: Floats, iids: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"y": values}, index=pd.Index(iids, name="sample"))


def levels(values: Floats, iids: list[str]) -> pd.Series:
    index = pd.MultiIndex.from_tuples([("f", iid) for iid in iids])
    return pd.Series(values, index=index)


def swapped_levels(values: Floats, iids: list[str]) -> pd.Series:
    return pd.Series(values, index=pd.MultiIndex.from_tuples([(iid, "f") for iid in iids], names=["IID", "FID"]))


def three_levels(values: Floats, iids: list[str]) -> pd.Series:
    tuples = [("batch", "f", iid) for iid in iids]
    return pd.Series(values, index=pd.MultiIndex.from_tuples(tuples, names=["batch", "fid", "iid"]))


def column(values: Floats, iids: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"#IID": iids, "y": values})


def column_after_filtering(values: Floats, iids: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"iid": iids, "y": values}, index=np.arange(len(iids))[::-1] * 3)


def polars_frame(values: Floats, iids: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"y": values, "IID": iids})


def lazy(values: Floats, iids: list[str]) -> pl.LazyFrame:
    return polars_frame(values, iids).lazy()


def table(values: Floats, iids: list[str]) -> pa.Table:
    return pa.table({"iid": iids, "y": values})


def batch(values: Floats, iids: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"iid": iids, "y": values})


def table_of_pandas(values: Floats, iids: list[str]) -> pa.Table:
    return pa.Table.from_pandas(pd.DataFrame({"y": values}, index=iids))


def structured(values: Floats, iids: list[str]) -> np.ndarray:
    rows = list(zip(iids, values, strict=True))
    return np.array(rows, dtype=[("iid", "U20"), ("y", "f8")])


def data_array(values: Floats, iids: list[str]) -> Any:
    return xr.DataArray(values, dims="sample", coords={"sample": iids})


def data_array_beside(values: Floats, iids: list[str]) -> Any:
    coords = {"iid": ("rows", iids), "rows": np.arange(len(iids))}
    return xr.DataArray(values, dims="rows", coords=coords)


def data_array_of_pandas(values: Floats, iids: list[str]) -> Any:
    return xr.DataArray(series(values, iids))


CARRIERS = [
    *(series, named_numbers, levels, swapped_levels, three_levels, column, column_after_filtering),
    *(polars_frame, lazy, table, batch, table_of_pandas, structured),
    *(pytest.param(one, marks=needs_xarray) for one in (data_array, data_array_beside, data_array_of_pandas)),
]


@pytest.fixture(scope="module")
def plain() -> Study:
    return read_study("plain")


@pytest.fixture(scope="module")
def shuffled(plain: Study) -> np.ndarray:
    return np.random.default_rng(11).permutation(len(plain.phenotype))


def iids_of(study: Study) -> list[str]:
    return [iid for _, iid in study.individuals]


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
@pytest.mark.parametrize("carrier", CARRIERS)
def test_rows_with_ids_are_matched(
    plain: Study, shuffled: np.ndarray, carrier: Callable[[Floats, list[str]], Any]
) -> None:
    iids = iids_of(plain)
    expected = jamma.run_lmm(plain.bfile, phenotype=plain.phenotype)
    given = carrier(plain.phenotype[shuffled], [iids[i] for i in shuffled])
    assert_same(expected, jamma.run_lmm(plain.bfile, phenotype=given))
    covariate = np.cos(np.arange(len(iids)))
    expected = jamma.run_lmm(plain.bfile, phenotype=plain.phenotype, covariates=covariate)
    given = carrier(covariate[shuffled], [iids[i] for i in shuffled])
    assert_same(expected, jamma.run_lmm(plain.bfile, phenotype=plain.phenotype, covariates=given))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_genotypes_without_ids_are_not_taken_by_position(
    plain: Study, shuffled: np.ndarray, carrier: Callable[[Floats, list[str]], Any]
) -> None:
    iids = [iids_of(plain)[i] for i in shuffled]
    given = carrier(plain.phenotype[shuffled], iids)
    with pytest.raises(ValueError, match=r"phenotype: its rows carry ids .* the genotypes carry none.*individuals="):
        jamma.run_lmm(genotypes=plain.genotypes, phenotype=given)
    with pytest.raises(ValueError, match=r"covariates: its rows carry ids"):
        jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype, covariates=given)


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_ids_of_genotypes_make_them_match(plain: Study, shuffled: np.ndarray) -> None:
    iids = iids_of(plain)
    phenotype = series(plain.phenotype[shuffled], [iids[i] for i in shuffled])
    expected = jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype)
    for individuals in (
        iids,
        np.array(iids),
        pd.Index(iids),
        plain.individuals,
        pd.DataFrame({"IID": iids}),
        pl.Series(iids),
        pa.array(iids),
    ):
        found = jamma.run_lmm(genotypes=plain.genotypes, individuals=individuals, phenotype=phenotype)
        assert_same(expected, found)
    for genotypes in (
        pd.DataFrame(plain.genotypes, index=iids),
        pl.DataFrame(plain.genotypes).with_columns(iid=pl.Series(iids)),
        pa.table({"iid": iids} | {f"s{k}": column for k, column in enumerate(plain.genotypes.T)}),
    ):
        found = jamma.run_lmm(genotypes=genotypes, phenotype=phenotype)
        assert_same(expected, found, but=("rs",))
    with pytest.raises(ValueError, match="individuals: 2 ids, but the genotypes have"):
        jamma.run_lmm(genotypes=plain.genotypes, individuals=["a", "b"], phenotype=plain.phenotype)
    frame = pd.DataFrame(plain.genotypes, index=iids)
    with pytest.raises(ValueError, match="individuals: the ids differ from those that the genotypes carry"):
        jamma.run_lmm(genotypes=frame, individuals=iids[::-1], phenotype=plain.phenotype)
    with pytest.raises(ValueError, match="individuals names the rows of genotypes in memory"):
        jamma.run_lmm(plain.bfile, individuals=iids)


@needs_xarray
@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_xarray_genotypes_have_ids_and_names(plain: Study, shuffled: np.ndarray) -> None:
    iids = iids_of(plain)
    coords = {"iid": ("sample", iids), "snp": ("variant", plain.rs)}
    x = xr.DataArray(plain.genotypes, dims=("sample", "variant"), coords=coords)
    phenotype = series(plain.phenotype[shuffled], [iids[i] for i in shuffled])
    found = jamma.run_lmm(genotypes=x, phenotype=phenotype)
    expected = jamma.run_lmm(plain.bfile)
    assert_same(expected, found, but=("chr", "ps", "allele1", "allele0"))
    assert_same(found, jamma.run_lmm(genotypes=x.T, phenotype=phenotype))
    with pytest.raises(ValueError, match="individuals must be first; transpose it"):
        jamma.run_lmm(genotypes=x, phenotype=phenotype, covariates=x[:, :2].T)
    unclear = xr.DataArray(plain.phenotype, dims="row", coords={"who": ("row", iids)})
    with pytest.raises(ValueError, match="unclear whether the coordinate 'who' has the ids"):
        jamma.run_lmm(plain.bfile, phenotype=unclear)
    with pytest.raises(ValueError, match="found an xarray Dataset"):
        jamma.run_lmm(plain.bfile, phenotype=xr.Dataset({"y": ("row", plain.phenotype)}))
    k = np.asarray(jamma.kinship(plain.bfile))
    order = [iids[i] for i in shuffled]
    labelled = xr.DataArray(k[np.ix_(shuffled, shuffled)], dims=("a", "b"), coords={"a": order, "b": order})
    assert_same(expected, jamma.run_lmm(plain.bfile, kinship=labelled))
    with pytest.raises(ValueError, match="kinship: its rows carry ids"):
        jamma.run_lmm(genotypes=plain.genotypes, phenotype=plain.phenotype, kinship=labelled)
    # Without coordinates rows are in order.
    assert_same(expected, jamma.run_lmm(plain.bfile, phenotype=xr.DataArray(plain.phenotype, dims="sample")))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda y, iids: pd.Series(y, index=pd.MultiIndex.from_tuples([("a", "b", i) for i in iids])),
            "none is named iid",
        ),
        (lambda y, _: pd.Series(y, index=pd.RangeIndex(len(y), name="line")), "'line' counts from 0"),
        (lambda y, iids: pd.DataFrame({"iid": iids, "y": y}, index=iids[::-1]), "the column iid and the index differ"),
        (lambda y, iids: pd.DataFrame({"fid": iids, "y": y}), "a column fid but no column iid"),
        (lambda y, iids: pl.DataFrame({"fid": iids, "y": y}), "a column fid but no column iid"),
        (
            lambda y, iids: pl.DataFrame({"name": iids, "y": y}),
            "column 'name' has type String, expected numbers; name it iid",
        ),
        (lambda y, _: pd.DataFrame({"sample": np.arange(len(y)), "y": y}), "the name of column 'sample' suggests ids"),
        (lambda y, _: pa.table({"id": np.arange(len(y)), "y": y}), "the name of column 'id' suggests ids"),
        (lambda y, iids: pl.DataFrame({"iid": [None, *iids[1:]], "y": y}), "a row has no id"),
        (lambda y, iids: dict(zip(iids, y, strict=True)), "if the keys are ids of individuals, convert the mapping"),
    ],
)
def test_unclear_ids_are_errors(plain: Study, make: Callable[[Floats, list[str]], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.run_lmm(plain.bfile, phenotype=make(plain.phenotype, iids_of(plain)))


def test_the_ids_of_the_study_are_not_values(tmp_path: Path) -> None:
    study = read_study("plain")
    for extension in ("bed", "bim"):
        (tmp_path / f"s.{extension}").write_bytes(Path(f"{study.bfile}.{extension}").read_bytes())
    fam = [line.split() for line in Path(f"{study.bfile}.fam").read_text().splitlines()]
    numbers = [str(1000 + 7 * i) for i in range(len(fam))]
    text = "".join(" ".join(["1", number, *row[2:]]) + "\n" for number, row in zip(numbers, fam, strict=True))
    (tmp_path / "s.fam").write_text(text)
    ids = np.array(numbers, float)
    covariates = pd.DataFrame({"age": np.cos(ids), "ident": ids})
    with pytest.raises(ValueError, match="covariates: column ident is the IID of every individual"):
        jamma.run_lmm(tmp_path / "s", covariates=covariates)
    with pytest.raises(ValueError, match="phenotype: column 1 is the IID of every individual"):
        jamma.run_lmm(tmp_path / "s", phenotype=ids)
    with pytest.raises(ValueError, match="index has numbers and has no name"):
        jamma.run_lmm(tmp_path / "s", phenotype=pd.Series(study.phenotype, index=ids.astype(int)))
    # A family id that all individuals have is a constant covariate, the intercept.
    ones = np.column_stack([np.ones(len(ids)), np.cos(ids), np.full(len(ids), 2.0)])
    with pytest.warns(jamma.JammaWarning, match="constant"):
        jamma.run_lmm(tmp_path / "s", covariates=ones)


def test_families_that_differ_are_matched_by_iid_with_a_note(study: Study) -> None:
    iids = iids_of(study)
    frame = pl.DataFrame({"fid": ["other"] * len(iids), "iid": iids, "y": study.phenotype})
    with pytest.warns(jamma.JammaWarning, match="matched by IID alone"):
        found = jamma.run_lmm(study.bfile, phenotype=frame)
    assert_same(jamma.run_lmm(study.bfile, phenotype=study.phenotype), found)
    # PLINK has two codes for no family.
    for fid in (["0"] * len(iids), iids):
        assert_same(found, jamma.run_lmm(study.bfile, phenotype=frame.with_columns(fid=pl.Series(fid))))


def test_individuals_without_a_row_are_counted_in_a_note(study: Study) -> None:
    iids = iids_of(study)
    with pytest.warns(jamma.JammaWarning, match=r"phenotype: 11 of 151 individuals have no row.*is .*" + iids[140]):
        jamma.run_lmm(study.bfile, phenotype=series(study.phenotype[:140], iids[:140]))


def test_a_kinship_of_the_phenotyped_is_enough(study: Study, recwarn: pytest.WarningsRecorder) -> None:
    iids = np.array(iids_of(study))
    k = np.asarray(jamma.kinship(study.bfile))
    expected = jamma.run_lmm(study.bfile, kinship=k, tests="all")
    has = np.flatnonzero(~np.isnan(study.phenotype))
    assert len(has) < len(iids)
    order = np.random.default_rng(3).permutation(has)
    frame = pd.DataFrame(k[np.ix_(order, order)], index=iids[order], columns=iids[order])
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=frame, tests="all"))
    # Columns in another order are put in the order of the rows.
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=frame[frame.columns[::-1]], tests="all"))
    with_column = pl.DataFrame(k[np.ix_(order, order)]).insert_column(0, pl.Series("iid", iids[order]))
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=with_column, tests="all"))
    levels = pd.MultiIndex.from_tuples([study.individuals[i] for i in order])
    both = pd.DataFrame(k[np.ix_(order, order)], index=levels, columns=levels)
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=both, tests="all"))
    assert not recwarn.list
    with pytest.raises(ValueError, match=r"kinship: individual .* has no row \(1 of "):
        jamma.run_lmm(study.bfile, kinship=frame.iloc[1:, 1:])
    with pytest.raises(ValueError, match="rows and columns are of different individuals"):
        jamma.run_lmm(study.bfile, kinship=frame.rename(columns={iids[order[0]]: "somebody"}))
    with pytest.raises(ValueError, match="rows, but there are 151 individuals; give one row for each"):
        jamma.run_lmm(study.bfile, kinship=frame.to_numpy())


def test_a_matrix_carries_the_ids_of_its_rows(study: Study, tmp_path: Path) -> None:
    k = jamma.kinship(study.bfile)
    assert isinstance(k, jamma.KinshipMatrix)
    assert k.individuals == study.individuals
    assert all(getattr(part, "individuals", None) is None for part in (k[:3, :3], k + 1, k.T, k.copy()))
    order = np.random.default_rng(2).permutation(len(k))
    jamma.write_kinship(tmp_path / "k.npy", k[np.ix_(order, order)], individuals=[study.individuals[i] for i in order])
    back = jamma.read_kinship(tmp_path / "k.npy")
    assert back.individuals == [study.individuals[i] for i in order]  # type: ignore[attr-defined]
    expected = jamma.run_lmm(study.bfile, kinship=k)
    assert_same(expected, jamma.run_lmm(study.bfile, kinship=back))
    with pytest.raises(ValueError, match="kinship: its rows carry ids"):
        jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, kinship=back)
    with pytest.raises(ValueError, match=r"kinship: .*k.npy has an .id file \(k.id\).*individuals="):
        jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, kinship=tmp_path / "k.npy")
    # A kinship that was computed from the same files is also accepted without ids.
    assert_same(
        expected,
        jamma.run_lmm(genotypes=study.genotypes, phenotype=study.phenotype, kinship=k),
        but=("chr", "rs", "ps", "allele1", "allele0"),
    )


def test_written_kinships_keep_their_ids(study: Study, tmp_path: Path) -> None:
    iids = iids_of(study)
    k = np.asarray(jamma.kinship(study.bfile))
    expected = "".join(f"{fid}\t{iid}\n" for fid, iid in study.individuals)
    plain = "".join(f"{iid}\t{iid}\n" for iid in iids)
    of_both = pd.MultiIndex.from_tuples(study.individuals, names=["fid", "iid"])
    for name, kinship, individuals, ids in [
        ("a", pd.DataFrame(k, index=iids, columns=iids), None, plain),
        ("b", pd.DataFrame(k, index=of_both, columns=of_both), None, expected),
        ("c", k, iids, plain),
        ("d", k, np.array(iids), plain),
        ("e", k, pd.Series(iids), plain),
        ("f", k, pd.DataFrame(study.individuals, columns=["FID", "IID"]), expected),
        ("g", jamma.kinship(study.bfile), None, expected),
        ("h", k, list(range(len(k))), "".join(f"{i}\t{i}\n" for i in range(len(k)))),
    ]:
        jamma.write_kinship(tmp_path / f"{name}.npy", kinship, individuals=individuals)
        lines = (tmp_path / f"{name}.id").read_text().splitlines(keepends=True)
        assert "".join(line for line in lines if not line.startswith("#")) == ids, name
        assert np.array_equal(jamma.read_kinship(tmp_path / f"{name}.npy"), k)
    for wrong, message in [
        ("abc", "expected a list of ids"),
        ([("a", "b", "c")], r"a pair \(FID, IID\)"),
        ([None] * len(k), "a row has no id"),
        (["a b", *iids[1:]], "the id 'a b' contains a blank"),
        ([iids[1], *iids[1:]], "two rows have the same id"),
    ]:
        with pytest.raises(ValueError, match=message):
            jamma.write_kinship(tmp_path / "x.npy", k, individuals=wrong)
    with pytest.raises(ValueError, match="the ids differ from those that the kinship carries"):
        jamma.write_kinship(tmp_path / "x.npy", pd.DataFrame(k, index=iids, columns=iids), individuals=iids[::-1])


def test_names_of_snps_are_matched_with_bim(study: Study) -> None:
    genotypes = pd.DataFrame(study.genotypes, columns=study.rs)
    bim = pl.DataFrame(study.bim)
    expected = jamma.run_lmm(study.bfile)
    for given in (bim.reverse(), bim.reverse().to_pandas(), bim.reverse().to_arrow(), bim.to_pandas().set_index("rs")):
        assert_same(expected, jamma.run_lmm(genotypes=genotypes, phenotype=study.phenotype, bim=given))
    other = bim.with_columns(rs=pl.Series(["other", *study.rs[1:]]))
    with pytest.raises(ValueError, match=r"bim: its ids .* 1 of 480 names are not in bim"):
        jamma.run_lmm(genotypes=genotypes, phenotype=study.phenotype, bim=other)
    with pytest.raises(ValueError, match=r"bim: the position 1\.5 is not a whole number"):
        jamma.run_lmm(genotypes=genotypes, phenotype=study.phenotype, bim={"ps": [1.5] * 480})
