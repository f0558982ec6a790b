//! The header of an entry: 4096 bytes of text (`head -c 4096 FILE`), with a checksum of itself.
//!
//! ```text
//! jamma-eigen 1
//! key 0123456789abcdef0123456789abcdef
//! n 1940
//! ...
//! payload xxh3:...
//!
//! (blank lines)
//! header xxh3:...
//! ```
//!
//! The payload follows: n eigenvalues and the n columns of eigenvectors, as little-endian f64.

use super::chunks::{digest_of_columns, digest_of_values};
use super::description::Description;
use super::key::{ALGORITHM, CacheKey};
use crate::eigen::Eigen;
use crate::io::content::{Content, Digest};
use crate::io::disk::read_at;
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::Write;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::time::SystemTime;

/// Length of the header in bytes.
pub(super) const HEADER_BYTES: usize = 4096;
/// The first word of every file of a cache; the version of its format follows.
const MAGIC: &str = "jamma-eigen ";
/// The version of the format that is written and read.
const FORMAT: &str = "1";
/// The last line: `header `, the checksum of everything before, a line feed.
const CHECK_BYTES: usize = 7 + 37 + 1;

/// What precedes the numbers of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    pub(super) key: CacheKey,
    /// Number of individuals.
    pub n: usize,
    pub(super) n_zero: usize,
    pub(super) most_negative: f64,
    /// The version of jamma that stored it.
    pub jamma: String,
    /// When it was stored, in UTC: `2025-11-26T11:39:00Z`.
    pub created: String,
    /// What was decomposed.
    pub description: Description,
    pub(super) values: Digest,
    pub(super) vectors: Digest,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It does not begin as files of a cache do.
    Foreign,
    /// The system cannot read it, for this reason.
    Failed(String),
    /// For this reason, in words that follow the name of the file.
    Damaged(String),
}

impl Unreadable {
    pub(super) fn reason(self) -> String {
        match self {
            Self::Foreign => "it does not begin as a cached eigendecomposition".to_owned(),
            Self::Failed(reason) | Self::Damaged(reason) => reason,
        }
    }
}

/// Whether `file` begins as files of a cache do.
pub(super) fn has_magic(file: &File) -> bool {
    let mut start = [0; MAGIC.len()];
    read_at(file, 0, &mut start).is_ok() && start == MAGIC.as_bytes()
}

/// The reason of the system, without the number of the error.
pub(super) fn in_words(error: &io::Error) -> String {
    if error.kind() == ErrorKind::UnexpectedEof {
        return "it ends early".to_owned();
    }
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    match error.raw_os_error() {
        Some(_) => format!("it cannot be read ({})", reason.to_lowercase()),
        None => reason.to_owned(),
    }
}

/// Bytes of an entry of `n` individuals; `None` if that is more than can be counted.
pub(super) fn entry_bytes(n: usize) -> Option<u64> {
    let n = n as u64;
    let numbers = n.checked_mul(n)?.checked_add(n)?;
    numbers.checked_mul(8)?.checked_add(HEADER_BYTES as u64)
}

impl Header {
    /// The header of `eigen`, whose checksums are computed.
    pub(super) fn of(key: &CacheKey, eigen: &Eigen, description: &Description) -> Self {
        Self {
            key: *key,
            n: eigen.n(),
            n_zero: eigen.n_zero,
            most_negative: eigen.most_negative,
            jamma: env!("CARGO_PKG_VERSION").to_owned(),
            created: now(),
            description: description.clone(),
            values: digest_of_values(&eigen.values),
            vectors: digest_of_columns(eigen.vectors.as_ref()),
        }
    }

