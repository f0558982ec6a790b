"""`report`: an HTML report of finished runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from .core.backend import needs_engine
from .file_options import FileOptions, PathLike, check_names, file_options, of_genotypes
from .options import is_path


def report(
    runs: PathLike | Sequence[PathLike],
    *,
    bfile: PathLike | None = None,
    out: PathLike | None = None,
    **files: Unpack[FileOptions],
) -> Path:
    """Write an HTML report of finished runs, of jamma or GEMMA, from their tables and logs, or of other programs' tables.

    Parameters
    ----------
    runs : path or sequence of paths
        The prefix of the files of each run: the argument `out` of :func:`run_lmm`, or `output/NAME` for GEMMA's `-o NAME`.
        It reads prefix.assoc.txt (or another format, or the tables of several phenotypes) and, if there is one,
        prefix.log.txt. Or a table of REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX (.ps) or METAL.
    bfile : path, optional
        Prefix of PLINK files: colour the regional plots by r² with the lead SNP, over all their individuals.
    out : path, optional
        Write out.report.html. Default: prefix.report.html, or comparison.report.html next to the first of several runs.
    **files
        Other genotypes instead of `bfile`, as of :func:`run_lmm` (`pfile`, `bgen`, `vcf`, ...), and `chr_set`, the species,
        by which 23 may be X; the chromosomes `chr1`, `01` and `1` of several runs are the same in any case.

    Returns
    -------
    Path
        The report. A report made during a run (`report=True`) also has the plots of the phenotype and of the kinship.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    ValueError
        If a run has no table, or a table is malformed.
    TypeError
        If an argument is not one of genotypes.

    Examples
    --------
    >>> a = jamma.run_lmm("demo", out="output/a")
    >>> b = jamma.run_lmm("demo", loco=True, out="output/b")
    >>> jamma.report("output/a").as_posix()
    'output/a.report.html'
    >>> jamma.report(["output/a", "output/b"], out="both").as_posix()
    'both.report.html'
    """
    needs_engine("report")
    from . import _core

    prefixes = [runs] if is_path(runs) else list(runs)  # type: ignore[arg-type]
    paths = [os.fspath(prefix) for prefix in prefixes]  # type: ignore[arg-type]
    given = {"bfile": bfile, **files}
    check_names("report", files)
    options = file_options(given)
    for name in options:
        if name != "chr_set" and name not in of_genotypes(options):
            raise TypeError(f"report() has no use for the argument {name!r}: it concerns an analysis")
    return Path(_core.report(paths, options, None if out is None else os.fspath(out)))
