//! PLINK files at URLs give the outputs of local files; servers that fail are errors.

mod server;

use super::common::{Run, finished, jamma_command, jamma_in, log_value};
use super::simulate::{Random, Study};
use server::{Fault, Server};
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// `jamma` in `directory`, without a proxy and without credentials of the environment.
fn command(directory: &Path, words: &str) -> Command {
    let mut command = jamma_command(directory);
    command
        .args(words.split_whitespace())
        .env("HOME", directory);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_lowercase();
        let is_of_cloud = ["aws_", "google_", "gce_", "azure_"];
        if text.ends_with("_proxy") || is_of_cloud.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command
}

fn run(directory: &Path, words: &str) -> Run {
    finished(&mut command(directory, words))
}

/// A study on two chromosomes, as `s` in a directory with a server.
fn served() -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    Study::simulate(5, 50, 300).write(folder.path(), "s");
    let bim = folder.path().join("s.bim");
    let text = std::fs::read_to_string(&bim).unwrap();
    let second = |(j, line): (usize, &str)| match line.strip_prefix('1') {
        Some(rest) if j >= 150 => format!("2{rest}\n"),
        _ => format!("{line}\n"),
    };
    let text: String = text.lines().enumerate().map(second).collect();
    std::fs::write(bim, text).unwrap();
    let server = Server::start(folder.path());
    (folder, server)
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join("output").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[cfg(feature = "cloud")]
#[test]
fn a_url_gives_the_bytes_of_the_local_files() {
    let (folder, server) = served();
    let path = folder.path();
    std::fs::write(
        path.join("keep.txt"),
        "F0 I1\nF1 I4\nF2 I9\nF3 I12\nF5 I20\nF6 I25\nF7 I30\nF8 I33\n",
    )
    .unwrap();
    std::fs::write(path.join("allele.txt"), "rs3 C\nrs200 C\n").unwrap();
    let urls = [
        format!("http://{}/some/dir/s", server.address),
        format!("file://{}/s", path.display()),
    ];
    for (words, outputs) in [
        ("gk", ["r.cXX.txt", "r.cXX.id"].as_slice()),
        ("lmm -lmm 4 --block-snps 7", &["r.assoc.txt"]),
        ("lmm --loco --loco-min-snps 1", &["r.assoc.txt"]),
        ("lmm --loco 2 --all-snps", &["r.assoc.txt"]),
        (
            "lmm --chr 2 --from-bp 20000 --sex-from fam",
            &["r.assoc.txt"],
        ),
        (
            "lmm --remove keep.txt --effect-allele allele.txt",
            &["r.assoc.txt"],
        ),
        ("eigen", &["r.eigenD.txt", "r.eigenU.txt", "r.eigenU.id"]),
    ] {
        run(path, &format!("{words} -bfile s -o r")).ok();
        let local: Vec<_> = outputs.iter().map(|name| bytes(path, name)).collect();
        for url in &urls {
            run(path, &format!("{words} --bfile {url} -o r")).ok();
            for (name, expected) in outputs.iter().zip(&local) {
                assert!(bytes(path, name) == *expected, "{words} {url}: {name}");
            }
            let log = String::from_utf8(bytes(path, "r.log.txt")).unwrap();
            assert!(
                log_value(&log, "Command Line Input").contains(url.as_str()),
                "{log}"
            );
            assert!(
                log.contains(&format!("column 5 of {url}.bim")) || words.contains("effect"),
                "{log}"
            );
        }
    }
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|one| one.line.starts_with("GET /some/dir/s.")),
        "{requests:?}"
    );
    assert!(
        requests.iter().all(|one| one.header("range").is_some()),
        "{requests:?}"
    );
}

/// PLINK files of 80 individuals and 300,000 SNPs, so that each of `.bed` and `.bim` takes several requests.
#[cfg(feature = "cloud")]
fn write_large(folder: &Path) {
    let (n, p) = (80, 300_000);
    let mut random = Random::new(9);
    let mut bed = vec![0x6c, 0x1b, 1];
    bed.extend((0..n / 4 * p).map(|_| random.below(256) as u8));
    let (mut bim, mut fam) = (String::new(), String::new());
    for j in 0..p {
        writeln!(bim, "1\trs{j}\t0\t{j}\tA\tC").unwrap();
    }
    for i in 0..n {
        writeln!(fam, "F I{i} 0 0 1 {}", random.normal()).unwrap();
    }
    std::fs::write(folder.join("large.bed"), bed).unwrap();
    std::fs::write(folder.join("large.bim"), bim).unwrap();
    std::fs::write(folder.join("large.fam"), fam).unwrap();
}

