"""Heatmaps of kinship matrices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .style import LABEL, LINE, axes, dressed, needs_matplotlib, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Order = Literal["eigenvector", "cluster", "given"]

MOST_CELLS = 250
"""Larger matrices are drawn as means of blocks, at most this many per side."""
_SIZE = (3.6, 3.0)
_QUANTILE = 0.995
"""The colours end at this quantile of the absolute value of the off-diagonal entries."""
_STEPS, _TOLERANCE = 500, 1e-8
_MOST_CLUSTERED = 5000
_COLOURS = ("#16365c", "#2f6ea5", "#8cb8dc", "#f7f7f7", "#eaa98c", "#c8361d", "#6e1409")


def kinship_heatmap(
    kinship: ArrayLike | str | os.PathLike[str],
    *,
    order: Order | ArrayLike = "eigenvector",
    limit: float | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a kinship matrix as a heatmap; 0, the mean relatedness of a centred kinship, is white.

    A matrix of more than 250 individuals is drawn as means of blocks of neighbours.

    Parameters
    ----------
    kinship : array_like, shape (n, n), or path
        The matrix, or its file (as of :func:`~jamma.read_kinship`).
    order : {"eigenvector", "cluster", "given"} or permutation, shape (n,)
        Order of the individuals: by the first eigenvector of the centred matrix; by hierarchical clustering (needs SciPy,
        at most 5,000 individuals), which shows families; as given; or as in `order`.
    limit : float, optional
        The value at which the colours end, on both sides. Default: the 99.5 % quantile of the absolute off-diagonal
        entries that are drawn; the diagonal is usually beyond it.
    title : str, optional
        Title of the plot.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on. Default: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the plot.

    Raises
    ------
    OSError
        If a file cannot be read.
    ValueError
        If the matrix is not square or not finite, or the order is not one of its individuals.
    ImportError
        If matplotlib is not installed, or SciPy for "cluster".

    Examples
    --------
    >>> axes = jamma.plot.kinship_heatmap(jamma.kinship("demo"), title="demo")
    >>> axes.get_title()
    'demo'
    """
    needs_matplotlib()
    k = _matrix(kinship)
    rows = _order(k, order)
    drawn, size = blocks(k[np.ix_(rows, rows)])
    end = _limit(drawn) if limit is None else float(limit)
    if not end > 0:
        raise ValueError(f"limit: expected a positive number, found {limit}")
    n = len(rows)
    with styled(ax is None):
        from matplotlib.colors import LinearSegmentedColormap

        found = axes(ax, _SIZE)
        if ax is None:
            # The layout for axes of a fixed shape.
            _root(found).set_layout_engine("compressed")
        colours = LinearSegmentedColormap.from_list("kinship", _COLOURS)
        image = found.imshow(
            drawn, cmap=colours, vmin=-end, vmax=end, interpolation="nearest", extent=(0.5, n + 0.5, n + 0.5, 0.5)
        )
        is_beyond = bool(np.abs(drawn).max() > end)
        bar = _root(found).colorbar(image, ax=found, fraction=0.05, pad=0.03, extend="both" if is_beyond else "neither")
        bar.outline.set_linewidth(LINE)
        dressed(bar.ax)
        bar.ax.set_ylabel("Kinship", fontsize=LABEL)
        for spine in found.spines.values():
            spine.set_visible(True)
        found.tick_params(length=0)
        _ticks(found, n)
        found.set_xlabel(_label(n, size, order), fontsize=LABEL)
        if title is not None:
            found.set_title(title, fontsize=LABEL + 1)
    return found


def _label(n: int, size: int, order: Any) -> str:
    """What the rows are."""
    orders = {"eigenvector": " by the first eigenvector", "cluster": ", clustered"}
    of_order = orders.get(order, "") if isinstance(order, str) else ""
    means = f" (means of {size} × {size})" if size > 1 else ""
    return f"{n:,} individuals{of_order}{means}"


def _root(found: Axes) -> Any:
    return found.figure


