//! Files with a part of a run.
//!
//! A file is a magic line, the sections, the header, its length as 8 bytes (little-endian), and the checksum of the header.
//! The header lists the sections with their places and checksums, so that one can be read without the others. It comes last
//! because a section is written as soon as it is computed: a sum of a kinship has the size of a matrix.

use super::identity::Identity;
use super::range::PartNumber;
use crate::error::{Error, Result};
use crate::io::content::{Content, Digest};
use crate::io::packed::{pack, pack_into, unpack, unpack_from};
use crate::output::file::{OutputFile, OutputPlace};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The first bytes of a file.
const MAGIC: &[u8; 16] = b"jamma part 2 le\n";
/// Bytes of a checksum as text.
const DIGEST: usize = 37;
/// Bytes after the header: its length and its checksum.
const FOOT: u64 = 8 + DIGEST as u64;
/// Bytes that are read at once.
const BUFFER: usize = 1 << 20;
/// The longest header.
const LONGEST_HEADER: u64 = 1 << 32;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// A [`KinshipPart`](super::KinshipPart) without its sums.
    Kinship {
        /// The number of the group.
        group: usize,
    },
    /// A [`StoredSum`](crate::kinship::StoredSum): of a chromosome if every chromosome is left out in turn, otherwise of unit 0.
    Sum {
        /// The number of the group.
        group: usize,
        /// The number of the kinship.
        unit: usize,
    },
    /// A [`UnitPart`](super::UnitPart).
    Unit {
        /// The number of the group.
        group: usize,
        /// The number of the kinship.
        unit: usize,
    },
    /// A [`TestPart`](super::TestPart).
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
    /// The sections: what they hold, start after the magic line, length, and checksum.
    sections: Vec<(Section, u64, u64, String)>,
}

/// A file with a part.
#[derive(Debug, Clone)]
pub struct PartFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its description.
    pub header: PartHeader,
}

/// The end of the name of the file of a part.
#[must_use]
pub fn suffix(part: PartNumber) -> String {
    format!("part-{}-of-{}.jammapart", part.number, part.of)
}

/// A file that is being written. It is removed if it is dropped before [`finish`](Self::finish).
#[derive(Debug)]
pub struct PartWriter {
    file: OutputFile,
    part: PartNumber,
    sections: Vec<(Section, u64, u64, String)>,
    /// Bytes of all sections so far.
    length: u64,
}

impl PartWriter {
    /// Begins the file of a part in `place`. Fails if it cannot be written.
    pub fn create(place: &OutputPlace, part: PartNumber) -> Result<Self> {
        let mut file = place.create(&suffix(part))?;
        file.write(MAGIC)?;
        Ok(Self {
            file,
            part,
            sections: Vec::new(),
            length: 0,
        })
    }

    /// Writes a section. Fails if the disk is full.
    pub fn add<T: Serialize>(&mut self, section: Section, value: &T) -> Result<()> {
        let (mut length, mut content) = (0, Content::default());
        self.file.write_with(|to| {
            let mut measured = Measured {
                length: 0,
                content: Content::default(),
                to,
            };
            pack_into(value, &mut measured)?;
            (length, content) = (measured.length, measured.content);
            Ok(())
        })?;
        let digest = content.digest().to_string();
        self.sections.push((section, self.length, length, digest));
        self.length += length;
        Ok(())
    }

    /// Writes the header and gives the file its name; returns its path.
    ///
    /// * `words`: the command line of the run without the part
    pub fn finish(
        mut self,
        identity: Identity,
        words: Vec<String>,
        is_kinship: bool,
    ) -> Result<PathBuf> {
        let header = pack(&PartHeader {
            part: self.part,
            is_kinship,
            identity,
            words,
            instructions: crate::kernels::instruction_set().to_owned(),
            sections: self.sections,
        });
        self.file.write(&header)?;
        self.file.write(&(header.len() as u64).to_le_bytes())?;
        self.file.write(digest(&header).to_string().as_bytes())?;
        self.file.finish()
    }
}

/// Passes bytes on, with their number and their checksum.
struct Measured<W> {
    length: u64,
    content: Content,
    to: W,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.to.write_all(bytes)?;
        self.length += bytes.len() as u64;
        self.content.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
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
        let is_part = file.read_exact(&mut magic).is_ok() && magic == *MAGIC;
        if !is_part {
            return Err(Error::malformed(
                path,
                "this is not a part of a run of jamma, or of another version of it",
                "give the .jammapart files that `jamma gk --part` or `jamma lmm --part` wrote",
            ));
        }
        let cut = || Self::damaged(path, "the file is truncated or damaged");
        let start = MAGIC.len() as u64;
        let tail = size.checked_sub(FOOT).filter(|&tail| tail >= start);
        let tail = tail.ok_or_else(cut)?;
        let mut foot = [0; FOOT as usize];
        file.seek(SeekFrom::Start(tail))
            .and_then(|_| file.read_exact(&mut foot))
            .map_err(Error::io("read", path))?;
        let (length, expected) = foot.split_at(8);
        let length = u64::from_le_bytes(length.try_into().expect("8 bytes"));
        let end = tail.checked_sub(length).filter(|&end| end >= start);
        let end = end.filter(|_| length <= LONGEST_HEADER).ok_or_else(cut)?;
        let mut bytes = vec![0; length as usize];
        file.seek(SeekFrom::Start(end))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(Error::io("read", path))?;
        if digest(&bytes).to_string().as_bytes() != expected {
            return Err(cut());
        }
        let header: PartHeader = unpack(&bytes, &path.display().to_string())?;
        let ends = header
            .sections
            .iter()
            .map(|(_, start, length, _)| start + length);
        if start + ends.max().unwrap_or(0) != end {
            return Err(cut());
        }
        Ok(Self {
            path: path.to_owned(),
            header,
        })
    }

    fn damaged(path: &Path, what: &str) -> Error {
        Error::malformed(path, what, "compute this part again")
    }

    /// The sections.
    pub fn sections(&self) -> impl Iterator<Item = Section> {
        self.header.sections.iter().map(|(section, ..)| *section)
    }

    /// The units of a group of which there is a sum.
    pub fn sums_of(&self, group: usize) -> impl Iterator<Item = usize> {
        self.sections().filter_map(move |section| match section {
            Section::Sum { group: of, unit } if of == group => Some(unit),
            _ => None,
        })
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
        let mut measured = Measured {
            length: 0,
            content: Content::default(),
            to: std::io::sink(),
        };
        let place = SeekFrom::Start(MAGIC.len() as u64 + start);
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
