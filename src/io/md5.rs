//! MD5, which catalogues of results ask for; it detects damaged downloads, not forgery.
//!
//! Source: RFC 1321.

use std::fmt;

/// Left rotations of the four steps of each round.
const ROTATIONS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// The checksum of bytes as they are written.
#[derive(Clone)]
pub(crate) struct Md5 {
    state: [u32; 4],
    /// Bytes that do not fill a block of 64 yet.
    rest: Vec<u8>,
    n_bytes: u64,
    /// ⌊2³² |sin(i + 1)|⌋.
    sines: [u32; 64],
}

impl Default for Md5 {
    fn default() -> Self {
        let sine = |i: usize| ((i + 1) as f64).sin().abs() * 4_294_967_296.0;
        Self {
            state: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476],
            rest: Vec::with_capacity(64),
            n_bytes: 0,
            sines: std::array::from_fn(|i| sine(i) as u32),
        }
    }
}

impl fmt::Debug for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Md5({} bytes)", self.n_bytes)
    }
}

impl Md5 {
    /// Adds bytes.
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        self.n_bytes += bytes.len() as u64;
        if !self.rest.is_empty() {
            let n = bytes.len().min(64 - self.rest.len());
            self.rest.extend_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if self.rest.len() < 64 {
                return;
            }
            let block = std::mem::take(&mut self.rest);
            self.block(&block);
        }
        let (blocks, rest) = bytes.as_chunks::<64>();
        for block in blocks {
            self.block(block);
        }
        self.rest.extend_from_slice(rest);
    }

    /// The checksum as 32 hexadecimal digits.
    pub(crate) fn digits(mut self) -> String {
        let n_bits = self.n_bytes.wrapping_mul(8);
        let n_zeros = (119 - self.n_bytes % 64) % 64;
        let mut end = vec![0x80];
        end.resize(1 + n_zeros as usize, 0);
        end.extend_from_slice(&n_bits.to_le_bytes());
        self.add(&end);
        let words = self.state.map(u32::swap_bytes);
        words.map(|word| format!("{word:08x}")).concat()
    }

    fn block(&mut self, block: &[u8]) {
        let (words, _) = block.as_chunks::<4>();
        let [mut a, mut b, mut c, mut d] = self.state;
        for i in 0..64 {
            let (round, step) = (i / 16, i % 16);
            let (mixed, word) = match round {
                0 => ((b & c) | (!b & d), step),
                1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                2 => (b ^ c ^ d, (3 * step + 5) % 16),
                _ => (c ^ (b | !d), 7 * step % 16),
            };
            let sum = (a.wrapping_add(mixed))
                .wrapping_add(self.sines[i])
                .wrapping_add(u32::from_le_bytes(words[word]));
            let rotated = sum.rotate_left(ROTATIONS[round][step % 4]);
            (a, d, c, b) = (d, c, b, b.wrapping_add(rotated));
        }
        for (state, new) in self.state.iter_mut().zip([a, b, c, d]) {
            *state = state.wrapping_add(new);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksums_are_those_of_the_rfc() {
        for (text, expected) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            for step in [1, 7, 64, 100] {
                let mut md5 = Md5::default();
                text.as_bytes().chunks(step).for_each(|some| md5.add(some));
                assert_eq!(md5.digits(), expected);
            }
        }
    }

    #[test]
    fn every_length_of_the_last_block_is_padded() {
        // `yes a | head -c N | md5sum` gave these.
        let text = b"a\n".repeat(60);
        for (n, expected) in [
            (55, "52a3e444682ab7b14abfbecb9daabe90"),
            (56, "0ff6ba1999c9aa3538dfc7a84147fb41"),
            (64, "8d981410164cd22ee548859138237ee2"),
            (119, "f8c2f8f8fbb2ff471a6b203c20acc4e1"),
        ] {
            let mut md5 = Md5::default();
            md5.add(&text[..n]);
            assert_eq!(md5.digits(), expected, "{n}");
        }
    }
}
