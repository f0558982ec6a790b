//! The key of a cached eigendecomposition: a checksum of everything that determines its bits.

use super::chunks::digest_of_columns;
use crate::io::content::{Content, Digest};
use crate::io::fam::Individual;
use crate::io::seal::digest_of_ids;
use crate::kernels::instruction_set;
use faer::MatRef;
use std::fmt;

/// Version of the algorithm of [`decompose`](crate::eigen::decompose). Raise it whenever the bits of a decomposition
/// change, on any backend, including changes by a new version of faer: entries of other versions are never used.
pub const ALGORITHM: u32 = 1;

/// Everything that determines a decomposition.
#[derive(Debug, Clone, Copy)]
pub struct KeyInputs<'a> {
    /// Name of the backend; if the bits depend on its device or version, these too.
    pub backend: &'a str,
    /// The n × n matrix that is decomposed, in column-major order.
    pub matrix: MatRef<'a, f64>,
    /// The individuals of its rows, in order.
    pub individuals: &'a [Individual],
    /// How the matrix was made: the kind of kinship, the SNP filters, the excluded chromosome.
    pub origin: &'a str,
}

/// The checksum of [`KeyInputs`], of [`ALGORITHM`], and of the instruction set of this CPU, on which the last bits of
/// a decomposition depend.
///
/// It detects mix-ups, not forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheKey(Digest);

impl CacheKey {
    /// The key of these inputs, computed on all threads. It does not depend on their number.
    ///
    /// # Panics
    /// If the matrix is not square, or the number of individuals differs.
    #[must_use]
    pub fn of(inputs: &KeyInputs<'_>) -> Self {
        let (matrix, n) = (inputs.matrix, inputs.individuals.len());
        assert_eq!((matrix.nrows(), matrix.ncols()), (n, n), "n x n");
        let mut content = Content::default();
        // Quoted texts cannot contain the end of their line.
        let text = format!(
            "jamma-eigen\nalgorithm {ALGORITHM}\nbackend {:?}\ninstructions {}\nn {n}\nmatrix {}\nids {}\norigin {:?}\n",
            inputs.backend,
            instruction_set(),
            digest_of_columns(matrix),
            digest_of_ids(inputs.individuals),
            inputs.origin,
        );
        content.add(text.as_bytes());
        Self(content.digest())
    }

    /// The key of a decomposition that the workers of a run share: its bits are those of the run, whatever its inputs.
    #[must_use]
    pub(crate) fn of_work(run: &str, group: usize, unit: usize) -> Self {
        let mut content = Content::default();
        content.add(format!("jamma-eigen of run {run:?}\n{group} {unit}\n").as_bytes());
        Self(content.digest())
    }

    /// The key with these 32 digits; `None` if `digits` is something else.
    pub(super) fn of_digits(digits: &str) -> Option<Self> {
        Digest::of_digits(digits).map(Self)
    }
}

impl fmt::Display for CacheKey {
    /// The 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    fn individuals(n: usize) -> Vec<Individual> {
        let one = |i| Individual {
            fid: "f".into(),
            iid: format!("i{i}").into(),
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn every_input_changes_the_key() {
        let n = 7;
        let matrix = Mat::from_fn(n, n, |i, j| (i * j) as f64);
        let everybody = individuals(n);
        let inputs = KeyInputs {
            backend: "rust",
            matrix: matrix.as_ref(),
            individuals: &everybody,
            origin: "centred",
        };
        let mut other_matrix = matrix.clone();
        other_matrix[(3, 4)] += f64::EPSILON * 16.0;
        let mut other_zero = matrix.clone();
        other_zero[(0, 0)] = -0.0;
        let mut swapped = everybody.clone();
        swapped.swap(1, 2);
        let keys = [
            CacheKey::of(&inputs),
            CacheKey::of(&KeyInputs {
                backend: "jax",
                ..inputs
            }),
            CacheKey::of(&KeyInputs {
                matrix: other_matrix.as_ref(),
                ..inputs
            }),
            CacheKey::of(&KeyInputs {
                matrix: other_zero.as_ref(),
                ..inputs
            }),
            CacheKey::of(&KeyInputs {
                individuals: &swapped,
                ..inputs
            }),
            CacheKey::of(&KeyInputs {
                origin: "centred without chromosome 3",
                ..inputs
            }),
        ];
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key), "{i}");
            assert_eq!(CacheKey::of_digits(&key.to_string()), Some(*key));
        }
        assert_eq!(CacheKey::of(&inputs), keys[0]);
        for wrong in ["", "0123", &"g".repeat(32), &"A".repeat(32)] {
            assert_eq!(CacheKey::of_digits(wrong), None);
        }
    }

    /// The crates whose products the bits of a decomposition come from, in the versions for which [`ALGORITHM`] is right.
    const DEPENDENCIES: [(&str, &str); 5] = [
        ("faer", "0.24.4"),
        ("gemm-f64", "0.19.0"),
        ("nano-gemm", "0.2.2"),
        ("private-gemm-x86", "0.1.22"),
        ("pulp", "0.22.3"),
    ];

    #[test]
    fn a_new_version_of_a_dependency_is_a_new_algorithm() {
        let lock = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
        let lock = std::fs::read_to_string(lock).unwrap().replace('\r', "");
        for (name, version) in DEPENDENCIES {
            assert!(
                lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")),
                "{name} has a new version: raise ALGORITHM, unless no bit of a decomposition changes, and edit this list"
            );
        }
    }

    #[test]
    fn the_key_does_not_depend_on_the_number_of_threads() {
        let n = 700;
        let matrix = Mat::from_fn(n, n, |i, j| (i as f64).sin() + (j as f64).cos());
        let everybody = individuals(n);
        let key = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| {
                CacheKey::of(&KeyInputs {
                    backend: "rust",
                    matrix: matrix.as_ref(),
                    individuals: &everybody,
                    origin: "",
                })
            })
        };
        assert_eq!(key(1), key(3));
    }
}
