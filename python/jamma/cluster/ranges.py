"""The division of SNPs into tasks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, TypeAlias

Range: TypeAlias = tuple[int, int]

#: Tasks of tests for each worker, at least: a slow worker delays the end by a fraction of its share.
TESTS_PER_WORKER = 8
#: Smallest and largest number of SNPs of a task of tests. A small one spends its time on sending, a large one on waiting.
FEWEST_SNPS, MOST_SNPS = 4096, 65536
#: Largest number of SNPs of a task of the kinship, so that workers that join later find work. Its result is a sum of
#: n x n numbers, which takes about as long to send as so many SNPs take to compute on a dozen threads.
MOST_KINSHIP_SNPS = 1 << 18
#: Largest size of the results of a task, in bytes.
LARGEST_RESULT = 1 << 26
#: About the bytes of a row of results, and of its columns for each trait.
ROW_BYTES, TRAIT_BYTES = 64, 96


def of_kinship(chromosome: Sequence[Range], chunk: int, n_tasks: int) -> list[Range]:
    """Divides the SNPs of a unit into about `n_tasks` ranges that begin at multiples of `chunk`, or with the unit.

    Examples
    --------
    >>> of_kinship([(0, 5000)], 1024, 2)
    [(0, 3072), (3072, 5000)]
    >>> of_kinship([(100, 300), (5000, 5001)], 1024, 1)
    [(100, 300), (5000, 5001)]
    """
    total = sum(end - start for start, end in chromosome)
    size = -(-total // max(n_tasks, 1))
    size = max(-(-size // chunk), 1) * chunk
    ranges = []
    for start, end in chromosome:
        while start < end:
            # The next multiple of `chunk` after about `size` SNPs.
            stop = min((start + size + chunk - 1) // chunk * chunk, end)
            ranges.append((start, stop))
            start = stop
    return ranges


def of_tests(chromosome: Sequence[Range], total: int, n_workers: int, n_traits: int) -> list[Range]:
    """Divides the SNPs of a unit, of `total` SNPs of the run, into the ranges of tasks of tests.

    Examples
    --------
    >>> of_tests([(0, 10000)], 10000, 1, 1)
    [(0, 5000), (5000, 10000)]
    """
    by_result = max(LARGEST_RESULT // (ROW_BYTES + TRAIT_BYTES * n_traits), 256)
    size = total // max(n_workers * TESTS_PER_WORKER, 1)
    size = min(max(size, FEWEST_SNPS), MOST_SNPS, by_result)
    ranges: list[Range] = []
    for start, end in chromosome:
        n_tasks = max(round((end - start) / size), 1)
        bounds = [start + (end - start) * task // n_tasks for task in range(n_tasks + 1)]
        ranges.extend(itertools.pairwise(bounds))
    return [(start, end) for start, end in ranges if start < end]


def units_of(outline: dict[str, Any]) -> list[list[Range]]:
    """The SNPs of every unit of a run."""
    return [[(start, end) for start, end in unit["chromosome"]] for unit in outline["units"]]
