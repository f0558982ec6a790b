//! The main track of a record: a category for each individual.

use super::bytes::{Bytes, Result};
use super::kind::Kind;
use super::{categories, difflist};

/// Reads the main track of a record that has no base into `out`.
///
/// # Panics
/// If the record [needs a base](Kind::needs_base).
pub(super) fn read(kind: Kind, n: usize, bytes: &mut Bytes<'_>, out: &mut [u8]) -> Result<()> {
    match kind.main() {
        0 => return read_plain(n, bytes, out),
        1 => read_two_categories(n, bytes, out)?,
        category @ (4 | 6 | 7) => categories::fill(category & 3, n, out),
        main => unreachable!("main track {main} has a base or is reserved"),
    }
    patch(n, bytes, out)
}

/// Reads the main track of a record whose base is in `out`, which becomes the categories of the record.
pub(super) fn read_changes(
    kind: Kind,
    n: usize,
    bytes: &mut Bytes<'_>,
    out: &mut [u8],
) -> Result<()> {
    patch(n, bytes, out)?;
    // The specification reads as if the swap came first. Files of plink2 have it last.
    if kind.main() == 3 {
        categories::swap_homozygotes(n, out);
    }
    Ok(())
}

fn patch(n: usize, bytes: &mut Bytes<'_>, out: &mut [u8]) -> Result<()> {
    difflist::read_categories(bytes, n, |id, category| categories::set(out, id, category))
}

fn read_plain(n: usize, bytes: &mut Bytes<'_>, out: &mut [u8]) -> Result<()> {
    out.copy_from_slice(bytes.take(out.len(), "the genotypes")?);
    if categories::is_padded(n, out) {
        Ok(())
    } else {
        Err(bytes.damage("the padding bits of the genotypes are not 0"))
    }
}

/// One of two common categories for each individual.
fn read_two_categories(n: usize, bytes: &mut Bytes<'_>, out: &mut [u8]) -> Result<()> {
    let two = match bytes.byte("the two common categories")? {
        1 => [0, 1],
        2 => [0, 2],
        3 => [0, 3],
        5 => [1, 2],
        6 => [1, 3],
        9 => [2, 3],
        byte => {
            return Err(bytes.damage(format!(
                "the byte of the two common categories is {byte}, expected 1, 2, 3, 5, 6 or 9"
            )));
        }
    };
    let bits = bytes.bits(n, "the genotypes")?;
    categories::of_bits(bits, two, n, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The categories of a record without or with a base, as digits.
    fn digits(kind: u8, n: usize, base: Option<&str>, record: &[u8]) -> Result<String> {
        let mut out = vec![0; n.div_ceil(4)];
        let mut bytes = Bytes::new(record);
        match base {
            None => read(Kind(kind), n, &mut bytes, &mut out)?,
            Some(base) => {
                let base = base.bytes().map(|digit| digit - b'0');
                base.enumerate()
                    .for_each(|(i, c)| categories::set(&mut out, i, c));
                read_changes(Kind(kind), n, &mut bytes, &mut out)?;
            }
        }
        bytes.end()?;
        Ok((0..n)
            .map(|i| char::from(b'0' + categories::get(&out, i)))
            .collect())
    }

    // The worked bytes of formats.md §1.8a, from files of plink2.
    #[test]
    fn records_of_plink2_have_these_categories() {
        let of = |kind, n, record: &[u8]| digits(kind, n, None, record).unwrap();
        assert_eq!(of(0, 5, &[0xe4, 0x01]), "01231");
        assert_eq!(of(4, 5, &[0]), "00000");
        assert_eq!(of(6, 5, &[0]), "22222");
        assert_eq!(of(7, 5, &[1, 2, 1]), "33133");
        let bits = [5, 0xba, 0x4d, 0x0e, 0];
        assert_eq!(of(1, 20, &bits), "12122212212211211222");
    }

    #[test]
    fn changes_come_before_the_swap_of_homozygotes() {
        let base = Some("11102121110121110201");
        let changes = [1, 7, 0];
        let inverted = digits(3, 20, base, &changes).unwrap();
        assert_eq!(inverted, "11120102112101112021");
        let changed = digits(2, 20, base, &changes).unwrap();
        assert_eq!(changed, "11102120110121110201");
    }

    #[test]
    fn padding_and_unknown_categories_are_errors() {
        assert!(digits(0, 5, None, &[0xe4, 0x05]).is_err());
        assert!(digits(1, 5, None, &[1, 0x20, 0]).is_err());
        assert!(digits(1, 5, None, &[4, 0x10, 0]).is_err());
        assert!(digits(0, 5, None, &[0xe4]).is_err());
    }
}
