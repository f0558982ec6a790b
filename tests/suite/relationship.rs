//! Kinship matrices of other programs (`-k`): each format gives the results of the same matrix as `.npy`, whatever the
//! order of its rows, and damaged files are errors.

use super::common::{Run, command, finished, jamma_in};
use super::outputs::gzip;
use super::simulate::{Random, Study};
use std::path::Path;
use tempfile::TempDir;

const N: usize = 60;

/// A study, its kinship in the order of the genotypes, and a shuffled order with two individuals more.
struct Bench {
    folder: TempDir,
    /// The rows of the files: an individual of the study, or `N` and above for one of another study.
    order: Vec<usize>,
    ids: Vec<(String, String)>,
    k: Vec<Vec<f64>>,
}

/// One line for each row of a file.
fn lines(header: &str, line: impl Fn(usize) -> String) -> String {
    let lines: Vec<String> = (0..N + 2).map(|a| line(a) + "\n").collect();
    format!("{header}{}", lines.concat())
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut study = Study::simulate(91, N, 120);
        study.phenotype[7] = "NA".into();
        study.write(folder.path(), "s");
        jamma_in(folder.path(), "gk -bfile s -o own --format npy -outdir .").ok();
        let numbers = std::fs::read(folder.path().join("own.cXX.npy")).unwrap();
        let numbers = &numbers[numbers.len() - 8 * N * N..];
        let numbers: Vec<f64> = numbers
            .as_chunks()
            .0
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect();
        let mut ids = study.individuals;
        ids.extend([("X".into(), "x1".into()), ("X".into(), "x2".into())]);
        let mut k: Vec<Vec<f64>> = numbers.chunks(N).map(<[f64]>::to_vec).collect();
        k.iter_mut().for_each(|row| row.extend([0.25, -0.5]));
        for other in [0.25, -0.5] {
            let mut row = vec![other; N];
            row.extend([1.0, 1.0]);
            k.push(row);
        }
        Self {
            folder,
            order: Random::new(5).permutation(N + 2),
            ids,
            k,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    /// The entry of two rows of a file.
    fn entry(&self, a: usize, b: usize) -> f64 {
        self.k[self.order[a]][self.order[b]]
    }

    fn id(&self, a: usize) -> (&str, &str) {
        let (fid, iid) = &self.ids[self.order[a]];
        (fid, iid)
    }

    /// Ids as PLINK 1.9 and GCTA write them.
    fn id_lines(&self) -> String {
        lines("", |a| format!("{}\t{}", self.id(a).0, self.id(a).1))
    }

    /// Rows of text.
    fn rows(&self, shape: Shape, separator: &str) -> String {
        lines("", |a| self.row(a, shape, separator))
    }

    fn row(&self, a: usize, shape: Shape, separator: &str) -> String {
        let cells: Vec<String> = (shape.columns(a))
            .map(|b| match shape {
                Shape::Square0 if b > a => "0".to_owned(),
                _ => format!("{:e}", self.entry(a, b)),
            })
            .collect();
        cells.join(separator)
    }

    fn bytes(&self, shape: Shape, is_double: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        for a in 0..N + 2 {
            for b in shape.columns(a) {
                let value = if shape == Shape::Square0 && b > a {
                    0.0
                } else {
                    self.entry(a, b)
                };
                if is_double {
                    bytes.extend(value.to_le_bytes());
                } else {
                    bytes.extend((value as f32).to_le_bytes());
                }
            }
        }
        bytes
    }

    fn pairs(&self) -> String {
        lines("", |a| {
            let line = |b: usize| format!("{}\t{}\t9\t{:e}", a + 1, b + 1, self.entry(a, b));
            (0..=a).map(line).collect::<Vec<_>>().join("\n")
        })
    }

    fn lmm(&self, k: &str) -> Run {
        jamma_in(self.path(), &format!("lmm -bfile s -k {k} -o m -outdir ."))
    }

    fn results(&self) -> Vec<u8> {
        std::fs::read(self.path().join("m.assoc.txt")).unwrap()
    }

    /// The results with our own kinship.
    fn expected(&self) -> Vec<u8> {
        self.lmm("own.cXX.npy").ok();
        self.results()
    }

    #[track_caller]
    fn assert_rejected(&self, k: &str, parts: &[&str]) {
        let run = self.lmm(k);
        assert_ne!(run.status, 0, "{k}: {parts:?}");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        for part in parts {
            assert!(
                run.stderr.contains(part),
                "{part:?} is not in {}",
                run.stderr
            );
        }
    }

    /// Asserts that the run succeeds with the results `expected` and says all `parts`.
    #[track_caller]
    fn assert_reads(&self, k: &str, expected: &[u8], parts: &[&str]) {
        let run = self.lmm(k).ok();
        for part in parts {
            assert!(
                run.stderr.contains(part),
                "{part:?} is not in {}",
                run.stderr
            );
        }
        assert!(self.results() == expected, "{k}: other results");
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Square,
    Square0,
    Triangle,
}

impl Shape {
    fn columns(self, a: usize) -> std::ops::Range<usize> {
        match self {
            Self::Triangle => 0..a + 1,
            _ => 0..N + 2,
        }
    }
}

const SHAPES: [Shape; 3] = [Shape::Square, Shape::Square0, Shape::Triangle];

#[test]
fn relationships_of_plink_are_matched_by_id() {
    let bench = Bench::new();
    let expected = bench.expected();
    let with_header = lines("#FID\tIID\n", |a| {
        format!("{}\t{}", bench.id(a).0, bench.id(a).1)
    });
    let iids = lines("#IID\n", |a| bench.id(a).1.to_owned());
    let zeros = lines("", |a| format!("0\t{}", bench.id(a).1));
    let fids = "rows were matched by FID and IID with p.rel.id";
    let all = [
        (with_header, fids),
        (bench.id_lines(), fids),
        (iids, "no family ids; rows were matched by individual id"),
        (zeros, "no family ids; rows were matched by individual id"),
    ];
    for (ids, said) in &all {
        bench.write("p.rel.id", ids);
        for shape in SHAPES {
            bench.write("p.rel", bench.rows(shape, "\t"));
            bench.write("p.rel.gz", gzip(bench.rows(shape, "\t").as_bytes()));
            bench.write("p.rel.bin", bench.bytes(shape, true));
            let said = [
                "PLINK's relationship matrix",
                "62 individuals",
                "ignored 3 rows",
                said,
            ];
            for k in ["p.rel", "p.rel.gz", "p.rel.bin"] {
                bench.assert_reads(k, &expected, &said);
            }
        }
    }
    // Ids named after the whole file.
    std::fs::rename(
        bench.path().join("p.rel.id"),
        bench.path().join("p.rel.bin.id"),
    )
    .unwrap();
    bench.assert_reads("p.rel.bin", &expected, &["p.rel.bin.id"]);
}

/// Asserts that p-values are the same to within single precision.
#[track_caller]
fn assert_near(found: &[u8], expected: &[u8]) {
    let cells = |table: &[u8]| -> Vec<f64> {
        let text = String::from_utf8(table.to_vec()).unwrap();
        let last = |line: &str| line.rsplit('\t').next().unwrap().parse().unwrap();
        text.lines().skip(1).map(last).collect()
    };
    let (found, expected) = (cells(found), cells(expected));
    assert_eq!(found.len(), expected.len());
    for (x, y) in found.iter().zip(&expected) {
        assert!((x - y).abs() < 1e-4, "{x} {y}");
    }
}

#[test]
fn single_precision_and_gcta_are_matched_by_id() {
    let bench = Bench::new();
    let expected = bench.expected();
    bench.write("g.grm.id", bench.id_lines());
    bench.write("g.grm.bin", bench.bytes(Shape::Triangle, false));
    bench.lmm("g.grm.bin").ok();
    let in_single = bench.results();
    assert_near(&in_single, &expected);
    for k in ["g", "g.grm"] {
        let said = ["g.grm.bin: GCTA's relationship matrix in single precision, of 62"];
        bench.assert_reads(k, &in_single, &said);
    }
    bench.write("p.rel.id", bench.id_lines());
    for shape in SHAPES {
        bench.write("p.rel.bin", bench.bytes(shape, false));
        bench.assert_reads("p.rel.bin", &in_single, &["in single precision"]);
    }
    // Text has all digits.
    bench.write("t.grm.id", bench.id_lines());
    bench.write("t.grm.gz", gzip(bench.pairs().as_bytes()));
    bench.assert_reads("t", &expected, &["t.grm.gz: GCTA's relationships as text"]);
    bench.write("t.grm", bench.pairs());
    bench.assert_reads("t.grm", &expected, &["t.grm: GCTA's relationships as text"]);
}

#[test]
fn text_with_names_is_matched_by_name() {
    let bench = Bench::new();
    let expected = bench.expected();
    let names = |separator: &str, name: &dyn Fn(usize) -> String| {
        let names: Vec<String> = (0..N + 2).map(name).collect();
        names.join(separator)
    };
    let iid = |a: usize| bench.id(a).1.to_owned();
    let quoted = |a: usize| format!("\"{}\"", bench.id(a).1);
    let joined = |joint: &'static str| {
        let bench = &bench;
        move |a: usize| format!("{}{joint}{}", bench.id(a).0, bench.id(a).1)
    };
    let table = |header: String, separator: &str, name: &dyn Fn(usize) -> String| {
        lines(&header, |a| {
            let numbers = bench.row(a, Shape::Square, separator);
            format!("{}{separator}{numbers}", name(a))
        })
    };
    let r = table(names(" ", &quoted) + "\n", " ", &quoted);
    let csv = table(format!("\"\",{}\n", names(",", &quoted)), ",", &quoted);
    let pandas = table(format!("\t{}\n", names("\t", &iid)), "\t", &iid);
    let tassel = table(format!("##Matrix_Name=K\n##x=1\n{}\n", N + 2), "\t", &iid);
    let header_only = format!("{}\n{}", names(",", &iid), bench.rows(Shape::Square, ","));
    let underscore = table(
        format!("IID,{}\n", names(",", &joined("_"))),
        ",",
        &joined("_"),
    );
    let colon = table(String::new(), "\t", &joined(":"));
    for (text, said) in [
        (&r, "their names, which are IIDs"),
        (&csv, "62 individuals"),
        (&pandas, "ignored 3 rows"),
        (&tassel, "a text matrix with names"),
        (&header_only, "a text matrix with names"),
        (&underscore, "their names, which are FID_IID"),
        (&colon, "their names, which are FID:IID"),
    ] {
        bench.write("k.txt", text);
        bench.assert_reads("k.txt", &expected, &[said]);
    }
    bench.write("k.csv.gz", gzip(csv.as_bytes()));
    bench.assert_reads("k.csv.gz", &expected, &["a text matrix with names"]);

    // A row that another name has, a name twice, a value that is missing, and an entry that differs.
    let first = bench.id(3).1;
    bench.write(
        "k.csv",
        csv.replacen(&format!("\n\"{first}\","), "\n\"zz\",", 1),
    );
    bench.assert_rejected(
        "k.csv",
        &["k.csv:5: the row is named \"zz\", but no column is"],
    );
    let absent = csv.replace(&format!("\"{first}\""), "\"zz\"");
    bench.write("k.csv", &absent);
    bench.assert_rejected(
        "k.csv",
        &[
            "k.csv lacks 1 of 59 analysed individuals, the first is",
            first,
        ],
    );
    let second = bench.id(4).1;
    bench.write(
        "k.csv",
        csv.replace(&format!("\"{second}\""), &format!("\"{first}\"")),
    );
    bench.assert_rejected("k.csv", &["k.csv:1: columns 5 and 6 have the same name"]);
    let twice = tassel.replace(&format!("\n{second}\t"), &format!("\n{first}\t"));
    bench.write("k.txt", &twice);
    bench.assert_rejected(
        "k.txt",
        &[&format!(
            "k.txt:8: duplicate individual {first}, first on line 7"
        )],
    );
}

#[test]
fn emmax_is_read_in_the_order_of_the_genotypes() {
    let bench = Bench::new();
    let expected = bench.expected();
    let rows: Vec<String> = (bench.k[..N].iter())
        .map(|row| {
            row[..N]
                .iter()
                .map(|x| format!("{x:e}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    bench.write("e.hBN.kinf", rows.join("\n"));
    bench.assert_reads("e.hBN.kinf", &expected, &["EMMAX's kinship, without ids"]);
    bench.write("e.kinf", rows[1..].join("\n"));
    bench.assert_rejected("e.kinf", &["expected 60"]);
}

#[test]
fn damaged_matrices_are_errors_that_name_the_file() {
    let bench = Bench::new();
    let (ids, bytes) = (bench.id_lines(), bench.bytes(Shape::Square, true));
    let write = |ids: &str, bytes: &[u8]| {
        bench.write("p.rel.id", ids);
        bench.write("p.rel.bin", bytes);
    };
    bench.write("p.rel.bin", &bytes);
    bench.assert_rejected("p.rel.bin", &["p.rel.bin: there is no p.rel.id next to it"]);
    for length in [0, 1, bytes.len() - 8, bytes.len() - 1] {
        write(&ids, &bytes[..length]);
        bench.assert_rejected(
            "p.rel.bin",
            &["p.rel.bin", "62 individuals", "30752 (square, f64)"],
        );
    }
    write(&ids, &[&bytes[..], &[0]].concat());
    bench.assert_rejected("p.rel.bin", &["the file has 30753 bytes"]);
    let (_, fewer) = ids.split_once('\n').unwrap();
    write(fewer, &bytes);
    bench.assert_rejected(
        "p.rel.bin",
        &["61 individuals", "the size for 62 individuals"],
    );
    let first = ids.lines().next().unwrap();
    write(&format!("{fewer}{}\n", ids.lines().nth(1).unwrap()), &bytes);
    bench.assert_rejected(
        "p.rel.bin",
        &["p.rel.id:62: duplicate individual", "first on line 1"],
    );
    write(&ids.replacen(first, "other one", 1), &bytes);
    bench.assert_rejected(
        "p.rel.bin",
        &["p.rel.id lacks 1 of 59 analysed individuals"],
    );

    let analysed: Vec<usize> = (0..N + 2)
        .filter(|&a| bench.order[a] < N && bench.order[a] != 7)
        .collect();
    let [a, b] = [analysed[2], analysed[5]];
    let with = |value: f64, number: usize| {
        let mut bytes = bytes.clone();
        bytes[8 * number..][..8].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let names = [bench.id(a).1, bench.id(b).1];
    write(&ids, &with(f64::NAN, a * (N + 2) + b));
    bench.assert_rejected(
        "p.rel.bin",
        &["the entry of", "is \"NaN\"", names[0], names[1]],
    );
    write(&ids, &with(bench.entry(a, b) + 0.1, a * (N + 2) + b));
    bench.assert_rejected("p.rel.bin", &["not symmetric", names[0], names[1]]);
    // Rows that are not analysed need not be finite.
    let unused = (0..N + 2).find(|&a| bench.order[a] == 7).unwrap();
    write(&ids, &with(f64::NAN, unused * (N + 2) + b));
    bench.lmm("p.rel.bin").ok();

    bench.write("g.grm.id", &ids);
    let triangle = bench.bytes(Shape::Triangle, false);
    bench.write("g.grm.bin", &triangle[..triangle.len() - 1]);
    bench.assert_rejected(
        "g",
        &["g.grm.bin: the file has 7811 bytes", "7812 (triangle, f32)"],
    );
    let pairs = bench.pairs();
    let short = pairs.trim_end().rsplit_once('\n').unwrap().0;
    bench.write("g.grm.gz", gzip(short.as_bytes()));
    bench.assert_rejected("g.grm.gz", &["g.grm.gz"]);
    bench.write("g.grm.gz", &gzip(pairs.as_bytes())[..1000]);
    bench.assert_rejected("g.grm.gz", &["g.grm.gz", "gzip data end early"]);

    bench.write(
        "p.rel",
        bench.rows(Shape::Triangle, "\t").replacen('\n', "\t1\n", 1),
    );
    bench.assert_rejected(
        "p.rel",
        &["p.rel:1: row 1 has 2 columns, expected 62 (square) or 1"],
    );
    for (name, said) in [
        ("p.king", "KING kinship coefficients"),
        ("p.king.bin", "plink2 --make-rel"),
        ("g.grm.N.bin", "numbers of SNPs"),
        ("g.grm.id", "ids of a matrix"),
    ] {
        bench.write(name, "x");
        bench.assert_rejected(name, &[said]);
    }
}

#[test]
fn the_ids_of_a_relationship_matrix_are_not_overwritten() {
    let bench = Bench::new();
    bench.write("p.rel.bin", bench.bytes(Shape::Square, true));
    bench.write("p.rel.id", bench.id_lines());
    std::fs::hard_link(
        bench.path().join("p.rel.id"),
        bench.path().join("m.assoc.txt"),
    )
    .unwrap();
    bench.assert_rejected("p.rel.bin", &["would overwrite this file", "p.rel.id"]);
}

#[expect(clippy::print_stderr, reason = "a skipped test is said")]
/// Whether a program is installed; otherwise the caller skips its test.
fn is_installed(program: &str) -> bool {
    let found = std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok();
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

#[test]
fn what_plink_writes_is_read() {
    for program in ["plink2", "plink1.9"] {
        if !is_installed(program) {
            continue;
        }
        let bench = Bench::new();
        let run = |words: &str| {
            let words = format!("--threads 1 --bfile s {words}");
            finished(command(program, bench.path()).args(words.split(' '))).ok();
        };
        let modes = [
            ("square bin", "rel.bin"),
            ("square0 bin", "rel.bin"),
            ("triangle bin", "rel.bin"),
            ("square bin4", "rel.bin"),
            ("triangle bin4", "rel.bin"),
            ("square", "rel"),
            ("square0", "rel"),
            ("triangle", "rel"),
        ];
        let mut expected = Vec::new();
        for (mode, ending) in modes {
            let out = mode.replace(' ', "_");
            run(&format!("--make-rel {mode} --out {out}"));
            let said = bench.lmm(&format!("{out}.{ending}")).ok().stderr;
            assert!(said.contains("matched by FID and IID"), "{said}");
            if expected.is_empty() {
                expected = bench.results();
            }
            if mode.ends_with("bin") {
                assert!(bench.results() == expected, "{program} {mode}");
            }
            assert_near(&bench.results(), &expected);
        }
        let list = if program == "plink2" {
            "--make-grm-list"
        } else {
            "--make-grm-gz"
        };
        for (option, out) in [("--make-grm-bin", "g"), (list, "l")] {
            run(&format!("{option} --out {out}"));
            let k = if program == "plink2" && out == "l" {
                "l.grm"
            } else {
                out
            };
            bench.lmm(k).ok();
            assert_near(&bench.results(), &expected);
        }
    }
}
