//! Options given more than once: the last one counts, as in GEMMA.

use super::options::{as_typed, takes_value};

/// A note for each option that is given more than once, in the order of their first appearance.
///
/// * `words`: the arguments in double-dash spelling
pub(super) fn notes(words: &[String]) -> Vec<String> {
    let mut given: Vec<(&str, usize, Option<&str>)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some((name, attached)) = option(word) else {
            continue;
        };
        let next = words.get(at + 1).map(String::as_str);
        let next = next.filter(|next| takes_value(name) && option(next).is_none());
        let value = attached.or(next);
        match given.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, times, last)) => (*times, *last) = (*times + 1, value),
            None => given.push((name, 1, value)),
        }
    }
    let repeated = given.into_iter().filter(|(_, times, _)| *times > 1);
    repeated
        .map(|(name, times, value)| {
            let times = match times {
                2 => "twice".to_owned(),
                n => format!("{n} times"),
            };
            let name = as_typed(name);
            match value {
                Some(value) => {
                    format!(
                        "{name} is given {times}; the last one counts, as in GEMMA: {name} {value}"
                    )
                }
                None => format!("{name} is given {times}"),
            }
        })
        .collect()
}

/// The name of an option and the value after its `=`; `None` if `word` is not an option.
fn option(word: &str) -> Option<(&str, Option<&str>)> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    let is_option = name.starts_with(|c: char| c.is_ascii_alphabetic());
    is_option.then(|| match name.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (name, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_names_the_option_and_the_value_that_counts() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        assert_eq!(
            notes(&words(
                "jamma lmm --maf 0.1 -n 1 --maf=0.2 -n 3 -o a --maf -0.3"
            )),
            [
                "-maf is given 3 times; the last one counts, as in GEMMA: -maf -0.3",
                "-n is given twice; the last one counts, as in GEMMA: -n 3",
            ]
        );
        assert_eq!(
            notes(&words("jamma --notsnp --gk --notsnp --bfile s")),
            ["-notsnp is given twice"]
        );
        assert!(notes(&words("jamma lmm --bfile s -n 1 --lmm 1")).is_empty());
    }
}
