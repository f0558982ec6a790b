"""The version: that of the extension if it is built, else that of the installed package."""

try:
    from ._core import __version__ as __version__
except ImportError:
    from importlib.metadata import distributions

    # PyPI has another program of this name.
    _ours = [one.version for one in distributions(name="jamma") if "PLINK in" in (one.metadata["Summary"] or "")]
    __version__ = _ours[0] if _ours else "0.0.0"
