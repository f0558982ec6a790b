//! BGEN files: what is read is what the format says, and damaged files are errors.

mod damaged;
mod files;
mod plink2;
pub mod writer;

use super::simulate::Random;
use jamma::error::Result;
use jamma::genotype::{Encoding, GenotypeBlock, Genotypes};
use jamma::io::bim::Snp;
use jamma::sources::{
    BgenOptions, BgenReference, BgenSource, GenotypeFiles, GenotypeSource, HardCalls, OpenGenotypes,
};
use std::path::{Path, PathBuf};
use writer::{Compression, Names, Numbers, Writer};

/// A file in a folder of its own.
struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn written(bytes: &[u8]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.bgen");
    std::fs::write(&path, bytes).unwrap();
    Written {
        _folder: folder,
        path,
    }
}

fn open(path: &Path) -> Result<BgenSource> {
    BgenSource::open(path, None, BgenOptions::default())
}

/// The file, opened as the command line does.
fn opened(path: &Path, hard_calls: Option<f64>) -> OpenGenotypes {
    let files = GenotypeFiles::Bgen {
        bgen: path.to_path_buf(),
        sample: None,
        reference: BgenReference::First,
        hard_calls: hard_calls.map(HardCalls),
    };
    files.open().unwrap()
}

/// The dosages of every SNP, read in blocks of `block_snps`.
fn dosages(source: &dyn GenotypeSource, block_snps: usize) -> Result<Vec<Vec<f64>>> {
    let mut blocks = source.blocks(0..usize::MAX, block_snps)?;
    let mut all = Vec::new();
    while let Some(block) = blocks.next_block() {
        let block = block?;
        all.extend(
            block
                .snp_indices()
                .map(|snp| block.dosages(snp).into_owned()),
        );
        blocks.recycle(block);
    }
    Ok(all)
}

#[track_caller]
fn assert_same(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        let is_same = a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        assert!(is_same, "{found:?}, expected {expected:?}");
    }
}

/// Random genotypes; missing ones have numbers that are no probabilities.
fn random_numbers(
    random: &mut Random,
    n: usize,
    bits: u8,
    is_phased: bool,
    mixes: bool,
) -> Numbers {
    let one = (1_u64 << bits) - 1;
    let mut below = |most: u64| ((random.uniform() * (most + 1) as f64) as u64).min(most);
    let (mut ploidy, mut numbers) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let z = if mixes { 1 + below(1) as u8 } else { 2 };
        let is_missing = below(4) == 0;
        ploidy.push(if is_missing { z | 0x80 } else { z });
        let first = if is_missing { one } else { below(one) };
        numbers.push(first);
        if z == 2 {
            let most = if is_phased || is_missing {
                one
            } else {
                one - first
            };
            numbers.push(below(most));
        }
    }
    Numbers {
        ploidy,
        is_phased,
        bits,
        numbers,
    }
}

#[test]
fn every_number_of_bits_phase_ploidy_and_compression_gives_the_dosages_of_the_format() {
    let n = 37;
    let mut random = Random::new(1);
    for compression in Compression::ALL {
        for bits in 1..=32 {
            let mut file = Writer::new(n, compression);
            let mut expected = Vec::new();
            for i in 0..8 {
                let numbers = random_numbers(&mut random, n, bits, i % 2 == 1, i >= 4);
                expected.push(numbers.dosages());
                file.add(Names::number(i), &numbers);
            }
            let written = written(&file.bytes());
            let source = open(&written.path).unwrap();
            assert_eq!(source.encoding(), Encoding::Dosage);
            for block_snps in [1, 3, 100] {
                let found = dosages(&source, block_snps).unwrap();
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    assert_same(found, expected);
                }
            }
        }
    }
}

