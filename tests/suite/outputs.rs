//! Output files: links, modes, write protection, leftovers of dead runs, and disks that fail late.

use super::common::{jamma_command, jamma_in};
use super::simulate::Study;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The text as gzip.
pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    gz.finish().unwrap()
}

fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(91, 40, 60).write(bench.path(), "s");
    fs::create_dir(bench.path().join("output")).unwrap();
    bench
}

fn output(bench: &TempDir, name: &str) -> PathBuf {
    bench.path().join("output").join(name)
}

fn listing(bench: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(output(bench, "")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_target_of_an_output_that_is_a_link_is_written() {
    let bench = bench();
    let (far, near) = (bench.path().join("far.txt"), output(&bench, "r.assoc.txt"));
    symlink("middle", &near).unwrap();
    symlink("../far.txt", output(&bench, "middle")).unwrap();
    let is_link = |path: &Path| fs::symlink_metadata(path).unwrap().is_symlink();
    // First nothing exists there, then an older file.
    for content in [None, Some("old")] {
        if let Some(content) = content {
            fs::write(&far, content).unwrap();
        }
        jamma_in(bench.path(), "lmm -bfile s -o r").ok();
        assert!(is_link(&near) && !is_link(&far));
        assert!(fs::read_to_string(&far).unwrap().starts_with("chr\trs"));
        assert_eq!(
            listing(&bench),
            ["middle", "r.assoc.txt", "r.log.txt", "r.run.json"]
        );
    }
    fs::remove_file(&near).unwrap();
    symlink("/dev/null", &near).unwrap();
    jamma_in(bench.path(), "lmm -bfile s -o r").ok();
    assert!(
        is_link(&near)
            && fs::metadata("/dev/null")
                .unwrap()
                .file_type()
                .is_char_device()
    );
    fs::remove_file(&near).unwrap();
    symlink("r.assoc.txt", &near).unwrap();
    let run = jamma_in(bench.path(), "lmm -bfile s -o r");
    assert!(
        run.status == 1 && run.stderr.contains("r.assoc.txt: cannot write"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_mode_of_a_replaced_file_is_kept() {
    let bench = bench();
    for mode_before in [0o600, 0o640, 0o664, 0o666, 0o755] {
        for name in ["r.cXX.txt", "r.cXX.id", "r.log.txt"] {
            let path = output(&bench, name);
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode_before)).unwrap();
        }
        jamma_in(bench.path(), "gk -bfile s -o r").ok();
        for name in ["r.cXX.txt", "r.cXX.id", "r.log.txt"] {
            assert_eq!(mode(&output(&bench, name)), mode_before, "{name}");
        }
    }
}

#[test]
fn a_write_protected_output_is_rejected_before_the_computation() {
    let bench = bench();
    for (words, name) in [
        ("gk", "r.cXX.txt"),
        ("gk", "r.cXX.id"),
        ("gk", "r.log.txt"),
        ("gk", "r.run.json"),
        ("eigen", "r.eigenD.txt"),
        ("eigen", "r.eigenU.txt"),
        ("eigen", "r.eigenU.id"),
        ("lmm", "r.assoc.txt"),
        ("lmm --save-kinship", "r.cXX.id"),
        ("lmm -lmm 5", "r.residU.txt"),
        ("lmm -lmm 5", "r.residE.txt"),
    ] {
        let path = output(&bench, name);
        fs::write(&path, "mine").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        // The study does not even exist.
        let run = jamma_in(bench.path(), &format!("{words} -bfile nowhere -o r"));
        assert_eq!(run.status, 1, "{words} {name}: {}", run.stderr);
        let part = format!("{name}: cannot write: permission denied");
        assert!(run.stderr.contains(&part), "{words} {name}: {}", run.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(listing(&bench), [name]);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn partial_files_of_dead_runs_are_removed_and_those_of_live_runs_are_not() {
    let bench = bench();
    let stale = [
        ".r.assoc.txt.aB3dE6.partial",
        ".r.log.txt.aB3dE6.partial",
        ".r.cXX.txt.aB3dE6.partial",
        ".r.7.assoc.txt.aB3dE6.partial",
    ];
    let others = [
        ".r.x.log.txt.aB3dE6.partial",
        ".s.log.txt.aB3dE6.partial",
        ".r.notes.partial",
    ];
    let living = ".r.cXX.id.aB3dE6.partial";
    for name in stale.iter().chain(&others).chain([&living]) {
        fs::write(output(&bench, name), "half").unwrap();
    }
    let locked = fs::File::open(output(&bench, living)).unwrap();
    locked.lock().unwrap();
    jamma_in(bench.path(), "lmm -bfile s -o r").ok();
    let mut expected: Vec<&str> = others.to_vec();
    expected.extend([living, "r.assoc.txt", "r.log.txt", "r.run.json"]);
    expected.sort_unstable();
    assert_eq!(listing(&bench), expected);
    drop(locked);
    jamma_in(bench.path(), "lmm -bfile s -o r").ok();
    assert!(!output(&bench, living).exists());
}

#[test]
fn a_full_disk_is_an_error() {
    let bench = bench();
    symlink("/dev/full", output(&bench, "r.assoc.txt")).unwrap();
    let run = jamma_in(bench.path(), "lmm -bfile s -o r");
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("r.assoc.txt: cannot write: no space left"),
        "{}",
        run.stderr
    );
    assert_eq!(listing(&bench), ["r.assoc.txt"], "and the link remains");
}

/// A library that makes `fsync` or `close` fail for files whose path contains `$FAIL_PATH`, like late errors of a
/// network.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_meant(int fd, const char *call) {
    const char *part = getenv("FAIL_PATH"), *fails = getenv("FAIL_CALL");
    char link[64], path[4096];
    if (!part || !fails || strcmp(fails, call)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return strstr(path, part) != NULL;
}

int fsync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    if (is_meant(fd, "fsync")) { errno = EDQUOT; return -1; }
    return real(fd);
}

int close(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "close");
    int fails = is_meant(fd, "close"), result = real(fd);
    if (fails) { errno = ENOSPC; return -1; }
    return result;
}
"#;

/// Compiles [`SHIM`]; `None` without a compiler.
fn shim(bench: &TempDir) -> Option<PathBuf> {
    let (source, library) = (bench.path().join("shim.c"), bench.path().join("shim.so"));
    fs::write(&source, SHIM).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl");
    cc.status()
        .is_ok_and(|status| status.success())
        .then_some(library)
}

#[test]
#[cfg(target_os = "linux")]
fn errors_that_come_when_a_file_is_synced_or_closed_are_reported() {
    let bench = bench();
    let Some(shim) = shim(&bench) else {
        return; // No C compiler is installed.
    };
    for (words, name) in [
        ("lmm", "r.assoc.txt"),
        ("lmm --gz", "r.assoc.txt.gz"),
        ("lmm", "r.log.txt"),
        ("lmm", "r.run.json"),
        ("lmm --output-format bgz", "r.assoc.tsv.bgz"),
        ("lmm --output-format bgz", "r.assoc.tsv.bgz.tbi"),
        ("gk", "r.cXX.txt"),
        ("gk", "r.cXX.id"),
        ("gk --format npy", "r.cXX.npy"),
        ("eigen", "r.eigenD.txt"),
        ("eigen", "r.eigenU.txt"),
        ("lmm -lmm 5", "r.residE.txt"),
    ] {
        for (call, reason) in [
            ("fsync", "quota exceeded"),
            ("close", "no space left on device"),
        ] {
            let run = jamma_command(bench.path())
                .args(format!("{words} -bfile s -o r").split(' '))
                .env("LD_PRELOAD", &shim)
                .env("FAIL_CALL", call)
                .env("FAIL_PATH", format!("/.{name}."))
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&run.stderr);
            assert_eq!(
                run.status.code(),
                Some(1),
                "{words} {name} {call}: {stderr}"
            );
            assert!(
                stderr.contains(&format!("{name}: cannot write:")),
                "{name} {call}: {stderr}"
            );
            assert!(stderr.contains(reason), "{name} {call}: {stderr}");
            // Outputs that were complete before may stay; the failed output and temporary files may not.
            let left = listing(&bench);
            assert!(
                left.iter()
                    .all(|other| !other.starts_with('.') && other != name),
                "{left:?}"
            );
            left.iter()
                .for_each(|other| fs::remove_file(output(&bench, other)).unwrap());
        }
    }
}

#[test]
fn a_prefix_in_a_missing_directory_is_an_error_before_anything_is_created() {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(33, 30, 20).write(bench.path(), "s");
    let run = jamma_in(bench.path(), "lmm -bfile s -o sub/x -outdir out");
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("out/sub/x.log.txt: cannot write: no such file"),
        "{}",
        run.stderr
    );
    assert!(!bench.path().join("out").exists());
}

#[test]
fn the_limit_of_open_files_is_raised_for_many_traits_or_the_run_is_rejected() {
    let bench = bench();
    let fam = fs::read_to_string(bench.path().join("s.fam")).unwrap();
    let more = fam.lines().enumerate().map(|(i, line)| {
        let columns = (0..120).map(|t| format!(" {}", (i * i + t * i) % 23));
        format!("{line}{}\n", columns.collect::<String>())
    });
    fs::write(bench.path().join("s.fam"), more.collect::<String>()).unwrap();
    let run = |limit: &str| {
        let jamma = env!("CARGO_BIN_EXE_jamma");
        let script = format!("ulimit {limit} && {jamma} lmm -bfile s --traits 2-121 -o r");
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &script]).current_dir(bench.path());
        bash.output().unwrap()
    };
    let rejected = run("-n 100");
    let stderr = String::from_utf8_lossy(&rejected.stderr).into_owned();
    assert_eq!(rejected.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("open files, but the system permits 100"),
        "{stderr}"
    );
    assert!(!bench.path().join("output").exists() || listing(&bench).is_empty());
    let raised = run("-Sn 100");
    let stderr = String::from_utf8_lossy(&raised.stderr).into_owned();
    assert_eq!(raised.status.code(), Some(0), "{stderr}");
    assert_eq!(listing(&bench).len(), 122);
}
