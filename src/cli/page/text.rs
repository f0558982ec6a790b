//! The description of `jamma report`.

use crate::cli::foreign::Remedy;
use crate::cli::tool::{Tool, ToolOption, Value, Word};

/// The name of the command.
pub(crate) const NAME: &str = "report";

/// The explanation of options that name or describe genotypes.
const AS_LMM: &str = "Genotypes in another format than -bfile, as for `jamma lmm`";

/// The description of the command.
pub(crate) const TOOL: Tool = Tool {
    name: NAME,
    about: "Write an HTML report of finished runs from their tables and logs: PREFIX.report.html",
    usage: &["jamma report PREFIX [PREFIX2 ...] [-bfile GENOTYPES] [-o OUT]"],
    words: &[Word::repeated("PREFIX", Value::Path)],
    n_words: 1..=usize::MAX,
    options: &[
        ToolOption::with(
            "-bfile",
            "GENOTYPES",
            Value::Path,
            "Colour the regional plots by r² with the lead SNP, over all individuals of these PLINK files or of genotypes in another format",
        ),
        ToolOption::with(
            "--chr-set",
            "SPECIES|N",
            Value::Text,
            "Chromosomes of the species, as for `jamma lmm`: with human, 23 and X are the same [default: that of the runs]",
        ),
        ToolOption::with("--pfile", "PREFIX", Value::Path, AS_LMM),
        ToolOption::with("--bgen", "FILE", Value::Path, AS_LMM),
        ToolOption::with("--sample", "FILE", Value::Path, AS_LMM),
        ToolOption::with(
            "--bgen-ref",
            "first|last",
            Value::Choice(&["first", "last"]),
            AS_LMM,
        ),
        ToolOption::with("--vcf", "FILE", Value::Path, AS_LMM),
        ToolOption::with("--dosage", "DS|GP", Value::Choice(&["DS", "GP"]), AS_LMM),
        ToolOption::with("--zarr", "DIR", Value::Directory, AS_LMM),
        ToolOption::with("--numeric", "FILE", Value::Path, AS_LMM),
        ToolOption::with("--snp-map", "FILE", Value::Path, AS_LMM),
        ToolOption::with("--ploidy", "N", Value::Number, AS_LMM),
        ToolOption::with("-g", "FILE", Value::Path, AS_LMM),
        ToolOption::with("-a", "FILE", Value::Path, AS_LMM),
        ToolOption::with("--hard-call-threshold", "DISTANCE", Value::Number, AS_LMM),
        ToolOption::flag("--no-dosage-range", AS_LMM),
        ToolOption::with(
            "-o",
            "OUT",
            Value::Path,
            "Write OUT.report.html; OUT may contain a directory [default: PREFIX, or comparison if there are several runs]",
        ),
    ],
    notes: &[
        "Reads PREFIX.assoc.txt (or another format, or the tables of several traits) and PREFIX.log.txt, of jamma or GEMMA, or a table of GEMMA, REGENIE, PLINK, SAIGE, GCTA, BOLT-LMM, FaST-LMM, EMMAX (.ps) or METAL, and writes PREFIX.report.html: one file with interactive plots and tables, which opens offline. A PREFIX without a directory is also looked for in output/. Several runs are shown together, by default in comparison.report.html; chr1, 01 and 1 are then the same chromosome.",
        "The plots of the phenotype and of the kinship need more than these files; `jamma lmm --report` and `jamma lm --report` write a report with them.",
    ],
    examples: &[
        ("jamma report output/mouse", "output/mouse.report.html"),
        (
            "jamma report output/mouse -bfile mouse -o mouse",
            "with r² from the genotypes",
        ),
    ],
    synonyms: &[
        (
            &["output", "out-file", "outfile", "html", "report"],
            Remedy::Ours("o"),
        ),
        (
            &["genotypes", "plink", "ld", "b", "bed", "ref-ld", "ld-ref"],
            Remedy::Ours("bfile"),
        ),
        (
            &["pdf", "png", "svg"],
            Remedy::Instead(
                "the report is HTML; `jamma plot` of the Python package draws figures in these formats",
            ),
        ),
    ],
    is_hidden: false,
};
