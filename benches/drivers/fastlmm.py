"""Run FaST-LMM (fastlmm.association.single_snp) for accuracy.py, in an environment that has the package fastlmm.

usage: fastlmm.py PREFIX COVARIATES|- KINSHIP|own|loco OUT

KINSHIP is a square matrix as text; with `own`, the program computes its own kinship from all SNPs, and with `loco` its default,
one kinship for each chromosome. Writes one row per SNP: rs, allele1, beta, se, p. Effects are per standard deviation of the SNP,
as the program reports them.
"""

import sys

import numpy as np

sys.path.pop(0)  # this file has the name of the package

from fastlmm.association import single_snp  # noqa: E402
from pysnptools.kernelreader import KernelData  # noqa: E402
from pysnptools.snpreader import Bed, SnpData  # noqa: E402


def main() -> None:
    """Read the study, test every SNP, write the table."""
    prefix, covariates, kinship, out = sys.argv[1:]
    snps = Bed(f"{prefix}.bed", count_A1=True)
    fam = [line.split() for line in open(f"{prefix}.fam")]
    y = np.array([[float(row[5])] for row in fam])
    options = {"leave_out_one_chrom": kinship == "loco", "count_A1": True}
    if kinship not in ("own", "loco"):
        options["K0"] = KernelData(iid=snps.iid, val=np.loadtxt(kinship))
    if covariates != "-":
        w = np.loadtxt(covariates, ndmin=2)
        options["covar"] = SnpData(iid=snps.iid, sid=[f"c{k}" for k in range(w.shape[1])], val=w)
    table = single_snp(snps, SnpData(iid=snps.iid, sid=["y"], val=y), **options)
    allele1 = {row[1]: row[4] for row in (line.split() for line in open(f"{prefix}.bim"))}
    with open(out, "w") as file:
        file.write("rs\tallele1\tbeta\tse\tp\n")
        for row in zip(table["SNP"], table["SnpWeight"], table["SnpWeightSE"], table["PValue"], strict=True):
            rs, beta, se, p = row
            file.write(f"{rs}\t{allele1[rs]}\t{beta:.17g}\t{se:.17g}\t{p:.17g}\n")


if __name__ == "__main__":
    main()
