"""Inputs of users in memory, as the engine takes them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .frames import Floats, Id, Rows, floats, rows_of

if TYPE_CHECKING:
    from ._core import Study

BLOCK_VALUES = 1 << 22
"""Genotypes that are converted at a time."""


@dataclass
class Inputs:
    """What is in memory in place of files; None is read where the command line says."""

    study: Study | None = None
    phenotype: Floats | None = None
    covariates: Floats | None = None
    kinship: Floats | None = None
    snps: set[str] | None = None
    kinship_snps: set[str] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Arrays:
    """Arrays in the order of the study.

    Attributes
    ----------
    ids : list of (fid, iid), optional
        None where nobody carries ids.
    n : int
        Individuals.
    notes : list of str
        What was left out.
    """

    ids: list[Id] | None
    n: int
    genotypes: Rows | None
    phenotype: Floats | None
    covariates: Floats | None
    kinship: Floats | None
    notes: list[str]


def in_memory(
    bfile: Any,
    genotypes: Any,
    phenotype: Any,
    covariates: Any,
    kinship: Any,
    bim: Any,
    snps: Any,
    kinship_snps: Any,
) -> Inputs:
    """Sorts out what is in memory, and puts rows in the order of the study."""
    if bim is not None and genotypes is None:
        raise ValueError("bim describes genotypes in memory; with bfile the SNPs are those of the .bim")
    inputs = Inputs(snps=_ids(snps), kinship_snps=_ids(kinship_snps))
    if all(given is None or is_of_file(given) for given in (genotypes, phenotype, covariates, kinship)):
        return inputs
    if genotypes is not None and is_of_file(phenotype) and isinstance(phenotype, int):
        raise ValueError("genotypes in memory come without phenotypes: give phenotype as an array, or a file")
    arrays = arrays_of(bfile, genotypes, phenotype, covariates, kinship)
    inputs.phenotype, inputs.covariates, inputs.kinship = arrays.phenotype, arrays.covariates, arrays.kinship
    inputs.notes = arrays.notes
    if arrays.genotypes is not None:
        individuals = arrays.ids or [("", str(i + 1)) for i in range(arrays.n)]
        inputs.study = study_of(arrays.genotypes, individuals, bim)
    return inputs


def is_of_file(given: Any) -> bool:
    """Whether an argument names a file, or a column of one."""
    if isinstance(given, tuple) and len(given) == 2:
        return isinstance(given[0], (str, os.PathLike))
    return isinstance(given, (int, np.integer, str, os.PathLike))


def arrays_of(bfile: Any, genotypes: Any, phenotype: Any, covariates: Any, kinship: Any) -> Arrays:
    """All that is in memory, in the order of the .fam, of the genotypes, or of the first that carries ids.

    Raises
    ------
    ValueError
        Where numbers of rows disagree, ids repeat, or an individual has no kinship.
    """
    x = None if genotypes is None else rows_of("genotypes", genotypes, ndim=2)
    others = {
        what: rows_of(what, given, ndim=ndim)
        for what, given, ndim in (("phenotype", phenotype, 1), ("covariates", covariates, 2), ("kinship", kinship, 2))
        if given is not None and not is_of_file(given)
    }
    if x is not None:
        n = len(x.values)
        same = (one.ids for one in others.values() if one.ids is not None and len(one.ids) == n)
        ids = x.ids if x.ids is not None else next(same, None)
    else:
        from . import _core

        ids = _core.individuals(os.fspath(bfile))
        n = len(ids)
    found = {what: rows.in_order(ids, n) for what, rows in others.items() if what != "kinship"}
    k = _kinship(others["kinship"], ids, n) if "kinship" in others else None
    if "phenotype" in found and np.isinf(floats(found["phenotype"])).any():
        raise ValueError("phenotype: a value is infinite; NaN is a missing one")
    if "covariates" in found and np.isinf(floats(found["covariates"])).any():
        raise ValueError("covariates: a value is infinite; NaN leaves the individual out")
    return Arrays(
        ids=ids,
        n=n,
        genotypes=x,
        phenotype=floats(found["phenotype"]) if "phenotype" in found else None,
        covariates=floats(found["covariates"]) if "covariates" in found else None,
        kinship=k,
        notes=[note for rows in others.values() for note in rows.strangers(ids)],
    )


def _kinship(rows: Rows, ids: Sequence[Id] | None, n: int) -> Floats:
    if rows.values.shape[0] != rows.values.shape[1]:
        raise ValueError(f"the kinship matrix is of shape {rows.values.shape}, a square matrix is expected")
    iids = None if rows.ids is None else [iid for _, iid in rows.ids]
    # A frame with ids in a column has columns in the order of its rows; names that tell otherwise are an error.
    if iids is not None and rows.names != iids and set(rows.names) == set(iids):
        raise ValueError("kinship: rows and columns are in different orders")
    by_row = rows.in_order(ids, n, is_needed=True)
    across = Rows("kinship", by_row.T, rows.ids, rows.names)
    return floats(across.in_order(ids, n, is_needed=True).T)


def _ids(given: Any) -> set[str] | None:
    if given is None or isinstance(given, (str, os.PathLike)):
        return None
    return {str(one) for one in given}


def study_of(x: Rows, individuals: list[Id], bim: Any) -> Study:
    """The study of genotypes in memory: hard calls where all are, else dosages.

    Raises
    ------
    ValueError
        Where a genotype is not within 0 to 2, or `bim` has another number of SNPs.
    """
    from . import _core

    ids = [(fid or iid, iid) for fid, iid in individuals]
    if len(set(ids)) < len(ids):
        raise ValueError("genotypes: two rows have the same id")
    study = _core.Study(ids, has_dosages=False)
    for first, block in _blocks(x.values):
        if not study.add(block, first):
            study = _dosages(x.values, ids)
            break
    study.name_snps(*named_snps(x, bim))
    return study


def _dosages(values: NDArray[Any], ids: list[Id]) -> Study:
    from . import _core

    study = _core.Study(ids, has_dosages=True)
    for first, block in _blocks(values):
        study.add(block, first)
    return study


def _blocks(values: NDArray[Any]) -> Iterator[tuple[int, Floats]]:
    step = max(BLOCK_VALUES // max(len(values), 1), 1)
    for first in range(0, values.shape[1], step):
        yield first, floats(values[:, first : first + step])


def named_snps(x: Rows, bim: Any) -> tuple[list[str], list[str], list[int], list[str], list[str]]:
    """chr, rs, ps, allele1, allele0 of each SNP; what nobody names is 0, a number, 0, A and B."""
    p = x.values.shape[1]
    columns = _columns(bim)
    if unknown := sorted(set(columns) - {"chr", "rs", "ps", "cm", "allele1", "allele0"}):
        raise ValueError(f"bim: unknown column {unknown[0]!r}, expected chr, rs, ps, allele1 and allele0")

    def column(name: str, otherwise: Iterable[Any]) -> list[Any]:
        values = list(columns.get(name, otherwise))
        if len(values) != p:
            raise ValueError(f"bim: {len(values)} values of {name}, but there are {p} SNPs")
        return values

    rs = x.names or [f"snp{s + 1}" for s in range(p)]
    return (
        [str(value) for value in column("chr", ["0"] * p)],
        [str(value) for value in column("rs", rs)],
        [int(value) for value in column("ps", [0] * p)],
        [str(value) for value in column("allele1", ["A"] * p)],
        [str(value) for value in column("allele0", ["B"] * p)],
    )


def _columns(bim: Any) -> dict[str, Any]:
    if bim is None:
        return {}
    if isinstance(bim, Mapping):
        return dict(bim)
    return {str(name): bim[name].to_list() for name in bim.columns}
