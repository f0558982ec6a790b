"""The statistical models of the programs of accuracy.py, computed independently with dense matrices.

With λ of the null model, every SNP is computed: P = V⁻¹ - V⁻¹W(W'V⁻¹W)⁻¹W'V⁻¹ is formed once, and β = x'Py / x'Px. With λ of
each SNP, reference/oracle.py factorises V for each SNP and λ, which takes seconds for each SNP, so that only some are computed.
Nothing is rotated, and no formula is shared with jamma or the other programs.
"""

import functools
import pathlib

import numpy as np
import oracle
import plink
from accuracy_tables import Table
from numpy.typing import NDArray
from scipy import linalg, optimize, stats

Array = NDArray[np.float64]
LMIN, LMAX = 1e-5, 1e5
# Models in which every SNP has λ (and in the second, also the residual variance) of a null model.
FIXED = ("Wald F, λ of null (REML)", "Wald F, λ and σ² of null (REML)", "Wald χ², λ of null (REML)", "LRT, λ of null (ML)",
         "score F", "score χ²")
IMPLIED_SNPS = 400  # from which λ is estimated


class Models:
    """The models of one study with one kinship."""

    def __init__(self, study: plink.Study, kinship: Array) -> None:
        """`kinship` is that of the analysed individuals; it is centred."""
        self.study = study
        self.kinship = oracle.Kinship(oracle.centred_kinship(kinship), np.ones(len(kinship)))
        x = study.dosage[study.analysed]
        self.x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
        self.row_of = {rs: j for j, rs in enumerate(study.bim.rs)}

    @functools.cached_property
    def null(self) -> oracle.Null:
        """The null model."""
        return oracle.fit_null(self.kinship, self.study.w, self.study.y, LMIN, LMAX)

    def products(self, lam: float, snps: slice | list[int] = slice(None)) -> tuple[Array, Array, float]:
        """x'Px and x'Py of every SNP (or of some), and y'Py."""
        w, y, x = self.study.w, self.study.y, self.x[:, snps]
        factor = linalg.cho_factor(lam * self.kinship.k + np.eye(len(y)))
        v_inv_w = linalg.cho_solve(factor, w)
        solved = np.linalg.solve(w.T @ v_inv_w, v_inv_w.T)  # (W'V⁻¹W)⁻¹W'V⁻¹
        residual_y, residual_x = y - w @ (solved @ y), x - w @ (solved @ x)
        v_inv_x, v_inv_y = linalg.cho_solve(factor, residual_x), linalg.cho_solve(factor, residual_y)
        p_xx = np.einsum("ij,ij->j", residual_x, v_inv_x)
        p_xx[np.ptp(x, axis=0) == 0] = np.nan  # a monomorphic SNP has no statistics
        return p_xx, residual_x.T @ v_inv_y, float(residual_y @ v_inv_y)

    def fixed(self, model: str) -> Table:
        """Every SNP, with λ of the null model; `model` is one of FIXED."""
        n, df = len(self.study.y), len(self.study.y) - self.study.w.shape[1] - 1
        p_xx, p_xy, p_yy = self.products(self.null.l_remle if "REML" in model else self.null.l_mle)
        rest = p_yy - p_xy**2 / p_xx
        beta, se = p_xy / p_xx, np.sqrt(rest / df / p_xx)
        f = (beta / se) ** 2
        if model == "Wald F, λ of null (REML)":
            p = stats.f.sf(f, 1, df)
        elif model == "Wald F, λ and σ² of null (REML)":
            se = np.sqrt(p_yy / (df + 1) / p_xx)
            p = stats.f.sf((beta / se) ** 2, 1, df)
        elif model == "Wald χ², λ of null (REML)":
            p = stats.chi2.sf(f, 1)
        elif model == "LRT, λ of null (ML)":
            p = stats.chi2.sf(n * np.log(p_yy / rest), 1)
        elif model == "score F":
            p = stats.f.sf(n * p_xy**2 / (p_yy * p_xx), 1, df)
        elif model == "score χ²":
            se = np.sqrt(p_yy / n / p_xx)
            p = stats.chi2.sf((beta / se) ** 2, 1)
        else:
            raise ValueError(f"unknown model {model}")
        bim = self.study.bim
        return Table(bim.rs, bim.allele1, bim.allele0, beta, se, p)

    def implied_lambda(self, table: Table) -> float | None:
        """The λ that reproduces the effects of a table best, if it has one λ for all SNPs; None without effects.

        Minimises the median relative difference of β over some SNPs, so that the digits with which a table is printed matter little.
        """
        step = max(1, len(table.rs) // IMPLIED_SNPS)
        rows = [i for i in range(0, len(table.rs), step) if table.rs[i] in self.row_of and np.isfinite(table.beta[i])]
        if not rows:
            return None
        columns = [self.row_of[table.rs[i]] for i in rows]
        signs = np.array([1.0 if table.allele1[i] == self.study.bim.allele1[j] else -1.0 for i, j in zip(rows, columns, strict=True)])
        given = signs * table.beta[rows]

        def loss(log_lambda: float) -> float:
            p_xx, p_xy, _ = self.products(float(np.exp(log_lambda)), columns)
            return float(np.median(np.abs(p_xy / p_xx - given) / np.abs(given)))

        grid = np.linspace(np.log(self.null.l_remle) - 3, np.log(self.null.l_remle) + 3, 13)
        best = min(grid, key=loss)
        found = optimize.minimize_scalar(loss, bounds=(best - 0.5, best + 0.5), method="bounded", options={"xatol": 1e-7})
        return float(np.exp(found.x))

    @functools.cache  # noqa: B019 - one object for each study, for the length of the run
    def exact(self, rs: str) -> dict[str, float]:
        """All p-values of one SNP with its own λ, from the dense oracle."""
        x, w, y = self.x[:, self.row_of[rs]], self.study.w, self.study.y
        row = oracle.test_snp(x, w, y, self.kinship, self.null, LMIN, LMAX)
        return {"Wald F, REML": row["p_wald"], "Wald χ², REML": float(stats.chi2.sf((row["beta"] / row["se"]) ** 2, 1)),
                "LRT, ML": row["p_lrt"], "score F": row["p_score"], "λ": row["l_remle"]}


class Truth:
    """The models of one study with each of its kinships."""

    def __init__(self, study: plink.Study, centred: pathlib.Path) -> None:
        """`centred` is the kinship that the programs read."""
        self.study = study
        self.centred = Models(study, plink.read_kinship(centred, study.analysed))

    @functools.cache  # noqa: B019
    def models(self, run: str, chromosome: str | None) -> Models:
        """The models of one run of jamma; `chromosome` is that of the SNP if it is left out."""
        kept = [j for j in range(len(self.study.bim.rs)) if self.study.bim.chr[j] != chromosome]
        kinship = plink.dense_kinship(plink.snps_only(self.study, kept), run.startswith("standardised"))
        return Models(self.study, kinship[np.ix_(self.study.analysed, self.study.analysed)])

    def exact(self, run: str, rs: str) -> dict[str, float]:
        """All p-values of one SNP, as a run of jamma should compute them."""
        j = self.centred.row_of[rs]
        if run == "linear":
            row = oracle.regress_snp(self.centred.x[:, j], self.study.w, self.study.y)
            return {"Wald F, REML": row["p_wald"], "LRT, ML": row["p_lrt"], "score F": row["p_score"]}
        if run == "centred":
            return self.centred.exact(rs)
        return self.models(run, self.study.bim.chr[j] if run.endswith("loco") else None).exact(rs)
