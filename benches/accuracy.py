#!/usr/bin/env python3
"""Compare the results of jamma with those of every other program that can be installed, on the same data; print Markdown tables.

usage: accuracy.py [STUDY...] --environments DIR [--make-environments] [--jamma EXECUTABLE] [--gemma EXECUTABLE]
                   [--program NAME...] [--work DIR] [--json FILE] [--without-oracle]

STUDY is one of
  missing                simulated: missing calls and covariates (1,000 x 20,000)
  structure              simulated: families from four populations (800 x 10,000)
  PREFIX:N[:NAME]        phenotype N of the PLINK files PREFIX.bed/.bim/.fam
and by default the two simulated ones. Python programs are installed with --make-environments, each in an environment of its own
below DIR; gemma, plink1.9, plink2, bolt-lmm and r-cran-genabel are Debian packages. A program that is absent or fails is
named below the tables, and the others are compared.

Each run is compared with the run of jamma whose model is nearest. Programs that can read a kinship read the same one, with ten
digits. At the SNPs with the largest differences, reference/oracle.py computes the p-value independently, and the model of the other
program is computed independently for all SNPs. Needs numpy and scipy.
"""

import argparse
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import accuracy_studies as studies
from accuracy_models import FIXED, Truth
from accuracy_programs import PACKAGES, PROGRAMS, Work, jamma_tables, make_environments
from accuracy_tables import compare

P_OF_TEST = {"wald": "wald F, REML", "lrt": "LRT, ML", "score": "score"}


def study_of(word: str, folder: pathlib.Path) -> studies.StudyFiles:
    """Prepare one study."""
    if word == "missing":
        return studies.with_missing_calls(folder)
    if word == "structure":
        return studies.with_structure(folder)
    prefix, _, rest = word.partition(":")
    column, _, name = rest.partition(":")
    if not column.isdigit():
        raise SystemExit(f"unknown study {word}: missing, structure or PREFIX:N")
    source = pathlib.Path(prefix)
    return studies.measured(name or f"{source.name}.{column}", source, int(column), folder)


def versions(a: argparse.Namespace) -> dict[str, str]:
    """The version of each program that is installed."""

    def first_line(*command: object, containing: str = "") -> str:
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        except OSError:
            return "not installed"
        lines = (done.stdout + done.stderr).splitlines()
        return next((line.strip(" |") for line in lines if containing in line and line.strip()), "unknown version")

    found = {"jamma": first_line(a.jamma, "version"), "GEMMA": first_line(a.gemma, "-h", containing="GEMMA"),
             "PLINK 2": first_line("plink2", "--version"), "BOLT-LMM": first_line("bolt", "-h", containing="BOLT-LMM"),
             "GenABEL": first_line("Rscript", "-e", "cat(as.character(packageVersion('GenABEL')))")}
    for name, packages in PACKAGES.items():
        package = packages[0].split("==")[0]
        code = f"import importlib.metadata as m; print(m.version('{package}'))"
        found[f"PyPI {package}"] = first_line(a.environments / name / "bin" / "python", "-c", code)
    return found


def examine(work: Work, a: argparse.Namespace) -> dict:
    """All runs of one study, each compared with jamma, with the model of its program, and with the oracle at one SNP."""
    record: dict = {"name": work.study.name, "description": work.study.description, "runs": [], "failed": {}}
    truth = Truth(work.study.load(), work.kinship)
    for name in a.program:
        try:
            for run in PROGRAMS[name](work):
                ours = jamma_tables(work, run.jamma)[run.test]
                found = compare(ours, run.table)
                row = {"program": run.program, "options": run.options, "jamma": run.jamma, "test": run.test, "comparison": found}
                print(f"{work.study.name}: {run.program}, {run.options}: {found.get('p')}", file=sys.stderr, flush=True)
                if run.model in FIXED:
                    row["model"] = {"name": run.model, "comparison": compare(truth.centred.fixed(run.model), run.table)}
                if not a.without_oracle and found.get("p", {}).get("snp"):
                    row["oracle"] = at_one_snp(truth, run, ours, found["p"]["snp"])
                record["runs"].append(row)
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            record["failed"][name] = lines[-1] if lines else repr(error)
            print(f"{work.study.name}: {name} failed: {error}", file=sys.stderr, flush=True)
    return record


