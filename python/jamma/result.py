"""Results of a run: tables, which convert without a copy if possible, the null model, counts and times."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Floats = NDArray[np.float64]

_TRAIT = "trait"
_TEXTS = (_TRAIT, "chr", "rs", "allele1", "allele0", "status")
_COUNTS = ("n_miss", "n_mis", "n_obs")
_ROWS_AT_ONCE = 4096
"""Number of rows that iteration converts at a time."""


def _read_only(name: str, values: Any) -> Any:
    """A read-only column; counts as int64."""
    if not isinstance(values, np.ndarray):
        return values
    column = (values.astype(np.int64, copy=False) if name in _COUNTS else values).view()
    values.flags.writeable = False
    column.flags.writeable = False
    return column


class AssocTable:
    """Association results, one row per SNP, in GEMMA's columns: chr, rs, ps, n_miss, allele1, allele0, af, statistics.

    The linear model (:func:`run_lm`) has `n_mis` and `n_obs` instead of `n_miss`.

    `allele1` is the counted allele, whose effect is `beta` and whose frequency is `af`. With `all_snps` the last column is
    `status`, and the statistics of excluded SNPs are NaN. If a run has several phenotypes, the first column is `trait`, the
    name of the phenotype; it is categorical in frames. polars, pandas, pyarrow and DuckDB read the table through the
    Arrow stream (`__arrow_c_stream__`), without a copy of the numbers.

    `table["p_wald"]` is a column, a read-only array; `dict(table)` has all columns. Iteration yields rows as named tuples,
    from which `pandas.DataFrame(table)` makes a frame too; `to_pandas()` is faster.

    Parameters
    ----------
    columns : mapping
        Arrays of shape (p,) by name; text columns as a pair (indices, distinct texts), the ids `rs` as one string or a list
        of strings, with one id per line.

    Examples
    --------
    >>> table = jamma.run_lmm("demo")
    >>> table.columns[:7]
    ['chr', 'rs', 'ps', 'n_miss', 'allele1', 'allele0', 'af']
    >>> table["rs"][table["p_wald"].argmin()]
    'rs10226'
    >>> table.to_polars().group_by("chr").len().height      # also to_pandas()
    10
    >>> next(iter(table)).rs                                # rows are named tuples
    'rs10001'
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
        return [one for text in self._id_texts() for one in text[:-1].split("\n")]

    def _id_texts(self) -> list[str]:
        """The ids as strings with one id per line, none of them empty."""
        texts: str | list[str] = self._columns["rs"]
        return [text for text in ([texts] if isinstance(texts, str) else texts) if text]

    @cached_property
    def _frame(self) -> pl.DataFrame:
        import polars as pl

        series = []
        for name, values in self._columns.items():
            if name == "rs":
                # polars splits the string itself, without a Python object for each id.
                ids = pl.Series("rs", [text[:-1] for text in self._id_texts()], dtype=pl.String)
                series.append(ids.str.split("\n").explode().alias("rs").cast(pl.String))
            elif name in _TEXTS:
                numbers, texts = values
                # The names of phenotypes may be long, and each is repeated for every SNP.
                dtype = pl.Categorical if name == _TRAIT else pl.String
                series.append(pl.Series(name, texts, dtype=dtype).gather(numbers))
            else:
                series.append(pl.Series(name, values))
        return pl.DataFrame(series)

    def to_polars(self) -> pl.DataFrame:
        """The table as a polars DataFrame."""
        return self._frame.clone()

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas DataFrame; pandas must be installed."""
        import pandas as pd

        def column(name: str) -> Any:
            if name != _TRAIT:
                return self[name]
            numbers, texts = self._columns[name]
            return pd.Categorical.from_codes(numbers, categories=texts)

        frame = pd.DataFrame({name: column(name) for name in self.columns})
        if len(self):
            return frame
        # pandas cannot infer the type of strings from an empty column.
        of_text = pd.DataFrame({"text": np.array(["text"], dtype=object)}).dtypes["text"]
        return frame.astype({name: of_text for name in _TEXTS if name in self and name != _TRAIT})

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow stream, for readers of the Arrow PyCapsule interface."""
        return self._frame.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return str(self._frame._repr_html_())

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {len(self)} SNPs: {', '.join(self.columns)}"


