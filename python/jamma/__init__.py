"""Exact genome-wide association with linear mixed models: PLINK files or arrays in, GEMMA's numbers out.

>>> import jamma
>>> result = jamma.run_lmm("mouse_hs1940", tests="all")      # doctest: +SKIP
>>> result.to_polars().sort("p_wald").head()                 # doctest: +SKIP

`run_lmm` is the whole job; `iter_lmm` hands its results out block by block; `kinship`, `eigendecompose`,
`read_kinship`, `write_kinship` and `read_assoc` are its parts. `jamma.plot` draws Manhattan and QQ plots. The command
`jamma` (also `python -m jamma`) is the same engine with GEMMA's options.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .api import eigendecompose, iter_lmm, kinship, read_assoc, read_kinship, run_lmm, write_kinship
    from .result import AssocTable, Eigen, LmmResult, NullModel, Report

__all__ = [
    "AssocTable",
    "Eigen",
    "LmmResult",
    "NullModel",
    "Report",
    "__version__",
    "eigendecompose",
    "iter_lmm",
    "kinship",
    "read_assoc",
    "read_kinship",
    "run_lmm",
    "write_kinship",
]

_OF_RESULT = ("AssocTable", "Eigen", "LmmResult", "NullModel", "Report")


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: NumPy takes most of the time that an import takes."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(".result" if name in _OF_RESULT else ".api", __name__)
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
