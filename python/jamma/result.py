"""What a run gives: tables that convert without a copy where that can be, the null model, the ledger, times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Floats = NDArray[np.float64]

_TEXTS = ("chr", "rs", "allele1", "allele0")


class AssocTable:
    """Tested SNPs, one a row, in GEMMA's columns: chr, rs, ps, n_miss, allele1, allele0, af and the statistics.

    `allele1` is the counted allele, whose effect is `beta` and whose frequency is `af`. polars, pandas, pyarrow and
    DuckDB read the table through the Arrow stream (`__arrow_c_stream__`) without a copy.

    Parameters
    ----------
    columns : mapping
        Arrays by name; text columns as (numbers, texts), the ids `rs` as one text with an id a line.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = dict(columns)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._columns)

    def __len__(self) -> int:
        return len(self._columns["ps"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column `name` as an array; texts as objects."""
        if name not in self._columns:
            raise KeyError(f"there is no column {name!r}, only {', '.join(self.columns)}")
        values = self._columns[name]
        if name == "rs":
            return np.array(self._ids(), dtype=object)
        if name in _TEXTS:
            numbers, texts = values
            objects: NDArray[Any] = np.array(texts, dtype=object)[numbers]
            return objects
        return np.asarray(values)

    def _ids(self) -> list[str]:
        text: str = self._columns["rs"]
        return text[:-1].split("\n") if text else []

    @cached_property
    def _frame(self) -> pl.DataFrame:
        import polars as pl

        series = []
        for name, values in self._columns.items():
            if name == "rs":
                # One text that is taken apart where it lies, without an object for each id.
                ids = pl.Series("rs", [values[:-1]] if values else [], dtype=pl.String)
                series.append(ids.str.split("\n").explode().alias("rs").cast(pl.String))
            elif name in _TEXTS:
                numbers, texts = values
                series.append(pl.Series(name, texts, dtype=pl.String).gather(numbers))
            elif name == "n_miss":
                series.append(pl.Series(name, values).cast(pl.Int64))
            else:
                series.append(pl.Series(name, values))
        return pl.DataFrame(series)

    def to_polars(self) -> pl.DataFrame:
        """The table as a polars frame."""
        return self._frame

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas frame; pandas must be installed."""
        import pandas as pd

        return pd.DataFrame({name: self[name] for name in self.columns})

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow stream, for whatever reads the Arrow PyCapsule interface."""
        return self._frame.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return str(self._frame._repr_html_())

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {len(self)} SNPs: {', '.join(self.columns)}"


@dataclass(frozen=True)
class NullModel:
    """The model without a SNP.

    Attributes
    ----------
    pve, pve_se : float
        Proportion of variance explained by the kinship, at the REML estimate, and its standard error.
    vg, ve : float
        Genetic and residual variance, in squared units of the phenotype.
    beta, beta_se : ndarray, shape (c,)
        Effects of the covariates, the intercept among them, in their order; an intercept that was added is last.
    lambda_reml, lambda_ml : float
        vg / ve by REML and by maximum likelihood.
    logl_reml, logl_ml : float
        Log-likelihoods there.
    """

    pve: float
    pve_se: float
    vg: float
    ve: float
    beta: Floats
    beta_se: Floats
    lambda_reml: float
    lambda_ml: float
    logl_reml: float
    logl_ml: float


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes
    ----------
    individuals : dict of str to int
        "total", "analysed", and those left out: "no_phenotype", "no_covariate".
    snps : dict of str to int
        "total", "kept", those left out by reason ("not_listed", "missingness", "allele_frequency", "monomorphic",
        "hardy_weinberg", "covariates"), and of those kept "undefined" (statistics are nan), "flat" (those among them whose
        restricted likelihood does not depend on lambda: no Wald test), "fallback" (lambda found where GEMMA prints nan)
        and "perfect_fit" (the SNP explains the phenotype completely: p = 0).
    kinship_snps : dict of str to int, optional
        The same for the kinship, where this run computed one.
    null : NullModel, optional
        None where no SNP was tested.
    n_covariates : int
        With the intercept.
    times : dict of str to float
        Seconds of each stage, and "total".
    notes : list of str
        What to know about the run.
    outputs : list of Path
        Files written.
    backend : str
        What computed.
    threads : int
    log : str
        The text of the log.
    """

    individuals: dict[str, int]
    snps: dict[str, int]
    kinship_snps: dict[str, int] | None
    null: NullModel | None
    n_covariates: int
    times: dict[str, float]
    notes: list[str]
    outputs: list[Path]
    backend: str
    threads: int
    log: str = field(repr=False)

    @property
    def ledger(self) -> dict[str, dict[str, int]]:
        """Individuals and SNPs, analysed and left out by reason."""
        return {"individuals": self.individuals, "snps": self.snps}

    @staticmethod
    def of(found: Mapping[str, Any]) -> Report:
        """The report of the extension."""
        null = found["null"]
        return Report(
            individuals=found["individuals"],
            snps=found["snps"],
            kinship_snps=found["kinship_snps"],
            null=None if null is None else NullModel(**null),
            n_covariates=found["n_covariates"],
            times=found["times"],
            notes=found["notes"],
            outputs=[Path(path) for path in found["outputs"]],
            backend=found["backend"],
            threads=found["threads"],
            log=found["log"],
        )


class LmmResult(AssocTable):
    """The tests of all SNPs, with the report of the run.

    Attributes
    ----------
    report : Report
        All there is to know about the run; its parts are attributes of the result too.
    """

    def __init__(self, columns: Mapping[str, Any], report: Report) -> None:
        super().__init__(columns)
        self.report = report

    @property
    def null(self) -> NullModel:
        """The model without a SNP: pve, vg, ve, effects of the covariates."""
        assert self.report.null is not None, "tests of SNPs come with a null model"
        return self.report.null

    @property
    def ledger(self) -> dict[str, dict[str, int]]:
        """Individuals and SNPs, analysed and left out by reason; see :class:`Report`."""
        return self.report.ledger

    @property
    def times(self) -> dict[str, float]:
        """Seconds of each stage, and "total"."""
        return self.report.times

    @property
    def timings(self) -> dict[str, float]:
        """Another name of :attr:`times`."""
        return self.report.times

    @property
    def notes(self) -> list[str]:
        """What to know about the run."""
        return self.report.notes

    @property
    def outputs(self) -> list[Path]:
        """Files written, with `out=`; the log is last."""
        return self.report.outputs

    @property
    def backend(self) -> str:
        """What computed: "rust" or "jax"."""
        return self.report.backend

    def __repr__(self) -> str:
        people, null = self.report.individuals, self.null
        return (
            f"LmmResult: {len(self)} of {self.report.snps['total']} SNPs tested in {people['analysed']} of "
            f"{people['total']} individuals, pve = {null.pve:.4g} (se {null.pve_se:.2g}), backend {self.backend}, "
            f"{self.times['total']:.2f} s"
        )


@dataclass(frozen=True)
class Eigen:
    """K = U diag(d) Uᵀ; unpacks as (values, vectors).

    Attributes
    ----------
    values : ndarray, shape (n,)
        Ascending; everything below 1e-10 is 0, as GEMMA has it.
    vectors : ndarray, shape (n, n)
        Column j belongs to `values[j]`.
    """

    values: Floats
    vectors: Floats

    @property
    def n_zero(self) -> int:
        """How many eigenvalues are 0."""
        return int(np.count_nonzero(self.values == 0.0))

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.values, self.vectors))
