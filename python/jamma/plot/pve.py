"""The proportion of variance explained by the kinship: its likelihood profile, and intervals of several null models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .likelihood import HALF_CHI2, Model, Profile
from .runs import Log, Pve, prefix_name
from .style import BAND, COLOURS, FAINT, HIT, LABEL, LINE, TICK, axes, needs_matplotlib, note, styled
from .tables import are_several

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_SIZE = (3.2, 2.5)
_ROW, _BASE = 0.19, 0.75
"""Height of an interval, and of everything else, in inches."""
_DEPTH = 6.0
"""How far below its maximum the log-likelihood is drawn."""


def pve_profile(
    of: Any,
    *,
    phenotype: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how well the proportion of variance explained (PVE) is known.

    With a kinship and a phenotype, the profile of the restricted likelihood with its maximum and 95 % interval. With
    results or logs, the estimates and intervals of all their null models, one below the other: of each trait, and with
    `loco=True` without each chromosome. Logs of GEMMA have no intervals; ± 1.96 standard errors are drawn instead, dashed.

    Parameters
    ----------
    of : kinship, Eigen, LmmResult, path, or several results or paths in a sequence or a mapping of names
        A kinship matrix, shape (n, n), its decomposition, or the path of its file: with `phenotype`. Otherwise results,
        logs or prefixes of runs.
    phenotype : array_like, shape (n,), optional
        The phenotype of the individuals of the kinship, in their order; individuals with NaN are excluded.
    covariates : array_like, shape (n, c), optional
        Covariates; an intercept is added unless a column is constant.
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
        If shapes differ, or a result has no null model.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> axes = jamma.plot.pve_profile(jamma.run_lmm("demo", loco=True))     # the null model of each chromosome
    >>> y = np.loadtxt("demo.fam", usecols=5)
    >>> axes = jamma.plot.pve_profile(jamma.kinship("demo"), phenotype=y)   # the profile of the likelihood
    >>> axes.get_xlabel()
    'Proportion of variance explained (PVE)'
    """
    needs_matplotlib()
    if phenotype is None:
        if covariates is not None:
            raise ValueError("covariates: give the phenotype too, and a kinship")
        estimates = _estimates(of)
        with styled(ax is None):
            drawn = axes(ax, (_SIZE[0], _BASE + _ROW * len(estimates)))
            _draw_intervals(drawn, estimates)
            if title is not None:
                drawn.set_title(title, fontsize=LABEL + 1)
        return drawn
    profile = profile_of(of, phenotype, covariates)
    with styled(ax is None):
        drawn = axes(ax, _SIZE)
        _draw_profile(drawn, profile)
        if title is not None:
            drawn.set_title(title, fontsize=LABEL + 1)
    return drawn


def profile_of(of: Any, phenotype: ArrayLike, covariates: ArrayLike | None = None) -> Profile:
    """The profile of the restricted likelihood; see :func:`pve_profile`."""
    y = np.asarray(phenotype, dtype=np.float64)
    w = None if covariates is None else np.asarray(covariates, dtype=np.float64)
    if y.ndim != 1:
        raise ValueError(f"phenotype: expected shape (n,), found {y.shape}")
    if w is not None and (w.ndim not in (1, 2) or len(w) != len(y)):
        raise ValueError(f"covariates: expected {len(y)} rows, found shape {w.shape}")
    if w is not None:
        w = w.reshape(len(y), -1)
    is_in = np.isfinite(y) & (True if w is None else np.isfinite(w).all(axis=1))
    if n := int((~is_in).sum()):
        note(f"{n} of {len(y)} individuals have no phenotype or a missing covariate and are excluded")
    if hasattr(of, "values") and hasattr(of, "vectors"):
        return _of_eigen(of, y, w, is_in)
    if isinstance(of, (str, os.PathLike)):
        from ..files import read_kinship

        of = read_kinship(of)
    k = np.asarray(of, dtype=np.float64)
    if k.shape != (len(y), len(y)):
        raise ValueError(f"the kinship has shape {k.shape}, but the phenotype {len(y)} individuals")
    return Model.of(k[np.ix_(is_in, is_in)], y[is_in], None if w is None else w[is_in]).profile()


def _of_eigen(of: Any, y: Floats, w: Floats | None, is_in: NDArray[np.bool_]) -> Profile:
    d, u = np.asarray(of.values, dtype=np.float64), np.asarray(of.vectors, dtype=np.float64)
    y, w = y[is_in], None if w is None else w[is_in]
    if u.shape != (len(y), len(y)):
        raise ValueError(
            f"the decomposition has {len(u)} individuals, but {len(y)} are analysed; give the kinship instead"
        )
    if of.is_centred is False:
        raise ValueError("the decomposition is of a kinship that was not centred; use eigendecompose(K, centre=True)")
    columns = np.ones((len(y), 1)) if w is None else w
    if not np.any(np.ptp(columns, axis=0) == 0):
        columns = np.column_stack([columns, np.ones(len(y))])
    return Model.of_eigen(d, u, y, columns).profile()


@dataclass(frozen=True)
class _Estimate:
    name: str
    pve: Pve


def _estimates(of: Any) -> list[_Estimate]:
    if isinstance(of, Mapping):
        named = [(str(name), one) for name, one in of.items()]
    elif are_several(of):
        named = [
            (prefix_name(one) if isinstance(one, (str, os.PathLike)) else str(k + 1), one) for k, one in enumerate(of)
        ]
    else:
        named = [("", of)]
    found = [
        _Estimate(" ".join(part for part in (name, inner) if part), pve)
        for name, one in named
        for inner, pve in (_of_log(one) if isinstance(one, (str, os.PathLike)) else _of_result(one))
    ]
    if not found:
        raise ValueError(
            "there is no null model; give the result or log of a linear mixed model, or a kinship and a phenotype"
        )
    return found


