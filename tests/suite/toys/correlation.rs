//! A toy method: the correlation of a SNP with the trait.

use jamma::assoc::{Column, Scan, SnpFlags, TraitColumns};
use jamma::backend::Backend;
use jamma::error::Result;
use jamma::genotype::{GenotypeBlock, SnpSummary};
use jamma::method::{Method, UnitModel};
use jamma::null::LambdaRange;

/// Pearson's r, without covariates and without a kinship.
#[derive(Debug)]
pub struct Correlation;

impl Method for Correlation {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new("r".into(), "correlation", "")]
    }

    fn null_range(&self) -> Option<LambdaRange> {
        None
    }

    fn scan<'a>(
        &'a self,
        model: &'a UnitModel<'a>,
        _: &'a dyn Backend,
    ) -> Result<Box<dyn Scan + 'a>> {
        Ok(Box::new(Correlating(model)))
    }
}

struct Correlating<'a>(&'a UnitModel<'a>);

impl Scan for Correlating<'_> {
    fn scan(&self, block: &GenotypeBlock, snps: &[SnpSummary]) -> Result<Vec<TraitColumns>> {
        let group = self.0.group;
        let mut x = vec![0.0; group.subset.len()];
        let mut of_trait = |y: &[f64]| TraitColumns {
            flags: vec![SnpFlags::default(); snps.len()],
            values: vec![
                (snps.iter())
                    .map(|snp| {
                        block.fill_column(snp.snp_index, &group.subset, snp.mean(), &mut x);
                        correlation(&x, y)
                    })
                    .collect(),
            ],
        };
        Ok(group.traits.iter().map(|one| of_trait(&one.y)).collect())
    }
}

/// Pearson's r of two columns.
pub fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| f(x - mx, y - my)).sum()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}
