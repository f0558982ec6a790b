//! One name for each chromosome, whatever a table calls it.

use super::chromosome_set::{ChromosomeClass, ChromosomeSet};
use super::selection::bare_name;

/// The name of a chromosome that is the same for all its spellings: `chr1`, `Chr01` and `1` are `1`, and `x` is `X`, `M` is `MT`.
///
/// * `set`: the chromosomes of the species; the numbers after the last autosome are then X, Y, XY (also PAR) and MT. Without it, a
///   number is not taken for a sex chromosome, since it may be an autosome.
#[must_use]
pub fn common_name(name: &str, set: Option<&ChromosomeSet>) -> String {
    match set.and_then(|set| set.class_of_name(name)) {
        Some(ChromosomeClass::X) => return "X".into(),
        Some(ChromosomeClass::Y) => return "Y".into(),
        Some(ChromosomeClass::PseudoAutosomal) => return "XY".into(),
        Some(ChromosomeClass::Mitochondrial) => return "MT".into(),
        Some(ChromosomeClass::Autosome | ChromosomeClass::Unplaced) | None => {}
    }
    let bare = bare_name(name);
    match bare.to_ascii_uppercase().as_str() {
        "X" => "X".into(),
        "Y" => "Y".into(),
        "XY" => "XY".into(),
        "M" | "MT" => "MT".into(),
        _ => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_chromosome_have_one_name() {
        let human = ChromosomeSet::of("human").unwrap();
        for (name, without, with) in [
            ("chr1", "1", "1"),
            ("Chr01", "1", "1"),
            ("chrX", "X", "X"),
            ("x", "X", "X"),
            ("23", "23", "X"),
            ("24", "24", "Y"),
            ("25", "25", "XY"),
            ("PAR1", "PAR1", "XY"),
            ("chrM", "MT", "MT"),
            ("26", "26", "MT"),
            ("2L", "2L", "2L"),
            ("scaffold_1", "scaffold_1", "scaffold_1"),
            ("40", "40", "40"),
        ] {
            assert_eq!(common_name(name, None), without);
            assert_eq!(common_name(name, Some(&human)), with);
        }
        let cow = ChromosomeSet::of("cow").unwrap();
        assert_eq!(common_name("23", Some(&cow)), "23");
        assert_eq!(common_name("30", Some(&cow)), "X");
    }
}
