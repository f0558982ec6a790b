//! The numbers of a report: typed arrays in one compressed block, and JSON that says where each begins.

use crate::io::gzip::gzip;
use std::fmt::Write as _;

/// Arrays begin at multiples of this, as typed arrays require.
const ALIGNMENT: usize = 8;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Arrays, and their places.
#[derive(Debug, Default)]
pub struct Blob {
    bytes: Vec<u8>,
    /// Name, type, offset, number of elements.
    arrays: Vec<(String, &'static str, usize, usize)>,
}

impl Blob {
    fn begin(&mut self, name: &str, kind: &'static str, length: usize) {
        let padding = self.bytes.len().next_multiple_of(ALIGNMENT);
        self.bytes.resize(padding, 0);
        self.arrays
            .push((name.to_owned(), kind, self.bytes.len(), length));
    }

    /// Adds bytes.
    pub fn u8(&mut self, name: &str, values: &[u8]) {
        self.begin(name, "u8", values.len());
        self.bytes.extend_from_slice(values);
    }

    /// Adds 16-bit numbers.
    pub fn u16(&mut self, name: &str, values: impl ExactSizeIterator<Item = u16>) {
        self.begin(name, "u16", values.len());
        self.bytes.extend(values.flat_map(u16::to_le_bytes));
    }

    /// Adds 32-bit numbers.
    pub fn u32(&mut self, name: &str, values: impl ExactSizeIterator<Item = u32>) {
        self.begin(name, "u32", values.len());
        self.bytes.extend(values.flat_map(u32::to_le_bytes));
    }

    /// Adds numbers in single precision.
    pub fn f32(&mut self, name: &str, values: impl ExactSizeIterator<Item = f32>) {
        self.begin(name, "f32", values.len());
        self.bytes.extend(values.flat_map(f32::to_le_bytes));
    }

    /// Adds numbers in double precision.
    pub fn f64(&mut self, name: &str, values: impl ExactSizeIterator<Item = f64>) {
        self.begin(name, "f64", values.len());
        self.bytes.extend(values.flat_map(f64::to_le_bytes));
    }

    /// Adds strings. A line break within one becomes a blank.
    pub fn text<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        let lines: Vec<String> = values.map(|one| one.replace(['\n', '\r'], " ")).collect();
        let text = lines.join("\n");
        self.begin(name, "text", text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Adds the differences of numbers as byte planes, the lowest first, which compress well.
    ///
    /// * `parts`: the differences begin anew in each, from 0
    pub fn planes(&mut self, name: &str, parts: &[Vec<u32>], n_planes: usize) {
        let n: usize = parts.iter().map(Vec::len).sum();
        let mut planes = vec![0_u8; n * n_planes];
        let mut at = 0;
        for part in parts {
            let mut last = 0_u32;
            for &value in part {
                let step = value.wrapping_sub(last).to_le_bytes();
                for (plane, byte) in step.iter().take(n_planes).enumerate() {
                    planes[plane * n + at] = *byte;
                }
                last = value;
                at += 1;
            }
        }
        self.u8(name, &planes);
    }

    /// The places of the arrays, as a JSON object.
    #[must_use]
    pub fn places(&self) -> String {
        let places = self
            .arrays
            .iter()
            .map(|(name, kind, at, n)| format!("{}:[\"{kind}\",{at},{n}]", json_text(name)));
        format!("{{{}}}", places.collect::<Vec<_>>().join(","))
    }

    /// The compressed block in base64.
    #[must_use]
    pub fn packed(&self) -> String {
        base64(&gzip(&self.bytes))
    }
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |k: usize| u32::from(three.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            let digit = (bits >> (18 - 6 * k)) as usize & 63;
            text.push(if k <= three.len() {
                BASE64[digit] as char
            } else {
                '='
            });
        }
    }
    text
}

/// A string of JSON that may stand in a `<script>`: no `<`, and no line separators.
#[must_use]
pub fn json_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' | '\u{7f}' => {
                write!(out, "\\u{:04x}", c as u32).expect("writing to a string does not fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A number of JSON; `null` if it is not finite.
#[must_use]
pub fn json_number(x: f64) -> String {
    if x.is_finite() {
        format!("{x}")
    } else {
        "null".into()
    }
}

/// A list of JSON.
#[must_use]
pub fn json_list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(","))
}

/// Text of HTML, also within the quotes of an attribute.
#[must_use]
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn arrays_are_aligned_and_differences_are_in_planes() {
        let mut blob = Blob::default();
        blob.u8("a", &[1, 2, 3]);
        blob.planes("b", &[vec![256, 258], vec![5]], 2);
        assert_eq!(blob.places(), r#"{"a":["u8",0,3],"b":["u8",8,6]}"#);
        assert_eq!(blob.bytes[8..], [0, 2, 5, 1, 0, 0]);
    }

    #[test]
    fn text_cannot_end_a_script_or_an_attribute() {
        let bad = "</script><b title='x' y=\"z\">&\u{2028}\n";
        let (json, html) = (json_text(bad), html(bad));
        assert!(!json.contains(['<', '>', '&', '\n', '\u{2028}']), "{json}");
        assert!(!html.contains(['<', '>', '"', '\'']), "{html}");
    }
}
