"""The programs of accuracy.py: how each is installed, called and read, and which of jamma's results it should agree with.

A run of a program belongs to one kinship. `jamma` names the run of jamma it is compared with, `model` the statistical model of the
program as accuracy_models.py computes it independently.
"""

import argparse
import dataclasses
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
from accuracy_studies import StudyFiles
from accuracy_tables import Table, read_table
from scipy import stats

HERE = pathlib.Path(__file__).resolve().parent
GEMMA_COLUMNS = {"rs": "rs", "allele1": "allele1", "allele0": "allele0", "beta": "beta", "se": "se"}
DRIVER_COLUMNS = {"rs": "rs", "allele1": "allele1", "beta": "beta", "se": "se", "p": "p"}
JANUSX_COLUMNS = {"rs": "snp", "allele1": "allele1", "allele0": "allele0", "beta": "beta", "se": "se"}
# Packages of each environment. six and bed-reader are needed but not declared by the package before them. pylmm3 needs Python 3.12.
PACKAGES = {"jamma": ["jamma==8.2.4"], "janusx": ["janusx==1.0.27"], "fastlmm": ["fastlmm==0.6.13", "six"],
            "panicle": ["panicle==0.5.0", "bed-reader"], "glimix": ["glimix-core==3.1.14"], "pylmm3": ["pylmm3==0.2.3"]}


@dataclasses.dataclass
class Run:
    """One finished run of a program."""

    program: str
    options: str  # model and kinship, as the table shows them
    jamma: str  # the run of jamma with which it is compared: a key of JAMMA_RUNS
    test: str  # the p-value of jamma with which it is compared: wald, lrt or score
    model: str | None  # the model of accuracy_models.py; None if the program has no model in closed form
    table: Table


@dataclasses.dataclass
class Work:
    """One study, the programs, and where files go."""

    study: StudyFiles
    folder: pathlib.Path
    a: argparse.Namespace

    def path(self, name: str) -> pathlib.Path:
        """A file of this study."""
        return self.folder / f"{self.study.name}.{name}"

    def call(self, *command: object) -> None:
        """Run a program, unless the same command has finished in this folder before; RuntimeError with its last messages if it fails."""
        line = " ".join(str(word) for word in command)
        record = self.path("commands.txt")
        if record.exists() and line in record.read_text().splitlines():
            return
        words = [str(word) for word in command]
        try:
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=self.folder,
                                  timeout=self.a.timeout)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{line}\nnot finished after {self.a.timeout} s") from error
        if done.returncode:
            raise RuntimeError(f"{line}\nexit status {done.returncode}\n{done.stdout[-2000:]}")
        with open(record, "a") as file:
            file.write(f"{line}\n")

    def python(self, environment: str) -> pathlib.Path:
        """The interpreter of an environment."""
        return self.a.environments / environment / "bin" / "python"

    def program(self, environment: str, name: str) -> pathlib.Path:
        """A command of an environment."""
        return self.a.environments / environment / "bin" / name

    @property
    def covariate_options(self) -> list[str]:
        """-c FILE of jamma, GEMMA and PyPI's jamma."""
        return ["-c", str(self.study.covariates)] if self.study.covariates else []

    @property
    def kinship(self) -> pathlib.Path:
        """The centred kinship, text with ten digits, of GEMMA: every program that can read a kinship reads this one."""
        self.call(self.a.gemma, "-bfile", self.study.prefix, "-gk", 1, "-o", f"{self.study.name}.k", "-outdir", self.folder)
        return self.path("k.cXX.txt")


# Runs of jamma: options, and the kinds of kinship.
JAMMA_RUNS: dict[str, Callable[[Work], list[str]]] = {
    "centred": lambda work: ["lmm", "-lmm", "4", "-k", str(work.kinship)],
    "standardised": lambda work: ["lmm", "-lmm", "4", "-gk", "2"],
    "centred, loco": lambda work: ["lmm", "-lmm", "4", "--loco"],
    "standardised, loco": lambda work: ["lmm", "-lmm", "4", "-gk", "2", "--loco"],
    "linear": lambda work: ["lm", "-lm", "4"],
}


def jamma_tables(work: Work, run: str) -> dict[str, Table]:
    """Jamma's table with each p-value: wald, lrt and score."""
    name = f"{work.study.name}.jamma.{run.replace(', ', '_')}"
    work.call(work.a.jamma, *JAMMA_RUNS[run](work), "-bfile", work.study.prefix, *work.covariate_options,
              "-o", name, "-outdir", work.folder, "-silence")
    return gemma_tables(work.folder / f"{name}.assoc.txt")


