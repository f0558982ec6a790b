//! Comparison with GEMMA, if it is installed, and with published results, if the data are available.
//!
//! The data are expected in `../shared/data`, relative to the repository, or in `$JAMMA_SHARED/data`. If `gemma` or the
//! data are missing, a test prints a message and passes.
#![allow(clippy::print_stdout, reason = "tables to read with --nocapture")]

use crate::common::{Table, data, jamma, jamma_in, log_value, root};
use crate::golden::assoc::{Comparison, Range, compare};
use crate::golden::log;
use crate::golden::tolerances::Tolerances;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RANGE: Range = Range {
    min: 1e-5,
    max: 1e5,
};

/// A fresh folder for one test's outputs.
pub fn output_folder(test: &str) -> PathBuf {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("live")
        .join(test);
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out).expect("a folder for outputs");
    out
}

/// Whether `gemma` can be started; prints a message if not.
pub fn has_gemma() -> bool {
    let found = Command::new("gemma")
        .arg("-h")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        println!("skipped: no gemma on PATH");
    }
    found
}

/// Runs GEMMA 0.98.5 in `directory`.
pub fn gemma_in(directory: &Path, words: &str) {
    let output = Command::new("gemma")
        .args(words.split_whitespace())
        .current_dir(directory)
        .output()
        .expect("gemma starts");
    assert!(
        output.status.success(),
        "gemma {words}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `../shared/data/NAME`, if it exists; prints a message if not.
pub fn shared(name: &str) -> Option<PathBuf> {
    let shared =
        std::env::var_os("JAMMA_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = shared.join("data").join(name);
    if !path.is_dir() {
        println!("skipped: no {name} data; set JAMMA_SHARED to the folder that holds data/{name}");
        return None;
    }
    Some(path)
}

/// Asserts that two runs of the same SNPs agree within the reference tolerances, and that nearly all cells are equal.
pub fn assert_alike(name: &str, ours: &Path, theirs: &Path) -> Comparison {
    let tolerances = Tolerances::read();
    let found = compare(
        name,
        &Table::read(ours),
        &Table::read(theirs),
        RANGE,
        &tolerances,
    );
    print!("{}", found.lines(name));
    let total = found.total();
    println!(
        "{name}: cells compared {}, equal {}",
        total.cells, total.equal
    );
    found.assert_within();
    assert!(
        total.plain_equal as f64 >= tolerances.fraction_of_equal_cells * total.plain_cells as f64,
        "{name}"
    );
    found
}

/// Asserts that two logs have the same counts and null model.
pub fn assert_same_log(name: &str, ours: &Path, theirs: &Path) {
    let [ours, theirs] = [ours, theirs].map(|path| std::fs::read_to_string(path).expect("a log"));
    log::assert_same_counts(name, &ours, &theirs);
    let (_, differences) = log::null_differences(name, &ours, &theirs, &Tolerances::read());
    assert!(
        differences
            .iter()
            .all(|difference| difference.starts_with(' ')),
        "{}",
        differences.join("\n")
    );
}

#[test]
fn kinships_of_either_program_can_be_used_by_the_other() {
    if !has_gemma() {
        return;
    }
    for dataset in ["demo", "missing"] {
        let out = output_folder(&format!("kinship_{dataset}"));
        let to = format!("-outdir {} -silence", out.display());
        gemma_in(&data(""), &format!("-bfile {dataset} -gk 1 -o gemma {to}"));
        jamma(&format!("-bfile {dataset} -gk 1 -o jamma {to}")).ok();
        for kinship in ["gemma", "jamma"] {
            let k = out.join(format!("{kinship}.cXX.txt"));
            let lmm = format!("-bfile {dataset} -k {} -lmm 4 {to}", k.display());
            gemma_in(&data(""), &format!("{lmm} -o gemma_on_{kinship}"));
            jamma(&format!("{lmm} -o jamma_on_{kinship}")).ok();
        }
        let file = |program: &str, kinship: &str, ending| {
            out.join(format!("{program}_on_{kinship}.{ending}"))
        };
        for kinship in ["gemma", "jamma"] {
            let [ours, theirs] =
                ["jamma", "gemma"].map(|program| file(program, kinship, "assoc.txt"));
            assert_alike(&format!("{dataset} {kinship}"), &ours, &theirs);
            let [ours, theirs] =
                ["jamma", "gemma"].map(|program| file(program, kinship, "log.txt"));
            assert_same_log(dataset, &ours, &theirs);
        }
        // Both steps by jamma give the same results as both steps by GEMMA.
        let [ours, theirs] =
            [("jamma", "jamma"), ("gemma", "gemma")].map(|(p, k)| file(p, k, "assoc.txt"));
        assert_alike(&format!("{dataset} chain"), &ours, &theirs);
    }
}

#[test]
fn decompositions_of_either_program_can_be_used_by_the_other() {
    if !has_gemma() {
        return;
    }
    let out = output_folder("eigen");
    let to = format!("-outdir {} -silence", out.display());
    let eigen = format!("-bfile missing -k ../gemma/missing/gk1.cXX.txt -eigen {to}");
    gemma_in(&data(""), &format!("{eigen} -o gemma"));
    jamma(&format!("{eigen} -o jamma")).ok();
    for stem in ["gemma", "jamma"] {
        let from = out.join(stem);
        let lmm = format!(
            "-bfile missing -d {0}.eigenD.txt -u {0}.eigenU.txt -lmm 4 {to}",
            from.display()
        );
        jamma(&format!("{lmm} -o jamma_on_{stem}")).ok();
        gemma_in(&data(""), &format!("{lmm} -o gemma_on_{stem}"));
        let [ours, theirs] =
            ["jamma", "gemma"].map(|program| out.join(format!("{program}_on_{stem}.assoc.txt")));
        assert_alike(&format!("eigen by {stem}"), &ours, &theirs);
        // The files have ten digits of U, so the statistics agree with those of a -k run, but not their text.
        let stored = Table::read(&root().join("reference/gemma/missing/lmm4.assoc.txt"));
        compare(
            "-d -u against -k",
            &Table::read(&ours),
            &stored,
            RANGE,
            &Tolerances::read(),
        )
        .assert_within();
    }
}

/// The row of a SNP, statistics only, from af on.
fn row(table: &Table, rs: &str) -> String {
    let row = table
        .rows
        .iter()
        .find(|row| row[1] == rs)
        .unwrap_or_else(|| panic!("no SNP {rs}"));
    row[6..].join(" ")
}

#[test]
fn mouse_hs1940_prints_the_published_numbers() {
    let Some(mouse) = shared("mouse") else { return };
    let out = output_folder("mouse");
    let to = format!("-bfile mouse_hs1940 -outdir {} -silence", out.display());

    jamma_in(&mouse, &format!("-gk 1 -o gk {to}")).ok();
    let kinship = std::fs::read_to_string(out.join("gk.cXX.txt")).expect("a kinship");
    assert!(
        kinship.starts_with("0.3371669127\t-0.02132759282\t0.01087202199\t"),
        "{}",
        &kinship[..60]
    );
    let k = out.join("gk.cXX.txt");
    let text =
        |name: &str| std::fs::read_to_string(out.join(format!("{name}.log.txt"))).expect("a log");
    for (label, value) in [
        ("number of total individuals", "1940"),
        ("number of analyzed individuals", "1410"),
        ("number of covariates", "1"),
        ("number of total SNPs/var", "10300"),
        ("number of analyzed SNPs/var", "9100"),
    ] {
        assert_eq!(log_value(&text("gk"), label), value, "{label}");
    }

    jamma_in(&mouse, &format!("-k {} -lmm 4 -o lmm4 {to}", k.display())).ok();
    for (label, value) in [
        ("number of analyzed SNPs/var", "9100"),
        ("REMLE log-likelihood in the null model", "-1592.04"),
        ("MLE log-likelihood in the null model", "-1592.43"),
        ("pve estimate in the null model", "0.606719"),
        ("se(pve) in the null model", "0.0333114"),
        ("vg estimate in the null model", "1.48225"),
        ("ve estimate in the null model", "0.346117"),
        ("se(beta)", "0.0156676"),
    ] {
        assert_eq!(log_value(&text("lmm4"), label), value, "{label}");
    }
    let table = Table::read(&out.join("lmm4.assoc.txt"));
    assert_eq!(table.rows.len(), 9100);
    assert_eq!(
        row(&table, "rs3683945"),
        "0.443 -8.104123e-02 6.474045e-02 -1.591648e+03 4.273128e+00 4.266719e+00 2.108555e-01 2.106154e-01 2.112577e-01"
    );

    jamma_in(&mouse, &format!("-k {} -lmm 1 -o lmm1 {to}", k.display())).ok();
    assert_eq!(
        row(&Table::read(&out.join("lmm1.assoc.txt")), "rs3683945"),
        "0.443 -8.104123e-02 6.474045e-02 -1.589828e+03 4.273128e+00 2.108555e-01"
    );

    if has_gemma() {
        gemma_in(&mouse, &format!("-k {} -lmm 4 -o gemma {to}", k.display()));
        let found = assert_alike(
            "mouse",
            &out.join("lmm4.assoc.txt"),
            &out.join("gemma.assoc.txt"),
        );
        assert_eq!(found.total().cells, 9100 * 8);
        assert_same_log(
            "mouse",
            &out.join("lmm4.log.txt"),
            &out.join("gemma.log.txt"),
        );
    }
}

#[test]
fn another_phenotype_keeps_other_snps_of_mouse_hs1940_and_all_individuals_in_the_kinship() {
    let Some(mouse) = shared("mouse") else { return };
    let out = output_folder("mouse_n2");
    jamma_in(
        &mouse,
        &format!(
            "-bfile mouse_hs1940 -gk 1 -n 2 -o gk -outdir {} -silence",
            out.display()
        ),
    )
    .ok();
    let log = std::fs::read_to_string(out.join("gk.log.txt")).expect("a log");
    let kinship = std::fs::read_to_string(out.join("gk.cXX.txt")).expect("a kinship");
    assert!(
        kinship.lines().count() == 1940
            && kinship.lines().all(|line| line.split('\t').count() == 1940)
    );
    let count = |label| log_value(&log, label).parse::<usize>().expect("a count");
    let (analysed, snps) = (
        count("number of analyzed individuals"),
        count("number of analyzed SNPs/var"),
    );
    println!("mouse phenotype 2: {analysed} individuals analysed, {snps} SNPs kept");
    assert_eq!((analysed, snps), MOUSE_PHENOTYPE_2);
}

/// Individuals and SNPs that GEMMA 0.98.5 analyses with `-n 2`.
const MOUSE_PHENOTYPE_2: (usize, usize) = (757, 9107);

/// The BXD lines of GEMMA's example, whose dosages include halves.
struct Bxd {
    /// Id, two alleles and a dosage of the first allele per individual.
    snps: Vec<(String, [String; 2], Vec<f64>)>,
}

impl Bxd {
    fn read(folder: &Path) -> Self {
        let packed = std::fs::File::open(folder.join("BXD_geno.txt.gz")).expect("genotypes");
        let text =
            std::io::read_to_string(flate2::read::GzDecoder::new(packed)).expect("compressed text");
        let snp = |line: &str| {
            let mut words = line
                .split(',')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty());
            let mut next = || words.next().expect("a word");
            let (id, alleles) = (next(), [next(), next()]);
            (
                id,
                alleles,
                words.map(|word| word.parse().expect("a dosage")).collect(),
            )
        };
        Self {
            snps: text.lines().map(snp).collect(),
        }
    }

    /// Writes PLINK files to `out`. They contain integer calls only: a dosage of 0.5 becomes 0.
    fn write_plink(&self, out: &Path, phenotypes: &str) {
        let (mut bim, mut bed) = (String::new(), vec![0x6c, 0x1b, 0x01]);
        for (snp_index, (id, [first, second], dosages)) in (1..).zip(&self.snps) {
            writeln!(bim, "1\t{id}\t0\t{snp_index}\t{first}\t{second}")
                .expect("writing to a string");
            // Two bits per individual, the first in the lowest: 00 two copies of the first allele, 10 one, 11 none.
            let code = |dosage: f64| {
                if dosage < 1.0 {
                    0b11
                } else if dosage < 2.0 {
                    0b10
                } else {
                    0b00_u8
                }
            };
            let byte = |four: &[f64]| {
                (0..)
                    .zip(four)
                    .map(|(i, &dosage)| code(dosage) << (2 * i))
                    .sum::<u8>()
            };
            bed.extend(dosages.chunks(4).map(byte));
        }
        let fam: Vec<String> = (1..)
            .zip(phenotypes.split_whitespace())
            .map(|(i, y)| format!("{i} {i} 0 0 0 {y}\n"))
            .collect();
        assert_eq!(
            fam.len(),
            self.snps[0].2.len(),
            "a phenotype for every individual"
        );
        for (ending, bytes) in [
            ("bed", bed),
            ("bim", bim.into_bytes()),
            ("fam", fam.concat().into_bytes()),
        ] {
            std::fs::write(out.join(format!("bxd.{ending}")), bytes).expect("a file");
        }
    }

    /// The kinship of `-gk 1` from the original dosages, including halves, over the SNPs that `keep` selects; ten digits.
    fn kinship(&self, keep: impl Fn(&str) -> bool) -> String {
        let n = self.snps[0].2.len();
        let (mut sum, mut n_snps) = (vec![vec![0.0; n]; n], 0.0);
        for (_, _, dosages) in self.snps.iter().filter(|snp| keep(&snp.0)) {
            let mean = dosages.iter().sum::<f64>() / n as f64;
            let z: Vec<f64> = dosages.iter().map(|g| g - mean).collect();
            sum.iter_mut()
                .zip(&z)
                .for_each(|(row, a)| row.iter_mut().zip(&z).for_each(|(sum, b)| *sum += a * b));
            n_snps += 1.0;
        }
        let line = |row: &Vec<f64>| {
            let cells: Vec<String> = row
                .iter()
                .map(|sum| format!("{:.9e}", sum / n_snps))
                .collect();
            cells.join("\t") + "\n"
        };
        sum.iter().map(line).collect()
    }
}

#[test]
fn bxd_snps_on_which_gemma_fails_have_valid_statistics() {
    let Some(folder) = shared("bxd") else { return };
    let out = output_folder("bxd");
    let bxd = Bxd::read(&folder);
    bxd.write_plink(
        &out,
        &std::fs::read_to_string(folder.join("BXD_pheno.txt")).expect("phenotypes"),
    );
    std::fs::copy(
        folder.join("BXD_covariates2.txt"),
        out.join("covariates.txt"),
    )
    .expect("covariates");
    let options = "-bfile bxd -maf 0.1 -c covariates.txt -outdir . -silence";
    jamma_in(&out, &format!("{options} -lmm 3 -o kept")).ok();
    // The kinship of the original dosages begins with the entries that GEMMA published.
    let kept = Table::read(&out.join("kept.assoc.txt")).texts("rs");
    assert_eq!(kept.len(), 7317);
    let kinship = bxd.kinship(|id| kept.iter().any(|kept| kept == id));
    assert!(
        kinship.starts_with("2.429741339e-1\t-2.276684838e-2\t2.701206692e-2\t"),
        "{}",
        &kinship[..60]
    );
    std::fs::write(out.join("k.txt"), kinship).expect("a kinship");

    jamma_in(&out, &format!("{options} -k k.txt -lmm 1 -o jamma")).ok();
    let ours = Table::read(&out.join("jamma.assoc.txt"));
    assert_eq!(ours.rows.len(), 7317);
    for row in &ours.rows {
        assert!(
            row[7..]
                .iter()
                .all(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite)),
            "{row:?}"
        );
    }
    println!(
        "rs27391880 {}\nrs50259190 {}",
        row(&ours, "rs27391880"),
        row(&ours, "rs50259190")
    );
    let at = ours
        .rows
        .iter()
        .position(|row| row[1] == "rs50259190")
        .expect("the SNP");
    assert!(
        (ours.numbers("l_remle")[at] - 1.4e-5).abs() < 1e-6,
        "the maximum is just above the end of the range"
    );
    assert_ne!(
        ours.rows[at][7..9],
        ours.rows[at - 1][7..9],
        "beta and se are those of the SNP before"
    );

    if has_gemma() {
        gemma_in(&out, &format!("{options} -k k.txt -lmm 1 -o gemma"));
        let theirs = Table::read(&out.join("gemma.assoc.txt"));
        let failed: Vec<_> = theirs
            .rows
            .iter()
            .filter(|row| row.iter().any(|c| c.ends_with("nan")))
            .collect();
        println!("nan in GEMMA: {failed:?}");
        let found = compare("bxd", &ours, &theirs, RANGE, &Tolerances::read());
        print!("{}", found.lines("bxd"));
        found.assert_within();
    }
}
