"""Run limix's engine (glimix_core.lmm.LMM and its fast scanner) for accuracy.py, in an environment that has the package glimix-core.

usage: glimix.py PREFIX COVARIATES|- KINSHIP|own OUT

KINSHIP is a square matrix as text. The variance components are those of the null model by maximum likelihood, and p is that of
the likelihood ratio, as in limix. The package reads no genotypes and computes no kinship (`own` is an error); missing calls
are given to it at the mean of the SNP. Writes one row per SNP: rs, allele1, beta, se, p; it computes no standard errors.
"""

import sys

import numpy as np
from glimix_core.lmm import LMM
from numpy_sugar.linalg import economic_qs
from scipy.stats import chi2

DOSAGE_OF_CODE = np.array([2.0, np.nan, 1.0, 0.0])  # copies of allele1 for the codes 00, 01, 10, 11


def main() -> None:
    """Read the study, fit the null model, scan, write the table."""
    prefix, covariates, kinship, out = sys.argv[1:]
    if kinship == "own":
        sys.exit("glimix-core computes no kinship")
    y = np.array([float(line.split()[5]) for line in open(f"{prefix}.fam")])
    snps = [line.split() for line in open(f"{prefix}.bim")]
    packed = np.fromfile(f"{prefix}.bed", np.uint8)[3:].reshape(len(snps), -1)
    codes = (packed[:, :, None] >> np.array([0, 2, 4, 6], np.uint8)) & 3
    x = DOSAGE_OF_CODE[codes.reshape(len(snps), -1)[:, : len(y)]].T
    x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
    w = np.ones((len(y), 1))
    if covariates != "-":
        w = np.column_stack([w, np.loadtxt(covariates, ndmin=2)])
    model = LMM(y, w, economic_qs(np.loadtxt(kinship)), restricted=False)
    model.fit(verbose=False)
    scanner = model.get_fast_scanner()
    found = scanner.fast_scan(x, verbose=False)
    p = chi2.sf(2 * (np.asarray(found["lml"]) - scanner.null_lml()), 1)
    with open(out, "w") as file:
        file.write("rs\tallele1\tbeta\tse\tp\n")
        for snp, beta, value in zip(snps, np.asarray(found["effsizes1"]), p, strict=True):
            file.write(f"{snp[1]}\t{snp[4]}\t{float(beta):.17g}\tNA\t{value:.17g}\n")


if __name__ == "__main__":
    main()
