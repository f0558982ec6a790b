"""Which run the workers prepare: that of a command line, or that of a call."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..options import Call
from ..version import __version__
from . import scratch
from .connection import hinted
from .run import DaskRun
from .tasks import Recipe


def of_command(address: str, words: Sequence[str]) -> DaskRun:
    """The source of partial results of a command line.

    Parameters
    ----------
    address : str
        Of the scheduler.
    words : sequence of str
        The arguments without `--dask`, the program's name first.
    """
    run = scratch.new_name()
    directory = scratch.path(_option(words, "outdir") or "output", run)
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
    run = scratch.new_name()
    out = given.get("out")
    directory = scratch.path(str(Path(out).parent) if out is not None else ".", run)
    sent = {name: value for name, value in given.items() if name not in ("cluster", "progress")} | {"progress": False}
    recipe = Recipe(run, directory, name=call.command, given=sent, backend=given.get("backend"), version=__version__)
    return DaskRun(cluster, recipe)


def _option(words: Sequence[str], name: str) -> str | None:
    for at, word in enumerate(words):
        if word == f"--{name}" and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"--{name}="):
            return word.partition("=")[2]
    return None