def _ticks(found: Axes, n: int) -> None:
    from matplotlib.ticker import MaxNLocator

    for axis in (found.xaxis, found.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
    found.set_xlim(0.5, n + 0.5)
    found.set_ylim(n + 0.5, 0.5)


def _matrix(kinship: Any) -> Floats:
    if isinstance(kinship, (str, os.PathLike)):
        from ..files import read_kinship

        kinship = read_kinship(kinship)
    k = np.asarray(kinship, dtype=np.float64)
    if k.ndim != 2 or k.shape[0] != k.shape[1] or not len(k):
        raise ValueError(f"the kinship matrix has shape {k.shape}, expected a square matrix")
    if not np.isfinite(k).all():
        raise ValueError("the kinship matrix has an entry that is not a finite number")
    return k


def _limit(k: Floats) -> float:
    if len(k) < 2:
        return max(float(np.abs(k).max()), 1e-12)
    off = np.abs(k[~np.eye(len(k), dtype=bool)])
    at = min(int(_QUANTILE * len(off)), len(off) - 1)
    return max(float(np.partition(off, at)[at]), 1e-12)


def _order(k: Floats, order: Any) -> NDArray[np.intp]:
    n = len(k)
    if isinstance(order, str):
        if order == "given":
            return np.arange(n)
        if order == "eigenvector":
            return np.argsort(first_eigenvector(k), kind="stable")
        if order == "cluster":
            return _clustered(k)
        raise ValueError(f"order: expected 'eigenvector', 'cluster', 'given' or a permutation, found {order!r}")
    rows = np.asarray(order)
    if rows.shape != (n,) or not np.array_equal(np.sort(rows), np.arange(n)):
        raise ValueError(f"order: expected each of the numbers 0 to {n - 1} once")
    return rows.astype(np.intp)


def first_eigenvector(k: Floats) -> Floats:
    """The eigenvector of the largest eigenvalue of the centred matrix, by power iteration from a fixed start.

    Its first entry that is not 0 is positive, so that the order is always the same.
    """
    n = len(k)
    means = k.mean(axis=1)
    v = np.random.default_rng(1).normal(size=n)
    v -= v.mean()
    before = 0.0
    for _ in range(_STEPS):
        # The centred matrix is not formed: (I - J) K (I - J) v.
        v = k @ v - means * v.sum()
        v -= v.mean()
        norm = float(np.linalg.norm(v))
        if norm == 0.0:
            return np.arange(n, dtype=np.float64)
        v /= norm
        if abs(norm - before) <= _TOLERANCE * norm:
            break
        before = norm
    first = v[np.argmax(np.abs(v) > 1e-12 * np.abs(v).max())]
    return v if first >= 0 else -v


def _clustered(k: Floats) -> NDArray[np.intp]:
    if len(k) > _MOST_CLUSTERED:
        raise ValueError(f"order: 'cluster' is for at most {_MOST_CLUSTERED} individuals, there are {len(k)}")
    try:
        from scipy.cluster.hierarchy import average, leaves_list, optimal_leaf_ordering
        from scipy.spatial.distance import squareform
    except ImportError as error:
        raise ImportError("order='cluster' needs SciPy: pip install scipy") from error
    if len(k) < 3:
        return np.arange(len(k))
    diagonal = np.diag(k)
    # The squared distance of genotypes, up to the unit of the kinship.
    distances = np.maximum(diagonal[:, None] + diagonal[None, :] - 2 * k, 0.0)
    distances = (distances + distances.T) / 2
    np.fill_diagonal(distances, 0.0)
    condensed = squareform(distances, checks=False)
    tree = average(condensed)
    if len(k) <= 1000:
        tree = optimal_leaf_ordering(tree, condensed)
    return np.asarray(leaves_list(tree), dtype=np.intp)


def blocks(k: Floats) -> tuple[Floats, int]:
    """The matrix, or the means of blocks of it, at most 250 per side; and how many individuals a block has.

    Blocks on the diagonal are means without the diagonal, which would otherwise be hidden or hide its neighbours.
    """
    n = len(k)
    size = -(-n // MOST_CELLS)
    if size == 1:
        return k, 1
    starts = np.arange(0, n, size)
    counts = np.diff(np.append(starts, n))
    without = k.copy()
    np.fill_diagonal(without, 0.0)
    sums = np.add.reduceat(np.add.reduceat(without, starts, axis=0), starts, axis=1)
    pairs = np.outer(counts, counts).astype(np.float64)
    pairs[np.diag_indices(len(counts))] -= counts
    is_single = pairs == 0
    means = np.where(is_single, 0.0, sums / np.where(is_single, 1.0, pairs))
    if is_single.any():
        means[is_single] = k[-1, -1]
    return means, size
