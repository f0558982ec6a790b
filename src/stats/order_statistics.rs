//! Order statistics of many numbers in little memory.

/// Numbers that are kept before they are counted in classes instead.
const MOST_KEPT: usize = 1 << 17;
/// Leading bits of the mantissa that distinguish classes: a class is at most 2⁻¹³ = 1.2e-4 of its numbers wide.
const MANTISSA_BITS: u32 = 13;
/// Bits of the mantissa of a double.
const ALL_BITS: u32 = 52;
/// Smallest and largest number that is distinguished from smaller and larger ones: 2⁻²⁰ and 2¹².
const SMALLEST: f64 = 1.0 / 1_048_576.0;
const LARGEST: f64 = 4096.0;

/// The order statistics of numbers from 0 on: exact for up to 131,072 numbers; of more, with a relative error below 1.2e-4 for
/// order statistics from 1e-6 to 4096, beyond which they are these limits.
///
/// They do not depend on the order in which the numbers were added.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderStatistics(Numbers);

#[derive(Debug, Clone, PartialEq)]
enum Numbers {
    Kept(Vec<f64>),
    Counted { classes: Vec<u32>, total: usize },
}

impl Default for OrderStatistics {
    fn default() -> Self {
        Self(Numbers::Kept(Vec::new()))
    }
}

/// The class of a number.
fn class(x: f64) -> usize {
    let bits = |x: f64| x.to_bits() >> (ALL_BITS - MANTISSA_BITS);
    (bits(x.clamp(SMALLEST, LARGEST)) - bits(SMALLEST)) as usize
}

/// The smallest number of a class.
fn start(class: usize) -> f64 {
    f64::from_bits(SMALLEST.to_bits() + ((class as u64) << (ALL_BITS - MANTISSA_BITS)))
}

impl OrderStatistics {
    /// Maximum number of bytes for `n` numbers.
    #[must_use]
    pub fn bytes(n: u64) -> u64 {
        let kept = 2 * size_of::<f64>() as u64 * n.min(MOST_KEPT as u64);
        let classes = if n > MOST_KEPT as u64 {
            (size_of::<u32>() * (class(LARGEST) + 1)) as u64
        } else {
            0
        };
        kept + classes
    }

    /// Adds a number; NaN is ignored.
    pub fn push(&mut self, x: f64) {
        if x.is_nan() {
            return;
        }
        match &mut self.0 {
            Numbers::Kept(kept) if kept.len() < MOST_KEPT => kept.push(x),
            Numbers::Kept(kept) => {
                let mut classes = vec![0; class(LARGEST) + 1];
                let total = kept.len() + 1;
                for x in kept.drain(..).chain([x]) {
                    classes[class(x)] += 1;
                }
                self.0 = Numbers::Counted { classes, total };
            }
            Numbers::Counted { classes, total } => {
                classes[class(x)] += 1;
                *total += 1;
            }
        }
    }

    /// How many numbers were added.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Numbers::Kept(kept) => kept.len(),
            Numbers::Counted { total, .. } => *total,
        }
    }

    /// Whether no number was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers at `ranks` among all in ascending order, from 1; NaN for a rank that no number has.
    #[must_use]
    pub fn at<const N: usize>(&self, ranks: [usize; N]) -> [f64; N] {
        match &self.0 {
            Numbers::Kept(kept) => {
                let mut sorted = kept.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                ranks.map(|rank| match rank {
                    0 => f64::NAN,
                    rank => sorted.get(rank - 1).copied().unwrap_or(f64::NAN),
                })
            }
            Numbers::Counted { classes, total } => ranks.map(|rank| {
                if rank == 0 || rank > *total {
                    return f64::NAN;
                }
                of_counts(classes, rank)
            }),
        }
    }
}

/// The number at `rank`, as if the numbers of its class were equally far apart.
fn of_counts(classes: &[u32], rank: usize) -> f64 {
    let mut before = 0;
    for (class, &count) in classes.iter().enumerate() {
        let count = count as usize;
        if rank <= before + count {
            let fraction = ((rank - before) as f64 - 0.5) / count as f64;
            let width = start(class + 1) - start(class);
            return start(class) + fraction * width;
        }
        before += count;
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Positive numbers over eight orders of magnitude.
    fn numbers(n: usize) -> Vec<f64> {
        let mut state = 7_u64;
        let numbers = (0..n).map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let uniform = (state >> 11) as f64 / (1_u64 << 53) as f64;
            (16.0 * uniform - 10.0).exp()
        });
        numbers.collect()
    }

    fn of(numbers: impl Iterator<Item = f64>) -> OrderStatistics {
        let mut all = OrderStatistics::default();
        numbers.for_each(|x| all.push(x));
        all
    }

    #[test]
    fn few_numbers_have_exact_order_statistics() {
        let all = of([3.0, f64::NAN, 0.0, f64::INFINITY, 1.5].into_iter());
        assert_eq!(all.len(), 4);
        assert_eq!(all.at([1, 2, 3, 4]), [0.0, 1.5, 3.0, f64::INFINITY]);
        assert!(all.at([0, 5]).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn many_numbers_have_order_statistics_within_a_class_in_any_order() {
        let numbers = numbers(MOST_KEPT + 5000);
        let (forward, backward) = (
            of(numbers.iter().copied()),
            of(numbers.iter().rev().copied()),
        );
        assert_eq!(forward, backward);
        assert_eq!(forward.len(), numbers.len());
        let mut sorted = numbers.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        for rank in [1, 100, 60_000, 68_000, 136_000, numbers.len()] {
            let ([found], expected) = (forward.at([rank]), sorted[rank - 1]);
            assert!(
                (found / expected - 1.0).abs() < 1.3e-4,
                "{found} {expected}"
            );
        }
    }

    #[test]
    fn numbers_beyond_the_classes_are_at_their_limits() {
        let all = of((0..=MOST_KEPT).map(|i| if i % 2 == 0 { 0.0 } else { f64::INFINITY }));
        let [low, high] = all.at([10, MOST_KEPT]);
        assert!((low / SMALLEST - 1.0).abs() < 2e-4 && (high / LARGEST - 1.0).abs() < 2e-4);
    }
}