def gemma_tables(path: pathlib.Path) -> dict[str, Table]:
    """The tables of one file in GEMMA's format, with each of its p-values."""
    return {test: read_table(path, GEMMA_COLUMNS | {"p": f"p_{test}"}) for test in ("wald", "lrt", "score")}


def gemma(work: Work) -> Iterator[Run]:
    """GEMMA 0.98.5: exact."""
    k = ["-k", work.kinship]
    work.call(work.a.gemma, "-bfile", work.study.prefix, *work.covariate_options, *k, "-lmm", 4, "-o", f"{work.study.name}.gemma",
              "-outdir", work.folder)
    work.call(work.a.gemma, "-bfile", work.study.prefix, *work.covariate_options, "-lm", 4, "-o", f"{work.study.name}.gemma_lm",
              "-outdir", work.folder)
    tables = gemma_tables(work.path("gemma.assoc.txt"))
    for test, model in (("wald", "Wald F, REML"), ("lrt", "LRT, ML"), ("score", "score F")):
        yield Run("GEMMA", f"-lmm 4, {test}; the same kinship", "centred", test, model, tables[test])
    yield Run("GEMMA", "-lm 4, wald", "linear", "wald", None, gemma_tables(work.path("gemma_lm.assoc.txt"))["wald"])


def pypi_jamma(work: Work) -> Iterator[Run]:
    """PyPI's jamma 8.2.4: exact."""
    command = [work.program("jamma", "jamma"), "-bfile", work.study.prefix, "--no-telemetry", "-outdir", work.folder]
    name = f"{work.study.name}.pypi"
    work.call(*command, "-gk", 1, "-o", name)
    work.call(*command, *work.covariate_options, "-k", f"{work.folder}/{name}.cXX.npy", "-lmm", 4, "-o", name)
    tables = gemma_tables(work.path("pypi.assoc.txt"))
    for test, model in (("wald", "Wald F, REML"), ("lrt", "LRT, ML"), ("score", "score F")):
        yield Run("PyPI jamma", f"-lmm 4, {test}; own kinship", "centred", test, model, tables[test])
    if not work.a.without_loco:
        work.call(*command, *work.covariate_options, "-loco", "-lmm", 4, "-o", f"{name}_loco")
        yield Run("PyPI jamma", "-lmm 4 -loco, wald", "centred, loco", "wald", None, gemma_tables(work.path("pypi_loco.assoc.txt"))["wald"])


def janusx(work: Work) -> Iterator[Run]:
    """JanusX: exact with -lmm and -lmm2; λ of the null model with -fvlmm; a sparse kinship with -splmm."""
    ids = [iid for _, iid in work.study.ids]
    rows = zip(ids, work.study.phenotype, strict=True)
    work.path("y.tsv").write_text("id\ty\n" + "".join(f"{iid}\t{y}\n" for iid, y in rows))
    work.path("k.cXX.txt.id").write_text("".join(f"{iid}\n" for iid in ids))
    options = ["gwas", "-bfile", work.study.prefix, "-p", work.path("y.tsv"), "-maf", 0, "-geno", 1, "-force-model"]
    if work.study.covariates:
        names = [f"c{k}" for k in range(len(work.study.covariate_rows[0]))]
        lines = ["\t".join(row) for row in [["id", *names], *([iid, *w] for iid, w in zip(ids, work.study.covariate_rows, strict=True))]]
        work.path("w.tsv").write_text("".join(f"{line}\n" for line in lines))
        options += ["-c", work.path("w.tsv")]

    def read(prefix: str, model: str, p: str) -> Table:
        return read_table(work.folder / "janusx" / f"{work.study.name}.{prefix}.y.{model}.tsv", JANUSX_COLUMNS | {"p": p})

    def scan(prefix: str, *more: object) -> None:
        work.call(work.program("janusx", "jx"), *options, *more, "-o", work.folder / "janusx", "-prefix", f"{work.study.name}.{prefix}")

    scan("k", "-k", work.kinship, "-lmm", "-lmm2", "-fvlmm")
    yield Run("JanusX", "-lmm; the same kinship", "centred", "wald", "Wald χ², REML", read("k", "lmm", "pwald"))
    yield Run("JanusX", "-lmm2, LRT; the same kinship", "centred", "lrt", "LRT, ML", read("k", "lmm2", "plrt"))
    yield Run("JanusX", "-fvlmm (approximate); the same kinship", "centred", "wald", "Wald χ², λ of null (REML)", read("k", "fvlmm", "pwald"))
    scan("own", "-lmm", "-lm")
    yield Run("JanusX", "-lmm; own kinship", "centred", "wald", "Wald χ², REML", read("own", "lmm", "pwald"))
    yield Run("JanusX", "-lm", "linear", "wald", None, read("own", "lm", "pwald"))
    scan("sparse", "-splmm", "-splmm-exact")
    yield Run("JanusX", "-splmm (approximate), sparse kinship", "centred", "wald", None, read("sparse", "splmm", "pwald"))
    yield Run("JanusX", "-splmm-exact, sparse kinship", "centred", "wald", None, read("sparse", "splmm2", "pwald"))


