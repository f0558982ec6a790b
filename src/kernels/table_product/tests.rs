//! Tables against sums by definition, for all sizes near the edges.

use super::*;

struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize
    }

    fn uniform(&mut self) -> f64 {
        self.next() as f64 / f64::from(1_u32 << 31) - 0.5
    }

    /// Two-bit codes, `missing` percent of them missing.
    fn codes(&mut self, count: usize, missing: usize) -> Vec<u8> {
        let code = |random: &mut Self| [0, 2, 3][random.next() % 3];
        (0..count)
            .map(|_| {
                if self.next() % 100 < missing {
                    1
                } else {
                    code(self)
                }
            })
            .collect()
    }
}

/// Codes packed four to a byte, with each line of `length` codes padded with `11`.
fn pack(codes: &[u8], length: usize) -> Vec<u8> {
    codes
        .chunks(length)
        .flat_map(|line| {
            line.chunks(4).map(|four| {
                (0..4).fold(0, |byte, k| {
                    byte | four.get(k).copied().unwrap_or(3) << (2 * k)
                })
            })
        })
        .collect()
}

fn dosage(code: u8, missing: f64) -> f64 {
    [2.0, missing, 1.0, 0.0][usize::from(code)]
}

/// k × m columns of A.
fn dense(random: &mut Random, k: usize, m: usize) -> Vec<Vec<f64>> {
    (0..m)
        .map(|_| (0..k).map(|_| random.uniform()).collect())
        .collect()
}

/// AᵀX in panels.
fn product(
    a: &[Vec<f64>],
    k: usize,
    codes: &[u8],
    means: &[f64],
    precision: Precision,
) -> Vec<Line8> {
    let mut x = Patterns::default();
    // Earlier contents must not affect the result.
    x.fill_rows(7, &pack(&[2; 7 * 90], 7));
    x.fill_columns(k, &pack(codes, k), means);
    let mut out = vec![Line([7.0; 8]); a.len().div_ceil(8) * means.len()];
    transposed_product(a.len(), |j| &a[j], &x, precision, &mut out);
    out
}

#[test]
fn columns_are_multiplied_as_by_definition_on_every_length() {
    let mut random = Random(1);
    for k in (1..=45).chain([100, 239, 240, 241, 333]) {
        for (m, b, missing) in [(1, 1, 0), (8, 3, 10), (17, 5, 100), (16, 9, 2), (25, 40, 1)] {
            let a = dense(&mut random, k, m);
            let codes = random.codes(k * b, missing);
            let means: Vec<f64> = (0..b).map(|_| random.uniform() + 1.0).collect();
            for (precision, tolerance) in [(Precision::F64, 1e-15), (Precision::F32, 3e-7)] {
                let out = product(&a, k, &codes, &means, precision);
                for (s, codes) in codes.chunks(k).enumerate() {
                    for (j, a) in a.iter().enumerate() {
                        let terms = a.iter().zip(codes);
                        let terms = terms.map(|(a, &code)| a * dosage(code, means[s]));
                        let expected: f64 = terms.clone().sum();
                        let size: f64 = terms.map(f64::abs).sum();
                        let found = out[j / 8 * b + s].0[j % 8];
                        assert!(
                            (found - expected).abs() <= tolerance * size,
                            "{k} x {m} by {b}, {precision:?}: {found} for {expected}"
                        );
                    }
                    for j in m..m.next_multiple_of(8) {
                        assert_eq!(out[j / 8 * b + s].0[j % 8], 0.0);
                    }
                }
            }
        }
    }
}

#[test]
fn bits_depend_on_neither_blocks_nor_threads() {
    let (k, m, b) = (137, 29, 50);
    let mut random = Random(2);
    let (a, codes) = (dense(&mut random, k, m), random.codes(k * b, 5));
    let means = vec![0.3; b];
    for precision in [Precision::F64, Precision::F32] {
        let whole = product(&a, k, &codes, &means, precision);
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            for width in [1, 7, 50] {
                for first in (0..b).step_by(width) {
                    let last = b.min(first + width);
                    let part = pool.install(|| {
                        let codes = &codes[first * k..last * k];
                        product(&a, k, codes, &means[first..last], precision)
                    });
                    for (panel, part) in part.chunks(last - first).enumerate() {
                        assert_eq!(part, &whole[panel * b..][first..last]);
                    }
                }
            }
        }
    }
}

