"""Runs that are ended by Ctrl-C and other signals, by the end of the interpreter, or by a lack of memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
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
    """Seconds from the signal to the end of the work, and the output of the process."""
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
        # Not communicate, which does not see what readline has read ahead.
        rest = process.stdout.read()
        process.wait(timeout=60)
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


def large_study(folder: Path, n: int = 2000, p: int = 2000) -> None:
    """PLINK files `s` of random genotypes, with missing calls."""
    rng = np.random.default_rng(1)
    body = rng.integers(0, 256, size=(p, n // 4), dtype=np.uint8)
    (folder / "s.bed").write_bytes(b"\x6c\x1b\x01" + body.tobytes())
    (folder / "s.bim").write_text("".join(f"1 rs{s} 0 {s} A G\n" for s in range(p)))
    (folder / "s.fam").write_text("".join(f"f i{i} 0 0 1 {rng.normal()}\n" for i in range(n)))


def begun(folder: Path, ignored: Sequence[signal.Signals] = ()) -> subprocess.Popen[str]:
    """The command on the study of `folder`, once it has begun its outputs."""

    def ignore() -> None:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)

    process = subprocess.Popen(
        [sys.executable, "-m", "jamma", "lmm", "-bfile", "s", "-miss", "1", "-outdir", "out"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        preexec_fn=ignore,
    )
    start = time.monotonic()
    while not (folder / "out").exists() or not list((folder / "out").iterdir()):
        assert time.monotonic() - start < 60
        time.sleep(0.01)
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_command_stops_with_128_plus_the_signal(sent: str, tmp_path: Path) -> None:
    large_study(tmp_path)
    process = begun(tmp_path)
    try:
        process.send_signal(signal.Signals[sent])
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    if process.returncode == 0:
        pytest.skip("this machine was done before the signal came")
    assert process.returncode == 128 + signal.Signals[sent]
    assert f"interrupted by {sent}" in said
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_the_command_ignores_the_signals_that_were_ignored_at_start(tmp_path: Path) -> None:
    large_study(tmp_path, n=800)
    process = begun(tmp_path, [signal.SIGHUP, signal.SIGINT])
    try:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "result.assoc.txt",
        "result.log.txt",
        "result.run.json",
    ]


# A daemon thread is inside the extension, in each of the ways to be there, when the main thread ends.
DAEMON = """
import sys, threading, time, warnings
import numpy as np
import jamma
warnings.simplefilter("ignore")
how, out = sys.argv[1], sys.argv[2]
n, p = (1500, 60000) if how != "eigendecompose" else (3000, 10)
rng = np.random.default_rng(1)
x = rng.integers(0, 3, size=(n, p), dtype=np.int8)
y = rng.normal(size=n)
z = rng.normal(size=(n, 50))
k = z @ z.T / 50 + np.eye(n)
begun = threading.Event()
def progress(name, share):
    begun.set()
    if how == "progress":
        time.sleep(0.3)
def run():
    if how == "eigendecompose":
        begun.set()
        jamma.eigendecompose(k)
    elif how == "iter_lmm":
        for block in jamma.iter_lmm(genotypes=x, phenotype=y, kinship=k, block_snps=50, out=out):
            begun.set()
    elif how == "again":
        while True:
            jamma.run_lmm(genotypes=x[:100, :200], phenotype=y[:100], progress=progress)
    else:
        jamma.run_lmm(genotypes=x, phenotype=y, kinship=k if how == "scan" else None, out=out, progress=progress)
for _ in range(3 if how == "again" else 1):
    threading.Thread(target=run, daemon=True).start()
assert begun.wait(60)
time.sleep(float(sys.argv[3]))
print("end", flush=True)
sys.exit(int(sys.argv[4]))
"""


@pytest.mark.parametrize("how", ["kinship", "scan", "eigendecompose", "iter_lmm", "again", "progress"])
@pytest.mark.parametrize(("after", "code"), [(0.0, 0), (0.07, 3)])
def test_an_interpreter_ends_as_usual_while_a_daemon_thread_runs(
    how: str, after: float, code: int, tmp_path: Path
) -> None:
    words = [sys.executable, "-c", DAEMON, how, str(tmp_path / "x"), str(after), str(code)]
    ended = subprocess.run(words, capture_output=True, text=True, env=environment(), timeout=100)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "end\n", "")
    assert list(tmp_path.iterdir()) == []


# If memory is short there is an exception, and the process continues.
SHORT = """
import resource, sys
import numpy as np
import jamma
n, p, how, out = 1500, 300, sys.argv[2], sys.argv[3]
rng = np.random.default_rng(1)
x = rng.integers(0, 3, size=(n, p), dtype=np.int8)
y = rng.normal(size=n)
k = np.eye(n) + 0.1
jamma.run_lmm(genotypes=x[:50], phenotype=y[:50])
size = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (size + int(sys.argv[1]) * 2**20, resource.RLIM_INFINITY))
try:
    if how == "eigendecompose":
        jamma.eigendecompose(k)
    else:
        jamma.run_lmm(genotypes=x, phenotype=y, kinship=k if how == "kinship" else None, out=out,
                      memory=None if how == "planned" else 100)
    print("done")
except MemoryError as error:
    print("refused", error)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
jamma.run_lmm(genotypes=x[:50], phenotype=y[:50])  # The process goes on.
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is of Linux")
@pytest.mark.parametrize("how", ["eigendecompose", "kinship", "genotypes", "planned"])
def test_refused_memory_is_a_memory_error(how: str, tmp_path: Path) -> None:
    said = []
    for megabytes in (4, 20, 50, 100, 180, 300):
        out = tmp_path / str(megabytes)
        words = [sys.executable, "-c", SHORT, str(megabytes), how, str(out / "x")]
        ended = subprocess.run(words, capture_output=True, text=True, env=environment(), timeout=100)
        assert ended.returncode == 0, (megabytes, ended.stderr)
        said.append(ended.stdout.split()[0])
        if said[-1] == "refused":
            assert not out.exists() or list(out.iterdir()) == []
    assert "refused" in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files")
def test_a_kinship_is_read_from_a_pipe_once(tmp_path: Path) -> None:
    import jamma

    k = np.eye(5) + 0.25
    for suffix in (".txt", ".npy"):
        jamma.write_kinship(tmp_path / f"k{suffix}", k)
        pipe = tmp_path / f"pipe{suffix}"
        os.mkfifo(pipe)
        content = (tmp_path / f"k{suffix}").read_bytes()
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        assert np.array_equal(jamma.read_kinship(pipe), k)
        writer.join()


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
