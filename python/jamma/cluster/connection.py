"""The connection to a Dask cluster: its workers, where tasks may run, and their results."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import tasks

#: Seconds that a poll waits for a result before it lets the engine look for Ctrl-C.
POLL_SECONDS = 0.1
#: Seconds that the result of a finished task may take to arrive before its worker is looked for.
FETCH_SECONDS = 60.0
#: Seconds to wait for the scheduler.
CONNECT_SECONDS = 10.0
#: Seconds without a worker, or without one that can decompose, after which the run gives up.
PATIENCE = 300.0
#: Seconds for which the list of workers is used before the scheduler is asked again.
SEEN_SECONDS = 1.0
#: The resource that marks the workers for decompositions.
RESOURCE = "jamma-eigen"


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


class Connection:
    """A client of a Dask cluster.

    Parameters
    ----------
    cluster : distributed.Client or str
        A client, or the address of a scheduler (tcp://host:8786).
    """

    def __init__(self, cluster: Any) -> None:
        distributed = _distributed()
        self._owns_client = not isinstance(cluster, distributed.Client)
        self.client = self._connect(distributed, cluster) if self._owns_client else cluster
        if self.client.asynchronous:
            raise hinted(
                ValueError("cluster: an asynchronous client cannot wait for results"),
                "make the client with asynchronous=False",
            )
        self._seen: dict[str, Any] = {}
        self._seen_at = -math.inf
        self._is_marked = False
        self._lacking_since: float | None = None

    @staticmethod
    def _connect(distributed: Any, address: str) -> Any:
        try:
            return distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise hinted(
                RuntimeError(f"cluster: there is no Dask scheduler at {address}: {error}"),
                "start one with `dask scheduler`, which says its address, and workers with `dask worker ADDRESS`",
            ) from None

    def close(self) -> None:
        """Closes the client, if it was made here."""
        if self._owns_client:
            with contextlib.suppress(Exception):
                self.client.close(timeout=5)

    def workers(self) -> dict[str, Any]:
        """What the scheduler knows of its workers, at most a second old."""
        now = time.monotonic()
        if now - self._seen_at > SEEN_SECONDS:
            try:
                self._seen = self.client.scheduler_info(n_workers=-1)["workers"]
            except (OSError, ValueError) as error:
                raise _lost("the list of workers", error) from None
            self._seen_at = now
        return self._seen

    @property
    def n_workers(self) -> int:
        """Number of workers, at least 1."""
        return max(len(self.workers()), 1)

    def wait_for_workers(self) -> None:
        """Waits for the first worker."""
        begun = time.monotonic()
        while not self.workers():
            if time.monotonic() - begun > PATIENCE:
                raise _no_workers()
            time.sleep(POLL_SECONDS)

    # Where decompositions may run.

    def check_memory(self, n: int, needed: int) -> None:
        """Fails if no worker has the memory for the decomposition of `n` individuals, which takes `needed` bytes."""
        candidates = self._candidates()
        if self._able(needed) or not candidates:
            return
        largest = max(_limit(worker) for worker in candidates.values()) * tasks.MEMORY_FRACTION
        of_which = (
            f"the {len(candidates)} with the resource {RESOURCE}" if self._is_marked else f"the {len(candidates)}"
        )
        raise hinted(
            MemoryError(
                f"cluster: the decomposition of {n} individuals needs {needed / 1e9:.2f} GB on one worker, and the largest "
                f"of {of_which} may use {largest / 1e9:.2f} GB, {tasks.MEMORY_FRACTION:.0%} of its limit"
            ),
            "start one worker with more memory (`dask worker --nworkers 1 --memory-limit ...`); the others may be small",
        )

    def place_of_decompositions(self, needed: int) -> dict[str, Any]:
        """The options of tasks that take `needed` bytes: on workers with the resource, or else on those with the memory."""
        candidates = self._candidates()
        if self._is_marked:
            return {"resources": {RESOURCE: 1}}
        able = self._able(needed)
        # If all of these are gone, another worker takes the task: it has the memory, or says that it does not.
        return {} if len(able) == len(candidates) else {"workers": able, "allow_other_workers": True}

    def n_decomposing(self, needed: int) -> int:
        """Number of workers that can do a decomposition that takes `needed` bytes, at least 1."""
        return max(len(self._able(needed)), 1)

    def _candidates(self) -> dict[str, Any]:
        """The workers for decompositions: those with the resource, if one has or had it, otherwise all."""
        workers = self.workers()
        marked = {name: worker for name, worker in workers.items() if RESOURCE in worker.get("resources", {})}
        self._is_marked = self._is_marked or bool(marked)
        return marked if self._is_marked else workers

    def _able(self, needed: int) -> list[str]:
        limits = {name: _limit(worker) for name, worker in self._candidates().items()}
        return [name for name, limit in limits.items() if limit == 0 or limit * tasks.MEMORY_FRACTION >= needed]

    # Results.

    def result(self, future: Any, what: str, decompositions: Iterable[Any]) -> bytes | None:
        """The result of a task, or None if it is not finished after a fraction of a second.

        Parameters
        ----------
        future : distributed.Future
            The task.
        what : str
            What it computes, for messages.
        decompositions : iterable of distributed.Future
            The tasks that only workers for decompositions can do.
        """
        if not self.is_done(future, what, decompositions):
            return None
        distributed = _distributed()
        with self._explained(future, what):
            try:
                found: bytes = future.result(timeout=FETCH_SECONDS)
                self._lacking_since = None
                return found
            except (TimeoutError, distributed.TimeoutError):
                # The worker that has it may be lost, and it is computed again.
                return None

    def is_done(self, future: Any, what: str, decompositions: Iterable[Any]) -> bool:
        """Whether a task is finished, after at most a fraction of a second; its result stays on the cluster.

        The parameters are those of :meth:`result`.
        """
        end = time.monotonic() + POLL_SECONDS
        while not future.done() and time.monotonic() < end:
            time.sleep(POLL_SECONDS / 10)
        if future.status == "finished":
            return True
        # A lost result is computed again.
        if future.status == "cancelled":
            raise _cancelled(what, future)
        if future.status == "error":
            with self._explained(future, what):
                future.result()
        self._look_for_workers(decompositions)
        return False

    @contextlib.contextmanager
    def _explained(self, future: Any, what: str) -> Iterator[None]:
        """Explains the errors of Dask. Those of the task itself, such as a missing file, are raised as they are."""
        distributed = _distributed()
        try:
            yield
        except distributed.KilledWorker as error:
            raise hinted(
                RuntimeError(f"cluster: {what} ended several workers one after the other: {error}"),
                "look in the logs of the workers: if they ended for lack of memory, give them more (--memory-limit), or "
                "use fewer workers on each machine",
            ) from None
        except (distributed.CancelledError, OSError) as error:
            if future.status == "error":
                raise
            raise _lost(what, error) from None

    def _look_for_workers(self, decompositions: Iterable[Any]) -> None:
        """Gives up if for a while nobody has been there to compute what is waited for."""
        if self.client.status not in ("running", "connecting"):
            raise _lost("a result", None)
        now = time.monotonic()
        lacking = self._lacking(decompositions)
        if lacking is None:
            self._lacking_since = None
        elif self._lacking_since is None:
            self._lacking_since = now
        elif now - self._lacking_since > PATIENCE:
            raise lacking

    def _lacking(self, decompositions: Iterable[Any]) -> Exception | None:
        """Why nobody computes what is waited for, if that is so."""
        workers = self.workers()
        if not workers:
            return _no_workers()
        if all(map(_is_stuck, workers.values())):
            return _only_paused_workers(len(workers), "all workers")
        if self._is_marked and any(not one.done() for one in decompositions):
            marked = self._candidates()
            if not marked:
                return _no_marked_workers()
            if all(map(_is_stuck, marked.values())):
                return _only_paused_workers(len(marked), f"all workers with the resource {RESOURCE}")
        return None


def _limit(worker: Mapping[str, Any]) -> int:
    """The memory of a worker in bytes; 0 if it is not limited."""
    return worker.get("memory_limit") or 0


def _no_workers() -> Exception:
    return hinted(
        RuntimeError(f"cluster: the scheduler has had no worker for {PATIENCE:.0f} seconds"),
        "start workers, or look in their logs for why they ended",
    )


def _is_stuck(worker: Mapping[str, Any]) -> bool:
    """Whether Dask has paused a worker for lack of memory, and it computes nothing. A paused worker finishes its tasks."""
    executing = worker.get("metrics", {}).get("task_counts", {}).get("executing", 0)
    return worker.get("status") == "paused" and executing == 0


def _only_paused_workers(n_workers: int, which: str) -> Exception:
    return hinted(
        MemoryError(
            f"cluster: for {PATIENCE:.0f} seconds {which} ({n_workers}) have been paused: each uses most of its "
            "memory, and Dask gives it no task"
        ),
        "give them more memory (--memory-limit), or restart them if other work has left something in their memory",
    )


def _no_marked_workers() -> Exception:
    return hinted(
        RuntimeError(f"cluster: for {PATIENCE:.0f} seconds no worker has had the resource {RESOURCE}"),
        f"start a worker with `--resources {RESOURCE}=1`, or look in the log of the one that ended",
    )


def _cancelled(what: str, future: Any) -> Exception:
    # `Future.result` of a task that was cancelled fails without a message.
    why = getattr(future._state, "exception", None)
    return hinted(
        RuntimeError(
            f"cluster: the connection to the scheduler was lost while waiting for {what}: {why or 'it was cancelled'}"
        ),
        "check the scheduler and the network, and run again",
    )


def _lost(what: str, error: Exception | None) -> Exception:
    why = f": {error}" if error is not None and str(error) else ""
    return hinted(
        RuntimeError(f"cluster: the connection to the scheduler was lost while waiting for {what}{why}"),
        "check the scheduler and the network, and run again",
    )
