"""The other program named jamma, `jamma` on PyPI. This package is `jamma-gwas` there, and both are imported as jamma."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

_HERE = os.path.dirname(os.path.abspath(__file__))
# A file that is in every version of this package and not in the other program.
_MARK = "namesakes.py"


def others() -> list[str]:
    """A message for each other package named jamma on sys.path; usually there is none."""
    return [*_in_this_folder(), *(_sentence(folder) for folder in _folders())]


def _in_this_folder() -> Iterator[str]:
    # The two packages share the names of files. pip replaces those of the first by those of the second without a message.
    if version := _version(os.path.dirname(_HERE)):
        yield (
            f"the package jamma{version} is installed in the same environment as this one, jamma-gwas; both have files in "
            f"{_HERE} and replace each other's; uninstall both (`pip uninstall jamma jamma-gwas`), then install one again"
        )


def _folders() -> Iterator[str]:
    seen = {os.path.realpath(_HERE)}
    for entry in sys.path:
        folder = os.path.join(entry or os.getcwd(), "jamma")
        if not os.path.isfile(os.path.join(folder, "__init__.py")) or (real := os.path.realpath(folder)) in seen:
            continue
        seen.add(real)
        if not os.path.isfile(os.path.join(folder, _MARK)):
            yield folder


def _sentence(folder: str) -> str:
    version = _version(os.path.dirname(folder))
    return (
        f"another program named jamma{version} is in {folder}; `import jamma` imports the first one on sys.path, currently "
        f"{_HERE}; keep the two in separate environments"
    )


def _version(place: str) -> str:
    """The version of the package jamma that is installed in a folder, with a leading blank, or nothing."""
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return ""
    # That of this package is jamma_gwas-VERSION.dist-info.
    found = [name for name in names if name.startswith("jamma-") and name.endswith(".dist-info")]
    return " " + found[-1].removeprefix("jamma-").removesuffix(".dist-info") if found else ""
