"""Writes every file of this folder but itself and the two tables: one tiny valid study, and damaged copies of its files.

    python3 make.py

The same bytes come out every time; nothing beyond Python's standard library is needed. `cases.tsv` says which error each
damaged file must give, `accepted.tsv` which odd files must give the result of the clean ones.
"""

import gzip
import struct
from pathlib import Path

FOLDER = Path(__file__).parent
N, P = 12, 8
MISSING_PHENOTYPE = 4  # the fifth individual has no phenotype, so 11 are analysed


def write(name: str, content: str | bytes) -> None:
    (FOLDER / name).write_bytes(content.encode() if isinstance(content, str) else content)


def lines(rows: list[list[str]], separator: str = " ") -> str:
    return "".join(separator.join(row) + "\n" for row in rows)


def zipped(content: str) -> bytes:
    return gzip.compress(content.encode(), mtime=0)


def replaced(rows: list[list[str]], row: int, column: int, cell: str) -> list[list[str]]:
    """A copy with one cell changed, counted from 0."""
    copy = [list(r) for r in rows]
    copy[row][column] = cell
    return copy


def npy(descr: str, shape: str, numbers: list[float]) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    kind = {"<f8": "d", "<i8": "q"}[descr]
    body = b"".join(struct.pack("<" + kind, int(x) if kind == "q" else x) for x in numbers)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


# The valid study.
state = 2024


def random(k: int) -> int:
    """0 .. k-1 from a linear congruential generator."""
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % k


genotypes = [[random(3) for _ in range(N)] for _ in range(P)]
CODE = {0: 0b11, 1: 0b10, 2: 0b00}
packed = b""
for snp in genotypes:
    for first in range(0, N, 4):
        packed += bytes([sum(CODE[g] << 2 * k for k, g in enumerate(snp[first : first + 4]))])
bed = b"\x6c\x1b\x01" + packed
bim = [["1" if j < 4 else "2", f"rs{j + 1}", "0", str(100 * (j + 1)), "A", "G"] for j in range(P)]
y = [f"{(random(4000) - 2000) / 1000:.3f}" for _ in range(N)]
y[MISSING_PHENOTYPE] = "NA"
fam = [[f"F{i // 2 + 1}", f"I{i + 1}", "0", "0", str(1 + i % 2), y[i]] for i in range(N)]
age = [str(30 + random(40)) for _ in range(N)]
weight = [f"{50 + random(400) / 10:.1f}" for _ in range(N)]
covariates = [["1", age[i], weight[i]] for i in range(N)]
centred = [[g - sum(snp) / N for g in snp] for snp in genotypes]
kinship = [[f"{sum(z[a] * z[b] for z in centred) / P + (0.05 if a == b else 0):.10g}" for b in range(N)] for a in range(N)]
ids = [row[:2] for row in fam]
pairs = [[fam[a][1], fam[b][1], kinship[a][b]] for a in range(N) for b in range(a + 1)]
snps = [[row[1]] for row in bim]
pheno = [[value, value] for value in y]

write("valid.bed", bed)
write("valid.bim", lines(bim, "\t"))
write("valid.fam", lines(fam))
write("valid.pheno.txt", lines(pheno))
write("valid.covariates.txt", lines(covariates))
write("valid.cXX.txt", lines(kinship, "\t"))
write("valid.pairs.txt", lines(pairs))
write("valid.snps.txt", lines(snps))

# Genotypes.
write("bed_empty.bed", b"")
write("bed_two_bytes.bed", bed[:2])
write("bed_header_only.bed", bed[:3])
write("bed_bad_magic.bed", b"PK\x03\x04" + bed[4:])
write("bed_sample_major.bed", bed[:2] + b"\x00" + bed[3:])
write("bed_unknown_order.bed", bed[:2] + b"\x02" + bed[3:])
write("bed_truncated.bed", bed[:-2])
write("bed_one_snp_short.bed", bed[:-3])
write("bed_overlong.bed", bed + b"\x00")
write("bed_one_snp_more.bed", bed + bed[3:6])
write("bed_monomorphic.bed", bed[:3] + b"\xff" * len(packed))
write("bed_all_missing.bed", bed[:3] + b"\x55" * len(packed))
write("bed_gzip.bed", gzip.compress(bed, mtime=0))
write("bed_text.bed", lines(bim))

