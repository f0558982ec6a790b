"""Exact genome-wide association with linear mixed models: genotype files or arrays in, GEMMA-compatible results out.

>>> import jamma
>>> result = jamma.run_lmm("demo", tests="all")         # demo.bed, demo.bim and demo.fam; reference/data has them
>>> result.to_polars().sort("p_wald")["rs"].head(3).to_list()
['rs10226', 'rs10523', 'rs10827']

`run_lmm` does a whole analysis, and `iter_lmm` yields its results block by block. `run_lm` is the linear model without a
kinship. `kinship`, `eigendecompose`,
`read_kinship`, `write_kinship`, `read_eigen` and `read_assoc` do parts of it. `report` writes an HTML report of finished
runs. `jamma.plot` draws figures.
The command `jamma` (also `python -m jamma`) runs the same engine with GEMMA's options.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .namesakes import others
from .notes import JammaWarning, warn
from .version import __version__

if TYPE_CHECKING:
    from . import plot
    from .api import iter_lmm, kinship, run_lmm
    from .blocks import LmmBlocks
    from .eigen import Eigen, eigendecompose, read_eigen
    from .file_options import FileOptions
    from .files import read_assoc, read_kinship, read_run, write_kinship
    from .linear import run_lm
    from .matrix import KinshipMatrix
    from .reports import report
    from .result import (
        AssocTable,
        ChromosomeReport,
        Diagnostics,
        LmmResult,
        LmmResults,
        NullModel,
        Permutations,
        Report,
        VarianceComponents,
    )

__all__ = [
    "AssocTable",
    "ChromosomeReport",
    "Diagnostics",
    "Eigen",
    "FileOptions",
    "JammaWarning",
    "KinshipMatrix",
    "LmmBlocks",
    "LmmResult",
    "LmmResults",
    "NullModel",
    "Permutations",
    "Report",
    "VarianceComponents",
    "__version__",
    "eigendecompose",
    "iter_lmm",
    "kinship",
    "plot",
    "read_assoc",
    "read_eigen",
    "read_kinship",
    "read_run",
    "report",
    "run_lm",
    "run_lmm",
    "write_kinship",
]

_HOMES = {
    "AssocTable": ".result",
    "ChromosomeReport": ".result",
    "Diagnostics": ".result",
    "Eigen": ".eigen",
    "FileOptions": ".file_options",
    "KinshipMatrix": ".matrix",
    "LmmBlocks": ".blocks",
    "LmmResult": ".result",
    "LmmResults": ".result",
    "NullModel": ".result",
    "Permutations": ".result",
    "Report": ".result",
    "VarianceComponents": ".result",
    "eigendecompose": ".eigen",
    "read_assoc": ".files",
    "read_eigen": ".eigen",
    "read_kinship": ".files",
    "read_run": ".files",
    "report": ".reports",
    "run_lm": ".linear",
    "write_kinship": ".files",
}
"""The modules of the public names that are not in `api`."""

# sys.path decides which of two programs of this name is imported, so the user is warned about the other one.
warn(others())


def __getattr__(name: str) -> Any:
    """Import a public name on its first use, because NumPy takes most of the import time."""
    if name in ("plot", "core"):
        return import_module(f".{name}", __name__)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, ".api"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
