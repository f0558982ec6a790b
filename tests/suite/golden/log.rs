//! The counts and the null model of a log.

use super::decimal::units_apart;
use super::tolerances::Tolerances;
use crate::common::{log_value, relative_difference};

const COUNTS: [&str; 6] = [
    "number of total individuals",
    "number of analyzed individuals",
    "number of covariates",
    "number of phenotypes",
    "number of total SNPs/var",
    "number of analyzed SNPs/var",
];
const NULL_MODEL: [&str; 5] = [
    "REMLE log-likelihood in the null model",
    "MLE log-likelihood in the null model",
    "pve estimate in the null model",
    "vg estimate in the null model",
    "ve estimate in the null model",
];
const BETA: &str = "beta estimate in the null model";
const SE_PVE: &str = "se(pve) in the null model";
const DIGITS: u32 = 6;
/// The lower end of the range of λ in every reference run with a null model there.
const LAMBDA_MIN: f64 = 1e-5;

/// Asserts that the counts of two logs are the same.
pub fn assert_same_counts(name: &str, ours: &str, theirs: &str) {
    for label in COUNTS {
        assert_eq!(
            log_value(ours, label),
            log_value(theirs, label),
            "{name}: {label}"
        );
    }
}

/// The number of values of the null model that were compared, and a description of each whose text differs, with a
/// leading `!` if it is beyond its tolerance. Nothing is compared for a log without a null model.
pub fn null_differences(
    name: &str,
    ours: &str,
    theirs: &str,
    t: &Tolerances,
) -> (usize, Vec<String>) {
    if !theirs.contains(BETA) {
        assert!(
            !ours.contains(BETA),
            "{name}: a null model, but GEMMA has none"
        );
        return (0, Vec::new());
    }
    let mut found = Vec::new();
    let mut compared = 0;
    let mut check = |label: &str, a: &str, b: &str, is_within: bool| {
        compared += 1;
        if a != b {
            found.push(format!(
                "{} {name}: {label}: {a}, GEMMA {b}",
                if is_within { ' ' } else { '!' }
            ));
        }
    };
    for label in NULL_MODEL {
        check(
            label,
            &log_value(ours, label),
            &log_value(theirs, label),
            false,
        );
    }
    let (a, b) = (log_value(ours, SE_PVE), log_value(theirs, SE_PVE));
    let number = |label| log_value(theirs, label).parse::<f64>().expect("a number");
    let lambda = number("vg estimate in the null model") / number("ve estimate in the null model");
    let is_near = relative_difference(a.parse().expect("a number"), b.parse().expect("a number"))
        <= if lambda < LAMBDA_MIN * (1.0 + 1e-5) {
            t.se_pve_at_lambda_min
        } else {
            t.se_pve_at_small_lambda
        };
    check(SE_PVE, &a, &b, lambda < t.smallest_plain_lambda && is_near);

    let [ours, theirs] = [ours, theirs].map(|log| (words(log, BETA), words(log, "se(beta)")));
    assert_eq!(
        (ours.0.len(), ours.1.len()),
        (theirs.0.len(), theirs.1.len()),
        "{name}: number of covariates"
    );
    for (j, (a, b)) in ours.1.iter().zip(&theirs.1).enumerate() {
        check("se(beta)", a, b, false);
        let se: f64 = b.parse().expect("a number");
        let (a, b) = (&ours.0[j], &theirs.0[j]);
        let is_noise = |x: &str| x.parse::<f64>().expect("a number").abs() <= t.zero_null_beta * se;
        let is_within = if is_noise(b) {
            is_noise(a)
        } else {
            units_apart(a, b, DIGITS) <= u128::from(t.null_beta_units)
        };
        check(BETA, a, b, is_within);
    }
    (compared, found)
}

fn words(log: &str, label: &str) -> Vec<String> {
    log_value(log, label)
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}
