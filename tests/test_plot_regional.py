"""Regional plots: r², genes, recombination, and the SNPs of a region."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import plink
import polars as pl
import pytest

import jamma
from conftest import DATA, REFERENCE
from figures_of import PEAKS, offsets, study

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from jamma.plot import Gene, regional  # noqa: E402
from jamma.plot.genes import genes_of, rows_of  # noqa: E402
from jamma.plot.genotypes import PlinkFiles, r2_with  # noqa: E402
from jamma.plot.recombination import rates  # noqa: E402
from jamma.plot.regional import classes  # noqa: E402


@pytest.fixture(autouse=True)
def closed_figures() -> Any:
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_an_edge_of_r2_belongs_to_the_class_above_it() -> None:
    found = classes(np.array([0.0, 0.1999, 0.2, 0.4, 0.5999, 0.6, 0.8, 1.0, np.nan]))
    assert found.tolist() == [0, 0, 1, 2, 2, 3, 4, 4, -1]


def test_packed_genotypes_are_those_of_the_file() -> None:
    files = PlinkFiles.open(DATA / "missing")
    bim = plink.read_bim(DATA / "missing.bim")
    expected = plink.read_bed(DATA / "missing.bed", 151, len(bim.rs))
    assert (files.n, files.bim["rs"].to_list()) == (151, bim.rs)
    rows = [0, 479, 17, 17]
    np.testing.assert_array_equal(files.dosages(rows), expected[:, rows])
    x = files.dosages(range(60))
    lead = next(j for j in range(60) if len(set(x[np.isfinite(x[:, j]), j])) == 3)
    found = r2_with(x[:, lead], x)
    for j in range(60):
        both = np.isfinite(x[:, lead]) & np.isfinite(x[:, j])
        a, b = x[both, lead], x[both, j]
        if len(a) < 2 or np.ptp(b) == 0 or np.ptp(a) == 0:
            assert np.isnan(found[j])
        else:
            assert found[j] == pytest.approx(np.corrcoef(a, b)[0, 1] ** 2, abs=1e-12)
    assert found[lead] == pytest.approx(1.0)


def test_files_that_do_not_belong_together_are_errors(tmp_path: Path) -> None:
    for ending in ("bed", "bim", "fam"):
        shutil.copy(DATA / f"missing.{ending}", tmp_path / f"x.{ending}")
    with (tmp_path / "x.fam").open("a") as fam:
        fam.write("f i 0 0 1 1\n" * 4)
    with pytest.raises(ValueError, match=r"x\.bed: \d+ bytes, but 155 individuals and 480 SNPs need \d+"):
        PlinkFiles.open(tmp_path / "x")
    (tmp_path / "x.bed").write_bytes(b"\x6c\x1b\x00")
    with pytest.raises(ValueError, match=r"not a SNP-major \.bed file"):
        PlinkFiles.open(tmp_path / "x")


def test_a_region_has_its_snps_and_their_r2(tmp_path: Path) -> None:
    table = REFERENCE / "gemma" / "missing" / "lmm4.assoc.txt"
    axes = regional(table, genotypes=DATA / "missing", window=3e6)
    frame = pl.read_csv(table, separator="\t", schema_overrides={"chr": pl.String})
    lead = frame.row(int(frame["p_wald"].arg_min()), named=True)
    assert axes.texts[0].get_text() == lead["rs"]
    is_in = (pl.col("chr") == lead["chr"]) & ((pl.col("ps") - lead["ps"]).abs() <= 3_000_000)
    assert len(offsets(axes)) == frame.filter(is_in).height
    assert axes.get_xlabel() == f"Position on chromosome {lead['chr']} (Mb)"
    # The diamond is drawn last.
    assert axes.collections[-1].get_offsets()[0].tolist() == pytest.approx(
        [lead["ps"] / 1e6, -np.log10(lead["p_wald"])]
    )
    assert [text.get_text() for text in axes.get_legend().get_texts()][:2] == ["lead SNP", "0.8 to 1.0"]


def test_r2_may_be_given(tmp_path: Path) -> None:
    table = study(peaks=PEAKS)
    lead = table.filter(pl.col("p_wald") == pl.col("p_wald").min())["rs"][0]
    values = np.linspace(0, 1, table.height)
    by_id = dict(zip(table["rs"].to_list(), values.tolist(), strict=True))
    (tmp_path / "x.ld").write_text(
        " CHR_A BP_A SNP_A CHR_B BP_B SNP_B R2 \n"
        + "".join(f" 2 1 {lead} 2 2 {name} {value:.17g}\n" for name, value in by_id.items() if name != lead)
    )
    drawn = [regional(table, r2=r2, window=5e6) for r2 in (values, by_id, tmp_path / "x.ld")]
    sizes = [[len(c.get_offsets()) for c in axes.collections] for axes in drawn]
    assert sizes[0] == sizes[1] == sizes[2]
    for wrong, message in [
        (values[:5], "r2: expected one number for each of the 1800 rows"),
        (values + 1, "r2: expected numbers from 0 to 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            regional(table, r2=wrong)
    with pytest.raises(ValueError, match="give either genotypes or r2"):
        regional(table, r2=values, genotypes="x")


def test_the_region_may_be_chosen() -> None:
    table = study(peaks=PEAKS)
    axes = regional(table, region="chr4:70,000,000-90,000,000")
    assert axes.get_xlim() == (70, 90)
    x = table.filter((pl.col("chr") == "4") & pl.col("ps").is_between(70_000_000, 90_000_000))
    assert len(offsets(axes)) == x.height
    assert len(offsets(regional(table, region="X"))) == 300
    snp = x["rs"][0]
    assert regional(table, snp=snp).texts[0].get_text() == snp
    for wrong, message in [
        ({"region": "4:9-1"}, "region: expected chr:first-last in base pairs"),
        ({"region": "7:1-9"}, "region: the table has no chromosome 7"),
        ({"region": "4:1-2"}, "region: no SNP with a p-value on chromosome 4 from 1 to 2"),
        ({"snp": "none"}, "snp: there is no SNP none in the table"),
        ({"snp": snp, "region": "1:1-50000000"}, f"snp: {snp} is not in the region"),
    ]:
        with pytest.raises(ValueError, match=message):
            regional(table, **wrong)


GFF = """\
##gff-version 3
chr2\tx\tgene\t1000\t5000\t.\t+\t.\tID=gene:g1;Name=Abc%3B1;biotype=protein_coding
chr2\tx\tmRNA\t1000\t5000\t.\t+\t.\tID=t1;Parent=gene:g1
chr2\tx\texon\t1000\t1200\t.\t+\t.\tParent=t1
chr2\tx\texon\t4800\t5000\t.\t+\t.\tParent=t1
chr2\tx\tgene\t9000\t9500\t.\t-\t.\tID=g2
chr3\tx\tgene\t1000\t5000\t.\t+\t.\tID=g3;Name=Other
"""
GTF = """\
2\tx\ttranscript\t1000\t5000\t.\t+\t.\tgene_id "g1"; transcript_id "t1"; gene_name "Abc;1";
2\tx\texon\t1000\t1200\t.\t+\t.\tgene_id "g1"; transcript_id "t1"; gene_name "Abc;1";
2\tx\texon\t4800\t5000\t.\t+\t.\tgene_id "g1"; transcript_id "t1"; gene_name "Abc;1";
2\tx\texon\t9000\t9500\t.\t-\t.\tgene_id "g2";
"""
BED = """\
track name=genes
chr2\t999\t5000\tAbc;1\t0\t+\t999\t5000\t0\t2\t201,201,\t0,3800,
chr2\t8999\t9500\tg2\t0\t-
chr3\t0\t9\tOther
"""


@pytest.mark.parametrize(("name", "text"), [("a.gff3", GFF), ("a.gtf", GTF), ("a.bed", BED), ("a.gff.gz", GFF)])
def test_genes_are_read_from_every_format(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    first, second = genes_of(path, "2", 1, 20_000)
    assert (first.name, first.start, first.end, first.strand) == ("Abc;1", 1000, 5000, "+")
    assert [(int(a), int(b)) for a, b in first.exons] == [(1000, 1200), (4800, 5000)]
    assert (second.name, second.start, second.end, second.strand) == ("g2", 9000, 9500, "-")
    assert [gene.name for gene in genes_of(path, "chr2", 6000, 8000)] == []
    assert [gene.name for gene in genes_of(path, "2", 5000, 9000)] == ["Abc;1", "g2"]


def test_wrong_files_of_genes_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        genes_of(tmp_path / "x.gtf", "1", 1, 2)
    for name, text, message in [
        ("x.txt", "", "the extension must be .gff, .gff3, .gtf or .bed"),
        ("x.gff", "1\t2\n", "expected at least 9 columns separated by tabs, found 2"),
        ("x.bed", "1\ta\t9\n", "a position is not a number"),
    ]:
        (tmp_path / name).write_text(text)
        with pytest.raises(ValueError, match=message):
            genes_of(tmp_path / name, "1", 1, 2)


def test_genes_that_overlap_are_in_different_rows() -> None:
    rooms = [(0.0, 10.0), (5.0, 12.0), (11.0, 20.0), (12.0, 13.0), (21.0, 30.0)]
    genes = [Gene(str(k), *room) for k, room in enumerate(rooms)]
    assert rows_of(genes, rooms) == [0, 1, 0, 1, 0]
    table = study(peaks=PEAKS)
    many = [Gene(f"gene{k}", 39_000_000 + 1000 * k, 41_000_000, "+") for k in range(9)]
    with pytest.warns(jamma.JammaWarning, match="3 of 9 genes of the region are not drawn"):
        axes = regional(table, window=3e6, genes=many)
    lower = axes.figure.axes[1]
    assert len(lower.texts) == 6
    assert lower.texts[0].get_text() == "gene0 →"
    assert lower.get_xlabel() == "Position on chromosome 2 (Mb)"


def test_genes_are_drawn_below_given_axes() -> None:
    from matplotlib import pyplot

    _, (upper, lower) = pyplot.subplots(2, 1)
    table = study(peaks=PEAKS)
    genes = [Gene("a", 39_000_000, 41_000_000, "-")]
    assert regional(table, genes=genes, ax=upper, gene_ax=lower, window=5e6) is upper
    assert lower.texts[0].get_text() == "← a"
    only = pyplot.subplots()[1]
    assert regional(table, genes=genes, ax=only, window=5e6).child_axes[0].texts[0].get_text() == "← a"


def test_recombination_is_that_of_the_region(tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text(
        "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)\nchr2\t100\t1.5\t0\nchr2\t300\t2.5\t1\nchr2\t900\t4\t2\nchr1\t300\t9\t0\n"
    )
    x, y = rates(path, "2", 200, 400)
    assert (x.tolist(), y.tolist()) == ([100, 300, 900], [1.5, 2.5, 4.0])
    # Of one chromosome: position, rate, cM.
    path.write_text("position COMBINED_rate(cM/Mb) Genetic_Map(cM)\n100 1.5 0\n300 2.5 1\n")
    assert rates(path, "7", 0, 1000)[1].tolist() == [1.5, 2.5]
    frame = pl.DataFrame({"chr": ["2", "2"], "pos": [39_500_000, 40_500_000], "rate": [3.0, 90.0]})
    axes = regional(study(peaks=PEAKS), recombination=frame, window=2e6)
    right = axes.figure.axes[-1]
    assert right.get_ylabel() == "Recombination rate (cM/Mb)"
    assert right.get_ylim() == (0, 100)
    for text, message in [
        ("position rate\n1\n", "line 2 has 1 fields, the header has 2"),
        ("a b\n1 2\n", "expected columns of positions and of rates"),
        ("position rate\nx 2\n", "a position or rate is not a number"),
        ("position\n", "not a genetic map"),
    ]:
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            rates(path, "1", 0, 9)
