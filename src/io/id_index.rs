//! Ids as they are compared: individuals by their ids, and ids that are numbers.

use std::borrow::Cow;
use std::collections::HashMap;

use super::fam::Individual;
use super::suspect::unquoted;

/// An id as it is compared: without quotes, and an integer without leading zeros, `.0` and exponent.
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
    /// `None` where several individuals share the IID.
    iids: HashMap<Cow<'a, str>, Option<usize>>,
    key: fn(&str) -> Cow<'_, str>,
    /// Whether IIDs that are numbers are so far apart that data do not meet them by chance.
    pub(super) is_sparse: bool,
}

impl<'a> Index<'a> {
    pub(super) fn new(individuals: &'a [Individual]) -> Self {
        let by = |key: fn(&str) -> Cow<'_, str>| -> HashMap<_, _> {
            let pair = |i: &'a Individual| [key(&i.fid), key(&i.iid)];
            individuals.iter().map(pair).zip(0..).collect()
        };
        let mut key: fn(&str) -> Cow<'_, str> = canonical;
        let mut pairs = by(key);
        // Where `01` and `1` are two individuals, only the exact text tells them apart.
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

/// The ids of individuals that are numbers and not all the same: data that equal them are no data.
pub(super) struct NumericIds([Option<Vec<f64>>; 2]);

impl NumericIds {
    pub(super) fn of(individuals: &[Individual]) -> Self {
        let numbers = |id: fn(&Individual) -> &str| {
            let numbers: Option<Vec<f64>> = individuals
                .iter()
                .map(|i| unquoted(id(i)).parse().ok().filter(|x: &f64| x.is_finite()))
                .collect();
            numbers.filter(|x| x.iter().any(|y| *y != x[0]))
        };
        Self([numbers(|i| &i.fid), numbers(|i| &i.iid)])
    }

    /// Which ids `value` of a row equals in all `rows`, given as individuals; `None` where it differs somewhere.
    pub(super) fn equal_to(
        &self,
        rows: impl Iterator<Item = (usize, usize)> + Clone,
        value: impl Fn(usize) -> Option<f64>,
    ) -> Option<&'static str> {
        let names = ["individual ids (IID)", "family ids (FID)"];
        names
            .into_iter()
            .zip(self.0.iter().rev())
            .find_map(|(name, ids)| {
                let ids = ids.as_ref()?;
                let mut rows = rows.clone();
                let is_equal = rows.clone().next().is_some()
                    && rows.all(|(row, individual)| value(row) == Some(ids[individual]));
                is_equal.then_some(name)
            })
    }
}