# SNPs.
write("bim_empty.bim", "")
write("bim_five_columns.bim", lines([row if j != 2 else row[:5] for j, row in enumerate(bim)]))
write("bim_position_word.bim", lines(replaced(bim, 3, 3, "chr1:400")))
write("bim_position_exponent.bim", lines(replaced(bim, 3, 3, "1e5")))
write("bim_position_overflow.bim", lines(replaced(bim, 3, 3, "99999999999999999999")))
write("bim_cm_word.bim", lines(replaced(bim, 1, 2, "unknown")))
write("bim_blank_line.bim", lines(bim[:4]) + "\n" + lines(bim[4:]))
write("bim_header.bim", "chr snp cm pos a1 a2\n" + lines(bim))
write("bim_commas.bim", lines(bim, ","))
write("bim_binary.bim", bytes(range(256)))
write("bim_nul.bim", lines(bim).replace("rs3", "rs\0003"))
write("bim_one_line_short.bim", lines(bim[:-1]))
write("bim_one_line_more.bim", lines([*bim, ["2", "rs9", "0", "900", "A", "G"]]))

# Individuals.
write("fam_empty.fam", "")
write("fam_four_columns.fam", lines([row[:4] for row in fam]))
write("fam_no_phenotype.fam", lines([row[:5] for row in fam]))
write("fam_duplicate_id.fam", lines(replaced(replaced(fam, 7, 0, "F1"), 7, 1, "I2")))
write("fam_duplicate_iid.fam", lines(replaced(fam, 7, 1, "I1")))
write("fam_phenotype_word.fam", lines(replaced(fam, 2, 5, "tall")))
write("fam_phenotype_nan.fam", lines(replaced(fam, 2, 5, "nan")))
write("fam_phenotype_inf.fam", lines(replaced(fam, 2, 5, "inf")))
write("fam_phenotype_comma.fam", lines(replaced(fam, 2, 5, "1,5")))
write("fam_phenotype_ragged.fam", lines([row if i != 8 else row[:5] for i, row in enumerate(fam)]))
write("fam_all_missing.fam", lines([[*row[:5], "-9"] for row in fam]))
write("fam_constant.fam", lines([[*row[:5], "2.5"] for row in fam]))
write("fam_one_phenotype.fam", lines([[*row[:5], row[5] if i == 0 else "NA"] for i, row in enumerate(fam)]))
write("fam_two_phenotypes.fam", lines([[*row[:5], row[5] if i < 2 else "NA"] for i, row in enumerate(fam)]))
write("fam_huge_phenotype.fam", lines(replaced(fam, 2, 5, "1e300")))
write("fam_header.fam", "#FID IID PAT MAT SEX PHENO\n" + lines(fam))
write("fam_blank_line.fam", lines(fam[:4]) + "\n" + lines(fam[4:]))
write("fam_commas.fam", lines(fam, ","))
write("fam_macintosh.fam", lines(fam).replace("\n", "\r"))
write("fam_binary.fam", bed + bytes(range(128, 256)))
write("fam_utf16.fam", lines(fam).encode("utf-16"))
write("fam_nul.fam", lines(fam).replace("I3", "I\0003"))
write("fam_one_line_short.fam", lines(fam[:-1]))
write("fam_four_lines_short.fam", lines(fam[:-4]))
write("fam_one_line_more.fam", lines([*fam, ["F7", "I13", "0", "0", "1", "0.5"]]))

