"""Simulate the reference data sets: families of sibs, linkage disequilibrium, polygenic phenotypes. Requires numpy.

usage: simulate.py OUTDIR

Writes plain, missing, covariates, odd, demo and loco (.bed, .bim, .fam) and their covariate, phenotype, SNP-list, environment and
weight files.
The seeds are fixed, so the output is reproducible with the same numpy. README.md describes the data sets.
"""
from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]
Dosage = NDArray[np.int8]  # n x p, copies of allele1, or MISSING

MISSING = 3
CODE_OF_DOSAGE = np.array([3, 2, 0, 1], np.uint8)  # 0, 1, 2, missing -> two-bit code
ANCESTORS = 24  # haplotypes from which the founders are mosaics: the source of linkage disequilibrium


@dataclass
class SnpTable:
    """The columns of a .bim file."""

    chr: list[str]
    rs: list[str]
    ps: list[int]
    allele1: list[str]
    allele0: list[str]


def families(rng: Generator, n: int, sizes: tuple[int, ...]) -> NDArray[np.int64]:
    """Family index of each of n individuals, with family sizes drawn from `sizes`."""
    drawn = rng.choice(sizes, size=n)
    return np.repeat(np.arange(n), drawn)[:n]


def mosaic(rng: Generator, ancestors: NDArray[np.int8], count: int, switch: float) -> NDArray[np.int8]:
    """`count` haplotypes, each copying one ancestor and switching to another with probability `switch` per SNP."""
    m, p = ancestors.shape
    state = rng.integers(0, m, count)
    out = np.empty((count, p), np.int8)
    for j in range(p):
        change = rng.random(count) < switch
        state = np.where(change, rng.integers(0, m, count), state)
        out[:, j] = ancestors[state, j]
    return out


def sib_genotypes(rng: Generator, family: NDArray[np.int64], chromosome_sizes: list[int], freq: Array) -> Dosage:
    """Dosages of sibs whose two parents carry mosaic haplotypes; recombination rate 0.02 between neighbours."""
    n, n_families = len(family), int(family[-1]) + 1
    parts, start = [], 0
    for size in chromosome_sizes:
        f = freq[start:start + size]
        ancestors = (rng.random((ANCESTORS, size)) < f).astype(np.int8)
        total = np.zeros((n, size), np.int8)
        for _parent in range(2):
            first = mosaic(rng, ancestors, n_families, 0.15)
            second = mosaic(rng, ancestors, n_families, 0.15)
            recombined = np.cumsum(rng.random((n, size)) < 0.02, axis=1) + rng.integers(0, 2, n)[:, None]
            total += np.where(recombined % 2 == 0, first[family], second[family])
        parts.append(total)
        start += size
    return np.concatenate(parts, axis=1)


def standardised(x: Array) -> Array:
    """x - mean, divided by the standard deviation."""
    return (x - x.mean()) / x.std()


def centred(g: Dosage) -> Array:
    """Dosages minus their mean over the called individuals; 0 for missing calls."""
    called = g != MISSING
    mean = np.where(called, g, 0).sum(axis=0) / called.sum(axis=0).clip(1)
    return np.where(called, g - mean, 0.0)


def polygenic(rng: Generator, g: Dosage) -> Array:
    """Sum of normal effects of all SNPs, per centred allele as in the kinship matrix; mean 0 and variance 1."""
    return standardised((centred(g) * rng.normal(size=g.shape[1])).sum(axis=1))


def smooth(rng: Generator, g: Dosage) -> Array:
    """K e for normal e: smoother than a polygenic phenotype, so that lambda has no maximum; variance 1."""
    z = centred(g)
    effects = (z * rng.normal(size=(len(g), 1))).sum(axis=0)
    return standardised((z * effects).sum(axis=1))


def heritable(rng: Generator, g: Dosage, h2: float, causal: dict[int, float]) -> Array:
    """Phenotype of heritability h2, plus causal SNPs with effects in standard deviations."""
    y = np.sqrt(h2) * polygenic(rng, g) + np.sqrt(1 - h2) * rng.normal(size=len(g))
    for j, effect in causal.items():
        y = y + effect * standardised(np.where(g[:, j] == MISSING, 1, g[:, j]).astype(float))
    return y


