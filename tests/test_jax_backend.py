"""The JAX backend against GEMMA's outputs, a dense model, and itself."""

from __future__ import annotations

import shlex
import sys
import tracemalloc
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

jax = pytest.importorskip("jax", reason="JAX is not installed: pip install '.[jax]' in the checkout")

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "reference"
sys.path.insert(0, str(REFERENCE))
try:
    import jamma.backends.jax  # noqa: F401
except ImportError:
    # The package is not installed: its backends need no build.
    sys.path.insert(0, str(ROOT / "python"))

import plink  # noqa: E402

from jamma.backends import _eigen, _plan  # noqa: E402
from jamma.backends._float64 import in_float64  # noqa: E402
from jamma.backends._null import NullFit, fit_null  # noqa: E402
from jamma.backends._packed import decode  # noqa: E402
from jamma.backends._rotated import RotatedStudy  # noqa: E402
from jamma.backends.array_lmm import decompose, lmm_arrays, with_p_values  # noqa: E402
from jamma.backends.jax import JaxBackend, Scanner  # noqa: E402

Floats = NDArray[np.float64]
Results = dict[str, NDArray[Any]]

MODES = {"1": "wald", "2": "lrt", "3": "score", "4": "all", "9": "lrt_effect"}
STATISTICS = ("beta", "se", "logl_H1", "l_remle", "l_mle", "p_wald", "p_lrt", "p_score")
RESULTS = tuple(name.lower() for name in STATISTICS)


@pytest.fixture(autouse=True, scope="module")
def one_shape() -> Iterator[None]:
    """Pads all studies to the same rows, so that they share their compilations."""
    before, _plan.ROW_PAD = _plan.ROW_PAD, 320
    yield
    _plan.ROW_PAD = before


# ---------------------------------------------------------------------------------------------------- GEMMA's outputs


@dataclass
class Case:
    """A run of GEMMA: its files, read the way it reads them."""

    dataset: str
    name: str
    options: dict[str, str]

    def path(self, option: str) -> Path:
        return REFERENCE / "data" / self.options[option]

    def phenotype(self) -> Floats:
        column = int(self.options.get("-n", "1"))
        if "-p" in self.options:
            rows = [line.split() for line in self.path("-p").read_text().splitlines()]
            return np.array([np.nan if row[column - 1] == "NA" else float(row[column - 1]) for row in rows])
        return plink.read_fam_phenotype(REFERENCE / "data" / f"{self.dataset}.fam", column)

    def kinship(self, iids: list[str]) -> Floats:
        if self.options.get("-km") != "2":
            return np.loadtxt(self.path("-k"))
        k = np.zeros((len(iids), len(iids)))
        index = {iid: i for i, iid in enumerate(iids)}
        for line in self.path("-k").read_text().splitlines():
            a, b, value = line.split()
            k[index[a], index[b]] = k[index[b], index[a]] = float(value)
        return k

    def table(self) -> dict[str, NDArray[np.str_]]:
        lines = (REFERENCE / "gemma" / self.dataset / f"{self.name}.assoc.txt").read_text().splitlines()
        columns = np.array([line.split("\t") for line in lines[1:]]).T
        return dict(zip(lines[0].split("\t"), columns, strict=True))


def read_cases() -> list[Case]:
    cases = []
    for line in (REFERENCE / "cases.tsv").read_text().splitlines()[1:]:
        name, dataset, command, _ = line.split("\t")
        words = shlex.split(command)[1:]
        options: dict[str, str] = {}
        for word, following in zip(words, [*words[1:], ""], strict=True):
            if word.startswith("-") and not word[1:2].isdigit():
                options[word] = following
        # Interactions and weights are refused by this backend.
        if options.get("-lmm") in MODES and not {"-gxe", "-widv"} & options.keys():
            cases.append(Case(dataset, name, options))
    return cases


CASES = read_cases()
COMPARED = [case for case in CASES if not case.name.startswith("identity_")]


def bed_columns(case: Case, table: dict[str, NDArray[np.str_]]) -> list[int]:
    """The SNPs of the .bim that GEMMA tested, in order: its filters are not what is tested here."""
    bim = plink.read_bim(REFERENCE / "data" / f"{case.dataset}.bim")
    snps = list(zip(bim.chr, bim.rs, map(str, bim.ps), bim.allele1, bim.allele0, strict=True))
    wanted = zip(*(table[name] for name in ("chr", "rs", "ps", "allele1", "allele0")), strict=True)
    columns, at = [], -1
    for snp in wanted:
        at = snps.index(tuple(map(str, snp)), at + 1)
        columns.append(at)
    return columns


