"""Writes the folder `genotypes`: the valid study in other formats, and damaged copies of a few hundred bytes each.

    python3 make_genotypes.py

It also runs `make.py`, whose study it uses. Every run writes the same bytes: nothing is compressed for real, gzip, zlib and
Zstandard have blocks that are stored as they are. `genotypes/cases.tsv` has the error that each damaged file must give,
`genotypes/accepted.tsv` the files that give the results of the PLINK files, or of the BIMBAM file.
"""

import json
import shutil
import sqlite3
import struct
import zlib

import make
from make import N, P, bim, fam, genotypes, lines, replaced

FOLDER = make.FOLDER / "genotypes"
iids = [row[1] for row in fam]


def write(name: str, content: str | bytes) -> None:
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def flipped(content: bytes, at: int) -> bytes:
    """A copy with one bit changed; `at` may be negative."""
    copy = bytearray(content)
    copy[at] ^= 1
    return bytes(copy)


def u16(x: int) -> bytes:
    return struct.pack("<H", x)


def u32(x: int) -> bytes:
    return struct.pack("<I", x)


# Compressed forms with stored blocks.
def deflate(content: bytes) -> bytes:
    return b"\x01" + u16(len(content)) + u16(len(content) ^ 0xFFFF) + content


def zlib_of(content: bytes) -> bytes:
    return b"\x78\x01" + deflate(content) + struct.pack(">I", zlib.adler32(content))


def gzip_of(content: bytes) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflate(content) + u32(zlib.crc32(content)) + u32(len(content))


def bgzf_block(content: bytes) -> bytes:
    body = deflate(content)
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0"
    return head + u16(len(head) + 2 + len(body) + 8 - 1) + body + u32(zlib.crc32(content)) + u32(len(content))


BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def bgzf_of(content: bytes, block: int = 300) -> bytes:
    parts = [content[i : i + block] for i in range(0, len(content), block)]
    return b"".join(map(bgzf_block, parts)) + BGZF_END


def zstd_of(content: bytes) -> bytes:
    # One segment, a content size of 2 bytes (which starts at 256), or of 1 byte; a last, raw block.
    size = b"\x60" + u16(len(content) - 256) if len(content) >= 256 else b"\x20" + bytes([len(content)])
    return b"\x28\xb5\x2f\xfd" + size + struct.pack("<I", len(content) << 3 | 1)[:3] + content


FOLDER.mkdir(exist_ok=True)
for old in FOLDER.iterdir():
    if old.suffix != ".tsv":
        shutil.rmtree(old) if old.is_dir() else old.unlink()

# BIMBAM mean genotypes.
mean = [[row[1], row[4], row[5], *map(str, snp)] for row, snp in zip(bim, genotypes)]
annotation = [[row[1], row[3], row[0]] for row in bim]
write("valid.geno.txt", lines(mean))
write("valid.annotation.txt", lines(annotation))
write("bimbam_short_line.txt", lines([row if j != 4 else row[:-1] for j, row in enumerate(mean)]))
write("bimbam_truncated.txt", lines(mean)[:-12])
write("bimbam_word.txt", lines(replaced(mean, 2, 7, "x")))
write("bimbam_out_of_range.txt", lines(replaced(mean, 2, 7, "2.5")))
write("bimbam_plink.txt", make.bed)
write("bimbam_gzip_truncated.txt.gz", gzip_of(lines(mean).encode())[:-40])
write("bimbam_gzip_checksum.txt.gz", flipped(gzip_of(lines(mean).encode()), -8))
write("bimbam_bgzf_checksum.txt.gz", flipped(bgzf_of(lines(mean).encode()), -36))
write("bimbam_annotation_position.txt", lines(replaced(annotation, 3, 1, "4e2x")))

# Numeric matrices.
columns = [["SNP", "chr", "pos", "allele1", "allele0", *iids]]
numeric = columns + [[row[1], row[0], row[3], row[4], row[5], *map(str, snp)] for row, snp in zip(bim, genotypes)]
write("valid.numeric.txt", lines(numeric, "\t"))
write("numeric_short_row.txt", lines([row if j != 5 else row[:-1] for j, row in enumerate(numeric)], "\t"))
write("numeric_truncated.txt", lines(numeric, "\t")[:-12])
write("numeric_word.txt", lines(replaced(numeric, 3, 7, "x"), "\t"))
write("numeric_out_of_range.txt", lines(replaced(numeric, 3, 7, "3"), "\t"))
write("numeric_without_header.txt", lines(numeric[1:], "\t"))
write("numeric_individual_twice.txt", lines(replaced(numeric, 0, 7, iids[0]), "\t"))
write("numeric_gzip_checksum.txt.gz", flipped(gzip_of(lines(numeric, "\t").encode()), -8))


