"""The bundled studies, and fixtures of the tests."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jamma.core import backend as selection

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "reference"
DATA = REFERENCE / "data"
sys.path.insert(0, str(REFERENCE))

# The original functions; tests replace them by stubs.
CACHED = (
    selection.is_rust_available,
    selection.is_jax_available,
    selection.is_gpu_available,
    selection.get_compute_backend,
)

# Variables that choose a backend or a number of threads.
CHOICES = ("JAMMA_BACKEND", "RAYON_NUM_THREADS", "OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK")

HAS_JAX = importlib.util.find_spec("jax") is not None
needs_jax = pytest.mark.skipif(not HAS_JAX, reason="JAX is not installed: pip install '.[jax]' in the checkout")

Floats = NDArray[np.float64]


@dataclass
class Study:
    """PLINK files, decoded without the package."""

    bfile: str
    genotypes: Floats
    individuals: list[tuple[str, str]]
    phenotype: Floats
    rs: list[str]
    bim: dict[str, list[str] | list[int]]


def read_study(name: str, column: int = 1) -> Study:
    """One of the bundled studies with a phenotype column of its .fam."""
    import plink

    bfile = DATA / name
    bim = plink.read_bim(bfile.with_suffix(".bim"))
    fam = [line.split() for line in bfile.with_suffix(".fam").read_text().splitlines()]
    return Study(
        bfile=str(bfile),
        genotypes=plink.read_bed(bfile.with_suffix(".bed"), len(fam), len(bim.rs)),
        individuals=[(row[0], row[1]) for row in fam],
        phenotype=plink.read_fam_phenotype(bfile.with_suffix(".fam"), column),
        rs=bim.rs,
        bim=vars(bim),
    )


@pytest.fixture
def study() -> Study:
    """151 individuals, some without phenotype, 480 SNPs with missing calls."""
    return read_study("missing")


@pytest.fixture(params=["rust", pytest.param("jax", marks=needs_jax)])
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend that is installed."""
    return str(request.param)


@pytest.fixture(autouse=True, scope="session")
def one_shape() -> Iterator[None]:
    """All studies padded to the same rows, so that JAX compiles once for all of them."""
    if not HAS_JAX:
        yield
        return
    from jamma.backends import _plan

    before, _plan.ROW_PAD = _plan.ROW_PAD, 320
    yield
    _plan.ROW_PAD = before


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No backend or number of threads from the environment, and no cached choice from an earlier test."""
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    for function in CACHED:
        function.cache_clear()
    yield
    for function in CACHED:
        function.cache_clear()


def environment(**changes: str) -> dict[str, str]:
    """The environment of a process that the tests start."""
    kept = {name: value for name, value in os.environ.items() if name not in CHOICES}
    return kept | changes
