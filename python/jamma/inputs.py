"""Conversion of the user's inputs in memory to those of the engine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .file_options import VALUES, is_in_memory, of_genotypes
from .frames import Floats, Rows, as_number, floats, repeated, rows_of
from .genotypes import Genotypes, genotypes_of
from .labelled import ids_of
from .levels import coded, levels_of
from .matrix import KINSHIPS, Id
from .numeric import is_whole
from .phenotypes import Phenotypes, one_or_several
from .row_ids import check_for_file
from .snps import named_snps

if TYPE_CHECKING:
    from ._core import Study
    from .eigen import Eigen

Traits: TypeAlias = tuple[list[str], Floats]
"""Names of several phenotypes, and their values, (n, t)."""
BLOCK_VALUES = 1 << 22
"""Number of genotypes that are converted at a time."""


@dataclass
class Inputs:
    """Inputs in memory. An input that is None is read from the file that the options give, if any.

    Attributes
    ----------
    ids : list of (fid, iid), optional
        Ids of the individuals of the study, if they are known.
    study : Study, optional
        Individuals, SNP records and genotypes.
    phenotype : ndarray, shape (n,), optional
        NaN if missing.
    traits : (list of str, ndarray of shape (n, t)), optional
        Several phenotypes instead of one: their names and values, NaN if missing.
    covariates : ndarray, shape (n, c), optional
        NaN if missing.
    kinship, kinship2 : ndarray, shape (m, m), optional
        As the user gave them.
    kinship_rows, kinship2_rows, eigen_rows : list of int, optional
        The row of each individual, -1 if it has none; None if rows are in order.
    eigen : Eigen, optional
        As the user gave it.
    snps, kinship_snps : set of str, optional
        Ids of the only SNPs to test, and of the only SNPs of a computed kinship.
    gxe, weights : ndarray, shape (n,), optional
        The environment of interactions, and weights of the individuals; NaN if missing.
    gxe_levels : list of str or None, optional
        The environment as the levels of a category, instead of `gxe`.
    sexes : list of str or None, optional
        The sex of the individuals, in the words of a table: 1 or M, 2 or F.
    notes : list of str
        Notes on how rows were matched.
    """

    ids: list[Id] | None = None
    study: Study | None = None
    phenotype: Floats | None = None
    traits: Traits | None = None
    covariates: Floats | None = None
    kinship: Floats | None = None
    kinship_rows: list[int] | None = None
    kinship2: Floats | None = None
    kinship2_rows: list[int] | None = None
    eigen: Eigen | None = None
    eigen_rows: list[int] | None = None
    snps: set[str] | None = None
    kinship_snps: set[str] | None = None
    gxe: Floats | None = None
    gxe_levels: list[str | None] | None = None
    weights: Floats | None = None
    sexes: list[str | None] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Arrays:
    """Arrays in the order of the study.

    Attributes
    ----------
    ids : list of (fid, iid), optional
        Ids of the individuals of the study; None if it has none.
    n : int
        Number of individuals.
    genotypes : Genotypes, optional
        As the user gave them.
    phenotype : ndarray, shape (n,), optional
        NaN if missing.
    traits : (list of str, ndarray of shape (n, t)), optional
        Several phenotypes instead of one: their names and values, NaN if missing.
    covariates : ndarray, shape (n, c), optional
        NaN if missing.
    kinship, kinship2 : ndarray, shape (m, m), optional
        As the user gave them.
    kinship_rows, kinship2_rows : list of int, optional
        The row of each individual in `kinship` and `kinship2`, -1 if it has none; None if rows are in order.
    notes : list of str
        Notes on how rows were matched.
    gxe, weights, sex_from : ndarray, shape (n,), optional
        NaN if missing.
    """

    ids: list[Id] | None
    n: int
    genotypes: Genotypes | None
    phenotype: Floats | None
    traits: Traits | None
    covariates: Floats | None
    kinship: Floats | None
    kinship_rows: list[int] | None
    notes: list[str]
    gxe: Floats | None = None
    weights: Floats | None = None
    kinship2: Floats | None = None
    kinship2_rows: list[int] | None = None
    sex_from: Floats | None = None


def in_memory(given: Mapping[str, Any], options: Mapping[str, Any]) -> Inputs:
    """The inputs among the arguments `given` that are in memory, with rows in the order of the study.

    Parameters
    ----------
    given : mapping
        The arguments.
    options : mapping
        The options of the engine, which name the files of genotypes.

    Raises
    ------
    ValueError
        If an argument is of a wrong kind, or as in :func:`arrays_of`.
    """
    genotypes, phenotype, eigen = given["genotypes"], given["phenotype"], given["eigen"]
    if genotypes is None:
        for name, what in (
            ("bim", "describes genotypes in memory; files of genotypes have their own records of the SNPs"),
            ("individuals", "names the rows of genotypes in memory; files of genotypes have their own ids"),
            ("missing", "applies to genotypes in memory; files of genotypes have their own codes for missing calls"),
        ):
            if given[name] is not None:
                raise ValueError(f"{name} {what}")
    for name in ("covariates", *KINSHIPS):
        if is_whole(given[name]) or isinstance(given[name], (bool, float)):
            raise ValueError(f"{name}: expected the path of a file, or values, found {given[name]!r}")
        if isinstance(given[name], tuple) and is_of_file(given[name]):
            raise ValueError(f"{name}: expected the path of one file, or values, found {given[name]!r}")
    inputs = Inputs(snps=_listed("snps", given["snps"]), kinship_snps=_listed("kinship_snps", given["kinship_snps"]))
    files = given.get("files", {})
    values = {name: files.get(name) for name in VALUES if is_in_memory(name, files.get(name))}
    category = coded(values.get("gxe"))
    if category is not None:
        values["gxe"] = category.values
    sexes = coded(values.get("sex_from"))
    if sexes is not None:
        values["sex_from"] = sexes.values
    data = [genotypes, phenotype, given["covariates"], *(given[name] for name in KINSHIPS), *values.values()]
    if all(one is None or is_of_file(one) for one in data) and not is_eigen(eigen):
        return inputs
    if genotypes is not None and is_whole(phenotype) and "pheno" not in options:
        raise ValueError("genotypes in memory have no phenotype columns; give phenotype as an array or a file")
    arrays = arrays_of({**given, **values}, options)
    inputs.gxe, inputs.weights = arrays.gxe, arrays.weights
    if category is not None and arrays.gxe is not None:
        inputs.gxe, inputs.gxe_levels = None, levels_of(arrays.gxe, category.levels)
    if sexes is not None and arrays.sex_from is not None:
        inputs.sexes = levels_of(arrays.sex_from, sexes.levels)
    elif arrays.sex_from is not None:
        inputs.sexes = [str(int(sex)) if sex in (1, 2) else None for sex in arrays.sex_from]
    inputs.ids, inputs.covariates = arrays.ids, arrays.covariates
    inputs.phenotype, inputs.traits = arrays.phenotype, arrays.traits
    inputs.kinship = arrays.kinship
    inputs.kinship_rows = arrays.kinship_rows
    inputs.kinship2, inputs.kinship2_rows = arrays.kinship2, arrays.kinship2_rows
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
    """Whether an argument is a file, or a column of a file."""
    if isinstance(given, tuple) and len(given) == 2:
        return isinstance(given[0], (str, os.PathLike))
    return is_whole(given) or isinstance(given, (str, os.PathLike))


def is_eigen(given: Any) -> bool:
    """Whether an argument is a decomposition in memory rather than the paths of its files."""
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
            raise ValueError(_without_ids("eigen", ids, "eigen=(d, u)", are_files=arrays.genotypes is None))
        return
    rows = Rows("eigen", eigen.vectors, ids, [])
    row_indices = rows.row_indices(arrays.ids, arrays.n)
    inputs.eigen_rows = None if row_indices is None else row_indices.tolist()
    inputs.notes += rows.notes


def eigen_of(given: Any) -> Eigen:
    """The argument `eigen` as an Eigen: one already, or a pair of arrays."""
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


def arrays_of(given: Mapping[str, Any], options: Mapping[str, Any] | None = None) -> Arrays:
    """All inputs in memory, with rows in the order of the genotypes, which are in memory or in files that `options` name.

    Raises
    ------
    ValueError
        If numbers of rows disagree, ids repeat, values are infinite, or rows carry ids but the genotypes do not.
    """
    genotypes = given["genotypes"]
    x = None if genotypes is None else genotypes_of(genotypes)
    phenotypes: Phenotypes | None = None
    others: dict[str, Rows] = {}
    kinds = {"phenotype": 1, "covariates": 2, "kinship": 2, "kinship2": 2, "gxe": 1, "weights": 1, "sex_from": 1}
    for what, ndim in kinds.items():
        if given.get(what) is None or is_of_file(given[what]):
            continue
        # The kinship of a study depends on one phenotype at most.
        if what == "phenotype" and "traits" in given:
            found = one_or_several(given[what], given["traits"])
            if isinstance(found, Phenotypes):
                phenotypes = found
                continue
            others[what] = found
        else:
            others[what] = rows_of(what, given[what], ndim=ndim)
    of_phenotypes = [] if phenotypes is None else [rows for rows, _ in phenotypes.parts]
    if x is not None:
        n, ids = x.shape[0], _ids_of_genotypes(x, given["individuals"])
        if ids is None:
            _reject_ids([*of_phenotypes, *others.values()], n)
            _reject_id_files(given, n)
    else:
        from . import _core

        n, ids = _core.individuals("lmm", of_genotypes(options or {}))
        if ids is None:
            _reject_ids([*of_phenotypes, *others.values()], n, are_files=True)
    vectors = {what: floats(rows.in_order(ids, n)) for what, rows in others.items() if what not in KINSHIPS}
    for what, values in vectors.items():
        _check_values(what, values, others[what].names, ids)
    traits = None if phenotypes is None else (phenotypes.names, phenotypes.in_order(ids, n))
    if traits is not None:
        _check_values("phenotype", traits[1], traits[0], ids)
    kinships = {what: _kinship_in_order(others.get(what), ids, n) for what in KINSHIPS}
    return Arrays(
        ids=ids,
        n=n,
        genotypes=x,
        phenotype=vectors.get("phenotype"),
        traits=traits,
        covariates=vectors.get("covariates"),
        gxe=vectors.get("gxe"),
        weights=vectors.get("weights"),
        sex_from=vectors.get("sex_from"),
        kinship=kinships["kinship"][0],
        kinship_rows=kinships["kinship"][1],
        kinship2=kinships["kinship2"][0],
        kinship2_rows=kinships["kinship2"][1],
        notes=[note for rows in (x, *of_phenotypes, *others.values()) if rows is not None for note in rows.notes],
    )


def _kinship_in_order(k: Rows | None, ids: Sequence[Id] | None, n: int) -> tuple[Floats | None, list[int] | None]:
    """A kinship, and the row of each of the `n` individuals of the study; None if rows are in order."""
    if k is None:
        return None, None
    k = columns_in_order(named_by_columns(k, ids))
    row_indices = k.row_indices(ids, n)
    return floats(k.values), None if row_indices is None else row_indices.tolist()


def _ids_of_genotypes(x: Genotypes, individuals: Any) -> list[Id] | None:
    if individuals is None:
        return x.ids
    ids = ids_of("individuals", individuals)
    if len(ids) != x.shape[0]:
        raise ValueError(f"individuals: {len(ids)} ids, but the genotypes have {x.shape[0]} rows")
    if x.ids is not None and [iid for _, iid in x.ids] != [iid for _, iid in ids]:
        raise ValueError("individuals: the ids differ from those that the genotypes carry; omit individuals")
    return ids


def _are_counted(ids: Sequence[Id], n: int) -> bool:
    """Whether ids are 1 to n in order, which genotypes without ids get in output files."""
    return len(ids) == n and all(iid == str(i + 1) and fid in ("", iid) for i, (fid, iid) in enumerate(ids))


def _reject_ids(others: Iterable[Rows], n: int, *, are_files: bool = False) -> None:
    """Raise ValueError if rows carry ids: they cannot be matched with genotypes without ids."""
    for rows in others:
        what = rows.what.split(" ")[0]
        if rows.ids is not None and not rows.are_implied and not _are_counted(rows.ids, n):
            raise ValueError(_without_ids(what, rows.ids, f"{what}.to_numpy(), or numpy.asarray", are_files=are_files))


def _reject_id_files(given: Mapping[str, Any], n: int) -> None:
    """Raise ValueError if a matrix in a file has ids: they cannot be matched with genotypes without ids."""
    paths = {what: given[what] for what in (*KINSHIPS, "eigen")}
    if isinstance(paths["eigen"], (tuple, list)):
        paths["eigen"] = paths["eigen"][1]
    for what, path in paths.items():
        if isinstance(path, (str, os.PathLike)) and (ids_file := _ids_file(Path(path))).exists():
            lines = [line.split() for line in ids_file.read_text().splitlines() if not line.startswith("#")]
            # A run of genotypes without ids lists numbers alone.
            if all(len(line) in (1, 2) for line in lines) and _are_counted([(line[0], line[-1]) for line in lines], n):
                continue
            raise ValueError(
                f"{what}: {path} has an .id file ({ids_file.name}), but the genotypes carry no ids, so rows cannot be "
                "matched; give the ids of the genotypes: individuals=[...]"
            )


def _without_ids(what: str, ids: Sequence[Id], bare: str, *, are_files: bool = False) -> str:
    give = "give the ids of the genotypes too (individuals=[...], or genotypes as a frame with a column iid), or "
    return (
        f"{what}: its rows carry ids (the first is {ids[0][1]!r}), but the genotypes carry none, so rows cannot be "
        f"matched; {'' if are_files else give}remove the ids if the rows are in the same order ({bare})"
    )


def _ids_file(matrix: Path) -> Path:
    """The .id file of a matrix: m.cXX.id for m.cXX.txt, m.cXX.txt.gz and m.cXX.npy."""
    name = matrix.name.removesuffix(".gz")
    return matrix.with_name(name.removesuffix(".txt").removesuffix(".npy") + ".id")


def _check_values(what: str, values: Floats, names: Sequence[str], ids: Sequence[Id] | None) -> None:
    """Raise ValueError if a value of a phenotype or covariate is infinite, or a column has ids."""
    if np.isinf(values).any():
        meaning = "a missing phenotype" if what == "phenotype" else "an individual to exclude"
        raise ValueError(f"{what}: a value is infinite; write NaN for {meaning}")
    _reject_ids_as_values(what, values, names, ids)


def _reject_ids_as_values(what: str, values: Floats, names: Sequence[str], ids: Sequence[Id] | None) -> None:
    """Raise ValueError if a column equals the ids of the study in every row, which is a mistake."""
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
            raise ValueError(f"{what}: column {column} is the {label} of every individual; remove it")


def columns_in_order(k: Rows) -> Rows:
    """A kinship with its columns in the order of its rows."""
    if k.values.shape[0] != k.values.shape[1]:
        raise ValueError(f"the {k.what} matrix has shape {k.values.shape}, expected a square matrix")
    iids = None if k.ids is None else [iid for _, iid in k.ids]
    # Columns that are only numbered (0, 1, ... or column_0, column_1, ...) are in the order of the rows.
    if iids is None or k.names == iids or not k.names or (not set(k.names) & set(iids) and _are_default(k.names)):
        return k
    if set(k.names) != set(iids) or len(set(iids)) < len(iids):
        raise ValueError(f"{k.what}: rows and columns are of different individuals")
    at = {iid: column for column, iid in enumerate(k.names)}
    order = [at[iid] for iid in iids]
    return replace(k, values=k.values[:, order], names=iids)


def named_by_columns(k: Rows, of: Sequence[Id] | None, *, is_of_study: bool = True) -> Rows:
    """A kinship with its column names as ids, if its rows carry none: rows and columns are the same individuals.

    Raises
    ------
    ValueError
        If the columns have names that are not individuals of the study.
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
            f"{k.what}: its columns are named (the first is {k.names[0]!r}), but not by individuals of the study; give the "
            "rows ids (a column iid), or remove the names if the rows are in the order of the study (.to_numpy())"
        )
    return replace(k, ids=[("", name) for name in k.names])


