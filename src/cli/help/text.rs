//! The texts of the help: all options with their explanations (`--help`), or the most common ones (`-h`).

use crate::cli::description::{Description, OptionText, of_tool as description_of};
use crate::cli::terminal;
use crate::cli::tool::Tool;
use crate::cli::wrapped::{beside, wrapped};

/// The column in which explanations begin; on a narrow terminal, further left.
const COLUMN: usize = 27;
const NARROW_COLUMN: usize = 20;
/// Columns of a narrow terminal.
const NARROW: usize = 72;
/// The column in which the descriptions of commands begin.
const COMMAND_COLUMN: usize = 15;

/// Commands under a heading.
type Group = (&'static str, Vec<Description>);

/// The whole help of a command that runs no analysis.
pub(crate) fn of_tool(tool: &Tool) -> String {
    complete(&description_of(tool), &[])
}

/// The whole help.
///
/// * `commands`: the commands to list; none for the help of a command
pub(super) fn complete(of: &Description, commands: &[Group]) -> String {
    let mut lines = Lines::of(of);
    lines.commands(commands);
    for heading in headings(of) {
        lines.heading(heading);
        for option in of.options.iter().filter(|option| option.heading == heading) {
            lines.option(option, option.help);
        }
    }
    lines.end(of);
    lines.0.join("\n")
}

/// The short help: the common options of each heading with the first clause of their explanations, and the names of the others.
///
/// * `commands`: the commands to list, instead of options
pub(super) fn short(of: &Description, commands: &[Group]) -> String {
    let mut lines = Lines::of(of);
    if !commands.is_empty() {
        lines.commands(commands);
        lines.examples(of);
        lines.paragraph("`jamma COMMAND -h` lists the options of a command, `jamma COMMAND --help` explains all of them, and `jamma help maf` explains one. `jamma --help` explains the options of GEMMA's command lines.");
        return lines.0.join("\n");
    }
    for heading in headings(of) {
        let options = of.options.iter().filter(|option| option.heading == heading);
        let (common, others): (Vec<_>, Vec<_>) = options.partition(|option| option.is_common);
        if common.is_empty() && others.iter().all(|option| option.help.is_empty()) {
            continue;
        }
        lines.heading(first_clause(heading));
        for option in common {
            lines.option(option, first_clause(option.help));
        }
        let names: Vec<&str> = others.iter().map(|option| option.typed).collect();
        if !names.is_empty() {
            let names = names.join(" ");
            lines
                .0
                .extend(beside("more:", &names, [2, 8, terminal::width()]));
        }
    }
    lines.examples(of);
    lines.paragraph(&format!(
        "`jamma {} --help` explains all options, `jamma help maf` explains one.",
        of.name
    ));
    lines.0.join("\n")
}

/// The headings of the options, in order.
fn headings(of: &Description) -> Vec<&'static str> {
    let mut headings = Vec::new();
    for option in &of.options {
        if !headings.contains(&option.heading) {
            headings.push(option.heading);
        }
    }
    headings
}

/// The text up to the first full stop, semicolon or parenthesis; if that is within a list after a colon, up to the colon.
pub(crate) fn first_clause(text: &str) -> &str {
    let ends = [". ", "; ", " ("].iter().filter_map(|end| text.find(end));
    let Some(end) = ends.min() else {
        return text;
    };
    let clause = &text[..end];
    // `With --bgen: ...` is no list.
    match clause.find(": ") {
        Some(colon) if !clause[..colon].contains("--") && !clause.starts_with("With ") => {
            &clause[..colon]
        }
        _ => clause,
    }
}

/// The lines of a help.
struct Lines(Vec<String>);

impl Lines {
    /// What the command does, and how it is called.
    fn of(of: &Description) -> Self {
        let mut lines = Self(wrapped(of.about, terminal::width()));
        lines.0.push(String::new());
        for (k, usage) in of.usage.iter().enumerate() {
            let label = if k == 0 { "Usage:" } else { "" };
            lines.0.push(format!("{label:6} {usage}"));
        }
        lines
    }

    fn heading(&mut self, heading: &str) {
        self.0.push(String::new());
        self.0
            .extend(wrapped(&format!("{heading}:"), terminal::width()));
    }

    fn option(&mut self, option: &OptionText, help: &str) {
        let width = terminal::width();
        let column = if width < NARROW {
            NARROW_COLUMN
        } else {
            COLUMN
        };
        let default = option
            .default
            .map(|default| format!(" [default: {default}]"));
        let text = format!("{help}{}", default.unwrap_or_default());
        self.0
            .extend(beside(&option.usage(), &text, [2, column, width]));
    }

    fn commands(&mut self, commands: &[Group]) {
        for (heading, commands) in commands {
            self.heading(heading);
            for command in commands.iter().filter(|command| !command.is_hidden) {
                let places = [2, COMMAND_COLUMN, terminal::width()];
                let about = first_clause(command.about);
                self.0.extend(beside(command.name, about, places));
            }
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.0.push(String::new());
        self.0.extend(wrapped(text, terminal::width()));
    }

    fn examples(&mut self, of: &Description) {
        if of.examples.is_empty() {
            return;
        }
        self.heading("Examples");
        for (line, about) in &of.examples {
            self.0.push(format!("  {line}"));
            self.0.push(format!("      {about}"));
        }
    }

    /// The options that every command has, the notes and the examples.
    ///
    /// A command has a short help of its own if some of its options are common.
    fn end(&mut self, of: &Description) {
        let has_short = of.options.iter().any(|option| option.is_common);
        let help = if has_short {
            "Print the most common options (-h), or all with explanations (--help)"
        } else {
            "Print this help"
        };
        let width = terminal::width();
        self.heading("Help");
        for (label, text) in [("-h, --help", help), ("-v, --version", "Print the version")] {
            self.0.extend(beside(label, text, [2, COLUMN, width]));
        }
        for note in &of.notes {
            self.paragraph(note);
        }
        self.examples(of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_clause_is_short() {
        for (text, clause) in [
            (
                "Phenotypes, instead of column 6. No header",
                "Phenotypes, instead of column 6",
            ),
            ("SNP filters (evaluated ...)", "SNP filters"),
            ("Turn off", "Turn off"),
            ("Minimum p-value; 0 turns the filter off", "Minimum p-value"),
        ] {
            assert_eq!(first_clause(text), clause);
        }
    }
}
