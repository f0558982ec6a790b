//! The columns of a line of VCF.

use super::fault::{DAMAGED, Fault};
use crate::io::text::quoted;
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// Where a record is and which alleles it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site<'a> {
    /// CHROM.
    pub(crate) chr: &'a str,
    /// POS, from 1 on.
    pub(crate) ps: i64,
    /// ID; `.` if there is none.
    pub(crate) id: &'a str,
    /// REF.
    pub(crate) reference: &'a str,
    /// All ALT alleles, separated by commas; `.` if there is none.
    pub(crate) alt: Cow<'a, str>,
    /// Number of ALT alleles.
    pub(super) n_alt: usize,
}

impl Site<'_> {
    /// Fails if there are several ALT alleles.
    pub(super) fn check_biallelic(&self) -> Result<(), Fault> {
        if self.n_alt < 2 {
            return Ok(());
        }
        Err(Fault::new(
            format!(
                "ALT has {} alleles, but GP is read for SNPs of one ALT allele",
                self.n_alt
            ),
            "remove the record (bcftools view -M 2), or use --dosage DS",
        ))
    }
}

/// A line about a SNP.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) site: Site<'a>,
    /// FORMAT: the fields of a genotype, separated by colons.
    pub(super) format: &'a str,
    /// The genotypes, separated by tabs; `None` if the line ends after FORMAT.
    pub(super) genotypes: Option<&'a [u8]>,
}

impl<'a> Line<'a> {
    /// Splits a line without its end.
    ///
    /// Fails if it has no column FORMAT, an empty column before it, or a position that is not a number.
    pub(super) fn of(line: &'a [u8]) -> Result<Self, Fault> {
        if line.starts_with(b"#") {
            return Err(Fault::new(
                "a header line is among the records: two files seem to be joined",
                "join VCF files with bcftools concat",
            ));
        }
        let mut tabs = memchr_iter(b'\t', line);
        let (mut columns, mut start) = ([""; 9], 0);
        for (i, column) in columns.iter_mut().enumerate() {
            let end = tabs.next();
            if end.is_none() && i < 8 {
                return Err(Fault::new(
                    format!("the line has {} columns, expected at least 9", i + 1),
                    DAMAGED,
                ));
            }
            let text = &line[start..end.unwrap_or(line.len())];
            *column = std::str::from_utf8(text)
                .map_err(|_| Fault::new(format!("column {} is not UTF-8", i + 1), DAMAGED))?;
            // QUAL, FILTER and INFO are not read.
            if column.is_empty() && !(5..8).contains(&i) {
                return Err(Fault::new(format!("column {} is empty", i + 1), DAMAGED));
            }
            start = end.map_or(line.len() + 1, |end| end + 1);
        }
        let [chr, ps, id, reference, alt, .., format] = columns;
        let is_position = ps.bytes().all(|byte| byte.is_ascii_digit());
        let Some(ps) = ps.parse::<i32>().ok().filter(|_| is_position) else {
            return Err(Fault::new(
                format!("POS is {}, expected a whole number below 2^31", quoted(ps)),
                DAMAGED,
            ));
        };
        let n_alt = match alt {
            "." => 0,
            alt => 1 + memchr_iter(b',', alt.as_bytes()).count(),
        };
        Ok(Self {
            site: Site {
                chr,
                ps: ps.into(),
                id,
                reference,
                alt: alt.into(),
                n_alt,
            },
            format,
            genotypes: line.get(start..),
        })
    }

    /// The index of a field in FORMAT.
    pub(super) fn index_of(&self, field: &str) -> Option<usize> {
        self.format.split(':').position(|name| name == field)
    }

    /// The index of a field in FORMAT; fails if it is absent.
    pub(super) fn require(&self, field: &str) -> Result<usize, Fault> {
        self.index_of(field).ok_or_else(|| {
            let found: Vec<&str> = self.format.split(':').filter(|name| *name != ".").collect();
            Fault::without(field, &found)
        })
    }

