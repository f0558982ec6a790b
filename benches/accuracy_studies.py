"""The studies of accuracy.py: PLINK files of the analysed individuals, with one phenotype, and the covariates as text.

Every program reads the same individuals and the SNPs that pass jamma's default filters among them, so that no difference comes from
missing phenotypes or from filters. Simulated studies use the functions of reference/simulate.py and have fixed seeds.
"""

import dataclasses
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))

import plink
import simulate

CHROMOSOMES = 20
MISSING_RATE = 0.04  # the calls of a SNP are missing at a rate drawn between 0 and this; SNPs above 0.05 would be excluded
POPULATIONS = 4
DRIFT = 0.15  # F_ST: the variance of a population's allele frequency, as a fraction of f (1 - f)


@dataclasses.dataclass
class StudyFiles:
    """One prepared study."""

    name: str
    description: str
    prefix: pathlib.Path  # .bed, .bim, .fam
    covariates: pathlib.Path | None = None  # one row per individual, without an intercept

    @property
    def ids(self) -> list[tuple[str, str]]:
        """Family and individual ids, in the order of the .fam file."""
        rows = [line.split() for line in self.prefix.with_suffix(".fam").read_text().splitlines()]
        return [(row[0], row[1]) for row in rows]

    @property
    def phenotype(self) -> list[str]:
        """The phenotype of each individual, as text."""
        return [line.split()[5] for line in self.prefix.with_suffix(".fam").read_text().splitlines()]

    @property
    def covariate_rows(self) -> list[list[str]]:
        """The covariates of each individual, as text."""
        return [] if self.covariates is None else [line.split() for line in self.covariates.read_text().splitlines()]

    def load(self) -> plink.Study:
        """The dosages, phenotype and covariates as arrays."""
        return plink.read_study(self.prefix, 1, self.covariates)


def write(prefix: pathlib.Path, g: simulate.Dosage, snps: simulate.SnpTable, ids: list[tuple[str, str]], y: list[str]) -> str:
    """Write the SNPs that pass the filters; returns the size of the study in words."""
    x = np.where(g == simulate.MISSING, np.nan, g.astype(float))
    intercept = np.ones((len(x), 1))
    kept = [j for j in range(x.shape[1]) if plink.passes(x[:, j], intercept, plink.Thresholds())]
    columns = ([column[j] for j in kept] for column in (snps.chr, snps.rs, snps.ps, snps.allele1, snps.allele0))
    simulate.write_plink(prefix, g[:, kept], simulate.SnpTable(*columns), ids, [y])
    return f"{len(g):,} individuals, {len(kept):,} SNPs, {np.mean(g[:, kept] == simulate.MISSING):.1%} of the calls missing"


def measured(name: str, source: pathlib.Path, column: int, folder: pathlib.Path) -> StudyFiles:
    """The individuals of PLINK files `source` that have phenotype `column`, and all SNPs."""
    study = plink.read_study(source, column)
    bim = study.bim
    if len(set(bim.rs)) < len(bim.rs):
        raise SystemExit(f"{source}.bim: the same SNP id appears more than once; the tables are matched by SNP id")
    rows = [line.split() for line in source.with_suffix(".fam").read_text().splitlines()]
    kept = np.flatnonzero(study.analysed)
    ids = [(rows[i][0], rows[i][1]) for i in kept]
    dosage = np.where(np.isnan(study.dosage[kept]), simulate.MISSING, study.dosage[kept]).astype(np.int8)
    snps = simulate.SnpTable(bim.chr, bim.rs, bim.ps, bim.allele1, bim.allele0)
    size = write(folder / name, dosage, snps, ids, [rows[i][4 + column] for i in kept])
    return StudyFiles(name, f"{source.name}, phenotype {column}: {size}", folder / name)


def table_of_snps(rng: np.random.Generator, p: int) -> simulate.SnpTable:
    """Ordinary SNPs on CHROMOSOMES chromosomes of equal size."""
    return simulate.snp_table(rng, chromosome_sizes(p), [str(c + 1) for c in range(CHROMOSOMES)], 1, 20_000)


def chromosome_sizes(p: int) -> list[int]:
    """Numbers of SNPs of the chromosomes."""
    return [p // CHROMOSOMES] * CHROMOSOMES


def with_missing_calls(folder: pathlib.Path, n: int = 1000, p: int = 20_000) -> StudyFiles:
    """Small families, up to 4 % of the calls of a SNP missing, two covariates, three causal SNPs on a polygenic background."""
    rng = np.random.default_rng(20261127)
    family = simulate.families(rng, n, (1, 1, 2, 3))
    g = simulate.sib_genotypes(rng, family, chromosome_sizes(p), rng.beta(1.0, 1.5, p).clip(0.03, 0.97))
    common = [j for j in range(p) if 0.6 < g[:, j].mean() < 1.4]
    hits = {common[len(common) * k // 4]: effect for k, effect in ((1, 0.2), (2, -0.2), (3, 0.15))}
    age, sex = np.round(rng.uniform(20, 70, n), 1), rng.integers(0, 2, n)
    y = simulate.heritable(rng, g, 0.5, hits) + 0.03 * age + 0.5 * sex
    g = simulate.remove_calls(rng, g, rng.uniform(0, MISSING_RATE, p))
    prefix = folder / "missing"
    ids = [(f"f{f}", f"i{i}") for i, f in enumerate(family)]
    size = write(prefix, g, table_of_snps(rng, p), ids, simulate.numbers(y))
    covariates = folder / "missing.covariates.txt"
    covariates.write_text("".join(f"{a:.1f}\t{s}\n" for a, s in zip(age, sex, strict=True)))
    return StudyFiles("missing", f"simulated: {size}, families of 1 to 3, 2 covariates, h² 0.5", prefix, covariates)


def with_structure(folder: pathlib.Path, n: int = 800, p: int = 10_000) -> StudyFiles:
    """Four populations with F_ST 0.15, each of families of 8 to 12 sibs; heritability 0.8, of which much is between populations."""
    rng = np.random.default_rng(20261128)
    frequency = rng.beta(1.5, 1.5, p).clip(0.1, 0.9)
    scale = (1 - DRIFT) / DRIFT
    families, parts, start = [], [], 0
    for _population in range(POPULATIONS):
        drifted = rng.beta(frequency * scale, (1 - frequency) * scale).clip(0.02, 0.98)
        family = simulate.families(rng, n // POPULATIONS, (8, 10, 12))
        parts.append(simulate.sib_genotypes(rng, family, chromosome_sizes(p), drifted))
        families.append(family + start)
        start += int(family[-1]) + 1
    g, family = np.concatenate(parts), np.concatenate(families)
    common = [j for j in range(p) if 0.6 < g[:, j].mean() < 1.4]
    hits = {common[len(common) * k // 3]: effect for k, effect in ((1, 0.25), (2, -0.25))}
    y = simulate.heritable(rng, g, 0.8, hits)
    prefix = folder / "structure"
    ids = [(f"f{f}", f"i{i}") for i, f in enumerate(family)]
    size = write(prefix, g, table_of_snps(rng, p), ids, simulate.numbers(y))
    return StudyFiles("structure", f"simulated: {size}, families of 8 to 12 from four populations, F_ST {DRIFT}, h² 0.8", prefix)
