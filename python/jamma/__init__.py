"""Exact genome-wide association with linear mixed models: PLINK files or arrays in, GEMMA's numbers out.

>>> import jamma
>>> result = jamma.run_lmm("mouse_hs1940", tests="all")      # doctest: +SKIP
>>> result.to_polars().sort("p_wald").head()                 # doctest: +SKIP

`run_lmm` is the whole job; `iter_lmm` hands its results out block by block; `kinship`, `eigendecompose`,
`read_kinship`, `write_kinship` and `read_assoc` are its parts. `jamma.plot` draws Manhattan and QQ plots. The command
`jamma` (also `python -m jamma`) is the same engine with GEMMA's options.
"""

from .api import eigendecompose, iter_lmm, kinship, read_assoc, read_kinship, run_lmm, write_kinship
from .result import AssocTable, Eigen, LmmResult, NullModel
from .version import __version__

__all__ = [
    "AssocTable",
    "Eigen",
    "LmmResult",
    "NullModel",
    "__version__",
    "eigendecompose",
    "iter_lmm",
    "kinship",
    "read_assoc",
    "read_kinship",
    "run_lmm",
    "write_kinship",
]
