#!/usr/bin/env python3
"""Time jamma against GEMMA as whole processes on one PLINK data set; print medians, spread, peak memory and ratios.

usage: peers.py PREFIX [--jamma target/release/jamma] [--mode 4] [--runs 3] [--peer EXECUTABLE]

The programs run in turn (A B A B ...), so that a drifting machine hurts all alike. GEMMA needs two commands (-gk, then
-lmm); jamma one. `--peer` adds the `jamma` command of the PyPI package jamma 8.2.4, installed in an environment of its
own. Standard library only.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time


def timed(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak memory in MB of one command; stops where it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Run the programs in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix")
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--mode", default="4")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        out = ["-outdir", str(work)]
        programs = {
            "jamma lmm": [[a.jamma, "lmm", "-bfile", a.prefix, "-lmm", a.mode, "-o", "one", *out]],
            "jamma -gk, -lmm": [[a.jamma, "-bfile", a.prefix, "-gk", "-o", "two", *out],
                                [a.jamma, "-bfile", a.prefix, "-k", f"{work}/two.cXX.txt", "-lmm", a.mode, "-o", "two", *out]],
            "gemma -gk, -lmm": [["gemma", "-bfile", a.prefix, "-gk", "-o", "gemma", *out],
                                ["gemma", "-bfile", a.prefix, "-k", f"{work}/gemma.cXX.txt", "-lmm", a.mode, "-o", "gemma", *out]],
        }
        if a.peer:
            programs["PyPI jamma 8.2.4"] = [
                [a.peer, "-bfile", a.prefix, "-gk", "1", "-o", "peer", *out, "--no-telemetry"],
                [a.peer, "-bfile", a.prefix, "-k", f"{work}/peer.cXX.npy", "-lmm", a.mode, "-o", "peer", *out, "--no-telemetry"]]
        walls: dict[str, list[float]] = {name: [] for name in programs}
        peaks: dict[str, float] = dict.fromkeys(programs, 0.0)
        for _ in range(a.runs):
            for name, commands in programs.items():
                results = [timed(command) for command in commands]
                walls[name].append(sum(wall for wall, _ in results))
                peaks[name] = max(peaks[name], *(peak for _, peak in results))
    base = statistics.median(walls["jamma lmm"])
    print(f"{a.prefix}, -lmm {a.mode}, median of {a.runs}, {os.cpu_count()} cores")
    print(f"{'':18s}{'wall s':>9s}{'min':>8s}{'max':>8s}{'peak MB':>9s}{'ratio':>8s}")
    for name, wall in walls.items():
        median = statistics.median(wall)
        print(f"{name:18s}{median:9.2f}{min(wall):8.2f}{max(wall):8.2f}{peaks[name]:9.0f}{median / base:8.1f}")


main()
