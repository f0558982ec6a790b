//! `jamma merge`: makes the outputs of a run from its parts.

use super::text::{NAME, TOOL};
use crate::cli::asks::{asks_for_help, asks_for_version};
use crate::cli::resolve::{self, Given};
use crate::cli::run::Setting;
use crate::cli::{help, parser, report, spelling};
use crate::error::{Error, Result};
use crate::output::report::RunReport;
use crate::pipeline::parts::PartFiles;
use std::ffi::OsString;
use std::path::PathBuf;

/// A request to merge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Help,
    Version,
    /// The files, and the other arguments.
    Merge(Vec<PathBuf>, Vec<OsString>),
}

/// The request if `typed` is `jamma merge PARTS...` or `jamma gk --merge PARTS...`.
pub(crate) fn request(typed: &[OsString]) -> Option<Request> {
    let is = |word: Option<&OsString>, name: &str| word.is_some_and(|word| word == name);
    let asks = |word: Option<&OsString>| word.is_some_and(asks_for_help);
    if asks(typed.get(1)) && is(typed.get(2), NAME) {
        return Some(Request::Help);
    }
    let rest: &[OsString] = if is(typed.get(1), NAME) {
        &typed[2..]
    } else {
        let has_merge = |word: &OsString| word == "--merge" || word == "-merge";
        let start = typed.iter().position(has_merge)?;
        let is_gk = is(typed.get(1), "gk") || typed.iter().any(|word| word == "-gk");
        if !is_gk {
            return None;
        }
        let before = typed[1..start].iter();
        let before = before.filter(|word| *word != "gk" && *word != "-gk");
        return Some(divided(&typed[start + 1..], before.cloned().collect()));
    };
    if rest.is_empty() || asks(rest.first()) {
        return Some(Request::Help);
    }
    if asks_for_version(rest) {
        return Some(Request::Version);
    }
    Some(divided(rest, Vec::new()))
}

/// The files are the arguments before the first option.
fn divided(rest: &[OsString], mut options: Vec<OsString>) -> Request {
    let is_option = |word: &OsString| word.to_string_lossy().starts_with('-');
    let end = rest.iter().position(is_option).unwrap_or(rest.len());
    let files = rest[..end].iter().map(PathBuf::from).collect();
    options.extend_from_slice(&rest[end..]);
    Request::Merge(files, options)
}

/// Merges the parts.
pub(crate) fn run(
    request: Request,
    typed: &[OsString],
    setting: &Setting<'_>,
) -> Result<Option<RunReport>> {
    let (paths, options) = match request {
        Request::Help => {
            report::print(help::of_tool(&TOOL));
            return Ok(None);
        }
        Request::Version => {
            report::print(report::version(&setting.backends.selected()?));
            return Ok(None);
        }
        Request::Merge(paths, options) => (paths, options),
    };
    if let Some(missing) = paths
        .iter()
        .find(|path| path.to_string_lossy().contains('*'))
    {
        return Err(Error::option(
            "merge",
            format!("no file matches {}", missing.display()),
            "give the .jammapart files that --part wrote",
        ));
    }
    let mut parts = PartFiles::open(&paths)?;
    let program: Vec<OsString> = typed.iter().take(1).cloned().chain(options).collect();
    let overrides = spelling::words(&program)?;
    let stored = &parts.files()[0].header.words;
    let words: Vec<String> = (overrides.first().into_iter())
        .chain(stored)
        .chain(overrides.iter().skip(1))
        .cloned()
        .collect();
    let Some(args) = parser::parse(&words, typed, || setting.backends.selected())? else {
        return Ok(None);
    };
    if let Some(option) = [("--part", &args.part), ("--dask", &args.dask)]
        .into_iter()
        .find_map(|(name, value)| value.is_some().then_some(name))
    {
        return Err(Error::option(
            option,
            "merging computes no part and uses no cluster",
            "omit it",
        ));
    }
    let job = resolve::job(&args, Given::default(), spelling::typed(typed))?;
    let found = setting.run_elsewhere(job, &args, Some(&mut parts))?;
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_of(line: &str) -> Option<Request> {
        let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        request(&typed)
    }

    #[test]
    fn files_come_before_options() {
        let merge = |files: &[&str], options: &[&str]| {
            let files = files.iter().map(PathBuf::from).collect();
            Some(Request::Merge(
                files,
                options.iter().map(OsString::from).collect(),
            ))
        };
        assert_eq!(
            request_of("jamma merge a b -o x"),
            merge(&["a", "b"], &["-o", "x"])
        );
        assert_eq!(request_of("jamma gk --merge a b"), merge(&["a", "b"], &[]));
        assert_eq!(
            request_of("jamma gk -o x --merge a --gz"),
            merge(&["a"], &["-o", "x", "--gz"])
        );
        assert_eq!(request_of("jamma merge"), Some(Request::Help));
        assert_eq!(request_of("jamma help merge"), Some(Request::Help));
        assert_eq!(request_of("jamma lmm --bfile d"), None);
    }
}
