//! The commands `jamma completions`, `jamma man` and `jamma reference`.

use crate::cli::foreign::Remedy;
use crate::cli::tool::{Tool, ToolOption, Value, Word};

/// The shells with completions.
pub(super) const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

/// `jamma completions`
pub(crate) const COMPLETIONS: Tool = Tool {
    name: "completions",
    about: "Print the completions of commands, options and values for a shell",
    usage: &["jamma completions bash|zsh|fish|powershell"],
    words: &[Word::one("SHELL", Value::Choice(&SHELLS))],
    n_words: 1..=1,
    options: &[],
    notes: &[
        "Write them to the directory from which the shell reads completions, once after each update of jamma, and start a new shell. In zsh, the directory must be in `fpath` before `compinit` is called. In PowerShell, add the line to the profile.",
    ],
    examples: &[
        (
            "jamma completions bash > ~/.local/share/bash-completion/completions/jamma",
            "bash with the package bash-completion",
        ),
        (
            "jamma completions zsh > ~/.zfunc/_jamma",
            "zsh with fpath+=~/.zfunc",
        ),
        (
            "jamma completions fish > ~/.config/fish/completions/jamma.fish",
            "fish",
        ),
        (
            "jamma completions powershell | Out-String | Invoke-Expression",
            "PowerShell",
        ),
    ],
    synonyms: &[
        (
            &["shell", "s", "bash", "zsh", "fish", "powershell"],
            Remedy::Instead("name the shell without an option: jamma completions bash"),
        ),
        (
            &["o", "out", "output"],
            Remedy::Instead(
                "the script is printed on standard output: jamma completions bash > FILE",
            ),
        ),
    ],
    is_hidden: false,
};

/// `jamma man`
pub(crate) const MAN: Tool = Tool {
    name: "man",
    about: "Print a manual page, or write those of all commands to a directory",
    usage: &["jamma man [COMMAND]", "jamma man --outdir DIR"],
    words: &[Word::one("COMMAND", Value::Text)],
    n_words: 0..=1,
    options: &[ToolOption::with(
        "--outdir",
        "DIR",
        Value::Directory,
        "Write jamma.1 and a page for each command, such as jamma-lmm.1, to this directory, created if needed",
    )],
    notes: &[],
    examples: &[
        ("jamma man lmm | man -l -", "read a page"),
        (
            "jamma man --outdir ~/.local/share/man/man1",
            "install all: man jamma-lmm",
        ),
    ],
    synonyms: &[(
        &["o", "out", "dir", "directory", "output"],
        Remedy::Ours("outdir"),
    )],
    is_hidden: false,
};

/// `jamma reference`, which generates the files in `docs/reference`
pub(crate) const REFERENCE: Tool = Tool {
    name: "reference",
    about: "Print the reference of all options, or of the columns of tables",
    usage: &["jamma reference options|columns [--json]"],
    words: &[Word::one("TOPIC", Value::Choice(&["options", "columns"]))],
    n_words: 1..=1,
    options: &[ToolOption::flag("--json", "Print JSON instead of Markdown")],
    notes: &[
        "The pages of the documentation are made by `jamma reference options > docs/reference/options.md` and `jamma reference columns > docs/reference/columns.md`.",
    ],
    examples: &[],
    synonyms: &[
        (
            &["options", "columns"],
            Remedy::Instead("name the topic without dashes: jamma reference options"),
        ),
        (
            &["o", "out", "output", "markdown", "md"],
            Remedy::Instead(
                "Markdown is printed on standard output: jamma reference options > FILE",
            ),
        ),
    ],
    is_hidden: true,
};
