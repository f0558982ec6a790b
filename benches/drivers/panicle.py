"""Run PANICLE's mixed linear model for accuracy.py, in an environment that has the packages panicle and bed-reader.

usage: panicle.py PREFIX COVARIATES|- KINSHIP|own|loco OUT

KINSHIP is a square matrix as text; with `own`, the program computes its own kinship (VanRaden) from all SNPs, and with `loco` its
default, one kinship for each chromosome. Writes one row per SNP: rs, allele1, beta, se, p.
"""

import sys

import numpy as np

sys.path.pop(0)  # this file has the name of the package

import panicle  # noqa: E402


def main() -> None:
    """Read the study with the program's own reader, test every SNP, write the table."""
    prefix, covariates, kinship, out = sys.argv[1:]
    genotypes, ids, snp_map = panicle.load_genotype_plink(prefix)
    y = np.array([float(line.split()[5]) for line in open(f"{prefix}.fam")])
    phenotype = np.column_stack([np.arange(len(y)), y])
    w = None if covariates == "-" else np.loadtxt(covariates, ndmin=2)
    if kinship == "loco":
        named = np.column_stack([np.array(ids, dtype=object), y.astype(object)])
        run = panicle.PANICLE(named, genotypes, snp_map, CV=w, method=["MLM"], mlm_mode="loco", file_output=False, verbose=False, min_mac=0)
        found = next(iter(run["results"].values()))["MLM"]
    else:
        k = panicle.PANICLE_K_VanRaden(genotypes, verbose=False) if kinship == "own" else np.loadtxt(kinship)
        found = panicle.PANICLE_MLM(phenotype, genotypes, K=k, CV=w, verbose=False)
    snps = [line.split() for line in open(f"{prefix}.bim")]
    if len(found.pvalues) != len(snps):
        raise SystemExit(f"{len(found.pvalues)} results but {len(snps)} SNPs")
    with open(out, "w") as file:
        file.write("rs\tallele1\tbeta\tse\tp\n")
        for snp, beta, se, p in zip(snps, found.effects, found.se, found.pvalues, strict=True):
            file.write(f"{snp[1]}\t{snp[4]}\t{beta:.17g}\t{se:.17g}\t{p:.17g}\n")


if __name__ == "__main__":
    main()
