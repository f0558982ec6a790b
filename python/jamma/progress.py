"""Progress of a run: bars on a terminal (drawn by the extension), a line of text in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from .numeric import flag

Progress: TypeAlias = Callable[[str, float | None], object]
"""Called with the name of a stage and the fraction done, from 0 to 1, or None if that is not known."""

WIDTH = 30
"""Length of a bar in characters."""


def resolved(progress: bool | Progress | None) -> tuple[bool, Progress | None]:
    """Whether the extension draws on the terminal, and the callable that gets the progress, if any.

    By default (None) progress is shown if standard error is a terminal, and in a notebook.
    """
    if callable(progress):
        return False, progress
    is_wanted = None if progress is None else flag("progress", progress)
    if is_wanted is False:
        return False, None
    if _in_notebook():
        return False, NotebookLine()
    return is_wanted is True or sys.stderr.isatty(), None


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; IPython on a terminal is not."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


class NotebookLine:
    """A line of text below the cell of a notebook, which is updated during the run."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._begun = time.monotonic()
        self._stage = ""

    def __call__(self, stage: str, fraction: float | None) -> None:
        """Show that `fraction` of `stage` is done."""
        from IPython.display import display

        if stage != self._stage:
            self._stage, self._begun = stage, time.monotonic()
        text = {"text/plain": line(stage, fraction, time.monotonic() - self._begun)}
        if self._handle is None:
            self._handle = display(text, raw=True, display_id=True)
        else:
            self._handle.update(text, raw=True)


def line(stage: str, fraction: float | None, seconds: float) -> str:
    """The line of text for a stage that is running, shorter than 80 characters."""
    stage = stage[:20]
    if fraction is None:
        return f"{stage:20} {seconds:.0f} s"
    fraction = min(max(fraction, 0.0), 1.0)
    done = round(WIDTH * fraction)
    return f"{stage:20} [{'=' * done}{' ' * (WIDTH - done)}] {100 * fraction:.0f} %, {seconds:.0f} s"
