//! Short decimal numbers, as they are in matrices of dosages.

/// Powers of ten that are exact.
const TENS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The finite number nearest to a decimal such as `1`, `0.25`, `-1.5e-3`; `None` if `field` is not one.
///
/// Up to 15 digits without sign and exponent are an integer and a power of ten that f64 holds exactly, so that their
/// quotient is correctly rounded. Everything else is left to the standard library.
pub(super) fn decimal(field: &[u8]) -> Option<f64> {
    let (mut digits, mut n_digits, mut point) = (0_u64, 0, None);
    for (at, &byte) in field.iter().enumerate() {
        match byte {
            b'0'..=b'9' if n_digits < 15 => {
                digits = 10 * digits + u64::from(byte - b'0');
                n_digits += 1;
            }
            b'.' if point.is_none() => point = Some(at),
            _ => return any_decimal(field),
        }
    }
    let n_decimals = point.map_or(0, |at| field.len() - at - 1);
    (n_digits > 0).then(|| digits as f64 / TENS[n_decimals])
}

#[cold]
fn any_decimal(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?;
    super::text::parse_number(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..200_000 {
            let n_digits = 1 + random(18);
            let mut text: String = (0..n_digits)
                .map(|_| char::from(b'0' + random(10) as u8))
                .collect();
            text.insert(random(n_digits + 1) as usize, '.');
            if random(8) == 0 {
                text = format!("-{text}e-{}", random(30));
            }
            let expected: f64 = text.parse().unwrap();
            assert_eq!(
                decimal(text.as_bytes()).map(f64::to_bits),
                Some(expected.to_bits()),
                "{text}"
            );
        }
        for text in [
            "0",
            "1",
            "2",
            "1.",
            ".5",
            "000000000000001.5",
            "+1",
            "1e-3",
            "123456789012345",
        ] {
            assert_eq!(decimal(text.as_bytes()), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in [
            "", ".", "NA", "nan", "inf", "-", "1.2.3", "1e", "0x1", "1,5", "1_000", "1e999", " 1",
        ] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }
}
