//! Wrong input gives one clear error; unusual but valid input gives the usual result.
//!
//! The files are in `tests/bad`, with one defect each, and the expected messages in `cases.tsv`. An argument `@NAME.bim` there
//! is the prefix of the valid study with that one file replaced; `''` is an empty argument.

use super::common::{jamma_command, root};
use std::fs;
use std::path::{Path, PathBuf};

const EXTENSIONS: [&str; 3] = ["bed", "bim", "fam"];

fn bad() -> PathBuf {
    root().join("tests/bad")
}

/// A finished run in a fresh output directory.
struct Run {
    status: Option<i32>,
    stdout: String,
    stderr: String,
    outputs: PathBuf,
    _folder: tempfile::TempDir,
}

impl Run {
    /// Runs `jamma` with the arguments of a case, in `tests/bad`.
    fn new(words: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let outputs = folder.path().join("out");
        fs::create_dir(&outputs).unwrap();
        let study = folder.path().join("study");
        let word = |word: &str| match word.strip_prefix('@') {
            Some(file) => {
                let prefix = study.join("set");
                assemble(file, &prefix);
                prefix.into_os_string()
            }
            None if word == "''" => "".into(),
            None => word.into(),
        };
        let output = jamma_command(&bad())
            .args(words.split_whitespace().map(word))
            .arg("-outdir")
            .arg(&outputs)
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            status: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            outputs,
            _folder: folder,
        }
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.outputs).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// What is wrong with a run that must fail; `None` if it fails as expected.
    fn fault(&self, case: &Case) -> Option<String> {
        let mut lines = self
            .stderr
            .lines()
            .filter(|line| !line.starts_with("note: "));
        let message = lines.next().unwrap_or_default();
        let hint = lines.next().unwrap_or_default();
        let lacks = |text: &str, part: &&&str| !text.contains(**part);
        if self.status != Some(case.status) {
            return Some(format!(
                "exit status {:?}, expected {}",
                self.status, case.status
            ));
        }
        if !message.starts_with("error: ") {
            return Some("no line `error: ...`".into());
        }
        if let Some(part) = case.message.iter().find(|part| lacks(message, part)) {
            return Some(format!("the message lacks {part:?}"));
        }
        if !hint.starts_with("  hint: ") || lines.next().is_some() {
            return Some("one line of hint is expected after the message".into());
        }
        if let Some(part) = case.hint.iter().find(|part| lacks(hint, part)) {
            return Some(format!("the hint lacks {part:?}"));
        }
        if [&self.stdout, &self.stderr]
            .iter()
            .any(|text| text.contains("panicked"))
        {
            return Some("a panic".into());
        }
        let files = self.files();
        (!files.is_empty()).then(|| format!("files remain: {files:?}"))
    }
}

/// Copies the valid study to `prefix`, with `file` instead of the file with its extension.
fn assemble(file: &str, prefix: &Path) {
    fs::create_dir_all(prefix.parent().unwrap()).unwrap();
    for extension in EXTENSIONS {
        let source = if file.ends_with(&format!(".{extension}")) {
            bad().join(file)
        } else {
            bad().join("valid").with_extension(extension)
        };
        fs::copy(&source, prefix.with_extension(extension))
            .unwrap_or_else(|e| panic!("{}: {e}", source.display()));
    }
}

/// A row of `cases.tsv`.
struct Case<'a> {
    name: &'a str,
    status: i32,
    words: &'a str,
    message: Vec<&'a str>,
    hint: Vec<&'a str>,
}

/// The rows of a tab-separated table, without its header.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| line.split('\t').collect())
}

#[test]
fn every_bad_input_gives_its_error_and_leaves_no_file() {
    let table = fs::read_to_string(bad().join("cases.tsv")).unwrap();
    let mut faults = Vec::new();
    for row in rows(&table) {
        let &[name, status, words, message, hint] = row.as_slice() else {
            panic!("five columns are expected: {row:?}");
        };
        let case = Case {
            name,
            status: status.parse().expect("an exit status"),
            words,
            message: message.split(" | ").collect(),
            hint: hint.split(" | ").collect(),
        };
        let run = Run::new(case.words);
        if let Some(fault) = run.fault(&case) {
            faults.push(format!(
                "{}: {fault}\n  jamma {}\n{}",
                case.name, case.words, run.stderr
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "{} cases fail\n\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_unusual_but_valid_input_gives_the_result_of_the_clean_one() {
    let table = fs::read_to_string(bad().join("accepted.tsv")).unwrap();
    let associations = |words: &str| {
        let run = Run::new(words);
        assert_eq!(run.status, Some(0), "jamma {words}\n{}", run.stderr);
        fs::read_to_string(run.outputs.join("result.assoc.txt")).unwrap()
    };
    for row in rows(&table) {
        let &[name, words, clean] = row.as_slice() else {
            panic!("three columns are expected: {row:?}")
        };
        assert_eq!(
            associations(words),
            associations(clean),
            "{name}: jamma {words}"
        );
    }
}

#[test]
fn every_file_is_used_by_a_case() {
    let tables = ["cases.tsv", "accepted.tsv"]
        .map(|name| fs::read_to_string(bad().join(name)).unwrap())
        .concat();
    for entry in fs::read_dir(bad()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        // Id files are found through their matrix.
        let is_implied = ["README.md", "make.py", "cases.tsv", "accepted.tsv"].contains(&&*name)
            || name.starts_with("valid.")
            || Path::new(&name).extension().is_some_and(|e| e == "id");
        assert!(is_implied || tables.contains(&name), "no case has {name}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    let blocked = folder.path().join("blocked");
    fs::create_dir_all(blocked.join("result.log.txt")).unwrap();
    for (directory, part) in [
        (file.clone(), "output directory"),
        (file.join("below"), "output directory"),
        (blocked.clone(), "result.log.txt"),
    ] {
        let words = format!(
            "-bfile valid -k valid.cXX.txt -lmm 1 -outdir {}",
            directory.display()
        );
        let run = super::common::jamma_in(&bad(), &words);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert!(
            run.stderr.starts_with("error: ") && run.stderr.contains(part),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("  hint: "), "{}", run.stderr);
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
    assert_eq!(
        fs::read_dir(blocked).unwrap().count(),
        1,
        "only what was there before"
    );
}
