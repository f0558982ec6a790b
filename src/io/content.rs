//! Checksums of matrix files, which show whether a matrix is the one that an `.id` file was written for.
//!
//! The checksum of a text file is that of its lines: compression, line ends, a byte-order mark and blank lines at the
//! end do not change it. The checksum of an array covers its type, order, shape and numbers. XXH3 with 128 bits detects
//! mix-ups, not forgery.

use std::fmt;

use twox_hash::XxHash3_128;

/// Prefix of the digits.
const ALGORITHM: &str = "xxh3:";

/// The checksum of a matrix, a vector or a list of ids; as text `xxh3:` and 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u128);

impl Digest {
    /// The 32 hexadecimal digits.
    pub(crate) fn digits(self) -> String {
        format!("{:032x}", self.0)
    }

    /// The digest with these 32 hexadecimal digits, in lower case; `None` if `digits` is something else.
    pub(crate) fn of_digits(digits: &str) -> Option<Self> {
        let digest = Self::parse(&format!("{ALGORITHM}{digits}"))?;
        (digest.digits() == digits).then_some(digest)
    }

    /// Parses the text form of a digest; `None` if `text` is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(ALGORITHM)?;
        let is_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| u128::from_str_radix(digits, 16).ok().map(Self))?
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{:032x}", self.0)
    }
}

/// The checksum of content while it is read or written.
#[derive(Clone)]
pub struct Content(XxHash3_128);

impl Default for Content {
    fn default() -> Self {
        Self(XxHash3_128::new())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.digest())
    }
}

impl Content {
    /// Adds bytes: whole lines with their line feeds, or the numbers of an array.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// The checksum of everything added so far.
    pub fn digest(&self) -> Digest {
        Digest(self.0.finish_128())
    }
}

impl std::io::Write for Content {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Content::default().digest();
        let text = digest.to_string();
        assert_eq!(text.len(), 37);
        assert_eq!(Digest::parse(&text), Some(digest));
        let digits = digest.digits();
        assert_eq!(Digest::of_digits(&digits), Some(digest));
        assert_eq!(Digest::of_digits(&digits.to_uppercase()), None);
        for wrong in [
            "",
            "xxh3:",
            &text[..36],
            &text[5..],
            "xxh3:+2345678901234567890123456789012",
        ] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_long_text_has_the_checksum_of_the_reference() {
        // From the XXH3 specification's own test program: XXH3_128bits of no bytes.
        assert_eq!(
            Content::default().digest().to_string(),
            "xxh3:99aa06d3014798d86001c324468d497f"
        );
    }
}
