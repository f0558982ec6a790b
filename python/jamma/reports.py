"""`report`: an HTML report of finished runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from .core.backend import needs_engine
from .file_options import PathLike
from .options import is_path


def report(runs: PathLike | Sequence[PathLike], *, bfile: PathLike | None = None, out: PathLike | None = None) -> Path:
    """Write an HTML report of finished runs, of jamma or GEMMA, from their tables and logs.

    Parameters
    ----------
    runs : path or sequence of paths
        The prefix of the files of each run: the argument `out` of :func:`run_lmm`, or `output/NAME` for GEMMA's `-o NAME`.
        It reads prefix.assoc.txt (or .assoc.txt.gz, or the tables of several phenotypes) and, if there is one,
        prefix.log.txt.
    bfile : path, optional
        Prefix of PLINK files: colour the regional plots by r² with the lead SNP, over all their individuals.
    out : path, optional
        Write out.report.html. Default: prefix.report.html, or comparison.report.html next to the first of several runs.

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
    genotypes = None if bfile is None else os.fspath(bfile)
    return Path(_core.report(paths, genotypes, None if out is None else os.fspath(out)))
