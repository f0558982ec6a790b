//! What one evaluation of the likelihoods at one λ gives.

/// What both likelihoods need at one λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// λ.
    pub lambda: f64,
    /// A = yᵀPy; 0 where the fit is perfect.
    pub a: f64,
    /// β̂ of the last swept column.
    pub beta: f64,
    /// P_xx = 1/(G⁻¹)_xx of the last swept column.
    pub p_xx: f64,
    /// Σ ln h.
    pub(crate) log_det_h: f64,
    /// ln|XᵀH⁻¹X| − ln|XᵀX| is `log_det` + ln `log_det_factor`.
    pub(crate) log_det: f64,
    pub(crate) log_det_factor: f64,
    pub(crate) g: f64,
    pub(crate) gg: f64,
    pub(crate) trace_s1: f64,
    pub(crate) trace_s2: f64,
    pub(crate) trace_s1_squared: f64,
    pub(crate) sum_dw: f64,
    pub(crate) sum_dw_squared: f64,
    /// Σ d/h, tr G⁻¹S₁ and g, or the same with a constant taken from every d/h: what the slopes are made of.
    pub(crate) slope_terms: [f64; 3],
}

impl Moments {
    /// Nothing known.
    pub(crate) const NAN: Self = Self {
        lambda: f64::NAN,
        a: f64::NAN,
        beta: f64::NAN,
        p_xx: f64::NAN,
        log_det_h: f64::NAN,
        log_det: f64::NAN,
        log_det_factor: f64::NAN,
        g: f64::NAN,
        gg: f64::NAN,
        trace_s1: f64::NAN,
        trace_s2: f64::NAN,
        trace_s1_squared: f64::NAN,
        sum_dw: f64::NAN,
        sum_dw_squared: f64::NAN,
        slope_terms: [f64::NAN; 3],
    };

    /// Divides the determinant by xᵀx = `xx`.
    pub(super) fn with_unweighted(self, xx: f64) -> Self {
        Self {
            log_det_factor: self.p_xx / xx,
            ..self
        }
    }
}
