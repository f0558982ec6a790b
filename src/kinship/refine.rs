//! Entries near zero, summed again with so many bits that their ten digits are right or that they are known to be 0.
//!
//! The sums over all SNPs have a fixed number of fractional bits, which is too few for an entry close to 0. There are
//! few such entries. A second pass over the SNPs sums them with 96 bits, and a third pass sums those that are still too
//! small with 186 bits. An entry that then does not exceed the error of the last bits is 0: a nonzero fraction would
//! have to be below 10⁻⁴⁰.

use super::fixed::step;
use super::kind::KinshipKind;
use super::terms::{PART_BITS, SnpTerms, has_ten_digits};
use crate::genotype::{GenotypeBlock, Subset};
use faer::Mat;
use rayon::prelude::*;

/// SNPs whose terms are computed at once.
const BATCH: usize = 512;
/// SNPs that are added to a pair at once: their terms stay in the first-level cache.
const CHUNK: usize = 64;
/// Individuals whose codes one task unpacks.
const NEIGHBOURS: usize = 64;
/// Sums of the first parts below this are joined with the second parts as integers.
const SMALL: i128 = 1 << 36;

/// A pair of individuals and the sum of a part of its terms.
#[derive(Debug, Clone, Copy)]
struct Pair {
    i: u32,
    j: u32,
    sum: i128,
}

/// The entries that are summed again.
#[derive(Debug, Clone)]
pub(super) struct Refinement {
    kind: KinshipKind,
    pairs: Vec<Pair>,
    /// For each pair the sum of its first parts, once the second parts are summed.
    first_parts: Vec<i128>,
    /// The individuals that occur, ascending; and the position of each individual among them.
    individuals: Vec<u32>,
    places: Vec<u32>,
}

impl Refinement {
    /// A refinement of the entries (i, j) of a kinship of `n` individuals.
    pub(super) fn new(kind: KinshipKind, n: usize, entries: Vec<(u32, u32)>) -> Self {
        let pairs = entries.into_iter().map(|(i, j)| Pair { i, j, sum: 0 });
        let mut refinement = Self {
            kind,
            pairs: pairs.collect(),
            first_parts: Vec::new(),
            individuals: Vec::new(),
            places: vec![0; n],
        };
        refinement.find_individuals();
        refinement
    }

    fn find_individuals(&mut self) {
        let mut occurs = vec![false; self.places.len()];
        for pair in &self.pairs {
            occurs[pair.i as usize] = true;
            occurs[pair.j as usize] = true;
        }
        self.individuals.clear();
        for (i, place) in (0..).zip(&mut self.places) {
            if occurs[i as usize] {
                *place = self.individuals.len() as u32;
                self.individuals.push(i);
            }
        }
    }

    /// Whether no entries are left.
    pub(super) fn is_done(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Adds the same SNPs again.
    pub(super) fn add(
        &mut self,
        block: &GenotypeBlock,
        snp_indices: &[usize],
        everybody: &Subset,
        wanted: &Subset,
    ) {
        let part = usize::from(!self.first_parts.is_empty());
        let kind = self.kind;
        for snp_indices in snp_indices.chunks(BATCH) {
            let terms: Vec<[i128; 16]> = snp_indices
                .par_iter()
                .map(|&s| {
                    let counts = everybody.count(block.packed(s));
                    SnpTerms::new(kind, s, counts).parts(part)
                })
                .collect();
            let b = snp_indices.len();
            let mut codes = vec![0_u8; self.individuals.len() * b];
            // SNP by SNP for a few neighbouring individuals, whose codes are in one cache line.
            (codes.par_chunks_mut(NEIGHBOURS * b))
                .zip(self.individuals.par_chunks(NEIGHBOURS))
                .for_each(|(codes, individuals)| {
                    for (k, &s) in snp_indices.iter().enumerate() {
                        let packed = block.packed(s);
                        for (codes, &i) in codes.chunks_exact_mut(b).zip(individuals) {
                            let i = wanted.rows()[i as usize];
                            codes[k] = packed[i / 4] >> (2 * (i % 4)) & 3;
                        }
                    }
                });
            let of = |i: u32| &codes[self.places[i as usize] as usize * b..][..b];
            self.pairs.par_chunks_mut(256).for_each(|pairs| {
                for start in (0..b).step_by(CHUNK) {
                    let range = start..b.min(start + CHUNK);
                    for pair in &mut *pairs {
                        let (a, b) = (&of(pair.i)[range.clone()], &of(pair.j)[range.clone()]);
                        let codes = a.iter().zip(b).map(|(a, b)| usize::from((4 * a + b) & 15));
                        pair.sum += (codes.zip(&terms[range.clone()]))
                            .map(|(code, terms)| terms[code])
                            .sum::<i128>();
                    }
                }
            });
        }
    }

    /// Writes the entries whose digits are certain to both triangles of `k`, and keeps the others for another pass.
    pub(super) fn settle(&mut self, k: &mut Mat<f64>, n_snps: usize) {
        let (p, is_last) = (n_snps as f64, !self.first_parts.is_empty());
        let first_parts = std::mem::take(&mut self.first_parts);
        let mut left = Vec::new();
        for (at, pair) in self.pairs.iter().enumerate() {
            let sum = if is_last {
                joined(first_parts[at], pair.sum, n_snps)
            } else {
                let sum = pair.sum as f64 * step(PART_BITS[0]);
                if !has_ten_digits(sum, p * step(PART_BITS[0]), p) {
                    left.push(*pair);
                    continue;
                }
                sum
            };
            let (i, j) = (pair.i as usize, pair.j as usize);
            k[(i, j)] = sum / p;
            k[(j, i)] = sum / p;
        }
        self.first_parts = left.iter().map(|pair| pair.sum).collect();
        self.pairs = left;
        self.pairs.iter_mut().for_each(|pair| pair.sum = 0);
        self.find_individuals();
    }
}

/// A sum of terms from the sums of their two parts; 0 if it does not exceed the error of `n_snps` terms rounded down.
fn joined(first: i128, second: i128, n_snps: usize) -> f64 {
    let whole = first + (second >> PART_BITS[1]);
    let fraction = second & ((1 << PART_BITS[1]) - 1);
    if whole.abs() >= SMALL {
        return (whole as f64 + fraction as f64 * step(PART_BITS[1])) * step(PART_BITS[0]);
    }
    let all = (whole << PART_BITS[1]) + fraction;
    if (-(n_snps as i128)..=0).contains(&all) {
        return 0.0;
    }
    all as f64 * step(PART_BITS[0]) * step(PART_BITS[1])
}
