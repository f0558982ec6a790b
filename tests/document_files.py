"""Small simulated files with the names that the documentation uses, such as `study.bed` and `traits.tsv`.

One cohort of 120 individuals in families, with 600 SNPs on the chromosomes 1 to 19 and X; all files are of them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import simulate
from numpy.typing import NDArray

N, PER_CHROMOSOME = 120, 30
CHROMOSOMES = [*map(str, range(1, 20)), "X"]
PREFIXES = ("mouse_hs1940", "study", "mouse", "huge", "unrelated", "d", "lines")
"""Names of PLINK files. The individuals of `lines` are homozygous."""


class Cohort:
    """Genotypes, ids, and traits."""

    def __init__(self) -> None:
        rng = np.random.default_rng(11)
        family = np.arange(N) // 4
        sizes = [PER_CHROMOSOME] * len(CHROMOSOMES)
        p = sum(sizes)
        complete = simulate.sib_genotypes(rng, family, sizes, rng.beta(2, 2, p).clip(0.1, 0.9))
        self.snps = simulate.snp_table(rng, sizes, CHROMOSOMES, 1001, 900_000)
        self.genotypes = simulate.remove_calls(rng, complete, np.full(p, 0.005))
        self.ids = [(f"F{f + 1}", f"I{i + 1}") for i, f in enumerate(family)]
        causal = ({50: 0.9}, {200: 0.8}, {}, {310: -0.7}, {}, {50: 0.6, 420: 0.8})
        self.traits = [simulate.heritable(rng, complete, 0.4, effects) for effects in causal]
        self.sex = 1 + np.arange(N) % 2
        self.age = rng.integers(20, 70, N)
        self.pcs = rng.normal(size=(N, 10)) / 10
        self.site = rng.choice(["Bonn", "Graz", "Lund"], N)
        self.environment = rng.normal(size=N)
        self.lines = np.where(complete == 1, 2 * rng.integers(0, 2, complete.shape), complete).astype(np.int8)

    def table(self, columns: dict[str, list[str]]) -> str:
        """Tab-separated text with FID, IID and these columns."""
        rows = zip(*columns.values(), strict=True)
        lines = ("\t".join([fid, iid, *row]) for (fid, iid), row in zip(self.ids, rows, strict=True))
        return "\n".join(["\t".join(["FID", "IID", *columns]), *lines, ""])


@cache
def cohort() -> Cohort:
    return Cohort()


def _text(values: NDArray[np.generic] | list[float]) -> list[str]:
    return [f"{value:.4f}" if isinstance(value, float) else str(value) for value in values]


def _plink(prefix: str) -> Callable[[Path], None]:
    def write(out: Path) -> None:
        c = cohort()
        genotypes = c.lines if prefix == "lines" else c.genotypes
        phenotypes = [simulate.numbers(trait) for trait in c.traits]
        phenotypes[1][3] = "NA"
        simulate.write_plink(out / prefix, genotypes, c.snps, c.ids, phenotypes)
        fam = out / f"{prefix}.fam"
        fam.write_text(fam.read_text().replace(" ", "\t"))

    return write


def _traits(out: Path) -> None:
    c = cohort()
    names = ["height", "weight", "T1", "T2", "T3", "T4"]
    columns = {name: _text(trait) for name, trait in zip(names, c.traits, strict=True)}
    columns["height"][1] = "NA"
    (out / "traits.tsv").write_text(c.table(columns))


def _covariates(out: Path) -> None:
    c = cohort()
    columns = {"age": _text(c.age), "sex": ["M" if s == 1 else "F" for s in c.sex], "site": list(c.site)}
    columns |= {f"PC{k + 1}": _text(c.pcs[:, k]) for k in range(10)}
    columns["diet"] = _text(c.environment)
    (out / "covariates.tsv").write_text(c.table(columns))


def _study_table(out: Path) -> None:
    c = cohort()
    columns = {"height": _text(c.traits[0]), "weight": _text(c.traits[1]), "age": _text(c.age)}
    columns |= {"sex": ["M" if s == 1 else "F" for s in c.sex], "PC1": _text(c.pcs[:, 0]), "PC2": _text(c.pcs[:, 1])}
    columns |= {"site": list(c.site)}
    columns["height"][1] = "NA"
    (out / "study.tsv").write_text(c.table(columns))


def _plots(out: Path) -> None:
    """The yields of the lines, two plots of each in two years."""
    c = cohort()
    rng = np.random.default_rng(3)
    rows = ["taxa\tyear\tyield"]
    for (_, iid), value in zip(c.ids, c.traits[0], strict=True):
        rows += [f"{iid}\t{year}\t{value + rng.normal():.3f}" for year in (2024, 2025) for _ in range(2)]
    (out / "plots.tsv").write_text("\n".join(rows) + "\n")


def _binary(out: Path) -> None:
    c = cohort()
    columns = {"t2d": _text((c.traits[0] > 0).astype(int)), "bmi": _text(c.traits[1])}
    (out / "phenotypes.tsv").write_text(c.table(columns))


def _vcf(name: str) -> Callable[[Path], None]:
    def write(out: Path) -> None:
        c = cohort()
        genotypes = c.lines if name.startswith("lines") else c.genotypes
        call = np.array(["0/0:0", "0/1:1", "1/1:2", "./.:1"])
        lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        lines += ['##FORMAT=<ID=DS,Number=1,Type=Float,Description="Dosage">']
        lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(iid for _, iid in c.ids)]
        for j, (chromosome, rs, ps) in enumerate(zip(c.snps.chr, c.snps.rs, c.snps.ps, strict=True)):
            alleles = [c.snps.allele0[j], c.snps.allele1[j]]
            lines.append("\t".join([chromosome, str(ps), rs, *alleles, ".", ".", ".", "GT:DS", *call[genotypes[:, j]]]))
        with gzip.open(out / name, "wt") as vcf:
            vcf.write("\n".join(lines) + "\n")

    return write


def _hapmap(out: Path) -> None:
    c = cohort()
    more = ["strand", "assembly#", "center", "protLSID", "assayLSID", "panelLSID", "QCcode"]
    lines = ["\t".join(["rs#", "alleles", "chrom", "pos", *more, *(iid for _, iid in c.ids)])]
    for j, (chromosome, rs, ps) in enumerate(zip(c.snps.chr, c.snps.rs, c.snps.ps, strict=True)):
        a0, a1 = c.snps.allele0[j], c.snps.allele1[j]
        calls = np.array([a0 + a0, a0 + a1, a1 + a1, "NN"])[c.lines[:, j]]
        lines.append("\t".join([rs, f"{a0}/{a1}", chromosome, str(ps), "+", *["NA"] * 6, *calls]))
    (out / "lines.hmp.txt").write_text("\n".join(lines) + "\n")


def _zarr(out: Path) -> None:
    """A VCF Zarr store of format 2, each array an uncompressed chunk."""
    c, store = cohort(), out / "study.vcz"
    store.mkdir()
    (store / ".zgroup").write_text('{"zarr_format": 2}')

    def array(name: str, values: NDArray[np.generic] | list[str], shape: tuple[int, ...] = ()) -> None:
        is_text = isinstance(values, list)
        shape = shape or np.shape(values)
        about = {"shape": shape, "chunks": shape, "order": "C", "compressor": None, "zarr_format": 2}
        about |= {"dtype": "|O" if is_text else np.asarray(values).dtype.str, "dimension_separator": "."}
        about |= {"filters": [{"id": "vlen-utf8"}] if is_text else None, "fill_value": "" if is_text else None}
        (store / name).mkdir()
        (store / name / ".zarray").write_text(json.dumps(about))
        if is_text:
            texts = [text.encode() for text in values]
            data = b"".join([len(texts).to_bytes(4, "little"), *(len(t).to_bytes(4, "little") + t for t in texts)])
        else:
            data = np.asarray(values).tobytes()
        (store / name / ".".join("0" * len(shape))).write_bytes(data)

    snps = c.snps
    array("sample_id", [iid for _, iid in c.ids])
    array("contig_id", CHROMOSOMES)
    array("variant_contig", np.array([CHROMOSOMES.index(name) for name in snps.chr], "i1"))
    array("variant_position", np.array(snps.ps, "<i4"))
    array("variant_id", snps.rs)
    pairs = zip(snps.allele0, snps.allele1, strict=True)
    array("variant_allele", [allele for pair in pairs for allele in pair], (len(snps.rs), 2))
    alleles = np.array([[0, 0], [0, 1], [1, 1], [-1, -1]], "i1")
    array("call_genotype", alleles[c.genotypes.T])


def _genes(out: Path) -> None:
    c = cohort()
    lines = ["##gff-version 3"]
    for k, (chromosome, ps) in enumerate(zip(c.snps.chr, c.snps.ps, strict=True)):
        fields = [chromosome, "simulated", "gene", str(ps), str(ps + 200_000), ".", "+-"[k % 2], "."]
        lines.append("\t".join([*fields, f"ID=gene:{k};Name=Gene{k};biotype=protein_coding"]))
    with gzip.open(out / "genes.gff3.gz", "wt") as genes:
        genes.write("\n".join(lines) + "\n")


def _households(out: Path) -> None:
    house = np.arange(N) // 3
    np.savetxt(out / "households.txt", (house[:, None] == house).astype(int), fmt="%d")


ONE_COLUMN: dict[str, Callable[[Cohort], list[str]]] = {
    "sex.txt": lambda c: _text(c.sex),
    "age_sex.txt": lambda c: [f"{age}\t{sex}" for age, sex in zip(c.age, c.sex, strict=True)],
    "y.txt": lambda c: simulate.numbers(c.traits[0]),
    "e.txt": lambda c: _text(c.environment),
    "w.txt": lambda c: _text(np.exp(c.environment / 3)),
    "sex.tsv": lambda c: ["IID\tSEX", *(f"{iid}\t{sex}" for (_, iid), sex in zip(c.ids, c.sex, strict=True))],
    "unrelated.txt": lambda c: [f"{fid} {iid}" for fid, iid in c.ids[::4]],
    "snps.txt": lambda c: c.snps.rs[::5],
}
FILES: dict[str, Callable[[Path], None]] = {
    **{prefix: _plink(prefix) for prefix in PREFIXES},
    "traits.tsv": _traits,
    "covariates.tsv": _covariates,
    "study.tsv": _study_table,
    "plots.tsv": _plots,
    "phenotypes.tsv": _binary,
    **{name: _vcf(name) for name in ("study.vcf.gz", "lines.vcf.gz")},
    "lines.hmp.txt": _hapmap,
    "study.vcz": _zarr,
    "genes.gff3.gz": _genes,
    "households.txt": _households,
}


def make(name: str, out: Path) -> None:
    """Write the files of this name into the directory `out`; KeyError if there is no such name."""
    if name in ONE_COLUMN:
        (out / name).write_text("\n".join(ONE_COLUMN[name](cohort())) + "\n")
    else:
        FILES[name](out)
