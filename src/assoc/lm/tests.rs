//! The tests against a dense regression that decodes every SNP, and properties that hold to the bit.

use super::{GenotypicLm, GenotypicLmScan, Lm, LmScan, Tests};
use crate::assoc::{Scan, TraitColumns, Undefined};
use crate::cohort::{Covariates, Design, Ledger, Trait, TraitGroup};
use crate::genotype::{GenotypeBlock, Genotypes, SnpSummary, Subset};
use crate::io::table::CovariateTable;
use crate::kernels::OrthonormalBasis;
use crate::kernels::orthonormal::dot;
use crate::null::tests::Uniform;
use crate::stats::{PValue, chi2_upper_tail, f_upper_tail};
use std::path::Path;

const N_TOTAL: usize = 130;
/// More than one chunk, the last one incomplete.
const SNPS: usize = 700;
/// A SNP that is a combination of the covariates, one that nearly is, one that is a trait, and one that nearly is.
const COLLINEAR: usize = 3;
const NEARLY_COLLINEAR: usize = 4;
const PERFECT: usize = 5;
const NEARLY_PERFECT: usize = 6;
const ALL: Lm = Lm {
    tests: Tests::All,
    log10p: true,
    effects: false,
    exchange: false,
};

struct Study {
    /// Copies of allele1 or missing, SNP by SNP.
    calls: Vec<Option<u8>>,
    group: TraitGroup,
}

impl Study {
    fn simulate() -> Self {
        let mut random = Uniform(7);
        let mut calls: Vec<Option<u8>> = (0..N_TOTAL * SNPS)
            .map(|_| {
                let dosage = random.genotype(0.2) as u8;
                (random.next() > 0.03).then_some(dosage)
            })
            .collect();
        for call in &mut calls[COLLINEAR * N_TOTAL..(NEARLY_PERFECT + 1) * N_TOTAL] {
            *call = Some(call.unwrap_or(1));
        }
        calls.copy_within(
            COLLINEAR * N_TOTAL..(COLLINEAR + 1) * N_TOTAL,
            NEARLY_COLLINEAR * N_TOTAL,
        );
        let one = &mut calls[NEARLY_COLLINEAR * N_TOTAL + 17];
        *one = one.map(|dosage| (dosage + 1) % 3);
        let of = |s: usize, i: usize| f64::from(calls[s * N_TOTAL + i].unwrap_or(1));
        let mut covariates = Vec::new();
        for i in 0..N_TOTAL {
            // A large mean, and the SNP to which it is collinear.
            covariates.extend([1900.0 + 40.0 * random.next(), 3.0 - 2.0 * of(COLLINEAR, i)]);
        }
        let table = CovariateTable::of_rows(2, &covariates);
        let rows: Vec<usize> = (0..N_TOTAL).filter(|i| i % 9 != 2).collect();
        let covariates = Covariates {
            table: Some((&table, Path::new("c"))),
            snps: &[],
        };
        let design = Design::new(covariates, &rows).expect("a design");
        let mut traits: Vec<Vec<f64>> = vec![Vec::new(); 4];
        for &i in &rows {
            traits[0].push(50.0 + 0.3 * of(9, i) + random.normal());
            traits[1].push(2.0 - 0.5 * of(PERFECT, i));
            traits[2].push(of(NEARLY_PERFECT, i) + 1e-4 * random.normal());
            traits[3].push(1e-9 * random.normal());
        }
        let traits = traits.into_iter().enumerate();
        let traits = traits.map(|(t, y)| Trait::new(t, t.to_string(), y, Ledger::default()));
        let group = TraitGroup {
            subset: Subset::new(N_TOTAL, rows),
            design,
            environment: None,
            weights: None,
            traits: traits.collect(),
        };
        Self { calls, group }
    }

    /// The SNPs from `first` on, as packed calls or as dosages of the same values.
    fn block(&self, first: usize, end: usize, has_dosages: bool) -> GenotypeBlock {
        let calls = &self.calls[first * N_TOTAL..end * N_TOTAL];
        if has_dosages {
            let dosage = |call: &Option<u8>| call.map_or(f64::NAN, f64::from);
            let dosages = calls.iter().map(dosage).collect();
            return GenotypeBlock::new(first, N_TOTAL, Genotypes::Dosages(dosages));
        }
        let stride = N_TOTAL.div_ceil(4);
        let mut packed = vec![0; stride * (end - first)];
        for (s, snp) in calls.chunks(N_TOTAL).enumerate() {
            for (i, call) in snp.iter().enumerate() {
                let code = call.map_or(1, |dosage| [3, 2, 0][usize::from(dosage)]);
                packed[s * stride + i / 4] |= code << (2 * (i % 4));
            }
        }
        GenotypeBlock::new(first, N_TOTAL, Genotypes::Packed(packed))
    }

