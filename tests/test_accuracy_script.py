"""The comparison of association tables in benches/accuracy.py."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import DATA, REFERENCE, ROOT

pytest.importorskip("scipy")
sys.path.append(str(ROOT / "benches"))

import accuracy
import accuracy_models
import accuracy_studies
import accuracy_tables
import plink
from accuracy_tables import Table


def table(rows: list[tuple[str, str, str, float, float, float]]) -> Table:
    """A table of rows (rs, allele1, allele0, beta, se, p)."""
    rs, allele1, allele0, beta, se, p = (list(column) for column in zip(*rows, strict=True))
    return Table(rs, allele1, allele0, np.array(beta), np.array(se), np.array(p))


FIRST = table([("a", "A", "G", 0.5, 0.1, 1e-6), ("b", "C", "T", -0.2, 0.1, 0.04), ("c", "G", "T", 0.1, 0.2, 0.6)])


def test_a_table_agrees_with_itself_in_any_order_of_rows() -> None:
    again = table([("c", "G", "T", 0.1, 0.2, 0.6), ("a", "A", "G", 0.5, 0.1, 1e-6), ("b", "C", "T", -0.2, 0.1, 0.04)])
    found = accuracy_tables.compare(FIRST, again)
    assert [found[column]["largest"] for column in ("p", "log10_p", "beta", "se")] == [0, 0, 0, 0]
    assert found["spearman"] == pytest.approx(1.0)
    assert found["top"]["10"] == {"shared": 3, "of": 3, "swapped": 0, "pairs": 3}
    assert found["best"] == ["a", "a"]


def test_effects_are_oriented_to_the_allele_that_the_first_table_counts() -> None:
    flipped = table([("a", "G", "A", -0.5, 0.1, 1e-6), ("b", "C", "", -0.2, 0.1, 0.04), ("c", "T", "", -0.1, 0.2, 0.6)])
    found = accuracy_tables.compare(FIRST, flipped)
    assert found["counts"]["flipped"] == 2
    assert found["beta"]["largest"] == 0
    assert found["beta"]["opposite_sign"] == 0


def test_other_alleles_are_counted_and_their_effects_not_compared() -> None:
    other = table([("a", "A", "C", 0.7, 0.1, 1e-6), ("b", "C", "T", -0.2, 0.1, 0.04), ("c", "A", "", 0.1, 0.2, 0.3)])
    found = accuracy_tables.compare(FIRST, other)
    assert found["counts"]["other_alleles"] == 2
    assert found["beta"]["largest"] == 0
    assert found["p"] == {"largest": pytest.approx(0.5), "snp": "c", "median": 0.0}


def test_differences_are_relative_to_the_larger_value() -> None:
    other = table([("a", "A", "G", 0.4, 0.2, 4e-6), ("b", "C", "T", 0.1, 0.1, 0.05), ("c", "G", "T", 0.1, 0.2, 0.6)])
    found = accuracy_tables.compare(FIRST, other)
    assert found["p"] == {"largest": pytest.approx(0.75), "snp": "a", "median": pytest.approx(0.2)}
    assert found["log10_p"] == {"largest": pytest.approx(math.log10(4)), "snp": "a"}
    assert found["beta"]["largest_in_se"] == pytest.approx(3.0)  # b: |-0.2 - 0.1| / 0.1
    assert found["beta"]["opposite_sign"] == 1
    assert found["se"]["largest"] == pytest.approx(0.5)


def test_snps_of_one_table_and_snps_without_a_p_value_are_counted() -> None:
    untested = ("b", "C", "T", np.nan, np.nan, np.nan)
    other = table([("a", "A", "G", 0.5, 0.1, 1e-6), untested, ("d", "C", "T", 1.0, 1.0, 0.3)])
    counts = accuracy_tables.compare(FIRST, other)["counts"]
    names = ("first", "second", "only_first", "only_second", "no_p", "common")
    assert [counts[name] for name in names] == [3, 3, 1, 1, 1, 1]


def test_tables_without_a_common_snp_have_only_counts() -> None:
    found = accuracy_tables.compare(FIRST, table([("x", "A", "G", 0.5, 0.1, 0.1)]))
    assert list(found) == ["counts"]
    assert found["counts"]["common"] == 0


def test_p_of_zero_is_counted_and_differs_from_a_tiny_p() -> None:
    tiny = table([("a", "A", "G", 0.5, 0.1, 1e-310), ("b", "A", "G", 0.5, 0.1, 0.0), ("c", "A", "G", 0.5, 0.1, 0.5)])
    zero = table([("a", "A", "G", 0.5, 0.1, 0.0), ("b", "A", "G", 0.5, 0.1, 0.0), ("c", "A", "G", 0.5, 0.1, 0.4)])
    found = accuracy_tables.compare(tiny, zero)
    assert (found["counts"]["zero_first"], found["counts"]["zero_second"]) == (1, 2)
    assert found["p"] == {"largest": 1.0, "snp": "a", "median": pytest.approx(0.2)}
    assert found["log10_p"] == {"largest": pytest.approx(math.log10(1.25)), "snp": "c"}


def test_ties_are_not_differences_of_order() -> None:
    a = np.array([1e-9, 1e-9, 1e-9, 1e-3, 0.5])
    b = np.array([1.00002e-9, 1e-9, 0.99998e-9, 1e-3, 0.5])
    assert accuracy_tables.swapped_pairs(a, b, 5) == (0, 7)  # of ten pairs, three are ties
    assert accuracy_tables.shared_top(a, b, 1) == 1
    assert accuracy_tables.shared_top(a, b, 2) == 2


def test_swapped_pairs_and_the_shared_top_are_counted() -> None:
    a = np.array([1e-9, 1e-8, 1e-7, 1e-3, 0.5])
    b = np.array([1e-8, 1e-9, 1e-2, 1e-3, 0.5])
    assert accuracy_tables.swapped_pairs(a, b, 3) == (1, 3)
    assert accuracy_tables.swapped_pairs(a, b, 4) == (2, 6)
    assert accuracy_tables.shared_top(a, b, 2) == 2
    assert accuracy_tables.shared_top(a, b, 3) == 2
    assert accuracy_tables.shared_top(a, b, 100) == 5


def test_a_repeated_id_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"1 SNP ids appear more than once, the first is a"):
        table([("a", "A", "G", 0.5, 0.1, 0.1), ("a", "A", "G", 0.5, 0.1, 0.1)])


def test_a_table_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("#ID\tA1\tP\tBETA\nrs1\tA\t0.5\tNA\nrs2\tC\tnan\t-1e-3\n")
    read = accuracy_tables.read_table(path, {"rs": "ID", "allele1": "A1", "p": "P", "beta": "BETA"})
    assert read.rs == ["rs1", "rs2"]
    assert read.allele0 == ["", ""]
    assert read.p[0] == 0.5
    assert np.isnan(read.p[1])
    assert np.isnan(read.beta[0])
    with pytest.raises(ValueError, match=r"t\.txt: no column SE"):
        accuracy_tables.read_table(path, {"rs": "ID", "allele1": "A1", "p": "P", "se": "SE"})


def test_lambda_gc_of_uniform_p_is_1() -> None:
    assert accuracy_tables.lambda_gc((np.arange(1001) + 0.5) / 1001) == pytest.approx(1.0)


@pytest.fixture(scope="module")
def models() -> accuracy_models.Models:
    """The dense models of the bundled study `plain`."""
    study = plink.read_study(DATA / "plain")
    return accuracy_models.Models(study, plink.dense_kinship(study))


def test_the_dense_score_test_is_that_of_gemma(models: accuracy_models.Models) -> None:
    columns = {"rs": "rs", "allele1": "allele1", "allele0": "allele0", "p": "p_score"}
    gemma = accuracy_tables.read_table(REFERENCE / "gemma" / "plain" / "lmm4.assoc.txt", columns)
    found = accuracy_tables.compare(models.fixed("score F"), gemma)
    assert found["counts"]["common"] == len(gemma.rs)
    assert found["p"]["largest"] < 2e-6


def test_lambda_is_recovered_from_effects(models: accuracy_models.Models) -> None:
    fixed = models.fixed("Wald F, λ of null (REML)")
    assert models.implied_lambda(fixed) == pytest.approx(models.null.l_remle, rel=1e-4)


def test_a_study_has_the_analysed_individuals_and_the_snps_that_pass_the_filters(tmp_path: Path) -> None:
    files = accuracy_studies.measured("two", DATA / "missing", 2, tmp_path)
    before = plink.read_study(DATA / "missing", 2)
    kept = plink.kept_snps(before)
    after = files.load()
    assert after.bim.rs == [before.bim.rs[j] for j in kept]
    np.testing.assert_array_equal(after.dosage, before.dosage[before.analysed][:, kept])
    np.testing.assert_array_equal(after.y, before.y)


def test_the_tables_have_a_row_for_each_run_and_name_what_failed() -> None:
    row = {"program": "X", "options": "-lmm", "jamma": "centred", "test": "wald"}
    row["comparison"] = accuracy_tables.compare(FIRST, FIRST)
    record = {"name": "tiny", "description": "three SNPs", "runs": [row], "failed": {"Y": "exit status 1"}}
    text = accuracy.markdown(record)
    assert "| X | -lmm | centred, wald | 3 | 0 | 0 | 0 |" in text
    assert "Y failed: exit status 1" in text
