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
    level = _level_of_caller()
    for note in notes:
        warnings.warn(note, JammaWarning, stacklevel=level + 1)


def _level_of_caller() -> int:
    """The level, from the function that calls this one, of the first frame that is not of this package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and os.path.abspath(frame.f_code.co_filename).startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level - 1
