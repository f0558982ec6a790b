"""The one place where 64-bit numbers are switched on in JAX, and their precision.

They are on inside the calls of this backend and nowhere else: a program that runs its own models in 32 bits beside
jamma goes on doing so.
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
    """JAX's own context of 64-bit numbers, which stood among the experiments before version 0.8."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64
    from jax import experimental

    before: Callable[[bool], AbstractContextManager[None]] = vars(experimental)["enable_x64"]
    return before


def in_float64(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`function`, in which JAX's numbers are float64."""

    @functools.wraps(function)
    def with_float64(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _switch()(True):
            return function(*args, **kwargs)

    return with_float64
