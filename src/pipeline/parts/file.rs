//! Files with a part of a run.
//!
//! A file is a magic line, the length of the header as 8 bytes (little-endian), the header, its checksum, and the sections.
//! The header lists the sections with their places and checksums, so that one can be read without the others.

use super::identity::Identity;
use super::kinship::KinshipPart;
use super::range::PartNumber;
use super::tests_of_snps::TestPart;
use super::unit::UnitPart;
use crate::error::{Error, Result};
use crate::io::content::{Content, Digest};
use crate::io::packed::{pack, pack_into, unpack, unpack_from};
use crate::output::file::OutputPlace;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The first bytes of a file.
const MAGIC: &[u8; 16] = b"jamma part 1 le\n";
/// Bytes of a checksum as text.
const DIGEST: usize = 37;
/// Bytes that are read at once.
const BUFFER: usize = 1 << 20;
/// The longest header.
const LONGEST_HEADER: u64 = 1 << 32;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// A [`KinshipPart`].
    Kinship {
        /// The number of the group.
        group: usize,
    },
    /// A [`UnitPart`].
    Unit {
        /// The number of the group.
        group: usize,
        /// The number of the kinship.
        unit: usize,
    },
    /// A [`TestPart`].
    Tests {
        /// The number of the group.
        group: usize,
        /// The number of the kinship.
        unit: usize,
    },
}

/// The description of a part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartHeader {
    /// Which part it is.
    pub part: PartNumber,
    /// Whether it is of a kinship; otherwise of tests.
    pub is_kinship: bool,
    /// The run.
    pub identity: Identity,
    /// The command line of the run without the part.
    pub words: Vec<String>,
    /// The instruction set of the processor, on which the last bits of tests depend.
    pub instructions: String,
    /// The sections: what they hold, start after the header, length, and checksum.
    sections: Vec<(Section, u64, u64, String)>,
}

/// The results of a part.
#[derive(Default)]
pub struct PartResults {
    /// Sums of kinships.
    pub kinships: Vec<KinshipPart>,
    /// What was found for units.
    pub units: Vec<UnitPart>,
    /// Tests.
    pub tests: Vec<TestPart>,
}

/// A file with a part.
#[derive(Debug, Clone)]
pub struct PartFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its description.
    pub header: PartHeader,
    /// The place of the first section.
    start: u64,
}

/// The end of the name of the file of a part.
#[must_use]
pub fn suffix(part: PartNumber) -> String {
    format!("part-{}-of-{}.jammapart", part.number, part.of)
}

/// Writes the file of a part to `place`; returns its path.
pub fn write_part(
    place: &OutputPlace,
    part: PartNumber,
    (identity, words, is_kinship): (Identity, Vec<String>, bool),
    results: &PartResults,
) -> Result<PathBuf> {
    // A sum has the size of a matrix. It is packed twice, for the checksum in the header and into the file, and never held in
    // both forms.
    let sections = sections_of(results);
    let mut start = 0;
    let mut listed = Vec::new();
    for (section, pack_into) in &sections {
        let mut measured = Measured::default();
        pack_into(&mut measured).map_err(Error::io("pack", &place.path(&suffix(part))))?;
        let digest = measured.content.digest().to_string();
        listed.push((*section, start, measured.length, digest));
        start += measured.length;
    }
    let header = pack(&PartHeader {
        part,
        is_kinship,
        identity,
        words,
        instructions: crate::kernels::instruction_set().to_owned(),
        sections: listed,
    });
    let mut file = place.create(&suffix(part))?;
    let digest_of_header = digest(&header).to_string();
    let head: [&[u8]; 4] = [
        MAGIC,
        &(header.len() as u64).to_le_bytes(),
        &header,
        digest_of_header.as_bytes(),
    ];
    for bytes in head {
        file.write(bytes)?;
    }
    for (_, pack_into) in &sections {
        let path = file.path().to_owned();
        pack_into(&mut file).map_err(Error::io("write", &path))?;
    }
    file.finish()
}

/// Writes the bytes of a section.
type PackInto<'a> = Box<dyn Fn(&mut dyn Write) -> std::io::Result<()> + 'a>;

