//! What a report is made of.

use super::collect::Collected;
use super::facts::Facts;
use super::loci::Window;

/// A run.
#[derive(Debug, Clone, Default)]
pub struct RunView {
    /// The prefix of its files.
    pub name: String,
    /// Its log, if there is one.
    pub facts: Option<Facts>,
    /// Its traits with results.
    pub traits: Vec<TraitView>,
    /// The individuals whose genotypes give r².
    pub ld_of: String,
    /// The kinships of its groups of traits.
    pub kinships: Vec<KinshipView>,
    /// What the report lacks because its inputs do not have it, as sentences.
    pub absent: Vec<String>,
}

/// A trait.
#[derive(Debug, Clone)]
pub struct TraitView {
    /// Its name; empty if it has none.
    pub name: String,
    /// The column of p-values that is shown.
    pub column: String,
    /// Its SNPs.
    pub collected: Collected,
    /// Individuals analysed, if their number is known.
    pub n_individuals: Option<usize>,
    /// The distribution of its phenotype.
    pub phenotype: Option<Distribution>,
    /// The profile likelihood of PVE.
    pub profile: Option<Profile>,
    /// Its regional plots.
    pub regions: Vec<Region>,
}

/// A histogram with bars of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Where the first bar begins.
    pub low: f64,
    /// Where the last bar ends.
    pub high: f64,
    /// Heights.
    pub counts: Vec<u64>,
    /// The name of the x axis.
    pub label: String,
    /// The name of the y axis.
    pub unit: String,
    /// Whether the y axis is logarithmic.
    pub is_log: bool,
}

/// Most bars of a histogram of values.
const MOST_BARS: f64 = 40.0;

impl Distribution {
    /// The distribution of values, of which the finite ones count: 2 n^⅓ bars (Rice's rule), at most 40.
    #[must_use]
    pub fn of(values: &[f64], label: &str, unit: &str) -> Option<Self> {
        let finite = || values.iter().copied().filter(|x| x.is_finite());
        let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        let n = finite().count();
        if n == 0 {
            return None;
        }
        let is_constant = !(high > low);
        let (low, high) = if is_constant {
            (low - 0.5, high + 0.5)
        } else {
            (low, high)
        };
        let n_bars = (2.0 * (n as f64).cbrt()).ceil().clamp(1.0, MOST_BARS);
        let mut counts = vec![0; n_bars as usize];
        for x in finite() {
            let bar = ((x - low) / (high - low) * n_bars) as usize;
            counts[bar.min(n_bars as usize - 1)] += 1;
        }
        Some(Self {
            low,
            high,
            counts,
            label: label.to_owned(),
            unit: unit.to_owned(),
            is_log: false,
        })
    }
}

/// The profile of the restricted likelihood over PVE.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// PVE, ascending, and the log-likelihood relative to its maximum.
    pub points: Vec<(f64, f64)>,
    /// The estimate.
    pub best: f64,
    /// The 95 % interval.
    pub interval: Option<[f64; 2]>,
}

/// A regional plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Its SNPs.
    pub window: Window,
    /// r² of each with the lead SNP, NaN if it is undefined; empty if it is unknown.
    pub r2: Vec<f32>,
}

/// A kinship.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KinshipView {
    /// What it is of.
    pub title: String,
    /// Individuals.
    pub n: usize,
    /// Rows and columns of the heatmap.
    pub size: usize,
    /// Means of the blocks of the centred kinship, row by row.
    pub means: Vec<f32>,
    /// Rank and value of some eigenvalues, in descending order.
    pub eigenvalues: Vec<(u32, f32)>,
    /// The distribution of the entries beside the diagonal.
    pub pairs: Option<Distribution>,
}

impl KinshipView {
    /// The absolute value with the strongest colour: 99 % of the means beside the diagonal are below it.
    pub(super) fn limit(&self) -> f64 {
        let size = self.size.max(1);
        let means = self.means.iter().enumerate();
        let mut beside: Vec<f32> = means
            .filter(|(k, _)| k / size != k % size)
            .map(|(_, one)| one.abs())
            .collect();
        beside.sort_by(f32::total_cmp);
        let at = (beside.len() as f64 * 0.99) as usize;
        let found = beside.get(at.min(beside.len().saturating_sub(1))).copied();
        f64::from(found.unwrap_or(1.0)).max(1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_value_is_in_a_bar() {
        let values = [1.0, 2.0, f64::NAN, 4.0, 4.0];
        let of = Distribution::of(&values, "x", "individuals").unwrap();
        assert_eq!((of.low, of.high), (1.0, 4.0));
        assert_eq!(of.counts.iter().sum::<u64>(), 4);
        assert_eq!(of.counts.last(), Some(&2));
        assert_eq!(Distribution::of(&[f64::NAN], "x", "y"), None);
        assert_eq!(Distribution::of(&[3.0; 5], "x", "y").unwrap().low, 2.5);
    }
}
