//! Which SNPs of a scan are drawn: all strong ones, and of the others one per cell of a grid.
//!
//! The strongest SNPs ([`Limits::strongest`]) are kept with their names and statistics. Of the others, those with
//! −log₁₀ p ≥ K are kept exactly: K = 4, raised until at most [`Limits::kept`] remain. Of the rest, each cell of
//! chromosome × position × −log₁₀ p keeps the largest −log₁₀ p, and of equal ones that of the smallest SNP index. Cells are
//! [`ROWS_PER_UNIT`] to a unit of −log₁₀ p, and as wide as the smallest power of two for which the genome has at most
//! [`Limits::columns`] columns, so that the length of the genome need not be known in advance: two columns are merged into
//! one while SNPs are added. All three are properties of the set of SNPs; they do not depend on the order in which the SNPs
//! are added, and hence not on threads or blocks.

use std::cmp::Ordering;

/// Cells in a unit of −log₁₀ p.
const ROWS_PER_UNIT: f64 = 32.0;
/// The axis of the plots is linear up to here.
const LINEAR_TO: f64 = 20.0;
/// Above it, rows grow with −log₁₀ p, so that their number is bounded.
const ROWS_PER_OCTAVE: f64 = 400.0;
/// The smallest K.
pub const LEAST_K: f64 = 4.0;

/// How much is kept of a trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Strongest SNPs, kept with their names and statistics.
    pub strongest: usize,
    /// Further SNPs that are kept exactly.
    pub kept: usize,
    /// Columns of the grid, over all chromosomes.
    pub columns: u64,
}

impl Limits {
    /// Those for a file with `n_traits` traits: a large file has coarser plots, and about the same size.
    #[must_use]
    pub fn for_traits(n_traits: usize) -> Self {
        let n = n_traits.max(1);
        Self {
            strongest: (30_000 / n).clamp(100, 5_000),
            kept: (180_000 / n).clamp(500, 45_000),
            columns: (7_200 / n as u64).clamp(100, 2_400),
        }
    }
}

/// A SNP at its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The number of its chromosome, in the order of their first SNPs.
    pub chromosome: u32,
    /// Position in base pairs.
    pub position: u32,
    /// Its index in the source.
    pub snp: u32,
    /// −log₁₀ p.
    pub y: f64,
}

impl Point {
    /// The stronger SNP is the smaller one; of equal ones, that of the smaller index.
    fn order(&self, other: &Self) -> Ordering {
        other.y.total_cmp(&self.y).then(self.snp.cmp(&other.snp))
    }
}

/// A SNP with its names and statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct Strong {
    /// Its place.
    pub point: Point,
    /// Id.
    pub id: String,
    /// The counted allele and the other one, as `A/G`.
    pub alleles: String,
    /// Frequency of the counted allele.
    pub af: f64,
    /// Effect; NaN if the test has none.
    pub beta: f64,
    /// Its standard error.
    pub se: f64,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    y: f64,
    position: u32,
    snp: u32,
}

impl Cell {
    const EMPTY: Self = Self {
        y: f64::NEG_INFINITY,
        position: 0,
        snp: u32::MAX,
    };

    fn take_stronger(&mut self, other: Self) {
        if other.y > self.y || other.y == self.y && other.snp < self.snp {
            *self = other;
        }
    }
}

/// A column of cells, from −log₁₀ p = 0 up.
type Column = Vec<Cell>;

/// Thins the SNPs of a trait while they are added.
#[derive(Debug, Clone)]
pub struct Thinner {
    limits: Limits,
    strongest: Vec<Strong>,
    /// No weaker SNP is one of the strongest.
    floor: f64,
    k: f64,
    kept: Vec<Point>,
    /// Columns of 2^shift base pairs, by chromosome.
    shift: u32,
    grid: Vec<Vec<Column>>,
    /// The largest position of each chromosome.
    spans: Vec<u32>,
    total: u64,
}

/// The SNPs to draw.
#[derive(Debug, Clone, Default)]
pub struct Thinned {
    /// The strongest SNPs, the strongest first.
    pub strongest: Vec<Strong>,
    /// Of the others, all with −log₁₀ p of at least K.
    pub kept: Vec<Point>,
    /// K.
    pub k: f64,
    /// Of the rest, one for each occupied cell.
    pub cells: Vec<Point>,
}

fn row_of(y: f64) -> usize {
    if y < LINEAR_TO {
        (y * ROWS_PER_UNIT) as usize
    } else {
        (LINEAR_TO * ROWS_PER_UNIT + (y / LINEAR_TO).log2() * ROWS_PER_OCTAVE) as usize
    }
}