@dataclass(frozen=True)
class VarianceComponents:
    """The variance components of a null model with two kinships, by REML; docs/models.md describes the model.

    A standard error is NaN if its estimate is at the end of its range: a component of 0 has none.

    Attributes
    ----------
    fraction, fraction_se : float
        Fraction w of the second kinship in the combined kinship (1 - w) kinship + w kinship2, and its standard error.
    vg, vg_se : (float, float)
        Variance component of each kinship, in squared units of the phenotype, and its standard error.
    pve, pve_se : (float, float)
        Proportion of variance that each kinship explains, and its standard error.
    ve, ve_se : float
        Residual variance and its standard error.
    """

    fraction: float
    fraction_se: float
    vg: tuple[float, float]
    vg_se: tuple[float, float]
    pve: tuple[float, float]
    pve_se: tuple[float, float]
    ve: float
    ve_se: float


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
    pve_interval : (float, float), optional
        Interval of `pve` from the profile of the restricted likelihood, with a confidence of 95 %; None if lambda is fixed.
    pve_interval_is_open : (bool, bool), optional
        Whether each end of `pve_interval` is that of the range of lambda.
    lambda_bound : {"lower", "upper"}, optional
        The end of the range of lambda at which `lambda_reml` is; None if it is inside.
    components : VarianceComponents, optional
        With `kinship2`: the variance components of both kinships; the other attributes are those of the combined kinship.
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
    pve_interval: tuple[float, float] | None = None
    pve_interval_is_open: tuple[bool, bool] | None = None
    lambda_bound: str | None = None
    components: VarianceComponents | None = None

    def __post_init__(self) -> None:
        for array in (self.beta, self.beta_se):
            array.flags.writeable = False

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()


@dataclass(frozen=True)
class ChromosomeReport:
    """The kinship without one chromosome, and the tests of the SNPs on it.

    Attributes
    ----------
    n_kinship_snps : int
        Number of SNPs of the kinship; none of them is on this chromosome.
    n_tested : int
        Number of SNPs tested; all of them are on this chromosome.
    null : NullModel, optional
        The null model with this kinship; None if no SNP was tested.
    """

    n_kinship_snps: int
    n_tested: int
    null: NullModel | None


@dataclass(frozen=True)
class Permutations:
    """Genome-wide significance by permutation; docs/permutations.md describes the method.

    Attributes
    ----------
    count, seed : int
        Number of permutations, and their seed.
    thresholds : dict of float to float
        The p-value below which a SNP is significant at the genome-wide level of the key: 0.01, 0.05 and 0.1, except those
        below 1 / (count + 1).
    observed_min_p : float
        Smallest p-value of the phenotype as observed, at the lambda of the null model.
    genome_wide_p : float
        Genome-wide p-value of `observed_min_p`.
    min_p : ndarray, shape (count,)
        Smallest p-value of each permutation.
    """

    count: int
    seed: int
    thresholds: dict[float, float]
    observed_min_p: float
    genome_wide_p: float
    min_p: Floats = field(repr=False)

    def __post_init__(self) -> None:
        self.min_p.flags.writeable = False

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()


