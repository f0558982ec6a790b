"""The functions of the package: arguments become a job of the Rust pipeline, results become tables and arrays.

What an argument means, and what values it may have, is decided in one place, the engine's table of options; its messages
name the argument in place of the option.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .blocks import LmmBlocks
from .core.backend import backend_object, is_rust_available, needs_engine, select_backend
from .eigen import Eigen
from .frames import floats, rows_of
from .inputs import Inputs, columns_in_order, in_memory
from .labelled import ids_of
from .matrix import with_ids
from .notes import warn
from .numeric import is_whole, number
from .options import Call, call_text, is_path, kinship_options, lmm_options, path_text
from .progress import Progress, resolved
from .result import LmmResult, Report
from .row_ids import check_for_file

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
PathLike: TypeAlias = str | os.PathLike[str]
Tests = Literal["wald", "lrt", "score", "all", "lrt_effect"]
Kind = Literal["centered", "centred", "standardized", "standardised"]
EigenLike: TypeAlias = "Eigen | tuple[PathLike, PathLike] | tuple[ArrayLike, ArrayLike]"


def run_lmm(
    bfile: PathLike | None = None,
    *,
    genotypes: Any = None,
    individuals: Any = None,
    missing: float | Sequence[float] | None = None,
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
    eigen: EigenLike | None = None,
    lmin: float = 1e-5,
    lmax: float = 1e5,
    region: int = 10,
    rotation: Literal["f64", "f32"] = "f64",
    log10p: bool = False,
    all_snps: bool = False,
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
    individuals : sequence of ids or of (fid, iid), or frame, optional
        With `genotypes`: whose its rows are, if it does not carry ids itself.
    missing : number or sequence of numbers, optional
        With `genotypes`: the codes of missing genotypes, beside NaN and None. If not given they are -1, -9 and -127 in
        signed integers, and the largest value (255 in uint8) in unsigned ones. Any other number outside 0 to 2 is an
        error.
    phenotype : int, path, (path, int) or array_like, shape (n,)
        A column of the .fam, from 1; a file, with its column; or values, NaN if missing. None with `bfile` is column 1.
    covariates : path or array_like, shape (n, c), optional
        NaN excludes the individual. An intercept is added if there is none.
    kinship : path or array_like, shape (n, n), optional
        Of all individuals, or, with ids, of those analysed; computed from the genotypes if not given.
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
    eigen : Eigen, (values, vectors) or (path, path), optional
        In place of `kinship`: what :func:`eigendecompose` gives for the kinship of the analysed individuals with
        centre=True, what :func:`read_eigen` reads, or the files of an earlier run. Of a decomposition of more individuals,
        or without centre=True, the kinship is put together and decomposed again, with a note.
    lmin, lmax, region : float, float, int
        Range of lambda = vg/ve, and intervals in which a root is searched.
    rotation : {"f64", "f32"}
        Precision of the genotype rotation.
    log10p : bool
        Add columns neg_log10_p_*, exact far below 1e-308.
    all_snps : bool
        Also return the SNPs that the filters exclude, as rows of NaN with the reason in a column `status`.
    out : path, optional
        Write GEMMA's files too: out="dir/name" gives dir/name.assoc.txt and dir/name.log.txt.
    gz, save_kinship : bool
        With `out`: compress tables; write the computed kinship.
    backend : {"rust", "jax"}, optional
        JAMMA_BACKEND if not given, else automatic; see `jamma.core.get_backend_info`.
    threads : int, optional
        RAYON_NUM_THREADS, OMP_NUM_THREADS or SLURM_CPUS_PER_TASK if not given, else the cores this process may use.
    memory : float, optional
        Memory limit in 1e9 bytes, of the backend too; what is free if not given.
    progress : bool or callable, optional
        True shows progress, False does not, None does on a terminal and in a notebook. A callable gets the name of a
        stage and the fraction of it that is done, or None.

    Returns
    -------
    LmmResult
        One row per tested SNP in GEMMA's columns, the null model, the ledger and times.

    Raises
    ------
    OSError, ValueError, MemoryError, ArithmeticError, RuntimeError
        Files that cannot be read; inputs that are malformed or disagree; too little memory; a method that does not
        converge; a backend that is not there. The text is the command line's, the cure is a note of the exception.

    Warns
    -----
    JammaWarning
        For each of the result's `notes`.

    Notes
    -----
    Rows are matched by id if they carry ids: in a column `iid` (and `fid`) of a frame (pandas, polars, pyarrow and others
    of Arrow), in a pandas index of texts, with the name iid (or id, sample, ...) or with the levels fid and iid, or in a
    coordinate of an xarray array; of a kinship also in the names of its columns. 007, 7 and 7.0 are one id. Rows without
    ids are in the order of the .fam, or of the genotypes. Rows with ids are an error if the genotypes have none (see
    `individuals`). Rows of unknown individuals are ignored, and `notes` says how many.

    Every numeric argument may be a NumPy scalar or an array of no dimensions.

    Examples
    --------
    >>> result = run_lmm("mouse_hs1940", phenotype=6, tests="all")      # doctest: +SKIP
    >>> result.null.pve, result.to_polars().sort("p_wald").head()       # doctest: +SKIP
    """
    given = dict(locals())
    call = Call("lmm", lmm_options(given), call_text(run_lmm, given))
    if not is_rust_available():
        result = _on_arrays(given)
    else:
        begun = time.perf_counter()
        inputs = in_memory(given)
        run, seconds = _begin(call, inputs, given, time.perf_counter() - begun)
        found = run.finish()
        result = LmmResult(found["table"], Report.of(found, seconds))
    warn(result.notes)
    return result


