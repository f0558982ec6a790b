//! Excluded individuals and SNPs, and the details of the runs.

use super::elements::named;
use crate::output::html::blob::html;
use crate::output::html::study::RunView;
use crate::output::html::whole::Whole;
use crate::output::html::words::grouped;
use crate::output::number::format_g;
use std::fmt::Write as _;

/// A line of the ledger belongs to individuals or to SNPs.
fn is_of_ledger(label: &str) -> bool {
    label.starts_with("individuals excluded")
        || label.starts_with("SNPs excluded")
        || label.starts_with("SNPs with undefined")
        || label.starts_with("SNPs not tested")
}

pub(crate) fn excluded(runs: &[RunView], traits: &[Whole<'_>]) -> String {
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

pub(crate) fn details(runs: &[RunView]) -> String {
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
