//! Maps of SNPs (`--snp-map`): chromosome, position and alleles by id, in a table with a header.

use std::collections::HashMap;
use std::path::Path;

use super::super::text::{Lines, quoted};
use super::cells::Delimiter;
use super::header::SnpColumn::{self, Allele0, Allele1, Chromosome, Id, Position};
use super::header::snp_column;
use super::value::check_width;
use crate::error::{Error, Result};

/// An allele that is not known.
pub(crate) const NO_ALLELE: &str = "NA";
/// The chromosome of a SNP without one.
pub(crate) const NO_CHROMOSOME: &str = "-9";
/// The position of a SNP without one.
pub(crate) const NO_POSITION: i64 = -9;

/// What is known about a SNP beside its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) chr: Box<str>,
    pub(crate) ps: i64,
    pub(crate) allele1: Box<str>,
    pub(crate) allele0: Box<str>,
}

impl Default for Place {
    /// Nothing.
    fn default() -> Self {
        Self {
            chr: NO_CHROMOSOME.into(),
            ps: NO_POSITION,
            allele1: NO_ALLELE.into(),
            allele0: NO_ALLELE.into(),
        }
    }
}

impl Place {
    /// Sets a property from its cell, in which empty and `NA` mean unknown. Fails on a position that is not an integer.
    pub(crate) fn set(
        &mut self,
        column: SnpColumn,
        cell: &str,
        (path, line, rs): (&Path, u64, &str),
    ) -> Result<()> {
        if cell.is_empty() || cell == "NA" {
            return Ok(());
        }
        match column {
            SnpColumn::Chromosome => self.chr = cell.into(),
            SnpColumn::Allele1 => self.allele1 = cell.into(),
            SnpColumn::Allele0 => self.allele0 = cell.into(),
            SnpColumn::Position => {
                self.ps = cell.parse().map_err(|_| {
                    Error::malformed_line(
                        path,
                        line,
                        format!(
                            "the position of SNP {rs} is {}, expected an integer or NA",
                            quoted(cell)
                        ),
                        "write positions in base pairs as whole numbers",
                    )
                })?;
            }
            SnpColumn::Id | SnpColumn::Other => {}
        }
        Ok(())
    }
}

/// The SNPs of a map by their ids.
#[derive(Debug, Default)]
pub(crate) struct SnpMap(HashMap<Box<str>, Place>);

impl SnpMap {
    /// The SNP `id`; `None` if the map does not list it.
    pub(crate) fn get(&self, id: &str) -> Option<&Place> {
        self.0.get(id)
    }

    /// Reads the table at `path`: a column of ids and at least one of chromosome, position, allele1 and allele0, by
    /// name; other columns are ignored.
    ///
    /// Fails on a header without these columns, rows of another width, a position that is not an integer, and a SNP
    /// with two different rows.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut map = Self::default();
        let mut table: Option<(Delimiter, Vec<SnpColumn>, usize)> = None;
        while let Some((line, text)) = lines.next_line()? {
            let Some((delimiter, columns, id)) = &table else {
                table = Some(header(path, text)?);
                continue;
            };
            let cells = delimiter.cells(text);
            check_width(path, line, cells.len(), columns.len())?;
            let (rs, mut place) = (cells[*id], Place::default());
            for (&column, cell) in columns.iter().zip(&cells) {
                place.set(column, cell, (path, line, rs))?;
            }
            match map.0.get(rs) {
                None => drop(map.0.insert(rs.into(), place)),
                Some(known) if *known == place => {}
                Some(_) => {
                    return Err(Error::malformed_line(
                        path,
                        line,
                        format!(
                            "SNP {rs} has another chromosome, position or allele on an earlier line"
                        ),
                        "keep one line for each SNP",
                    ));
                }
            }
        }
        if map.0.is_empty() {
            return Err(Error::malformed(
                path,
                "the file lists no SNPs",
                "give a header and one line for each SNP",
            ));
        }
        Ok(map)
    }
}

/// The delimiter, the columns, and the column of ids.
fn header(path: &Path, text: &str) -> Result<(Delimiter, Vec<SnpColumn>, usize)> {
    let delimiter = Delimiter::of(text);
    let names = delimiter.cells(text);
    let names: Vec<String> = (names.iter())
        .map(|name| name.trim_start_matches('#').to_ascii_lowercase())
        .collect();
    let columns: Vec<SnpColumn> = (names.iter())
        .map(|name| snp_column(name, names.iter().any(|name| name == "counted")))
        .map(|column| column.unwrap_or(SnpColumn::Other))
        .collect();
    let id = columns.iter().position(|&column| column == SnpColumn::Id);
    let n_of = |column| columns.iter().filter(|&&other| other == column).count();
    let has_others = [Chromosome, Position, Allele1, Allele0]
        .iter()
        .any(|&column| n_of(column) > 0);
    let is_twice = [Id, Chromosome, Position, Allele1, Allele0]
        .iter()
        .any(|&column| n_of(column) > 1);
    match id {
        Some(id) if has_others && !is_twice => Ok((delimiter, columns, id)),
        _ => Err(Error::malformed_line(
            path,
            1,
            format!(
                "the header, {}, {}",
                quoted(text),
                if is_twice {
                    "names a property of SNPs twice"
                } else {
                    "does not name a column of SNP ids and one of chromosomes, positions or alleles"
                }
            ),
            "name the columns id, chr, pos and, if known, allele1 and allele0",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file};
    use super::*;

    fn read(text: &str) -> Result<SnpMap> {
        SnpMap::read(file(text).path())
    }

    #[test]
    fn columns_are_found_by_name() {
        for text in [
            "SNP,Chromosome,Position\nrs1,1,500\nrs2,NA,\nrs1,1,500\n",
            "x pos id chr\n7 500 rs1 1\n7 NA rs2 NA\n",
        ] {
            let map = read(text).unwrap();
            let one = map.get("rs1").unwrap();
            assert_eq!((&*one.chr, one.ps, &*one.allele1), ("1", 500, "NA"));
            assert_eq!(map.get("rs2"), Some(&Place::default()));
            assert_eq!(map.get("rs3"), None);
        }
        let map = read("chrom\tpos\tid\tref\talt\n1\t5\tv\tA\tG\n").unwrap();
        let snp = map.get("v").unwrap();
        assert_eq!((&*snp.allele1, &*snp.allele0), ("G", "A"));
    }

    #[test]
    fn what_is_no_map_is_an_error() {
        for (text, parts) in [
            ("", ["lists no SNPs", "a header"]),
            ("id chr pos\n", ["lists no SNPs", "a header"]),
            ("rs1 1 500\n", [":1: the header", "name the columns"]),
            (
                "id id chr\n",
                ["names a property of SNPs twice", "name the columns"],
            ),
            (
                "id chr pos\nrs1 1\n",
                [":2: the row has 2 cells", "header has 3"],
            ),
            (
                "id pos\nrs1 1e6\n",
                [":2: the position of SNP rs1 is \"1e6\"", "whole numbers"],
            ),
            (
                "id pos\nrs1 1\nrs1 2\n",
                [":3: SNP rs1 has another", "one line"],
            ),
        ] {
            assert_fails(read(text), &parts);
        }
    }
}