@dataclass(frozen=True)
class Diagnostics:
    """Whether the tests of a phenotype can be trusted, and which p-values are significant; see docs/diagnostics.md.

    Attributes
    ----------
    lambda_gc : dict of str to float
        Genomic control: the median of chi-square over that of its null distribution, by the column of p-values.
    lambda_gc_interval : dict of str to (float, float)
        Its interval with a confidence of 95 %, for independent tests.
    status : dict of str to int
        Number of SNPs of each status: of tested SNPs "ok" and the remarks, of others "excluded_..." with the reason.
    n_tests : int
        Number of SNPs with a p-value.
    bonferroni : float, optional
        Bonferroni's threshold of p: 0.05 / `n_tests`; None without tests.
    effective_tests, effective_threshold : float, optional
        With `effective_tests=True`: the effective number of tests, and its threshold of p for a family-wise error rate of
        0.05.
    n_copies : int, optional
        Number of pairs of individuals with (nearly) the same genotypes according to the kinship; None if the run has a
        decomposition instead of a matrix.
    copies : list of (str, str)
        The first of these pairs.
    cases, controls : int, optional
        Numbers of cases and controls if the phenotype is binary.
    n_without_odds : int, optional
        With `odds=True`: number of SNPs whose effect has no odds ratio (`log_odds` is NaN).
    pve_interval : (float, float), optional
        Interval of the proportion of variance explained; see :class:`NullModel`.
    lambda_bound : {"lower", "upper"}, optional
        The end of its range at which lambda of the null model is; see :class:`NullModel`.
    """

    lambda_gc: dict[str, float] = field(default_factory=dict)
    lambda_gc_interval: dict[str, tuple[float, float]] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    n_tests: int = 0
    bonferroni: float | None = None
    effective_tests: float | None = None
    effective_threshold: float | None = None
    n_copies: int | None = None
    copies: list[tuple[str, str]] = field(default_factory=list)
    cases: int | None = None
    controls: int | None = None
    n_without_odds: int | None = None
    pve_interval: tuple[float, float] | None = None
    lambda_bound: str | None = None

    @staticmethod
    def of(found: Mapping[str, Any], null: NullModel | None) -> Diagnostics:
        """The diagnostics from the results `found` of the extension."""
        cases, controls = found["cases_controls"] or (None, None)
        return Diagnostics(
            lambda_gc={name: value for name, (_, value, _) in found["tests"].items()},
            lambda_gc_interval={name: tuple(interval) for name, (_, _, interval) in found["tests"].items()},
            status=found["status"],
            n_tests=found["n_tests"],
            bonferroni=found["bonferroni"],
            effective_tests=found["effective_tests"],
            effective_threshold=found["effective_threshold"],
            n_copies=found["n_copies"],
            copies=[tuple(pair) for pair in found["copies"]],
            cases=cases,
            controls=controls,
            n_without_odds=found["n_without_odds"],
            pve_interval=None if null is None else null.pve_interval,
            lambda_bound=None if null is None else null.lambda_bound,
        )


