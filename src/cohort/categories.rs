//! Categorical covariates and environments: a column of 0 and 1 for each level except the reference.

use super::column::Column;
use crate::error::{Error, Result};
use crate::io::text::count;
use std::collections::BTreeMap;
use std::ops::Range;

/// Most levels of a category.
const MAX_LEVELS: usize = 1000;

/// Levels named in a note.
const SHOWN: usize = 8;

/// What a category is in the model, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CategoryRole {
    /// A covariate.
    Covariate,
    /// The environment of interactions.
    Environment,
}

impl CategoryRole {
    fn word(self) -> &'static str {
        match self {
            Self::Covariate => "covariate",
            Self::Environment => "environment",
        }
    }

    /// The remedy for a column that is no category.
    fn hint(self) -> &'static str {
        match self {
            Self::Covariate => "choose the covariates by name with --covar-name",
            Self::Environment => "name a column with few levels with --gxe, or one of numbers",
        }
    }
}

/// A category as columns of 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicators {
    /// Names such as `site=B`, and a value for each individual; `None` if its level is missing.
    pub columns: Vec<(String, Vec<Option<f64>>)>,
    /// The coding, for the log.
    pub note: String,
}

/// The indicator columns of a category. The reference is the most frequent level, the first of several.
///
/// Levels are in the order of their numbers if all are numbers, and otherwise in that of their names.
///
/// * `levels`: the level of each individual, `None` if it is missing
///
/// Fails with [`Error::Degenerate`] if every individual has a level of its own, or if there are more than a thousand levels.
pub fn indicators(
    role: CategoryRole,
    name: &str,
    levels: &[Option<Box<str>>],
) -> Result<Indicators> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for level in levels.iter().flatten() {
        *counts.entry(level).or_default() += 1;
    }
    let n: usize = counts.values().sum();
    if counts.len() > MAX_LEVELS || counts.len() > 2 && counts.len() == n {
        let what = if counts.len() == n {
            "each individual has a level of its own, as ids have".to_owned()
        } else {
            format!("it has {}", count(counts.len(), "level"))
        };
        return Err(Error::degenerate(
            format!("categorical {} {name}: {what}", role.word()),
            role.hint(),
        ));
    }
    let mut ordered: Vec<(&str, usize)> = counts.into_iter().collect();
    let numbers: Option<Vec<f64>> = ordered
        .iter()
        .map(|(level, _)| level.parse().ok())
        .collect();
    if numbers.is_some() {
        let number = |level: &str| level.parse::<f64>().unwrap_or(f64::NAN);
        ordered.sort_by(|(a, _), (b, _)| number(a).total_cmp(&number(b)));
    }
    // The first of the most frequent levels.
    let most = ordered.iter().map(|(_, n)| *n).max();
    let reference = (ordered.iter()).position(|(_, n)| Some(*n) == most);
    let note = note(role, name, &ordered, reference);
    let others = ordered.iter().enumerate();
    let others = others.filter(|(k, _)| Some(*k) != reference);
    let columns = others.map(|(_, (level, _))| {
        let value = |one: &Option<Box<str>>| {
            one.as_ref()
                .map(|one| f64::from(u8::from(**one == **level)))
        };
        (
            format!("{name}={level}"),
            levels.iter().map(value).collect(),
        )
    });
    Ok(Indicators {
        columns: columns.collect(),
        note,
    })
}

fn note(
    role: CategoryRole,
    name: &str,
    levels: &[(&str, usize)],
    reference: Option<usize>,
) -> String {
    let word = role.word();
    let Some(reference) = reference else {
        return format!("{word} {name} is missing for every individual");
    };
    let shown: Vec<String> = (levels.iter().take(SHOWN))
        .map(|(level, n)| format!("{level} ({n})"))
        .collect();
    let more = match levels.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{word} {name} is categorical, with {}, coded as 0 and 1: {}{more}; the reference is the most frequent, {}",
        count(levels.len(), "level"),
        shown.join(", "),
        levels[reference].0
    )
}

