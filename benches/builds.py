#!/usr/bin/env python3
"""Time two builds of jamma in turn on the same work, and compare every byte that they write; print one Markdown table.

usage: builds.py OLD NEW [--pairs 5] [--jobs REGEX] PREFIX...

OLD and NEW are executables. For each PREFIX.bed/.bim/.fam the jobs are the whole association (-lmm 1 and -lmm 4), both
kinships as text and .npy, and the eigendecomposition. After a warm-up OLD and NEW run in turn (A B, B A, ...), so that a
drifting machine slows both down alike; a ratio is NEW/OLD of a pair. Files are compared as they are, the log apart, which
has times. Exit status 1 if a file differs.
"""

import argparse
import datetime
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

JOBS = {
    "association, -lmm 1": "-lmm 1",
    "association, -lmm 4": "-lmm 4",
    "kinship, -gk 1": "-gk 1",
    "kinship, -gk 2": "-gk 2",
    "kinship, -gk 1, .npy": "-gk 1 --format npy",
    "kinship, -gk 2, .npy": "-gk 2 --format npy",
    "decomposition, -eigen, .npy": "-eigen --format npy",
}


def run(program: pathlib.Path, words: list[str], out: pathlib.Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory in MB of one run that writes into the empty folder `out`."""
    shutil.rmtree(out, ignore_errors=True)
    command = [str(program), *words, "-outdir", str(out)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def differing(old: pathlib.Path, new: pathlib.Path) -> list[str]:
    """Names of the files, the log apart, that are not the same in both folders."""
    names = {path.name for folder in (old, new) for path in folder.iterdir()} - {"result.log.txt"}

    def is_same(name: str) -> bool:
        a, b = old / name, new / name
        return a.exists() and b.exists() and a.read_bytes() == b.read_bytes()

    return sorted(name for name in names if not is_same(name))


def compare(a: argparse.Namespace, words: list[str], out: pathlib.Path) -> tuple[list[str], list[str]]:
    """The cells of a row, and the files that differ."""
    programs, folders = (a.old, a.new), (out / "old", out / "new")
    for which in (0, 1):
        run(programs[which], words, folders[which])
    different = differing(*folders)
    found: tuple[list, list] = ([], [])
    for pair in range(a.pairs):
        for which in (0, 1) if pair % 2 == 0 else (1, 0):
            found[which].append(run(programs[which], words, folders[which]))
    cells = []
    for measure in (0, 1):
        old, new = ([one[measure] for one in of] for of in found)
        ratios = [y / x for x, y in zip(old, new, strict=True)]
        cells += [
            f"{statistics.median(old):.2f}",
            f"{statistics.median(new):.2f}",
            f"{statistics.median(new) / statistics.median(old):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
        ]
    cells += [f"{max(one[2] for one in of):.0f}" for of in found]
    return [*cells, ", ".join(different) or "none"], different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("prefixes", nargs="+", metavar="PREFIX")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--jobs", default="", metavar="REGEX", help="only the jobs whose name matches")
    a = parser.parse_args()
    a.old, a.new = a.old.resolve(), a.new.resolve()
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {a.pairs} pairs\n")
    wall, processor = ("wall s, old | new | ratio (range)", "processor s, old | new | ratio (range)")
    print(f"| study | job | {wall} | {processor} | peak MB, old | new | files that differ |")
    print("|---" * 11 + "|", flush=True)
    any_differs = False
    with tempfile.TemporaryDirectory() as folder:
        for prefix in a.prefixes:
            for name, words in JOBS.items():
                if not re.search(a.jobs, name):
                    continue
                command = ["-bfile", prefix, *words.split()]
                cells, different = compare(a, command, pathlib.Path(folder))
                any_differs |= bool(different)
                print(f"| {pathlib.Path(prefix).name} | {name} | {' | '.join(cells)} |", flush=True)
    return int(any_differs)


if __name__ == "__main__":
    sys.exit(main())
