//! Relationships as lines `i j n value`: GCTA's `.grm.gz` and the `.grm` of PLINK 2.

use super::words::not_finite;
use crate::error::{Error, Result};
use crate::io::individual::Individual;
use crate::io::square::{NOT_KEPT, SquareMatrix, positions};
use crate::io::text::{NARROW, count, for_each_batch, parse_number, quoted, table_fields};
use crate::kernels::memory::filled;
use rayon::prelude::*;
use std::path::Path;

/// Number of lines that are parsed before their values are entered in order.
const CHUNK_LINES: usize = 1 << 16;

const HINT: &str = "each line must have the numbers of two individuals (their lines in the .id file, from 1), the number of SNPs and the value";
const PAIR_HINT: &str =
    "use the matrix and the .id file of one run; if they are, create the matrix again";

/// A line: two individuals, 0-based, the larger first, and the value if both are kept.
type Pair = (usize, usize, Option<f64>);

/// Reads the kept rows and columns, which ascend, of the relationships of `individuals`.
///
/// The lines may be in any order; the number of SNPs is not used. Fails on a pair that is listed twice or not at all, and
/// on an entry of kept individuals that is not a finite number.
pub(super) fn read(
    path: &Path,
    individuals: &[Individual],
    kept: &[usize],
) -> Result<SquareMatrix> {
    let (n, n_kept) = (individuals.len(), kept.len());
    let positions = positions(n, kept);
    // NaN marks a pair that has not occurred; values are finite.
    let mut values = filled(n_kept * n_kept, f64::NAN, "the kinship matrix")?;
    let n_expected = n as u64 * (n as u64 + 1) / 2;
    let n_lines = for_each_batch(path, NARROW, |batch, before| {
        if (before + batch.len()) as u64 > n_expected + CHUNK_LINES as u64 {
            return Err(wrong_length(path, n, "more than ", before + batch.len()));
        }
        for start in (0..batch.len()).step_by(CHUNK_LINES) {
            let chunk = start..batch.len().min(start + CHUNK_LINES);
            let pairs: Vec<_> = chunk
                .clone()
                .into_par_iter()
                .map(|i| {
                    let (line, text) = batch.get(i);
                    parse(path, line, text, individuals, &positions)
                })
                .collect();
            for (i, pair) in chunk.zip(pairs) {
                let (a, b, Some(value)) = pair? else {
                    continue;
                };
                let entry = &mut values[positions[a] * n_kept + positions[b]];
                if !entry.is_nan() {
                    return Err(Error::malformed_line(
                        path,
                        batch.get(i).0,
                        format!(
                            "the pair of {} and {} is listed a second time; its value was {entry} before",
                            individuals[a], individuals[b]
                        ),
                        PAIR_HINT,
                    ));
                }
                *entry = value;
            }
        }
        Ok(())
    })?;
    for a in 0..n_kept {
        for b in 0..=a {
            if values[a * n_kept + b].is_nan() {
                return Err(Error::malformed(
                    path,
                    format!(
                        "the pair of {} and {} is not listed",
                        individuals[kept[a]], individuals[kept[b]]
                    ),
                    PAIR_HINT,
                ));
            }
        }
    }
    if n_lines as u64 != n_expected {
        return Err(wrong_length(path, n, "", n_lines));
    }
    let mut matrix = SquareMatrix { n: n_kept, values };
    matrix.mirror_lower();
    Ok(matrix)
}

fn wrong_length(path: &Path, n: usize, at_least: &str, found: usize) -> Error {
    Error::malformed(
        path,
        format!(
            "the file has {at_least}{}, expected {}: one per pair of {}",
            count(found, "line"),
            n as u64 * (n as u64 + 1) / 2,
            count(n, "individual")
        ),
        PAIR_HINT,
    )
}

