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
from scipy import linalg, stats

Array = NDArray[np.float64]
LMIN, LMAX = 1e-5, 1e5
FIXED = ("wald F, λ of null (REML)", "wald χ², λ of null (REML)", "LRT, λ of null (ML)", "score", "score χ²")


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

    def products(self, lam: float) -> tuple[Array, Array, float]:
        """x'Px and x'Py of every SNP, and y'Py."""
        w, y = self.study.w, self.study.y
        factor = linalg.cho_factor(lam * self.kinship.k + np.eye(len(y)))
        v_inv_w = linalg.cho_solve(factor, w)
        solved = np.linalg.solve(w.T @ v_inv_w, v_inv_w.T)  # (W'V⁻¹W)⁻¹W'V⁻¹
        residual_y, residual_x = y - w @ (solved @ y), self.x - w @ (solved @ self.x)
        v_inv_x, v_inv_y = linalg.cho_solve(factor, residual_x), linalg.cho_solve(factor, residual_y)
        return np.einsum("ij,ij->j", residual_x, v_inv_x), residual_x.T @ v_inv_y, float(residual_y @ v_inv_y)

    def fixed(self, model: str) -> Table:
        """Every SNP, with λ of the null model; `model` is one of FIXED."""
        n, df = len(self.study.y), len(self.study.y) - self.study.w.shape[1] - 1
        p_xx, p_xy, p_yy = self.products(self.null.l_remle if "REML" in model else self.null.l_mle)
        rest = p_yy - p_xy**2 / p_xx
        beta, se = p_xy / p_xx, np.sqrt(rest / df / p_xx)
        if model == "LRT, λ of null (ML)":
            p = stats.chi2.sf(n * np.log(p_yy / rest), 1)
        elif model == "score":
            p = stats.f.sf(n * p_xy**2 / (p_yy * p_xx), 1, df)
        elif model == "score χ²":
            se = np.sqrt(p_yy / n / p_xx)
            p = stats.chi2.sf((beta / se) ** 2, 1)
        elif model == "wald χ², λ of null (REML)":
            p = stats.chi2.sf((beta / se) ** 2, 1)
        elif model == "wald F, λ of null (REML)":
            p = stats.f.sf((beta / se) ** 2, 1, df)
        else:
            raise ValueError(f"unknown model {model}")
        bim = self.study.bim
        return Table(bim.rs, bim.allele1, bim.allele0, beta, se, p)

    @functools.lru_cache(maxsize=None)  # noqa: B019 - one object for each study, for the length of the run
    def exact(self, rs: str) -> dict[str, float]:
        """All p-values of one SNP with its own λ, from the dense oracle."""
        x, w, y = self.x[:, self.row_of[rs]], self.study.w, self.study.y
        row = oracle.test_snp(x, w, y, self.kinship, self.null, LMIN, LMAX)
        return {"wald F, REML": row["p_wald"], "wald χ², REML": float(stats.chi2.sf((row["beta"] / row["se"]) ** 2, 1)),
                "LRT, ML": row["p_lrt"], "score": row["p_score"], "λ": row["l_remle"]}


class Truth:
    """The models of one study with each of its kinships."""

    def __init__(self, study: plink.Study, centred: pathlib.Path) -> None:
        """`centred` is the kinship that the programs read."""
        self.study = study
        self.centred = Models(study, plink.read_kinship(centred, study.analysed))

    @functools.lru_cache(maxsize=None)  # noqa: B019
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
            return {"wald F, REML": row["p_wald"], "LRT, ML": row["p_lrt"], "score": row["p_score"]}
        if run == "centred":
            return self.centred.exact(rs)
        return self.models(run, self.study.bim.chr[j] if run.endswith("loco") else None).exact(rs)
