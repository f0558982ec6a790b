"""`run_lmm` on arrays without the Rust extension: filters by NumPy, the model by the backend jax.

The numbers agree with the engine's within the tolerances of the backend jax, not to the bit. Reading and writing files
needs the engine.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .backends._constants import MAX_R2, MIN_HWE, UNDEFINED_FLAT_RESTRICTED
from .core.backend import backend_object, needs_engine, select_backend
from .frames import Floats
from .inputs import Arrays, arrays_of
from .numeric import is_whole, number, whole
from .options import is_path, memory_bytes
from .result import LmmResult, NullModel, Report
from .snps import named_snps

_COLUMNS = {
    "wald": ("beta", "se", "logl_H1", "l_remle", "p_wald"),
    "lrt": ("logl_H1", "l_mle", "p_lrt"),
    "score": ("beta", "se", "p_score"),
    "all": ("beta", "se", "logl_H1", "l_remle", "l_mle", "p_wald", "p_lrt", "p_score"),
    "lrt_effect": ("beta", "se", "l_mle", "p_lrt"),
}

_NOTE = "the Rust extension is not built: the arrays were analysed by the backend jax"
_NONE_LEFT = "no SNP is left to test: the result has no rows"
_NO_R2 = "SNPs explained by the covariates are tested too, because the r2 filter needs the Rust extension"
# Arguments that need the engine unless they have one of these values.
_NEEDS_ENGINE: dict[str, tuple[object, ...]] = {
    "hwe": (MIN_HWE,),
    "r2": (MAX_R2,),
    "r2_centred": (False,),
    "kinship_snps": (None,),
    "kinship_kind": ("centered", "centred"),
    "kinship_qc": ("analysed",),
    "rotation": ("f64",),
    "log10p": (False,),
    "all_snps": (False,),
    "loco": (False,),
    "loco_min_snps": (None,),
    "permutations": (None,),
    "seed": (None,),
    "long": (False,),
    "report": (False,),
    "fail_fast": (False,),
    "eigen_cache": (None,),
    "gz": (False,),
    "save_kinship": (False,),
    "threads": (None,),
}


def run_on_arrays(given: Mapping[str, Any]) -> LmmResult:
    """`run_lmm` with the arguments `given`, which are all in memory.

    Raises
    ------
    RuntimeError
        If an argument needs the engine, or JAX is not installed.
    ValueError, MemoryError, ArithmeticError
        As in :func:`jamma.run_lmm`.
    """
    if given["genotypes"] is None or given["out"] is not None or given["eigen"] is not None:
        needs_engine("run_lmm on files (bfile, eigen, out)")
    for name in ("phenotype", "covariates", "kinship", "snps", "kinship_snps"):
        if is_path(given[name]) or (name == "phenotype" and is_whole(given[name])):
            needs_engine(f"run_lmm with {name} from a file")
    if given["kinship2"] is not None:
        needs_engine("run_lmm with kinship2")
    for name in given["files"]:
        needs_engine(f"run_lmm with {name}")
    backend = backend_object(select_backend(given["backend"])[0], memory=memory_bytes(given["memory"]))
    from .backends.array_lmm import lmm_arrays

    begun = time.monotonic()
    for name, value in _NEEDS_ENGINE.items():
        if given[name] not in value:
            needs_engine(f"{name}={given[name]!r}")
    arrays = arrays_of(given)
    if arrays.traits is not None:
        needs_engine("run_lmm with several phenotypes")
    if arrays.genotypes is None or arrays.phenotype is None:
        raise ValueError("give genotypes and phenotype as arrays")
    x = arrays.genotypes.reader(given["missing"])(0, arrays.genotypes.shape[1])
    _check_range(x)
    converting = time.monotonic() - begun
    analysed = ~np.isnan(arrays.phenotype)
    no_phenotype = int((~analysed).sum())
    if arrays.covariates is not None:
        analysed &= ~np.isnan(arrays.covariates).any(axis=1)
    chr_, rs, ps, allele1, allele0 = named_snps(arrays.genotypes, given["bim"])
    listed = None if given["snps"] is None else {str(one) for one in given["snps"]}
    if listed is not None and not listed.intersection(rs):
        raise ValueError(f"snps: none of the {len(listed)} listed SNPs is among the genotypes")
    maf = None if given["maf"] is None else number("maf", given["maf"])
    miss = number("miss", given["miss"])
    kept, counts = _filtered(x[analysed], rs, listed, maf, miss)
    # The list of SNPs to test does not restrict the SNPs of the kinship.
    passing = kept if listed is None else _filtered(x[analysed], rs, None, maf, miss)[0]
    if arrays.kinship is None and not passing.any():
        raise ValueError("no SNP is left for the kinship: loosen maf or miss")
    found = lmm_arrays(
        x[:, kept],
        arrays.phenotype,
        arrays.covariates,
        _kinship(arrays, analysed),
        kinship_genotypes=x[:, passing],
        tests=given["tests"],
        l_min=number("lmin", given["lmin"]),
        l_max=number("lmax", given["lmax"]),
        n_region=whole("region", given["region"]),
        backend=backend,
    )
    found["logl_H1"] = found["logl_h1"]
    of_kept = np.flatnonzero(kept)
    table: dict[str, Any] = {
        "chr": _texts([chr_[s] for s in of_kept]),
        "rs": "".join(f"{rs[s]}\n" for s in of_kept),
        "ps": np.array([ps[s] for s in of_kept], dtype=np.int64),
        "n_miss": found["n_miss"],
        "allele1": _texts([allele1[s] for s in of_kept]),
        "allele0": _texts([allele0[s] for s in of_kept]),
        "af": found["af"],
    }
    table |= {name: found[name] for name in _COLUMNS[given["tests"]]}
    counts["undefined"] = int((found["undefined"] != 0).sum())
    counts["flat"] = int((found["undefined"] == UNDEFINED_FLAT_RESTRICTED).sum())
    counts["fallback"] = int(found["used_fallback"].sum())
    if not kept.any():
        found["warnings"] = [_NONE_LEFT, *found["warnings"]]
    counts["perfect_fit"] = int(found["is_perfect_fit"].sum())
    found["warnings"] = [*arrays.notes, *found["warnings"]]
    report = _report(found, counts, analysed, no_phenotype, arrays.covariates, begun)
    report.times["converting arrays"] = converting
    return LmmResult(table, report)


def _check_range(x: Floats) -> None:
    wrong = ~(np.isnan(x) | ((x >= 0.0) & (x <= 2.0)))
    if wrong.any():
        i, s = np.argwhere(wrong)[0]
        raise ValueError(
            f"genotypes: individual {i + 1} has {x[i, s]:g} at SNP {s + 1}, expected a number from 0 to 2, or NaN; if "
            f"this is the code of missing genotypes, declare it: missing={x[i, s]:g}"
        )


def _kinship(arrays: Arrays, analysed: NDArray[np.bool_]) -> Floats | None:
    """The kinship of all individuals in the order of the study, (n, n); NaN for those without a row."""
    if arrays.kinship is None or arrays.kinship_rows is None:
        return arrays.kinship
    rows = np.array(arrays.kinship_rows)
    if (rows[analysed] < 0).any():
        first = int(np.flatnonzero(analysed & (rows < 0))[0])
        raise ValueError(f"kinship: individual {first + 1} is analysed but has no row")
    at = rows >= 0
    whole_matrix = np.full((arrays.n, arrays.n), np.nan)
    whole_matrix[np.ix_(at, at)] = arrays.kinship[np.ix_(rows[at], rows[at])]
    return whole_matrix


def _filtered(
    x: Floats, rs: list[str], listed: set[str] | None, maf: float | None, miss: float
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which SNPs pass, and how many each filter excludes, in GEMMA's order of filters."""
    counts = {"total": x.shape[1]}
    observed = (~np.isnan(x)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        af = np.nansum(x, axis=0) / (2.0 * observed)
    low, high = np.fmin.reduce(x, axis=0), np.fmax.reduce(x, axis=0)
    failing = {
        "not_listed": np.array([listed is not None and one not in listed for one in rs], dtype=bool),
        "missingness": 1.0 - observed / len(x) > miss,
        "allele_frequency": (af < maf) | (af > 1.0 - maf) if maf is not None else np.zeros(len(af), bool),
        "monomorphic": ~(high > low),
    }
    kept = np.ones(x.shape[1], bool)
    for reason, fails in failing.items():
        counts[reason] = int((kept & fails).sum())
        kept &= ~fails
    return kept, counts | {"hardy_weinberg": 0, "covariates": 0, "kept": int(kept.sum())}


def _texts(values: list[str]) -> tuple[NDArray[np.uint32], list[str]]:
    distinct = sorted(set(values))
    numbers = {text: k for k, text in enumerate(distinct)}
    return np.array([numbers[value] for value in values], dtype=np.uint32), distinct


def _report(
    found: Mapping[str, Any],
    counts: dict[str, int],
    analysed: NDArray[np.bool_],
    no_phenotype: int,
    covariates: Floats | None,
    begun: float,
) -> Report:
    null = found["null"]
    n = int(analysed.sum())
    beta = np.atleast_1d(np.asarray(null["beta"], dtype=np.float64))
    return Report(
        individuals={
            "total": len(analysed),
            "analysed": n,
            "no_phenotype": no_phenotype,
            "no_covariate": len(analysed) - n - no_phenotype,
            "no_environment": 0,
            "no_weight": 0,
        },
        snps=counts,
        kinship_snps=None,
        null=NullModel(
            pve=float(null["pve"]),
            pve_se=float(null["pve_se"]),
            vg=float(null["vg"]),
            ve=float(null["ve"]),
            beta=beta,
            beta_se=np.atleast_1d(np.asarray(null["beta_se"], dtype=np.float64)),
            lambda_reml=float(null["l_remle"]),
            lambda_ml=float(null["l_mle"]),
            logl_reml=float(null["logl_reml"]),
            logl_ml=float(null["logl_ml"]),
        ),
        n_covariates=len(beta),
        times={"total": time.monotonic() - begun},
        notes=[*found["warnings"], _NOTE, *([_NO_R2] if covariates is not None else [])],
        outputs=[],
        backend="jax",
        threads=0,
        log="",
    )
