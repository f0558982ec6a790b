//! The exact test of Hardy-Weinberg equilibrium.

/// Exact Hardy-Weinberg p-value from genotype counts; 1 if all are 0.
///
/// Conditional on the allele counts, P(het = k) follows the recurrences
/// P(k−2) = P(k)·k(k−1) / (4(r+1)(s+1)) and P(k+2) = P(k)·4rs / ((k+2)(k+1)), with r rare and s common homozygotes;
/// the p-value sums every P(k) not above that of the observed count.
///
/// * `homozygotes`: counts of the two homozygous classes, in either order
/// * `heterozygotes`: count of the heterozygous class
///
/// Source: Wigginton, Cutler & Abecasis 2005, Am. J. Hum. Genet. 76:887. As in GEMMA and PLINK 1.9, without mid-p
/// and without a tolerance in the comparison.
#[must_use]
pub fn hwe_exact_p(homozygotes: [usize; 2], heterozygotes: usize) -> f64 {
    let n = homozygotes[0] + homozygotes[1] + heterozygotes;
    if n == 0 {
        return 1.0;
    }
    let rare = 2 * homozygotes[0].min(homozygotes[1]) + heterozygotes;
    let mut probabilities = vec![0.0; rare + 1];
    // The product of two allele counts exceeds 32 bits from 33,000 individuals on.
    let mut mode = (rare as u128 * (2 * n - rare) as u128 / (2 * n) as u128) as usize;
    if mode % 2 != rare % 2 {
        mode += 1;
    }
    probabilities[mode] = 1.0;
    let mut total = 1.0;
    let homs = |k: usize| {
        let r = (rare - k) / 2;
        (r as f64, (n - k - r) as f64)
    };
    let mut k = mode;
    while k >= 2 {
        let (r, s) = homs(k);
        let here = k as f64;
        probabilities[k - 2] =
            probabilities[k] * here * (here - 1.0) / (4.0 * (r + 1.0) * (s + 1.0));
        total += probabilities[k - 2];
        k -= 2;
    }
    k = mode;
    while k + 2 <= rare {
        let (r, s) = homs(k);
        let here = k as f64;
        probabilities[k + 2] = probabilities[k] * 4.0 * r * s / ((here + 2.0) * (here + 1.0));
        total += probabilities[k + 2];
        k += 2;
    }
    let observed = probabilities[heterozygotes] / total;
    let p: f64 = probabilities
        .iter()
        .map(|p| p / total)
        .filter(|&p| p <= observed)
        .sum();
    p.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same distribution by factorials, for small counts.
    fn by_factorials(homozygotes: [usize; 2], heterozygotes: usize) -> f64 {
        let f = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        let n = homozygotes[0] + homozygotes[1] + heterozygotes;
        let rare = 2 * homozygotes[0].min(homozygotes[1]) + heterozygotes;
        let p = |k: usize| {
            let r = (rare - k) / 2;
            let s = n - k - r;
            2.0_f64.powi(k as i32) * f(n) / (f(r) * f(k) * f(s)) * f(rare) * f(2 * n - rare)
                / f(2 * n)
        };
        let observed = p(heterozygotes);
        (0..=rare)
            .filter(|k| k % 2 == rare % 2)
            .map(p)
            .filter(|&q| q <= observed * (1.0 + 1e-9))
            .sum()
    }

    #[test]
    fn exact_p_equals_the_sum_over_factorials() {
        for (homs, het) in [
            ([10, 3], 7),
            ([20, 0], 5),
            ([4, 4], 0),
            ([1, 30], 12),
            ([0, 0], 9),
        ] {
            let (a, b) = (hwe_exact_p(homs, het), by_factorials(homs, het));
            assert!((a - b).abs() < 1e-10, "{homs:?} {het}: {a} {b}");
        }
        assert_eq!(hwe_exact_p([0, 0], 0), 1.0);
        assert_eq!(hwe_exact_p([50, 0], 0), 1.0);
    }

    #[test]
    fn large_cohorts_do_not_overflow() {
        let p = hwe_exact_p([250_000, 250_000], 500_000);
        assert!((0.99..=1.0).contains(&p), "{p}");
    }
}
