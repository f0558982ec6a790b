//! The table of options: one entry gives the parser and the help.

use crate::error::{Error, Result};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;

const EVERYWHERE: &[&str] = &["gk", "eigen", "lmm", "demo", ""];
const ANALYSES: &[&str] = &["gk", "eigen", "lmm", ""];
const AFTER_KINSHIP: &[&str] = &["eigen", "lmm", ""];
const LMM: &[&str] = &["lmm", ""];

const INPUT: &str = "Input";
const MODEL: &str = "Analysis";
const FILTERS: &str = "SNP filters (evaluated over the analysed individuals, bounds inclusive)";
const OUTPUT: &str = "Output";
const RUN: &str = "Run";
const NO_EFFECT: &str = "Accepted for GEMMA's sake, without effect: checks are always on";

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
    Entry("bfile", "PREFIX", ANALYSES, INPUT, "PLINK files PREFIX.bed, PREFIX.bim, PREFIX.fam"),
    Entry("p", "FILE", ANALYSES, INPUT, "Phenotypes in place of the .fam's: one row per individual of the .fam, no header; NA is missing, -9 is a value"),
    Entry("n", "COLUMN", ANALYSES, INPUT, "Phenotype column, from 1 [default: 1]"),
    Entry("c", "FILE", ANALYSES, INPUT, "Covariates: one row per individual of the .fam, no header; NA leaves the individual out; an intercept is added where there is none"),
    Entry("k", "FILE", AFTER_KINSHIP, INPUT, "Kinship matrix, text (plain or gz) or .npy; without it the kinship is computed in this run"),
    Entry("km", "1|2", AFTER_KINSHIP, INPUT, "Layout of -k: 1 square matrix, 2 lines `id1 id2 value` [default: 1]"),
    Entry("d", "FILE", AFTER_KINSHIP, INPUT, "Eigenvalues from an earlier run, with -u, in place of -k"),
    Entry("u", "FILE", AFTER_KINSHIP, INPUT, "Eigenvectors from an earlier run, with -d, in place of -k"),
    Entry("gk", "1|2", ANALYSES, MODEL, "Kinship: 1 centred (.cXX), 2 standardised (.sXX) [default: 1]"),
    Entry("eigen", "1", &["eigen", ""], MODEL, "Decompose the kinship: .eigenD, .eigenU"),
    Entry("lmm", "MODE", LMM, MODEL, "Tests: 1 Wald, 2 likelihood ratio, 3 score, 4 all three, 5 none (null model and residuals), 9 likelihood ratio with effect size [default: 1]"),
    Entry("lmin", "LAMBDA", LMM, MODEL, "Smallest lambda = vg/ve searched [default: 1e-5]"),
    Entry("lmax", "LAMBDA", LMM, MODEL, "Largest lambda searched [default: 1e5]"),
    Entry("region", "COUNT", LMM, MODEL, "Intervals, equal in log lambda, searched for a root [default: 10]"),
    Entry("rotation", "f64|f32", LMM, MODEL, "Numbers in which SNPs are rotated: f64, or f32, which is faster with an error of up to some 5e-8 of a SNP's length [default: f64]"),
    Entry("kinship-qc", "WHO", ANALYSES, MODEL, "Over whom the SNP filters of a computed kinship run: analysed (as GEMMA) or all; with all, gk needs no phenotype [default: analysed]"),
    Entry("miss", "SHARE", ANALYSES, FILTERS, "Largest share of missing calls [default: 0.05]"),
    Entry("maf", "FREQUENCY", ANALYSES, FILTERS, "Smallest minor allele frequency [default: 0.01]"),
    Entry("hwe", "P", ANALYSES, FILTERS, "Smallest exact Hardy-Weinberg p-value, 0 is off [default: 0]"),
    Entry("r2", "SHARE", ANALYSES, FILTERS, "Largest share of a SNP explained by the covariates, about zero as in GEMMA [default: 0.9999]"),
    Entry("r2-centred", "", ANALYSES, FILTERS, "Take -r2 about the SNP's mean, so that it does not depend on which allele is counted"),
    Entry("notsnp", "", ANALYSES, FILTERS, "No -maf and no -hwe filter"),
    Entry("snps", "FILE", ANALYSES, FILTERS, "Use only the SNPs listed, one id a line"),
    Entry("ksnps", "FILE", ANALYSES, FILTERS, "Use only the SNPs listed for a computed kinship, in place of -snps"),
    Entry("o", "PREFIX", EVERYWHERE, OUTPUT, "Prefix of the output files [default: result]"),
    Entry("outdir", "DIR", EVERYWHERE, OUTPUT, "Directory of the output files, created if needed [default: output]"),
    Entry("format", "txt|npy", ANALYSES, OUTPUT, "Kinship and eigen files as GEMMA's text or NumPy's binary format [default: txt]"),
    Entry("gz", "", ANALYSES, OUTPUT, "Compress the text that is written, in blocks for gzip -d, bgzip and tabix: .assoc.txt.gz, .cXX.txt.gz and so on; the log stays plain"),
    Entry("save-kinship", "", AFTER_KINSHIP, OUTPUT, "Also write the kinship that this run computes"),
    Entry("log10p", "", LMM, OUTPUT, "Add columns neg_log10_p_*: exact -log10 p, also where p itself underflows to 0"),
    Entry("backend", "rust|jax", EVERYWHERE, RUN, "Where the dense arithmetic runs: rust on this processor, or jax on a GPU, with the Python package and JAX [default: JAMMA_BACKEND; else jax where the package finds a GPU that it can use, else rust]"),
    Entry("threads", "N", EVERYWHERE, RUN, "Threads [default: RAYON_NUM_THREADS, else the cores this process may use]"),
    Entry("block-snps", "N", ANALYSES, RUN, "SNPs read at a time [default: 512 for each thread, at least 4096, or 2048 where the file has more than 4096 individuals]; results never depend on it"),
    Entry("memory", "GB", ANALYSES, RUN, "Memory this run may use, in 1e9 bytes: it is refused at once where it needs more [default: what is free, in the machine and its container]"),
    Entry("silence", "", EVERYWHERE, RUN, "Print nothing but errors (also --quiet)"),
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
    let arg = Arg::new(name).long(name).help(help).help_heading(heading);
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
            "Test every SNP: PREFIX.assoc.txt. The whole job in one command: the kinship is computed unless -k gives it",
        ),
        (
            "demo",
            "Run the whole pipeline on a small simulated study inside this program and show its top hits",
        ),
    ];
    let root = Command::new("jamma")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Exact genome-wide association with linear mixed models: PLINK in, GEMMA's tables out")
        .after_help(
            "Every option is written with one dash or two: -bfile d, --bfile d.\n\
             GEMMA's own spelling works without a command: jamma -bfile d -k K -lmm 4 -o out -outdir dir\n\n\
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
        Err(e) => Err(in_our_words(&e, typed)),
    }
}

