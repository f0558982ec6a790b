//! `jamma report`: an HTML report of finished runs.

mod text;

pub(super) use text::{NAME, TOOL};

use crate::cli::args::Args;
use crate::cli::asks::{asks_for_help, asks_for_version, words_of};
use crate::cli::chromosomes::chromosome_set;
use crate::cli::genotypes::optional_genotype_files;
use crate::cli::options::{as_typed, commands_with, set, takes_value};
use crate::cli::unknown::unknown;
use crate::cli::values::Value;
use crate::cli::{help, report};
use crate::error::{Error, Result, escaped};
use crate::genotype::ChromosomeSet;
use crate::output::html::files::{FinishedRuns, write};
use crate::sources::GenotypeFiles;
use std::ffi::OsString;
use std::path::PathBuf;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
enum Request {
    Help,
    Version,
    Write(Box<Written>),
}

/// A report to write.
#[derive(Debug, PartialEq, Default)]
struct Written {
    prefixes: Vec<PathBuf>,
    genotypes: Option<GenotypeFiles>,
    chromosomes: Option<ChromosomeSet>,
    out: Option<PathBuf>,
}

/// The options of `jamma lmm` that name genotypes, and the chromosomes of the species.
const SHARED: [&str; 16] = [
    "bfile",
    "pfile",
    "bgen",
    "sample",
    "bgen-ref",
    "vcf",
    "dosage",
    "zarr",
    "numeric",
    "snp-map",
    "ploidy",
    "no-dosage-range",
    "g",
    "a",
    "hard-call-threshold",
    "chr-set",
];

/// The arguments after `report` if this is the command; for `jamma help report`, a request for help.
pub(super) fn words(typed: &[OsString]) -> Option<Vec<OsString>> {
    words_of(NAME, typed)
}

/// Runs the command.
///
/// * `backend`: returns the name of the backend, for `--version`
pub(super) fn run(words: Vec<OsString>, backend: impl Fn() -> Result<String>) -> Result<()> {
    match parse(words)? {
        Request::Help => report::print(help::of_tool(&TOOL)),
        Request::Version => report::print(report::version(&backend()?)),
        Request::Write(of) => {
            let path = write(&FinishedRuns {
                prefixes: &of.prefixes,
                genotypes: of.genotypes.as_ref(),
                chromosomes: of.chromosomes.as_ref(),
                out: of.out.as_deref(),
            })?;
            report::print(format_args!("wrote {}", escaped(&path.to_string_lossy())));
        }
    }
    Ok(())
}

fn parse(words: Vec<OsString>) -> Result<Request> {
    if words.is_empty() || words.iter().any(asks_for_help) {
        return Ok(Request::Help);
    }
    if asks_for_version(&words) {
        return Ok(Request::Version);
    }
    let mut found = Written::default();
    let mut args = Args::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.trim_start_matches('-');
        let is_option =
            text.starts_with('-') && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_option {
            if !word.is_empty() {
                found.prefixes.push(PathBuf::from(word));
            }
            continue;
        }
        let (name, attached) = match name.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (name, None),
        };
        let is_out = ["o", "out"].contains(&name);
        if !is_out && !SHARED.contains(&name) {
            return Err(no_such_option(&text, name));
        }
        let option = if is_out { "-o".into() } else { as_typed(name) };
        let fails = |what: &str, hint: &str| Err(Error::option(&option, what, hint));
        if !is_out && !takes_value(name) {
            if attached.is_some() {
                return fails("the option takes no value", "omit the value");
            }
            set_shared(&mut args, name, &Value::Words(Vec::new()))?;
            continue;
        }
        let value = attached.or_else(|| words.next());
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return fails("the option needs a value", "give a name after it");
        };
        if !is_out {
            let value = Value::Words(vec![value.to_string_lossy().into_owned()]);
            set_shared(&mut args, name, &value)?;
            continue;
        }
        let out = PathBuf::from(value);
        if found.out.is_some() {
            return fails("the option is given twice", "give it once");
        }
        if out.file_name().is_none() {
            return fails(
                "the value has no name of a file",
                "give a directory and a name",
            );
        }
        found.out = Some(out);
    }
    if found.prefixes.is_empty() {
        return Err(Error::option(
            "jamma report",
            "no run is given",
            "give the prefix of its files: jamma report output/result",
        ));
    }
    found.genotypes = optional_genotype_files(&args)?;
    found.chromosomes = args.chr_set.as_deref().map(chromosome_set).transpose()?;
    Ok(Request::Write(Box::new(found)))
}

/// Sets an option that `jamma lmm` has too.
fn set_shared(args: &mut Args, name: &str, value: &Value) -> Result<()> {
    set(args, name, value).expect("an option of the analyses")
}

fn no_such_option(typed: &str, name: &str) -> Error {
    if !commands_with(name).is_empty() {
        return Error::option(
            as_typed(name),
            "`jamma report` does not have the option: it reads the tables and logs of finished runs",
            "give prefixes, and perhaps genotypes (-bfile), --chr-set and -o; for a report with phenotype and kinship, add --report to `jamma lmm` or `jamma lm`",
        );
    }
    let own: Vec<&'static str> = TOOL.options.iter().map(|option| option.typed).collect();
    unknown(NAME, (typed, name), &own, TOOL.synonyms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request> {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn prefixes_and_the_output_are_parsed() {
        for line in ["a b -o c", "--o c a b", "a -o=c b", "a --out c b"] {
            let expected = Request::Write(Box::new(Written {
                prefixes: vec!["a".into(), "b".into()],
                out: Some("c".into()),
                ..Written::default()
            }));
            assert_eq!(parsed(line).unwrap(), expected, "{line}");
        }
        for line in ["", "help", "a -h", "--help"] {
            assert_eq!(parsed(line).unwrap(), Request::Help, "{line}");
        }
        assert_eq!(parsed("--version").unwrap(), Request::Version);
        let Request::Write(of) = parsed("a --vcf g.vcf --dosage DS --chr-set mouse").unwrap()
        else {
            panic!("a report is asked for");
        };
        assert!(matches!(of.genotypes, Some(GenotypeFiles::Vcf { .. })));
        assert_eq!(of.chromosomes.unwrap().name(), "mouse");
        for (line, text) in [
            ("a -bfile b --vcf c", "also given with -bfile"),
            ("a --bgen-ref last", "belongs to --bgen"),
            ("a --chr-set cat", "expected a species"),
            ("a --no-dosage-range=1", "takes no value"),
            ("a -maf 0.1", "does not have the option"),
            ("a --nonsense", "unrecognized option"),
            ("a -o", "needs a value"),
            ("a -o b -o c", "given twice"),
            ("a -o /", "no name of a file"),
            ("a -bfile", "-bfile"),
            ("-o x", "no run is given"),
        ] {
            let error = parsed(line).unwrap_err().to_string();
            assert!(error.contains(text), "{line}: {error}");
        }
    }
}