fn parse(
    path: &Path,
    line: u64,
    text: &str,
    individuals: &[Individual],
    positions: &[usize],
) -> Result<Pair> {
    let mut fields = table_fields(text);
    let cells = [(); 4].map(|()| fields.next());
    let ([Some(first), Some(second), Some(_), Some(field)], None) = (cells, fields.next()) else {
        let found = count(table_fields(text).count(), "column");
        let what = format!("the line has {found}, expected 4");
        return Err(Error::malformed_line(path, line, what, HINT));
    };
    let index = |field: &str| {
        let number = field.parse().ok().and_then(|i: usize| i.checked_sub(1));
        number.filter(|&i| i < individuals.len()).ok_or_else(|| {
            let what = format!(
                "{} is not the number of an individual, from 1 to {}",
                quoted(field),
                individuals.len()
            );
            Error::malformed_line(path, line, what, HINT)
        })
    };
    let (i, j) = (index(first)?, index(second)?);
    let (a, b) = (i.max(j), i.min(j));
    if positions[a] == NOT_KEPT || positions[b] == NOT_KEPT {
        return Ok((a, b, None));
    }
    let value = parse_number(field).ok_or_else(|| {
        let pair = [&individuals[a], &individuals[b]];
        not_finite(path, Some(line), pair, field)
    })?;
    Ok((a, b, Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::text::testing::{assert_fails, file, gzip};

    fn values(content: impl AsRef<[u8]>, kept: &[usize]) -> Result<Vec<f64>> {
        let individuals = ["a", "b", "c"].map(|iid| Individual {
            fid: "f".into(),
            iid: iid.into(),
        });
        read(file(content).path(), &individuals, kept).map(|square| square.values)
    }

    const LIST: &str = "1\t1\t9\t1\n2\t1\t9\t2\n2\t2\t9\t4\n3\t1\t9\t3e0\n3\t2\t9\t5\n3\t3\t9\t6\n";

    #[test]
    fn pairs_are_read_in_any_order() {
        let whole = [1.0, 2.0, 3.0, 2.0, 4.0, 5.0, 3.0, 5.0, 6.0];
        let mut lines: Vec<&str> = LIST.lines().collect();
        lines.reverse();
        let reversed = lines.join("\n").replace("2\t1\t9", "1\t2\t9");
        for content in [LIST.to_owned(), reversed] {
            assert_eq!(values(&content, &[0, 1, 2]).unwrap(), whole);
            assert_eq!(
                values(gzip(&content), &[0, 2]).unwrap(),
                [1.0, 3.0, 3.0, 6.0]
            );
        }
        let hole = LIST.replace("9\t5", "0\tnan");
        assert_eq!(values(&hole, &[0, 2]).unwrap(), [1.0, 3.0, 3.0, 6.0]);
        assert_fails(
            values(hole, &[1, 2]),
            &[":5: the entry of f c and f b is \"nan\""],
        );
    }

    #[test]
    fn damaged_lists_are_errors() {
        let kept = [0, 1, 2];
        assert_fails(
            values(LIST.replace("3\t2\t9\t5\n", ""), &kept),
            &["the pair of f c and f b is not listed"],
        );
        assert_fails(
            values(LIST.replace("3\t2\t9\t5\n", ""), &[0]),
            &["has 5 lines, expected 6"],
        );
        assert_fails(
            values(format!("{LIST}2\t1\t9\t2\n"), &kept),
            &[
                ":7: the pair of f b and f a is listed a second time",
                "was 2",
            ],
        );
        for index in ["4", "0", "-1", "x"] {
            let text = LIST.replace("3\t3\t9", &format!("3\t{index}\t9"));
            assert_fails(values(text, &kept), &[":6:", index, "from 1 to 3"]);
        }
        assert_fails(
            values("1 1 1\n", &kept),
            &[":1: the line has 3 columns, expected 4"],
        );
        for end in 0..LIST.len() - 1 {
            // The last value may be cut to a shorter number only if the line is.
            assert!(values(&LIST[..end], &kept).is_err(), "{end}");
        }
    }
}