# Phenotype tables.
write("pheno_empty.txt", "")
write("pheno_header.txt", "height\n" + lines(pheno))
write("pheno_header_and_ids.txt", "FID IID height\n" + lines([[*i, v] for i, v in zip(ids, y)]))
write("pheno_ids.txt", lines([[*i, v] for i, v in zip(ids, y)]))
write("pheno_word.txt", lines(replaced(pheno, 6, 0, "low")))
write("pheno_nan.txt", lines(replaced(pheno, 6, 0, "nan")))
write("pheno_short.txt", lines(pheno[:-1]))
write("pheno_long.txt", lines([*pheno, ["1", "1"]]))
write("pheno_ragged.txt", lines([row if i != 5 else row[:1] for i, row in enumerate(pheno)]))
write("pheno_constant.txt", lines([["3.25"]] * N))
write("pheno_all_missing.txt", lines([["NA"]] * N))
write("pheno_binary.txt", bytes(range(256)))
write("pheno_blank_line.txt", lines(pheno[:3]) + "\n" + lines(pheno[3:]))
write("pheno_truncated.txt.gz", zipped(lines(pheno))[:-12])
write("pheno_semicolons.txt", lines(pheno, ";"))

# Covariate tables.
write("cov_empty.txt", "")
write("cov_header.txt", "intercept age weight\n" + lines(covariates))
write("cov_word.txt", lines(replaced(covariates, 3, 1, "old")))
write("cov_nan.txt", lines(replaced(covariates, 3, 1, "nan")))
write("cov_huge.txt", lines(replaced(covariates, 3, 1, "1e300")))
write("cov_inf.txt", lines(replaced(covariates, 3, 1, "1e999")))
write("cov_ragged.txt", lines([row if i != 6 else row[:2] for i, row in enumerate(covariates)]))
write("cov_short.txt", lines(covariates[:-2]))
write("cov_long.txt", lines([*covariates, covariates[0]]))
write("cov_all_na.txt", lines([[*row[:2], "NA"] for row in covariates]))
write("cov_na_column.txt", lines([[row[0], "NA", row[2]] for row in covariates]))
write("cov_duplicate_column.txt", lines([["1", a, a] for a in age]))
write("cov_sum_column.txt", lines([["1", a, str(k), str(2 * int(a) + 3 * k)] for k, a in enumerate(age)]))
write("cov_dummy_trap.txt", lines([["1", str(i % 2), str(1 - i % 2)] for i in range(N)]))
write("cov_too_many.txt", lines([["1", *[f"{random(1000) / 7:.4f}" for _ in range(9)]] for _ in range(N)]))
write("cov_more_than_individuals.txt", lines([["1", *[f"{random(1000) / 7:.4f}" for _ in range(14)]] for _ in range(N)]))
write("cov_phenotype.txt", lines([["1", v if v != "NA" else "0"] for v in y]))
write("cov_binary.txt", bytes(range(256)))
write("cov_truncated.txt.gz", zipped(lines(covariates))[:-12])

# Kinship matrices.
write("kinship_empty.txt", "")
write("kinship_word.txt", lines(replaced(kinship, 2, 1, "x")))
write("kinship_na.txt", lines(replaced(kinship, 2, 1, "NA")))
write("kinship_nan.txt", lines(replaced(kinship, 2, 1, "nan")))
write("kinship_inf.txt", lines(replaced(kinship, 2, 1, "inf")))
write("kinship_asymmetric.txt", lines(replaced(kinship, 3, 1, "0.75")))
write("kinship_one_row_short.txt", lines(kinship[:-1]))
write("kinship_one_row_more.txt", lines([*kinship, kinship[0]]))
write("kinship_ragged.txt", lines([row if i != 6 else row[:-1] for i, row in enumerate(kinship)]))
write("kinship_column_more.txt", lines([row if i != 6 else [*row, "0"] for i, row in enumerate(kinship)]))
write("kinship_analysed_only.txt", lines([[v for b, v in enumerate(row) if b != MISSING_PHENOTYPE] for a, row in enumerate(kinship) if a != MISSING_PHENOTYPE]))
write("kinship_lower_triangle.txt", lines([row[: a + 1] for a, row in enumerate(kinship)]))
write("kinship_header.txt", lines([[i[1] for i in ids], *kinship]))
write("kinship_row_names.txt", lines([[i[1], *row] for i, row in zip(ids, kinship)]))
write("kinship_blank_line.txt", lines(kinship[:4]) + "\n" + lines(kinship[4:]))
write("kinship_binary.txt", bytes(range(256)) * 4)
write("kinship_semicolons.txt", lines(kinship, ";"))
write("kinship_truncated.txt.gz", zipped(lines(kinship))[:-40])
write("kinship_zero.txt", lines([["0"] * N] * N))
write("kinship_constant.txt", lines([["1"] * N] * N))
write("kinship_huge.txt", lines([["1e308"] * N] * N))
write("kinship_negative.txt", lines([[v if v == "0" else v[1:] if v[0] == "-" else "-" + v for v in row] for row in kinship]))
write("kinship_sums.txt", lines([[f"{a + b}" for b in range(N)] for a in range(N)]))
for name, factor in {"overflow": 1e160, "vanishing": 1e-20}.items():
    write(f"kinship_times_{name}.txt", lines([[f"{float(v) * factor:.10g}" for v in row] for row in kinship]))
