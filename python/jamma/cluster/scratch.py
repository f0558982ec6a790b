"""The directory that the workers of a run share: it holds the decompositions, and is removed at the end of the run."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import time
import uuid
import warnings
from pathlib import Path

from ..notes import JammaWarning

#: Beginning of the names of these directories.
PREFIX = ".jamma-cluster-"
#: The file in it that tells which process it belongs to.
OWNER = "client.json"
#: Seconds after which a directory of another machine is mentioned.
OLD_SECONDS = 24 * 3600.0


def new_name() -> str:
    """A name for a run."""
    return uuid.uuid4().hex[:12]


def path(parent: str, run: str) -> str:
    """The directory of a run: in JAMMA_SCRATCH if that is set, or else in `parent`."""
    chosen = os.environ.get("JAMMA_SCRATCH") or parent
    return str((Path(chosen) / f"{PREFIX}{run}").absolute())


def make(directory: str) -> None:
    """Makes the directory, after removing those that clients which were killed have left beside it."""
    here = Path(directory)
    here.mkdir(parents=True, exist_ok=True)
    owner = {"machine": _machine(), "host": socket.gethostname(), "process": os.getpid()}
    (here / OWNER).write_text(json.dumps(owner))
    for other in here.parent.glob(f"{PREFIX}*"):
        if other != here:
            _remove_if_abandoned(other)


def _remove_if_abandoned(directory: Path) -> None:
    try:
        owner = json.loads((directory / OWNER).read_text())
        machine, host, process = str(owner["machine"]), str(owner["host"]), int(owner["process"])
        age = time.time() - directory.stat().st_mtime
        size = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
    except (OSError, ValueError, KeyError, TypeError):
        # It is being made or removed.
        return
    if machine == _machine():
        if not _is_alive(process):
            remove(str(directory))
    elif age > OLD_SECONDS:
        warnings.warn(
            f"{directory}: a run on a cluster by process {process} on {host} has left {size / 1e9:.1f} GB here; remove "
            "this directory if that run has ended",
            JammaWarning,
            stacklevel=2,
        )


def _machine() -> str:
    """What tells this machine since its start, and the name space of its process numbers, from others."""
    facts = [socket.gethostname()]
    # Other systems than Linux have neither.
    with contextlib.suppress(OSError):
        facts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with contextlib.suppress(OSError):
        facts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(facts)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def remove_unit(directory: str, group: int, number: int) -> None:
    """Removes the decomposition of a unit. The name is that of `Workplace` in the engine."""
    shutil.rmtree(Path(directory) / f"{group}-{number}", ignore_errors=True)


def remove(directory: str) -> None:
    """Removes the directory of a run."""
    shutil.rmtree(directory, ignore_errors=True)
