"""The version, of the extension if it is built, else of the installed package."""

try:
    from ._core import __version__ as __version__
except ImportError:
    from importlib.metadata import distributions

    # Another program of this name is on PyPI.
    _ours = [one.version for one in distributions(name="jamma") if "PLINK in" in (one.metadata["Summary"] or "")]
    __version__ = _ours[0] if _ours else "0.0.0"
