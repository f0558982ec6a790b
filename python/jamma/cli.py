"""The command `jamma`: the Rust command line in this process, with a choice of backends, and the figures."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from .core.backend import BUILD_HINT, backend_object, get_backend_info, is_rust_available, select_backend
from .version import __version__

if TYPE_CHECKING:
    from .backends.jax import JaxBackend
    from .cluster import DaskRun


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; those of this process if not given.

    Returns
    -------
    int
        Exit status: 0 success, 1 the run failed, 2 wrong command line, 128 plus the number of the signal that ended the
        run (130 after Ctrl-C).
    """
    words = ["jamma", *(sys.argv[1:] if argv is None else argv)]
    if words[1:2] == ["plot"] or (words[1:2] in (["help"], ["--help"]) and words[2:3] == ["plot"]):
        # Figures need no engine. The module is imported only now, because `jamma --version` is to be fast.
        from .plot.command import run

        return run(words[1:])
    if not is_rust_available():
        return _without_engine(words)
    from . import _core

    sys.stdout.flush()
    sys.stderr.flush()
    clusters: list[DaskRun] = []

    def cluster(address: str, words: list[str]) -> DaskRun:
        from .cluster import of_command

        clusters.append(of_command(address, words))
        return clusters[-1]

    try:
        return _core.main(words, _choose, _selected, cluster)
    finally:
        for one in clusters:
            one.close()


def console() -> NoReturn:
    """Run the command line of this process and exit with its status."""
    # A terminated run must not leave partial output either. Ignored signals (SIGHUP under nohup) stay ignored.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)
    try:
        code = main()
    except KeyboardInterrupt as raised:
        code = 128 + (raised.args[0] if raised.args else signal.SIGINT)
    sys.exit(code)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(number)


def _choose(asked: str | None, memory: int | None) -> JaxBackend | None:
    name, _ = select_backend(asked)
    return backend_object(name, memory=memory)


def _selected() -> str:
    return get_backend_info()["selected"] or "none"


def _without_engine(words: list[str]) -> int:
    if words[1:] in (["--version"], ["-version"], ["-v"], ["-V"], ["version"]):
        info = get_backend_info()
        print(f"jamma {__version__}\nBackend: {info['selected'] or 'none'}, Rust available: False\n{info['reason']}")
        return 0
    print(
        f"error: the command line needs the Rust extension jamma._core, which is not built\n  hint: {BUILD_HINT}",
        file=sys.stderr,
    )
    return 1
