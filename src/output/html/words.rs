//! Numbers as people read them.

use crate::output::number::format_g;

const SUPERSCRIPT: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// `12,345`.
#[must_use]
pub(super) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Digits and exponent of p = 10^−y below 0.001: `1.3` and 57 for 1.3 × 10⁻⁵⁷.
fn scientific(y: f64) -> (String, u64) {
    let exponent = y.floor() + 1.0;
    let mut digits = format!("{:.1}", 10_f64.powf(exponent - y));
    let mut exponent = exponent as u64;
    if digits == "10.0" {
        digits = "1.0".into();
        exponent -= 1;
    }
    (digits, exponent)
}

/// A p-value of which −log₁₀ is `y`.
#[must_use]
pub(super) fn p_text(y: f64) -> String {
    if !y.is_finite() {
        return "–".into();
    }
    if y < 3.0 {
        return format_g(10_f64.powf(-y), 2);
    }
    let (digits, exponent) = scientific(y);
    let exponent = exponent.to_string();
    let raised = exponent
        .bytes()
        .map(|digit| SUPERSCRIPT[usize::from(digit - b'0')]);
    let digits = digits.strip_suffix(".0").unwrap_or(&digits);
    format!("{digits}×10⁻{}", raised.collect::<String>())
}

/// The same for programs: `1.3e-57`.
#[must_use]
pub(super) fn p_plain(y: f64) -> String {
    if !y.is_finite() {
        return "nan".into();
    }
    if y < 3.0 {
        return format_g(10_f64.powf(-y), 3);
    }
    let (digits, exponent) = scientific(y);
    format!("{digits}e-{exponent}")
}

/// A number with four digits, with a minus sign.
#[must_use]
pub(super) fn short(x: f64) -> String {
    if x.is_finite() {
        format_g(x, 4).replace('-', "−")
    } else {
        "–".into()
    }
}

/// A trait for readers: one that is named by the number of its column is a phenotype.
#[must_use]
pub(crate) fn trait_name(name: &str) -> String {
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("phenotype {name}")
    } else {
        name.to_owned()
    }
}

/// `a, b and c`.
#[must_use]
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(9_989_187), "9,989,187");
        assert_eq!((grouped(0), grouped(999)), ("0".into(), "999".into()));
        assert_eq!(p_text(7.301_03), "5×10⁻⁸");
        assert_eq!(p_text(56.886_06), "1.3×10⁻⁵⁷");
        assert_eq!(p_text(5.0), "1×10⁻⁵");
        assert_eq!(p_text(0.301), "0.5");
        assert_eq!(p_text(1000.0), "1×10⁻¹⁰⁰⁰");
        assert_eq!(p_plain(4.000_001), "1.0e-4");
        assert_eq!(p_text(f64::NAN), "–");
        assert_eq!(trait_name("6"), "phenotype 6");
        assert_eq!(trait_name("T6"), "T6");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }
}
