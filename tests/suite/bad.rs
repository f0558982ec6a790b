//! Wrong input gives one clear error; unusual but valid input gives the usual result.
//!
//! The files are in `tests/bad` and `tests/bad/genotypes`, with one defect each, and the expected messages in `cases.tsv` of
//! the two folders. An argument `@NAME.bim` there is the prefix of the valid study with that one file replaced, `@NAME.vcz`
//! the valid Zarr store with the files of that folder; `''` is an empty argument.

use super::common::{jamma_command, root};
use std::fs;
use std::path::{Path, PathBuf};

/// The extensions of files with a common prefix, and the valid prefix.
const SETS: [(&str, [&str; 3]); 2] = [
    ("valid", ["bed", "bim", "fam"]),
    ("genotypes/valid", ["pgen", "pvar", "psam"]),
];
/// Options that need a feature, and whether it was built.
const FEATURES: [(&str, bool); 3] = [
    ("--bgen ", cfg!(feature = "bgen")),
    ("--vcf ", cfg!(feature = "vcf")),
    ("--zarr ", cfg!(feature = "zarr")),
];

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
    let has = |extension: &str| Path::new(file).extension().is_some_and(|e| e == extension);
    if has("vcz") {
        copy_folder(&bad().join("genotypes/valid.vcz"), prefix);
        copy_folder(&bad().join(file), prefix);
        return;
    }
    let set = SETS.iter().find(|(_, set)| set.iter().any(|one| has(one)));
    let (valid, extensions) = set.expect("the file is one of a set");
    for extension in extensions {
        let source = if has(extension) {
            bad().join(file)
        } else {
            bad().join(valid).with_extension(extension)
        };
        fs::copy(&source, prefix.with_extension(extension))
            .unwrap_or_else(|e| panic!("{}: {e}", source.display()));
    }
}

/// Copies the files below `from` to `to`, over those that are there.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.unwrap();
        let copy = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &copy);
        } else {
            fs::copy(entry.path(), copy).unwrap();
        }
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

/// The tables of a name in both folders, without their headers.
fn tables(name: &str) -> String {
    let read = |folder: PathBuf| fs::read_to_string(folder.join(name)).unwrap();
    let tables = [bad(), bad().join("genotypes")].map(read);
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.collect::<Vec<_>>().join("\n")
}

/// The rows of tab-separated tables whose options can be used with the features that were built.
fn rows(tables: &str) -> impl Iterator<Item = Vec<&str>> {
    let is_built = |line: &&str| {
        let mut needed = FEATURES.iter().filter(|(option, _)| line.contains(option));
        needed.all(|(_, is_built)| *is_built)
    };
    tables
        .lines()
        .filter(|line| !line.is_empty())
        .filter(is_built)
        .map(|line| line.split('\t').collect())
}

#[test]
fn every_bad_input_gives_its_error_and_leaves_no_file() {
    let table = tables("cases.tsv");
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
    let table = tables("accepted.tsv");
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
    let tables = ["cases.tsv", "accepted.tsv"].map(tables).join("\n");
    let own = [
        "README.md",
        "make.py",
        "make_genotypes.py",
        "__pycache__",
        "genotypes",
        "cases.tsv",
        "accepted.tsv",
    ];
    for folder in [bad(), bad().join("genotypes")] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            // Id files and indexes are found through their matrix or file.
            let is_implied = own.contains(&&*name)
                || name.starts_with("valid.")
                || Path::new(&name)
                    .extension()
                    .is_some_and(|e| e == "id" || e == "bgi");
            assert!(is_implied || tables.contains(&name), "no case has {name}");
        }
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