#[cfg(feature = "cloud")]
#[test]
fn large_files_take_several_requests_which_are_repeated_if_they_break_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_large(path);
    let server = Server::start(path);
    let url = format!("http://{}/large", server.address);
    let gk = "gk -miss 1 --block-snps 50000 -o r -bfile";
    run(path, &format!("{gk} large")).ok();
    let expected = bytes(path, "r.cXX.txt");
    for times in [0, 2] {
        let from = 4 << 20;
        server.set(Some(Fault::Cut {
            of: ".bed",
            from,
            times,
        }));
        run(path, &format!("{gk} {url}")).ok();
        assert!(bytes(path, "r.cXX.txt") == expected);
        let of = |name: &str| {
            let requests = server.requests();
            let of_file = requests.iter().filter(|one| one.line.contains(name));
            of_file
                .filter(|one| one.header("range") != Some("bytes=0-0"))
                .count()
        };
        // The first bytes of the .bed, and its two pieces.
        assert_eq!(of("large.bed"), 1 + 2 + times);
        assert_eq!(of("large.bim"), 2);
        assert_eq!(of("large.fam"), 1);
    }
    let of = ".bim";
    server.set(Some(Fault::Cut {
        of,
        from: 1,
        times: usize::MAX,
    }));
    let failed = run(path, &format!("gk -bfile {url} -o failed"));
    assert_failed(
        path,
        &failed,
        &[&format!("{url}.bim: the transfer broke off repeatedly")],
    );
}

/// Asserts that a run failed with one message that contains `parts`, and left no output.
fn assert_failed(folder: &Path, run: &Run, parts: &[&str]) {
    assert_eq!(run.status, 1, "{}", run.stderr);
    for part in parts {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
    let outputs = std::fs::read_dir(folder.join("output"));
    let outputs = outputs.into_iter().flatten().flatten();
    let mut names = outputs.map(|entry| entry.file_name().into_string().unwrap());
    assert!(!names.any(|name| name.contains("failed")));
}

#[cfg(feature = "cloud")]
#[test]
fn a_server_that_fails_is_one_error_with_the_url_and_a_remedy() {
    let (folder, server) = served();
    let path = folder.path();
    let url = format!("http://{}/s", server.address);
    let mut cases = Vec::new();
    for of in [".bed", ".bim", ".fam"] {
        let status = |status| Fault::Status { of, status };
        let modified = "the file was modified during the run";
        cases.extend([
            (of, status("404 Not Found"), "there is no such file"),
            (
                of,
                status("403 Forbidden"),
                "access is denied (403 Forbidden)",
            ),
            (
                of,
                status("401 Unauthorized"),
                "access is denied (401 Unauthorized)",
            ),
            (
                of,
                status("400 Bad Request"),
                "cannot read: client error with status 400 Bad Request",
            ),
            (
                of,
                Fault::NoRanges { of },
                "the server does not send parts of files",
            ),
            (
                of,
                Fault::Cut {
                    of,
                    from: 0,
                    times: usize::MAX,
                },
                "the transfer broke off repeatedly",
            ),
            (of, Fault::OtherTag { of, request: 2 }, modified),
            (of, Fault::OtherLength { of, request: 2 }, modified),
        ]);
    }
    let of = ".bed";
    cases.extend([
        // The first request is for the header, the second for the genotypes of the kinship.
        (
            of,
            Fault::OtherTag { of, request: 4 },
            "the file was modified during the run",
        ),
        (
            of,
            Fault::OtherLength { of, request: 1 },
            "3904 bytes, expected 3903",
        ),
    ]);
    for (extension, fault, what) in cases {
        server.set(Some(fault.clone()));
        let failed = run(path, &format!("lmm -bfile {url} -o failed"));
        let what = format!("{url}{extension}: {what}");
        assert_failed(path, &failed, &[&what, "hint:"]);
        assert!(!server.requests().is_empty(), "{fault:?}");
    }
    server.set(Some(Fault::NoTag { of }));
    run(path, &format!("lmm -bfile {url} -o r")).ok();
    let log = String::from_utf8(bytes(path, "r.log.txt")).unwrap();
    assert!(
        log.contains(&format!("{url}.bed: the server states neither an ETag")),
        "{log}"
    );
}

#[cfg(feature = "cloud")]
#[test]
fn damaged_files_at_a_url_have_the_errors_of_local_files() {
    let (folder, server) = served();
    let path = folder.path();
    let original =
        [".bed", ".bim", ".fam"].map(|of| std::fs::read(path.join(format!("s{of}"))).unwrap());
    for (which, damage) in [
        (0, b"".as_slice()),
        (0, b"PK\x03\x04"),
        (0, &original[0][..2000]),
        (1, b""),
        (1, b"1 rs0 0 1e5 A G\n"),
        (1, &original[1][..200]),
        (2, b""),
        (2, b"a b 0 0 1 1\na b 0 0 1 1\n"),
        (2, b"\x1f\x8b"),
    ] {
        let file = path.join(format!("s{}", [".bed", ".bim", ".fam"][which]));
        std::fs::write(&file, damage).unwrap();
        let local = run(path, "lmm -bfile s -o failed");
        let remote = run(
            path,
            &format!("lmm -bfile http://{}/s -o failed", server.address),
        );
        assert_failed(path, &local, &[]);
        let prefix = format!("http://{}/s.", server.address);
        assert_eq!(
            remote.stderr.replace(&prefix, "s."),
            local.stderr,
            "{damage:?}"
        );
        assert_eq!(remote.status, local.status);
        std::fs::write(&file, &original[which]).unwrap();
    }
    // Compressed text is read as from a local file.
    let compressed = super::outputs::gzip(&original[1]);
    std::fs::write(path.join("s.bim"), compressed).unwrap();
    run(path, &format!("gk -bfile http://{}/s -o r", server.address)).ok();
}

#[cfg(feature = "cloud")]
#[test]
fn a_host_that_does_not_answer_is_an_error_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failed = run(
        folder.path(),
        &format!("lmm -bfile http://{address}/s -o failed"),
    );
    let what = format!("http://{address}/s.bed: cannot connect to {address}: connection refused");
    assert_failed(folder.path(), &failed, &[&what, "hint: check the host"]);
}

