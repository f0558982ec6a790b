//! A command line of GEMMA, read by GEMMA's rules.
//!
//! Options begin with one dash. The value of an option is the next word, unless this begins with a dash: then the option is ignored.
//! `-n` takes all words up to the next option.

use crate::cli::gemma::{Values, without_equivalent};
use crate::cli::options::{Entry, TABLE};
use crate::cli::spelling::name_of;
use crate::cli::values::Takes;
use std::path::Path;

/// Options that GEMMA also knows with two dashes.
const TWO_DASHES: [&str; 3] = ["bfile", "mbfile", "quiet"];
/// Options with values that may be negative.
const SIGNED: [&str; 4] = ["mu", "pmin", "pmax", "pve"];

/// What GEMMA computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Analysis {
    /// `-gk`
    Gk,
    /// `-eigen`
    Eigen,
    /// `-lmm`
    Lmm,
    /// `-lm`
    Lm,
    /// Another one, which jamma does not have.
    Other,
}

impl Analysis {
    /// The options that select an analysis.
    const OPTIONS: [(&'static str, Self); 12] = [
        ("gk", Self::Gk),
        ("eigen", Self::Eigen),
        ("lmm", Self::Lmm),
        ("lm", Self::Lm),
        ("bslmm", Self::Other),
        ("vc", Self::Other),
        ("predict", Self::Other),
        ("gs", Self::Other),
        ("gq", Self::Other),
        ("gw", Self::Other),
        ("ci", Self::Other),
        ("calccor", Self::Other),
    ];

    /// The command of jamma.
    pub(super) fn command(self) -> Option<&'static str> {
        match self {
            Self::Gk => Some("gk"),
            Self::Eigen => Some("eigen"),
            Self::Lmm => Some("lmm"),
            Self::Lm => Some("lm"),
            Self::Other => None,
        }
    }
}

/// An option with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// The option as typed, or a word that is neither an option nor a value.
    pub(super) typed: String,
    /// The name of the option in jamma, or its name in GEMMA if jamma does not have it; without dashes.
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

impl Given {
    /// Whether it is an option: any other word is an error in GEMMA.
    pub(super) fn is_option(&self) -> bool {
        self.typed.starts_with('-')
    }

    /// Whether GEMMA does not have the option in this spelling.
    pub(super) fn has_too_many_dashes(&self) -> bool {
        let name = self.typed.strip_prefix("--");
        name.is_some_and(|name| !TWO_DASHES.contains(&name))
    }

    /// The option of jamma of this name.
    pub(super) fn entry(&self) -> Option<&'static Entry> {
        TABLE.iter().find(|entry| entry.name() == self.name)
    }
}

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The options in order.
    pub(super) options: Vec<Given>,
}

impl Line {
    /// The line with these words; `None` if they are not those of GEMMA.
    pub(super) fn of(words: &[String]) -> Option<Self> {
        let words = after_program(words)?;
        let mut options: Vec<Given> = Vec::new();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                options.push(Given {
                    typed: word.clone(),
                    name: String::new(),
                    values: Vec::new(),
                });
                continue;
            }
            let (typed, attached) = match word.split_once('=') {
                Some((typed, value)) => (typed, vec![value.to_owned()]),
                None => (&**word, Vec::new()),
            };
            let mut given = Given {
                typed: typed.to_owned(),
                name: name(typed),
                values: attached,
            };
            let most = match values(&given) {
                Values::Zero => 0,
                Values::One | Values::Optional => 1,
                Values::Several => usize::MAX,
            };
            let is_signed = SIGNED.contains(&&*given.name);
            let is_value =
                |word: &&String| !word.starts_with('-') || is_signed && word.parse::<f64>().is_ok();
            while given.values.len() < most
                && let Some(value) = words.next_if(is_value)
            {
                given.values.push(value.clone());
            }
            options.push(given);
        }
        Some(Self { options })
    }

    /// The last option of this name, which is the one that counts.
    pub(super) fn option(&self, name: &str) -> Option<&Given> {
        self.options.iter().rev().find(|given| given.name == name)
    }

    /// Whether the option is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.option(name).is_some()
    }

    /// The analyses that are selected, in order.
    pub(super) fn analyses(&self) -> Vec<Analysis> {
        let analysis = |given: &Given| {
            let known = Analysis::OPTIONS
                .iter()
                .find(|(name, _)| *name == given.name);
            known.map(|(_, analysis)| *analysis)
        };
        self.options.iter().filter_map(analysis).collect()
    }

    /// The only analysis that is selected.
    pub(super) fn analysis(&self) -> Option<Analysis> {
        match self.analyses().as_slice() {
            [analysis] => Some(*analysis),
            _ => None,
        }
    }
}

