"""Results: conversions, read-only columns, their text in a terminal and a notebook, and blocks."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jamma
from conftest import DATA, environment


@pytest.fixture(scope="module")
def result() -> jamma.LmmResult:
    return jamma.run_lmm(DATA / "missing", tests="all", log10p=True)


@pytest.fixture(scope="module")
def noted() -> jamma.LmmResult:
    with pytest.warns(jamma.JammaWarning):
        return jamma.run_lmm(DATA / "demo", covariates=np.cos(np.arange(300)), maf=None, hwe=1e-9)


def test_results_become_frames_and_dictionaries(result: jamma.LmmResult) -> None:
    expected = result.to_pandas()
    pd.testing.assert_frame_equal(pd.DataFrame(result), expected)
    pd.testing.assert_frame_equal(pd.DataFrame(dict(result)), expected)
    pd.testing.assert_frame_equal(pd.DataFrame.from_records(list(result), columns=result.columns), expected)
    assert pl.DataFrame(result).equals(result.to_polars())
    assert pl.DataFrame(dict(result)).shape == result.to_polars().shape
    assert list(dict(result)) == list(result.keys()) == result.columns
    assert [name for name, _ in result.items()] == result.columns
    assert "p_wald" in result
    assert "p" not in result


def test_integers_have_the_same_type_everywhere(result: jamma.LmmResult) -> None:
    for name in ("ps", "n_miss"):
        assert result[name].dtype == np.int64
        assert result.to_pandas()[name].dtype == np.int64
        assert pd.DataFrame(result)[name].dtype == np.int64
        assert result.to_polars().schema[name] == pl.Int64
    block = next(jamma.iter_lmm(DATA / "missing"))
    assert block["n_miss"].dtype == np.int64


def test_rows_are_iterated(result: jamma.LmmResult) -> None:
    rows = list(result)
    assert len(rows) == len(result)
    assert rows[3]._fields == tuple(result.columns)
    assert [row.p_wald for row in rows] == result["p_wald"].tolist()
    assert isinstance(rows[0].ps, int)
    assert isinstance(rows[0].rs, str)


def test_columns_cannot_be_written_to(result: jamma.LmmResult) -> None:
    before = result["p_wald"].copy()
    for name in result.columns:
        column = result[name]
        with pytest.raises(ValueError, match="read-only"):
            column[0] = column[1]
    for array in (result.null.beta, result.null.beta_se):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    # Converted frames are writeable.
    for frame in (result.to_pandas(), pd.DataFrame(result)):
        frame.loc[0, "p_wald"] = 7.0
        frame["beta"] *= 2
    copy = result["p_wald"].copy()
    copy[:] = 0.5
    assert np.array_equal(result["p_wald"], before, equal_nan=True)
    block = next(jamma.iter_lmm(DATA / "missing"))
    with pytest.raises(ValueError, match="read-only"):
        block["beta"][0] = 1.0


def test_a_result_shows_n_pve_and_notes(result: jamma.LmmResult, noted: jamma.LmmResult) -> None:
    people = result.ledger["individuals"]
    for text in (repr(result), result._repr_html_()):
        assert f"{people['analysed']} of {people['total']} individuals" in text
        assert f"pve = {result.null.pve:.4g}" in text
    assert len(noted.notes) == 2
    for note in noted.notes:
        assert note in repr(noted)
        assert note in noted._repr_html_()
    assert "\n" not in repr(noted)
    assert "<table" in noted._repr_html_()


def test_all_snps_have_a_row_with_a_status(tmp_path: Path) -> None:
    tested = jamma.run_lmm(DATA / "missing", tests="all")
    listed = tested["rs"][20:].tolist()
    found = jamma.run_lmm(DATA / "missing", tests="all", snps=listed, all_snps=True, out=tmp_path / "x")
    assert found.columns == [*tested.columns, "status"]
    bim = [line.split()[1] for line in (DATA / "missing.bim").read_text().splitlines()]
    assert found["rs"].tolist() == bim
    is_excluded = np.array([status.startswith("excluded_") for status in found["status"]])
    counts = found.report.snps
    assert is_excluded.sum() == counts["total"] - counts["kept"]
    for reason in ("not_listed", "missingness", "allele_frequency", "monomorphic", "hardy_weinberg", "covariates"):
        assert (found["status"] == f"excluded_{reason}").sum() == counts[reason]
    assert counts["not_listed"] >= 20
    for name in tested.columns[tested.columns.index("af") + 1 :]:
        assert np.isnan(found[name][is_excluded]).all(), name
        assert np.isfinite(found[name][~is_excluded]).all(), name
    assert f"{counts['kept']} of {len(bim)} SNPs tested" in repr(found)
    written = jamma.read_assoc(tmp_path / "x.assoc.txt")
    assert written["status"].to_list() == found["status"].tolist()
    blocks = list(jamma.iter_lmm(DATA / "missing", tests="all", snps=listed, all_snps=True, block_snps=77))
    assert [status for block in blocks for status in block["status"]] == found["status"].tolist()
    assert found.to_polars().schema["status"] == pl.String
    assert set(found["status"][~is_excluded]) <= {"ok", "fallback", "lambda_at_lower_bound", "lambda_at_upper_bound"}


def test_html_is_escaped() -> None:
    report = jamma.run_lmm(DATA / "demo").report
    report.notes.append("<script>alert(1)</script>")
    shown = jamma.LmmResult({"ps": np.array([], np.int64), "rs": ""}, report)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_blocks_have_a_signature_and_an_end() -> None:
    ours, whole = (inspect.signature(function).parameters for function in (jamma.iter_lmm, jamma.run_lmm))
    whole = {name: one for name, one in whole.items() if name != "cluster"}
    assert set(ours) == {*whole, "block_snps"}
    assert {name: ours[name].default for name in whole} == {name: one.default for name, one in whole.items()}
    assert [name for name, one in ours.items() if one.kind is inspect.Parameter.VAR_KEYWORD] == ["files"]
    expected = jamma.run_lmm(DATA / "missing", tests="all")
    blocks = jamma.iter_lmm(DATA / "missing", tests="all", block_snps=100)
    assert "not started" in repr(blocks)
    first = next(blocks)
    assert (blocks.null, blocks.notes, blocks.ledger, blocks.report) == (None,) * 4
    assert len(first) + sum(map(len, blocks)) == len(expected)
    assert blocks.null is not None
    assert blocks.null.pve == expected.null.pve
    assert blocks.ledger == expected.ledger
    assert blocks.notes == []
    assert list(blocks) == []
    with jamma.iter_lmm(DATA / "missing") as early:
        next(early)
    assert early.null is None
    assert list(early) == []


def test_wrong_arrays_are_errors_before_the_first_block() -> None:
    with pytest.raises(ValueError, match="kinship matrix has shape"):
        jamma.iter_lmm(DATA / "demo", kinship=np.ones((3, 2)))


def test_everything_is_reached_from_the_package() -> None:
    code = (
        "import jamma, sys; assert 'matplotlib' not in sys.modules and 'numpy' not in sys.modules\n"
        "print(jamma.plot.manhattan.__name__, jamma.core.get_backend_info()['rust_available'])\n"
        "assert all(getattr(jamma, name) is not None for name in jamma.__all__)\n"
        "assert set(jamma.__all__) <= set(dir(jamma))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert found.stdout == "manhattan True\n"
    assert found.stderr == ""


def test_another_program_of_this_name_is_recognised(tmp_path: Path) -> None:
    other = tmp_path / "jamma"
    other.mkdir()
    (other / "__init__.py").write_text("raise SystemExit('the other one')")
    (tmp_path / "jamma-8.2.4.dist-info").mkdir()
    code = f"import sys; sys.path.append({str(tmp_path)!r})\nimport jamma\nprint(jamma.__version__)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert found.stdout == f"{jamma.__version__}\n"
    assert f"JammaWarning: another program named jamma 8.2.4 is in {other}" in found.stderr
    assert "separate environments" in found.stderr
    # A checkout of this package on sys.path is not another program.
    (other / "namesakes.py").write_text("")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert found.stderr == ""


def test_the_other_package_in_the_same_environment_is_recognised(tmp_path: Path) -> None:
    # pip installs both into one folder, so that the files of one replace those of the other.
    shutil.copytree(Path(jamma.__file__).parent, tmp_path / "jamma")
    (tmp_path / f"jamma_gwas-{jamma.__version__}.dist-info").mkdir()
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport jamma\nprint(jamma.__file__)"

    def said() -> str:
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
        )
        assert run.stdout == f"{tmp_path / 'jamma' / '__init__.py'}\n"
        return run.stderr

    assert said() == ""
    (tmp_path / "jamma-8.2.4.dist-info").mkdir()
    assert (
        "JammaWarning: the package jamma 8.2.4 is installed in the same environment as this one, jamma-gwas" in said()
    )


def test_no_message_names_the_package_of_another_program() -> None:
    package = Path(jamma.__file__).parent
    wrong = re.compile(r"(?<!un)install( -\S+)* ['\"]?jamma(?!-gwas)\b")
    assert wrong.search("pip install --user 'jamma[plot]'")
    assert not wrong.search("pip install 'jamma-gwas[plot]'")
    for path in [*package.rglob("*.py"), *(DATA.parent.parent / "src").rglob("*.rs")]:
        assert not wrong.search(path.read_text(encoding="utf-8")), path


def test_copies_cannot_be_written_to_either(result: jamma.LmmResult) -> None:
    import copy
    import pickle

    result.to_polars()
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert again.to_polars().equals(result.to_polars())
        for array in (again["beta"], again["n_miss"], again["rs"], again.null.beta):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    base = result["beta"].base
    assert base is None or not isinstance(base, np.ndarray) or not base.flags.writeable
    frame = result.to_polars()
    frame.insert_column(0, pl.Series("new", [0] * len(frame)))
    assert "new" not in result.to_polars().columns


@pytest.mark.filterwarnings("ignore::jamma.JammaWarning")
def test_a_table_without_rows_has_the_types_of_others(result: jamma.LmmResult) -> None:
    empty = jamma.run_lmm(DATA / "missing", tests="all", log10p=True, kinship=np.eye(151), maf=0.499, miss=0.0)
    assert len(empty) == 0
    assert empty.to_pandas().dtypes.to_dict() == result.to_pandas().dtypes.to_dict()


def test_threads_may_share_blocks(result: jamma.LmmResult) -> None:
    from concurrent.futures import ThreadPoolExecutor

    blocks = jamma.iter_lmm(DATA / "missing", tests="all", log10p=True, block_snps=7)
    with ThreadPoolExecutor(4) as pool:
        taken = [one for part in pool.map(lambda _: list(blocks), range(4)) for one in part]
    assert sorted(rs for block in taken for rs in block["rs"]) == sorted(result["rs"])
    blocks = jamma.iter_lmm(DATA / "missing", block_snps=7)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(list, blocks) for _ in range(3)]
        blocks.close()
        assert all(one.result() is not None for one in waiting)
