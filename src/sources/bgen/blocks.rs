//! Blocks of SNPs of a BGEN file: a thread reads ahead, and all threads decode.

use super::columns::{Column, Decoded, Decoder};
use super::file::BgenFile;
use crate::error::{Error, Result};
use crate::genotype::{GenotypeBlock, Genotypes, ScaledDosages};
use crate::io::bed::packed_bytes;
use crate::io::bgen::Place;
use crate::io::bim::SnpTable;
use crate::sources::ranges::{RangeReader, block_ranges, read_ahead};
use rayon::prelude::*;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};

/// Bytes of the file that are read at once; three such parts are in memory.
const PART_BYTES: u64 = if cfg!(test) { 1 << 8 } else { 16 << 20 };

/// Consecutive SNPs of one block, as they are in the file.
struct Part {
    first: usize,
    bytes: Vec<u8>,
    /// The bytes of each SNP.
    ranges: Vec<Range<usize>>,
}

/// Decodes what the thread reads.
pub(super) struct BgenReader {
    file: Arc<BgenFile>,
    records: Arc<SnpTable>,
    parts: Receiver<Result<Part>>,
    used: SyncSender<Vec<u8>>,
    decoder: Decoder,
    spare: Option<Genotypes>,
}

impl BgenReader {
    /// Starts to read the blocks of a range of SNPs.
    pub(super) fn start(
        file: File,
        bgen: &Arc<BgenFile>,
        records: &Arc<SnpTable>,
        snps: Range<usize>,
        block_snps: usize,
    ) -> Result<Self> {
        let (send, parts) = sync_channel(1);
        let (used, reuse) = sync_channel(3);
        let of = Arc::clone(bgen);
        let blocks = block_ranges(snps, block_snps);
        read_ahead(move || read_parts(file, &of, blocks, &send, &reuse))?;
        Ok(Self {
            file: Arc::clone(bgen),
            records: Arc::clone(records),
            parts,
            used,
            decoder: Decoder::default(),
            spare: None,
        })
    }

    /// The next part of the file.
    ///
    /// # Panics
    /// If the reading thread ended before the last SNP without an error: a bug must not look like the end of the file.
    fn part(&mut self) -> Result<Part> {
        let part = self.parts.recv();
        part.expect("the reading thread sends every part or an error")
    }

    /// Memory for a block that starts with the part: 16-bit numbers if the dosages of its first SNP are.
    fn empty(&mut self, part: &Part, n_snps: usize) -> Result<Genotypes> {
        let n = self.file.header.n_individuals;
        let spare = self.spare.take();
        if self.file.hard_calls.is_some() {
            let mut bytes = match spare {
                Some(Genotypes::Packed(bytes)) => bytes,
                _ => Vec::new(),
            };
            bytes.resize(n_snps * packed_bytes(n), 0);
            return Ok(Genotypes::Packed(bytes));
        }
        let first = (part.first, self.records.get(part.first));
        let bytes = &part.bytes[part.ranges[0].clone()];
        if let Some(per_copy) = self.decoder.per_copy(&self.file, bytes, first)? {
            let mut values = match spare {
                Some(Genotypes::Scaled(spare)) => spare.values,
                _ => Vec::new(),
            };
            values.resize(n_snps * n, 0);
            return Ok(Genotypes::Scaled(ScaledDosages { values, per_copy }));
        }
        let mut dosages = match spare {
            Some(Genotypes::Dosages(dosages)) => dosages,
            _ => Vec::new(),
        };
        dosages.resize(n_snps * n, 0.0);
        Ok(Genotypes::Dosages(dosages))
    }

