"""Arguments of the package as words of the command line, where their values are checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

PathLike: TypeAlias = str | os.PathLike[str]

MODES = {"wald": 1, "lrt": 2, "score": 3, "all": 4, "lrt_effect": 9}
"""GEMMA's -lmm."""
KINDS = {"centered": 1, "centred": 1, "standardized": 2, "standardised": 2}
"""GEMMA's -gk."""


def lmm_words(given: Mapping[str, Any]) -> list[str]:
    """The command line of a run."""
    if given["tests"] not in MODES:
        raise ValueError(f"tests is one of {', '.join(map(repr, MODES))}, not {given['tests']!r}")
    if given["kinship_kind"] not in KINDS:
        raise ValueError(f"kinship_kind is 'centered' or 'standardized', not {given['kinship_kind']!r}")
    words = ["jamma", "lmm", *bfile_words(given["bfile"], given["genotypes"])]
    words += ["-lmm", str(MODES[given["tests"]])] + filter_words(given)
    words += phenotype_words(given["phenotype"]) + path_words("-c", given["covariates"])
    if given["eigen"] is not None:
        if given["kinship"] is not None:
            raise ValueError("eigen stands in place of a kinship: give one of them")
        values, vectors = given["eigen"]
        words += ["-d", os.fspath(values), "-u", os.fspath(vectors)]
    elif given["kinship"] is None:
        words += ["-gk", str(KINDS[given["kinship_kind"]]), "--kinship-qc", given["kinship_qc"]]
        words += path_words("-ksnps", given["kinship_snps"])
    else:
        words += path_words("-k", given["kinship"])
    words += ["-lmin", repr(given["lmin"]), "-lmax", repr(given["lmax"]), "-region", str(given["region"])]
    words += ["--rotation", given["rotation"]] + ["--log10p"] * bool(given["log10p"])
    words += out_words(given["out"]) + ["--gz"] * bool(given["gz"])
    return words + ["--save-kinship"] * bool(given["save_kinship"])


def bfile_words(bfile: PathLike | None, genotypes: object) -> list[str]:
    """Where the genotypes are; a name that stands for those in memory."""
    if (bfile is None) == (genotypes is None):
        raise ValueError("give the genotypes either as bfile, a prefix of PLINK files, or as genotypes, an array")
    return ["-bfile", "genotypes" if bfile is None else os.fspath(bfile)]


def filter_words(given: Mapping[str, Any]) -> list[str]:
    """The SNP filters."""
    words = ["-notsnp"] if given["maf"] is None else ["-maf", repr(given["maf"])]
    for name in ("miss", "hwe", "r2"):
        words += [f"-{name}", repr(given[name])]
    return words + ["--r2-centred"] * bool(given["r2_centred"]) + path_words("-snps", given["snps"])


def phenotype_words(phenotype: Any) -> list[str]:
    """The phenotype, where it is a column or a file."""
    if isinstance(phenotype, (int, np.integer)):
        return ["-n", str(phenotype)]
    if isinstance(phenotype, tuple) and len(phenotype) == 2 and is_path(phenotype[0]):
        return ["-p", os.fspath(phenotype[0]), "-n", str(phenotype[1])]
    return path_words("-p", phenotype)


def path_words(option: str, given: Any) -> list[str]:
    """`option` with its file, where one is given."""
    return [option, os.fspath(given)] if is_path(given) else []


def is_path(given: Any) -> bool:
    """Whether an argument is a path, not data."""
    return isinstance(given, (str, os.PathLike))


def out_words(out: PathLike | None) -> list[str]:
    """Where files go."""
    if out is None:
        return []
    directory, name = os.path.split(os.fspath(out))
    return ["-outdir", directory or ".", "-o", name]
