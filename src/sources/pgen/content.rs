//! The records of a `.pgen`, read and decoded.

use crate::error::{Error, Result};
use crate::genotype::{Encoding, Genotypes, ScaledDosages};
use crate::io::bed::packed_bytes;
use crate::io::bim::SnpTable;
use crate::io::pgen::{Calls, Damage, Decoder, PER_COPY, PgenFile, PgenReader, Record};
use crate::io::text::count;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Decoded bytes of one task.
const TASK_BYTES: usize = 1 << 16;

const _: () = assert!(2 * (PER_COPY as u32) < ScaledDosages::MISSING as u32);

/// What the blocks of a source need.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) file: PgenFile,
    pub(super) snps: Arc<SnpTable>,
    pub(super) encoding: Encoding,
    /// The hard calls of dosages.
    pub(super) calls: Option<Calls>,
}

/// The bytes of the records of consecutive SNPs.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    snps: Range<usize>,
    bytes: Vec<u8>,
    /// The record that is the base of the first one, if that one is stored as a difference.
    base: Vec<u8>,
}

impl Content {
    /// Bytes of a decoded SNP.
    pub(super) fn bytes_per_snp(&self) -> usize {
        let n = self.file.index().counts().n_individuals;
        match self.encoding {
            Encoding::Packed => packed_bytes(n),
            Encoding::Dosage => n * size_of::<u16>(),
        }
    }

    /// Reads the records of a range of SNPs; the memory of `chunk` is used again.
    pub(super) fn read_chunk(
        &self,
        reader: &mut PgenReader,
        snps: Range<usize>,
        mut chunk: Chunk,
    ) -> Result<Chunk> {
        let index = self.file.index();
        if let Some(base) = index.base(snps.start) {
            reader.read(index.bytes(base..base + 1), &mut chunk.base)?;
        }
        reader.read(index.bytes(snps.clone()), &mut chunk.bytes)?;
        chunk.snps = snps;
        Ok(chunk)
    }

    /// Decodes the SNPs of a chunk on all threads; `free` is memory that may be used.
    pub(super) fn decode(&self, chunk: &Chunk, free: Option<Genotypes>) -> Result<Genotypes> {
        let length = chunk.snps.len() * self.bytes_per_snp();
        Ok(match self.encoding {
            Encoding::Packed => {
                let mut packed = match free {
                    Some(Genotypes::Packed(bytes)) => bytes,
                    _ => Vec::new(),
                };
                packed.resize(length, 0);
                let calls = self.calls.as_ref();
                self.decode_each(chunk, &mut packed, |decoder, record, snp| {
                    decoder.read_packed(record, calls, snp)
                })?;
                Genotypes::Packed(packed)
            }
            Encoding::Dosage => {
                let mut values = match free {
                    Some(Genotypes::Scaled(scaled)) => scaled.values,
                    _ => Vec::new(),
                };
                values.resize(length / size_of::<u16>(), 0);
                self.decode_each(chunk, &mut values, Decoder::read_scaled)?;
                Genotypes::Scaled(ScaledDosages {
                    values,
                    per_copy: PER_COPY,
                })
            }
        })
    }

    /// Calls `decode` with each record of a chunk and its part of `out`. Returns the error of the first damaged record.
    fn decode_each<T: Send>(
        &self,
        chunk: &Chunk,
        out: &mut [T],
        decode: impl Fn(&mut Decoder, Record<'_>, &mut [T]) -> Result<(), Damage> + Sync,
    ) -> Result<()> {
        let index = self.file.index();
        let per_snp = out.len() / chunk.snps.len();
        let per_task = (TASK_BYTES / self.bytes_per_snp()).clamp(4, 1024);
        let chunk_start = index.start(chunk.snps.start);
        let results: Vec<Result<()>> = out
            .par_chunks_mut(per_task * per_snp)
            .enumerate()
            .map(|(task, out)| {
                let first = chunk.snps.start + task * per_task;
                let mut decoder = Decoder::new(index.counts().n_individuals);
                if let Some(base) = index.base(first) {
                    let bytes = if base < chunk.snps.start {
                        &chunk.base
                    } else {
                        let at = (index.start(base) - chunk_start) as usize;
                        &chunk.bytes[at..at + index.length(base) as usize]
                    };
                    (decoder.set_base(index.kind(base), bytes))
                        .map_err(|damage| self.error(base, &damage))?;
                }
                let mut at = (index.start(first) - chunk_start) as usize;
                for (snp_index, out) in (first..).zip(out.chunks_exact_mut(per_snp)) {
                    let end = at + index.length(snp_index) as usize;
                    let record = self.record(snp_index, &chunk.bytes[at..end]);
                    decode(&mut decoder, record, out)
                        .map_err(|damage| self.error(snp_index, &damage))?;
                    at = end;
                }
                Ok(())
            })
            .collect();
        results.into_iter().collect()
    }

    fn record<'a>(&self, snp_index: usize, bytes: &'a [u8]) -> Record<'a> {
        let kind = self.file.index().kind(snp_index);
        let n_alts = if kind.has_alleles() || kind.has_dosages() {
            self.snps.get(snp_index).allele1.split(',').count()
        } else {
            1
        };
        Record {
            kind,
            bytes,
            n_alts,
        }
    }

    /// The error for a damaged record.
    fn error(&self, snp_index: usize, damage: &Damage) -> Error {
        let index = self.file.index();
        let start = index.start(snp_index);
        Error::malformed(
            self.file.path(),
            format!(
                "SNP {} ({}), record of {} at offset {start}, offset {} in the record: {}",
                snp_index + 1,
                self.snps.get(snp_index).rs,
                count(index.length(snp_index) as usize, "byte"),
                damage.at,
                damage.what
            ),
            damage.hint(),
        )
    }
}
