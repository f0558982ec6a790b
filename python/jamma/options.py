"""Translates arguments of the package to options of the engine, which checks their values as on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, TypedDict, cast

import numpy as np

from .file_options import FORMATS, PathLike, file_options
from .inputs import is_eigen, is_of_file
from .numeric import flag, is_whole, number, whole
from .phenotypes import listed

MODES = {"wald": 1, "lrt": 2, "score": 3, "all": 4, "lrt_effect": 9}
"""GEMMA's -lmm for each value of `tests`."""
LINEAR_MODES = {"wald": 1, "lrt": 2, "score": 3, "all": 4}
"""GEMMA's -lm for each value of `tests`."""
KINDS = {"centered": 1, "centred": 1, "standardized": 2, "standardised": 2}
"""GEMMA's -gk for each kind of kinship."""


class Options(TypedDict, total=False):
    """Options by their names on the command line, with `_` for `-`; an option that was not given is absent.

    Those of :class:`FileOptions` may be there too.
    """

    bfile: str
    p: str
    n: int
    traits: str
    c: str
    k: str
    k2: str
    d: str
    u: str
    gk: int
    lmm: int
    lm: int
    lmin: float
    lmax: float
    region: int
    rotation: str
    kinship_qc: str
    loco: bool | str
    loco_min_snps: int
    permutations: int
    seed: str
    miss: float
    maf: float
    hwe: float
    r2: float
    r2_centred: bool
    notsnp: bool
    snps: str
    ksnps: str
    o: str
    outdir: str
    format: str
    gz: bool
    save_kinship: bool
    log10p: bool
    all_snps: bool
    long: bool
    report: bool
    fail_fast: bool
    threads: int
    block_snps: int
    memory: float
    eigen_cache: str


@dataclass(frozen=True)
class Call:
    """A call of the package, as the engine gets it.

    Attributes
    ----------
    command : {"gk", "lmm", "lm"}
        The command whose options these are.
    options : Options
        The options that were given.
    text : str
        The call as a line of Python, for the log.
    """

    command: Literal["gk", "lmm", "lm"]
    options: Options
    text: str


def lmm_options(given: Mapping[str, Any]) -> Options:
    """The options of `run_lmm` and `iter_lmm`."""
    options: Options = {
        "lmm": one_of("tests", given["tests"], MODES),
        "lmin": number("lmin", given["lmin"]),
        "lmax": number("lmax", given["lmax"]),
        "region": whole("region", given["region"]),
        "rotation": given["rotation"],
    }
    options |= _test_options(given)
    options |= _kinship_options(given) | _second_kinship_options(given)
    options |= loco_options(given) | _permutation_options(given)
    return options | out_options(given["out"]) | machine_options(given)


def lm_options(given: Mapping[str, Any]) -> Options:
    """The options of `run_lm`."""
    options: Options = {"lm": one_of("tests", given["tests"], LINEAR_MODES)}
    return options | _test_options(given) | out_options(given["out"]) | machine_options(given)


def _test_options(given: Mapping[str, Any]) -> Options:
    """The options of a run that tests SNPs, whatever the model: genotypes, filters, traits and tables."""
    options: Options = {
        "log10p": flag("log10p", given["log10p"]),
        "all_snps": flag("all_snps", given["all_snps"]),
        "gz": flag("gz", given["gz"]),
    }
    options |= genotype_options(given) | filter_options(given) | phenotype_options(given)
    if given["traits"] is not None and is_of_file(given["phenotype"]):
        options |= _traits_options(given["phenotype"], given["traits"])
        options.pop("n", None)
    need_out(given, "gz", "long", "report")
    outputs: Options = {"long": flag("long", given["long"]), "report": flag("report", given["report"])}
    return options | outputs | {"fail_fast": flag("fail_fast", given["fail_fast"])}


