//! Blocks of SNPs of a `.bed`, read ahead of the computation.

use crate::error::{Error, Result};
use crate::genotype::{GenotypeBlock, Genotypes};
use crate::io::bed::BedFile;
use crate::io::bim::SnpTable;
use crate::sources::source::GenotypeBlocks;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Blocks read by a thread that is one block ahead of the computation.
pub(super) struct BedBlocks {
    records: Arc<SnpTable>,
    blocks: Receiver<Result<GenotypeBlock>>,
    used: SyncSender<Vec<u8>>,
    /// Number of SNPs not yet returned.
    left: usize,
}

impl BedBlocks {
    /// Starts reading `snps` in blocks of `block_snps`.
    ///
    /// * `records`: those of all SNPs of the file
    pub(super) fn start(
        mut bed: BedFile,
        records: &Arc<SnpTable>,
        snps: Range<usize>,
        block_snps: usize,
    ) -> Result<Self> {
        assert!(block_snps > 0, "a block has SNPs");
        let left = snps.len();
        let step = block_snps.min(left.max(1));
        let n = bed.n_individuals();
        let (send, blocks) = sync_channel(1);
        let (used, reuse) = sync_channel::<Vec<u8>>(3);
        thread::Builder::new()
            .name("jamma-read".into())
            .spawn(move || {
                for first in snps.clone().step_by(step) {
                    let mut packed = reuse.try_recv().unwrap_or_default();
                    let read = bed.read_packed(first..(first + step).min(snps.end), &mut packed);
                    let failed = read.is_err();
                    let block =
                        read.map(|()| GenotypeBlock::new(first, n, Genotypes::Packed(packed)));
                    // The receiver is dropped if the computation ends early: nothing more has to be read.
                    if send.send(block).is_err() || failed {
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
            records: Arc::clone(records),
            blocks,
            used,
            left,
        })
    }
}

impl GenotypeBlocks for BedBlocks {
    /// # Panics
    /// If the reading thread ended before the last SNP without an error: a bug must not look like the end of the file.
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        if self.left == 0 {
            return None;
        }
        let block = self.blocks.recv();
        let block = block.expect("the reading thread sends every block or an error");
        self.left = block
            .as_ref()
            .map_or(0, |block| self.left.saturating_sub(block.len()));
        Some(block.map(|block| {
            let first = block.snp_indices().start;
            block.with_records(Arc::clone(&self.records), first)
        }))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        if let Genotypes::Packed(bytes) = block.into_genotypes() {
            // A full channel only means that enough buffers are already in use.
            let _ = self.used.try_send(bytes);
        }
    }
}
