//! Effects of the system on a run: signals, memory limits, many threads, and inputs that are not regular files.

use super::common::{command, finished, jamma_in, log_value};
use super::simulate::Study;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A small study `s`.
fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(71, 60, 40).write(bench.path(), "s");
    bench
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn listing(bench: &TempDir) -> Vec<String> {
    std::fs::read_dir(bench.path().join("output")).map_or_else(
        |_| Vec::new(),
        |entries| {
            let name = |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name();
            entries
                .map(|e| name(e).to_string_lossy().into_owned())
                .collect()
        },
    )
}

/// `jamma` with the arguments `words`, after the shell command `first`.
fn after(bench: &TempDir, first: &str, words: &str) -> Command {
    let mut shell = command("sh", bench.path());
    shell
        .arg("-c")
        .arg(format!("{first}; exec \"$0\" {words}"))
        .arg(env!("CARGO_BIN_EXE_jamma"));
    shell
}

const TABLE: &str = "result.assoc.txt";

/// A study `long` whose table is a FIFO, with one end of it that is never read: the table is larger than the FIFO's
/// buffer.
fn stuck_bench() -> (TempDir, File) {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(71, 60, 2000).write(bench.path(), "long");
    std::fs::create_dir(bench.path().join("output")).unwrap();
    let table = bench.path().join("output").join(TABLE);
    make_fifo(&table);
    // A FIFO that is open for both directions does not wait for the other end.
    let reader = File::options().read(true).write(true).open(table).unwrap();
    (bench, reader)
}

/// A run that has opened its log and waits to write its table.
fn waiting_run(bench: &TempDir, first: &str) -> Child {
    let child = after(bench, first, "lmm -bfile long --threads 1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while listing(bench).len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(20), "no output begun");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// The exit status, within ten seconds.
fn ended(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.signal(), None, "killed by a signal");
            return status.code();
        }
        if begun.elapsed() > Duration::from_secs(10) {
            child.kill().unwrap();
            panic!("the run does not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_signal_ends_a_run_with_128_plus_its_number() {
    let (bench, _reader) = stuck_bench();
    for (signal, code) in [
        (Signal::HUP, 129),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
        (Signal::USR1, 138),
        (Signal::TERM, 143),
    ] {
        let mut child = waiting_run(&bench, "true");
        send(&child, signal);
        assert_eq!(ended(&mut child), Some(code));
        assert_eq!(listing(&bench), [TABLE], "{signal:?}");
    }
}

#[test]
fn a_run_that_waits_for_its_kinship_has_written_nothing_and_can_be_ended() {
    let bench = bench();
    make_fifo(&bench.path().join("k"));
    let mut child = after(&bench, "true", "lmm -bfile s -k k --threads 1")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(!bench.path().join("output").exists());
    send(&child, Signal::TERM);
    assert_eq!(ended(&mut child), Some(143));
}

#[test]
fn signals_that_were_ignored_at_start_stay_ignored() {
    let (bench, mut reader) = stuck_bench();
    let mut child = waiting_run(&bench, "trap '' HUP INT QUIT");
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT] {
        send(&child, signal);
    }
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "the run was ended");
    // It finishes as if nothing had happened.
    std::thread::spawn(move || {
        let mut text = vec![0; 1 << 16];
        while reader.read(&mut text).is_ok_and(|n| n > 0) {}
    });
    assert_eq!(ended(&mut child), Some(0));
    let mut names = listing(&bench);
    names.sort();
    assert_eq!(names, [TABLE, "result.log.txt", "result.run.json"]);
    // Other signals still end it.
    let (bench, _reader) = stuck_bench();
    let mut child = waiting_run(&bench, "trap '' HUP");
    send(&child, Signal::TERM);
    assert_eq!(ended(&mut child), Some(143));
}