#[test]
fn urls_that_cannot_be_read_are_rejected_without_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    for (words, what) in [
        (
            "-bfile https://me:secret@host/s",
            "-bfile: https://host/s: the URL contains a user name",
        ),
        (
            "--bfile=https://host/s?sig=secret",
            "-bfile: https://host/s: the URL has a query",
        ),
        (
            "-bfile ftp://me:secret@host/s",
            "-bfile: ftp://host/s: URLs with ftp:// are not read",
        ),
        ("-bfile https:/host/s", "only one slash"),
        (
            "-bfile s3://bucket//s",
            "-bfile: s3://bucket//s: a part of the path is empty",
        ),
        ("-bfile https://host/s.bed", "the name of one file"),
        (
            "-bfile s -k https://me:secret@host/k.txt",
            "-k: https://host/k.txt is a URL, which only -bfile reads",
        ),
        (
            "-bfile s -p s3://bucket/p.txt",
            "-p: s3://bucket/p.txt is a URL",
        ),
        (
            "-bfile s -c https://host/c.txt?secret",
            "-c: https://host/c.txt is a URL",
        ),
        (
            "--vcf gs://bucket/x.vcf",
            "--vcf: gs://bucket/x.vcf is a URL",
        ),
        ("--pfile https://host/s", "--pfile: https://host/s is a URL"),
        (
            "-bfile s -outdir s3://bucket/out",
            "-outdir: s3://bucket/out is a URL",
        ),
    ] {
        let rejected = jamma_in(folder.path(), &format!("lmm {words}"));
        assert_eq!(rejected.status, 2, "{words}: {}", rejected.stderr);
        assert!(
            rejected.stderr.contains(what),
            "{words}: {}",
            rejected.stderr
        );
        assert!(!rejected.stderr.contains("secret"), "{}", rejected.stderr);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(feature = "cloud")]
#[test]
fn the_log_shows_no_credentials_of_a_url() {
    let (folder, server) = served();
    let url = format!("http://{}/s", server.address);
    let words = format!(
        "gk -bfile https://me:secret@host/s --bfile=https://host/s?secret --bfile={url} -o r"
    );
    run(folder.path(), &words).ok();
    let log = String::from_utf8(bytes(folder.path(), "r.log.txt")).unwrap();
    assert!(!log.contains("secret"), "{log}");
    let command =
        format!("jamma gk -bfile https://host/s --bfile=https://host/s --bfile={url} -o r");
    assert_eq!(log_value(&log, "Command Line Input"), command);
}

