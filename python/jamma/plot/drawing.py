"""Draws the figures of `jamma plot` from its arguments."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any


class CommandLineError(Exception):
    """A command line that cannot be run, with a hint."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


def _tables(args: argparse.Namespace) -> Any:
    """One prefix, or several with names."""
    names = args.names
    if names is None:
        return args.prefix[0] if len(args.prefix) == 1 else args.prefix
    if len(names) != len(args.prefix):
        raise CommandLineError(f"--names: there are {len(args.prefix)} runs, but {len(names)} names")
    return dict(zip(names, args.prefix, strict=True))


def draw_manhattan(args: argparse.Namespace) -> Any:
    from .manhattan import manhattan
    from .runs import tables_of

    tables, layout = _tables(args), args.layout
    one = isinstance(tables, str)
    options: dict[str, Any] = {
        "p": args.p,
        "threshold": args.threshold,
        "suggestive": args.suggestive,
        "highlight": args.highlight,
        "labels": args.labels,
        "locus": args.locus,
        "cut": args.cut,
        "compress": args.compress,
        "title": args.title,
        "thin": not args.no_thin,
    }
    if one and layout is None and (args.trait is None or len(args.trait) > 1):
        # All traits of a run, below each other.
        layout = "stacked" if args.trait or len(tables_of(tables)) > 1 or _is_long(tables) else None
    if one and layout is None:
        return manhattan(tables, trait=args.trait[0] if args.trait else None, **options)
    return manhattan(tables, trait=args.trait, layout=layout, **options)


def _is_long(given: str) -> bool:
    """Whether the only table of a run has a column of traits."""
    from .runs import tables_of
    from .tables import columns_of

    return "trait" in columns_of(next(iter(tables_of(given).values())))


def draw_qq(args: argparse.Namespace) -> Any:
    from .qq import qq
    from .runs import tables_of

    tables = _tables(args)
    trait = args.trait
    if isinstance(tables, str) and trait is None and (len(tables_of(tables)) > 1 or _is_long(tables)):
        tables = {"": tables}
    if trait is not None and len(trait) == 1 and isinstance(tables, str):
        trait = trait[0]
    return qq(tables, p=args.p, trait=trait, strata=args.strata, cut=args.cut, title=args.title)


def draw_regional(args: argparse.Namespace) -> Any:
    from .regional import regional

    if args.bfile is not None and args.r2 is not None:
        raise CommandLineError(
            "--r2 and --bfile exclude each other", "--bfile computes r² from the genotypes; omit one of the two"
        )
    return regional(
        args.prefix,
        snp=args.snp,
        region=args.region,
        window=args.window,
        genotypes=args.bfile,
        r2=args.r2,
        genes=args.genes,
        recombination=args.recombination,
        p=args.p,
        trait=args.trait,
        threshold=args.threshold,
        title=args.title,
    )


def draw_kinship(args: argparse.Namespace) -> Any:
    from .kinship import kinship_heatmap

    return kinship_heatmap(_matrix(args.kinship), order=args.order, limit=args.limit, title=args.title)


def _matrix(given: str) -> str:
    """The file of a kinship: the file itself, or PREFIX.cXX.txt and its other names."""
    if Path(given).is_file():
        return given
    for stem in (given, os.path.join("output", given)):
        for ending in (".cXX.txt", ".sXX.txt", ".cXX.npy", ".sXX.npy", ".cXX.txt.gz", ".sXX.txt.gz"):
            if Path(stem + ending).is_file():
                return stem + ending
    raise FileNotFoundError(
        f"{given}: no such file, and no kinship of this prefix ({given}.cXX.txt or {given}.sXX.txt)"
    )


def draw_pve(args: argparse.Namespace) -> Any:
    from .pve import pve_profile

    if args.kinship is None:
        if not args.prefix:
            raise CommandLineError(
                "no run is given", "give PREFIX of a run, or -k with --bfile for the likelihood profile"
            )
        for name in ("bfile", "phenotypes", "covariates"):
            if getattr(args, name) is not None:
                raise CommandLineError(f"--{name} needs -k", "without a kinship, only the logs of runs are drawn")
        return pve_profile(_tables(args), title=args.title)
    if args.prefix:
        raise CommandLineError("PREFIX and -k exclude each other", "-k draws the likelihood profile of one phenotype")
    if args.bfile is None and args.phenotypes is None:
        raise CommandLineError("-k needs a phenotype", "give --bfile PREFIX, or -p FILE")
    y = _column(args)
    w = None if args.covariates is None else _numbers(args.covariates)
    return pve_profile(_kinship_of(args), phenotype=y, covariates=w, title=args.title)


def _kinship_of(args: argparse.Namespace) -> Any:
    from ..core.backend import is_rust_available
    from ..files import read_kinship

    # The engine puts the rows in the order of the .fam, if the matrix carries ids.
    return read_kinship(_matrix(args.kinship), bfile=args.bfile if is_rust_available() else None)


def _column(args: argparse.Namespace) -> Any:
    import numpy as np

    column = int(args.column)
    path, skipped = (args.phenotypes, 0) if args.phenotypes is not None else (f"{args.bfile}.fam", 5)
    rows = _rows(path)
    values = [_number(path, k, row, skipped + column - 1) for k, row in enumerate(rows)]
    return np.array([float("nan") if value == -9.0 else value for value in values])


def _numbers(path: str) -> Any:
    import numpy as np

    rows = _rows(path)
    width = len(rows[0]) if rows else 0
    for k, row in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"{path}: line {k + 1} has {len(row)} fields, the first has {width}")
    return np.array([[_number(path, k, row, j) for j in range(width)] for k, row in enumerate(rows)])


def _rows(path: str) -> list[list[str]]:
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line.replace(",", " ").split() for line in file if line.strip()]


def _number(path: str, k: int, row: list[str], column: int) -> float:
    if column >= len(row):
        raise ValueError(f"{path}: line {k + 1} has {len(row)} fields, column {column + 1} is needed")
    if row[column] in ("NA", "nan", "NaN"):
        return float("nan")
    try:
        return float(row[column])
    except ValueError:
        raise ValueError(f"{path}: line {k + 1}: {row[column]!r} is not a number") from None


def draw_effects(args: argparse.Namespace) -> Any:
    from .effects import effect_compare

    traits, names = args.trait, args.names
    if traits is not None and len(traits) > 2:
        raise CommandLineError(f"--trait: expected one or two traits, found {len(traits)}")
    if names is not None and len(names) != 2:
        raise CommandLineError(f"--names: expected two names, found {len(names)}")
    trait = None if traits is None else traits[0] if len(traits) == 1 else tuple(traits)
    return effect_compare(
        args.first,
        args.second,
        names=None if names is None else (names[0], names[1]),
        p=args.p,
        trait=trait,
        by=args.by,
        threshold=args.threshold,
        labels=args.labels,
        title=args.title,
    )