def pack(dosages: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Two-bit codes (b, ceil(n/4)) and means of dosages (n, b) with NaN for missing."""
    codes = np.select([np.isnan(dosages), dosages == 2.0, dosages == 1.0], [1, 0, 2], 3).astype(np.uint8)
    codes = np.pad(codes, ((0, -len(codes) % 4), (0, 0)), constant_values=3).T.reshape(dosages.shape[1], -1, 4)
    packed = codes[..., 0] | codes[..., 1] << 2 | codes[..., 2] << 4 | codes[..., 3] << 6
    return packed, np.nanmean(dosages, axis=0)


@dataclass
class Model:
    """A fitted null model with what a scan needs."""

    backend: JaxBackend
    d: Floats
    u: Floats
    y: Floats
    w: Floats
    grid: tuple[float, float, int] = (1e-5, 1e5, 10)

    def null(self) -> NullFit:
        return fit_null(RotatedStudy.of(self.d, self.u.T @ self.y, self.u.T @ self.w), *self.grid, self.backend.device)

    def scanner(self, tests: str, null: NullFit | None = None) -> Scanner:
        null = null or self.null()
        l_min, l_max, n_region = self.grid
        return self.backend.scanner(
            d=self.d, u=self.u, uty=self.u.T @ self.y, utw=self.u.T @ self.w, null_lambda_ml=null.l_mle,
            null_logl_ml=null.logl_ml, l_min=l_min, l_max=l_max, n_region=n_region, tests=tests,
        )  # fmt: skip

    def df(self) -> int:
        return len(self.y) - self.w.shape[1] - 1


def run(case: Case) -> tuple[Results, dict[str, NDArray[np.str_]]]:
    """The case by the JAX backend, and GEMMA's table."""
    backend, table, y = JaxBackend(device="cpu"), case.table(), case.phenotype()
    fam = [line.split() for line in (REFERENCE / "data" / f"{case.dataset}.fam").read_text().splitlines()]
    w = plink.read_covariates(case.path("-c")) if "-c" in case.options else np.ones((len(y), 1))
    analysed = ~np.isnan(y) & ~np.isnan(w).any(axis=1)
    if "-d" in case.options:
        d, u = np.loadtxt(case.path("-d")), np.loadtxt(case.path("-u"))
    else:
        k = case.kinship([row[1] for row in fam])
        d, u, _ = decompose(k[np.ix_(analysed, analysed)], backend)
    grid = tuple(float(case.options.get(*of)) for of in (("-lmin", "1e-5"), ("-lmax", "1e5"), ("-region", "10")))
    model = Model(backend, d, u, y[analysed], plink.with_intercept(w[analysed]), (grid[0], grid[1], int(grid[2])))
    bim = plink.read_bim(REFERENCE / "data" / f"{case.dataset}.bim")
    dosages = plink.read_bed(REFERENCE / "data" / f"{case.dataset}.bed", len(y), len(bim.rs))
    packed, means = pack(dosages[analysed][:, bed_columns(case, table)])
    return with_p_values(model.scanner(MODES[case.options["-lmm"]]).scan(packed, means), model.df()), table


def tolerance(column: str, theirs: Floats, table: dict[str, Floats], l_max: float) -> Floats:
    """Allowed relative differences; reference/tolerances.tsv has the reasons."""
    allowed = np.full(theirs.shape, 1e-6)
    if column in ("l_remle", "l_mle"):
        # rs2401 of `missing`, phenotype 4: the first Newton step is within rounding of the stop rule, 1e-5.
        allowed[:] = 1e-5
        # Flat likelihood, where GEMMA differs from itself on other processors; small lambda, where its derivatives
        # lose digits.
        allowed[(theirs > 1000.0) & (theirs < l_max)] = 3e-4
        allowed[theirs < 0.05] = 3e-4
    elif column == "logl_H1":
        allowed[:] = 2e-6
    elif column == "beta" and "l_remle" in table:
        # Cancellation against the intercept in GEMMA.
        allowed[table["l_remle"] == l_max] = 1e-5
    return allowed


@pytest.mark.parametrize("case", COMPARED, ids=lambda case: f"{case.dataset}/{case.name}")
def test_every_statistic_is_gemmas(case: Case, worst: dict[str, float]) -> None:
    ours, text = run(case)
    table = {name: text[name].astype(np.float64) for name in STATISTICS if name in text}
    # Where GEMMA's optimiser fails it prints nan; every one of our rows is a number.
    is_compared = ~np.any([np.isnan(values) for values in table.values()], axis=0)
    assert is_compared.any()
    for column, theirs in table.items():
        mine = ours[column.lower()]
        assert np.isfinite(mine).all(), column
        scale = np.maximum(np.abs(theirs), table["se"]) if column == "beta" else np.abs(theirs)
        difference = (np.abs(mine - theirs) / np.where(scale > 0.0, scale, 1.0))[is_compared]
        allowed = tolerance(column, theirs, table, float(case.options.get("-lmax", "1e5")))[is_compared]
        assert (difference <= allowed).all(), f"{column}: {difference.max():.1e}"
        worst[column] = max(worst.get(column, 0.0), float(difference.max()))
        if column.startswith("p_"):
            for level in (0.05, 0.01, 1e-3, 0.05 / len(theirs), 5e-8):
                assert np.array_equal((mine < level)[is_compared], (theirs < level)[is_compared]), level
    for column in set(STATISTICS) - set(table) - {"beta", "se"}:
        assert np.isnan(ours[column.lower()]).all() or column == "logl_H1", f"{column} is not of this test"
    assert not ours["undefined"].any()


@pytest.fixture(scope="module")
def worst() -> Iterator[dict[str, float]]:
    """Largest relative difference per column over all cases; `pytest -s` shows it."""
    found: dict[str, float] = {}
    yield found
    print("\nlargest relative differences from GEMMA:", {k: f"{v:.1e}" for k, v in sorted(found.items())})


@pytest.mark.parametrize("case", [c for c in CASES if c not in COMPARED], ids=lambda case: case.name)
def test_on_an_identity_kinship_the_wald_test_is_that_of_least_squares(case: Case) -> None:
    # Not compared with GEMMA, whose rows are nan or stale there.
    ours, table = run(case)
    y, dosages = case.phenotype(), plink.read_bed(REFERENCE / "data/odd.bed", 97, 320)
    analysed = ~np.isnan(y)
    for p, j in zip(ours["p_wald"], bed_columns(case, table), strict=True):
        x = plink.mean_imputed(dosages[analysed, j])
        r = np.corrcoef(x, y[analysed])[0, 1]
        df = len(x) - 2
        assert p == pytest.approx(with_p_values(statistics(f_wald=r * r * df / (1.0 - r * r)), df)["p_wald"], rel=1e-9)


def statistics(**of: float) -> Results:
    return {name: np.array(of.get(name, np.nan)) for name in ("f_wald", "lrt", "f_score")}


@pytest.mark.parametrize(
    ("dataset", "name", "kind", "column"),
    [(d, "gk1", "centered", 1) for d in ("plain", "missing", "covariates", "odd", "demo")]
    + [(d, "gk2", "standardized", 1) for d in ("plain", "missing")]
    + [("odd", "gk1_n2", "centered", 2)],
)
def test_every_kinship_entry_is_gemmas_to_one_unit_of_its_last_digit(
    dataset: str, name: str, kind: str, column: int
) -> None:
    theirs = np.loadtxt(REFERENCE / "gemma" / dataset / f"{name}.{'c' if kind == 'centered' else 's'}XX.txt")
    study = plink.read_study(REFERENCE / "data" / dataset, column)
    dosages = study.dosage[:, plink.kept_snps(study)]
    packed, means = pack(dosages)
    sds = np.sqrt(np.mean(np.where(np.isnan(dosages), 0.0, dosages - means) ** 2, axis=0))
    total = JaxBackend(device="cpu").kinship_sum(kind, len(dosages))
    for part in (slice(0, 7), slice(7, None)):
        total.add(packed[part], means[part], sds[part])
    k = total.finish(len(packed))
    units = np.abs(k - theirs) / 10.0 ** (np.floor(np.log10(np.abs(theirs).clip(1e-300))) - 9)
    assert units.max() <= 1.0 + 1e-6
    assert np.array_equal(k, k.T)


@pytest.mark.parametrize("dataset", ["plain", "covariates"])
def test_the_null_model_is_gemmas_to_its_printed_digits(dataset: str) -> None:
    covariates = plink.read_covariates(REFERENCE / "data/covariates.txt") if dataset == "covariates" else None
    study = plink.read_study(REFERENCE / "data" / dataset)
    out = lmm_arrays(
        study.dosage[:, :1], plink.read_fam_phenotype(REFERENCE / "data" / f"{dataset}.fam", 1), covariates,
        np.loadtxt(REFERENCE / "gemma" / dataset / "gk1.cXX.txt"), tests="score",
    )["null"]  # fmt: skip
    log = (REFERENCE / "gemma" / dataset / "lmm1.log.txt").read_text().splitlines()
    printed = {line[3:].split("=")[0].strip(): line.split("=")[1].split() for line in log if "=" in line}
    for label, name in (
        ("REMLE log-likelihood in the null model", "logl_reml"),
        ("MLE log-likelihood in the null model", "logl_ml"),
        ("pve estimate in the null model", "pve"),
        ("se(pve) in the null model", "pve_se"),
        ("vg estimate in the null model", "vg"),
        ("ve estimate in the null model", "ve"),
        ("beta estimate in the null model", "beta"),
        ("se(beta)", "beta_se"),
    ):
        assert np.ravel(out[name]) == pytest.approx(np.array(printed[label], np.float64), rel=5.1e-6), label


# ------------------------------------------------------------------------------------------------------- a dense model


def dense_log_likelihood(lam: float, k: Floats, y: Floats, columns: Floats, is_reml: bool) -> float:
    """The log-likelihood from V = lambda K + I itself, without a rotation."""
    n, q = columns.shape
    v = lam * k + np.eye(n)
    inverse = np.linalg.inv(v)
    g = columns.T @ inverse @ columns
    r = y - columns @ np.linalg.solve(g, columns.T @ inverse @ y)
    a, df = r @ inverse @ r, n - q if is_reml else n
    log_det = np.linalg.slogdet(v)[1]
    if is_reml:
        log_det += np.linalg.slogdet(g)[1] - np.linalg.slogdet(columns.T @ columns)[1]
    return float(0.5 * df * (np.log(df / (2.0 * np.pi)) - 1.0) - 0.5 * log_det - 0.5 * df * np.log(a))


@dataclass
class Simulated:
    """A small study; K is centred, as the model wants it."""

    k: Floats
    x: Floats
    y: Floats
    w: Floats

    def model(self, grid: tuple[float, float, int] = (1e-5, 1e5, 10)) -> Model:
        backend = JaxBackend(device="cpu")
        d, u, _ = decompose(self.k, backend)
        return Model(backend, d, u, self.y, self.w, grid)


def simulate(seed: int, n: int, p: int, c: int = 1, heritability: float = 0.5) -> Simulated:
    rng = np.random.default_rng(seed)
    founders = rng.binomial(2, rng.uniform(0.1, 0.5, (1, 200)), (n // 3 + 1, 200)).astype(np.float64)
    z = np.repeat(founders, 3, axis=0)[:n]
    z = np.where(rng.random(z.shape) < 0.5, z, rng.binomial(2, 0.3, z.shape))
    z -= z.mean(axis=0)
    k = z @ z.T / z.shape[1]
    x = rng.binomial(2, rng.uniform(0.1, 0.5, p), (n, p)).astype(np.float64)
    genetic = z @ rng.normal(size=200)
    y = np.sqrt(heritability) * genetic / genetic.std() + np.sqrt(1.0 - heritability) * rng.normal(size=n)
    w = np.column_stack([np.ones(n), *(2000.0 + rng.normal(size=n) for _ in range(c - 1))])
    return Simulated(k, x, y, w)


def assert_optimal(of: Simulated, found: Results, snps: range, l_max: float = 1e5) -> None:
    """Every lambda, likelihood, effect and statistic is the dense model's."""
    for j in snps:
        columns = np.column_stack([of.w, of.x[:, j]])
        for name, is_reml in (("l_remle", True), ("l_mle", False)):
            lam = found[name][j]

            def at(lam: float, is_reml: bool = is_reml, columns: Floats = columns) -> float:
                return dense_log_likelihood(lam, of.k, of.y, columns, is_reml)

            others = [at(v) for v in np.geomspace(1e-5, l_max, 41)] + [at(lam * 0.98), at(min(lam * 1.02, l_max))]
            assert at(lam) >= max(others[:-2] if lam <= 1e-5 else others) - 1e-6, (j, name)
        assert found["logl_h1"][j] == pytest.approx(at(found["l_mle"][j]), abs=1e-7)
        inverse = np.linalg.inv(found["l_remle"][j] * of.k + np.eye(len(of.y)))
        g = columns.T @ inverse @ columns
        beta = np.linalg.solve(g, columns.T @ inverse @ of.y)
        r = of.y - columns @ beta
        df = len(of.y) - columns.shape[1]
        se = np.sqrt(r @ inverse @ r / df * np.linalg.inv(g)[-1, -1])
        assert found["beta"][j] == pytest.approx(beta[-1], abs=1e-7 * se)
        assert found["se"][j] == pytest.approx(se, rel=1e-7)
        assert found["f_wald"][j] == pytest.approx((beta[-1] / se) ** 2, rel=1e-6, abs=1e-9)


def test_covariates_of_large_mean_do_not_cost_digits() -> None:
    study = simulate(1, 75, 12, c=4)
    found = study.model().scanner("all").scan_dosages(study.x)
    assert_optimal(study, found, range(12))


def test_duplicated_individuals_make_a_singular_kinship_that_is_fitted() -> None:
    study = simulate(2, 40, 10)
    twice = np.r_[np.arange(40), np.arange(40)]
    rng = np.random.default_rng(0)
    study = Simulated(
        study.k[np.ix_(twice, twice)], study.x[twice], study.y[twice] + rng.normal(size=80), study.w[twice]
    )
    model = study.model()
    assert np.sum(model.d == 0.0) >= 41
    assert_optimal(study, model.scanner("all").scan_dosages(study.x), range(10))


def test_a_snp_that_explains_nearly_all_of_the_phenotype_keeps_its_digits() -> None:
    study = simulate(3, 70, 6)
    study.y = study.x[:, 2] + 1e-4 * study.y
    found = study.model().scanner("all").scan_dosages(study.x)
    assert_optimal(study, found, range(6))
    assert found["f_wald"][2] > 1e6


def test_a_phenotype_equal_to_a_snp_has_effect_one_and_infinite_f() -> None:
    study = simulate(3, 70, 3)
    study.y = study.x[:, 1].copy()
    found = study.model().scanner("wald").scan_dosages(study.x)
    assert found["beta"][1] == pytest.approx(1.0)
    assert found["l_remle"][1] == 1e-5
    assert with_p_values(found, 68)["p_wald"][1] == 0.0


@pytest.mark.parametrize(
    ("unit", "offset"),
    [(1.0, 0.0), (1e-8, 0.0), (3e9, 0.0), (0.1, 5.0), (-7.3e-120, 0.0), (2.5e100, 0.0), (1 / 3, 1e6)],
)
def test_a_perfect_fit_has_p_0_in_every_unit(unit: float, offset: float) -> None:
    study = simulate(3, 70, 3)
    study.y = study.x[:, 1] * unit + offset
    model = study.model()
    null = model.null()
    for tests in ("all", "lrt", "lrt_effect", "score"):
        found = model.scanner(tests, null).scan_dosages(study.x)
        assert found["is_perfect_fit"].tolist() == [False, True, False], tests
        p = with_p_values(found, model.df())
        for name, is_made in (("p_wald", tests == "all"), ("p_lrt", tests != "score")):
            assert not is_made or (p[name][1] == 0.0 and (p[name][[0, 2]] > 0.0).all()), (tests, name)
        if tests in ("all", "lrt"):
            assert np.isinf(found["logl_h1"][1])
            assert found["l_mle"][1] == 1e-5
            assert not found["undefined"].any()


def test_a_residual_that_is_small_but_not_rounding_is_no_perfect_fit() -> None:
    study = simulate(3, 70, 3)
    study.y = study.x[:, 1] + 1e-9 * study.y
    found = study.model().scanner("all").scan_dosages(study.x)
    assert not found["is_perfect_fit"].any()
    assert 1e16 < found["f_wald"][1] < 1e20
    assert_optimal(study, found, range(0, 1))


def two_strains(order: NDArray[np.intp]) -> Simulated:
    """Two inbred strains: the centred kinship has rank 1. Two mirrored SNPs span it, and a third does not."""
    strain = (np.arange(14) % 3 == 0) * 2.0
    other = np.random.default_rng(1).binomial(2, 0.5, 14).astype(np.float64)
    y = np.random.default_rng(2).normal(size=14)
    x = np.column_stack([strain, 2.0 - strain, other])[order]
    z = x[:, 0] - x[:, 0].mean()
    return Simulated(np.outer(z, z), x, y[order], np.ones((14, 1)))


def test_a_snp_that_spans_the_kinship_has_no_wald_test_whatever_the_order() -> None:
    rng = np.random.default_rng(5)
    for order in (np.arange(14), rng.permutation(14)):
        study = two_strains(order)
        model = study.model()
        null = model.null()
        for tests in ("wald", "all"):
            found = model.scanner(tests, null).scan_dosages(study.x)
            assert found["undefined"].tolist() == [3, 3, 0]
            for name in ("beta", "se", "l_remle", "f_wald"):
                assert np.isnan(found[name]).tolist() == [True, True, False], name
            assert np.isnan(found["logl_h1"]).tolist() == [tests == "wald"] * 2 + [False]
            assert not found["used_fallback"].any()
        # The other tests stand, and mirrored SNPs have the same.
        for name in ("lrt", "l_mle", "f_score"):
            assert found[name][1] == pytest.approx(found[name][0], rel=1e-5)
            assert np.isfinite(found[name]).all()
        out = lmm_arrays(study.x, study.y, study.x[:, 0], study.k, tests="score")
        assert any("does not depend on lambda" in warning for warning in out["warnings"])


def test_one_residual_degree_of_freedom_gives_no_wald_test() -> None:
    study = simulate(4, 8, 30)
    rng = np.random.default_rng(6)
    study.w = np.column_stack([np.ones(8), rng.normal(size=(8, 5))])
    order = rng.permutation(8)
    permuted = Simulated(study.k[np.ix_(order, order)], study.x[order], study.y[order], study.w[order])
    found = [of.model().scanner("all").scan_dosages(of.x) for of in (study, permuted)]
    assert (found[0]["undefined"] == found[1]["undefined"]).all()
    assert (found[0]["undefined"] == 3).any()
    assert np.isnan(found[0]["f_wald"]).all()
    assert found[0]["f_score"] == pytest.approx(found[1]["f_score"], rel=1e-6, nan_ok=True)


def test_a_multiple_of_the_identity_has_the_test_of_the_linear_model() -> None:
    study = simulate(8, 30, 4)
    found = Simulated(3.0 * np.eye(30), study.x, study.y, study.w).model().scanner("wald").scan_dosages(study.x)
    assert found["used_fallback"].all()
    assert not found["undefined"].any()
    assert (found["l_remle"] == 1e-5).all()
    r = np.array([np.corrcoef(x, study.y)[0, 1] for x in study.x.T])
    assert found["f_wald"] == pytest.approx(r * r * 28 / (1.0 - r * r), rel=1e-9)


def oracle(model: Model, x: Floats, lam: float) -> dict[str, float]:
    """The statistics at `lam` in extended precision, from orthogonalised weighted columns."""
    long = np.longdouble
    u, root = model.u.T.astype(long), 1.0 / np.sqrt(long(lam) * model.d.astype(long) + 1.0)
    columns = [u @ column.astype(long) for column in (*model.w.T, x, model.y)]
    columns = [root * column for column in columns]
    basis: list[NDArray[np.longdouble]] = []
    for column in columns[:-1]:
        for _ in range(3):
            for q in basis:
                column = column - q * (q @ column)
        norm = np.sqrt(column @ column)
        basis.append(column / norm)
    y = columns[-1]
    for _ in range(3):
        for q in basis[:-1]:
            y = y - q * (q @ y)
    with_y, null_a, n = basis[-1] @ y, y @ y, len(model.y)
    for _ in range(3):
        y = y - basis[-1] * (basis[-1] @ y)
    a, df, beta = y @ y, model.df(), with_y / norm
    return {
        "beta": float(beta),
        "se": float(np.sqrt(a / df) / norm),
        "f_wald": float(with_y * with_y * df / a),
        "f_score": float(n * with_y * with_y / null_a),
        "logl_h1": float(
            0.5 * n * (np.log(n / (2.0 * long(np.pi))) - 1.0) + np.sum(np.log(root)) - 0.5 * n * np.log(a)
        ),
    }


@pytest.mark.parametrize(("scale", "lam"), [(1.0, 1e5), (1e3, 1e5), (1e3, 1e10), (1e-3, 1e13)])
def test_duplicates_and_covariates_at_a_large_lambda_keep_their_digits(scale: float, lam: float) -> None:
    if np.finfo(np.longdouble).eps > 1e-18:
        pytest.skip("no extended precision here")
    study = simulate(2, 60, 12, c=5)
    rows = np.arange(60)
    rows[[1, 3]] = [0, 2]
    # Two null directions beside the mean's have all the weight, and five columns reach into them.
    study.k = scale * study.k[np.ix_(rows, rows)]
    study.w = np.column_stack([np.ones(60), np.random.default_rng(17).normal(size=(60, 4))])
    model = study.model((lam, lam, 10))
    assert np.sum(model.d == 0.0) >= 3
    for tests in ("all", "score", "lrt_effect"):
        found = model.scanner(tests).scan_dosages(study.x)
        for j in range(12):
            for name, expected in oracle(model, study.x[:, j], lam).items():
                if not np.isnan(found[name][j]):
                    slack = 1e-9 * found["se"][j] if name == "beta" else 1e-12
                    assert found[name][j] == pytest.approx(expected, rel=1e-8, abs=slack), (tests, name, j)


@pytest.mark.parametrize("grid", [(0.0, 1e5, 10), (1e-15, 1e15, 10), (1e-5, 1e5, 1)])
def test_a_wide_range_does_not_hide_the_optimum(grid: tuple[float, float, int]) -> None:
    study = simulate(7, 60, 20)
    default = study.model().scanner("all").scan_dosages(study.x)
    found = study.model(grid).scanner("all").scan_dosages(study.x)
    is_inside = np.all([(default[name] > 1e-3) & (default[name] < 9e4) for name in ("l_remle", "l_mle")], axis=0)
    assert is_inside.all()
    # All directions but the mean's vary by K, so that the likelihood grows with the logarithm of lambda in the end.
    of_ml = () if grid[1] > 1e5 else ("logl_h1", "l_mle", "lrt")
    for name in ("se", "l_remle", "f_wald", *of_ml):
        assert found[name] == pytest.approx(default[name], rel=2e-5, abs=1e-6), name


def test_without_intervals_the_ends_are_compared() -> None:
    study = simulate(5, 60, 20)
    found = study.model((0.1, 10.0, 0)).scanner("all").scan_dosages(study.x)
    for name in ("l_remle", "l_mle"):
        assert np.isin(found[name], (0.1, 10.0)).all()
    assert not found["used_fallback"].any()


def test_one_interval_is_searched_where_the_slope_has_two_signs_and_at_every_decade() -> None:
    study = simulate(4, 60, 8)
    found = study.model((0.01, 20.0, 1)).scanner("all").scan_dosages(study.x)
    fine = study.model((0.01, 20.0, 10)).scanner("all").scan_dosages(study.x)
    for name in ("l_remle", "l_mle"):
        is_end = np.isin(found[name], (0.01, 20.0))
        assert found[name][~is_end] == pytest.approx(fine[name][~is_end], rel=2e-5)
        assert not is_end.all()
    assert found["logl_h1"] == pytest.approx(fine["logl_h1"], abs=1e-6)


# ------------------------------------------------------------------------------------------------ the engine in Rust


def hard_studies() -> dict[str, dict[str, Any]]:
    """Arguments of runs whose likelihoods are extreme, by name."""
    study = simulate(7, 60, 12)
    rows = np.arange(60)
    rows[[1, 3]] = [0, 2]
    base: dict[str, Any] = {"genotypes": study.x, "phenotype": study.y, "kinship": study.k[np.ix_(rows, rows)]}
    covariates = {"covariates": np.random.default_rng(17).normal(size=(60, 4))}
    strains, few = two_strains(np.arange(14)), np.arange(8)
    return {
        "perfect fit": base | {"phenotype": study.x[:, 5] * 3e9},
        "two strains": {"genotypes": strains.x, "phenotype": strains.y, "kinship": strains.k},
        "identity": base | {"kinship": np.eye(60)},
        "one degree of freedom": {
            "genotypes": study.x[few],
            "phenotype": study.y[few],
            "kinship": study.k[np.ix_(few, few)],
            "covariates": np.random.default_rng(6).normal(size=(8, 5)),
        },
        "large lambda": base | covariates | {"lmin": 1e10, "lmax": 1e10},
        "up to a large lambda": base | covariates | {"kinship": 1e3 * base["kinship"], "lmax": 1e10},
        "from 0": base | {"lmin": 0.0},
        "thirty decades": base | {"lmin": 1e-15, "lmax": 1e15},
        "no intervals": base | {"region": 0},
    }


@pytest.mark.parametrize("name", hard_studies())
def test_extreme_likelihoods_have_the_results_of_the_engine(name: str) -> None:
    pytest.importorskip("jamma._core", reason="the extension is not built")
    import jamma

    given = hard_studies()[name]
    rust, ours = (
        jamma.run_lmm(**given, tests="all", maf=0.0, miss=1.0, r2=1.0, backend=backend) for backend in ("rust", "jax")
    )
    for counted in ("undefined", "flat", "fallback", "perfect_fit"):
        assert ours.report.snps[counted] == rust.report.snps[counted], counted
    for column in STATISTICS:
        # An effect counts in standard errors; that of a perfect fit has none.
        slack = 1e-6 * rust["se"] + 1e-12 * np.abs(rust["beta"]) if column == "beta" else 1e-9
        # Where the likelihood is flat, another order of sums moves the iterate that meets the stop rule.
        rel = 1e-5 if column.startswith("l_") else 1e-6
        for a, b, s in zip(ours[column], rust[column], np.broadcast_to(slack, rust[column].shape), strict=True):
            assert a == pytest.approx(b, rel=0.0 if column == "beta" else rel, abs=s, nan_ok=True), column


# ------------------------------------------------------------------------------------------------------- against itself


def test_results_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    study = simulate(6, 90, 150)
    model = study.model()
    null = model.null()
    whole = model.scanner("all", null).scan_dosages(study.x)
    scanner = model.scanner("all", null)
    parts = [scanner.scan_dosages(study.x[:, first : first + 37]) for first in range(0, 150, 37)]
    monkeypatch.setattr(_plan, "_HOST_SNPS", (64, 64))
    narrow = model.scanner("all", null).scan_dosages(study.x)
    for name in whole:
        joined = np.concatenate([part[name] for part in parts])
        for other in (joined, narrow[name]):
            assert other == pytest.approx(whole[name], rel=1e-12, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("tests", ["wald", "lrt", "score", "all", "lrt_effect"])
def test_traits_of_a_group_have_the_bits_of_their_own_scans(tests: str) -> None:
    study = simulate(16, 90, 150, c=2)
    rng = np.random.default_rng(3)
    models = [study.model()]
    models += [Model(models[0].backend, models[0].d, models[0].u, rng.normal(size=90), study.w) for _ in range(2)]
    nulls = [model.null() for model in models]
    d, u, (l_min, l_max, n_region) = models[0].d, models[0].u, models[0].grid
    group = models[0].backend.group_scanner(
        d=d, u=u, utw=u.T @ study.w, l_min=l_min, l_max=l_max, n_region=n_region, tests=tests,
        traits=[
            {"uty": u.T @ model.y, "null_lambda_ml": null.l_mle, "null_logl_ml": null.logl_ml}
            for model, null in zip(models, nulls, strict=True)
        ],
    )  # fmt: skip
    for found in (group.scan_dosages(study.x), group.scan(*pack(study.x))):
        assert len(found) == 3
        for model, null, of in zip(models, nulls, found, strict=True):
            expected = model.scanner(tests, null).scan_dosages(study.x)
            for name, values in expected.items():
                assert np.array_equal(of[name], values, equal_nan=values.dtype == np.float64), name


def test_missing_calls_stand_for_the_mean_and_packed_calls_equal_dosages() -> None:
    study = simulate(7, 83, 30)
    rng = np.random.default_rng(1)
    holed = np.where(rng.random(study.x.shape) < 0.1, np.nan, study.x)
    scanner = study.model().scanner("all")
    filled = scanner.scan_dosages(np.where(np.isnan(holed), np.nanmean(holed, axis=0), holed))
    for other in (scanner.scan_dosages(holed), scanner.scan(*pack(holed))):
        for name in filled:
            assert other[name] == pytest.approx(filled[name], rel=1e-10, abs=1e-12, nan_ok=True), name


def test_snps_without_variance_after_the_covariates_are_undefined() -> None:
    study = simulate(8, 61, 6, c=4)
    study.x[:, 0], study.x[:, 1] = 0.0, 2.0
    study.x[:, 3] = np.nan
    study.w[:, 2] = study.x[:, 4]
    for tests in ("wald", "lrt", "score", "all", "lrt_effect"):
        with np.errstate(all="ignore"):
            found = study.model().scanner(tests).scan_dosages(study.x)
        assert found["undefined"].tolist() == [1, 1, 0, 1, 1, 0]
        assert found["undefined"].dtype == np.uint8
        for name, values in found.items():
            if name not in ("undefined", "used_fallback", "is_perfect_fit"):
                assert np.isnan(values[[0, 1, 3, 4]]).all(), name
        assert found["used_fallback"].dtype == np.bool_
        assert not found["used_fallback"].any()
        shown = "lrt" if tests.startswith("lrt") else "f_score" if tests == "score" else "f_wald"
        assert np.isfinite(found[shown][[2, 5]]).all()


@pytest.mark.parametrize("n", [1, 5, 6, 7, 8])
def test_packed_calls_are_decoded_for_every_number_in_the_last_byte(n: int) -> None:
    rng = np.random.default_rng(n)
    dosages = rng.choice([0.0, 1.0, 2.0, np.nan], (n, 9))
    dosages[0] = rng.choice([0.0, 1.0, 2.0], 9)
    packed, means = pack(dosages)
    decoded = in_float64(lambda: np.asarray(decode(jax.numpy.asarray(packed), jax.numpy.asarray(means), n)))()
    assert decoded.dtype == np.float64
    assert np.array_equal(decoded, np.where(np.isnan(dosages), means, dosages))


def test_an_empty_block_has_empty_results() -> None:
    study = simulate(8, 60, 1)
    found = study.model().scanner("wald").scan(np.zeros((0, 15), np.uint8), np.zeros(0))
    assert all(len(values) == 0 for values in found.values())
    assert len(found) == 11


def test_numbers_outside_the_backend_stay_as_they_were() -> None:
    JaxBackend(device="cpu").eigendecompose(np.eye(3))
    assert jax.numpy.zeros(1).dtype == np.float32


# ----------------------------------------------------------------------------------------------------------- the arrays


def test_arrays_give_the_results_of_the_scan_with_their_own_kinship() -> None:
    study = simulate(9, 66, 40)
    x = study.x.astype(np.int8)
    y = study.y.copy()
    y[[3, 17]] = np.nan
    out = lmm_arrays(x, y, tests="all")
    assert out["analysed"].sum() == 64
    assert out["p_wald"].shape == (40,)
    z = study.x - study.x.mean(axis=0)
    again = lmm_arrays(study.x, y, np.ones(66), z @ z.T / 40, tests="all")
    for name in RESULTS:
        assert out[name] == pytest.approx(again[name], rel=1e-6), name
    assert out["af"] == pytest.approx(study.x[out["analysed"]].mean(axis=0) / 2.0)


def test_dosages_need_not_be_calls() -> None:
    study = simulate(10, 60, 10)
    study.x = np.clip(study.x + np.random.default_rng(0).normal(0.0, 0.1, study.x.shape), 0.0, 2.0)
    assert_optimal(study, study.model().scanner("all").scan_dosages(study.x), range(10))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"genotypes": np.zeros(5)}, "individuals x SNPs"),
        ({"phenotype": np.zeros(4)}, "phenotype has shape"),
        ({"phenotype": np.ones(20)}, "no variance left"),
        ({"covariates": np.ones((20, 2))}, "covariate 2 is a linear combination"),
        ({"covariates": np.ones((3, 1))}, "covariates have shape"),
        ({"kinship": np.eye(3)}, "kinship matrix has shape"),
        ({"tests": "f"}, "tests: expected one of"),
        ({"n_region": -1}, "cannot have -1 intervals"),
        ({"l_min": 2.0, "l_max": 1.0}, "not a range"),
        ({"phenotype": np.full(20, np.nan)}, "no individual has a phenotype"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], words: str) -> None:
    study = simulate(11, 20, 4)
    good: dict[str, Any] = {"genotypes": study.x, "phenotype": study.y, "kinship": study.k}
    with pytest.raises(ValueError, match=words):
        lmm_arrays(**(good | arguments))


# ------------------------------------------------------------------------------------------------- the decomposition


def test_eigenvalues_agree_with_numpy_and_vectors_solve_the_equation() -> None:
    k = simulate(12, 120, 1).k
    for given in (k, np.asfortranarray(k), np.repeat(np.repeat(k, 2, 0), 2, 1)[::2, ::2]):
        before = given.copy()
        d, u = JaxBackend(device="cpu").eigendecompose(given)
        assert np.array_equal(given, before)
        assert np.abs(d - np.linalg.eigvalsh(k)).max() <= 1e-12 * d[-1]
        assert (np.diff(d) >= 0.0).all()
        assert np.abs(k @ u - u * d).max() < 1e-12 * d[-1] * 10
        assert np.abs(u.T @ u - np.eye(120)).max() < 1e-12


def test_one_row_decomposes_and_a_wrong_kinship_is_an_error() -> None:
    backend = JaxBackend(device="cpu")
    d, u = backend.eigendecompose(np.array([[4.0]]))
    assert d.tolist() == [4.0]
    assert np.abs(u).tolist() == [[1.0]]
    with pytest.raises(ValueError, match="not square"):
        backend.eigendecompose(np.zeros((2, 3)))
    with pytest.raises(ArithmeticError, match="not a finite number"):
        backend.eigendecompose(np.array([[1.0, np.nan], [np.nan, 1.0]]))


def test_a_matrix_too_large_for_the_device_is_decomposed_on_the_host_with_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_plan, "is_gpu", lambda device: True)
    monkeypatch.setattr(_eigen, "MAX_DEVICE_ROWS", 50)
    k = simulate(13, 51, 1).k
    backend = JaxBackend(device="cpu")
    with pytest.warns(RuntimeWarning, match="on the host: 51 rows"):
        d, _ = backend.eigendecompose(k)
    assert d == pytest.approx(np.linalg.eigvalsh(k), abs=1e-10)
    assert len(backend.notes) == 1
    # The device's own solver, here that of JAX on the host.
    d, u = backend.eigendecompose(k[:50, :50])
    assert np.abs(k[:50, :50] @ u - u * d).max() < 1e-10
    assert len(backend.notes) == 1
    with pytest.warns(RuntimeWarning, match="are needed on the device"):
        JaxBackend(device="cpu", memory=1000).eigendecompose(k[:50, :50])


