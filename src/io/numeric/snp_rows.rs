//! A row of a numeric matrix that is a SNP.

use std::path::Path;

use super::super::suspect::unquoted;
use super::header::{Header, SnpColumn};
use super::snp_map::Place;
use super::value::{Scale, check_width};
use crate::error::{Error, Result};

/// Parses a row: fills `values` with a value for each individual, NaN if it is missing, and returns the id and the place
/// of the SNP.
///
/// * `columns`: the first columns of the matrix
///
/// Fails if the number of cells differs from the header, or if a cell is no value of `scale`.
pub(crate) fn parse<'a>(
    (path, line, text): (&Path, u64, &'a str),
    header: &Header,
    columns: &[SnpColumn],
    scale: Scale,
    values: &mut [f64],
) -> Result<(&'a str, Place)> {
    let mut rest = Some(text.as_bytes());
    let width = columns.len() + header.names.len();
    let other_width = || check_width(path, line, header.delimiter.cells(text).len(), width);
    let mut cells = Vec::with_capacity(columns.len());
    for _ in columns {
        let Some(cell) = header.delimiter.next(&mut rest) else {
            other_width()?;
            continue;
        };
        let cell = std::str::from_utf8(cell).unwrap_or_default();
        cells.push(unquoted(cell.trim()));
    }
    let id = columns.iter().position(|&column| column == SnpColumn::Id);
    let rs = id.and_then(|id| cells.get(id).copied()).unwrap_or_default();
    if rs.is_empty() {
        let hint = "give each SNP an id in the column of that name";
        return Err(Error::malformed_line(
            path,
            line,
            "the row has no SNP id",
            hint,
        ));
    }
    let mut place = Place::default();
    for (&column, cell) in columns.iter().zip(cells) {
        place.set(column, cell, (path, line, rs))?;
    }
    for (i, value) in values.iter_mut().enumerate() {
        let Some(cell) = header.delimiter.next(&mut rest) else {
            other_width()?;
            continue;
        };
        let Some(parsed) = scale.value(cell) else {
            other_width()?;
            let cell = String::from_utf8_lossy(cell);
            return Err(scale.error(path, line, &header.names[i], rs, &cell));
        };
        *value = parsed;
    }
    if header.delimiter.next(&mut rest).is_some() {
        other_width()?;
    }
    Ok((rs, place))
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file};
    use super::*;

    fn parsed(header: &str, row: &str) -> Result<(String, Place, Vec<f64>)> {
        let header = Header::read(file(header).path(), None).unwrap();
        let super::super::header::Rows::Snps { columns } = &header.rows else {
            panic!("rows are SNPs")
        };
        let mut values = vec![9.0; header.names.len()];
        let at = (Path::new("m.csv"), 5, row);
        let (rs, place) = parse(at, &header, columns, Scale::Ploidy(2), &mut values)?;
        Ok((rs.to_owned(), place, values))
    }

    #[test]
    fn a_row_has_an_id_a_place_and_values() {
        for (header, row) in [
            ("rs,chr,pos,alt,i1,i2,i3\n", "rs1,2,77,T,0,,1.5"),
            (
                "rs\tchr\tpos\talt\ti1\ti2\ti3\n",
                "rs1\t2\t77\tT\t0.0\tNA\t1.50",
            ),
            ("rs chr pos alt i1 i2 i3\n", " rs1  2 77 T 0 nan 1.5 "),
            (
                "rs,chr,pos,alt,i1,i2,i3\n",
                "\"rs1\",\"2\",77,\"T\",0,.,1.5",
            ),
        ] {
            let (rs, place, values) = parsed(header, row).unwrap();
            assert_eq!((rs.as_str(), &*place.chr, place.ps), ("rs1", "2", 77));
            assert_eq!((&*place.allele1, &*place.allele0), ("T", "NA"));
            assert_eq!((values[0], values[2]), (0.0, 1.5));
            assert!(values[1].is_nan());
        }
    }

    #[test]
    fn a_wrong_row_is_an_error() {
        for (row, parts) in [
            (
                "rs1,0,1",
                [
                    "m.csv:5: the row has 3 cells, but the header has 4",
                    "same columns",
                ],
            ),
            ("rs1,0,1,2,0", ["5 cells", "same columns"]),
            ("rs1", ["1 cells", "same columns"]),
            (",0,1,2", ["no SNP id", "in the column"]),
            (
                "rs1,0,3,1",
                ["the value of individual i2 at SNP rs1 is \"3\"", "--ploidy"],
            ),
            (
                "rs1,0,AA,1",
                [
                    "is \"AA\", expected a dosage from 0 to 2, or NA",
                    "write NA",
                ],
            ),
        ] {
            assert_fails(parsed("SNP,i1,i2,i3\n", row), &parts);
        }
    }
}
