//! Parses a line of a `.bim`: one SNP.

use std::path::Path;

use super::layout::{Layout, check_word};
use super::shape::Shape;
use super::snp::Snp;
use super::suspect;
use super::text::{count, fields, parse_number, quoted};
use crate::error::{Error, Result};

/// The SNP on a line that is split at runs of spaces and tabs.
#[inline]
pub(super) fn parse_line<'a>(
    path: &Path,
    layout: &Layout<false>,
    line: u64,
    text: &'a str,
) -> Result<Snp<'a>> {
    let mut columns = fields(text);
    let mut column = || columns.next();
    let (Some(chr), Some(rs), Some(cm), Some(ps), Some(allele1), Some(allele0)) =
        (column(), column(), column(), column(), column(), column())
    else {
        return Err(too_few_columns(path, line, fields(text).count(), text));
    };
    if line == 1 {
        reject_ids_with_spaces(path, text)?;
        reject_header(path, text, cm, ps)?;
    }
    layout.check(path, line, Shape::after(text, columns, 6))?;
    snp(path, line, [chr, rs, cm, ps, allele1, allele0])
}

/// The SNP on a line of a file that is split at every tab.
#[cold]
pub(super) fn parse_delimited<'a>(
    path: &Path,
    layout: &Layout<false>,
    line: u64,
    text: &'a str,
) -> Result<Snp<'a>> {
    let cells = layout.cells(text);
    let &[chr, rs, cm, ps, allele1, allele0, ..] = cells.as_slice() else {
        return Err(too_few_columns(path, line, cells.len(), text));
    };
    if line == 1 {
        reject_header(path, text, cm, ps)?;
    }
    layout.row(path, line, text)?;
    for (column, cell) in [
        ("1 (chromosome)", chr),
        ("2 (SNP id)", rs),
        ("4 (position)", ps),
        ("5 (allele1)", allele1),
        ("6 (allele0)", allele0),
    ] {
        check_word(path, line, column, cell)?;
    }
    let cm = if cm.is_empty() { "0" } else { cm };
    snp(path, line, [chr, rs, cm, ps, allele1, allele0])
}

fn too_few_columns(path: &Path, line: u64, n: usize, text: &str) -> Error {
    Error::malformed_line(
        path,
        line,
        suspect::too_few(
            format!("the line has {}, expected 6", count(n, "column")),
            text,
        ),
        "give chromosome, id, cM, position, allele1 and allele0 of each SNP",
    )
}

fn reject_header(path: &Path, text: &str, cm: &str, ps: &str) -> Result<()> {
    let is_word = |text: &str| parse_number(suspect::unquoted(text)).is_none();
    if !is_word(cm) || !is_word(ps) {
        return Ok(());
    }
    Err(Error::malformed_line(
        path,
        1,
        format!("the first line looks like a header: {}", quoted(text)),
        "remove the header line: every line must describe a SNP",
    ))
}

/// Fails if tabs alone give a complete line with a space in a cell: splitting at spaces too would shift all columns.
fn reject_ids_with_spaces(path: &Path, text: &str) -> Result<()> {
    let cells: Vec<_> = text
        .split('\t')
        .map(|cell| cell.trim_matches(' '))
        .collect();
    let &[chr, rs, cm, ps, allele1, allele0, ..] = cells.as_slice() else {
        return Ok(());
    };
    for (column, cell) in [
        ("1 (chromosome)", chr),
        ("2 (SNP id)", rs),
        ("3 (cM)", cm),
        ("4 (position)", ps),
        ("5 (allele1)", allele1),
        ("6 (allele0)", allele0),
    ] {
        if cell.contains(' ') {
            check_word(path, 1, column, cell)?;
        }
    }
    Ok(())
}

#[inline]
fn snp<'a>(path: &Path, line: u64, cells: [&'a str; 6]) -> Result<Snp<'a>> {
    let [chr, rs, cm, ps, allele1, allele0] = cells;
    // The cM column is 0 in nearly every .bim.
    if cm != "0" && parse_number(cm).is_none() {
        let (what, hint) = suspect::explained(
            format!(
                "column 3 (cM) of SNP {rs} is {}, expected a number",
                quoted(cm)
            ),
            cm,
            "write 0 for an unknown genetic distance",
        );
        return Err(Error::malformed_line(path, line, what, hint));
    }
    let ps = ps.parse().map_err(|_| {
        let (what, hint) = suspect::explained(
            format!(
                "column 4 (position) of SNP {rs} is {}, expected an integer",
                quoted(ps)
            ),
            ps,
            "write base pairs as an integer without exponent, such as 100000, or 0 if the position is unknown",
        );
        Error::malformed_line(path, line, what, hint)
    })?;
    Ok(Snp {
        chr,
        rs,
        ps,
        allele1,
        allele0,
    })
}
