"""The eigendecomposition of the extension against SciPy's, in every layout that an array can have."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from scipy.linalg import eigh

import jamma
from conftest import Floats


def kinship_like(n: int, rank: int | None = None, seed: int = 1) -> Floats:
    z = np.random.default_rng(seed).normal(size=(n, rank or 2 * n))
    return z @ z.T / z.shape[1]


def assert_decomposes(k: Floats, eigen: jamma.Eigen) -> None:
    n = len(k)
    expected = eigh(k, eigvals_only=True)
    largest = max(abs(expected).max(), 1e-300)
    expected = np.where(expected < 1e-10, 0.0, expected)
    assert (np.diff(eigen.values) >= 0).all()
    assert abs(eigen.values - expected).max() <= 1e-10 * largest
    assert abs(eigen.vectors.T @ eigen.vectors - np.eye(n)).max() <= 1e-13 * max(n, 10)
    assert abs(k @ eigen.vectors - eigen.vectors * eigen.values).max() <= 1e-13 * max(n, 10) * max(largest, 1e-3)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 50, 97, 150, 301])
def test_eigenpairs_agree_with_scipy(n: int) -> None:
    k = kinship_like(n)
    assert_decomposes(k, jamma.eigendecompose(k))


def test_small_and_negative_eigenvalues_are_zeroed() -> None:
    d = np.array([-3.0, -1e-12, 5e-11, 9.9e-11, 1.1e-10, 2.0, 5.0])
    q = np.linalg.qr(np.random.default_rng(2).normal(size=(7, 7)))[0]
    k = q * d @ q.T
    eigen = jamma.eigendecompose((k + k.T) / 2)
    assert eigen.n_zero >= 3
    assert eigen.values[0] == 0.0
    assert eigen.values[-2:] == pytest.approx([2.0, 5.0], rel=1e-12)
    assert not ((eigen.values > 0) & (eigen.values < 1e-10)).any()
    exact = jamma.eigendecompose(np.diag(d))
    assert exact.values.tolist() == [0.0, 0.0, 0.0, 0.0, 1.1e-10, 2.0, 5.0]


def test_low_rank_keeps_its_zeros() -> None:
    eigen = jamma.eigendecompose(kinship_like(80, rank=30))
    assert eigen.n_zero == 50


def test_every_layout_gives_the_same_numbers_and_stays_as_it_is() -> None:
    k = kinship_like(60)
    wide = np.zeros((120, 120))
    wide[::2, ::2] = k
    layouts = {
        "row-major": np.ascontiguousarray(k),
        "column-major": np.asfortranarray(k),
        "strided": wide[::2, ::2],
        "reversed": k[::-1, ::-1].copy()[::-1, ::-1],
        "list": k.tolist(),
    }
    expected = jamma.eigendecompose(k)
    for name, layout in layouts.items():
        before = np.array(layout)
        eigen = jamma.eigendecompose(layout)
        assert np.array_equal(eigen.values, expected.values), name
        assert np.array_equal(eigen.vectors, expected.vectors), name
        assert np.array_equal(before, layout), name


def test_other_types_become_float64() -> None:
    k = kinship_like(40)
    eigen = jamma.eigendecompose(k.astype(np.float32))
    assert eigen.values.dtype == np.float64
    assert_decomposes(k.astype(np.float32).astype(np.float64), eigen)
    assert jamma.eigendecompose(np.eye(3, dtype=int)).values.tolist() == [1.0, 1.0, 1.0]


def test_read_only_input_is_accepted_and_overwrite_uses_the_memory() -> None:
    k = kinship_like(30)
    frozen = k.copy()
    frozen.flags.writeable = False
    expected = jamma.eigendecompose(frozen, overwrite=True)
    assert np.array_equal(frozen, k)
    eigen = jamma.eigendecompose(k, overwrite=True)
    assert eigen.vectors is k
    assert np.array_equal(k, expected.vectors)


def test_one_individual_and_the_zero_matrix() -> None:
    assert jamma.eigendecompose([[2.5]]).values.tolist() == [2.5]
    zero = jamma.eigendecompose(np.zeros((5, 5)))
    assert zero.values.tolist() == [0.0] * 5
    assert np.array_equal(zero.vectors.T @ zero.vectors, np.eye(5))


def test_centring_projects_the_mean_off() -> None:
    k = kinship_like(40)
    p = np.eye(40) - 1 / 40
    eigen = jamma.eigendecompose(k, centre=True)
    assert eigen.values[0] == 0.0
    assert eigen.values[1:] == pytest.approx(eigh(p @ k @ p, eigvals_only=True)[1:], rel=1e-10)


@pytest.mark.parametrize(
    ("k", "message"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        (np.ones(4), r"shape \(4,\)"),
        (np.ones((0, 0)), r"shape \(0, 0\)"),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), "row 1, column 2 is NaN"),
        (np.array([[1.0, np.inf], [np.inf, 1.0]]), "row 1, column 2 is inf"),
        (np.array([[1.0, 0.5], [0.2, 1.0]]), "not symmetric: row 1 with row 2 is 0.5"),
        (np.array([["a", "b"], ["c", "d"]]), "real numbers"),
        (np.eye(2) * 1j, "real numbers"),
    ],
)
def test_a_wrong_kinship_is_an_error(k: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        jamma.eigendecompose(k)  # type: ignore[arg-type]


def test_other_threads_run_meanwhile() -> None:
    k = kinship_like(900)
    ticks, is_done = [], threading.Event()

    def count() -> None:
        while not is_done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    begun = time.perf_counter()
    jamma.eigendecompose(k)
    ended = time.perf_counter()
    is_done.set()
    thread.join()
    meanwhile = sum(begun < tick < ended for tick in ticks)
    assert meanwhile >= 5, f"{meanwhile} turns in {ended - begun:.3f} s"


def test_threads_do_not_change_a_bit() -> None:
    k = kinship_like(250)
    one, two = (jamma.eigendecompose(k, threads=threads) for threads in (1, 2))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.vectors, two.vectors)
