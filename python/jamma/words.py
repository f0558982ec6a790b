"""Arguments of the package as words of the command line, where their values are checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

from .inputs import is_eigen
from .numeric import flag, is_whole, number, whole

PathLike: TypeAlias = str | os.PathLike[str]

MODES = {"wald": 1, "lrt": 2, "score": 3, "all": 4, "lrt_effect": 9}
"""GEMMA's -lmm."""
KINDS = {"centered": 1, "centred": 1, "standardized": 2, "standardised": 2}
"""GEMMA's -gk."""


def lmm_words(given: Mapping[str, Any]) -> list[str]:
    """The command line of a run."""
    if not isinstance(given["tests"], str) or given["tests"] not in MODES:
        raise ValueError(f"tests is one of {', '.join(map(repr, MODES))}, not {given['tests']!r}")
    if not isinstance(given["kinship_kind"], str) or given["kinship_kind"] not in KINDS:
        raise ValueError(f"kinship_kind is 'centered' or 'standardized', not {given['kinship_kind']!r}")
    words = ["jamma", "lmm", *bfile_words(given["bfile"], given["genotypes"])]
    words += ["-lmm", str(MODES[given["tests"]])] + filter_words(given)
    words += phenotype_words(given["phenotype"]) + path_words("-c", given["covariates"])
    words += _kinship_words(given)
    for name in ("lmin", "lmax"):
        words += [f"-{name}", number(name, given[name])]
    words += ["-region", whole("region", given["region"])]
    words += ["--rotation", str(given["rotation"])]
    for name, option in (("log10p", "--log10p"), ("gz", "--gz"), ("save_kinship", "--save-kinship")):
        words += [option] * flag(name, given[name])
    need_out(given, "gz")
    return words + out_words(given["out"])


def need_out(given: Mapping[str, Any], *names: str) -> None:
    """ValueError if one of the flags, which are of files, is given without `out`."""
    for name in names:
        if flag(name, given[name]) and given["out"] is None:
            raise ValueError(f"{name} is of the files that are written: say where, with out=")


def _kinship_words(given: Mapping[str, Any]) -> list[str]:
    kinship, eigen = given["kinship"], given["eigen"]
    if eigen is not None and kinship is not None:
        raise ValueError("eigen stands in place of a kinship: give one of them")
    if eigen is None and kinship is None:
        if flag("save_kinship", given["save_kinship"]) and given["out"] is None:
            raise ValueError("save_kinship writes a file: say where, with out=")
        words = ["-gk", str(KINDS[given["kinship_kind"]]), "--kinship-qc", str(given["kinship_qc"])]
        return words + path_words("-ksnps", given["kinship_snps"])
    for name in ("kinship_snps", "save_kinship"):
        if given[name] is not None and given[name] is not False:
            raise ValueError(f"{name} is of a computed kinship, but one is given; leave {name} out")
    if eigen is None:
        return path_words("-k", kinship)
    if is_eigen(eigen):
        return []
    if is_path(eigen) or not is_path(eigen[1]):
        raise ValueError("eigen: give both files, (values, vectors); read_eigen takes their common prefix")
    return ["-d", os.fspath(eigen[0]), "-u", os.fspath(eigen[1])]


def bfile_words(bfile: PathLike | None, genotypes: object) -> list[str]:
    """Where the genotypes are; a name that stands for those in memory."""
    if (bfile is None) == (genotypes is None):
        raise ValueError("give the genotypes either as bfile, a prefix of PLINK files, or as genotypes, an array")
    if bfile is not None and not is_path(bfile):
        raise ValueError(
            f"bfile: expected the prefix of PLINK files, found a {type(bfile).__name__}; arrays are given as genotypes="
        )
    return ["-bfile", "genotypes" if bfile is None else os.fspath(bfile)]


def filter_words(given: Mapping[str, Any]) -> list[str]:
    """The SNP filters."""
    words = ["-notsnp"] if given["maf"] is None else ["-maf", number("maf", given["maf"])]
    for name in ("miss", "hwe", "r2"):
        words += [f"-{name}", number(name, given[name])]
    return words + ["--r2-centred"] * flag("r2_centred", given["r2_centred"]) + path_words("-snps", given["snps"])


def phenotype_words(phenotype: Any) -> list[str]:
    """The phenotype, if it is a column or a file."""
    if is_whole(phenotype):
        return ["-n", whole("phenotype", phenotype)]
    if isinstance(phenotype, tuple) and len(phenotype) == 2 and is_path(phenotype[0]):
        return ["-p", os.fspath(phenotype[0]), "-n", whole("phenotype", phenotype[1])]
    if isinstance(phenotype, (bool, float)):
        raise ValueError(f"phenotype: expected a column (from 1), a file, or values, found {phenotype!r}")
    return path_words("-p", phenotype)


def path_words(option: str, given: Any) -> list[str]:
    """`option` with its file, if one is given."""
    return [option, os.fspath(given)] if is_path(given) else []


def path_text(name: str, given: Any) -> str:
    """The path of the argument `name`."""
    if not is_path(given):
        raise ValueError(f"{name}: expected a path, found {given!r}")
    return str(os.fspath(given))


def is_path(given: Any) -> bool:
    """Whether an argument is a path, not data."""
    return isinstance(given, (str, os.PathLike))


def out_words(out: PathLike | None) -> list[str]:
    """Where files go."""
    if out is None:
        return []
    if not is_path(out):
        raise ValueError(f"out: expected a path, such as 'dir/name', found {out!r}")
    directory, name = os.path.split(os.fspath(out))
    return ["-outdir", directory or ".", "-o", name]
