//! The track of alleles of a SNP with several ALT alleles. Only its length and the number of heterozygous calls are used.

use super::bytes::{Bytes, Result, ones};
use super::{categories, difflist};

/// Reads the track, and returns the number of calls of category 2 that have two different ALT alleles.
///
/// * `n_alts`: number of ALT alleles
/// * `ids`: scratch
pub(super) fn skip(
    bytes: &mut Bytes<'_>,
    n: usize,
    n_alts: usize,
    of_individuals: &[u8],
    ids: &mut Vec<usize>,
) -> Result<usize> {
    if n_alts < 2 {
        return Err(bytes.damage(
            "it has the alleles of a SNP with several ALT alleles, but the .pvar lists one",
        ));
    }
    let forms = bytes.byte("the forms of the tracks of alleles")?;
    let one = patched(bytes, n, 1, forms & 15, of_individuals, ids)?;
    skip_second_alleles(bytes, one, n_alts)?;
    let two = patched(bytes, n, 2, forms >> 4, of_individuals, ids)?;
    read_pairs(bytes, two, n_alts)
}

/// Number of individuals of a category whose alleles are listed.
fn patched(
    bytes: &mut Bytes<'_>,
    n: usize,
    category: u8,
    form: u8,
    of_individuals: &[u8],
    ids: &mut Vec<usize>,
) -> Result<usize> {
    match form {
        0 => {
            let n_bits = categories::count(of_individuals, category);
            bytes.bits(n_bits, "the bits of alleles").map(ones)
        }
        1 => {
            difflist::read_ids(bytes, n, ids)?;
            let other = |id: &&usize| categories::get(of_individuals, **id) != category;
            match ids.iter().find(other) {
                None => Ok(ids.len()),
                Some(id) => Err(bytes.damage(format!(
                    "the list of alleles has individual {}, whose category is not {category}",
                    id + 1
                ))),
            }
        }
        15 => Ok(0),
        form => Err(bytes.damage(format!("form {form} of a track of alleles is reserved"))),
    }
}

/// The allele other than REF of `k` heterozygous individuals, if it can be one of several.
fn skip_second_alleles(bytes: &mut Bytes<'_>, k: usize, n_alts: usize) -> Result<()> {
    let width = match n_alts {
        2 => return Ok(()),
        3 => 1,
        4..=5 => 2,
        6..=17 => 4,
        18..=257 => 8,
        258..=65_537 => 16,
        _ => 24,
    };
    let values = bytes.take((k * width).div_ceil(8), "the alleles of heterozygotes")?;
    match (0..k).find(|&i| field(values, width, i) + 2 > n_alts) {
        None => Ok(()),
        Some(i) => Err(bytes.damage(format!(
            "ALT allele {} of {n_alts}",
            field(values, width, i) + 2
        ))),
    }
}

/// Both alleles of `k` individuals without REF; returns the number of those with two different ones.
fn read_pairs(bytes: &mut Bytes<'_>, k: usize, n_alts: usize) -> Result<usize> {
    let width = match n_alts {
        2 => {
            let homozygous = bytes.bits(k, "the alleles of individuals without REF")?;
            return Ok(k - ones(homozygous));
        }
        3..=4 => 2,
        5..=16 => 4,
        17..=256 => 8,
        257..=65_536 => 16,
        _ => 24,
    };
    let n_bytes = (2 * k * width).div_ceil(8);
    let values = bytes.take(n_bytes, "the alleles of individuals without REF")?;
    let mut n_different = 0;
    for i in 0..k {
        let [low, high] = [2 * i, 2 * i + 1].map(|j| field(values, width, j) + 1);
        if low > high || high > n_alts {
            return Err(bytes.damage(format!("the ALT alleles {low} and {high} of {n_alts}")));
        }
        n_different += usize::from(low != high);
    }
    Ok(n_different)
}

/// Field `i` of fields of `width` bits, low bits first.
fn field(values: &[u8], width: usize, i: usize) -> usize {
    if width < 8 {
        let per_byte = 8 / width;
        return usize::from(values[i / per_byte]) >> (width * (i % per_byte)) & ((1 << width) - 1);
    }
    let n_bytes = width / 8;
    super::bytes::unsigned(&values[i * n_bytes..(i + 1) * n_bytes]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six individuals of the categories 1, 1, 2, 2, 0 and 1.
    const SIX: [u8; 2] = [0b10_10_01_01, 0b01_00];

    fn hets(n_alts: usize, track: &[u8]) -> Result<usize> {
        let mut bytes = Bytes::new(track);
        let hets = skip(&mut bytes, 6, n_alts, &SIX, &mut Vec::new())?;
        bytes.end()?;
        Ok(hets)
    }

    #[test]
    fn pairs_of_different_alleles_are_heterozygous() {
        assert_eq!(hets(2, &[0xff]), Ok(0));
        // Heterozygotes as bits, the others as bits with an allele each.
        assert_eq!(hets(2, &[0x00, 0b101, 0b11, 0b01]), Ok(1));
        // As lists: individuals 1 and 5; individual 3 with the alleles 1 and 3.
        assert_eq!(hets(3, &[0x11, 2, 1, 4, 0b10, 1, 3, 0b10_00]), Ok(1));
        // Fields of four bits: the alleles 7 and 7 of 7.
        assert_eq!(hets(7, &[0x0f, 0b10, 0x66]), Ok(0));
    }

    #[test]
    fn impossible_alleles_are_errors() {
        for (n_alts, track) in [
            (1, &[0xff][..]),
            (2, &[0xf2]),                // reserved form
            (2, &[0x1f, 1, 0]),          // individual 0 is heterozygous
            (3, &[0x0f, 0b10, 0b00_10]), // alleles 3 and 1
            (3, &[0x0f, 0b10, 0b11_00]), // allele 4
            (4, &[0xf0, 0b1, 0b11]),     // allele 5
            (2, &[0xf0, 0b1000]),        // padding
            (2, &[0x0f, 0b11]),          // too short
        ] {
            assert!(hets(n_alts, track).is_err(), "{n_alts} {track:?}");
        }
    }
}
