//! The individuals of a study by id, and ids that are numbers.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::individual::{Individual, have_ids};
use super::suspect::unquoted;

/// The form in which an id is compared: without quotes, and for an integer without leading zeros, `.0` and exponent.
fn canonical(text: &str) -> Cow<'_, str> {
    let text = unquoted(text);
    let digits = text.as_bytes();
    if !digits.first().is_some_and(u8::is_ascii_digit)
        || (digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit))
    {
        return text.into();
    }
    match text.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value < 9e15 => format!("{value}").into(),
        _ => text.into(),
    }
}

/// The individuals of a study by their ids.
pub(super) struct Index<'a> {
    pairs: HashMap<[Cow<'a, str>; 2], usize>,
    /// `None` if several individuals share the IID.
    iids: HashMap<Cow<'a, str>, Option<usize>>,
    key: fn(&str) -> Cow<'_, str>,
    /// Whether numeric IIDs are so widely spread that data do not match them by chance.
    pub(super) is_sparse: bool,
    /// Whether all numeric IIDs are from 0 to n, as ranks and row numbers are.
    pub(super) is_small: bool,
}

impl<'a> Index<'a> {
    /// Whether no cell of `sample` is an IID; does not need an index.
    pub(super) fn has_none_of<'c>(
        individuals: &[Individual],
        sample: impl Iterator<Item = &'c str>,
    ) -> bool {
        let sample: HashSet<Cow<'_, str>> = sample.map(canonical).collect();
        !individuals
            .iter()
            .any(|individual| sample.contains(&canonical(&individual.iid)))
    }

    pub(super) fn new(individuals: &'a [Individual]) -> Self {
        let by = |key: fn(&str) -> Cow<'_, str>| -> HashMap<_, _> {
            let pair = |i: &'a Individual| [key(&i.fid), key(&i.iid)];
            individuals.iter().map(pair).zip(0..).collect()
        };
        let mut key: fn(&str) -> Cow<'_, str> = canonical;
        let mut pairs = by(key);
        // If `01` and `1` are two individuals, only the exact text distinguishes them.
        if pairs.len() < individuals.len() {
            key = |text| Cow::Borrowed(unquoted(text));
            pairs = by(key);
        }
        let mut iids = HashMap::with_capacity(individuals.len());
        for (individual, i) in individuals.iter().zip(0..) {
            iids.entry(key(&individual.iid))
                .and_modify(|known| *known = None)
                .or_insert(Some(i));
        }
        let numbers = individuals.iter().filter_map(|i| i.iid.parse::<f64>().ok());
        let (min, max) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), x| {
            (min.min(x), max.max(x))
        });
        Self {
            pairs,
            iids,
            key,
            is_sparse: max - min > 20.0 * individuals.len() as f64,
            is_small: min >= 0.0 && max <= individuals.len() as f64,
        }
    }

    pub(super) fn pair(&self, [fid, iid]: [&str; 2]) -> Option<usize> {
        self.pairs.get(&[(self.key)(fid), (self.key)(iid)]).copied()
    }

    pub(super) fn iid(&self, iid: &str) -> Option<usize> {
        self.iids.get(&(self.key)(iid)).copied().flatten()
    }

    pub(super) fn n_ambiguous<'c>(&self, cells: impl Iterator<Item = &'c str>) -> usize {
        cells
            .filter(|cell| matches!(self.iids.get(&(self.key)(cell)), Some(None)))
            .count()
    }
}

/// The kind of numeric ids of `individuals` that `value` equals in all `rows`; `None` if there is none or they are all
/// the same.
///
/// * `rows`: pairs of a row and its individual
/// * `value`: `None` or NaN if it is missing, which at most half of the values may be
pub(super) fn equal_ids(
    individuals: &[Individual],
    rows: &(impl Iterator<Item = (usize, usize)> + Clone),
    value: impl Fn(usize) -> Option<f64>,
) -> Option<&'static str> {
    if !have_ids(individuals) {
        return None;
    }
    let value = |row| value(row).filter(|x| !x.is_nan());
    let mut present = rows.clone().filter(|&(row, _)| value(row).is_some());
    let (first, _) = present.next()?;
    if 2 * (1 + present.count()) < rows.clone().count() {
        return None;
    }
    let is_equal = |id: fn(&Individual) -> &str| {
        let number = |i: usize| unquoted(id(&individuals[i])).parse::<f64>().ok();
        let is_id = |(row, i): (usize, usize)| value(row).is_none_or(|x| number(i) == Some(x));
        rows.clone().all(is_id)
            && rows
                .clone()
                .any(|(row, _)| value(row).is_some_and(|x| Some(x) != value(first)))
    };
    if is_equal(|individual| &individual.iid) {
        Some("individual ids (IID)")
    } else if is_equal(|individual| &individual.fid) {
        Some("family ids (FID)")
    } else {
        None
    }
}
