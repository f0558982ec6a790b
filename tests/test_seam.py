"""The interface between the Rust pipeline and a backend in Python, with a small one in NumPy instead of JAX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import jamma
from conftest import DATA, Floats
from jamma import running

DOSAGES = np.array([2.0, np.nan, 1.0, 0.0])


def decode(packed: NDArray[np.uint8], n: int) -> Floats:
    """Dosages (b, n) of two-bit codes, NaN where missing."""
    codes = packed[:, :, None] >> np.array([0, 2, 4, 6], np.uint8) & 3
    assert (codes.reshape(len(packed), -1)[:, n:] == 3).all(), "unused bits are set"
    return DOSAGES[codes.reshape(len(packed), -1)[:, :n]]


class NumpySum:
    def __init__(self, kind: str, n: int) -> None:
        self.kind, self.n, self.sum = kind, n, np.zeros((n, n))

    def add(self, packed: NDArray[np.uint8], means: Floats, sds: Floats) -> None:
        z = decode(packed, self.n) - means[:, None]
        z[np.isnan(z)] = 0.0
        if self.kind == "standardized":
            z /= sds[:, None]
        self.sum += z.T @ z

    def finish(self, n_snps: int) -> Floats:
        return self.sum / n_snps


class NumpyScanner:
    """The score test, which needs no search."""

    def __init__(self, **given: Any) -> None:
        self.given = given
        self.n, self.c = given["utw"].shape
        assert given["u"].flags.f_contiguous
        assert given["d"].shape == given["uty"].shape == (self.n,)

    def scan(self, packed: NDArray[np.uint8], means: Floats) -> dict[str, Any]:
        x = decode(packed, self.n)
        x = np.where(np.isnan(x), means[:, None], x)
        g = self.given
        h = 1.0 / (g["null_lambda_ml"] * g["d"] + 1.0)
        w, y, utx = g["utw"], g["uty"], x @ g["u"]
        p = np.diag(h) - (h[:, None] * w) @ np.linalg.solve(w.T * h @ w, w.T * h)
        p_xx, p_xy, p_yy = np.einsum("bi,ij,bj->b", utx, p, utx), utx @ p @ y, y @ p @ y
        nan = np.full(len(x), np.nan)
        beta = p_xy / p_xx
        df = self.n - self.c - 1
        return {
            "beta": beta,
            "se": np.sqrt((p_yy - p_xy**2 / p_xx) / (df * p_xx)),
            "f_score": self.n * p_xy**2 / (p_yy * p_xx),
            **dict.fromkeys(("logl_h1", "l_remle", "l_mle", "f_wald", "lrt"), nan),
            "undefined": np.zeros(len(x), np.uint8),
            "used_fallback": np.zeros(len(x), np.bool_),
            "is_perfect_fit": np.zeros(len(x), np.bool_),
        }


class NumpyBackend:
    name = "numpy"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.notes = ["made of NumPy"]

    def kinship_sum(self, kind: str, n: int) -> NumpySum:
        self.calls.append(f"kinship_sum {kind}")
        return NumpySum(kind, n)

    def eigendecompose(self, kinship: Floats) -> tuple[Floats, Floats]:
        self.calls.append("eigendecompose")
        assert abs(kinship.sum(axis=0)).max() < 1e-9, "centred"
        values, vectors = np.linalg.eigh(kinship)
        return values, vectors

    def scanner(self, **given: Any) -> NumpyScanner:
        self.calls.append(f"scanner {given['tests']}")
        return NumpyScanner(**given)


@pytest.fixture
def numpy_backend(monkeypatch: pytest.MonkeyPatch) -> NumpyBackend:
    backend = NumpyBackend()
    monkeypatch.setattr(running, "backend_object", lambda name, **_: backend)
    return backend


@pytest.mark.parametrize("kind", ["centered", "standardized"])
@pytest.mark.parametrize("dataset", ["missing", "odd"])
def test_the_pipeline_runs_on_a_backend_in_python(numpy_backend: NumpyBackend, kind: Any, dataset: str) -> None:
    ours = jamma.run_lmm(DATA / dataset, tests="score", kinship_kind=kind)
    assert ours.backend == "numpy"
    assert numpy_backend.calls == [f"kinship_sum {kind}", "eigendecompose", "scanner score"]
    assert "made of NumPy" in ours.notes
    assert "## note: made of NumPy\n" in ours.report.log


@pytest.mark.parametrize("dataset", ["missing", "odd"])
def test_and_gives_the_numbers_of_the_engine(dataset: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rust = jamma.run_lmm(DATA / dataset, tests="score", kinship_kind="standardized", backend="rust")
    monkeypatch.setattr(running, "backend_object", lambda name, **_: NumpyBackend())
    ours = jamma.run_lmm(DATA / dataset, tests="score", kinship_kind="standardized", out=tmp_path / "x")
    for name in ("se", "p_score"):
        assert ours[name] == pytest.approx(rust[name], rel=1e-6), name
    assert ours["beta"] == pytest.approx(rust["beta"], rel=1e-6, abs=1e-6 * rust["se"].max())
    assert ours.null.pve == pytest.approx(rust.null.pve, rel=1e-6)
    assert (tmp_path / "x.assoc.txt").exists()


def test_an_exception_of_the_backend_is_raised(numpy_backend: NumpyBackend, tmp_path: Path) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("in the backend")

    numpy_backend.eigendecompose = fail  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError, match="in the backend"):
        jamma.run_lmm(DATA / "demo", out=tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("spoiled", "error"),
    [
        (lambda values, vectors: (values[:-1], vectors), ValueError),
        (lambda values, vectors: (values, vectors * np.nan), ArithmeticError),
        (lambda values, vectors: (values[::-1].copy(), vectors), ArithmeticError),
        (lambda values, vectors: values, (TypeError, ValueError)),
    ],
)
def test_a_wrong_decomposition_is_an_error(numpy_backend: NumpyBackend, spoiled: Any, error: Any) -> None:
    numpy_backend.eigendecompose = lambda k: spoiled(*np.linalg.eigh(k))  # type: ignore[method-assign]
    with pytest.raises(error):
        jamma.run_lmm(DATA / "demo")
