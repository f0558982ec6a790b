"""Ctrl-C: a run stops within a second, raises KeyboardInterrupt, and leaves no half file."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from conftest import environment

# Prints when the stage begins, so that the signal comes within it.
SCRIPT = """
import sys, time
import numpy as np
import jamma
n, p, stage, out, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
rng = np.random.default_rng(1)
x = rng.integers(0, 3, size=(n, p), dtype=np.int8)
z = rng.normal(size=(n, 50))
k = z @ z.T / 50 + np.eye(n)
said = []
def progress(name, share):
    if name == stage and not said:
        said.append(name)
        print("begun", flush=True)
try:
    if how == "eigendecompose":
        print("begun", flush=True)
        jamma.eigendecompose(k)
    else:
        jamma.run_lmm(genotypes=x, phenotype=rng.normal(size=n), kinship=None if stage == "kinship" else k,
                      tests="all", out=out, progress=progress)
    print("done", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
# The process goes on as usual.
assert jamma.eigendecompose(np.eye(3)).values.tolist() == [1.0, 1.0, 1.0]
print("alive", flush=True)
"""


def interrupted(words: list[str], after: float) -> tuple[float, str]:
    """Seconds from the signal to the end of the work, and what the process said by then and later."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *words], stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "begun\n"
        time.sleep(after)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.stdout.readline()
        seconds = time.monotonic() - sent
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    return seconds, said + rest


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize(
    ("n", "p", "stage", "how"),
    [
        ("2500", "100", "eigendecomposition", "run_lmm"),
        ("3000", "10", "-", "eigendecompose"),
        ("700", "60000", "association", "run_lmm"),
        ("1500", "40000", "kinship", "run_lmm"),
    ],
)
def test_ctrl_c_stops_a_run_and_leaves_no_file(n: str, p: str, stage: str, how: str, tmp_path: Path) -> None:
    seconds, said = interrupted([n, p, stage, str(tmp_path / "x"), how], 0.1)
    if said.startswith("done"):
        pytest.skip("this machine was done before the signal came")
    assert said == "interrupted\nalive\n"
    # A second, and what a loaded machine adds.
    assert seconds < 2.0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_command_stops_with_130(sent: signal.Signals, tmp_path: Path) -> None:
    n, p = 2000, 2000
    rng = np.random.default_rng(1)
    body = rng.integers(0, 256, size=(p, n // 4), dtype=np.uint8)
    (tmp_path / "s.bed").write_bytes(b"\x6c\x1b\x01" + body.tobytes())
    (tmp_path / "s.bim").write_text("".join(f"1 rs{s} 0 {s} A G\n" for s in range(p)))
    (tmp_path / "s.fam").write_text("".join(f"f i{i} 0 0 1 {rng.normal()}\n" for i in range(n)))
    process = subprocess.Popen(
        [sys.executable, "-m", "jamma", "lmm", "-bfile", "s", "-miss", "1", "-outdir", "out"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        begun = time.monotonic()
        while not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir()):
            assert time.monotonic() - begun < 60
            time.sleep(0.01)
        process.send_signal(sent)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    if process.returncode == 0:
        pytest.skip("this machine was done before the signal came")
    assert process.returncode == 130
    assert "interrupted" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_a_generator_that_is_dropped_ends_its_run(tmp_path: Path) -> None:
    import jamma

    rng = np.random.default_rng(1)
    blocks = jamma.iter_lmm(
        genotypes=rng.integers(0, 3, size=(200, 5000), dtype=np.int8),
        phenotype=rng.normal(size=200),
        block_snps=100,
        out=tmp_path / "x",
    )
    next(blocks)
    del blocks
    assert list(tmp_path.iterdir()) == []
