//! Blocks of a `.pgen`: a thread reads the bytes of the next block, and all threads decode those of the current one.

use super::content::{Chunk, Content};
use crate::error::{Error, Result};
use crate::genotype::{GenotypeBlock, Genotypes};
use crate::io::pgen::PgenReader;
use crate::sources::source::GenotypeBlocks;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Blocks of a range of SNPs.
pub(super) struct PgenBlocks {
    content: Arc<Content>,
    chunks: Receiver<Result<Chunk>>,
    /// Chunks whose memory the reading thread may use again.
    used: SyncSender<Chunk>,
    /// The memory of a block that was returned.
    free: Option<Genotypes>,
    /// Number of SNPs not yet returned.
    left: usize,
}

impl PgenBlocks {
    pub(super) fn start(
        content: &Arc<Content>,
        snps: Range<usize>,
        block_snps: usize,
    ) -> Result<Self> {
        let left = snps.len();
        let reader = content.file.reader()?;
        let (send, chunks) = sync_channel(1);
        let (used, reuse) = sync_channel(2);
        let shared = Arc::clone(content);
        thread::Builder::new()
            .name("jamma-read".into())
            .spawn(move || read(&shared, reader, snps, block_snps, &send, &reuse))
            .map_err(|source| Error::Io {
                verb: "start a thread to read",
                path: "".into(),
                source,
            })?;
        Ok(Self {
            content: Arc::clone(content),
            chunks,
            used,
            free: None,
            left,
        })
    }
}

impl GenotypeBlocks for PgenBlocks {
    /// # Panics
    /// If the reading thread ended before the last SNP without an error: a bug must not look like the end of the file.
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        if self.left == 0 {
            return None;
        }
        let chunk = self.chunks.recv();
        let chunk = chunk.expect("the reading thread sends every block or an error");
        let free = self.free.take();
        let decoded = chunk.and_then(|chunk| {
            let genotypes = self.content.decode(&chunk, free);
            Ok((genotypes?, chunk))
        });
        let (genotypes, chunk) = match decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                self.left = 0;
                return Some(Err(error));
            }
        };
        let first = chunk.first();
        self.left -= chunk.len();
        // A full channel only means that enough buffers are already in use.
        let _ = self.used.try_send(chunk);
        let n = self.content.file.index().counts().n_individuals;
        let block = GenotypeBlock::new(first, n, genotypes);
        Some(Ok(block.with_records(Arc::clone(&self.content.snps), first)))
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.free = Some(block.into_genotypes());
    }
}

/// Reads the chunks of a range of SNPs, and sends them until the receiver is dropped or reading fails.
fn read(
    content: &Content,
    mut reader: PgenReader,
    snps: Range<usize>,
    block_snps: usize,
    send: &SyncSender<Result<Chunk>>,
    reuse: &Receiver<Chunk>,
) {
    let mut first = snps.start;
    while first < snps.end {
        let end = snps.end.min(first.saturating_add(block_snps));
        let chunk = reuse.try_recv().unwrap_or_default();
        let chunk = content.read_chunk(&mut reader, first..end, chunk);
        let failed = chunk.is_err();
        if send.send(chunk).is_err() || failed {
            return;
        }
        first = end;
    }
}
