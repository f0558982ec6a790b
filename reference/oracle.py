"""Dense oracle of the univariate linear mixed model: one n x n factorisation for each SNP and lambda, no rotation.

    y = W alpha + x beta + u + e,   Var(y) = (V / tau),   V = lambda K + R,   lambda = sigma_g^2 / sigma_e^2

R is the identity, or with --weights the diagonal matrix of 1 / w. With --kinship2, K is (1 - f) K1 + f K2, where the fraction f of
the variance components of both is that of the REML estimate of the null model. With --gxe, the covariates are W, the environment and x, and
the tests are of the product of x and the environment; four columns follow on the main effect and the joint test.

--model dominant, recessive or overdominant replaces the genotypes by 0 and 1, after the filters. --model genotypic adds the
indicator of heterozygotes as a second column of a SNP; the tests are of both effects, and SNPs without all three genotypes
are skipped. Missing genotypes are at the mean of the others in each column.

usage: oracle.py --bfile PREFIX --kinship FILE [--covariates FILE] [-n N] [--snps-every K] [--lmin L] [--lmax L]
                 [--kinship2 FILE] [--weights FILE] [--gxe FILE | --model MODEL] [--out FILE] [--null-out FILE]
       oracle.py --bfile PREFIX --linear [--covariates FILE] [-n N] [--snps-every K] [--model MODEL] [--out FILE]
       oracle.py --kinship-from-bed PREFIX [-n N] [--covariates FILE] [--standardised] --out FILE

The first form writes the columns of GEMMA's -lmm 4 with 12 decimals for every K-th SNP that passes the default
filters, and the null model as JSON. The second does so with the columns of -lm 4, from a least-squares fit for each SNP.
The third writes the kinship matrix. Requires numpy and scipy.
"""
from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

import numpy as np
from scipy import linalg, optimize, stats

import plink
from plink import Array

REGIONS = 10  # log-equal intervals of lambda in which a root of the derivative is sought
ZERO_EIGENVALUE = 1e-10
LINEAR_COLUMNS = "chr rs ps n_mis n_obs allele1 allele0 af beta se p_wald p_lrt p_score".split()
COLUMNS = "chr rs ps n_miss allele1 allele0 af beta se logl_H1 l_remle l_mle p_wald p_lrt p_score".split()

JOINT_COLUMNS = "beta_g se_g cov_g_gxe p_joint".split()
EFFECTS = "beta_add se_add beta_dom se_dom".split()
CODES = {"additive": (0, 1, 2), "dominant": (0, 1, 1), "recessive": (0, 0, 1), "overdominant": (0, 1, 0)}


def centred_kinship(k: Array) -> Array:
    """K centred over the analysed individuals, with eigenvalues below 1e-10 set to zero."""
    rows = k.mean(axis=1)
    k = k - rows[:, None] - rows[None, :] + rows.mean()
    values, vectors = linalg.eigh((k + k.T) / 2)
    values[values < ZERO_EIGENVALUE] = 0.0
    return (vectors * values) @ vectors.T


@dataclass
class Fit:
    """The fit of one fixed-effect design X at one lambda; P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1."""

    ml: float  # log-likelihood, maximised over beta and tau
    reml: float
    ml_slope: float  # d ml / d lambda
    reml_slope: float
    reml_curvature: float  # d^2 reml / d lambda^2
    coefficients: Array
    covariance: Array  # (X'V^-1 X)^-1
    ypy: float  # y'Py


@dataclass
class Kinship:
    """The centred kinship, and the variances of the residuals up to a factor."""

    k: Array
    residual: Array


