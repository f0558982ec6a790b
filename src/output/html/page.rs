//! The document: everything that can be read without scripts, and the data of the charts.

use super::blob::{Blob, html, json_list, json_text};
use super::clump::joined;
use super::encode::{self, Drawn, Line};
use super::facts::label;
use super::layout::Layout;
use super::loci::{CONVENTIONAL, conventional, loci, suggestive};
use super::sections;
use super::study::{Region, RunView, TraitView};
use super::whole::{Whole, test_names, threshold_name};
use super::words::{grouped, listed, p_text, short, trait_name};
use crate::output::number::format_g;
use crate::stats::normal_quantile;
use std::fmt::Write as _;

/// The median of χ² with one degree of freedom.
const MEDIAN_CHI2: f64 = 0.454_936_423_119_572_8;
const CSS: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");
const CHARTS: &str = include_str!("assets/echarts.min.js");
const LICENCES: &str = include_str!("assets/LICENSES.txt");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:";
const SECTIONS: [(&str, &str); 7] = [
    ("manhattan", "Manhattan plot"),
    ("fit", "QQ plot and model fit"),
    ("loci", "Top loci"),
    ("regions", "Regional plots"),
    ("relatedness", "Relatedness"),
    ("excluded", "Excluded individuals and SNPs"),
    ("details", "Run details"),
];

/// The HTML of a report on runs.
///
/// * `name`: what the files that a reader saves from it are called
#[must_use]
pub fn page(runs: &[RunView], name: &str) -> String {
    let traits: Vec<Whole<'_>> = (runs.iter())
        .flat_map(|run| run.traits.iter().map(move |of| (run, of)))
        .map(|(run, of)| Whole {
            run,
            drawn: drawn(run, of, runs.len() > 1),
        })
        .collect();
    let chromosomes = traits.iter().flat_map(|one| {
        let of = &one.drawn.of.collected;
        of.names
            .iter()
            .map(String::as_str)
            .zip(of.spans.iter().copied())
    });
    let layout = Layout::new(chromosomes);
    let (head, packed) = data(runs, &traits, &layout, name);
    let body = body(runs, &traits, &layout);
    let title = title(runs, &traits);
    let mut out = String::with_capacity(packed.len() + CHARTS.len() + (1 << 17));
    let mut put = |text: &str| out.push_str(text);
    put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n"
    ));
    put(
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n",
    );
    put(&format!(
        "<title>{}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n",
        html(&title)
    ));
    put(&body);
    put("<script type=\"application/json\" id=\"report-head\">");
    put(&head);
    put("</script>\n<script type=\"text/plain\" id=\"report-data\">");
    put(&packed);
    put("</script>\n<script type=\"text/plain\" id=\"licences\">\n");
    put(LICENCES);
    put("</script>\n<script>");
    put(CHARTS);
    put("</script>\n<script>\n");
    put(SCRIPT);
    put("</script>\n</body>\n</html>\n");
    out
}

/// The thresholds, λ_GC and loci of a trait.
fn drawn<'a>(run: &RunView, of: &'a TraitView, are_several_runs: bool) -> Drawn<'a> {
    let n = of.collected.n_tests();
    let found = |name: &str| {
        let p = run.facts.as_ref()?.number(&of.name, name)?;
        (p > 0.0).then(|| -p.log10())
    };
    let bonferroni = (n > 0).then(|| (n as f64 / 0.05).log10());
    let mut candidates = vec![
        ("permutations", found(label::PERMUTATION)),
        ("effective tests", found(label::EFFECTIVE)),
    ];
    if conventional(n) < CONVENTIONAL {
        candidates.push(("Bonferroni", bonferroni));
        candidates.push(("p = 5×10⁻⁸", Some(CONVENTIONAL)));
    } else {
        candidates.push(("p = 5×10⁻⁸", Some(CONVENTIONAL)));
        candidates.push(("Bonferroni", bonferroni));
    }
    let mut lines: Vec<Line> = Vec::new();
    for (name, y) in candidates {
        if let Some(y) = y {
            let kind = if lines.is_empty() { "hit" } else { "other" };
            lines.push(Line {
                y,
                kind,
                label: name.to_owned(),
            });
        }
    }
    let hit = lines[0].y;
    let suggested = suggestive(n).min(hit);
    lines.push(Line {
        y: suggested,
        kind: "suggestive",
        label: "suggestive".to_owned(),
    });
    let lambda = run
        .facts
        .as_ref()
        .and_then(|facts| facts.lambda_gc(&of.name, &of.column))
        .map(|text| text.split(" (").next().unwrap_or_default().to_owned())
        .or_else(|| {
            let p = 10_f64.powf(-of.collected.ranks[0].median());
            let lambda = normal_quantile(0.5 * p).powi(2) / MEDIAN_CHI2;
            lambda.is_finite().then(|| format_g(lambda, 3))
        });
    let by_distance = loci(&of.collected, hit, suggested);
    let loci = joined(&by_distance, &of.collected, &of.regions);
    let is_lead = |region: &&Region| loci.iter().any(|locus| locus.lead == region.window.lead);
    Drawn {
        of,
        regions: of.regions.iter().filter(is_lead).collect(),
        loci,
        lines,
        limits: [hit, suggested],
        lambda: lambda.unwrap_or_default(),
        name: match (are_several_runs, of.name.as_str()) {
            (_, "") => run.name.clone(),
            (true, name) => format!("{}: {}", run.name, trait_name(name)),
            (false, name) => trait_name(name),
        },
    }
}

