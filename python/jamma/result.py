"""What a run gives: tables that convert without a copy where that can be, the null model, the ledger, times."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Floats = NDArray[np.float64]

_TEXTS = ("chr", "rs", "allele1", "allele0", "status")
_ROWS_AT_ONCE = 4096
"""Rows that are taken apart together for iteration."""


def _read_only(name: str, values: Any) -> Any:
    """A column that nobody can change through an array of it; whole numbers as int64."""
    if not isinstance(values, np.ndarray):
        return values
    column = values.astype(np.int64) if name == "n_miss" else values.view()
    values.flags.writeable = False
    column.flags.writeable = False
    return column


class AssocTable:
    """Tested SNPs, one a row, in GEMMA's columns: chr, rs, ps, n_miss, allele1, allele0, af and the statistics.

    `allele1` is the counted allele, whose effect is `beta` and whose frequency is `af`. polars, pandas, pyarrow and
    DuckDB read the table through the Arrow stream (`__arrow_c_stream__`) without a copy.

    `table["p_wald"]` is a column, an array that cannot be written to; `dict(table)` has all of them. Iteration gives rows,
    named tuples, of which `pandas.DataFrame(table)` makes a frame too; `to_pandas()` is faster.

    Parameters
    ----------
    columns : mapping
        Arrays by name; text columns as (numbers, texts), the ids `rs` as one text with an id a line.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = {name: _read_only(name, values) for name, values in columns.items()}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_frame"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        # Arrays of a copy can be written to.
        self._columns = {name: _read_only(name, values) for name, values in self._columns.items()}

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._columns)

    def keys(self) -> list[str]:
        """Names of the columns: `dict(table)` is a dictionary of arrays."""
        return self.columns

    def values(self) -> list[NDArray[Any]]:
        """The columns, in order."""
        return [self[name] for name in self.columns]

    def items(self) -> list[tuple[str, NDArray[Any]]]:
        """Names and columns, in order."""
        return [(name, self[name]) for name in self.columns]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return len(self._columns["ps"])

    def __iter__(self) -> Iterator[Any]:
        """The rows, named tuples of Python's own types."""
        row: Any = namedtuple("SnpRow", self.columns)  # type: ignore[misc]
        columns = self.values()
        for first in range(0, len(self), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            yield from map(row._make, zip(*(column[part].tolist() for column in columns), strict=True))

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column `name` as an array; texts as objects."""
        if not isinstance(name, str) or name not in self._columns:
            raise KeyError(f"there is no column {name!r}, only {', '.join(self.columns)}")
        values = self._columns[name]
        if name == "rs":
            column: NDArray[Any] = np.array(self._ids(), dtype=object)
        elif name in _TEXTS:
            numbers, texts = values
            column = np.array(texts, dtype=object)[numbers]
        else:
            return np.asarray(values)
        column.flags.writeable = False
        return column

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
            else:
                series.append(pl.Series(name, values))
        return pl.DataFrame(series)

    def to_polars(self) -> pl.DataFrame:
        """The table as a polars frame."""
        return self._frame.clone()

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas frame; pandas must be installed."""
        import pandas as pd

        frame = pd.DataFrame({name: self[name] for name in self.columns})
        if len(self):
            return frame
        # Of no text pandas does not see that it is one.
        of_text = pd.DataFrame({"text": np.array(["text"], dtype=object)}).dtypes["text"]
        return frame.astype({name: of_text for name in _TEXTS if name in self})

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

    def __post_init__(self) -> None:
        for array in (self.beta, self.beta_se):
            array.flags.writeable = False

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()


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
        Seconds of each stage, "converting arrays" of those in memory, and "total".
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
    def of(found: Mapping[str, Any], converting: float = 0.0) -> Report:
        """The report of the extension, whose clock does not run while arrays are converted."""
        null = found["null"]
        times = dict(found["times"])
        if converting:
            times = {"converting arrays": converting} | times | {"total": times["total"] + converting}
        return Report(
            individuals=found["individuals"],
            snps=found["snps"],
            kinship_snps=found["kinship_snps"],
            null=None if null is None else NullModel(**null),
            n_covariates=found["n_covariates"],
            times=times,
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
        if self.report.null is None:
            raise ValueError("the null model was not fitted: no SNP was left to test")
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

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        listed = f"<ul>{notes}</ul>" if notes else ""
        return f"<p>{escape(self._summary())}</p>{listed}{super()._repr_html_()}"

    def __repr__(self) -> str:
        # One line: notes follow the numbers.
        return "; note: ".join([f"LmmResult: {self._summary()}", *(" ".join(note.split()) for note in self.notes)])

    def _summary(self) -> str:
        people, null = self.report.individuals, self.report.null
        pve = "no null model" if null is None else f"pve = {null.pve:.4g} (se {null.pve_se:.2g})"
        return (
            f"{len(self)} of {self.report.snps['total']} SNPs tested in {people['analysed']} of {people['total']} "
            f"individuals, {pve}, backend {self.backend}, {self.times['total']:.2f} s"
        )
