//! The diagnostics of a trait: whether its tests can be trusted, and which p-values are significant.

use super::number::format_g;
use super::report::{ALPHA, TraitReport};
use crate::error::escaped;
use crate::null::{LambdaBound, NullFit, VarianceComponents};

/// Number of significant digits.
const DIGITS: usize = 6;
/// λ_GC is known to four digits if there are many SNPs.
const FEW_DIGITS: usize = 4;

/// The diagnostics of a trait as labels and values.
#[must_use]
pub fn lines(of: &TraitReport) -> Vec<(String, String)> {
    let found = &of.diagnostics;
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |label: &str, value: String| lines.push((label.to_owned(), value));
    if let Some(binary) = &found.binary {
        line("binary trait", binary.text());
    }
    if let Some(null) = &of.null {
        for (label, value) in of_null(null) {
            line(label, value);
        }
    }
    if let Some(copies) = &found.copies {
        let label = "pairs of individuals with (nearly) the same genotypes in the kinship";
        line(label, copies.n_pairs.to_string());
    }
    for test in &found.inflation {
        let g = |x: f64| format_g(x, FEW_DIGITS);
        let interval = if test.interval.iter().any(|end| end.is_nan()) {
            "too few SNPs for an interval".to_owned()
        } else {
            let [lower, upper] = test.interval.map(g);
            format!("95 % interval {lower} to {upper}")
        };
        line(
            &format!("lambda_GC ({})", test.column),
            format!("{} ({interval})", g(test.lambda_gc)),
        );
    }
    if found.n_tests() > 0 {
        for (status, count) in of.by_status() {
            line(
                &format!("SNPs with status {}", status.label()),
                count.to_string(),
            );
        }
        line("number of tests", found.n_tests().to_string());
    }
    let percent = format_g(100.0 * ALPHA, DIGITS);
    if let Some(threshold) = found.bonferroni() {
        let label = format!("Bonferroni threshold of p at {percent} %");
        line(&label, format_g(threshold, DIGITS));
    }
    if let Some(effective) = found
        .effective_tests
        .as_ref()
        .filter(|_| found.n_tests() > 0)
    {
        let label = format!(
            "effective number of tests (Li and Ji, windows of {} SNPs)",
            effective.window
        );
        line(&label, format_g(effective.count, DIGITS));
        let label = format!("threshold of p at {percent} % for the effective number of tests");
        line(&label, format_g(effective.threshold(ALPHA), DIGITS));
    }
    if let Some(n) = found.n_without_odds {
        line("SNPs whose effect has no odds ratio (nan)", n.to_string());
    }
    lines
}

/// The lines on a null model: its λ, and the interval of PVE.
#[must_use]
pub fn of_null(null: &NullFit) -> Vec<(&'static str, String)> {
    let g = |x: f64| format_g(x, DIGITS);
    let bound = match null.bound {
        None => "",
        Some(LambdaBound::Lower) => " (lower end of its range)",
        Some(LambdaBound::Upper) => " (upper end of its range)",
    };
    let mut lines = vec![(
        "REMLE lambda in the null model",
        format!("{}{bound}", g(null.reml.lambda)),
    )];
    if let Some(interval) = &null.pve_interval {
        let end = |pve: f64, is_open: bool| {
            let open = if is_open {
                " (end of the range of lambda)"
            } else {
                ""
            };
            format!("{}{open}", g(pve))
        };
        lines.push((
            "95 % profile-likelihood interval of pve",
            format!(
                "{} to {}",
                end(interval.lower, interval.is_open_below),
                end(interval.upper, interval.is_open_above)
            ),
        ));
    }
    if let Some(components) = &null.components {
        lines.extend(of_components(components));
    }
    lines
}

/// The lines on the variance components of two kinships.
fn of_components(of: &VarianceComponents) -> Vec<(&'static str, String)> {
    let [first, second] = &of.kinships;
    let residual = &of.residual;
    let values = [
        ("fraction of kinship 2 in the combined kinship", of.fraction),
        ("se(fraction of kinship 2)", of.fraction_se),
        ("vg estimate of kinship 1 in the null model", first.variance),
        ("se(vg of kinship 1)", first.variance_se),
        (
            "vg estimate of kinship 2 in the null model",
            second.variance,
        ),
        ("se(vg of kinship 2)", second.variance_se),
        ("se(ve)", residual.variance_se),
        ("pve estimate of kinship 1 in the null model", first.pve),
        ("se(pve of kinship 1)", first.pve_se),
        ("pve estimate of kinship 2 in the null model", second.pve),
        ("se(pve of kinship 2)", second.pve_se),
    ];
    let texts = values.map(|(label, value)| (label, format_g(value, DIGITS)));
    texts.into()
}

/// The SNPs that are covariates (`--condition`), for the log.
#[must_use]
pub fn conditions(ids: &[String]) -> Option<String> {
    let ids: Vec<String> = ids.iter().map(|id| escaped(id)).collect();
    (!ids.is_empty()).then(|| ids.join(", "))
}
