"""The only place that enables double precision in JAX.

It is enabled inside the calls of this backend only, so that other JAX code in the process keeps its precision.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ParamSpec, TypeVar

import jax
import numpy as np

EPSILON = float(np.finfo(np.float64).eps)
"""The distance from 1 to the next float64."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _switch() -> Callable[[bool], AbstractContextManager[None]]:
    """JAX's context manager for 64-bit numbers, which was in `jax.experimental` before version 0.8."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64
    from jax import experimental

    before: Callable[[bool], AbstractContextManager[None]] = vars(experimental)["enable_x64"]
    return before


def in_float64(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`function` with double precision enabled in JAX during its calls."""

    @functools.wraps(function)
    def with_float64(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _switch()(True):
            return function(*args, **kwargs)

    return with_float64
