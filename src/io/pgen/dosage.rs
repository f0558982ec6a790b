//! The tracks of dosages and of their phases.

use super::bytes::{Bytes, Result, ones};
use super::categories::{MISSING, NO_CALL, PER_COPY};
use super::difflist;
use super::kind::{DosageForm, Kind};

/// The largest value, of two copies.
const MOST: u16 = 2 * PER_COPY;

/// The hard call of every dosage.
#[derive(Debug)]
pub struct Calls(Box<[u8]>);

impl Calls {
    /// * `call`: the number of copies that a dosage from 0 to 2 is called; `None` if it is missing
    #[must_use]
    pub fn of(call: impl Fn(f64) -> Option<u8>) -> Self {
        let values = 0..=MOST;
        let category = |value| call(f64::from(value) / f64::from(PER_COPY));
        Self(
            values
                .map(|value| category(value).unwrap_or(NO_CALL))
                .collect(),
        )
    }

    /// The category of a value.
    pub(super) fn category(&self, value: u16) -> u8 {
        self.0[usize::from(value)]
    }
}

/// Reads the dosages of a record, and calls `each` with an individual and its value from 0 to 2 [`PER_COPY`].
///
/// Individuals without a dosage are not passed. The phases of dosages are read, but not used.
///
/// * `ids`: scratch
pub(super) fn read(
    kind: Kind,
    bytes: &mut Bytes<'_>,
    n: usize,
    ids: &mut Vec<usize>,
    mut each: impl FnMut(usize, u16),
) -> Result<()> {
    let Some(form) = kind.dosage_form() else {
        return Ok(());
    };
    match form {
        DosageForm::Listed => difflist::read_ids(bytes, n, ids)?,
        DosageForm::Bits => {
            let bits = bytes.bits(n, "the individuals with a dosage")?;
            ids.clear();
            ids.extend((0..n).filter(|i| bits[i / 8] >> (i % 8) & 1 == 1));
        }
        DosageForm::All => ids.clear(),
    }
    let is_all = form == DosageForm::All;
    let n_values = if is_all { n } else { ids.len() };
    let values = bytes.take(2 * n_values, "the dosages")?;
    let mut wrong = None;
    for (k, value) in values.chunks_exact(2).enumerate() {
        let value = u16::from_le_bytes([value[0], value[1]]);
        let id = if is_all { k } else { ids[k] };
        if value <= MOST {
            each(id, value);
        } else if value != MISSING || !is_all {
            wrong = wrong.or(Some((id, value)));
        }
    }
    if let Some((id, value)) = wrong {
        return Err(bytes.damage(format!(
            "the dosage of individual {} is {value} / {PER_COPY}, expected at most 2",
            id + 1
        )));
    }
    if kind.has_dosage_phases() {
        skip_phases(bytes, n_values, is_all)?;
    }
    Ok(())
}

fn skip_phases(bytes: &mut Bytes<'_>, n_values: usize, is_all: bool) -> Result<()> {
    let what = "the phases of dosages";
    let n_phased = if is_all {
        n_values
    } else {
        ones(bytes.bits(n_values, what)?)
    };
    bytes.take(2 * n_phased, what).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dosages(kind: u8, n: usize, track: &[u8]) -> Result<Vec<(usize, u16)>> {
        let (mut bytes, mut all) = (Bytes::new(track), Vec::new());
        let each = |id, value| all.push((id, value));
        read(Kind(kind), &mut bytes, n, &mut Vec::new(), each)?;
        bytes.end()?;
        Ok(all)
    }

    #[test]
    fn dosages_are_listed_or_marked_or_of_everybody() {
        let expected = vec![(0, 0x1000), (3, 0x8000)];
        let values = [0x00, 0x10, 0x00, 0x80];
        let listed = [&[2, 0, 3][..], &values].concat();
        assert_eq!(dosages(0x20, 5, &listed), Ok(expected.clone()));
        let marked = [&[0b01001][..], &values].concat();
        assert_eq!(dosages(0x60, 5, &marked), Ok(expected.clone()));
        let all = [0x00, 0x10, 0xff, 0xff, 0xff, 0xff, 0x00, 0x80, 0xff, 0xff];
        assert_eq!(dosages(0x40, 5, &all), Ok(expected.clone()));
        // With phases of dosages.
        let phased = [&marked[..], &[0b10, 1, 0]].concat();
        assert_eq!(dosages(0xe0, 5, &phased), Ok(expected.clone()));
        let phased = [&all[..], &[0; 10]].concat();
        assert_eq!(dosages(0xc0, 5, &phased), Ok(expected));
    }

    #[test]
    fn dosages_above_2_and_missing_ones_in_lists_are_errors() {
        assert!(dosages(0x20, 5, &[1, 0, 0x01, 0x80]).is_err());
        assert!(dosages(0x20, 5, &[1, 0, 0xff, 0xff]).is_err());
        assert!(dosages(0x40, 1, &[0x01, 0x80]).is_err());
        assert!(dosages(0x60, 5, &[0b10_0000]).is_err());
        assert!(dosages(0x60, 5, &[0b1, 0]).is_err());
    }

    #[test]
    fn every_dosage_has_a_call() {
        let calls = Calls::of(|dosage| (dosage == dosage.round()).then_some(dosage as u8));
        assert_eq!(
            [0, 1, PER_COPY, 2 * PER_COPY].map(|value| calls.category(value)),
            [0, 3, 1, 2]
        );
    }
}
