"""What the figures accept: files and prefixes of jamma, GEMMA and other programs, frames of any kind, logs."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from conftest import REFERENCE
from figures_of import study
from jamma.plot.matching import match
from jamma.plot.runs import Log, log_of, tables_of
from jamma.plot.tables import one_scan, scans
from jamma.plot.values import Heights, neg_log10, p_column, threshold_of

GEMMA = REFERENCE / "gemma"
COLUMNS = ("chr", "ps", "rs", "beta", "se", "allele1", "allele0", "af")


def heights(scan: object) -> Heights:
    frame = scan.frame  # type: ignore[attr-defined]
    return neg_log10(frame, p_column(frame, None))


def test_a_prefix_stands_for_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = study()
    (tmp_path / "output").mkdir()
    table.write_csv("output/run.assoc.txt", separator="\t")
    # The directory `output` is the default of jamma and GEMMA.
    assert tables_of("run") == {"": Path("output/run.assoc.txt")}
    assert tables_of("output/run.assoc.txt") == {"": Path("output/run.assoc.txt")}
    for trait in ("bmi.2", "height", "weight[1]"):
        table.write_csv(f"output/many.{trait}.assoc.txt", separator="\t")
    assert list(tables_of("output/many")) == ["bmi.2", "height", "weight[1]"]
    # The log has the order of the request.
    Path("output/many.log.txt").write_text("## trait = weight[1]\n## pve = 1\n## trait = height\n")
    assert list(tables_of("output/many")) == ["weight[1]", "height", "bmi.2"]
    assert [one.name for one in scans("output/many", ["height"], COLUMNS)] == ["height"]
    assert log_of(Path("output/many.bmi.2.assoc.txt"), "bmi.2") == Path("output/many.log.txt")
    with pytest.raises(FileNotFoundError, match=r"nothing: no such file, and no association table of this prefix"):
        tables_of("nothing")
    with pytest.raises(ValueError, match="the table has 3 phenotypes"):
        one_scan("many", None, COLUMNS)


def test_formats_have_the_same_numbers(tmp_path: Path) -> None:
    table = study(20).with_columns(p_wald=pl.when(pl.int_range(pl.len()) == 2).then(None).otherwise("p_wald"))
    text = tmp_path / "a.assoc.txt"
    table.write_csv(text, separator="\t", null_value="nan")
    with gzip.open(tmp_path / "b.assoc.txt.gz", "wb") as file:
        file.write(text.read_bytes())
    table.write_parquet(tmp_path / "c.assoc.parquet")
    (tmp_path / "d.assoc.txt").write_text(text.read_text().replace("nan", "-nan"))
    of_text = one_scan(text, None, COLUMNS)
    assert of_text.frame.schema["chr"] == pl.String
    expected = heights(of_text).values
    assert np.isnan(expected).sum() == 1
    others = [tmp_path / "b", tmp_path / "c", tmp_path / "d", table, table.to_pandas(), table.to_arrow()]
    for other in others:
        found = one_scan(other, None, COLUMNS)
        assert found.frame["chr"].to_list() == of_text.frame["chr"].to_list()
        assert found.frame["rs"].to_list() == of_text.frame["rs"].to_list()
        assert heights(found).values == pytest.approx(expected, nan_ok=True)


def test_chromosomes_are_text_whatever_their_type() -> None:
    table = study(5).filter(pl.col("chr") != "X")
    for dtype in (pl.Int64, pl.Float64):
        found = one_scan(table.with_columns(pl.col("chr").cast(dtype)), None, COLUMNS)
        assert found.frame["chr"].to_list() == table["chr"].to_list()


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P",
            "2 500 rs1 G A 0.3 100 ADD 0.5 0.1 25 6.24",
        ),
        (
            "#CHROM\tPOS\tID\tREF\tALT\tA1\tOMITTED\tA1_FREQ\tBETA\tSE\tP",
            "2\t500\trs1\tG\tA\tA\tG\t0.3\t0.5\t0.1\t5.75e-7",
        ),
        (
            "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t"
            "effect_allele_frequency\tp_value\trsid",
            "2\t500\tA\tG\t0.5\t0.1\t0.3\t5.75e-7\trs1",
        ),
        (
            "#CHROM\tPOS\tID\tREF\tALT\tA1\tA1_FREQ\tTEST\tOBS_CT\tBETA\tSE\tP\tERRCODE",
            "2\t500\trs1\tA\tG\tA\t0.3\tADD\t99\t0.5\t0.1\t5.75e-7\t.\n"
            "2\t500\trs1\tA\tG\tA\t0.3\tage\t99\t9\t9\t0.9\t.",
        ),
        (
            "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 MissingRate BETA SE Tstat var p.value N",
            "2 500 rs1 G A 60 0.3 0 0.5 0.1 5 1 5.75e-7 100",
        ),
        (
            "SNP\tCHR\tBP\tGENPOS\tALLELE1\tALLELE0\tA1FREQ\tF_MISS\tBETA\tSE\tP_BOLT_LMM_INF\tP_BOLT_LMM",
            "rs1\t2\t500\t0.01\tA\tG\t0.3\t0\t0.5\t0.1\t0.5\t5.75e-7",
        ),
        ("CHR\tSNP\tPOS\tA1\tA2\tN\tAF1\tBETA\tSE\tP", "2\trs1\t500\tA\tG\t99\t0.3\t0.5\t0.1\t5.75e-7"),
        ("Chr\tSNP\tbp\tA1\tA2\tFreq\tb\tse\tp", "2\trs1\t500\tA\tG\t0.3\t0.5\t0.1\t5.75e-7"),
        (
            "Name\tChr\tPos\tRef\tAlt\tTrait\tCohort\tModel\tEffect\tLCI_Effect\tUCI_Effect\tPval\tAAF\tSE",
            "rs1\t2\t500\tG\tA\ty\tc\tADD\t0.5\t0.3\t0.7\t5.75e-7\t0.3\t0.1",
        ),
        (
            " CHR  SNP   BP  A1 A2 AF  TEST  NMISS   BETA  SE   STAT   P ",
            "   2  rs1  500   A  G 0.3  ADD    99    0.5  0.1    5  5.75e-7 \n"
            "   2  rs1  500   A  G 0.3 COV1    99      9    9    9      0.9 ",
        ),
    ],
    ids=["regenie", "plink2", "ssf", "plink2 ref/alt", "saige", "bolt", "fastgwa", "mlma", "htp", "plink1"],
)
def test_tables_of_other_programs_are_read(tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "other.txt"
    path.write_text(f"{header}\n{row}\n")
    found = one_scan(path, None, COLUMNS)
    frame = found.frame.row(0, named=True)
    assert {name: frame[name] for name in COLUMNS} == {
        "chr": "2", "ps": 500.0, "rs": "rs1", "beta": 0.5, "se": 0.1, "allele1": "A", "allele0": "G", "af": 0.3,
    }  # fmt: skip
    assert heights(found).values == pytest.approx([6.24], abs=0.005)


def test_tables_without_alleles_or_positions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.ps"
    path.write_text("rs1\t0.5\t0.1\t5.75e-7\nrs2\t-0.5\t0.1\t0.5\n")
    found = one_scan(path, None, COLUMNS).frame
    assert found.to_dict(as_series=False) == {
        "rs": ["rs1", "rs2"],
        "beta": [0.5, -0.5],
        "se": [0.1, 0.1],
        "p": [5.75e-7, 0.5],
    }
    path = tmp_path / "x.tbl"
    header = "MarkerName\tAllele1\tAllele2\tFreq1\tEffect\tStdErr\tP-value\tDirection"
    path.write_text(f"{header}\nrs1\ta\tg\t0.3\t0.5\t0.1\t5.75e-7\t++\n")
    found = one_scan(path, None, COLUMNS).frame
    assert found.row(0, named=True) == {
        "rs": "rs1", "allele1": "a", "allele0": "g", "af": 0.3, "beta": 0.5, "se": 0.1, "p": 5.75e-7,
    }  # fmt: skip
    path = tmp_path / "x.fastlmm"
    path.write_text(
        "sid_index\tSNP\tChr\tGenDist\tChrPos\tPValue\tSnpWeight\tSnpWeightSE\n7\trs1\t2\t0\t500.0\t0.5\t1\t2\n"
    )
    found = one_scan(path, None, COLUMNS).frame
    assert found.row(0, named=True) == {"rs": "rs1", "chr": "2", "ps": 500.0, "p": 0.5, "beta": 1.0, "se": 2.0}


def test_one_allele_and_palindromic_snps_are_matched_as_they_can_be(tmp_path: Path) -> None:
    ours = tmp_path / "a.assoc.txt"
    rows = [("A", "G"), ("A", "G"), ("A", "G"), ("A", "G"), ("A", "T"), ("A", "T"), ("A", "G")]
    header = "chr\trs\tps\tallele1\tallele0\tbeta\tse\tp_wald\n"
    ours.write_text(header + "".join(f"1\tr{k}\t{k + 1}\t{a}\t{b}\t1\t1\t0.5\n" for k, (a, b) in enumerate(rows)))
    theirs = tmp_path / "b.assoc.linear"
    named = ["A", "G", "T", "C", "A", "T", "AT"]
    theirs.write_text(
        " CHR SNP  BP A1 TEST NMISS BETA SE STAT P\n"
        + "".join(f"  1   r{k}  {k + 1}  {a}  ADD 9  1 1  1 0.5\n" for k, a in enumerate(named))
    )
    for one, other in ((ours, theirs), (theirs, ours)):
        scans = [one_scan(path, None, COLUMNS) for path in (one, other)]
        found = match(scans[0], scans[1], "id")
        assert found.a.tolist() == [0, 1, 2, 3, 4, 5]
        assert found.sign.tolist() == [1, -1, 1, -1, 1, -1]
        assert (found.n_other_strand, found.n_palindromic, found.n_different) == (2, 2, 1)
        assert len(match(scans[0], scans[1], "position").a) == 6


def test_wrong_tables_are_errors(tmp_path: Path) -> None:
    for text, message in [
        ("", "the file is empty"),
        ("a\tb\n1\t2\n", "not an association table: there is no column 'chr'"),
        ("chr\trs\tps\tp_wald\n1\ta\tx\t0.1\n", "not an association table"),
    ]:
        path = tmp_path / "x.txt"
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            one_scan(path, None, COLUMNS)
    with pytest.raises(TypeError, match="expected an association result, a frame, a file or a prefix, found int"):
        scans(3, None, COLUMNS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="give at least one table"):
        scans([], None, COLUMNS)


def test_a_log_of_gemma_is_read() -> None:
    facts = Log.read(GEMMA / "missing" / "lmm4.log.txt").of("")
    found = facts.pve()
    assert found is not None
    assert (found.pve, found.se, found.interval) == (0.739087, 0.091739, None)
    assert facts.n_permutations is None


LOG = """\
## Command Line Input = jamma lmm -bfile x --traits 1,2
## number of traits = 2
##
## trait = a
## pve estimate in the null model = 0.5
## se(pve) in the null model = 0.1
## permutations = 99 (seed 1)
## genome-wide threshold of p at 5 % = 1.5e-05
## 95 % profile-likelihood interval of pve = 0.3 to 0.65
## threshold of p at 5 % for the effective number of tests = 2e-06
##
## trait = b
## pve estimate in the null model = 1e-05
## se(pve) in the null model = 0.2
## 95 % profile-likelihood interval of pve = 2.1e-06 (end of the range of lambda) to 0.21
## permutations = 10 (seed 1)
## without chromosome X: pve estimate in the null model = 0.4
## without chromosome X: se(pve) in the null model = 0.2
## without chromosome X: 95 % profile-likelihood interval of pve = 0.1 to 0.7
##
"""


def test_a_log_of_several_traits_has_thresholds_and_intervals(tmp_path: Path) -> None:
    (tmp_path / "x.log.txt").write_text(LOG)
    table = study(20)
    for trait in "ab":
        table.write_csv(tmp_path / f"x.{trait}.assoc.txt", separator="\t")
    a, b = scans(tmp_path / "x", None, COLUMNS)
    assert threshold_of(a, "permutation", 10) == 1.5e-5
    assert threshold_of(a, "effective", 10) == 2e-6
    assert threshold_of(a, "bonferroni", 10) == pytest.approx(0.005)
    with pytest.raises(ValueError, match=r"10 permutations have no threshold at 0\.05; compute at least 19"):
        threshold_of(b, "permutation", 10)
    with pytest.raises(ValueError, match="'effective' needs the result or the log of a run with effective_tests"):
        threshold_of(b, "effective", 10)
    assert a.facts is not None
    assert b.facts is not None
    assert a.facts.pve().interval == (0.3, 0.65)  # type: ignore[union-attr]
    assert b.facts.pve().interval == (2.1e-6, 0.21)  # type: ignore[union-attr]
    assert b.facts.chromosomes()["X"].interval == (0.1, 0.7)


def test_the_log_of_one_of_several_tables_is_that_of_the_run(tmp_path: Path) -> None:
    shutil.copy(GEMMA / "missing" / "lmm4.log.txt", tmp_path / "one.log.txt")
    shutil.copy(GEMMA / "missing" / "lmm4.assoc.txt", tmp_path / "one.assoc.txt")
    found = one_scan(tmp_path / "one", None, COLUMNS)
    assert found.facts is not None
    assert found.facts.pve() is not None
    assert one_scan(tmp_path / "one.assoc.txt", None, COLUMNS).facts == found.facts