#[test]
fn snps_of_other_precision_in_a_block_do_not_change_it() {
    let n = 21;
    let mut random = Random::new(2);
    for depths in [
        [8, 8, 16, 8, 5, 8, 8],
        [16, 8, 8, 8, 8, 8, 8],
        [8; 7],
        [3, 3, 3, 15, 3, 3, 3],
    ] {
        let mut file = Writer::new(n, Compression::Zlib);
        let mut expected = Vec::new();
        for (i, bits) in depths.into_iter().enumerate() {
            let numbers = random_numbers(&mut random, n, bits, false, i == 3);
            expected.push(numbers.dosages());
            file.add(Names::number(i), &numbers);
        }
        let written = written(&file.bytes());
        for hard_calls in [None, Some(0.1)] {
            let source = opened(&written.path, hard_calls).source;
            for block_snps in 1..9 {
                let mut blocks = source.blocks(0..usize::MAX, block_snps).unwrap();
                while let Some(block) = blocks.next_block() {
                    let block = block.unwrap();
                    assert_eq!(block.encoding(), source.encoding());
                    for snp in block.snp_indices() {
                        assert_is(&block, snp, &expected[snp], hard_calls);
                    }
                    blocks.recycle(block);
                }
            }
        }
    }
}

/// Asserts that a SNP of a block has these dosages, or their hard calls.
fn assert_is(block: &GenotypeBlock, snp: usize, expected: &[f64], hard_calls: Option<f64>) {
    let Some(threshold) = hard_calls else {
        return assert_same(&block.dosages(snp), expected);
    };
    let code = |dosage: &f64| match HardCalls(threshold).call(*dosage) {
        Some(copies) => [0b11, 0b10, 0b00][usize::from(copies)],
        None => 0b01,
    };
    let packed: Vec<u8> = expected
        .chunks(4)
        .map(|four| four.iter().rev().fold(0, |byte, x| byte << 2 | code(x)))
        .collect();
    assert_eq!(block.packed(snp), packed);
}

#[test]
fn eight_bits_are_kept_as_whole_numbers() {
    let calls = [Some(0), Some(1), Some(2), None];
    let mut file = Writer::new(4, Compression::Zstd);
    file.add(Names::number(0), &Numbers::of_calls(&calls, 8));
    let written = written(&file.bytes());
    let mut blocks = open(&written.path).unwrap().blocks(0..1, 1).unwrap();
    let block = blocks.next_block().unwrap().unwrap();
    let Genotypes::Scaled(scaled) = block.into_genotypes() else {
        panic!("not whole numbers")
    };
    assert_eq!(
        (scaled.per_copy, scaled.values),
        (255, vec![0, 255, 510, 65535])
    );
}

#[test]
fn layout_1_gives_expected_copies_given_a_genotype() {
    let n = 6;
    let p = [
        [32768, 0, 0],
        [8192, 16384, 8192],
        [0, 8192, 8192],
        [0, 0, 0],
        [1, 2, 32766],
        [10923; 3],
    ];
    let genotypes: Vec<u8> = p
        .iter()
        .flatten()
        .flat_map(|x: &u16| x.to_le_bytes())
        .collect();
    for compression in [Compression::None, Compression::Zlib] {
        let mut file = Writer::new(n, compression);
        file.layout = 1;
        file.ids = None;
        (0..3).for_each(|i| file.add_bytes(Names::number(i), &genotypes));
        let written = written(&file.bytes());
        let sample = written.path.with_extension("sample");
        let names = ["a", "b", "c", "d", "e", "f"];
        writer::write_sample(&sample, names.into_iter().map(|iid| ("0", iid)));
        let source = BgenSource::open(&written.path, Some(&sample), BgenOptions::default());
        let second = [0.0, 1.0, 1.5, f64::NAN, 65534.0 / 32769.0, 1.0];
        for found in dosages(&source.unwrap(), 2).unwrap() {
            assert_same(&found, &second);
        }
        let last = BgenOptions {
            reference: BgenReference::Last,
            hard_calls: None,
        };
        let source = BgenSource::open(&written.path, Some(&sample), last).unwrap();
        let first = [2.0, 1.0, 0.5, f64::NAN, 4.0 / 32769.0, 1.0];
        assert_same(&dosages(&source, 1).unwrap()[0], &first);
    }
}

