#!/usr/bin/env python3
"""Time jamma against GEMMA and PyPI's jamma as whole processes; print one Markdown table.

usage: peers.py [--jamma EXECUTABLE] [--peer EXECUTABLE] [--runs 3] [--mode 1] [--without NAME] WORK...

WORK is one of
  lmm:PREFIX             kinship and association of PREFIX.bed/.bim/.fam: jamma in one command, the other programs in two
  lmm:PREFIX,COVARIATES  the same with a covariate file
  gk:PREFIX              the kinship only
  eigen:PREFIX           the decomposition of that kinship: jamma's stage compared with numpy.linalg.eigh, seconds of the
                         decomposition only (needs numpy in the environment of this script)

The programs run in turn (A B A B ...), so that a drift of the machine's speed affects all of them. `--peer` adds the `jamma`
command of the PyPI package jamma 8.2.4, installed in a separate environment. `--only-jamma` runs jamma only; `--without NAME`
excludes one program by its name in the table.
"""
import argparse
import datetime
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

EIGH = """
import sys, time, numpy as np
k = np.load(sys.argv[1])
k = k - k.mean(0) - k.mean(1)[:, None] + k.mean()
start = time.perf_counter()
np.linalg.eigh(k)
print(time.perf_counter() - start)
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of one command; exits if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def in_turn(commands: list[list[str]]) -> tuple[float, float]:
    """Total seconds and the largest peak memory of several commands."""
    results = [timed(command) for command in commands]
    return sum(wall for wall, _ in results), max(peak for _, peak in results)


def stage_seconds(log: pathlib.Path, stage: str) -> float:
    """Seconds of a stage, from a log in minutes."""
    line = next(line for line in log.read_text().splitlines() if stage in line)
    return 60 * float(line.split("=")[1].split()[0])


def programs(work: str, a: argparse.Namespace, out: pathlib.Path) -> dict:
    """For each program, a function that runs it and returns seconds and MB; jamma is first."""
    kind, _, rest = work.partition(":")
    prefix, _, covariates = rest.partition(",")
    to = ["-outdir", str(out)]
    quiet = [*to, "--no-telemetry"]
    c = ["-c", covariates] if covariates else []

    def run(*commands: list[str]):
        return lambda: in_turn(list(commands))

    if kind == "gk":
        table = {
            "jamma": run([a.jamma, "gk", "-bfile", prefix, "-o", "one", *to]),
            "GEMMA": run(["gemma", "-bfile", prefix, "-gk", "-o", "gemma", *to]),
            "PyPI jamma": run([a.peer, "-bfile", prefix, "-gk", "1", "-o", "peer", *quiet]),
        }
    elif kind == "lmm":
        table = {
            "jamma": run([a.jamma, "lmm", "-bfile", prefix, *c, "-lmm", a.mode, "-o", "one", *to]),
            "GEMMA": run(["gemma", "-bfile", prefix, *c, "-gk", "-o", "gemma", *to],
                         ["gemma", "-bfile", prefix, *c, "-k", f"{out}/gemma.cXX.txt", "-lmm", a.mode, "-o", "gemma", *to]),
            "PyPI jamma": run([a.peer, "-bfile", prefix, *c, "-gk", "1", "-o", "peer", *quiet],
                              [a.peer, "-bfile", prefix, *c, "-k", f"{out}/peer.cXX.npy", "-lmm", a.mode, "-o", "peer", *quiet]),
        }
    elif kind == "eigen":
        timed([a.jamma, "gk", "-bfile", prefix, "--format", "npy", "-o", "eigen", *to])

        def ours():
            _, peak = timed([a.jamma, "eigen", "-bfile", prefix, "-k", f"{out}/eigen.cXX.npy", "--format", "npy", "-o", "e", *to])
            return stage_seconds(out / "e.log.txt", "eigen-decomposition"), peak

        def theirs():
            found = subprocess.run([sys.executable, "-c", EIGH, f"{out}/eigen.cXX.npy"], capture_output=True, check=True, text=True)
            return float(found.stdout), float("nan")

        return {"jamma": ours, "NumPy eigh": theirs}
    else:
        raise SystemExit(f"unknown work {work}: lmm:PREFIX, gk:PREFIX or eigen:PREFIX")
    for name in a.without if a.peer else [*a.without, "PyPI jamma"]:
        table.pop(name, None)
    return {"jamma": table["jamma"]} if a.only_jamma else table


def main() -> None:
    """Run everything in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="+")
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--peer")
    parser.add_argument("--mode", default="1")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only-jamma", action="store_true")
    parser.add_argument("--without", action="append", default=[], metavar="NAME")
    a = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {datetime.date.today()}, -lmm {a.mode}, medians of {a.runs} runs in turn\n")
    print("| work | program | seconds | min - max | ratio | peak MB |\n|---|---|---:|---:|---:|---:|")
    for work in a.work:
        with tempfile.TemporaryDirectory() as folder:
            table = programs(work, a, pathlib.Path(folder))
            results: dict[str, list[tuple[float, float]]] = {name: [] for name in table}
            for _ in range(a.runs):
                for name, once in table.items():
                    results[name].append(once())
        base = statistics.median(wall for wall, _ in results["jamma"])
        kind, _, rest = work.partition(":")
        label = f"{kind} {', '.join(pathlib.Path(part).name for part in rest.split(','))}"
        for name, pairs in results.items():
            walls = [wall for wall, _ in pairs]
            median, peak = statistics.median(walls), max(peak for _, peak in pairs)
            shown = "" if peak != peak else f"{peak:.0f}"
            print(f"| {label} | {name} | {median:.2f} | {min(walls):.2f} - {max(walls):.2f} | {median / base:.1f} | {shown} |", flush=True)


main()
