//! The values of a numeric matrix.

use std::path::Path;

use super::super::decimal::decimal;
use super::super::suspect;
use super::super::text::quoted;
use crate::error::{Error, Result};

/// Largest absolute value of a number that is not a dosage: squares of larger ones would exceed the range of the sums of
/// a kinship.
const MOST: f64 = 1e7;

/// Which values a matrix may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Dosages from 0 to this ploidy, which become dosages from 0 to 2.
    Ploidy(u32),
    /// Any numbers.
    Any,
}

impl Scale {
    /// The value of a cell, NaN if it is missing: empty, `NA`, `nan` or `.`.
    ///
    /// `None` if the cell is something else.
    #[inline]
    pub(crate) fn value(self, cell: &[u8]) -> Option<f64> {
        let x = match cell {
            b"0" => 0.0,
            b"1" => 1.0,
            b"2" => 2.0,
            b"" | b"NA" | b"." => return Some(f64::NAN),
            _ => match decimal(cell) {
                Some(x) => x,
                None if cell.eq_ignore_ascii_case(b"nan") => return Some(f64::NAN),
                None => return spaced(self, cell),
            },
        };
        self.scaled(x)
    }

    /// A number as a value of the matrix; `None` if it is out of range.
    #[inline]
    pub(crate) fn scaled(self, x: f64) -> Option<f64> {
        // Adding 0 turns -0 into 0.
        match self {
            Self::Ploidy(2) if (0.0..=2.0).contains(&x) => Some(x + 0.0),
            Self::Ploidy(ploidy) => {
                let copies = f64::from(ploidy);
                (0.0..=copies).contains(&x).then(|| 2.0 * x / copies + 0.0)
            }
            Self::Any => (x.abs() <= MOST).then_some(x + 0.0),
        }
    }

    /// The error for a cell that is no value, of the individual `iid` at the SNP `rs`.
    pub(crate) fn error(self, path: &Path, line: u64, iid: &str, rs: &str, cell: &str) -> Error {
        let expected = match self {
            Self::Ploidy(ploidy) => format!("a dosage from 0 to {ploidy}"),
            Self::Any => format!("a number of at most {MOST} in absolute value"),
        };
        let what = format!(
            "the value of individual {iid} at SNP {rs} is {}, expected {expected}, or NA",
            quoted(cell)
        );
        let is_number = decimal(cell.trim().as_bytes()).is_some();
        let (what, hint) = match self {
            Self::Ploidy(_) if is_number => (
                what,
                "give the number of copies of a polyploid with --ploidy N; for predictors that are not dosages, use --no-dosage-range".into(),
            ),
            Self::Any if is_number => (what, "divide the values by a constant".into()),
            _ => suspect::explained(what, cell, "write NA for a missing value"),
        };
        Error::malformed_line(path, line, what, hint)
    }
}

/// The value of a cell with spaces around it.
#[cold]
fn spaced(scale: Scale, cell: &[u8]) -> Option<f64> {
    let trimmed = cell.trim_ascii();
    (trimmed.len() < cell.len()).then(|| scale.value(trimmed))?
}

/// Fails if a row does not have as many cells as the header.
pub(crate) fn check_width(path: &Path, line: u64, n_cells: usize, expected: usize) -> Result<()> {
    if n_cells == expected {
        return Ok(());
    }
    let hint = if line == 2 && n_cells == expected + 1 {
        "the header lacks a name for the first column: add it, IID if rows are individuals, or SNP if they are SNPs"
    } else {
        "give every row the same columns, and write NA for a missing value"
    };
    Err(Error::malformed_line(
        path,
        line,
        format!("the row has {n_cells} cells, but the header has {expected}"),
        hint,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::super::text::testing::assert_fails;
    use super::*;

    #[test]
    fn values_are_scaled_and_out_of_range_ones_are_none() {
        for (scale, cell, expected) in [
            (Scale::Ploidy(2), "1.5", Some(1.5)),
            (Scale::Ploidy(2), " 1 ", Some(1.0)),
            (Scale::Ploidy(2), "2.01", None),
            (Scale::Ploidy(4), "3", Some(1.5)),
            (Scale::Ploidy(4), "4.5", None),
            (Scale::Ploidy(1), "0.5", Some(1.0)),
            (Scale::Any, "-7.25", Some(-7.25)),
            (Scale::Any, "1e8", None),
            (Scale::Any, "inf", None),
            (Scale::Any, "x", None),
        ] {
            assert_eq!(scale.value(cell.as_bytes()), expected, "{cell}");
        }
        for missing in ["", "NA", "nan", "NaN", ".", " NA "] {
            assert!(
                Scale::Any
                    .value(missing.as_bytes())
                    .is_some_and(f64::is_nan),
                "{missing}"
            );
        }
    }

    #[test]
    fn errors_name_the_individual_the_snp_and_the_cure() {
        let fails = |scale: Scale, cell: &str, part: &str| {
            let error = scale.error(Path::new("m.csv"), 3, "i1", "rs9", cell);
            let what = "m.csv:3: the value of individual i1 at SNP rs9 is";
            assert_fails(Err::<(), _>(error), &[what, part]);
        };
        fails(Scale::Ploidy(2), "3", "--ploidy");
        fails(Scale::Ploidy(2), "AA", "write NA");
        fails(Scale::Any, "1e9", "divide");
        assert_fails(
            check_width(Path::new("m"), 2, 4, 3),
            &["4 cells", "lacks a name"],
        );
        assert_fails(
            check_width(Path::new("m"), 3, 4, 3),
            &["4 cells", "same columns"],
        );
    }
}
