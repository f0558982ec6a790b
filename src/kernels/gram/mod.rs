//! Exact integer Gram matrix of packed two-bit genotypes: G_ij = Σ_s a_is a_js, with missing calls counted as 0.
//!
//! Integer sums are exact: the matrix is the same on every processor, for any number of threads and any order of
//! summation. Genotypes are laid out either as bits or as bytes, depending on the instructions of the processor.

#[cfg(target_arch = "x86_64")]
mod bytes;
mod limits;
mod planes;
mod tasks;

pub use limits::{MAX_SNPS, WEIGHT_BITS};

#[cfg(target_arch = "x86_64")]
use super::cpu::{V3, V4Popcnt, V4Vnni};
#[cfg(target_arch = "x86_64")]
use bytes::Bytes;
use faer::MatMut;
use planes::Planes;

/// Implementations of the product; the first is the reference for the others.
#[derive(Clone, Copy)]
enum Way {
    Planes(planes::Instructions),
    #[cfg(target_arch = "x86_64")]
    Bytes(bytes::Instructions),
}

impl Way {
    /// All that this CPU supports, from the slowest to the fastest.
    fn available() -> Vec<Self> {
        let portable = Self::Planes(planes::Instructions::Portable);
        #[cfg(target_arch = "x86_64")]
        let vectors = [
            V3::try_new().map(|cpu| Self::Bytes(bytes::Instructions::Avx2(cpu))),
            V4Vnni::try_new().map(|cpu| Self::Bytes(bytes::Instructions::Vnni(cpu))),
            V4Popcnt::try_new().map(|cpu| Self::Planes(planes::Instructions::Avx512(cpu))),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let vectors = [None];
        std::iter::once(portable)
            .chain(vectors.into_iter().flatten())
            .collect()
    }

    fn best() -> Self {
        *Self::available()
            .last()
            .expect("the portable one is always available")
    }

    fn name(self) -> &'static str {
        match self {
            Self::Planes(planes::Instructions::Portable) => "planes, portable",
            #[cfg(target_arch = "x86_64")]
            Self::Bytes(bytes::Instructions::Avx2(_)) => "bytes, AVX2",
            #[cfg(target_arch = "x86_64")]
            Self::Bytes(bytes::Instructions::Vnni(_)) => "bytes, AVX-512 VNNI",
            #[cfg(target_arch = "x86_64")]
            Self::Planes(planes::Instructions::Avx512(_)) => "planes, AVX-512 VPOPCNTDQ",
        }
    }
}

/// A batch of SNPs unpacked for multiplication; the memory is reused from batch to batch.
#[derive(Debug, Clone)]
pub struct Unpacked(Layout);

#[derive(Debug, Clone)]
enum Layout {
    Planes(Planes),
    #[cfg(target_arch = "x86_64")]
    Bytes(Bytes),
}

impl Default for Unpacked {
    fn default() -> Self {
        Self::new(Way::best())
    }
}

impl Unpacked {
    fn new(way: Way) -> Self {
        Self(match way {
            Way::Planes(instructions) => Layout::Planes(Planes::new(instructions)),
            #[cfg(target_arch = "x86_64")]
            Way::Bytes(instructions) => Layout::Bytes(Bytes::new(instructions)),
        })
    }

    /// One for each implementation that this CPU supports, with its name, the fastest last; for benchmarks and tests.
    #[must_use]
    pub fn every_way() -> Vec<(&'static str, Self)> {
        let named = |way: Way| (way.name(), Self::new(way));
        Way::available().into_iter().map(named).collect()
    }

    /// The fastest size of a batch, in SNPs.
    #[must_use]
    pub fn best_batch(&self) -> usize {
        match self.0 {
            Layout::Planes(_) => planes::BATCH,
            #[cfg(target_arch = "x86_64")]
            Layout::Bytes(_) => bytes::BATCH,
        }
    }

    /// Replaces the batch by `snps`, each the packed genotypes of `n` individuals as in a `.bed` file.
    ///
    /// # Panics
    /// If a SNP has fewer than `n` individuals, or there are more than [`MAX_SNPS`] SNPs.
    pub fn fill(&mut self, n: usize, snps: &[&[u8]]) {
        assert!(snps.len() <= MAX_SNPS && snps.iter().all(|snp| snp.len() >= n.div_ceil(4)));
        match &mut self.0 {
            Layout::Planes(planes) => planes.fill(n, snps),
            #[cfg(target_arch = "x86_64")]
            Layout::Bytes(bytes) => bytes.fill(n, snps),
        }
    }

    /// Adds the lower triangle of G to `sums` (n × n). The upper triangle of `sums` is undefined afterwards.
    ///
    /// The entries of `sums` are exact as long as they are integers below 2⁵³.
    ///
    /// # Panics
    /// If `sums` is not n × n.
    pub fn add_gram(&self, sums: MatMut<'_, f64>) {
        match &self.0 {
            Layout::Planes(planes) => planes.add_gram(sums),
            #[cfg(target_arch = "x86_64")]
            Layout::Bytes(bytes) => bytes.add_gram(sums),
        }
    }