    /// Decodes the SNPs of a part into the columns of `genotypes` from `start` on. False if a SNP has dosages in another
    /// unit.
    ///
    /// Fails with the error of the first SNP that has one.
    fn decode(&self, part: &Part, genotypes: &mut Genotypes, start: usize) -> Result<bool> {
        let (file, records) = (&*self.file, &*self.records);
        let n = file.header.n_individuals;
        let stride = match genotypes {
            Genotypes::Packed(_) => packed_bytes(n),
            Genotypes::Dosages(_) | Genotypes::Scaled(_) => n,
        };
        let columns: Vec<Column<'_>> = match genotypes {
            Genotypes::Packed(bytes) => {
                let hard_calls = file.hard_calls.expect("packed blocks are of hard calls");
                let columns = bytes[start * stride..].chunks_mut(stride);
                columns.map(|out| Column::Packed(hard_calls, out)).collect()
            }
            Genotypes::Dosages(dosages) => {
                let columns = dosages[start * stride..].chunks_mut(stride);
                columns.map(Column::Dosages).collect()
            }
            Genotypes::Scaled(ScaledDosages { values, per_copy }) => {
                let columns = values[start * stride..].chunks_mut(stride);
                columns.map(|out| Column::Scaled(*per_copy, out)).collect()
            }
        };
        let decoded: Vec<Result<Decoded>> = columns
            .into_par_iter()
            .zip(part.ranges.par_iter())
            .enumerate()
            .map_init(Decoder::default, |decoder, (i, (column, range))| {
                let snp_index = part.first + i;
                let snp = (snp_index, records.get(snp_index));
                decoder.decode(file, &part.bytes[range.clone()], snp, column)
            })
            .collect();
        for (decoded, snp_index) in decoded.into_iter().zip(part.first..) {
            match decoded? {
                Decoded::Done => {}
                Decoded::OtherUnit => return Ok(false),
                Decoded::Unusual(ploidy) => {
                    let unusual = file.unusual.lock();
                    let mut unusual = unusual.unwrap_or_else(PoisonError::into_inner);
                    unusual.insert(snp_index, ploidy);
                }
            }
        }
        Ok(true)
    }
}

impl RangeReader for BgenReader {
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let mut part = self.part()?;
        let mut genotypes = self.empty(&part, snps.len())?;
        let mut n_done = 0;
        loop {
            if !self.decode(&part, &mut genotypes, n_done)? {
                genotypes = widened(genotypes);
                self.decode(&part, &mut genotypes, n_done)?;
            }
            n_done += part.ranges.len();
            // A full channel only means that enough buffers are already in use.
            let _ = self.used.try_send(part.bytes);
            if n_done == snps.len() {
                break;
            }
            part = self.part()?;
        }
        let n = self.file.header.n_individuals;
        let block = GenotypeBlock::new(snps.start, n, genotypes);
        Ok(Some(
            block.with_records(Arc::clone(&self.records), snps.start),
        ))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.spare = Some(block.into_genotypes());
    }
}

/// The same dosages as f64, to which SNPs with any unit can be added.
fn widened(genotypes: Genotypes) -> Genotypes {
    match genotypes {
        Genotypes::Scaled(scaled) => {
            let dosages = scaled.values.par_iter().map(|value| scaled.dosage(*value));
            Genotypes::Dosages(dosages.collect())
        }
        other => other,
    }
}

/// Reads the blocks and sends them in parts.
fn read_parts(
    mut file: File,
    bgen: &BgenFile,
    blocks: impl Iterator<Item = Range<usize>>,
    send: &SyncSender<Result<Part>>,
    reuse: &Receiver<Vec<u8>>,
) {
    for mut block in blocks {
        while !block.is_empty() {
            let places = part_of(&bgen.places[block.clone()]);
            let mut part = Part {
                first: block.start,
                bytes: reuse.try_recv().unwrap_or_default(),
                ranges: Vec::with_capacity(places.len()),
            };
            let read = read_places(&mut file, places, &mut part);
            block.start += places.len();
            let failed = read.is_err();
            let part = read
                .map(|()| part)
                .map_err(Error::io("read", &bgen.header.path));
            // The receiver is dropped if the computation ends early: nothing more has to be read.
            if send.send(part).is_err() || failed {
                return;
            }
        }
    }
}

/// The first places that together have about [`PART_BYTES`]; at least one.
fn part_of(places: &[Place]) -> &[Place] {
    let mut n_bytes = 0;
    let fits = |place: &&Place| {
        n_bytes += place.length;
        n_bytes <= PART_BYTES
    };
    let n = places.iter().take_while(fits).count().max(1);
    &places[..n]
}

/// Reads the bytes at the places; those that touch are read at once.
fn read_places(file: &mut File, places: &[Place], part: &mut Part) -> std::io::Result<()> {
    let n_bytes: u64 = places.iter().map(|place| place.length).sum();
    part.bytes.resize(n_bytes as usize, 0);
    let mut at = 0;
    for run in places.chunk_by(|a, b| a.start + a.length == b.start) {
        let first = at;
        for place in run {
            part.ranges.push(at..at + place.length as usize);
            at += place.length as usize;
        }
        file.seek(SeekFrom::Start(run[0].start))?;
        file.read_exact(&mut part.bytes[first..at])?;
    }
    Ok(())
}
