//! The maxima are the same, to the bit, however the work is divided.

use super::{Study, TraitMaxima, scan};
use rayon::ThreadPoolBuilder;

const SEED: u64 = 5;

/// More than one panel, the last one incomplete.
const COUNT: usize = 150;

/// More than one tile, and more than one lot of dosages.
const SNPS: usize = 300;

fn bits(maxima: &[TraitMaxima]) -> Vec<Vec<u64>> {
    let of_trait = |m: &TraitMaxima| {
        let values = std::iter::once(&m.observed).chain(&m.permuted);
        values.map(|r2| r2.to_bits()).collect()
    };
    maxima.iter().map(of_trait).collect()
}

#[test]
fn maxima_do_not_depend_on_blocks_threads_and_other_traits() {
    let study = Study::simulate(1, 385, SNPS, 2);
    let groups = [&[0, 1][..], &[1]].map(|traits| study.group(traits));
    for is_packed in [true, false] {
        let maxima = |group, count, width, threads| {
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let scan = scan(&groups[group], count, SEED);
                study.maxima(&scan, 0..SNPS, width, is_packed)
            })
        };
        let expected = bits(&maxima(0, COUNT, SNPS, 1));
        assert_ne!(expected[0], expected[1]);
        for (width, threads) in [(1, 2), (7, 3), (131, 1), (SNPS, 2), (SNPS, 3)] {
            let found = bits(&maxima(0, COUNT, width, threads));
            assert_eq!(found, expected, "{width} SNPs, {threads} threads");
        }
        assert_eq!(
            bits(&maxima(1, COUNT, SNPS, 2)),
            expected[1..],
            "a trait alone"
        );
        let fewer = bits(&maxima(0, 40, SNPS, 2));
        for (fewer, all) in fewer.iter().zip(&expected) {
            assert_eq!(fewer[..], all[..41], "the first permutations");
        }
    }
}

#[test]
fn merged_maxima_of_two_parts_are_those_of_all_snps() {
    let study = Study::simulate(2, 90, SNPS, 2);
    let group = study.group(&[0, 1]);
    let scan = scan(&group, COUNT, SEED);
    let all = study.maxima(&scan, 0..SNPS, SNPS, true);
    let mut merged = study.maxima(&scan, 0..101, SNPS, true);
    let rest = study.maxima(&scan, 101..SNPS, SNPS, true);
    assert_ne!(merged, all);
    for (merged, rest) in merged.iter_mut().zip(&rest) {
        merged.merge(rest);
    }
    assert_eq!(bits(&merged), bits(&all));
}

#[test]
fn a_single_permutation_and_none_are_possible() {
    let study = Study::simulate(3, 60, 10, 1);
    let group = study.group(&[0]);
    for count in [0, 1] {
        let scan = scan(&group, count, SEED);
        let maxima = &study.maxima(&scan, 0..10, 4, true)[0];
        let result = maxima.result(group.n(), group.c());
        assert!(result.thresholds.is_empty() && result.min_p.len() == count);
        let possible = [1.0, 1.0 / (count + 1) as f64];
        assert!(possible.contains(&result.genome_wide_p));
    }
}