def snp_table(rng: Generator, chromosome_sizes: list[int], names: list[str], first_rs: int, gap: int) -> SnpTable:
    """Ordinary SNPs with increasing positions and single-letter alleles."""
    chr_, ps = [], []
    for name, size in zip(names, chromosome_sizes):
        chr_ += [name] * size
        ps += [int(v) for v in np.cumsum(rng.integers(gap // 4, 2 * gap, size))]
    p = len(chr_)
    pairs = [("A", "G"), ("C", "T"), ("G", "A"), ("T", "C"), ("A", "C"), ("G", "T")]
    chosen = [pairs[i] for i in rng.integers(0, len(pairs), p)]
    return SnpTable(chr_, [f"rs{first_rs + j}" for j in range(p)], ps, [a for a, _ in chosen], [b for _, b in chosen])


def remove_calls(rng: Generator, g: Dosage, rate: Array) -> Dosage:
    """g with calls removed at the given rate of each SNP."""
    return np.where(rng.random(g.shape) < rate, MISSING, g).astype(np.int8)


def write_plink(prefix: Path, g: Dosage, snps: SnpTable, ids: list[tuple[str, str]], phenotypes: list[list[str]]) -> None:
    """Write prefix.bed, .bim and .fam; `phenotypes` is one list of n tokens per column."""
    n, p = g.shape
    padded = np.zeros((p, (n + 3) // 4 * 4), np.uint8)
    padded[:, :n] = CODE_OF_DOSAGE[g.T]
    quads = padded.reshape(p, -1, 4)
    packed = quads[:, :, 0] | quads[:, :, 1] << 2 | quads[:, :, 2] << 4 | quads[:, :, 3] << 6
    prefix.with_suffix(".bed").write_bytes(b"\x6c\x1b\x01" + packed.tobytes())
    rows = zip(snps.chr, snps.rs, snps.ps, snps.allele1, snps.allele0)
    prefix.with_suffix(".bim").write_text("".join(f"{c}\t{rs}\t0\t{ps}\t{a1}\t{a0}\n" for c, rs, ps, a1, a0 in rows))
    fam = (f"{fid} {iid} 0 0 {1 + i % 2} " + " ".join(col[i] for col in phenotypes) + "\n"
           for i, (fid, iid) in enumerate(ids))
    prefix.with_suffix(".fam").write_text("".join(fam))


def numbers(values: Array) -> list[str]:
    """Tokens with five decimals."""
    return [f"{v:.5f}" for v in values]


def with_tokens(tokens: list[str], where: NDArray[np.int64], token: str) -> list[str]:
    """`tokens` with `token` at the given positions."""
    out = list(tokens)
    for i in where:
        out[i] = token
    return out


def plain(out: Path) -> None:
    """120 individuals in families of four, 400 SNPs, every call present."""
    rng = np.random.default_rng(20260101)
    n, sizes = 120, [80] * 5
    family = families(rng, n, (4,))
    g = sib_genotypes(rng, family, sizes, rng.beta(1.2, 1.2, 400).clip(0.04, 0.96))
    y = heritable(rng, g, 0.5, {20: 0.35, 130: -0.3, 310: 0.3})
    ids = [(f"f{f}", f"i{i}") for i, f in enumerate(family)]
    write_plink(out / "plain", g, snp_table(rng, sizes, list("12345"), 1, 50_000), ids, [numbers(y)])
    (out / "plain.pheno.txt").write_text("\n".join(numbers(y)) + "\n")


def missing(out: Path) -> None:
    """151 individuals, 480 SNPs with missing calls and with SNPs for every filter; four phenotypes."""
    rng = np.random.default_rng(20260102)
    n, sizes = 151, [160, 160, 160]
    family = families(rng, n, (2, 3, 4, 5))
    g = sib_genotypes(rng, family, sizes, rng.beta(1.0, 1.0, 480).clip(0.03, 0.97))
    rate = rng.uniform(0.01, 0.04, 480)
    rate[rng.choice(np.arange(60, 480), 40, replace=False)] = rng.uniform(0.05, 0.3, 40)
    rate[:60] = 0.0
    g = remove_calls(rng, g, rate)
    g[:, 10] = MISSING
    g[:, 11] = 0
    g[:, 12] = 2
    g[:, 13] = 1  # every individual heterozygous
    g[:, 14] = np.where(np.arange(n) % 2 == 0, 0, 2)  # no heterozygote at allele frequency 0.5
    g[:, 15] = np.where(np.arange(n) % 5 == 0, 2, 0)
    for j, carriers in zip(range(20, 30), [1, 1, 2, 2, 3, 3, 4, 1, 2, 3]):  # minor allele count 1 to 4
        rare = np.zeros(n, np.int8)
        rare[rng.choice(n, carriers, replace=False)] = 1
        g[:, j] = rare if j < 26 else 2 - rare
    g[:, 30] = MISSING
    g[7, 30] = 1  # a single call
    snps = snp_table(rng, sizes, ["1", "2", "3"], 2001, 40_000)
    ids = [(f"f{f}", f"m{i}") for i, f in enumerate(family)]
    main = numbers(heritable(rng, g, 0.55, {100: 0.4, 250: 0.35}))
    main = with_tokens(main, rng.choice(n, 5, replace=False), "NA")
    sparse = numbers(10 + 2 * heritable(rng, g, 0.4, {400: 0.5}))
    gone = rng.choice(n, 50, replace=False)
    sparse = with_tokens(with_tokens(sparse, gone[:25], "NA"), gone[25:], "-9")
    noise = rng.normal(size=n)
    means = np.bincount(family, noise) / np.bincount(family)
    noise = noise - 0.125 * means[family]  # puts lambda near its lower bound
    genetic = smooth(rng, g) + 0.75 * polygenic(rng, g)  # no environmental part
    columns = [main, sparse, numbers(noise), [f"{v:.9f}" for v in genetic]]
    write_plink(out / "missing", g, snps, ids, columns)
    (out / "missing.pheno.txt").write_text("".join(f"{a}\t{b}\n" for a, b in zip(columns[2], main)))
    listed = [snps.rs[j] for j in range(0, 480, 3)]
    (out / "missing.snps.txt").write_text("\n".join(listed + listed[:5] + ["rs_not_there"]) + "\n")
    copied = np.where(np.arange(n) < 4, 2 - g[:, 50], g[:, 50])  # SNP 50, except for four individuals
    (out / "missing.covariates.txt").write_text("".join(f"{v} {i % 7}\n" for i, v in enumerate(copied)))


def covariates(out: Path) -> None:
    """150 individuals, 400 SNPs, three covariates, two of which are equal to SNPs."""
    rng = np.random.default_rng(20260103)
    n, sizes = 150, [100] * 4
    family = families(rng, n, (3, 4))
    g = sib_genotypes(rng, family, sizes, rng.beta(1.5, 1.5, 400).clip(0.05, 0.95))
    rate = np.full(400, 0.01)
    rate[[5, 150, 151, 152, 153, 250]] = 0.0
    g = remove_calls(rng, g, rate)
    age = np.round(rng.uniform(20, 70, n), 1)
    sex = rng.integers(0, 2, n)
    g[:, 5] = g[:, max(range(10, 100), key=lambda j: g[:, j].std() * (MISSING not in g[:, j]))]
    batch = g[:, 5].astype(int)  # a common SNP
    g[:, 150] = sex  # equal to a covariate
    g[:, 151] = 2 - g[:, 5]  # a linear function of a covariate and the intercept
    g[:, 152] = np.where(np.arange(n) < 2, 2 - g[:, 5], g[:, 5])  # nearly equal
    g[:, 153] = g[:, 5]
    g[3, 153] = MISSING  # equal except for the missing call
    y = heritable(rng, g, 0.5, {60: 0.35, 330: -0.4}) + 0.03 * age + 0.5 * sex - 0.2 * batch
    ids = [(f"f{f}", f"c{i}") for i, f in enumerate(family)]
    write_plink(out / "covariates", g, snp_table(rng, sizes, list("1234"), 3001, 30_000), ids, [numbers(y)])
    (out / "covariates.pheno.txt").write_text("\n".join(numbers(y)) + "\n")
    rows = list(zip(age, sex, batch))
    (out / "covariates.txt").write_text("".join(f"{a:.1f}\t{s}\t{b}\n" for a, s, b in rows))
    (out / "covariates_intercept.txt").write_text("".join(f"1 {a:.1f} {s} {b}\n" for a, s, b in rows))
    absent = set(rng.choice(n, 9, replace=False).tolist())
    with_na = (f"NA\t{s}\n" if i in absent and i % 2 else f"{a:.1f}\tNA\n" if i in absent else f"{a:.1f}\t{s}\n"
               for i, (a, s, _) in enumerate(rows))
    (out / "covariates_na.txt").write_text("".join(with_na))


def odd(out: Path) -> None:
    """97 individuals and 320 SNPs with unusual names, alleles, positions and phenotype codes."""
    rng = np.random.default_rng(20260104)
    n = 97
    names = ["1A", "0", "23", "X", "Y", "MT", "chrUn_1", "7"]
    sizes = [40] * 8
    family = families(rng, n, (2, 3, 4))
    freq = rng.beta(0.5, 0.5, 320).clip(0.004, 0.996)
    g = sib_genotypes(rng, family, sizes, freq)
    g = remove_calls(rng, g, np.where(rng.random(320) < 0.5, 0.0, rng.uniform(0, 0.04, 320)))
    for j, copies in zip(range(200, 208), [1, 2, 3, 4, 5, 1, 2, 3]):
        near_fixed = np.full(n, 2, np.int8)
        near_fixed[rng.choice(n, copies, replace=False)] = 1
        g[:, j] = near_fixed if j < 205 else 2 - near_fixed
    g[:, 208], g[:, 209] = 2, 0
    snps = snp_table(rng, sizes, names, 1, 1000)
    for j in range(320):
        snps.rs[j] = ["rs7", f"{snps.chr[j]}:{j}:A:G", ".", f"rs{j}", f"id_{j}-x"][j % 5]
        if j % 9 == 0:
            snps.ps[j] = 0
        if j % 4 == 1:
            snps.allele1[j], snps.allele0[j] = [("ATTG", "A"), ("-", "C"), ("0", "T"), ("D", "I")][j // 4 % 4]
    ids = [(f"fam_{f}.a", f"ind.{i}_{f}") for i, f in enumerate(family)]
    first = numbers(heritable(rng, g, 0.6, {100: 0.5}))
    for token, places in zip(["NA", "-9", "-9.0", "0"], np.split(rng.choice(n, 12, replace=False), 4)):
        first = with_tokens(first, places, token)
    liability = heritable(rng, g, 0.6, {25: 0.4})
    case_control = [str(int(v > 0.2)) for v in liability]
    for token, places in zip(["NA", "-9"], np.split(rng.choice(n, 8, replace=False), 2)):
        case_control = with_tokens(case_control, places, token)
    third = [f"{v:.3e}" for v in 1e4 * heritable(rng, g, 0.5, {})]
    third = with_tokens(third, rng.choice(n, 4, replace=False), "-9.000")
    write_plink(out / "odd", g, snps, ids, [first, case_control, third])
    replaced = with_tokens(numbers(4 * heritable(rng, g, 0.6, {}) - 6), rng.choice(n, 3, replace=False), "NA")
    (out / "odd.pheno.txt").write_text("".join(f"{t}\n" for t in with_tokens(replaced, np.array([2, 40]), "-9")))


def demo(out: Path) -> None:
    """300 individuals and 1000 SNPs on ten chromosomes with three strong associations."""
    rng = np.random.default_rng(20260105)
    n, sizes = 300, [140, 130, 120, 110, 100, 95, 90, 80, 70, 65]
    family = families(rng, n, (3, 4, 5))
    g = sib_genotypes(rng, family, sizes, rng.beta(1.2, 1.8, 1000).clip(0.05, 0.95))
    common = [j for j in range(1000) if 0.6 < g[:, j].mean() < 1.4]
    hits = {common[int(len(common) * position)]: effect for position, effect in [(0.2, 0.55), (0.5, -0.5), (0.83, 0.45)]}
    y = 100 + 8 * heritable(rng, g, 0.45, hits)
    g = remove_calls(rng, g, np.full(1000, 0.005))
    ids = [(f"F{f + 1:03d}", f"I{i + 1:03d}") for i, f in enumerate(family)]
    names = [str(c) for c in range(1, 11)]
    write_plink(out / "demo", g, snp_table(rng, sizes, names, 10001, 1_200_000), ids, [[f"{v:.3f}" for v in y]])


def loco(out: Path) -> None:
    """101 individuals and 604 SNPs on chromosomes and scaffolds of different sizes; chromosome 2 continues at the end."""
    rng = np.random.default_rng(20260108)
    n = 101
    names = ["1", "2", "X", "chr4", "contig_3", "scaffold_9", "0", "contig_8", "MT", "2"]
    sizes = [150, 110, 90, 70, 30, 110, 14, 16, 4, 10]
    p = sum(sizes)
    family = families(rng, n, (3, 4, 5))
    g = sib_genotypes(rng, family, sizes, rng.beta(1.2, 1.2, p).clip(0.06, 0.94))
    # The most variable of 20 SNPs on chromosomes 1, 2 and X.
    first, second, third = (max(range(start, start + 20), key=lambda j: g[:, j].std()) for start in (50, 190, 290))
    columns = [heritable(rng, g, 0.2, {first: 0.5, second: -0.4}), heritable(rng, g, 0.2, {third: 0.5})]
    g = remove_calls(rng, g, np.where(rng.random(p) < 0.4, 0.0, rng.uniform(0, 0.03, p)))
    snps = snp_table(rng, sizes, names, 6001, 40_000)
    snps.ps[-10:] = [snps.ps[259] + v for v in snps.ps[-10:]]
    absent = [rng.choice(n, 4, replace=False), rng.choice(n, 13, replace=False)]
    for j, value in zip(range(590, 594), [0, 2, 0, 2]):  # MT: polymorphic only if phenotype 1 is not required
        g[:, j] = value
        g[absent[0], j] = 1
    phenotypes = [with_tokens(numbers(y), rows, "NA") for y, rows in zip(columns, absent)]
    ids = [(f"f{f}", f"l{i}") for i, f in enumerate(family)]
    write_plink(out / "loco", g, snps, ids, phenotypes)
    age, sex = np.round(rng.uniform(20, 70, n), 1), rng.integers(0, 2, n)
    rows = (f"NA\t{s}\n" if i in (11, 50, 77) else f"{a:.1f}\t{s}\n" for i, (a, s) in enumerate(zip(age, sex)))
    (out / "loco.covariates.txt").write_text("".join(rows))


def individuals(out: Path) -> None:
    """Environments and weights of the data sets missing and covariates, a few of them NA."""
    rng = np.random.default_rng(20260114)
    for dataset in ("missing", "covariates"):
        n = len((out / f"{dataset}.fam").read_text().splitlines())
        # One is a quantity about a mean that is not 0, the other an exposure that is 0 or 1.
        e = np.round(rng.normal(3, 2, n), 2) if dataset == "missing" else rng.integers(0, 2, n)
        w = np.round(rng.gamma(2, 1, n) + 0.1, 3)
        for name, values in (("gxe", e), ("weights", w)):
            texts = [f"{v:g}" for v in values]
            for row in rng.choice(n, 4, replace=False):
                texts[row] = "NA"
            (out / f"{dataset}.{name}.txt").write_text("".join(f"{text}\n" for text in texts))


def main() -> None:
    """Write all data sets to the folder given as argument."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for write in (plain, missing, covariates, odd, demo, loco, individuals):
        write(out)


if __name__ == "__main__":
    main()
