//! Counts, sizes and rates as typed and as shown.

use crate::error::{Error, Result};

/// Factors of the prefixes of bytes.
const BYTES: [(&str, f64); 9] = [
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("b", 1.0),
];
/// The same of bits, in which networks are measured.
const BITS: [(&str, f64); 3] = [
    ("mbit", 1e6 / 8.0),
    ("gbit", 1e9 / 8.0),
    ("tbit", 1e12 / 8.0),
];

/// Largest count and size that are accepted; more is a typing error.
const MAX: f64 = 1e15;

/// A count of at least 1, such as `10000`, `10_000` or `10e6`.
pub(super) fn count(option: &str, text: &str) -> Result<u64> {
    let plain = text.replace([',', '_'], "");
    let number = plain.parse::<f64>().ok();
    let number = number.filter(|x| (1.0..=MAX).contains(x) && x.fract() == 0.0);
    number.map(|x| x as u64).ok_or_else(|| {
        let what =
            format!("expected a whole number of at least 1, such as 10000 or 10e6, found {text}");
        Error::option(option, what, "see `jamma help cost`")
    })
}

/// Bytes: `64GB`, `1.5TB`, `64GiB`; gigabytes without a unit, as in --memory of the analyses.
pub(super) fn bytes(option: &str, text: &str) -> Result<f64> {
    let expected = "a size such as 64GB or 1.5TB";
    with_unit(text, 1e9, &BYTES).ok_or_else(|| wrong(option, text, expected))
}

/// Bytes per second: `500MB/s`, `10Gbit/s`, `2GB`; megabytes per second without a unit.
pub(super) fn rate(option: &str, text: &str) -> Result<f64> {
    let expected = "a rate such as 500MB/s or 10Gbit/s";
    let lower = text.to_ascii_lowercase();
    let amount = lower.strip_suffix("/s").unwrap_or(&lower);
    let found = with_unit(amount, 1e6, &BITS).or_else(|| with_unit(amount, 1e6, &BYTES));
    found.ok_or_else(|| wrong(option, text, expected))
}

fn wrong(option: &str, text: &str, expected: &str) -> Error {
    Error::option(
        option,
        format!("expected {expected}, found {text}"),
        "see `jamma help cost`",
    )
}

/// A positive number with one of the `units`; without one, in units of `default`.
fn with_unit(text: &str, default: f64, units: &[(&str, f64)]) -> Option<f64> {
    let lower = text.trim().to_ascii_lowercase();
    let unit = units.iter().find(|(unit, _)| lower.ends_with(*unit));
    let (number, factor) = match unit {
        Some((unit, factor)) => (lower.strip_suffix(*unit)?, *factor),
        None => (lower.as_str(), default),
    };
    let number: f64 = number.trim().parse().ok()?;
    let value = number * factor;
    (1.0..=MAX).contains(&value).then_some(value)
}

/// A time: `0.5 s`, `12 s`, `4.2 min`, `3.1 h`, `2.5 days`, `1.4 years`.
pub(super) fn time(seconds: f64) -> String {
    let units = [
        (90.0, 1.0, "s"),
        (90.0 * 60.0, 60.0, "min"),
        (48.0 * 3600.0, 3600.0, "h"),
        (730.0 * 86400.0, 86400.0, "days"),
        (f64::INFINITY, 365.25 * 86400.0, "years"),
    ];
    let of = units.iter().find(|(below, ..)| seconds < *below);
    let (_, factor, unit) = of.copied().unwrap_or(units[4]);
    format!("{} {unit}", digits(seconds / factor))
}

/// Bytes as `0`, `12 MB`, `1.2 GB` or `34 TB`.
pub(super) fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    let (factor, unit) = match bytes {
        0.0 => return "0".to_owned(),
        x if x < 1e9 => (1e6, "MB"),
        x if x < 1e12 => (1e9, "GB"),
        _ => (1e12, "TB"),
    };
    format!("{} {unit}", digits(bytes / factor))
}

/// Two significant digits, or all digits of a larger number.
fn digits(x: f64) -> String {
    if x < 9.95 {
        format!("{x:.1}")
    } else {
        thousands(x.round() as u64)
    }
}

/// A count with commas: `1,000,000`.
pub(super) fn thousands(count: u64) -> String {
    let text = count.to_string();
    let mut shown = String::new();
    for (i, digit) in text.chars().enumerate() {
        if i > 0 && (text.len() - i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_sizes_and_rates_are_read() {
        for (text, expected) in [
            ("10000", 10_000),
            ("10e6", 10_000_000),
            ("1,000", 1000),
            ("1_0", 10),
        ] {
            assert_eq!(count("--snps", text).unwrap(), expected, "{text}");
        }
        for text in ["0", "-1", "1.5", "many", "", "1e30", "nan"] {
            assert!(count("--snps", text).is_err(), "{text}");
        }
        for (text, expected) in [
            ("64", 64e9),
            ("64GB", 64e9),
            ("1.5 TB", 1.5e12),
            ("2GiB", 2_147_483_648.0),
        ] {
            assert_eq!(bytes("--memory", text).unwrap(), expected, "{text}");
        }
        for (text, expected) in [
            ("500", 500e6),
            ("500MB/s", 500e6),
            ("2gb", 2e9),
            ("10Gbit/s", 1.25e9),
            ("100gbit", 12.5e9),
        ] {
            assert_eq!(rate("--net-rate", text).unwrap(), expected, "{text}");
        }
        for text in ["", "GB", "-1GB", "0", "1e99TB", "5 apples"] {
            assert!(
                bytes("--memory", text).is_err() && rate("--net-rate", text).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn times_and_sizes_have_two_digits() {
        for (seconds, shown) in [
            (0.04, "0.0 s"),
            (12.3, "12 s"),
            (100.0, "1.7 min"),
            (7200.0, "2.0 h"),
            (30.0 * 3600.0, "30 h"),
            (864_000.0, "10 days"),
            (1e9, "32 years"),
        ] {
            assert_eq!(time(seconds), shown);
        }
        for (bytes, shown) in [
            (0, "0"),
            (1_200_000, "1.2 MB"),
            (250_000_000_000, "250 GB"),
            (12_000_000_000_000, "12 TB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
