//! The numbers of a row for the other allele.

use super::matching::Pair;
use crate::io::results::{Printed, ResultTable};

/// How a number changes if the effect allele is exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Not at all.
    Same,
    /// Its sign.
    Sign,
    /// A proportion p becomes 1 − p.
    Rest,
    /// A ratio becomes its inverse.
    Inverse,
    /// A count of alleles becomes that of the other allele: the total minus it.
    OtherCount,
    /// It cannot be computed from the columns of the table.
    Unknown,
}

/// The limits of intervals: lower and upper.
const LIMITS: [[&str; 2]; 4] = [
    ["lci_effect", "uci_effect"],
    ["ci_lower", "ci_upper"],
    ["l95", "u95"],
    ["l99", "u99"],
];
/// Numbers of individuals with the one and with the other homozygous genotype.
const COUNTS: [[&str; 2]; 2] = [["cases_ref", "cases_alt"], ["controls_ref", "controls_alt"]];
/// Names of frequencies of the effect allele.
const FREQUENCIES: [&str; 9] = [
    "af",
    "f_a",
    "f_u",
    "af_case",
    "af_ctrl",
    "a1freq_cases",
    "a1freq_controls",
    "a1_case_freq",
    "a1_ctrl_freq",
];
/// Names of statistics with the sign of the effect, besides effects.
const SIGNED: [&str; 11] = [
    "t_stat",
    "z_stat",
    "t_or_f_stat",
    "z_or_f_stat",
    "tstat",
    "tstat_c",
    "stat",
    "z",
    "t",
    "zscore",
    "log_odds",
];

/// The other name of a pair.
fn partner<'n>(pairs: &[[&'n str; 2]], name: &str) -> Option<&'n str> {
    pairs.iter().find_map(|[one, two]| match name {
        _ if name == *one => Some(*two),
        _ if name == *two => Some(*one),
        _ => None,
    })
}

/// From which column the number of the other allele comes, and how.
fn change<'n>(table: &ResultTable, name: &'n str) -> (&'n str, Change) {
    let has = |wanted: &str| table.number_names().any(|known| known == wanted);
    if let Some(other) = partner(&LIMITS, name) {
        let is_ratio = has("or") && !has("beta");
        let change = if is_ratio {
            Change::Inverse
        } else {
            Change::Sign
        };
        return (other, change);
    }
    if let Some(other) = partner(&COUNTS, name) {
        return (other, Change::Same);
    }
    let change = match name {
        "minfreq" => return ("maxfreq", Change::Rest),
        "maxfreq" => return ("minfreq", Change::Rest),
        "or" => Change::Inverse,
        "ac_allele2" | "a1_ct" => Change::OtherCount,
        // The counts of the other homozygous genotype are not in the table.
        "n_case_hom" | "n_ctrl_hom" | "hom_a1_ct" => Change::Unknown,
        _ if FREQUENCIES.contains(&name) => Change::Rest,
        // The deviation of heterozygotes does not depend on which allele is counted.
        "beta_dom" => Change::Same,
        _ if SIGNED.contains(&name) || name.starts_with("beta") => Change::Sign,
        _ => Change::Same,
    };
    (name, change)
}

/// A number of the second table for the effect allele of the first; `None` if it cannot be computed.
///
/// # Panics
/// If there is no such column.
pub(super) fn number_of_second(b: &ResultTable, name: &str, pair: &Pair) -> Option<Printed> {
    if pair.alleles.is_exchanged {
        exchanged(b, name, pair.b)
    } else {
        b.number(name, pair.b)
    }
}

/// The number in a column of a row if the other allele were the effect allele; `None` if it cannot be computed.
///
/// # Panics
/// If there is no such column.
fn exchanged(table: &ResultTable, name: &str, row: usize) -> Option<Printed> {
    let (source, change) = change(table, name);
    let x = table.number(source, row)?;
    let value = match change {
        Change::Same => x.value,
        Change::Sign => -x.value,
        Change::Rest => 1.0 - x.value,
        Change::Inverse => return Some(inverse(x)),
        Change::OtherCount => total(table, x, row)? - x.value,
        Change::Unknown => return None,
    };
    Some(Printed { value, ..x })
}

