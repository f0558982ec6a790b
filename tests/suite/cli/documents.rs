//! Completions, manual pages and the reference: what is made from the descriptions of the commands.

use crate::common::{finished, jamma_command, jamma_in, root};
use std::path::Path;
use std::process::{Command, Stdio};

fn stdout(words: &str) -> String {
    let nowhere = tempfile::tempdir().unwrap();
    jamma_in(nowhere.path(), words).ok().stdout
}

/// Fails if a generated page of the documentation is not that of this program.
fn assert_current(topic: &str) {
    let path = root().join(format!("docs/reference/{topic}.md"));
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let command = format!("jamma reference {topic} > docs/reference/{topic}.md");
    assert!(
        page == stdout(&format!("reference {topic}")),
        "{} is stale; write it again: {command} (with cargo: cargo run --release --locked -- reference {topic} > docs/reference/{topic}.md)",
        path.display()
    );
}

#[test]
fn the_pages_of_the_reference_are_current() {
    // The formats of tables depend on the features.
    if cfg!(all(
        feature = "tables",
        feature = "bgen",
        feature = "vcf",
        feature = "zarr"
    )) {
        assert_current("options");
        assert_current("columns");
    }
}

#[test]
fn the_reference_for_programs_has_every_option() {
    let json = stdout("reference options --json");
    for part in [
        "\"name\": \"lmm\"",
        "\"typed\": \"-bfile\"",
        "\"other_spellings\": [\"-b\"]",
        "\"typed\": \"--max-size\"",
        "\"choices\": [\"human\", \"mouse\"",
        "\"default\": \"0.01\"",
    ] {
        assert!(json.contains(part), "{part}");
    }
    let columns = stdout("reference columns --json");
    for part in [
        "\"name\": \"l_remle\"",
        "\"name\": \"beta_dom\"",
        "\"name\": \"A1FREQ\"",
    ] {
        assert!(columns.contains(part), "{part}");
    }
    let nowhere = tempfile::tempdir().unwrap();
    let run = jamma_in(nowhere.path(), "reference rows");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("the references are options and columns"),
        "{}",
        run.stderr
    );
}

/// The columns of a table that a page of the reference names.
#[test]
fn the_columns_of_a_run_are_in_the_reference() {
    let bench = super::bench();
    let page = stdout("reference columns");
    for words in [
        "lmm -bfile s -lmm 4 --log10p --all-snps --with-info",
        "lmm -bfile s -lmm 2 --effects",
        "lmm -bfile s -lmm 9 --model genotypic",
        "lmm -bfile s --interaction rs3 --gxe-effects --log10p",
        "lm -bfile s -lm 4 --log10p",
        "lm -bfile s -lm 1 --model genotypic",
    ] {
        jamma_in(bench.path(), words).ok();
        let table = std::fs::read_to_string(bench.path().join("output/result.assoc.txt")).unwrap();
        for name in table.lines().next().unwrap().split('\t') {
            assert!(page.contains(&format!("| `{name}` |")), "{words}: {name}");
        }
    }
}

/// Whether a program is installed.
fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    let command = command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok()
}