    fn summaries(&self, block: &GenotypeBlock) -> Vec<SnpSummary> {
        let mut x = vec![0.0; self.group.subset.len()];
        let snps = block.snp_indices();
        snps.map(|s| block.summarise(s, &self.group.subset, &mut x).summary)
            .collect()
    }

    fn scan(&self, group: &TraitGroup, block: &GenotypeBlock, options: Lm) -> Vec<TraitColumns> {
        let scan = LmScan::new(group, options);
        scan.scan(block, &self.summaries(block)).expect("a scan")
    }

    /// The copies of allele1 of the analysed individuals at a SNP.
    fn analysed(&self, s: usize) -> Vec<Option<u8>> {
        let rows = self.group.subset.rows().iter();
        rows.map(|i| self.calls[s * N_TOTAL + i]).collect()
    }

    /// beta_add, se_add, beta_dom, se_dom, p_wald, p_lrt and p_score of a SNP by orthogonalising all columns; `None` without all
    /// three genotypes, or if nothing is left of a column.
    fn dense_genotypic(&self, s: usize, t: usize) -> Option<[f64; 7]> {
        let calls = self.analysed(s);
        if (0..3).any(|copies| !calls.contains(&Some(copies))) {
            return None;
        }
        let imputed = |value: fn(u8) -> f64| -> Vec<f64> {
            let observed: Vec<f64> = calls.iter().flatten().map(|&x| value(x)).collect();
            let mean = observed.iter().sum::<f64>() / observed.len() as f64;
            calls.iter().map(|x| x.map_or(mean, value)).collect()
        };
        let w = &self.group.design.w;
        let mut columns: Vec<Vec<f64>> =
            w.col_iter().map(|w| w.iter().copied().collect()).collect();
        let null = OrthonormalBasis::of(&columns).expect("independent covariates");
        columns.push(imputed(f64::from));
        columns.push(imputed(|x| f64::from(u8::from(x == 1))));
        let full = OrthonormalBasis::of(&columns).ok()?;
        let [mut before, mut after] = [(); 2].map(|()| self.group.traits[t].y.clone());
        null.remove_from(&mut before);
        let beta = full.coefficients_of_columns(&full.remove_from(&mut after));
        let k = columns.len();
        // The rows of R⁻¹, whose squared norms are the diagonal of (XᵀX)⁻¹.
        let mut variance = vec![0.0; k];
        for j in 0..k {
            let unit: Vec<f64> = (0..k).map(|i| f64::from(u8::from(i == j))).collect();
            let column = full.coefficients_of_columns(&unit);
            (variance.iter_mut().zip(column)).for_each(|(v, x)| *v += x * x);
        }
        let (ypy, rss) = (dot(&before, &before), dot(&after, &after));
        let (n, df) = (calls.len() as f64, (calls.len() - k) as f64);
        let se = |j: usize| (rss / df * variance[j]).sqrt();
        let explained = ypy - rss;
        Some([
            beta[k - 2],
            se(k - 2),
            beta[k - 1],
            se(k - 1),
            PValue::of_f_of_several(2, 0.5 * explained * df / rss, df).p,
            PValue::of_chi2_of_several(2, n * (ypy / rss).ln()).p,
            PValue::of_f_of_several(2, 0.5 * explained * n / ypy, df).p,
        ])
    }

