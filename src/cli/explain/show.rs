//! An explanation as text and as JSON.

use super::explanation::Explanation;
use super::line::Given;
use super::rules::Status;
use crate::cli::terminal::{self, Style, styled};
use crate::cli::wrapped::wrapped;
use crate::error::escaped;
use crate::output::json::Json;

/// The column of the status, if the options are short.
const MOST: usize = 26;
/// Columns of a status and the blanks after it.
const STATUS: usize = 13;

/// The explanation on the terminal.
pub(super) fn text(of: &Explanation) -> String {
    let (width, colours) = (terminal::width(), terminal::has_colours());
    let labels: Vec<String> = of.line.options.iter().map(label).collect();
    let lengths = labels.iter().map(|label| label.chars().count());
    let column = 2 + lengths.filter(|length| *length <= MOST).max().unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for (label, verdict) in labels.iter().zip(&of.verdicts) {
        let status = verdict.status;
        let label = format!("  {label}");
        let start = if label.chars().count() + 2 <= column {
            format!("{label:column$}")
        } else {
            lines.push(label);
            " ".repeat(column)
        };
        let indent = column + STATUS;
        let mut texts = wrapped(&verdict.text, width.saturating_sub(indent)).into_iter();
        let first = texts.next().unwrap_or_default();
        let blanks = " ".repeat(if first.is_empty() {
            0
        } else {
            STATUS - status.label().len()
        });
        let status = styled(status.label(), style(status), colours);
        lines.push(format!("{start}{status}{blanks}{first}"));
        lines.extend(texts.map(|text| format!("{:indent$}{text}", "")));
    }
    for note in &of.notes {
        lines.push(String::new());
        lines.extend(wrapped(note, width));
    }
    lines.push(String::new());
    match &of.equivalent {
        Ok(words) => {
            lines.push("The equivalent command:".to_owned());
            lines.push(format!(
                "  {}",
                styled(&command(words), Style::Bold, colours)
            ));
        }
        Err(why) => {
            let text = format!(
                "There is no equivalent command, because of: {}",
                escaped(why)
            );
            lines.extend(wrapped(&text, width));
        }
    }
    lines.join("\n")
}

/// The explanation for programs.
pub(super) fn json(of: &Explanation) -> Json {
    let options = of.line.options.iter().zip(&of.verdicts);
    let options = options.map(|(given, verdict)| {
        Json::object([
            ("option", (&given.typed).into()),
            (
                "values",
                Json::list(given.values.iter().map(String::as_str)),
            ),
            ("status", verdict.status.label().into()),
            ("text", (&verdict.text).into()),
        ])
    });
    let [equivalent, words, why] = match &of.equivalent {
        Ok(words) => [
            command(words).into(),
            Json::list(words.iter().map(String::as_str)),
            Json::Null,
        ],
        Err(why) => [Json::Null, Json::Null, why.into()],
    };
    Json::object([
        ("options", Json::list(options)),
        ("notes", Json::list(of.notes.iter().map(String::as_str))),
        ("equivalent", equivalent),
        ("words", words),
        ("no_equivalent_because", why),
    ])
}

/// The option and its values, as typed.
fn label(given: &Given) -> String {
    let words = std::iter::once(&given.typed).chain(&given.values);
    let words: Vec<String> = words.map(|word| escaped(word)).collect();
    words.join(" ")
}

fn style(status: Status) -> Style {
    match status {
        Status::Same => Style::Good,
        Status::Changed | Status::Ours => Style::Bold,
        Status::Ignored => Style::Plain,
        Status::Unsupported | Status::Unknown => Style::Bad,
    }
}

/// The words as they are typed in a shell.
fn command(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// A word in quotes if a shell would read it otherwise.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:,=+@%^".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        let words = ["jamma", "lmm", "-o", "my run", "it's", "", "a*"].map(str::to_owned);
        assert_eq!(command(&words), r"jamma lmm -o 'my run' 'it'\''s' '' 'a*'");
    }
}
