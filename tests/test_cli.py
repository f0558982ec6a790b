"""The command: console script and `python -m jamma`."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conftest import DATA, HAS_JAX, environment, needs_jax
from jamma import cli
from jamma.version import __version__

SCRIPT = Path(sysconfig.get_path("scripts")) / "jamma"
WAYS = [[sys.executable, "-m", "jamma"], [str(SCRIPT)]]


def run(way: list[str], *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*way, *words], capture_output=True, text=True, env=environment(**variables), check=False)


@pytest.fixture(params=WAYS, ids=["module", "script"])
def way(request: pytest.FixtureRequest) -> list[str]:
    if request.param == WAYS[1] and not SCRIPT.exists():
        pytest.skip("the package is not installed: there is no console script")
    return list(request.param)


def test_version_tells_backend_kernels_and_threads(way: list[str]) -> None:
    found = run(way, "--version")
    assert found.returncode == 0
    lines = found.stdout.splitlines()
    assert lines[0] == f"jamma {__version__}"
    assert lines[1] == "Backend: rust, Rust available: True"
    assert lines[2].startswith("Kernels: ")
    assert "threads: " in lines[2]


def test_version_and_import_take_no_time() -> None:
    # A generous limit for a loaded machine; what is not imported is what makes it so.
    code = "import time; t = time.perf_counter(); import jamma; print(time.perf_counter() - t)"
    found = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(found) < 0.15
    begun = [time.perf_counter()]
    for _ in range(3):
        assert run(WAYS[0], "--version").returncode == 0
        begun.append(time.perf_counter())
    assert min(b - a for a, b in pairwise(begun)) < 0.5


def test_a_run_writes_gemmas_files(way: list[str], tmp_path: Path) -> None:
    found = run(way, "lmm", "-bfile", str(DATA / "demo"), "-outdir", str(tmp_path), "-o", "demo")
    assert found.returncode == 0, found.stderr
    assert "pve estimate = " in found.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.assoc.txt", "demo.log.txt", "demo.run.json"]


def test_exit_codes_are_those_of_the_program(way: list[str]) -> None:
    wrong = run(way, "lmm", "-bfile", "x", "-maf", "2")
    assert (wrong.returncode, wrong.stderr.startswith("error: -maf: expected")) == (2, True)
    failed = run(way, "lmm", "-bfile", "no/such")
    assert (failed.returncode, failed.stderr.startswith("error: no/such.bed: cannot open")) == (1, True)
    assert run(way, "--help").returncode == 0


def test_the_backend_is_an_option_and_a_variable(tmp_path: Path) -> None:
    words = ["lmm", "-bfile", str(DATA / "demo"), "-outdir", str(tmp_path)]
    wrong = run(WAYS[0], *words, "--backend", "gpu")
    assert wrong.returncode == 2
    assert "--backend: expected rust or jax, found gpu" in wrong.stderr
    wrong = run(WAYS[0], *words, JAMMA_BACKEND="gpu")
    assert wrong.returncode == 1
    assert "JAMMA_BACKEND=gpu: there is no such backend" in wrong.stderr
    over = run(WAYS[0], *words, "--backend", "rust", JAMMA_BACKEND="gpu")
    assert over.returncode == 0, over.stderr
    jax = run(WAYS[0], *words, "--backend", "jax", "-o", "jax")
    if HAS_JAX:
        assert jax.returncode == 0, jax.stderr
        assert "## Backend          = jax\n" in (tmp_path / "jax.log.txt").read_text()
    else:
        assert jax.returncode == 1
        assert "pip install '.[jax]'" in jax.stderr


@needs_jax
@pytest.mark.parametrize(("words", "limit"), [(["--memory", "2.5"], 2_500_000_000), ([], None)])
def test_the_memory_limit_reaches_the_backend(
    words: list[str], limit: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    make = cli.backend_object

    def recorded(*given: Any, **options: Any) -> Any:
        made.append(make(*given, **options))
        return made[-1]

    monkeypatch.setattr(cli, "backend_object", recorded)
    run = ["lmm", "-bfile", str(DATA / "demo"), "-outdir", str(tmp_path), "-silence", "--backend", "jax"]
    assert cli.main([*run, *words]) == 0
    assert [backend.memory for backend in made] == [limit]


def test_the_demonstration_runs(tmp_path: Path) -> None:
    found = run(WAYS[0], "demo", "-outdir", str(tmp_path))
    assert found.returncode == 0
    assert "top hits" in found.stdout
