//! The numbers of a report for its scripts: arrays and the JSON that describes them.

use super::blob::{Blob, json_list, json_number, json_text};
use super::collect::{Collected, FREQUENCY_CLASSES};
use super::layout::Layout;
use super::loci::Locus;
use super::study::{Distribution, KinshipView, Profile, Region, TraitView};
use super::thin::LEAST_K;

/// Bars of the distribution of missing genotypes, about.
const MISSING_BARS: usize = 40;
/// r² of 1 as a byte; 255 is unknown.
const R2_UNIT: f32 = 250.0;

/// A line in a Manhattan plot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// −log₁₀ p.
    pub y: f64,
    /// `hit`, `suggestive` or `other`.
    pub kind: &'static str,
    /// Its name.
    pub label: String,
}

/// A trait with what was derived from its SNPs.
pub(super) struct Drawn<'a> {
    /// The trait.
    pub of: &'a TraitView,
    /// Its lines.
    pub lines: Vec<Line>,
    /// −log₁₀ p of significant and of suggestive SNPs.
    pub limits: [f64; 2],
    /// λ_GC as text.
    pub lambda: String,
    /// Its regional plots.
    pub regions: Vec<&'a Region>,
    /// Its loci.
    pub loci: Vec<Locus>,
    /// The name of the trait, also of its run if there are several.
    pub name: String,
}