def at_one_snp(truth: Truth, run, ours, rs: str) -> dict:
    """Both p-values of one SNP and those of the oracle: as jamma should have it, and in the model of the program."""
    exact = truth.exact(run.jamma, rs)
    there = {"snp": rs, "jamma": float(ours.p[ours.rs.index(rs)]), "program": float(run.table.p[run.table.rs.index(rs)]),
             "exact": exact[P_OF_TEST[run.test]], "lambda": exact.get("λ"), "model": None}
    if run.model in exact:
        there["model"] = exact[run.model]
    elif run.model in FIXED:
        fixed = truth.centred.fixed(run.model)
        there["model"] = float(fixed.p[fixed.rs.index(rs)])
    return there


def short(value: float | None) -> str:
    """A difference with two digits."""
    return "" if value is None else "0" if value == 0 else f"{value:.1e}" if value < 1e-3 else f"{value:.2g}"


def markdown(record: dict) -> str:
    """The tables of one study."""
    lines = [f"### {record['name']}", "", record["description"], "",
             "| program | run | jamma's run | SNPs in common | p: largest | median | −log10 p: largest | β: largest, in se | median | se: largest | λ_GC (jamma's) "
             "| Spearman | top 10 | top 100 | swapped pairs of the top 100 | p in its own model: largest | median |",
             "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|"]
    for row in record["runs"]:
        found = row["comparison"]
        if "p" not in found:
            lines.append(f"| {row['program']} | {row['options']} | no SNP in common |")
            continue
        beta, se, top = found.get("beta", {}), found.get("se", {}), found["top"]
        ours, theirs = found["lambda_gc"]
        model = row.get("model", {}).get("comparison", {}).get("p", {})
        cells = [row["program"], row["options"], f"{row['jamma']}, {row['test']}", f"{found['counts']['common']:,}", short(found["p"]["largest"]),
                 short(found["p"]["median"]), short(found["log10_p"]["largest"]), short(beta.get("largest_in_se")), short(beta.get("median")),
                 short(se.get("largest")), f"{theirs:.4f} ({ours:.4f})", f"{found['spearman']:.6f}",
                 f"{top['10']['shared']}", f"{top['100']['shared']}", f"{top['100']['swapped']} of {top['100']['pairs']:,}",
                 short(model.get("largest")), short(model.get("median"))]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "The SNP with the largest difference of p in each run:", "",
              "| program | run | SNP | jamma | independent | program | independent, in the program's model |", "|---|---|---|---:|---:|---:|---:|"]
    for row in record["runs"]:
        at = row.get("oracle")
        if at:
            numbers = [at["jamma"], at["exact"], at["program"], at["model"]]
            cells = [row["program"], row["options"], at["snp"], *("" if v is None else f"{v:.6e}" for v in numbers)]
            lines.append(f"| {' | '.join(cells)} |")
    lines += [f"\n{name} failed: {why}" for name, why in record["failed"].items()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Prepare the studies, run everything, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="*", default=["missing", "structure"], metavar="STUDY")
    parser.add_argument("--environments", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--make-environments", action="store_true")
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--gemma", default="gemma")
    parser.add_argument("--program", action="append", choices=list(PROGRAMS), metavar="NAME", help=f"one of {', '.join(PROGRAMS)}; default all")
    parser.add_argument("--work", type=pathlib.Path, metavar="DIR", help="keep the data and the tables of the programs here")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--without-oracle", action="store_true")
    a = parser.parse_args()
    a.program = a.program or list(PROGRAMS)
    a.environments = a.environments.absolute()
    a.jamma, a.gemma = (shutil.which(program) or str(pathlib.Path(program).absolute()) for program in (a.jamma, a.gemma))
    if a.make_environments:
        make_environments(a.environments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (a.work or pathlib.Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        report = {"date": str(datetime.date.today()), "versions": versions(a), "studies": []}
        print("\n".join(f"* {name}: {version}" for name, version in report["versions"].items()) + "\n", flush=True)
        for word in a.study:
            record = examine(Work(study_of(word, folder), folder, a), a)
            report["studies"].append(record)
            print(markdown(record), flush=True)
            if a.json:
                a.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    return 1 if any(record["failed"] for record in report["studies"]) else 0


if __name__ == "__main__":
    sys.exit(main())
