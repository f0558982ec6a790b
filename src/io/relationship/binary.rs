//! Matrices as bare numbers: PLINK's `.rel.bin` and GCTA's `.grm.bin`.

use super::words::not_finite;
use crate::error::{Error, Result};
use crate::io::disk::read_at;
use crate::io::ids::IdFile;
use crate::io::individual::Individual;
use crate::io::square::SquareMatrix;
use crate::io::text::count;
use crate::kernels::memory::filled;
use rayon::prelude::*;
use std::fs::File;
use std::path::Path;

/// Which numbers a file holds; they are little-endian, row after row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    is_double: bool,
    /// Whether rows end with the diagonal.
    is_lower: bool,
    is_grm: bool,
}

/// The files of `--make-rel`. For two or more individuals, no two have the same size; for one, both shapes are the same.
const REL: [Binary; 4] = [
    Binary::new(true, false),
    Binary::new(false, false),
    Binary::new(true, true),
    Binary::new(false, true),
];

impl Binary {
    const fn new(is_double: bool, is_lower: bool) -> Self {
        Self {
            is_double,
            is_lower,
            is_grm: false,
        }
    }

    /// The content of a `.rel.bin` file of the individuals `ids`, by its size.
    pub(super) fn rel(path: &Path, ids: &IdFile) -> Result<Self> {
        Self::of_size(path, ids, &REL)
    }

    /// The content of a `.grm.bin` file of the individuals `ids`.
    pub(super) fn grm(path: &Path, ids: &IdFile) -> Result<Self> {
        let grm = Self {
            is_grm: true,
            ..Self::new(false, true)
        };
        Self::of_size(path, ids, &[grm])
    }

    /// Whether numbers have 64 bits.
    pub(super) fn is_double(self) -> bool {
        self.is_double
    }

    fn of_size(path: &Path, ids: &IdFile, candidates: &[Self]) -> Result<Self> {
        let status = std::fs::metadata(path).map_err(Error::io("open", path))?;
        if !status.is_file() {
            return Err(Error::malformed(
                path,
                "a matrix without a header is read at several positions, but this is not a regular file",
                "write it to a regular file first",
            ));
        }
        let (found, n) = (status.len(), ids.individuals().len() as u64);
        if let Some(fits) = candidates.iter().find(|one| one.n_bytes(n) == Some(found)) {
            return Ok(*fits);
        }
        let expected: Vec<String> = (candidates.iter())
            .filter_map(|one| Some(format!("{} ({})", one.n_bytes(n)?, one.name())))
            .collect();
        let other = candidates.iter().find_map(|one| one.n_of(found));
        let other = other.map_or_else(String::new, |other| {
            format!(
                "; this is the size for {}",
                count(other as usize, "individual")
            )
        });
        Err(Error::malformed(
            path,
            format!(
                "the file has {found} bytes, but for the {} of {} it must have {}{other}",
                count(n as usize, "individual"),
                ids.path().display(),
                expected.join(" or ")
            ),
            "use the matrix and the .id file of one run; if they are, copy or create the matrix again",
        ))
    }