def kinship_options(given: Mapping[str, Any]) -> Options:
    """The options of `kinship`."""
    if given["genotypes"] is not None and given["kinship_qc"] == "analysed":
        raise ValueError(
            "kinship_qc: 'analysed' needs phenotypes, which genotypes in memory do not have; omit kinship_qc"
        )
    default = "analysed" if _has_phenotype(given) else "all"
    qc = default if given["kinship_qc"] is None else given["kinship_qc"]
    options: Options = {"gk": one_of("kind", given["kind"], KINDS), "kinship_qc": qc, "gz": flag("gz", given["gz"])}
    if flag("npy", given["npy"]):
        options["format"] = "npy"
    options |= genotype_options(given) | filter_options(given) | loco_options(given)
    if qc != "all":
        options |= phenotype_options(given)
    need_out(given, "npy", "gz")
    return options | out_options(given["out"]) | machine_options(given)


def one_of(name: str, given: Any, values: Mapping[str, int]) -> int:
    """GEMMA's number for the value `given` of the argument `name`.

    Raises
    ------
    ValueError
        If `given` is not one of the `values`.
    """
    if not isinstance(given, str) or given not in values:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, values))}, found {given!r}")
    return values[given]


def need_out(given: Mapping[str, Any], *names: str) -> None:
    """Raise ValueError if one of the flags `names`, which apply to output files, is set without `out`."""
    for name in names:
        if flag(name, given[name]) and given["out"] is None:
            raise ValueError(f"{name} requires out: it applies to the files that are written")


def _second_kinship_options(given: Mapping[str, Any]) -> Options:
    kinship2 = given["kinship2"]
    if kinship2 is not None and given["eigen"] is not None:
        raise ValueError(
            "kinship2: eigen is the decomposition of one kinship, but that of both combined is needed; give kinship, or "
            "neither, instead of eigen"
        )
    return {"k2": os.fspath(kinship2)} if is_path(kinship2) else {}


def _kinship_options(given: Mapping[str, Any]) -> Options:
    kinship, eigen = given["kinship"], given["eigen"]
    if eigen is not None and kinship is not None:
        raise ValueError("eigen and kinship are both given; give one of them")
    if eigen is None and kinship is None:
        need_out(given, "save_kinship")
        options: Options = {
            "gk": one_of("kinship_kind", given["kinship_kind"], KINDS),
            "kinship_qc": given["kinship_qc"],
            "save_kinship": flag("save_kinship", given["save_kinship"]),
        }
        if is_path(given["kinship_snps"]):
            options["ksnps"] = os.fspath(given["kinship_snps"])
        return options
    one_of("kinship_kind", given["kinship_kind"], KINDS)
    if eigen is not None and given["eigen_cache"] is not None:
        raise ValueError("eigen_cache keeps the decompositions of a run, but eigen is given; omit eigen_cache")
    if given["kinship_snps"] is not None:
        raise ValueError("kinship_snps applies to a computed kinship, but a kinship is given; omit kinship_snps")
    if flag("save_kinship", given["save_kinship"]):
        raise ValueError("save_kinship applies to a computed kinship, but a kinship is given; omit save_kinship")
    if eigen is None:
        return {"k": os.fspath(kinship)} if is_path(kinship) else {}
    if is_eigen(eigen):
        return {}
    if is_path(eigen) or not is_path(eigen[1]):
        raise ValueError("eigen: give both files, (values, vectors), or read_eigen(prefix)")
    return {"d": os.fspath(eigen[0]), "u": os.fspath(eigen[1])}


def loco_options(given: Mapping[str, Any]) -> Options:
    """The options for leaving chromosomes out of the kinship."""
    options: Options = {}
    loco = given["loco"]
    if is_whole(loco):
        options["loco"] = str(whole("loco", loco))
    elif isinstance(loco, str):
        options["loco"] = loco
    else:
        try:
            options["loco"] = flag("loco", loco)
        except ValueError:
            raise ValueError(f"loco: expected True, False or the name of a chromosome, found {loco!r}") from None
    if given["loco_min_snps"] is not None:
        options["loco_min_snps"] = whole("loco_min_snps", given["loco_min_snps"])
    return options