def iter_lmm(
    bfile: PathLike | None = None,
    *,
    block_snps: int | None = None,
    genotypes: Any = None,
    individuals: Any = None,
    missing: float | Sequence[float] | None = None,
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
    eigen: EigenLike | None = None,
    lmin: float = 1e-5,
    lmax: float = 1e5,
    region: int = 10,
    rotation: Literal["f64", "f32"] = "f64",
    log10p: bool = False,
    all_snps: bool = False,
    out: PathLike | None = None,
    gz: bool = False,
    save_kinship: bool = False,
    backend: str | None = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
) -> LmmBlocks:
    """Test every SNP, and hand results out block by block, for results that outgrow memory.

    Parameters
    ----------
    bfile : path, optional
    block_snps : int, optional
        SNPs read at a time; those of a block that pass the filters make a table.
    genotypes, individuals, missing, phenotype, covariates, kinship, bim, tests, maf, miss, hwe, r2, r2_centred, snps
    kinship_snps, kinship_kind, kinship_qc, eigen, lmin, lmax, region, rotation, log10p, all_snps, out, gz, save_kinship
    backend, threads, memory, progress
        As of :func:`run_lmm`.

    Returns
    -------
    LmmBlocks
        An iterator of :class:`AssocTable`, in the order of the file. Not taking the next one ends the run. After the last
        one its attributes `null`, `notes`, `ledger`, `times`, `outputs` and `report` say what the run did.

    Examples
    --------
    >>> blocks = jamma.iter_lmm("huge")                     # doctest: +SKIP
    >>> for block in blocks:                                # doctest: +SKIP
    ...     best = block["rs"][block["p_wald"] < 5e-8]
    >>> blocks.null.pve, blocks.notes                       # doctest: +SKIP
    """
    given = dict(locals())
    call = Call("lmm", lmm_options(given), call_text(iter_lmm, given))
    needs_engine("iter_lmm")
    # Errors of arrays are raised now; the run begins with the first block.
    begun = time.perf_counter()
    inputs = in_memory(given)
    seconds = time.perf_counter() - begun
    return LmmBlocks(lambda: _begin(call, inputs, given, seconds, blocks=True))


