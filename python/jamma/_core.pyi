from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from .options import Options

__all__ = [
    "Run",
    "Study",
    "Worker",
    "__version__",
    "constants",
    "eigendecompose",
    "individuals",
    "kernels",
    "main",
    "merge_kinships",
    "read_eigen",
    "read_kinship",
    "report",
    "threads",
    "write_eigen",
    "write_kinship",
]

__version__: str

@final
class Run:
    def __new__(
        cls,
        command: Literal["gk", "lmm", "lm"],
        options: Options,
        *,
        call: str,
        write: bool,
        blocks: bool = False,
        backend: Callable[[], object | None] | None = None,
        is_chosen: bool = False,
        terminal: bool = False,
        progress: Callable[[str, float | None], object] | None = None,
        elsewhere: object | None = None,
        **of_call: Any,
    ) -> Run: ...
    def next_block(self) -> dict[str, Any] | None: ...
    def finish(self) -> dict[str, Any]: ...
    def cancel(self) -> None: ...

@final
class Worker:
    def __new__(
        cls,
        *,
        directory: str | PathLike[str],
        run: str,
        worker: str,
        threads: int | None = None,
        memory: int | None = None,
        backend: Callable[[str | None], object | None] | None = None,
        command: str | None = None,
        options: Options | None = None,
        words: Sequence[str] | None = None,
        **of_call: Any,
    ) -> Worker: ...
    def cancel(self) -> None: ...
    def outline(self) -> dict[str, Any]: ...
    def difference(self, identity: bytes) -> tuple[str, str, str] | None: ...
    def kinship(self, group: int, start: int, end: int) -> bytes: ...
    def unit(self, group: int, unit: int, sum: bytes | None = None, left_out: bytes | None = None) -> bytes: ...
    def tests(self, unit: bytes, start: int, end: int) -> bytes: ...

@final
class Study:
    def __new__(cls, individuals: Sequence[tuple[str, str]]) -> Study: ...
    def add(self, block: NDArray[np.float64], first: int) -> bool: ...
    def read_dosages(self, read: Callable[[int, int], NDArray[np.float64]], n_snps: int) -> None: ...
    def name_snps(
        self,
        chr: Sequence[str],
        rs: Sequence[str],
        ps: Sequence[int],
        allele1: Sequence[str],
        allele0: Sequence[str],
    ) -> None: ...
    @property
    def has_dosages(self) -> bool: ...

def main(
    args: Sequence[str],
    choose: Callable[[str | None, int | None], object | None],
    selected: Callable[[], str],
    cluster: Callable[[str, list[str]], object],
) -> int: ...
def merge_kinships(parts: Sequence[bytes], flat: bool = False) -> bytes: ...
def constants() -> dict[str, float]: ...
def report(
    prefixes: Sequence[str | PathLike[str]],
    options: dict[str, Any],
    out: str | PathLike[str] | None = None,
) -> str | PathLike[str]: ...
def kernels() -> str: ...
def threads() -> int: ...
def individuals(
    command: Literal["gk", "lmm", "lm"], options: Mapping[str, object]
) -> tuple[int, list[tuple[str, str]] | None]: ...
def eigendecompose(
    kinship: NDArray[np.float64], *, centre: bool, threads: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def read_kinship(
    path: str | PathLike[str], fam: str | PathLike[str] | None = None
) -> tuple[NDArray[np.float64], list[tuple[str, str]] | None]: ...
def read_eigen(
    values: str | PathLike[str], vectors: str | PathLike[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[tuple[str, str]] | None]: ...
def write_eigen(
    directory: str | PathLike[str],
    prefix: str,
    values: NDArray[np.float64],
    vectors: NDArray[np.float64],
    *,
    individuals: Sequence[tuple[str, str]] | None = None,
    npy: bool = False,
    gz: bool = False,
) -> tuple[Path, Path]: ...
def write_kinship(
    path: str | PathLike[str], kinship: NDArray[np.float64], individuals: Sequence[tuple[str, str]] | None = None
) -> None: ...