    /// beta, se, p_wald, p_lrt and p_score of a SNP by orthogonalising all columns; `None` if nothing of it is left.
    fn dense(&self, s: usize, t: usize) -> Option<[f64; 5]> {
        let calls = self.analysed(s);
        let observed: Vec<f64> = calls.iter().flatten().map(|&d| f64::from(d)).collect();
        let mean = observed.iter().sum::<f64>() / observed.len() as f64;
        let x: Vec<f64> = calls.iter().map(|c| c.map_or(mean, f64::from)).collect();
        let w = &self.group.design.w;
        let mut columns: Vec<Vec<f64>> =
            w.col_iter().map(|w| w.iter().copied().collect()).collect();
        let null = OrthonormalBasis::of(&columns).expect("independent covariates");
        columns.push(x);
        let full = OrthonormalBasis::of(&columns).ok()?;
        let [mut before, mut after] = [(); 2].map(|()| self.group.traits[t].y.clone());
        null.remove_from(&mut before);
        let beta = full.coefficients_of_columns(&full.remove_from(&mut after));
        let beta = *beta.last().expect("the SNP");
        let xpx = full
            .r
            .last()
            .expect("the SNP")
            .last()
            .expect("its rest")
            .powi(2);
        let (ypy, rss) = (dot(&before, &before), dot(&after, &after));
        let n = calls.len() as f64;
        let df = n - columns.len() as f64;
        Some([
            beta,
            (rss / (df * xpx)).sqrt(),
            f_upper_tail(beta * beta * xpx * df / rss, df),
            chi2_upper_tail(n * (ypy / rss).ln()),
            f_upper_tail(beta * beta * xpx * n / ypy, df),
        ])
    }
}

fn assert_close(what: &str, a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance * b.abs() || a == b,
        "{what}: {a:e}, dense {b:e}"
    );
}

#[test]
fn statistics_agree_with_a_dense_regression_for_calls_and_dosages() {
    let study = Study::simulate();
    for has_dosages in [false, true] {
        let block = study.block(0, SNPS, has_dosages);
        let found = study.scan(&study.group, &block, ALL);
        for (t, columns) in found.iter().enumerate() {
            for s in 0..SNPS {
                let what = format!("trait {t} SNP {s} dosages {has_dosages}");
                let values: Vec<f64> = columns.values.iter().map(|v| v[s]).collect();
                let Some(dense) = study.dense(s, t) else {
                    assert_eq!(s, COLLINEAR, "{what}");
                    assert!(values.iter().all(|v| v.is_nan()), "{what}");
                    assert_eq!(columns.flags[s].undefined, Some(Undefined::Collinear));
                    continue;
                };
                assert!(columns.flags[s].undefined.is_none(), "{what}");
                if (t, s) == (1, PERFECT) {
                    assert!(columns.flags[s].is_perfect_fit);
                    assert_close(&what, values[0], -0.5, 1e-12);
                    assert_eq!(values[1..4], [0.0; 3], "{what}: se, p_wald and p_lrt");
                    continue;
                }
                assert!(!columns.flags[s].is_perfect_fit, "{what}");
                // β̂ near 0 has the error of its standard error.
                let scale = dense[0].abs().max(dense[1]);
                assert!(
                    (values[0] - dense[0]).abs() <= 1e-11 * scale,
                    "{what}: {values:?}, dense {dense:?}"
                );
                for (a, b) in values[1..5].iter().zip(&dense[1..]) {
                    // p of a statistic near 0 is 1 minus its square root; p of a large one multiplies its error.
                    assert_close(&what, *a, *b, 2e-9);
                }
                for (log, p) in values[5..].iter().zip(&values[2..5]) {
                    if *p > 0.0 {
                        assert!((log + p.log10()).abs() < 1e-10 * log.max(1.0), "{what}");
                    }
                }
            }
        }
        let near = &found[2].values;
        assert!(near[2][NEARLY_PERFECT] < 1e-100 && near[1][NEARLY_PERFECT] > 0.0);
    }
}

#[test]
fn results_of_a_trait_do_not_depend_on_other_traits_or_on_blocks() {
    let study = Study::simulate();
    for has_dosages in [false, true] {
        let block = study.block(0, SNPS, has_dosages);
        let together = study.scan(&study.group, &block, ALL);
        for (t, of) in together.iter().enumerate() {
            let alone = study.group.with_traits(|number| number == t);
            let bits = |columns: &TraitColumns| -> Vec<u64> {
                columns
                    .values
                    .iter()
                    .flatten()
                    .map(|v| v.to_bits())
                    .collect()
            };
            let [single] = &study.scan(&alone, &block, ALL)[..] else {
                panic!("one trait")
            };
            assert_eq!((bits(single), &single.flags), (bits(of), &of.flags));
            let mut parts = TraitColumns::empty(of.values.len());
            for (first, end) in [(0, 1), (1, 300), (300, 601), (601, SNPS)] {
                let part = study.block(first, end, has_dosages);
                parts.append(study.scan(&alone, &part, ALL).remove(0));
            }
            assert_eq!((bits(&parts), &parts.flags), (bits(of), &of.flags));
        }
    }
}

