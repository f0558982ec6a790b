"""Progress of a run: bars on a terminal (drawn by the extension), a line of text in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from .numeric import flag

Progress: TypeAlias = Callable[[str, float | None], object]
"""Called with the name of a stage and the share of it that is done, from 0 to 1, or None where that is not known."""

WIDTH = 30
"""Characters of a bar."""


def resolved(progress: bool | Progress | None) -> tuple[bool, Progress | None]:
    """Whether the extension draws on the terminal, and what is called.

    None shows progress where somebody can see it: on a terminal and in a notebook.
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
    """Whether a notebook's kernel runs this process; a terminal's IPython is none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


class NotebookLine:
    """One line of text under a cell that changes as the run goes on."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._begun = time.monotonic()
        self._stage = ""

    def __call__(self, stage: str, share: float | None) -> None:
        """Show that `share` of `stage` is done."""
        from IPython.display import display

        if stage != self._stage:
            self._stage, self._begun = stage, time.monotonic()
        text = {"text/plain": line(stage, share, time.monotonic() - self._begun)}
        if self._handle is None:
            self._handle = display(text, raw=True, display_id=True)
        else:
            self._handle.update(text, raw=True)


def line(stage: str, share: float | None, seconds: float) -> str:
    """The line of text for a stage under way, within 80 columns."""
    stage = stage[:20]
    if share is None:
        return f"{stage:20} {seconds:.0f} s"
    share = min(max(share, 0.0), 1.0)
    done = round(WIDTH * share)
    return f"{stage:20} [{'=' * done}{' ' * (WIDTH - done)}] {100 * share:.0f} %, {seconds:.0f} s"
