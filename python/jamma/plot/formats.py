"""The association tables of jamma and of other programs: names of columns, and text of any layout."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

_ALIASES = {
    "chr": ("#chrom", "chrom", "#chr", "chromosome"),
    "ps": ("pos", "bp", "genpos", "position", "base_pair_location", "chrpos"),
    "rs": ("snp", "id", "rsid", "rs_id", "variant_id", "markerid", "markername", "marker", "name"),
    "allele1": ("a1", "effect_allele", "ea"),
    "allele0": ("other_allele", "omitted", "ax", "nea", "a0", "a2", "allele2"),
    "af": ("a1freq", "a1_freq", "freq", "freq1", "af1", "eaf", "effect_allele_frequency", "aaf"),
    "beta": ("effect", "b", "snpweight"),
    "se": ("standard_error", "stderr", "snpweightse"),
    "p": ("p_value", "pval", "pvalue", "p-value", "p.value", "p_bolt_lmm", "p_bolt_lmm_inf"),
    "neg_log10_p": ("neg_log_10_p_value", "neg_log10_p_value", "log10p", "neg_log10p", "log10_p", "mlog10p"),
}
"""Names of columns in the tables of other programs, in lower case, by ours."""
_SAIGE = {"allele1": ("allele2",), "allele0": ("allele1",), "af": ("af_allele2",)}
"""SAIGE's second allele is that of the effect."""
_HTP = {"allele1": ("alt",), "allele0": ("ref",)}
"""The alleles in REGENIE's columns for meta-analyses."""
NO_NUMBER = ("NA", "-nan", "-NaN", "NAN", "#NA", ".", "")
"""How files write a missing number, besides nan."""
_EMMAX = {3: ["rs", "beta", "p"], 4: ["rs", "beta", "se", "p"]}
"""The columns of EMMAX's .ps, which has no header, by their number."""
_LOOK = 1 << 16
"""Bytes of a file that show its layout."""


def ours(names: Sequence[str]) -> dict[str, str]:
    """Our name of each column that has one, by its name in a table."""
    lower = {name.lower(): name for name in reversed(names)}
    aliases = dict(_ALIASES)
    is_saige = ("af_allele2" in lower or "markerid" in lower) and "allele2" in lower
    if is_saige:
        aliases |= _SAIGE
    elif "lci_effect" in lower:
        aliases |= _HTP
    found: dict[str, str] = {}
    for our, others in aliases.items():
        if our in names and not is_saige:
            found[our] = our
            continue
        for other in others if is_saige and our in _SAIGE else (our, *others):
            if other in lower and lower[other] not in found:
                found[lower[other]] = our
                break
    return found


def test_column(names: Sequence[str]) -> str | None:
    """The column with the test of a row: PLINK and REGENIE write several rows of a SNP, such as those of its covariates."""
    return next((name for name in names if name.lower() == "test"), None)


def reference_columns(names: Sequence[str]) -> tuple[str, str] | None:
    """The columns REF and ALT of a table of PLINK 2 that has no column with the other allele."""
    lower = {name.lower(): name for name in names}
    if "obs_ct" not in lower or "omitted" in lower or "ax" in lower or not {"ref", "alt", "a1"} <= lower.keys():
        return None
    return lower["ref"], lower["alt"]


@dataclass(frozen=True)
class TextTable:
    """A table in a text file, as polars reads it.

    Attributes
    ----------
    names : list of str
        The names of its columns.
    separator : str
        What separates its cells; a tab if they are separated by any number of blanks.
    arguments : dict
        Further arguments of `polars.read_csv`.
    is_ragged : bool
        Whether cells are separated by any number of blanks.
    """

    names: list[str]
    separator: str
    arguments: dict[str, Any] = field(default_factory=dict)
    is_ragged: bool = False

    def content(self, path: Path) -> Path | IO[bytes]:
        """What polars reads: the file, or its text with a tab between cells."""
        if not self.is_ragged:
            return path
        with _open(path) as file:
            return io.BytesIO(b"".join(b"\t".join(line.split()) + b"\n" for line in file if line.strip()))

    @staticmethod
    def of(path: Path) -> TextTable:
        """The layout of the file.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is empty.
        """
        with _open(path) as file:
            lines = file.read(_LOOK).decode("utf-8", errors="replace").splitlines()
        n_comments = next((k for k, line in enumerate(lines) if not line.startswith("##")), len(lines))
        lines = lines[n_comments:]
        if not lines or not lines[0].strip():
            raise ValueError(f"{path}: not an association table: the file is empty")
        separator = next((one for one in ("\t", ",") if one in lines[0]), " ")
        # The last line may be incomplete.
        is_ragged = separator == " " and any(line != " ".join(line.split()) for line in lines[: max(1, len(lines) - 1)])
        names = lines[0].split() if separator == " " else lines[0].split(separator)
        arguments: dict[str, Any] = {"skip_lines": n_comments} if n_comments else {}
        if path.name.removesuffix(".gz").lower().endswith(".ps") and len(names) in _EMMAX:
            names = _EMMAX[len(names)]
            arguments |= {"has_header": False, "new_columns": names}
        return TextTable(names, "\t" if is_ragged else separator, arguments, is_ragged)


def _open(path: Path) -> IO[bytes]:
    """A file, decompressed."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_gzip else path.open("rb")  # type: ignore[return-value]
