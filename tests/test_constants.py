"""The table of constants that the engine and the Python code share."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path

import pytest

import jamma
from jamma import _core, api
from jamma.backends import _constants

BACKENDS = Path(_constants.__file__).parent

# Coefficients of formulas, and the base of a decade; everything else is a threshold with a name.
OF_FORMULAS = {0.0, 0.5, 1.0, 2.0, 3.0, 10.0}
# Sizes of blocks on a device, which the engine does not have.
OF_DEVICES = {"_plan.py", "_host.py"}


def test_the_engine_has_the_same_numbers_under_the_same_names() -> None:
    ours, theirs = _constants.constants(), _core.constants()
    assert sorted(ours) == sorted(theirs)
    for name, value in ours.items():
        assert (value, type(value)) == (theirs[name], type(theirs[name])), name


def test_every_constant_says_what_it_means() -> None:
    body = ast.parse(Path(_constants.__file__).read_text()).body
    names = [node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    assert sorted(names) == sorted(_constants.constants())
    for node, following in pairwise(body):
        if isinstance(node, ast.AnnAssign):
            assert isinstance(following, ast.Expr), ast.unparse(node)
            assert ast.literal_eval(following.value).endswith("."), ast.unparse(node)


@pytest.mark.parametrize(
    "path",
    [path for path in BACKENDS.glob("*.py") if path.name not in {*OF_DEVICES, "_constants.py"}],
    ids=lambda p: p.name,
)
def test_no_backend_has_a_threshold_of_its_own(path: Path) -> None:
    literals = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    found = [(node.lineno, node.value) for node in literals if isinstance(node.value, float)]
    assert [(line, value) for line, value in found if value not in OF_FORMULAS] == []


@pytest.mark.parametrize("function", [jamma.run_lmm, jamma.iter_lmm, jamma.kinship])
def test_the_defaults_of_arguments_are_those_of_the_engine(function: object) -> None:
    names = {
        "maf": "MIN_MAF",
        "miss": "MAX_MISSING",
        "hwe": "MIN_HWE",
        "r2": "MAX_R2",
        "lmin": "LAMBDA_MIN",
        "lmax": "LAMBDA_MAX",
        "region": "LAMBDA_INTERVALS",
    }
    assert callable(function)
    arguments = inspect.signature(function).parameters
    for argument, name in names.items():
        if argument in arguments or function is not api.kinship:
            assert arguments[argument].default == _core.constants()[name], argument
