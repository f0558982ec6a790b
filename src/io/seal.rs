//! The lines of an `.id` file that tie it to the files it was written with: `#jamma`, a tab and checksums.
//!
//! `#jamma<TAB>format=txt,matrix=xxh3:…,ids=xxh3:…`; for eigenvectors also `eigenvalues=xxh3:…`. There is one line for
//! each format in which the matrix of these individuals was written. These lines come last, so that a program that
//! reads two columns reads the individuals first; R and NumPy skip them as comments.

use std::fmt::{self, Write};

use super::content::{Content, Digest};
use super::individual::Individual;

/// The first word of these lines.
pub(super) const MARK: &str = "#jamma";

/// Checksums of the files that were written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// How the name of the matrix file ends: `txt`, `txt.gz` or `npy`.
    pub format: String,
    /// The kinship, or the eigenvectors.
    pub matrix: Digest,
    /// The eigenvalues of these eigenvectors.
    pub eigenvalues: Option<Digest>,
    /// The individuals in their order.
    pub ids: Digest,
    /// The chromosome that is left out of the kinship; `None` if it is of all SNPs, or of a selection.
    pub left_out: Option<String>,
}

impl Seal {
    /// Parses the second word of a line; `None` if a required checksum is absent or damaged.
    ///
    /// Keys that a later version may add are ignored.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut pairs = word.split(',').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let eigenvalues = match value("eigenvalues") {
            None => None,
            Some(text) => Some(Digest::parse(text)?),
        };
        Some(Self {
            format: value("format")?.to_owned(),
            matrix: Digest::parse(value("matrix")?)?,
            eigenvalues,
            ids: Digest::parse(value("ids")?)?,
            left_out: value("loco").map(decoded),
        })
    }
}

impl fmt::Display for Seal {
    /// The line, without line end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}\tformat={},matrix={}", self.format, self.matrix)?;
        if let Some(eigenvalues) = self.eigenvalues {
            write!(f, ",eigenvalues={eigenvalues}")?;
        }
        if let Some(name) = &self.left_out {
            write!(f, ",loco={}", encoded(name))?;
        }
        write!(f, ",ids={}", self.ids)
    }
}

/// `name` with everything but ASCII letters, digits, `_`, `-` and `.` as `%` and two hexadecimal digits for each byte, for
/// names of files and in seals.
#[must_use]
pub fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a string does not fail");
        }
    }
    text
}

/// The name that was [`encoded`]; a damaged code is kept as it is.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The checksum of individuals in their order.
pub fn digest_of_ids(individuals: &[Individual]) -> Digest {
    let mut content = Content::default();
    for Individual { fid, iid } in individuals {
        content.add(format!("{fid}\t{iid}\n").as_bytes());
    }
    content.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        let mut content = Content::default();
        content.add(text.as_bytes());
        content.digest()
    }

    #[test]
    fn a_seal_is_read_as_it_is_written() {
        for eigenvalues in [None, Some(digest("d"))] {
            let seal = Seal {
                format: "txt.gz".into(),
                matrix: digest("u"),
                eigenvalues,
                ids: digest("ids"),
                left_out: eigenvalues.map(|_| "chr 5,%".to_owned()),
            };
            let line = seal.to_string();
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!((words.len(), words[0]), (2, MARK));
            assert_eq!(Seal::parse(words[1]), Some(seal.clone()));
            assert_eq!(Seal::parse(&format!("{},later=1", words[1])), Some(seal));
            assert_eq!(Seal::parse(&words[1][..words[1].len() - 1]), None);
            assert_eq!(Seal::parse(&words[1].replace("matrix", "m")), None);
            assert_eq!(Seal::parse(&words[1].replace("xxh3", "md5")), None);
        }
        assert_eq!(Seal::parse(""), None);
    }
}
