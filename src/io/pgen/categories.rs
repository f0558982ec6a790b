//! Arithmetic with categories of two bits: 0 = homozygous REF, 1 = heterozygous, 2 = homozygous ALT, 3 = missing.
//!
//! A byte holds four individuals, low bits first. The padding bits of the last byte are 0.

/// The dosage of one copy of ALT.
pub const PER_COPY: u16 = 16_384;
/// A missing dosage.
pub(super) const MISSING: u16 = u16::MAX;

/// The category of a missing call.
pub(super) const NO_CALL: u8 = 3;

/// The low bits of four categories.
const LOW: u8 = 0x55;

/// The category of individual `i`.
#[inline]
pub(super) fn get(categories: &[u8], i: usize) -> u8 {
    categories[i / 4] >> (2 * (i % 4)) & 3
}

/// Changes the category of individual `i`.
#[inline]
pub(super) fn set(categories: &mut [u8], i: usize, category: u8) {
    let shift = 2 * (i % 4);
    let byte = &mut categories[i / 4];
    *byte = *byte & !(3 << shift) | category << shift;
}

/// Gives all `n` individuals one category.
pub(super) fn fill(category: u8, n: usize, categories: &mut [u8]) {
    categories.fill(category * LOW);
    clear_padding(n, categories);
}

/// Whether the padding bits after `n` individuals are 0.
pub(super) fn is_padded(n: usize, categories: &[u8]) -> bool {
    n.is_multiple_of(4) || categories[n / 4] >> (2 * (n % 4)) == 0
}

/// Makes the padding bits after `n` individuals 0.
fn clear_padding(n: usize, categories: &mut [u8]) {
    if !n.is_multiple_of(4) {
        categories[n / 4] &= (1 << (2 * (n % 4))) - 1;
    }
}

/// Eight bits at the low bits of eight categories.
const SPREAD: [[u8; 2]; 256] = {
    let mut spread = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            let value = ((byte >> bit) & 1) as u8;
            spread[byte][bit / 4] |= value << (2 * (bit % 4));
            bit += 1;
        }
        byte += 1;
    }
    spread
};

/// The categories of `n` individuals from a bit each: `clear` or `set`.
pub(super) fn of_bits(bits: &[u8], [clear, set]: [u8; 2], n: usize, categories: &mut [u8]) {
    let (clear, change) = (clear * LOW, clear ^ set);
    for (pair, &byte) in categories.chunks_mut(2).zip(bits) {
        for (four, spread) in pair.iter_mut().zip(SPREAD[usize::from(byte)]) {
            *four = clear ^ (spread * change);
        }
    }
    clear_padding(n, categories);
}

/// Swaps the categories 0 and 2 of `n` individuals.
pub(super) fn swap_homozygotes(n: usize, categories: &mut [u8]) {
    for four in categories.iter_mut() {
        *four ^= (!*four & LOW) << 1;
    }
    clear_padding(n, categories);
}

/// Number of individuals of a category other than 0.
pub(super) fn count(categories: &[u8], category: u8) -> usize {
    let low = u64::from_le_bytes([LOW; 8]);
    // The low bit of every individual of the category.
    let matches = |four: u64| {
        let differs = four ^ (low * u64::from(category));
        !(differs | differs >> 1) & low
    };
    let words = categories.chunks_exact(8);
    let rest: u32 = (words.remainder().iter())
        .map(|&four| (matches(u64::from(four)) & 0xff).count_ones())
        .sum();
    words
        .map(|word| u64::from_le_bytes(word.try_into().expect("8 bytes")))
        .map(|word| matches(word).count_ones() as usize)
        .sum::<usize>()
        + rest as usize
}

/// The two-bit codes of a `.bed` for `n` individuals, with ALT as allele1: 3, 2, 0 and 1 for the categories 0 to 3.
pub(super) fn pack(categories: &[u8], n: usize, packed: &mut [u8]) {
    for (code, &four) in packed.iter_mut().zip(categories) {
        *code = !(four ^ four >> 1 & LOW);
    }
    clear_padding(n, packed);
}

/// The dosages of four individuals for every byte.
static SCALED: [[u16; 4]; 256] = {
    let values = [0, PER_COPY, 2 * PER_COPY, MISSING];
    let mut scaled = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut i = 0;
        while i < 4 {
            scaled[byte][i] = values[byte >> (2 * i) & 3];
            i += 1;
        }
        byte += 1;
    }
    scaled
};

/// The dosages of ALT, [`PER_COPY`] for each copy.
pub(super) fn scale(categories: &[u8], values: &mut [u16]) {
    for (four, &byte) in values.chunks_mut(4).zip(categories) {
        four.copy_from_slice(&SCALED[usize::from(byte)][..four.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five individuals of the categories 0, 1, 2, 3 and 2.
    const FIVE: [u8; 2] = [0b11_10_01_00, 0b10];

    #[test]
    fn codes_of_a_bed_count_copies_of_alt() {
        let mut packed = [0; 2];
        pack(&FIVE, 5, &mut packed);
        assert_eq!(packed, [0b01_00_10_11, 0b00]);
        let mut values = [0; 5];
        scale(&FIVE, &mut values);
        assert_eq!(values, [0, 16384, 32768, 65535, 32768]);
    }

    #[test]
    fn homozygotes_are_swapped_and_padding_stays_0() {
        let mut categories = FIVE;
        swap_homozygotes(5, &mut categories);
        assert_eq!(categories, [0b11_00_01_10, 0b00]);
        fill(3, 5, &mut categories);
        assert_eq!(categories, [0xff, 0b11]);
        assert!(is_padded(5, &categories) && !is_padded(4 + 2, &[0, 0x10]));
        set(&mut categories, 4, 1);
        assert_eq!((get(&categories, 3), get(&categories, 4)), (3, 1));
    }

    #[test]
    fn bits_choose_one_of_two_categories() {
        let mut categories = [0; 3];
        of_bits(&[0b1001_0110, 0b1], [1, 3], 9, &mut categories);
        assert_eq!(categories, [0b01_11_11_01, 0b11_01_01_11, 0b11]);
    }

    #[test]
    fn individuals_of_a_category_are_counted() {
        for n in [1_usize, 3, 4, 31, 32, 33, 100] {
            let mut categories = vec![0; n.div_ceil(4)];
            (0..n).for_each(|i| set(&mut categories, i, (i * i % 4) as u8 | (i % 3) as u8));
            for category in 1..4 {
                let expected = (0..n).filter(|&i| get(&categories, i) == category).count();
                assert_eq!(count(&categories, category), expected);
            }
        }
    }
}
