//! Decompression of the genotypes of one SNP.

use super::block::SnpBlock;
use super::header::Compression;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::bulk::Decompressor;

/// Memory for the decompression of one SNP after another.
pub(crate) struct Inflater {
    zlib: Decompress,
    zstd: Option<Decompressor<'static>>,
    bytes: Vec<u8>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self {
            zlib: Decompress::new(true),
            zstd: None,
            bytes: Vec::new(),
        }
    }
}

impl Inflater {
    /// The genotypes of a SNP, decompressed.
    ///
    /// Returns what is wrong if they are damaged, or if they do not have exactly the size that the block states.
    pub(crate) fn inflate<'a>(
        &'a mut self,
        block: &SnpBlock<'a>,
        compression: Compression,
    ) -> Result<&'a [u8], String> {
        match compression {
            Compression::None => return Ok(block.stored),
            Compression::Zlib => self.inflate_zlib(block)?,
            Compression::Zstd => self.inflate_zstd(block)?,
        }
        Ok(&self.bytes[..block.size])
    }

    fn resize(&mut self, size: usize) {
        if self.bytes.len() < size {
            self.bytes.resize(size, 0);
        }
    }

    fn inflate_zlib(&mut self, block: &SnpBlock<'_>) -> Result<(), String> {
        self.resize(block.size);
        self.zlib.reset(true);
        let bytes = &mut self.bytes[..block.size];
        let status = self
            .zlib
            .decompress(block.stored, bytes, FlushDecompress::Finish)
            .map_err(|error| format!("its zlib data are damaged ({error})"))?;
        let (taken, given) = (self.zlib.total_in(), self.zlib.total_out());
        if status != Status::StreamEnd || given != block.size as u64 {
            return Err(format!(
                "its zlib data do not decompress to the {} bytes that the file states",
                block.size
            ));
        }
        if taken != block.stored.len() as u64 {
            return Err(format!(
                "{} bytes follow its zlib data",
                block.stored.len() as u64 - taken
            ));
        }
        Ok(())
    }

    fn inflate_zstd(&mut self, block: &SnpBlock<'_>) -> Result<(), String> {
        let damaged = |error: std::io::Error| format!("its Zstandard data are damaged ({error})");
        self.resize(block.size);
        let zstd = match &mut self.zstd {
            Some(zstd) => zstd,
            none => none.insert(Decompressor::new().map_err(damaged)?),
        };
        let bytes = &mut self.bytes[..block.size];
        let given = zstd
            .decompress_to_buffer(block.stored, bytes)
            .map_err(damaged)?;
        if given != block.size {
            return Err(format!(
                "its Zstandard data decompress to {given} bytes, but the file states {}",
                block.size
            ));
        }
        Ok(())
    }
}
