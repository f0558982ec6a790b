//! BGZF: gzip in blocks of at most 64 KiB, which are compressed in parallel and can be indexed by `tabix`.
//!
//! Each block is a separate gzip member with its length in the extra field `BC`; an empty block ends the file. Any gzip
//! program reads it. The text is split into blocks at fixed positions, so the bytes do not depend on the number of
//! threads. Source: SAM/BAM format specification, section 4.1.
//!
//! Implemented here, in thirty lines on flate2, because the writers of existing crates start threads in addition to
//! those that `--threads` allows.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use rayon::prelude::*;

/// Bytes of text in a block: with 26 bytes of header and trailer, even an incompressible block stays below 64 KiB.
const BLOCK_BYTES: usize = 0xff00;
/// Blocks of text that are collected before they are distributed to the cores.
const BATCH_BLOCKS: usize = 16;
/// Bytes of the header and the trailer of a block.
const FRAME_BYTES: usize = 18 + 8;
/// The empty block that marks the end of a complete file.
const END: [u8; 28] = [
    0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    0, 0,
];

/// Text that has not been compressed yet.
#[derive(Debug, Default)]
pub(crate) struct Bgzf {
    text: Vec<u8>,
    /// The end of each block so far, in the file.
    ends: Vec<u64>,
}

/// Where the blocks of a complete file are.
#[derive(Debug)]
pub(crate) struct BlockOffsets {
    /// The end of each block.
    ends: Vec<u64>,
}

impl BlockOffsets {
    /// The virtual offset, as indexes have it, of a byte of the text: the start of its block in the file, and in the lowest 16
    /// bits its place in the text of the block.
    ///
    /// * `at`: the place of the byte in the whole text, at most its length
    pub(crate) fn virtual_offset(&self, at: u64) -> u64 {
        let (block, within) = (at / BLOCK_BYTES as u64, at % BLOCK_BYTES as u64);
        let start = match block {
            0 => 0,
            block => self.ends[block as usize - 1],
        };
        start << 16 | within
    }
}

impl Bgzf {
    /// Appends `texts` and returns the completed blocks, in order.
    pub(crate) fn add(&mut self, texts: &[Vec<u8>]) -> Vec<Vec<u8>> {
        for text in texts {
            self.text.extend_from_slice(text);
        }
        if self.text.len() < BATCH_BLOCKS * BLOCK_BYTES {
            return Vec::new();
        }
        let n_whole = self.text.len() / BLOCK_BYTES * BLOCK_BYTES;
        let blocks = compressed(&self.text[..n_whole]);
        self.text.drain(..n_whole);
        self.record(&blocks);
        blocks
    }

    /// The blocks of the remaining text and the end of the file.
    pub(crate) fn finish(&mut self) -> Vec<Vec<u8>> {
        let mut blocks = compressed(&std::mem::take(&mut self.text));
        self.record(&blocks);
        blocks.push(END.to_vec());
        blocks
    }

    /// Where the blocks are, after [`finish`](Self::finish).
    pub(crate) fn offsets(self) -> BlockOffsets {
        BlockOffsets { ends: self.ends }
    }

    /// The whole of `text` as a file.
    pub(crate) fn file(text: Vec<u8>) -> Vec<u8> {
        let mut whole = Self {
            text,
            ends: Vec::new(),
        };
        whole.finish().concat()
    }

    fn record(&mut self, blocks: &[Vec<u8>]) {
        for block in blocks {
            let start = self.ends.last().copied().unwrap_or_default();
            self.ends.push(start + block.len() as u64);
        }
    }
}

fn compressed(text: &[u8]) -> Vec<Vec<u8>> {
    text.par_chunks(BLOCK_BYTES)
        .map_init(|| Compress::new(Compression::default(), false), block)
        .collect()
}

