"""Genotypes in arrays and datasets of xarray, such as those of sgkit, which may be in files.

A dataset has `call_dosage` (variants, samples) or `call_genotype` (variants, samples, ploidy), where -1 is a missing allele
and -2 fills up calls of fewer alleles. Any allele but the first is counted, and a haploid call counts as homozygous, as in
VCF Zarr stores. Source: the conventions of sgkit and the VCF Zarr specification.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .genotypes import Genotypes, Load, by_chunks, shape_of
from .labelled import SNPS, ids_of_dimension, names_of_dimension
from .matrix import Id
from .numeric import codes_of, real
from .row_ids import INDIVIDUALS, paired

ROUNDING = 1e-3
"""How far a dosage of a dataset may be outside 0 to 2 because of rounding."""
_DOSAGES, _CALLS = "call_dosage", "call_genotype"


def genotypes_of_xarray(given: Any) -> Genotypes:
    """The genotypes in a DataArray or a Dataset.

    Raises
    ------
    ValueError
        If there are no genotypes in it, or its dimensions are not those of individuals and SNPs.
    """
    if hasattr(given, "data_vars"):
        return _of_dataset(given)
    if not hasattr(given, "dims") or not hasattr(given, "indexes"):
        raise ValueError(f"genotypes: expected an array or a dataset, found an xarray {type(given).__name__}")
    if len(given.dims) == 3:
        return _of_calls(given)
    if len(given.dims) != 2:
        raise ValueError(f"genotypes: the array has {len(given.dims)} dimensions, expected 2")
    return _of_table(given, are_snps_first=_are_snps_first(given.dims))


def _are_snps_first(dims: tuple[Any, ...]) -> bool:
    """Whether the first dimension has the name of SNPs, or the second that of individuals."""
    names = [str(dim).lower() for dim in dims]
    return names[0] in SNPS or (names[1] in INDIVIDUALS and names[0] not in INDIVIDUALS)


def _of_table(given: Any, *, are_snps_first: bool) -> Genotypes:
    snps, individuals = given.dims if are_snps_first else given.dims[::-1]
    n, p = shape_of(given)[::-1] if are_snps_first else shape_of(given)

    def load(first: int, end: int) -> NDArray[Any]:
        values = np.asarray(given.isel({snps: slice(first, end)}).values)
        return values.T if are_snps_first else values

    return Genotypes(
        (n, p),
        _chunked(given, snps, load, n * given.dtype.itemsize),
        ids=ids_of_dimension("genotypes", given, individuals),
        names=names_of_dimension(given, snps),
        codes=codes_of([given.dtype]),
    )


def _chunked(given: Any, dim: Any, load: Load, bytes_per_snp: int) -> Load:
    """`load` by the chunks of the array along the dimension of SNPs."""
    if given.chunks is not None:
        sizes = given.chunks[given.dims.index(dim)]
    else:
        # The array may be in a file that has chunks.
        sizes = given.encoding.get("preferred_chunks", {}).get(dim)
    return by_chunks(load, sizes, given.sizes[dim], bytes_per_snp)


def _of_calls(given: Any) -> Genotypes:
    """The genotypes of an array (SNPs, individuals, ploidy) of alleles."""
    snps, individuals, _ = given.dims
    if not _are_snps_first((snps, individuals)) or given.dtype.kind not in "iu":
        raise ValueError(
            f"genotypes: the array has the dimensions {', '.join(map(str, given.dims))} and the type {given.dtype}; "
            "expected individuals and SNPs, or alleles as integers with the dimensions variants, samples and ploidy"
        )
    p, n, width = given.shape

    def load(first: int, end: int) -> NDArray[Any]:
        return copies(np.asarray(given.isel({snps: slice(first, end)}).values), first).T

    return Genotypes(
        (n, p),
        _chunked(given, snps, load, n * (1 + width * given.dtype.itemsize)),
        ids=ids_of_dimension("genotypes", given, individuals),
        names=names_of_dimension(given, snps),
        codes=(-1.0,),
        are_calls=True,
    )


def copies(alleles: NDArray[Any], first: int = 0) -> NDArray[np.int8]:
    """Copies of any allele but the first, -1 if one is missing, from alleles of shape (p, n, ploidy).

    Parameters
    ----------
    alleles : ndarray of integers
        -1 is a missing allele, -2 fills up calls of fewer alleles.
    first : int
        The index of the first SNP, for messages.

    Raises
    ------
    ValueError
        If a call has more than two alleles, or an allele is below -2.
    """
    if alleles.shape[2] == 2 and not (alleles < 0).any():
        return np.asarray((alleles > 0).sum(axis=2, dtype=np.int8))
    is_present = ~np.logical_or.accumulate(alleles == -2, axis=2)
    n_alleles = is_present.sum(axis=2)
    is_missing = (n_alleles == 0) | ((alleles == -1) & is_present).any(axis=2)
    is_wrong = ((alleles < -2).any(axis=2)) | ((n_alleles > 2) & ~is_missing)
    if is_wrong.any():
        snp, row = np.argwhere(is_wrong)[0]
        raise ValueError(
            f"genotypes: individual {row + 1} has the alleles {alleles[snp, row].tolist()} at SNP {first + snp + 1}, "
            "expected one or two, where -1 is missing and -2 fills up"
        )
    found = ((alleles > 0) & is_present).sum(axis=2, dtype=np.int8)
    found[n_alleles == 1] *= 2
    found[is_missing] = -1
    return np.asarray(found)


def _of_dataset(given: Any) -> Genotypes:
    notes = []
    if _DOSAGES in given.data_vars:
        if _CALLS in given.data_vars:
            notes.append(
                f"genotypes: the dataset has {_DOSAGES} and {_CALLS}; the dosages are used. For the hard calls, give "
                f"ds.drop_vars({_DOSAGES!r})"
            )
        x = _of_dosages(given[_DOSAGES])
    elif _CALLS in given.data_vars:
        x = _of_calls(given[_CALLS])
    else:
        raise ValueError(f"genotypes: the dataset has neither {_DOSAGES} nor {_CALLS}; give one of its arrays")
    records = _records(given, x.shape[1])
    return Genotypes(
        x.shape,
        x.load,
        ids=_ids(given) or x.ids,
        names=records.get("rs", x.names),
        codes=x.codes,
        are_calls=x.are_calls,
        records=records,
        notes=notes,
    )


def _of_dosages(given: Any) -> Genotypes:
    if len(given.dims) != 2:
        raise ValueError(f"genotypes: {_DOSAGES} has {len(given.dims)} dimensions, expected variants and samples")
    # Other names of dimensions are in the order of sgkit.
    x = _of_table(given, are_snps_first=_are_snps_first(given.dims) or not _are_snps_first(given.dims[::-1]))

    def load(first: int, end: int) -> NDArray[Any]:
        values = real("genotypes", x.load(first, end))
        if values.dtype.kind != "f":
            return values
        is_rounded = ((values < 0.0) & (values >= -ROUNDING)) | ((values > 2.0) & (values <= 2.0 + ROUNDING))
        return np.where(is_rounded, np.clip(values, 0.0, 2.0), values) if is_rounded.any() else values

    return Genotypes(x.shape, load, x.ids, x.names, x.codes)


def _ids(given: Any) -> list[Id] | None:
    if "sample_id" not in given:
        return None
    families = given["sample_family_id"].values if "sample_family_id" in given else None
    return paired(
        "genotypes",
        _texts(given["sample_id"].values),
        None if families is None else _texts(families),
    )


def _records(given: Any, p: int) -> dict[str, list[Any]]:
    """chr, rs, ps, allele1 and allele0 of each SNP, as far as the dataset has them."""
    records: dict[str, list[Any]] = {}
    if "variant_contig" in given:
        contigs = np.asarray(given["variant_contig"].values).tolist()
        names = _texts(given["contig_id"].values) if "contig_id" in given else given.attrs.get("contigs")
        if names is not None:
            names = [str(name) for name in names]
            if any(not 0 <= contig < len(names) for contig in contigs):
                raise ValueError(f"genotypes: variant_contig is not always one of the {len(names)} contigs")
        records["chr"] = [str(contig) if names is None else names[contig] for contig in contigs]
    if "variant_position" in given:
        records["ps"] = np.asarray(given["variant_position"].values).tolist()
    if "variant_id" in given:
        records["rs"] = [text or "." for text in _texts(given["variant_id"].values)]
    if "variant_allele" in given:
        alleles = [[text for text in _texts(of_snp) if text] for of_snp in np.asarray(given["variant_allele"].values)]
        records["allele1"] = [",".join(of_snp[1:]) or "." for of_snp in alleles]
        records["allele0"] = [of_snp[0] if of_snp else "." for of_snp in alleles]
    for name, values in records.items():
        if len(values) != p:
            raise ValueError(f"genotypes: the dataset has {len(values)} values of {name} for {p} SNPs")
    return records


def _texts(values: Any) -> list[str]:
    return [one.decode() if isinstance(one, bytes) else str(one) for one in np.asarray(values).tolist()]