# BGEN 1.2: the second allele is counted.
def bgen_genotypes(snp: list[int], n: int = N, ploidy: int = 2) -> bytes:
    probabilities = bytes(x for g in snp for x in [255 * (g == 0), 255 * (g == 1)])
    return u32(n) + u16(2) + b"\x02\x02" + bytes([ploidy] * N) + b"\0\x08" + probabilities


def text(content: str, length=u16) -> bytes:
    return length(len(content)) + content.encode()


def bgen_snp(j: int, stored: bytes, size: int) -> bytes:
    chromosome, rs, _, position, allele1, allele0 = bim[j]
    names = text("") + text(rs) + text(chromosome) + u32(int(position)) + u16(2) + text(allele0, u32) + text(allele1, u32)
    return names + u32(len(stored) + 4) + u32(size) + stored


def bgen(snps: list[bytes], m: int = P, n: int = N, compression: int = 1, magic: bytes = b"bgen") -> bytes:
    ids = b"".join(map(text, iids))
    head = u32(20) + u32(m) + u32(n) + magic + u32(compression | 2 << 2 | 1 << 31)
    block = u32(len(ids) + 8) + u32(N) + ids
    return u32(len(head + block)) + head + block + b"".join(snps)


raw = [bgen_genotypes(snp) for snp in genotypes]
stored = [bgen_snp(j, zlib_of(x), len(x)) for j, x in enumerate(raw)]


def with_snp(snp: bytes) -> bytes:
    """The file with another fifth SNP."""
    return bgen([*stored[:4], snp, *stored[5:]])


write("valid.bgen", bgen(stored))
write("valid_zstd.bgen", bgen([bgen_snp(j, zstd_of(x), len(x)) for j, x in enumerate(raw)], compression=2))
write("bgen_bad_magic.bgen", bgen(stored, magic=b"bgex"))
write("bgen_truncated.bgen", bgen(stored)[:-10])
write("bgen_within_the_header.bgen", bgen(stored)[:30])
write("bgen_overlong.bgen", bgen(stored) + b"\0")
write("bgen_one_snp_more.bgen", bgen(stored, m=P + 1))
write("bgen_one_snp_less.bgen", bgen(stored, m=P - 1))
write("bgen_other_individuals.bgen", bgen(stored, n=N - 1))
write("bgen_checksum.bgen", with_snp(bgen_snp(4, flipped(zlib_of(raw[4]), -1), len(raw[4]))))
write("bgen_size.bgen", with_snp(bgen_snp(4, zlib_of(raw[4]), len(raw[4]) + 1)))
other = bgen_genotypes(genotypes[4], n=N + 1)
write("bgen_individuals_of_a_snp.bgen", with_snp(bgen_snp(4, zlib_of(other), len(other))))
above = raw[4][:-2] + b"\xff\xff"
write("bgen_sum_of_probabilities.bgen", with_snp(bgen_snp(4, zlib_of(above), len(above))))
zstd = [bgen_snp(j, flipped(zstd_of(x), 0) if j == 4 else zstd_of(x), len(x)) for j, x in enumerate(raw)]
write("bgen_zstd.bgen", bgen(zstd, compression=2))
sample = [["ID_1", "ID_2", "missing"], ["0", "0", "0"], *[[*row[:2], "0"] for row in fam]]
write("bgen_sample_short.sample", lines(sample[:-1]))
write("bgen_sample_of_others.sample", lines([*sample[:2], *[[*row[:2], "0"] for row in fam[1:] + fam[:1]]]))


def bgi(name: str, bgen_file: bytes) -> None:
    """The index of a file, as bgenix writes it."""
    path = FOLDER / name
    connection = sqlite3.connect(path)
    connection.executescript(
        """PRAGMA page_size = 512; PRAGMA journal_mode = OFF;
        CREATE TABLE Metadata (filename TEXT, file_size INT, last_write_time INT, first_1000_bytes BLOB, index_creation_time INT);
        CREATE TABLE Variant (chromosome TEXT, position INT, rsid TEXT, number_of_alleles INT, allele1 TEXT, allele2 TEXT,
            file_start_position INT, size_in_bytes INT,
            PRIMARY KEY (chromosome, position, rsid, allele1, allele2, file_start_position)) WITHOUT ROWID;"""
    )
    connection.execute("INSERT INTO Metadata VALUES (?, ?, 0, ?, 0)", (name[:-4], len(bgen_file), bgen_file[:1000]))
    start = len(bgen([]))
    for row, snp in zip(bim, stored):
        values = (row[0], int(row[3]), row[1], row[5], row[4], start, len(snp))
        connection.execute("INSERT INTO Variant VALUES (?, ?, ?, 2, ?, ?, ?, ?)", values)
        start += len(snp)
    connection.commit()
    connection.close()
    content = bytearray(path.read_bytes())
    content[96:100] = bytes(4)  # the version of the library that wrote it
    path.write_bytes(content)