#[test]
fn the_counted_allele_is_allele1() {
    let mut random = Random::new(3);
    let mut file = Writer::new(9, Compression::Zlib);
    for i in 0..6 {
        let numbers = random_numbers(&mut random, 9, [8, 13, 24][i / 2], i % 2 == 1, false);
        file.add(Names::number(i), &numbers);
    }
    let written = written(&file.bytes());
    let of = |reference| {
        let options = BgenOptions {
            reference,
            hard_calls: None,
        };
        BgenSource::open(&written.path, None, options).unwrap()
    };
    let (second, first) = (of(BgenReference::First), of(BgenReference::Last));
    let alleles = |source: &BgenSource| {
        let Snp {
            allele1, allele0, ..
        } = source.snps().unwrap().get(2);
        [allele1.to_owned(), allele0.to_owned()]
    };
    assert_eq!(alleles(&second), ["C", "A"]);
    assert_eq!(alleles(&first), ["A", "C"]);
    let (second, first) = (dosages(&second, 4).unwrap(), dosages(&first, 4).unwrap());
    for (a, b) in second.iter().flatten().zip(first.iter().flatten()) {
        assert!((a + b - 2.0).abs() < 1e-15 || (a.is_nan() && b.is_nan()));
    }
}

#[test]
fn snps_that_have_no_dosages_are_skipped_or_missing_and_counted() {
    let calls = [Some(0), Some(2), Some(1)];
    let good = Numbers::of_calls(&calls, 8);
    let mut file = Writer::new(3, Compression::Zlib);
    let with_alleles = |i, alleles: &[&str]| Names {
        alleles: alleles.iter().map(|&allele| allele.to_owned()).collect(),
        ..Names::number(i)
    };
    let three = Numbers {
        numbers: vec![0; 15],
        ..good.clone()
    };
    let triploid = Numbers {
        ploidy: vec![2, 3, 2],
        numbers: vec![0; 7],
        ..good.clone()
    };
    let absent = Numbers {
        ploidy: vec![2, 0, 2],
        numbers: vec![0; 4],
        ..good.clone()
    };
    let hidden = Numbers {
        ploidy: vec![2, 0x83, 2],
        numbers: vec![255, 0, 9, 9, 9, 0, 255],
        ..good.clone()
    };
    file.add(with_alleles(0, &["A", "C", "G"]), &three);
    file.add(Names::number(1), &good);
    file.add(Names::number(2), &triploid);
    file.add(with_alleles(3, &["A"]), &good);
    file.add(Names::number(4), &absent);
    file.add(Names::number(5), &hidden);
    let written = written(&file.bytes());
    for hard_calls in [None, Some(0.1)] {
        let OpenGenotypes { source, notes, .. } = opened(&written.path, hard_calls);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].contains("2 SNPs without exactly two alleles are skipped, the first of them rs0 with 3 alleles"),
            "{notes:?}"
        );
        let names: Vec<&str> = source.snps().unwrap().iter().map(|snp| snp.rs).collect();
        assert_eq!(names, ["rs1", "rs2", "rs4", "rs5"]);
        assert!(source.notes_after_reading().is_empty());
        for block_snps in [1, 2, 5] {
            let mut blocks = source.blocks(0..usize::MAX, block_snps).unwrap();
            while let Some(block) = blocks.next_block() {
                let block = block.unwrap();
                for snp in block.snp_indices() {
                    let missing: Vec<bool> = (0..3).map(|row| block.is_missing(snp, row)).collect();
                    let all = snp == 1 || snp == 2;
                    assert_eq!(missing, [all, all || snp == 3, all], "SNP {snp}");
                }
            }
        }
        let notes = source.notes_after_reading();
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].contains("2 SNPs with individuals of ploidy 0 or more than 2, the first of them rs2 with ploidy 3"),
            "{notes:?}"
        );
    }
}