def _permutation_options(given: Mapping[str, Any]) -> Options:
    options: Options = {}
    if given["permutations"] is not None:
        options["permutations"] = whole("permutations", given["permutations"])
    if given["seed"] is not None:
        if given["permutations"] is None:
            raise ValueError("seed is the seed of permutations; give their number, or omit seed")
        # As text, because a seed may be larger than the signed integers of the engine.
        options["seed"] = str(whole("seed", given["seed"]))
    return options


def _traits_options(phenotype: Any, traits: Any) -> Options:
    """The option for the columns of a file, of which none is chosen by `phenotype`."""
    if isinstance(phenotype, tuple) or (is_whole(phenotype) and whole("phenotype", phenotype) != 1):
        raise ValueError("traits: a column is also chosen with phenotype; list all columns in traits")
    columns = [one if isinstance(one, str) else str(whole("traits", one)) for one in listed(traits)]
    return {"traits": ",".join(columns)}


def genotype_options(given: Mapping[str, Any]) -> Options:
    """The options for files of genotypes, none if genotypes are in memory, and the others of :class:`FileOptions`."""
    bfile, genotypes, files = given["bfile"], given["genotypes"], given["files"]
    formats = [name for name in FORMATS if files.get(name) is not None]
    names = ["bfile"] * (bfile is not None) + ["genotypes"] * (genotypes is not None) + formats
    if len(names) > 1:
        raise ValueError(f"genotypes are given twice, as {names[0]} and as {names[1]}; give one of them")
    if not names:
        raise ValueError(
            "give the genotypes either as bfile (prefix of PLINK files) or as genotypes (array or frame), or as "
            f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        )
    if bfile is not None and not is_path(bfile):
        raise ValueError(
            f"bfile: expected the prefix of PLINK files, found a {type(bfile).__name__}; pass arrays as genotypes="
        )
    options = cast(Options, file_options(files))
    return options if bfile is None else {"bfile": os.fspath(bfile), **options}


def _has_phenotype(given: Mapping[str, Any]) -> bool:
    """Whether `kinship` has a phenotype: in the files of genotypes, in another file, or in memory."""
    if given["genotypes"] is not None:
        return False
    is_default = is_whole(given["phenotype"]) and given["phenotype"] == 1
    return any(given["files"].get(name) is not None for name in ("pfile", "pheno")) or (
        given["bfile"] is not None or not is_default
    )


def filter_options(given: Mapping[str, Any]) -> Options:
    """The options of the SNP filters."""
    options: Options = {
        "miss": number("miss", given["miss"]),
        "hwe": number("hwe", given["hwe"]),
        "r2": number("r2", given["r2"]),
        "r2_centred": flag("r2_centred", given.get("r2_centred", False)),
    }
    if given["maf"] is None:
        options["notsnp"] = True
    else:
        options["maf"] = number("maf", given["maf"])
    if is_path(given["snps"]):
        options["snps"] = os.fspath(given["snps"])
    return options


def phenotype_options(given: Mapping[str, Any]) -> Options:
    """The options for phenotype and covariates, if they are columns or files."""
    phenotype, covariates = given["phenotype"], given["covariates"]
    options: Options = {}
    if is_whole(phenotype):
        column = whole("phenotype", phenotype)
        # The default of the engine, too, which knows whether the genotypes or a table have columns of phenotypes.
        if column != 1:
            options["n"] = column
    elif isinstance(phenotype, tuple) and len(phenotype) == 2 and is_path(phenotype[0]):
        options["p"], options["n"] = os.fspath(phenotype[0]), whole("phenotype", phenotype[1])
    elif isinstance(phenotype, (bool, float)):
        raise ValueError(f"phenotype: expected a column (from 1), a file, or values, found {phenotype!r}")
    elif is_path(phenotype):
        options["p"] = os.fspath(phenotype)
    if given["files"].get("pheno") is not None and not is_whole(phenotype):
        raise ValueError("phenotypes are given twice, as phenotype and as pheno; give one of them")
    if given["files"].get("covar") is not None and covariates is not None:
        raise ValueError("covariates are given twice, as covariates and as covar; give one of them")
    if is_path(covariates):
        options["c"] = os.fspath(covariates)
    return options


