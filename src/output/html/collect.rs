//! What a report shows of the SNPs of a trait, collected while they are tested.

use super::ranks::Ranks;
use super::thin::{Limits, Point, Strong, Thinned, Thinner};
use std::collections::HashMap;

/// −log₁₀ p of a p-value that is 0 in double precision.
pub const UNDERFLOW_Y: f64 = 324.0;
/// −log₁₀ p of the SNPs of a regional plot is a multiple of this.
pub const Y_STEP: f64 = 0.005;
/// Bars of the distribution of allele frequencies.
pub const FREQUENCY_BINS: usize = 50;
/// The chromosome of SNPs without a position.
pub const UNPLACED: &str = "unplaced";
/// Classes of the minor allele frequency in a QQ plot: each is below its limit.
pub const FREQUENCY_CLASSES: [(&str, f64); 3] = [
    ("MAF below 0.05", 0.05),
    ("MAF 0.05 to 0.2", 0.2),
    ("MAF 0.2 or more", 1.0),
];

/// A tested SNP.
#[derive(Debug, Clone, Copy)]
pub struct SnpRow<'a> {
    /// Its index in the source.
    pub snp: u32,
    /// Chromosome.
    pub chr: &'a str,
    /// Position; not positive if it is unknown.
    pub position: i64,
    /// Id.
    pub id: &'a str,
    /// The counted allele.
    pub allele1: &'a str,
    /// The other allele.
    pub allele0: &'a str,
    /// Frequency of allele1.
    pub af: f64,
    /// Individuals without a genotype, if they are known.
    pub n_miss: Option<u32>,
    /// Effect; NaN if the test has none.
    pub beta: f64,
    /// Its standard error.
    pub se: f64,
    /// −log₁₀ p; NaN if p is undefined.
    pub y: f64,
}

/// −log₁₀ of a p-value.
#[must_use]
pub fn neg_log10(p: f64) -> f64 {
    if p > 0.0 {
        -p.log10() + 0.0
    } else if p == 0.0 {
        UNDERFLOW_Y
    } else {
        f64::NAN
    }
}

/// Position and −log₁₀ p of all SNPs, of which the regional plots are made.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The first row of each run of one chromosome, and its number.
    pub runs: Vec<(usize, u32)>,
    /// Positions.
    pub position: Vec<u32>,
    /// Indices in the source.
    pub snp: Vec<u32>,
    /// −log₁₀ p in units of [`Y_STEP`].
    pub y: Vec<u16>,
}

impl Rows {
    /// Bytes for each SNP.
    pub const BYTES: u64 = 10;

    fn push(&mut self, point: Point) {
        if self.runs.last().is_none_or(|run| run.1 != point.chromosome) {
            self.runs.push((self.position.len(), point.chromosome));
        }
        self.position.push(point.position);
        self.snp.push(point.snp);
        self.y.push((point.y / Y_STEP).round() as u16);
    }

    /// The rows of a chromosome from position `start` to `end`, by position.
    #[must_use]
    pub fn within(&self, chromosome: u32, start: u32, end: u32) -> Vec<usize> {
        let ends = self.runs.iter().skip(1).map(|run| run.0);
        let ends = ends.chain(std::iter::once(self.position.len()));
        let mut found: Vec<usize> = (self.runs.iter().zip(ends))
            .filter(|(run, _)| run.1 == chromosome)
            .flat_map(|(run, end_row)| run.0..end_row)
            .filter(|&row| (start..=end).contains(&self.position[row]))
            .collect();
        found.sort_by_key(|&row| (self.position[row], self.snp[row]));
        found
    }
}

/// Collects the SNPs of a trait.
#[derive(Debug, Clone)]
pub struct Collector {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    last: u32,
    n_unplaced: u32,
    thinner: Thinner,
    ranks: Vec<Ranks>,
    frequency: [u64; FREQUENCY_BINS],
    /// SNPs by their number of individuals without a genotype.
    missing: Vec<u64>,
    rows: Rows,
    n_undefined: u64,
}

/// The SNPs of a trait.
#[derive(Debug, Clone)]
pub struct Collected {
    /// Names of the chromosomes, by their numbers.
    pub names: Vec<String>,
    /// The largest position of each.
    pub spans: Vec<u32>,
    /// The SNPs to draw.
    pub thinned: Thinned,
    /// Order statistics: of all SNPs, and of each of the [`FREQUENCY_CLASSES`].
    pub ranks: Vec<Ranks>,
    /// SNPs by allele frequency, in equal parts from 0 to 1.
    pub frequency: [u64; FREQUENCY_BINS],
    /// SNPs by their number of individuals without a genotype; empty if it is unknown.
    pub missing: Vec<u64>,
    /// All SNPs.
    pub rows: Rows,
    /// Tested SNPs without a p-value.
    pub n_undefined: u64,
}

impl Collected {
    /// SNPs with a p-value.
    #[must_use]
    pub fn n_tests(&self) -> usize {
        self.ranks[0].n()
    }
}

