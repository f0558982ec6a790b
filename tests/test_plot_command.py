"""`jamma plot`: figures, notes, errors and their hints."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from conftest import DATA, REFERENCE, environment
from figures_of import PEAKS, study
from jamma.cli import main

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the outputs of runs: `one`, `two` with the traits a and b, and GEMMA's `missing`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "output").mkdir()
    study(peaks=PEAKS).write_csv("output/one.assoc.txt", separator="\t")
    for k, trait in enumerate("ab"):
        study(seed=k + 2, peaks=PEAKS[k:]).write_csv(f"output/two.{trait}.assoc.txt", separator="\t")
    shutil.copy(REFERENCE / "gemma" / "missing" / "lmm4.assoc.txt", "output/missing.assoc.txt")
    shutil.copy(REFERENCE / "gemma" / "missing" / "lmm4.log.txt", "output/missing.log.txt")
    shutil.copy(REFERENCE / "gemma" / "missing" / "gk1.cXX.txt", "output/missing.cXX.txt")
    yield tmp_path
    from matplotlib import pyplot

    pyplot.close("all")


STARTS = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.mark.parametrize(
    "line",
    [
        "manhattan one -o f.pdf",
        "manhattan one -o f.png -o f.svg --labels 2 --locus 5e6 --title height --dpi 60",
        "manhattan two -o f.png --layout mirrored --dpi 60",
        "manhattan two -o f.png -trait a -threshold bonferroni -suggestive none -cut 5 --dpi 60",
        "manhattan one two --names x,y -o f.png --dpi 60 --size 5,4 --no-thin",
        "qq one -o f.svg",
        "qq two --cut none -o f.png --dpi 60",
        "qq one --strata maf -o f.png --dpi 60",
        f"regional missing --bfile {DATA / 'missing'} --window 2e6 -o f.pdf",
        "regional two --trait b --region 4:60000000-90000000 -o f.png --dpi 60",
        "kinship-heatmap missing -o f.png --order given --dpi 60",
        "kinship output/missing.cXX.txt -o f.png --dpi 60",
        "pve-profile missing -o f.png --dpi 60",
        f"pve -k missing --bfile {DATA / 'missing'} -o f.png --dpi 60",
        "effect_compare one one -o f.png --labels 1 --dpi 60",
    ],
)
def test_figures_are_written(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", *line.split()]) == 0
    files = sorted(path for path in folder.iterdir() if path.is_file())
    assert files
    for path in files:
        assert path.read_bytes().startswith(STARTS[path.suffix])
        assert f"wrote {path.name}" in capsys.readouterr().out or len(files) > 1


def test_files_are_the_same_each_time_and_have_text(folder: Path) -> None:
    for name in ("a", "b"):
        for ending in STARTS:
            assert main(["plot", "manhattan", "one", "-o", f"{name}{ending}", "--labels", "1", "--dpi", "60"]) == 0
    for ending in STARTS:
        assert (folder / f"a{ending}").read_bytes() == (folder / f"b{ending}").read_bytes()
    lead = study(peaks=PEAKS).sort("p_wald")["rs"][0]
    text = (folder / "a.svg").read_text()
    assert f">{lead}<" in text
    assert ">Chromosome<" in text
    # Points are an image inside the file.
    assert "<image" in text
    assert b"/Type /Font" in (folder / "a.pdf").read_bytes()


@pytest.mark.parametrize(
    ("line", "code", "error", "hint"),
    [
        ("manhatan one -o f.png", 2, "manhatan: no such figure", "did you mean manhattan?"),
        ("manhattan one", 2, "missing: -o/--output", "jamma plot --help"),
        ("manhattan one -o f.jpg", 2, "f.jpg: the extension must be .png, .svg or .pdf", "jamma plot --help"),
        ("manhattan one -o f.png --labls 3", 2, "--labls: unrecognized argument", "did you mean --labels?"),
        ("manhattan one --out f.png", 2, "--out: unrecognized argument; use -o", "jamma plot --help"),
        (
            "manhattan one -o f.png --genomewideline 8",
            2,
            "--genomewideline: unrecognized argument; use --threshold",
            "",
        ),
        ("regional one -o f.png --refsnp rs1", 2, "--refsnp: unrecognized argument; use --snp", ""),
        ("manhattan one -o f.png --cut -1", 2, "--cut: expected a positive number, found '-1'", ""),
        ("manhattan one -o f.png --size 3", 2, "expected width and height in inches", ""),
        ("manhattan one -o f.png --names a,b", 2, "--names: there are 1 runs, but 2 names", ""),
        ("qq one -o f.png --cut many", 2, "--cut: expected a positive number or auto or none, found 'many'", ""),
        ("manhattan nothing -o f.png", 1, "nothing: no such file, and no association table of this prefix", ""),
        ("manhattan one -o none/f.png", 1, "none/f.png: there is no directory none", ""),
        ("manhattan two -o f.png --trait c", 1, "trait: the table has no phenotype 'c', only a, b", ""),
        ("manhattan one -o f.png --threshold permutation", 1, "threshold: 'permutation' needs the result", ""),
        ("regional two -o f.png", 1, "the table has 2 phenotypes (a, b)", ""),
        ("regional one -o f.png --bfile x --r2 y", 2, "--r2 and --bfile exclude each other", "omit one"),
        ("regional one -o f.png --bfile x", 1, "x.fam: no such file or directory", ""),
        ("kinship one -o f.png", 1, "one: no such file, and no kinship of this prefix", ""),
        ("pve -o f.png", 2, "no run is given", "give PREFIX"),
        ("pve one -o f.png", 1, "one: no such log", ""),
        ("pve -k missing -o f.png", 2, "-k needs a phenotype", "--bfile"),
        ("pve missing -c x -o f.png", 2, "--covariates needs -k", ""),
        ("effect-compare one -o f.png", 2, "missing: PREFIX2", ""),
        ("effect-compare one two -o f.png", 1, "the table has 2 phenotypes", ""),
    ],
)
def test_mistakes_are_explained(
    line: str, code: int, error: str, hint: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", *line.split()]) == code
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert error in said
    assert hint in said
    assert said.count("\n") <= 2
    assert [path.name for path in folder.iterdir()] == ["output"]


def test_notes_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    table = study().with_columns(p_wald=pl.when(pl.int_range(pl.len()) < 3).then(float("nan")).otherwise("p_wald"))
    table.write_csv("gaps.assoc.txt", separator="\t")
    assert main(["plot", "qq", "gaps", "-o", "f.png"]) == 0
    assert capsys.readouterr().err == "note: 3 of 1800 SNPs have no p-value and are not drawn\n"


@pytest.mark.parametrize("line", ["plot", "plot --help", "help plot", "plot help"])
def test_help_lists_the_figures(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 0
    said = capsys.readouterr().out
    for word in ("Usage: jamma plot", "manhattan", "effect-compare", "Examples:", "95 % band"):
        assert word in said


def test_each_figure_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    from jamma.plot.command import KINDS

    for kind in KINDS:
        assert main(["plot", kind, "--help"]) == 0
        said = capsys.readouterr().out
        assert said.startswith(f"Usage: jamma plot {kind} ")
        assert "-o FILE" in said
        assert max(len(line) for line in said.splitlines()) <= 122


def test_labels_and_lists_may_be_in_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = study(peaks=PEAKS)
    one, two = table["rs"][0], table["rs"][5]
    Path("labels.txt").write_text(f"{one}\tthe first gene\n{two}\n")
    Path("ids.txt").write_text(f"{one}\n{two}\n")
    command = ["plot", "manhattan", "one", "-o", "f.svg", "--labels", "labels.txt", "--highlight", "ids.txt"]
    assert main(command) == 0
    text = Path("f.svg").read_text()
    assert ">the first gene<" in text
    assert f">{two}<" in text


def test_phenotypes_and_covariates_may_be_files(folder: Path) -> None:
    rng = np.random.default_rng(1)
    np.savetxt("y.txt", rng.normal(size=151))
    np.savetxt("c.txt", rng.normal(size=(151, 2)))
    command = ["plot", "pve-profile", "-k", "missing", "-p", "y.txt", "-c", "c.txt", "-o", "f.png", "--dpi", "60"]
    assert main(command) == 0
    Path("c.txt").write_text("1 2\n3\n")
    assert main(command) == 1


def test_commands_in_the_documents_are_valid() -> None:
    from jamma.plot import command

    root = REFERENCE.parent
    texts = [(root / name).read_text() for name in ("docs/figures.md", "README.md")] + [command._EXAMPLES]
    lines = [found for text in texts for found in re.findall(r"jamma plot ([a-z-]+ [^`#\n]*)", text)]
    assert len(lines) > 12
    for line in lines:
        if "PREFIX" not in line:
            assert command._parsed(shlex.split(line)) is not None or "--help" in line, line


def test_without_matplotlib_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from jamma.cli import main; sys.exit(main(['plot', 'qq', 'one', '-o', 'f.png']))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False)
    assert found.returncode == 1
    assert found.stderr.startswith("error: figures need matplotlib\n")
    assert "pip install '.[plot]'" in found.stderr


def test_the_command_needs_no_extension() -> None:
    code = (
        "import sys; sys.modules['jamma._core'] = None\n"
        "from jamma.cli import main; sys.exit(main(['plot', 'manhattan', 'one', '-o', 'f.png', '--dpi', '50']))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout == "wrote f.png\n"
