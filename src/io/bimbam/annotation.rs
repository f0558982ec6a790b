//! The annotation of BIMBAM genotypes (`-a`): id, position, chromosome and perhaps cM of each SNP, without a header.

use std::collections::HashMap;
use std::path::Path;

use super::super::fields::has_repeated_delimiter;
use super::super::text::{Lines, count, quoted, table_fields};
use crate::error::{Error, Result};

/// The chromosome of a SNP without one, as GEMMA prints it.
pub(crate) const NO_CHROMOSOME: &str = "-9";
/// The position of a SNP without one, as GEMMA prints it.
pub(crate) const NO_POSITION: i64 = -9;

const HINT: &str = "give the id, position and chromosome of each SNP, without a header, separated by commas, spaces or tabs; NA if unknown";

/// Chromosome and position of SNPs by their ids.
#[derive(Debug, Default)]
pub(crate) struct Annotation {
    chromosomes: Vec<Box<str>>,
    /// The index of the chromosome, and the position.
    snps: HashMap<Box<str>, (u32, i64)>,
}

impl Annotation {
    /// The chromosome and position of the SNP `id`; `None` if it is not in the file.
    pub(crate) fn get(&self, id: &str) -> Option<(&str, i64)> {
        let &(chr, ps) = self.snps.get(id)?;
        Some((&self.chromosomes[chr as usize], ps))
    }

    /// Reads the file at `path`.
    ///
    /// `NA` is an unknown position or chromosome. Fails on a line with fewer than two or more than four columns, an
    /// empty cell, a position that is not an integer, a SNP with two different lines, and an empty file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut all = Self::default();
        let mut indices: HashMap<Box<str>, u32> = HashMap::new();
        let mut swapped = Swapped::default();
        while let Some((line, text)) = lines.next_line()? {
            let (id, ps, chr) = parse(path, line, text)?;
            swapped.add(ps, chr);
            let chr = indices.get(chr).copied().unwrap_or_else(|| {
                let index = u32::try_from(all.chromosomes.len()).expect("fewer than 2^32 names");
                all.chromosomes.push(chr.into());
                indices.insert(chr.into(), index);
                index
            });
            match all.snps.get(id) {
                None => drop(all.snps.insert(id.into(), (chr, ps))),
                Some(known) if *known == (chr, ps) => {}
                Some(&(other, other_ps)) => {
                    return Err(Error::malformed_line(
                        path,
                        line,
                        format!(
                            "SNP {id} is at {}:{ps}, but at {}:{other_ps} on an earlier line",
                            all.chromosomes[chr as usize], all.chromosomes[other as usize]
                        ),
                        "keep one line for each SNP; GEMMA uses the last one",
                    ));
                }
            }
        }
        if all.snps.is_empty() {
            return Err(Error::malformed(path, "the file lists no SNPs", HINT));
        }
        swapped.reject(path)?;
        Ok(all)
    }
}

/// The id, position and chromosome on a line.
fn parse<'a>(path: &Path, line: u64, text: &'a str) -> Result<(&'a str, i64, &'a str)> {
    let mut fields = table_fields(text);
    let cells: Vec<&str> = fields.by_ref().collect();
    let (start, end) = (text.trim_start_matches(' '), fields.rest());
    if fields.has_empty()
        || start.starts_with([',', '\t'])
        || has_repeated_delimiter(end.as_bytes())
    {
        return Err(Error::malformed_line(
            path,
            line,
            "the line has an empty cell",
            HINT,
        ));
    }
    let (id, ps, chr) = match cells.as_slice() {
        [id, ps] => (*id, *ps, "NA"),
        [id, ps, chr] | [id, ps, chr, _] => (*id, *ps, *chr),
        _ => {
            let n = count(cells.len(), "column");
            let what = format!("the line has {n}, expected 3 or 4");
            return Err(Error::malformed_line(path, line, what, HINT));
        }
    };
    let position = match ps {
        "NA" => Some(NO_POSITION),
        _ => ps.parse().ok(),
    };
    let Some(position) = position else {
        return Err(Error::malformed_line(
            path,
            line,
            format!(
                "column 2 (position) of SNP {id} is {}, expected an integer or NA",
                quoted(ps)
            ),
            HINT,
        ));
    };
    Ok((id, position, if chr == "NA" { NO_CHROMOSOME } else { chr }))
}

/// Detects the order id, chromosome, position.
#[derive(Default)]
struct Swapped {
    n_snps: usize,
    /// SNPs whose position is at most 99, and whose chromosome is a larger integer.
    n_swapped: usize,
}

impl Swapped {
    fn add(&mut self, ps: i64, chr: &str) {
        self.n_snps += 1;
        self.n_swapped += usize::from(ps <= 99 && chr.parse::<u64>().is_ok_and(|chr| chr > 99));
    }

    fn reject(&self, path: &Path) -> Result<()> {
        if 10 * self.n_swapped < 9 * self.n_snps {
            return Ok(());
        }
        Err(Error::malformed(
            path,
            "columns 2 and 3 look like chromosome and position, expected position and chromosome",
            "give the columns in the order id, position, chromosome: awk '{print $1, $3, $2}' OLD > NEW",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    fn read(content: impl AsRef<[u8]>) -> Result<Annotation> {
        Annotation::read(file(content).path())
    }

    #[test]
    fn places_are_found_by_id() {
        let text = "rs1, 1200, 1, 0.5\nrs2\t0\tchrX\nrs3 NA NA\nrs4 7\nrs1 1200 1\n";
        for content in [
            text.as_bytes().to_vec(),
            text.replace('\n', "\r\n").into_bytes(),
            gzip(text),
        ] {
            let all = read(content).unwrap();
            assert_eq!(all.get("rs1"), Some(("1", 1200)));
            assert_eq!(all.get("rs2"), Some(("chrX", 0)));
            assert_eq!(all.get("rs3"), Some(("-9", -9)));
            assert_eq!(all.get("rs4"), Some(("-9", 7)));
            assert_eq!(all.get("rs5"), None);
        }
    }

    #[test]
    fn what_is_no_annotation_is_an_error() {
        for (text, parts) in [
            ("", ["lists no SNPs", "id, position and chromosome"]),
            ("rs1 5 1\nrs2\n", [":2: the line has 1 column", "3 or 4"]),
            ("rs1 5 1 0 x\n", [":1: the line has 5 columns", "3 or 4"]),
            (
                "id pos chr\n",
                [
                    ":1: column 2 (position) of SNP id is \"pos\"",
                    "without a header",
                ],
            ),
            ("rs1 1e5 1\n", ["is \"1e5\"", "an integer"]),
            (
                "rs1,,1\n",
                [":1: the line has an empty cell", "NA if unknown"],
            ),
            (
                "rs1 5 1\nrs2 6 1\nrs1 5 2\n",
                [":3: SNP rs1 is at 2:5, but at 1:5", "keep one line"],
            ),
            (
                "rs1 1 1200\nrs2 1 1300\n",
                ["look like chromosome and position", "awk"],
            ),
        ] {
            assert_fails(read(text), &parts);
        }
    }
}