def fit_at(lam: float, kinship: Kinship, x: Array, y: Array) -> Fit:
    """Log-likelihoods, their derivatives and generalised least squares at lambda, from dense factorisations."""
    k = kinship.k
    n, c = x.shape
    nu = n - c
    chol = linalg.cholesky(lam * k + np.diag(kinship.residual), lower=True)
    logdet_v = 2.0 * np.log(np.diag(chol)).sum()
    v_inv, _ = linalg.lapack.dpotri(chol, lower=1)
    v_inv = np.tril(v_inv) + np.tril(v_inv, -1).T
    v_inv_x = v_inv @ x
    xvx = x.T @ v_inv_x
    covariance = linalg.inv(xvx)
    coefficients = linalg.solve(xvx, v_inv_x.T @ y, assume_a="pos")
    py = v_inv @ (y - x @ coefficients)
    ypy = float((y - x @ coefficients) @ py)
    kpy = k @ py
    pkpy = v_inv @ kpy - v_inv_x @ (covariance @ (v_inv_x.T @ kpy))
    g, gg = float(py @ kpy), float(kpy @ pkpy)  # y'PKPy, y'PKPKPy
    v_inv_k = v_inv @ k
    trace_vk = float(np.trace(v_inv_k))
    pk = v_inv_k - v_inv_x @ (covariance @ (v_inv_x.T @ k))
    logdet = np.linalg.slogdet(xvx)[1] - np.linalg.slogdet(x.T @ x)[1]
    return Fit(
        ml=0.5 * n * (np.log(n / (2 * np.pi)) - 1) - 0.5 * logdet_v - 0.5 * n * np.log(ypy),
        reml=0.5 * nu * (np.log(nu / (2 * np.pi)) - 1) - 0.5 * logdet_v - 0.5 * logdet - 0.5 * nu * np.log(ypy),
        ml_slope=-0.5 * trace_vk + 0.5 * n * g / ypy,
        reml_slope=-0.5 * float(np.trace(pk)) + 0.5 * nu * g / ypy,
        reml_curvature=0.5 * float((pk * pk.T).sum()) - 0.5 * nu * (2 * gg * ypy - g * g) / ypy**2,
        coefficients=coefficients, covariance=covariance, ypy=ypy)


def maximise(value: Callable[[float], float], slope: Callable[[float], float], lmin: float, lmax: float) -> float:
    """The lambda in [lmin, lmax] with the largest value among the roots of the slope and the two end points.

    Roots are searched in ten log-equal intervals, to full precision (GEMMA stops one Newton step earlier).
    """
    points = np.geomspace(lmin, lmax, REGIONS + 1)
    slopes = [slope(float(lam)) for lam in points]
    candidates = []
    for i in range(REGIONS):
        if slopes[i] * slopes[i + 1] <= 0.0:
            root = optimize.brentq(lambda t: slope(float(np.exp(t))), np.log(points[i]), np.log(points[i + 1]),
                                   xtol=1e-13, rtol=1e-14)
            candidates.append(float(np.exp(root)))
    candidates += [lmin, lmax]
    return max(candidates, key=value)


def maximum_likelihoods(k: Kinship, x: Array, y: Array, lmin: float,
                        lmax: float) -> tuple[float, float, Callable[[float], Fit]]:
    """(lambda of the REML maximum, lambda of the ML maximum, the fit as a function of lambda)."""
    seen: dict[float, Fit] = {}

    def fit(lam: float) -> Fit:
        if lam not in seen:
            seen[lam] = fit_at(lam, k, x, y)
        return seen[lam]

    l_remle = maximise(lambda t: fit(t).reml, lambda t: fit(t).reml_slope, lmin, lmax)
    l_mle = maximise(lambda t: fit(t).ml, lambda t: fit(t).ml_slope, lmin, lmax)
    return l_remle, l_mle, fit


def safe_sqrt(d: float) -> float:
    """Square root as in GEMMA: of the absolute value if d is below 0.001."""
    return float(np.sqrt(abs(d) if d < 0.001 else d))


@dataclass
class Null:
    """The null model: the maxima of both likelihoods, and quantities at the REML estimate."""

    l_remle: float
    l_mle: float
    logl_reml: float
    logl_ml: float
    pve: float
    se_pve: float
    vg: float
    ve: float
    beta: list[float]
    se_beta: list[float]
    n: int
    c: int


