//! The survey by tables equals the survey by direct evaluation.

use crate::assoc::lmm::survey::{GridSums, GridTable, SurveyScratch, TraitGrid};
use crate::null::tests::{Study, assert_close};
use crate::null::{Criterion, LambdaGrid, LambdaRange, Likelihood, Scratch, SharedTable};

#[test]
fn tables_give_the_slopes_and_values_of_the_residual_form() {
    for c in 1..=4 {
        let study = Study::simulate(30 + c as u64, 83, c, 0.4);
        let model = study.model();
        let x = study.rotated_snp(&model);
        let grid = LambdaGrid::new(LambdaRange::default());
        let table = GridTable::new(grid.clone(), &[&model]);
        let of_trait = TraitGrid::new(&table, &model);
        let shared = SharedTable::new(&model, 1e-5, 1e5);
        let (mut sums, mut filled) = (GridSums::default(), SurveyScratch::default());
        // Column 1 is the SNP, column 0 another one.
        let mut block: Vec<f64> = x.iter().map(|x| x.sin()).collect();
        block.extend(&x);
        table.add_up(&block, &mut sums);
        let (mut scratch, mut other) = (Scratch::default(), Scratch::default());
        let xx = x.iter().map(|x| x * x).sum();
        let mut with_table = Likelihood::of_snp(&x, xx, &shared, &mut other);
        of_trait
            .survey(&table, sums.of(1, 0), &mut with_table, &mut filled)
            .expect("a survey");
        let by_tables = &filled.survey;
        let mut likelihood = Likelihood::new(&model, Some(&x), &mut scratch);
        let direct = grid.survey(&mut likelihood).expect("a survey");
        for criterion in [Criterion::Ml, Criterion::Reml] {
            for (a, b) in by_tables.slopes().zip(direct.slopes()) {
                assert_eq!(a.lambda, b.lambda);
                assert_close("A", a.a, b.a, 1e-11);
                // The slope is a difference of two terms, both bounded by Σ d/h.
                let scale: f64 = model.d().iter().map(|d| d / (b.lambda * d + 1.0)).sum();
                let slope = |m| likelihood.slope_of(criterion, m);
                let difference = slope(&a) - slope(&b);
                assert!(
                    difference.abs() <= 1e-11 * scale,
                    "slope at {}: {difference}",
                    b.lambda
                );
            }
            for (a, b) in by_tables.ends().into_iter().zip(direct.ends()) {
                let value = |m| likelihood.value(criterion, m);
                assert_close("value", value(a), value(b), 1e-11);
            }
            let a = grid.maximise(&mut with_table, by_tables, criterion);
            let b = grid.maximise(&mut likelihood, &direct, criterion);
            assert_close("lambda", a.lambda, b.lambda, 1e-9);
        }
    }
}
