"""The version, of the extension where it is built, else of the installed package."""

try:
    from ._core import __version__ as __version__
except ImportError:
    from importlib.metadata import PackageNotFoundError, version

    try:
        __version__ = version("jamma")
    except PackageNotFoundError:
        __version__ = "0.0.0"
