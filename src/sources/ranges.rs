//! A range of SNPs, divided into blocks.

use super::source::GenotypeBlocks;
use crate::error::{Error, Result};
use crate::genotype::GenotypeBlock;
use std::ops::Range;
#[cfg(any(test, feature = "python"))]
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Reads consecutive ranges of SNPs of a source, each starting where the last one ended.
pub(crate) trait RangeReader: Send {
    /// The genotypes and records of the SNPs, or of fewer of them if the source ends before the last one; `None` if it
    /// ends before the first one. It is not called again after an error or the end.
    fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>>;

    /// As [`GenotypeBlocks::recycle`].
    fn recycle(&mut self, block: GenotypeBlock) {
        drop(block);
    }
}

/// The ranges of the blocks of `snps`: `block_snps` SNPs each, perhaps fewer in the last one.
///
/// # Panics
/// If `block_snps` is 0.
pub(crate) fn block_ranges(
    snps: Range<usize>,
    block_snps: usize,
) -> impl Iterator<Item = Range<usize>> + Send {
    assert!(block_snps > 0, "a block has SNPs");
    let mut next = snps.start;
    std::iter::from_fn(move || {
        let range = next..snps.end.min(next.saturating_add(block_snps));
        next = range.end;
        (!range.is_empty()).then_some(range)
    })
}

/// The blocks of a range of SNPs, as a [`RangeReader`] reads them.
pub(crate) struct RangeBlocks<R> {
    reader: R,
    /// SNPs not yet returned.
    left: Range<usize>,
    block_snps: usize,
}

impl<R: RangeReader> RangeBlocks<R> {
    /// * `snps`: may extend beyond the end of the source if `reader` finds the end
    ///
    /// # Panics
    /// If `block_snps` is 0.
    pub(crate) fn new(reader: R, snps: Range<usize>, block_snps: usize) -> Self {
        assert!(block_snps > 0, "a block has SNPs");
        Self {
            reader,
            left: snps,
            block_snps,
        }
    }
}

impl<R: RangeReader> GenotypeBlocks for RangeBlocks<R> {
    fn next_block(&mut self) -> Option<Result<GenotypeBlock>> {
        let range = block_ranges(self.left.clone(), self.block_snps).next()?;
        let block = self.reader.read(range.clone());
        let is_whole = matches!(&block, Ok(Some(block)) if block.snp_indices() == range);
        self.left.start = if is_whole { range.end } else { self.left.end };
        block.transpose()
    }

    fn recycle(&mut self, block: GenotypeBlock) {
        self.reader.recycle(block);
    }
}

/// Starts a thread that reads ahead of the computation.
///
/// It must end by itself when the receiver of what it sends is dropped. Fails if the system does not start it.
pub(crate) fn read_ahead(read: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new()
        .name("jamma-read".into())
        .spawn(read)
        .map(drop)
        .map_err(|source| Error::Io {
            verb: "start a thread to read",
            path: "".into(),
            source,
        })
}

/// The blocks of a range of SNPs, read by a thread that is up to two blocks ahead of the computation.
///
/// For readers that do not use all threads.
#[cfg(any(test, feature = "python"))]
pub(crate) struct BlocksAhead {
    blocks: Receiver<Result<Option<GenotypeBlock>>>,
}

#[cfg(any(test, feature = "python"))]
impl BlocksAhead {
    pub(crate) fn start(
        mut reader: impl RangeReader + 'static,
        snps: Range<usize>,
        block_snps: usize,
    ) -> Result<RangeBlocks<Self>> {
        let (send, blocks) = sync_channel(1);
        let ranges = block_ranges(snps.clone(), block_snps);
        read_ahead(move || {
            for range in ranges {
                let block = reader.read(range);
                let is_last = !matches!(block, Ok(Some(_)));
                // The receiver is dropped if the computation ends early: nothing more has to be read.
                if send.send(block).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(RangeBlocks::new(Self { blocks }, snps, block_snps))
    }
}

#[cfg(any(test, feature = "python"))]
impl RangeReader for BlocksAhead {
    /// # Panics
    /// If the reading thread ended before the last SNP without an error: a bug must not look like the end of the source.
    fn read(&mut self, _: Range<usize>) -> Result<Option<GenotypeBlock>> {
        let block = self.blocks.recv();
        block.expect("the reading thread sends every block, an error or the end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genotype::Genotypes;

    /// A source of one individual with `n_snps` SNPs, which fails at the SNP `fails_at`.
    struct Reader {
        n_snps: usize,
        fails_at: usize,
    }

    impl RangeReader for Reader {
        fn read(&mut self, snps: Range<usize>) -> Result<Option<GenotypeBlock>> {
            if snps.contains(&self.fails_at) {
                return Err(Error::inconsistent("damaged", ""));
            }
            let n = self.n_snps.min(snps.end).saturating_sub(snps.start);
            let block = GenotypeBlock::new(snps.start, 1, Genotypes::Packed(vec![0; n]));
            Ok((n > 0).then_some(block))
        }
    }

    /// The ranges of the blocks, `None` for an error; the same if a thread reads ahead.
    fn ranges(n_snps: usize, fails_at: usize, snps: Range<usize>) -> Vec<Option<Range<usize>>> {
        let reader = || Reader { n_snps, fails_at };
        let mut blocks = RangeBlocks::new(reader(), snps.clone(), 3);
        let mut ahead = BlocksAhead::start(reader(), snps, 3).unwrap();
        let each = std::iter::from_fn(|| {
            let [one, other] = [blocks.next_block(), ahead.next_block()]
                .map(|block| block.map(|block| block.ok().map(|block| block.snp_indices())));
            assert_eq!(one, other);
            one
        });
        each.collect()
    }

    #[test]
    fn blocks_end_with_the_range_the_source_or_an_error() {
        let all = usize::MAX;
        assert_eq!(ranges(9, all, 1..5), [Some(1..4), Some(4..5)]);
        assert_eq!(ranges(5, all, 0..all), [Some(0..3), Some(3..5)]);
        assert_eq!(ranges(3, all, 0..all), [Some(0..3)]);
        assert_eq!(ranges(9, 4, 0..all), [Some(0..3), None]);
        assert_eq!(ranges(2, all, 4..all), []);
        assert_eq!(ranges(9, all, 5..5), []);
    }

    #[test]
    fn block_ranges_cover_a_range_once() {
        let found: Vec<_> = block_ranges(2..9, 3).collect();
        assert_eq!(found, [2..5, 5..8, 8..9]);
        assert_eq!(block_ranges(4..4, 3).count(), 0);
        let last = block_ranges(usize::MAX - 1..usize::MAX, 3).last();
        assert_eq!(last, Some(usize::MAX - 1..usize::MAX));
    }
}