impl Thinner {
    /// Without a SNP yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            strongest: Vec::new(),
            floor: f64::NEG_INFINITY,
            k: LEAST_K,
            kept: Vec::new(),
            shift: 0,
            grid: Vec::new(),
            spans: Vec::new(),
            total: 0,
        }
    }

    /// Adds a SNP; `strong` gives its names if they are needed.
    ///
    /// * `point`: with a −log₁₀ p that is a finite number of at least 0
    pub fn add(&mut self, point: Point, strong: impl FnOnce() -> Strong) {
        let chromosome = point.chromosome as usize;
        if self.spans.len() <= chromosome {
            self.spans.resize(chromosome + 1, 0);
            self.grid.resize(chromosome + 1, Vec::new());
        }
        let span = &mut self.spans[chromosome];
        if point.position > *span {
            self.total += u64::from(point.position - *span);
            *span = point.position;
            while self.total >> self.shift > self.limits.columns {
                self.coarsen();
            }
        }
        if point.y < self.floor {
            return self.demote(point);
        }
        self.strongest.push(strong());
        if self.strongest.len() >= 2 * self.limits.strongest {
            self.limit_strongest();
        }
    }

    /// Keeps only the strongest.
    fn limit_strongest(&mut self) {
        let limit = self.limits.strongest;
        if self.strongest.len() <= limit {
            return;
        }
        let order = |a: &Strong, b: &Strong| a.point.order(&b.point);
        self.strongest.select_nth_unstable_by(limit - 1, order);
        self.floor = self.strongest[limit - 1].point.y;
        for weaker in self.strongest.split_off(limit) {
            self.demote(weaker.point);
        }
    }

    fn demote(&mut self, point: Point) {
        if point.y < self.k {
            return self.add_to_grid(point);
        }
        self.kept.push(point);
        if self.kept.len() >= 2 * self.limits.kept {
            self.limit_kept();
        }
    }

    /// Raises K until at most the limit remains.
    fn limit_kept(&mut self) {
        let limit = self.limits.kept;
        if self.kept.len() <= limit {
            return;
        }
        self.kept.sort_unstable_by(Point::order);
        // The first value that is too many, and all equal ones, are below K.
        let excess = self.kept[limit].y;
        let n_above = self.kept.partition_point(|point| point.y > excess);
        self.k = excess.next_up();
        for weaker in self.kept.split_off(n_above) {
            self.add_to_grid(weaker);
        }
    }

    fn add_to_grid(&mut self, point: Point) {
        let columns = &mut self.grid[point.chromosome as usize];
        let (column, row) = ((point.position >> self.shift) as usize, row_of(point.y));
        if columns.len() <= column {
            columns.resize(column + 1, Vec::new());
        }
        let cells = &mut columns[column];
        if cells.len() <= row {
            cells.resize(row + 1, Cell::EMPTY);
        }
        cells[row].take_stronger(Cell {
            y: point.y,
            position: point.position,
            snp: point.snp,
        });
    }

    /// Merges every two columns.
    fn coarsen(&mut self) {
        self.shift += 1;
        for columns in &mut self.grid {
            let old = std::mem::take(columns);
            for (at, column) in old.into_iter().enumerate() {
                if at % 2 == 0 {
                    columns.push(column);
                    continue;
                }
                let cells = columns.last_mut().expect("the even column is before");
                if cells.len() < column.len() {
                    cells.resize(column.len(), Cell::EMPTY);
                }
                for (cell, other) in cells.iter_mut().zip(column) {
                    cell.take_stronger(other);
                }
            }
        }
    }

    /// The largest position of each chromosome.
    #[must_use]
    pub fn spans(&self) -> &[u32] {
        &self.spans
    }

    /// The SNPs to draw.
    #[must_use]
    pub fn finish(mut self) -> Thinned {
        self.limit_strongest();
        self.limit_kept();
        let mut strongest = self.strongest;
        strongest.sort_unstable_by(|a, b| a.point.order(&b.point));
        let mut cells = Vec::new();
        for (chromosome, columns) in self.grid.iter().enumerate() {
            for cell in columns.iter().flatten().filter(|cell| cell.y >= 0.0) {
                cells.push(Point {
                    chromosome: chromosome as u32,
                    position: cell.position,
                    snp: cell.snp,
                    y: cell.y,
                });
            }
        }
        Thinned {
            strongest,
            kept: self.kept,
            k: self.k,
            cells,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(snp: u32, chromosome: u32, position: u32, y: f64) -> Point {
        Point {
            chromosome,
            position,
            snp,
            y,
        }
    }

    fn strong(point: Point) -> Strong {
        Strong {
            point,
            id: format!("rs{}", point.snp),
            alleles: "A/G".into(),
            af: 0.25,
            beta: 1.0,
            se: 0.5,
        }
    }

    fn thinned(points: &[Point], limits: Limits) -> Thinned {
        let mut thinner = Thinner::new(limits);
        for &one in points {
            thinner.add(one, || strong(one));
        }
        thinner.finish()
    }

    /// Reproducible values, most of them small.
    fn many(n: u32) -> Vec<Point> {
        let mut state = 7_u64;
        (0..n)
            .map(|snp| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let uniform = ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
                let y = -uniform.log10() * if snp % 10 == 0 { 6.0 } else { 1.0 };
                point(snp, snp / (n / 3), (snp * 37) % 100_000 * 100, y)
            })
            .collect()
    }

    const FEW: Limits = Limits {
        strongest: 40,
        kept: 60,
        columns: 200,
    };

    /// The rule, with all SNPs in memory.
    fn expected(points: &[Point], limits: Limits) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let mut all = points.to_vec();
        all.sort_by(Point::order);
        let rest = all.split_off(limits.strongest.min(all.len()));
        let above = |k: f64| rest.iter().filter(|one| one.y >= k).count();
        let mut values: Vec<f64> = rest.iter().map(|one| one.y).collect();
        values.sort_by(f64::total_cmp);
        let k = std::iter::once(LEAST_K)
            .chain(
                values
                    .into_iter()
                    .map(f64::next_up)
                    .filter(|y| *y > LEAST_K),
            )
            .find(|&k| above(k) <= limits.kept)
            .unwrap();
        let mut span = std::collections::BTreeMap::new();
        for one in points {
            let known = span.entry(one.chromosome).or_insert(0);
            *known = one.position.max(*known);
        }
        let total: u64 = span.values().map(|one| u64::from(*one)).sum();
        let shift = (0..64)
            .find(|shift| total >> shift <= limits.columns)
            .unwrap();
        let mut cells = std::collections::BTreeMap::new();
        for one in rest.iter().filter(|one| one.y < k) {
            let key = (one.chromosome, one.position >> shift, row_of(one.y));
            // In order of strength: the first is the one that stays.
            cells.entry(key).or_insert(one.snp);
        }
        let sorted = |mut snps: Vec<u32>| {
            snps.sort_unstable();
            snps
        };
        let kept = rest.iter().filter(|one| one.y >= k).map(|one| one.snp);
        (
            all.iter().map(|one| one.snp).collect(),
            sorted(kept.collect()),
            sorted(cells.into_values().collect()),
        )
    }

    fn found(of: &Thinned) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let sorted = |points: &[Point]| {
            let mut snps: Vec<u32> = points.iter().map(|one| one.snp).collect();
            snps.sort_unstable();
            snps
        };
        let strongest = of.strongest.iter().map(|one| one.point.snp);
        (strongest.collect(), sorted(&of.kept), sorted(&of.cells))
    }

    #[test]
    fn the_kept_snps_are_those_of_the_rule_in_any_order() {
        let mut points = many(9000);
        let rule = expected(&points, FEW);
        assert!(rule.1.len() > 30 && rule.2.len() > 100);
        for turn in 0..5 {
            assert!(found(&thinned(&points, FEW)) == rule, "order {turn}");
            points.rotate_left(1777);
            if turn == 2 {
                points.reverse();
            }
        }
    }

    #[test]
    fn equal_values_at_the_limit_go_to_the_grid_together() {
        let points: Vec<Point> = (0..200).map(|snp| point(snp, 0, snp * 1000, 6.0)).collect();
        let found = thinned(&points, FEW);
        assert_eq!(found.strongest.len(), 40);
        assert!(found.strongest.iter().all(|one| one.point.snp < 40));
        assert!(found.kept.is_empty() && found.k > 6.0);
        assert!(!found.cells.is_empty());
    }

    #[test]
    fn k_is_4_if_few_snps_are_stronger() {
        let points: Vec<Point> = (0..50)
            .map(|snp| point(snp, 0, snp, if snp < 45 { 4.0 } else { 3.9 }))
            .collect();
        let found = thinned(&points, FEW);
        assert_eq!((found.k, found.kept.len(), found.cells.len()), (4.0, 5, 5));
    }

    #[test]
    fn rows_are_bounded_for_any_p_value() {
        assert_eq!(row_of(0.0), 0);
        assert_eq!(row_of(19.999), 639);
        assert_eq!(row_of(20.0), 640);
        assert!(row_of(1e6) < 10_000);
    }

    #[test]
    fn a_study_without_a_p_value_draws_nothing() {
        let found = thinned(&[], FEW);
        assert!(found.strongest.is_empty() && found.kept.is_empty() && found.cells.is_empty());
    }
}