/// The columns that vary among the analysed individuals, with notes on the others.
///
/// If no analysed individual has the reference level of a category, its most frequent level becomes the reference.
///
/// * `categories`: the columns of each category
pub(super) fn varying(
    mut columns: Vec<Column>,
    categories: &[Range<usize>],
    notes: &mut Vec<String>,
) -> Vec<Column> {
    let sum = |column: &Column| column.values.iter().sum::<f64>();
    let mut is_reference = vec![false; columns.len()];
    for range in categories {
        let of = &columns[range.clone()];
        let n = of.first().map_or(0, |column| column.values.len());
        let n_with: f64 = of.iter().map(sum).sum();
        let is_only = of.iter().any(Column::is_constant) && of.iter().any(|c| sum(c) == n as f64);
        if n_with < n as f64 || is_only {
            continue;
        }
        // The first of the most frequent levels.
        let most = (range.clone()).reduce(|a, b| {
            if sum(&columns[b]) > sum(&columns[a]) {
                b
            } else {
                a
            }
        });
        if let Some(most) = most {
            is_reference[most] = true;
            notes.push(format!(
                "no analysed individual has the reference level of {}: its most frequent level among them is the reference instead",
                columns[most].name
            ));
        }
    }
    let mut k = 0;
    columns.retain(|column| {
        k += 1;
        if column.is_constant() {
            notes.push(format!(
                "{} is {} for every analysed individual and is excluded",
                column.name, column.values[0]
            ));
        }
        !is_reference[k - 1] && !column.is_constant()
    });
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indicators(name: &str, levels: &[Option<Box<str>>]) -> Result<Indicators> {
        super::indicators(CategoryRole::Covariate, name, levels)
    }

    fn levels(text: &str) -> Vec<Option<Box<str>>> {
        let levels = text.split(' ');
        levels
            .map(|level| (level != "NA").then(|| level.into()))
            .collect()
    }

    #[test]
    fn the_most_frequent_level_is_the_reference() {
        let coded = indicators("site", &levels("B A C B NA A")).unwrap();
        let value = |x: &[i8]| -> Vec<Option<f64>> {
            x.iter().map(|&x| (x >= 0).then(|| f64::from(x))).collect()
        };
        let expected = [
            ("site=B".to_owned(), value(&[1, 0, 0, 1, -1, 0])),
            ("site=C".to_owned(), value(&[0, 0, 1, 0, -1, 0])),
        ];
        assert_eq!(coded.columns, expected);
        assert!(
            coded
                .note
                .contains("with 3 levels, coded as 0 and 1: A (2), B (2), C (1)"),
            "{}",
            coded.note
        );
        assert!(
            coded
                .note
                .ends_with("the reference is the most frequent, A")
        );
        let numbers = indicators("x", &levels("10 9 10 9 2")).unwrap();
        let names: Vec<_> = numbers
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["x=2", "x=10"]);
        assert!(
            indicators("x", &levels("a a NA"))
                .unwrap()
                .columns
                .is_empty()
        );
    }

    #[test]
    fn ids_are_not_a_category() {
        let error = indicators("name", &levels("a b c NA d"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("covariate name: each individual has a level of its own"),
            "{error}"
        );
        assert!(indicators("sex", &levels("M F")).is_ok());
        let environment = CategoryRole::Environment;
        let error = super::indicators(environment, "name", &levels("a b c")).unwrap_err();
        assert!(error.to_string().contains("categorical environment name:"));
        assert!(error.hint().unwrap().contains("--gxe"), "{error}");
        let coded = super::indicators(environment, "site", &levels("A A B")).unwrap();
        assert!(coded.note.starts_with("environment site is categorical"));
    }

    #[test]
    fn levels_without_analysed_individuals_are_excluded() {
        let column = |name: &str, values: &[f64]| Column {
            name: name.into(),
            values: values.to_vec(),
        };
        let kept = |columns: Vec<Column>, range: Range<usize>| {
            let mut notes = Vec::new();
            let kept = varying(columns, &[range], &mut notes);
            let names: Vec<String> = kept.into_iter().map(|column| column.name).collect();
            (names.join(" "), notes)
        };
        // The reference is present, one level is not.
        let columns = vec![
            column("a", &[1.0, 2.0, 3.0]),
            column("s=B", &[0.0, 1.0, 0.0]),
            column("s=C", &[0.0; 3]),
        ];
        let (names, notes) = kept(columns, 1..3);
        assert_eq!((names.as_str(), notes.len()), ("a s=B", 1));
        assert!(notes[0].starts_with("s=C is 0 for every"));
        // The reference is absent.
        let columns = vec![
            column("s=B", &[0.0, 1.0, 0.0]),
            column("s=C", &[1.0, 0.0, 1.0]),
        ];
        let (names, notes) = kept(columns, 0..2);
        assert_eq!(names, "s=B");
        assert!(notes[0].contains("reference level of s=C"), "{notes:?}");
        // Only one level is left.
        let columns = vec![column("s=B", &[1.0; 3]), column("s=C", &[0.0; 3])];
        let (names, notes) = kept(columns, 0..2);
        assert_eq!((names.as_str(), notes.len()), ("", 2));
    }
}
