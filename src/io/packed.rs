//! Values as bytes: MessagePack, in which large arrays are the bytes of memory, little-endian.
//!
//! Partial results travel in this form between the processes of a run, and are kept in files. Numbers keep all of their
//! bits. A reader needs the same version of jamma, which the parts of a run record.

use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};

/// The bytes of `value`.
pub fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec(value).expect("values of our types can be written to memory")
}

/// Writes the bytes of `value`, without holding all of them.
pub fn pack_into<T: Serialize>(value: &T, mut to: impl Write) -> io::Result<()> {
    use rmp_serde::encode::Error;
    rmp_serde::encode::write(&mut to, value).map_err(|error| match error {
        Error::InvalidValueWrite(reason) => reason.into(),
        other => io::Error::other(other),
    })
}

/// The value of `bytes` that [`pack`] made.
///
/// Fails if they are not those of a `T`.
///
/// * `what`: the name of the bytes in the message
pub fn unpack<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    rmp_serde::from_slice(bytes).map_err(|reason| foreign(what, &reason))
}

/// As [`unpack`], without holding all bytes.
pub fn unpack_from<T: DeserializeOwned>(bytes: impl Read, what: &str) -> Result<T> {
    rmp_serde::from_read(bytes).map_err(|reason| foreign(what, &reason))
}

fn foreign(what: &str, reason: &rmp_serde::decode::Error) -> Error {
    Error::inconsistent(
        format!("{what}: this is not a partial result of this version of jamma ({reason})"),
        "compute the parts again with one version of jamma",
    )
}

/// `#[serde(with = "numbers")]`: a vector of numbers as the bytes of memory.
pub mod numbers {
    use bytemuck::Pod;
    use serde::de::{SeqAccess, Visitor};
    use serde::ser::SerializeSeq;
    use serde::{Deserializer, Serializer};
    use std::fmt;
    use std::marker::PhantomData;

    /// Bytes of a piece: a reader holds one at a time, and MessagePack has none of more than 4 GiB.
    const PIECE: usize = 1 << 24;

    struct Bytes<'a>(&'a [u8]);

    impl serde::Serialize for Bytes<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_bytes(self.0)
        }
    }

    /// Bytes that are read.
    struct Owned<T>(Vec<T>);

    impl<'de, T: Pod> serde::Deserialize<'de> for Owned<T> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct OfBytes<T>(PhantomData<T>);
            impl<T: Pod> Visitor<'_> for OfBytes<T> {
                type Value = Owned<T>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("the bytes of numbers")
                }

                fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Owned<T>, E> {
                    if !bytes.len().is_multiple_of(size_of::<T>()) {
                        return Err(E::invalid_length(bytes.len(), &self));
                    }
                    // Copied, because bytes have no alignment.
                    let mut values = vec![T::zeroed(); bytes.len() / size_of::<T>()];
                    bytemuck::cast_slice_mut(&mut values).copy_from_slice(bytes);
                    Ok(Owned(values))
                }
            }
            from.deserialize_bytes(OfBytes(PhantomData))
        }
    }

    /// Writes the bytes of `values`.
    pub fn serialize<T: Pod, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
        let pieces = bytemuck::cast_slice::<T, u8>(values).chunks(PIECE);
        let mut all = to.serialize_seq(Some(pieces.len()))?;
        for piece in pieces {
            all.serialize_element(&Bytes(piece))?;
        }
        all.end()
    }

    /// Reads values whose bytes were written.
    pub fn deserialize<'de, T: Pod, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
        struct OfPieces<T>(PhantomData<T>);
        impl<'de, T: Pod> Visitor<'de> for OfPieces<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("pieces of numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Vec<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(Owned(piece)) = pieces.next_element::<Owned<T>>()? {
                    if all.is_empty() {
                        all = piece;
                    } else {
                        all.extend(piece);
                    }
                }
                Ok(all)
            }
        }
        from.deserialize_seq(OfPieces(PhantomData))
    }
}

/// `#[serde(with = "columns")]`: several vectors of numbers, each as [`numbers`].
pub mod columns {
    use bytemuck::Pod;
    use serde::de::{SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::fmt;
    use std::marker::PhantomData;

    #[derive(Serialize, Deserialize)]
    #[serde(bound(serialize = "T: Pod", deserialize = "T: Pod"))]
    struct One<T>(#[serde(with = "super::numbers")] Vec<T>);

    #[derive(Serialize)]
    #[serde(bound(serialize = "T: Pod"))]
    struct Borrowed<'a, T>(#[serde(serialize_with = "super::numbers::serialize")] &'a [T]);

    /// Writes the bytes of `columns`.
    pub fn serialize<T: Pod, S: Serializer>(columns: &[Vec<T>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(columns.iter().map(|one| Borrowed(one)))
    }

    /// Writes the bytes of vectors that are made one after the other.
    pub fn serialize_each<T: Pod, S: Serializer>(
        columns: impl ExactSizeIterator<Item = Vec<T>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(columns.map(One))
    }

    /// Reads vectors whose bytes were written, and passes each to `take`, with the number of those that follow if it is known.
    pub fn deserialize_each<'de, T: Pod, D: Deserializer<'de>>(
        from: D,
        take: impl FnMut(Vec<T>, usize),
    ) -> Result<(), D::Error> {
        struct Each<F, T>(F, PhantomData<T>);
        impl<'de, T: Pod, F: FnMut(Vec<T>, usize)> Visitor<'de> for Each<F, T> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("vectors of numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(mut self, mut all: A) -> Result<(), A::Error> {
                while let Some(One(one)) = all.next_element::<One<T>>()? {
                    (self.0)(one, all.size_hint().unwrap_or(0));
                }
                Ok(())
            }
        }
        from.deserialize_seq(Each(take, PhantomData))
    }

    /// Reads vectors whose bytes were written.
    pub fn deserialize<'de, T: Pod, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Vec<T>>, D::Error> {
        let all = Vec::<One<T>>::deserialize(from)?;
        Ok(all.into_iter().map(|One(one)| one).collect())
    }
}

