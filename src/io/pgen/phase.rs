//! The track of phases, of which only the length is used.

use super::bytes::{Bytes, Result, ones};

/// Reads the track of a SNP with `n_hets` heterozygous calls.
pub(super) fn skip(bytes: &mut Bytes<'_>, n_hets: usize) -> Result<()> {
    let what = "the phases";
    let bits = bytes.bits(1 + n_hets, what)?;
    // The first bit is 0 if all calls are phased, and the phases follow; otherwise bits follow for the phased calls.
    if bits[0] & 1 == 1 {
        let n_phased = ones(bits) - 1;
        bytes.take(n_phased.div_ceil(8), what)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skips(n_hets: usize, track: &[u8]) -> bool {
        let mut bytes = Bytes::new(track);
        skip(&mut bytes, n_hets).and_then(|()| bytes.end()).is_ok()
    }

    #[test]
    fn phases_follow_the_bits_of_phased_calls() {
        assert!(skips(3, &[0x07, 0x02])); // formats.md §1.8a
        assert!(skips(0, &[0]) && skips(7, &[0xfe]) && skips(8, &[0xfe, 1]));
        assert!(skips(3, &[0x01]) && !skips(3, &[0x07]) && !skips(3, &[0x06, 0]));
    }
}