def _are_default(names: Sequence[str]) -> bool:
    """Whether columns are only numbered: 0, 1, ..., or column_1, column_2, ..., or V1, V2, ..."""
    prefix = names[0].rstrip("0123456789")
    return any(all(name == f"{prefix}{i + first}" for i, name in enumerate(names)) for first in (0, 1))


def _listed(what: str, given: Any) -> set[str] | None:
    if given is None or isinstance(given, (str, os.PathLike)):
        return None
    if hasattr(given, "columns") or np.ndim(given) > 1:
        raise ValueError(f"{what}: expected a list of ids, or the path of one, found a table; give one of its columns")
    if isinstance(given, bytes) or not hasattr(given, "__iter__"):
        raise ValueError(f"{what}: expected a list of ids, or the path of one, found {given!r}")
    listed = {one.decode() if isinstance(one, bytes) else str(one) for one in given}
    if not listed:
        raise ValueError(f"{what}: the list is empty; give the ids of SNPs, or omit {what} to use all SNPs")
    return listed


def study_of(x: Genotypes, individuals: list[Id], bim: Any, missing: Any) -> Study:
    """The study of genotypes in memory: packed calls if every genotype is 0, 1, 2 or missing, else dosages.

    Dosages are not copied: the run reads them from the array.

    Raises
    ------
    ValueError
        If a genotype that is read is neither from 0 to 2 nor missing, two rows have the same id, or `bim` does not fit.
    """
    from . import _core

    ids = [(fid or iid, iid) for fid, iid in individuals]
    if len(set(ids)) < len(ids):
        raise ValueError(f"genotypes: two rows have the same id ({repeated(ids)[1]})")
    read = x.reader(missing)
    study = _core.Study(ids)
    n, p = x.shape
    step = max(BLOCK_VALUES // max(n, 1), 1)
    for first in range(0, p, step):
        if not study.add(read(first, min(first + step, p)), first):
            study.read_dosages(read, p)
            break
    study.name_snps(*named_snps(x, bim))
    return study