def out_options(out: PathLike | None) -> Options:
    """The options for the directory and the prefix of the output files."""
    if out is None:
        return {}
    if not is_path(out):
        raise ValueError(f"out: expected a path, such as 'dir/name', found {out!r}")
    directory, name = os.path.split(os.fspath(out))
    return {"outdir": directory or ".", "o": name}


def machine_options(given: Mapping[str, Any]) -> Options:
    """The options for threads, block size, memory and the directory of decompositions."""
    options: Options = {}
    for name in ("threads", "block_snps"):
        if given.get(name) is not None:
            options[name] = whole(name, given[name])
    if given["memory"] is not None:
        options["memory"] = number("memory", given["memory"])
    if given.get("eigen_cache") is not None:
        options["eigen_cache"] = path_text("eigen_cache", given["eigen_cache"])
    return options


def memory_bytes(memory: float | None) -> int | None:
    """The argument `memory` (GB) in bytes.

    Raises
    ------
    ValueError
        If `memory` is not a finite number.
    """
    if memory is None:
        return None
    gigabytes = number("memory", memory)
    if not np.isfinite(gigabytes):
        raise ValueError(f"memory: expected a finite number of GB, found {gigabytes}; omit it to use all free memory")
    return int(gigabytes * 1e9)


def path_text(name: str, given: Any) -> str:
    """The path `given` for the argument `name`.

    Raises
    ------
    ValueError
        If `given` is not a path, or is a URL.
    """
    if not is_path(given):
        raise ValueError(f"{name}: expected a path, found {given!r}")
    path = str(os.fspath(given))
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path):
        raise ValueError(f"{name}: expected the path of a local file, found a URL; download the file and give its path")
    return path


def is_path(given: Any) -> bool:
    """Whether an argument is a path rather than data."""
    return isinstance(given, (str, os.PathLike))


def call_text(function: Callable[..., object], given: Mapping[str, Any]) -> str:
    """The call of `function` as a line of Python, with the arguments that are not the default; arrays by their shape.

    Examples
    --------
    >>> defaults = {name: of.default for name, of in signature(jamma.run_lmm).parameters.items() if name != "files"}
    >>> call_text(jamma.run_lmm, defaults | {"bfile": "mouse", "tests": "all", "covariates": np.zeros((1940, 2))})
    "jamma.run_lmm(bfile='mouse', covariates=<ndarray 1940 x 2>, tests='all')"
    """
    defaults = {
        name: parameter.default for name, parameter in signature(function).parameters.items() if name != "files"
    }
    given = {**given, **given.get("files", {})}
    shown = [f"{name}={_shown(given[name])}" for name, default in defaults.items() if not _is(given[name], default)]
    shown += [f"{name}={_shown(value)}" for name, value in given.get("files", {}).items()]
    return f"jamma.{function.__name__}({', '.join(shown)})"


def _is(given: Any, default: Any) -> bool:
    """Whether an argument is equal to its default; arrays never are."""
    is_scalar = isinstance(given, (str, bool, int, float))
    return given is default or (is_scalar and type(given) is type(default) and given == default)


def _shown(given: Any) -> str:
    if isinstance(given, np.generic) or getattr(given, "shape", None) == ():
        return str(given)
    if given is None or isinstance(given, (str, bool, int, float)):
        return repr(given)
    if isinstance(given, os.PathLike):
        return repr(os.fspath(given))
    if isinstance(given, (tuple, list, range)) and len(given) <= 20 and all(map(is_whole, given)):
        return f"[{', '.join(map(str, given))}]"
    if isinstance(given, (tuple, list)) and len(given) <= 2:
        return f"({', '.join(map(_shown, given))})"
    kind = type(given).__name__
    if shape := getattr(given, "shape", ()):
        return f"<{kind} {' x '.join(map(str, shape))}>"
    return f"<{kind} of {len(given)}>" if hasattr(given, "__len__") else f"<{kind}>"