/// The JSON and the packed arrays.
fn data(runs: &[RunView], traits: &[Whole<'_>], layout: &Layout, name: &str) -> (String, String) {
    let mut blob = Blob::default();
    let of_traits: Vec<String> = (traits.iter().enumerate())
        .map(|(t, one)| encode::of_trait(&mut blob, t, &one.drawn, layout))
        .collect();
    let mut regions = Vec::new();
    for (t, one) in traits.iter().enumerate() {
        for region in &one.drawn.regions {
            let whose = &one.drawn.of.collected;
            let k = regions.len();
            regions.push(encode::region(&mut blob, k, t, region, whose, layout));
        }
    }
    let kinships: Vec<String> = (runs.iter().flat_map(|run| &run.kinships).enumerate())
        .map(|(k, one)| encode::kinship(&mut blob, k, one))
        .collect();
    let head = format!(
        "{{\"name\":{},\"genome\":{},\"chromosomes\":{},\"traits\":{},\"regions\":{},\"kinships\":{},\"arrays\":{}}}",
        json_text(name),
        layout.length,
        encode::chromosomes(layout),
        json_list(of_traits),
        json_list(regions),
        json_list(kinships),
        blob.places(),
    );
    (head, blob.packed())
}

fn title(runs: &[RunView], traits: &[Whole<'_>]) -> String {
    let mut names: Vec<String> = if runs.len() > 1 {
        runs.iter().map(|run| run.name.clone()).collect()
    } else {
        traits.iter().map(|one| one.drawn.name.clone()).collect()
    };
    if names.len() > 4 {
        let more = names.split_off(3).len();
        names.push(format!("{more} others"));
    }
    format!("Association report: {}", listed(&names))
}

fn body(runs: &[RunView], traits: &[Whole<'_>], layout: &Layout) -> String {
    let contents = [
        sections::manhattan(traits, layout),
        sections::fit(traits),
        sections::loci(traits),
        sections::regions(traits),
        sections::relatedness(runs),
        sections::excluded(runs, traits),
        sections::details(runs),
    ];
    let mut out = String::from("<nav class=\"bar\" aria-label=\"Sections\"><div class=\"wrap\">");
    let shown = || {
        SECTIONS
            .iter()
            .zip(&contents)
            .filter(|(_, content)| !content.is_empty())
    };
    for ((id, name), _) in shown() {
        let _ = write!(out, "<a href=\"#{id}\">{name}</a>");
    }
    out.push_str("<span class=\"space\"></span><button id=\"theme\" class=\"js-only\" type=\"button\">Light / dark</button></div></nav>\n<main class=\"wrap\">\n");
    let _ = write!(
        out,
        "<h1>{}</h1>\n{}",
        html(&title(runs, traits)),
        facts(runs, traits)
    );
    for ((id, name), content) in shown() {
        let _ = write!(
            out,
            "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{name}</h2>\n{content}</section>\n"
        );
    }
    let _ = write!(
        out,
        "<footer>Written by jamma {}. The charts are drawn by Apache ECharts 6.1.0 (Apache License 2.0), which is part of this file; the licences are in its source.</footer>\n</main>\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

/// The first lines and numbers.
fn facts(runs: &[RunView], traits: &[Whole<'_>]) -> String {
    let mut out = String::new();
    for run in runs {
        let facts = run.facts.as_ref();
        let parts = [
            (runs.len() > 1).then(|| run.name.clone()),
            facts.map(|one| one.program.clone()),
            facts.map(|one| one.date.clone()),
            Some(test_names(run)),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        let _ = writeln!(out, "<p class=\"sub\">{}</p>", html(&parts.join(" · ")));
    }
    match traits {
        [] => out.push_str("<p>No trait has results.</p>\n"),
        [one] => {
            out.push_str("<dl class=\"facts\">");
            for (name, value, small) in numbers(one) {
                let small = if small.is_empty() {
                    String::new()
                } else {
                    format!("<small>{}</small>", html(&small))
                };
                let _ = write!(
                    out,
                    "<div><dt>{name}</dt><dd>{}{small}</dd></div>",
                    html(&value)
                );
            }
            out.push_str("</dl>\n");
        }
        many => {
            out.push_str(
                "<div class=\"scroll\"><table><thead><tr><th class=\"t\" scope=\"col\">Trait</th>",
            );
            for (name, _, _) in numbers(&many[0]) {
                let _ = write!(out, "<th scope=\"col\">{name}</th>");
            }
            out.push_str("</tr></thead><tbody>");
            for (t, one) in many.iter().enumerate() {
                let _ = write!(
                    out,
                    "<tr><td class=\"t wide\"><a href=\"#manhattan-{t}\">{}</a></td>",
                    html(&one.drawn.name)
                );
                for (_, value, small) in numbers(one) {
                    let small = if small.is_empty() {
                        String::new()
                    } else {
                        format!("<small>{}</small>", html(&small))
                    };
                    let _ = write!(out, "<td>{}{small}</td>", html(&value));
                }
                out.push_str("</tr>");
            }
            out.push_str("</tbody></table></div>\n");
        }
    }
    out
}

/// Name, value and addition of the main numbers of a trait.
fn numbers(one: &Whole<'_>) -> Vec<(&'static str, String, String)> {
    let of = one.drawn.of;
    let facts = one.run.facts.as_ref();
    let individuals = of.n_individuals.map_or_else(|| "–".to_owned(), grouped);
    let hit = one.drawn.limits[0];
    let strongest = &of.collected.thinned.strongest;
    let n_loci = one
        .drawn
        .loci
        .iter()
        .filter(|locus| strongest[locus.lead].point.y >= hit);
    let mut numbers = vec![
        ("Individuals analysed", individuals, String::new()),
        (
            "SNPs tested",
            grouped(of.collected.n_tests()),
            undefined(of),
        ),
        (
            "Significant loci",
            grouped(n_loci.count()),
            format!("p < {}, {}", p_text(hit), threshold_name(&one.drawn)),
        ),
    ];
    let interval = facts.and_then(|facts| facts.lambda_gc(&of.name, &of.column));
    let interval = interval.and_then(|text| text.split_once("95 % interval "));
    let interval = interval.map(|(_, rest)| {
        format!(
            "95% interval {}",
            rest.trim_end_matches(')').replace(" to ", "–")
        )
    });
    if !one.drawn.lambda.is_empty() {
        numbers.push((
            "λ<sub>GC</sub>",
            one.drawn.lambda.clone(),
            interval.unwrap_or_default(),
        ));
    }
    numbers.push(("PVE", pve(one), pve_interval(one)));
    if numbers.last().is_some_and(|(_, value, _)| value.is_empty()) {
        numbers.last_mut().expect("just pushed").1 = "–".into();
    }
    numbers
}

fn undefined(of: &TraitView) -> String {
    match of.collected.n_undefined {
        0 => String::new(),
        n => format!("{} without a p-value", grouped(n as usize)),
    }
}

fn pve(one: &Whole<'_>) -> String {
    let Some(facts) = &one.run.facts else {
        return String::new();
    };
    let name = &one.drawn.of.name;
    if let Some(pve) = facts.number(name, label::PVE) {
        let se = facts
            .number(name, label::PVE_SE)
            .filter(|se| se.is_finite());
        let se = se.map_or_else(String::new, |se| format!(" ± {}", format_g(se, 2)));
        return format!("{}{se}", format_g(pve, 3));
    }
    let mut all = facts.pves_without(name);
    all.sort_by(f64::total_cmp);
    match (all.first(), all.last()) {
        (Some(least), Some(most)) => format!("{}–{}", short(*least), short(*most)),
        _ => String::new(),
    }
}

fn pve_interval(one: &Whole<'_>) -> String {
    let facts = one.run.facts.as_ref();
    let name = &one.drawn.of.name;
    match facts.and_then(|facts| facts.value(name, label::PVE_INTERVAL)) {
        Some(text) => {
            let ends: Vec<String> = text
                .split(" to ")
                .filter_map(|part| part.split(' ').next()?.parse().ok())
                .map(|end: f64| format_g(end, 3))
                .collect();
            format!("95% interval {}", ends.join("–"))
        }
        None if facts.is_some_and(|facts| !facts.pves_without(name).is_empty()) => {
            "over the kinships without one chromosome".into()
        }
        None => String::new(),
    }
}
