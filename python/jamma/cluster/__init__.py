"""Runs on a Dask cluster: the kinship, its decompositions and the tests of SNPs are tasks of workers.

`run_lmm(..., cluster=...)` and `jamma lmm --dask ADDRESS` use it. The client prepares the run as usual, submits tasks and
writes the results in order as they arrive; its outputs have the bytes of a run on one machine. A task carries a range of
SNPs, not genotypes: workers open the inputs by their paths, which must be the same everywhere, and read the decompositions
from a directory that all of them share. docs/howto/cluster.md is a guide.
"""

from __future__ import annotations

from .asked import of_call, of_command
from .run import DaskRun

__all__ = ["DaskRun", "of_call", "of_command"]
