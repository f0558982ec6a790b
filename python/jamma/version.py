"""The version: that of the extension if it is built, else that of the installed distribution, `jamma-gwas`."""

try:
    from ._core import __version__ as __version__
except ImportError:
    from importlib.metadata import PackageNotFoundError, version

    try:
        __version__ = version("jamma-gwas")
    except PackageNotFoundError:
        __version__ = "0.0.0"
