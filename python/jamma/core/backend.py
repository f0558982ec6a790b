"""The choice of the backend.

| `backend=` or `--backend`, else JAMMA_BACKEND | extension | JAX | GPU that JAX can use | backend |
|---|---|---|---|---|
| rust | installed | | | rust |
| rust | missing | | | error: build the extension |
| jax | | installed | | jax |
| jax | | missing | | error: install JAX |
| not given | | installed | available | jax |
| not given | installed | | none | rust |
| not given | missing | installed | none | jax, on the CPU |
| not given | missing | missing | | error: build the extension or install JAX |

JAX is imported to look for a GPU only if a GPU and a JAX plugin for it are both present: the import takes a second, and a
process that only looks must not reserve the GPU's memory.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from ..namesakes import others

if TYPE_CHECKING:
    from ..backends.jax import JaxBackend

Name = Literal["rust", "jax"]

BUILD_HINT = "build it with a Rust toolchain (https://rustup.rs): `pip install .` in a checkout of jamma"
JAX_HINT = "install it with `pip install '.[jax]'` in a checkout of jamma, and jax[cuda12] or jax[cuda13] for a GPU"


class BackendInfo(TypedDict):
    """Which backends are available, which one is selected, and why."""

    selected: Name | None
    rust_available: bool
    jax_available: bool
    gpu_available: bool
    reason: str


@cache
def is_rust_available() -> bool:
    """Whether the extension module `jamma._core` with the Rust engine can be imported.

    Examples
    --------
    >>> is_rust_available()
    True
    """
    try:
        from .. import _core  # noqa: F401
    except ImportError:
        return False
    return True


@cache
def is_jax_available() -> bool:
    """Whether JAX is installed; it is not imported."""
    return find_spec("jax") is not None and find_spec("jaxlib") is not None


@cache
def is_gpu_available() -> bool:
    """Whether JAX can use a GPU of this machine.

    JAX is imported only if a device and JAX's plugin for it are both present and neither JAX_PLATFORMS nor
    CUDA_VISIBLE_DEVICES excludes it.
    """
    if not is_jax_available():
        return False
    platforms = os.environ.get("JAX_PLATFORMS", "")
    if platforms and not any(name in platforms.split(",") for name in ("gpu", "cuda", "rocm")):
        return False
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or not (_has_device() and _has_plugin()):
        return False
    return _jax_sees_gpu()


def _has_device() -> bool:
    """Whether the system has a GPU: its device files, or the GPU driver of Windows Subsystem for Linux."""
    dev = Path("/dev")
    return any(dev.glob("nvidia[0-9]*")) or (dev / "dxg").exists() or (dev / "kfd").exists()


def _has_plugin() -> bool:
    """Whether a JAX plugin for GPUs is installed."""
    names = ("jax_cuda12_plugin", "jax_cuda13_plugin", "jax_rocm60_plugin", "jax_rocm7_plugin")
    if any(find_spec(name) is not None for name in names):
        return True
    from importlib.metadata import entry_points

    return any("cuda" in point.name or "rocm" in point.name for point in entry_points(group="jax_plugins"))


def _jax_sees_gpu() -> bool:
    # By default JAX reserves three quarters of the GPU's memory, too much for a process that only looks.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    try:
        return any(device.platform in ("gpu", "cuda", "rocm") for device in jax.devices())
    except RuntimeError:
        return False


def select_backend(backend: str | None = None) -> tuple[Name, str]:
    """The backend of a run, and the reason for the choice.

    Parameters
    ----------
    backend : {"rust", "jax", "auto"}, optional
        The backend that the caller wants. Default: JAMMA_BACKEND, else the automatic choice, which is also "auto".

    Returns
    -------
    (str, str)
        The name of the backend, "rust" or "jax", and the reason in words.

    Raises
    ------
    ValueError
        If there is no backend of this name.
    RuntimeError
        If the backend cannot run here; the message gives what to install.
    """
    source = f'backend="{backend}"'
    if backend is None:
        backend = os.environ.get("JAMMA_BACKEND") or None
        source = f"JAMMA_BACKEND={backend}"
    if backend is None or backend == "auto":
        return _automatic()
    if backend == "rust":
        if not is_rust_available():
            raise _missing(f"{source}: the Rust extension jamma._core is not built", BUILD_HINT)
        return "rust", f"selected by {source}"
    if backend == "jax":
        if not is_jax_available():
            raise _missing(f"{source}: JAX is not installed", JAX_HINT)
        return "jax", f"selected by {source}"
    raise ValueError(f"{source}: there is no such backend, expected rust or jax")


def _automatic() -> tuple[Name, str]:
    if is_gpu_available():
        return "jax", "JAX can use a GPU"
    if is_rust_available():
        return "rust", "no GPU that JAX can use" if is_jax_available() else "JAX is not installed"
    if is_jax_available():
        return "jax", "the Rust extension is not built: JAX on the CPU, for arrays only"
    raise _missing(
        "neither the Rust extension jamma._core nor JAX is installed",
        f"the extension: {BUILD_HINT}; or JAX, for arrays only: {JAX_HINT}",
    )


def _missing(what: str, hint: str) -> RuntimeError:
    # Another program named jamma in the same environment is a common cause.
    return RuntimeError("; ".join([what, hint, *others()]))


def needs_engine(what: str) -> None:
    """Raise RuntimeError, with the way to build the extension, if it is not installed; `what` is what needs it."""
    if not is_rust_available():
        raise _missing(f"{what} needs the Rust extension jamma._core, which is not built", BUILD_HINT)


@cache
def get_compute_backend() -> Name:
    """The backend of a run that does not name one: JAMMA_BACKEND, else the automatic choice.

    The result is cached; call `get_compute_backend.cache_clear()` after changing the environment.

    Raises
    ------
    ValueError, RuntimeError
        As in :func:`select_backend`.

    Examples
    --------
    >>> get_compute_backend() in ("rust", "jax")
    True
    """
    return select_backend()[0]


def get_backend_info() -> BackendInfo:
    """Which backends are available, and which one a run without `backend` gets and why; never raises.

    Returns
    -------
    BackendInfo
        A dict with "selected" ("rust", "jax" or None), "rust_available", "jax_available", "gpu_available" and "reason".

    Examples
    --------
    >>> info = get_backend_info()
    >>> info["rust_available"], info["selected"] in ("rust", "jax")
    (True, True)
    """
    selected: Name | None
    try:
        selected, reason = select_backend()
    except (RuntimeError, ValueError) as error:
        selected, reason = None, str(error)
    return {
        "selected": selected,
        "rust_available": is_rust_available(),
        "jax_available": is_jax_available(),
        "gpu_available": is_gpu_available(),
        "reason": reason,
    }


def backend_object(name: Name, *, memory: int | None = None) -> JaxBackend | None:
    """The backend `name` as an argument for the Rust pipeline: None for Rust itself.

    Parameters
    ----------
    name : {"rust", "jax"}
    memory : int, optional
        Bytes that the run may use. Default: the free memory.

    Raises
    ------
    RuntimeError
        If JAX cannot be imported.
    """
    if name == "rust":
        return None
    # Blocks of a run are planned by the free memory, which JAX must not reserve in advance.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    try:
        from ..backends.jax import JaxBackend
    except ImportError as error:
        raise _missing(f"the backend jax cannot be imported ({error})", JAX_HINT) from error
    # The run passes the notes of the backend on to the user.
    return JaxBackend(memory=memory, warns=False)
