#!/usr/bin/env python3
"""Time whole runs on the same genotypes in every format, and plink2's scan of each; print one Markdown table.

usage: sources.py [--jamma EXECUTABLE] [--peer EXECUTABLE] [--runs 3] [--size 2000x200000] [--keep FOLDER] [FORMAT...]

FORMAT is one or more of bed pgen bgen vcf bimbam zarr, by default all but zarr. The study is simulated as in loco.py, and converted
with plink2 (and bgzip): PGEN with hard calls, BGEN 1.2 with 8 bits, VCF.gz with GT, BIMBAM mean genotypes as .gz. A row gives
the wall-clock and processor seconds of `jamma gk` and `jamma lmm` (kinship, decomposition and Wald tests in one command) on
that format, their ratio to the same run on .bed, and the seconds of `plink2 --freq` on the same file (BIMBAM: plink2 reads none).
`--peer` (or $JAMMA_PEER), the `jamma` command of the PyPI package jamma 8.2.4, is timed on the BGEN file: its `-gk 1`, then `-lmm 1 -k`.

The runs take turns after a warm-up; entries are medians. `--keep` leaves the files in FOLDER for `cargo bench --bench decode`,
which measures decoding alone. Needs numpy, plink2 and bgzip.
"""

import argparse
import mmap
import os
import pathlib
import platform
import shutil
import sqlite3
import statistics
import struct
import subprocess
import tempfile

import numpy as np
from loco import Run, simulate, timed

FORMATS = ["bed", "pgen", "bgen", "vcf", "bimbam"]
#: Dosages of allele1 by two-bit code; NA if missing.
TEXT_OF_CODE = [b"2", b"NA", b"1", b"0"]


def convert(prefix: str, *options: str) -> None:
    """Run plink2 on PREFIX.bed; its messages appear only if it fails."""
    command = ["plink2", "--bfile", prefix, "--out", prefix, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"failed: {' '.join(command)}\n{done.stdout}{done.stderr}")


def write_phenotypes(prefix: str) -> None:
    """Write the phenotypes PREFIX.pheno.tsv, with ids, and PREFIX.pheno.txt, without."""
    with open(f"{prefix}.fam") as fam:
        rows = [line.split() for line in fam]
    with open(f"{prefix}.pheno.tsv", "w") as table, open(f"{prefix}.pheno.txt", "w") as plain:
        table.write("IID\ty\n")
        table.writelines(f"{row[1]}\t{row[5]}\n" for row in rows)
        plain.writelines(f"{row[5]}\n" for row in rows)


def write_bimbam(prefix: str, n: int, p: int) -> None:
    """Write PREFIX.geno.txt.gz and the annotation PREFIX.anno.txt."""
    width = (n + 3) // 4
    calls = np.memmap(f"{prefix}.bed", np.uint8, "r", offset=3, shape=(p, width))
    words = np.array(TEXT_OF_CODE, object)
    target = f"{prefix}.geno.txt.gz"
    with open(target, "wb") as packed:
        bgzip = subprocess.Popen(["bgzip", "-c"], stdin=subprocess.PIPE, stdout=packed)
        for j in range(p):
            codes = (calls[j][:, None] >> np.array([0, 2, 4, 6], np.uint8) & 3).reshape(-1)[:n]
            bgzip.stdin.write(b"rs%d, A, G, " % j + b", ".join(words[codes]) + b"\n")
        bgzip.stdin.close()
        if bgzip.wait():
            raise SystemExit("bgzip failed")
    with open(f"{prefix}.bim") as bim, open(f"{prefix}.anno.txt", "w") as anno:
        for chromosome, name, _, position, *_ in map(str.split, bim):
            anno.write(f"{name}, {position}, {chromosome}\n")