/// As [`parse`], where help and version are errors too.
pub(super) fn matches(words: &[String], typed: &[OsString]) -> Result<ArgMatches> {
    let matches = command()
        .try_get_matches_from(words)
        .map_err(|e| in_our_words(&e, typed))?;
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

/// What the help says about an option, as the cure of a wrong value.
pub(super) fn explanation(name: &str) -> String {
    let entry = TABLE
        .iter()
        .find(|entry| entry.0 == name)
        .expect("an option of the table");
    format!("{} {}: {}", as_typed(name), entry.1, entry.4)
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "every arm of the match is a result"
)]
fn print(text: &str) -> Result<Option<ArgMatches>> {
    super::report::say(text.trim_end());
    Ok(None)
}

fn in_our_words(error: &clap::Error, typed: &[OsString]) -> Error {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    // `--maf <FREQUENCY>` is shown as users type it: -maf.
    let word = context(ContextKind::InvalidArg);
    let word = word.split_whitespace().next().unwrap_or_default();
    let known = TABLE
        .iter()
        .find(|entry| word.strip_prefix("--") == Some(entry.0));
    let option = known.map_or_else(|| as_written(word, typed), |entry| as_typed(entry.0));
    let suggestion = context(ContextKind::SuggestedArg);
    let hint = if suggestion.is_empty() {
        "see `jamma --help`, or `jamma lmm --help` for one command".to_owned()
    } else {
        let names = suggestion
            .split(", ")
            .map(|name| as_typed(name.trim_start_matches('-')));
        format!("did you mean {}?", names.collect::<Vec<_>>().join(" or "))
    };
    match error.kind() {
        ErrorKind::UnknownArgument if word.starts_with('-') => {
            let what = match known {
                Some(_) => "this command does not have the option",
                None => "unrecognized option",
            };
            Error::option(option, what, hint)
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            let word = if word.is_empty() {
                context(ContextKind::InvalidSubcommand)
            } else {
                option
            };
            Error::option(
                word,
                "unexpected word: neither a command nor the value of an option",
                hint,
            )
        }
        ErrorKind::InvalidValue | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            Error::option(option, "the option needs a value", hint)
        }
        ErrorKind::TooManyValues => Error::option(option, "the option takes no value", hint),
        _ => Error::option("command line", error.to_string().trim().to_owned(), hint),
    }
}

/// An unknown option with the dashes that the user gave it.
fn as_written(word: &str, typed: &[OsString]) -> String {
    let name = |word: &str| {
        word.trim_start_matches('-')
            .split('=')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let mut words = typed.iter().filter_map(|typed| typed.to_str());
    let found = words.find(|typed| typed.starts_with('-') && name(typed) == name(word));
    found
        .unwrap_or(word)
        .split('=')
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_makes_a_consistent_parser() {
        command().debug_assert();
    }
}