fn object(fields: &[(&str, String)]) -> String {
    let fields = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// The JSON of the axis.
pub(super) fn chromosomes(layout: &Layout) -> String {
    json_list(layout.segments.iter().map(|one| {
        let (start, length) = (json_number(one.start), json_number(one.length));
        format!("[{},{start},{length}]", json_text(&one.name))
    }))
}

/// Adds the arrays of trait number `t`; returns its JSON.
pub(super) fn of_trait(blob: &mut Blob, t: usize, drawn: &Drawn<'_>, layout: &Layout) -> String {
    let of = &drawn.of.collected;
    let thinned = &of.thinned;
    // Cells are below K, or below 4.
    let scale8 = thinned
        .cells
        .iter()
        .map(|one| one.y)
        .fold(LEAST_K, f64::max)
        / 255.0;
    let cells = layout.arranged(&of.names, &thinned.cells);
    let positions: Vec<Vec<u32>> = (cells.iter().zip(&layout.segments))
        .map(|(cells, segment)| {
            let scaled = |position: u32| f64::from(position) / segment.length * 65_535.0;
            cells
                .iter()
                .map(|one| scaled(one.0).round() as u32)
                .collect()
        })
        .collect();
    blob.planes(&format!("t{t}.thin.position"), &positions, 2);
    let y = cells
        .iter()
        .flatten()
        .map(|one| (one.1 / scale8).round() as u8);
    blob.u8(&format!("t{t}.thin.y"), &y.collect::<Vec<_>>());
    let kept = layout.arranged(&of.names, &thinned.kept);
    let scale16 = thinned.kept.iter().map(|one| one.y).fold(1.0, f64::max) / 65_535.0;
    let positions: Vec<Vec<u32>> = kept
        .iter()
        .map(|all| all.iter().map(|one| one.0).collect())
        .collect();
    blob.planes(&format!("t{t}.kept.position"), &positions, 4);
    let y: Vec<[u8; 2]> = (kept.iter().flatten())
        .map(|one| ((one.1 / scale16).round() as u16).to_le_bytes())
        .collect();
    let planes: Vec<u8> = (0..2)
        .flat_map(|plane| y.iter().map(move |one| one[plane]))
        .collect();
    blob.u8(&format!("t{t}.kept.y"), &planes);
    strongest(blob, t, of, layout);
    let strata = quantiles(blob, t, of);
    let counts =
        |parts: &[Vec<(u32, f64)>]| json_list(parts.iter().map(|one| one.len().to_string()));
    let lines = drawn.lines.iter().map(|line| {
        format!(
            "[{},\"{}\",{}]",
            json_number(line.y),
            line.kind,
            json_text(&line.label)
        )
    });
    let mut fields = vec![
        ("name", json_text(&drawn.name)),
        ("tested", of.n_tests().to_string()),
        ("k", json_number(thinned.k)),
        ("scale8", json_number(scale8)),
        ("scale16", json_number(scale16)),
        ("thin", counts(&cells)),
        ("kept", counts(&kept)),
        ("lines", json_list(lines)),
        ("hit", json_number(drawn.limits[0])),
        ("suggestive", json_number(drawn.limits[1])),
        ("lambda", json_text(&drawn.lambda)),
        (
            "loci",
            json_list(drawn.loci.iter().map(|one| one.lead.to_string())),
        ),
        ("qq", strata),
        ("frequency", distribution(&frequency(of))),
    ];
    if let Some(missing) = missing(of, drawn.of.n_individuals) {
        fields.push(("missing", distribution(&missing)));
    }
    if let Some(phenotype) = &drawn.of.phenotype {
        fields.push(("phenotype", distribution(phenotype)));
    }
    if let Some(one) = &drawn.of.profile {
        fields.push(("profile", profile(blob, t, one)));
    }
    object(&fields)
}

fn strongest(blob: &mut Blob, t: usize, of: &Collected, layout: &Layout) {
    let strongest = &of.thinned.strongest;
    let name = |part: &str| format!("t{t}.top.{part}");
    let places: Vec<_> = (strongest.iter())
        .map(|one| layout.place(&of.names[one.point.chromosome as usize]))
        .collect();
    blob.u16(
        &name("chromosome"),
        places.iter().map(|one| one.segment as u16),
    );
    blob.u32(
        &name("position"),
        strongest.iter().map(|one| one.point.position),
    );
    blob.u32(&name("shift"), places.iter().map(|one| one.shift));
    blob.f64(&name("y"), strongest.iter().map(|one| one.point.y));
    blob.f32(&name("beta"), strongest.iter().map(|one| one.beta as f32));
    blob.f32(&name("se"), strongest.iter().map(|one| one.se as f32));
    blob.f32(&name("af"), strongest.iter().map(|one| one.af as f32));
    blob.text(&name("id"), strongest.iter().map(|one| one.id.as_str()));
    blob.text(
        &name("alleles"),
        strongest.iter().map(|one| one.alleles.as_str()),
    );
    // Only a chromosome that has no segment of its own needs its name.
    let contigs = strongest.iter().zip(&places).map(|(one, place)| {
        let name = of.names[one.point.chromosome as usize].as_str();
        if place.is_merged { name } else { "" }
    });
    blob.text(&name("contig"), contigs);
}

/// The order statistics of all SNPs and of the classes of allele frequency.
fn quantiles(blob: &mut Blob, t: usize, of: &Collected) -> String {
    let exact: Vec<f64> = of.thinned.strongest.iter().map(|one| one.point.y).collect();
    let labels = std::iter::once("all SNPs").chain(FREQUENCY_CLASSES.iter().map(|one| one.0));
    let strata = of
        .ranks
        .iter()
        .zip(labels)
        .enumerate()
        .map(|(k, (ranks, label))| {
            let drawn = ranks.drawn(if k == 0 { &exact } else { &[] });
            blob.u32(&format!("t{t}.qq{k}.rank"), drawn.iter().map(|one| one.0));
            blob.f32(&format!("t{t}.qq{k}.y"), drawn.iter().map(|one| one.1));
            format!("[{},{}]", json_text(label), ranks.n())
        });
    json_list(strata)
}

fn profile(blob: &mut Blob, t: usize, of: &Profile) -> String {
    blob.f32(
        &format!("t{t}.profile.pve"),
        of.points.iter().map(|one| one.0 as f32),
    );
    blob.f32(
        &format!("t{t}.profile.fall"),
        of.points.iter().map(|one| one.1 as f32),
    );
    let [lower, upper] = of.interval.map_or([f64::NAN; 2], |one| one);
    object(&[
        ("best", json_number(of.best)),
        ("lower", json_number(lower)),
        ("upper", json_number(upper)),
    ])
}

fn distribution(of: &Distribution) -> String {
    object(&[
        ("low", json_number(of.low)),
        ("high", json_number(of.high)),
        (
            "counts",
            json_list(of.counts.iter().map(ToString::to_string)),
        ),
        ("label", json_text(&of.label)),
        ("unit", json_text(&of.unit)),
        ("log", of.is_log.to_string()),
    ])
}

fn frequency(of: &Collected) -> Distribution {
    Distribution {
        low: 0.0,
        high: 1.0,
        counts: of.frequency.to_vec(),
        label: "Frequency of the counted allele".into(),
        unit: "SNPs".into(),
        is_log: false,
    }
}

/// The distribution of missing genotypes; `None` if it is unknown.
pub(super) fn missing(of: &Collected, n_individuals: Option<usize>) -> Option<Distribution> {
    if of.missing.is_empty() {
        return None;
    }
    let per_bar = of.missing.len().div_ceil(MISSING_BARS);
    let counts: Vec<u64> = of
        .missing
        .chunks(per_bar)
        .map(|part| part.iter().sum())
        .collect();
    let percent = n_individuals.filter(|n| *n > 0).map(|n| 100.0 / n as f64);
    Some(Distribution {
        low: 0.0,
        high: (counts.len() * per_bar) as f64 * percent.unwrap_or(1.0),
        counts,
        label: match percent {
            Some(_) => "Missing genotypes of a SNP (%)".into(),
            None => "Individuals without a genotype".into(),
        },
        unit: "SNPs".into(),
        is_log: true,
    })
}

/// Adds the arrays of region number `k` of trait number `t`; returns its JSON.
pub(super) fn region(
    blob: &mut Blob,
    k: usize,
    t: usize,
    of: &Region,
    whose: &Collected,
    layout: &Layout,
) -> String {
    let rows = &whose.rows;
    let window = &of.window;
    blob.u32(
        &format!("r{k}.position"),
        window.rows.iter().map(|&row| rows.position[row]),
    );
    blob.u16(
        &format!("r{k}.y"),
        window.rows.iter().map(|&row| rows.y[row]),
    );
    let r2: Vec<u8> = (of.r2.iter())
        .map(|&r2| {
            if r2.is_finite() {
                class_byte(r2)
            } else {
                u8::MAX
            }
        })
        .collect();
    blob.u8(&format!("r{k}.r2"), &r2);
    let chromosome = whose.thinned.strongest[window.lead].point.chromosome as usize;
    let name = &whose.names[chromosome];
    object(&[
        ("trait", t.to_string()),
        ("lead", window.lead.to_string()),
        ("chromosome", layout.place(name).segment.to_string()),
        ("name", json_text(name)),
        ("start", window.start.to_string()),
        ("end", window.end.to_string()),
        ("ld", (!of.r2.is_empty()).to_string()),
    ])
}

/// r² in 250ths. Its class in steps of 0.2 is that of r² itself: 0.2 is in the upper class, and what is below it is not rounded
/// up to it.
fn class_byte(r2: f32) -> u8 {
    let r2 = r2.clamp(0.0, 1.0);
    let rounded = (r2 * R2_UNIT).round() as u8;
    let class = (0..5_u8)
        .rev()
        .find(|k| r2 >= f32::from(*k) * 0.2)
        .unwrap_or(0);
    rounded.clamp(50 * class, if class == 4 { 250 } else { 50 * class + 49 })
}

/// Adds the arrays of kinship number `k`; returns its JSON.
pub(super) fn kinship(blob: &mut Blob, k: usize, of: &KinshipView) -> String {
    blob.f32(&format!("k{k}.mean"), of.means.iter().copied());
    blob.u32(
        &format!("k{k}.rank"),
        of.eigenvalues.iter().map(|one| one.0),
    );
    blob.f32(
        &format!("k{k}.eigenvalue"),
        of.eigenvalues.iter().map(|one| one.1),
    );
    let mut fields = vec![
        ("n", of.n.to_string()),
        ("size", of.size.to_string()),
        ("limit", json_number(of.limit())),
    ];
    if let Some(pairs) = &of.pairs {
        fields.push(("pairs", distribution(pairs)));
    }
    object(&fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_of_r2_belongs_to_the_upper_class() {
        for (r2, class) in [
            (0.0, 0),
            (0.199_999, 0),
            (0.2, 1),
            (0.399_999, 1),
            (0.4, 2),
            (0.6, 3),
            (0.8, 4),
            (0.799_999, 3),
            (1.0, 4),
            (1.000_1, 4),
        ] {
            assert_eq!((class_byte(r2) / 50).min(4), class, "{r2}");
        }
        assert_eq!(class_byte(1.0), 250);
    }
}
