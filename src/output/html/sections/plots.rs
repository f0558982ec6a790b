//! The plots: their places, labels and captions.

use super::elements::{figure, named};
use crate::output::html::blob::html;
use crate::output::html::encode::{Drawn, missing};
use crate::output::html::layout::Layout;
use crate::output::html::study::RunView;
use crate::output::html::whole::{Whole, threshold_name};
use crate::output::html::words::{grouped, listed, p_text};
use std::fmt::Write as _;

pub(crate) fn manhattan(traits: &[Whole<'_>], layout: &Layout) -> String {
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

pub(crate) fn fit(traits: &[Whole<'_>]) -> String {
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

pub(crate) fn regions(traits: &[Whole<'_>]) -> String {
    let all: Vec<_> = traits
        .iter()
        .flat_map(|one| one.drawn.regions.iter().map(move |region| (one, region)))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let has_r2 = all.iter().any(|(_, region)| !region.r2.is_empty());
    let mut out = String::new();
    if has_r2 {
        let mut whose: Vec<String> = traits.iter().map(|one| one.run.ld_of.clone()).collect();
        whose.dedup();
        let whose = html(&listed(&whose));
        let _ = write!(
            out,
            "<p class=\"caption\">r² with the lead SNP, from the genotypes of {whose}:"
        );
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
    out.push_str("<div class=\"pairs\">\n");
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

pub(crate) fn relatedness(runs: &[RunView]) -> String {
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
                "Centred kinship of {} individuals, ordered by the first eigenvector; each cell is the mean of a block of about {blocks} × {blocks}.",
                grouped(one.n)
            )
        } else {
            format!(
                "Centred kinship of {} individuals, ordered by the first eigenvector.",
                grouped(one.n)
            )
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