#[test]
fn each_mode_has_its_own_columns_with_the_values_of_all_tests() {
    let study = Study::simulate();
    let block = study.block(0, SNPS, false);
    let all = study.scan(&study.group, &block, ALL).remove(0).values;
    let names = |tests| -> Vec<String> {
        let columns = Lm {
            tests,
            log10p: false,
            effects: false,
            exchange: false,
        }
        .columns();
        let columns = columns.into_iter();
        columns.map(|column| column.name.into_owned()).collect()
    };
    assert_eq!(names(Tests::Wald), ["beta", "se", "p_wald"]);
    assert_eq!(names(Tests::Lrt), ["p_lrt"]);
    assert_eq!(names(Tests::Score), ["beta", "se", "p_score"]);
    assert_eq!(
        names(Tests::All),
        ["beta", "se", "p_wald", "p_lrt", "p_score"]
    );
    let values = |tests| {
        let options = Lm {
            tests,
            log10p: false,
            effects: false,
            exchange: false,
        };
        study.scan(&study.group, &block, options).remove(0).values
    };
    assert_eq!(values(Tests::Wald)[0][9], all[0][9]);
    assert_eq!(values(Tests::Lrt)[0][9], all[3][9]);
    let score = values(Tests::Score);
    assert_eq!((score[0][9], score[2][9]), (all[0][9], all[4][9]));
    // The standard error of mode 3 is that of its test.
    assert!((score[1][9] - all[1][9]).abs() > 1e-6 * all[1][9]);
}

#[test]
fn the_genotypic_model_agrees_with_a_dense_regression_on_both_columns() {
    let study = Study::simulate();
    let block = study.block(0, SNPS, false);
    let options = GenotypicLm {
        tests: Tests::All,
        log10p: true,
    };
    let scan = |group: &TraitGroup, block: &GenotypeBlock| {
        let scan = GenotypicLmScan::new(group, options);
        scan.scan(block, &study.summaries(block)).expect("a scan")
    };
    let found = scan(&study.group, &block);
    let mut n_undefined = 0;
    for (t, columns) in found.iter().enumerate() {
        for s in 0..SNPS {
            let what = format!("trait {t} SNP {s}");
            let values: Vec<f64> = columns.values.iter().map(|v| v[s]).collect();
            let Some(dense) = study.dense_genotypic(s, t) else {
                assert!(values.iter().all(|v| v.is_nan()), "{what}");
                assert_eq!(columns.flags[s].undefined, Some(Undefined::Collinear));
                n_undefined += 1;
                continue;
            };
            assert!(columns.flags[s].undefined.is_none(), "{what}");
            if (t, s) == (1, PERFECT) {
                assert!(columns.flags[s].is_perfect_fit);
                assert_close(&what, values[0], -0.5, 1e-12);
                assert!(values[2].abs() < 1e-12, "{what}");
                assert_eq!(values[4..6], [0.0; 2], "{what}: p_wald and p_lrt");
                continue;
            }
            assert!(!columns.flags[s].is_perfect_fit, "{what}");
            for j in [0, 2] {
                let scale = dense[j].abs().max(dense[j + 1]);
                assert!(
                    (values[j] - dense[j]).abs() <= 1e-10 * scale,
                    "{what}: {values:?}, dense {dense:?}"
                );
                assert_close(&what, values[j + 1], dense[j + 1], 2e-9);
            }
            for (a, b) in values[4..7].iter().zip(&dense[4..]) {
                assert_close(&what, *a, *b, 1e-8);
            }
            for (log, p) in values[7..].iter().zip(&values[4..7]) {
                if *p > 0.0 {
                    assert!((log + p.log10()).abs() < 1e-10 * log.max(1.0), "{what}");
                }
            }
        }
    }
    assert!(n_undefined > 0 && n_undefined < SNPS, "{n_undefined}");
    // The results of a trait do not depend on the other traits or on blocks.
    for (t, of) in found.iter().enumerate() {
        let alone = study.group.with_traits(|number| number == t);
        let bits = |columns: &TraitColumns| -> Vec<u64> {
            let values = columns.values.iter().flatten();
            values.map(|v| v.to_bits()).collect()
        };
        let mut parts = TraitColumns::empty(of.values.len());
        for (first, end) in [(0, 1), (1, 300), (300, SNPS)] {
            parts.append(scan(&alone, &study.block(first, end, false)).remove(0));
        }
        assert_eq!((bits(&parts), &parts.flags), (bits(of), &of.flags));
    }
}
