//! The interval of PVE against the textbook likelihood on a fine grid.

use super::Study;
use super::textbook::Textbook;
use crate::null::likelihood::Criterion;
use crate::null::{LambdaRange, fit_null};

/// χ²₀.₉₅(1) / 2.
const DROP: f64 = 3.841_458_820_694_124 / 2.0;

#[test]
fn the_interval_contains_the_values_that_the_textbook_likelihood_does_not_reject() {
    // Beyond this λ, the textbook form loses its digits.
    let range = LambdaRange {
        max: 1e2,
        ..LambdaRange::default()
    };
    let (mut closed, mut open_below, mut open_above) = (0, 0, 0);
    for seed in 0..24_u64 {
        let h2 = [0.0, 0.3, 0.6, 0.95][seed as usize % 4];
        let study = Study::simulate(700 + seed, 90, 1 + seed as usize % 3, h2);
        let model = study.model();
        let null = fit_null(&model, range).unwrap();
        let interval = null.pve_interval.expect("an interval");
        let textbook = Textbook::new(&study, false);
        let excess =
            |lambda: f64| textbook.at(Criterion::Reml, lambda).value - (null.reml.value - DROP);
        let t = model.mean_eigenvalue();
        let lambda_at = |pve: f64| pve / (1.0 - pve) / t;
        assert!(interval.lower <= null.pve && null.pve <= interval.upper);
        for (end, is_open, limit) in [
            (interval.lower, interval.is_open_below, range.min),
            (interval.upper, interval.is_open_above, range.max),
        ] {
            let lambda = lambda_at(end);
            if is_open {
                assert!((lambda / limit - 1.0).abs() < 1e-9, "{lambda}");
                assert!(excess(limit) >= 0.0);
            } else {
                assert!(excess(lambda).abs() < 1e-6, "{}", excess(lambda));
            }
        }
        // No value inside is rejected, and the values just outside are.
        for i in 1..100 {
            let pve = interval.lower + (interval.upper - interval.lower) * f64::from(i) / 100.0;
            assert!(excess(lambda_at(pve)) > 0.0, "seed {seed}: {pve}");
        }
        if !interval.is_open_below {
            assert!(excess(lambda_at(interval.lower) * 0.99) < 0.0);
        }
        if !interval.is_open_above {
            assert!(excess(lambda_at(interval.upper) * 1.01) < 0.0);
        }
        closed += usize::from(!interval.is_open_below && !interval.is_open_above);
        open_below += usize::from(interval.is_open_below);
        open_above += usize::from(interval.is_open_above);
    }
    assert!(closed > 3 && open_below > 3, "{closed} {open_below}");
    assert!(open_above > 0, "{open_above}");
}

#[test]
fn a_fixed_lambda_has_no_interval_and_a_range_from_0_has() {
    let study = Study::simulate(41, 60, 1, 0.0);
    let model = study.model();
    let fixed = LambdaRange {
        min: 0.5,
        max: 0.5,
        intervals: 1,
    };
    assert_eq!(fit_null(&model, fixed).unwrap().pve_interval, None);
    let from_0 = LambdaRange {
        min: 0.0,
        ..LambdaRange::default()
    };
    let usual = fit_null(&model, LambdaRange::default()).unwrap();
    let found = fit_null(&model, from_0).unwrap();
    let [usual, found] = [usual, found].map(|fit| fit.pve_interval.expect("an interval"));
    assert!((usual.upper - found.upper).abs() < 1e-4);
    assert!(found.is_open_below && found.lower == 0.0, "{found:?}");
}
