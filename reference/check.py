"""Compare the dense oracle with GEMMA's outputs in this folder and print the differences.

usage: check.py

For `loco`, the dense kinship is that of the SNPs outside a group, and the tests are those of the group. The tables of
GEMMA's own -loco (BIMBAM files) must have the same bytes as those made from PLINK files.

GEMMA reports the iterate before the last one for lambda. The relative tolerances are therefore 1e-4 for l_remle and l_mle
(5e-4 below 0.05, because GEMMA's derivatives lose digits there) and for beta (relative to at least its se), se and p, and
2e-6 for the likelihood. The exit status is 1 if any is exceeded. tolerances.tsv has the tolerances for programs that follow
GEMMA's path. Requires numpy and scipy.
"""
from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path

import numpy as np

import oracle
import plink
from loco_parts import groups_of

HERE = Path(__file__).resolve().parent
TABLES = [("plain", "plain", "lmm4"), ("missing", "missing", "lmm4"), ("missing_n2", "missing", "n2_lmm4"),
          ("missing_n3", "missing", "n3_lmm4"), ("missing_n4", "missing", "n4_lmm4"),
          ("covariates", "covariates", "lmm4"), ("odd", "odd", "lmm4"), ("demo", "demo", "lmm4")]
LIMITS = {"l_remle": 1e-4, "l_mle": 1e-4, "beta": 1e-4, "se": 1e-4, "logl_H1": 2e-6,
          "p_wald": 1e-4, "p_lrt": 1e-4, "p_score": 1e-4}
SMALL_LAMBDA, SMALL_LAMBDA_LIMIT = 0.05, 5e-4
LOCO_EVERY = 15  # every 15th SNP of a group is compared
# The linear model: half a unit of the last digit printed by GEMMA, and its rounding.
LINEAR_TABLES = [("lm_missing", "missing", "lm4"), ("lm_covariates", "covariates", "lm4"), ("lm_odd", "odd", "lm4")]
LINEAR_LIMIT = 2e-6
Row = dict[str, str]


def read_table(path: Path) -> list[Row]:
    """Rows of a tab-separated file with a header."""
    lines = path.read_text().splitlines()
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t"))) for line in lines[1:]]


def matched(oracle: list[Row], gemma: list[Row]) -> list[tuple[Row, Row]]:
    """Pairs of rows of the same SNP; both tables are in file order, and ids may repeat."""
    pairs, start = [], 0
    for row in oracle:
        columns = [c for c in ("chr", "rs", "ps", "n_miss", "n_mis", "n_obs", "allele1", "allele0") if c in row]
        while any(gemma[start][c] != row[c] for c in columns):
            start += 1
        pairs.append((row, gemma[start]))
        start += 1
    return pairs


def difference(column: str, ours: Row, theirs: Row) -> float:
    """Relative difference; for beta, relative to the larger of |beta| and se."""
    a, b = float(ours[column]), float(theirs[column])
    if math.isnan(b) or a == b:
        return 0.0
    scale = max(abs(a), float(ours["se"])) if column == "beta" else max(abs(a), abs(b))
    return abs(a - b) / scale


def compare_linear(title: str, pairs: list[tuple[Row, Row]]) -> bool:
    """Print the largest difference of each column of the linear model; return whether all are within the limit."""
    worst = {c: max(difference(c, *pair) for pair in pairs) for c in ("beta", "se", "p_wald", "p_lrt", "p_score")}
    print(f"{title}: {len(pairs)} SNPs; " + " ".join(f"{c} {d:.1e}" for c, d in worst.items()))
    return max(worst.values()) <= LINEAR_LIMIT


def compare(title: str, pairs: list[tuple[Row, Row]]) -> bool:
    """Print the largest difference of each column; return whether all are within the limits."""
    fine, words = True, []
    for column, limit in LIMITS.items():
        worst = 0.0
        for ours, theirs in pairs:
            d = difference(column, ours, theirs)
            small = min(float(ours["l_remle"]), float(ours["l_mle"])) < SMALL_LAMBDA
            fine &= d <= (SMALL_LAMBDA_LIMIT if small and column != "logl_H1" else limit)
            worst = max(worst, d)
        words.append(f"{column} {worst:.1e}")
    failed = sum(any(theirs[c].endswith("nan") for c in LIMITS) for _, theirs in pairs)
    print(f"{title}: {len(pairs)} SNPs, {failed} nan in GEMMA; " + " ".join(words))
    return fine


def check_table(table: str, dataset: str, case: str) -> bool:
    """Compare a table of the oracle with GEMMA's."""
    return compare(table, matched(read_table(HERE / "oracle" / f"{table}.tsv"),
                                  read_table(HERE / "gemma" / dataset / f"{case}.assoc.txt")))


def check_linear(table: str, dataset: str, case: str) -> bool:
    """Compare a table of the oracle of the linear model with GEMMA's."""
    return compare_linear(table, matched(read_table(HERE / "oracle" / f"{table}.tsv"),
                                         read_table(HERE / "gemma" / dataset / f"{case}.assoc.txt")))


