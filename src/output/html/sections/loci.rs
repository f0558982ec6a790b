//! The table of the top loci.

use crate::output::html::blob::html;
use crate::output::html::loci::Locus;
use crate::output::html::whole::{LOCUS_KB, Whole};
use crate::output::html::words::{grouped, p_plain, p_text, short};
use crate::output::number::format_g;
use std::fmt::Write as _;

/// Loci that are printed.
const PRINTED_LOCI: usize = 30;

pub(crate) fn loci(traits: &[Whole<'_>]) -> String {
    let n: usize = traits.iter().map(|one| one.drawn.loci.len()).sum();
    if n == 0 {
        return "<p>There is no locus.</p>\n".into();
    }
    let several = traits.len() > 1;
    let has_r2 =
        (traits.iter().flat_map(|one| &one.drawn.regions)).any(|region| !region.r2.is_empty());
    let linked = if has_r2 {
        ", and so do lead SNPs in its regional plot with r² ≥ 0.2"
    } else {
        ""
    };
    let mut out = format!(
        "<p class=\"caption\">SNPs within {LOCUS_KB} kb of a stronger lead SNP belong to its locus{linked}. The last column counts the significant SNPs of the locus.</p>\n\
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
        for locus in &one.drawn.loci {
            let late = if row_number >= PRINTED_LOCI {
                " class=\"late\""
            } else {
                ""
            };
            row_number += 1;
            out.push_str(&row(
                one,
                locus,
                &RowOf {
                    late,
                    is_named: several,
                    first_region: region,
                },
            ));
        }
        region += one.drawn.regions.len();
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

/// How a row is written.
struct RowOf {
    /// The attribute of a row that is not printed, or nothing.
    late: &'static str,
    /// Whether its first cell is the trait.
    is_named: bool,
    /// The number of the first region of the trait.
    first_region: usize,
}

fn row(one: &Whole<'_>, locus: &Locus, how: &RowOf) -> String {
    let of = &one.drawn.of.collected;
    let lead = &of.thinned.strongest[locus.lead];
    let mut out = format!("<tr{}>", how.late);
    if how.is_named {
        let _ = write!(out, "<td class=\"t\">{}</td>", html(&one.drawn.name));
    }
    let id = html(&lead.id);
    let at = one
        .drawn
        .regions
        .iter()
        .position(|one| one.window.lead == locus.lead);
    let id = at.map_or_else(
        || id.clone(),
        |at| format!("<a href=\"#region-{}\">{id}</a>", how.first_region + at),
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
    out
}
