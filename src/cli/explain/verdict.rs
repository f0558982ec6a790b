//! What becomes of each option of a command line of GEMMA.

use super::line::{Analysis, Given, Line};
use super::rules::{Status, Then, rule};
use crate::cli::args::Args;
use crate::cli::gemma::without_equivalent;
use crate::cli::options::as_typed;
use crate::cli::suggest;
use crate::cli::values::{NO_VALUE, Takes, Value};

/// What becomes of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) status: Status,
    /// What differs, or what to do instead.
    pub(super) text: String,
    /// The words of the option in the equivalent command; none if it is left out.
    pub(super) words: Vec<String>,
}

impl Verdict {
    fn without_words(status: Status, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            words: Vec::new(),
        }
    }

    fn unsupported(text: impl Into<String>) -> Self {
        Self::without_words(Status::Unsupported, text)
    }

    fn unknown(text: impl Into<String>) -> Self {
        Self::without_words(Status::Unknown, text)
    }
}

/// What becomes of option number `index` of `line`.
pub(super) fn verdict(line: &Line, index: usize) -> Verdict {
    let given = &line.options[index];
    if !given.is_option() {
        return Verdict::unknown("It is neither an option nor the value of one; GEMMA stops here");
    }
    if let Some((flag, instead)) = without_equivalent(&given.name) {
        return Verdict::unsupported(format!("{}: {instead}", capital(flag.2)));
    }
    if ["h", "help"].contains(&&*given.name) {
        let text = "In jamma: `jamma --help`, or `jamma help maf` for one option";
        return Verdict::without_words(Status::Changed, text);
    }
    let Some(entry) = given.entry() else {
        return no_such_option(given);
    };
    let words = words(given);
    let is_ours = entry.typed().starts_with("--") && given.name != "gxe-file"
        || ["k2", "km2"].contains(&&*given.name);
    if is_ours || given.has_too_many_dashes() {
        return Verdict {
            status: Status::Ours,
            text: if is_ours {
                "An option of jamma, which GEMMA does not have".to_owned()
            } else {
                format!("GEMMA has it with one dash only: {}", entry.typed())
            },
            words,
        };
    }
    if line.options[index + 1..]
        .iter()
        .any(|later| later.name == given.name)
    {
        let text = "It is given again later, and the last one counts, as in GEMMA";
        return Verdict::without_words(Status::Ignored, text);
    }
    if let Some(verdict) = without_value(given).or_else(|| several_columns(given, line)) {
        return verdict;
    }
    if let Err(wrong) = check(given) {
        return Verdict::unsupported(wrong);
    }
    let Some((status, then, text)) = rule(given, line) else {
        return Verdict {
            status: Status::Same,
            text: String::new(),
            words: if is_implied(given, line) {
                Vec::new()
            } else {
                words
            },
        };
    };
    let mut words = match then {
        Then::Omit => Vec::new(),
        _ if is_implied(given, line) => Vec::new(),
        Then::Keep | Then::Add(_) => words,
    };
    if let Then::Add(more) = then {
        words.push(more.to_owned());
    }
    Verdict {
        status,
        text: text.to_owned(),
        words,
    }
}

/// `text` with a capital letter at its start.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn no_such_option(given: &Given) -> Verdict {
    let near = suggest::options(&given.name);
    let near = near
        .iter()
        .find(|near| near.trim_start_matches('-') != given.name);
    Verdict::unknown(match near {
        Some(near) => format!("GEMMA 0.98.5 does not recognise it; did you mean {near}?"),
        None => "GEMMA 0.98.5 does not recognise it".to_owned(),
    })
}

/// The option as jamma's users type it.
fn words(given: &Given) -> Vec<String> {
    let typed = match &*given.name {
        "gxe-file" => "-gxe".to_owned(),
        name => as_typed(name),
    };
    std::iter::once(typed)
        .chain(given.values.iter().cloned())
        .collect()
}

/// Whether the command implies the option: `jamma gk` is `-gk 1`.
fn is_implied(given: &Given, line: &Line) -> bool {
    let command = line.analysis().and_then(Analysis::command);
    let is_first = given.values.is_empty() || given.values == ["1"];
    command == Some(&*given.name) && is_first
}

/// An option without the value that GEMMA looks for.
fn without_value(given: &Given) -> Option<Verdict> {
    let needs_none = matches!(given.entry()?.takes(), Takes::Flag(_) | Takes::Mode(_))
        || given.entry()?.value_name().is_empty();
    let is_missing = given.values.is_empty() && !needs_none;
    let text = match &*given.name {
        "loco" => {
            "GEMMA ignores it, or crashes, without the name of a chromosome; jamma tests every chromosome in one run"
        }
        _ => "GEMMA ignores an option without a value; jamma reports an error",
    };
    is_missing.then(|| Verdict::without_words(Status::Changed, text))
}

/// `-n 2 3`
fn several_columns(given: &Given, line: &Line) -> Option<Verdict> {
    if given.name != "n" || given.values.len() < 2 {
        return None;
    }
    let list = given.values.join(",");
    Some(Verdict::unsupported(match line.analysis() {
        Some(Analysis::Lmm) => format!(
            "Several columns are GEMMA's multivariate model, which is not supported yet; --traits {list} analyses each phenotype by itself"
        ),
        Some(Analysis::Lm) => format!(
            "GEMMA refuses several columns here; --traits {list} analyses each phenotype by itself"
        ),
        _ => "GEMMA refuses several columns here; give one column".to_owned(),
    }))
}

/// Checks the value of an option. Fails with what is wrong, and what GEMMA does with such a value.
fn check(given: &Given) -> Result<(), String> {
    let entry = given.entry().expect("an option of jamma");
    let values = match entry.takes() {
        Takes::Mode(choices) if given.values.is_empty() => vec![choices[0].0.to_owned()],
        Takes::WordOrNone(_) if given.values.is_empty() => vec![NO_VALUE.to_owned()],
        _ => given.values.clone(),
    };
    let wrong = entry
        .takes()
        .set(&mut Args::default(), &Value::Words(values));
    wrong.map_err(|wrong| {
        let in_gemma = match (&*given.name, entry.takes()) {
            ("lmm", _) => of_code(&given.values[0]),
            (_, Takes::Number(..) | Takes::Whole(..) | Takes::Columns(_)) => {
                "GEMMA reads the number at the start of the value, or 0 if there is none"
            }
            _ => "GEMMA refuses it too",
        };
        format!("{}; {in_gemma}", capital(&wrong))
    })
}

/// What GEMMA computes for a number after `-lmm`, which is the internal number of an analysis.
fn of_code(code: &str) -> &'static str {
    match code {
        "11" | "12" | "13" | "14" | "15" => "GEMMA runs -bslmm for this number",
        "21" => "GEMMA runs -gk 1 for this number: jamma gk",
        "22" => "GEMMA runs -gk 2 for this number: jamma gk -gk 2",
        "31" => "GEMMA runs -eigen for this number: jamma eigen",
        "41" | "42" | "43" => "GEMMA runs -predict for this number",
        "51" | "52" | "53" | "54" => "GEMMA runs -lm for this number: jamma lm",
        "61" | "62" | "63" => "GEMMA runs -vc for this number",
        _ => "GEMMA refuses it too",
    }
}