def driver(work: Work, environment: str, kinship: object, name: str) -> Table:
    """Run drivers/ENVIRONMENT.py in its environment."""
    out = work.path(f"{environment}.{name}.tsv")
    work.call(work.python(environment), HERE / "drivers" / f"{environment}.py", work.study.prefix, work.study.covariates or "-", kinship, out)
    return read_table(out, DRIVER_COLUMNS)


def per_copy(table: Table, work: Work) -> Table:
    """Effects per copy of allele1, of a table whose effects are per standard deviation of the SNP."""
    study = work.study.load()
    sd_of = dict(zip(study.bim.rs, np.nanstd(study.dosage, axis=0), strict=True))  # over the observed calls, as in FaST-LMM
    sd = np.array([sd_of[rs] for rs in table.rs])
    return dataclasses.replace(table, beta=table.beta / sd, se=table.se / sd)


def fastlmm(work: Work) -> Iterator[Run]:
    """FaST-LMM: λ of the null model."""
    same = per_copy(driver(work, "fastlmm", work.kinship, "same"), work)
    yield Run("FaST-LMM", "single_snp, leave_out_one_chrom=False; the same kinship", "centred", "wald", "Wald F, λ of null (REML)", same)
    own = per_copy(driver(work, "fastlmm", "own", "own"), work)
    yield Run("FaST-LMM", "single_snp, leave_out_one_chrom=False; own kinship", "standardised", "wald", None, own)
    if not work.a.without_loco:
        loco = per_copy(driver(work, "fastlmm", "loco", "loco"), work)
        yield Run("FaST-LMM", "single_snp, its defaults (LOCO)", "standardised, loco", "wald", None, loco)


def panicle(work: Work) -> Iterator[Run]:
    """PANICLE: λ of the null model."""
    same = driver(work, "panicle", work.kinship, "same")
    yield Run("PANICLE", "PANICLE_MLM; the same kinship", "centred", "wald", "Wald F, λ and σ² of null (REML)", same)
    yield Run("PANICLE", "PANICLE_MLM; own kinship", "centred", "wald", "Wald F, λ and σ² of null (REML)", driver(work, "panicle", "own", "own"))
    if not work.a.without_loco:
        yield Run("PANICLE", "PANICLE, its defaults (LOCO)", "centred, loco", "wald", None, driver(work, "panicle", "loco", "loco"))


def glimix(work: Work) -> Iterator[Run]:
    """limix's engine: λ of the null model by maximum likelihood."""
    yield Run("glimix-core", "LMM and fast scan, LRT; the same kinship", "centred", "lrt", "LRT, λ of null (ML)",
              driver(work, "glimix", work.kinship, "same"))


def pylmm3(work: Work) -> Iterator[Run]:
    """pylmm3: exact with --refit --REML, λ of the null model without --refit."""
    lines = (f"{fid} {iid} {y}\n" for (fid, iid), y in zip(work.study.ids, work.study.phenotype, strict=True))
    work.path("phenos").write_text("".join(lines))
    options = ["--bfile", work.study.prefix, "--phenofile", work.path("phenos"), "--kfile", work.kinship]
    if work.study.covariates:
        rows = zip(work.study.ids, work.study.covariate_rows, strict=True)
        work.path("pylmm.cov").write_text("".join(f"{fid} {iid} {' '.join(row)}\n" for (fid, iid), row in rows))
        options += ["--covfile", work.path("pylmm.cov")]
    alleles = {row[1]: row[4] for row in (line.split() for line in work.study.prefix.with_suffix(".bim").read_text().splitlines())}
    for label, model, more in (("--refit --REML", "Wald F, REML", ["--refit", "--REML"]), ("--REML", "Wald F, λ of null (REML)", ["--REML"])):
        out = work.path(f"pylmm{len(more)}.txt")
        work.call(work.program("pylmm3", "pylmmGWAS"), *options, *more, out)
        table = read_table(out, {"rs": "SNP_ID", "beta": "BETA", "se": "BETA_SD", "p": "P_VALUE", "allele1": "SNP_ID"})
        table = dataclasses.replace(table, allele1=[alleles[rs] for rs in table.rs])
        yield Run("pylmm3", f"{label}; the same kinship", "centred", "wald", model, table)


