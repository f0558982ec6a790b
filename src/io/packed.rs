//! Values as bytes: MessagePack, in which large arrays are the bytes of memory, little-endian.
//!
//! Partial results travel in this form between the processes of a run, and are kept in files. Numbers keep all of their
//! bits. A reader needs the same version of jamma, which the parts of a run record.

use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes of `value`.
pub fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec(value).expect("values of our types can be written to memory")
}

/// The value of `bytes` that [`pack`] made.
///
/// Fails if they are not those of a `T`.
///
/// * `what`: the name of the bytes in the message
pub fn unpack<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    rmp_serde::from_slice(bytes).map_err(|reason| {
        Error::inconsistent(
            format!("{what}: this is not a partial result of this version of jamma ({reason})"),
            "compute the parts again with one version of jamma",
        )
    })
}

/// `#[serde(with = "numbers")]`: a vector of numbers as the bytes of memory.
pub mod numbers {
    use bytemuck::Pod;
    use serde::de::{SeqAccess, Visitor};
    use serde::ser::SerializeSeq;
    use serde::{Deserializer, Serializer};
    use std::fmt;
    use std::marker::PhantomData;

    /// Bytes of a piece: MessagePack has no longer ones than 4 GiB.
    const PIECE: usize = 1 << 28;

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
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    use crate::kernels::zeros;
    use faer::Mat;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Triangle {
        n: usize,
        #[serde(with = "super::columns")]
        columns: Vec<Vec<f64>>,
    }

    /// Columns whose numbers are written together.
    const TOGETHER: usize = 64;

    /// Writes the entries from the diagonal on, column by column.
    pub fn serialize<S: Serializer>(matrix: &Mat<f64>, to: S) -> Result<S::Ok, S::Error> {
        let n = matrix.nrows();
        let columns = (0..n).step_by(TOGETHER).map(|first| {
            let columns = first..(first + TOGETHER).min(n);
            let entries = columns.flat_map(|j| (j..n).map(move |i| matrix[(i, j)]));
            entries.collect()
        });
        let columns = columns.collect();
        Triangle { n, columns }.serialize(to)
    }

    /// Reads a matrix whose entries were written.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Mat<f64>, D::Error> {
        let Triangle { n, columns } = Triangle::deserialize(from)?;
        let mut matrix = zeros(n, n);
        let mut entries = columns.into_iter().flatten();
        for j in 0..n {
            for i in j..n {
                matrix[(i, j)] = entries
                    .next()
                    .ok_or_else(|| D::Error::custom("a triangle has too few numbers"))?;
            }
        }
        Ok(matrix)
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
