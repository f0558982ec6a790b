//! The help: short and complete, at any width, and the colours of tables.

use super::bench;
use crate::common::{finished, jamma_command, jamma_in};
use tempfile::TempDir;

const COMMANDS: [&str; 16] = [
    "",
    "gk",
    "eigen",
    "lmm",
    "lm",
    "demo",
    "merge",
    "top",
    "compare",
    "report",
    "cost",
    "explain",
    "cache",
    "completions",
    "man",
    "reference",
];

fn at_width(folder: &TempDir, words: &str, width: &str) -> String {
    let mut command = jamma_command(folder.path());
    let run = finished(command.args(words.split_whitespace()).env("COLUMNS", width));
    run.ok().stdout
}

#[test]
fn lines_of_the_help_fit_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        for length in ["-h", "--help"] {
            for (width, most) in [("80", 80), ("200", 120)] {
                let help = at_width(&folder, &format!("{command} {length}"), width);
                // Command lines are not broken, so that they can be copied.
                let is_text = |line: &&str| !line.contains("jamma ");
                let long = help
                    .lines()
                    .filter(is_text)
                    .find(|line| line.chars().count() > most);
                assert_eq!(long, None, "{command} {length} at {width}");
                assert!(help.contains("Usage: jamma"), "{command} {length}");
                assert!(
                    !help.lines().any(|line| line.ends_with(' ')),
                    "{command} {length}"
                );
            }
        }
    }
}

#[test]
fn the_short_help_names_all_options_and_explains_few() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["gk", "lmm", "lm"] {
        let short = at_width(&folder, &format!("{command} -h"), "100");
        let complete = at_width(&folder, &format!("{command} --help"), "100");
        assert!(short.lines().count() < 70, "{short}");
        assert!(
            short.lines().count() * 2 < complete.lines().count(),
            "{command}"
        );
        for heading in [
            "Input:",
            "Analysis:",
            "SNP filters:",
            "Output:",
            "Run:",
            "Examples:",
        ] {
            assert!(
                short.lines().any(|line| line == heading),
                "{heading} {short}"
            );
        }
        for option in ["-bfile PREFIX", "-maf FREQUENCY", "-outdir DIR"] {
            assert!(
                short.contains(&format!("\n  {option} ")),
                "{option} {short}"
            );
        }
        let words: Vec<&str> = short.split_whitespace().collect();
        for line in complete.lines().filter(|line| line.starts_with("  -")) {
            let option = line.split_whitespace().next().unwrap();
            let is_ignored = line.split_whitespace().count() <= 2 && !line.contains(',');
            let is_help = ["-h,", "-v,"].contains(&option);
            assert!(
                words.contains(&option) || is_ignored || is_help,
                "{option} {short}"
            );
        }
    }
    let short = at_width(&folder, "-h", "100");
    for command in &COMMANDS[1..15] {
        assert!(
            short.contains(&format!("\n  {command} ")),
            "{command} {short}"
        );
    }
    assert!(!short.contains("reference"), "{short}");
    assert_eq!(at_width(&folder, "", "100"), short);
}

#[test]
fn colours_follow_the_variables() {
    let bench = bench();
    jamma_in(bench.path(), "lmm -bfile s").ok();
    let has_colours = |variables: &[(&str, &str)]| {
        let mut command = jamma_command(bench.path());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        let run = finished(command.args(["top", "output/result"])).ok();
        run.stdout.contains('\u{1b}')
    };
    assert!(!has_colours(&[]), "standard output is a file");
    assert!(has_colours(&[("CLICOLOR_FORCE", "1")]));
    assert!(has_colours(&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]));
    assert!(!has_colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!has_colours(&[("CLICOLOR_FORCE", "0")]));
}

/// Command lines of commands without an analysis that are wrong, with the option that is meant or what to do.
#[rustfmt::skip]
const WRONG: &[(&str, &str, &str)] = &[
    ("top x --nubmer 5", "--nubmer: unrecognized option", "see `jamma help top`"),
    ("top x --number 5", "--number: unrecognized option; use -n", "jamma help top"),
    ("top x --clmup", "--clmup: unrecognized option", "did you mean --clump?"),
    ("top x --clump-kb 500", "--clump-kb: unrecognized option; use --clump", "jamma help top"),
    ("top x --clump-p1 1e-5", "--clump-p1: this command does not have the option", "-n"),
    ("top x --out y", "--out: this command does not have the option", "> FILE"),
    ("top x -maf 0.1", "-maf: this command does not have the option", "`jamma lmm`"),
    ("compare a b --tol 1e-3", "--tol: unrecognized option; use --tolerance", "jamma help compare"),
    ("compare a b --tolerence 1e-3", "--tolerence: unrecognized option", "did you mean --tolerance?"),
    ("compare a b --out c", "--out: this command does not have the option", "> FILE"),
    ("report a --output b", "--output: unrecognized option; use -o", "jamma help report"),
    ("report a --out-prefix b", "--out-prefix: unrecognized option", "did you mean -o?"),
    ("report a --plinkFile b", "--plinkFile: unrecognized option", "did you mean -bfile?"),
    ("report a --pdf", "--pdf: this command does not have the option", "jamma plot"),
    ("cache prune d --max-gb 3", "--max-gb: unrecognized option; use --max-size", "jamma help cache"),
    ("cache prune d --days 3", "--days: unrecognized option; use --older-than", "jamma help cache"),
    ("cache prune d --dry-run", "--dry-run: this command does not have the option", "jamma cache list"),
    ("cache list --eigen-cache d", "--eigen-cache: this command does not have the option", "jamma cache list DIR"),
    ("man --out d", "--out: unrecognized option; use --outdir", "jamma help man"),
];

#[test]
fn a_wrong_option_of_a_command_without_an_analysis_leads_to_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    for (words, said, cure) in WRONG {
        let run = jamma_in(folder.path(), words);
        assert_eq!(
            (run.status, &*run.stdout),
            (2, ""),
            "{words}: {}",
            run.stderr
        );
        let lines: Vec<&str> = run.stderr.lines().collect();
        let [error, hint] = lines.as_slice() else {
            panic!("{words}: an error and a hint are expected:\n{}", run.stderr)
        };
        assert!(error.contains(said), "{words}: {error}");
        assert!(hint.contains(cure), "{words}: {hint}");
    }
}
