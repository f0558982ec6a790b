//! The maximum over λ against a search without derivatives.

use super::textbook::Textbook;
use super::{Study, assert_close};
use crate::null::likelihood::{Criterion, Likelihood, Scratch};
use crate::null::{Found, LambdaGrid, LambdaRange};

const POINTS: usize = 400;

/// λ of the largest value of `f` in the range, by a fine scan in ln λ and golden sections around its best point.
fn golden_section(range: LambdaRange, f: impl Fn(f64) -> f64) -> f64 {
    let step = (range.max / range.min).ln() / POINTS as f64;
    let at = |i: usize| range.min.ln() + step * i as f64;
    let best = (0..=POINTS)
        .max_by(|&i, &j| f(at(i).exp()).total_cmp(&f(at(j).exp())))
        .expect("points");
    if best == 0 || best == POINTS {
        return if best == 0 { range.min } else { range.max };
    }
    let (mut lo, mut hi) = (at(best - 1), at(best + 1));
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    while hi - lo > 1e-8 {
        let (a, b) = (hi - ratio * (hi - lo), lo + ratio * (hi - lo));
        if f(a.exp()) > f(b.exp()) {
            hi = b;
        } else {
            lo = a;
        }
    }
    (0.5 * (lo + hi)).exp()
}

#[test]
fn the_path_ends_at_the_maximum_that_golden_sections_find() {
    let range = LambdaRange::default();
    let (mut inside, mut at_ends) = (0, 0);
    for seed in 0..24_u64 {
        let c = 1 + seed as usize % 4;
        let h2 = [0.2, 0.5, 0.8][seed as usize % 3];
        let study = Study::simulate(100 + seed, 80, c, h2);
        let model = study.model();
        let x = study.rotated_snp(&model);
        let grid = LambdaGrid::new(range);
        for with_snp in [false, true] {
            let textbook = Textbook::new(&study, with_snp);
            let mut scratch = Scratch::default();
            let mut likelihood = Likelihood::new(&model, with_snp.then_some(&x), &mut scratch);
            let survey = grid.survey(&mut likelihood).unwrap();
            for criterion in [Criterion::Ml, Criterion::Reml] {
                let optimum = grid.maximise(&mut likelihood, &survey, criterion);
                let value = |lambda| textbook.at(criterion, lambda).value;
                let expected = golden_section(range, value);
                assert_close("lambda", optimum.lambda, expected, 1e-4);
                // For larger λ, the textbook form loses its digits against the intercept; the dense model keeps them.
                if optimum.lambda <= 1e3 {
                    assert_close("value", optimum.value, value(optimum.lambda), 1e-10);
                }
                match optimum.found {
                    Found::Path => inside += 1,
                    Found::End => at_ends += 1,
                    found => panic!("{found:?} on an ordinary model"),
                }
            }
        }
    }
    assert!(
        inside >= 60 && at_ends >= 1,
        "{inside} inside, {at_ends} at an end"
    );
}
