//! A numeric matrix whose rows are individuals, read as a whole.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::super::indexed_text::IndexedText;
use super::super::individual::Individual;
use super::super::suspect::unquoted;
use super::header::{Header, Rows};
use super::value::{Scale, check_width};
use crate::error::{Error, Result};
use crate::kernels::memory::room;

/// The code of a missing call.
const MISSING: u8 = 3;
/// Lines that are parsed together.
const LINES: usize = 64;

/// The values of one individual at all SNPs.
#[derive(Debug)]
pub(crate) enum Row {
    /// Numbers of copies of allele1, 3 if missing.
    Calls(Box<[u8]>),
    /// Values, NaN if missing.
    Values(Box<[f64]>),
}

impl Row {
    /// The calls if all values are hard calls.
    fn of(values: Vec<f64>) -> Result<Self> {
        let is_call = |x: &f64| x.is_nan() || *x == 0.0 || *x == 1.0 || *x == 2.0;
        if !values.iter().all(is_call) {
            return Ok(Self::Values(values.into()));
        }
        let mut calls = room(values.len(), "the matrix")?;
        calls.extend(
            values
                .iter()
                .map(|x| if x.is_nan() { MISSING } else { *x as u8 }),
        );
        Ok(Self::Calls(calls.into()))
    }

    /// The value at a SNP, NaN if it is missing.
    pub(crate) fn value(&self, snp_index: usize) -> f64 {
        match self {
            Self::Values(values) => values[snp_index],
            Self::Calls(calls) => match calls[snp_index] {
                MISSING => f64::NAN,
                copies => f64::from(copies),
            },
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Values(values) => 8 * values.len() as u64,
            Self::Calls(calls) => calls.len() as u64,
        }
    }
}

/// The individuals of a matrix and their values.
#[derive(Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) individuals: Vec<Individual>,
    pub(crate) rows: Vec<Row>,
}

impl Matrix {
    /// Whether all values are hard calls.
    pub(crate) fn has_only_calls(&self) -> bool {
        self.rows.iter().all(|row| matches!(row, Row::Calls(_)))
    }

    /// Bytes of the values: one each for individuals with hard calls only, else eight.
    pub(crate) fn bytes(&self) -> u64 {
        self.rows.iter().map(Row::bytes).sum()
    }

    /// Adds an individual. Fails if it is already there.
    pub(crate) fn push(
        &mut self,
        at: (&Path, u64),
        seen: &mut HashMap<Individual, u64>,
        individual: Individual,
        values: Vec<f64>,
    ) -> Result<()> {
        let (path, line) = at;
        if let Some(earlier) = seen.insert(individual.clone(), line) {
            return Err(Error::malformed_line(
                path,
                line,
                format!("duplicate individual {individual}, first on line {earlier}"),
                "give each individual only one row",
            ));
        }
        self.individuals.push(individual);
        self.rows.push(Row::of(values)?);
        Ok(())
    }

    /// Reads the rows below `header`.
    ///
    /// Fails if a row has another number of cells or no id, a cell is no value of `scale`, an individual has two rows,
    /// there are none, or the memory does not suffice.
    pub(crate) fn read(text: &IndexedText, header: &Header, scale: Scale) -> Result<Self> {
        let path = text.path();
        let mut lines = text.lines_from(header.n_lines)?;
        let (mut matrix, mut seen) = (Self::default(), HashMap::new());
        while let Some((batch, range)) = lines.next_lines(LINES)? {
            let parsed: Vec<_> = range
                .into_par_iter()
                .map(|i| {
                    let (line, text) = batch.get(i);
                    parse((path, line, text), header, scale).map(|row| (line, row))
                })
                .collect();
            for row in parsed {
                let (line, (individual, values)) = row?;
                matrix.push((path, line), &mut seen, individual, values)?;
            }
        }
        if matrix.rows.is_empty() {
            return Err(Error::malformed(
                path,
                "the matrix has no rows",
                "give a row for each individual below the header",
            ));
        }
        Ok(matrix)
    }
}

