"""A run on a cluster, as the client sees it: tasks are submitted, and their results are passed to the engine in order."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..options import Call
from ..version import __version__
from . import ranges, tasks
from .tasks import Recipe

#: Seconds that a poll waits for a result before it lets the engine look for Ctrl-C.
POLL_SECONDS = 0.1
#: Tasks of tests that are submitted ahead of the one that is written next, for each worker.
AHEAD_PER_WORKER = 4
#: Seconds to wait for the scheduler.
CONNECT_SECONDS = 10.0
#: Seconds without a worker after which the run gives up.
PATIENCE = 300.0
#: Number of n x n matrices of doubles in memory while a kinship is decomposed.
MATRICES = 3


def hinted(error: Exception, cure: str) -> Exception:
    """Adds what to do to an exception."""
    error.add_note(f"hint: {cure}")
    return error


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise hinted(
            RuntimeError("cluster: the package distributed is not installed"),
            "install the extra: pip install '.[dask]' in the checkout",
        ) from None
    return distributed


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
        distributed = _distributed()
        self.recipe = recipe
        self._owns_client = not isinstance(cluster, distributed.Client)
        self._client = self._connect(distributed, cluster) if self._owns_client else cluster
        if self._client.asynchronous:
            raise hinted(
                ValueError("cluster: an asynchronous client cannot wait for results"),
                "make the client with asynchronous=False",
            )
        self._outline: dict[str, Any] = {}
        self._kinships: dict[int, dict[int, Any]] = {}
        self._totals: dict[int, Any] = {}
        self._parts: list[Any] = []
        self._units: dict[tuple[int, int], Any] = {}
        self._tests: dict[tuple[int, int], _Tests] = {}
        self._alone_since: float | None = None

    @staticmethod
    def _connect(distributed: Any, address: str) -> Any:
        try:
            return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise hinted(
                RuntimeError(f"cluster: there is no Dask scheduler at {address}: {error}"),
                "start one with `dask scheduler`, which says its address, and workers with `dask worker ADDRESS`",
            ) from None

    # What the engine calls.

    def begin(self, outline: dict[str, Any], identity: bytes) -> None:
        """Receives what there is to compute and what it depends on, and submits the kinships."""
        self._outline = outline
        self.recipe = dataclasses.replace(self.recipe, identity=identity)
        Path(self.recipe.directory).mkdir(parents=True, exist_ok=True)
        self._wait_for_workers()
        self._check_memory()
        if outline["is_kinship"] or (outline["is_computed"] and outline["is_decomposed"]):
            for group in range(len(outline["groups"])):
                self._submit_kinships(group)

    def kinship(self, group: int) -> bytes | None:
        """The kinship sum of a group."""
        return self._result(self._totals[group], "the kinship")

    def unit(self, group: int, number: int) -> bytes | None:
        """What was found for a unit before its SNPs are tested."""
        for ahead in range(number, min(number + self._n_ahead(), len(self._outline["units"]))):
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
            self._client.cancel(waiting, force=True)
        self._parts.clear()
        for known in (self._kinships, self._totals, self._units, self._tests):
            known.clear()
        with contextlib.suppress(Exception):
            self._client.run(tasks.forget, self.recipe.run, wait=False)
        shutil.rmtree(self.recipe.directory, ignore_errors=True)
        if self._owns_client:
            with contextlib.suppress(Exception):
                self._client.close(timeout=5)

    def _release(self, group: int) -> None:
        """Lets go of the sums that are not needed any more: each has n x n numbers."""
        if all(one.done() for one in self._totals.values()):
            self._parts.clear()
        n_found = sum(of_group == group and isinstance(one, bytes) for (of_group, _), one in self._units.items())
        if n_found == len(self._outline["units"]):
            self._kinships.pop(group, None)
            self._totals.pop(group, None)

    # Tasks.

    def _submit(self, function: Any, name: str, *arguments: Any, **options: Any) -> Any:
        key = f"jamma-{name}-{self.recipe.run}"
        return self._client.submit(function, *arguments, key=key, pure=False, **options)

    def _submit_kinships(self, group: int) -> None:
        n_workers = max(self._n_workers(), 1)
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
            **self._place_of_decompositions(group),
        )

    def _submit_tests(self, group: int, number: int) -> None:
        outline = self._outline
        n_traits = outline["groups"][group][1]
        chromosome = ranges.units_of(outline)[number]
        divided = ranges.of_tests(chromosome, outline["n_snps"], max(self._n_workers(), 1), n_traits)
        self._tests[group, number] = _Tests(group, number, self._units[group, number], divided)

    # The cluster.

    def _n_workers(self) -> int:
        return len(self._workers())

    def _workers(self) -> dict[str, Any]:
        workers: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return workers

    def _n_ahead(self) -> int:
        return max(self._n_workers(), 1)

    def _wait_for_workers(self) -> None:
        begun = time.monotonic()
        while not self._n_workers():
            if time.monotonic() - begun > PATIENCE:
                raise self._no_workers()
            time.sleep(POLL_SECONDS)

    def _no_workers(self) -> Exception:
        return hinted(
            RuntimeError(f"cluster: the scheduler has had no worker for {PATIENCE:.0f} seconds"),
            "start workers, or look in their logs for why they ended",
        )

    def _bytes_of_decomposition(self, group: int) -> int:
        n_analysed: int = self._outline["groups"][group][0]
        return MATRICES * 8 * n_analysed * n_analysed

    def _able(self, group: int) -> list[str]:
        """The workers that have the memory for the decomposition of the kinship of a group."""
        needed = self._bytes_of_decomposition(group)
        workers = self._workers()
        limits = {name: info.get("memory_limit") or 0 for name, info in workers.items()}
        return [name for name, limit in limits.items() if limit == 0 or limit * tasks.MEMORY_FRACTION >= needed]

    def _check_memory(self) -> None:
        if not self._outline["is_decomposed"]:
            return
        group = max(range(len(self._outline["groups"])), key=self._bytes_of_decomposition)
        if self._able(group):
            return
        n_analysed = self._outline["groups"][group][0]
        needed = self._bytes_of_decomposition(group) / 1e9
        limits = [info.get("memory_limit") or 0 for info in self._workers().values()]
        raise hinted(
            MemoryError(
                f"cluster: the decomposition of {n_analysed} individuals needs {needed:.2f} GB on one worker, and "
                f"the largest of the {len(limits)} has {max(limits) / 1e9:.2f} GB"
            ),
            "start one worker with more memory (`dask worker --nworkers 1 --memory-limit ...`); the others may be small",
        )

    def _place_of_decompositions(self, group: int) -> dict[str, Any]:
        """Where decompositions may run: on workers with the resource jamma-eigen, or on those with the memory."""
        workers = self._workers()
        if any("jamma-eigen" in info.get("resources", {}) for info in workers.values()):
            return {"resources": {"jamma-eigen": 1}}
        able = self._able(group)
        return {} if len(able) == len(workers) else {"workers": able}

    # Results.

    def _futures(self) -> list[Any]:
        of_tests = [future for of_unit in self._tests.values() for future in of_unit.running]
        of_kinships = [one for of_group in self._kinships.values() for one in of_group.values()]
        return [*of_tests, *self._units.values(), *self._totals.values(), *of_kinships]

    def _result(self, future: Any, what: str) -> bytes | None:
        """The result of a task, or None if it is not finished after a fraction of a second."""
        distributed = _distributed()
        if isinstance(future, bytes):
            return future
        try:
            found: bytes = future.result(timeout=POLL_SECONDS)
            return found
        except (TimeoutError, distributed.TimeoutError):
            self._look_for_workers()
            return None
        except distributed.KilledWorker as error:
            raise hinted(
                RuntimeError(f"cluster: {what} ended several workers one after the other: {error}"),
                "look in the logs of the workers: if they ended for lack of memory, give them more (--memory-limit), or "
                "use fewer workers on each machine",
            ) from None
        except (distributed.CancelledError, OSError) as error:
            raise hinted(
                RuntimeError(f"cluster: the connection to the scheduler was lost while waiting for {what}: {error}"),
                "check the scheduler and the network, and run again",
            ) from None

    def _look_for_workers(self) -> None:
        if self._client.status not in ("running", "connecting"):
            raise hinted(
                RuntimeError("cluster: the connection to the scheduler was lost"),
                "check the scheduler and the network, and run again",
            )
        now = time.monotonic()
        if self._n_workers():
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE:
            raise self._no_workers()


class _Tests:
    """The tasks of tests of a unit, of which only some are submitted ahead."""

    def __init__(self, group: int, number: int, found: bytes, divided: Sequence[ranges.Range]) -> None:
        self.group, self.number = group, number
        self._found: Any = found
        self._left = deque(divided)
        self.running: deque[Any] = deque()

    def submit(self, run: DaskRun) -> None:
        most = AHEAD_PER_WORKER * run._n_ahead()
        while self._left and len(self.running) < most:
            start, end = self._left.popleft()
            name = f"tests-{self.group}-{self.number}-{start}"
            task = run._submit(tasks.tests, name, run.recipe, self._found, start, end)
            self.running.append(task)


def of_command(address: str, words: Sequence[str]) -> DaskRun:
    """The source of partial results of a command line.

    Parameters
    ----------
    address : str
        Of the scheduler.
    words : sequence of str
        The arguments without `--dask`, the program's name first.
    """
    run = _new_name()
    directory = _directory(_option(words, "outdir") or "output", run)
    recipe = Recipe(run, directory, words=tuple(words), version=__version__)
    return DaskRun(address, recipe)


def of_call(cluster: Any, call: Call, given: Mapping[str, Any]) -> DaskRun:
    """The source of partial results of a call of `run_lmm` or `run_lm`.

    Parameters
    ----------
    cluster : distributed.Client or str
        A client, or the address of a scheduler.
    call : Call
        The call.
    given : mapping
        Its arguments.
    """
    if given.get("backend") not in (None, "auto", "rust", "jax"):
        raise ValueError(f"backend: there is no backend {given['backend']!r}")
    if given.get("genotypes") is not None:
        raise hinted(
            ValueError("cluster: genotypes in memory are not sent to workers"),
            "give files that all workers can read: bfile, pfile, bgen, ...",
        )
    for what in ("kinship", "kinship2", "eigen"):
        value = given.get(what)
        pair = value if isinstance(value, tuple) else (value,)
        if value is not None and not all(isinstance(one, (str, os.PathLike)) for one in pair):
            raise hinted(
                ValueError(f"cluster: {what} in memory is not sent to workers: it may be larger than a message"),
                "write it to a file that all workers can read, and give the path",
            )
    run = _new_name()
    out = given.get("out")
    directory = _directory(str(Path(out).parent) if out is not None else ".", run)
    sent = {name: value for name, value in given.items() if name not in ("cluster", "progress")} | {"progress": False}
    recipe = Recipe(run, directory, name=call.command, given=sent, backend=given.get("backend"), version=__version__)
    return DaskRun(cluster, recipe)


def call_of(name: str, given: Mapping[str, Any]) -> Call:
    """The call of a function of the package with these arguments, on a worker."""
    from ..options import lm_options, lmm_options

    if name == "lmm":
        return Call("lmm", lmm_options(dict(given)), "")
    return Call("lm", lm_options(dict(given)), "")


def _new_name() -> str:
    return uuid.uuid4().hex[:12]


def _directory(parent: str, run: str) -> str:
    chosen = os.environ.get("JAMMA_SCRATCH") or parent
    return str((Path(chosen) / f".jamma-cluster-{run}").absolute())


def _option(words: Sequence[str], name: str) -> str | None:
    for at, word in enumerate(words):
        if word == f"--{name}" and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"--{name}="):
            return word.partition("=")[2]
    return None