@pytest.mark.parametrize(
    ("version", "is_broken"),
    [
        ("0.7.1", False),
        ("0.7.2", True),
        ("0.8.0", True),
        ("0.8.0.dev20251001", True),
        ("0.8.1.dev20251103", True),
        ("0.8.1", False),
        ("0.10.2", False),
        ("1.0.0", False),
    ],
)
@pytest.mark.parametrize("part", ["jax", "jaxlib"])
def test_versions_whose_gpu_solver_fails_are_not_used_for_large_matrices(
    monkeypatch: pytest.MonkeyPatch, version: str, is_broken: bool, part: str
) -> None:
    import jaxlib.version

    monkeypatch.setattr(_plan, "is_gpu", lambda device: True)
    monkeypatch.setattr(jax, "__version__", version if part == "jax" else "0.9.0")
    monkeypatch.setattr(jaxlib.version, "__version__", version if part == "jaxlib" else "0.9.0")
    for n, refuses in ((16_383, False), (16_384, is_broken), (40_000, is_broken)):
        reason = _eigen.why_not_on_device(n, 1 << 50)
        assert (reason is not None) == refuses
        assert reason is None or ("33062" in reason and f"{part} {version}" in reason)
    # A stand-in of that size: the host decomposes, and the note says so once, without a warning of its own for a run.
    monkeypatch.setattr(_eigen, "BROKEN_ROWS", 40)
    k = simulate(13, 51, 1).k
    backend = JaxBackend(device="cpu", warns=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        d, _ = backend.eigendecompose(k)
    assert d == pytest.approx(np.linalg.eigvalsh(k), abs=1e-10)
    assert len(backend.notes) == is_broken


def test_an_unknown_device_and_too_little_memory_are_named() -> None:
    with pytest.raises(RuntimeError, match="JAX has no device 'tpu:7'"):
        JaxBackend(device="tpu:7")
    study = simulate(14, 60, 1)
    model = study.model()
    null = model.null()
    model.backend.memory = 1 << 20
    with pytest.raises(MemoryError, match=r"on .* are free"):
        model.scanner("wald", null)
    with pytest.raises(MemoryError, match="kinship sums"):
        model.backend.kinship_sum("centered", 5000)
    with pytest.raises(ValueError, match="'centered' or 'standardized'"):
        model.backend.kinship_sum("other", 10)


def test_a_stage_is_priced_by_the_matrices_that_it_holds() -> None:
    backend, square = JaxBackend(device="cpu"), 8 * 40_000**2
    price = partial(backend.host_bytes, block_snps=4096, dosages=False)
    for stage, matrices in (("kinship", 2), ("eigendecomposition", 3), ("association", 2)):
        assert price(stage, 40_000) - price(stage, 0) == pytest.approx(matrices * square, rel=0.05), stage
    # LAPACK's workspace of divide and conquer, as far as it can be counted.
    small = price("eigendecomposition", 20_000) - price("eigendecomposition", 0)
    assert small == 4 * 8 * 20_000**2
    # The genotypes of a block come as two bits or as doubles; the decomposition has none.
    for stage, more in (
        ("kinship", 4096 * (8 * 400 - 100)),
        ("association", 4096 * (8 * 400 - 100)),
        ("eigendecomposition", 0),
    ):
        assert backend.host_bytes(stage, 400, 4096, True) - price(stage, 400) == more, stage
    with pytest.raises(
        ValueError, match="stage: expected one of kinship, eigendecomposition, association, found 'reading'"
    ):
        price("reading", 40_000)


def test_finishing_a_kinship_needs_one_more_matrix() -> None:
    n = 700
    x = np.random.default_rng(1).binomial(2, 0.4, (n, 64)).astype(np.float64)
    total = JaxBackend(device="cpu").kinship_sum("centered", n)
    total.add_dosages(x, x.mean(axis=0), np.ones(64))
    tracemalloc.start()
    try:
        k = total.finish(64)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * k.nbytes
    z = x - x.mean(axis=0)
    assert (k == k.T).all()
    assert k == pytest.approx(z @ z.T / 64, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("kinship", "said"),
    [
        (np.zeros((6, 6)), "every entry of the kinship is 0"),
        (np.full((6, 6), 0.3), "the kinship is constant"),
        (np.add.outer(np.arange(6.0), np.arange(6.0)), "the kinship is constant"),
        (np.diag(np.full(6, 1e160)), "too large"),
        (np.diag(np.full(6, np.nan)), "not a finite number"),
    ],
)
def test_a_kinship_that_corrects_nothing_is_an_error_for_arrays_too(kinship: Floats, said: str) -> None:
    with pytest.raises(ArithmeticError, match=said):
        decompose(kinship, JaxBackend(device="cpu"))


# The last test: it drops the compiled search, which the others share.
def test_the_fallback_finds_the_optimum_where_gemmas_path_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from jamma.backends import _scan, _search

    study = simulate(5, 60, 20)
    expected = study.model().scanner("all").scan_dosages(study.x)
    monkeypatch.setattr(_search, "MAX_STEPS", 1)
    _scan.search.clear_cache()
    try:
        found = study.model().scanner("all").scan_dosages(study.x)
    finally:
        monkeypatch.undo()
        _scan.search.clear_cache()
    inside = (expected["l_remle"] > 1e-5) & (expected["l_remle"] < 1e5)
    assert inside.any()
    assert found["used_fallback"][inside].all()
    assert not expected["used_fallback"].any()
    for name in (*RESULTS[:2], "l_remle", "l_mle"):
        assert found[name] == pytest.approx(expected[name], rel=2e-5, abs=1e-7), name
