"""What a worker does: functions that are submitted to the cluster, and the prepared run that they share in a process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.backend import backend_object, select_backend
from ..options import Call, lm_options, lmm_options

#: Seconds after which a run that is not used any more makes room for another one.
IDLE_SECONDS = 60.0
#: Fraction of a worker's memory limit that the engine may plan with; the rest is for Python and for results on their way.
MEMORY_FRACTION = 0.85


@dataclass(frozen=True)
class Recipe:
    """How a worker prepares the run.

    Either `words`, the arguments of the command line, or the `name` of a command and the arguments of the function for it.
    `backend` is the one that the client has chosen.
    """

    run: str
    directory: str
    words: tuple[str, ...] | None = None
    name: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    backend: str | None = None
    version: str = ""
    identity: bytes = b""


class _Prepared:
    """A run in this process: prepared once, used by its tasks, and cancelled when the client has ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.worker: Any = None
        self.n_tasks = 0
        self.used = time.monotonic()
        self.is_forgotten = False


_runs: dict[str, _Prepared] = {}
#: The last runs whose clients have ended.
_forgotten: deque[str] = deque(maxlen=1000)
#: Protects the dictionary and the counts, and is never held for long: `forget` takes it in the event loop.
_lock = threading.Lock()
#: Sums are added one after the other: each addition has two of them in memory.
_merging = threading.Lock()


@contextlib.contextmanager
def prepared(recipe: Recipe) -> Iterator[Any]:
    """The run of `recipe` in this process, for a task; prepared by the first one."""
    with _lock:
        if recipe.run in _forgotten:
            raise _ended()
        now = time.monotonic()
        for run in [run for run, one in _runs.items() if one.n_tasks == 0 and now - one.used > IDLE_SECONDS]:
            if run != recipe.run:
                del _runs[run]
        one = _runs.setdefault(recipe.run, _Prepared())
        one.n_tasks += 1
    try:
        with one.lock:
            if one.worker is None:
                one.worker = _prepare(recipe)
        if one.is_forgotten:
            raise _ended()
        yield one.worker
    except KeyboardInterrupt:
        # What a cancelled run raises would end the worker.
        if one.is_forgotten:
            raise _ended() from None
        raise
    finally:
        with _lock:
            one.n_tasks -= 1
            one.used = time.monotonic()


async def forget(run: str) -> None:
    """Stops the tasks of a run in this process, and frees its memory.

    A coroutine, so that the client need not wait for it.
    """
    with _lock:
        # A task that was on its way to this worker may still begin.
        _forgotten.append(run)
        one = _runs.pop(run, None)
        if one is not None:
            one.is_forgotten = True
    if one is not None and one.worker is not None:
        one.worker.cancel()


def same(recipe: Recipe) -> Recipe:
    """The recipe itself: a task, so that each worker receives it once and not with every other task."""
    return recipe


def _prepare(recipe: Recipe) -> Any:
    from .. import _core
    from ..version import __version__

    if recipe.version != __version__:
        raise _error(
            f"this worker has version {__version__} of jamma, the client {recipe.version}",
            "install the same version for the client and all workers",
        )
    name, threads, memory = _resources()

    def choose(asked: str | None) -> Any:
        chosen, _ = select_backend(recipe.backend or asked or "rust")
        return backend_object(chosen, memory=memory)

    common: dict[str, Any] = {
        "directory": recipe.directory,
        "run": recipe.run,
        "worker": f"worker {name}",
        "threads": threads,
        "memory": memory,
        "backend": choose,
    }
    if recipe.words is not None:
        return _checked(_core.Worker(words=list(recipe.words), **common), recipe, name)
    from ..inputs import in_memory
    from ..running import keywords

    call = _call_of(str(recipe.name), recipe.given)
    inputs = in_memory(recipe.given, call.options)
    worker = _core.Worker(command=call.command, options=call.options, **keywords(inputs), **common)
    return _checked(worker, recipe, name)


def _call_of(name: str, given: Mapping[str, Any]) -> Call:
    """The call of a function of the package with these arguments, on a worker."""
    if name == "lmm":
        return Call("lmm", lmm_options(dict(given)), "")
    return Call("lm", lm_options(dict(given)), "")


def _checked(worker: Any, recipe: Recipe, name: str) -> Any:
    """The worker, if its inputs are those of the client."""
    different = worker.difference(recipe.identity)
    if different is not None:
        what, of_client, here = different
        if what.startswith(("version", "backend", "option", "method")):
            raise _error(
                f"worker {name} computes something else than the client: {what} is {of_client} there and {here} here",
                "start all workers in the same environment as the client, with the same version of jamma",
            )
        raise _error(
            f"worker {name} sees other inputs than the client: {what} is {of_client} there and {here} here",
            "the client and all workers need the same files under the same paths",
        )
    return worker


def _resources() -> tuple[str, int | None, int | None]:
    """The name of this worker, its threads, and the bytes that the engine may plan with."""
    from distributed import get_worker

    try:
        worker = get_worker()
    except ValueError:
        return "here", None, None
    limit = worker.memory_manager.memory_limit
    memory = int(limit * MEMORY_FRACTION) if limit else None
    return str(worker.name), worker.state.nthreads, memory


def _ended() -> RuntimeError:
    return _error("the client has ended this run", "nothing is to be done")


def _error(text: str, cure: str) -> RuntimeError:
    error = RuntimeError(text)
    error.add_note(f"hint: {cure}")
    return error


def kinship(recipe: Recipe, group: int, start: int, end: int) -> bytes:
    """The sum of the kinship over some SNPs."""
    with prepared(recipe) as worker:
        part: bytes = worker.kinship(group, start, end)
    return part


def merged(*parts: bytes, flat: bool = False) -> bytes:
    """The sum of several parts of a kinship."""
    from .. import _core

    if len(parts) == 1 and not flat:
        return parts[0]
    with _merging:
        return _core.merge_kinships(list(parts), flat=flat)


def unit(recipe: Recipe, group: int, number: int, total: bytes | None, left_out: bytes | None) -> bytes:
    """Decomposes a kinship, keeps the decomposition in the shared directory, and fits the null models."""
    with prepared(recipe) as worker:
        found: bytes = worker.unit(group, number, total, left_out)
    return found


def tests(recipe: Recipe, found: bytes, start: int, end: int) -> bytes:
    """Tests some SNPs of a unit."""
    with prepared(recipe) as worker:
        part: bytes = worker.tests(found, start, end)
    return part
