//! The description of `jamma merge`.

use crate::cli::tool::{Tool, ToolOption, Value, Word};

/// The name of the command.
pub(super) const NAME: &str = "merge";

/// The description of the command, which also has the options of the run that it merges.
pub(crate) const TOOL: Tool = Tool {
    name: NAME,
    about: "Make the outputs of a run from all of its parts (--part)",
    usage: &[
        "jamma merge PARTS... [OPTIONS]",
        "jamma gk --merge PARTS... [OPTIONS]",
    ],
    words: &[Word::repeated("PARTS", Value::Path)],
    n_words: 1..=usize::MAX,
    options: &[
        ToolOption::with(
            "-o",
            "PREFIX",
            Value::Text,
            "Prefix of the outputs [default: that of the parts]",
        ),
        ToolOption::with(
            "-outdir",
            "DIR",
            Value::Directory,
            "Directory of the outputs [default: that of the parts]",
        ),
        ToolOption::with(
            "--format",
            "txt|npy",
            Value::Choice(&["txt", "npy"]),
            "Format of the kinship",
        ),
        ToolOption::with(
            "--output-format",
            "LIST",
            Value::Text,
            "Formats of tables, separated by commas, as for `jamma lmm`",
        ),
        ToolOption::flag("--gz", "Write gzipped tables"),
        ToolOption::flag("--long", "Write one table of all traits"),
        ToolOption::flag("--report", "Also write an HTML report"),
        ToolOption::with(
            "-bfile",
            "PREFIX",
            Value::Path,
            "Genotypes with the same content at another place; so for the other inputs of the run",
        ),
        ToolOption::with(
            "--threads",
            "N",
            Value::Number,
            "Number of threads of this command",
        ),
        ToolOption::with(
            "--memory",
            "GB",
            Value::Number,
            "Memory limit of this command in 1e9 bytes",
        ),
        ToolOption::flag("-silence", "Print errors only"),
    ],
    notes: &[
        "The parts are the .jammapart files of `jamma gk --part I/N` or `jamma lmm --part I/N` (or lm), in any order, before the options. The outputs have the bytes of a run in one piece: the kinship, or the tables.",
        "The options of the run and the names of its inputs are in the parts; inputs are opened again by these names, all of them, and compared with those of the parts; if they have moved, give their options. Parts of different runs, a missing part, the same part twice, and parts of another version of jamma are refused.",
    ],
    examples: &[
        (
            "jamma merge output/study.part-*.jammapart",
            "the outputs of all parts",
        ),
        (
            "jamma merge output/study.part-*.jammapart -o whole --gz",
            "under another name, gzipped",
        ),
    ],
    synonyms: &[],
    is_hidden: false,
};
