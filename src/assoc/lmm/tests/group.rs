//! The results of a trait do not depend, to the bit, on the other traits in its group.

use crate::assoc::lmm::{Lmm, LmmScan, Tests};
use crate::assoc::{Scan, SnpFlags, TraitColumns};
use crate::eigen::Eigen;
use crate::genotype::{GenotypeBlock, Genotypes, SnpSummary, Subset};
use crate::kernels::Precision;
use crate::kinship::Kinship;
use crate::null::tests::Uniform;
use crate::null::{FittedGroup, FittedTrait, LambdaRange};
use crate::rotation::{RotatedDesign, Rotation};
use faer::Mat;
use std::sync::Arc;

const N_TOTAL: usize = 330;
/// More than one block of the grid products.
const N: usize = 300;
/// More than one chunk of SNPs, the last one incomplete.
const SNPS: usize = 150;

/// Genotypes of all individuals, and three traits and a covariate of a subset.
struct Study {
    /// Copies of allele1 or missing, SNP by SNP.
    calls: Vec<Option<u8>>,
    subset: Subset,
    rotation: Arc<Rotation>,
    design: Arc<RotatedDesign>,
    traits: [Vec<f64>; 3],
}

impl Study {
    fn simulate() -> Self {
        let mut random = Uniform(2024);
        let mut calls: Vec<Option<u8>> = (0..N_TOTAL * SNPS)
            .map(|_| {
                let dosage = random.genotype(0.3) as u8;
                (random.next() > 0.03).then_some(dosage)
            })
            .collect();
        // The SNPs that serve as covariate and as trait have no missing calls.
        for call in &mut calls[..2 * N_TOTAL] {
            *call = Some(call.unwrap_or(1));
        }
        let subset = Subset::new(N_TOTAL, (0..N_TOTAL).filter(|i| i % 11 != 3).collect());
        assert_eq!(subset.len(), N);
        let of_subset = |s: usize| -> Vec<f64> {
            let all = &calls[s * N_TOTAL..][..N_TOTAL];
            let rows = subset.rows().iter();
            rows.map(|&i| f64::from(all[i].unwrap_or(0))).collect()
        };
        let z = Mat::from_fn(N, SNPS - 2, |i, s| of_subset(s + 2)[i] - 0.6);
        let matrix = &z * z.transpose();
        let eigen = Eigen::of(Kinship { matrix }, &|_| ()).expect("a decomposition");
        let rotation = Arc::new(Rotation::new(eigen, subset.clone()));
        let covariate = of_subset(0);
        let w = Mat::from_fn(N, 2, |i, j| if j == 0 { 1.0 } else { covariate[i] });
        let design = Arc::new(RotatedDesign::new(&rotation, w.as_ref()).expect("a design"));
        let (perfect, near) = (of_subset(1), of_subset(5));
        let traits = [
            (0..N).map(|i| near[i] + random.normal()).collect(),
            (0..N).map(|_| 40.0 + random.normal()).collect(),
            perfect.iter().map(|x| 3.0 * x - 1.0).collect(),
        ];
        Self {
            calls,
            subset,
            rotation,
            design,
            traits,
        }
    }

    fn block(&self, has_dosages: bool) -> GenotypeBlock {
        if has_dosages {
            let dosage = |call: &Option<u8>| call.map_or(f64::NAN, |d| 0.97 * f64::from(d));
            let dosages = self.calls.iter().map(dosage).collect();
            return GenotypeBlock::new(0, N_TOTAL, Genotypes::Dosages(dosages));
        }
        let stride = N_TOTAL.div_ceil(4);
        let mut packed = vec![0; stride * SNPS];
        for (at, call) in self.calls.iter().enumerate() {
            let (s, i) = (at / N_TOTAL, at % N_TOTAL);
            let code = call.map_or(1, |dosage| [3, 2, 0][usize::from(dosage)]);
            packed[s * stride + i / 4] |= code << (2 * (i % 4));
        }
        GenotypeBlock::new(0, N_TOTAL, Genotypes::Packed(packed))
    }

    fn summaries(&self, block: &GenotypeBlock) -> Vec<SnpSummary> {
        let mut x = vec![0.0; self.subset.len()];
        let summary = |s| block.summarise(s, &self.subset, &mut x).summary;
        (0..SNPS).map(summary).collect()
    }

    fn group(&self, traits: &[usize]) -> FittedGroup {
        let fit = |&t: &usize| {
            let (y, range) = (&self.traits[t], LambdaRange::default());
            let name = format!("trait {t}");
            FittedTrait::fit(name, y, &self.rotation, &self.design, range).expect("a fit")
        };
        FittedGroup::new(traits.iter().map(fit).collect())
    }
}

fn bits(columns: &TraitColumns) -> (&[SnpFlags], Vec<Vec<u64>>) {
    let values = columns.values.iter();
    let bits = values.map(|column| column.iter().map(|x| x.to_bits()).collect());
    (&columns.flags, bits.collect())
}

#[test]
fn a_trait_has_the_same_bits_alone_and_with_others() {
    let study = Study::simulate();
    for has_dosages in [false, true] {
        let block = study.block(has_dosages);
        let snps = study.summaries(&block);
        for (tests, rotation) in [
            Tests::Wald,
            Tests::Lrt,
            Tests::Score,
            Tests::All,
            Tests::LrtWithEffect,
        ]
        .into_iter()
        .flat_map(|tests| [(tests, Precision::F64), (tests, Precision::F32)])
        {
            let options = Lmm {
                tests,
                rotation,
                log10p: true,
                ..Lmm::default()
            };
            let scan = |traits: &[usize]| {
                let group = study.group(traits);
                let scan = LmmScan::new(&group, options);
                scan.scan(&block, &snps).expect("results")
            };
            let alone = [0, 1, 2].map(|t| scan(&[t]).remove(0));
            assert!(alone[0].flags[0].undefined.is_some(), "a covariate");
            assert!(alone[2].flags[1].is_perfect_fit);
            for traits in [&[0, 1][..], &[2, 1], &[0, 1, 2], &[1, 2, 0]] {
                for (&t, together) in traits.iter().zip(scan(traits)) {
                    assert_eq!(together.values.len(), options.columns().len());
                    assert_eq!(bits(&together), bits(&alone[t]), "{traits:?}, {tests:?}");
                }
            }
        }
    }
}
