"""A run on a cluster, as the client sees it: tasks are submitted, and their results are passed to the engine in order."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import warnings
from collections import deque
from collections.abc import Sequence
from typing import Any

from . import ranges, scratch, tasks
from .connection import Connection
from .tasks import Recipe

#: Tasks of tests that are submitted ahead of the one that is written next, for each worker.
AHEAD_PER_WORKER = 4
#: Priority of tasks that make room: sums before further parts, decompositions before tests.
SOONER = 1
#: Number of n x n matrices of doubles in memory while a kinship is decomposed.
MATRICES = 3
#: The same of a sum as a message, which Dask holds until the task ends: a triangle, and corrections for missing calls.
SUM = 1.5
#: The same if a chromosome is left out: two sums as messages, and both in memory before one is subtracted from the other.
SUMS_OF_LOCO = 4.0


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
        self._shared_recipe: Any = None
        self._held: dict[str, tuple[Any, ...]] = {}
        self._n_sums = 0
        self._n_summed = 0
        self._units: dict[tuple[int, int], Any] = {}
        self._tests: dict[tuple[int, int], _Tests] = {}

    # What the engine calls.

    def begin(self, outline: dict[str, Any], identity: bytes) -> None:
        """Receives what there is to compute and what it depends on, and submits the kinships."""
        self._outline = outline
        self.recipe = dataclasses.replace(self.recipe, identity=identity, backend=outline["backend"])
        scratch.make(self.recipe.directory)
        self._shared_recipe = self._submit(tasks.same, "recipe", self.recipe)
        self._connection.wait_for_workers()
        if outline["is_decomposed"]:
            group = max(range(len(outline["groups"])), key=self._bytes_of_decomposition)
            self._connection.check_memory(outline["groups"][group][0], self._bytes_of_decomposition(group))
        if self._is_summed():
            self._submit_kinships(0)

    def kinship(self, group: int) -> bytes | None:
        """The kinship sum of a group."""
        self._submit_kinships(group)
        return self._result(self._totals[group], "the kinship")

    def unit(self, group: int, number: int) -> bytes | None:
        """What was found for a unit before its SNPs are tested."""
        if self._is_summed():
            self._submit_kinships(group)
            # The place of a decomposition is chosen when it is due, among the workers of that time.
            if not self._connection.is_done(self._totals[group], "the kinship", self._decompositions()):
                return None
        n_ahead = self._connection.n_decomposing(self._bytes_of_decomposition(group))
        for ahead in range(number, min(number + n_ahead, len(self._outline["units"]))):
            self._submit_unit(group, ahead)
        found = self._result(self._units[group, number], "the decomposition of the kinship")
        if found is not None:
            # It is kept here: a worker that dies later does not take it along.
            self._units[group, number] = found
            self._release(group, number)
            self._submit_tests(group, number)
            if self._is_last(group, number) and self._is_summed():
                self._submit_kinships(group + 1)
        return found

    def stage(self) -> tuple[bool, float]:
        """Whether kinships are being computed, or else decomposed, and the fraction that is done."""
        if self._n_summed < self._n_sums and not any(not isinstance(one, bytes) for one in self._units.values()):
            return True, self._n_summed / self._n_sums
        units = list(self._units.values())
        done = sum(isinstance(one, bytes) or one.done() for one in units)
        return False, done / max(len(self._outline["units"]) * len(self._outline["groups"]), 1)

    def tests(self, group: int, number: int) -> bytes | None:
        """The tests of the next SNPs of a unit; empty bytes after the last."""
        of_unit = self._tests[group, number]
        of_unit.submit(self)
        if self._is_last(group, number) and (not self._is_summed() or self._totals[group + 1].done()):
            # It is decomposed while this group is tested.
            self._submit_unit(group + 1, 0)
        if not of_unit.running:
            del self._tests[group, number]
            # Nobody reads this decomposition again.
            scratch.remove_unit(self.recipe.directory, group, number)
            return b""
        found = self._result(of_unit.running[0], "the tests of SNPs")
        if found is not None:
            # Nothing else refers to the task: its result leaves the memory of the cluster.
            of_unit.running.popleft()
        return found

    def close(self) -> None:
        """Cancels what is not finished, and removes the decompositions."""
        # Workers stop what they are computing; a task that is only cancelled would go on to its end.
        with contextlib.suppress(Exception):
            self._connection.client.run(tasks.forget, self.recipe.run, wait=False)
        # Only what is not finished: Dask's scheduler fails, and the client loses all of its tasks, if a finished task is
        # cancelled whose dependents nobody holds any more.
        waiting = [future for future in self._futures() if not isinstance(future, bytes) and not future.done()]
        with contextlib.suppress(Exception):
            self._connection.client.cancel(waiting, force=True)
        self._shared_recipe = None
        for known in (self._kinships, self._totals, self._units, self._tests, self._held):
            known.clear()
        scratch.remove(self.recipe.directory)
        self._connection.close()

    def _release(self, group: int, number: int) -> None:
        """Lets go of the sums that are not needed any more: each has n x n numbers."""
        of_group = self._kinships.get(group)
        if of_group is None:
            return
        of_group.pop(number, None)
        n_found = sum(of == group and isinstance(one, bytes) for (of, _), one in self._units.items())
        if n_found == len(self._outline["units"]):
            del self._kinships[group]
            self._totals[group] = None

    # Tasks.

    def _bytes_of_decomposition(self, group: int) -> int:
        n_analysed: int = self._outline["groups"][group][0]
        of_sums = 0.0
        if self._is_summed():
            of_sums = SUM if len(self._outline["units"]) == 1 else SUMS_OF_LOCO
        return round((MATRICES + of_sums) * 8 * n_analysed * n_analysed)

    def _is_last(self, group: int, number: int) -> bool:
        """Whether a unit is the last of its group, and another group follows."""
        return number + 1 == len(self._outline["units"]) and group + 1 < len(self._outline["groups"])

    def _is_summed(self) -> bool:
        """Whether the kinship is computed from the genotypes."""
        outline = self._outline
        return bool(outline["is_kinship"] or (outline["is_computed"] and outline["is_decomposed"]))

    def _submit(self, function: Any, name: str, *arguments: Any, **options: Any) -> Any:
        key = f"jamma-{name}-{self.recipe.run}"
        with warnings.catch_warnings():
            # The recipe, which is sent once, holds phenotypes and covariates that are in memory.
            warnings.filterwarnings("ignore", message="Sending large graph")
            return self._connection.client.submit(function, *arguments, key=key, pure=False, **options)

    def _submit_kinships(self, group: int) -> None:
        if group in self._totals:
            return
        # A group that has failed leaves something behind; the group before may still be tested.
        self._forget_groups_before(group - 1)
        n_workers = self._connection.n_workers
        units = ranges.units_of(self._outline)
        n_snps = self._outline["n_snps"]
        leaves_out = len(units) > 1
        n_tasks = max(n_workers if n_workers == 1 else 2 * n_workers, -(-n_snps // ranges.MOST_KINSHIP_SNPS))
        of_unit: dict[int, Any] = {}
        total: list[Any] = []
        for number, chromosome in enumerate(units if leaves_out else [[(0, n_snps)]]):
            share = sum(end - start for start, end in chromosome) / max(n_snps, 1)
            divided = ranges.of_kinship(chromosome, self._outline["chunk"], max(math.ceil(n_tasks * share), 1))
            parts = _Sum(self, f"{group}-{number}")
            for start, end in divided:
                part = self._submit(tasks.kinship, f"kinship-{group}-{start}", self._shared_recipe, group, start, end)
                self._n_sums += 1
                part.add_done_callback(self._count_sum)
                parts.add(part)
            of_unit[number] = parts.total()
            if leaves_out:
                flat = self._submit(tasks.merged, f"flat-{group}-{number}", of_unit[number], flat=True, priority=SOONER)
                self.keep_until(flat, (of_unit[number],))
                total.append(flat)
        self._kinships[group] = of_unit
        if leaves_out:
            sums = _Sum(self, f"{group}-all")
            for flat in total:
                sums.add(flat)
            self._totals[group] = sums.total()
        else:
            self._totals[group] = of_unit[0]

    def keep_until(self, task: Any, needed: tuple[Any, ...]) -> None:
        """Holds the tasks that another task needs until that one is finished."""
        self._held[task.key] = needed
        task.add_done_callback(lambda _: self._held.pop(task.key, None))

    def _forget_groups_before(self, first: int) -> None:
        """Lets go of the sums and decompositions of the groups before `first`."""
        for of_group in [of for of in self._kinships if of < first]:
            del self._kinships[of_group]
            self._totals[of_group] = None
        for key in [key for key in self._units if key[0] < first]:
            if not isinstance(self._units[key], bytes):
                self._units[key] = b""

    def _count_sum(self, _: Any) -> None:
        self._n_summed += 1

    def _submit_unit(self, group: int, number: int) -> None:
        if (group, number) in self._units:
            return
        total = left_out = None
        if self._is_summed():
            total = self._totals[group]
            left_out = self._kinships[group][number] if len(self._outline["units"]) > 1 else None
        self._units[group, number] = self._submit(
            tasks.unit,
            f"decomposition-{group}-{number}",
            self._shared_recipe,
            group,
            number,
            total,
            left_out,
            priority=SOONER,
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
        sums = [one for one in self._totals.values() if one is not None]
        held = [one for of_task in list(self._held.values()) for one in of_task]
        return [*of_tests, *self._units.values(), *sums, *of_kinships, *held]

    def _decompositions(self) -> list[Any]:
        """The decompositions that are not there yet."""
        return [one for one in self._units.values() if not isinstance(one, bytes)]

    def _result(self, future: Any, what: str) -> bytes | None:
        """The result of a task, or None if it is not finished after a fraction of a second."""
        if isinstance(future, bytes):
            return future
        return self._connection.result(future, what, self._decompositions())


class _Sum:
    """A sum of parts in pairs. Sums of as many parts are added as soon as there are two, so that few wait in memory."""

    def __init__(self, run: DaskRun, name: str) -> None:
        self._run, self._name = run, name
        self._waiting: list[tuple[int, Any]] = []
        self._n_sums = 0

    def add(self, part: Any) -> None:
        """Adds a part, which is a task."""
        self._waiting.append((0, part))
        while len(self._waiting) > 1 and self._waiting[-1][0] == self._waiting[-2][0]:
            self._join()

    def total(self) -> Any:
        """The task of the whole sum."""
        while len(self._waiting) > 1:
            self._join()
        return self._waiting[0][1]

    def _join(self) -> None:
        (depth, one), (_, other) = self._waiting[-2:]
        name = f"sum-{self._name}-{self._n_sums}"
        both = self._run._submit(tasks.merged, name, one, other, priority=SOONER)
        # The scheduler may hear that a part is not needed before it knows of the sum, which would then be lost.
        self._run.keep_until(both, (one, other))
        self._n_sums += 1
        self._waiting[-2:] = [(depth + 1, both)]


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
            task = run._submit(tasks.tests, name, run._shared_recipe, self._found, start, end)
            self.running.append(task)