/// The words with which bash completes the last of `words`.
fn completed(folder: &Path, words: &[&str]) -> Vec<String> {
    let list: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let [.., before, last] = words else {
        panic!("a command and a word")
    };
    let script = format!(
        "source jamma.bash; COMP_WORDS=({}); COMP_CWORD={}; _jamma jamma '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        list.join(" "),
        words.len() - 1
    );
    let mut command = Command::new("bash");
    let output = command
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    if !is_installed("bash") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jamma.bash"), stdout("completions bash")).unwrap();
    std::fs::write(folder.path().join("mouse.bed"), "").unwrap();
    for (words, expected) in [
        (&["jamma", "lm"][..], &["lmm", "lm"][..]),
        (&["jamma", "exp"], &["explain"]),
        (&["jamma", "lmm", "-bf"], &["-bfile"]),
        (&["jamma", "lmm", "--out"], &["--output-format"]),
        (&["jamma", "lmm", "-outd"], &["-outdir"]),
        (&["jamma", "-bf"], &["-bfile"]),
        (&["jamma", "lmm", "--rotation", "f"], &["f64", "f32"]),
        (&["jamma", "lmm", "--chr-set", "h"], &["human", "horse"]),
        (&["jamma", "lmm", "-km", ""], &["1", "2"]),
        (&["jamma", "lmm", "-bfile", "mo"], &["mouse.bed"]),
        (&["jamma", "lmm", "-k", "mo"], &["mouse.bed"]),
        (&["jamma", "completions", "b"], &["bash"]),
        (&["jamma", "cache", "l"], &["list"]),
        (&["jamma", "help", "compl"], &["completions"]),
        (&["jamma", "compare", "--by", "p"], &["position"]),
    ] {
        let mut found = completed(folder.path(), words);
        let mut expected: Vec<String> = expected.iter().map(|word| (*word).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{words:?}");
    }
    assert!(
        !stdout("completions bash").contains("reference"),
        "it is hidden"
    );
}

#[test]
fn the_scripts_of_all_shells_are_valid_and_have_one_dash_for_gemmas_options() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, option, check) in [
        ("bash", " -bfile ", Some("-n")),
        ("zsh", "'-bfile=[", Some("-n")),
        ("fish", " -o bfile ", Some("-n")),
        ("powershell", "'-bfile'", None),
    ] {
        let script = stdout(&format!("completions {shell}"));
        assert!(script.contains(option), "{shell}");
        assert!(
            !script.contains("--bfile") && !script.contains("-l bfile"),
            "{shell}"
        );
        let path = folder.path().join(shell);
        std::fs::write(&path, script).unwrap();
        if let Some(check) = check.filter(|_| is_installed(shell)) {
            let run = finished(Command::new(shell).arg(check).arg(&path));
            assert_eq!((run.status, &*run.stderr), (0, ""), "{shell}");
        }
    }
    for (words, said) in [
        ("completions bsh", "did you mean bash?"),
        ("completions csh", "bash, zsh, fish, powershell"),
        ("completions --shell bash", "jamma completions bash"),
    ] {
        let run = finished(jamma_command(folder.path()).args(words.split(' ')));
        assert_eq!(run.status, 2, "{words}");
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
    }
}

#[test]
fn manual_pages_have_the_options_of_their_commands() {
    let folder = tempfile::tempdir().unwrap();
    jamma_in(folder.path(), "man --outdir pages").ok();
    for (page, parts) in [
        ("jamma.1", [".TH JAMMA 1", "jamma\\-lmm(1)", ".SH EXAMPLES"]),
        (
            "jamma-lmm.1",
            [".TH JAMMA-LMM 1", "\\fB\\-bfile\\fR", "\\fB\\-\\-pfile\\fR"],
        ),
        (
            "jamma-cache.1",
            [
                ".SH SYNOPSIS",
                "\\fB\\-\\-max\\-size\\fR",
                "jamma cache list DIR",
            ],
        ),
    ] {
        let text = std::fs::read_to_string(folder.path().join("pages").join(page)).unwrap();
        for part in parts {
            assert!(text.contains(part), "{page}: {part}\n{text}");
        }
        assert!(!text.contains("\\-\\-bfile"), "{page}");
    }
    assert_eq!(stdout("man lmm"), {
        let path = folder.path().join("pages/jamma-lmm.1");
        std::fs::read_to_string(path).unwrap().trim_end().to_owned() + "\n"
    });
    assert!(!folder.path().join("pages/jamma-reference.1").exists());
    if is_installed("groff") {
        for page in std::fs::read_dir(folder.path().join("pages")).unwrap() {
            let path = page.unwrap().path();
            let run = finished(
                Command::new("groff")
                    .args(["-man", "-Tutf8", "-ww", "-z"])
                    .arg(&path),
            );
            assert_eq!((run.status, &*run.stderr), (0, ""), "{}", path.display());
        }
    }
    let run = jamma_in(folder.path(), "man lnm");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("did you mean `jamma man lmm`?"),
        "{}",
        run.stderr
    );
}
