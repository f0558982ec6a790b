"""Write what GEMMA needs to leave out one chromosome: the other SNPs as PLINK files, the study in BIMBAM format.

usage: loco_parts.py PREFIX OUTDIR

A group is a chromosome; chromosome 0 and the scaffolds with fewer than 100 SNPs form the group `unplaced`. For each group G
of PREFIX.bim, writes without_G.bed/.bim/.fam, with the bytes of the SNPs that are not in G, and G.snps.txt, the ids of the
SNPs in G. For BIMBAM, writes geno.txt.gz (allele1 first, dosages of allele1, NA for missing calls), anno.txt and pheno.txt,
with the phenotypes of the .fam file.
"""
from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np

import plink

SCAFFOLDS = ("contig_", "scaffold_")  # the names in loco.bim that are not those of chromosomes
MIN_SNPS = 100


def groups_of(names: list[str]) -> list[str]:
    """The group of each SNP, given its chromosome."""
    def is_unplaced(name: str) -> bool:
        return name == "0" or (name.startswith(SCAFFOLDS) and names.count(name) < MIN_SNPS)

    return ["unplaced" if is_unplaced(name) else name for name in names]


def write_groups(prefix: Path, out: Path, groups: list[str]) -> None:
    """The files of each group."""
    bed, fam = prefix.with_suffix(".bed").read_bytes(), prefix.with_suffix(".fam").read_bytes()
    lines = prefix.with_suffix(".bim").read_text().splitlines(keepends=True)
    width = (len(bed) - 3) // len(lines)  # bytes per SNP
    for group in dict.fromkeys(groups):
        others = [j for j, g in enumerate(groups) if g != group]
        without = out / f"without_{group}"
        without.with_suffix(".bed").write_bytes(bed[:3] + b"".join(bed[3 + j * width:3 + (j + 1) * width] for j in others))
        without.with_suffix(".bim").write_text("".join(lines[j] for j in others))
        without.with_suffix(".fam").write_bytes(fam)
        ids = [line.split()[1] for line, g in zip(lines, groups) if g == group]
        (out / f"{group}.snps.txt").write_text("".join(f"{rs}\n" for rs in ids))


def write_bimbam(prefix: Path, out: Path, bim: plink.Bim) -> None:
    """The whole study in BIMBAM format."""
    fam = [line.split() for line in prefix.with_suffix(".fam").read_text().splitlines()]
    dosage = plink.read_bed(prefix.with_suffix(".bed"), len(fam), len(bim.rs))

    def line(j: int) -> str:
        calls = ("NA" if np.isnan(x) else f"{x:.0f}" for x in dosage[:, j])
        return ", ".join([bim.rs[j], bim.allele1[j], bim.allele0[j], *calls]) + "\n"

    text = "".join(line(j) for j in range(len(bim.rs)))
    (out / "geno.txt.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (out / "anno.txt").write_text("".join(f"{rs}, {ps}, {c}\n" for rs, ps, c in zip(bim.rs, bim.ps, bim.chr)))
    (out / "pheno.txt").write_text("".join(" ".join(row[5:]) + "\n" for row in fam))


def main() -> None:
    """Write all files."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    prefix, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    bim = plink.read_bim(prefix.with_suffix(".bim"))
    write_groups(prefix, out, groups_of(bim.chr))
    write_bimbam(prefix, out, bim)


if __name__ == "__main__":
    main()
