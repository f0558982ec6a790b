"""`run_lm`: the linear model without a kinship."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Unpack

from .backends._constants import MAX_MISSING, MAX_R2, MIN_HWE, MIN_MAF
from .core.backend import needs_engine
from .file_options import FileOptions, PathLike, check_names
from .notes import warn
from .options import Call, call_text, lm_options
from .progress import Progress
from .result import LmmResult
from .running import whole_result

LinearTests = Literal["wald", "lrt", "score", "all"]


def run_lm(
    bfile: PathLike | None = None,
    *,
    genotypes: Any = None,
    individuals: Any = None,
    missing: float | Sequence[float] | None = None,
    phenotype: Any = 1,
    traits: str | int | Sequence[int | str] | None = None,
    covariates: Any = None,
    bim: Any = None,
    tests: LinearTests = "wald",
    maf: float | None = MIN_MAF,
    miss: float = MAX_MISSING,
    hwe: float = MIN_HWE,
    r2: float = MAX_R2,
    r2_centred: bool = False,
    snps: PathLike | Iterable[str] | None = None,
    log10p: bool = False,
    all_snps: bool = False,
    fail_fast: bool = False,
    out: PathLike | None = None,
    gz: bool = False,
    long: bool = False,
    report: bool = False,
    backend: str | None = None,
    cluster: Any = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
    **files: Unpack[FileOptions],
) -> LmmResult:
    """Test every SNP for association with the phenotype in a linear model, for unrelated individuals.

    The model is y = Wα + xβ + e with e ~ N(0, σ² I): ordinary least squares, without a kinship.

    Parameters
    ----------
    bfile : path or str, optional
        Prefix of the PLINK files .bed, .bim and .fam, or their URL.
    tests : {"wald", "lrt", "score", "all"}
        GEMMA's -lm 1, 2, 3 and 4.
    backend : {"rust"}, optional
        Only the backend rust has the linear model, which is therefore computed by it whatever JAMMA_BACKEND names.
    genotypes, individuals, missing, phenotype, traits, covariates, bim, maf, miss, hwe, r2, r2_centred, snps
    log10p, all_snps, fail_fast, out, gz, long, report, cluster, threads, memory, progress, **files
        As in :func:`run_lmm`.

    Returns
    -------
    LmmResult
        As of :func:`run_lmm`, with the columns of GEMMA's -lm: `n_mis` and `n_obs` instead of `n_miss`, no likelihoods, no
        lambdas. `null` is None. Of several phenotypes, an :class:`LmmResults`.

    Raises
    ------
    OSError, ValueError, MemoryError, RuntimeError
        As in :func:`run_lmm`; ValueError also for a backend other than rust.

    Warns
    -----
    JammaWarning
        For each of the result's `notes`.

    Examples
    --------
    >>> result = jamma.run_lm("demo", tests="all")
    >>> [name for name in result.columns if name.startswith("p_")]
    ['p_wald', 'p_lrt', 'p_score']
    >>> round(result.diagnostics.lambda_gc["p_wald"], 2)    # above 1: the individuals are related
    1.44
    """
    given = dict(locals())
    check_names("run_lm", files)
    needs_engine("run_lm")
    call = Call("lm", lm_options(given), call_text(run_lm, given))
    given |= {"kinship": None, "kinship2": None, "eigen": None, "kinship_snps": None}
    result = whole_result(call, given)
    warn(result.notes)
    return result