@dataclass(frozen=True)
class Report:
    """The report of a run, or of one phenotype of a run of several.

    The report of a run of several phenotypes has a report on each in `traits`. Of its own `individuals` and `snps` it has
    only the "total", and none of the other results that depend on the phenotype.

    Attributes
    ----------
    individuals : dict of str to int
        Counts: "total", "analysed", and those excluded, "no_phenotype", "no_covariate",
        "no_environment" and "no_weight".
    snps : dict of str to int
        Counts: "total"; "kept"; those excluded by reason, "not_listed", "not_chosen", "not_autosomal", "on_x",
        "missingness", "allele_frequency", "monomorphic", "hardy_weinberg", "imputation_quality" and "covariates"; and among
        those kept "undefined" (a statistic is NaN), "flat" (those of them
        without a Wald test, because the restricted likelihood does not depend on lambda), "fallback" (lambda found although
        GEMMA's search fails) and "perfect_fit" (the SNP explains the phenotype completely: p = 0).
    kinship_snps : dict of str to int, optional
        "total", "kept" and those excluded by reason, for the kinship; None if this run did not compute one.
    null : NullModel, optional
        The null model; None if it was not fitted, or if there is one for each chromosome.
    n_covariates : int
        Number of covariates, including the intercept; of several phenotypes, the largest.
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
    name : str
        Name of the phenotype: its column in a file, its name in memory, or "phenotype" if it has none.
    left_out : str, optional
        The chromosome that is left out of the kinship, if it was chosen.
    chromosomes : dict of str to ChromosomeReport
        With `loco=True`, the kinship without each chromosome and its null model, by the name of the chromosome.
    permutations : Permutations, optional
        The permutations, if any.
    diagnostics : Diagnostics
        Inflation of the tests, thresholds of p, and what else helps to judge the results.
    conditioned_on : list of str
        Ids of the SNPs that are covariates, except those that `stepwise` added.
    stepwise : dict of str to list, optional
        With `stepwise=P`, the SNPs that were added to the covariates, in this order: the columns of a table; see
        :attr:`LmmResult.stepwise`.
    traits : dict of str to Report
        The phenotypes that were analysed, by name, if there are several.
    failed : dict of str to str
        The phenotypes that could not be analysed, by name, and why.
    record : str
        The record of the whole run as JSON, as in PREFIX.run.json; empty if the engine did not run. See :meth:`to_json`.
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
    name: str = "phenotype"
    left_out: str | None = None
    chromosomes: dict[str, ChromosomeReport] = field(default_factory=dict)
    permutations: Permutations | None = None
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    conditioned_on: list[str] = field(default_factory=list)
    stepwise: dict[str, list[Any]] | None = None
    traits: dict[str, Report] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    record: str = field(default="", repr=False)

    def to_json(self) -> str:
        """The record of the run, as in PREFIX.run.json; :func:`jamma.read_run` reads the file.

        Raises
        ------
        ValueError
            If the engine did not run.
        """
        if not self.record:
            raise ValueError("there is no record: the engine did not run")
        return self.record

    @property
    def ledger(self) -> dict[str, dict[str, int]]:
        """Counts of individuals and SNPs: {"individuals": ..., "snps": ...}."""
        return {"individuals": self.individuals, "snps": self.snps}

    @staticmethod
    def of(found: Mapping[str, Any], converting: float = 0.0) -> Report:
        """The report from the results `found` of the extension, which does not time the conversion of arrays."""
        times = dict(found["times"])
        if converting:
            times = {"converting arrays": converting} | times | {"total": times["total"] + converting}
        of_run = {
            "times": times,
            "notes": found["notes"],
            "outputs": [Path(path) for path in found["outputs"]],
            "backend": found["backend"],
            "threads": found["threads"],
            "log": found["log"],
            "record": found["record"],
            "left_out": found["left_out"],
            "conditioned_on": found["conditioned_on"],
        }
        if not found["are_several"]:
            return Report(**_of_trait(found), **of_run)
        traits = [Report(**_of_trait(one), **of_run) for one in found["traits"] if one["failure"] is None]
        return Report(
            individuals={"total": found["individuals"]["total"]},
            snps={"total": found["snps"]["total"]},
            kinship_snps=None,
            null=None,
            n_covariates=max((one.n_covariates for one in traits), default=0),
            traits={one.name: one for one in traits},
            failed={one["name"]: one["failure"] for one in found["traits"] if one["failure"] is not None},
            **of_run,
        )

    def of_one(self, attribute: str) -> Any:
        """The attribute of the report on the only phenotype.

        Raises
        ------
        ValueError
            If there are several.
        """
        if self.traits:
            first = next(iter(self.traits))
            raise ValueError(
                f"the run has {len(self.traits)} phenotypes; choose one, as in .traits[{first!r}].{attribute}"
            )
        return getattr(self, attribute)


def _of_trait(found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a report that depend on the phenotype."""
    permutations, null = found["permutations"], _null_model(found["null"])
    return {
        "name": found["name"] or "phenotype",
        "individuals": found["individuals"],
        "snps": found["snps"],
        "kinship_snps": found["kinship_snps"],
        "null": null,
        "diagnostics": Diagnostics.of(found["diagnostics"], null),
        "n_covariates": found["n_covariates"],
        "chromosomes": {
            one["chromosome"]: ChromosomeReport(one["n_kinship_snps"], one["n_tested"], _null_model(one["null"]))
            for one in found["chromosomes"]
        },
        "stepwise": found["stepwise"],
        "permutations": None
        if permutations is None
        else Permutations(**permutations | {"thresholds": dict(permutations["thresholds"])}),
    }


def _null_model(found: Mapping[str, Any] | None) -> NullModel | None:
    if found is None:
        return None
    components = found.get("components")
    return NullModel(**{**found, "components": None if components is None else VarianceComponents(**components)})


