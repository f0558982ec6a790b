//! The sections of the document.

use super::blob::html;
use super::encode::{Drawn, missing};
use super::layout::Layout;
use super::page::{LOCUS_KB, Whole};
use super::study::RunView;
use super::words::{grouped, listed, p_plain, p_text, short};
use crate::output::number::format_g;
use std::fmt::Write as _;

/// Loci that are printed.
const PRINTED_LOCI: usize = 30;

/// The name of the tests of a run.
pub(super) fn test_names(run: &RunView) -> String {
    let name = |column: &str| match column {
        "p_wald" => "Wald test".to_owned(),
        "p_lrt" => "likelihood ratio test".to_owned(),
        "p_score" => "score test".to_owned(),
        other => other.to_owned(),
    };
    let mut names: Vec<String> = run.traits.iter().map(|of| name(&of.column)).collect();
    names.dedup();
    listed(&names)
}

/// What the line of significance is.
pub(super) fn threshold_name(drawn: &Drawn<'_>) -> &'static str {
    match drawn.lines[0].label.as_str() {
        "permutations" => "5% by permutation",
        "effective tests" => "5% for the effective number of tests",
        "Bonferroni" => "5% by Bonferroni",
        _ => "conventional",
    }
}

fn named(several: bool, name: &str) -> String {
    if several {
        format!("<h3>{}</h3>\n", html(name))
    } else {
        String::new()
    }
}

pub(super) fn manhattan(traits: &[Whole<'_>], layout: &Layout) -> String {
    if traits.is_empty() || layout.segments.is_empty() {
        return "<p>No SNP has a p-value.</p>\n".into();
    }
    let mut out = String::from(
        "<p class=\"quiet js-only screen\">Drag to zoom, double-click to reset; with the keyboard, the arrow keys step through the top loci, Enter zooms to the chromosome and Escape resets.</p>\n\
         <div class=\"tools js-only\"><label>Chromosome <select id=\"chromosome-menu\"><option value=\"\">all</option><option value=\"-\" hidden>part</option>",
    );
    for (k, segment) in layout.segments.iter().enumerate() {
        let _ = write!(
            out,
            "<option value=\"{k}\">{}</option>",
            html(&segment.name)
        );
    }
    out.push_str("</select></label><button id=\"reset\" type=\"button\">Reset zoom</button><button id=\"save-svg\" type=\"button\">Save SVG</button></div>\n<p class=\"live js-only\" id=\"live\" aria-live=\"polite\"></p>\n");
    for (t, one) in traits.iter().enumerate() {
        let of = &one.drawn.of.collected;
        let label = format!(
            "Manhattan plot of {}: {} SNPs, {} loci; the top loci are in a table below",
            one.drawn.name,
            grouped(of.n_tests()),
            one.drawn.loci.len()
        );
        let _ = write!(
            out,
            "{}<div class=\"chart manhattan js-only\" id=\"manhattan-{t}\" data-trait=\"{t}\" tabindex=\"0\" role=\"img\" aria-label=\"{}\"></div>\n<p class=\"caption\">{}</p>\n",
            named(traits.len() > 1, &one.drawn.name),
            html(&label),
            html(&caption(&one.drawn)),
        );
    }
    out
}

fn caption(drawn: &Drawn<'_>) -> String {
    let of = &drawn.of.collected;
    let (n, thinned) = (of.n_tests(), &of.thinned);
    let [hit, suggestive] = drawn.limits;
    let mut text = format!(
        "Each point is one SNP. Dashed line: significance (p = {}, {}); dotted line: suggestive (p = {}). ",
        p_text(hit),
        threshold_name(drawn),
        p_text(suggestive)
    );
    let exact = thinned.strongest.len() + thinned.kept.len();
    if thinned.cells.is_empty() {
        let _ = write!(text, "All {} SNPs are drawn exactly.", grouped(n));
    } else {
        let _ = write!(
            text,
            "The {} SNPs with the smallest p-values, among them all with p ≤ {}, are drawn exactly; of the other {}, the {} that are visible at this resolution are drawn.",
            grouped(exact),
            p_text(thinned.k),
            grouped(n - exact),
            grouped(thinned.cells.len()),
        );
    }
    if !thinned
        .strongest
        .first()
        .is_some_and(|one| one.point.y >= hit)
    {
        text.push_str(" No SNP reaches genome-wide significance.");
    }
    text
}

pub(super) fn fit(traits: &[Whole<'_>]) -> String {
    if traits.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<div class=\"tools js-only\" role=\"group\" aria-label=\"SNPs of the QQ plots\"><button type=\"button\" data-qq=\"0\" aria-pressed=\"true\">All SNPs</button><button type=\"button\" data-qq=\"1\" aria-pressed=\"false\">By minor allele frequency</button></div>\n",
    );
    for (t, one) in traits.iter().enumerate() {
        out.push_str(&named(traits.len() > 1, &one.drawn.name));
        out.push_str("<div class=\"grid\">\n");
        let of = one.drawn.of;
        let charts = [
            ("qq", "QQ plot", true, String::new()),
            ("phenotype", "Phenotype", of.phenotype.is_some(), "Analysed individuals, after transformations of the phenotype.".into()),
            ("profile", "Likelihood profile of PVE", of.profile.is_some(), "Restricted log-likelihood relative to its maximum (red line: estimate; band: 95% interval).".into()),
            ("af", "Allele frequency", true, "Frequency of the counted allele among the tested SNPs.".into()),
            ("missing", "Missing genotypes", missing(&of.collected, of.n_individuals).is_some(), "Missing genotypes of the tested SNPs among the analysed individuals.".into()),
        ];
        for (kind, name, is_shown, text) in charts {
            if is_shown {
                out.push_str(&figure(kind, t, "small", name, &text));
            }
        }
        out.push_str("</div>\n");
    }
    out.push_str("<p class=\"caption\">The band of a QQ plot is the pointwise 95% interval of the order statistics of n independent uniform p-values. Linkage disequilibrium makes the true interval wider. λ<sub>GC</sub> is the median of the test statistics divided by its expectation.</p>\n");
    out
}

fn figure(kind: &str, of: usize, size: &str, name: &str, text: &str) -> String {
    let label = html(name);
    let text = if text.is_empty() {
        String::new()
    } else {
        format!("<figcaption>{}</figcaption>", html(text))
    };
    format!(
        "<figure id=\"{kind}-{of}\"><h4>{label}</h4><div class=\"chart {size} js-only\" data-chart=\"{kind}\" data-of=\"{of}\" role=\"img\" aria-label=\"{label}\"></div>{text}</figure>\n"
    )
}

pub(super) fn loci(traits: &[Whole<'_>]) -> String {
    let n: usize = traits.iter().map(|one| one.drawn.loci.len()).sum();
    if n == 0 {
        return "<p>There is no locus.</p>\n".into();
    }
    let several = traits.len() > 1;
    let mut out = format!(
        "<p class=\"caption\">SNPs within {LOCUS_KB} kb of a stronger lead SNP belong to its locus. The last column counts the significant SNPs of the locus.</p>\n\
         <div class=\"tools js-only\"><label>Search <input type=\"search\" id=\"search\" placeholder=\"SNP or chromosome\"></label><button id=\"save-tsv\" type=\"button\">Download TSV</button><span id=\"found\" class=\"quiet\" aria-live=\"polite\"></span></div>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of the top loci\"><table id=\"loci-table\"><thead><tr>"
    );
    let columns = [
        ("Trait", several, "t"),
        ("Lead SNP", true, "t"),
        ("Chr", true, "t"),
        ("Position (bp)", true, ""),
        ("Alleles", true, "t"),
        ("af", true, ""),
        ("β", true, ""),
        ("s.e.", true, ""),
        ("p", true, ""),
        ("Significant SNPs", true, ""),
    ];
    for (name, _, class) in columns.iter().filter(|one| one.1) {
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"{class}\"><button type=\"button\">{name}</button></th>"
        );
    }
    out.push_str("</tr></thead><tbody>\n");
    let mut row_number = 0;
    let mut region = 0;
    for one in traits {
        let of = &one.drawn.of.collected;
        for locus in &one.drawn.loci {
            let lead = &of.thinned.strongest[locus.lead];
            let late = if row_number >= PRINTED_LOCI {
                " class=\"late\""
            } else {
                ""
            };
            row_number += 1;
            let _ = write!(out, "<tr{late}>");
            if several {
                let _ = write!(out, "<td class=\"t\">{}</td>", html(&one.drawn.name));
            }
            let id = html(&lead.id);
            let at = one
                .drawn
                .of
                .regions
                .iter()
                .position(|one| one.window.lead == locus.lead);
            let id = at.map_or_else(
                || id.clone(),
                |at| format!("<a href=\"#region-{}\">{id}</a>", region + at),
            );
            let chr = html(&of.names[lead.point.chromosome as usize]);
            let position = grouped(lead.point.position as usize);
            let _ = write!(
                out,
                "<td class=\"t\">{id}</td><td class=\"t\">{chr}</td><td data-v=\"{0}\" data-t=\"{0}\">{position}</td><td class=\"t\">{1}</td>",
                lead.point.position,
                html(&lead.alleles)
            );
            for value in [lead.af, lead.beta, lead.se] {
                let plain = if value.is_finite() {
                    format_g(value, 6)
                } else {
                    "nan".into()
                };
                let _ = write!(
                    out,
                    "<td data-v=\"{plain}\" data-t=\"{plain}\">{}</td>",
                    short(value)
                );
            }
            let hit = if lead.point.y >= one.drawn.limits[0] {
                " class=\"hit\""
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "<td{hit} data-v=\"{}\" data-t=\"{}\">{}</td><td>{}</td></tr>",
                -lead.point.y,
                p_plain(lead.point.y),
                p_text(lead.point.y),
                locus.n_significant
            );
        }
        region += one.drawn.of.regions.len();
    }
    out.push_str("</tbody></table></div>\n");
    if row_number > PRINTED_LOCI {
        let _ = writeln!(
            out,
            "<p class=\"quiet\">{row_number} loci; the first {PRINTED_LOCI} are printed.</p>"
        );
    }
    out
}

pub(super) fn regions(traits: &[Whole<'_>]) -> String {
    let all: Vec<_> = traits
        .iter()
        .flat_map(|one| one.drawn.of.regions.iter().map(move |region| (one, region)))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let has_r2 = all.iter().any(|(_, region)| !region.r2.is_empty());
    let mut out = String::new();
    if has_r2 {
        out.push_str("<p class=\"caption\">r² with the lead SNP, from the genotypes of the analysed individuals:");
        let classes = ["0–0.2", "0.2–0.4", "0.4–0.6", "0.6–0.8", "0.8–1"];
        for (k, class) in classes.iter().enumerate() {
            let _ = write!(
                out,
                "<span class=\"key\" style=\"background:var(--r{k})\"></span>{class}"
            );
        }
        out.push_str(
            "<span class=\"key diamond\" style=\"background:var(--lead)\"></span>lead SNP</p>\n",
        );
    } else {
        out.push_str("<p class=\"caption\">The colours of linkage disequilibrium (r²) need the genotypes of the individuals, which were not available when this report was written. Purple diamond: lead SNP.</p>\n");
    }
    out.push_str("<p class=\"quiet noscript-only\"></p><div class=\"pairs\">\n");
    for (k, (one, region)) in all.iter().enumerate() {
        let of = &one.drawn.of.collected;
        let lead = &of.thinned.strongest[region.window.lead];
        let chr = &of.names[lead.point.chromosome as usize];
        let name = if traits.len() > 1 {
            format!("{}: {}, chromosome {chr}", one.drawn.name, lead.id)
        } else {
            format!("{}, chromosome {chr}", lead.id)
        };
        let text = format!(
            "{} SNPs, p = {}",
            grouped(region.window.rows.len()),
            p_text(lead.point.y)
        );
        out.push_str(&figure("region", k, "region", &name, &text));
    }
    out.push_str("</div>\n");
    out
}

pub(super) fn relatedness(runs: &[RunView]) -> String {
    let all: Vec<_> = runs.iter().flat_map(|run| &run.kinships).collect();
    let mut out = String::new();
    for run in runs {
        for sentence in &run.absent {
            let _ = writeln!(out, "<p class=\"quiet\">{}</p>", html(sentence));
        }
    }
    for (k, one) in all.iter().enumerate() {
        out.push_str(&named(!one.title.is_empty(), &one.title));
        out.push_str("<div class=\"grid\">\n");
        let blocks = one.n.div_ceil(one.size.max(1));
        let text = if blocks > 1 {
            format!(
                "Centred kinship of {} individuals; each cell is the mean of a block of about {blocks} × {blocks}.",
                grouped(one.n)
            )
        } else {
            format!("Centred kinship of {} individuals.", grouped(one.n))
        };
        if one.size > 0 {
            out.push_str(&figure("kinship", k, "small", "Kinship", &text));
        }
        if one.pairs.is_some() {
            out.push_str(&figure(
                "offdiagonal",
                k,
                "small",
                "Off-diagonal kinship",
                "Pairs of individuals; the axis of counts is logarithmic.",
            ));
        }
        out.push_str(&figure(
            "spectrum",
            k,
            "small",
            "Eigenvalues",
            "Of the centred kinship, on a logarithmic axis.",
        ));
        out.push_str("</div>\n");
    }
    out
}

/// A line of the ledger belongs to individuals or to SNPs.
fn is_of_ledger(label: &str) -> bool {
    label.starts_with("individuals excluded")
        || label.starts_with("SNPs excluded")
        || label.starts_with("SNPs with undefined")
        || label.starts_with("SNPs not tested")
}

pub(super) fn excluded(runs: &[RunView], traits: &[Whole<'_>]) -> String {
    if runs.iter().all(|run| run.facts.is_none()) {
        return "<p class=\"quiet\">Excluded individuals and SNPs are listed in the log, which was not found beside the results.</p>\n".into();
    }
    let mut labels: Vec<&str> = Vec::new();
    let of = |one: &Whole<'_>, label: &str| {
        one.run
            .facts
            .as_ref()?
            .value(&one.drawn.of.name, label)
            .map(str::to_owned)
    };
    for one in traits {
        let list = one
            .run
            .facts
            .as_ref()
            .map_or(&[][..], |facts| facts.of_trait(&one.drawn.of.name));
        for (label, _) in list {
            if is_of_ledger(label) && !labels.contains(&label.as_str()) {
                labels.push(label);
            }
        }
    }
    let mut out = String::from(
        "<div class=\"scroll\"><table><thead><tr><th class=\"t\" scope=\"col\">Reason</th>",
    );
    for one in traits {
        let name = if traits.len() > 1 {
            html(&one.drawn.name)
        } else {
            "Number".into()
        };
        let _ = write!(out, "<th scope=\"col\">{name}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    let rows = [
        ("Individuals in the study", "number of total individuals"),
        ("Individuals analysed", "number of analyzed individuals"),
        ("SNPs in the genotypes", "number of total SNPs/var"),
        ("SNPs analysed", "number of analyzed SNPs/var"),
    ];
    for (name, label) in rows
        .into_iter()
        .chain(labels.iter().map(|label| (*label, *label)))
    {
        let mut name = name.to_owned();
        name[..1].make_ascii_uppercase();
        let _ = write!(out, "<tr><td class=\"t wide\">{}</td>", html(&name));
        for one in traits {
            let value = of(one, label).unwrap_or_else(|| "–".into());
            let value = value.parse().map_or(value, grouped);
            let _ = write!(out, "<td>{}</td>", html(&value));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    for run in runs {
        let failed = run.facts.iter().flat_map(|facts| &facts.traits);
        for (name, list) in failed {
            if let Some((_, why)) = list.iter().find(|(label, _)| label == "not analysed") {
                let _ = writeln!(
                    out,
                    "<p>Trait {} was not analysed: {}.</p>",
                    html(name),
                    html(why)
                );
            }
        }
    }
    out
}

pub(super) fn details(runs: &[RunView]) -> String {
    let mut out = String::new();
    for run in runs {
        out.push_str(&named(runs.len() > 1, &run.name));
        let Some(facts) = &run.facts else {
            out.push_str("<p class=\"quiet\">No log was found beside the results, so the command, the versions and the times are unknown.</p>\n");
            continue;
        };
        let _ = writeln!(out, "<pre>{}</pre>", html(&facts.command));
        if !facts.notes.is_empty() {
            out.push_str("<ul class=\"notes\">");
            for note in &facts.notes {
                let _ = write!(out, "<li>{}</li>", html(note));
            }
            out.push_str("</ul>\n");
        }
        let total = facts.times.iter().map(|one| one.1).fold(0.0, f64::max);
        if total > 0.0 {
            out.push_str("<div class=\"scroll\"><table><thead><tr><th class=\"t\" scope=\"col\">Stage</th><th scope=\"col\">Time</th><th class=\"t\" scope=\"col\">Part of the run</th></tr></thead><tbody>\n");
            for (name, minutes) in &facts.times {
                let percent = 100.0 * minutes / total;
                let _ = writeln!(
                    out,
                    "<tr><td class=\"t\">{}</td><td>{}</td><td class=\"t\"><span class=\"time\" style=\"width:{:.1}px\"></span> {percent:.0}%</td></tr>",
                    html(name),
                    duration(*minutes),
                    2.0 * percent
                );
            }
            out.push_str("</tbody></table></div>\n");
        }
        let _ = writeln!(
            out,
            "<details><summary>Log</summary><pre>{}</pre></details>",
            html(&facts.text)
        );
    }
    out.push_str("<p class=\"quiet\">The mixed model is that of Zhou &amp; Stephens 2012, Nature Genetics 44:821–824.</p>\n");
    out
}

fn duration(minutes: f64) -> String {
    let seconds = 60.0 * minutes;
    match seconds {
        s if s < 60.0 => format!("{} s", format_g(s, 3)),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
