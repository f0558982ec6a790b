//! Loci: groups of SNPs around a strongest one, and the windows of the regional plots.

use super::collect::{Collected, UNPLACED};

/// SNPs this close to a stronger lead SNP belong to its locus, in base pairs.
pub const LOCUS_DISTANCE: u32 = 500_000;
/// Genome-wide significance for common variants of human populations, as −log₁₀ p.
pub const CONVENTIONAL: f64 = 7.301_029_995_663_981;
/// Suggestive significance, as −log₁₀ p.
pub const SUGGESTIVE: f64 = 5.0;
/// Half-widths of regional plots in base pairs: the first that contains enough SNPs.
const HALF_WIDTHS: [u32; 4] = [500_000, 1_000_000, 2_000_000, 5_000_000];
/// SNPs that are enough for a regional plot.
const ENOUGH_SNPS: usize = 60;
/// Most SNPs of a regional plot.
const MOST_SNPS: usize = 6_000;
/// Loci that are listed even if they are not significant.
const LEAST_LOCI: usize = 10;
/// Most loci in the table.
const MOST_LOCI: usize = 200;

/// A locus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locus {
    /// The lead SNP: its index among the strongest.
    pub lead: usize,
    /// Its significant SNPs.
    pub n_significant: usize,
}

/// The SNPs of a regional plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The lead SNP: its index among the strongest.
    pub lead: usize,
    /// First position.
    pub start: u32,
    /// Last position.
    pub end: u32,
    /// The SNPs, by position: their indices in [`Collected::rows`].
    pub rows: Vec<usize>,
}

/// The loci of a trait, those with the strongest lead SNP first.
///
/// A SNP within [`LOCUS_DISTANCE`] of a stronger lead SNP belongs to the locus of the strongest such one; otherwise it is the
/// lead SNP of another locus.
///
/// * `significant`: −log₁₀ p of significant SNPs
/// * `listed`: that of lead SNPs that are listed in any case; others only among the first ten
#[must_use]
pub fn loci(of: &Collected, significant: f64, listed: f64) -> Vec<Locus> {
    let strongest = &of.thinned.strongest;
    let mut loci: Vec<Locus> = Vec::new();
    let unplaced = of.names.iter().position(|name| name == UNPLACED);
    let home = |loci: &[Locus], chromosome: u32, position: u32| {
        if Some(chromosome as usize) == unplaced {
            return None;
        }
        loci.iter().position(|locus| {
            let lead = strongest[locus.lead].point;
            lead.chromosome == chromosome && lead.position.abs_diff(position) <= LOCUS_DISTANCE
        })
    };
    for (at, one) in strongest.iter().enumerate() {
        let point = one.point;
        let is_significant = usize::from(point.y >= significant);
        if let Some(home) = home(&loci, point.chromosome, point.position) {
            loci[home].n_significant += is_significant;
            continue;
        }
        let is_listed = point.y >= listed.min(significant) || loci.len() < LEAST_LOCI;
        if is_listed && loci.len() < MOST_LOCI {
            loci.push(Locus {
                lead: at,
                n_significant: is_significant,
            });
        }
    }
    for point in of.thinned.kept.iter().filter(|one| one.y >= significant) {
        if let Some(home) = home(&loci, point.chromosome, point.position) {
            loci[home].n_significant += 1;
        }
    }
    loci
}

/// The windows of the regional plots of a trait.
///
/// * `most`: their largest number
#[must_use]
pub fn windows(of: &Collected, most: usize) -> Vec<Window> {
    let limit = conventional(of.n_tests()).min(suggestive(of.n_tests()));
    let all = loci(of, limit, limit);
    let strongest = &of.thinned.strongest;
    let shown = all.iter().enumerate().filter(|(at, locus)| {
        let point = strongest[locus.lead].point;
        (*at < 2 || point.y >= limit) && of.names[point.chromosome as usize] != UNPLACED
    });
    shown
        .take(most)
        .map(|(_, locus)| window(of, locus.lead))
        .collect()
}