class LmmResult(AssocTable):
    """Association results of all SNPs, with the report of the run.

    Attributes
    ----------
    report : Report
        The full report of the run. `null`, `diagnostics`, `chromosomes`, `permutations`, `ledger`, `notes`, `times`,
        `outputs` and `backend` are parts of it.
    """

    def __init__(self, columns: Mapping[str, Any], report: Report) -> None:
        super().__init__(columns)
        self.report = report

    @property
    def null(self) -> NullModel | Any:
        """The null model: pve, vg, ve and the effects of the covariates. With `loco=True`, None; see `chromosomes`.

        Raises
        ------
        ValueError
            If it was not fitted.
        """
        if self.report.null is None and not self.report.chromosomes:
            raise ValueError("the null model was not fitted")
        return self.report.null

    @property
    def chromosomes(self) -> dict[str, ChromosomeReport]:
        """With `loco=True`, the kinship without each chromosome and its null model, by the name of the chromosome."""
        return self.report.chromosomes

    @property
    def permutations(self) -> Permutations | None:
        """The genome-wide thresholds by permutation, if they were computed."""
        return self.report.permutations

    @property
    def stepwise(self) -> pl.DataFrame | None:
        """With `stepwise=P`, the SNPs that were added to the covariates, as a polars DataFrame; else None.

        One row per SNP, in the order in which they were added: `step`, `chr`, `rs`, `ps`, `allele1`, `allele0`, `af`;
        `beta`, `se` and the p-value (`p_wald`, `p_lrt` or `p_score`) in the scan in which the SNP was the best;
        `beta_joint`, `se_joint` and `p_joint` (Wald test) in the model with all of them.
        """
        if self.report.stepwise is None:
            return None
        import polars as pl

        texts, wholes = ("chr", "rs", "allele1", "allele0"), ("step", "ps")
        types = {
            name: pl.String if name in texts else pl.Int64 if name in wholes else pl.Float64
            for name in self.report.stepwise
        }
        return pl.DataFrame(self.report.stepwise, schema=types)

    @property
    def diagnostics(self) -> Diagnostics | Any:
        """The inflation of the tests, thresholds of p, and what else helps to judge the results."""
        return self.report.diagnostics

    @property
    def traits(self) -> Mapping[str, LmmResult]:
        """The result of each phenotype by its name; of a single one, this result."""
        return MappingProxyType({self.report.name: self})

    @property
    def failed(self) -> dict[str, str]:
        """The phenotypes that could not be analysed, by name, and why; empty for a single phenotype."""
        return self.report.failed

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
        return "; note: ".join(
            [f"{type(self).__name__}: {self._summary()}", *(" ".join(note.split()) for note in self.notes)]
        )

    def _summary(self) -> str:
        people, null = self.report.individuals, self.report.null
        if self.chromosomes:
            pve = f"{len(self.chromosomes)} chromosomes left out in turn"
        else:
            pve = "no null model" if null is None else f"pve = {null.pve:.4g} (se {null.pve_se:.2g})"
        return (
            f"{self.report.snps['kept']} of {self.report.snps['total']} SNPs tested in {people['analysed']} of "
            f"{people['total']} individuals, {pve}, backend {self.backend}, {self.times['total']:.2f} s"
        )


