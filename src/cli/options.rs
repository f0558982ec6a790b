//! The table of options: one entry gives the parser and the help.

use super::wrong::in_our_words;
use crate::error::{Error, Result};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;

/// The commands; without one the options are GEMMA's.
pub(super) const COMMANDS: [&str; 4] = ["gk", "eigen", "lmm", "demo"];

const EVERYWHERE: &[&str] = &["gk", "eigen", "lmm", "demo", ""];
const ANALYSES: &[&str] = &["gk", "eigen", "lmm", ""];
const AFTER_KINSHIP: &[&str] = &["eigen", "lmm", ""];
const LMM: &[&str] = &["lmm", ""];

const INPUT: &str = "Input";
const MODEL: &str = "Analysis";
const FILTERS: &str = "SNP filters (evaluated over the analysed individuals, bounds inclusive)";
const OUTPUT: &str = "Output";
const RUN: &str = "Run";
const NO_EFFECT: &str = "Accepted for compatibility with GEMMA and ignored (checks are always on)";

/// An option: name, name of its value (empty for a flag), commands that have it, heading, help.
struct Entry(
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const TABLE: &[Entry] = &[
    Entry("bfile", "PREFIX", ANALYSES, INPUT, "Genotypes: the PLINK files PREFIX.bed, PREFIX.bim and PREFIX.fam"),
    Entry("p", "FILE", ANALYSES, INPUT, "Phenotypes, instead of column 6 of the .fam: one row per individual of the .fam, no header; NA is missing, -9 is a value"),
    Entry("n", "COLUMN", ANALYSES, INPUT, "Phenotype column, counted from 1 [default: 1]"),
    Entry("c", "FILE", ANALYSES, INPUT, "Covariates: one row per individual of the .fam, no header; individuals with NA are excluded; an intercept is added if there is none"),
    Entry("k", "FILE", AFTER_KINSHIP, INPUT, "Kinship matrix: text (plain or gzipped) or .npy [default: computed in this run]"),
    Entry("km", "1|2", AFTER_KINSHIP, INPUT, "Layout of the -k file: 1 square matrix, 2 lines of `id1 id2 value` [default: 1]"),
    Entry("d", "FILE", AFTER_KINSHIP, INPUT, "Eigenvalues from an earlier run; with -u, instead of -k"),
    Entry("u", "FILE", AFTER_KINSHIP, INPUT, "Eigenvectors from an earlier run; with -d, instead of -k"),
    Entry("gk", "1|2", ANALYSES, MODEL, "Kinship: 1 centred (.cXX), 2 standardised (.sXX) [default: 1]"),
    Entry("eigen", "1", &["eigen", ""], MODEL, "Decompose the kinship: .eigenD, .eigenU"),
    Entry("lmm", "MODE", LMM, MODEL, "Tests: 1 Wald, 2 likelihood ratio, 3 score, 4 all three, 5 none (null model and residuals), 9 likelihood ratio with effect size [default: 1]"),
    Entry("lmin", "LAMBDA", LMM, MODEL, "Lower bound of lambda = vg/ve [default: 1e-5]"),
    Entry("lmax", "LAMBDA", LMM, MODEL, "Upper bound of lambda [default: 1e5]"),
    Entry("region", "COUNT", LMM, MODEL, "Number of intervals, equal in log lambda, that are searched for a root [default: 10]"),
    Entry("rotation", "f64|f32", LMM, MODEL, "Precision of the genotype rotation: f64, or f32, which is faster, with an error of up to about 5e-8 of the Euclidean norm of the genotype vector [default: f64]"),
    Entry("kinship-qc", "WHO", ANALYSES, MODEL, "Individuals over which the SNP filters of a computed kinship are evaluated: analysed (as in GEMMA) or all; with all, gk needs no phenotype [default: analysed]"),
    Entry("miss", "FRACTION", ANALYSES, FILTERS, "Maximum fraction of missing calls [default: 0.05]"),
    Entry("maf", "FREQUENCY", ANALYSES, FILTERS, "Minimum minor allele frequency [default: 0.01]"),
    Entry("hwe", "P", ANALYSES, FILTERS, "Minimum exact Hardy-Weinberg p-value; 0 turns the filter off [default: 0]"),
    Entry("r2", "FRACTION", ANALYSES, FILTERS, "Maximum R2 of the regression of a SNP on the covariates, uncentred as in GEMMA [default: 0.9999]"),
    Entry("r2-centred", "", ANALYSES, FILTERS, "Compute this R2 about the SNP's mean, so that it does not depend on which allele is counted"),
    Entry("notsnp", "", ANALYSES, FILTERS, "Turn off the -maf and -hwe filters"),
    Entry("snps", "FILE", ANALYSES, FILTERS, "Test only the SNPs listed, one id per line; gk computes the kinship from them"),
    Entry("ksnps", "FILE", ANALYSES, FILTERS, "Compute the kinship only from the SNPs listed, one id per line [default: all SNPs that pass the filters; for gk, those of -snps]"),
    Entry("o", "PREFIX", EVERYWHERE, OUTPUT, "Prefix of the output files [default: result]"),
    Entry("outdir", "DIR", EVERYWHERE, OUTPUT, "Directory of the output files, created if needed [default: output]"),
    Entry("format", "txt|npy", ANALYSES, OUTPUT, "Format of kinship and eigen files: GEMMA's text, or NumPy's binary format [default: txt]"),
    Entry("gz", "", ANALYSES, OUTPUT, "Compress the text output (.assoc.txt.gz, .cXX.txt.gz and so on; BGZF, which gzip, bgzip and tabix read); the log stays plain"),
    Entry("save-kinship", "", AFTER_KINSHIP, OUTPUT, "Also write the kinship that is computed in this run"),
    Entry("log10p", "", LMM, OUTPUT, "Add columns neg_log10_p_*: -log10 p, exact even if p itself underflows to 0"),
    Entry("backend", "rust|jax", EVERYWHERE, RUN, "Compute on this processor (rust) or on a GPU (jax, with the Python package and JAX) [default: JAMMA_BACKEND, else jax if the Python package finds a usable GPU, else rust]"),
    Entry("threads", "N", EVERYWHERE, RUN, "Number of threads, at most four per core [default: RAYON_NUM_THREADS, OMP_NUM_THREADS or SLURM_CPUS_PER_TASK, else the cores available to this process]"),
    Entry("block-snps", "N", ANALYSES, RUN, "SNPs read at a time, at most those of the file; results do not depend on it [default: 512 per thread, at least 4096, or 2048 if there are more than 4096 individuals]"),
    Entry("memory", "GB", ANALYSES, RUN, "Memory limit in 1e9 bytes; a run that needs more is rejected at startup [default: what is free on the machine and in its container]"),
    Entry("silence", "", EVERYWHERE, RUN, "Print errors only (also --quiet)"),
    Entry("check", "", ANALYSES, NO_EFFECT, ""),
    Entry("no-check", "", ANALYSES, NO_EFFECT, ""),
    Entry("no-fpe-check", "", ANALYSES, NO_EFFECT, ""),
    Entry("strict", "", ANALYSES, NO_EFFECT, ""),
    Entry("legacy", "", ANALYSES, NO_EFFECT, ""),
    Entry("debug", "", ANALYSES, NO_EFFECT, ""),
    Entry("pace", "N", ANALYSES, NO_EFFECT, ""),
    Entry("seed", "N", ANALYSES, NO_EFFECT, ""),
    Entry("issue", "N", ANALYSES, NO_EFFECT, ""),
];

/// Options that GEMMA does not have: written with two dashes in messages.
const OURS: &[&str] = &[
    "rotation",
    "kinship-qc",
    "r2-centred",
    "format",
    "gz",
    "save-kinship",
    "log10p",
    "backend",
    "threads",
    "block-snps",
    "memory",
    "help",
    "version",
];

/// Options whose value may be left out, as in GEMMA: `-gk` is `-gk 1`.
const OPTIONAL_VALUE: &[&str] = &["gk", "eigen", "lmm"];

fn argument(entry: &Entry) -> Arg {
    let &Entry(name, value, _, heading, help) = entry;
    let arg = Arg::new(name).help(help).help_heading(heading);
    let mut letters = name.chars();
    let arg = match (letters.next(), letters.next()) {
        (Some(letter), None) => arg.short(letter),
        _ => arg.long(name),
    };
    if value.is_empty() {
        return arg.action(ArgAction::SetTrue);
    }
    let arg = arg.value_name(value).allow_negative_numbers(true);
    if OPTIONAL_VALUE.contains(&name) {
        arg.num_args(0..=1).default_missing_value("1")
    } else if name == "n" {
        arg.num_args(1..)
    } else {
        arg
    }
}

fn with_options(command: Command, name: &str) -> Command {
    let entries = TABLE.iter().filter(|entry| entry.2.contains(&name));
    command.args(entries.map(argument)).args_override_self(true)
}

fn command() -> Command {
    let about = [
        (
            "gk",
            "Compute the kinship matrix of all individuals: PREFIX.cXX.txt or PREFIX.sXX.txt",
        ),
        (
            "eigen",
            "Decompose the kinship of the analysed individuals: PREFIX.eigenD.txt, PREFIX.eigenU.txt",
        ),
        (
            "lmm",
            "Test every SNP for association: PREFIX.assoc.txt. The kinship is computed in the same run unless -k gives it",
        ),
        (
            "demo",
            "Run the whole analysis on a small simulated study that is part of this program, and show its top hits",
        ),
    ];
    let root = Command::new("jamma")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Exact genome-wide association with linear mixed models, from PLINK files to GEMMA's tables")
        .after_help(
            "Options may be written with one dash or two: -bfile d, --bfile d.\n\
             GEMMA's command lines work as they are: jamma -bfile d -k K -lmm 4 -o out -outdir dir\n\
             `jamma help lmm` lists the options of one command, `jamma help maf` explains one option.\n\n\
             Examples:\n  jamma demo\n  jamma lmm -bfile mouse -lmm 4 -o mouse\n  jamma gk -bfile mouse -o mouse\n  \
             jamma lmm -bfile mouse -k output/mouse.cXX.txt -n 6 -c covariates.txt -o weight",
        )
        .disable_help_subcommand(true);
    about
        .into_iter()
        .fold(with_options(root, ""), |root, (name, about)| {
            root.subcommand(with_options(Command::new(name).about(about), name))
        })
}

/// The options of the command line; `None` after help or version was printed.
///
/// Fails with [`Error::InvalidOption`] that names the option in GEMMA's spelling.
/// * `words`: in the double-dash spelling
/// * `typed`: the same words as the user wrote them
/// * `backend`: names the backend, for `--version`
pub(super) fn parse(
    words: &[String],
    typed: &[OsString],
    backend: impl Fn() -> Result<String>,
) -> Result<Option<ArgMatches>> {
    let Some(words) = &super::help::rewritten(words)? else {
        return Ok(None);
    };
    let mut command = command();
    if words.len() == 1 {
        return print(&command.render_help().to_string());
    }
    if words.len() == 2 && words[1] == "--version" {
        return print(&super::report::version(&backend()?));
    }
    match command.try_get_matches_from_mut(words) {
        Ok(matches) => {
            refuse_options_before_command(&matches)?;
            Ok(Some(matches))
        }
        Err(e) if e.kind() == ErrorKind::DisplayVersion => {
            print(&super::report::version(&backend()?))
        }
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp) => print(&e.to_string()),
        Err(e) => Err(in_our_words(&e, words, typed)),
    }
}

