"""The functions of the package: arguments become a job of the Rust pipeline, results become tables and arrays.

What an argument means, and what values it may have, is decided in one place, the engine's command line: a message about
`-maf` is about the argument `maf`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .core.backend import BUILD_HINT, backend_object, is_rust_available, select_backend
from .inputs import Inputs, in_memory
from .progress import Progress, resolved
from .result import AssocTable, Eigen, LmmResult, Report
from .words import KINDS, bfile_words, filter_words, is_path, lmm_words, out_words, path_words, phenotype_words

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
PathLike: TypeAlias = str | os.PathLike[str]
Tests = Literal["wald", "lrt", "score", "all", "lrt_effect"]
Kind = Literal["centered", "centred", "standardized", "standardised"]


def run_lmm(
    bfile: PathLike | None = None,
    *,
    genotypes: Any = None,
    phenotype: Any = 1,
    covariates: Any = None,
    kinship: Any = None,
    bim: Any = None,
    tests: Tests = "wald",
    maf: float | None = 0.01,
    miss: float = 0.05,
    hwe: float = 0.0,
    r2: float = 0.9999,
    r2_centred: bool = False,
    snps: PathLike | Iterable[str] | None = None,
    kinship_snps: PathLike | Iterable[str] | None = None,
    kinship_kind: Kind = "centered",
    kinship_qc: Literal["analysed", "all"] = "analysed",
    eigen: tuple[PathLike, PathLike] | None = None,
    lmin: float = 1e-5,
    lmax: float = 1e5,
    region: int = 10,
    rotation: Literal["f64", "f32"] = "f64",
    log10p: bool = False,
    out: PathLike | None = None,
    gz: bool = False,
    save_kinship: bool = False,
    backend: str | None = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
) -> LmmResult:
    """Test every SNP for association with the phenotype in a linear mixed model.

    Parameters
    ----------
    bfile : path, optional
        Prefix of PLINK files .bed, .bim, .fam.
    genotypes : array_like or frame, shape (n, p), optional
        In place of `bfile`: copies of allele1, 0, 1, 2 or NaN (the same numbers as from PLINK files, to the bit), or
        dosages from 0 to 2. A frame may carry ids of individuals (see Notes); names of its columns are ids of SNPs.
    phenotype : int, path, (path, int) or array_like, shape (n,)
        A column of the .fam, from 1; a file, with its column; or values, NaN where missing.
    covariates : path or array_like, shape (n, c), optional
        NaN leaves the individual out. An intercept is added where there is none.
    kinship : path or array_like, shape (n, n), optional
        Of all individuals; computed from the genotypes where not given.
    bim : frame or mapping, optional
        With `genotypes`: columns chr, rs, ps, allele1, allele0 of the SNPs, those that are known.
    tests : {"wald", "lrt", "score", "all", "lrt_effect"}
        GEMMA's -lmm 1, 2, 3, 4, 9.
    maf, miss, hwe, r2 : float
        SNP filters over the analysed individuals, bounds inclusive; `maf=None` turns off maf and hwe (-notsnp).
    r2_centred : bool
        Take `r2` about the SNP's mean.
    snps, kinship_snps : path or ids, optional
        The only SNPs to test; the only SNPs of a computed kinship, which is computed from all SNPs that pass the filters
        if `kinship_snps` is not given, whatever `snps` is.
    kinship_kind : {"centered", "standardized"}
        Of a computed kinship.
    kinship_qc : {"analysed", "all"}
        Over whom the filters of a computed kinship run.
    eigen : (path, path), optional
        Eigenvalues and eigenvectors of an earlier run in place of `kinship`.
    lmin, lmax, region : float, float, int
        Range of lambda = vg/ve, and intervals in which a root is searched.
    rotation : {"f64", "f32"}
        Numbers in which SNPs are rotated.
    log10p : bool
        Add columns neg_log10_p_*, exact far below 1e-308.
    out : path, optional
        Write GEMMA's files too: out="dir/name" gives dir/name.assoc.txt and dir/name.log.txt.
    gz, save_kinship : bool
        With `out`: compress tables; write the computed kinship.
    backend : {"rust", "jax"}, optional
        JAMMA_BACKEND where not given, else automatic; see `jamma.core.get_backend_info`.
    threads : int, optional
        RAYON_NUM_THREADS where not given, else the cores this process may use.
    memory : float, optional
        Most memory to take, in 1e9 bytes; what is free where not given.
    progress : bool or callable, optional
        True shows progress, False does not, None does on a terminal and in a notebook. A callable gets the name of a
        stage and the share that is done, or None.

    Returns
    -------
    LmmResult
        One row per tested SNP in GEMMA's columns, the null model, the ledger and times.

    Raises
    ------
    OSError, ValueError, MemoryError, ArithmeticError, RuntimeError
        Files that cannot be read; inputs that are malformed or disagree; too little memory; a method that does not
        converge; a backend that is not there. The text is the command line's, the cure is a note of the exception.

    Notes
    -----
    Rows are matched by id where both sides carry ids: a frame with a column `iid` (and `fid`), or a pandas index of
    texts or with a name. Rows without ids are in the order of the .fam, or of the genotypes. Rows of nobody in the study
    are left out, and `notes` says how many.

    Examples
    --------
    >>> result = run_lmm("mouse_hs1940", phenotype=6, tests="all")      # doctest: +SKIP
    >>> result.null.pve, result.to_polars().sort("p_wald").head()       # doctest: +SKIP
    """
    words = lmm_words(locals())
    if not is_rust_available():
        return _on_arrays(locals())
    inputs = in_memory(bfile, genotypes, phenotype, covariates, kinship, bim, snps, kinship_snps)
    run = _start(words, inputs, out, backend, threads, memory, progress)
    found = run.finish()
    return LmmResult(found["table"], Report.of(found))


def iter_lmm(bfile: PathLike | None = None, *, block_snps: int | None = None, **options: Any) -> Iterator[AssocTable]:
    """Test every SNP, and hand results out block by block, for results that outgrow memory.

    Parameters
    ----------
    bfile : path, optional
    block_snps : int, optional
        SNPs read at a time; those of a block that pass the filters make a table.
    **options
        As of :func:`run_lmm`.

    Yields
    ------
    AssocTable
        In the order of the file. Not taking the next one ends the run.
    """
    known = run_lmm.__kwdefaults__ or {}
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise TypeError(f"iter_lmm() got an unexpected keyword argument {unknown[0]!r}")
    given = {**known, **options, "bfile": bfile}
    words = lmm_words(given)
    if block_snps is not None:
        words += ["--block-snps", str(block_snps)]
    _needs_engine("iter_lmm")
    names = ("bfile", "genotypes", "phenotype", "covariates", "kinship", "bim", "snps", "kinship_snps")
    inputs = in_memory(*(given[name] for name in names))
    of_run = (given[name] for name in ("out", "backend", "threads", "memory", "progress"))
    return _blocks(words, inputs, *of_run)


def _blocks(words: list[str], inputs: Inputs, *of_run: Any) -> Iterator[AssocTable]:
    run = _start(words, inputs, *of_run, blocks=True)
    try:
        while (block := run.next_block()) is not None:
            yield AssocTable(block)
        run.finish()
    finally:
        run.cancel()


def kinship(
    bfile: PathLike | None = None,
    *,
    kind: Kind = "centered",
    genotypes: Any = None,
    phenotype: Any = 1,
    covariates: Any = None,
    bim: Any = None,
    maf: float | None = 0.01,
    miss: float = 0.05,
    hwe: float = 0.0,
    r2: float = 0.9999,
    snps: PathLike | Iterable[str] | None = None,
    kinship_qc: Literal["analysed", "all"] | None = None,
    out: PathLike | None = None,
    npy: bool = False,
    gz: bool = False,
    backend: str | None = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
) -> Floats:
    """Compute the kinship (relatedness) matrix of all individuals.

    Parameters
    ----------
    bfile : path, optional
        Prefix of PLINK files.
    kind : {"centered", "standardized"}
        GEMMA's -gk 1 and 2.
    genotypes : array_like or frame, shape (n, p), optional
        In place of `bfile`; see :func:`run_lmm`.
    kinship_qc : {"analysed", "all"}, optional
        Over whom the SNP filters run: the individuals with phenotype and covariates, as GEMMA has it and as is done for
        `bfile` where not given; or everybody, as is always done for `genotypes`.
    out : path, optional
        Write the matrix too: out="dir/name" gives dir/name.cXX.txt and dir/name.cXX.id.
    npy, gz : bool
        With `out`: as NumPy's format; compressed.
    snps : path or ids, optional
        The only SNPs of the kinship.
    phenotype, covariates, bim, maf, miss, hwe, r2, backend, threads, memory, progress
        As of :func:`run_lmm`.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, individuals in the order of the .fam or of the genotypes.
    """
    _needs_engine("kinship")
    if kind not in KINDS:
        raise ValueError(f"kind is 'centered' or 'standardized', not {kind!r}")
    if genotypes is not None:
        if kinship_qc == "analysed":
            raise ValueError("kinship_qc='analysed': a kinship of genotypes in memory has no phenotype; leave it out")
        kinship_qc = "all"
    words = ["jamma", "gk", *bfile_words(bfile, genotypes), "-gk", str(KINDS[kind])]
    if kinship_qc == "all":
        phenotype = covariates = None
    words += filter_words({"maf": maf, "miss": miss, "hwe": hwe, "r2": r2, "r2_centred": False, "snps": snps})
    words += phenotype_words(phenotype) + path_words("-c", covariates)
    words += ["--kinship-qc", kinship_qc or "analysed"]
    words += out_words(out) + ["--format", "npy"] * npy + ["--gz"] * gz
    inputs = in_memory(bfile, genotypes, phenotype, covariates, None, bim, snps, None)
    run = _start(words, inputs, out, backend, threads, memory, progress)
    matrix: Floats = run.finish()["kinship"]
    return matrix


def eigendecompose(
    kinship: ArrayLike, *, centre: bool = False, overwrite: bool = False, threads: int | None = None
) -> Eigen:
    """Decompose a symmetric matrix, K = U diag(d) Uᵀ.

    Parameters
    ----------
    kinship : array_like, shape (n, n)
        Row-major or column-major, contiguous or not, float64 or another type that becomes float64. Not changed.
    centre : bool
        Project the mean off both sides first, as the mixed model does.
    overwrite : bool
        Put the eigenvectors where `kinship` is, where that is a float64 array that can be written.
    threads : int, optional

    Returns
    -------
    Eigen
        Eigenvalues ascending, everything below 1e-10 set to 0 as GEMMA has it; eigenvectors as columns.

    Raises
    ------
    ValueError
        Where the matrix is not square, not symmetric or not finite.
    ArithmeticError
        Where the decomposition does not converge.
    """
    given = np.asarray(kinship)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or given.shape[0] == 0:
        raise ValueError(f"the kinship matrix is of shape {given.shape}, a square matrix is expected")
    if given.dtype.kind not in "biuf":
        raise ValueError(f"the kinship matrix is of {given.dtype}, real numbers are expected")
    if is_rust_available():
        from . import _core

        values, vectors = _core.eigendecompose(
            np.asarray(given, dtype=np.float64), centre=centre, threads=threads or _core.threads()
        )
    else:
        values, vectors = _eigendecompose_by_lapack(given, centre)
    if overwrite and given.dtype == np.float64 and given.flags.writeable:
        given[...] = vectors
        vectors = given
    return Eigen(values, vectors)


def _eigendecompose_by_lapack(given: NDArray[Any], centre: bool) -> tuple[Floats, Floats]:
    k = np.array(given, dtype=np.float64)
    if not np.isfinite(k).all():
        raise ValueError("the kinship matrix has an entry that is not a finite number")
    if np.abs(k - k.T).max() > 1e-6 * np.abs(k).max():
        raise ValueError("the kinship matrix is not symmetric")
    if centre:
        means = k.mean(axis=1)
        k += means.mean() - means[:, None] - means[None, :]
    try:
        values, vectors = np.linalg.eigh(k, UPLO="U")
    except np.linalg.LinAlgError as error:
        raise ArithmeticError(f"the eigendecomposition did not converge ({error})") from error
    return np.where(values < 1e-10, 0.0, values), vectors


def read_kinship(path: PathLike, *, bfile: PathLike | None = None) -> Floats:
    """Read a square kinship matrix: GEMMA's text, plain or gzipped, or .npy.

    Parameters
    ----------
    path : path
    bfile : path, optional
        Prefix of PLINK files whose individuals the rows are to be: put in the order of the .fam by the ids beside the
        matrix (.cXX.id), where there are any.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric: the upper triangle counts.

    Raises
    ------
    OSError, ValueError
    """
    if not is_rust_available():
        return _read_kinship_by_numpy(path, bfile)
    from . import _core

    return _core.read_kinship(os.fspath(path), None if bfile is None else f"{os.fspath(bfile)}.fam")


def _read_kinship_by_numpy(path: PathLike, bfile: PathLike | None) -> Floats:
    if bfile is not None:
        _needs_engine("read_kinship with bfile")
    name = os.fspath(path)
    k = np.load(name) if name.endswith(".npy") else np.loadtxt(name, ndmin=2)
    if k.ndim != 2 or k.shape[0] != k.shape[1]:
        raise ValueError(f"{name}: the matrix is of shape {k.shape}, which is not square")
    return np.asarray(k, dtype=np.float64)


def write_kinship(
    path: PathLike, kinship: ArrayLike, *, individuals: Sequence[str] | Sequence[tuple[str, str]] | None = None
) -> Path:
    """Write a kinship matrix: .npy keeps every bit, .txt and .txt.gz have GEMMA's ten digits.

    Parameters
    ----------
    path : path
        What it ends in decides.
    kinship : array_like, shape (n, n)
    individuals : sequence of ids or of (fid, iid), optional
        Who the rows are; written beside the matrix (.cXX.id for .cXX.txt), for others to match rows by.

    Returns
    -------
    Path
    """
    _needs_engine("write_kinship")
    from . import _core

    ids = None
    if individuals is not None:
        # Without families PLINK's convention is the id twice.
        ids = [(one, one) if isinstance(one, str) else (str(one[0]), str(one[1])) for one in individuals]
    _core.write_kinship(os.fspath(path), np.asarray(kinship, dtype=np.float64), ids)
    return Path(path)


def read_assoc(path: PathLike) -> pl.DataFrame:
    """Read an association table (.assoc.txt, plain or gzipped) of jamma or GEMMA.

    Returns
    -------
    polars.DataFrame
        chr, rs and alleles as text, ps and n_miss as integers, all else float64 with NaN for `nan`.
    """
    import polars as pl

    if not Path(path).exists():
        raise FileNotFoundError(f"{os.fspath(path)}: cannot open: no such file or directory")
    frame = pl.read_csv(Path(path), separator="\t", infer_schema=False, quote_char=None)
    if missing := [name for name in ("chr", "rs", "ps", "af") if name not in frame.columns]:
        raise ValueError(f"{os.fspath(path)}: not an association table: there is no column {missing[0]!r}")
    texts, integers = {"chr", "rs", "allele1", "allele0"}, {"ps", "n_miss", "n_mis"}
    return frame.with_columns(
        pl.col(name).cast(pl.Int64 if name in integers else pl.Float64) for name in frame.columns if name not in texts
    )


def _start(
    words: list[str],
    inputs: Inputs,
    out: PathLike | None,
    backend: str | None,
    threads: int | None,
    memory: float | None,
    progress: bool | Progress | None,
    *,
    blocks: bool = False,
) -> Any:
    """Begins a run of the engine."""
    from . import _core

    name, _ = select_backend(backend)
    if threads is not None:
        words += ["--threads", str(threads)]
    if memory is not None:
        words += ["--memory", repr(memory)]
    has_terminal, call = resolved(progress)
    return _core.Run(
        words,
        write=out is not None,
        blocks=blocks,
        backend=backend_object(name, memory=_bytes(memory)),
        terminal=has_terminal,
        progress=call,
        study=inputs.study,
        phenotype=inputs.phenotype,
        covariates=inputs.covariates,
        kinship=inputs.kinship,
        snps=inputs.snps,
        kinship_snps=inputs.kinship_snps,
        notes=inputs.notes,
    )


def _bytes(memory: float | None) -> int | None:
    return None if memory is None else int(memory * 1e9)


def _needs_engine(what: str) -> None:
    if not is_rust_available():
        raise RuntimeError(f"{what} needs the Rust extension jamma._core, which is not built; {BUILD_HINT}")


def _on_arrays(given: Mapping[str, Any]) -> LmmResult:
    """Without the extension: arrays through the backend jax, filters by NumPy."""
    if given["genotypes"] is None or given["out"] is not None or given["eigen"] is not None:
        _needs_engine("run_lmm on files (bfile, eigen, out)")
    for name in ("phenotype", "covariates", "kinship", "snps", "kinship_snps"):
        if is_path(given[name]) or (name == "phenotype" and isinstance(given[name], int)):
            _needs_engine(f"run_lmm with {name} from a file")
    from .arrays import run_on_arrays

    name, _ = select_backend(given["backend"])
    return run_on_arrays(given, backend_object(name, memory=_bytes(given["memory"])))
