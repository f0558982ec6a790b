"""Kinship matrices and association tables in files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .core.backend import is_rust_available, needs_engine
from .file_options import PathLike
from .frames import Floats, floats, rows_of
from .inputs import columns_in_order
from .labelled import ids_of
from .matrix import with_ids
from .options import path_text
from .row_ids import check_for_file

if TYPE_CHECKING:
    import polars as pl


def read_kinship(path: PathLike, *, bfile: PathLike | None = None) -> Floats:
    """Read a kinship matrix: GEMMA's text format, plain or gzipped, .npy, or that of another program with ids.

    Parameters
    ----------
    path : path
        The file of the matrix. Its ids, if any, are in the .id file next to it (m.cXX.id for m.cXX.txt). Matrices of PLINK
        (.rel, .rel.bin), GCTA (.grm.bin, .grm.gz), R, pandas and TASSEL (text with names) are recognised, as by `kinship=`
        of a run.
    bfile : path, optional
        Prefix of PLINK files. The rows are put in the order of the .fam by the ids of the matrix; without ids the matrix
        must have the individuals of the .fam in their order.

    Returns
    -------
    KinshipMatrix, shape (n, n)
        A symmetric NumPy array, made from the upper triangle of the file. It carries the ids of its rows if the matrix has
        an .id file, and a run matches its rows by them.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If the file is not a square, symmetric matrix of finite numbers, or if its .id file belongs to another matrix.

    Examples
    --------
    >>> path = jamma.write_kinship("demo.cXX.txt.gz", jamma.kinship("demo"))
    >>> K = jamma.read_kinship(path)
    >>> K.shape, K.individuals[:2]
    ((300, 300), [('F001', 'I001'), ('F001', 'I002')])
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
        raise ValueError(f"{name}: the matrix has shape {k.shape}, expected a square matrix")
    return floats(rows_of("kinship", k, ndim=2).values)


def write_kinship(path: PathLike, kinship: ArrayLike, *, individuals: Any = None) -> Path:
    """Write a kinship matrix: .npy keeps every bit, .txt and .txt.gz have GEMMA's ten digits.

    Parameters
    ----------
    path : path
        The file; its extension, .npy, .txt or .txt.gz, determines the format.
    kinship : array_like or frame, shape (n, n)
        The matrix. If it carries ids (a frame, or a result of :func:`kinship` or :func:`read_kinship`), they are written
        too.
    individuals : sequence of ids or of (fid, iid), or frame, optional
        The ids of the rows, if the matrix does not carry them. They are written to an .id file next to the matrix
        (m.cXX.id for m.cXX.txt), by which jamma matches rows when it reads the matrix.

    Returns
    -------
    Path
        The file of the matrix.

    Raises
    ------
    OSError
        If a file cannot be written.
    ValueError
        If the matrix is not square, the ids repeat or contain blanks, or ids of another matrix are in the .id file.

    Examples
    --------
    >>> jamma.write_kinship("demo.cXX.npy", jamma.kinship("demo")).name     # and demo.cXX.id
    'demo.cXX.npy'
    >>> K = 0.5 * np.eye(3) + 0.5
    >>> jamma.write_kinship("family.cXX.txt", K, individuals=["mother", "father", "child"]).name
    'family.cXX.txt'
    """
    needs_engine("write_kinship")
    from . import _core

    rows = rows_of("kinship", kinship, ndim=2)
    ids = rows.ids
    if individuals is not None:
        ids = ids_of("individuals", individuals)
        is_other = rows.ids is not None and [iid for _, iid in rows.ids] != [iid for _, iid in ids]
        if is_other and not rows.are_implied:
            raise ValueError("individuals: the ids differ from those that the kinship carries; omit individuals")
    if ids is not None:
        check_for_file("individuals", ids)
        # PLINK writes the IID twice if there is no family id.
        ids = [(fid or iid, iid) for fid, iid in ids]
    _core.write_kinship(os.fspath(path), floats(columns_in_order(rows).values), ids)
    return Path(path)


def read_run(path: PathLike) -> dict[str, Any]:
    """Read the record of a run, PREFIX.run.json.

    Parameters
    ----------
    path : path
        The record, or the prefix of the run.

    Returns
    -------
    dict
        Its members; docs/outputs.md describes them.

    Raises
    ------
    OSError
        If the file does not exist or cannot be read.
    ValueError
        If the file is not the record of a run.

    Examples
    --------
    >>> result = jamma.run_lmm("demo", out="output/demo")
    >>> record = jamma.read_run("output/demo")
    >>> record["program"]
    'jamma'
    """
    name = path_text("path", path)
    found = Path(name)
    if not found.is_file():
        found = Path(f"{name}.run.json")
    try:
        record = json.loads(found.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{found}: not the record of a run: {error}") from error
    if not isinstance(record, dict) or record.get("program") != "jamma":
        raise ValueError(f"{found}: not the record of a run of jamma")
    return record


def read_assoc(path: PathLike) -> pl.DataFrame:
    """Read an association table (.assoc.txt, plain or gzipped) of jamma or GEMMA.

    Parameters
    ----------
    path : path
        The file of the table.

    Returns
    -------
    polars.DataFrame
        One row per SNP: chr, rs, alleles and status as strings, trait as a categorical, ps and n_miss as integers, all
        other columns as float64, with NaN for `nan`.

    Raises
    ------
    OSError
        If the file does not exist or cannot be read.
    ValueError
        If the file is not an association table.

    Examples
    --------
    >>> result = jamma.run_lmm("demo", out="output/demo")
    >>> table = jamma.read_assoc("output/demo.assoc.txt")
    >>> table.filter(table["p_wald"] < 1e-8)["rs"].to_list()
    ['rs10226', 'rs10523', 'rs10827']
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
    types: dict[str, Any] = dict.fromkeys(("chr", "rs", "allele1", "allele0", "status"), pl.String())
    types |= dict.fromkeys(("ps", "n_miss", "n_mis", "n_obs"), pl.Int64()) | {"trait": pl.Categorical()}
    return frame.with_columns(pl.col(name).cast(types.get(name, pl.Float64())) for name in frame.columns)
