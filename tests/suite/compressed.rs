//! `--gz`: the same text in gzip blocks, complete or absent, and read again.

use super::common::jamma_in;
use super::simulate::Study;
use flate2::read::MultiGzDecoder;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn bench() -> TempDir {
    let bench = tempfile::tempdir().unwrap();
    Study::simulate(71, 150, 1200).write(bench.path(), "s");
    bench
}

fn bytes(bench: &TempDir, name: &str) -> Vec<u8> {
    let path = bench.path().join("output").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

/// The empty block that ends a BGZF file, by its specification.
const END: &[u8] =
    b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0\x42\x43\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0";

#[test]
fn compressed_outputs_hold_the_bytes_of_the_plain_ones_for_any_threads() {
    let bench = bench();
    for (words, names) in [
        ("lmm -bfile s -lmm 4 --save-kinship", "assoc cXX"),
        ("eigen -bfile s", "eigenD eigenU"),
        ("-bfile s -lmm 5", "residU residE"),
    ] {
        jamma_in(bench.path(), words).ok();
        let mut first: Vec<Vec<u8>> = Vec::new();
        for threads in [1, 2, 5] {
            jamma_in(bench.path(), &format!("{words} --gz --threads {threads}")).ok();
            for (k, name) in names.split(' ').enumerate() {
                let packed = bytes(&bench, &format!("result.{name}.txt.gz"));
                assert!(packed.starts_with(&END[..16]) && packed.ends_with(END));
                let plain = bytes(&bench, &format!("result.{name}.txt"));
                assert!(decompressed(&packed) == plain, "{name}, {threads} threads");
                match first.get(k) {
                    None => first.push(packed),
                    Some(first) => assert!(*first == packed, "{name}, {threads} threads"),
                }
            }
        }
    }
    let plain = bytes(&bench, "result.assoc.txt").len();
    assert!(
        plain > 2 * 0xff00,
        "several blocks are compared: {plain} bytes"
    );
    assert!(bytes(&bench, "result.assoc.txt.gz").len() < plain / 2);
}

#[test]
fn compressed_matrices_are_read_again() {
    let bench = bench();
    let assoc = |words: &str| {
        jamma_in(bench.path(), &format!("lmm -bfile s -lmm 4 -o m {words}")).ok();
        bytes(&bench, "m.assoc.txt")
    };
    jamma_in(bench.path(), "gk -bfile s -o plain").ok();
    jamma_in(bench.path(), "gk -bfile s -o packed --gz").ok();
    jamma_in(bench.path(), "eigen -bfile s -o packed --gz").ok();
    jamma_in(bench.path(), "eigen -bfile s -o plain").ok();
    let of_kinship = assoc("-k output/plain.cXX.txt");
    assert!(assoc("-k output/packed.cXX.txt.gz") == of_kinship);
    let log = String::from_utf8(bytes(&bench, "m.log.txt")).unwrap();
    assert!(!log.contains("no ids next to it"), "{log}");
    let of_eigen = assoc("-d output/plain.eigenD.txt -u output/plain.eigenU.txt");
    assert!(assoc("-d output/packed.eigenD.txt.gz -u output/packed.eigenU.txt.gz") == of_eigen);
}

#[test]
fn a_truncated_file_is_an_error() {
    let bench = bench();
    jamma_in(bench.path(), "gk -bfile s -o k --gz").ok();
    let whole = bytes(&bench, "k.cXX.txt.gz");
    // Within a block, within its header, within its trailer.
    let second = usize::from(u16::from_le_bytes([whole[16], whole[17]])) + 1;
    for length in [second / 2, second + 5, second - 3] {
        std::fs::write(bench.path().join("cut.txt.gz"), &whole[..length]).unwrap();
        let run = jamma_in(bench.path(), "lmm -bfile s -k cut.txt.gz -o m");
        assert_eq!(run.status, 1);
        let said = "error: cut.txt.gz: the gzip data end early";
        assert!(run.stderr.contains(said), "{length}: {}", run.stderr);
    }
    // Truncated between two blocks, the file lacks rows.
    std::fs::write(bench.path().join("cut.txt.gz"), &whole[..second]).unwrap();
    let run = jamma_in(bench.path(), "lmm -bfile s -k cut.txt.gz -o m");
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("error: cut.txt.gz"), "{}", run.stderr);
    assert!(!bench.path().join("output/m.assoc.txt").exists());
}

/// Runs `jamma` with a limit of `blocks` of 1024 bytes on the size of files; the signal of that limit is ignored.
fn cramped(directory: &Path, blocks: u32, words: &str) -> (i32, String) {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {words}");
    let output = Command::new("bash")
        .args(["-c", &script, env!("CARGO_BIN_EXE_jamma")])
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or(-1), said)
}

#[test]
fn a_write_error_in_the_background_is_an_error_and_leaves_no_file() {
    let bench = bench();
    for (words, name) in [
        ("lmm -bfile s -lmm 4 --block-snps 100 -o m", "m.assoc.txt"),
        ("lmm -bfile s -lmm 4 -o m --gz", "m.assoc.txt.gz"),
        ("gk -bfile s -o m", "m.cXX.txt"),
        ("gk -bfile s -o m --format npy", "m.cXX.npy"),
        ("gk -bfile s -o m --gz", "m.cXX.txt.gz"),
    ] {
        let (status, said) = cramped(bench.path(), 16, words);
        assert_eq!(status, 1, "{words}: {said}");
        assert!(
            said.contains(&format!("{name}: cannot write: file too large")),
            "{words}: {said}"
        );
        let n_left = std::fs::read_dir(bench.path().join("output"))
            .unwrap()
            .count();
        assert_eq!(n_left, 0, "{words}");
    }
}
