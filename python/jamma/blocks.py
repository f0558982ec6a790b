"""Results block by block, with a report of the run after the last block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from .notes import warn
from .result import AssocTable, ChromosomeReport, Diagnostics, NullModel, Permutations, Report, block_of


class LmmBlocks(Iterator[AssocTable]):
    """Iterator over the blocks of :func:`jamma.iter_lmm`, in the order of the file.

    With several phenotypes, a block is of one of them, whose name is in the column `trait`; the blocks of the phenotypes of
    the same individuals alternate. Blocks of a phenotype that turns out to be impossible to analyse are not withdrawn: see
    `failed`.

    The run starts when the first block is taken. The attributes that describe the run are None until the last block has
    been taken. `close()`, or leaving a `with` block, ends the run early and leaves no partial output.

    Attributes
    ----------
    report : Report, optional
        The full report of the run. The other attributes are parts of it. With several phenotypes, `null`, `diagnostics`,
        `chromosomes`, `permutations` and `ledger` are those of the reports in `traits`.
    """

    def __init__(self, start: Callable[[], tuple[Any, float]]) -> None:
        self._start: Callable[[], tuple[Any, float]] | None = start
        self._run: Any = None
        # Threads may share the iterator, and `__del__` may close it during a call.
        self._lock = RLock()
        self._seconds = 0.0
        self.report: Report | None = None

    def __iter__(self) -> LmmBlocks:
        return self

    def __next__(self) -> AssocTable:
        """The results of the next block of SNPs."""
        with self._lock:
            return self._next()

    def _next(self) -> AssocTable:
        if self._start is not None:
            start, self._start = self._start, None
            self._run, self._seconds = start()
        if self._run is None:
            raise StopIteration
        try:
            block = self._run.next_block()
            if block is not None:
                return block_of(block)
            self.report = Report.of(self._run.finish(), self._seconds)
        except BaseException:
            self.close()
            raise
        self.close()
        warn(self.report.notes)
        raise StopIteration

    def close(self) -> None:
        """End the run; no further block follows."""
        with self._lock:
            run, self._run, self._start = self._run, None, None
            if run is not None:
                run.cancel()

    def __enter__(self) -> LmmBlocks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    @property
    def null(self) -> NullModel | None:
        """The null model: pve, vg, ve and the effects of the covariates."""
        return self._of_one("null")  # type: ignore[no-any-return]

    @property
    def chromosomes(self) -> dict[str, ChromosomeReport] | None:
        """With `loco=True`, the kinship without each chromosome and its null model, by the name of the chromosome."""
        return self._of_one("chromosomes")  # type: ignore[no-any-return]

    @property
    def permutations(self) -> Permutations | None:
        """The genome-wide thresholds by permutation, if they were computed."""
        return self._of_one("permutations")  # type: ignore[no-any-return]

    @property
    def diagnostics(self) -> Diagnostics | None:
        """The inflation of the tests, thresholds of p, and what else helps to judge the results."""
        return self._of_one("diagnostics")  # type: ignore[no-any-return]

    @property
    def ledger(self) -> dict[str, dict[str, int]] | None:
        """Counts of individuals and SNPs, analysed and excluded by reason; see :class:`Report`."""
        return self._of_one("ledger")  # type: ignore[no-any-return]

    def _of_one(self, attribute: str) -> Any:
        return None if self.report is None else self.report.of_one(attribute)

    @property
    def traits(self) -> dict[str, Report] | None:
        """The report on each phenotype by its name; of a single one, the report of the run."""
        return None if self.report is None else self.report.traits or {self.report.name: self.report}

    @property
    def failed(self) -> dict[str, str] | None:
        """The phenotypes that could not be analysed, by name, and why; empty for a single phenotype."""
        return None if self.report is None else self.report.failed

    @property
    def notes(self) -> list[str] | None:
        """Notes on the run, in plain text."""
        return None if self.report is None else self.report.notes

    @property
    def times(self) -> dict[str, float] | None:
        """Wall-clock seconds of each stage, and "total"."""
        return None if self.report is None else self.report.times

    @property
    def outputs(self) -> list[Path] | None:
        """Paths of the files written (with `out`); the log is the last."""
        return None if self.report is None else self.report.outputs

    def __repr__(self) -> str:
        if self.report is None:
            return f"LmmBlocks: {'not started' if self._start else 'running' if self._run else 'ended early'}"
        if self.report.traits:
            return f"LmmBlocks: finished, {len(self.report.traits)} phenotypes"
        return f"LmmBlocks: finished, {self.report.snps['kept']} of {self.report.snps['total']} SNPs tested"