/// The words after the name of the program, and after what precedes it (`OMP_NUM_THREADS=1 nohup gemma ...`); all if they begin
/// with an option. `None` if the program is another one.
fn after_program(words: &[String]) -> Option<&[String]> {
    let n_before = words
        .iter()
        .take_while(|word| !word.starts_with('-'))
        .count();
    let (before, options) = words.split_at(n_before);
    let is_gemma = |word: &String| {
        let name = Path::new(word).file_name().unwrap_or_default();
        name.to_string_lossy()
            .to_ascii_lowercase()
            .contains("gemma")
    };
    match before.iter().position(is_gemma) {
        Some(at) => Some(&words[at + 1..]),
        None if before.is_empty() && !options.is_empty() => Some(options),
        None => None,
    }
}

/// The name of an option in jamma, or in GEMMA if jamma does not have it.
fn name(typed: &str) -> String {
    let name = typed.trim_start_matches('-');
    // In jamma, --gxe is the name of a column.
    if name == "gxe" && !typed.starts_with("--") {
        return "gxe-file".to_owned();
    }
    name_of(name).to_owned()
}

/// How many values GEMMA reads.
fn values(given: &Given) -> Values {
    if let Some((flag, _)) = without_equivalent(&given.name) {
        return flag.1;
    }
    let Some(entry) = given.entry() else {
        // Words after an unknown option are shown with it.
        return if given.name == "h" {
            Values::Optional
        } else {
            Values::Several
        };
    };
    match entry.takes() {
        Takes::Flag(_) => Values::Zero,
        Takes::Ignored if entry.value_name().is_empty() => Values::Zero,
        Takes::Mode(_) => Values::Optional,
        Takes::Columns(_) => Values::Several,
        _ => Values::One,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Line::of(&words).unwrap()
    }

    fn shown(text: &str) -> Vec<String> {
        let line = line(text);
        let shown = |given: &Given| format!("{}={}", given.name, given.values.join(","));
        line.options.iter().map(shown).collect()
    }

    #[test]
    fn values_are_those_that_gemma_reads() {
        assert_eq!(
            shown("gemma -b d -n 2 3 -lmm -k K -maf -0.1 -o"),
            ["bfile=d", "n=2,3", "lmm=", "k=K", "maf=", "0.1=", "o="]
        );
        assert_eq!(
            shown("-gk 2 -check x -pace 7"),
            ["gk=2", "check=", "=", "pace=7"]
        );
        assert_eq!(
            shown("-pmin -3 -gxe e --quiet"),
            ["pmin=-3", "gxe-file=e", "silence="]
        );
        assert_eq!(
            shown("-sample 40 -en 2 5 6 7 -vc"),
            ["sample=40", "en=2,5,6,7", "vc="]
        );
        assert_eq!(line("-lmm -gk").analyses(), [Analysis::Lmm, Analysis::Gk]);
    }

    #[test]
    fn the_program_may_be_named_or_not() {
        for text in [
            "gemma -gk",
            "./gemma-0.98.5-linux-static-AMD64 -gk",
            "/usr/bin/GEMMA -gk",
            "OMP_NUM_THREADS=1 nohup gemma -gk",
            "-gk",
        ] {
            assert_eq!(shown(text), ["gk="], "{text}");
        }
        for text in ["plink2 --bfile gemma", "lmm", ""] {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            assert_eq!(Line::of(&words), None, "{text}");
        }
    }
}
