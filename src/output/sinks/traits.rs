//! One value for each trait of a run, such as its file.

use crate::error::{Error, Result};
use crate::io::seal::encoded;
use crate::output::sink::{RunHeader, TraitHeader};
use std::collections::HashMap;

/// Longest name of a trait in the name of a file, in bytes.
const LONGEST_NAME: usize = 120;

/// A value for each trait, by group and place in the group; `None` for a trait that has failed.
#[derive(Debug)]
pub(super) struct OfTraits<T>(Vec<Vec<(usize, Option<T>)>>);

impl<T> Default for OfTraits<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> OfTraits<T> {
    /// A value for each trait of `run`.
    pub(super) fn of(run: &RunHeader, value: impl Fn(&TraitHeader) -> T) -> Self {
        let groups = run.groups.iter().map(|group| {
            let traits = group.traits.iter();
            traits.map(|one| (one.number, Some(value(one)))).collect()
        });
        Self(groups.collect())
    }

    /// The values of the traits that have not failed, group by group.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0
            .iter()
            .flatten()
            .filter_map(|(_, value)| value.as_ref())
    }

    /// Another value for each trait.
    pub(super) fn try_map<U>(&self, mut value: impl FnMut(&T) -> Result<U>) -> Result<OfTraits<U>> {
        let groups = self.0.iter().map(|group| {
            let traits = group.iter().map(|(number, old)| {
                let new = old.as_ref().map(&mut value).transpose()?;
                Ok((*number, new))
            });
            traits.collect()
        });
        Ok(OfTraits(groups.collect::<Result<_>>()?))
    }

    /// The traits of a group that have not failed: place in the group, and value.
    pub(super) fn of_group(&mut self, group: usize) -> impl Iterator<Item = (usize, &mut T)> {
        let traits = self.0[group].iter_mut().enumerate();
        traits.filter_map(|(of, (_, value))| Some((of, value.as_mut()?)))
    }

    /// Drops the value of a trait that has failed.
    pub(super) fn remove(&mut self, group: usize, of: usize) {
        if let Some((_, value)) = self.0.get_mut(group).and_then(|group| group.get_mut(of)) {
            *value = None;
        }
    }

    /// The values, in the order of the traits of the run.
    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        let mut all: Vec<(usize, Option<T>)> = self.0.into_iter().flatten().collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().filter_map(|(_, value)| value)
    }
}

/// What comes between the prefix and the rest of the name of a trait's file: `TRAIT.`, or nothing if the run has one trait.
pub(super) fn trait_stem(run: &RunHeader, one: &TraitHeader) -> String {
    if run.are_several {
        format!("{}.", encoded(&one.name))
    } else {
        String::new()
    }
}

/// Fails if the files of two traits would have the same name, on a file system that ignores case too, or a name is too long.
pub(crate) fn check_names(run: &RunHeader) -> Result<()> {
    let mut known: HashMap<String, &str> = HashMap::new();
    for one in run.groups.iter().flat_map(|group| &group.traits) {
        let stem = trait_stem(run, one);
        if stem.len() > LONGEST_NAME {
            return Err(Error::inconsistent(
                format!(
                    "the name of trait {} is too long for the name of a file: {} bytes",
                    one.name,
                    one.name.len()
                ),
                "shorten the name, or write one table of all traits with --long",
            ));
        }
        if let Some(other) = known.insert(stem.to_ascii_lowercase(), &one.name) {
            return Err(Error::inconsistent(
                format!(
                    "the tables of traits {other:?} and {:?} would have the same file name",
                    one.name
                ),
                "rename one of them, or write one table of all traits with --long",
            ));
        }
    }
    Ok(())
}
