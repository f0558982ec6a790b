//! Blocks of packed SNPs, read one block ahead of the computation.

use crate::error::{Error, Result};
use crate::io::bed::{BedFile, packed_bytes};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Consecutive SNPs of a file: two bits a genotype, or dosages.
#[derive(Debug, Default)]
pub struct GenotypeBlock {
    first: usize,
    /// Bytes of a SNP, or numbers.
    stride: usize,
    packed: Vec<u8>,
    /// Empty where the genotypes are packed.
    dosages: Vec<f64>,
}

impl GenotypeBlock {
    /// A block of the SNPs from index `first` on, `n_individuals` each.
    #[must_use]
    pub fn new(first: usize, n_individuals: usize, packed: Vec<u8>) -> Self {
        Self {
            first,
            stride: packed_bytes(n_individuals),
            packed,
            dosages: Vec::new(),
        }
    }

    /// A block of dosages of allele1 from 0 to 2, NaN where missing, `n_individuals` each.
    #[must_use]
    pub fn of_dosages(first: usize, n_individuals: usize, dosages: Vec<f64>) -> Self {
        Self {
            first,
            stride: n_individuals,
            packed: Vec::new(),
            dosages,
        }
    }

    /// SNPs in the block.
    #[must_use]
    pub fn len(&self) -> usize {
        let length = self.packed.len().max(self.dosages.len());
        length.checked_div(self.stride).unwrap_or(0)
    }

    /// Whether the genotypes are dosages, not packed.
    #[must_use]
    pub fn has_dosages(&self) -> bool {
        !self.dosages.is_empty()
    }

    /// Whether the block holds no SNP.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Positions of the SNPs in their file.
    #[must_use]
    pub fn snp_indices(&self) -> Range<usize> {
        self.first..self.first + self.len()
    }

    /// The packed genotypes of the SNP at `snp_index` of the file.
    ///
    /// # Panics
    /// Where the SNP is not in this block, or the block has dosages.
    #[must_use]
    pub fn packed(&self, snp_index: usize) -> &[u8] {
        let start = (snp_index - self.first) * self.stride;
        &self.packed[start..start + self.stride]
    }

    /// The dosages of everybody in the file at the SNP at `snp_index`, NaN where missing.
    ///
    /// # Panics
    /// Where the SNP is not in this block, or the block is packed.
    #[must_use]
    pub fn dosages(&self, snp_index: usize) -> &[f64] {
        let start = (snp_index - self.first) * self.stride;
        &self.dosages[start..start + self.stride]
    }
}

/// The genotypes of a study in memory, SNP after SNP.
#[derive(Debug)]
pub enum Genotypes {
    /// Hard calls, two bits each as in a `.bed` file, every SNP in whole bytes.
    Packed(Vec<u8>),
    /// Dosages of allele1 from 0 to 2, NaN where missing.
    Dosages(Vec<f64>),
}

/// All blocks of a study in order: of a `.bed` file, read by a thread that stays one block ahead, or from memory.
pub struct GenotypeBlocks(Source);

enum Source {
    File(Reading),
    Memory {
        genotypes: Arc<Genotypes>,
        n: usize,
        /// SNPs not yet handed out.
        left: Range<usize>,
        step: usize,
    },
}

/// Blocks on their way from a file.
struct Reading {
    blocks: Receiver<Result<GenotypeBlock>>,
    used: SyncSender<GenotypeBlock>,
    /// SNPs not yet handed out.
    left: usize,
}

impl GenotypeBlocks {
    /// Blocks of `block_snps` SNPs, of `n` individuals and `p` SNPs in memory.
    ///
    /// # Panics
    /// Where a block would have no SNP.
    #[must_use]
    pub fn of_memory(genotypes: Arc<Genotypes>, n: usize, p: usize, block_snps: usize) -> Self {
        assert!(block_snps > 0, "a block has SNPs");
        Self(Source::Memory {
            genotypes,
            n,
            left: 0..p,
            step: block_snps,
        })
    }

    /// Starts reading `bed` in blocks of `block_snps` SNPs; results never depend on their number.
    ///
    /// # Panics
    /// Where a block would have no SNP.
    pub fn start(mut bed: BedFile, block_snps: usize) -> Result<Self> {
        assert!(block_snps > 0, "a block has SNPs");
        let (n, p) = (bed.n_individuals(), bed.n_snps());
        let step = block_snps.min(p.max(1));
        let (send, blocks) = sync_channel(1);
        let (used, reuse) = sync_channel::<GenotypeBlock>(3);
        thread::Builder::new()
            .name("jamma-read".into())
            .spawn(move || {
                for first in (0..p).step_by(step) {
                    let mut block = reuse.try_recv().unwrap_or_default();
                    (block.first, block.stride) = (first, packed_bytes(n));
                    let read = bed.read_packed(first..(first + step).min(p), &mut block.packed);
                    let failed = read.is_err();
                    // The receiver is gone when the computation ended early: nothing is left to read for.
                    if send.send(read.map(|()| block)).is_err() || failed {
                        return;
                    }
                }
            })
            .map_err(|source| Error::Io {
                verb: "start a thread to read",
                path: "".into(),
                source,
            })?;
        Ok(Self(Source::File(Reading {
            blocks,
            used,
            left: p,
        })))
    }

    /// Gives a block back, so that its memory serves the next one.
    pub fn recycle(&self, block: GenotypeBlock) {
        if let Source::File(reading) = &self.0 {
            // A full channel only means that enough buffers are in use already.
            let _ = reading.used.try_send(block);
        }
    }

    /// The next block; `None` after the last.
    ///
    /// # Panics
    /// Where the reading thread ended before the last SNP without an error: a bug of ours must not pass for the end.
    pub fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        match &mut self.0 {
            Source::File(reading) => reading.next_block(),
            Source::Memory { left, .. } if left.start == left.end => None,
            Source::Memory {
                genotypes,
                n,
                left,
                step,
            } => {
                let snps = left.start..left.end.min(left.start + *step);
                left.start = snps.end;
                let of = |stride: usize| snps.start * stride..snps.end * stride;
                Some(Ok(match &**genotypes {
                    Genotypes::Packed(packed) => {
                        let packed = packed[of(packed_bytes(*n))].to_vec();
                        GenotypeBlock::new(snps.start, *n, packed)
                    }
                    Genotypes::Dosages(dosages) => {
                        GenotypeBlock::of_dosages(snps.start, *n, dosages[of(*n)].to_vec())
                    }
                }))
            }
        }
    }
}

impl Reading {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        if self.left == 0 {
            return None;
        }
        let block = self
            .blocks
            .recv()
            .expect("the reading thread sends every block or an error");
        self.left = block
            .as_ref()
            .map_or(0, |block| self.left.saturating_sub(block.len()));
        Some(block)
    }
}
