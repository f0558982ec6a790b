"""Colours, sizes and fonts of the figures, and the figures that write themselves with publication defaults."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..notes import warn

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#27496d", "#5b8fc7")
"""Colours of odd and even chromosomes."""
HIT = "#c8361d"
"""Colour of SNPs beyond the threshold, and of its line."""
SUGGESTIVE_LINE = "#8a6d00"
"""Colour of the suggestive line."""
HIGHLIGHT = "#f0b429"
"""Colour of highlighted SNPs."""
BAND = "#dfe5ec"
"""Colour of confidence bands."""
R2 = ("#9fb3c8", "#4f9bd9", "#1f7a8c", "#e0a100", "#c8361d")
"""Colours of r² in steps of 0.2; an edge belongs to the class above it. They differ for all kinds of colour vision."""
LEAD = "#5b2a86"
"""Colour of the lead SNP of a region."""
INK = "#1d2530"
"""Colour of text and axes."""
FAINT = "#7d8597"
"""Colour of lines that guide the eye."""
TRAITS = ("#27496d", "#c8361d", "#e0a100", "#1f7a8c", "#5b2a86", "#5b8fc7", "#7d8597", "#8a6d00")
"""Colours of traits that share axes."""

DPI = 450
"""Resolution of points inside PDF and SVG files, and of PNG files."""
TICK, LABEL, SMALL = 7.0, 8.0, 5.8
"""Sizes of tick labels, of axis titles, and of the names of loci and genes, in points."""
LINE = 0.6
"""Width of axes and lines in points."""
POINT, POINT_HIT = 1.6, 3.0
"""Areas of points in pt²."""
FORMATS = ("png", "svg", "pdf")
"""The formats of :func:`save`."""

_RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],
    "font.size": TICK,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": LINE,
    "axes.labelsize": LABEL,
    "axes.titlesize": LABEL,
    "legend.fontsize": TICK - 0.5,
    "mathtext.fontset": "custom",
    "mathtext.rm": "sans",
    "mathtext.it": "sans:italic",
    "mathtext.bf": "sans:bold",
    "mathtext.cal": "sans",
}
# Text stays text: editable, searchable, and in the fonts of the document.
_RC_OF_FILES: Any = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "none"}


@contextmanager
def styled(is_own: bool = True) -> Iterator[None]:
    """The defaults of the figures; those of the user are restored afterwards.

    Parameters
    ----------
    is_own : bool
        Whether the figure is one of ours. One of the user keeps its fonts.
    """
    import matplotlib

    # Of the fonts only those that are installed: matplotlib would warn about each of the others.
    settings: Any = {**_RC, "font.sans-serif": _installed(_RC["font.sans-serif"])}
    if not is_own:
        settings = {name: value for name, value in settings.items() if not name.startswith(("font.", "mathtext."))}
    with matplotlib.rc_context(settings):
        yield


def _installed(names: list[str]) -> list[str]:
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in names if name in known] or ["DejaVu Sans"]


def needs_matplotlib() -> None:
    """Raise the error of a missing matplotlib.

    Raises
    ------
    ImportError
        If matplotlib is not installed; the message gives the command that installs it.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "figures need matplotlib: `pip install matplotlib`, or `pip install '.[plot]'` in a checkout of jamma"
        ) from error


def figure(size: tuple[float, float]) -> Figure:
    """A new figure of this size in inches, whose `savefig` has the defaults of :func:`save`."""
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size, dpi=150, layout="constrained", FigureClass=_figure_class())


def _figure_class() -> Any:
    global PublicationFigure
    if PublicationFigure is None:
        from matplotlib import figure as of_matplotlib

        class _PublicationFigure(of_matplotlib.Figure):
            """A figure whose files have editable text and points of 450 dpi unless the caller wants something else."""

            def draw(self, renderer: Any) -> None:
                # matplotlib looks fonts up when it draws, not when it makes the text.
                with styled():
                    super().draw(renderer)

            def savefig(self, fname: Any, **options: Any) -> None:
                import matplotlib

                with matplotlib.rc_context(_RC_OF_FILES):
                    super().savefig(fname, **{"dpi": DPI, **options})

        _PublicationFigure.__name__ = _PublicationFigure.__qualname__ = "PublicationFigure"
        PublicationFigure = _PublicationFigure
    return PublicationFigure


PublicationFigure: Any = None
"""The class of new figures; it exists after the first figure, because matplotlib is imported only then."""


def axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """`ax`, or the axes of a new figure of this size in inches, in the style of the figures."""
    return dressed(figure(size).add_subplot() if ax is None else ax)


def dressed(ax: Axes) -> Axes:
    """The axes without the frame at the top and right, with thin lines and small ticks."""
    ax.spines[["top", "right"]].set_visible(False)
    for spine in ax.spines.values():
        spine.set_linewidth(LINE)
        spine.set_color(INK)
    ax.tick_params(width=LINE, length=2.5, labelsize=TICK, color=INK, labelcolor=INK, pad=2)
    return ax


def save(of: Axes | Figure | Any, path: str | os.PathLike[str], *, dpi: float = DPI) -> Path:
    """Write the figure of `of` as PNG, SVG or PDF, with editable text and the same bytes each time.

    Parameters
    ----------
    of : Axes, list of Axes, or Figure
        What a function of this module returned.
    path : path
        The file; its extension, .png, .svg or .pdf, determines the format.
    dpi : float
        Dots per inch of a PNG file, and of the points in the other formats.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If the extension is not that of a format.

    Examples
    --------
    >>> axes = jamma.plot.qq(jamma.run_lmm("demo"))
    >>> jamma.plot.save(axes, "qq.pdf").name
    'qq.pdf'
    """
    import matplotlib

    target = Path(path)
    kind = format_of(target)
    check_directory(target)
    first = of[0] if isinstance(of, (list, tuple)) else of
    found: Any = getattr(first, "figure", None) or first
    # A figure of the same data has the same bytes, so files can be compared and cached.
    without_date = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}}[kind]
    settings: Any = {**_RC_OF_FILES, "svg.hashsalt": "jamma"}
    # The file appears only when it is complete.
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with matplotlib.rc_context(settings):
            found.savefig(partial, format=kind, dpi=dpi, metadata=without_date)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def format_of(path: Path) -> str:
    """The format that the extension of `path` names.

    Raises
    ------
    ValueError
        If it is none of png, svg and pdf.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ValueError(f"{path}: the extension must be .png, .svg or .pdf, which determines the format")
    return kind


def check_directory(path: Path) -> None:
    """Raise a FileNotFoundError if there is no directory for the file."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no directory {path.parent}")


def note(text: str) -> None:
    """Tell the user what a figure does not show, as a :class:`~jamma.JammaWarning`."""
    warn([text])