/// `#[serde(with = "lower")]`: the lower triangle of a square matrix; the rest is 0 after reading.
pub mod lower {
    use super::columns;
    use crate::kernels::zeros;
    use faer::Mat;
    use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
    use serde::ser::SerializeTuple;
    use serde::{Deserializer, Serialize, Serializer};
    use std::fmt;

    /// Columns whose numbers are written together.
    const TOGETHER: usize = 64;

    /// Writes the entries from the diagonal on, column by column.
    pub fn serialize<S: Serializer>(matrix: &Mat<f64>, to: S) -> Result<S::Ok, S::Error> {
        let mut both = to.serialize_tuple(2)?;
        both.serialize_element(&matrix.nrows())?;
        both.serialize_element(&Entries(matrix))?;
        both.end()
    }

    /// The entries of a triangle, of which only those of some columns are copied at a time.
    struct Entries<'a>(&'a Mat<f64>);

    impl Serialize for Entries<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let (matrix, n) = (self.0, self.0.nrows());
            let pieces = (0..n).step_by(TOGETHER).map(|first| {
                let columns = first..(first + TOGETHER).min(n);
                let entries = columns.flat_map(|j| (j..n).map(move |i| matrix[(i, j)]));
                entries.collect()
            });
            columns::serialize_each(pieces, to)
        }
    }

    /// Reads a matrix whose entries were written.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Mat<f64>, D::Error> {
        struct OfBoth;
        impl<'de> Visitor<'de> for OfBoth {
            type Value = Mat<f64>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the size of a matrix and its lower triangle")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut both: A) -> Result<Mat<f64>, A::Error> {
                let short = || A::Error::custom("a matrix is incomplete");
                let n = both.next_element()?.ok_or_else(short)?;
                both.next_element_seed(OfSize(n))?.ok_or_else(short)
            }
        }
        from.deserialize_tuple(2, OfBoth)
    }

    /// Reads the entries of a matrix of this size.
    struct OfSize(usize);

    impl<'de> DeserializeSeed<'de> for OfSize {
        type Value = Mat<f64>;

        fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Mat<f64>, D::Error> {
            let n = self.0;
            let mut matrix = zeros(n, n);
            let (mut i, mut j) = (0, 0);
            let mut is_too_long = false;
            columns::deserialize_each(from, |piece: Vec<f64>, _| {
                for entry in piece {
                    if j == n {
                        is_too_long = true;
                        return;
                    }
                    matrix[(i, j)] = entry;
                    i += 1;
                    if i == n {
                        j += 1;
                        i = j;
                    }
                }
            })?;
            if j < n || is_too_long {
                return Err(D::Error::custom(
                    "a triangle has too few numbers, or too many",
                ));
            }
            Ok(matrix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    struct Many {
        #[serde(with = "numbers")]
        wide: Vec<i128>,
        #[serde(with = "columns")]
        columns: Vec<Vec<f64>>,
        #[serde(with = "lower")]
        matrix: Mat<f64>,
    }

    #[test]
    fn numbers_keep_all_of_their_bits() {
        let matrix = Mat::from_fn(131, 131, |i, j| {
            if i >= j {
                1.0 / (i + 2 * j + 1) as f64
            } else {
                0.0
            }
        });
        let many = Many {
            wide: vec![i128::MIN, -1, 0, i128::MAX],
            columns: vec![vec![f64::NAN, -0.0, f64::MIN_POSITIVE / 8.0], Vec::new()],
            matrix: matrix.clone(),
        };
        let bytes = pack(&many);
        let again: Many = unpack(&bytes, "these bytes").unwrap();
        assert_eq!(again.wide, many.wide);
        let bits = |columns: &[Vec<f64>]| -> Vec<Vec<u64>> {
            let bits = |column: &Vec<f64>| column.iter().map(|x| x.to_bits()).collect();
            columns.iter().map(bits).collect()
        };
        assert_eq!(bits(&again.columns), bits(&many.columns));
        assert!(again.matrix == matrix);
        assert_eq!(pack(&again), bytes);
    }

    #[test]
    fn other_bytes_are_refused() {
        let bytes = pack(&vec![1, 2, 3]);
        let error = unpack::<Many>(&bytes, "x.jammapart").err().unwrap();
        assert!(error.to_string().starts_with("x.jammapart: "), "{error}");
    }
}
