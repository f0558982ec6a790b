//! BGEN files that plink2 wrote, against the genotypes that it was given.

use super::super::common::{command, finished};
use super::dosages;
use jamma::genotype::Genotypes;
use jamma::sources::{
    BedSource, BgenOptions, BgenReference, BgenSource, GenotypeSource, HardCalls,
};
use std::path::Path;
use tempfile::TempDir;

/// A folder for plink2; `None`, with a message, if it is not installed.
fn plink2() -> Option<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    if command("plink2", folder.path())
        .arg("--version")
        .output()
        .is_err()
    {
        #[allow(clippy::print_stdout, reason = "why the test does nothing")]
        {
            println!("skipped: plink2 is not installed");
        }
        return None;
    }
    Some(folder)
}

fn run(folder: &Path, words: &str) {
    let fixed = "--threads 1 --memory 1000".split(' ');
    finished(command("plink2", folder).args(fixed).args(words.split(' '))).ok();
}

fn open(folder: &Path, name: &str, options: BgenOptions) -> BgenSource {
    let at = |extension: &str| folder.join(format!("{name}.{extension}"));
    BgenSource::open(&at("bgen"), Some(&at("sample")), options).unwrap()
}

/// Every way in which plink2 writes BGEN, with the largest error of a dosage.
const EXPORTS: [(&str, f64); 6] = [
    ("bgen-1.1", 1e-9),
    ("bgen-1.2 bits=8", 1.0 / 255.0),
    ("bgen-1.2 bits=3", 1.0 / 7.0),
    ("bgen-1.2 bits=16", 1.0 / 65535.0),
    ("bgen-1.3 bits=12", 1.0 / 4095.0),
    ("bgen-1.3 bits=8", 1.0 / 255.0),
];

const TINY: &str = "##fileformat=VCFv4.3\n##contig=<ID=1,length=1000>\n\
##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\td\te\n\
1\t10\tv0\tA\tG\t.\tPASS\t.\tGT:DS\t0/0:0\t0/1:1\t1/1:2\t./.:.\t0/1:1\n\
1\t20\tv1\tC\tT\t.\tPASS\t.\tGT:DS\t0|1:1\t1|0:1\t0/1:1\t1/1:2\t0/0:0\n\
1\t30\tv2\tG\tA\t.\tPASS\t.\tGT:DS\t0/0:0.25\t0/1:0.75\t1/1:1.875\t./.:1.5\t0/1:1\n\
1\t40\tv3\tT\tTA\t.\tPASS\t.\tGT:DS\t0/0:0\t0/0:0\t0/0:0\t0/0:0\t0/0:0\n\
1\t50\tv4\tA\tC\t.\tPASS\t.\tGT:DS\t1/1:2\t1/1:2\t1/1:2\t1/1:2\t1/1:2\n";

