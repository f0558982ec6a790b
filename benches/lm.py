#!/usr/bin/env python3
"""Time the linear model of GEMMA, PLINK 2 and jamma as whole processes; print one Markdown table of ratios.

usage: lm.py [--jamma EXECUTABLE] [--runs 5] [--threads N] [--missing RATE] [--covariates C] [PREFIX...]

PREFIX are PLINK files; by default, 1,000 and 2,000 individuals x 200,000 SNPs are simulated. The programs are `gemma -lm 4`,
`plink2 --glm allow-no-covars` and `jamma lm -lm 4`, and without covariates `jamma lm -lm 1`, the only test of PLINK 2. They take
turns after a warm-up, so that a drift of the machine's speed affects all; a ratio is that of the medians, with the range of
the rounds. With --covariates, all get a table of that many random covariates. A goal is a ratio of wall-clock times: GEMMA at
least 10, PLINK 2 above 1. Needs numpy. Exit status 1 if a goal is missed.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile

import numpy as np
from loco import Run, simulate, timed

GOALS = {"gemma -lm 4": 10, "plink2 --glm": 1}


def write_covariates(prefix: pathlib.Path, folder: pathlib.Path, count: int) -> tuple[str, str]:
    """Write the same covariates for GEMMA and jamma, and with ids for PLINK 2."""
    ids = [line.split()[:2] for line in prefix.with_suffix(".fam").read_text().splitlines()]
    values = np.random.default_rng(2).normal(size=(len(ids), count))
    rows = [" ".join(f"{value:.6f}" for value in row) for row in values]
    plain, with_ids = folder / f"{prefix.name}.c", folder / f"{prefix.name}.covar"
    plain.write_text("".join(f"{row}\n" for row in rows))
    header = " ".join(["#FID", "IID", *(f"C{k}" for k in range(count))])
    with_ids.write_text(f"{header}\n" + "".join(f"{a} {b} {row}\n" for (a, b), row in zip(ids, rows, strict=True)))
    return str(plain), str(with_ids)


def runs_of(a: argparse.Namespace, prefix: pathlib.Path, folder: pathlib.Path) -> list[Run]:
    """The programs on one study; the first is the one to which the others are compared."""
    threads = ["--threads", str(a.threads)] if a.threads else []
    ours, theirs, plink = [], [], ["allow-no-covars"]
    if a.covariates:
        plain, with_ids = write_covariates(prefix, folder, a.covariates)
        ours = theirs = ["-c", plain]
        plink = ["hide-covar", "--covar", with_ids]
    out = ["-outdir", str(folder / "out")]
    jamma = [a.jamma, "lm", "-bfile", str(prefix), *out, *ours, *threads, "-silence"]
    plink2 = ["plink2", "--bfile", str(prefix), "--glm", *plink, "--out", str(folder / "plink"), *threads]
    return [
        Run("jamma lm -lm 4", [[*jamma, "-lm", "4", "-o", "ours"]]),
        Run("jamma lm -lm 1", [[*jamma, "-lm", "1", "-o", "wald"]]),
        Run("plink2 --glm", [plink2]),
        Run("gemma -lm 4", [["gemma", "-bfile", str(prefix), "-lm", "4", *theirs, *out, "-o", "theirs"]]),
    ]


def measure(label: str, runs: list[Run], n_rounds: int) -> bool:
    """Run all in turn, print their rows, and return whether the goals are met."""
    for run in runs:
        timed(run)
    rounds = [[timed(run) for run in runs] for _ in range(n_rounds)]
    is_met = True
    for which, run in enumerate(runs):
        cells = []
        for measure in (0, 1):
            seconds = [one[which][measure] for one in rounds]
            median = statistics.median(seconds)
            base = statistics.median(one[0][measure] for one in rounds)
            ratios = [one[which][measure] / one[0][measure] for one in rounds]
            cells += [f"{median:.2f}", f"{median / base:.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if which else "1"]
            if measure == 0 and run.name in GOALS:
                is_met &= median / base > GOALS[run.name]
        peak = max(one[which][2] for one in rounds)
        goal = f"{GOALS[run.name]}" if run.name in GOALS else ""
        print(f"| {label} | {run.name} | {' | '.join(cells)} | {goal} | {peak:.0f} |", flush=True)
    return is_met


def main() -> None:
    """Parse the arguments, simulate what is needed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--missing", type=float, default=0.0)
    parser.add_argument("--covariates", type=int, default=0)
    parser.add_argument("prefix", nargs="*", type=pathlib.Path)
    a = parser.parse_args()
    print("| study | program | wall s | ratio | processor s | ratio | goal | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        studies = a.prefix
        for n in () if studies else (1000, 2000):
            prefix = folder / f"s{n}"
            simulate(prefix, n, 200_000, 20, 1, a.missing)
            studies = [*studies, prefix]
        met = [measure(prefix.name, runs_of(a, prefix.absolute(), folder), a.runs) for prefix in studies]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
