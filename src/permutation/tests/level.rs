//! Genome-wide p-values are uniform if no SNP has an effect.

use super::{Study, scan};
use rayon::prelude::*;

const COUNT: usize = 19;
const STUDIES: u64 = 600;

/// χ² of the numbers of studies with each genome-wide p-value from 1/20 to 1.
///
/// * `lambda`: instead of the estimate
fn chi2(lambda: Option<f64>) -> f64 {
    let p_value = |seed| {
        let study = Study::simulate(1000 + seed, 66, 30, 1);
        let mut group = study.group(&[0]);
        if let Some(lambda) = lambda {
            group.traits[0].null.reml.lambda = lambda;
        }
        let scan = scan(&group, COUNT, seed);
        let maxima = &study.maxima(&scan, 0..30, 30, true)[0];
        maxima.result(group.n(), group.c()).genome_wide_p
    };
    let p: Vec<f64> = (0..STUDIES).into_par_iter().map(p_value).collect();
    let mut seen = [0.0; COUNT + 1];
    for p in p {
        seen[(p * (COUNT + 1) as f64).round() as usize - 1] += 1.0;
    }
    let expected = STUDIES as f64 / seen.len() as f64;
    let deviation = |seen: &f64| (seen - expected).powi(2) / expected;
    seen.iter().map(deviation).sum()
}

#[test]
fn genome_wide_p_is_uniform_if_no_snp_has_an_effect() {
    let chi2 = chi2(None);
    // With 19 degrees of freedom, χ² is below 50.8 with probability 0.9999.
    assert!(chi2 < 50.8, "{chi2}");
}

#[test]
fn genome_wide_p_is_too_small_if_the_kinship_is_ignored() {
    let chi2 = chi2(Some(0.0));
    assert!(chi2 > 100.0, "{chi2}");
}