/// As [`parse`], where help and version are errors too.
pub(super) fn matches(words: &[String], typed: &[OsString]) -> Result<ArgMatches> {
    let matches = command()
        .try_get_matches_from(words)
        .map_err(|e| in_our_words(&e, words, typed))?;
    refuse_options_before_command(&matches)?;
    Ok(matches)
}

/// In `jamma -maf 0.1 lmm -bfile d` the first option would be lost.
fn refuse_options_before_command(matches: &ArgMatches) -> Result<()> {
    let Some((command, _)) = matches.subcommand() else {
        return Ok(());
    };
    let is_given = |entry: &&Entry| matches.value_source(entry.0) == Some(ValueSource::CommandLine);
    let before = TABLE
        .iter()
        .filter(|entry| entry.2.contains(&""))
        .find(is_given);
    before.map_or(Ok(()), |entry| {
        Err(Error::option(
            as_typed(entry.0),
            format!("the option stands before the command {command}"),
            format!("write the command first: jamma {command} ..."),
        ))
    })
}

/// The option as users write it: GEMMA's with one dash, ours with two.
pub(super) fn as_typed(name: &str) -> String {
    let dashes = if OURS.contains(&name) { "--" } else { "-" };
    format!("{dashes}{name}")
}

/// Names of all options.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|entry| entry.0)
}

/// Whether there is an option of this name.
pub(super) fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Whether the option takes a value.
pub(super) fn takes_value(name: &str) -> bool {
    TABLE
        .iter()
        .any(|entry| entry.0 == name && !entry.1.is_empty())
}

/// The commands that have the option; none where there is no such option.
pub(super) fn commands_with(name: &str) -> Vec<&'static str> {
    let entry = TABLE.iter().find(|entry| entry.0 == name);
    let commands = entry.map_or(&[][..], |entry| entry.2);
    commands
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect()
}

/// What the help says about an option, as the cure of a wrong value.
pub(super) fn explanation(name: &str) -> String {
    let entry = TABLE
        .iter()
        .find(|entry| entry.0 == name)
        .expect("an option of the table");
    let value = if entry.1.is_empty() {
        String::new()
    } else {
        format!(" {}", entry.1)
    };
    let help = if entry.3 == NO_EFFECT {
        NO_EFFECT
    } else {
        entry.4
    };
    format!("{}{value}: {help}", as_typed(name))
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "every arm of the match is a result"
)]
fn print(text: &str) -> Result<Option<ArgMatches>> {
    super::report::say(text.trim_end());
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_makes_a_consistent_parser() {
        command().debug_assert();
    }
}