    /// Calls `call` with the row and the genotype of each of `n` individuals. Fails if there are more or fewer.
    pub(super) fn for_each(
        &self,
        n: usize,
        mut call: impl FnMut(usize, &'a [u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut rest = self.genotypes;
        for row in 0..n {
            let Some(cell) = next_cell(&mut rest) else {
                return Err(Fault::columns(row, n));
            };
            call(row, cell)?;
        }
        check_end(rest, n)
    }
}

/// Takes the text up to the next tab from `rest`, which is `None` after the last one.
#[inline]
pub(super) fn next_cell<'a>(rest: &mut Option<&'a [u8]>) -> Option<&'a [u8]> {
    let text = (*rest)?;
    // Short cells: a search costs more than the four bytes.
    let end = match text.get(3) {
        Some(b'\t') if !text[..3].contains(&b'\t') => Some(3),
        _ => memchr(b'\t', text),
    };
    let (cell, after) = match end {
        Some(end) => (&text[..end], Some(&text[end + 1..])),
        None => (text, None),
    };
    *rest = after;
    Some(cell)
}

/// Fails if there are genotypes after the last individual.
pub(super) fn check_end(rest: Option<&[u8]>, n: usize) -> Result<(), Fault> {
    match rest {
        None => Ok(()),
        Some(rest) => Err(Fault::columns(n + 1 + memchr_iter(b'\t', rest).count(), n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_kept_as_they_are() {
        let line = Line::of(b"chrX\t2147483647\t.\tA\tC,<DEL>,*\t\t\tA=1\tGT:DS\t0/1\t.").unwrap();
        let site = &line.site;
        assert_eq!((site.chr, site.ps, site.id), ("chrX", 2_147_483_647, "."));
        assert_eq!(
            (site.reference, &*site.alt, site.n_alt),
            ("A", "C,<DEL>,*", 3)
        );
        assert_eq!([line.index_of("DS"), line.index_of("GP")], [Some(1), None]);
        let mut cells = Vec::new();
        line.for_each(2, |row, cell| {
            cells.push((row, cell));
            Ok(())
        })
        .unwrap();
        assert_eq!(cells, [(0, &b"0/1"[..]), (1, b".")]);
        assert_eq!(line.for_each(1, |_, _| Ok(())), Err(Fault::columns(2, 1)));
        assert_eq!(line.for_each(3, |_, _| Ok(())), Err(Fault::columns(2, 3)));
        let monomorphic = Line::of(b"1\t0\tr\tA\t.\t.\t.\t.\tGT").unwrap();
        assert_eq!(monomorphic.site.n_alt, 0);
        assert_eq!(
            monomorphic.for_each(1, |_, _| Ok(())),
            Err(Fault::columns(0, 1))
        );
    }

    #[test]
    fn lines_that_are_not_records_are_errors() {
        for (line, message) in [
            (&b"##contig"[..], "a header line is among the records"),
            (b"1\t2\t3", "the line has 3 columns"),
            (b"1\t2\t.\tA\tC\t.\t.\t.", "the line has 8 columns"),
            (b"1\t-2\t.\tA\tC\t.\t.\t.\tGT\t.", "POS is \"-2\""),
            (b"1\t+2\t.\tA\tC\t.\t.\t.\tGT\t.", "POS is \"+2\""),
            (b"1\t2147483648\t.\tA\tC\t.\t.\t.\tGT\t.", "POS is"),
            (b"1\t2\t\tA\tC\t.\t.\t.\tGT\t.", "column 3 is empty"),
            (b"1\t2\t\xff\tA\tC\t.\t.\t.\tGT\t.", "column 3 is not UTF-8"),
        ] {
            let text = Line::of(line).unwrap_err().message(|_| "");
            assert!(text.contains(message), "{text}");
        }
    }
}
