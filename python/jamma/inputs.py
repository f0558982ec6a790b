"""Inputs of users in memory, as the engine takes them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .frames import Floats, Places, Rows, as_number, floats, repeated, rows_of
from .labelled import ids_of
from .matrix import Id
from .numeric import declared_codes, is_whole, without_codes
from .row_ids import check_for_file
from .snps import named_snps

if TYPE_CHECKING:
    from ._core import Study
    from .eigen import Eigen

BLOCK_VALUES = 1 << 22
"""Genotypes that are converted at a time."""


@dataclass
class Inputs:
    """What is in memory in place of files; None is read from the file that the options name, if any.

    `ids` are those of the rows, if anybody knows them.
    """

    ids: list[Id] | None = None
    study: Study | None = None
    phenotype: Floats | None = None
    covariates: Floats | None = None
    kinship: Floats | None = None
    kinship_rows: list[int] | None = None
    eigen: Eigen | None = None
    eigen_rows: list[int] | None = None
    snps: set[str] | None = None
    kinship_snps: set[str] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Arrays:
    """Arrays in the order of the study.

    Attributes
    ----------
    ids : list of (fid, iid), optional
        None if nobody carries ids.
    n : int
        Individuals.
    kinship : ndarray, optional
        As given, with the row of each individual, -1 for none, in `kinship_rows`: None if they are in order.
    notes : list of str
        What was left out.
    """

    ids: list[Id] | None
    n: int
    genotypes: Rows | None
    phenotype: Floats | None
    covariates: Floats | None
    kinship: Floats | None
    kinship_rows: list[int] | None
    notes: list[str]


def in_memory(given: Mapping[str, Any]) -> Inputs:
    """Sorts out what is in memory, and puts rows in the order of the study."""
    genotypes, phenotype, eigen = given["genotypes"], given["phenotype"], given["eigen"]
    if genotypes is None:
        for name, what in (
            ("bim", "describes genotypes in memory; with bfile the SNPs are those of the .bim"),
            ("individuals", "names the rows of genotypes in memory; with bfile the individuals are those of the .fam"),
            ("missing", "is of genotypes in memory; a .bed file has a code of its own for missing calls"),
        ):
            if given[name] is not None:
                raise ValueError(f"{name} {what}")
    for name in ("covariates", "kinship"):
        if is_whole(given[name]) or isinstance(given[name], (bool, float)):
            raise ValueError(f"{name}: expected the path of a file, or values, found {given[name]!r}")
        if isinstance(given[name], tuple) and is_of_file(given[name]):
            raise ValueError(f"{name}: expected the path of one file, or values, found {given[name]!r}")
    inputs = Inputs(snps=_listed("snps", given["snps"]), kinship_snps=_listed("kinship_snps", given["kinship_snps"]))
    data = [genotypes, phenotype, given["covariates"], given["kinship"]]
    if all(one is None or is_of_file(one) for one in data) and not is_eigen(eigen):
        return inputs
    if genotypes is not None and is_whole(phenotype):
        raise ValueError("genotypes in memory come without phenotypes: give phenotype as an array, or a file")
    arrays = arrays_of(given)
    inputs.ids, inputs.phenotype, inputs.covariates = arrays.ids, arrays.phenotype, arrays.covariates
    inputs.kinship = arrays.kinship
    inputs.kinship_rows = arrays.kinship_rows
    inputs.notes = arrays.notes
    if is_eigen(eigen):
        _put_eigen(inputs, eigen_of(eigen), arrays)
    if arrays.genotypes is not None:
        individuals = arrays.ids or [("", str(i + 1)) for i in range(arrays.n)]
        if given["out"] is not None:
            check_for_file("genotypes", individuals)
        inputs.study = study_of(arrays.genotypes, individuals, given["bim"], given["missing"])
    return inputs


def is_of_file(given: Any) -> bool:
    """Whether an argument names a file, or a column of one."""
    if isinstance(given, tuple) and len(given) == 2:
        return isinstance(given[0], (str, os.PathLike))
    return is_whole(given) or isinstance(given, (str, os.PathLike))


def is_eigen(given: Any) -> bool:
    """Whether an argument is a decomposition in memory, not the names of its files."""
    if isinstance(given, (tuple, list)) and len(given) == 2:
        return not isinstance(given[0], (str, os.PathLike))
    return given is not None


def _put_eigen(inputs: Inputs, eigen: Eigen, arrays: Arrays) -> None:
    ids = eigen.individuals
    inputs.eigen = eigen
    if ids is None:
        return
    if arrays.ids is None:
        if not eigen.are_implied and not _are_counted(ids, arrays.n):
            raise ValueError(_without_ids("eigen", ids, "eigen=(d, u)"))
        return
    rows = Rows("eigen", eigen.vectors, ids, [])
    places = rows.places(arrays.ids, arrays.n)
    inputs.eigen_rows = None if places is None else places.tolist()
    inputs.notes += rows.notes


def eigen_of(given: Any) -> Eigen:
    """A decomposition from what a user may give for one."""
    from .eigen import Eigen

    if isinstance(given, Eigen):
        return given
    if isinstance(given, (str, os.PathLike)) or not isinstance(given, (tuple, list)) or len(given) != 2:
        raise ValueError(
            "eigen: expected the result of eigendecompose or read_eigen, a pair of arrays (values, vectors), or the paths "
            "of both files"
        )
    values, vectors = rows_of("eigen", given[0], ndim=1), rows_of("eigen", given[1], ndim=2)
    return Eigen(floats(values.values), floats(vectors.values), individuals=vectors.ids)


def arrays_of(given: Mapping[str, Any]) -> Arrays:
    """All that is in memory, in the order of the .fam or of the genotypes.

    Raises
    ------
    ValueError
        If numbers of rows disagree, ids repeat, or rows carry ids but the genotypes do not.
    """
    genotypes = given["genotypes"]
    x = None if genotypes is None else rows_of("genotypes", genotypes, ndim=2)
    others = {
        what: rows_of(what, given[what], ndim=ndim)
        for what, ndim in (("phenotype", 1), ("covariates", 2), ("kinship", 2))
        if given[what] is not None and not is_of_file(given[what])
    }
    if x is not None:
        n, ids = len(x.values), _ids_of_genotypes(x, given["individuals"])
        if ids is None:
            _refuse_ids(others, given, n)
    else:
        from . import _core

        ids = _core.individuals(os.fspath(given["bfile"]))
        n = len(ids)
    found = {what: floats(rows.in_order(ids, n)) for what, rows in others.items() if what != "kinship"}
    for what, values in found.items():
        if np.isinf(values).any():
            cure = "NaN is a missing one" if what == "phenotype" else "NaN leaves the individual out"
            raise ValueError(f"{what}: a value is infinite; {cure}")
        _refuse_ids_as_values(what, values, others[what].names, ids)
    k = others.get("kinship")
    places: Places | None = None
    if k is not None:
        k = columns_in_order(named_by_columns(k, ids))
        places = k.places(ids, n)
    return Arrays(
        ids=ids,
        n=n,
        genotypes=x,
        phenotype=found.get("phenotype"),
        covariates=found.get("covariates"),
        kinship=None if k is None else floats(k.values),
        kinship_rows=None if places is None else places.tolist(),
        notes=[note for rows in (x, *others.values()) if rows is not None for note in rows.notes],
    )


def _ids_of_genotypes(x: Rows, individuals: Any) -> list[Id] | None:
    if individuals is None:
        return x.ids
    ids = ids_of("individuals", individuals)
    if len(ids) != len(x.values):
        raise ValueError(f"individuals: {len(ids)} ids, but the genotypes have {len(x.values)} rows")
    if x.ids is not None and [iid for _, iid in x.ids] != [iid for _, iid in ids]:
        raise ValueError("individuals: the genotypes carry ids, and they are others; leave individuals out")
    return ids


def _are_counted(ids: Sequence[Id], n: int) -> bool:
    """Whether ids are 1 to n in order: those that genotypes without ids have in files."""
    return len(ids) == n and all(iid == str(i + 1) and fid in ("", iid) for i, (fid, iid) in enumerate(ids))


def _refuse_ids(others: Mapping[str, Rows], given: Mapping[str, Any], n: int) -> None:
    """Genotypes without ids cannot be matched with rows that carry some."""
    for what, rows in others.items():
        if rows.ids is not None and not rows.are_implied and not _are_counted(rows.ids, n):
            raise ValueError(_without_ids(what, rows.ids, f"{what}.to_numpy(), or numpy.asarray"))
    paths = {"kinship": given["kinship"], "eigen": given["eigen"]}
    if isinstance(paths["eigen"], (tuple, list)):
        paths["eigen"] = paths["eigen"][1]
    for what, path in paths.items():
        if isinstance(path, (str, os.PathLike)) and (beside := _ids_beside(Path(path))).exists():
            lines = [line.split() for line in beside.read_text().splitlines() if not line.startswith("#")]
            if all(len(line) == 2 for line in lines) and _are_counted([(fid, iid) for fid, iid in lines], n):
                continue
            raise ValueError(
                f"{what}: {path} has ids beside it ({beside.name}), but the genotypes carry none, so that rows cannot be "
                "matched; give the ids of the genotypes' rows: individuals=[...]"
            )


def _without_ids(what: str, ids: Sequence[Id], bare: str) -> str:
    return (
        f"{what}: its rows carry ids (the first is {ids[0][1]!r}), but the genotypes carry none, so that rows cannot be "
        "matched; give the ids of the genotypes' rows too (individuals=[...], or genotypes as a frame with a column iid), "
        f"or take the ids off if the rows are in the same order ({bare})"
    )


def _ids_beside(matrix: Path) -> Path:
    """Where the ids of a matrix file are: m.cXX.id for m.cXX.txt, m.cXX.txt.gz and m.cXX.npy."""
    name = matrix.name.removesuffix(".gz")
    return matrix.with_name(name.removesuffix(".txt").removesuffix(".npy") + ".id")


def _refuse_ids_as_values(what: str, values: Floats, names: Sequence[str], ids: Sequence[Id] | None) -> None:
    """A column that equals the ids of the study in every row has not been meant."""
    if ids is None or len(ids) < 2:
        return
    columns = values[:, None] if values.ndim == 1 else values
    for position, label in enumerate(("FID", "IID")):
        texts = [one[position] for one in ids]
        try:
            of_ids = np.array([float(text) for text in texts])
        except ValueError:
            continue
        same = np.flatnonzero((columns == of_ids[:, None]).all(axis=0))
        if len(same) and len(set(texts)) > 1:
            column = names[same[0]] if names else f"{same[0] + 1}"
            raise ValueError(f"{what}: column {column} is the {label} of every individual; leave it out")


def columns_in_order(k: Rows) -> Rows:
    """A kinship with its columns in the order of its rows."""
    if k.values.shape[0] != k.values.shape[1]:
        raise ValueError(f"the kinship matrix is of shape {k.values.shape}, a square matrix is expected")
    iids = None if k.ids is None else [iid for _, iid in k.ids]
    # Columns without names of individuals (numbers, column_0) are in the order of the rows.
    if iids is None or k.names == iids or not k.names or (not set(k.names) & set(iids) and _are_default(k.names)):
        return k
    if set(k.names) != set(iids) or len(set(iids)) < len(iids):
        raise ValueError("kinship: rows and columns are of different individuals")
    at = {iid: column for column, iid in enumerate(k.names)}
    order = [at[iid] for iid in iids]
    return replace(k, values=k.values[:, order], names=iids)


def named_by_columns(k: Rows, of: Sequence[Id] | None, *, is_of_study: bool = True) -> Rows:
    """A kinship whose rows carry no ids, with those of its columns: rows and columns are of the same individuals.

    Raises
    ------
    ValueError
        If the columns are named, but not by individuals of the study.
    """
    if k.ids is not None or not k.names or len(set(k.names)) < len(k.names):
        return k
    if k.names == [str(i) for i in range(len(k.names))]:
        return k
    known = {as_number(iid) for _, iid in of or ()}
    are_known = any(as_number(name) in known for name in k.names)
    if not are_known and _are_default(k.names):
        return k
    if is_of_study and not are_known:
        raise ValueError(
            f"kinship: its columns are named (the first is {k.names[0]!r}), but not by individuals of the study; give the "
            "rows ids too (a column iid), or take the names off if rows are in the order of the study (.to_numpy())"
        )
    return replace(k, ids=[("", name) for name in k.names])


def _are_default(names: Sequence[str]) -> bool:
    """Whether names of columns are a count, as 0, 1, ..., column_1, column_2, ... and V1, V2, ...."""
    prefix = names[0].rstrip("0123456789")
    return any(all(name == f"{prefix}{i + first}" for i, name in enumerate(names)) for first in (0, 1))


def _listed(what: str, given: Any) -> set[str] | None:
    if given is None or isinstance(given, (str, os.PathLike)):
        return None
    if hasattr(given, "columns") or np.ndim(given) > 1:
        raise ValueError(f"{what}: a list of ids is expected, or the path of one; give one column of the table")
    if isinstance(given, bytes) or not hasattr(given, "__iter__"):
        raise ValueError(f"{what}: a list of ids is expected, or the path of one, found {given!r}")
    listed = {one.decode() if isinstance(one, bytes) else str(one) for one in given}
    if not listed:
        raise ValueError(f"{what}: the list is empty; give the ids of SNPs, or leave it out for all SNPs")
    return listed


def study_of(x: Rows, individuals: list[Id], bim: Any, missing: Any) -> Study:
    """The study of genotypes in memory: hard calls if all are, else dosages.

    Raises
    ------
    ValueError
        If a genotype is neither within 0 to 2 nor missing, or `bim` has another number of SNPs.
    """
    from . import _core

    ids = [(fid or iid, iid) for fid, iid in individuals]
    if len(set(ids)) < len(ids):
        raise ValueError(f"genotypes: two rows have the same id ({repeated(ids)[1]})")
    codes = missing_codes(x, missing)
    study = _core.Study(ids, has_dosages=False)
    for first, block in _blocks(x.values, codes):
        if not study.add(block, first):
            study = _dosages(x.values, codes, ids)
            break
    study.name_snps(*named_snps(x, bim))
    return study


def missing_codes(x: Rows, missing: Any) -> tuple[float, ...]:
    """The codes of missing genotypes: those declared, else the convention of the type."""
    return x.codes if missing is None else declared_codes(missing)


def _dosages(values: NDArray[Any], codes: tuple[float, ...], ids: list[Id]) -> Study:
    from . import _core

    study = _core.Study(ids, has_dosages=True)
    for first, block in _blocks(values, codes):
        study.add(block, first)
    return study


def _blocks(values: NDArray[Any], codes: tuple[float, ...]) -> Iterator[tuple[int, Floats]]:
    step = max(BLOCK_VALUES // max(len(values), 1), 1)
    for first in range(0, values.shape[1], step):
        yield first, without_codes(values[:, first : first + step], codes)
