//! Gzip in memory, as one member: decompressors of web browsers read no more than the first.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// `bytes`, compressed at level 6. Without a name and a time, so that equal bytes give equal results.
#[must_use]
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut deflate = Compress::new(Compression::new(6), false);
    out.reserve(bytes.len() / 2 + 1024);
    loop {
        let read = deflate.total_in() as usize;
        let status = deflate
            .compress_vec(&bytes[read..], &mut out, FlushCompress::Finish)
            .expect("deflate does not fail");
        if status == Status::StreamEnd {
            break;
        }
        out.reserve(out.capacity().max(1024));
    }
    let mut crc = Crc::new();
    crc.update(bytes);
    out.extend(crc.sum().to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn it_is_decompressed_to_the_same_bytes() {
        for n in [0, 1, 5000, 300_000] {
            let bytes: Vec<u8> = (0..n).map(|k: u32| (k * k / 7 % 251) as u8).collect();
            let mut read = Vec::new();
            GzDecoder::new(&gzip(&bytes)[..])
                .read_to_end(&mut read)
                .unwrap();
            assert!(read == bytes, "{n}");
        }
    }
}
