//! All parts of a run, from their files.

use super::elsewhere::{Elsewhere, Outline};
use super::file::{PartFile, Section};
use super::identity::Identity;
use super::kinship::{ALL_UNITS, KinshipPart, added};
use super::tests_of_snps::TestPart;
use super::unit::UnitPart;
use crate::error::{Error, Result};
use crate::io::id_columns::named;
use crate::io::text::count;
use crate::kinship::StoredSum;
use crate::progress::Observer;
use std::path::PathBuf;

/// The files of all parts of a run, in the order of the parts.
#[derive(Debug)]
pub struct PartFiles {
    files: Vec<PartFile>,
    /// The next file whose tests are read.
    next: usize,
}

impl PartFiles {
    /// Opens the files at `paths`, in any order.
    ///
    /// Fails if a file is damaged, if two are the same part, if a part is missing, or if they are of different runs.
    pub fn open(paths: &[PathBuf]) -> Result<Self> {
        let mut files: Vec<PartFile> = Vec::new();
        for path in paths {
            files.push(PartFile::open(path)?);
        }
        files.sort_by_key(|file| file.header.part.number);
        let Some(first) = files.first() else {
            return Err(Error::option(
                "--merge",
                "there are no parts",
                "name the .jammapart files of a run",
            ));
        };
        for other in &files[1..] {
            check_is_of_run(first, other)?;
        }
        for two in files.windows(2) {
            if two[0].header.part.number == two[1].header.part.number {
                return Err(Error::inconsistent(
                    format!(
                        "{} and {} are the same part, {}",
                        two[0].path.display(),
                        two[1].path.display(),
                        two[0].header.part
                    ),
                    "name each part once",
                ));
            }
        }
        let of = first.header.part.of;
        let is_there = |number: usize| files.iter().any(|file| file.header.part.number == number);
        let missing = (1..=of).filter(|&number| !is_there(number));
        let missing: Vec<String> = missing.map(|number| format!("{number}/{of}")).collect();
        if !missing.is_empty() {
            return Err(Error::inconsistent(
                format!(
                    "{} {} missing: {}",
                    count(missing.len(), "part"),
                    if missing.len() == 1 { "is" } else { "are" },
                    named(&missing)
                ),
                "compute them with --part and the same options, and merge all parts",
            ));
        }
        Ok(Self { files, next: 0 })
    }

    /// The files, in the order of the parts.
    #[must_use]
    pub fn files(&self) -> &[PartFile] {
        &self.files
    }
}

/// Fails if two files are of different runs.
fn check_is_of_run(first: &PartFile, other: &PartFile) -> Result<()> {
    let (a, b) = (&first.header, &other.header);
    let kind = |is_kinship| if is_kinship { "a kinship" } else { "tests" }.to_owned();
    let difference = if a.is_kinship != b.is_kinship {
        let what = "the kind of the parts".to_owned();
        Some([what, kind(a.is_kinship), kind(b.is_kinship)])
    } else if a.part.of != b.part.of {
        let what = "the number of parts".to_owned();
        Some([what, a.part.of.to_string(), b.part.of.to_string()])
    } else {
        a.identity.difference(&b.identity)
    };
    match difference {
        None => Ok(()),
        Some([what, of_first, of_other]) => Err(Error::inconsistent(
            format!(
                "{} and {} are parts of different runs: {what} is {of_first} in the first and {of_other} in the second",
                first.path.display(),
                other.path.display(),
            ),
            "merge parts that were computed with the same options, inputs and version of jamma",
        )),
    }
}

impl Elsewhere for PartFiles {
    fn begin(&mut self, run: &Outline, identity: &Identity) -> Result<()> {
        let first = &self.files[0];
        if first.header.is_kinship == run.is_kinship {
            return match first.header.identity.difference(identity) {
                None => Ok(()),
                Some([what, of_parts, now]) => Err(Error::inconsistent(
                    format!(
                        "{}: the parts are of another run than this one: {what} was {of_parts}, and is {now} now",
                        first.path.display()
                    ),
                    "give the inputs of the parts, unchanged, or compute the parts again",
                )),
            };
        }
        let (what, cure) = if run.is_kinship {
            (
                "tests of SNPs, not of a kinship",
                "merge them with `jamma merge`",
            )
        } else {
            (
                "a kinship, not of tests",
                "merge them with `jamma gk --merge`",
            )
        };
        Err(Error::inconsistent(
            format!("{}: this is a part of {what}", first.path.display()),
            cure,
        ))
    }

    fn kinship(&mut self, group: usize) -> Result<KinshipPart> {
        let mut total: Option<KinshipPart> = None;
        let mut sum: Option<StoredSum> = None;
        for file in &self.files {
            let part: KinshipPart = section(file, Section::Kinship { group })?;
            match &mut total {
                None => total = Some(part),
                Some(total) => total.merge(part)?,
            }
            for unit in file.sums_of(group) {
                sum = Some(added(sum, section(file, Section::Sum { group, unit })?)?);
            }
        }
        let mut total = total.expect("there is at least one part");
        total.sums.extend(sum.map(|sum| (ALL_UNITS, sum)));
        Ok(total)
    }

    fn chromosome(&mut self, group: usize, unit: usize) -> Result<Option<StoredSum>> {
        let mut sum: Option<StoredSum> = None;
        for file in &self.files {
            if let Some(more) = file.read(Section::Sum { group, unit })? {
                sum = Some(added(sum, more)?);
            }
        }
        Ok(sum)
    }

    fn unit(&mut self, group: usize, unit: usize, _: &dyn Observer) -> Result<UnitPart> {
        self.next = 0;
        let wanted = Section::Unit { group, unit };
        let mut known: Option<(UnitPart, &PartFile)> = None;
        for file in &self.files {
            let Some(part) = file.read::<UnitPart>(wanted)? else {
                continue;
            };
            known = Some(match known {
                None => (part, file),
                Some((first, of)) => {
                    // The file of the part that is kept.
                    let of_kept = if first.is_idle() && !part.is_idle() {
                        file
                    } else {
                        of
                    };
                    let are_alike = of.header.instructions == file.header.instructions;
                    let agreed = first.agreed(part, are_alike).ok_or_else(|| {
                        Error::inconsistent(
                            format!(
                                "the null models of {} and {} differ, although their inputs are the same",
                                of.path.display(),
                                file.path.display(),
                            ),
                            "compute both parts again, on processors of one kind",
                        )
                    })?;
                    (agreed, of_kept)
                }
            });
        }
        let (part, _) = known.ok_or_else(|| {
            Error::inconsistent(
                "no part has the null models of a kinship of this run",
                "compute the parts again with this version of jamma",
            )
        })?;
        Ok(part)
    }

    fn tests(&mut self, group: usize, unit: usize) -> Result<Option<TestPart>> {
        while let Some(file) = self.files.get(self.next) {
            self.next += 1;
            if let Some(part) = file.read(Section::Tests { group, unit })? {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }
}

fn section<T: serde::de::DeserializeOwned>(file: &PartFile, wanted: Section) -> Result<T> {
    file.read(wanted)?.ok_or_else(|| {
        Error::malformed(
            &file.path,
            "this part has no results of a group of traits of this run",
            "compute this part again",
        )
    })
}
