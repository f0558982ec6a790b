#!/usr/bin/env python3
"""Time leaving one chromosome out, many traits and permutations as whole processes; print one Markdown table of ratios.

usage: loco.py [--jamma EXECUTABLE] [--peer EXECUTABLE] [--mouse PREFIX] [--runs 3] [--threads N] [--missing RATE] [WORK...]

WORK is one or more of
  peer          --loco on PREFIX, compared with the PyPI package jamma 8.2.4 (-loco): how many times longer that takes
  loco          --loco on 1,000 individuals x 200,000 SNPs on 20 chromosomes, compared with one kinship of all SNPs; goal 2
  traits        100 traits without missing values of 1,000 x 20,000, compared with one trait; goal 20
  phenotypes    all phenotypes of PREFIX in one run, compared with one run for each
  permutations  1,000 permutations of 1,000 x 20,000, compared with the same trait without; goal 10
and by default all for which the data and programs are given. `--peer` (or $JAMMA_PEER) is the `jamma` command of that package,
installed in a separate environment. `--mouse` (or $JAMMA_MOUSE) is PREFIX, the PLINK files of mouse_hs1940 with six phenotypes.

The runs that are compared take turns (A B, B A, ...) after a warm-up, so that a drift of the machine's speed affects both.
A ratio is that of the medians, with the range of the pairs; a goal is a ratio of wall-clock times. Simulated studies are
families of four sibs with polygenic traits, in a temporary folder. Needs numpy. Exit status 1 if a goal is missed.
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
from dataclasses import dataclass

import numpy as np

SIBS = 4
BLOCK_SNPS = 1000
CODE_OF_DOSAGE = np.array([3, 2, 0, 1], np.uint8)  # 0, 1, 2, missing -> two-bit code


@dataclass
class Run:
    """Commands, one after the other, and how the table calls them."""

    name: str
    commands: list[list[str]]


@dataclass
class Work:
    """A run that is compared with another; the ratio is that of their times."""

    label: str
    run: Run
    baseline: Run
    goal: float | None = None


def simulate(prefix: pathlib.Path, n: int, p: int, n_chromosomes: int, n_traits: int, missing: float) -> None:
    """Write PREFIX.bed, .bim and .fam: sibs, a fraction `missing` of the calls missing, traits of heritability 0.5."""
    rng = np.random.default_rng(1)
    family = np.arange(n) // SIBS
    genetic = np.zeros((n, n_traits))
    with open(f"{prefix}.bed", "wb") as bed:
        bed.write(b"\x6c\x1b\x01")
        for start in range(0, p, BLOCK_SNPS):
            size = min(BLOCK_SNPS, p - start)
            frequency = rng.uniform(0.05, 0.95, size)
            haplotypes = rng.random((4, family[-1] + 1, size), np.float32) < frequency
            first, second = rng.integers(0, 2, (2, n, size), np.uint8)
            columns = np.arange(size)
            g = haplotypes[first, family[:, None], columns].astype(np.uint8)
            g += haplotypes[2 + second, family[:, None], columns]
            genetic += (g - 2 * frequency) @ rng.normal(size=(size, n_traits))
            g[rng.random(g.shape, np.float32) < missing] = 3
            codes = np.zeros((size, (n + 3) // 4 * 4), np.uint8)
            codes[:, :n] = CODE_OF_DOSAGE[g.T]
            quads = codes.reshape(size, -1, 4)
            bed.write((quads[:, :, 0] | quads[:, :, 1] << 2 | quads[:, :, 2] << 4 | quads[:, :, 3] << 6).tobytes())
    y = genetic / genetic.std(axis=0) + rng.normal(size=genetic.shape)
    with open(f"{prefix}.bim", "w") as bim:
        bim.writelines(f"{j * n_chromosomes // p + 1}\trs{j}\t0\t{j + 1}\tA\tG\n" for j in range(p))
    with open(f"{prefix}.fam", "w") as fam:
        fam.writelines(f"f{family[i]} i{i} 0 0 1 " + " ".join(f"{v:.6f}" for v in y[i]) + "\n" for i in range(n))


def timed(run: Run) -> tuple[float, float, float]:
    """Wall and processor seconds of the commands together, and their largest peak memory in MB; exits if one fails."""
    wall, processor, peak = 0.0, 0.0, 0.0
    for command in run.commands:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall += time.perf_counter() - start
        processor += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"failed: {' '.join(command)}")
    return wall, processor, peak


def measure(work: Work, n_runs: int) -> bool:
    """Run both sides in turn, print their rows, and return whether the goal is met."""
    sides = (work.baseline, work.run)
    for side in sides:
        timed(side)
    found: tuple[list, list] = ([], [])
    for pair in range(n_runs):
        for which in (0, 1) if pair % 2 == 0 else (1, 0):
            found[which].append(timed(sides[which]))
    cells: tuple[list[str], list[str]] = ([], [])
    ratios = []
    for measure in (0, 1):
        base, run = ([one[measure] for one in of] for of in found)
        pairs = [b / a for a, b in zip(base, run, strict=True)]
        ratios.append(statistics.median(run) / statistics.median(base))
        for which, seconds in enumerate((base, run)):
            ratio = f"{ratios[measure]:.2f} ({min(pairs):.2f} to {max(pairs):.2f})" if which else "1"
            cells[which].extend([f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})", ratio])
    is_met = work.goal is None or ratios[0] <= work.goal
    goals = ("", "" if work.goal is None else f"{work.goal:g}, {'met' if is_met else 'missed'}")
    for which, side in enumerate(sides):
        peak = max(peak for _, _, peak in found[which])
        print(f"| {work.label} | {side.name} | {' | '.join(cells[which])} | {goals[which]} | {peak:.0f} |", flush=True)
    return is_met


def works(a: argparse.Namespace, folder: pathlib.Path):
    """The work asked for; a study is simulated when it is needed."""

    def study(n: int, p: int, n_chromosomes: int, n_traits: int) -> str:
        prefix = folder / f"s{n}_{p}_{n_traits}"
        if not prefix.with_suffix(".fam").exists():
            simulate(prefix, n, p, n_chromosomes, n_traits, a.missing)
        return str(prefix)

    threads = ["--threads", str(a.threads)] if a.threads else []

    def jamma(name: str, prefix: str, *more: str) -> Run:
        return Run(name, [[a.jamma, "lmm", "-bfile", prefix, "-o", "ours", "-outdir", f"{folder}/out", *threads, *more]])

    if "peer" in a.work:
        theirs = [a.peer, "-bfile", a.mouse, "-lmm", "1", "-loco", "-outdir", f"{folder}/out", "--no-telemetry"]
        yield Work("LOCO, mouse_hs1940", Run("PyPI jamma -loco", [theirs]), jamma("jamma --loco", a.mouse, "--loco"))
    if "loco" in a.work:
        prefix = study(1000, 200_000, 20, 1)
        yield Work("LOCO, 1,000 x 200,000", jamma("--loco", prefix, "--loco"), jamma("one kinship", prefix), 2)
    if "traits" in a.work:
        prefix = study(1000, 20_000, 20, 100)
        every = jamma("--traits all", prefix, "--traits", "all")
        yield Work("100 traits, 1,000 x 20,000", every, jamma("one trait", prefix), 20)
    if "phenotypes" in a.work:
        line = pathlib.Path(f"{a.mouse}.fam").read_text().split("\n", 1)[0]
        n_traits = len(line.split()) - 5
        each = [jamma("", a.mouse, "-n", str(1 + k)).commands[0] for k in range(n_traits)]
        one = jamma("one run, --traits all", a.mouse, "--traits", "all")
        yield Work(f"{n_traits} phenotypes, mouse_hs1940", one, Run(f"{n_traits} runs", each))
    if "permutations" in a.work:
        prefix = study(1000, 20_000, 20, 100)
        permuted = jamma("--permutations 1000", prefix, "--permutations", "1000", "--seed", "1")
        yield Work("1,000 permutations, 1,000 x 20,000", permuted, jamma("none", prefix), 10)


def main() -> int:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", metavar="WORK")
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--peer", default=os.environ.get("JAMMA_PEER"))
    parser.add_argument("--mouse", default=os.environ.get("JAMMA_MOUSE"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--missing", type=float, default=0.01)
    a = parser.parse_args()
    needs = {"peer": a.peer and a.mouse, "loco": True, "traits": True, "phenotypes": a.mouse, "permutations": True}
    a.work = a.work or [name for name, is_given in needs.items() if is_given]
    for name in a.work:
        if not needs.get(name):
            parser.error(f"{name}: give --mouse and --peer" if name in needs else f"unknown work {name}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {datetime.date.today()}, "
          f"-lmm 1, medians of {a.runs} runs in turn, {a.missing:.0%} of the simulated calls missing\n")
    print("| work | run | wall s (range) | ratio (range) | processor s (range) | ratio (range) | goal | peak MB |")
    print("|---|---|---:|---:|---:|---:|---|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        met = [measure(work, a.runs) for work in works(a, pathlib.Path(folder))]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
