"""Which backend computes: every row of the table in jamma.core.backend, with stubs for the parts of a machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

import jamma
from conftest import DATA, HAS_JAX, environment
from jamma.core import backend as selection
from jamma.core import get_backend_info, is_rust_available


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A machine with or without the extension, JAX and a GPU."""

    def have(*, rust: bool, jax: bool, gpu: bool) -> None:
        monkeypatch.setattr(selection, "is_rust_available", lambda: rust)
        monkeypatch.setattr(selection, "is_jax_available", lambda: jax)
        monkeypatch.setattr(selection, "is_gpu_available", lambda: gpu)
        selection.get_compute_backend.cache_clear()

    return have


@pytest.mark.parametrize(
    ("rust", "jax", "gpu", "asked", "selected"),
    [
        (True, True, True, None, "jax"),
        (True, True, False, None, "rust"),
        (True, False, False, None, "rust"),
        (False, True, True, None, "jax"),
        (False, True, False, None, "jax"),
        (True, True, True, "rust", "rust"),
        (True, True, False, "rust", "rust"),
        (True, False, False, "rust", "rust"),
        (True, True, False, "jax", "jax"),
        (True, True, True, "jax", "jax"),
        (False, True, False, "jax", "jax"),
    ],
)
@pytest.mark.parametrize("how", ["variable", "argument"])
def test_the_backend_of_every_machine(
    machine,
    monkeypatch: pytest.MonkeyPatch,
    rust: bool,
    jax: bool,
    gpu: bool,
    asked: str | None,
    selected: str,
    how: str,
) -> None:
    machine(rust=rust, jax=jax, gpu=gpu)
    if how == "variable" and asked:
        monkeypatch.setenv("JAMMA_BACKEND", asked)
        assert selection.get_compute_backend() == selected
        info = get_backend_info()
        assert info["selected"] == selected
        assert (info["rust_available"], info["jax_available"], info["gpu_available"]) == (rust, jax, gpu)
        assert "JAMMA_BACKEND" in info["reason"]
    else:
        # An argument takes precedence over the variable.
        if asked:
            monkeypatch.setenv("JAMMA_BACKEND", "jax" if asked == "rust" else "rust")
        assert selection.select_backend(asked)[0] == selected


@pytest.mark.parametrize(
    ("rust", "jax", "asked", "message"),
    [
        (False, True, "rust", "the Rust extension jamma._core is not built; build it"),
        (True, False, "jax", r"JAX is not installed; install it with `pip install '\.\[jax\]'` in a checkout"),
        (False, False, None, "neither the Rust extension jamma._core nor JAX"),
    ],
)
def test_an_impossible_choice_says_what_to_install(
    machine, monkeypatch: pytest.MonkeyPatch, rust: bool, jax: bool, asked: str | None, message: str
) -> None:
    machine(rust=rust, jax=jax, gpu=False)
    with pytest.raises(RuntimeError, match=message):
        selection.select_backend(asked)
    if asked:
        monkeypatch.setenv("JAMMA_BACKEND", asked)
    with pytest.raises(RuntimeError, match=message):
        selection.get_compute_backend()
    info = get_backend_info()
    assert info["selected"] is None
    assert "install" in info["reason"]


def test_a_backend_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match='backend="gpu": there is no such backend'):
        selection.select_backend("gpu")
    monkeypatch.setenv("JAMMA_BACKEND", "cuda")
    with pytest.raises(ValueError, match="JAMMA_BACKEND=cuda: there is no such backend"):
        jamma.run_lmm(DATA / "demo")
    assert get_backend_info()["selected"] is None


def test_the_choice_is_kept_until_the_cache_is_cleared(monkeypatch: pytest.MonkeyPatch, machine) -> None:
    machine(rust=True, jax=True, gpu=False)
    assert selection.get_compute_backend() == "rust"
    monkeypatch.setenv("JAMMA_BACKEND", "jax")
    assert selection.get_compute_backend() == "rust"
    selection.get_compute_backend.cache_clear()
    assert selection.get_compute_backend() == "jax"


def test_the_extension_is_installed_here() -> None:
    assert is_rust_available()
    info = get_backend_info()
    assert info["rust_available"] is True
    assert info["jax_available"] is HAS_JAX
    assert sorted(info) == ["gpu_available", "jax_available", "reason", "rust_available", "selected"]


def test_jax_looks_for_a_gpu_only_if_device_and_plugin_are_present(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(selection, "is_jax_available", lambda: True)
    monkeypatch.setattr(selection, "_jax_sees_gpu", lambda: asked.append(1) or True)
    for device, plugin in [(False, False), (True, False), (False, True)]:
        monkeypatch.setattr(selection, "_has_device", lambda device=device: device)
        monkeypatch.setattr(selection, "_has_plugin", lambda plugin=plugin: plugin)
        selection.is_gpu_available.cache_clear()
        assert not selection.is_gpu_available()
    assert not asked
    monkeypatch.setattr(selection, "_has_device", lambda: True)
    for name, value in [("JAX_PLATFORMS", "cpu"), ("CUDA_VISIBLE_DEVICES", "")]:
        monkeypatch.setenv(name, value)
        selection.is_gpu_available.cache_clear()
        assert not selection.is_gpu_available()
        monkeypatch.delenv(name)
    selection.is_gpu_available.cache_clear()
    assert selection.is_gpu_available()
    assert asked == [1]


def test_import_and_detection_do_not_import_what_is_not_used() -> None:
    code = (
        "import sys, jamma, jamma.core\n"
        "info = jamma.core.get_backend_info()\n"
        "heavy = [m for m in ('jax', 'numpy', 'polars', 'pandas', 'pyarrow', 'matplotlib', 'scipy') if m in sys.modules]\n"
        "print(info['gpu_available'] or heavy == [], heavy)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    assert found.stdout.startswith("True"), found.stdout


def test_a_backend_that_is_chosen_is_the_one_that_runs(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAMMA_BACKEND", backend)
    result = jamma.run_lmm(DATA / "demo")
    assert result.backend == backend
    assert f"## Backend          = {backend}\n" in result.report.log
