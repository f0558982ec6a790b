"""The genotypes of a few SNPs of PLINK files, and their r² with one of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_MAGIC = b"\x6c\x1b\x01"
_DOSAGE_OF_CODE = np.array([2.0, np.nan, 1.0, 0.0])
"""Copies of allele1 for the two-bit codes 00, 01, 10, 11."""
_DOSAGES_OF_BYTE = _DOSAGE_OF_CODE[(np.arange(256)[:, None] >> np.array([0, 2, 4, 6])) & 3]
"""The four dosages of each byte, shape (256, 4)."""


@dataclass(frozen=True)
class PlinkFiles:
    """PLINK files, of which only some SNPs are read.

    Attributes
    ----------
    bed : Path
        The packed genotypes.
    n : int
        Number of individuals.
    bim : polars.DataFrame
        Columns chr, rs and ps, in the order of the file.
    """

    bed: Path
    n: int
    bim: pl.DataFrame

    @staticmethod
    def open(prefix: str | os.PathLike[str]) -> PlinkFiles:
        """Read the .fam and the .bim, and check the .bed.

        Raises
        ------
        OSError
            If a file cannot be read.
        ValueError
            If the .bed does not belong to the other files.
        """
        name = os.fspath(prefix).removesuffix(".bed")
        with open(f"{name}.fam", "rb") as fam:
            n = sum(1 for line in fam if line.strip())
        bim = _read_bim(Path(f"{name}.bim"))
        bed = Path(f"{name}.bed")
        with bed.open("rb") as file:
            if file.read(3) != _MAGIC:
                raise ValueError(f"{bed}: not a SNP-major .bed file")
        expected = 3 + bim.height * ((n + 3) // 4)
        if bed.stat().st_size != expected:
            raise ValueError(
                f"{bed}: {bed.stat().st_size} bytes, but {n} individuals and {bim.height} SNPs need {expected}"
            )
        return PlinkFiles(bed, n, bim)

    def dosages(self, rows: ArrayLike) -> Floats:
        """Copies of allele1 of the SNPs in these rows of the .bim, shape (n, number of rows); NaN is a missing call."""
        wanted = np.asarray(rows, dtype=np.intp)
        width = (self.n + 3) // 4
        packed = np.empty((len(wanted), width), dtype=np.uint8)
        with self.bed.open("rb") as file:
            for k, row in enumerate(wanted.tolist()):
                file.seek(3 + row * width)
                packed[k] = np.frombuffer(file.read(width), dtype=np.uint8)
        return np.asarray(_DOSAGES_OF_BYTE[packed].reshape(len(wanted), -1)[:, : self.n].T, dtype=np.float64)


def _read_bim(path: Path) -> pl.DataFrame:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    with path.open("rb") as file:
        first = file.readline()
    if b"\t" in first and len(first.split(b"\t")) >= 6:
        frame = pl.read_csv(path, separator="\t", has_header=False, infer_schema=False, quote_char=None, glob=False)
        columns: Any = [frame.to_series(k).str.strip_chars() for k in (0, 1, 3)]
    else:
        with path.open(encoding="utf-8", errors="replace") as text:
            rows = [line.split() for line in text if line.strip()]
        columns = [pl.Series([row[k] for row in rows], dtype=pl.String) for k in (0, 1, 3)]
    return pl.DataFrame(dict(zip(("chr", "rs", "ps"), columns, strict=True))).with_columns(
        pl.col("ps").cast(pl.Float64, strict=False)
    )


def r2_with(lead: Floats, others: Floats) -> Floats:
    """r² of the columns of `others` with `lead`, over the individuals with both calls; NaN without variation.

    Parameters
    ----------
    lead : ndarray, shape (n,)
        Dosages of one SNP; NaN is a missing call.
    others : ndarray, shape (n, p)
        Dosages of the other SNPs.
    """
    is_known = np.isfinite(lead)[:, None] & np.isfinite(others)
    n = is_known.sum(axis=0)
    x = np.where(is_known, lead[:, None], 0.0)
    y = np.where(is_known, others, 0.0)
    sx, sy = x.sum(axis=0), y.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        xy = (x * y).sum(axis=0) - sx * sy / n
        xx = (x * x).sum(axis=0) - sx * sx / n
        yy = (y * y).sum(axis=0) - sy * sy / n
        r2 = xy * xy / (xx * yy)
        is_flat = (xx <= 1e-12 * np.maximum((x * x).sum(axis=0), 1)) | (
            yy <= 1e-12 * np.maximum((y * y).sum(axis=0), 1)
        )
    return np.asarray(np.where(is_flat | (n < 2), np.nan, np.minimum(r2, 1.0)), dtype=np.float64)