    /// Σ_s `weights[s]` a_is for every individual i.
    ///
    /// # Panics
    /// If there is not one weight for every SNP, a weight has more than [`WEIGHT_BITS`] bits, or the sum could overflow.
    #[must_use]
    pub fn weighted_sums(&self, weights: &[u64]) -> Vec<u64> {
        let largest = weights.iter().copied().max().unwrap_or(0);
        assert!(largest >> WEIGHT_BITS == 0);
        assert!(largest.checked_mul(2 * weights.len() as u64).is_some());
        match &self.0 {
            Layout::Planes(planes) => planes.weighted_sums(weights),
            #[cfg(target_arch = "x86_64")]
            Layout::Bytes(bytes) => bytes.weighted_sums(weights),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = (self.0)
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 20
        }

        /// Random SNPs, missing calls and padding bits included.
        fn snps(&mut self, n: usize, p: usize) -> Vec<Vec<u8>> {
            let mut snp = || (0..n.div_ceil(4)).map(|_| self.next() as u8).collect();
            (0..p).map(|_| snp()).collect()
        }
    }

    fn dosage(snp: &[u8], i: usize) -> u64 {
        [2, 0, 1, 0][usize::from(snp[i / 4] >> (2 * (i % 4)) & 3)]
    }

    fn check(n: usize, p: usize, random: &mut Random) {
        let snps = random.snps(n, p);
        let weights: Vec<u64> = (0..p).map(|_| random.next() & ((1 << 44) - 1)).collect();
        let slices: Vec<&[u8]> = snps.iter().map(Vec::as_slice).collect();
        let sum = |i| (0..p).map(|s| weights[s] * dosage(&snps[s], i)).sum();
        let sums: Vec<u64> = (0..n).map(sum).collect();
        let dot = |i, j| -> u64 {
            let product = |snp: &Vec<u8>| dosage(snp, i) * dosage(snp, j);
            snps.iter().map(product).sum()
        };
        for way in Way::available() {
            let case = format!("{}, n = {n}, p = {p}", way.name());
            let mut unpacked = Unpacked::new(way);
            unpacked.fill(n, &slices);
            let mut gram = Mat::<f64>::from_fn(n, n, |_, _| 7.0);
            unpacked.add_gram(gram.as_mut());
            for j in 0..n {
                for i in j..n {
                    assert_eq!(gram[(i, j)], 7.0 + dot(i, j) as f64, "{case}, {i}, {j}");
                }
            }
            let found = unpacked.weighted_sums(&weights);
            assert_eq!(found, sums, "{case}");
        }
    }

    #[test]
    fn every_way_equals_plain_sums_on_all_edges() {
        let mut random = Random(1);
        for n in 1..70 {
            check(n, 1 + n * 37 % 41, &mut random);
        }
        for p in 0..300 {
            check(1 + p * 7 % 36, p, &mut random);
        }
        for (n, p) in [
            (95, 5),
            (96, 128),
            (97, 129),
            (200, 17),
            (500, 9),
            (130, 300),
            (70, 513),
            (33, 1100),
        ] {
            check(n, p, &mut random);
        }
    }

    #[test]
    fn the_largest_bytes_do_not_overflow() {
        let (n, p) = (40, 5000);
        let snps = vec![vec![0; n / 4]; p];
        let slices: Vec<&[u8]> = snps.iter().map(Vec::as_slice).collect();
        let weight = (1 << 50) - 1;
        let largest = (1 << WEIGHT_BITS) - 1;
        for way in Way::available() {
            let mut unpacked = Unpacked::new(way);
            unpacked.fill(n, &slices);
            let mut gram = Mat::<f64>::zeros(n, n);
            unpacked.add_gram(gram.as_mut());
            assert_eq!(gram[(n - 1, 0)], 4.0 * p as f64, "{}", way.name());
            let sums = unpacked.weighted_sums(&vec![weight; p]);
            assert_eq!(sums, vec![2 * weight * p as u64; n], "{}", way.name());
            unpacked.fill(n, &slices[..100]);
            let sums = unpacked.weighted_sums(&[largest; 100]);
            assert_eq!(sums, vec![200 * largest; n], "{}", way.name());
        }
    }

    #[test]
    fn memory_is_reused_without_leaving_anything_behind() {
        let mut random = Random(5);
        for way in Way::available() {
            let mut unpacked = Unpacked::new(way);
            for (n, p) in [(100, 30), (33, 7), (97, 600), (97, 12)] {
                let snps = random.snps(n, p);
                let slices: Vec<&[u8]> = snps.iter().map(Vec::as_slice).collect();
                unpacked.fill(n, &slices);
                let mut fresh = Unpacked::new(way);
                fresh.fill(n, &slices);
                let mut grams = [Mat::<f64>::zeros(n, n), Mat::<f64>::zeros(n, n)];
                unpacked.add_gram(grams[0].as_mut());
                fresh.add_gram(grams[1].as_mut());
                assert_eq!(grams[0], grams[1], "{}", way.name());
            }
        }
    }
}
