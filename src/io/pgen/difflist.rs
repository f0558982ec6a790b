//! Lists of individuals, with or without a category each.

use super::bytes::{Bytes, Result, unsigned};

/// Individuals of a group, whose first id is stored in full.
const GROUP: usize = 64;

/// Bytes of the first id of a group: as many as the number of individuals itself takes.
fn id_bytes(n_individuals: usize) -> usize {
    match n_individuals {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    }
}

/// Reads a list of individuals and their categories, and calls `each` with both.
#[inline]
pub(super) fn read_categories(
    bytes: &mut Bytes<'_>,
    n_individuals: usize,
    each: impl FnMut(usize, u8),
) -> Result<()> {
    read::<true>(bytes, n_individuals, each)
}

/// Reads a list of individuals into `ids`, which is cleared first.
pub(super) fn read_ids(
    bytes: &mut Bytes<'_>,
    n_individuals: usize,
    ids: &mut Vec<usize>,
) -> Result<()> {
    ids.clear();
    read::<false>(bytes, n_individuals, |id, _| ids.push(id))
}

#[inline]
fn read<const CATEGORIES: bool>(
    bytes: &mut Bytes<'_>,
    n: usize,
    mut each: impl FnMut(usize, u8),
) -> Result<()> {
    let length = bytes.varint("the length of a list of individuals")? as usize;
    if length == 0 {
        return Ok(());
    }
    if length > n {
        return Err(bytes.damage(format!("a list of {length} individuals, but there are {n}")));
    }
    let (n_groups, width) = (length.div_ceil(GROUP), id_bytes(n));
    let firsts = bytes.take(n_groups * width, "the first ids of a list")?;
    let sizes = bytes.take(n_groups - 1, "the sizes of the groups of a list")?;
    let categories = if CATEGORIES {
        list_categories(bytes, length)?
    } else {
        &[]
    };
    let mut next = 0; // the smallest id that may follow
    for (group, first) in firsts.chunks_exact(width).enumerate() {
        let start = bytes.at();
        let mut id = unsigned(first) as usize;
        if id < next || id >= n {
            return Err(bytes.damage(format!(
                "the first id of a group of a list is {id}, expected {next} to {}",
                n - 1
            )));
        }
        let members = GROUP * group..length.min(GROUP * (group + 1));
        for k in members {
            if k % GROUP > 0 {
                let step = bytes.varint("the ids of a list")? as usize;
                id += step;
                if step == 0 || id >= n {
                    return Err(bytes.damage(format!(
                        "an id of a list is {id}, expected {} to {}",
                        id - step + 1,
                        n - 1
                    )));
                }
            }
            let category = if CATEGORIES {
                categories[k / 4] >> (2 * (k % 4)) & 3
            } else {
                0
            };
            each(id, category);
        }
        next = id + 1;
        check_size(bytes, bytes.at() - start, sizes.get(group))?;
    }
    Ok(())
}

/// The categories of a list; the padding bits must be 0.
fn list_categories<'a>(bytes: &mut Bytes<'a>, length: usize) -> Result<&'a [u8]> {
    let categories = bytes.take(length.div_ceil(4), "the categories of a list")?;
    if !length.is_multiple_of(4) && categories[length / 4] >> (2 * (length % 4)) != 0 {
        return Err(bytes.damage("the padding bits of the categories of a list are not 0"));
    }
    Ok(categories)
}

/// Fails if the ids of a group take other than the stored number of bytes; the last group has none.
fn check_size(bytes: &Bytes<'_>, found: usize, stored: Option<&u8>) -> Result<()> {
    match stored.map(|&size| usize::from(size) + GROUP - 1) {
        Some(expected) if expected != found => Err(bytes.damage(format!(
            "the ids of a group of a list take {found} bytes, but {expected} are stored"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn categories(bytes: &[u8], n: usize) -> Result<Vec<(usize, u8)>> {
        let (mut bytes, mut all) = (Bytes::new(bytes), Vec::new());
        read_categories(&mut bytes, n, |id, category| all.push((id, category)))?;
        bytes.end()?;
        Ok(all)
    }

    #[test]
    fn ids_are_sums_of_steps() {
        assert_eq!(categories(&[0], 9), Ok(vec![]));
        let list = [3, 2, 0b11_10_00, 1, 4];
        assert_eq!(categories(&list, 9), Ok(vec![(2, 0), (3, 2), (7, 3)]));
    }

    #[test]
    fn the_first_id_takes_the_bytes_of_the_number_of_individuals() {
        assert_eq!(
            [255, 256, 65_535, 65_536, 16_777_215, 16_777_216].map(id_bytes),
            [1, 2, 2, 3, 3, 4]
        );
    }

    #[test]
    fn groups_have_64_individuals_and_a_size() {
        // 65 individuals: 0 to 63, and 70.
        let list = |size, second| {
            let mut list = vec![65, 0, second, size];
            list.extend([0x55; 16]);
            list.push(1);
            list.extend([1; 63]);
            list
        };
        let all = categories(&list(0, 70), 100).unwrap();
        assert_eq!((all.len(), all[63], all[64]), (65, (63, 1), (70, 1)));
        for (size, second) in [(1, 70), (0, 63), (0, 100)] {
            assert!(categories(&list(size, second), 100).is_err());
        }
    }

    #[test]
    fn damaged_lists_are_errors() {
        for (list, n) in [
            (&[3, 2, 0b11_10_00, 1, 4][..], 7), // id 7
            (&[3, 2, 0b11_10_00, 0, 4], 9),     // twice the same
            (&[3, 2, 0b11_10_00, 1], 9),        // too short
            (&[3, 2, 0x40, 1, 4], 9),           // padding
            (&[3, 9, 0, 1, 4], 9),              // first id
            (&[10, 0], 9),                      // too long
            (&[1, 0, 0, 0], 9),                 // a byte too many
        ] {
            assert!(categories(list, n).is_err(), "{list:?}");
        }
    }
}
