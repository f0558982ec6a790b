#!/usr/bin/env python3
"""Compare the predictions of `jamma cost` with measured runs; print Markdown tables.

usage: cost.py [--jamma EXECUTABLE] [--size 1000x20000 ...] [--runs 3] [--threads N] [--calibrate] [--options OPTIONS]
               [--cluster] [--workers 1 2] [--keep FOLDER] [--published]

Every step runs as a process of its own, so that its processor time is known: `jamma gk`, `jamma eigen`, `jamma lmm` with the
decomposition, and `jamma lmm` with everything. A ratio is predicted / measured. On a machine that does other work,
compare processor times; the fastest of the runs counts. Studies are simulated as in loco.py, in FOLDER if one is given.
Options of the analysis that both commands have are given once, such as --options "--loco" or "-lmm 4".

--cluster times the Python package on a Dask LocalCluster with so many --workers, each with N divided by the workers threads,
against one process of N threads, and against the prediction.
--published measures nothing: it compares the default rates with the runs of docs/benchmarks.md, on the machine of which they are.
--cluster needs the package with the extra `dask` in the environment of
this script, and uses `python -m jamma` in place of the executable.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from loco import simulate

# Runs of docs/benchmarks.md with two threads on an AMD EPYC 9004 with AVX-512: options of `jamma cost`, the stage (empty for the
# whole run), wall-clock seconds, and whether a default rate was taken from this number.
PUBLISHED = [
    ("4000x40000", "", "kinship", 0.78, True),
    ("4000x40000", "", "eigendecomposition", 5.2, True),
    ("4000x40000", "", "association", 5.5, True),
    ("4000x40000", "", "", 11.8, False),
    ("4000x40000", "--covariates 10", "", 16.2, True),
    ("4000x40000", "--threads 1", "kinship", 1.47, True),
    ("4000x40000", "--threads 1", "eigendecomposition", 9.2, False),
    ("4000x40000", "--threads 1", "association", 10.8, False),
    ("10000x20000", "", "kinship", 4.6, False),
    ("10000x20000", "", "eigendecomposition", 83, True),
    ("10000x20000", "", "association", 18, False),
    ("10000x20000", "", "", 104, False),
    ("1000x20000", "", "", 0.49, False),
    ("1000x20000", "--traits 100", "", 10.24, True),
    ("1000x200000", "", "", 3.67, False),
    ("1000x200000", "--loco --chromosomes 20", "", 6.44, False),
    ("1000x5000000", "", "", 85, True),
]
STAGES = {"gk": "kinship", "eigen": "eigendecomposition", "lmm -d -u": "association"}


@dataclass
class Measured:
    """The fastest wall-clock and processor seconds of some runs, and their largest memory in bytes."""

    wall: float = float("inf")
    processor: float = float("inf")
    memory: int = 0

    def add(self, wall: float, processor: float, memory: int) -> None:
        """Take another run into account."""
        self.wall, self.processor = min(self.wall, wall), min(self.processor, processor)
        self.memory = max(self.memory, memory)


def timed(command: list[str], measured: Measured) -> None:
    """Run a command, and take its times into account; exits if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {shlex.join(command)}\n{errors}")
    measured.add(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def predicted(a: argparse.Namespace, prefix: str, *words: str) -> dict:
    """The prediction for a study."""
    command = [*a.jamma, "cost", "--bfile", prefix, "--missing", str(a.missing), "--json", *a.options, *words]
    command += ["--disk-rate", "10GB/s", *(["--calibrate"] if a.calibrate else [])]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode > 1:
        raise SystemExit(f"failed: {shlex.join(command)}\n{found.stderr}")
    return json.loads(found.stdout)


def steps(a: argparse.Namespace, prefix: str, folder: pathlib.Path) -> dict[str, list[str]]:
    """The commands of the stages and of the whole analysis."""
    out = ["-outdir", str(folder / "out"), "-silence", "--threads", str(a.threads)]
    study, k, npy = ["-bfile", prefix], str(folder / "out" / "k.cXX.npy"), ["--format", "npy"]
    given = ["-d", str(folder / "out" / "e.eigenD.npy"), "-u", str(folder / "out" / "e.eigenU.npy")]
    whole = [*a.jamma, "lmm", *study, *a.options, "-o", "all", *out]
    if "--loco" in a.options:
        return {"lmm": whole}
    return {
        "gk": [*a.jamma, "gk", *study, *npy, "-o", "k", *out],
        "eigen": [*a.jamma, "eigen", *study, "-k", k, *npy, "-o", "e", *out],
        "lmm -d -u": [*a.jamma, "lmm", *study, *given, *a.options, "-o", "a", *out],
        "lmm": whole,
    }


def processes(a: argparse.Namespace, sizes: list[tuple[int, int]], folder: pathlib.Path) -> None:
    """Print the table of single processes."""
    print("| study | step | predicted wall, s | measured | ratio | predicted processor, s | measured | ratio "
          "| predicted memory, MB | measured |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for n, p in sizes:
        prefix = study(a, n, p, folder)
        cost = predicted(a, prefix, "--threads", str(a.threads))["one_process"]
        by_name = {stage["stage"]: stage for stage in cost["stages"]}
        commands = steps(a, prefix, folder)
        measured = {name: Measured() for name in commands}
        for _ in range(a.runs):
            for name, command in commands.items():
                timed(command, measured[name])
        for name, found in measured.items():
            of = by_name[STAGES[name]] if name in STAGES else cost
            memory = of.get("memory_bytes_of_each") or max(s["memory_bytes_of_each"] for s in cost["stages"])
            cells = [
                f"{n:,} x {p:,}", name,
                *compared(of["seconds"], found.wall), *compared(of["processor_seconds"], found.processor),
                f"{memory / 1e6:.0f}", f"{found.memory / 1e6:.0f}",
            ]
            print(f"| {' | '.join(cells)} |", flush=True)


def published(a: argparse.Namespace) -> None:
    """Print the table of published runs."""
    print("| study | options | stage | predicted, s | measured, s | predicted / measured | sets a rate |")
    print("|---|---|---|---:|---:|---:|---|")
    for size, options, stage, seconds, sets_a_rate in PUBLISHED:
        n, p = map(int, size.split("x"))
        words = ["--individuals", str(n), "--snps", str(p), *shlex.split(options), "--disk-rate", "10GB/s", "--json"]
        words += [] if "--threads" in options else ["--threads", "2"]
        found = subprocess.run([*a.jamma, "cost", *words], capture_output=True, text=True, check=True)
        cost = json.loads(found.stdout)["one_process"]
        of = next((one for one in cost["stages"] if one["stage"] == stage), cost)
        cells = [f"{n:,} x {p:,}", f"`{options}`" if options else "", stage or "all", *compared(of["seconds"], seconds)]
        print(f"| {' | '.join(cells)} | {'yes' if sets_a_rate else ''} |")


def compared(ours: float, theirs: float) -> list[str]:
    """Cells of a prediction, a measurement and their ratio."""
    return [f"{ours:.2f}", f"{theirs:.2f}", f"{ours / theirs:.2f}"]


def study(a: argparse.Namespace, n: int, p: int, folder: pathlib.Path) -> str:
    """The prefix of a simulated study."""
    prefix = folder / f"s{n}_{p}"
    if not prefix.with_suffix(".fam").exists():
        simulate(prefix, n, p, 20, 1, a.missing)
    return str(prefix)


def clusters(a: argparse.Namespace, sizes: list[tuple[int, int]], folder: pathlib.Path) -> None:
    """Print the table of Dask clusters on this machine; the baseline is one process of the package."""
    import jamma
    from dask.distributed import Client, LocalCluster

    print("| study | run | measured wall, s | / one process | predicted wall, s | / one process |")
    print("|---|---|---:|---:|---:|---:|", flush=True)
    for n, p in sizes:
        prefix = study(a, n, p, folder)
        alone = min(run(lambda: jamma.run_lmm(prefix, out=folder / "one", threads=a.threads)) for _ in range(a.runs))
        cost = predicted(a, prefix, "--threads", str(a.threads))["one_process"]["seconds"]
        print(f"| {n:,} x {p:,} | one process, {a.threads} threads | {alone:.2f} | 1 | {cost:.2f} | 1 |", flush=True)
        for workers in a.workers:
            threads = max(1, a.threads // workers)
            with LocalCluster(n_workers=workers, threads_per_worker=threads, dashboard_address=None) as cluster:
                with Client(cluster) as client:
                    client.wait_for_workers(workers)

                    def on_cluster(client=client) -> None:
                        jamma.run_lmm(prefix, out=folder / "dask", cluster=client)

                    found = min(run(on_cluster) for _ in range(a.runs))
            words = ["--workers", str(workers), "--threads", str(threads), "--net-rate", "2GB/s"]
            expected = predicted(a, prefix, *words)["dask"]["seconds"]
            one, dask = (pathlib.Path(f"{folder / name}.assoc.txt").read_bytes() for name in ("one", "dask"))
            same = "" if one == dask else ", OTHER RESULTS"
            print(f"| | {workers} workers, {threads} threads each{same} | {found:.2f} | {found / alone:.2f} "
                  f"| {expected:.2f} | {expected / cost:.2f} |", flush=True)


def run(work) -> float:
    """Wall-clock seconds of some work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--size", nargs="+", default=["1000x20000", "2000x20000", "4000x40000"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--missing", type=float, default=0.01)
    parser.add_argument("--calibrate", action="store_true", help="measure the rates of this machine")
    parser.add_argument("--options", default="", help="options of the analysis, in one string")
    parser.add_argument("--cluster", action="store_true", help="time Dask clusters")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--published", action="store_true", help="compare with docs/benchmarks.md, measure nothing")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="keep the studies in FOLDER")
    a = parser.parse_args()
    a.options = shlex.split(a.options)
    a.jamma = [sys.executable, "-m", "jamma"] if a.cluster else [a.jamma]
    if a.published:
        published(a)
        return
    sizes = [tuple(map(int, size.split("x"))) for size in a.size]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {datetime.date.today()}, "
          f"{a.threads} threads, fastest of {a.runs} runs, rates {'measured' if a.calibrate else 'by default'}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        (clusters if a.cluster else processes)(a, sizes, folder)


if __name__ == "__main__":
    main()