class LmmResults(LmmResult):
    """Association results of several phenotypes: a table of all, the result of each, and the report of the run.

    The table has the rows of one phenotype after the other, in the order of the request, with the name of the phenotype in
    the first column, `trait`. The results of the phenotypes share its memory.

    Attributes
    ----------
    traits : mapping of str to LmmResult
        The result of each phenotype that was analysed, by name; the same as that of a run of its own. `null`, `ledger`,
        `diagnostics`, `chromosomes` and `permutations` are attributes of these results.
    failed : dict of str to str
        The phenotypes that could not be analysed, by name, and why.
    report : Report
        The report of the run. `notes`, `times`, `outputs` and `backend` are parts of it.
    """

    def __init__(self, tables: Sequence[dict[str, Any]], report: Report) -> None:
        """Join the `tables` of the phenotypes of `report`, in their order; the tables are emptied."""
        names = list(report.traits)
        columns, of_traits = _joined(tables)
        numbers = np.repeat(np.arange(len(names), dtype=np.uint32), [len(of["ps"]) for of in of_traits])
        super().__init__({_TRAIT: (numbers, names), **columns}, report)
        results = zip(of_traits, report.traits.values(), strict=True)
        self._traits = {of.name: LmmResult(columns, of) for columns, of in results}

    @property
    def traits(self) -> Mapping[str, LmmResult]:
        """The result of each phenotype that was analysed, by name, in the order of the request."""
        return MappingProxyType(self._traits)

    @property
    def null(self) -> Any:
        """Only of one phenotype: `traits[name].null`."""
        return self.report.of_one("null")

    @property
    def chromosomes(self) -> Any:
        """Only of one phenotype: `traits[name].chromosomes`."""
        return self.report.of_one("chromosomes")

    @property
    def permutations(self) -> Any:
        """Only of one phenotype: `traits[name].permutations`."""
        return self.report.of_one("permutations")

    @property
    def diagnostics(self) -> Any:
        """Only of one phenotype: `traits[name].diagnostics`."""
        return self.report.of_one("diagnostics")

    @property
    def ledger(self) -> Any:
        """Only of one phenotype: `traits[name].ledger`."""
        return self.report.of_one("ledger")

    def _summary(self) -> str:
        failed = f", {len(self.failed)} could not be analysed" if self.failed else ""
        names = list(self.traits)
        shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
        return (
            f"{len(names)} phenotypes ({shown}){failed}, {len(self)} rows for {self.report.snps['total']} SNPs, "
            f"backend {self.backend}, {self.times['total']:.2f} s"
        )


def result_of(found: Mapping[str, Any], converting: float) -> LmmResult:
    """The result from the results `found` of the extension.

    Parameters
    ----------
    found : mapping
        As `finish` of a run returns it.
    converting : float
        Seconds spent on converting arrays.
    """
    report = Report.of(found, converting)
    tables = [table for _, table in found["tables"]]
    return LmmResults(tables, report) if found["are_several"] else LmmResult(tables[0], report)


def block_of(columns: dict[str, Any]) -> AssocTable:
    """The table of a block; the name of its phenotype, if there are several, becomes the first column."""
    name = columns.pop(_TRAIT, None)
    if name is None:
        return AssocTable(columns)
    return AssocTable({_TRAIT: (np.zeros(len(columns["ps"]), np.uint32), [name]), **columns})


def _joined(tables: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of all tables, joined, and the columns of each as parts of them.

    A column is removed from the tables before the next one is joined, so that only one is in memory twice.
    """
    columns: dict[str, Any] = {}
    of_each: list[dict[str, Any]] = [{} for _ in tables]
    for name in list(tables[0]):
        parts = [table.pop(name) for table in tables]
        if name == "rs":
            # Phenotypes of the same individuals have the same SNPs.
            known: dict[str, str] = {}
            columns[name] = [known.setdefault(text, text) for text in parts]
            for of, text in zip(of_each, columns[name], strict=True):
                of[name] = text
            continue
        texts: list[str] = []
        if name in _TEXTS:
            parts, texts = _with_same_texts(parts)
        lengths = [len(part) for part in parts]
        joined = np.concatenate(parts, dtype=np.int64 if name in _COUNTS else None)
        del parts
        columns[name] = (joined, texts) if name in _TEXTS else joined
        for of, part in zip(of_each, np.split(joined, np.cumsum(lengths)[:-1]), strict=True):
            of[name] = (part, texts) if name in _TEXTS else part
    return columns, of_each


def _with_same_texts(parts: list[tuple[NDArray[np.uint32], list[str]]]) -> tuple[list[NDArray[np.uint32]], list[str]]:
    """Text columns as indices of the same texts, and these texts."""
    numbers: dict[str, int] = {}
    found = []
    for indices, texts in parts:
        at = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.uint32)
        is_same = np.array_equal(at, np.arange(len(texts)))
        found.append(indices if is_same else at[indices])
    return found, list(numbers)
