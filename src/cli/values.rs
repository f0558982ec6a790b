//! Typed access to the words of the command line: each value is checked where it is read.

use super::options::{as_typed, explanation};
use crate::error::{Error, Result};
use clap::ArgMatches;
use clap::parser::ValueSource;
use std::path::PathBuf;

/// The options of one command; one that the command lacks counts as not given.
pub(super) struct Words<'a>(pub(super) &'a ArgMatches);

impl Words<'_> {
    /// Every command has its own options; one that it lacks counts as not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .try_get_one::<String>(name)
            .ok()
            .flatten()
            .map(String::as_str)
    }

    pub(super) fn path(&self, name: &str) -> Result<Option<PathBuf>> {
        match self.text(name) {
            Some("") => Err(Error::option(
                as_typed(name),
                "the path is empty",
                explanation(name),
            )),
            text => Ok(text.map(PathBuf::from)),
        }
    }

    /// A value that the option cannot have.
    pub(super) fn wrong(name: &str, expected: &str, found: &str) -> Error {
        let found = if found.is_empty() { "nothing" } else { found };
        Error::option(
            as_typed(name),
            format!("expected {expected}, found {found}"),
            explanation(name),
        )
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0
            .try_get_one::<bool>(name)
            .ok()
            .flatten()
            .copied()
            .unwrap_or(false)
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.0.try_contains_id(name).unwrap_or(false)
            && self.0.value_source(name) == Some(ValueSource::CommandLine)
    }

    pub(super) fn number(
        &self,
        name: &str,
        default: f64,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<f64> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        match text.parse::<f64>() {
            Ok(value) if range.contains(&value) => Ok(value),
            _ => Err(Self::wrong(
                name,
                &format!("a number from {} to {}", range.start(), range.end()),
                text,
            )),
        }
    }

    pub(super) fn count(&self, name: &str) -> Result<Option<usize>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse::<usize>() {
            Ok(count) if count >= 1 => Ok(Some(count)),
            _ => Err(Self::wrong(name, "a whole number from 1", text)),
        }
    }

    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T> {
        let Some(text) = self.text(name) else {
            return Ok(choices[0].1);
        };
        choices
            .iter()
            .find(|(key, _)| *key == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let keys: Vec<&str> = choices.iter().map(|(key, _)| *key).collect();
                let expected = match keys.as_slice() {
                    [some @ .., last] => format!("{} or {last}", some.join(", ")),
                    [] => String::new(),
                };
                Self::wrong(name, &expected, text)
            })
    }
}