# The index of a file of one SNP more: noted, and the file is read without it.
write("ok_bgen_index_of_another.bgen", bgen(stored))
bgi("ok_bgen_index_of_another.bgen.bgi", bgen(stored) + b"\0")


# PLINK 2: an index, then records of two bits a genotype.
def pgen(snps: list[list[int]], m: int = P, n: int = N, kind: int = 0, lengths: list[int] | None = None) -> bytes:
    records = [bytes(sum(g << 2 * k for k, g in enumerate(snp[i : i + 4])) for i in range(0, N, 4)) for snp in snps]
    lengths = lengths or [len(record) for record in records]
    head = b"\x6c\x1b\x10" + u32(m) + u32(n) + b"\x44"  # types of 8 bits, lengths of 1 byte, REF not provisional
    index = bytes([kind] * len(records)) + bytes(lengths)
    return head + struct.pack("<Q", len(head) + 8 + len(index)) + index + b"".join(records)


pvar = [["#CHROM", "POS", "ID", "REF", "ALT"], *[[row[0], row[3], row[1], row[5], row[4]] for row in bim]]
psam = [["#FID", "IID", "SEX"], *[[*row[:2], row[4]] for row in fam]]
write("valid.pgen", pgen(genotypes))
write("valid.pvar", lines(pvar, "\t"))
write("valid.psam", lines(psam, "\t"))
write("pgen_bad_magic.pgen", b"PK" + pgen(genotypes)[2:])
write("pgen_mode.pgen", b"\x6c\x1b\x77" + pgen(genotypes)[3:])
write("pgen_truncated.pgen", pgen(genotypes)[:-2])
write("pgen_within_the_header.pgen", pgen(genotypes)[:15])
write("pgen_overlong.pgen", pgen(genotypes) + b"\0")
write("pgen_one_snp_more.pgen", pgen(genotypes, m=P + 1))
write("pgen_one_individual_less.pgen", pgen(genotypes, n=N - 1))
write("pgen_record_length.pgen", pgen(genotypes, lengths=[3, 3, 3, 2, 4, 3, 3, 3]))
write("pgen_record_type.pgen", pgen(genotypes, kind=5))
write("pgen_short.psam", lines(psam[:-1], "\t"))
write("pgen_short.pvar", lines(pvar[:-1], "\t"))


# VCF.
def vcf(cells: list[list[str]]) -> str:
    head = "##fileformat=VCFv4.3\n##contig=<ID=1>\n##contig=<ID=2>\n"
    head += '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    names = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *iids]
    return head + lines([names, *cells], "\t")


GT = ["0/0", "0/1", "1/1"]
records = [[r[0], r[3], r[1], r[5], r[4], ".", ".", ".", "GT", *[GT[g] for g in snp]] for r, snp in zip(bim, genotypes)]
plain = vcf(records)
write("valid.vcf", plain)
write("valid.vcf.gz", bgzf_of(plain.encode()))
write("vcf_bad_magic.vcf", plain.replace("##fileformat=VCF", "##fileformat=XCF"))
write("vcf_without_header.vcf", lines(records, "\t"))
write("vcf_truncated.vcf", plain[:-12])
write("vcf_short_line.vcf", vcf([row if j != 4 else row[:-1] for j, row in enumerate(records)]))
write("vcf_long_line.vcf", vcf([row if j != 4 else [*row, "0/0"] for j, row in enumerate(records)]))
write("vcf_allele.vcf", vcf(replaced(records, 4, 9, "0/2")))
write("vcf_position.vcf", vcf(replaced(records, 4, 1, "x")))
write("vcf_without_gt.vcf", vcf(replaced(records, 4, 8, "DP")))
write("vcf_bgzf_checksum.vcf.gz", flipped(bgzf_of(plain.encode()), -36))
write("vcf_bgzf_truncated.vcf.gz", bgzf_of(plain.encode())[:-60])
write("vcf_gzip_truncated.vcf.gz", gzip_of(plain.encode())[:-40])


# BCF, not compressed.
def typed_text(content: str) -> bytes:
    return bytes([len(content) << 4 | 7]) + content.encode()


def bcf_record(j: int, n: int = N, contig: int | None = None, allele: int | None = None, n_alleles: int = 2) -> bytes:
    row = bim[j]
    shared = struct.pack("<iii", int(row[0]) - 1 if contig is None else contig, int(row[3]) - 1, 1)
    shared += b"\x01\0\x80\x7f" + u16(0) + u16(n_alleles) + u32(n | 1 << 24)
    shared += typed_text(row[1]) + typed_text(row[5]) + typed_text(row[4]) + b"\0"
    calls = bytearray(x for g in genotypes[j] for x in [2 + 2 * (g == 2), 2 + 2 * (g >= 1)])
    if allele is not None:
        calls[0] = 2 * (allele + 1)
    individuals = b"\x11\x01\x21" + bytes(calls)
    return u32(len(shared)) + u32(len(individuals)) + shared + individuals