#[cfg(feature = "cloud")]
#[test]
fn objects_of_s3_are_requested_with_the_credentials_of_the_environment() {
    let (folder, server) = served();
    let path = folder.path();
    run(path, "gk -bfile s -o r").ok();
    let expected = bytes(path, "r.cXX.txt");
    let endpoint = format!("http://{}", server.address);
    let s3 = || {
        let mut command = command(path, "gk -bfile s3://bucket/dir/s -o r");
        command
            .env("AWS_ENDPOINT", &endpoint)
            .env("AWS_ALLOW_HTTP", "true");
        // Nothing answers there, as outside of the cloud.
        command.env("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1");
        command
    };
    let mut signed = s3();
    signed
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret");
    let signed = finished(&mut signed).ok();
    assert!(bytes(path, "r.cXX.txt") == expected);
    for request in server.requests() {
        assert!(
            request.line.starts_with("GET /bucket/dir/s."),
            "{request:?}"
        );
        let signature = request.header("authorization").unwrap_or_default();
        assert!(signature.contains("Credential=key/"), "{request:?}");
    }
    let log = String::from_utf8(bytes(path, "r.log.txt")).unwrap();
    assert!(!(log + &signed.stderr + &signed.stdout).contains("secret"));
    server.set(None);
    finished(s3().env("AWS_SKIP_SIGNATURE", "true")).ok();
    assert!(bytes(path, "r.cXX.txt") == expected);
    assert!(
        server
            .requests()
            .iter()
            .all(|one| one.header("authorization").is_none())
    );
    let mut unreachable = s3();
    unreachable.env("AWS_ENDPOINT", "http://me:hidden@127.0.0.1:1");
    let unreachable = finished(&mut unreachable);
    assert_eq!(unreachable.status, 1);
    let what = "cannot connect to 127.0.0.1:1";
    assert!(unreachable.stderr.contains(what), "{}", unreachable.stderr);
    assert!(
        !unreachable.stderr.contains("hidden"),
        "{}",
        unreachable.stderr
    );
    std::fs::remove_dir_all(path.join("output")).unwrap();
    let without = finished(&mut s3());
    assert_eq!(without.status, 1);
    let what = "s3://bucket/dir/s.bed: there are no credentials for S3";
    assert!(without.stderr.contains(what), "{}", without.stderr);
    assert!(
        without.stderr.contains("AWS_SKIP_SIGNATURE=true"),
        "{}",
        without.stderr
    );
}

#[cfg(feature = "cloud")]
#[test]
fn objects_of_google_cloud_are_requested_at_the_server_of_the_service_account() {
    let (folder, server) = served();
    let path = folder.path();
    run(path, "gk -bfile s -o r").ok();
    let expected = bytes(path, "r.cXX.txt");
    let gs = || {
        let mut command = command(path, "gk -bfile gs://bucket/dir/s -o r");
        command.env("GCE_METADATA_HOST", "127.0.0.1:1");
        command
    };
    let account = format!(
        r#"{{"gcs_base_url": "http://{}", "disable_oauth": true, "client_email": "", "private_key": "", "private_key_id": ""}}"#,
        server.address
    );
    let mut given = gs();
    given
        .env("GOOGLE_SERVICE_ACCOUNT_KEY", account)
        .env("GOOGLE_ALLOW_HTTP", "true");
    finished(&mut given).ok();
    assert!(bytes(path, "r.cXX.txt") == expected);
    for request in server.requests() {
        assert!(request.line.starts_with("GET /bucket/dir"), "{request:?}");
    }
    std::fs::remove_dir_all(path.join("output")).unwrap();
    let without = finished(&mut gs());
    assert_eq!(without.status, 1);
    assert!(
        without
            .stderr
            .contains("there are no credentials for Google Cloud"),
        "{}",
        without.stderr
    );
}

#[cfg(not(feature = "cloud"))]
#[test]
fn a_build_without_urls_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let rejected = run(folder.path(), "lmm -bfile https://host/s");
    assert_eq!(rejected.status, 2);
    assert!(
        rejected
            .stderr
            .contains("https://host/s: this build of jamma does not read URLs")
    );
    assert!(
        rejected
            .stderr
            .contains("with the default features (cloud)")
    );
}

#[cfg(feature = "cloud")]
#[test]
fn parts_of_other_versions_of_a_file_at_a_url_are_refused() {
    let (folder, server) = served();
    let path = folder.path();
    let url = format!("http://{}/some/dir/s", server.address);
    for k in [1, 2] {
        run(path, &format!("gk -bfile {url} -o k --part {k}/2")).ok();
    }
    let merge = "gk --merge output/k.part-1-of-2.jammapart output/k.part-2-of-2.jammapart";
    run(path, merge).ok();
    // The address does not matter.
    let other = format!("http://{}/other/s", server.address);
    run(path, &format!("{merge} -bfile {other}")).ok();
    let of = ".bed";
    server.set(Some(Fault::OtherTag { of, request: 1 }));
    let failed = run(path, merge);
    assert_ne!(failed.status, 0);
    for text in ["input .bed was s.bed (", "ETag", "hint:"] {
        assert!(failed.stderr.contains(text), "{text}: {}", failed.stderr);
    }
}