def fit_null(k: Kinship, w: Array, y: Array, lmin: float, lmax: float) -> Null:
    """Fit y = W alpha + u + e."""
    n, c = w.shape
    l_remle, l_mle, fit = maximum_likelihoods(k, w, y, lmin, lmax)
    best = fit(l_remle)
    ve = best.ypy / (n - c)
    # Of the kinship of the phenotype divided by the standard deviations of the residuals.
    trace = float((np.diag(k.k) / k.residual).sum()) / n
    scale = trace * l_remle + 1.0
    return Null(
        l_remle=l_remle, l_mle=l_mle, logl_reml=best.reml, logl_ml=fit(l_mle).ml,
        pve=trace * l_remle / scale, se_pve=trace / scale**2 * safe_sqrt(-1.0 / best.reml_curvature),
        vg=l_remle * ve, ve=ve, beta=[float(b) for b in best.coefficients],
        se_beta=[safe_sqrt(ve * float(v)) for v in np.diag(best.covariance)], n=n, c=c)


def effect(x: Array, w: Array, y: Array, k: Kinship, lam: float) -> tuple[float, float, float, float]:
    """(beta, se, F, y'Py of the null model) of the SNP x at lambda; F has 1 and n - c - 1 degrees of freedom."""
    df = len(y) - w.shape[1] - 1
    full = fit_at(lam, k, np.column_stack([w, x]), y)
    null = fit_at(lam, k, w, y)
    beta, variance = float(full.coefficients[-1]), float(full.covariance[-1, -1])
    return beta, safe_sqrt(full.ypy / df * variance), (null.ypy - full.ypy) * df / full.ypy, null.ypy


def test_snp(x: Array, w: Array, y: Array, k: Kinship, null: Null, lmin: float, lmax: float) -> dict[str, float]:
    """The statistics of -lmm 4 for one mean-imputed SNP."""
    df = len(y) - w.shape[1] - 1
    l_remle, l_mle, fit = maximum_likelihoods(k, np.column_stack([w, x]), y, lmin, lmax)
    beta, se, f_wald, _ = effect(x, w, y, k, l_remle)
    score_beta, _, _, null_ypy = effect(x, w, y, k, null.l_mle)
    # P_xx of the null model is the reciprocal of the SNP's entry of (X'V^-1 X)^-1, and P_xy = beta P_xx.
    p_xx = 1.0 / float(fit(null.l_mle).covariance[-1, -1])
    f_score = len(y) * score_beta**2 * p_xx / null_ypy
    lrt = 2.0 * (fit(l_mle).ml - null.logl_ml)
    return {"beta": beta, "se": se, "logl_H1": fit(l_mle).ml, "l_remle": l_remle, "l_mle": l_mle,
            "p_wald": float(stats.f.sf(f_wald, 1, df)), "p_lrt": 1.0 if lrt <= 0 else float(stats.chi2.sf(lrt, 1)),
            "p_score": float(stats.f.sf(f_score, 1, df))}


def test_interaction(x: Array, e: Array, w: Array, y: Array, k: Kinship, null: Null, lmin: float,
                     lmax: float) -> dict[str, float]:
    """The statistics of -lmm 4 for the product of a mean-imputed SNP and an environment, and those of both effects."""
    of_null = np.column_stack([w, e, x])
    _, l_mle, fit = maximum_likelihoods(k, of_null, y, lmin, lmax)
    row = test_snp(x * e, of_null, y, k, replace(null, logl_ml=fit(l_mle).ml), lmin, lmax)
    full = fit_at(row["l_remle"], k, np.column_stack([of_null, x * e]), y)
    without = fit_at(row["l_remle"], k, np.column_stack([w, e]), y)
    df = len(y) - of_null.shape[1] - 1
    variance = full.ypy / df
    f_joint = (without.ypy - full.ypy) / (2.0 * variance)
    return row | {"beta_g": float(full.coefficients[-2]), "se_g": safe_sqrt(variance * float(full.covariance[-2, -2])),
                  "cov_g_gxe": variance * float(full.covariance[-2, -1]),
                  "p_joint": float(stats.f.sf(f_joint, 2, df))}


def coded(x: Array, model: str) -> Array:
    """The dosages x of one SNP (0, 1, 2 or NaN) in the coding of a model."""
    zero, one, two = CODES[model]
    return np.select([x == 0, x == 1, x == 2], [float(zero), float(one), float(two)], np.nan)


