"""Simulated tables for the tests of figures; nothing here needs the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl


def study(n_per_chromosome: int = 300, seed: int = 1, peaks: tuple[tuple[str, float, float], ...] = ()) -> pl.DataFrame:
    """Uniform p-values on chromosomes 1 to 5 and X; each of `peaks` is a chromosome, a position in Mb and a -log10 p."""
    rng = np.random.default_rng(seed)
    names = ["1", "2", "3", "4", "5", "X"]
    chromosomes = np.repeat(names, n_per_chromosome)
    ps = np.concatenate([np.sort(rng.integers(1, 100_000_000, n_per_chromosome)) for _ in names])
    heights = -np.log10(rng.random(len(ps)))
    for chromosome, at, height in peaks:
        distance = np.abs(ps / 1e6 - at)
        is_near = (chromosomes == chromosome) & (distance < 4)
        bump = height * (1 - distance / 4)
        heights = np.where(is_near, np.maximum(heights, bump), heights)
        lead = np.flatnonzero(chromosomes == chromosome)[np.argmin(distance[chromosomes == chromosome])]
        heights[lead] = height
    af = rng.uniform(0.05, 0.95, len(ps))
    se = 0.1 / np.sqrt(2 * af * (1 - af))
    sign = np.where(rng.random(len(ps)) < 0.5, -1.0, 1.0)
    return pl.DataFrame(
        {
            "chr": chromosomes,
            "rs": [f"rs{k}" for k in range(len(ps))],
            "ps": ps,
            "n_miss": np.zeros(len(ps), np.int64),
            "allele1": np.where(rng.random(len(ps)) < 0.5, "A", "C"),
            "allele0": "G",
            "af": af,
            "beta": sign * se * np.sqrt(2 * heights),
            "se": se,
            "p_wald": 10.0**-heights,
        }
    )


PEAKS = (("2", 40.0, 12.0), ("4", 80.0, 8.5))


def offsets(axes: Any) -> Any:
    """The coordinates of all points of the axes, shape (m, 2)."""
    found = [np.asarray(c.get_offsets()) for c in axes.collections if len(c.get_offsets())]
    return np.concatenate(found)
