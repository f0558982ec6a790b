//! A kinship matrix as a list of pairs of individuals (`-km 2`).

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::square::{NOT_KEPT, SquareMatrix, positions};
use super::suspect;
use super::text::{NARROW, count, for_each_batch, parse_number, quoted, table_fields};
use crate::error::{Error, Result};
use crate::kernels::memory::filled;

/// A kinship matrix from a list of pairs, and counts of the pairs that were ignored or absent.
#[derive(Clone, Debug, PartialEq)]
pub struct TripletMatrix {
    /// The matrix of the kept individuals; symmetric, 0 for pairs that are not in the list.
    pub matrix: SquareMatrix,
    /// Lines with an id that is not in the `.fam`.
    pub n_unknown_pairs: u64,
    /// Lines with two ids of the `.fam`, at least one of them not kept.
    pub n_excluded_pairs: u64,
    /// Pairs of two different kept individuals that are not in the list, counted once for (a, b) and (b, a).
    pub n_absent_pairs: u64,
}

/// Reads lines `id1 id2 value`, separated by spaces, tabs or commas; ids are IIDs, and each line sets both (1, 2) and
/// (2, 1).
///
/// * `iids`: column 2 of the `.fam`, in its order, for all individuals
/// * `kept`: distinct positions in `iids`; entry (a, b) of the result is the value of `iids[kept[a]]` and `iids[kept[b]]`
///
/// Lines with ids that are unknown or not kept are counted and otherwise ignored, as in GEMMA. Fails on a line without
/// exactly three fields, a value that is not a finite number, a pair that is repeated with another value, an IID that
/// two individuals of the `.fam` share, and a kept individual without a value for itself.
pub fn read_triplets(path: &Path, iids: &[&str], kept: &[usize]) -> Result<TripletMatrix> {
    let positions = Positions::new(path, iids, kept)?;
    let n = kept.len();
    // NaN marks a pair that has not occurred; values are finite.
    let mut values = filled(n * n, f64::NAN, "the kinship matrix")?;
    let (mut n_unknown_pairs, mut n_excluded_pairs) = (0, 0);
    for_each_batch(path, NARROW, |batch, _| {
        for start in (0..batch.len()).step_by(CHUNK_LINES) {
            let chunk = start..batch.len().min(start + CHUNK_LINES);
            let pairs: Vec<_> = chunk
                .into_par_iter()
                .map(|i| {
                    let (line, text) = batch.get(i);
                    (line, text, positions.parse(path, line, text))
                })
                .collect();
            for (line, text, pair) in pairs {
                let (a, b, value) = match pair? {
                    Pair::Unknown => {
                        n_unknown_pairs += 1;
                        continue;
                    }
                    Pair::Excluded => {
                        n_excluded_pairs += 1;
                        continue;
                    }
                    Pair::Kept(a, b, value) => (a, b, value),
                };
                let earlier = values[a * n + b];
                if !earlier.is_nan() && earlier != value {
                    return Err(contradiction(path, line, text, earlier));
                }
                values[a * n + b] = value;
                values[b * n + a] = value;
            }
        }
        Ok(())
    })?;
    check_diagonal(path, iids, kept, &values)?;
    let n_absent_pairs = values.iter().filter(|value| value.is_nan()).count() as u64 / 2;
    for value in values.iter_mut().filter(|value| value.is_nan()) {
        *value = 0.0;
    }
    Ok(TripletMatrix {
        matrix: SquareMatrix { n, values },
        n_unknown_pairs,
        n_excluded_pairs,
        n_absent_pairs,
    })
}

/// Number of lines that are parsed before their values are entered in order.
const CHUNK_LINES: usize = 1 << 16;

/// The content of a line; kept individuals are given by their position.
enum Pair {
    Unknown,
    Excluded,
    Kept(usize, usize, f64),
}

/// The position of each IID of the `.fam` among the kept ones, [`NOT_KEPT`] if it is not kept.
struct Positions<'a>(HashMap<&'a str, usize>);