fn sections_of(results: &PartResults) -> Vec<(Section, PackInto<'_>)> {
    fn into<T: Serialize>(value: &T) -> PackInto<'_> {
        Box::new(move |to| pack_into(value, to))
    }
    let kinships = results.kinships.iter().map(|one| {
        let group = one.group;
        (Section::Kinship { group }, into(one))
    });
    let units = results.units.iter().map(|one| {
        let (group, unit) = (one.group, one.unit);
        (Section::Unit { group, unit }, into(one))
    });
    let tests = results.tests.iter().map(|one| {
        let (group, unit) = (one.group, one.unit);
        (Section::Tests { group, unit }, into(one))
    });
    kinships.chain(units).chain(tests).collect()
}

/// The length and the checksum of what is written.
#[derive(Default)]
struct Measured {
    length: u64,
    content: Content,
}

impl Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.length += bytes.len() as u64;
        self.content.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> Digest {
    let mut content = Content::default();
    content.add(bytes);
    content.digest()
}

impl PartFile {
    /// Opens the file at `path` and reads its header.
    ///
    /// Fails if it cannot be read, or is no complete part of this version of jamma.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let size = file.metadata().map_err(Error::io("read", path))?.len();
        let mut magic = [0; MAGIC.len()];
        let mut length = [0; 8];
        let is_part = file.read_exact(&mut magic).is_ok() && magic == *MAGIC;
        if !is_part {
            return Err(Error::malformed(
                path,
                "this is not a part of a run of jamma, or of another version of it",
                "give the .jammapart files that `jamma gk --part` or `jamma lmm --part` wrote",
            ));
        }
        let truncated = |_| Self::damaged(path, "the file is truncated");
        file.read_exact(&mut length).map_err(truncated)?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER.min(size) {
            return Err(Self::damaged(path, "the file is truncated or damaged"));
        }
        let mut bytes = vec![0; length as usize];
        let mut expected = [0; DIGEST];
        file.read_exact(&mut bytes).map_err(truncated)?;
        file.read_exact(&mut expected).map_err(truncated)?;
        if digest(&bytes).to_string().as_bytes() != expected {
            return Err(Self::damaged(path, "the header is damaged"));
        }
        let header: PartHeader = unpack(&bytes, &path.display().to_string())?;
        let start = (MAGIC.len() + 8 + DIGEST) as u64 + length;
        let end = header
            .sections
            .iter()
            .map(|(_, start, length, _)| start + length);
        if start + end.max().unwrap_or(0) != size {
            return Err(Self::damaged(path, "the file is truncated or damaged"));
        }
        Ok(Self {
            path: path.to_owned(),
            header,
            start,
        })
    }

    fn damaged(path: &Path, what: &str) -> Error {
        Error::malformed(path, what, "compute this part again")
    }

    /// The sections.
    pub fn sections(&self) -> impl Iterator<Item = Section> {
        self.header.sections.iter().map(|(section, ..)| *section)
    }

    /// Reads a section, if there is one.
    ///
    /// Fails if it cannot be read, or is damaged.
    pub fn read<T: DeserializeOwned>(&self, wanted: Section) -> Result<Option<T>> {
        let mut sections = self.header.sections.iter();
        let Some((_, start, length, expected)) = sections.find(|(section, ..)| *section == wanted)
        else {
            return Ok(None);
        };
        let io = |verb| Error::io(verb, &self.path);
        let mut file =
            BufReader::with_capacity(BUFFER, File::open(&self.path).map_err(io("open"))?);
        // The checksum first: lengths in damaged bytes may be anything.
        let mut measured = Measured::default();
        let place = SeekFrom::Start(self.start + start);
        file.seek(place).map_err(io("read"))?;
        std::io::copy(&mut file.by_ref().take(*length), &mut measured).map_err(io("read"))?;
        if measured.length != *length || measured.content.digest().to_string() != *expected {
            return Err(Self::damaged(
                &self.path,
                "the file is damaged: a checksum differs",
            ));
        }
        file.seek(place).map_err(io("read"))?;
        unpack_from(file.take(*length), &self.path.display().to_string()).map(Some)
    }
}