def snp_columns(x: Array, model: str) -> Array | None:
    """The mean-imputed column of a SNP in the model, or both columns of the genotypic one; None without all its genotypes."""
    names = ("additive", "overdominant") if model == "genotypic" else (model,)
    present = [np.unique(column[~np.isnan(column)]).size for column in (coded(x, name) for name in names)]
    least = [3, 2] if model == "genotypic" else [2]
    if any(n < m for n, m in zip(present, least, strict=True)):
        return None
    return np.column_stack([plink.mean_imputed(coded(x, name)) for name in names])


def named_columns(columns: list[str], model: str) -> list[str]:
    """The columns of a table, with both effects of the genotypic model."""
    if model != "genotypic":
        return columns
    at = columns.index("beta")
    return columns[:at] + EFFECTS + columns[at + 2 :]


def two_effects(coefficients: Array, variances: Array) -> dict[str, float]:
    """The effects of the last two columns of a design, and their standard errors."""
    (add, dom), (var_add, var_dom) = coefficients[-2:], variances[-2:]
    return {"beta_add": float(add), "se_add": safe_sqrt(float(var_add)), "beta_dom": float(dom), "se_dom": safe_sqrt(float(var_dom))}


def test_genotypic(columns: Array, w: Array, y: Array, k: Kinship, null: Null, lmin: float, lmax: float) -> dict[str, float]:
    """The statistics of -lmm 4 for both columns of a mean-imputed SNP, on 2 degrees of freedom."""
    n, df = len(y), len(y) - w.shape[1] - 2
    l_remle, l_mle, fit = maximum_likelihoods(k, np.column_stack([w, columns]), y, lmin, lmax)
    best, at_null = fit(l_remle), fit(null.l_mle)
    without, null_ypy = fit_at(l_remle, k, w, y).ypy, fit_at(null.l_mle, k, w, y).ypy
    f_wald = (without - best.ypy) / 2.0 / (best.ypy / df)
    f_score = n * (null_ypy - at_null.ypy) / null_ypy / 2.0
    lrt = max(2.0 * (fit(l_mle).ml - null.logl_ml), 0.0)
    return two_effects(best.coefficients, best.ypy / df * np.diag(best.covariance)) | {
        "logl_H1": fit(l_mle).ml, "l_remle": l_remle, "l_mle": l_mle, "p_wald": float(stats.f.sf(f_wald, 2, df)),
        "p_lrt": float(stats.chi2.sf(lrt, 2)), "p_score": float(stats.f.sf(f_score, 2, df))}


def variance_components(first: Array, second: Array, residual: Array, w: Array, y: Array) -> tuple[float, dict[str, float]]:
    """The fraction of the second kinship, and the standard errors of what follows from the three variance components.

    The restricted likelihood is maximised with a simplex, and the root of its derivatives is found from there. The standard
    errors are those of the average information, y'P Vi P Vj P y / 2, and of the delta method.
    """
    parts = [first - first.mean(0) - first.mean(1)[:, None] + first.mean(),
             second - second.mean(0) - second.mean(1)[:, None] + second.mean(), np.diag(residual)]

    def projection(variances: Array) -> tuple[Array, float]:
        v = sum(s * part for s, part in zip(variances, parts, strict=True))
        v_inv = linalg.inv(v)
        xvx = w.T @ v_inv @ w
        logdet = np.linalg.slogdet(v)[1] + np.linalg.slogdet(xvx)[1]
        return v_inv - v_inv @ w @ linalg.solve(xvx, w.T @ v_inv), float(logdet)

    def loss(logs: Array) -> float:
        p, logdet = projection(np.exp(logs))
        return 0.5 * (logdet + float(y @ p @ y))

    def slopes(variances: Array) -> Array:
        p, _ = projection(variances)
        return np.array([np.sum(p * part) - y @ p @ part @ p @ y for part in parts])

    scale = np.log(np.var(y))
    starts = [np.array([a, b, -1.0]) + scale for a in (-1.0, -3.0) for b in (-1.0, -3.0)]
    found = min((optimize.minimize(loss, s, method="Nelder-Mead", options={"maxiter": 4000}) for s in starts),
                key=lambda result: float(result.fun))
    root = optimize.root(slopes, np.exp(found.x), tol=1e-13)
    s1, s2, se = (float(x) for x in root.x)
    p, _ = projection(root.x)
    columns = np.column_stack([part @ p @ y for part in parts])
    covariance = linalg.inv(columns.T @ p @ columns / 2.0)
    t = [float((np.diag(part) / residual).mean()) for part in parts]
    explained = [t[0] * s1, t[1] * s2, se]
    total = sum(explained)

    def se_of(derivatives: list[float]) -> float:
        d = np.array(derivatives)
        return float(np.sqrt(d @ covariance @ d))

    def se_of_pve(k: int) -> float:
        return se_of([t[j] * ((j == k) - explained[k] / total) / total for j in range(3)])

    return s2 / (s1 + s2), {
        "fraction": s2 / (s1 + s2), "se_fraction": se_of([-s2 / (s1 + s2) ** 2, s1 / (s1 + s2) ** 2, 0.0]),
        "vg1": s1, "vg2": s2, "se_vg1": se_of([1.0, 0.0, 0.0]), "se_vg2": se_of([0.0, 1.0, 0.0]),
        "se_ve": se_of([0.0, 0.0, 1.0]), "pve1": explained[0] / total, "pve2": explained[1] / total,
        "se_pve1": se_of_pve(0), "se_pve2": se_of_pve(1)}