fn window(of: &Collected, lead: usize) -> Window {
    let point = of.thinned.strongest[lead].point;
    let mut found = None;
    for half in HALF_WIDTHS {
        let (start, end) = (
            point.position.saturating_sub(half).max(1),
            point.position.saturating_add(half),
        );
        let rows = of.rows.within(point.chromosome, start, end);
        let n = rows.len();
        if n > MOST_SNPS && found.is_some() {
            break;
        }
        found = Some(Window {
            lead,
            start,
            end,
            rows,
        });
        if n >= ENOUGH_SNPS {
            break;
        }
    }
    let mut found = found.expect("there is a half-width");
    // Of a very dense window, the SNPs nearest to the lead.
    while found.rows.len() > MOST_SNPS {
        let half = (found.end - found.start) / 4;
        found.start = point.position.saturating_sub(half).max(1);
        found.end = point.position.saturating_add(half);
        if half == 0 {
            found.rows.truncate(MOST_SNPS);
        }
        let range = found.start..=found.end;
        found
            .rows
            .retain(|&row| range.contains(&of.rows.position[row]));
    }
    found
}

/// The conventional threshold of −log₁₀ p: 5 × 10⁻⁸, or Bonferroni's for fewer than a million tests.
#[must_use]
pub fn conventional(n_tests: usize) -> f64 {
    CONVENTIONAL.min((n_tests.max(1) as f64 / 0.05).log10())
}

/// The suggestive −log₁₀ p: 10⁻⁵, or one expected SNP for fewer than 100,000 tests.
#[must_use]
pub fn suggestive(n_tests: usize) -> f64 {
    SUGGESTIVE.min((n_tests.max(1) as f64).log10())
}

#[cfg(test)]
mod tests {
    use super::super::collect::{Collector, SnpRow};
    use super::super::thin::Limits;
    use super::*;

    fn collected(snps: &[(&str, i64, f64)]) -> Collected {
        let mut collector = Collector::new(Limits::for_traits(1));
        for (snp, (chr, position, y)) in snps.iter().enumerate() {
            collector.add(&SnpRow {
                snp: snp as u32,
                chr,
                position: *position,
                id: "rs",
                allele1: "A",
                allele0: "C",
                af: 0.5,
                n_miss: None,
                beta: 0.0,
                se: 1.0,
                y: *y,
            });
        }
        collector.finish()
    }

    #[test]
    fn a_snp_belongs_to_the_strongest_lead_within_500_kb() {
        let of = collected(&[
            ("1", 1_000_000, 9.0),
            ("1", 1_500_000, 10.0),
            ("1", 2_000_001, 8.0),
            ("1", 2_000_000, 7.5),
            ("2", 1_500_000, 7.4),
            ("2", 9_500_000, 1.0),
        ]);
        let found = loci(&of, 7.4, 5.0);
        let leads: Vec<(i64, usize)> = (found.iter())
            .map(|one| {
                let lead = &of.thinned.strongest[one.lead].point;
                (i64::from(lead.position), one.n_significant)
            })
            .collect();
        assert_eq!(
            leads,
            [
                (1_500_000, 3),
                (2_000_001, 1),
                (1_500_000, 1),
                (9_500_000, 0)
            ]
        );
    }

    #[test]
    fn a_window_widens_until_it_has_enough_snps() {
        let sparse: Vec<(&str, i64, f64)> = (1..200)
            .map(|k| ("1", k * 100_000, if k == 100 { 9.0 } else { 0.5 }))
            .collect();
        let found = windows(&collected(&sparse), 8);
        assert_eq!((found[0].start, found[0].end), (5_000_000, 15_000_000));
        assert_eq!(found[0].rows.len(), 101);
        let dense: Vec<(&str, i64, f64)> = (1..20_000)
            .map(|k| ("1", k * 50, if k == 10_000 { 9.0 } else { 0.5 }))
            .collect();
        let found = windows(&collected(&dense), 8);
        assert!((1000..=MOST_SNPS).contains(&found[0].rows.len()));
        assert!(found[0].start < 500_000 && found[0].end > 500_000);
    }

    #[test]
    fn the_conventional_threshold_is_bonferronis_for_few_tests() {
        assert!((conventional(10_000) - 5.301_03).abs() < 1e-5);
        assert_eq!(conventional(10_000_000), CONVENTIONAL);
        assert!(conventional(0).is_finite() && suggestive(1) == 0.0);
    }
}
