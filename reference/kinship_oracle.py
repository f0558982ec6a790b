#!/usr/bin/env python3
"""The kinship by definition in exact fractions, to which the printed digits of `jamma gk` must round.

usage: kinship_oracle.py PREFIX centred|standardised [MATRIX] [--maf F] [--miss F]

Reads PREFIX.bed, .bim and .fam, filters SNPs as jamma does over the individuals with a phenotype (-maf, -miss, fewer than
two genotype classes), and prints the lower triangle, one row per line, with 15 significant digits. With MATRIX (a text
kinship) it instead prints the largest error of an entry in units of the tenth digit.
Slow: takes n² p operations on fractions.
"""

import argparse
from decimal import Decimal, getcontext
from fractions import Fraction
from math import gcd
from pathlib import Path

getcontext().prec = 40
DOSAGE = {0: 2, 1: None, 2: 1, 3: 0}


def read(prefix):
    fam = [line.split() for line in Path(prefix + ".fam").read_text().splitlines()]
    n = len(fam)
    p = len(Path(prefix + ".bim").read_text().splitlines())
    data = Path(prefix + ".bed").read_bytes()[3:]
    stride = -(-n // 4)
    assert len(data) == stride * p
    snps = [[DOSAGE[data[s * stride + i // 4] >> 2 * (i % 4) & 3] for i in range(n)] for s in range(p)]
    phenotyped = [i for i, row in enumerate(fam) if row[5] != "NA" and float(row[5]) != -9]
    return snps, phenotyped


def passes(snp, analysed, maf, miss):
    calls = [snp[i] for i in analysed if snp[i] is not None]
    if len(analysed) - len(calls) > miss * len(analysed) or not calls:
        return False
    frequency = Fraction(sum(calls), 2 * len(calls))
    return min(frequency, 1 - frequency) >= Fraction(str(maf)) and len(set(calls)) > 1


def kinship(snps, kind):
    """Lower triangle of K as fractions."""
    n, p = len(snps[0]), len(snps)
    # Numerators by denominator: in a centred kinship, many SNPs have the same one.
    groups = {}
    for snp in snps:
        calls = [g for g in snp if g is not None]
        m, s = len(calls), sum(calls)
        spread = sum(g * g for g in calls) * m - s * s
        factor, denominator = (1, m * m) if kind == "centred" else (n, m * spread)
        if spread == 0:
            continue
        z = [0 if g is None else g * m - s for g in snp]
        common = gcd(factor, denominator)
        groups.setdefault(denominator // common, []).append((factor // common, z))
    entry = lambda i, j: (
        sum((Fraction(sum(f * z[i] * z[j] for f, z in zs), d) for d, zs in groups.items()), Fraction(0)) / p
    )
    return [[entry(i, j) for j in range(i + 1)] for i in range(n)]


def decimal(x):
    return Decimal(x.numerator) / Decimal(x.denominator)


def units(printed, exact):
    """Error of a printed number in units of the tenth significant digit of `exact`."""
    if exact == 0:
        return 0.0 if printed == "0" else float("inf")
    unit = Decimal(1).scaleb(decimal(exact).adjusted() - 9)
    return float(abs(Decimal(printed) - decimal(exact)) / unit)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("prefix")
    ap.add_argument("kind", choices=["centred", "standardised"])
    ap.add_argument("matrix", nargs="?")
    ap.add_argument("--maf", type=float, default=0.01)
    ap.add_argument("--miss", type=float, default=0.05)
    a = ap.parse_args()
    snps, analysed = read(a.prefix)
    exact = kinship([snp for snp in snps if passes(snp, analysed, a.maf, a.miss)], a.kind)
    if not a.matrix:
        for row in exact:
            print(" ".join("0" if x == 0 else f"{decimal(x):.14e}" for x in row))
        return
    printed = [line.split() for line in Path(a.matrix).read_text().splitlines()]
    assert len(printed) == len(exact)
    found = [(units(printed[i][j], x), i, j) for i, row in enumerate(exact) for j, x in enumerate(row)]
    worst, i, j = max(found)
    print(
        f"{a.matrix}: at most {worst:.3f} units of the tenth digit, at ({i + 1}, {j + 1}): "
        f"{printed[i][j]} for {decimal(exact[i][j]):.14e}; {sum(x == 0 for row in exact for x in row)} are 0"
    )


if __name__ == "__main__":
    main()