#[test]
fn a_tiny_vcf_exported_by_plink2_gives_its_dosages() {
    let Some(folder) = plink2() else { return };
    let folder = folder.path();
    std::fs::write(folder.join("tiny.vcf"), TINY).unwrap();
    run(folder, "--vcf tiny.vcf dosage=DS --make-pgen --out tiny");
    let nan = f64::NAN;
    let expected = [
        [0.0, 1.0, 2.0, nan, 1.0],
        [1.0, 1.0, 1.0, 2.0, 0.0],
        [0.25, 0.75, 1.875, 1.5, 1.0],
        [0.0; 5],
        [2.0; 5],
    ];
    for (order, reference) in [
        (" ref-first", BgenReference::First),
        ("", BgenReference::Last),
    ] {
        for (export, tolerance) in EXPORTS {
            run(
                folder,
                &format!("--pfile tiny --export {export}{order} --out t"),
            );
            let options = BgenOptions {
                reference,
                hard_calls: None,
            };
            let source = open(folder, "t", options);
            let ids: Vec<String> = source
                .individuals()
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(ids, ["0 a", "0 b", "0 c", "0 d", "0 e"]);
            let snp = source.snps().unwrap().get(3);
            assert_eq!(
                (snp.rs, snp.allele1, snp.allele0, snp.ps),
                ("v3", "TA", "T", 40)
            );
            for (found, expected) in dosages(&source, 2).unwrap().iter().zip(expected) {
                for (a, b) in found.iter().zip(expected) {
                    let is_close = (a - b).abs() <= tolerance + 1e-12 || (a.is_nan() && b.is_nan());
                    assert!(
                        is_close,
                        "{export}{order}: {found:?}, expected {expected:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn phased_and_unphased_dosages_of_plink2_agree_with_its_text() {
    let Some(folder) = plink2() else { return };
    let folder = folder.path();
    run(
        folder,
        "--dummy 33 17 0.1 dosage-freq=0.2 phase-freq=0.2 acgt --seed 42 --make-pgen --out r1",
    );
    run(folder, "--pfile r1 --export Av --out r1");
    let text = std::fs::read_to_string(folder.join("r1.traw")).unwrap();
    // The text counts REF, with about five digits.
    let expected = text.lines().skip(1).map(|line| {
        let cells = line.split('\t').skip(6);
        cells
            .map(|cell| cell.parse().map_or(f64::NAN, |x: f64| 2.0 - x))
            .collect()
    });
    let expected: Vec<Vec<f64>> = expected.collect();
    for (export, tolerance) in EXPORTS {
        run(
            folder,
            &format!("--pfile r1 --export {export} ref-first --out t"),
        );
        let source = open(folder, "t", BgenOptions::default());
        let found = dosages(&source, 5).unwrap();
        assert_eq!(found.len(), 17);
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            let is_close = (found - expected).abs() <= tolerance + 6e-5
                || (found.is_nan() && expected.is_nan());
            assert!(is_close, "{export}: {found}, expected {expected}");
        }
    }
}

#[test]
fn hard_calls_of_plink2_come_back_as_its_bed_file() {
    let Some(folder) = plink2() else { return };
    let folder = folder.path();
    run(
        folder,
        "--dummy 33 17 0.1 acgt --seed 42 --make-pgen --out r2",
    );
    run(folder, "--pfile r2 --make-bed --out r2");
    let bed = BedSource::open(&folder.join("r2")).unwrap();
    let packed = |source: &dyn GenotypeSource| {
        let mut blocks = source.blocks(0..17, 20).unwrap();
        match blocks.next_block().unwrap().unwrap().into_genotypes() {
            Genotypes::Packed(bytes) => bytes,
            other => panic!("{other:?}"),
        }
    };
    for (export, _) in EXPORTS {
        run(
            folder,
            &format!("--pfile r2 --export {export} ref-first --out t"),
        );
        let options = BgenOptions {
            reference: BgenReference::First,
            hard_calls: Some(HardCalls(0.1)),
        };
        let source = open(folder, "t", options);
        assert_eq!(packed(&source), packed(&bed), "{export}");
        for (a, b) in source
            .snps()
            .unwrap()
            .iter()
            .zip(bed.snps().unwrap().iter())
        {
            assert_eq!(a, b);
        }
        assert_eq!(source.individuals(), bed.individuals());
    }
}

#[test]
fn males_on_the_x_chromosome_are_on_the_scale_of_diploids() {
    let Some(folder) = plink2() else { return };
    let folder = folder.path();
    let vcf = "##fileformat=VCFv4.3\n##contig=<ID=X,length=160000000>\n\
##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\td\n\
X\t5000000\tx0\tA\tG\t.\tPASS\t.\tGT\t0\t0/1\t1\t1/1\n";
    std::fs::write(folder.join("x.vcf"), vcf).unwrap();
    std::fs::write(folder.join("sex.txt"), "#IID SEX\na 1\nb 2\nc 1\nd 2\n").unwrap();
    run(
        folder,
        "--vcf x.vcf --update-sex sex.txt --make-pgen --out x",
    );
    run(
        folder,
        "--pfile x --export bgen-1.2 bits=8 ref-first --out x",
    );
    let source = open(folder, "x", BgenOptions::default());
    assert_eq!(dosages(&source, 1).unwrap(), [[0.0, 1.0, 2.0, 2.0]]);
}
