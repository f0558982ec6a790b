//! Blocks of packed SNPs, read one block ahead of the computation.

use crate::error::{Error, Result};
use crate::io::bed::{BedFile, packed_bytes};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// SNPs of a block for each thread: enough to share out, few enough that progress shows.
const SNPS_PER_THREAD: usize = 512;
/// SNPs of a block at least: tables that are made once for a block must be looked up often.
const MIN_SNPS: usize = 2048;

/// Consecutive SNPs of a file, two bits a genotype.
#[derive(Debug, Default)]
pub struct GenotypeBlock {
    first: usize,
    stride: usize,
    packed: Vec<u8>,
}

impl GenotypeBlock {
    /// A block of the SNPs from position `first` on, `n_individuals` each.
    #[must_use]
    pub fn new(first: usize, n_individuals: usize, packed: Vec<u8>) -> Self {
        Self {
            first,
            stride: packed_bytes(n_individuals),
            packed,
        }
    }

    /// SNPs in the block.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.len().checked_div(self.stride).unwrap_or(0)
    }

    /// Whether the block holds no SNP.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Positions of the SNPs in their file.
    #[must_use]
    pub fn positions(&self) -> Range<usize> {
        self.first..self.first + self.len()
    }

    /// The packed genotypes of the SNP at `position` of the file.
    ///
    /// # Panics
    /// Where the SNP is not in this block.
    #[must_use]
    pub fn packed(&self, position: usize) -> &[u8] {
        let start = (position - self.first) * self.stride;
        &self.packed[start..start + self.stride]
    }
}

/// All blocks of a `.bed` file in order, read by a thread that stays one block ahead.
pub struct GenotypeBlocks {
    blocks: Receiver<Result<GenotypeBlock>>,
    used: SyncSender<GenotypeBlock>,
    /// SNPs not yet handed out.
    left: usize,
}

impl GenotypeBlocks {
    /// Starts reading `bed`; `block_snps` fixes the SNPs of a block, `None` fits them to the threads.
    ///
    /// Results never depend on it.
    pub fn start(mut bed: BedFile, block_snps: Option<usize>) -> Result<Self> {
        let (n, p) = (bed.n_individuals(), bed.n_snps());
        let fitting = (SNPS_PER_THREAD * rayon::current_num_threads()).max(MIN_SNPS);
        let step = block_snps.unwrap_or(fitting).clamp(1, p.max(1));
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
        Ok(Self {
            blocks,
            used,
            left: p,
        })
    }

    /// Gives a block back, so that its memory serves the next one.
    pub fn recycle(&self, block: GenotypeBlock) {
        // A full channel only means that enough buffers are in use already.
        let _ = self.used.try_send(block);
    }

    /// The next block; `None` after the last.
    ///
    /// # Panics
    /// Where the reading thread ended before the last SNP without an error: a bug of ours must not pass for the end.
    pub fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
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
