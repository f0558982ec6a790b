#!/usr/bin/env python3
"""Write the studies of reference/kinship/ and their kinships in exact fractions (kinship_oracle.py).

usage: kinship_studies.py DIRECTORY

Small studies in which entries of the kinship are 0 or nearly 0: with missing calls, individuals without calls or without
a common SNP, rare alleles, repeated SNPs, and without missing calls. `tiny` is a study for which jamma once printed 1e-17
instead of 0 and had errors of 170 units of the last digit; its files are not regenerated. The output is the same in every
run. Requires only the standard library.
"""

import random
import sys
from pathlib import Path

from kinship_oracle import decimal, kinship, passes, read

CODE = {0: 3, 1: 2, 2: 0, None: 1}


def write(prefix, snps):
    n = len(snps[0])
    with open(f"{prefix}.bed", "wb") as bed:
        bed.write(bytes([0x6C, 0x1B, 0x01]))
        for snp in snps:
            codes = [CODE[g] for g in snp] + [0] * (-n % 4)
            bed.write(bytes(sum(codes[i + k] << 2 * k for k in range(4)) for i in range(0, len(codes), 4)))
    Path(f"{prefix}.bim").write_text("".join(f"1\trs{s}\t0\t{s + 1}\tA\tC\n" for s in range(len(snps))))
    Path(f"{prefix}.fam").write_text("".join(f"f i{i} 0 0 1 {i % 7 + i / 8}\n" for i in range(n)))


def draw(rng, n, p, missing, frequency=lambda rng: rng.uniform(0.05, 0.95)):
    snps = []
    for _ in range(p):
        f = frequency(rng)
        snps.append([None if rng.random() < missing else (rng.random() < f) + (rng.random() < f) for _ in range(n)])
    return snps


def studies():
    rng = random.Random(8)
    # Two arrays without a common SNP, an individual without calls, and two identical individuals.
    arrays = draw(rng, 22, 50, 0.05)
    for s, snp in enumerate(arrays):
        for i in range(22):
            if (i < 10) == (s < 25) or i == 21:
                snp[i] = None
        snp[3] = snp[4]
    yield "arrays", arrays
    # Rare alleles, and one SNP repeated many times.
    rare = draw(rng, 40, 90, 0.1, lambda rng: rng.choice([0.02, 0.03, 0.98]))
    yield "rare", rare + [list(rare[0])] * 25
    # No missing calls, and all individuals are inbred.
    inbred = [[2 * (g > 0) for g in snp] for snp in draw(rng, 16, 24, 0)]
    yield "inbred", inbred + [[2 - g for g in snp] for snp in inbred[:9]]
    # Few SNPs, some with a mean of exactly 1.
    few = draw(rng, 33, 3, 0.1)
    few += [[None if i % 11 == s else [0, 1, 2, 1, 1][(i + s) % 5] for i in range(33)] for s in range(3)]
    yield "few", few


def main():
    directory = Path(sys.argv[1])
    for name, snps in studies():
        write(directory / name, snps)
    for fam in sorted(directory.glob("*.fam")):
        snps, analysed = read(str(fam.with_suffix("")))
        kept = [snp for snp in snps if passes(snp, analysed, 0.01, 1)]
        if fam.stem == "tiny":
            kept = [snp for snp in snps if passes(snp, analysed, 0.49, 1)]
        for kind in ["centred", "standardised"]:
            rows = kinship(kept, kind)
            text = (" ".join("0" if x == 0 else f"{decimal(x):.14e}" for x in row) for row in rows)
            fam.with_suffix(f".{kind}.txt").write_text("".join(f"{row}\n" for row in text))


if __name__ == "__main__":
    main()