impl Collector {
    /// Without a SNP yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            names: Vec::new(),
            numbers: HashMap::new(),
            last: 0,
            n_unplaced: 0,
            thinner: Thinner::new(limits),
            ranks: vec![Ranks::default(); 1 + FREQUENCY_CLASSES.len()],
            frequency: [0; FREQUENCY_BINS],
            missing: Vec::new(),
            rows: Rows::default(),
            n_undefined: 0,
        }
    }

    fn number_of(&mut self, name: &str) -> u32 {
        if self
            .names
            .get(self.last as usize)
            .is_some_and(|known| known == name)
        {
            return self.last;
        }
        self.last = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            let number = self.names.len() as u32;
            self.names.push(name.to_owned());
            self.numbers.insert(name.to_owned(), number);
            number
        };
        self.last
    }

    /// Adds a SNP.
    pub fn add(&mut self, row: &SnpRow<'_>) {
        let af = row.af.clamp(0.0, 1.0);
        if af.is_finite() {
            let bin = (af * FREQUENCY_BINS as f64) as usize;
            self.frequency[bin.min(FREQUENCY_BINS - 1)] += 1;
        }
        if let Some(n_miss) = row.n_miss {
            let n_miss = n_miss as usize;
            if self.missing.len() <= n_miss {
                self.missing.resize(n_miss + 1, 0);
            }
            self.missing[n_miss] += 1;
        }
        // −log₁₀ of the smallest double is 323; p-values from their logarithms may be smaller.
        if row.y.is_nan() {
            self.n_undefined += 1;
            return;
        }
        // The logarithm of a p-value of 0 is drawn like that of the smallest double.
        let y = if row.y == f64::INFINITY {
            UNDERFLOW_Y
        } else {
            row.y.max(0.0)
        };
        self.ranks[0].add(y);
        let maf = af.min(1.0 - af);
        if let Some(class) = FREQUENCY_CLASSES.iter().position(|(_, end)| maf < *end) {
            self.ranks[1 + class].add(y);
        }
        let (chromosome, position) = if row.position > 0 {
            let position = u32::try_from(row.position).unwrap_or(u32::MAX);
            (self.number_of(row.chr), position)
        } else {
            self.n_unplaced += 1;
            (self.number_of(UNPLACED), self.n_unplaced)
        };
        let point = Point {
            chromosome,
            position,
            snp: row.snp,
            y,
        };
        self.rows.push(point);
        self.thinner.add(point, || Strong {
            point,
            id: row.id.to_owned(),
            alleles: alleles(row.allele1, row.allele0),
            af: row.af,
            beta: row.beta,
            se: row.se,
        });
    }

    /// The SNPs.
    #[must_use]
    pub fn finish(self) -> Collected {
        let mut spans = self.thinner.spans().to_vec();
        spans.resize(self.names.len(), 0);
        Collected {
            names: self.names,
            spans,
            thinned: self.thinner.finish(),
            ranks: self.ranks,
            frequency: self.frequency,
            missing: self.missing,
            rows: self.rows,
            n_undefined: self.n_undefined,
        }
    }
}

/// Both alleles, shortened; empty if they are unknown.
fn alleles(allele1: &str, allele0: &str) -> String {
    const LONGEST: usize = 24;
    let short = |allele: &str| match allele.char_indices().nth(LONGEST) {
        None => allele.to_owned(),
        Some((at, _)) => format!("{}…", &allele[..at]),
    };
    if allele1.is_empty() && allele0.is_empty() {
        return String::new();
    }
    format!("{}/{}", short(allele1), short(allele0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: SnpRow<'static> = SnpRow {
        snp: 0,
        chr: "1",
        position: 5,
        id: "rs1",
        allele1: "A",
        allele0: "G",
        af: 0.1,
        n_miss: Some(2),
        beta: 1.0,
        se: 1.0,
        y: 2.0,
    };

    #[test]
    fn snps_without_p_or_position_are_counted_and_placed() {
        let mut collector = Collector::new(Limits::for_traits(1));
        for (snp, chr, position, y) in [
            (0, "1", 5, 2.0),
            (1, "1", -9, 3.0),
            (2, "2", 7, f64::NAN),
            (3, "2", 0, neg_log10(0.0)),
            (4, "1", 3, -0.0),
        ] {
            collector.add(&SnpRow {
                snp,
                chr,
                position,
                y,
                ..ROW
            });
        }
        let found = collector.finish();
        assert_eq!(found.names, ["1", UNPLACED]);
        assert_eq!(found.spans, [5, 2]);
        assert_eq!((found.n_tests(), found.n_undefined), (4, 1));
        assert_eq!(found.missing, [0, 0, 5]);
        assert_eq!(found.frequency[5], 5);
        assert_eq!(found.rows.within(0, 0, 9), [3, 0]);
        let ys = found.thinned.strongest.iter().map(|one| one.point.y);
        assert_eq!(ys.collect::<Vec<_>>(), [324.0, 3.0, 2.0, 0.0]);
        assert_eq!(found.rows.y, [400, 600, 64800, 0]);
    }

    #[test]
    fn long_alleles_are_shortened() {
        assert_eq!(alleles("A", "G"), "A/G");
        assert_eq!(alleles("", ""), "");
        assert_eq!(alleles(&"AC".repeat(40), "é").chars().count(), 27);
    }
}
