//! Files made by plink2, compared with the `.bed` that plink2 makes of the same data. Skipped if it is not installed.

use super::{blocks, dosages, packed, pgen};
use crate::common::{data, jamma_command};
use crate::simulate::Random;
use jamma::genotype::Encoding;
use jamma::sources::{BedSource, GenotypeSource, PgenSource};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Runs plink2 with these words; `None` if it is not installed.
fn plink2(folder: &Path, words: &str) -> Option<()> {
    let run = Command::new("plink2")
        .current_dir(folder)
        .args(["--threads", "1", "--memory", "2000"])
        .args(words.split(' '))
        .output();
    let Ok(run) = run else {
        #[allow(clippy::print_stdout, reason = "why the test does nothing")]
        {
            println!("skipped: plink2 is not installed");
        }
        return None;
    };
    let text = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "plink2 {words}: {text}");
    Some(())
}

/// Fails unless the hard calls of `name` are the bytes of the `.bed` that plink2 makes of it.
fn assert_is_its_bed(folder: &Path, name: &str) -> Option<()> {
    plink2(
        folder,
        &format!("--pfile {name} --make-bed --out {name}.bed1"),
    )?;
    let bed = BedSource::open(&folder.join(format!("{name}.bed1"))).unwrap();
    let source = pgen(folder, name);
    assert_eq!(source.encoding(), Encoding::Packed, "{name}");
    assert_same(&source, &bed);
    Some(())
}

fn assert_same(source: &PgenSource, bed: &BedSource) {
    let p = bed.snps().unwrap().len();
    assert_eq!(source.snps().unwrap().len(), p);
    assert!(source.snps().unwrap().iter().eq(bed.snps().unwrap().iter()));
    assert_eq!(packed(source, 0..p, 1000), packed(bed, 0..p, 1000));
    let middle = p / 3..p / 3 + p.div_ceil(3).min(2000);
    assert_eq!(packed(source, middle.clone(), 7), packed(bed, middle, 7));
}

#[test]
fn hard_calls_are_those_of_the_bed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (k, dummy) in [
        "33 17 0.1 acgt --seed 42",
        "20 70000 0.02 --seed 2",
        "1000 400 0.001 --seed 5",
        "65536 6 0.3 --seed 6",
        "300000 5 0.02 --seed 3",
        "255 50 0.5 phase-freq=0.5 --seed 7",
    ]
    .iter()
    .enumerate()
    {
        let name = format!("d{k}");
        let made = plink2(folder, &format!("--dummy {dummy} --make-pgen --out {name}"));
        if made
            .and_then(|()| assert_is_its_bed(folder, &name))
            .is_none()
        {
            return;
        }
    }
    let source = pgen(folder, "d1");
    let (mut counts, all) = ([0_usize; 4], packed(&source, 0..70_000, 5000));
    for code in all
        .iter()
        .flat_map(|byte| (0..4).map(move |i| byte >> (2 * i) & 3))
    {
        counts[usize::from(code)] += 1;
    }
    // Totals of formats.md §7.2: 2 copies, missing, 1 copy, none.
    assert_eq!(counts, [457_967, 28_212, 454_053, 459_768]);
}

#[test]
fn studies_with_rare_alleles_are_those_of_the_bed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["demo", "missing", "plain"] {
        let words = format!("--bfile {} --make-pgen --out {name}", data(name).display());
        let made = plink2(folder, &words);
        if made
            .and_then(|()| assert_is_its_bed(folder, name))
            .is_none()
        {
            return;
        }
    }
    // The fixed-width mode, and a compressed .pvar.
    plink2(folder, "--pfile demo --make-pgen format=2 --out fixed");
    assert_is_its_bed(folder, "fixed");
    if cfg!(feature = "bgen") {
        plink2(folder, "--pfile demo --make-pgen vzs --out z");
        assert!(folder.join("z.pvar.zst").exists());
        assert!(pgen(folder, "z").files()[1].ends_with("z.pvar.zst"));
        let bed = BedSource::open(&folder.join("demo.bed1")).unwrap();
        assert_same(&pgen(folder, "z"), &bed);
    }
}

/// A VCF of `n` individuals: the fields of the genotypes, and the lines.
fn vcf(field: &str, n: usize, lines: &[String]) -> String {
    let mut text = "##fileformat=VCFv4.3\n##contig=<ID=1,length=100000>\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
         ##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n\
         ##FORMAT=<ID=HDS,Number=.,Type=Float,Description=\"h\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
        .to_string();
    (0..n).for_each(|i| write!(text, "\ti{i}").unwrap());
    for (j, line) in lines.iter().enumerate() {
        let (alt, cells) = line.split_once(' ').unwrap();
        let cells = cells.replace(' ', "\t");
        write!(
            text,
            "\n1\t{}\tv{j}\tA\t{alt}\t.\tPASS\t.\t{field}\t{cells}",
            j + 1
        )
        .unwrap();
    }
    text + "\n"
}