fn parse(
    (path, line, text): (&Path, u64, &str),
    header: &Header,
    scale: Scale,
) -> Result<(Individual, Vec<f64>)> {
    let Rows::Individuals {
        fid,
        iid,
        n_columns,
    } = header.rows
    else {
        unreachable!("the rows are individuals")
    };
    let width = n_columns + header.names.len();
    let other_width = || check_width(path, line, header.delimiter.cells(text).len(), width);
    let mut rest = Some(text.as_bytes());
    let mut ids = Vec::with_capacity(n_columns);
    for _ in 0..n_columns {
        let cell = header.delimiter.next(&mut rest).unwrap_or_default();
        let cell = std::str::from_utf8(cell).unwrap_or_default();
        ids.push(unquoted(cell.trim()));
    }
    let individual = Individual {
        fid: fid.map_or("0", |fid| ids[fid]).into(),
        iid: ids[iid].into(),
    };
    if individual.fid.is_empty() || individual.iid.is_empty() {
        let hint = "give each individual an id, and 0 as FID if it has none";
        return Err(Error::malformed_line(
            path,
            line,
            "the row has no individual id",
            hint,
        ));
    }
    let mut values = room(header.names.len(), "the matrix")?;
    for rs in &header.names {
        let Some(cell) = header.delimiter.next(&mut rest) else {
            other_width()?;
            continue;
        };
        let Some(value) = scale.value(cell) else {
            other_width()?;
            let cell = String::from_utf8_lossy(cell);
            return Err(scale.error(path, line, &individual.iid, rs, &cell));
        };
        values.push(value);
    }
    if header.delimiter.next(&mut rest).is_some() {
        other_width()?;
    }
    Ok((individual, values))
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::{assert_fails, file};
    use super::*;

    fn read(text: &str) -> Result<Matrix> {
        let file = file(text);
        let header = Header::read(file.path(), None)?;
        Matrix::read(&IndexedText::new(file.path()), &header, Scale::Ploidy(2))
    }

    #[test]
    fn rows_are_individuals_with_ids() {
        for (text, fid) in [
            ("taxa\trs1\trs2\nb73\t0\tNA\nmo17\t2\t1.5\n", "0"),
            (
                "FID IID PAT MAT SEX PHENOTYPE rs1 rs2\nf b73 0 0 1 -9 0 NA\nf mo17 0 0 2 7 2 1.5\n",
                "f",
            ),
            ("\"IID\",\"rs1\",\"rs2\"\n\"b73\",0,\n\"mo17\",2,1.5", "0"),
        ] {
            let matrix = read(text).unwrap();
            let ids: Vec<_> = matrix
                .individuals
                .iter()
                .map(|i| (&*i.fid, &*i.iid))
                .collect();
            assert_eq!(ids, [(fid, "b73"), (fid, "mo17")]);
            let values = |row: &Row| [0, 1].map(|snp| row.value(snp));
            assert_eq!(values(&matrix.rows[1]), [2.0, 1.5]);
            assert_eq!(values(&matrix.rows[0])[0], 0.0);
            assert!(values(&matrix.rows[0])[1].is_nan());
            assert_eq!((matrix.has_only_calls(), matrix.bytes()), (false, 2 + 16));
        }
        assert!(read("taxa a\ni 1\nj NA\n").unwrap().has_only_calls());
    }

    #[test]
    fn a_wrong_row_is_an_error() {
        for (rows, parts) in [
            ("", ["no rows", "below the header"]),
            (
                "i,0\n",
                [
                    ":2: the row has 2 cells, but the header has 3",
                    "same columns",
                ],
            ),
            ("i,0,1,2\n", ["4 cells", "lacks a name"]),
            (",0,1\n", ["no individual id", "an id"]),
            (
                "i,0,3\n",
                ["the value of individual i at SNP rs2 is \"3\"", "--ploidy"],
            ),
            (
                "i,0,1\nj,1,1\ni,2,1\n",
                [
                    ":4: duplicate individual 0 i, first on line 2",
                    "only one row",
                ],
            ),
        ] {
            assert_fails(read(&format!("IID,rs1,rs2\n{rows}")), &parts);
        }
    }
}