/// 1/x, whose last digit is that of x divided by x².
fn inverse(x: Printed) -> Printed {
    let digits = 2.0 * x.value.abs().log10();
    let last_place = x.last_place.map(|place| {
        if digits.is_finite() {
            (f64::from(place) - digits).ceil() as i16
        } else {
            place
        }
    });
    Printed {
        value: 1.0 / x.value,
        last_place,
    }
}

/// The number of both alleles: in its own column, or from the frequency, also on a chromosome of which some have one copy.
fn total(table: &ResultTable, count: Printed, row: usize) -> Option<f64> {
    if let Some(total) = table.number("allele_ct", row) {
        return Some(total.value);
    }
    let af = table.number("af", row)?.value;
    let total = count.value / af;
    let is_whole = count.value.fract() == 0.0;
    total
        .is_finite()
        .then(|| if is_whole { total.round() } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::results::read_results;

    /// The numbers of the only row of a table, exchanged: name and value.
    fn exchanged_row(name: &str, text: &str) -> Vec<(String, Option<f64>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let table = read_results(&path).unwrap();
        let names: Vec<String> = table.number_names().map(str::to_owned).collect();
        let value = |name: &str| exchanged(&table, name, 0).map(|x| x.value);
        names
            .into_iter()
            .map(|name| {
                let value = value(&name);
                (name, value)
            })
            .collect()
    }

    fn assert_exchanged(text: &str, expected: &[(&str, Option<f64>)]) {
        let found = exchanged_row("x.txt", text);
        for (name, expected) in expected {
            let (_, value) = found.iter().find(|(known, _)| known == name).unwrap();
            match (value, expected) {
                (Some(x), Some(y)) => assert!((x - y).abs() < 1e-12, "{name}: {x} {y}"),
                (x, y) => assert_eq!(x, y, "{name}"),
            }
        }
    }

    #[test]
    fn limits_counts_and_frequencies_change_places() {
        assert_exchanged(
            "Name Chr Pos Ref Alt Trait Cohort Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Cases_Ref Cases_Het Cases_Alt Num_Controls Controls_Ref Controls_Het Controls_Alt Info\n\
             a 1 5 A G y c ADD 0.5 0.1 0.9 0.01 0.2 10 7 2 1 NA NA NA NA MAC=3\n",
            &[
                ("beta", Some(-0.5)),
                ("lci_effect", Some(-0.9)),
                ("uci_effect", Some(-0.1)),
                ("af", Some(0.8)),
                ("n", Some(10.0)),
                ("cases_ref", Some(1.0)),
                ("cases_het", Some(2.0)),
                ("cases_alt", Some(7.0)),
            ],
        );
        assert_exchanged(
            "CHR SNP BP A1 TEST NMISS OR SE L95 U95 STAT P\n1 a 5 A ADD 100 2 0.1 1.6 2.5 3 0.01\n",
            &[
                ("or", Some(0.5)),
                ("l95", Some(0.4)),
                ("u95", Some(0.625)),
                ("stat", Some(-3.0)),
                ("se", Some(0.1)),
            ],
        );
        assert_exchanged(
            "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 MissingRate BETA SE Tstat var p.value AF_case AF_ctrl N_case_hom N\n\
             1 5 a A G 30 0.15 0 -0.25 0.1 -4 9 0.01 0.1 0.2 2 100\n",
            &[
                ("ac_allele2", Some(170.0)),
                ("af", Some(0.85)),
                ("beta", Some(0.25)),
                ("tstat", Some(4.0)),
                ("var", Some(9.0)),
                ("af_case", Some(0.9)),
                ("af_ctrl", Some(0.8)),
                ("n_case_hom", None),
            ],
        );
        assert_exchanged(
            "MarkerName Allele1 Allele2 Freq1 FreqSE MinFreq MaxFreq Effect StdErr P-value Direction\n\
             a a g 0.3 0.01 0.25 0.375 -0.5 0.1 0.01 +-\n",
            &[
                ("minfreq", Some(0.625)),
                ("maxfreq", Some(0.75)),
                ("beta", Some(0.5)),
            ],
        );
        assert_exchanged(
            "chr rs ps n_miss allele1 allele0 af beta_add se_add beta_dom se_dom p_wald\n\
             1 a 5 0 A G 0.25 0.5 0.1 0.75 0.2 0.01\n",
            &[("beta_add", Some(-0.5)), ("beta_dom", Some(0.75))],
        );
    }
}
