//! `jamma cache`.

use crate::common::{Run, finished, jamma_command, jamma_in};
use faer::Mat;
use jamma::eigen::Eigen;
use jamma::eigen::cache::{CacheKey, Description, EigenCache, KeyInputs};
use jamma::io::fam::Individual;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A folder with the cache `d`, whose entries without chromosomes 1, 2 and 3 were used so many days ago.
fn filled() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for days in 1..=3 {
        store(folder.path(), days);
    }
    folder
}

fn store(folder: &Path, days: u64) -> PathBuf {
    let cache = EigenCache::new(folder.join("d"));
    let n = 5;
    let eigen = Eigen::new(vec![1.0; n], Mat::identity(n, n));
    let individual = |i| Individual {
        fid: "f".into(),
        iid: format!("{i}").into(),
    };
    let individuals: Vec<Individual> = (0..n).map(individual).collect();
    let chromosome = days.to_string();
    let key = CacheKey::of(&KeyInputs {
        backend: "rust",
        matrix: eigen.vectors.as_ref(),
        individuals: &individuals,
        origin: &chromosome,
    });
    let description = Description {
        genotypes: "mouse".into(),
        kinship: "centred".into(),
        excluded_chromosome: Some(chromosome),
        n_snps: Some(1000),
        backend: "rust".into(),
    };
    assert_eq!(cache.store(&key, &eigen, &description), None);
    let file = File::options().write(true).open(cache.path(&key)).unwrap();
    let at = SystemTime::now() - Duration::from_secs(days * 86_400 + 60);
    file.set_modified(at).unwrap();
    cache.path(&key)
}

fn n_files(folder: &TempDir) -> usize {
    std::fs::read_dir(folder.path().join("d")).unwrap().count()
}

#[test]
fn the_command_explains_itself() {
    let nowhere = tempfile::tempdir().unwrap();
    let help = jamma_in(nowhere.path(), "cache").ok().stdout;
    for words in [
        "help cache",
        "cache help",
        "cache --help",
        "cache list -h",
        "--help cache",
        "-h cache",
    ] {
        assert_eq!(jamma_in(nowhere.path(), words).ok().stdout, help, "{words}");
    }
    for option in ["--max-size GB", "--older-than DAYS", "--all"] {
        assert!(help.contains(&format!("\n  {option} ")), "{help}");
    }
    let all = jamma_in(nowhere.path(), "--help").ok().stdout;
    assert!(all.contains("\n  cache "), "{all}");
    for words in ["help max-size", "help -older-than"] {
        let text = jamma_in(nowhere.path(), words).ok().stdout;
        assert!(text.contains(" (jamma cache prune): "), "{text}");
    }
    let version = jamma_in(nowhere.path(), "cache --version").ok().stdout;
    assert_eq!(version, jamma_in(nowhere.path(), "--version").ok().stdout);
}

#[test]
fn entries_are_listed_one_per_line_with_a_total() {
    let folder = filled();
    let path = folder
        .path()
        .join("d/00112233445566778899aabbccddeeff.jamma-eigen");
    std::fs::write(&path, "jamma-eigen 7\n").unwrap();
    std::fs::write(folder.path().join("d/notes.txt"), "x").unwrap();
    let text = jamma_in(folder.path(), "cache list d").ok().stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    let of = |part: &str| *lines.iter().find(|line| line.contains(part)).unwrap();
    for days in 1..=3 {
        let line = of(&format!("without chromosome {days},"));
        let words: Vec<&str> = line.split_whitespace().take(5).collect();
        assert_eq!(
            (words[0], words[1], words[4]),
            ("4336", "bytes", "5"),
            "{line}"
        );
        assert!(line.ends_with(&format!(
            "mouse: centred kinship without chromosome {days}, 1000 SNPs, rust"
        )));
    }
    assert!(of("00112233445566778899aabbccddeeff").contains("not used: it has format 7"));
    assert_eq!(lines[5], "total: 3 eigendecompositions, 13.01 kB");
    assert_eq!(
        lines[6],
        "1 file, 14 bytes, cannot be used; `jamma cache prune d` removes it"
    );
    std::fs::create_dir(folder.path().join("e")).unwrap();
    let text = jamma_in(folder.path(), "cache list e").ok().stdout;
    assert_eq!(text, "e: no cached eigendecompositions\n");
}

