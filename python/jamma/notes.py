"""Notes of a run, as warnings that point to the caller's line."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class JammaWarning(UserWarning):
    """What to know about a run that succeeded; the same texts are the result's `notes`.

    `warnings.simplefilter("ignore", jamma.JammaWarning)` silences them, "error" makes exceptions of them.
    """


def warn(notes: Iterable[str]) -> None:
    """Emit one warning for each note, at the line outside this package that called it."""
    level = None
    for note in notes:
        level = level or _level_of_caller()
        warnings.warn(note, JammaWarning, stacklevel=level + 1)


def _level_of_caller() -> int:
    """The level, from the function that calls this one, of the first frame that is not of this package."""
    frame, level = sys._getframe(1), 0
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        # Frames of an import are not counted by the module warnings.
        if not name.startswith("<frozen importlib"):
            if not os.path.abspath(name).startswith(_PACKAGE):
                break
            level += 1
        frame = frame.f_back
    return level