def write_bgi(bgen: str) -> None:
    """Write BGEN.bgi, the index of bgenix, an SQLite database: PyPI's jamma needs it."""
    if os.path.exists(f"{bgen}.bgi"):
        return
    rows = []
    with open(bgen, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    at = 4 + struct.unpack_from("<I", data, 0)[0]
    n_snps = struct.unpack_from("<I", data, 8)[0]
    for _ in range(n_snps):
        start, texts = at, []
        for _ in range(3):  # identifier, rsid, chromosome
            length = struct.unpack_from("<H", data, at)[0]
            texts.append(data[at + 2 : at + 2 + length].decode())
            at += 2 + length
        position, n_alleles = struct.unpack_from("<IH", data, at)
        at += 6
        for _ in range(n_alleles):
            length = struct.unpack_from("<I", data, at)[0]
            texts.append(data[at + 4 : at + 4 + length].decode())
            at += 4 + length
        at += 4 + struct.unpack_from("<I", data, at)[0]
        rows.append((texts[2], position, texts[1], n_alleles, texts[3], texts[4], start, at - start))
    with sqlite3.connect(f"{bgen}.bgi") as index:
        index.execute(
            "CREATE TABLE Variant (chromosome TEXT NOT NULL, position INT NOT NULL, rsid TEXT NOT NULL, "
            "number_of_alleles INT NOT NULL, allele1 TEXT NOT NULL, allele2 TEXT NULL, "
            "file_start_position INT NOT NULL, size_in_bytes INT NOT NULL, "
            "PRIMARY KEY (chromosome, position, rsid, allele1, allele2, file_start_position)) WITHOUT ROWID"
        )
        index.executemany("INSERT INTO Variant VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        index.execute(
            "CREATE TABLE Metadata (filename TEXT NOT NULL, file_size INT NOT NULL, last_write_time INT NOT NULL, "
            "first_1000_bytes BLOB NOT NULL, index_creation_time INT NOT NULL)"
        )
        about = os.stat(bgen)
        values = (bgen, about.st_size, int(about.st_mtime), data[:1000], int(about.st_mtime))
        index.execute("INSERT INTO Metadata VALUES (?, ?, ?, ?, ?)", values)


def make(prefix: str, form: str, n: int, p: int) -> None:
    """Write the files of a format, unless they are there."""
    target = {"bgen": ".bgen", "pgen": ".pgen", "vcf": ".vcf.gz", "bimbam": ".anno.txt", "zarr": ".vcz"}
    if form != "bed" and os.path.exists(prefix + target[form]):
        return
    if form == "pgen":
        convert(prefix, "--make-pgen")
    elif form == "bgen":
        convert(prefix, "--export", "bgen-1.2", "bits=8", "ref-first", "id-paste=iid")
    elif form == "vcf":
        convert(prefix, "--export", "vcf", "bgz", "id-paste=iid")
    elif form == "bimbam":
        write_bimbam(prefix, n, p)
    elif form == "zarr":
        subprocess.run(["vcf2zarr", "convert", f"{prefix}.vcf.gz", f"{prefix}.vcz"], check=True)


def inputs(prefix: str, form: str) -> tuple[list[str], list[str] | None]:
    """The options that name the files of a format: jamma's, and plink2's if it reads them."""
    table = ["--pheno", f"{prefix}.pheno.tsv"]
    return {
        "bed": (["--bfile", prefix, *table], ["--bfile", prefix]),
        "pgen": (["--pfile", prefix, *table], ["--pfile", prefix]),
        "bgen": (
            ["--bgen", f"{prefix}.bgen", "--sample", f"{prefix}.sample", *table],
            ["--bgen", f"{prefix}.bgen", "ref-first", "--sample", f"{prefix}.sample"],
        ),
        "vcf": (["--vcf", f"{prefix}.vcf.gz", *table], ["--vcf", f"{prefix}.vcf.gz"]),
        "bimbam": (["-g", f"{prefix}.geno.txt.gz", "-a", f"{prefix}.anno.txt", "-p", f"{prefix}.pheno.txt"], None),
        "zarr": (["--zarr", f"{prefix}.vcz", *table], None),
    }[form]


def main() -> None:
    """Make the files, time the runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jamma", default=os.environ.get("JAMMA", "target/release/jamma"))
    parser.add_argument("--peer", default=os.environ.get("JAMMA_PEER"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--size", default="2000x200000")
    parser.add_argument("--keep")
    parser.add_argument("formats", nargs="*", default=FORMATS)
    a = parser.parse_args()
    n, p = map(int, a.size.split("x"))
    folder = pathlib.Path(a.keep or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    prefix = str(folder / f"s{n}_{p}")
    if not os.path.exists(f"{prefix}.fam"):
        simulate(pathlib.Path(prefix), n, p, 20, 1, 0.005)
        write_phenotypes(prefix)
    runs: dict[str, dict[str, Run]] = {}
    for form in a.formats:
        make(prefix, form, n, p)
        ours, theirs = inputs(prefix, form)
        out = ["-outdir", f"{folder}/out", "-o", form]
        runs[form] = {
            "gk": Run("jamma gk", [[a.jamma, "gk", *ours, *out]]),
            "lmm": Run("jamma lmm", [[a.jamma, "lmm", *ours, *out]]),
        }
        if theirs and shutil.which("plink2"):
            scan = ["plink2", *theirs, "--freq", "--threads", str(os.cpu_count()), "--out", f"{folder}/plink"]
            runs[form]["plink2"] = Run("plink2 --freq", [scan])
        if form == "bgen" and a.peer:
            write_bgi(f"{prefix}.bgen")
            peer = [a.peer, "-bgen", f"{prefix}.bgen", "-p", f"{prefix}.pheno.txt", "--no-telemetry"]
            peer += ["-outdir", f"{folder}/out", "-o", "peer"]
            kinship = [*peer, "-gk", "1"]
            tests = [*peer, "-lmm", "1", "-k", f"{folder}/out/peer.cXX.npy"]
            runs[form]["peer"] = Run("PyPI jamma", [kinship, tests])
    seconds = {form: {name: [] for name in of} for form, of in runs.items()}
    for turn in range(a.runs + 1):  # the first is the warm-up
        for form, of in runs.items():
            for name, run in of.items():
                found = timed(run)
                if turn:
                    seconds[form][name].append(found)
    print(
        f"{n:,} x {p:,}; {platform.processor() or platform.machine()}, {os.cpu_count()} cores; wall (processor) seconds\n"
    )
    print("| format | gk | lmm | lmm / bed | peak, MB | plink2 --freq | PyPI jamma |")
    print("|---|---|---|---|---|---|---|")
    middle = lambda found, i: statistics.median(one[i] for one in found)  # noqa: E731
    for form, of in seconds.items():
        cells = {name: f"{middle(found, 0):.2f} ({middle(found, 1):.2f})" for name, found in of.items()}
        ratio = middle(of["lmm"], 0) / middle(seconds[a.formats[0]]["lmm"], 0)
        peak = max(one[2] for one in of["lmm"])
        rest = f"{cells.get('plink2', '')} | {cells.get('peer', '')}"
        print(f"| {form} | {cells['gk']} | {cells['lmm']} | {ratio:.2f} | {peak:.0f} | {rest} |")
    if not a.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