#[test]
fn a_signal_ends_a_run_that_waits_for_a_terminal_that_is_not_read() {
    let bench = bench();
    let (_reader, mut writer) = std::io::pipe().unwrap();
    let stderr = writer.try_clone().unwrap();
    let (wrote, is_going_on) = channel();
    // Fills the pipe, then waits until this test ends.
    std::thread::spawn(
        move || {
            while writer.write_all(&[b'x'; 1024]).is_ok() && wrote.send(()).is_ok() {}
        },
    );
    while is_going_on.recv_timeout(Duration::from_millis(300)).is_ok() {}
    let mut child = after(&bench, "true", "lmm -bfile s --threads 4000")
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        child.try_wait().unwrap().is_none(),
        "the note was not written"
    );
    send(&child, Signal::TERM);
    assert_eq!(ended(&mut child), Some(143));
    assert_eq!(listing(&bench), Vec::<String>::new());
}

#[test]
fn memory_that_cannot_be_allocated_is_an_error_and_leaves_no_file() {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(72, 1500, 300).write(bench.path(), "s");
    let words = "lmm -bfile s --threads 2";
    let mut n_rejected = 0;
    for limit in ["v", "d"] {
        for megabytes in [80, 120, 160, 200, 240, 300, 360, 420, 500, 650] {
            // With --memory, the free memory is not measured.
            for more in ["", "--memory 100"] {
                let first = format!("ulimit -{limit} {}", 1024 * megabytes);
                let run = finished(&mut after(&bench, &first, &format!("{words} {more}")));
                let case = format!("ulimit -{limit} {megabytes} MB {more}: {}", run.stderr);
                if run.status == 0 {
                    assert_eq!(listing(&bench).len(), 3, "{case}");
                    std::fs::remove_dir_all(bench.path().join("output")).unwrap();
                    continue;
                }
                n_rejected += 1;
                assert_eq!(run.status, 1, "{case}");
                let has_numbers = ["the system refused", "this run may use"];
                assert!(
                    has_numbers.iter().any(|text| run.stderr.contains(text)),
                    "{case}"
                );
                assert!(run.stderr.contains("hint: "), "{case}");
                assert_eq!(listing(&bench), Vec::<String>::new(), "{case}");
            }
        }
    }
    assert!(n_rejected > 5, "{n_rejected}");
}

#[test]
fn endless_files_are_rejected_early() {
    let bench = bench();
    let text = |name: &str, content: &[u8]| std::fs::write(bench.path().join(name), content);
    text("line.txt", &b"1 ".repeat(12 << 20)).unwrap();
    text("blank.txt", &b"\n".repeat(2 << 20)).unwrap();
    text("rows.txt", &b"1\n".repeat(1 << 18)).unwrap();
    for (words, said) in [
        ("-k /dev/zero", "NUL byte"),
        ("-p /dev/zero", "NUL byte"),
        ("-c /dev/zero", "NUL byte"),
        ("-snps /dev/zero", "NUL byte"),
        ("-k /dev/zero -km 2", "NUL byte"),
        ("-d /dev/zero -u /dev/zero", "NUL byte"),
        ("-p line.txt", "line.txt:1: the line is longer than 16 MiB"),
        (
            "-snps line.txt",
            "line.txt:1: the line is longer than 16 MiB",
        ),
        ("-c blank.txt", "blank.txt:1: a million blank lines follow"),
        ("-k blank.txt", "blank.txt:1: a million blank lines follow"),
        (
            "-p rows.txt",
            "rows.txt has 65597 rows, but the .fam lists 60 individuals",
        ),
        (
            "-c rows.txt",
            "rows.txt has 65597 rows, but the .fam lists 60 individuals",
        ),
        ("-u rows.txt -d rows.txt", "rows.txt:61: the file has"),
    ] {
        // A limit protects the memory of the machine.
        let first = "ulimit -v 600000";
        let run = finished(&mut after(
            &bench,
            first,
            &format!("lmm -bfile s {words} --threads 1"),
        ));
        assert_eq!(run.status, 1, "{words}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{words}: {}", run.stderr);
    }
}

#[test]
fn plink_files_that_are_not_regular_are_errors_at_once() {
    let bench = bench();
    for part in ["bed", "bim", "fam"] {
        let path = bench.path().join(format!("s.{part}"));
        let aside = bench.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        let rejected = |said: &str| {
            let mut child = after(&bench, "true", "lmm -bfile s")
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            assert_eq!(ended(&mut child), Some(1), "{part}");
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(stderr.contains(&format!("s.{part}: {said}")), "{stderr}");
        };
        make_fifo(&path);
        rejected("this is a pipe (FIFO), expected a regular file");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        rejected("this is a directory, expected a regular file");
        std::fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        rejected("this is a device, expected a regular file");
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();
    }
}