cells = [float(v) for row in kinship for v in row]
write("kinship_zero.npy", npy("<f8", f"({N}, {N})", [0.0] * N * N))
write("kinship_times_overflow.npy", npy("<f8", f"({N}, {N})", [1e160 * x for x in cells]))
write("kinship_shape.npy", npy("<f8", f"({N - 1}, {N - 1})", cells[: (N - 1) ** 2]))
write("kinship_vector.npy", npy("<f8", f"({N * N},)", cells))
write("kinship_integers.npy", npy("<i8", f"({N}, {N})", cells))
write("kinship_nan.npy", npy("<f8", f"({N}, {N})", [*cells[:25], float("nan"), *cells[26:]]))
write("kinship_truncated.npy", npy("<f8", f"({N}, {N})", cells)[:-100])
write("kinship_overlong.npy", npy("<f8", f"({N}, {N})", cells) + b"12345678")
write("kinship_text.npy", lines(kinship))
for name, rows in {
    "missing": ids[:3] + [["X", "X"]] + ids[4:],
    "duplicate": ids[:3] + [ids[0]] + ids[4:],
    "short": ids[:-1],
    "iid_only": [row[1:] for row in ids],
    "header": [["#FID", "IID"], *ids],
    "empty": [],
}.items():
    write(f"ids_{name}.cXX.txt", lines(kinship, "\t"))
    write(f"ids_{name}.cXX.id", lines(rows, "\t"))
write("pairs_empty.txt", "")
write("pairs_word.txt", lines(replaced(pairs, 7, 2, "x")))
write("pairs_nan.txt", lines(replaced(pairs, 7, 2, "nan")))
write("pairs_two_columns.txt", lines([row[:2] for row in pairs]))
write("pairs_contradiction.txt", lines([*pairs, [pairs[1][1], pairs[1][0], "0.9"]]))
write("pairs_no_diagonal.txt", lines([row for row in pairs if row[0] != row[1]]))
write("pairs_other_ids.txt", lines([["Z" + row[0], "Z" + row[1], row[2]] for row in pairs]))
write("pairs_zero.txt", lines([[*row[:2], "0"] for row in pairs]))
write("pairs_constant.txt", lines([[*row[:2], "0.25"] for row in pairs]))
write("pairs_times_overflow.txt", lines([[*row[:2], f"{float(row[2]) * 1e160:.10g}"] for row in pairs]))
write("pairs_header.txt", lines([["id1", "id2", "kinship"], *pairs]))

