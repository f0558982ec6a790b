#!/usr/bin/env python3
"""Compare the results of jamma with those of every other program that can be installed, on the same data; print Markdown tables.

usage: accuracy.py [STUDY...] --environments DIR [--make-environments] [--jamma EXECUTABLE] [--gemma EXECUTABLE]
                   [--program NAME...] [--work DIR] [--json FILE] [--without-oracle] [--without-loco]

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
import dataclasses
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import accuracy_studies as studies
from accuracy_models import FIXED, Truth
from accuracy_programs import PACKAGES, PROGRAMS, Run, Work, jamma_tables, make_environments
from accuracy_tables import Table, compare
from scipy import stats

P_OF_TEST = {"wald": "Wald F, REML", "lrt": "LRT, ML", "score": "score F"}


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
                expected = expected_table(truth, run, ours)
                if expected:
                    row["model"] = {"name": run.model, "comparison": compare(expected, run.table)}
                if run.model in FIXED:
                    row["lambda"] = {"null_reml": truth.centred.null.l_remle, "null_ml": truth.centred.null.l_mle,
                                     "implied": truth.centred.implied_lambda(run.table)}
                if not a.without_oracle and found.get("p", {}).get("snp"):
                    # Without any difference, the SNP with the smallest p is as good as any.
                    row["oracle"] = at_one_snp(truth, run, ours, found["p"]["snp"] if found["p"]["largest"] else found["best"][0])
                record["runs"].append(row)
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            record["failed"][name] = lines[-1] if lines else repr(error)
            print(f"{work.study.name}: {name} failed: {error}", file=sys.stderr, flush=True)
    return record


def expected_table(truth: Truth, run: Run, ours: Table) -> Table | None:
    """The table that the model of a program gives for all SNPs, if it has a closed form."""
    if run.model in FIXED:
        return truth.centred.fixed(run.model)
    if run.model == "Wald χ², REML":  # from jamma's β and se, which the oracle checks at some SNPs
        return dataclasses.replace(ours, p=stats.chi2.sf((ours.beta / ours.se) ** 2, 1))
    return None


def at_one_snp(truth: Truth, run: Run, ours: Table, rs: str) -> dict:
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


def table_of(header: str, rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table; columns after the second are numbers."""
    names = header.split(" | ")
    rule = ["---" if k < 2 else "---:" for k in range(len(names))]
    return [f"| {' | '.join(cells)} |" for cells in (names, rule, *rows)] + [""]


def markdown(record: dict) -> str:
    """The tables of one study: p-values, effects and models, and the oracle."""
    of_p, of_models, of_oracle = [], [], []
    for row in record["runs"]:
        found, label = row["comparison"], [row["program"], row["options"]]
        if "p" not in found:
            of_p.append([*label, "no SNP in common", *[""] * 8])
            continue
        beta, se, top = found.get("beta", {}), found.get("se", {}), found["top"]
        ours, theirs = found["lambda_gc"]
        of_p.append([*label, f"{row['jamma']}, {row['test']}", f"{found['counts']['common']:,}", short(found["p"]["largest"]),
                     short(found["p"]["median"]), short(found["log10_p"]["largest"]), f"{theirs:.4f} ({ours:.4f})", f"{found['spearman']:.6f}",
                     f"{top['10']['shared']}, {top['100']['shared']}", f"{top['10']['swapped']}, {top['100']['swapped']}"])
        model = row.get("model", {})
        own = model.get("comparison", {}).get("p", {})
        of_models.append([*label, short(beta.get("largest_in_se")), short(beta.get("median")), short(se.get("largest")), short(se.get("median")),
                          model.get("name", ""), short(own.get("largest")), short(own.get("median"))])
        if row.get("oracle"):
            at = row["oracle"]
            numbers = [at["jamma"], at["exact"], at["program"], at["model"]]
            of_oracle.append([*label, at["snp"], *("" if value is None else f"{value:.6e}" for value in numbers)])
    lines = [f"### {record['name']}", "", record["description"], ""]
    lines += table_of("program | run | run of jamma | SNPs | p: largest | median | −log10 p: largest | λ_GC (of jamma) | Spearman | of top 10, 100 "
                      "| swapped in top 10, 100", of_p)
    lines += ["Effects, and the p-values compared with an independent computation of the program's own model:", ""]
    lines += table_of("program | run | β: largest, in se | median, relative | se: largest | median | its model | p: largest | median", of_models)
    if of_oracle:
        lines += ["The SNP whose p differs most in each run, with the dense oracle in jamma's model and in the program's:", ""]
        lines += table_of("program | run | SNP | jamma | oracle | program | oracle, model of the program", of_oracle)
    found = [(row["program"], row["options"], row["lambda"]) for row in record["runs"] if row.get("lambda", {}).get("implied")]
    if found:
        nulls = found[0][2]
        implied = "; ".join(f"{program}, {options}: {at['implied']:.6g}" for program, options, at in found)
        lines += [f"λ of the null model: {nulls['null_reml']:.6g} (REML), {nulls['null_ml']:.6g} (ML). λ that the effects imply: {implied}.", ""]
    lines += [f"{name} failed: {why}\n" for name, why in record["failed"].items()]
    return "\n".join(lines)


def main() -> int:
    """Prepare the studies, run everything, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="*", default=["missing", "structure"], metavar="STUDY")
    parser.add_argument("--environments", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--make-environments", action="store_true")
    parser.add_argument("--jamma", default="target/release/jamma")
    parser.add_argument("--gemma", default="gemma")
    parser.add_argument("--program", action="append", choices=list(PROGRAMS), metavar="NAME", help=f"one of {', '.join(PROGRAMS)}; default all")
    parser.add_argument("--work", type=pathlib.Path, metavar="DIR",
                        help="keep the data and the tables of the programs here; a command that finished there before is not repeated")
    parser.add_argument("--timeout", type=float, default=3600, metavar="SECONDS", help="for one command; default %(default)s")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--without-oracle", action="store_true", help="compute no SNP with the dense oracle, which takes seconds for each")
    parser.add_argument("--without-loco", action="store_true", help="exclude the runs that leave one chromosome out, which take longest")
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
