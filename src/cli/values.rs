//! The values that options accept: how a value is parsed, which values are valid, and which field of [`Args`] is set.

use super::args::Args;
use crate::pipeline::Columns as ColumnList;
use crate::sources::{is_url, without_secrets};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// The value of an option.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The arguments that follow the option on the command line; none for a flag.
    Words(Vec<String>),
    /// Whether a flag is set. This and the following are typed values, from the Python package.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// A path.
    Path(PathBuf),
    /// A value of a type that no option accepts, as messages show it.
    Other(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) if words.iter().all(String::is_empty) => f.write_str("nothing"),
            Self::Words(words) => f.write_str(&words.join(" ")),
            Self::Flag(true) => f.write_str("True"),
            Self::Flag(false) => f.write_str("False"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Path(path) => write!(f, "'{}'", path.display()),
            Self::Other(shown) => f.write_str(shown),
        }
    }
}

/// Stands for the value of an option that was given without one.
pub(super) const NO_VALUE: &str = "\u{1}";

/// Most columns in a list.
const MOST_COLUMNS: usize = 100_000;

/// A valid value of an option, and the function that sets it.
pub(super) type Choice = (&'static str, fn(&mut Args));

/// The values that an option accepts, and the field that is set.
pub(super) enum Takes {
    /// No value: the option is given or not.
    Flag(fn(&mut Args) -> &mut bool),
    /// A number within bounds.
    Number(RangeInclusive<f64>, fn(&mut Args) -> &mut Option<f64>),
    /// A whole number within bounds.
    Whole(RangeInclusive<usize>, fn(&mut Args) -> &mut Option<usize>),
    /// Columns of a table, counted from 1.
    Columns(fn(&mut Args) -> &mut Vec<usize>),
    /// The path of a local file or directory.
    Path(fn(&mut Args) -> &mut Option<PathBuf>),
    /// The same, or a URL.
    PathOrUrl(fn(&mut Args) -> &mut Option<PathBuf>),
    /// Any string.
    Text(fn(&mut Args) -> &mut Option<String>),
    /// A string or a whole number, as a string.
    Word(fn(&mut Args) -> &mut Option<String>),
    /// The same, or no value.
    WordOrNone(fn(&mut Args) -> &mut Option<Option<String>>),
    /// `all`, or a list of columns such as `1,3,5-9`.
    List(fn(&mut Args) -> &mut Option<ColumnList>),
    /// Words in a list, separated by commas.
    Names(fn(&mut Args) -> &mut Vec<String>),
    /// One of several words.
    Choice(&'static [Choice]),
    /// The same, but the value may be omitted, as in GEMMA: `-gk` means `-gk 1`.
    Mode(&'static [Choice]),
    /// A value that is ignored, or none.
    Ignored,
}

impl Takes {
    /// Sets the field of `args` to `value`. Fails with a description of what is wrong with the value.
    pub(super) fn set(&self, args: &mut Args, value: &Value) -> Result<(), String> {
        let wrong = |expected: &str| format!("expected {expected}, found {value}");
        match self {
            Self::Flag(field) => {
                *field(args) = flag(value).ok_or_else(|| wrong("True or False"))?;
            }
            Self::Number(range, field) => {
                let number = number(value).filter(|number| range.contains(number));
                let expected = || {
                    wrong(&format!(
                        "a number from {} to {}",
                        range.start(),
                        range.end()
                    ))
                };
                *field(args) = Some(number.ok_or_else(expected)?);
            }
            Self::Whole(range, field) => {
                let number = whole(value).filter(|number| range.contains(number));
                let expected = || match range.end() {
                    &usize::MAX => wrong(&format!("a whole number of at least {}", range.start())),
                    end => wrong(&format!("a whole number from {} to {end}", range.start())),
                };
                *field(args) = Some(number.ok_or_else(expected)?);
            }
            Self::Columns(field) => *field(args) = columns(value)?,
            Self::Path(field) | Self::PathOrUrl(field) => {
                let path = path(value).ok_or_else(|| wrong("a path"))?;
                if path.as_os_str().is_empty() {
                    return Err("the path is empty".into());
                }
                if matches!(self, Self::Path(_)) && is_url(&path) {
                    let shown = without_secrets(&path.to_string_lossy());
                    return Err(format!(
                        "{shown} is a URL, which only -bfile reads: download the file and give its path"
                    ));
                }
                *field(args) = Some(path);
            }
            Self::Text(field) => {
                *field(args) = Some(text(value).ok_or_else(|| wrong("a string"))?.to_owned());
            }
            Self::Word(field) => {
                *field(args) = Some(word_or_number(value).ok_or_else(|| wrong("a value"))?);
            }
            Self::WordOrNone(field) => {
                *field(args) = match value {
                    Value::Flag(is_set) => is_set.then_some(None),
                    Value::Words(words) if *words == [NO_VALUE] => Some(None),
                    _ => {
                        let word = word_or_number(value).filter(|word| !word.is_empty());
                        Some(Some(word.ok_or_else(|| wrong("a name"))?))
                    }
                };
            }
            Self::List(field) => *field(args) = Some(list(value)?),
            Self::Names(field) => {
                *field(args) = names(value)
                    .ok_or_else(|| wrong("words separated by commas, such as A,B,C"))?;
            }
            Self::Choice(choices) | Self::Mode(choices) => {
                let set = chosen(choices, value).ok_or_else(|| wrong(&self.choices(choices)))?;
                set(args);
            }
            Self::Ignored => {}
        }
        Ok(())
    }

    fn choices(&self, choices: &[Choice]) -> String {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        match words.as_slice() {
            [one] if matches!(self, Self::Mode(_)) => format!("{one} or no value"),
            [some @ .., last] if !some.is_empty() => format!("{} or {last}", some.join(", ")),
            words => words.concat(),
        }
    }
}

/// The word of a value that is a single word.
fn word(value: &Value) -> Option<&str> {
    match value {
        Value::Words(words) => match words.as_slice() {
            [word] => Some(word),
            _ => None,
        },
        _ => None,
    }
}

fn word_or_number(value: &Value) -> Option<String> {
    match value {
        Value::Whole(number) => Some(number.to_string()),
        _ => text(value).map(str::to_owned),
    }
}

/// The columns of a list such as `1,3,5-9`.
fn list(value: &Value) -> Result<ColumnList, String> {
    let wrong = |what: &str| {
        format!("{what}: expected all, or columns from 1 in a list such as 1,3,5-9, found {value}")
    };
    let text = word_or_number(value).ok_or_else(|| wrong("not a list"))?;
    if text == "all" {
        return Ok(ColumnList::All);
    }
    let mut columns = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.trim().parse::<usize>().ok().filter(|&n| n >= 1);
        let (Some(first), Some(last)) = (number(first), number(last)) else {
            return Err(wrong(&format!("{part:?} is not a column or a range")));
        };
        if first > last || last - first >= MOST_COLUMNS || columns.len() >= MOST_COLUMNS {
            return Err(wrong(&format!("{part:?} is not a range")));
        }
        for column in first..=last {
            if columns.contains(&column) {
                return Err(wrong(&format!("column {column} is listed twice")));
            }
            columns.push(column);
        }
    }
    Ok(ColumnList::Listed(columns))
}

/// The words of a list, none of which is empty.
fn names(value: &Value) -> Option<Vec<String>> {
    let text = word_or_number(value)?;
    let names = text.split(',').map(|name| name.trim().to_owned());
    let names: Vec<String> = names.collect();
    (!names.iter().any(String::is_empty)).then_some(names)
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Words(_) => Some(true),
        Value::Flag(is_set) => Some(*is_set),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Whole(number) => Some(*number as f64),
        _ => word(value)?.parse().ok(),
    }
}

fn whole(value: &Value) -> Option<usize> {
    match value {
        Value::Whole(number) => usize::try_from(*number).ok(),
        _ => word(value)?.parse().ok(),
    }
}

fn columns(value: &Value) -> Result<Vec<usize>, String> {
    let wrong = |found: &Value| format!("expected a column number of at least 1, found {found}");
    let column = |one: Value| match whole(&one) {
        Some(column) if column >= 1 => Ok(column),
        _ => Err(wrong(&one)),
    };
    match value {
        Value::Words(words) => (words.iter())
            .map(|word| column(Value::Words(vec![word.clone()])))
            .collect(),
        one => Ok(vec![column(one.clone())?]),
    }
}

fn path(value: &Value) -> Option<PathBuf> {
    match value {
        Value::Path(path) => Some(path.clone()),
        _ => text(value).map(PathBuf::from),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => word(value),
    }
}

fn chosen(choices: &[Choice], value: &Value) -> Option<fn(&mut Args)> {
    let number = match value {
        Value::Whole(number) => Some(number.to_string()),
        _ => None,
    };
    let word = number.as_deref().or_else(|| text(value))?;
    let choice = choices.iter().find(|(known, _)| *known == word);
    choice.map(|(_, set)| *set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Value {
        Value::Words(vec![text.to_owned()])
    }

    #[test]
    fn words_and_typed_values_are_checked_alike() {
        let maf = Takes::Number(0.0..=0.5, |args| &mut args.maf);
        for (value, expected) in [
            (words("0.1"), Ok(0.1)),
            (
                words(".7"),
                Err("expected a number from 0 to 0.5, found .7"),
            ),
            (
                words("nan"),
                Err("expected a number from 0 to 0.5, found nan"),
            ),
            (
                words(""),
                Err("expected a number from 0 to 0.5, found nothing"),
            ),
            (Value::Number(0.1), Ok(0.1)),
            (Value::Whole(0), Ok(0.0)),
            (
                Value::Number(0.7),
                Err("expected a number from 0 to 0.5, found 0.7"),
            ),
            (
                Value::Number(f64::NAN),
                Err("expected a number from 0 to 0.5, found NaN"),
            ),
            (
                Value::Text("0.1".into()),
                Err("expected a number from 0 to 0.5, found '0.1'"),
            ),
            (
                Value::Flag(true),
                Err("expected a number from 0 to 0.5, found True"),
            ),
        ] {
            let mut args = Args::default();
            let found = maf.set(&mut args, &value);
            assert_eq!(args.maf, expected.ok(), "{value:?}");
            assert_eq!(found.err().as_deref(), expected.err(), "{value:?}");
        }
        let threads = Takes::Whole(1..=9, |args| &mut args.threads);
        for value in [
            words("1.0"),
            words("-1"),
            Value::Whole(-1),
            Value::Whole(10),
            Value::Number(1.0),
        ] {
            let mut args = Args::default();
            let wrong = threads.set(&mut args, &value).unwrap_err();
            assert_eq!(
                wrong,
                format!("expected a whole number from 1 to 9, found {value}")
            );
            assert_eq!(args.threads, None);
        }
    }

    #[test]
    fn several_columns_are_kept_in_order() {
        let takes = Takes::Columns(|args| &mut args.phenotype_columns);
        let mut args = Args::default();
        takes
            .set(&mut args, &Value::Words(vec!["3".into(), "1".into()]))
            .unwrap();
        assert_eq!(args.phenotype_columns, [3, 1]);
        takes.set(&mut args, &Value::Whole(2)).unwrap();
        assert_eq!(args.phenotype_columns, [2]);
        let wrong = takes.set(&mut args, &Value::Words(vec!["1".into(), "0".into()]));
        assert_eq!(
            wrong.unwrap_err(),
            "expected a column number of at least 1, found 0"
        );
    }

    #[test]
    fn lists_of_columns_are_all_or_numbers_and_ranges() {
        let takes = Takes::List(|args| &mut args.traits);
        let read = |value: &Value| {
            let mut args = Args::default();
            takes.set(&mut args, value).map(|()| args.traits)
        };
        let listed = |columns: &[usize]| Ok(Some(ColumnList::Listed(columns.to_vec())));
        assert_eq!(read(&words("all")), Ok(Some(ColumnList::All)));
        assert_eq!(read(&words("1,3,5-7")), listed(&[1, 3, 5, 6, 7]));
        assert_eq!(read(&words("9,2")), listed(&[9, 2]));
        assert_eq!(read(&Value::Whole(4)), listed(&[4]));
        for wrong in [
            "",
            "0",
            "5-3",
            "a",
            "1,,2",
            "1-",
            "2,1-3",
            "-1",
            "1-99999999999",
        ] {
            assert!(read(&words(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_separated_by_commas() {
        let takes = Takes::Names(|args| &mut args.pheno_names);
        let read = |value: &Value| {
            let mut args = Args::default();
            takes.set(&mut args, value).map(|()| args.pheno_names)
        };
        assert_eq!(read(&words("A, b-c")).unwrap(), ["A", "b-c"]);
        assert_eq!(read(&Value::Text("A".into())).unwrap(), ["A"]);
        assert_eq!(read(&Value::Whole(-9)).unwrap(), ["-9"]);
        for wrong in [words(""), words("a,,b"), words("a,"), Value::Number(1.5)] {
            assert!(read(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_word_may_be_omitted() {
        let takes = Takes::WordOrNone(|args| &mut args.loco);
        let read = |value: &Value| {
            let mut args = Args::default();
            takes.set(&mut args, value).map(|()| args.loco)
        };
        let named = |name: &str| Ok(Some(Some(name.to_owned())));
        assert_eq!(read(&words(NO_VALUE)), Ok(Some(None)));
        assert_eq!(read(&words("chrX")), named("chrX"));
        assert_eq!(read(&Value::Whole(7)), named("7"));
        assert_eq!(read(&Value::Flag(true)), Ok(Some(None)));
        assert_eq!(read(&Value::Flag(false)), Ok(None));
        assert!(read(&words("")).is_err());
        assert!(read(&Value::Number(1.0)).is_err());
    }

    #[test]
    fn a_choice_is_one_of_its_words_or_their_number() {
        let set: fn(&mut Args) = |args| args.gz = true;
        let two: &'static [Choice] = Box::leak(Box::new([("1", set), ("2", set)]));
        let takes = Takes::Mode(two);
        for (value, is_known) in [
            (words("2"), true),
            (Value::Whole(2), true),
            (words("3"), false),
        ] {
            let mut args = Args::default();
            assert_eq!(takes.set(&mut args, &value).is_ok(), is_known);
            assert_eq!(args.gz, is_known);
        }
        let wrong = takes.set(&mut Args::default(), &words("3")).unwrap_err();
        assert_eq!(wrong, "expected 1 or 2, found 3");
        let wrong = Takes::Mode(&two[..1]).set(&mut Args::default(), &words("2"));
        assert_eq!(wrong.unwrap_err(), "expected 1 or no value, found 2");
    }
}
