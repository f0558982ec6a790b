//! Blocks of a `.pgen`: a thread reads the bytes of the next block, and all threads decode those of the current one.

use super::content::{Chunk, Content};
use crate::error::Result;
use crate::genotype::{GenotypeBlock, Genotypes};
use crate::io::pgen::PgenReader;
use crate::sources::ranges::{RangeReader, block_ranges, read_ahead};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Decodes what the thread reads.
pub(super) struct PgenDecoder {
    content: Arc<Content>,
    chunks: Receiver<Result<Chunk>>,
    /// Chunks whose memory the reading thread may use again.
    used: SyncSender<Chunk>,
    /// The memory of a block that was returned.
    free: Option<Genotypes>,
}

impl PgenDecoder {
    /// Starts to read the blocks of a range of SNPs.
    pub(super) fn start(
        content: &Arc<Content>,
        snps: Range<usize>,
        block_snps: usize,
    ) -> Result<Self> {
        let reader = content.file.reader()?;
        let (send, chunks) = sync_channel(1);
        let (used, reuse) = sync_channel(2);
        let shared = Arc::clone(content);
        let blocks = block_ranges(snps, block_snps);
        read_ahead(move || read(&shared, reader, blocks, &send, &reuse))?;
        Ok(Self {
            content: Arc::clone(content),
            chunks,
            used,
            free: None,
        })
    }
}

impl RangeReader for PgenDecoder {
    /// # Panics
    /// If the reading thread ended before the last SNP without an error: a bug must not look like the end of the file.
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let chunk = self.chunks.recv();
        let chunk = chunk.expect("the reading thread sends every block or an error")?;
        let genotypes = self.content.decode(&chunk, self.free.take())?;
        // A full channel only means that enough buffers are already in use.
        let _ = self.used.try_send(chunk);
        let n = self.content.file.index().counts().n_individuals;
        let block = GenotypeBlock::new(snps.start, n, genotypes);
        Ok(Some(
            block.with_records(Arc::clone(&self.content.snps), snps.start),
        ))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.free = Some(block.into_genotypes());
    }
}

/// Reads the chunks of the blocks, and sends them until the receiver is dropped or reading fails.
fn read(
    content: &Content,
    mut reader: PgenReader,
    blocks: impl Iterator<Item = Range<usize>>,
    send: &SyncSender<Result<Chunk>>,
    reuse: &Receiver<Chunk>,
) {
    for snps in blocks {
        let chunk = reuse.try_recv().unwrap_or_default();
        let chunk = content.read_chunk(&mut reader, snps, chunk);
        let failed = chunk.is_err();
        if send.send(chunk).is_err() || failed {
            return;
        }
    }
}