#[test]
fn several_alt_alleles_are_counted_together() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut random = Random::new(11);
    let (n, mut lines, mut expected) = (90, Vec::new(), Vec::new());
    for j in 0..60 {
        let n_alts = 1 + [0, 1, 1, 2, 3, 4, 5, 16, 17, 19][random.below(10)];
        let alts: Vec<String> = (0..n_alts).map(|k| "G".repeat(k + 2)).collect();
        let rare = [0.02, 0.3, 0.9][j % 3];
        let (mut line, mut copies) = (alts.join(","), Vec::new());
        for _ in 0..n {
            let mut allele = || {
                if random.uniform() < rare {
                    1 + random.below(n_alts)
                } else {
                    usize::from(random.uniform() < 0.5)
                }
            };
            let pair = [allele(), allele()];
            let is_missing = random.uniform() < 0.03;
            let bar = if j % 2 == 0 && random.below(2) == 0 {
                '|'
            } else {
                '/'
            };
            if is_missing {
                line.push_str(" ./.");
            } else {
                write!(line, " {}{bar}{}", pair[0], pair[1]).unwrap();
            }
            let n_alt = pair.iter().filter(|&&allele| allele > 0).count();
            copies.push(if is_missing { -1.0 } else { n_alt as f64 });
        }
        lines.push(line);
        expected.push(copies);
    }
    std::fs::write(folder.join("m.vcf"), vcf("GT", n, &lines)).unwrap();
    if plink2(folder, "--vcf m.vcf --make-pgen --out m").is_none() {
        return;
    }
    let source = pgen(folder, "m");
    let blocks = blocks(&source, 0..60, 13).unwrap();
    for block in &blocks {
        for snp in block.snp_indices() {
            let missing_or = |row: usize| match block.packed(snp)[row / 4] >> (2 * (row % 4)) & 3 {
                0 => 2.0,
                2 => 1.0,
                3 => 0.0,
                _ => -1.0,
            };
            let found: Vec<f64> = (0..n).map(missing_or).collect();
            assert_eq!(found, expected[snp], "SNP {snp}");
            let alts = lines[snp].split_once(' ').unwrap().0;
            assert_eq!(block.record(snp).allele1, alts);
        }
    }
    // A .pvar with fewer ALT alleles than the record has.
    let pvar = std::fs::read_to_string(folder.join("m.pvar")).unwrap();
    let cut: String = (pvar.lines())
        .map(|line| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            if let Some(alt) = cells.get_mut(4) {
                *alt = alt.split(',').next().unwrap();
            }
            cells.join("\t") + "\n"
        })
        .collect();
    std::fs::write(folder.join("m.pvar"), cut).unwrap();
    let text = super::failure(folder, "m").unwrap();
    assert!(text.contains("the .pvar lists one"), "{text}");
}

#[test]
fn dosages_are_those_of_the_vcf() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut random = Random::new(12);
    let (n, p) = (130, 40);
    for (field, import) in [("GT:DS", "DS"), ("GT:HDS", "HDS")] {
        let (mut lines, mut expected) = (Vec::new(), Vec::new());
        for j in 0..p {
            let soft = [0.0, 0.02, 0.5, 1.0][j % 4];
            let (mut line, mut row) = ("G".to_owned(), Vec::new());
            for _ in 0..n {
                // Multiples of 1/64 are exact in 16384ths.
                let mut half = || {
                    if random.uniform() < soft {
                        random.below(65) as f64 / 64.0
                    } else {
                        random.below(2) as f64
                    }
                };
                let (a, b) = (half(), half());
                let gt = format!("{}|{}", a.round(), b.round());
                match import {
                    "DS" => write!(line, " {}:{}", gt.replace('|', "/"), a + b).unwrap(),
                    _ => write!(line, " {gt}:{a},{b}").unwrap(),
                }
                row.push(a + b);
            }
            lines.push(line);
            expected.push(row);
        }
        std::fs::write(folder.join("d.vcf"), vcf(field, n, &lines)).unwrap();
        let words = format!("--vcf d.vcf dosage={import} --make-pgen --out d");
        if plink2(folder, &words).is_none() {
            return;
        }
        for block_snps in [3, p] {
            assert_eq!(
                dosages(&pgen(folder, "d"), block_snps),
                expected,
                "{import}"
            );
        }
    }
}

#[test]
fn totals_of_imputed_dosages_are_those_of_the_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let words =
        "--dummy 33 17 0.1 dosage-freq=0.2 phase-freq=0.2 acgt --seed 42 --make-pgen --out r1";
    if plink2(folder, words).is_none() {
        return;
    }
    plink2(folder, "--pfile r1 --export A --out r1");
    let found = dosages(&pgen(folder, "r1"), 5);
    let raw = std::fs::read_to_string(folder.join("r1.raw")).unwrap();
    for (row, line) in raw.lines().skip(1).enumerate() {
        for (snp, cell) in line.split('\t').skip(6).enumerate() {
            // plink2 counts REF here, with at most five digits.
            let expected = cell.parse::<f64>().map_or(-1.0, |x| 2.0 - x);
            assert!((found[snp][row] - expected).abs() < 6e-5, "{snp} {row}");
        }
    }
    assert_eq!(found.iter().flatten().count(), 33 * 17);
}

#[test]
fn a_run_gives_the_same_table_as_with_the_bed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let words = format!("--bfile {} --make-pgen --out s", data("plain").display());
    if plink2(folder, &words).is_none() {
        return;
    }
    plink2(folder, "--pfile s --make-bed --out s");
    std::fs::copy(data("plain.pheno.txt"), folder.join("y.txt")).unwrap();
    let run = |input: [&str; 2], name: &str| {
        let run = jamma_command(folder)
            .arg("lmm")
            .args(input)
            .args(["-p", "y.txt", "-o", name])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{text}");
        std::fs::read(folder.join(format!("output/{name}.assoc.txt"))).unwrap()
    };
    assert!(run(["--pfile", "s"], "a") == run(["-bfile", "s"], "b"));
}
