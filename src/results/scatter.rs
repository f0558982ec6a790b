//! The numbers of two tables against each other, as a figure in SVG.

use super::agreement::correlation;
use super::compare::{Comparison, common_tests, logs_of};
use super::exchange::number_of_second;
use crate::io::results::ResultTable;
use crate::output::number::format_g;
use std::collections::HashSet;
use std::fmt::Write as _;

/// Width and height of a panel, without its labels, in pixels.
const SIZE: f64 = 320.0;
/// Space at the left of a panel, above it and below it.
const LEFT: f64 = 64.0;
const TOP: f64 = 44.0;
const BELOW: f64 = 54.0;
/// Points in the same cell of this size are drawn once, in pixels.
const CELL: f64 = 0.5;
/// About as many ticks on an axis.
const TICKS: f64 = 5.0;
/// Significant digits of correlations.
const DIGITS: usize = 6;

/// Numbers to draw.
struct Panel {
    title: &'static str,
    points: Vec<[f64; 2]>,
    /// Rows without a finite number in both tables.
    n_left_out: usize,
    /// Whether zero is in the middle of both axes, instead of at their start.
    is_centred: bool,
}

impl Panel {
    fn of(title: &'static str, all: impl Iterator<Item = [f64; 2]>, is_centred: bool) -> Self {
        let mut n_left_out = 0;
        let points = all.filter(|point| {
            let is_finite = point.iter().all(|x| x.is_finite());
            n_left_out += usize::from(!is_finite);
            is_finite
        });
        Self {
            title,
            points: points.collect(),
            n_left_out,
            is_centred,
        }
    }

    /// The largest absolute value.
    fn extent(&self) -> f64 {
        let all = self.points.iter().flatten();
        let largest = all.fold(0.0, |largest: f64, x| largest.max(x.abs()));
        if largest > 0.0 { 1.04 * largest } else { 1.0 }
    }
}

/// A figure in SVG: −log₁₀ p, and effects if both tables have them, of the SNPs of `found` in `a` (horizontal) and `b` (vertical).
///
/// Effects are those of the effect allele of `a`. Points that cover each other are drawn once.
///
/// * `names`: what the tables are called
#[must_use]
pub fn scatter(a: &ResultTable, b: &ResultTable, found: &Comparison, names: [&str; 2]) -> String {
    let pairs = &found.matching.pairs;
    let mut panels = Vec::new();
    if let Some(&(i, j)) = common_tests(a, b).first() {
        let logs = pairs.iter();
        let logs = logs.map(|pair| logs_of(pair, [&a.tests[i], &b.tests[j]]));
        panels.push(Panel::of("−log₁₀ p", logs, false));
    }
    let have = |name: &str| {
        [a, b]
            .iter()
            .all(|table| table.number_names().any(|known| known == name))
    };
    for (name, title) in [("beta", "Effect"), ("log_odds", "Log odds ratio")] {
        if !have(name) {
            continue;
        }
        let effects = pairs.iter().map(|pair| {
            let x = a.number(name, pair.a).map_or(f64::NAN, |x| x.value);
            [
                x,
                number_of_second(b, name, pair).map_or(f64::NAN, |y| y.value),
            ]
        });
        panels.push(Panel::of(title, effects, true));
        break;
    }
    figure(&panels, names)
}

fn figure(panels: &[Panel], names: [&str; 2]) -> String {
    let width = (LEFT + SIZE + 24.0) * panels.len().max(1) as f64;
    let height = TOP + SIZE + BELOW;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"#222\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (k, panel) in panels.iter().enumerate() {
        let left = LEFT + (LEFT + SIZE + 24.0) * k as f64;
        let _ = writeln!(out, "<g transform=\"translate({left} {TOP})\">");
        draw(&mut out, panel, names);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn draw(out: &mut String, panel: &Panel, names: [&str; 2]) {
    let extent = panel.extent();
    let low = if panel.is_centred { -extent } else { 0.0 };
    let across = |x: f64| (x - low) / (extent - low) * SIZE;
    let up = |y: f64| SIZE - across(y);
    let _ = writeln!(
        out,
        "<rect width=\"{SIZE}\" height=\"{SIZE}\" fill=\"none\" stroke=\"#888\"/>\n<path d=\"M0 {SIZE}L{SIZE} 0\" stroke=\"#c33\" stroke-dasharray=\"5 3\"/>"
    );
    for tick in ticks(low, extent) {
        let label = format_g(tick, 4);
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {SIZE}v5M0 {y:.1}h-5\" stroke=\"#888\"/><text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{label}</text><text x=\"-8\" y=\"{middle:.1}\" text-anchor=\"end\">{label}</text>",
            x = across(tick),
            y = up(tick),
            below = SIZE + 18.0,
            middle = up(tick) + 4.0,
        );
    }
    // One point in each cell, in the order of the table.
    let mut seen = HashSet::new();
    out.push_str("<path fill=\"none\" stroke=\"#1f5f9f\" stroke-opacity=\"0.75\" stroke-width=\"3\" stroke-linecap=\"round\" d=\"");
    for &[x, y] in &panel.points {
        let place = [across(x), up(y)].map(|at| (at / CELL).round() as i64);
        if seen.insert(place) {
            let [x, y] = place.map(|at| at as f64 * CELL);
            let _ = write!(out, "M{x} {y}h0");
        }
    }
    out.push_str("\"/>\n");
    let r = correlation(panel.points.iter().map(|&[x, y]| (x, y)));
    let left_out = match panel.n_left_out {
        0 => String::new(),
        n => format!(", {n} undefined"),
    };
    let r = if r.is_nan() {
        String::new()
    } else {
        format!("; correlation {}", format_g(r, DIGITS))
    };
    let _ = writeln!(
        out,
        "<text x=\"0\" y=\"-24\" font-weight=\"bold\">{}</text>\n<text x=\"0\" y=\"-8\">{} SNPs{left_out}{r}</text>",
        panel.title,
        panel.points.len(),
    );
    let _ = writeln!(
        out,
        "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{}</text>\n<text transform=\"translate(-48 {middle}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        escaped(names[0]),
        escaped(names[1]),
        middle = SIZE / 2.0,
        below = SIZE + 40.0,
    );
}

/// Round numbers from `low` to `high`.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / TICKS;
    let unit = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * unit);
    let step = steps.into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(unit);
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    (first..=last).map(|k| k as f64 * step).collect()
}

/// A text in XML.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        assert_eq!(ticks(0.0, 10.4), [0.0, 5.0, 10.0]);
        assert_eq!(ticks(-1.0, 1.0), [-1.0, -0.5, 0.0, 0.5, 1.0]);
        assert_eq!(ticks(0.0, 1e-3).len(), 6);
    }

    #[test]
    fn every_finite_point_is_counted_and_those_in_one_place_are_drawn_once() {
        let points = [[1.0, 1.0], [1.0, 1.0], [2.0, 1.5], [f64::NAN, 1.0]];
        let panel = Panel::of("Effect", points.into_iter(), true);
        let text = figure(&[panel], ["a<b", "c"]);
        assert!(text.contains("3 SNPs, 1 undefined"), "{text}");
        assert_eq!(text.matches("h0").count(), 2);
        assert!(text.contains("a&lt;b") && text.ends_with("</svg>\n"));
        let none = figure(
            &[Panel::of("−log₁₀ p", std::iter::empty(), false)],
            ["a", "b"],
        );
        assert!(none.contains("0 SNPs</text>"), "{none}");
    }
}
