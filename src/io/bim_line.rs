//! A line of a `.bim`: one SNP.

use std::path::Path;

use super::bim::Snp;
use super::layout::{Layout, Shape, check_word};
use super::suspect;
use super::text::{count, fields, parse_number, quoted};
use crate::error::{Error, Result};

/// The SNP of a line that is cut at runs of blanks and tabs.
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
        refuse_ids_with_blanks(path, text)?;
        refuse_header(path, text, cm, ps)?;
    }
    layout.check(path, line, Shape::after(text, columns, 6))?;
    snp(path, line, [chr, rs, cm, ps, allele1, allele0])
}

/// The SNP of a line of a file that is cut at every tab.
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
        refuse_header(path, text, cm, ps)?;
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
            format!("the line has {}, 6 are expected", count(n, "column")),
            text,
        ),
        "give chromosome, id, cM, position, allele1 and allele0 of each SNP",
    )
}

fn refuse_header(path: &Path, text: &str, cm: &str, ps: &str) -> Result<()> {
    let is_word = |text: &str| parse_number(suspect::unquoted(text)).is_none();
    if !is_word(cm) || !is_word(ps) {
        return Ok(());
    }
    Err(Error::malformed_line(
        path,
        1,
        format!("the first line looks like a header: {}", quoted(text)),
        "remove the header: every line is a SNP",
    ))
}

/// Fails where tabs alone give a complete line and a word in it has a blank: cut at blanks too, all columns would shift.
fn refuse_ids_with_blanks(path: &Path, text: &str) -> Result<()> {
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
    // Nearly every .bim has 0 here.
    if cm != "0" && parse_number(cm).is_none() {
        let (what, hint) = suspect::explained(
            format!(
                "column 3 (cM) of SNP {rs} is {}, a number is expected",
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
                "column 4 (position) of SNP {rs} is {}, an integer is expected",
                quoted(ps)
            ),
            ps,
            "write base pairs as an integer without exponent, such as 100000; 0 where it is unknown",
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
