//! How the alleles of the same SNP in two tables are related.

/// How the alleles of a row of the second table are related to those of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any of them may hold"
)]
pub struct AlleleRelation {
    /// The second table has the effect of the other allele.
    pub is_exchanged: bool,
    /// The second table names the alleles of the other strand: T/C for A/G.
    pub is_flipped: bool,
    /// The alleles are complementary, A/T or C/G, so that the strand cannot be known. They are taken as they are written.
    pub is_palindromic: bool,
    /// A table does not name the effect allele; it is assumed to be the same.
    pub is_assumed: bool,
}

/// The alleles of a row: that of the effect, and the other one; an unknown one is empty.
pub(super) type Alleles<'a> = [&'a str; 2];

/// The letter of the other strand, for a single letter.
fn complement(allele: &str) -> Option<&'static str> {
    Some(match allele {
        "A" | "a" => "T",
        "C" | "c" => "G",
        "G" | "g" => "C",
        "T" | "t" => "A",
        _ => return None,
    })
}

fn is_known(allele: &str) -> bool {
    !matches!(allele, "" | "0" | "." | "NA")
}

/// How `b` is related to `a`; `None` if the alleles are others.
pub(super) fn relation(a: Alleles<'_>, b: Alleles<'_>) -> Option<AlleleRelation> {
    let same = |x: &str, y: &str| x.eq_ignore_ascii_case(y);
    if !is_known(a[0]) || !is_known(b[0]) {
        return Some(AlleleRelation {
            is_assumed: true,
            ..AlleleRelation::default()
        });
    }
    let has_both = [a, b].map(|of| is_known(of[1]));
    let pair = match has_both {
        [true, _] => Some(a),
        [false, true] => Some(b),
        [false, false] => None,
    };
    let is_palindromic =
        pair.is_some_and(|[one, two]| complement(one).is_some_and(|other| same(other, two)));
    // Whether the alleles are equal as they are, or exchanged, as far as they are known.
    let compared = |b: Alleles<'_>| match has_both {
        [true, true] if same(a[0], b[0]) && same(a[1], b[1]) => Some(false),
        [true, true] if same(a[0], b[1]) && same(a[1], b[0]) => Some(true),
        [true, true] => None,
        _ if same(a[0], b[0]) => Some(false),
        [true, false] if same(a[1], b[0]) => Some(true),
        [false, true] if same(a[0], b[1]) => Some(true),
        _ => None,
    };
    if let Some(is_exchanged) = compared(b) {
        return Some(AlleleRelation {
            is_exchanged,
            is_palindromic,
            ..AlleleRelation::default()
        });
    }
    // With one allele in each table, the other strand cannot be told from the other allele.
    if is_palindromic || pair.is_none() {
        return None;
    }
    let turned = [complement(b[0])?, complement(b[1]).unwrap_or_default()];
    if has_both[1] && turned[1].is_empty() {
        return None;
    }
    compared(turned).map(|is_exchanged| AlleleRelation {
        is_exchanged,
        is_flipped: true,
        ..AlleleRelation::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `same`, `exchanged`, `flipped`, `both`, each with `?` if palindromic; `assumed` or `other`.
    fn shown(a: Alleles<'_>, b: Alleles<'_>) -> String {
        let Some(of) = relation(a, b) else {
            return "other".into();
        };
        if of.is_assumed {
            return "assumed".into();
        }
        let what = match (of.is_exchanged, of.is_flipped) {
            (false, false) => "same",
            (true, false) => "exchanged",
            (false, true) => "flipped",
            (true, true) => "both",
        };
        format!("{what}{}", if of.is_palindromic { "?" } else { "" })
    }

    #[test]
    fn alleles_are_compared_in_both_orders_and_on_both_strands() {
        for (a, b, expected) in [
            (["A", "G"], ["A", "G"], "same"),
            (["A", "G"], ["a", "g"], "same"),
            (["A", "G"], ["G", "A"], "exchanged"),
            (["A", "G"], ["T", "C"], "flipped"),
            (["A", "G"], ["c", "t"], "both"),
            (["A", "G"], ["A", "C"], "other"),
            (["A", "G"], ["T", "G"], "other"),
            // The strand of these cannot be known.
            (["A", "T"], ["A", "T"], "same?"),
            (["A", "T"], ["T", "A"], "exchanged?"),
            (["C", "G"], ["G", "C"], "exchanged?"),
            (["A", "T"], ["C", "G"], "other"),
            // Insertions are compared as they are written.
            (["AT", "A"], ["A", "AT"], "exchanged"),
            (["AT", "A"], ["TA", "T"], "other"),
            // PLINK 1.9 names one allele.
            (["A", "G"], ["A", ""], "same"),
            (["A", "G"], ["G", ""], "exchanged"),
            (["A", "G"], ["T", ""], "flipped"),
            (["A", "G"], ["C", ""], "both"),
            (["A", ""], ["A", "G"], "same"),
            (["A", ""], ["G", "A"], "exchanged"),
            (["A", ""], ["C", "T"], "both"),
            (["A", "T"], ["T", ""], "exchanged?"),
            (["A", "AT"], ["C", ""], "other"),
            (["A", ""], ["A", ""], "same"),
            (["A", ""], ["T", ""], "other"),
            (["", ""], ["A", "G"], "assumed"),
            (["A", "G"], ["0", "."], "assumed"),
        ] {
            assert_eq!(shown(a, b), expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn the_relation_is_the_same_in_both_directions() {
        let letters = ["A", "C", "G", "T", ""];
        let all = || {
            letters
                .iter()
                .flat_map(|x| letters.iter().map(move |y| [*x, *y]))
        };
        for a in all() {
            for b in all() {
                assert_eq!(shown(a, b), shown(b, a), "{a:?} {b:?}");
            }
        }
    }
}
