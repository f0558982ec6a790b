"""Results of a run: tables, which convert without a copy if possible, the null model, counts and times."""

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
"""Number of rows that iteration converts at a time."""


def _read_only(name: str, values: Any) -> Any:
    """A read-only column; counts as int64."""
    if not isinstance(values, np.ndarray):
        return values
    column = values.astype(np.int64) if name == "n_miss" else values.view()
    values.flags.writeable = False
    column.flags.writeable = False
    return column


class AssocTable:
    """Association results, one row per SNP, in GEMMA's columns: chr, rs, ps, n_miss, allele1, allele0, af, statistics.

    `allele1` is the counted allele, whose effect is `beta` and whose frequency is `af`. With `all_snps` the last column is
    `status`, and the statistics of excluded SNPs are NaN. polars, pandas, pyarrow and DuckDB read the table through the
    Arrow stream (`__arrow_c_stream__`), without a copy of the numbers.

    `table["p_wald"]` is a column, a read-only array; `dict(table)` has all columns. Iteration yields rows as named tuples,
    from which `pandas.DataFrame(table)` makes a frame too; `to_pandas()` is faster.

    Parameters
    ----------
    columns : mapping
        Arrays of shape (p,) by name; text columns as a pair (indices, distinct texts), the ids `rs` as one string with one
        id per line.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._columns = {name: _read_only(name, values) for name, values in columns.items()}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_frame"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        # Arrays of a copy are writeable again.
        self._columns = {name: _read_only(name, values) for name, values in self._columns.items()}

    @property
    def columns(self) -> list[str]:
        """Names of the columns in order."""
        return list(self._columns)

    def keys(self) -> list[str]:
        """Names of the columns, so that `dict(table)` is a dictionary of arrays."""
        return self.columns

    def values(self) -> list[NDArray[Any]]:
        """The columns in order, each of shape (p,)."""
        return [self[name] for name in self.columns]

    def items(self) -> list[tuple[str, NDArray[Any]]]:
        """Names and columns in order."""
        return [(name, self[name]) for name in self.columns]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        return len(self._columns["ps"])

    def __iter__(self) -> Iterator[Any]:
        """The rows, as named tuples of Python's own types."""
        row: Any = namedtuple("SnpRow", self.columns)  # type: ignore[misc]
        columns = self.values()
        for first in range(0, len(self), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            yield from map(row._make, zip(*(column[part].tolist() for column in columns), strict=True))

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column `name` as a read-only array, shape (p,); strings have dtype object.

        Raises
        ------
        KeyError
            If there is no such column.
        """
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
                # polars splits the string itself, without a Python object for each id.
                ids = pl.Series("rs", [values[:-1]] if values else [], dtype=pl.String)
                series.append(ids.str.split("\n").explode().alias("rs").cast(pl.String))
            elif name in _TEXTS:
                numbers, texts = values
                series.append(pl.Series(name, texts, dtype=pl.String).gather(numbers))
            else:
                series.append(pl.Series(name, values))
        return pl.DataFrame(series)

    def to_polars(self) -> pl.DataFrame:
        """The table as a polars DataFrame."""
        return self._frame.clone()

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas DataFrame; pandas must be installed."""
        import pandas as pd

        frame = pd.DataFrame({name: self[name] for name in self.columns})
        if len(self):
            return frame
        # pandas cannot infer the type of strings from an empty column.
        of_text = pd.DataFrame({"text": np.array(["text"], dtype=object)}).dtypes["text"]
        return frame.astype({name: of_text for name in _TEXTS if name in self})

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow stream, for readers of the Arrow PyCapsule interface."""
        return self._frame.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return str(self._frame._repr_html_())

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {len(self)} SNPs: {', '.join(self.columns)}"


@dataclass(frozen=True)
class NullModel:
    """The fitted null model, which has no SNP.

    Attributes
    ----------
    pve, pve_se : float
        Proportion of the phenotypic variance explained by the kinship, at the REML estimate, and its standard error.
    vg, ve : float
        Genetic and residual variance at the REML estimate, in squared units of the phenotype.
    beta, beta_se : ndarray, shape (c,)
        Effects of the covariates and their standard errors, in the order of the covariates; an intercept that was added is
        last.
    lambda_reml, lambda_ml : float
        Estimates of lambda = vg/ve by REML and by maximum likelihood.
    logl_reml, logl_ml : float
        Restricted log-likelihood at `lambda_reml`, log-likelihood at `lambda_ml`.
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
    """The report of a run.

    Attributes
    ----------
    individuals : dict of str to int
        Counts: "total", "analysed", and those excluded, "no_phenotype" and "no_covariate".
    snps : dict of str to int
        Counts: "total"; "kept"; those excluded by reason, "not_listed", "missingness", "allele_frequency", "monomorphic",
        "hardy_weinberg" and "covariates"; and among those kept "undefined" (a statistic is NaN), "flat" (those of them
        without a Wald test, because the restricted likelihood does not depend on lambda), "fallback" (lambda found although
        GEMMA's search fails) and "perfect_fit" (the SNP explains the phenotype completely: p = 0).
    kinship_snps : dict of str to int, optional
        "total", "kept" and those excluded by reason, for the kinship; None if this run did not compute one.
    null : NullModel, optional
        The null model; None if it was not fitted.
    n_covariates : int
        Number of covariates, including the intercept.
    times : dict of str to float
        Wall-clock seconds of each stage, "converting arrays" for inputs in memory, and "total".
    notes : list of str
        Notes on the run, in plain text.
    outputs : list of Path
        Paths of the files written.
    backend : str
        The backend, "rust" or "jax".
    threads : int
        Number of threads; 0 if the engine did not run.
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
        """Counts of individuals and SNPs: {"individuals": ..., "snps": ...}."""
        return {"individuals": self.individuals, "snps": self.snps}

    @staticmethod
    def of(found: Mapping[str, Any], converting: float = 0.0) -> Report:
        """The report from the results `found` of the extension, which does not time the conversion of arrays."""
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
    """Association results of all SNPs, with the report of the run.

    Attributes
    ----------
    report : Report
        The full report of the run. `null`, `ledger`, `notes`, `times`, `outputs` and `backend` are parts of it.
    """

    def __init__(self, columns: Mapping[str, Any], report: Report) -> None:
        super().__init__(columns)
        self.report = report

    @property
    def null(self) -> NullModel:
        """The null model: pve, vg, ve and the effects of the covariates.

        Raises
        ------
        ValueError
            If it was not fitted.
        """
        if self.report.null is None:
            raise ValueError("the null model was not fitted")
        return self.report.null

    @property
    def ledger(self) -> dict[str, dict[str, int]]:
        """Counts of individuals and SNPs, analysed and excluded by reason; see :class:`Report`."""
        return self.report.ledger

    @property
    def times(self) -> dict[str, float]:
        """Wall-clock seconds of each stage, and "total"."""
        return self.report.times

    @property
    def timings(self) -> dict[str, float]:
        """Another name of :attr:`times`."""
        return self.report.times

    @property
    def notes(self) -> list[str]:
        """Notes on the run, in plain text."""
        return self.report.notes

    @property
    def outputs(self) -> list[Path]:
        """Paths of the files written (with `out`); the log is the last."""
        return self.report.outputs

    @property
    def backend(self) -> str:
        """The backend: "rust" or "jax"."""
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
            f"{self.report.snps['kept']} of {self.report.snps['total']} SNPs tested in {people['analysed']} of "
            f"{people['total']} individuals, {pve}, backend {self.backend}, {self.times['total']:.2f} s"
        )
