"""Results block by block, and what the run did when they have all been taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from .notes import warn
from .result import AssocTable, NullModel, Report


class LmmBlocks(Iterator[AssocTable]):
    """The blocks of :func:`jamma.iter_lmm`, in the order of the file.

    The run begins when the first is taken. After the last one the attributes say what the run did; before that they are
    None. `close()`, or leaving a `with` block, ends the run early and leaves no partial output.

    Attributes
    ----------
    report : Report, optional
        All there is to know about the run.
    """

    def __init__(self, start: Callable[[], tuple[Any, float]]) -> None:
        self._start: Callable[[], tuple[Any, float]] | None = start
        self._run: Any = None
        # Threads may share the iterator; an object that dies may close it within a call.
        self._lock = RLock()
        self._seconds = 0.0
        self.report: Report | None = None

    def __iter__(self) -> LmmBlocks:
        return self

    def __next__(self) -> AssocTable:
        """The tests of the next SNPs."""
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
                return AssocTable(block)
            self.report = Report.of(self._run.finish(), self._seconds)
        except BaseException:
            self.close()
            raise
        self.close()
        warn(self.report.notes)
        raise StopIteration

    def close(self) -> None:
        """End the run; no block follows."""
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
        """The model without a SNP: pve, vg, ve, effects of the covariates."""
        return None if self.report is None else self.report.null

    @property
    def ledger(self) -> dict[str, dict[str, int]] | None:
        """Individuals and SNPs, analysed and left out by reason; see :class:`Report`."""
        return None if self.report is None else self.report.ledger

    @property
    def notes(self) -> list[str] | None:
        """What to know about the run."""
        return None if self.report is None else self.report.notes

    @property
    def times(self) -> dict[str, float] | None:
        """Seconds of each stage, and "total"."""
        return None if self.report is None else self.report.times

    @property
    def outputs(self) -> list[Path] | None:
        """Files written, with `out=`; the log is last."""
        return None if self.report is None else self.report.outputs

    def __repr__(self) -> str:
        if self.report is None:
            return f"LmmBlocks: {'not begun' if self._start else 'under way' if self._run else 'ended early'}"
        return f"LmmBlocks: ended, {self.report.snps['kept']} of {self.report.snps['total']} SNPs tested"