def check_null(table: str, dataset: str, case: str) -> bool:
    """Compare the null model with GEMMA's log, which has six digits."""
    null = json.loads((HERE / "oracle" / f"{table}.null.json").read_text())
    log = (HERE / "gemma" / dataset / f"{case}.log.txt").read_text()
    worst = 0.0
    for label, value in [("REMLE log-likelihood in the null model", null["logl_reml"]),
                         ("MLE log-likelihood in the null model", null["logl_ml"]),
                         ("pve estimate in the null model", null["pve"]), ("se(pve) in the null model", null["se_pve"]),
                         ("vg estimate in the null model", null["vg"]), ("ve estimate in the null model", null["ve"]),
                         ("beta estimate in the null model", null["beta"]), ("se(beta)", null["se_beta"])]:
        found = re.search(r"^## " + re.escape(label) + r" = *(.*)$", log, re.M)
        assert found, f"{case}: no line {label!r}"
        printed = [float(t) for t in found.group(1).split()]
        ours = value if isinstance(value, list) else [value]
        scales = null["se_beta"] if label.startswith("beta") else [abs(v) for v in ours]
        worst = max([worst] + [abs(a - b) / max(abs(a), s) for a, b, s in zip(ours, printed, scales, strict=True)])
    print(f"{table}: null model, worst relative difference {worst:.1e}")
    return worst <= 1e-4


def check_kinship(dataset: str, name: str, standardised: bool, column: int = 1) -> bool:
    """Compare a printed kinship matrix with the dense one."""
    dense = plink.dense_kinship(plink.read_study(HERE / "data" / dataset, column), standardised)
    return compare_kinship(dataset, name, dense)


def compare_kinship(dataset: str, name: str, dense: plink.Array) -> bool:
    """Whether a printed kinship matrix is that one, in units of the last of ten digits."""
    printed = np.loadtxt(HERE / "gemma" / dataset / name)
    unit = 10.0 ** (np.floor(np.log10(np.abs(printed).clip(1e-300))) - 9)
    units = np.abs(printed - dense) / unit
    print(f"{dataset} {name}: worst {units.max():.2f} units of the last digit")
    return bool(units.max() <= 1.0)


def loco_study(group: str) -> tuple[plink.Study, plink.Study]:
    """The SNPs outside a group and those within it."""
    study = plink.read_study(HERE / "data" / "loco")
    groups = groups_of(study.bim.chr)
    outside = [j for j, g in enumerate(groups) if g != group]
    within = [j for j, g in enumerate(groups) if g == group]
    return plink.snps_only(study, outside), plink.snps_only(study, within)


def check_loco_kinship(name: str, group: str, standardised: bool = False) -> bool:
    """Compare the dense kinship of the SNPs outside the group with GEMMA's."""
    return compare_kinship("loco", name.format(group), plink.dense_kinship(loco_study(group)[0], standardised))


def check_loco(case: str, group: str, standardised: bool = False) -> bool:
    """Compare the dense model, with the dense kinship of the SNPs outside the group, with GEMMA's tests of the group."""
    outside, study = loco_study(group)
    centred = oracle.centred_kinship(plink.dense_kinship(outside, standardised)[np.ix_(study.analysed, study.analysed)])
    k = oracle.Kinship(centred, np.ones(len(study.y)))
    null = oracle.fit_null(k, study.w, study.y, 1e-5, 1e5)
    theirs = {row["rs"]: row for row in read_table(HERE / "gemma" / "loco" / f"{case}.{group}.assoc.txt")}
    kept = plink.kept_snps(study)
    fine = [study.bim.rs[j] for j in kept] == list(theirs)
    pairs = []
    for j in kept[::LOCO_EVERY]:
        x = plink.mean_imputed(study.dosage[study.analysed, j])
        row = oracle.test_snp(x, study.w, study.y, k, null, 1e-5, 1e5)
        pairs.append(({column: f"{value:.12e}" for column, value in row.items()}, theirs[study.bim.rs[j]]))
    return compare(f"loco {case} {group}", pairs) and fine


def check_loco_bytes(group: str) -> bool:
    """Whether GEMMA's -loco on BIMBAM files gives the same table as a kinship of the PLINK files without the group."""
    plink_table, bimbam = (HERE / "gemma" / "loco" / f"{case}.{group}.assoc.txt" for case in ("lmm4", "bimbam_lmm4"))
    is_same = plink_table.read_bytes() == bimbam.read_bytes()
    print(f"loco {group}: tables from BIMBAM and PLINK files: {'the same bytes' if is_same else 'DIFFERENT'}")
    return is_same


def main() -> None:
    """Run every comparison."""
    results = [check(*t) for t in TABLES for check in (check_table, check_null)]
    results += [check_linear(*t) for t in LINEAR_TABLES]
    results += [check_kinship(d, "gk1.cXX.txt", False) for d in ("plain", "missing", "covariates", "odd", "demo")]
    results += [check_kinship(d, "gk2.sXX.txt", True) for d in ("plain", "missing")]
    results.append(check_kinship("odd", "gk1_n2.cXX.txt", False, column=2))
    results += [check_loco_kinship("gk1.{}.cXX.txt", group) for group in ("1", "unplaced")]
    results.append(check_loco_kinship("gk2.{}.sXX.txt", "2", standardised=True))
    results += [check_loco("lmm4", group) for group in ("1", "2", "X", "chr4", "unplaced", "scaffold_9")]
    results += [check_loco("sxx_lmm4", group, standardised=True) for group in ("2", "X")]
    results += [check_loco_bytes(group) for group in ("1", "X")]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
