//! The genome axis: chromosomes in order, with gaps between them.

use super::collect::UNPLACED;
use super::thin::Point;
use std::collections::HashMap;

/// The gap between chromosomes, as a part of the genome.
const GAP: f64 = 0.004;
/// Chromosomes that are always shown apart.
const MOST_APART: usize = 40;
/// Of more, those shorter than this part of the genome are merged.
const SHORT: f64 = 0.005;
/// Their name on the axis.
const OTHER: &str = "other";

/// A part of the axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub start: f64,
    /// Its length in base pairs.
    pub length: f64,
}

/// The place of a chromosome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of its segment.
    pub segment: usize,
    /// Where it begins in the segment.
    pub shift: u32,
    /// Whether the segment contains other chromosomes.
    pub is_merged: bool,
}

/// The axis of all plots of a report.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Its parts, in order.
    pub segments: Vec<Segment>,
    /// Its length.
    pub length: f64,
    places: HashMap<String, Place>,
}

/// The order of a chromosome that is named as those of animals: 1, chr2, X, Y, MT.
fn natural(name: &str) -> Option<u32> {
    let bare = name
        .get(..3)
        .filter(|start| start.eq_ignore_ascii_case("chr"));
    let bare = &name[bare.map_or(0, str::len)..];
    if let Ok(number) = bare.parse::<u32>() {
        return Some(number);
    }
    let sex = ["X", "Y", "XY", "M", "MT"].into_iter();
    let found = sex
        .zip([1, 2, 3, 4, 4])
        .find(|(known, _)| bare.eq_ignore_ascii_case(known));
    found.map(|(_, number)| 1_000_000_000 + number)
}

impl Layout {
    /// The axis for chromosomes in the order of their first SNPs, each with its largest position; a name may occur again.
    #[must_use]
    pub(super) fn new<'a>(chromosomes: impl Iterator<Item = (&'a str, u32)>) -> Self {
        let mut spans: Vec<(&str, u32)> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (name, span) in chromosomes {
            let at = *known.entry(name).or_insert(spans.len());
            if at == spans.len() {
                spans.push((name, span));
            }
            spans[at].1 = span.max(spans[at].1);
        }
        let is_natural = |name: &str| name == UNPLACED || natural(name).is_some();
        if spans.iter().all(|(name, _)| is_natural(name)) {
            spans.sort_by_key(|(name, _)| natural(name).unwrap_or(u32::MAX));
        } else {
            spans.sort_by_key(|(name, _)| *name == UNPLACED);
        }
        let total: f64 = spans.iter().map(|(_, span)| f64::from(*span)).sum();
        let is_short = |one: &(&str, u32)| {
            one.0 != UNPLACED && f64::from(one.1) < SHORT * total && spans.len() > MOST_APART
        };
        let short: Vec<_> = spans.iter().filter(|one| is_short(one)).copied().collect();
        let short = if short.len() > 1 { short } else { Vec::new() };
        let mut layout = Self::default();
        let gap = GAP * total;
        let apart = spans
            .iter()
            .filter(|one| short.is_empty() || !is_short(one));
        let (placed, unplaced): (Vec<_>, Vec<_>) =
            apart.copied().partition(|one| one.0 != UNPLACED);
        for (name, span) in placed {
            layout.add(&[(name, span)], name, gap);
        }
        if !short.is_empty() {
            layout.add(&short, OTHER, gap);
        }
        for (name, span) in unplaced {
            layout.add(&[(name, span)], name, gap);
        }
        layout.length = layout
            .segments
            .last()
            .map_or(1.0, |one| one.start + one.length);
        layout
    }

    fn add(&mut self, chromosomes: &[(&str, u32)], name: &str, gap: f64) {
        let mut length = 0_u32;
        for (chromosome, span) in chromosomes {
            let place = Place {
                segment: self.segments.len(),
                shift: length,
                is_merged: chromosomes.len() > 1,
            };
            self.places.insert((*chromosome).to_owned(), place);
            length = length.saturating_add(*span);
        }
        let last = self.segments.last();
        self.segments.push(Segment {
            name: name.to_owned(),
            start: last.map_or(0.0, |one| one.start + one.length + gap),
            length: f64::from(length.max(1)),
        });
    }

    /// The place of a chromosome.
    ///
    /// # Panics
    /// If the layout was made without it.
    #[must_use]
    pub(super) fn place(&self, name: &str) -> Place {
        self.places[name]
    }

    /// The points of each segment by position: their position in it, and −log₁₀ p.
    #[must_use]
    pub(super) fn arranged(&self, names: &[String], points: &[Point]) -> Vec<Vec<(u32, f64)>> {
        let places: Vec<Place> = names.iter().map(|name| self.place(name)).collect();
        let mut found: Vec<Vec<(u32, u32, f64)>> = vec![Vec::new(); self.segments.len()];
        for point in points {
            let place = places[point.chromosome as usize];
            let position = point.position.saturating_add(place.shift);
            found[place.segment].push((position, point.snp, point.y));
        }
        let sorted = found.into_iter().map(|mut segment| {
            segment.sort_unstable_by_key(|one| (one.0, one.1));
            segment
                .into_iter()
                .map(|(position, _, y)| (position, y))
                .collect()
        });
        sorted.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[(&str, u32)]) -> Vec<String> {
        let layout = Layout::new(of.iter().copied());
        layout.segments.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn chromosomes_are_in_natural_order_or_in_that_of_the_file() {
        let animal = [
            ("10", 5),
            ("X", 5),
            (UNPLACED, 2),
            ("2", 5),
            ("MT", 1),
            ("chr1", 5),
        ];
        assert_eq!(names(&animal), ["chr1", "2", "10", "X", "MT", UNPLACED]);
        let wheat = [("2B", 5), ("1A", 5), (UNPLACED, 1), ("1B", 5)];
        assert_eq!(names(&wheat), ["2B", "1A", "1B", UNPLACED]);
        assert!(names(&[]).is_empty());
    }

    #[test]
    fn short_contigs_share_a_segment() {
        let contigs: Vec<String> = (0..1000).map(|k| format!("scaffold_{k}")).collect();
        let long = [("A", 1_000_000), ("B", 2_000_000)];
        let short = contigs.iter().map(|name| (name.as_str(), 100));
        let layout = Layout::new(long.into_iter().chain(short));
        let segments: Vec<&str> = layout
            .segments
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(segments, ["A", "B", OTHER]);
        let place = layout.place("scaffold_7");
        assert_eq!(
            (place.segment, place.shift, place.is_merged),
            (2, 700, true)
        );
        assert!((layout.length - (3_100_000.0 + 2.0 * GAP * 3_100_000.0)).abs() < 1.0);
    }
}
