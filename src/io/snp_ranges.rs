//! Files that choose SNPs (`--extract`, `--exclude`): a list of ids, or ranges of positions.

use std::collections::HashSet;
use std::path::Path;

use super::layout::{Split, TextFile};
use super::snp_list::read_snp_list_of;
use super::text::{fields, quoted};
use crate::error::{Error, Result};

/// Positions on a chromosome, counted from 1, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnpRange {
    /// The chromosome.
    pub chr: Box<str>,
    /// The first position.
    pub first: i64,
    /// The last position; below `first` if there is none.
    pub last: i64,
}

/// The convention for the positions of ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeFormat {
    /// BED: counted from 0, the end is excluded.
    Bed,
    /// PLINK: counted from 1, the end is included.
    Plink,
}

/// What a file chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChosenSnps {
    /// SNPs by id.
    Ids(HashSet<Box<str>>),
    /// Ranges, and how their positions were counted in the file.
    Ranges(Vec<SnpRange>, RangeFormat),
}

const HINT: &str = "write chromosome, start and end of each range, separated by tabs or spaces; or one SNP id per line";

/// Reads a file of SNP ids or of ranges, plain or gzipped.
///
/// It is a file of ranges if whole numbers are in columns 2 and 3 of its first line after comments (`#`) and the lines
/// `track` and `browser` of BED files; else a list of ids. Ranges are those of BED if the file has such a line or its
/// name ends in `.bed` or `.bed.gz`, and of PLINK otherwise. Columns after the third are ignored. Fails on a line of
/// another form, an end before the start, and a file without ids or ranges.
pub fn read_chosen_snps(path: &Path) -> Result<ChosenSnps> {
    let file = TextFile::open(path)?;
    let mut format = if has_bed_name(path) {
        RangeFormat::Bed
    } else {
        RangeFormat::Plink
    };
    let mut lines = file.lines(Split::<false>::Runs)?;
    let mut ranges: Vec<SnpRange> = Vec::new();
    while let Some((line, text)) = lines.next_line()? {
        let first = fields(text).next().unwrap_or_default();
        if ["track", "browser"].contains(&first) {
            format = RangeFormat::Bed;
            continue;
        }
        if first.starts_with('#') || (ranges.is_empty() && is_header(text)) {
            continue;
        }
        match range(text) {
            Some(range) => {
                if range.last < range.first {
                    return Err(Error::malformed_line(
                        path,
                        line,
                        format!(
                            "the range ends at {}, before its start {}",
                            range.last, range.first
                        ),
                        HINT,
                    ));
                }
                ranges.push(range);
            }
            None if ranges.is_empty() && format == RangeFormat::Plink => {
                return read_snp_list_of(&file).map(ChosenSnps::Ids);
            }
            None => {
                return Err(Error::malformed_line(
                    path,
                    line,
                    format!("the line is not a range: {}", quoted(text)),
                    HINT,
                ));
            }
        }
    }
    if ranges.is_empty() {
        return Err(Error::malformed(path, "the file lists no SNPs", HINT));
    }
    if format == RangeFormat::Bed {
        // Positions from 1 instead of 0; the excluded end is then the last position.
        ranges.iter_mut().for_each(|range| range.first += 1);
    }
    Ok(ChosenSnps::Ranges(ranges, format))
}

/// The range that a line starts with.
fn range(text: &str) -> Option<SnpRange> {
    let mut fields = fields(text);
    let chr = fields.next()?;
    let mut position = || i64::try_from(fields.next()?.parse::<u64>().ok()?).ok();
    Some(SnpRange {
        chr: chr.into(),
        first: position()?,
        last: position()?,
    })
}

/// Whether a line names the columns of ranges.
fn is_header(text: &str) -> bool {
    let names = [
        "start",
        "chromstart",
        "chrom_start",
        "from",
        "from_bp",
        "bp1",
        "begin",
    ];
    let second = fields(text).nth(1).unwrap_or_default();
    names.iter().any(|name| second.eq_ignore_ascii_case(name))
}

fn has_bed_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    [".bed", ".bed.gz", ".bed.bgz"]
        .iter()
        .any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, gzip};
    use super::*;

    fn read(name: &str, content: impl AsRef<[u8]>) -> Result<ChosenSnps> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        read_chosen_snps(&path)
    }

    fn ranges(found: ChosenSnps) -> (Vec<(String, i64, i64)>, RangeFormat) {
        let ChosenSnps::Ranges(ranges, format) = found else {
            panic!("{found:?}")
        };
        let ranges = ranges.into_iter();
        let ranges = ranges.map(|range| (range.chr.into(), range.first, range.last));
        (ranges.collect(), format)
    }

    #[test]
    fn the_content_tells_ids_from_ranges() {
        let text = "1 10 20 gene\nchrX\t5\t5\n";
        let both = |first| {
            let last = 5;
            vec![
                ("1".to_owned(), first, 20),
                ("chrX".to_owned(), last - 10 + first, last),
            ]
        };
        for content in [
            text.to_owned(),
            format!("# a comment\n{text}"),
            format!("CHR START END NAME\n{text}"),
            text.replace('\n', "\r\n"),
        ] {
            let found = ranges(read("genes.txt", &content).unwrap());
            assert_eq!(found, (both(10), RangeFormat::Plink));
            for (name, content) in [
                ("genes.bed", content.clone().into_bytes()),
                ("genes.BED.gz", gzip(&content)),
                ("x", format!("track name=x\n{content}").into_bytes()),
            ] {
                let found = ranges(read(name, content).unwrap());
                assert_eq!(found, (both(11), RangeFormat::Bed));
            }
        }
        for content in ["rs1\nrs2\n", "rs1 1 x\nrs2 2 y\n", "rs1\t3\nrs2\t4\n"] {
            let ids = ["rs1", "rs2"].map(Box::<str>::from).into();
            assert_eq!(read("l.txt", content).unwrap(), ChosenSnps::Ids(ids));
        }
    }

    #[test]
    fn malformed_ranges_are_named() {
        assert_fails(
            read("r", "1 2 3\n1 x 9\n"),
            &[":2: the line is not a range", "1 x 9"],
        );
        assert_fails(
            read("r", "1 2 3\n1 9 8\n"),
            &[":2: the range ends at 8, before its start 9"],
        );
        assert_fails(read("r.bed", "rs1\n"), &[":1: the line is not a range"]);
        assert_fails(read("r", ""), &["lists no SNP"]);
        assert_fails(read("r.bed", "# only\n"), &["lists no SNP"]);
        assert_fails(read("r", "track x\n"), &["lists no SNP"]);
    }
}
