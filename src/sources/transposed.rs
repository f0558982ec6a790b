//! A matrix in memory whose rows are individuals, as blocks of SNPs.

use super::source::GenotypeBlocks;
use super::text_rows::SnpCounts;
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, Genotypes};
use crate::io::bed::packed_bytes;
use crate::io::bim::SnpTable;
use crate::io::numeric::individual_rows::{Matrix, Row};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// SNPs that one task gathers: a cache line or more of every row.
const SNPS_PER_TASK: usize = 64;

/// The packed call of no copy of allele1, of one, of two, and of a missing call.
const CALLS: [u8; 4] = [0b11, 0b10, 0b00, 0b01];

/// Rows of individuals, and the records of their SNPs; a clone shares them.
#[derive(Debug, Clone)]
pub(super) struct Transposed {
    matrix: Arc<Matrix>,
    snps: Arc<SnpTable>,
    unlisted: usize,
    encoding: Encoding,
}

impl Transposed {
    /// * `unlisted`: number of SNPs that a map of SNPs does not list
    pub(super) fn new(matrix: Matrix, snps: Arc<SnpTable>, unlisted: usize) -> Self {
        Self {
            encoding: if matrix.has_only_calls() {
                Encoding::Packed
            } else {
                Encoding::Dosage
            },
            matrix: Arc::new(matrix),
            snps,
            unlisted,
        }
    }

    pub(super) fn snps(&self) -> &Arc<SnpTable> {
        &self.snps
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(super) fn counts(&self) -> SnpCounts {
        SnpCounts {
            all: self.snps.len(),
            unlisted: self.unlisted,
        }
    }

    /// Bytes of the matrix.
    pub(super) fn bytes(&self) -> u64 {
        self.matrix.bytes()
    }

    /// As [`GenotypeSource::blocks`](super::GenotypeSource::blocks).
    pub(super) fn blocks(&self, snps: Range<usize>, block_snps: usize) -> Box<dyn GenotypeBlocks> {
        assert!(block_snps > 0, "a block has SNPs");
        Box::new(Blocks {
            left: snps.start..snps.end.min(self.snps.len()),
            block_snps,
            source: self.clone(),
        })
    }

    /// The genotypes of a range of SNPs.
    fn genotypes(&self, snps: Range<usize>) -> Genotypes {
        let rows = &self.matrix.rows;
        match self.encoding {
            Encoding::Packed => {
                let stride = packed_bytes(rows.len());
                let mut packed = vec![0; snps.len() * stride];
                packed
                    .par_chunks_mut(SNPS_PER_TASK * stride)
                    .zip(snps.into_par_iter().step_by(SNPS_PER_TASK))
                    .for_each(|(chunk, first)| {
                        for (i, row) in rows.iter().enumerate() {
                            let Row::Calls(calls) = row else { continue };
                            for (snp, &call) in chunk.chunks_mut(stride).zip(&calls[first..]) {
                                snp[i / 4] |= CALLS[usize::from(call)] << (2 * (i % 4));
                            }
                        }
                    });
                Genotypes::Packed(packed)
            }
            Encoding::Dosage => {
                let n = rows.len();
                let mut values = vec![0.0; snps.len() * n];
                values
                    .par_chunks_mut(SNPS_PER_TASK * n)
                    .zip(snps.into_par_iter().step_by(SNPS_PER_TASK))
                    .for_each(|(chunk, first)| {
                        for (i, row) in rows.iter().enumerate() {
                            for (snp, snp_index) in chunk.chunks_mut(n).zip(first..) {
                                snp[i] = row.value(snp_index);
                            }
                        }
                    });
                Genotypes::Dosages(values)
            }
        }
    }
}

struct Blocks {
    source: Transposed,
    /// SNPs not yet returned.
    left: Range<usize>,
    block_snps: usize,
}

impl GenotypeBlocks for Blocks {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        if self.left.is_empty() {
            return None;
        }
        let first = self.left.start;
        let end = self.left.end.min(first.saturating_add(self.block_snps));
        self.left.start = end;
        let genotypes = self.source.genotypes(first..end);
        let block = GenotypeBlock::new(first, self.source.matrix.rows.len(), genotypes);
        Some(Ok(block.with_records(Arc::clone(&self.source.snps), first)))
    }
}