def read_values(path: str | None) -> Array | None:
    """A value for each individual, NaN if it is NA."""
    return None if path is None else np.array([float(v.replace("NA", "nan")) for v in Path(path).read_text().split()])


def scan(a: argparse.Namespace) -> None:
    """Write the association table and the null model."""
    study = plink.read_study(Path(a.bfile), a.n, Path(a.covariates) if a.covariates else None)
    e, weights = read_values(a.gxe), read_values(a.weights)
    for values in (e, weights):
        if values is not None:
            kept = ~np.isnan(values[study.analysed])
            study = replace(study, analysed=study.analysed & ~np.isnan(values), y=study.y[kept], w=study.w[kept])
    residual = np.ones(len(study.y)) if weights is None else 1.0 / weights[study.analysed]
    matrix = plink.read_kinship(Path(a.kinship), study.analysed)
    components: dict[str, float] = {}
    if a.kinship2:
        second = plink.read_kinship(Path(a.kinship2), study.analysed)
        fraction, components = variance_components(matrix, second, residual, study.w, study.y)
        matrix = (1.0 - fraction) * matrix + fraction * second
    k = Kinship(centred_kinship(matrix), residual)
    columns = named_columns(COLUMNS if e is None else COLUMNS + JOINT_COLUMNS, a.model)
    null = fit_null(k, study.w, study.y, a.lmin, a.lmax)
    out = open(a.out, "w") if a.out else sys.stdout
    out.write("\t".join(columns) + "\n")
    for j in plink.kept_snps(study)[:: a.snps_every]:
        x = study.dosage[study.analysed, j]
        of_snp = snp_columns(x, a.model)
        if of_snp is None:
            continue
        imputed = of_snp[:, 0]
        if a.model == "genotypic":
            row = test_genotypic(of_snp, study.w, study.y, k, null, a.lmin, a.lmax)
        elif e is None:
            row = test_snp(imputed, study.w, study.y, k, null, a.lmin, a.lmax)
        else:
            row = test_interaction(imputed, e[study.analysed], study.w, study.y, k, null, a.lmin, a.lmax)
        bim = study.bim
        head = [bim.chr[j], bim.rs[j], str(bim.ps[j]), str(int(np.isnan(x).sum())), bim.allele1[j], bim.allele0[j],
                f"{np.nanmean(x) / 2:.12e}"]
        out.write("\t".join(head + [f"{row[c]:.12e}" for c in columns[7:]]) + "\n")
    text = json.dumps(vars(null) | components, indent=1) + "\n"
    if a.null_out:
        Path(a.null_out).write_text(text)
    else:
        sys.stderr.write(text)


