//! The description of `jamma explain`.

use crate::cli::tool::{Tool, ToolOption, Value, Word};

/// The description of the command.
pub(crate) const TOOL: Tool = Tool {
    name: "explain",
    about: "Explain a command line of GEMMA option by option, and print the equivalent command of jamma",
    usage: &["jamma explain [--json] COMMAND-LINE..."],
    words: &[Word::repeated("COMMAND-LINE", Value::Path)],
    n_words: 1..=usize::MAX,
    options: &[ToolOption::flag("--json", "Print JSON")],
    notes: &[
        "COMMAND-LINE is a command line of GEMMA 0.98.5, with or without the name of the program, as separate words or in quotes. It is read by the rules of GEMMA. No file is read.",
        "Each option is `same`, `changed` (it says how), `ignored` (without effect on results), `unsupported` (it says what to do instead), `unknown` (to GEMMA) or `jamma` (an option of jamma only).",
        "Exit status: 0 if there is an equivalent command of jamma, 1 if there is none, 2 if no command line is given.",
    ],
    examples: &[
        (
            "jamma explain gemma -bfile mouse -k k.cXX.txt -lmm 4 -o out",
            "a mixed model",
        ),
        (
            "jamma explain \"gemma -g a.txt.gz -p p.txt -lmm 4 -n 2 3 -notsnp\"",
            "the multivariate model, which has no equivalent",
        ),
    ],
    synonyms: &[],
    is_hidden: false,
};