#[test]
fn files_are_removed_and_named() {
    let folder = filled();
    let prune = |options: &str| {
        jamma_in(folder.path(), &format!("cache prune d {options}"))
            .ok()
            .stdout
    };
    let left = "nothing removed; 3 eigendecompositions, 13.01 kB, remain\n";
    assert_eq!(prune(""), left);
    assert_eq!(prune("--max-size 1 -older-than 10"), left);
    let damaged = store(folder.path(), 4);
    std::fs::write(&damaged, "jamma-eigen 1\nkey ").unwrap();
    let name = damaged.file_name().unwrap().to_string_lossy();
    assert_eq!(
        prune(""),
        format!(
            "removed {name}, 18 bytes: it ends within its header\n\
             1 file removed, 18 bytes freed; 3 eigendecompositions, 13.01 kB, remain\n"
        )
    );
    let text = prune("-older-than 2.5");
    assert!(
        text.contains("last used 3 days ago\n1 file removed, 4336 bytes freed; 2 eig"),
        "{text}"
    );
    let text = prune("--max-size=5e-6");
    assert!(
        text.contains("least recently used\n1 file removed"),
        "{text}"
    );
    assert!(
        text.ends_with("; 1 eigendecomposition, 4336 bytes, remains\n"),
        "{text}"
    );
    let kept = jamma_in(folder.path(), "cache list d").ok().stdout;
    assert!(kept.contains("without chromosome 1,"), "{kept}");
    assert!(prune("--all").ends_with("; 0 eigendecompositions, 0 bytes, remain\n"));
    assert_eq!(n_files(&folder), 0);
}

/// Arguments after `jamma cache`, a part of the error, and a part of the hint.
#[rustfmt::skip]
const WRONG: &[(&str, &str, &str)] = &[
    ("lst d", "lst: unexpected argument", "did you mean `jamma cache list`?"),
    ("d", "d: unexpected argument", "jamma cache list DIR"),
    ("-all prune d", "-all: unexpected argument", "give list or prune first"),
    ("nothing", "nothing: unexpected argument", "jamma help cache"),
    ("list", "jamma cache list: no directory is given", "jamma cache list DIR"),
    ("prune -all", "jamma cache prune: no directory is given", "jamma cache prune DIR"),
    ("list d e", "e: unexpected argument", "quotes"),
    ("list d -all", "-all: this command does not have the option", "`jamma cache prune`"),
    ("prune d --al", "--al: unrecognized option", "did you mean --all?"),
    ("prune d -max-sise 1", "-max-sise: unrecognized option", "did you mean --max-size?"),
    ("prune d -x", "-x: unrecognized option", "jamma help cache"),
    ("prune d --maf 0.1", "-maf: this command does not have the option", "`jamma gk`"),
    ("prune d --max-size", "--max-size: the option needs a value", "GB"),
    ("prune d -max-size -all", "-max-size: the option needs a value", "GB"),
    ("prune d -max-size= -all", "-max-size: the option needs a value", "GB"),
    ("prune d -max-size -1", "--max-size: expected a number of GB (1e9 bytes) from 0 to 1000000, found -1", "GB"),
    ("prune d -max-size 3GB", "found 3GB", "GB"),
    ("prune d -older-than nan", "--older-than: expected a number of days", "DAYS"),
    ("prune d -older-than inf", "found inf", "DAYS"),
    ("prune d -all=yes", "-all: the option takes no value", "jamma help cache"),
    ("prune d -all --all", "--all: the option is given twice", "give it once"),
    ("prune d -all -max-size 1", "--all: --all removes everything", "omit --all or --max-size"),
];

#[test]
fn wrong_usage_is_one_error_that_names_the_option_and_the_cure() {
    let folder = filled();
    for (words, said, cure) in WRONG {
        let run = jamma_in(folder.path(), &format!("cache {words}"));
        assert_rejected(&run, 2, said, cure, words);
    }
    let run = jamma_in(folder.path(), "-maf 0.1 cache prune d -all");
    assert_rejected(
        &run,
        2,
        "-maf: the option comes before the command cache",
        "jamma cache ...",
        "-maf",
    );
    let run = jamma_in(folder.path(), "cahce list d");
    assert_rejected(
        &run,
        2,
        "cahce: unexpected argument",
        "did you mean `jamma cache`?",
        "cahce",
    );
    let run = finished(jamma_command(folder.path()).args(["cache", "prune", "–all", "d"]));
    assert_rejected(&run, 2, "an en dash (U+2013)", "-all", "–all");
    assert_eq!(n_files(&folder), 3);
}

fn assert_rejected(run: &Run, status: i32, said: &str, cure: &str, words: &str) {
    assert_eq!(
        (run.status, &*run.stdout),
        (status, ""),
        "{words}: {}",
        run.stderr
    );
    let lines: Vec<&str> = run.stderr.lines().collect();
    let [error, hint] = lines.as_slice() else {
        panic!("{words}: an error and a hint are expected:\n{}", run.stderr)
    };
    assert!(
        error.starts_with("error: ") && error.contains(said),
        "{words}: {error}"
    );
    assert!(
        hint.starts_with("  hint: ") && hint.contains(cure),
        "{words}: {hint}"
    );
}

#[test]
fn a_directory_that_cannot_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    for command in ["list", "prune"] {
        let run = jamma_in(folder.path(), &format!("cache {command} nowhere"));
        let said = "nowhere: cannot read the cache directory: no such file or directory";
        assert_rejected(&run, 1, said, "check the path", command);
        let run = jamma_in(folder.path(), &format!("cache {command} file"));
        let said = "file: cannot read the cache directory: not a directory";
        assert_rejected(&run, 1, said, "give another path", command);
    }
}
