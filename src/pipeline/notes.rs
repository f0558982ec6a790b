//! Notes that explain a null model whose λ is at an end of its range.

use crate::null::{LambdaBound, LambdaRange};
use crate::output::number::format_g;

/// Largest fraction of the variance that the kinship explains at a lower end that is low enough; at an upper end, the residual
/// fraction.
const LITTLE: f64 = 0.05;

/// Notes on a null model whose λ is at an end of `range`.
///
/// * `lambdas`: λ̂ by REML and by ML
/// * `uses_ml`: whether any test of the run uses the ML estimate of λ
/// * `mean_eigenvalue`: t; the kinship explains tλ/(tλ + 1) of the variance
pub(super) fn notes_on_null(
    lambdas: [f64; 2],
    range: LambdaRange,
    mean_eigenvalue: f64,
    uses_ml: bool,
) -> Vec<String> {
    // The range of a fixed λ has no ends.
    if range.is_fixed() {
        return Vec::new();
    }
    let is_lowest = |lambda: f64| range.bound_at(lambda) == Some(LambdaBound::Lower);
    let is_highest = |lambda: f64| range.bound_at(lambda) == Some(LambdaBound::Upper);
    let explained = |lambda: f64| {
        let x = mean_eigenvalue * lambda;
        if x.is_finite() { x / (x + 1.0) } else { 1.0 }
    };
    let by = |is_there: &dyn Fn(f64) -> bool| match lambdas.map(is_there) {
        [true, true] => Some("REML and ML"),
        [true, false] => Some("REML"),
        [false, true] => Some("ML"),
        [false, false] => None,
    };
    if lambdas.into_iter().any(is_lowest) && lambdas.into_iter().any(is_highest) {
        return vec![format!(
            "λ of the null model is at one end of its range by REML and at the other by ML, {} and {}: the phenotype does not determine it, for example because the kinship is close to a multiple of the identity",
            format_g(range.min, 6),
            format_g(range.max, 6)
        )];
    }
    let mut notes = Vec::new();
    if let Some(by) = by(&is_lowest) {
        let share = explained(range.min);
        let meaning = if share < LITTLE {
            "the kinship explains none of the phenotype's variance, and the tests are those of linear regression".to_owned()
        } else {
            format!(
                "the best λ may be smaller, so that the kinship explains less than {:.0} % of the variance; lower -lmin, or divide the kinship by its mean diagonal, {mean_eigenvalue:.3e}",
                100.0 * share
            )
        };
        notes.push(format!(
            "λ of the null model ({by}) is at the lower end of its range, {}: {meaning}",
            format_g(range.min, 6)
        ));
    }
    if let [reml, ml] = lambdas
        && is_highest(ml)
        && !is_highest(reml)
    {
        if !uses_ml {
            return notes;
        }
        notes.push(format!(
            "λ of the null model by ML, which the score test, the likelihood ratio test and the effects of -lmm 3 and 9 use, is at the upper end of its range, {}, but is {} by REML: with few individuals, the likelihood can increase with λ without limit; the Wald test is not affected",
            format_g(range.max, 6),
            format_g(reml, 6)
        ));
        return notes;
    }
    if let Some(by) = by(&is_highest) {
        let share = explained(range.max);
        let meaning = if share > 1.0 - LITTLE {
            "the kinship explains all of the phenotype's variance, and no residual variance remains; check that the phenotype was measured, not computed from genotypes".to_owned()
        } else {
            format!(
                "the best λ may be larger, so that the kinship explains more than {:.2} % of the variance; raise -lmax, or divide the kinship by its mean diagonal, {mean_eigenvalue:.3e}",
                100.0 * share
            )
        };
        notes.push(format!(
            "λ of the null model ({by}) is at the upper end of its range, {}: {meaning}",
            format_g(range.max, 6)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_noted_by_what_they_mean() {
        let range = LambdaRange::default();
        let notes = |reml, ml, t| notes_on_null([reml, ml], range, t, true);
        assert!(notes(0.7, 0.6, 1.0).is_empty());
        assert!(notes_on_null([1.0, 1e5], range, 1.0, false).is_empty());
        for (found, words) in [
            (
                notes(1e-5, 1e-5, 1.0),
                ["REML and ML", "none of the phenotype's variance"],
            ),
            (notes(1e-5, 1.0, 1e6), ["(REML)", "less than 91 %"]),
            (notes(1.0, 1e5, 1.0), ["by ML", "Wald test is not affected"]),
            (
                notes(1e5, 1e5, 1e-6),
                ["upper end of its range, 100000", "more than 9.09 %"],
            ),
        ] {
            assert_eq!(found.len(), 1);
            assert!(
                words.iter().all(|word| found[0].contains(word)),
                "{found:?}"
            );
        }
    }
}
