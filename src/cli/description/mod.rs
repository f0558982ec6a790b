//! What a command is called, does and accepts: the one description that help, completions, manual pages and the reference show.

mod of_table;
mod of_tool;

pub(super) use of_table::of_command;
pub(super) use of_tool::of_tool;

/// A command, or the command line without one (GEMMA's spelling), whose name is `jamma`.
#[derive(Debug, Clone)]
pub(super) struct Description {
    /// The name of the command.
    pub(super) name: &'static str,
    /// What it does, without a full stop.
    pub(super) about: &'static str,
    /// The ways to call it, such as `jamma top PREFIX [OPTIONS]`.
    pub(super) usage: Vec<String>,
    /// The arguments that are not options, in order.
    pub(super) words: Vec<Word>,
    /// The options, in order of their headings.
    pub(super) options: Vec<OptionText>,
    /// Paragraphs that follow the options.
    pub(super) notes: Vec<&'static str>,
    /// Command lines with what they do.
    pub(super) examples: Vec<(&'static str, &'static str)>,
    /// Whether it is left out of the list of commands.
    pub(super) is_hidden: bool,
}

/// An argument that is not an option.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// The name, such as `PREFIX`.
    pub(super) name: &'static str,
    /// What it may be.
    pub(super) kind: Kind,
    /// Whether it may be repeated.
    pub(super) is_repeated: bool,
}

/// An option.
#[derive(Debug, Clone)]
pub(super) struct OptionText {
    /// The option as users type it: GEMMA's with one dash, ours with two.
    pub(super) typed: &'static str,
    /// Other spellings, with their dashes.
    pub(super) others: Vec<String>,
    /// The name of the value; empty for a flag.
    pub(super) value: &'static str,
    /// Whether the value may be omitted.
    pub(super) is_value_optional: bool,
    /// Whether the value may be several words.
    pub(super) is_repeated: bool,
    /// The heading in the help.
    pub(super) heading: &'static str,
    /// What it does, without the default.
    pub(super) help: &'static str,
    /// The value if the option is not given.
    pub(super) default: Option<&'static str>,
    /// What the value may be.
    pub(super) kind: Kind,
    /// Whether the short help explains it.
    pub(super) is_common: bool,
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// There is no value.
    Flag,
    /// A number from the first to the second.
    Number(f64, f64),
    /// A whole number from the first to the second; `None` if there is no upper bound.
    Whole(usize, Option<usize>),
    /// A file, or the prefix of files.
    Path,
    /// A directory.
    Directory,
    /// A text, of which these values are examples.
    Text(Vec<&'static str>),
    /// One of these words.
    Choice(Vec<&'static str>),
    /// Words separated by commas; if there are any here, of these.
    List(Vec<&'static str>),
    /// Accepted and ignored.
    Ignored,
}

impl Kind {
    /// The name in the reference for programs.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Number(..) => "number",
            Self::Whole(..) => "integer",
            Self::Path => "path",
            Self::Directory => "directory",
            Self::Text(_) => "text",
            Self::Choice(_) => "choice",
            Self::List(_) => "list",
            Self::Ignored => "ignored",
        }
    }

    /// The words that complete a value.
    pub(super) fn words(&self) -> &[&'static str] {
        match self {
            Self::Text(words) | Self::Choice(words) | Self::List(words) => words,
            _ => &[],
        }
    }
}

impl OptionText {
    /// The name without dashes.
    pub(super) fn name(&self) -> &'static str {
        self.typed.trim_start_matches('-')
    }

    /// The option and the name of its value, as the help shows them: `-maf FREQUENCY`, `-loco [CHR]`, `-n COLUMN...`.
    pub(super) fn usage(&self) -> String {
        let repeated = if self.is_repeated { "..." } else { "" };
        match self.value {
            "" => self.typed.to_owned(),
            value if self.is_value_optional => format!("{} [{value}]", self.typed),
            value => format!("{} {value}{repeated}", self.typed),
        }
    }
}

/// The help of an option, divided into what it does and the default.
pub(super) fn split_default(help: &'static str) -> (&'static str, Option<&'static str>) {
    match help.rsplit_once(" [default: ") {
        Some((text, default)) => (text, default.strip_suffix(']')),
        None => (help, None),
    }
}
