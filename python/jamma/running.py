"""Runs of the engine: the job is passed to Rust, the backend is chosen when it is needed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from .core.backend import backend_object, select_backend
from .frames import floats
from .inputs import Inputs, in_memory
from .options import Call, memory_bytes
from .progress import resolved
from .result import LmmResult, result_of


def whole_result(call: Call, given: Mapping[str, Any]) -> LmmResult:
    """The result of a command with the arguments `given` after it has ended."""
    begun = time.perf_counter()
    inputs = in_memory(given, call.options)
    with cluster_of(call, given) as elsewhere:
        run, seconds = begin(call, inputs, given, time.perf_counter() - begun, elsewhere=elsewhere)
        return result_of(run.finish(), seconds)


@contextlib.contextmanager
def cluster_of(call: Call, given: Mapping[str, Any]) -> Iterator[Any]:
    """The source of the partial results of a call with `cluster`, otherwise None; closed in the end."""
    if given.get("cluster") is None:
        yield None
        return
    from .cluster import of_call

    elsewhere = of_call(given["cluster"], call, given)
    try:
        yield elsewhere
    finally:
        elsewhere.close()


def begin(
    call: Call,
    inputs: Inputs,
    given: Mapping[str, Any],
    seconds: float,
    *,
    blocks: bool = False,
    elsewhere: Any = None,
) -> tuple[Any, float]:
    """Start a run of the engine; also the seconds spent on converting arrays, including `seconds` before this call.

    Parameters
    ----------
    call, inputs
        The command and its options, and the inputs in memory.
    given : mapping
        The arguments, of which `backend`, `memory`, `progress` and `out` are used.
    blocks : bool
        Return the results block by block.
    elsewhere : DaskRun, optional
        Where the results come from, if they are not computed here.
    """
    from . import _core

    chosen_in = 0.0

    def choose() -> Any:
        nonlocal chosen_in
        begun = time.perf_counter()
        name, _ = select_backend(given["backend"])
        chosen = backend_object(name, memory=memory_bytes(given["memory"]))
        chosen_in = time.perf_counter() - begun
        return chosen

    has_terminal, progress = resolved(given["progress"])
    begun = time.perf_counter()
    run = _core.Run(
        call.command,
        call.options,
        call=call.text,
        write=given["out"] is not None,
        blocks=blocks,
        backend=choose,
        is_chosen=given["backend"] not in (None, "auto"),
        terminal=has_terminal,
        progress=progress,
        elsewhere=elsewhere,
        **keywords(inputs),
    )
    has_arrays = any(
        getattr(inputs, what) is not None
        for what in ("study", "phenotype", "traits", "covariates", "kinship", "kinship2", "eigen")
    )
    return run, seconds + time.perf_counter() - begun - chosen_in if has_arrays else 0.0


def keywords(inputs: Inputs) -> dict[str, Any]:
    """Inputs in memory as the engine takes them."""
    eigen = None if inputs.eigen is None else (floats(inputs.eigen.values), floats(inputs.eigen.vectors))
    return {
        "study": inputs.study,
        "phenotype": inputs.phenotype,
        "traits": inputs.traits,
        "covariates": inputs.covariates,
        "kinship": inputs.kinship,
        "kinship_rows": inputs.kinship_rows,
        "kinship2": inputs.kinship2,
        "kinship2_rows": inputs.kinship2_rows,
        "eigen": eigen,
        "eigen_rows": inputs.eigen_rows,
        "snps": inputs.snps,
        "kinship_snps": inputs.kinship_snps,
        "gxe": inputs.gxe,
        "gxe_levels": inputs.gxe_levels,
        "weights": inputs.weights,
        "sexes": inputs.sexes,
        "notes": inputs.notes,
    }
