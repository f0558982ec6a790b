"""The package without the extension: arrays through JAX, and errors with the way to build the extension."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jamma
from conftest import DATA, environment, needs_jax, read_study

STUB = "import sys; sys.modules['jamma._core'] = None\n"


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", STUB + code], capture_output=True, text=True, env=environment(**variables), check=False
    )


def last_line(found: subprocess.CompletedProcess[str]) -> str:
    assert found.returncode == 1, found.stdout
    return next(line for line in reversed(found.stderr.splitlines()) if line and not line.startswith("hint"))


@pytest.mark.parametrize(
    "code",
    [
        f"jamma.run_lmm({str(DATA / 'demo')!r})",
        f"jamma.kinship({str(DATA / 'demo')!r})",
        f"next(jamma.iter_lmm({str(DATA / 'demo')!r}))",
        "jamma.write_kinship('k.npy', [[1.0]])",
    ],
)
def test_functions_that_need_files_give_the_way_to_build_the_extension(code: str) -> None:
    said = last_line(run(f"import jamma; {code}"))
    assert said.startswith("RuntimeError: ")
    assert "jamma._core, which is not built; build it with a Rust toolchain" in said


@needs_jax
@pytest.mark.parametrize(
    "option",
    [
        "hwe=0.01",
        "r2=0.5",
        "kinship_kind='standardized'",
        "kinship_snps=['a']",
        "threads=2",
        "loco=True",
        "loco='X'",
        "permutations=9",
        "fail_fast=True",
        "eigen_cache='x'",
    ],
)
def test_options_that_need_the_extension_are_rejected_by_name(option: str) -> None:
    code = f"import jamma; jamma.run_lmm(genotypes=[[0.0], [1.0], [2.0]], phenotype=[1.0, 2.0, 4.0], {option})"
    said = last_line(run(code))
    assert said.startswith(f"RuntimeError: {option} needs the Rust extension jamma._core, which is not built; build it")


@needs_jax
@pytest.mark.parametrize("phenotype", ["{'a': [1.0, 2.0, 4.0]}", "[[1.0, 2.0], [2.0, 3.0], [4.0, 1.0]]"])
def test_so_are_several_phenotypes(phenotype: str) -> None:
    said = last_line(run(f"import jamma; jamma.run_lmm(genotypes=[[0.0], [1.0], [2.0]], phenotype={phenotype})"))
    assert said.startswith("RuntimeError: run_lmm with several phenotypes needs the Rust extension jamma._core")


def test_so_does_the_command() -> None:
    found = run("from jamma.cli import main; sys.exit(main(['lmm', '-bfile', 'x']))")
    assert found.returncode == 1
    assert found.stderr.startswith("error: the command line needs the Rust extension")
    assert "hint: build it" in found.stderr
    found = run("from jamma.cli import main; sys.exit(main(['--version']))")
    assert found.returncode == 0
    assert "Rust available: False" in found.stdout


def test_asking_for_rust_is_an_error() -> None:
    found = run("from jamma.core.backend import get_compute_backend; get_compute_backend()", JAMMA_BACKEND="rust")
    assert "JAMMA_BACKEND=rust: the Rust extension jamma._core is not built" in last_line(found)


def test_matrices_are_decomposed_by_lapack() -> None:
    code = "import jamma; d, u = jamma.eigendecompose([[2.0, 1.0], [1.0, 2.0]]); print(d)"
    assert run(code).stdout == "[1. 3.]\n"


@needs_jax
def test_arrays_run_through_jax_with_the_engines_numbers(tmp_path: Path) -> None:
    study = read_study("missing")
    kinship = jamma.kinship(study.bfile)
    covariates = np.random.default_rng(2).normal(size=(len(kinship), 2))
    np.savez(tmp_path / "in.npz", x=study.genotypes, y=study.phenotype, k=kinship, w=covariates)
    code = f"""
import jamma, numpy as np
given = np.load({str(tmp_path / "in.npz")!r})
result = jamma.run_lmm(genotypes=given["x"], phenotype=given["y"], kinship=given["k"], covariates=given["w"], tests="all")
print(result.backend, result.ledger["individuals"])
result.to_polars().write_parquet({str(tmp_path / "out.parquet")!r})
"""
    found = run(code)
    assert found.returncode == 0, found.stderr
    expected = jamma.run_lmm(
        genotypes=study.genotypes, phenotype=study.phenotype, kinship=kinship, covariates=covariates, tests="all"
    )
    assert found.stdout.strip() == f"jax {expected.ledger['individuals']}"
    import polars as pl

    ours = pl.read_parquet(tmp_path / "out.parquet")
    assert ours.columns == expected.columns
    assert ours["rs"].to_list() == expected["rs"].tolist()
    for name in ("af", "se", "logl_H1", "p_wald", "p_lrt", "p_score"):
        assert ours[name].to_numpy() == pytest.approx(expected[name], rel=1e-6), name
    for name in ("l_remle", "l_mle"):
        assert ours[name].to_numpy() == pytest.approx(expected[name], rel=1e-5), name


@needs_jax
def test_a_list_of_snps_restricts_the_tests_and_may_leave_no_snp() -> None:
    code = """
import jamma, numpy as np
rng = np.random.default_rng(1)
x, y = rng.integers(0, 3, (40, 60)).astype(float), rng.normal(size=40)
everything = jamma.run_lmm(genotypes=x, phenotype=y)
one = jamma.run_lmm(genotypes=x, phenotype=y, snps=["snp5"])
print(one["rs"].tolist(), abs(one["p_wald"][0] - everything["p_wald"][4]) < 1e-6)
x[:, 7] = 0
none = jamma.run_lmm(genotypes=x, phenotype=y, snps=["snp8"])
print(len(none), none.columns == one.columns, none.to_polars().shape, none.notes[0])
for genotypes, snps in ((x, ["nobody"]), (0 * x, None)):
    try:
        jamma.run_lmm(genotypes=genotypes, phenotype=y, snps=snps)
    except ValueError as error:
        print(error)
"""
    found = run(code)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines() == [
        "['snp5'] True",
        "0 True (0, 12) no SNP is left to test: the result has no rows",
        "snps: none of the 1 listed SNPs is among the genotypes",
        "no SNP is left for the kinship: loosen maf or miss",
    ]


@needs_jax
def test_flat_and_perfect_likelihoods_are_counted() -> None:
    code = """
import jamma, numpy as np
strain = (np.arange(14) % 3 == 0) * 2.0
z = strain - strain.mean()
x = np.column_stack([strain, 2.0 - strain])
flat = jamma.run_lmm(genotypes=x, phenotype=np.random.default_rng(2).normal(size=14), kinship=np.outer(z, z), tests="all")
print(flat.report.snps["flat"], np.isnan(flat["p_wald"]).sum(), np.isfinite(flat["p_lrt"]).sum())
y = np.random.default_rng(3).binomial(2, 0.4, 14).astype(float)
perfect = jamma.run_lmm(
    genotypes=np.column_stack([y, strain]), phenotype=1e-9 * y, kinship=np.outer(z, z) + np.eye(14), tests="all"
)
print(perfect.report.snps["perfect_fit"], perfect["p_wald"][0], perfect["p_lrt"][0])
"""
    found = run(code)
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == ["2", "2", "2", "1", "0.0", "0.0"]
