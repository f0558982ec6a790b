"""A run on a cluster, as the client sees it: tasks are submitted, and their results are passed to the engine in order."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import ranges, tasks
from .connection import Connection
from .tasks import Recipe

#: Tasks of tests that are submitted ahead of the one that is written next, for each worker.
AHEAD_PER_WORKER = 4
#: Number of n x n matrices of doubles in memory while a kinship is decomposed.
MATRICES = 3


class DaskRun:
    """The source of partial results of a run: tasks on the workers of a Dask cluster.

    Parameters
    ----------
    cluster : distributed.Client or str
        A client, or the address of a scheduler (tcp://host:8786).
    recipe : Recipe
        How a worker prepares the run.

    Notes
    -----
    The engine calls `begin`, and then `unit` and `tests` until a result is there; both return None after a fraction of a
    second without one. A worker that dies loses its tasks, which the scheduler gives to others. What has arrived here is
    not computed again.
    """

    def __init__(self, cluster: Any, recipe: Recipe) -> None:
        self.recipe = recipe
        self._connection = Connection(cluster)
        self._outline: dict[str, Any] = {}
        self._kinships: dict[int, dict[int, Any]] = {}
        self._totals: dict[int, Any] = {}
        self._parts: list[Any] = []
        self._units: dict[tuple[int, int], Any] = {}
        self._tests: dict[tuple[int, int], _Tests] = {}

    # What the engine calls.

    def begin(self, outline: dict[str, Any], identity: bytes) -> None:
        """Receives what there is to compute and what it depends on, and submits the kinships."""
        self._outline = outline
        self.recipe = dataclasses.replace(self.recipe, identity=identity)
        Path(self.recipe.directory).mkdir(parents=True, exist_ok=True)
        self._connection.wait_for_workers()
        if outline["is_decomposed"]:
            group = max(range(len(outline["groups"])), key=self._bytes_of_decomposition)
            self._connection.check_memory(outline["groups"][group][0], self._bytes_of_decomposition(group))
        if outline["is_kinship"] or (outline["is_computed"] and outline["is_decomposed"]):
            for group in range(len(outline["groups"])):
                self._submit_kinships(group)

    def kinship(self, group: int) -> bytes | None:
        """The kinship sum of a group."""
        return self._result(self._totals[group], "the kinship")

    def unit(self, group: int, number: int) -> bytes | None:
        """What was found for a unit before its SNPs are tested."""
        for ahead in range(number, min(number + self._connection.n_workers, len(self._outline["units"]))):
            self._submit_unit(group, ahead)
        found = self._result(self._units[group, number], "the decomposition of the kinship")
        if found is not None:
            # It is kept here: a worker that dies later does not take it along.
            self._units[group, number] = found
            self._release(group)
            self._submit_tests(group, number)
        return found

    def stage(self) -> tuple[bool, float]:
        """Whether kinships are being computed, or else decomposed, and the fraction that is done."""
        parts = self._parts
        if parts and not all(one.done() for one in self._totals.values()):
            return True, sum(one.done() for one in parts) / len(parts)
        units = list(self._units.values())
        done = sum(isinstance(one, bytes) or one.done() for one in units)
        return False, done / max(len(self._outline["units"]) * len(self._outline["groups"]), 1)

    def tests(self, group: int, number: int) -> bytes | None:
        """The tests of the next SNPs of a unit; empty bytes after the last."""
        of_unit = self._tests[group, number]
        of_unit.submit(self)
        if not of_unit.running:
            del self._tests[group, number]
            return b""
        found = self._result(of_unit.running[0], "the tests of SNPs")
        if found is not None:
            # Nothing else refers to the task: its result leaves the memory of the cluster.
            of_unit.running.popleft()
        return found

    def close(self) -> None:
        """Cancels what is not finished, and removes the decompositions."""
        waiting = [future for future in self._futures() if not isinstance(future, bytes)]
        with contextlib.suppress(Exception):
            self._connection.client.cancel(waiting, force=True)
        self._parts.clear()
        for known in (self._kinships, self._totals, self._units, self._tests):
            known.clear()
        with contextlib.suppress(Exception):
            self._connection.client.run(tasks.forget, self.recipe.run, wait=False)
        shutil.rmtree(self.recipe.directory, ignore_errors=True)
        self._connection.close()

    def _release(self, group: int) -> None:
        """Lets go of the sums that are not needed any more: each has n x n numbers."""
        if all(one.done() for one in self._totals.values()):
            self._parts.clear()
        n_found = sum(of_group == group and isinstance(one, bytes) for (of_group, _), one in self._units.items())
        if n_found == len(self._outline["units"]):
            self._kinships.pop(group, None)
            self._totals.pop(group, None)

    # Tasks.

    def _bytes_of_decomposition(self, group: int) -> int:
        n_analysed: int = self._outline["groups"][group][0]
        return MATRICES * 8 * n_analysed * n_analysed

    def _submit(self, function: Any, name: str, *arguments: Any, **options: Any) -> Any:
        key = f"jamma-{name}-{self.recipe.run}"
        return self._connection.client.submit(function, *arguments, key=key, pure=False, **options)

    def _submit_kinships(self, group: int) -> None:
        n_workers = self._connection.n_workers
        units = ranges.units_of(self._outline)
        leaves_out = len(units) > 1
        n_tasks = n_workers if n_workers == 1 else 2 * n_workers
        whole = [(0, self._outline["n_snps"])]
        of_unit: dict[int, Any] = {}
        for number, chromosome in enumerate(units if leaves_out else [whole]):
            share = sum(end - start for start, end in chromosome) / max(self._outline["n_snps"], 1)
            divided = ranges.of_kinship(chromosome, self._outline["chunk"], max(round(n_tasks * share), 1))
            parts = [
                self._submit(tasks.kinship, f"kinship-{group}-{start}", self.recipe, group, start, end)
                for start, end in divided
            ]
            self._parts += parts
            of_unit[number] = self._sum_of(parts, f"{group}-{number}", flat=False)
        self._kinships[group] = of_unit
        total = of_unit[0]
        if leaves_out:
            flat = [
                self._submit(tasks.merged, f"flat-{group}-{number}", one, flat=True) for number, one in of_unit.items()
            ]
            total = self._sum_of(flat, f"{group}-all", flat=False)
        self._totals[group] = total

    def _sum_of(self, parts: Sequence[Any], name: str, *, flat: bool) -> Any:
        """A tree of sums of two."""
        level, depth = list(parts), 0
        while len(level) > 1:
            pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
            level = [
                self._submit(tasks.merged, f"sum-{name}-{depth}-{at}", *pair, flat=flat) if len(pair) > 1 else pair[0]
                for at, pair in enumerate(pairs)
            ]
            depth += 1
        return level[0]

    def _submit_unit(self, group: int, number: int) -> None:
        if (group, number) in self._units:
            return
        total = left_out = None
        if group in self._totals:
            total = self._totals[group]
            left_out = self._kinships[group][number] if len(self._kinships[group]) > 1 else None
        self._units[group, number] = self._submit(
            tasks.unit,
            f"decomposition-{group}-{number}",
            self.recipe,
            group,
            number,
            total,
            left_out,
            **self._connection.place_of_decompositions(self._bytes_of_decomposition(group)),
        )

    def _submit_tests(self, group: int, number: int) -> None:
        outline = self._outline
        n_traits = outline["groups"][group][1]
        chromosome = ranges.units_of(outline)[number]
        divided = ranges.of_tests(chromosome, outline["n_snps"], self._connection.n_workers, n_traits)
        self._tests[group, number] = _Tests(group, number, self._units[group, number], divided)

    # Results.

    def _futures(self) -> list[Any]:
        of_tests = [future for of_unit in self._tests.values() for future in of_unit.running]
        of_kinships = [one for of_group in self._kinships.values() for one in of_group.values()]
        return [*of_tests, *self._units.values(), *self._totals.values(), *of_kinships]

    def _result(self, future: Any, what: str) -> bytes | None:
        """The result of a task, or None if it is not finished after a fraction of a second."""
        if isinstance(future, bytes):
            return future
        waiting = [one for one in self._units.values() if not isinstance(one, bytes)]
        return self._connection.result(future, what, waiting)


class _Tests:
    """The tasks of tests of a unit, of which only some are submitted ahead."""

    def __init__(self, group: int, number: int, found: bytes, divided: Sequence[ranges.Range]) -> None:
        self.group, self.number = group, number
        self._found: Any = found
        self._left = deque(divided)
        self.running: deque[Any] = deque()

    def submit(self, run: DaskRun) -> None:
        most = AHEAD_PER_WORKER * run._connection.n_workers
        while self._left and len(self.running) < most:
            start, end = self._left.popleft()
            name = f"tests-{self.group}-{self.number}-{start}"
            task = run._submit(tasks.tests, name, run.recipe, self._found, start, end)
            self.running.append(task)