/// One block of at most [`BLOCK_BYTES`] bytes of text.
fn block(compress: &mut Compress, text: &[u8]) -> Vec<u8> {
    let mut body = vec![0; BLOCK_BYTES];
    compress.reset();
    let status = compress.compress(text, &mut body, FlushCompress::Finish);
    if matches!(status, Ok(Status::StreamEnd)) {
        body.truncate(compress.total_out() as usize);
    } else {
        body = stored(text); // deflate would enlarge it
    }
    let mut crc = Crc::new();
    crc.update(text);
    let length = (FRAME_BYTES + body.len() - 1) as u16;
    let mut block = Vec::with_capacity(FRAME_BYTES + body.len());
    block.extend_from_slice(&END[..16]);
    block.extend_from_slice(&length.to_le_bytes());
    block.extend_from_slice(&body);
    block.extend_from_slice(&crc.sum().to_le_bytes());
    block.extend_from_slice(&(text.len() as u32).to_le_bytes());
    block
}

/// `text` as one stored block of deflate (RFC 1951, section 3.2.4).
fn stored(text: &[u8]) -> Vec<u8> {
    let length = text.len() as u16;
    let mut body = vec![1];
    body.extend_from_slice(&length.to_le_bytes());
    body.extend_from_slice(&(!length).to_le_bytes());
    body.extend_from_slice(text);
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::MultiGzDecoder;
    use std::io::Read;

    fn file(texts: &[Vec<u8>]) -> Vec<u8> {
        let mut bgzf = Bgzf::default();
        let mut file: Vec<u8> = texts
            .iter()
            .flat_map(|text| bgzf.add(std::slice::from_ref(text)).concat())
            .collect();
        file.extend(bgzf.finish().concat());
        file
    }

    fn noise(n_bytes: usize) -> Vec<u8> {
        (0..n_bytes as u64)
            .map(|i| (((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) ^ (i * i)) as u8)
            .map(|byte| byte.wrapping_mul(167) ^ byte >> 3)
            .collect()
    }

    #[test]
    fn any_gzip_reads_what_was_written_however_it_was_handed_over() {
        let words = b"rs1\t1.234567e-05\n".repeat(150_000);
        for text in [words, noise(3 * BLOCK_BYTES + 1), Vec::new(), b"x".to_vec()] {
            let whole = file(std::slice::from_ref(&text));
            let mut read = Vec::new();
            MultiGzDecoder::new(&whole[..])
                .read_to_end(&mut read)
                .unwrap();
            assert!(read == text);
            for step in [1000, BLOCK_BYTES, 3_000_000] {
                let texts: Vec<_> = text.chunks(step).map(<[u8]>::to_vec).collect();
                assert!(file(&texts) == whole, "{step}");
            }
        }
    }

    #[test]
    fn blocks_say_their_length_and_the_last_is_empty() {
        let whole = file(&[b"chr\trs\n".repeat(100_000), noise(BLOCK_BYTES)]);
        let (mut at, mut n_blocks) = (0, 0);
        while at < whole.len() {
            assert_eq!(whole[at..at + 16], END[..16]);
            at += usize::from(u16::from_le_bytes([whole[at + 16], whole[at + 17]])) + 1;
            n_blocks += 1;
        }
        assert_eq!((at, n_blocks), (whole.len(), 700_000 / BLOCK_BYTES + 3));
        assert!(whole.ends_with(&END));
    }

    #[test]
    fn virtual_offsets_lead_to_the_bytes_of_the_text() {
        let text = [noise(2 * BLOCK_BYTES + 7), b"chr\trs\n".repeat(50_000)].concat();
        let mut bgzf = Bgzf::default();
        let mut whole: Vec<u8> = (text.chunks(100_000))
            .flat_map(|some| bgzf.add(&[some.to_vec()]).concat())
            .collect();
        whole.extend(bgzf.finish().concat());
        let offsets = bgzf.offsets();
        for at in [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 300_000, text.len() - 1] {
            let offset = offsets.virtual_offset(at as u64);
            let mut read = Vec::new();
            MultiGzDecoder::new(&whole[(offset >> 16) as usize..])
                .read_to_end(&mut read)
                .unwrap();
            assert!(read[(offset & 0xffff) as usize..] == text[at..], "{at}");
        }
    }

    #[test]
    fn stored_text_is_deflate() {
        let text = noise(BLOCK_BYTES);
        let mut read = Vec::new();
        flate2::read::DeflateDecoder::new(&stored(&text)[..])
            .read_to_end(&mut read)
            .unwrap();
        assert!(read == text);
    }
}