#[test]
fn tables_and_matrices_may_be_pipes() {
    let bench = bench();
    let run = |words: &str| jamma_in(bench.path(), &format!("{words} -outdir .")).ok();
    run("gk -bfile s -o a");
    run("gk -bfile s -o a --format npy");
    run("eigen -bfile s -o a");
    let lines = |value: fn(usize) -> usize| -> String {
        let cells: Vec<String> = (0..60).map(|i| value(i).to_string()).collect();
        cells.join("\n")
    };
    std::fs::write(bench.path().join("y"), lines(|i| i * i % 13)).unwrap();
    std::fs::write(bench.path().join("c"), lines(|i| i * i * i % 17)).unwrap();
    let list: Vec<String> = (0..30).map(|i| format!("rs{i}")).collect();
    std::fs::write(bench.path().join("l"), list.join("\n")).unwrap();
    // Without ids, because those of a pipe are not known.
    for name in ["a.cXX.id", "a.eigenU.id"] {
        std::fs::remove_file(bench.path().join(name)).unwrap();
    }
    for files in [
        "-p y -c c -snps l -k a.cXX.txt",
        "-p y -c c -ksnps l",
        "-k a.cXX.npy",
        "-d a.eigenD.txt -u a.eigenU.txt",
    ] {
        run(&format!("lmm -bfile s -lmm 4 {files} -o file"));
        let mut piped = Vec::new();
        for word in files.split(' ') {
            if word.starts_with('-') {
                piped.push(word.to_owned());
                continue;
            }
            // Like a process substitution, but with a name that ends in .npy.
            let pipe = bench.path().join(format!("pipe.{word}"));
            make_fifo(&pipe);
            let content = std::fs::read(bench.path().join(word)).unwrap();
            std::thread::spawn(move || std::fs::write(pipe, content));
            piped.push(format!("pipe.{word}"));
        }
        let piped = piped.join(" ");
        let words = format!("lmm -bfile s -lmm 4 {piped} -o pipe -outdir .");
        let mut child = after(&bench, "true", &words)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        assert_eq!(ended(&mut child), Some(0), "{words}");
        let read = |name: &str| std::fs::read(bench.path().join(name)).unwrap();
        assert!(read("file.assoc.txt") == read("pipe.assoc.txt"), "{files}");
        for word in files.split(' ').filter(|word| !word.starts_with('-')) {
            std::fs::remove_file(bench.path().join(format!("pipe.{word}"))).unwrap();
        }
    }
}

#[test]
fn a_block_is_no_larger_than_the_file() {
    let bench = bench();
    for n in ["41", "100000000", "18446744073709551615"] {
        let words = format!("lmm -bfile s --memory 0.2 --block-snps {n}");
        jamma_in(bench.path(), &words).ok();
    }
}

#[test]
fn far_too_many_threads_are_capped_with_a_note() {
    let bench = bench();
    let most = 8.max(4 * std::thread::available_parallelism().unwrap().get());
    let threads = || {
        let log = std::fs::read_to_string(bench.path().join("output/result.log.txt")).unwrap();
        let count = log_value(&log, "  threads       ");
        (count, log.contains("threads are used instead of"))
    };
    let begun = Instant::now();
    jamma_in(bench.path(), "lmm -bfile s --threads 4096").ok();
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(threads(), (most.to_string(), true));
    for (variable, value, expected) in [
        ("OMP_NUM_THREADS", "3", ("3".to_owned(), false)),
        ("OMP_NUM_THREADS", "4,2", ("4".to_owned(), false)),
        ("SLURM_CPUS_PER_TASK", "3", ("3".to_owned(), false)),
        ("SLURM_CPUS_PER_TASK", "3000", (most.to_string(), true)),
    ] {
        let mut command = after(&bench, "true", "lmm -bfile s");
        command.env(variable, value);
        finished(&mut command).ok();
        assert_eq!(threads(), expected, "{variable}={value}");
    }
}
