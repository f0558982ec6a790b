"""Exact genome-wide association with linear mixed models: PLINK files or arrays in, GEMMA's numbers out.

>>> import jamma
>>> result = jamma.run_lmm("mouse_hs1940", tests="all")      # doctest: +SKIP
>>> result.to_polars().sort("p_wald").head()                 # doctest: +SKIP

`run_lmm` is the whole job; `iter_lmm` hands its results out block by block; `kinship`, `eigendecompose`,
`read_kinship`, `write_kinship`, `read_eigen` and `read_assoc` are its parts. `jamma.plot` draws Manhattan and QQ plots.
The command `jamma` (also `python -m jamma`) is the same engine with GEMMA's options.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .namesakes import others
from .notes import JammaWarning, warn
from .version import __version__

if TYPE_CHECKING:
    from . import plot
    from .api import iter_lmm, kinship, read_assoc, read_kinship, run_lmm, write_kinship
    from .blocks import LmmBlocks
    from .eigen import Eigen, eigendecompose, read_eigen
    from .matrix import KinshipMatrix
    from .result import AssocTable, LmmResult, NullModel, Report

__all__ = [
    "AssocTable",
    "Eigen",
    "JammaWarning",
    "KinshipMatrix",
    "LmmBlocks",
    "LmmResult",
    "NullModel",
    "Report",
    "__version__",
    "eigendecompose",
    "iter_lmm",
    "kinship",
    "plot",
    "read_assoc",
    "read_eigen",
    "read_kinship",
    "run_lmm",
    "write_kinship",
]

_HOMES = {
    "AssocTable": ".result",
    "Eigen": ".eigen",
    "KinshipMatrix": ".matrix",
    "LmmBlocks": ".blocks",
    "LmmResult": ".result",
    "NullModel": ".result",
    "Report": ".result",
    "eigendecompose": ".eigen",
    "read_eigen": ".eigen",
}
"""The modules of what is not in `api`."""

# Which of two programs of one name is imported depends on the path; the user is to know of both.
warn(others())


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: NumPy takes most of the time that an import takes."""
    if name in ("plot", "core"):
        return import_module(f".{name}", __name__)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, ".api"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