def _of_result(result: Any) -> list[tuple[str, Pve]]:
    report = getattr(result, "report", None)
    if report is None:
        raise ValueError("a kinship or its decomposition needs phenotype=")
    found = []
    for name, one in (report.traits or {"": report}).items():
        if one.null is not None:
            found.append((name, _pve(one.null)))
        for chromosome, part in one.chromosomes.items():
            if part.null is not None:
                found.append((_without(name, chromosome), _pve(part.null)))
    return found


def _pve(null: Any) -> Pve:
    return Pve(float(null.pve), float(null.pve_se), null.pve_interval)


def _without(name: str, chromosome: str) -> str:
    return f"{name} without {chromosome}" if name else f"without {chromosome}"


def _of_log(given: str | os.PathLike[str]) -> list[tuple[str, Pve]]:
    log = Log.read(log_path(given))
    found = []
    for name, facts in log.traits.items():
        if (pve := facts.pve()) is not None:
            found.append((name, pve))
        found += [(_without(name, chromosome), pve) for chromosome, pve in facts.chromosomes().items()]
    if not found:
        raise ValueError(f"{os.fspath(given)}: the log has no null model")
    return found


def log_path(given: str | os.PathLike[str]) -> Path:
    """The log of a file or prefix.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    name = os.fspath(given)
    stems = [name] if name.endswith(".log.txt") else [f"{name}.log.txt", os.path.join("output", f"{name}.log.txt")]
    if not name.endswith(".log.txt") and name.endswith((".txt", ".gz")):
        from .runs import log_of

        if found := log_of(Path(name)):
            return found
    for stem in stems:
        if Path(stem).is_file():
            return Path(stem)
    raise FileNotFoundError(f"{name}: no such log, and no {stems[0]}")


def _draw_profile(drawn: Axes, profile: Profile) -> None:
    x, y = profile.pve, profile.log_likelihood - profile.highest
    low, high = profile.interval
    is_in = (x >= low) & (x <= high)
    inner = np.concatenate([[low], x[is_in], [high]])
    drawn.fill_between(inner, -_DEPTH, np.interp(inner, x, y), color=BAND, linewidth=0, zorder=0)
    drawn.plot(x, y, color=COLOURS[0], linewidth=1.0, zorder=2)
    drawn.axhline(-HALF_CHI2, color=FAINT, linewidth=LINE, linestyle=":", zorder=1)
    drawn.plot([profile.estimate] * 2, [-_DEPTH, 0.0], color=HIT, linewidth=LINE, linestyle="--", zorder=1)
    drawn.plot([profile.estimate], [0.0], marker="o", markersize=3, color=HIT, zorder=3)
    drawn.set_ylim(-_DEPTH, 0.7)
    # The part of the axis in which the likelihood is visible, at least as wide as the interval.
    visible = x[y >= -_DEPTH]
    margin = 0.05 * max(float(np.ptp(visible)), 0.02)
    drawn.set_xlim(max(0.0, visible.min() - margin), min(1.0, visible.max() + margin))
    drawn.set_xlabel("Proportion of variance explained (PVE)", fontsize=LABEL)
    drawn.set_ylabel("Restricted log-likelihood − maximum", fontsize=LABEL)
    text = f"PVE {profile.estimate:.3f}\n95 % {_interval(profile.interval)}"
    is_left = profile.estimate > sum(drawn.get_xlim()) / 2
    drawn.text(
        0.03 if is_left else 0.97,
        0.97,
        text,
        transform=drawn.transAxes,
        ha="left" if is_left else "right",
        va="top",
        fontsize=TICK,
    )
    for which, end in zip(("lower", "upper"), profile.is_open, strict=True):
        if end:
            note(f"the {which} end of the interval is that of the range of lambda; values beyond may be compatible too")


def _interval(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"


def _draw_intervals(drawn: Axes, estimates: list[_Estimate]) -> None:
    n_without = 0
    for k, one in enumerate(estimates):
        pve, interval = one.pve.pve, one.pve.interval
        style: Any = "-"
        if interval is None:
            n_without += 1
            half = 1.96 * one.pve.se
            interval, style = (max(pve - half, 0.0), min(pve + half, 1.0)), (0, (2, 1.2))
        if np.isfinite(interval).all():
            drawn.plot(
                interval, [k, k], color=COLOURS[1], linewidth=1.4, linestyle=style, solid_capstyle="butt", zorder=1
            )
        drawn.plot([pve], [k], marker="o", markersize=3.2, color=COLOURS[0], zorder=2)
    drawn.set_ylim(len(estimates) - 0.4, -0.6)
    drawn.set_xlim(0, 1)
    drawn.set_yticks(range(len(estimates)), [one.name for one in estimates], fontsize=TICK)
    drawn.tick_params(axis="y", length=0)
    if estimates and not any(one.name for one in estimates):
        drawn.set_yticks([])
    drawn.spines["left"].set_visible(False)
    which = "95 % interval" if n_without < len(estimates) else "± 1.96 se"
    drawn.set_xlabel(f"PVE ({which})", fontsize=LABEL)
    if 0 < n_without < len(estimates):
        note(
            f"{n_without} of {len(estimates)} null models have no profile-likelihood interval; ± 1.96 se is drawn, dashed"
        )
