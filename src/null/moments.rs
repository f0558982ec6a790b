//! The result of evaluating the likelihoods at one λ.

/// The terms of both likelihoods at one λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// λ.
    pub lambda: f64,
    /// A = yᵀPy; 0 if the fit is perfect.
    pub a: f64,
    /// β̂ of the last column of X.
    pub beta: f64,
    /// P_xx = 1/(G⁻¹)_xx of the last column of X.
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
    /// The terms of the slopes: Σ d/h, tr G⁻¹S₁ and g, or the same with a constant subtracted from every d/h.
    pub(crate) slope_terms: [f64; 3],
}

/// The terms of the slopes of both likelihoods at one λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SlopeTerms {
    /// λ.
    pub(crate) lambda: f64,
    /// A.
    pub(crate) a: f64,
    /// [`Moments::slope_terms`].
    pub(crate) terms: [f64; 3],
}

impl Moments {
    /// The terms of the slopes.
    pub(crate) fn of_slopes(&self) -> SlopeTerms {
        SlopeTerms {
            lambda: self.lambda,
            a: self.a,
            terms: self.slope_terms,
        }
    }

    /// All terms undefined.
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
}
