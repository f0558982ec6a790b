"""Writes the files of this folder other than itself, the README and the two tables: a small valid study and damaged copies.

    python3 make.py

Every run writes the same bytes. Only Python's standard library is needed. `cases.tsv` has the error that each damaged file
must give, `accepted.tsv` the unusual but valid files that must give the result of the clean ones.
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
write("pheno_endless.txt.gz", zipped("1.5\n" * 100_000))

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
write("cov_endless.txt.gz", zipped("1 2\n" * 100_000))

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
write("kinship_header.txt", lines([["X1", *(i[1] for i in ids[1:])], *kinship]))
write("kinship_row_names.txt", lines([[i[1], *row] for i, row in zip([*ids[:3], ids[1], *ids[4:]], kinship)]))
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
# The checksum of the ids is correct, that of the matrix is not (XXH3 is not in Python's standard library).
seal = ["#jamma", "format=txt,matrix=xxh3:" + "0" * 32 + ",ids=xxh3:f1f3db64b6884879bee850a126cdc473"]
for name, rows in {
    "header": [["#FID", "IID"], *ids],
    "header_iid": [["#IID", "SID"], *[[row[1], "s"] for row in ids]],
    "other_fids": [["0", row[1]] for row in ids],
}.items():
    write(f"ok_ids_{name}.cXX.txt", lines(kinship, "\t"))
    write(f"ok_ids_{name}.cXX.id", lines(rows, "\t"))
write("kinship_header_length.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{'descr': '<f8'")
write("kinship_zeros.txt", bytes(100))
write("kinship_endless.txt.gz", zipped("\n" * 3_000_000))
for name, rows in {
    "missing": ids[:3] + [["X", "X"]] + ids[4:],
    "duplicate": ids[:3] + [ids[0]] + ids[4:],
    "short": ids[:-1],
    "iid_only": [row[1:] for row in ids],
    "empty": [],
    "header_columns": [["#FID", "IID"], *ids[:6], ids[6][1:], *ids[7:]],
    "header_no_iid": [["#FID", "SID"], *ids],
    "other_fids_and_one_missing": [["9", row[1]] for row in ids[:7]] + [["9", "X"]] + [["9", row[1]] for row in ids[8:]],
    "no_fids_and_one_missing": [["0", row[1]] for row in ids[:7]] + [["0", "X"]] + [["0", row[1]] for row in ids[8:]],
    "stale": [*ids, seal],
    "edited": [*ids[::-1], seal],
    "damaged": [*ids, [seal[0], seal[1][:-1]]],
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

# Eigendecompositions of the 11 analysed individuals: the eigenvectors are the identity, since only orthonormality is checked.
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

# Tables with empty cells, lines of different widths, and ids with blanks.
def emptied(rows: list[list[str]]) -> list[list[str]]:
    return [["" if cell == "NA" else cell for cell in row] for row in rows]


def spelled(row: int, column: int, cell: str) -> str:
    return lines(replaced(fam, row, column, cell), "\t")


write("fam_blank_in_fid.fam", spelled(2, 0, "Smith A"))
write("fam_blank_in_every_fid.fam", lines([["Fam " + row[0], *row[1:]] for row in fam], "\t"))
write("fam_blank_in_iid_and_empty_cell.fam", lines(emptied(replaced(fam, 2, 1, "I 3")), "\t"))
write("fam_empty_fid.fam", spelled(2, 0, ""))
write("fam_empty_iid.fam", spelled(11, 1, ""))
write("fam_tab_at_some_ends.fam", lines([[*row, ""] if i % 2 else row for i, row in enumerate(fam)], "\t"))
write("fam_column_more.fam", lines([[*row, "1"] if i == 7 else row for i, row in enumerate(fam)]))
write("bim_blank_in_id.bim", lines(replaced(bim, 2, 1, "rs 3"), "\t"))
write("fam_blank_in_every_father.fam", lines([[*row[:2], "Pa " + row[0], *row[3:]] for row in fam], "\t"))
write("bim_blank_in_every_allele0.bim", lines([[*row[:5], row[5] + " (ref)"] for row in bim], "\t"))
write("bim_blank_in_every_id.bim", lines([[row[0], "snp " + row[1], *row[2:]] for row in bim], "\t"))
write("bim_column_more.bim", lines([[*row, "x"] if j == 5 else row for j, row in enumerate(bim)], "\t"))
write("bim_tab_at_some_ends.bim", lines([[*row, ""] if j % 2 else row for j, row in enumerate(bim)], "\t"))
for column, name in [(0, "chromosome"), (1, "id"), (3, "position"), (4, "allele1"), (5, "allele0")]:
    write(f"bim_empty_{name}.bim", lines(replaced(bim, 2, column, ""), "\t"))
write("pheno_empty_cell_and_two_delimiters.txt", "".join(v.replace("NA", "") + ("," if i % 2 else "\t") + "1\n" for i, v in enumerate(y)))
write("pheno_empty_cell_ragged.txt", lines([[v.replace("NA", ""), "1", *["2"] * (i == 7)] for i, v in enumerate(y)], ","))
write("cov_na_row_of_other_width.txt", lines([["NA"] if i == MISSING_PHENOTYPE else row for i, row in enumerate(covariates)]))

# Ids where numbers are expected.
numbered = [[str(100 + i), f"{i + 1:03}", *row[2:]] for i, row in enumerate(fam)]
write("ok_numbers_as_ids.fam", lines(numbered))
write("pheno_row_number.txt", lines([[str(i + 1)] for i in range(N)]))
write("pheno_ids_as_numbers.txt", lines([[f"{i + 1}.0", v] for i, v in enumerate(y)]))
write("pheno_iids_as_numbers_reordered.txt", lines([[str(i + 1), y[i]] for i in range(N)][::-1]))
write("pheno_row_number_second.txt", lines([[v, str(i + 1)] for i, v in enumerate(y)]))
write("pheno_index_first.txt", lines([[str(i), *fam[N - 1 - i][:2], f"{i}.5"] for i in range(N)], ","))
write("pheno_ids_last.txt", lines([[f"{i}.5", fam[N - 1 - i][1]] for i in range(N)]))
write("pheno_decimal_commas_in_quotes.txt", "".join(f'"{i},5"\n' for i in range(N)))
write("pheno_decimal_commas_in_some.txt", "".join(f"{i},5\n" if i % 3 else f"{i}\n" for i in range(N)))
write("pheno_words.txt", "".join("Yes\n" if i % 2 else "No\n" for i in range(N)))
write("snps_on_one_line.txt", "rs1\nrs2,rs3\n")
write("snps_html.txt", "<!DOCTYPE html>\n<html></html>\n")
write("cov_row_number.txt", lines([["1", str(i + 1), age[i]] for i in range(N)]))
write("cov_family_number.txt", lines([[age[i], f"{100 + i}.0"] for i in range(N)]))
with_ids = [[*i, v] for i, v in zip(ids, y)]
write("pheno_ids_twice.txt", lines([*with_ids[:5], with_ids[2], *with_ids[6:]]))
write("pheno_ids_of_others.txt", lines([["X" + f, "X" + i, v] for f, i, v in with_ids]))
write("pheno_ids_of_few.txt", lines([[f, i, v] if k < 2 else ["X" + f, "X" + i, v] for k, (f, i, v) in enumerate(with_ids)]))
write("pheno_numbers_of_others.txt", lines([[str(1000003 * (i + 1)), str(1000003 * (i + 1)), v] for i, v in enumerate(y)]))
write("pheno_fids_reordered.txt", lines([[f, v] for f, _, v in with_ids[::-1]]))
write("pheno_ids_alone.txt", lines(ids))
write("cov_ids_alone.txt", lines(ids))

# Numbers as other programs write them.
def quote(rows: list[list[str]]) -> list[list[str]]:
    return [[f'"{cell}"' for cell in row] for row in rows]


def comma(rows: list[list[str]]) -> list[list[str]]:
    return [[cell.replace(".", ",") for cell in row] for row in rows]


write("fam_quotes.fam", lines(quote(fam)))
write("bim_quotes.bim", lines(quote(bim)))
write("pheno_quotes.txt", lines(quote(pheno)))
write("pheno_quoted_header.txt", '"V1" "V2"\n' + lines(pheno))
write("pheno_quoted_empty_cell.txt", "".join((v if v != "NA" else '""') + "\n" for v in y))
write("cov_quotes.txt", lines(quote(covariates)))
write("cov_logical.txt", lines([["1", "TRUE" if i % 2 else "FALSE"] for i in range(N)]))
write("kinship_quotes.txt", lines(quote(kinship)))
write("eigen_values_quotes.txt", lines(quote(values)))
write("snps_quotes.txt", lines(quote(snps)))
write("pheno_decimal_commas.txt", lines(comma([[v if v != "NA" else "0,25"] for v in y])))
write("pheno_decimal_commas_na.txt", lines(comma([[v] for v in y])))
write("pheno_decimal_commas_semicolons.txt", lines(comma(pheno), ";"))
write("pheno_minus_sign.txt", lines([[v.replace("-", "\u2212")] for v in y]))
write("cov_decimal_commas.txt", lines(comma(covariates), "\t"))
write("kinship_decimal_commas.txt", lines(comma(kinship), "\t"))
write("eigen_values_decimal_commas.txt", lines([[f"{v[0]},5"] for v in values]))
write("pairs_decimal_commas.txt", lines(comma(pairs)))
write("pairs_empty_cell.txt", lines([[a, "", b, k] for a, b, k in pairs], ","))
write("fam_latin1.fam", lines(fam).replace("I3", "J\u00fcrgen").encode("latin-1"))
write("fam_windows1252.fam", lines(fam).replace("I3", "O\u2019Hara").encode("cp1252"))
write("pheno_latin1.txt", lines([["\u00e9t\u00e9", v] for v in y]).encode("latin-1"))
write("ids_latin1.cXX.txt", lines(kinship, "\t"))
write("ids_latin1.cXX.id", lines(ids).replace("I3", "J\u00fcrgen").encode("latin-1"))
write("pheno_utf16_without_mark.txt", lines(pheno).encode("utf-16-le"))
large = [v if v == "NA" else f"{float(v) + 1e16:.0f}" for v in y]
write("pheno_large_mean.txt", lines([[v] for v in large]))
write("cov_large_mean.txt", lines([[str(1e18 + 200 * int(a))] for a in age]))

# One triangle of a kinship.
def half(is_filled, filler: str) -> list[list[str]]:
    return [[v if is_filled(a, b) else filler for b, v in enumerate(row)] for a, row in enumerate(kinship)]


write("kinship_upper_triangle.txt", lines([row[a:] for a, row in enumerate(kinship)]))
write("kinship_lower_triangle_zeros.txt", lines(half(lambda a, b: a >= b, "0")))
write("kinship_upper_triangle_zeros.txt", lines(half(lambda a, b: a <= b, "0")))
write("kinship_lower_triangle_na.txt", lines(half(lambda a, b: a >= b, "NA")))
write("kinship_upper_triangle_na.txt", lines(half(lambda a, b: a <= b, "NA")))
write("kinship_upper_triangle_empty.txt", lines(half(lambda a, b: a <= b, ""), ","))
write("kinship_empty_cell.txt", lines(replaced(kinship, 3, 2, ""), "\t"))

# Files of other formats with the name of a text file.
kinds = {
    "zip": b"PK\x03\x04\x14\0\0\0\0\0" + b"\0" * 16 + b"\x09\0\0\0pheno.txt",
    "xlsx": b"PK\x03\x04\x14\0\0\0\0\0" + b"\0" * 16 + b"\x13\0\0\0[Content_Types].xml",
    "bzip2": b"BZh91AY&SY" + bytes(range(99)),
    "xz": b"\xfd7zXZ\0" + bytes(range(99)),
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(range(99)),
    "parquet": b"PAR1" + bytes(range(99)),
    "gzip_twice": gzip.compress(zipped(lines(pheno)), mtime=0),
}
for name, content in kinds.items():
    write(f"pheno_{name}.txt", content)
write("fam_zip.fam", kinds["zip"])
write("bim_xz.bim", kinds["xz"])
write("bed_zstd.bed", kinds["zstd"])
write("kinship_bzip2.txt", kinds["bzip2"])
write("snps_xlsx.txt", kinds["xlsx"])

# Unusual but valid: the same result as with the valid files.
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
two = [[*row, str(k)] for k, row in enumerate(fam)]
write("ok_fam_empty_phenotype.fam", lines(emptied(fam), "\t"))
write("ok_fam_empty_phenotype_of_two.fam", lines(emptied(two), "\t"))
write("ok_fam_empty_parents.fam", lines([[*row[:2], "", "", *row[4:]] for row in fam], "\t"))
write("ok_fam_tab_at_every_end.fam", lines([[*row, ""] for row in fam], "\t"))
write("ok_fam_any_separators.fam", "".join((" " if i % 2 else "\t").join(row[:3]) + " \t" + "  ".join(row[3:]) + "\n" for i, row in enumerate(fam)))
write("ok_bim_empty_cm.bim", lines(replaced(bim, 2, 2, ""), "\t"))
write("ok_bim_empty_seventh_column.bim", lines([[*row, "" if j == 3 else "a note"] for j, row in enumerate(bim)], "\t"))
write("ok_pheno_empty_cell.txt", lines(emptied([[v, "1"] for v in y]), "\t"))
write("ok_pheno_empty_cell_commas.txt", lines(emptied([["1", v, "2"] for v in y]), ", "))
write("ok_pheno_empty_cell_crlf.txt.gz", zipped(lines(emptied([["1", v] for v in y]), "\t").replace("\n", "\r\n")))
write("ok_pheno_empty_line.txt", lines(emptied(pheno), "\t"))
write("ok_pheno_empty_column.txt", lines([[v, "", "1"] for v in y], ","))
write("ok_pheno_any_separators.txt", "".join(v + [" ", ",", "\t", " , ", "\t,"][i % 5] + "1\n" for i, v in enumerate(y)))
write("ok_cov_empty_cell.txt", lines([["1", "" if i == MISSING_PHENOTYPE else age[i], weight[i]] for i in range(N)], ","))
write("ok_pheno_gzip_named_txt.txt", zipped(lines(pheno)))
write("ok_pheno_text_named_gz.txt.gz", lines(pheno))
shuffled = [with_ids[i] for i in [7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4]]
write("ok_pheno_ids.txt", lines(shuffled))
write("ok_pheno_ids_partly.txt", lines([row for row in shuffled if row[2] != "NA"] + [["F9", "I99", "4"], ["F9", "I98", "NA"]]))
write("ok_pheno_ids_empty_cell.txt", lines(emptied(shuffled), "\t"))
write("ok_pheno_ids_quotes.txt", lines([[f'"{f}"', f'"{i}"', v] for f, i, v in shuffled]))
write("ok_pheno_iid.txt", lines([row[1:] for row in shuffled], ","))
write("ok_pheno_other_fid.txt", lines([["0", *row[1:]] for row in shuffled]))
write("ok_pheno_labels.txt", lines([["case" if i % 2 else "control", v] for i, v in enumerate(y)]))
write("ok_pheno_numbers_as_ids.txt", lines([[f"{100 + i}.0", str(i + 1), y[i]] for i in [7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4]]))
write("ok_pheno_numbers_as_iids.txt", lines([[str(i + 1), v] for i, v in enumerate(y)]))
write("ok_cov_ids.txt", lines([[*ids[i], *covariates[i]] for i in range(N)][::-1]))
write("ok_cov_iid.txt", lines([[ids[i][1], *covariates[i]] for i in range(N)][::-1] + [["I99", "1", "2", "3"]]))
write("ok_cov_large_mean.txt", lines([["1", str(10**12 + int(a)), w] for a, w in zip(age, weight)]))
write("ok_pheno_small_differences.txt", lines([[v if v == "NA" else str(round(1000 * float(v)))] for v in y]))
write("ok_pheno_large_mean.txt", lines([[v if v == "NA" else str(10**14 + round(1000 * float(v)))] for v in y]))
write("ok_one_family.fam", lines([["1", *row[1:]] for row in fam]))
write("ok_pairs_quotes.txt", lines([[f'"{a}"', f'"{b}"', k] for a, b, k in pairs]))
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