    /// The bytes of the header.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut lines = vec![
            ("key", self.key.to_string()),
            ("algorithm", ALGORITHM.to_string()),
            ("jamma", self.jamma.clone()),
            ("created", self.created.clone()),
            ("n", self.n.to_string()),
            ("n_zero", self.n_zero.to_string()),
            ("most_negative", format!("{:?}", self.most_negative)),
        ];
        lines.extend(self.description.lines());
        lines.push(("values", self.values.to_string()));
        lines.push(("vectors", self.vectors.to_string()));
        let mut text = format!("{MAGIC}{FORMAT}\n");
        for (name, value) in lines {
            writeln!(text, "{name} {value}").expect("writing to a string does not fail");
        }
        let mut bytes = text.into_bytes();
        assert!(bytes.len() < HEADER_BYTES - CHECK_BYTES, "texts are short");
        bytes.resize(HEADER_BYTES - CHECK_BYTES, b'\n');
        let check = check_line(&bytes);
        bytes.extend_from_slice(check.as_bytes());
        bytes
    }

    /// Reads the header of `file` and checks it against the length of the file, but not against its numbers.
    pub(super) fn read(file: &File) -> Result<Self, Unreadable> {
        let failed = |error| Unreadable::Failed(in_words(&error));
        let length = file.metadata().map_err(failed)?.len();
        // A short file is read as far as it goes, to recognise it.
        let n_bytes = length.min(HEADER_BYTES as u64) as usize;
        let mut bytes = vec![0; n_bytes];
        read_at(file, 0, &mut bytes).map_err(failed)?;
        let header = Self::decode(&bytes)?;
        match entry_bytes(header.n) {
            Some(expected) if expected == length => Ok(header),
            Some(expected) => Err(Unreadable::Damaged(format!(
                "it has {length} bytes, and {expected} are expected"
            ))),
            None => Err(Unreadable::Damaged(format!("it claims n = {}", header.n))),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let damaged = |reason: &str| Unreadable::Damaged(reason.to_owned());
        let Some(rest) = bytes.strip_prefix(MAGIC.as_bytes()) else {
            return Err(Unreadable::Foreign);
        };
        if !rest.starts_with(format!("{FORMAT}\n").as_bytes()) {
            let version = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let version = std::str::from_utf8(version).ok();
            let version = version.and_then(|text| text.parse::<u32>().ok());
            return Err(version.map_or_else(
                || damaged("its header is damaged"),
                |version| {
                    Unreadable::Damaged(format!(
                        "it has format {version} of another version of jamma"
                    ))
                },
            ));
        }
        if bytes.len() < HEADER_BYTES {
            return Err(damaged("it ends within its header"));
        }
        let (text, check) = bytes.split_at(HEADER_BYTES - CHECK_BYTES);
        if check != check_line(text).as_bytes() {
            return Err(damaged("its header is damaged"));
        }
        let text = std::str::from_utf8(text).map_err(|_| damaged("its header is damaged"))?;
        let value = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
            pairs
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
        };
        if value("algorithm") != Some(&ALGORITHM.to_string()) {
            return Err(damaged(
                "it was computed by another version of the algorithm",
            ));
        }
        let header = || {
            Some(Self {
                key: CacheKey::of_digits(value("key")?)?,
                n: value("n")?.parse().ok()?,
                n_zero: value("n_zero")?.parse().ok()?,
                most_negative: value("most_negative")?.parse().ok()?,
                jamma: value("jamma")?.to_owned(),
                created: value("created")?.to_owned(),
                description: Description::of_lines(value),
                values: Digest::parse(value("values")?)?,
                vectors: Digest::parse(value("vectors")?)?,
            })
        };
        header().ok_or_else(|| damaged("a line of its header is absent"))
    }
}

fn check_line(text: &[u8]) -> String {
    let mut content = Content::default();
    content.add(text);
    format!("header {}\n", content.digest())
}

/// The time in UTC; empty if the clock is far from any date.
fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok());
    seconds
        .and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0))
        .map_or_else(String::new, |date| {
            date.to_rfc3339_opts(SecondsFormat::Secs, true)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    fn header(description: &Description) -> Header {
        let eigen = Eigen::new(vec![-1e-17, 0.5, 2.0], Mat::identity(3, 3));
        let key = CacheKey::of_digits("0123456789abcdef0123456789abcdef").unwrap();
        Header::of(&key, &eigen, description)
    }

    #[test]
    fn a_header_is_read_as_it_is_written() {
        let description = Description {
            genotypes: "a study/mouse".into(),
            kinship: "centred".into(),
            excluded_chromosome: Some("X".into()),
            n_snps: Some(10_768),
            backend: "rust".into(),
        };
        for description in [description, Description::default()] {
            let header = header(&description);
            let bytes = header.encode();
            assert_eq!(bytes.len(), HEADER_BYTES);
            assert_eq!(Header::decode(&bytes), Ok(header));
        }
    }

    #[test]
    fn texts_of_any_length_and_content_fit() {
        let long = "é\n".repeat(5000);
        let description = Description {
            genotypes: format!("{long}/end"),
            kinship: long.clone(),
            excluded_chromosome: Some(format!("3\nkey {long}")),
            n_snps: Some(usize::MAX),
            backend: long,
        };
        let read = Header::decode(&header(&description).encode()).unwrap();
        assert!(read.description.genotypes.starts_with("..."));
        assert!(read.description.genotypes.ends_with("\\né\\n/end"));
        assert_eq!(read.key, header(&description).key);
    }

    #[test]
    fn every_changed_byte_is_detected() {
        let bytes = header(&Description::default()).encode();
        for at in 0..HEADER_BYTES {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let error = Header::decode(&changed).unwrap_err();
            assert_eq!(error == Unreadable::Foreign, at < MAGIC.len(), "byte {at}");
        }
        for length in 0..HEADER_BYTES {
            Header::decode(&bytes[..length]).unwrap_err();
        }
    }

    #[test]
    fn sizes_beyond_any_file_are_none() {
        assert_eq!(entry_bytes(3), Some(4096 + 8 * 12));
        assert_eq!(entry_bytes(usize::MAX), None);
        assert_eq!(entry_bytes(1 << 31), None);
    }
}
