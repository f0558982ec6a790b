"""The arguments of each figure of `jamma plot`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any


def positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a positive number, found {text!r}")
    return value


def size(text: str) -> tuple[float, float]:
    parts = [positive(part) for part in re.split(r"[,x]", text)]
    if len(parts) != 2:
        raise argparse.ArgumentTypeError(f"expected width and height in inches, such as 7.2,2.7, found {text!r}")
    return parts[0], parts[1]


def _number_or(*names: str) -> Callable[[str], Any]:
    """The type of a positive number or one of `names`; "none" is None."""

    def read(text: str) -> Any:
        if text in names:
            return None if text == "none" else text
        try:
            return positive(text)
        except argparse.ArgumentTypeError:
            raise argparse.ArgumentTypeError(
                f"expected a positive number or {' or '.join(names)}, found {text!r}"
            ) from None

    return read


def _list(text: str) -> list[str]:
    """Words separated by commas, or the lines of a file of this name."""
    if Path(text).is_file():
        return [line.split()[0] for line in Path(text).read_text(encoding="utf-8").splitlines() if line.strip()]
    return [part for part in text.split(",") if part]


def _labels(text: str) -> Any:
    if text == "auto" or text.isdigit():
        return text if text == "auto" else int(text)
    if Path(text).is_file():
        rows = [line.split(None, 1) for line in Path(text).read_text(encoding="utf-8").splitlines() if line.strip()]
        return {row[0]: row[-1].strip() for row in rows}
    return _list(text)


def _of_association(of: argparse.ArgumentParser, several: bool = True) -> None:
    of.add_argument(
        "prefix", nargs="+" if several else None, metavar="PREFIX", help="runs, or files of association tables"
    )
    of.add_argument(
        "--p", metavar="COLUMN", help="column of p-values [default: p_wald, p_lrt, p_score or p, the first there is]"
    )
    if several:
        of.add_argument("--trait", type=_list, metavar="LIST", help="traits to draw [default: all]")
        of.add_argument(
            "--names", type=_list, metavar="LIST", help="what the runs are called [default: their prefixes]"
        )
    else:
        of.add_argument("--trait", metavar="NAME", help="trait to draw, if there are several")


def _of_threshold(of: argparse.ArgumentParser) -> None:
    of.add_argument(
        "--threshold",
        type=_number_or("bonferroni", "permutation", "effective", "none"),
        default=5e-8,
        metavar="P",
        help="p-value of the dashed line: a number, bonferroni, permutation, effective (tests) or none [default: 5e-8]",
    )


def add_manhattan(of: argparse.ArgumentParser) -> None:
    _of_association(of)
    of.add_argument(
        "--layout",
        choices=("stacked", "mirrored"),
        help="several traits one below the other, or two on both sides of the chromosomes",
    )
    _of_threshold(of)
    of.add_argument(
        "--suggestive",
        type=_number_or("none"),
        default=1e-5,
        metavar="P",
        help="p-value of the dotted line, or none [default: 1e-5]",
    )
    of.add_argument(
        "--highlight", type=_list, metavar="LIST", help="ids of SNPs, regions chr:first-last, or a file of them"
    )
    of.add_argument(
        "--labels",
        type=_labels,
        default="auto",
        metavar="N",
        help="loci to label: their number, auto (beyond the threshold), ids, or a file of ids and texts [default: auto]",
    )
    of.add_argument(
        "--locus",
        type=positive,
        default=5e5,
        metavar="BP",
        help="SNPs within this distance of a stronger one belong to its locus [default: 5e5]",
    )
    of.add_argument(
        "--cut", type=positive, metavar="HEIGHT", help="end the axis at this -log10 p; triangles mark SNPs above it"
    )
    of.add_argument(
        "--compress",
        type=_number_or("auto", "none"),
        default="auto",
        metavar="HEIGHT",
        help="compress the axis above this -log10 p [default: auto, above 20 if a SNP is above 25]",
    )
    of.add_argument("--no-thin", action="store_true", help="draw every SNP, also those that are hidden by others")


def add_qq(of: argparse.ArgumentParser) -> None:
    _of_association(of)
    of.add_argument("--strata", choices=("maf",), help="draw the quarters of the SNPs by minor allele frequency")
    of.add_argument(
        "--cut",
        type=_number_or("auto", "none"),
        default="auto",
        metavar="HEIGHT",
        help="end the axis at this -log10 p [default: auto, twice the largest expected value]",
    )


def add_regional(of: argparse.ArgumentParser) -> None:
    _of_association(of, several=False)
    of.add_argument("--snp", metavar="ID", help="lead SNP [default: the smallest p]")
    of.add_argument(
        "--region",
        metavar="CHR:FIRST-LAST",
        help="region in base pairs, or a chromosome [default: around the lead SNP]",
    )
    of.add_argument(
        "--window",
        type=positive,
        default=250_000,
        metavar="BP",
        help="base pairs on either side of the lead SNP [default: 250000]",
    )
    of.add_argument("--bfile", metavar="PREFIX", help="PLINK files, for r² with the lead SNP")
    of.add_argument("--r2", metavar="FILE", help="r² computed by PLINK, instead of --bfile")
    of.add_argument("--genes", metavar="FILE", help="genes: GFF3, GTF or BED, also compressed by gzip")
    of.add_argument(
        "--recombination", metavar="FILE", help="genetic map with columns of chromosome, position and rate (cM/Mb)"
    )
    _of_threshold(of)


def add_kinship(of: argparse.ArgumentParser) -> None:
    of.add_argument("kinship", metavar="FILE", help="kinship: PREFIX.cXX.txt, PREFIX.sXX.txt, .npy, or the prefix")
    of.add_argument(
        "--order",
        choices=("eigenvector", "cluster", "given"),
        default="eigenvector",
        help="order of the individuals; cluster needs SciPy [default: eigenvector]",
    )
    of.add_argument(
        "--limit", type=positive, metavar="X", help="value at which the colours end [default: from the data]"
    )


def add_pve(of: argparse.ArgumentParser) -> None:
    of.add_argument(
        "prefix", nargs="*", metavar="PREFIX", help="runs or logs: draws the estimates and intervals of all null models"
    )
    of.add_argument("--names", type=_list, metavar="LIST", help="what the runs are called [default: their prefixes]")
    group = of.add_argument_group("likelihood profile, instead of PREFIX")
    group.add_argument("-k", "--kinship", metavar="FILE", help="kinship of the individuals of the .fam")
    group.add_argument("--bfile", metavar="PREFIX", help="PLINK files, of which the .fam is read")
    group.add_argument("-n", "--column", type=positive, default=1, metavar="N", help="phenotype column [default: 1]")
    group.add_argument(
        "-p", "--phenotypes", metavar="FILE", help="phenotypes in the order of the .fam, without a header"
    )
    group.add_argument(
        "-c", "--covariates", metavar="FILE", help="covariates in the order of the .fam, without a header"
    )


def add_effects(of: argparse.ArgumentParser) -> None:
    of.add_argument("first", metavar="PREFIX1", help="the first run or table")
    of.add_argument("second", metavar="PREFIX2", help="the second run or table")
    of.add_argument(
        "--p", metavar="COLUMN", help="column of p-values [default: p_wald, p_lrt, p_score or p, the first there is]"
    )
    of.add_argument("--trait", type=_list, metavar="LIST", help="trait to compare, or that of each run")
    of.add_argument("--names", type=_list, metavar="A,B", help="what the analyses are called [default: their prefixes]")
    of.add_argument(
        "--by",
        choices=("auto", "id", "position"),
        default="auto",
        help="what identifies a SNP [default: auto, what matches more SNPs]",
    )
    of.add_argument(
        "--threshold",
        type=positive,
        default=1e-5,
        metavar="P",
        help="p-value below which a SNP is coloured [default: 1e-5]",
    )
    of.add_argument("--labels", type=int, default=0, metavar="N", help="label the N strongest SNPs [default: 0]")