def kinship(
    bfile: PathLike | None = None,
    *,
    kind: Kind = "centered",
    genotypes: Any = None,
    individuals: Any = None,
    missing: float | Sequence[float] | None = None,
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
        `bfile` if not given; or everybody, as is always done for `genotypes`.
    out : path, optional
        Write the matrix too: out="dir/name" gives dir/name.cXX.txt and dir/name.cXX.id.
    npy, gz : bool
        With `out`: as NumPy's format; compressed.
    snps : path or ids, optional
        The only SNPs of the kinship.
    individuals, missing, phenotype, covariates, bim, maf, miss, hwe, r2, backend, threads, memory, progress
        As of :func:`run_lmm`.

    Returns
    -------
    KinshipMatrix, shape (n, n)
        A NumPy array, symmetric, individuals in the order of the .fam or of the genotypes, whose ids it carries: a run
        matches its rows by them.
    """
    given = dict(locals())
    needs_engine("kinship")
    call = Call("gk", kinship_options(given), call_text(kinship, given))
    given |= {"kinship": None, "eigen": None, "kinship_snps": None}
    if call.options["kinship_qc"] == "all":
        given["phenotype"] = given["covariates"] = None
    inputs = in_memory(given)
    run, _ = _begin(call, inputs, given, 0.0)
    found = run.finish()
    warn(found["notes"])
    ids = inputs.ids
    if bfile is not None:
        from . import _core

        ids = _core.individuals(os.fspath(bfile))
    return with_ids(found["kinship"], ids, are_implied=genotypes is None)


def read_kinship(path: PathLike, *, bfile: PathLike | None = None) -> Floats:
    """Read a square kinship matrix: GEMMA's text, plain or gzipped, or .npy.

    Parameters
    ----------
    path : path
    bfile : path, optional
        Prefix of PLINK files whose individuals the rows are to be: put in the order of the .fam by the ids beside the
        matrix (.cXX.id), if there are any.

    Returns
    -------
    KinshipMatrix, shape (n, n)
        A NumPy array, symmetric: the upper triangle counts. It carries the ids of its rows, if they are beside the file: a
        run matches its rows by them.

    Raises
    ------
    OSError, ValueError
    """
    name = path_text("path", path)
    if not is_rust_available():
        return _read_kinship_by_numpy(path, bfile)
    from . import _core

    fam = None if bfile is None else f"{path_text('bfile', bfile)}.fam"
    matrix, ids = _core.read_kinship(name, fam)
    return with_ids(matrix, ids)


def _read_kinship_by_numpy(path: PathLike, bfile: PathLike | None) -> Floats:
    if bfile is not None:
        needs_engine("read_kinship with bfile")
    name = os.fspath(path)
    k = np.load(name) if name.endswith(".npy") else np.loadtxt(name, ndmin=2)
    if k.ndim != 2 or k.shape[0] != k.shape[1]:
        raise ValueError(f"{name}: the matrix is of shape {k.shape}, which is not square")
    return floats(rows_of("kinship", k, ndim=2).values)


def write_kinship(path: PathLike, kinship: ArrayLike, *, individuals: Any = None) -> Path:
    """Write a kinship matrix: .npy keeps every bit, .txt and .txt.gz have GEMMA's ten digits.

    Parameters
    ----------
    path : path
        What it ends in decides.
    kinship : array_like or frame, shape (n, n)
        The ids of a frame, or of what :func:`kinship` and :func:`read_kinship` give, are written too.
    individuals : sequence of ids or of (fid, iid), or frame, optional
        Whose the rows are; written beside the matrix (.cXX.id for .cXX.txt), for others to match rows by.

    Returns
    -------
    Path
    """
    needs_engine("write_kinship")
    from . import _core

    rows = rows_of("kinship", kinship, ndim=2)
    ids = rows.ids
    if individuals is not None:
        ids = ids_of("individuals", individuals)
        is_other = rows.ids is not None and [iid for _, iid in rows.ids] != [iid for _, iid in ids]
        if is_other and not rows.are_implied:
            raise ValueError("individuals: the kinship carries ids, and they are others; leave individuals out")
    if ids is not None:
        check_for_file("individuals", ids)
        # Without families PLINK's convention is the id twice.
        ids = [(fid or iid, iid) for fid, iid in ids]
    _core.write_kinship(os.fspath(path), floats(columns_in_order(rows).values), ids)
    return Path(path)


def read_assoc(path: PathLike) -> pl.DataFrame:
    """Read an association table (.assoc.txt, plain or gzipped) of jamma or GEMMA.

    Returns
    -------
    polars.DataFrame
        chr, rs and alleles as text, ps and n_miss as integers, all else float64 with NaN for `nan`.
    """
    import polars as pl

    if not Path(path_text("path", path)).exists():
        raise FileNotFoundError(f"{os.fspath(path)}: cannot open: no such file or directory")
    try:
        frame = pl.read_csv(Path(path), separator="\t", infer_schema=False, quote_char=None)
    except pl.exceptions.NoDataError as error:
        raise ValueError(f"{os.fspath(path)}: not an association table: the file is empty") from error
    if missing := [name for name in ("chr", "rs", "ps", "af") if name not in frame.columns]:
        raise ValueError(f"{os.fspath(path)}: not an association table: there is no column {missing[0]!r}")
    texts, integers = {"chr", "rs", "allele1", "allele0", "status"}, {"ps", "n_miss", "n_mis"}
    return frame.with_columns(
        pl.col(name).cast(pl.Int64 if name in integers else pl.Float64) for name in frame.columns if name not in texts
    )


def _begin(
    call: Call, inputs: Inputs, given: Mapping[str, Any], seconds: float, *, blocks: bool = False
) -> tuple[Any, float]:
    """Begins a run of the engine; also the seconds that the conversion of arrays took, `seconds` before this."""
    from . import _core

    name, _ = select_backend(given["backend"])
    has_terminal, progress = resolved(given["progress"])
    chosen = backend_object(name, memory=_bytes(given["memory"]))
    begun = time.perf_counter()
    run = _core.Run(
        call.command,
        call.options,
        call=call.text,
        write=given["out"] is not None,
        blocks=blocks,
        backend=chosen,
        terminal=has_terminal,
        progress=progress,
        study=inputs.study,
        phenotype=inputs.phenotype,
        covariates=inputs.covariates,
        kinship=inputs.kinship,
        kinship_rows=inputs.kinship_rows,
        eigen=None if inputs.eigen is None else (floats(inputs.eigen.values), floats(inputs.eigen.vectors)),
        eigen_rows=inputs.eigen_rows,
        snps=inputs.snps,
        kinship_snps=inputs.kinship_snps,
        notes=inputs.notes,
    )
    has_arrays = any(
        getattr(inputs, what) is not None for what in ("study", "phenotype", "covariates", "kinship", "eigen")
    )
    return run, seconds + time.perf_counter() - begun if has_arrays else 0.0


def _bytes(memory: float | None) -> int | None:
    if memory is None:
        return None
    amount = number("memory", memory)
    if not np.isfinite(amount):
        raise ValueError(f"memory: expected a number of gigabytes, found {amount}; leave it out for all that is free")
    return int(amount * 1e9)


def _on_arrays(given: Mapping[str, Any]) -> LmmResult:
    """Without the extension: arrays through the backend jax, filters by NumPy."""
    if given["genotypes"] is None or given["out"] is not None or given["eigen"] is not None:
        needs_engine("run_lmm on files (bfile, eigen, out)")
    for name in ("phenotype", "covariates", "kinship", "snps", "kinship_snps"):
        if is_path(given[name]) or (name == "phenotype" and is_whole(given[name])):
            needs_engine(f"run_lmm with {name} from a file")
    from .arrays import run_on_arrays

    name, _ = select_backend(given["backend"])
    return run_on_arrays(given, backend_object(name, memory=_bytes(given["memory"])))