def regress_snp(x: Array, w: Array, y: Array) -> dict[str, float]:
    """The statistics of -lm 4 for one mean-imputed SNP, from orthogonal factorisations of W and of (W, x)."""
    n, df = len(y), len(y) - w.shape[1] - 1
    q, r = linalg.qr(np.column_stack([w, x]), mode="economic")
    products = q.T @ y
    beta, xpx = products[-1] / r[-1, -1], r[-1, -1] ** 2
    null_rss = float(((y - q[:, :-1] @ products[:-1]) ** 2).sum())
    rss = float(((y - q @ products) ** 2).sum())
    square = float(products[-1] ** 2)
    return {"beta": float(beta), "se": float(np.sqrt(rss / df / xpx)), "p_wald": float(stats.f.sf(square * df / rss, 1, df)),
            "p_lrt": float(stats.chi2.sf(-n * np.log1p(-square / null_rss), 1)),
            "p_score": float(stats.f.sf(square * n / null_rss, 1, df))}


def regress_genotypic(columns: Array, w: Array, y: Array) -> dict[str, float]:
    """The statistics of -lm 4 for both columns of a mean-imputed SNP, on 2 degrees of freedom."""
    n, df = len(y), len(y) - w.shape[1] - 2
    x = np.column_stack([w, columns])
    q, r = linalg.qr(x, mode="economic")
    products = q.T @ y
    null_rss = float(((y - q[:, :-2] @ products[:-2]) ** 2).sum())
    rss = float(((y - q @ products) ** 2).sum())
    square = float((products[-2:] ** 2).sum())
    inverse = linalg.solve_triangular(r, np.eye(r.shape[0]))
    return two_effects(linalg.solve_triangular(r, products), rss / df * (inverse**2).sum(axis=1)) | {
        "p_wald": float(stats.f.sf(square * df / rss / 2, 2, df)),
        "p_lrt": float(stats.chi2.sf(-n * np.log1p(-square / null_rss), 2)),
        "p_score": float(stats.f.sf(square * n / null_rss / 2, 2, df))}


def scan_linear(a: argparse.Namespace) -> None:
    """Write the association table of the linear model."""
    study = plink.read_study(Path(a.bfile), a.n, Path(a.covariates) if a.covariates else None)
    bim = study.bim
    out = open(a.out, "w") if a.out else sys.stdout
    columns = named_columns(LINEAR_COLUMNS, a.model)
    out.write("\t".join(columns) + "\n")
    for j in plink.kept_snps(study)[:: a.snps_every]:
        x = study.dosage[study.analysed, j]
        of_snp = snp_columns(x, a.model)
        if of_snp is None:
            continue
        if a.model == "genotypic":
            row = regress_genotypic(of_snp, study.w, study.y)
        else:
            row = regress_snp(of_snp[:, 0], study.w, study.y)
        n_mis = int(np.isnan(x).sum())
        head = [bim.chr[j], bim.rs[j], str(bim.ps[j]), str(n_mis), str(len(x) - n_mis), bim.allele1[j], bim.allele0[j],
                f"{np.nanmean(x) / 2:.12e}"]
        out.write("\t".join(head + [f"{row[c]:.12e}" for c in columns[8:]]) + "\n")


def main() -> None:
    """Parse the arguments and run one of the three forms."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--bfile")
    source.add_argument("--kinship-from-bed", metavar="PREFIX")
    parser.add_argument("--kinship")
    parser.add_argument("--kinship2")
    parser.add_argument("--linear", action="store_true")
    parser.add_argument("--covariates")
    parser.add_argument("--gxe")
    parser.add_argument("--weights")
    parser.add_argument("--model", choices=[*CODES, "genotypic"], default="additive")
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("--snps-every", type=int, default=1)
    parser.add_argument("--lmin", type=float, default=1e-5)
    parser.add_argument("--lmax", type=float, default=1e5)
    parser.add_argument("--standardised", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--null-out")
    a = parser.parse_args()
    if a.gxe and a.model == "genotypic":
        parser.error("--gxe tests one effect of a SNP, --model genotypic has two")
    if a.bfile and a.linear:
        scan_linear(a)
    elif a.bfile:
        if not a.kinship:
            parser.error("--bfile needs --kinship")
        scan(a)
    else:
        study = plink.read_study(Path(a.kinship_from_bed), a.n, Path(a.covariates) if a.covariates else None)
        np.savetxt(a.out or sys.stdout, plink.dense_kinship(study, a.standardised), fmt="%.10g", delimiter="\t")


if __name__ == "__main__":
    main()