def genabel(work: Work) -> Iterator[Run]:
    """GenABEL: score test with λ of the null model by maximum likelihood."""
    work.call("plink1.9", "--bfile", work.study.prefix, "--recode", "transpose", "--allow-extra-chr", "--out", work.study.prefix)
    out = work.path("genabel.tsv")
    work.call("Rscript", HERE / "drivers" / "genabel.R", work.study.prefix, work.study.covariates or "-", work.kinship, out)
    table = read_table(out, DRIVER_COLUMNS | {"allele0": "allele0"})
    yield Run("GenABEL", "polygenic, mmscore; the same kinship", "centred", "score", "score χ²", table)


def plink2(work: Work) -> Iterator[Run]:
    """PLINK 2: linear model."""
    options = ["allow-no-covars"]
    if work.study.covariates:
        names = [f"c{k}" for k in range(len(work.study.covariate_rows[0]))]
        rows = zip(work.study.ids, work.study.covariate_rows, strict=True)
        header = " ".join(["#FID", "IID", *names])
        work.path("covar").write_text(f"{header}\n" + "".join(f"{fid} {iid} {' '.join(row)}\n" for (fid, iid), row in rows))
        options = ["hide-covar", "--covar", work.path("covar"), "--covar-variance-standardize"]
    work.call("plink2", "--bfile", work.study.prefix, "--glm", *options, "--allow-extra-chr", "--out", work.path("plink2"))
    table = read_table(work.path("plink2.PHENO1.glm.linear"), {"rs": "ID", "allele1": "A1", "beta": "BETA", "se": "SE", "p": "P"})
    yield Run("PLINK 2", "--glm", "linear", "wald", None, table)


def bolt(work: Work) -> Iterator[Run]:
    """BOLT-LMM: infinitesimal model, LOCO, calibrated on 30 SNPs."""
    if work.a.without_loco:
        return
    out = work.path("bolt.tsv")
    options = []
    if work.study.covariates:
        n_covariates = len(work.study.covariate_rows[0])
        rows = zip(work.study.ids, work.study.covariate_rows, strict=True)
        header = " ".join(["FID", "IID", *(f"c{k + 1}" for k in range(n_covariates))])
        work.path("bolt.cov").write_text(f"{header}\n" + "".join(f"{fid} {iid} {' '.join(row)}\n" for (fid, iid), row in rows))
        options = [f"--covarFile={work.path('bolt.cov')}", f"--qCovarCol=c{{1:{n_covariates}}}"]
    work.call("bolt", f"--bfile={work.study.prefix}", "--phenoUseFam", "--lmmInfOnly", "--noMapCheck", f"--statsFile={out}", *options)
    columns = {"rs": "SNP", "allele1": "ALLELE1", "allele0": "ALLELE0", "beta": "BETA", "se": "SE"}
    table = read_table(out, columns | {"p": "P_BOLT_LMM_INF"})
    # P_BOLT_LMM_INF has two digits; beta and se, whose ratio is the root of the statistic, have six.
    table = dataclasses.replace(table, p=stats.chi2.sf((table.beta / table.se) ** 2, 1))
    yield Run("BOLT-LMM", "--lmmInfOnly (approximate, LOCO)", "standardised, loco", "score", None, table)


PROGRAMS: dict[str, Callable[[Work], Iterator[Run]]] = {
    "GEMMA": gemma, "PyPI jamma": pypi_jamma, "JanusX": janusx, "FaST-LMM": fastlmm, "PANICLE": panicle, "glimix-core": glimix,
    "GenABEL": genabel, "BOLT-LMM": bolt, "PLINK 2": plink2, "pylmm3": pylmm3}


def make_environments(folder: pathlib.Path) -> None:
    """Install each Python program into an environment of its own; one that cannot be installed is reported and excluded."""
    for name, packages in PACKAGES.items():
        python = (shutil.which("python3.12") or sys.executable) if name == "pylmm3" else sys.executable
        if (folder / name).exists():
            continue
        try:
            subprocess.run([python, "-m", "venv", folder / name], check=True)
            subprocess.run([folder / name / "bin" / "pip", "install", "--quiet", *packages], check=True)
        except subprocess.CalledProcessError as error:
            print(f"note: {name} could not be installed: {error}", file=sys.stderr)
