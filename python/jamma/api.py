"""`run_lmm`, `iter_lmm` and `kinship`: arguments become a job of the Rust pipeline, results become tables and arrays.

The allowed values of an argument are defined in one place, the engine's table of options (`src/cli/options.rs`). Its
messages give the name of the argument instead of the option.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias, Unpack

from numpy.typing import ArrayLike

from .backends._constants import (
    LAMBDA_INTERVALS,
    LAMBDA_MAX,
    LAMBDA_MIN,
    MAX_MISSING,
    MAX_R2,
    MIN_HWE,
    MIN_MAF,
)
from .blocks import LmmBlocks
from .core.backend import is_rust_available, needs_engine
from .eigen import Eigen
from .file_options import FileOptions, PathLike, check_names
from .frames import Floats
from .inputs import in_memory
from .matrix import with_ids
from .notes import warn
from .options import Call, call_text, kinship_options, lmm_options
from .progress import Progress
from .result import LmmResult
from .running import begin, whole_result

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
    traits: str | int | Sequence[int | str] | None = None,
    covariates: Any = None,
    kinship: Any = None,
    kinship2: Any = None,
    bim: Any = None,
    tests: Tests = "wald",
    maf: float | None = MIN_MAF,
    miss: float = MAX_MISSING,
    hwe: float = MIN_HWE,
    r2: float = MAX_R2,
    r2_centred: bool = False,
    snps: PathLike | Iterable[str] | None = None,
    kinship_snps: PathLike | Iterable[str] | None = None,
    kinship_kind: Kind = "centered",
    kinship_qc: Literal["analysed", "all"] = "analysed",
    loco: bool | str | int = False,
    loco_min_snps: int | None = None,
    eigen: EigenLike | None = None,
    eigen_cache: PathLike | None = None,
    lmin: float = LAMBDA_MIN,
    lmax: float = LAMBDA_MAX,
    region: int = LAMBDA_INTERVALS,
    rotation: Literal["f64", "f32"] = "f64",
    permutations: int | None = None,
    seed: int | None = None,
    log10p: bool = False,
    all_snps: bool = False,
    fail_fast: bool = False,
    out: PathLike | None = None,
    gz: bool = False,
    long: bool = False,
    report: bool = False,
    save_kinship: bool = False,
    backend: str | None = None,
    cluster: Any = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
    **files: Unpack[FileOptions],
) -> LmmResult:
    """Test every SNP for association with the phenotype in a linear mixed model.

    The model is y = Wα + xβ + u + e with u ~ N(0, vg K) and e ~ N(0, ve I); lambda = vg/ve is estimated for every SNP.

    Parameters
    ----------
    bfile : path or str, optional
        Prefix of the PLINK files .bed, .bim and .fam, or their URL without the extension, as a string (https://, s3://,
        gs://; see docs/genotypes.md).
    genotypes : array_like, frame, sparse matrix, dask array or xarray Dataset, shape (n, p), optional
        Instead of `bfile`: copies of allele1, either 0, 1, 2 or NaN (the results are those of the same PLINK files, to the
        bit), or dosages from 0 to 2, which the run reads block by block and does not copy. A frame may carry ids of
        individuals (see Notes); its column names are the SNP ids. A Dataset is one of sgkit, with `call_dosage` or
        `call_genotype`, ids and records of the SNPs.
    individuals : sequence of ids or of (fid, iid), or frame, optional
        With `genotypes`: the ids of the rows, if the genotypes do not carry ids themselves.
    missing : number or sequence of numbers, optional
        With `genotypes`: the codes of missing genotypes, in addition to NaN and None. Default: -1, -9 and -127 in signed
        integers, and the largest value (255 in uint8) in unsigned integers. Any other number outside 0 to 2 is an error.
    phenotype : int, path, (path, int), array_like of shape (n,) or (n, t), frame, mapping or list of arrays
        A phenotype column of the .fam, counted from 1; a file, or a file and a column; or values, NaN if missing. Several
        columns, a mapping of names to columns, or a list of arrays are several phenotypes (see Notes).
    traits : "all", str or list, optional
        Analyse several phenotypes in one run: all columns of the .fam or of the file `phenotype`, or those of a list, such
        as [1, 3, 5] or "1,3,5-9". With phenotypes in memory: the names of those to analyse. Default: one column of a file,
        all columns in memory.
    covariates : path or array_like, shape (n, c), optional
        Individuals with NaN are excluded. An intercept is added if there is none.
    kinship : path or array_like, shape (n, n), optional
        The kinship of all individuals, or, if it carries ids, of at least those analysed. Default: computed in this run.
    kinship2 : path or array_like, shape (n, n), optional
        A second kinship, such as one of households or of dominance, with a variance component of its own. The ratio of the
        two is estimated for each phenotype in the null model (`result.null.components`), and SNPs are tested with the
        combined kinship; docs/models.md describes the model.
    bim : frame or mapping, optional
        With `genotypes`: columns chr, rs, ps, allele1 and allele0 with a value for each SNP; any of them may be absent.
    tests : {"wald", "lrt", "score", "all", "lrt_effect"}
        GEMMA's -lmm 1, 2, 3, 4 and 9.
    maf, miss, hwe, r2 : float
        SNP filters over the analysed individuals, bounds inclusive: minimum minor allele frequency, maximum fraction of
        missing calls, minimum exact Hardy-Weinberg p-value (0 is off), maximum R² of the SNP on the covariates.
        `maf=None` turns off `maf` and `hwe` (-notsnp).
    r2_centred : bool
        Compute `r2` about the SNP's mean, so that it does not depend on which allele is counted.
    snps, kinship_snps : path or sequence of ids, optional
        The only SNPs to test; the only SNPs of a computed kinship. Without `kinship_snps` the kinship is computed from all
        SNPs that pass the filters, even if `snps` is given.
    kinship_kind : {"centered", "standardized"}
        Kind of the computed kinship: GEMMA's -gk 1 or 2.
    kinship_qc : {"analysed", "all"}
        Individuals over which the SNP filters of a computed kinship are evaluated.
    loco : bool, str or int
        Leave one chromosome out of the kinship. True: test the SNPs of every chromosome against the kinship without it. The
        name of a chromosome, as in the .bim (7 is "7"): test only its SNPs, against the kinship without it, which is
        computed or given as `kinship` or `eigen`.
    loco_min_snps : int, optional
        With `loco=True`: chromosome 0 and all scaffolds with fewer SNPs than this are left out together, as the chromosome
        "unplaced". Default: 100.
    eigen : Eigen, (values, vectors) or (path, path), optional
        Instead of `kinship`: the result of :func:`eigendecompose` with centre=True for the kinship of the analysed
        individuals, the result of :func:`read_eigen`, or the two files of an earlier run. If the decomposition has more
        individuals or was made without centre=True, the kinship is reconstructed and decomposed again, with a note.
    eigen_cache : path, optional
        A directory that keeps decompositions for later runs with the same kinship and individuals.
    lmin, lmax, region : float, float, int
        Range of lambda, and the number of intervals, equal in log lambda, that are searched for a root.
    rotation : {"f64", "f32"}
        Precision of the genotype rotation. f32 is faster, with an error of up to about 5e-8 of the Euclidean norm of the
        genotype vector.
    permutations, seed : int, optional
        Compute genome-wide thresholds from this number of permutations of the decorrelated residuals; the same seed
        (default 1) gives the same permutations. Only with the backend rust.
    log10p : bool
        Add columns neg_log10_p_* with -log10 p, accurate far below 1e-308.
    all_snps : bool
        Also return the SNPs that the filters exclude, in the order of the input. Their statistics are NaN, and a last
        column `status` has the reason; docs/files.md lists its values.
    fail_fast : bool
        With several phenotypes: raise the error of the first that cannot be analysed, instead of analysing the others.
    out : path, optional
        Also write GEMMA's files: out="dir/name" writes dir/name.assoc.txt and dir/name.log.txt; with several phenotypes, a
        table dir/name.TRAIT.assoc.txt for each. The directory is created after all inputs have been checked.
    gz, long, report, save_kinship : bool
        With `out`: compress text files; write one table of all phenotypes, with the first column `trait`; also write
        dir/name.report.html, a report with interactive plots that opens offline (docs/report.md); also write the computed
        kinship.
    backend : {"rust", "jax"}, optional
        Default: JAMMA_BACKEND, else chosen automatically (see `jamma.core.get_backend_info`).
    cluster : distributed.Client or str, optional
        Compute on a Dask cluster, a client or the address of a scheduler, instead of in this process. All workers need the
        files, and the directory of `out` (or JAMMA_SCRATCH), under the same paths. The results are the same, to the bit on
        machines of one kind; docs/howto/cluster.md describes it.
    threads : int, optional
        Number of threads, limited to four per core, or eight if that is more. Default: the first number among
        RAYON_NUM_THREADS, OMP_NUM_THREADS and SLURM_CPUS_PER_TASK, else the cores available to this process.
    memory : float, optional
        Memory limit in GB (1e9 bytes), for the engine and the backend together. Default: the free memory.
    progress : bool or callable, optional
        Whether to show progress; by default it is shown on a terminal and in a notebook. A callable is called with the name
        of the stage and the fraction done, from 0 to 1, or None if that is not known.
    **files
        Options of the command line: other files of genotypes instead of `bfile` (`pfile`, `bgen`, `vcf`, `zarr`, `numeric`,
        `bimbam`), tables of traits (`pheno`, `covar`), gene-environment interaction (`gxe`), `weights` and `replicates`,
        SNPs as covariates (`condition`, `stepwise`), the chromosomes of the species (`chr_set`, `x_model`, `par`,
        `sex_from`), and the selection of individuals and SNPs (`keep`, `chr`, ...). See :class:`FileOptions`.

    Returns
    -------
    LmmResult
        One row per tested SNP (with `all_snps`, per SNP) in GEMMA's columns, the null model, counts, times and notes. Of
        several phenotypes, the subclass :class:`LmmResults`: a table of all, and `traits`, the result of each by its name.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    ValueError
        If an argument is wrong, or an input is malformed, inconsistent with another one, or degenerate. Of several
        phenotypes, if none can be analysed, or with `fail_fast` one.
    MemoryError
        If the run needs more memory than it may use, before the work begins, or the system refuses memory.
    ArithmeticError
        If a method does not converge.
    RuntimeError
        If the backend is not available.

    Warns
    -----
    JammaWarning
        For each of the result's `notes`.

    Notes
    -----
    Rows that carry ids are matched by id. Ids are in a column `iid` (and `fid`) of a frame (pandas, polars, pyarrow and
    other Arrow tables); in a pandas index of strings, an index named iid (or id, sample, ...), or one with the levels fid
    and iid; or in a coordinate of an xarray array. The column names of a kinship can be its ids, too. Numeric ids compare
    as numbers: 007, 7 and 7.0 are one id. Rows without ids must be in the order of the genotypes. Rows with
    ids are an error if the genotypes have none (see `individuals`). Rows of unknown individuals are ignored and counted in
    `notes`.

    Several phenotypes are the columns of an array, or the arrays of a list (named "1", "2", ...), or the columns of a
    frame or a mapping (named as there). Each is analysed in the individuals who have it, with the numbers of a run of
    its own (with the backend rust, to the bit). For phenotypes of the same individuals, the kinship is computed and
    decomposed once, and each SNP is rotated once. A phenotype that cannot be analysed is in `failed` and in `notes`.

    Numeric arguments may be NumPy scalars or arrays of no dimensions. The message of an exception is that of the command
    line with the names of the arguments; the remedy is a note of the exception (`__notes__`).

    Examples
    --------
    Files, with the study that is part of the program (reference/data/demo.*):

    >>> result = jamma.run_lmm("demo", tests="all")
    >>> len(result), round(result.null.pve, 3)
    (959, 0.732)
    >>> result.to_polars().sort("p_wald").select("chr", "rs", "allele1").row(0)
    ('2', 'rs10226', 'T')

    Every chromosome tested against the kinship without it:

    >>> loco = jamma.run_lmm("demo", loco=True)
    >>> round(loco.chromosomes["3"].null.pve, 3)
    0.712

    Arrays, with two phenotypes:

    >>> rng = np.random.default_rng(1)
    >>> x = rng.binomial(2, 0.4, size=(100, 300))               # 100 individuals, 300 SNPs
    >>> y = {"height": x[:, 7] + rng.normal(size=100), "weight": rng.normal(size=100)}
    >>> both = jamma.run_lmm(genotypes=x, phenotype=y)
    >>> int(both.traits["height"]["p_wald"].argmin())
    7
    """
    given = dict(locals())
    check_names("run_lmm", files)
    call = Call("lmm", lmm_options(given), call_text(run_lmm, given))
    if cluster is not None:
        needs_engine("run_lmm(cluster=...)")
    if not is_rust_available():
        from .arrays import run_on_arrays

        result = run_on_arrays(given)
    else:
        result = whole_result(call, given)
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
    traits: str | int | Sequence[int | str] | None = None,
    covariates: Any = None,
    kinship: Any = None,
    kinship2: Any = None,
    bim: Any = None,
    tests: Tests = "wald",
    maf: float | None = MIN_MAF,
    miss: float = MAX_MISSING,
    hwe: float = MIN_HWE,
    r2: float = MAX_R2,
    r2_centred: bool = False,
    snps: PathLike | Iterable[str] | None = None,
    kinship_snps: PathLike | Iterable[str] | None = None,
    kinship_kind: Kind = "centered",
    kinship_qc: Literal["analysed", "all"] = "analysed",
    loco: bool | str | int = False,
    loco_min_snps: int | None = None,
    eigen: EigenLike | None = None,
    eigen_cache: PathLike | None = None,
    lmin: float = LAMBDA_MIN,
    lmax: float = LAMBDA_MAX,
    region: int = LAMBDA_INTERVALS,
    rotation: Literal["f64", "f32"] = "f64",
    permutations: int | None = None,
    seed: int | None = None,
    log10p: bool = False,
    all_snps: bool = False,
    fail_fast: bool = False,
    out: PathLike | None = None,
    gz: bool = False,
    long: bool = False,
    report: bool = False,
    save_kinship: bool = False,
    backend: str | None = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
    **files: Unpack[FileOptions],
) -> LmmBlocks:
    """Test every SNP and yield the results block by block, for tables that are larger than memory.

    Parameters
    ----------
    bfile : path or str, optional
        Prefix of the PLINK files, or their URL.
    block_snps : int, optional
        Number of SNPs read at a time, at most those of the input; the numbers do not depend on it. The SNPs of a block that
        pass the filters (with `all_snps`, all of them) make one table.
    genotypes, individuals, missing, phenotype, traits, covariates, kinship, kinship2, bim, tests, maf, miss, hwe, r2
    r2_centred, snps, kinship_snps, kinship_kind, kinship_qc, loco, loco_min_snps, eigen, eigen_cache, lmin, lmax, region
    rotation, permutations, seed, log10p, all_snps, fail_fast, out, gz, long, report, save_kinship, backend, threads, memory
    progress
    **files
        As in :func:`run_lmm`.

    Returns
    -------
    LmmBlocks
        An iterator over :class:`AssocTable`, in the order of the file. The run starts when the first block is taken;
        `close()`, or dropping the iterator, ends it early. After the last block the attributes `null`, `notes`, `ledger`,
        `times`, `outputs` and `report` describe the run. With several phenotypes a block has the results of one of them,
        whose name is in its first column, `trait`, and `traits` has the report on each.

    Raises
    ------
    OSError, ValueError, MemoryError, ArithmeticError, RuntimeError
        As in :func:`run_lmm`: for wrong arguments and hard calls at once, for files, for dosages and during the run when a
        block is taken.

    Examples
    --------
    >>> blocks = jamma.iter_lmm("demo", block_snps=400)
    >>> [len(block["rs"][block["p_wald"] < 1e-5]) for block in blocks]
    [1, 1, 1]
    >>> round(blocks.null.pve, 3)                           # after the last block
    0.732
    """
    given = dict(locals())
    check_names("iter_lmm", files)
    if files.get("stepwise") is not None:
        raise ValueError(
            "stepwise: all SNPs are tested again after each step, but iter_lmm yields results as they are computed; "
            "use run_lmm"
        )
    call = Call("lmm", lmm_options(given), call_text(iter_lmm, given))
    needs_engine("iter_lmm")
    # Errors in arrays are raised now; the run starts with the first block.
    begun = time.perf_counter()
    inputs = in_memory(given, call.options)
    seconds = time.perf_counter() - begun
    return LmmBlocks(lambda: begin(call, inputs, given, seconds, blocks=True))


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
    maf: float | None = MIN_MAF,
    miss: float = MAX_MISSING,
    hwe: float = MIN_HWE,
    r2: float = MAX_R2,
    snps: PathLike | Iterable[str] | None = None,
    kinship_qc: Literal["analysed", "all"] | None = None,
    loco: bool | str | int = False,
    loco_min_snps: int | None = None,
    out: PathLike | None = None,
    npy: bool = False,
    gz: bool = False,
    backend: str | None = None,
    threads: int | None = None,
    memory: float | None = None,
    progress: bool | Progress | None = None,
    **files: Unpack[FileOptions],
) -> Floats | Any:
    """Compute the kinship (relatedness) matrix of all individuals, or those without each chromosome.

    Parameters
    ----------
    bfile : path or str, optional
        Prefix of the PLINK files, or their URL.
    kind : {"centered", "standardized"}
        Centred or standardised: GEMMA's -gk 1 or 2.
    genotypes : array_like or frame, shape (n, p), optional
        Instead of `bfile`; see :func:`run_lmm`.
    kinship_qc : {"analysed", "all"}, optional
        Individuals over which the SNP filters are evaluated: those with phenotype and covariates, as in GEMMA (default with
        `bfile` and `pfile`, and if `phenotype` or `pheno` is given), or all individuals (always with `genotypes`).
    loco : bool, str or int
        Leave one chromosome out. The name of a chromosome: compute the kinship without it. True: compute a kinship without
        each chromosome, from one pass over the genotypes.
    loco_min_snps : int, optional
        As in :func:`run_lmm`.
    out : path, optional
        Also write the matrix: out="dir/name" writes dir/name.cXX.txt (.sXX.txt if standardised), its ids and a log; with
        `loco=True`, a matrix dir/name.CHR.cXX.txt for each chromosome.
    npy, gz : bool
        With `out`: write NumPy's format; compress the text.
    snps : path or sequence of ids, optional
        The only SNPs of the kinship.
    individuals, missing, phenotype, covariates, bim, maf, miss, hwe, r2, backend, threads, memory, progress, **files
        As in :func:`run_lmm`.

    Returns
    -------
    KinshipMatrix of shape (n, n), or dict of str to KinshipMatrix
        A symmetric NumPy array with the individuals in the order of the genotypes. It carries their ids, by
        which a run matches its rows. With `loco=True`, such a matrix for each chromosome that is left out, by its name, in
        the order of the genotypes; all of them are in memory.

    Raises
    ------
    OSError, ValueError, MemoryError, RuntimeError
        As in :func:`run_lmm`.

    Examples
    --------
    >>> K = jamma.kinship("demo")
    >>> K.shape, K.individuals[0]
    ((300, 300), ('F001', 'I001'))
    >>> result = jamma.run_lmm("demo", kinship=K)           # the kinship once, for many runs
    >>> sorted(jamma.kinship("demo", loco=True))[:3]        # a matrix without each chromosome
    ['1', '10', '2']
    """
    given = dict(locals())
    check_names("kinship", files)
    needs_engine("kinship")
    call = Call("gk", kinship_options(given), call_text(kinship, given))
    given |= {"kinship": None, "kinship2": None, "eigen": None, "kinship_snps": None}
    if call.options["kinship_qc"] == "all":
        given["phenotype"] = given["covariates"] = None
    inputs = in_memory(given, call.options)
    run, _ = begin(call, inputs, given, 0.0)
    found = run.finish()
    warn(found["notes"])
    # After a selection, the individuals of the kinship are not all of those in the files.
    ids = inputs.ids if genotypes is not None else found["of_kinships"]
    if files.get("bimbam") is not None:
        ids = None  # The engine numbers individuals without ids.
    matrices = {
        left_out: with_ids(matrix, ids, are_implied=genotypes is None) for left_out, matrix in found["kinships"]
    }
    return matrices if found["chromosomes"] else next(iter(matrices.values()))