def bcf(rows: list[bytes], magic: bytes = b"BCF\x02\x02") -> bytes:
    head = vcf([]).replace("##contig", '##FILTER=<ID=PASS,Description="All filters passed">\n##contig', 1)
    return magic + u32(len(head) + 1) + head.encode() + b"\0" + b"".join(rows)


rows = [bcf_record(j) for j in range(P)]
write("valid.bcf", bcf(rows))
write("bcf_version.bcf", bcf(rows, b"BCF\x04\x02"))
write("bcf_within_the_header.bcf", bcf(rows)[:100])
write("bcf_truncated.bcf", bcf(rows)[:-4])
write("bcf_within_a_length.bcf", bcf(rows) + b"\x01\0")
write("bcf_individuals.bcf", bcf([*rows[:4], bcf_record(4, n=N - 1), *rows[5:]]))
write("bcf_contig.bcf", bcf([*rows[:4], bcf_record(4, contig=7), *rows[5:]]))
write("bcf_allele.bcf", bcf([*rows[:4], bcf_record(4, allele=2), *rows[5:]]))
write("bcf_alleles.bcf", bcf([*rows[:4], bcf_record(4, n_alleles=9), *rows[5:]]))
write("bcf_bgzf_checksum.bcf", flipped(bgzf_of(bcf(rows)), -36))


# VCF Zarr, format 2. A damaged store is the valid one with the files of another folder.
CHUNK = 5


def array(folder: str, name: str, dtype: str, shape: list[int], elements: list[bytes], is_compressed: bool = False) -> None:
    is_text = dtype == "|O"
    metadata = {
        "shape": shape,
        "chunks": [CHUNK, *shape[1:]],
        "dtype": dtype,
        "fill_value": "" if is_text else None,
        "order": "C",
        "filters": [{"id": "vlen-utf8"}] if is_text else None,
        "dimension_separator": ".",
        "compressor": {"id": "zstd", "level": 0} if is_compressed else None,
        "zarr_format": 2,
    }
    write(f"{folder}/{name}/.zarray", json.dumps(metadata) + "\n")
    for first in range(0, shape[0], CHUNK):
        per_row = len(elements) // shape[0]
        part = elements[first * per_row : (first + CHUNK) * per_row]
        padding = CHUNK * per_row - len(part)
        part = part + [b"" if is_text else bytes(len(elements[0]))] * padding
        content = u32(len(part)) + b"".join(u32(len(x)) + x for x in part) if is_text else b"".join(part)
        content = zstd_of(content) if is_compressed else content
        write(f"{folder}/{name}/" + ".".join([str(first // CHUNK)] + ["0"] * (len(shape) - 1)), content)


def store(folder: str) -> None:
    write(f"{folder}/.zgroup", '{"zarr_format": 2}\n')
    array(folder, "sample_id", "|O", [N], [iid.encode() for iid in iids])
    array(folder, "contig_id", "|O", [2], [b"1", b"2"])
    array(folder, "variant_contig", "|i1", [P], [bytes([int(row[0]) - 1]) for row in bim])
    array(folder, "variant_position", "<i4", [P], [u32(int(row[3])) for row in bim])
    array(folder, "variant_id", "|O", [P], [row[1].encode() for row in bim])
    array(folder, "variant_allele", "|O", [P, 2], [x.encode() for row in bim for x in (row[5], row[4])])
    calls = [bytes([x]) for snp in genotypes for g in snp for x in (int(g == 2), int(g >= 1))]
    array(folder, "call_genotype", "|i1", [P, N, 2], calls, is_compressed=True)


store("valid.vcz")
calls = (FOLDER / "valid.vcz/call_genotype/1.0.0").read_bytes()
write("zarr_zstd.vcz/call_genotype/1.0.0", flipped(calls, 0))
write("zarr_chunk_truncated.vcz/call_genotype/1.0.0", calls[:-7])
write("zarr_allele.vcz/call_genotype/1.0.0", calls[:-CHUNK * N * 2] + b"\x05" + calls[-CHUNK * N * 2 + 1 :])
write("zarr_metadata.vcz/call_genotype/.zarray", '{"shape": [8, 12, 2], "chunks"')
array("zarr_individuals.vcz", "sample_id", "|O", [N - 1], [iid.encode() for iid in iids[:-1]])
array("zarr_snps.vcz", "variant_position", "<i4", [P - 1], [u32(int(row[3])) for row in bim[:-1]])
array("zarr_contig.vcz", "variant_contig", "|i1", [P], [b"\x09"] * P)
array("zarr_type.vcz", "variant_position", "<f4", [P], [struct.pack("<f", int(row[3])) for row in bim])
