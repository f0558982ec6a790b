//! The regression of a trait on one SNP, and its test statistics.

/// The sizes of a study that tests depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Degrees {
    /// Individuals.
    pub(super) n: f64,
    /// n − c − 1, at least 1.
    pub(super) df: f64,
}

/// The estimate of β, and the sums of squares of which the tests are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Regression {
    /// xᵀPy / xᵀPx.
    pub(super) beta: f64,
    /// xᵀPx.
    pub(super) xpx: f64,
    /// yᵀPy.
    pub(super) ypy: f64,
    /// The residual sum of squares; 0 if the SNP and the covariates explain the trait completely.
    pub(super) rss: f64,
    /// (xᵀPy)² / (xᵀPx yᵀPy): the proportion of yᵀPy that the SNP explains.
    pub(super) r2: f64,
}

impl Regression {
    /// All statistics undefined.
    pub(super) const NAN: Self = Self {
        beta: f64::NAN,
        xpx: f64::NAN,
        ypy: f64::NAN,
        rss: f64::NAN,
        r2: f64::NAN,
    };

    /// * `xpx`, `xpy`, `ypy`: xᵀPx, above 0, xᵀPy and yᵀPy
    pub(super) fn new(xpx: f64, xpy: f64, ypy: f64) -> Self {
        let beta = xpy / xpx;
        let r2 = beta * xpy / ypy;
        Self {
            beta,
            xpx,
            ypy,
            rss: ypy * (1.0 - r2),
            r2,
        }
    }

    /// √(RSS / (df xᵀPx)).
    pub(super) fn se_wald(&self, of: Degrees) -> f64 {
        (self.rss / (of.df * self.xpx)).sqrt()
    }

    /// √(yᵀPy / (n xᵀPx)).
    pub(super) fn se_score(&self, of: Degrees) -> f64 {
        (self.ypy / (of.n * self.xpx)).sqrt()
    }

    /// β̂² xᵀPx df / RSS.
    pub(super) fn f_wald(&self, of: Degrees) -> f64 {
        self.r2 * self.ypy * of.df / self.rss
    }

    /// β̂² xᵀPx n / yᵀPy.
    pub(super) fn f_score(&self, of: Degrees) -> f64 {
        self.r2 * of.n
    }

    /// n ln(yᵀPy / RSS): for small R² as −n ln(1 − R²), in which nothing cancels.
    pub(super) fn likelihood_ratio(&self, of: Degrees) -> f64 {
        if self.r2 < 0.5 {
            -of.n * (-self.r2).ln_1p()
        } else {
            of.n * (self.ypy / self.rss).ln()
        }
    }
}
