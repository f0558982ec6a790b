"""The examples in the docstrings of the package run, and every public function has one.

They run in a directory with the files of the bundled study, `demo.bed`, `.bim` and `.fam`.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import jamma
from conftest import DATA, HAS_JAX

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
NAMES = sorted(
    found.name for found in pkgutil.walk_packages(jamma.__path__, "jamma.") if found.name != "jamma.__main__"
)


def module(name: str) -> ModuleType:
    if name.startswith("jamma.backends") and not HAS_JAX:
        pytest.skip("JAX is not installed")
    if name.startswith("jamma.plot"):
        pytest.importorskip("matplotlib").use("Agg")
    return importlib.import_module(name)


def has_examples(name: str) -> bool:
    origin = importlib.util.find_spec(name)
    text = (
        Path(origin.origin or "").read_text(encoding="utf-8")
        if origin and (origin.origin or "").endswith(".py")
        else ""
    )
    return ">>> " in text


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for extension in ("bed", "bim", "fam"):
        shutil.copy(DATA / f"demo.{extension}", tmp_path)
    monkeypatch.chdir(tmp_path)
    yield
    from sys import modules

    if pyplot := modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("name", [name for name in ["jamma", *NAMES] if has_examples(name)])
def test_examples_run(name: str) -> None:
    of = module(name)
    printed: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for found in doctest.DocTestFinder().find(of, extraglobs={"jamma": jamma, "np": np}):
        runner.run(found, out=printed.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(printed)


@pytest.mark.parametrize("name", ["jamma", "jamma.plot", "jamma.core"])
def test_public_function_has_an_example(name: str) -> None:
    of = module(name)
    functions = {public: getattr(of, public) for public in of.__all__}
    functions = {public: found for public, found in functions.items() if callable(found) and not inspect.isclass(found)}
    assert functions
    without = [public for public, found in functions.items() if ">>> " not in (inspect.getdoc(found) or "")]
    assert without == []


def test_no_example_is_skipped() -> None:
    for path in Path(jamma.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                assert "+SKIP" not in (ast.get_docstring(node) or ""), f"{path}: {getattr(node, 'name', '')}"