# Eigendecompositions of the 11 analysed individuals: the identity is orthonormal, which is all that can be asked of it.
n = N - 1
identity = [["1" if a == b else "0" for b in range(n)] for a in range(n)]
values = [[str(a)] for a in range(n)]
write("valid.eigenD.txt", lines(values))
write("valid.eigenU.txt", lines(identity))
write("eigen_values_short.txt", lines(values[:-1]))
write("eigen_values_long.txt", lines([*values, ["20"]]))
write("eigen_values_word.txt", lines(replaced(values, 4, 0, "four")))
write("eigen_values_empty.txt", "")
write("eigen_values_zero.txt", lines([["0"]] * n))
write("eigen_values_overflow.txt", lines([[f"{a}e160"] for a in range(n)]))
write("eigen_vectors_short.txt", lines(identity[:-1]))
write("eigen_vectors_ragged.txt", lines([row if i != 3 else row[:-1] for i, row in enumerate(identity)]))
write("eigen_vectors_nan.txt", lines(replaced(identity, 5, 5, "nan")))
write("eigen_vectors_norm.txt", lines(replaced(identity, 5, 5, "0.5")))
write("eigen_vectors_same.txt", lines(replaced(replaced(identity, 5, 5, "0"), 4, 5, "1")))
write("eigen_vectors_everybody.txt", lines([["1" if a == b else "0" for b in range(N)] for a in range(N)]))
write("eigen_others.eigenU.txt", lines(identity))
write("eigen_others.eigenU.id", lines(ids[1:]))

# Lists of SNPs.
write("snps_empty.txt", "")
write("snps_unknown.txt", "rs100\nrs101\n")
write("snps_blank_line.txt", "rs1\n\nrs2\n")
write("snps_binary.txt", bytes(range(256)))
write("snps_commas_only.txt", ",,\n")

# Odd but right: the same result as with the valid files.
everything = {
    "fam": lines(fam),
    "bim": lines(bim, "\t"),
    "pheno": lines(pheno),
    "cov": lines(covariates),
    "kinship": lines(kinship, "\t"),
    "pairs": lines(pairs),
    "snps": lines(snps),
}
for name, text in everything.items():
    end = f".{name}" if name in ("fam", "bim") else ".txt"
    write(f"ok_{name}_crlf{end}", text.replace("\n", "\r\n"))
    write(f"ok_{name}_unterminated{end}", text[:-1])
    write(f"ok_{name}_byte_order_mark{end}", "\ufeff" + text)
    write(f"ok_{name}_gzip{end}" + ("" if name in ("fam", "bim") else ".gz"), zipped(text))
    write(f"ok_{name}_trailing_blank_lines{end}", text + "\n \n")
write("ok_bim_more_columns.bim", lines([[*row, "extra", "columns"] for row in bim]))
write("ok_bim_blanks.bim", lines([["", *row] for row in bim], "  "))
write("ok_fam_tabs.fam", lines(fam, "\t"))
write("ok_fam_minus_nine.fam", lines(replaced(fam, MISSING_PHENOTYPE, 5, "-9.0")))
write("ok_pheno_commas.txt", lines(pheno, ","))
write("ok_cov_commas.txt", lines(covariates, ", "))
write("ok_cov_na_row_of_other_width.txt", lines([["NA"] if i == MISSING_PHENOTYPE else row for i, row in enumerate(covariates)]))
write("ok_kinship_commas.txt", lines(kinship, ","))
junk = [["junk"] if a == MISSING_PHENOTYPE else replaced([row], 0, MISSING_PHENOTYPE, "NA")[0] for a, row in enumerate(kinship)]
write("ok_kinship_junk_of_others.txt", lines(junk))
write("ok_kinship.npy", npy("<f8", f"({N}, {N})", cells))
order = list(range(N))[::-1]
write("ok_reordered.cXX.txt", lines([[kinship[a][b] for b in order] for a in order]))
write("ok_reordered.cXX.id", lines([ids[a] for a in order]))
write("ok_pairs_full.txt", lines([[fam[a][1], fam[b][1], kinship[a][b]] for a in range(N) for b in range(N)]))
write("ok_pairs_unknown_ids.txt", lines([*pairs, ["Z", "I1", "0.5"]]))
write("ok_snps_twice_and_unknown.txt", lines([*snps, *snps, ["rs100"]]))
write("ok_snps_more_columns.txt", lines([[row[1], row[0], row[3]] for row in bim]))
