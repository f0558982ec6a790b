"""Tables in polars, pandas, pyarrow and DuckDB, and in a notebook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jamma
from conftest import DATA


@pytest.fixture(scope="module")
def result() -> jamma.LmmResult:
    return jamma.run_lmm(DATA / "missing", tests="all", log10p=True)


def test_polars_and_pandas_have_the_same_columns_and_numbers(result: jamma.LmmResult) -> None:
    frame, table = result.to_polars(), result.to_pandas()
    assert frame.columns == list(table.columns) == result.columns
    assert frame.schema["chr"] == frame.schema["rs"] == pl.String
    assert frame.schema["ps"] == frame.schema["n_miss"] == pl.Int64
    assert isinstance(table, pd.DataFrame)
    for name in result.columns:
        assert frame[name].to_list() == table[name].tolist() == result[name].tolist()
    bim = [line.split() for line in (DATA / "missing.bim").read_text().splitlines()]
    known = {row[1]: (row[0], int(row[3]), row[4], row[5]) for row in bim}
    for rs, *rest in frame.select("rs", "chr", "ps", "allele1", "allele0").iter_rows():
        assert known[rs] == tuple(rest)


def test_the_arrow_stream_is_read_by_others(result: jamma.LmmResult) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(result)
    assert table.column_names == result.columns
    assert table["p_wald"].to_pylist() == result["p_wald"].tolist()
    assert pl.DataFrame(result).equals(result.to_polars())
    # Numbers are where they were: no copy.
    assert table["beta"].chunk(0).buffers()[1].address == result["beta"].__array_interface__["data"][0]


def test_duckdb_queries_a_result(result: jamma.LmmResult) -> None:
    duckdb = pytest.importorskip("duckdb")
    [best] = duckdb.sql("select rs, p_wald from result order by p_wald limit 1").fetchall()
    k = int(np.argmin(result["p_wald"]))
    assert best == (result["rs"][k], result["p_wald"][k])


def test_a_notebook_shows_a_table_and_a_terminal_one_line(result: jamma.LmmResult) -> None:
    assert "<table" in result._repr_html_()
    assert "individuals, pve =" in repr(result)
    assert "\n" not in repr(result)
    with pytest.raises(KeyError, match="no column 'p'"):
        result["p"]


def test_exact_logarithms_go_beside_the_p_values(result: jamma.LmmResult) -> None:
    assert result["neg_log10_p_wald"] == pytest.approx(-np.log10(result["p_wald"]), rel=1e-12)


def test_an_empty_block_is_an_empty_table() -> None:
    columns = jamma.run_lmm(DATA / "demo", snps=["rs10001"])
    assert len(columns) == 1
    empty = jamma.AssocTable(
        {
            "chr": (np.array([], np.uint32), []),
            "rs": "",
            "ps": np.array([], np.int64),
            "n_miss": np.array([], np.uint32),
            "beta": np.array([]),
        }
    )
    assert empty.to_polars().shape == (0, 5)
    assert empty.to_pandas().shape == (0, 5)
