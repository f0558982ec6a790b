"""The one place where 64-bit numbers are switched on in JAX.

They are on inside the calls of this backend and nowhere else: a program that runs its own models in 32 bits beside
jamma goes on doing so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import jax

_P = ParamSpec("_P")
_R = TypeVar("_R")


def in_float64(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`function`, in which JAX's numbers are float64."""

    @functools.wraps(function)
    def with_float64(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with jax.enable_x64(True):
            return function(*args, **kwargs)

    return with_float64