#[test]
fn integers_are_chosen_and_added_as_by_definition_on_every_length() {
    let mut random = Random(3);
    for k in (1..=41).chain([240, 501]) {
        for (b, first, missing) in [(1, 0, 0), (9, 0, 3), (13, 8, 100), (33, 16, 10)] {
            let codes = random.codes(k * b, missing);
            let mut x = Patterns::default();
            x.fill_columns(90, &pack(&[0; 90 * 8], 90), &[0.5; 8]);
            x.fill_rows(b, &pack(&codes, b));
            let mut panel = IntegerPanel::default();
            panel.rows.resize(x.padded_rows(), [Line::ZERO; 3]);
            for row in &mut panel.rows[..k] {
                *row = [(); 3].map(|()| Line([(); 8].map(|()| (random.next() as u64) << 31)));
            }
            let mut acc = vec![Line([5; 8]); b - first];
            add_integer_panel(&mut panel, &x, first, &mut acc);
            for (column, acc) in (first..b).zip(&acc) {
                for (lane, found) in acc.0.iter().enumerate() {
                    let terms = (0..k).map(|s| match codes[s * b + column] {
                        0 => panel.rows[s][2].0[lane],
                        2 => panel.rows[s][1].0[lane],
                        3 => panel.rows[s][0].0[lane],
                        _ => 0,
                    });
                    let expected = terms.fold(5, u64::wrapping_add);
                    assert_eq!(*found, expected, "{k} {b} {first}");
                }
            }
        }
    }
}

/// All sets of a panel.
fn sets<'a, T, const N: usize>(
    panel: &'a mut Panel<T, N>,
    x: &'a Patterns,
    acc: &'a mut [Line<T, N>],
) -> AddSets<'a, T, Scaled<'a, T, N>, N> {
    AddSets {
        sets: 0..x.padded_rows() / SET,
        rows: Scaled(&panel.rows),
        x,
        first: 0,
        tables: &mut panel.tables,
        acc,
    }
}

#[test]
fn vectors_give_the_bits_of_the_portable_body() {
    let mut random = Random(4);
    let (k, b) = (77, 31);
    let mut x = Patterns::default();
    x.fill_columns(k, &pack(&random.codes(k * b, 0), k), &vec![0.0; b]);
    let (doubles, singles) = (dense(&mut random, k, 8), dense(&mut random, k, 16));
    let mut panel = Panel::<f64, 8>::default();
    panel.pack(8, 0, |j| &doubles[j], &x);
    let mut panel32 = Panel::<f32, 16>::default();
    panel32.pack(16, 0, |j| &singles[j], &x);
    let (portable, vectors) = (pulp::Scalar::new(), Arch::new());
    let mut acc = [vec![Line::ZERO; b], vec![Line::ZERO; b]];
    sets(&mut panel, &x, &mut acc[0]).with_simd(portable);
    vectors.dispatch(sets(&mut panel, &x, &mut acc[1]));
    assert_eq!(acc[0], acc[1]);
    let mut acc = [vec![Line::ZERO; b], vec![Line::ZERO; b]];
    sets(&mut panel32, &x, &mut acc[0]).with_simd(portable);
    vectors.dispatch(sets(&mut panel32, &x, &mut acc[1]));
    assert_eq!(acc[0], acc[1]);
}

#[test]
fn nothing_gives_nothing() {
    let mut x = Patterns::default();
    x.fill_columns(5, &[], &[]);
    transposed_product(3, |_| &[0.0; 5], &x, Precision::F64, &mut []);
    x.fill_rows(0, &[]);
    add_integer_panel(&mut IntegerPanel::default(), &x, 0, &mut []);
}
