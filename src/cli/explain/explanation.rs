//! The explanation of a command line, and the equivalent command.

use super::line::{Analysis, Line};
use super::verdict::{Verdict, verdict};
use crate::cli::resolve::{self, Given as InMemory};
use crate::cli::{parser, spelling};
use crate::error::{Error, Result};
use std::ffi::OsString;

/// The explanation of a command line.
#[derive(Debug)]
pub(super) struct Explanation {
    pub(super) line: Line,
    /// What becomes of each option.
    pub(super) verdicts: Vec<Verdict>,
    /// What concerns the whole command line.
    pub(super) notes: Vec<String>,
    /// The words of the equivalent command, or why there is none.
    pub(super) equivalent: std::result::Result<Vec<String>, String>,
}

/// Explains the command line with these words. Fails if they are not one of GEMMA.
pub(super) fn explain(words: &[String]) -> Result<Explanation> {
    let line = Line::of(words).ok_or_else(|| {
        Error::option(
            words.first().map_or("jamma explain", String::as_str),
            "expected a command line of GEMMA: its name, or an option",
            "jamma explain gemma -bfile PREFIX -lmm 4; an option of another program is explained by `jamma help`, such as `jamma help covarFile`",
        )
    })?;
    let verdicts: Vec<Verdict> = (0..line.options.len()).map(|k| verdict(&line, k)).collect();
    let equivalent = equivalent(&line, &verdicts);
    Ok(Explanation {
        notes: notes(&line),
        line,
        verdicts,
        equivalent,
    })
}

/// The equivalent command, or why there is none.
fn equivalent(line: &Line, verdicts: &[Verdict]) -> std::result::Result<Vec<String>, String> {
    let obstacles = line.options.iter().zip(verdicts);
    let obstacles = obstacles.filter(|(_, verdict)| !verdict.status.has_equivalent());
    let obstacles: Vec<&str> = obstacles.map(|(given, _)| &*given.typed).collect();
    if !obstacles.is_empty() {
        return Err(obstacles.join(", "));
    }
    let command = match line.analyses().as_slice() {
        [] => return Err("no analysis is selected: -gk, -eigen, -lm or -lmm".to_owned()),
        [one] => one
            .command()
            .expect("an analysis that jamma does not have is an obstacle"),
        _ => return Err("several analyses are selected, which GEMMA refuses too".to_owned()),
    };
    let mut words = vec!["jamma".to_owned(), command.to_owned()];
    words.extend(
        verdicts
            .iter()
            .flat_map(|verdict| verdict.words.iter().cloned()),
    );
    check(&words).map_err(|error| match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    })?;
    Ok(words)
}

/// Fails if jamma rejects a command.
fn check(words: &[String]) -> Result<()> {
    let typed: Vec<OsString> = words.iter().map(OsString::from).collect();
    let words = spelling::words(&typed)?;
    if let Some(args) = parser::parse(&words, &typed, || Ok(String::new()))? {
        resolve::job(&args, InMemory::default(), String::new())?;
    }
    Ok(())
}

/// What concerns the whole command line.
fn notes(line: &Line) -> Vec<String> {
    let mut notes = Vec::new();
    let has_kinship = line.has("k") || line.has("d") && line.has("u");
    if matches!(line.analysis(), Some(Analysis::Lmm | Analysis::Eigen)) && !has_kinship {
        notes.push("GEMMA needs a kinship (-k, or -d and -u). jamma computes it from the genotypes in the same run if it is not given.".to_owned());
    }
    let is_null_model = line
        .option("lmm")
        .is_some_and(|given| given.values == ["5"]);
    if is_null_model && !line.has("p") {
        notes.push("GEMMA refuses -lmm 5 without -p.".to_owned());
    }
    notes
}