impl<'a> Positions<'a> {
    fn new(path: &Path, iids: &[&'a str], kept: &[usize]) -> Result<Self> {
        let mut by_id = HashMap::with_capacity(iids.len());
        for (&iid, position) in iids.iter().zip(positions(iids.len(), kept)) {
            if by_id.insert(iid, position).is_some() {
                return Err(Error::inconsistent(
                    format!(
                        "individual id {iid} occurs twice in the .fam, so it is ambiguous in {}",
                        path.display()
                    ),
                    "make the ids in column 2 of the .fam unique, or give a square matrix with -km 1",
                ));
            }
        }
        Ok(Self(by_id))
    }

    fn parse(&self, path: &Path, line: u64, text: &str) -> Result<Pair> {
        let mut fields = table_fields(text);
        let (Some(id1), Some(id2), Some(field), None, false) = (
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.has_empty() || text.trim_start_matches(' ').starts_with(['\t', ',']),
        ) else {
            return Err(not_three(path, line, text));
        };
        let value = parse_number(field).ok_or_else(|| {
            let (what, hint) = suspect::explained(
                format!(
                    "the value of {id1} and {id2} is {}, expected a finite number",
                    quoted(field)
                ),
                field,
                "omit pairs without a value; they count as 0",
            );
            Error::malformed_line(path, line, what, hint)
        })?;
        let position = |id: &str| {
            let id = if id.starts_with('"') {
                suspect::unquoted(id)
            } else {
                id
            };
            self.0.get(id)
        };
        Ok(match (position(id1), position(id2)) {
            (Some(&NOT_KEPT), Some(_)) | (Some(_), Some(&NOT_KEPT)) => Pair::Excluded,
            (Some(&a), Some(&b)) => Pair::Kept(a, b, value),
            _ => Pair::Unknown,
        })
    }
}

fn not_three(path: &Path, line: u64, text: &str) -> Error {
    let n = table_fields(text).count();
    let mut what = format!("the line has {}, expected 3", count(n, "column"));
    let mut hint = "give two individual ids (column 2 of the .fam) and their kinship; \
                    a square matrix is read with -km 1";
    if n == 4 && suspect::has_decimal_commas(text) {
        what.push_str(": its value has a decimal comma, but commas separate columns");
        hint = suspect::DECIMAL_COMMAS.hint;
    } else if n == 3 {
        what = "a cell is empty; expected 3 columns: two ids and a value".into();
    }
    Error::malformed_line(path, line, what, hint)
}

fn contradiction(path: &Path, line: u64, text: &str, earlier: f64) -> Error {
    let fields: Vec<_> = table_fields(text).collect();
    Error::malformed_line(
        path,
        line,
        format!(
            "the value of {} and {} is {}, but it was {earlier} on an earlier line",
            fields[0], fields[1], fields[2]
        ),
        "give each pair once, or with the same value",
    )
}

fn check_diagonal(path: &Path, iids: &[&str], kept: &[usize], values: &[f64]) -> Result<()> {
    let n = kept.len();
    let mut without = (0..n).filter(|&a| values[a * n + a].is_nan());
    let Some(first) = without.next() else {
        return Ok(());
    };
    Err(Error::inconsistent(
        format!(
            "{} has no self-kinship value for {} of {}, the first is {}",
            path.display(),
            1 + without.count(),
            count(n, "analysed individual"),
            iids[kept[first]]
        ),
        "ids must be those in column 2 of the .fam; give every analysed individual a line `id id value`",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::text::testing::{assert_fails, file, gzip};
    use super::*;

    const IIDS: [&str; 4] = ["a", "b", "c", "d"];

    fn read(content: impl AsRef<[u8]>, kept: &[usize]) -> Result<TripletMatrix> {
        read_triplets(file(content).path(), &IIDS, kept)
    }

    const LIST: &str = "a a 1\nb\ta\t.5\nb,b,2\nc c 3\nz a 7\na d 8\nd d 9\n z z 1\n";

    #[test]
    fn a_pair_sets_both_entries_and_absent_pairs_are_zero() {
        let expected = TripletMatrix {
            matrix: SquareMatrix {
                n: 3,
                values: vec![1.0, 0.5, 0.0, 0.5, 2.0, 0.0, 0.0, 0.0, 3.0],
            },
            n_unknown_pairs: 2,
            n_excluded_pairs: 2,
            n_absent_pairs: 2,
        };
        for content in [
            LIST.to_owned(),
            LIST.replace('\n', "\r\n"),
            LIST.trim_end().to_owned(),
        ] {
            assert_eq!(read(&content, &[0, 1, 2]).unwrap(), expected);
            assert_eq!(read(gzip(&content), &[0, 1, 2]).unwrap(), expected);
        }
    }

    #[test]
    fn kept_individuals_come_in_the_callers_order() {
        let list = read(LIST, &[3, 0]).unwrap();
        assert_eq!(list.matrix.values, [9.0, 8.0, 8.0, 1.0]);
        assert_eq!(list.n_excluded_pairs, 3);
        assert_eq!(list.n_absent_pairs, 0);
    }

    #[test]
    fn a_repeated_pair_may_only_repeat_its_value() {
        let twice = format!("{LIST}a b 0.5\nb a 5e-1\n");
        assert_eq!(
            read(twice, &[0, 1, 2]).unwrap(),
            read(LIST, &[0, 1, 2]).unwrap()
        );
        assert_fails(
            read(format!("{LIST}a b 0.6\n"), &[0, 1]),
            &[":9: the value of a and b is 0.6, but it was 0.5", "once"],
        );
        assert_fails(
            read("a a 0\na a 1\n", &[0]),
            &[":2: the value of a and a is 1, but it was 0 on"],
        );
    }

    #[test]
    fn an_ambiguous_id_is_an_error() {
        let list = file(LIST);
        assert_fails(
            read_triplets(list.path(), &["a", "b", "a"], &[1]),
            &["individual id a occurs twice in the .fam", "-km 1"],
        );
    }

    #[test]
    fn an_individual_without_a_diagonal_value_is_an_error() {
        assert_fails(
            read("a a 1\nb a 1\nc b 1\n", &[0, 1, 2]),
            &[
                "for 2 of 3 analysed individuals, the first is b",
                "column 2",
            ],
        );
        assert_fails(
            read("", &[2]),
            &["1 of 1 analysed individual, the first is c"],
        );
    }

    #[test]
    fn malformed_lines_are_named() {
        assert_fails(
            read("a a 1\na b\n", &[0]),
            &[":2: the line has 2 columns, expected 3", "-km 1"],
        );
        assert_fails(read("a a a 1\n", &[0]), &[":1: the line has 4 columns"]);
        for word in ["nan", "NA", "inf", "x"] {
            assert_fails(
                read(format!("a a 1\nz y {word}\n"), &[0]),
                &[":2: the value of z and y is", word, "omit"],
            );
        }
    }
}
