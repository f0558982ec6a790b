//! A matrix in memory whose rows are individuals, as blocks of SNPs.

use super::ranges::{RangeBlocks, RangeReader};
use super::source::GenotypeBlocks;
use super::text_rows::SnpCounts;
use crate::error::Result;
use crate::genotype::{Encoding, GenotypeBlock, Genotypes};
use crate::io::bed::{CALLS, NO_CALL, packed_bytes};
use crate::io::bim::SnpTable;
use crate::io::numeric::individual_rows::{Matrix, Row};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// SNPs that one task gathers: a cache line or more of every row.
const SNPS_PER_TASK: usize = 64;

/// The codes of no copy of allele1, of one, of two, and of a missing call.
const CODES: [u8; 4] = [CALLS[0], CALLS[1], CALLS[2], NO_CALL];

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
        let snps = snps.start..snps.end.min(self.snps.len());
        Box::new(RangeBlocks::new(self.clone(), snps, block_snps))
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
                                snp[i / 4] |= CODES[usize::from(call)] << (2 * (i % 4));
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

impl RangeReader for Transposed {
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let first = snps.start;
        let block = GenotypeBlock::new(first, self.matrix.rows.len(), self.genotypes(snps));
        Ok(Some(block.with_records(Arc::clone(&self.snps), first)))
    }
}
