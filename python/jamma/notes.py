"""Notes of a run as warnings that point to the caller's line."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class JammaWarning(UserWarning):
    """A note on a run that succeeded; the same texts are in the result's `notes`.

    `warnings.simplefilter("ignore", jamma.JammaWarning)` silences these warnings, and "error" turns them into exceptions.
    """


def warn(notes: Iterable[str]) -> None:
    """Emit a JammaWarning for each note, at the line outside this package that called it."""
    level = None
    for note in notes:
        level = level or _level_of_caller()
        warnings.warn(note, JammaWarning, stacklevel=level + 1)


def _level_of_caller() -> int:
    """The stack level of the first frame outside this package, counted from the function that calls this one."""
    frame, level = sys._getframe(1), 0
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        # `warnings` does not count the frames of the import system.
        if not name.startswith("<frozen importlib"):
            if not os.path.abspath(name).startswith(_PACKAGE):
                break
            level += 1
        frame = frame.f_back
    return level
