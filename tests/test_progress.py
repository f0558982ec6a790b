"""Progress on a terminal and in a notebook."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

import jamma
from conftest import DATA
from jamma.progress import NotebookLine, line, resolved


class ZMQInteractiveShell:
    """The class by which the kernel of a notebook is recognised."""


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A notebook, and the lines that it shows."""
    shown: list[str] = []

    class Handle:
        def update(self, what: dict[str, str], *, raw: bool) -> None:
            shown.append(what["text/plain"])

    def display(what: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        shown.append(what["text/plain"])
        return Handle()

    ipython: Any = ModuleType("IPython")
    ipython.get_ipython = ZMQInteractiveShell
    ipython.display = ModuleType("IPython.display")
    ipython.display.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    return shown


def test_a_notebook_shows_a_line_for_the_running_stage(notebook: list[str]) -> None:
    jamma.run_lmm(DATA / "demo")
    assert notebook[-1].startswith("association")
    assert "100 %" in notebook[-1]
    before = len(notebook)
    jamma.run_lmm(DATA / "demo", progress=False)
    assert len(notebook) == before


def test_progress_is_drawn_on_a_terminal_or_in_a_notebook(notebook: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    has_terminal, call = resolved(None)
    assert not has_terminal
    assert isinstance(call, NotebookLine)
    monkeypatch.delitem(sys.modules, "IPython")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert resolved(None) == (True, None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert resolved(None) == (False, None)
    assert resolved(True) == (True, None)
    assert resolved(False) == (False, None)
    assert resolved(print) == (False, print)


def test_a_line_has_a_bar_if_the_fraction_is_known() -> None:
    assert line("kinship", 0.5, 3.2) == f"{'kinship':20} [{'=' * 15}{' ' * 15}] 50 %, 3 s"
    assert line("reading the kinship", None, 61.0) == f"{'reading the kinship':20} 61 s"


@pytest.mark.parametrize("stage", ["kinship", "a stage whose name is much longer than any that there is"])
@pytest.mark.parametrize("fraction", [None, -0.1, 0.0, 0.5, 1.0, 1.7])
@pytest.mark.parametrize("seconds", [0.0, 86_400.0 * 30])
def test_a_line_fits_eighty_columns(stage: str, fraction: float | None, seconds: float) -> None:
    assert len(line(stage, fraction, seconds)) < 80