    fn name(self) -> &'static str {
        match (self.is_double, self.is_lower) {
            (true, false) => "square, f64",
            (false, false) => "square, f32",
            (true, true) => "triangle, f64",
            (false, true) => "triangle, f32",
        }
    }

    fn width(self) -> u64 {
        if self.is_double { 8 } else { 4 }
    }

    /// The size for `n` individuals; `None` if it exceeds 64 bits.
    fn n_bytes(self, n: u64) -> Option<u64> {
        if self.is_lower {
            n.checked_mul(n.checked_add(1)?)?
                .checked_mul(self.width() / 2)
        } else {
            n.checked_mul(n)?.checked_mul(self.width())
        }
    }

    /// The number of individuals of a file of this size, if there is one.
    fn n_of(self, n_bytes: u64) -> Option<u64> {
        let numbers = n_bytes / self.width();
        let n = if self.is_lower {
            numbers.saturating_mul(2).isqrt()
        } else {
            numbers.isqrt()
        };
        (n > 0 && self.n_bytes(n) == Some(n_bytes)).then_some(n)
    }

    /// The number of the first number of a row.
    fn start(self, row: u64, n: u64) -> u64 {
        if self.is_lower {
            row * (row + 1) / 2
        } else {
            row * n
        }
    }

    /// Reads the kept rows and columns, which ascend, of a file whose size was checked; also what the file is.
    pub(super) fn read(
        self,
        path: &Path,
        individuals: &[Individual],
        kept: &[usize],
    ) -> Result<(SquareMatrix, &'static str)> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let n_total = individuals.len() as u64;
        let mut matrix = SquareMatrix::zeros(kept.len())?;
        let rows = matrix.values.par_chunks_mut(kept.len()).enumerate();
        let failed = rows
            .map_init(Vec::new, |bytes, (a, row)| {
                let columns = if self.is_lower { &kept[..=a] } else { kept };
                let last = columns[columns.len() - 1];
                // Columns after the last kept one are not read.
                let n_bytes = (last + 1) * self.width() as usize;
                if bytes.len() < n_bytes {
                    *bytes = filled(n_bytes, 0_u8, "a row of the kinship matrix")?;
                }
                let bytes = &mut bytes[..n_bytes];
                let offset = self.start(kept[a] as u64, n_total) * self.width();
                read_at(&file, offset, bytes).map_err(Error::io("read", path))?;
                for (value, &column) in row.iter_mut().zip(columns) {
                    *value = self.number(bytes, column);
                    if !value.is_finite() {
                        let pair = [&individuals[kept[a]], &individuals[column]];
                        return Err(not_finite(path, None, pair, &value.to_string()));
                    }
                }
                Ok(())
            })
            .find_map_first(Result::err);
        if let Some(error) = failed {
            return Err(error);
        }
        let is_half = !self.is_lower && matrix.is_zero_above_diagonal();
        if self.is_lower || is_half {
            matrix.mirror_lower();
        }
        Ok((matrix, self.description(is_half)))
    }

    fn description(self, is_half: bool) -> &'static str {
        match (self.is_grm, self.is_double, self.is_lower || is_half) {
            (true, ..) => "GCTA's relationship matrix in single precision",
            (_, true, false) => "PLINK's relationship matrix in double precision, square",
            (_, true, true) => "PLINK's relationship matrix in double precision, lower triangle",
            (_, false, false) => "PLINK's relationship matrix in single precision, square",
            (_, false, true) => "PLINK's relationship matrix in single precision, lower triangle",
        }
    }

    fn number(self, bytes: &[u8], column: usize) -> f64 {
        if self.is_double {
            let (numbers, _) = bytes.as_chunks();
            f64::from_le_bytes(numbers[column])
        } else {
            let (numbers, _) = bytes.as_chunks();
            f64::from(f32::from_le_bytes(numbers[column]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::text::testing::{assert_fails, file};

    fn ids(n: usize) -> IdFile {
        let names = (0..n).map(|i| format!("f{i} i{i}\n"));
        IdFile::read(file(names.collect::<String>()).path()).unwrap()
    }

    /// Entry (a, b) of a symmetric matrix.
    fn entry(a: usize, b: usize) -> f64 {
        (a.max(b) * 10 + a.min(b)) as f64
    }

    fn bytes(n: usize, binary: Binary, entry: impl Fn(usize, usize) -> f64) -> Vec<u8> {
        let mut bytes = Vec::new();
        for a in 0..n {
            for b in 0..if binary.is_lower { a + 1 } else { n } {
                let value = entry(a, b);
                if binary.is_double {
                    bytes.extend(value.to_le_bytes());
                } else {
                    bytes.extend((value as f32).to_le_bytes());
                }
            }
        }
        bytes
    }

    #[test]
    fn every_layout_is_told_by_its_size() {
        for n in 2..40 {
            for binary in REL {
                let content = file(bytes(n, binary, entry));
                assert_eq!(Binary::rel(content.path(), &ids(n)).unwrap(), binary);
                assert_eq!(
                    binary.n_of(binary.n_bytes(n as u64).unwrap()),
                    Some(n as u64)
                );
            }
        }
    }

    #[test]
    fn kept_rows_and_columns_are_read_from_every_layout() {
        let n = 6;
        let ids = ids(n);
        for binary in REL {
            let content = file(bytes(n, binary, entry));
            for kept in [vec![0, 1, 2, 3, 4, 5], vec![1, 4], vec![5], vec![0]] {
                let read = binary.read(content.path(), ids.individuals(), &kept);
                let k = kept.len();
                let expected: Vec<f64> = (0..k * k)
                    .map(|i| entry(kept[i / k], kept[i % k]))
                    .collect();
                assert_eq!(read.unwrap().0.values, expected, "{binary:?} {kept:?}");
            }
        }
        // Zeros above the diagonal are filled.
        let half = |a, b| if b > a { 0.0 } else { entry(a, b) };
        let content = file(bytes(n, REL[0], half));
        let (square, said) = REL[0]
            .read(content.path(), ids.individuals(), &[1, 3])
            .unwrap();
        assert_eq!(square.values, [11.0, 31.0, 31.0, 33.0]);
        assert!(said.contains("lower triangle"));
    }

    #[test]
    fn a_wrong_size_and_a_kept_entry_that_is_not_finite_are_errors() {
        let n = 6;
        let whole = bytes(n, REL[0], entry);
        for length in 0..whole.len() {
            let content = file(&whole[..length]);
            let fits = REL.iter().any(|one| one.n_bytes(6) == Some(length as u64));
            assert_eq!(
                Binary::rel(content.path(), &ids(n)).is_ok(),
                fits,
                "{length}"
            );
        }
        assert_fails(
            Binary::rel(file([&whole[..], &[0]].concat()).path(), &ids(n)),
            &["has 289 bytes", "288 (square, f64) or 144 (square, f32)"],
        );
        assert_fails(
            Binary::grm(file(bytes(7, REL[3], entry)).path(), &ids(n)),
            &["112 bytes", "6 individuals", "the size for 7 individuals"],
        );
        let hole = |a, b| {
            if a == 4 && b == 2 {
                f64::NAN
            } else {
                entry(a, b)
            }
        };
        let content = file(bytes(n, REL[3], hole));
        let read = |kept: &[usize]| REL[3].read(content.path(), ids(n).individuals(), kept);
        assert!(read(&[0, 1, 4, 5]).is_ok());
        assert_fails(read(&[2, 4]), &["the entry of f4 i4 and f2 i2 is \"NaN\""]);
    }
}
