//! Conversion of two-bit codes to bytes.

use super::layout::{LINE, Line, PANEL_LINES};

/// Dosages of the four individuals of a byte, each in the low byte of a word; a missing call counts as 0.
static DOSAGES: [[u32; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut k = 0;
        while k < 4 {
            table[byte][k] = [2, 0, 1, 0][byte >> (2 * k) & 3];
            k += 1;
        }
        byte += 1;
    }
    table
};

/// Unpacks up to four SNPs of one panel; its individuals begin at byte `first` of each SNP.
pub(super) fn unpack(snps: &[&[u8]], first: usize, lines: &mut [Line]) {
    // Code 3 in the padding: a dosage of 0.
    let mut bytes = [[0xff_u8; LINE / 4 * PANEL_LINES]; 4];
    for (bytes, snp) in bytes.iter_mut().zip(snps) {
        let there = &snp[first..snp.len().min(first + bytes.len())];
        match <&[u8; LINE / 4 * PANEL_LINES]>::try_from(there) {
            Ok(there) => *bytes = *there,
            Err(_) => bytes[..there.len()].copy_from_slice(there),
        }
    }
    for (l, Line(line)) in lines.iter_mut().enumerate().take(PANEL_LINES) {
        for (k, four) in line.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let at = l * LINE / 4 + k;
            let [a, b, c, d] = [0, 1, 2, 3].map(|s: usize| &DOSAGES[usize::from(bytes[s][at])]);
            for i in 0..4 {
                four[i] = (a[i] | b[i] << 8 | c[i] << 16 | d[i] << 24).to_le_bytes();
            }
        }
    }
}
