//! The descriptions of the commands that run no analysis.

use super::{Description, Kind, OptionText, Word, split_default};
use crate::cli::tool::{Tool, ToolOption, Value};

/// The description of a tool.
pub(crate) fn of_tool(tool: &Tool) -> Description {
    Description {
        name: tool.name,
        about: tool.about,
        usage: tool.usage.iter().map(|usage| (*usage).to_owned()).collect(),
        words: tool.words.iter().map(word).collect(),
        options: tool.options.iter().map(option).collect(),
        notes: tool.notes.to_vec(),
        examples: tool.examples.to_vec(),
        is_hidden: tool.is_hidden,
    }
}

fn word(word: &crate::cli::tool::Word) -> Word {
    Word {
        name: word.name,
        kind: kind(&word.value),
        is_repeated: word.is_repeated,
    }
}

fn option(of: &ToolOption) -> OptionText {
    let (help, default) = split_default(of.help);
    OptionText {
        typed: of.typed,
        others: Vec::new(),
        value: of.value_name,
        is_value_optional: of.is_value_optional,
        is_repeated: false,
        heading: "Options",
        help,
        default,
        kind: kind(&of.value),
        is_common: true,
    }
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::None => Kind::Flag,
        Value::Number => Kind::Number(0.0, f64::INFINITY),
        Value::Text => Kind::Text(Vec::new()),
        Value::Path => Kind::Path,
        Value::Directory => Kind::Directory,
        Value::Choice(words) => Kind::Choice(words.to_vec()),
    }
}
