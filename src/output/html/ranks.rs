//! Order statistics of −log₁₀ p for a QQ plot, without keeping all p-values.

/// Bins in a unit of −log₁₀ p, so that a value of a bin is known to 0.0005.
const BINS_PER_UNIT: f64 = 2048.0;
/// The last bin contains everything from here on; a QQ plot ends earlier.
const END: f64 = 32.0;
/// The first ranks are all drawn.
const FIRST_RANKS: usize = 400;
/// The others at this many places, equal in their logarithms.
const FURTHER_RANKS: usize = 700;

/// A histogram of −log₁₀ p.
#[derive(Debug, Clone)]
pub struct Ranks {
    counts: Vec<u32>,
    n: usize,
}

impl Default for Ranks {
    fn default() -> Self {
        Self {
            counts: vec![0; (END * BINS_PER_UNIT) as usize + 1],
            n: 0,
        }
    }
}

impl Ranks {
    /// Adds −log₁₀ p of a SNP.
    pub fn add(&mut self, y: f64) {
        let bin = ((y * BINS_PER_UNIT) as usize).min(self.counts.len() - 1);
        self.counts[bin] += 1;
        self.n += 1;
    }

    /// The number of SNPs.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The ranks that are drawn, from 1 for the smallest p, each with its −log₁₀ p.
    ///
    /// * `exact`: the largest values in descending order, which are used as they are
    #[must_use]
    pub fn drawn(&self, exact: &[f64]) -> Vec<(u32, f32)> {
        let mut found = Vec::new();
        let (mut bin, mut n_above) = (self.counts.len(), 0);
        for rank in drawn_ranks(self.n) {
            while n_above < rank {
                bin -= 1;
                n_above += self.counts[bin] as usize;
            }
            let y = match exact.get(rank - 1) {
                Some(y) => *y,
                None => (bin as f64 + 0.5) / BINS_PER_UNIT,
            };
            found.push((rank as u32, y as f32));
        }
        found
    }

    /// The median of −log₁₀ p; NaN without a SNP.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut n_above = 0;
        let bins = self.counts.iter().enumerate().rev();
        for (bin, count) in bins {
            n_above += *count as usize;
            if 2 * n_above >= self.n && self.n > 0 {
                return (bin as f64 + 0.5) / BINS_PER_UNIT;
            }
        }
        f64::NAN
    }
}

fn drawn_ranks(n: usize) -> Vec<usize> {
    let mut ranks: Vec<usize> = (1..=n.min(FIRST_RANKS)).collect();
    let (from, to) = ((FIRST_RANKS as f64).ln(), (n.max(1) as f64).ln());
    for step in 1..=FURTHER_RANKS {
        let rank = (from + (to - from) * step as f64 / FURTHER_RANKS as f64).exp();
        let rank = (rank.round() as usize).min(n);
        if ranks.last().is_some_and(|last| rank > *last) {
            ranks.push(rank);
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_sorted_values() {
        let mut ranks = Ranks::default();
        let mut values: Vec<f64> = (0..5000)
            .map(|k| f64::from(k * 37 % 5000) / 800.0)
            .collect();
        for &y in &values {
            ranks.add(y);
        }
        values.sort_by(|a, b| b.total_cmp(a));
        let drawn = ranks.drawn(&values[..10]);
        assert_eq!(drawn[0], (1, values[0] as f32));
        assert_eq!(drawn.last().unwrap().0, 5000);
        for (rank, y) in &drawn {
            let error = f64::from(*y) - values[*rank as usize - 1];
            assert!(error.abs() < 0.0005, "rank {rank}: {error}");
        }
        assert!((ranks.median() - values[2499]).abs() < 0.0005);
    }

    #[test]
    fn any_number_of_snps_has_ranks() {
        assert!(drawn_ranks(0).is_empty());
        assert_eq!(drawn_ranks(1), [1]);
        assert_eq!(drawn_ranks(401).last(), Some(&401));
        assert!(Ranks::default().median().is_nan());
        assert!(Ranks::default().drawn(&[]).is_empty());
    }
}
