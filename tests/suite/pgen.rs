//! PLINK 2 files: the same genotypes as the `.bed` that holds the same data, from every form of record.

mod plink2;
pub mod writer;

use super::simulate::{Random, Study};
use jamma::error::Error;
use jamma::genotype::{Encoding, GenotypeBlock};
use jamma::sources::{BedSource, GenotypeSource, HardCalls, PgenSource};
use std::ops::Range;
use std::path::Path;
use writer::Pgen;

/// All blocks of a range.
fn blocks(
    source: &dyn GenotypeSource,
    snps: Range<usize>,
    block_snps: usize,
) -> Result<Vec<GenotypeBlock>, Error> {
    let mut blocks = source.blocks(snps, block_snps)?;
    let mut all = Vec::new();
    while let Some(block) = blocks.next_block() {
        all.push(block?);
    }
    Ok(all)
}

/// The packed bytes of a range.
fn packed(source: &dyn GenotypeSource, snps: Range<usize>, block_snps: usize) -> Vec<u8> {
    let blocks = blocks(source, snps, block_snps).unwrap();
    let snps = blocks
        .iter()
        .flat_map(|b| b.snp_indices().map(move |s| b.packed(s)));
    snps.flatten().copied().collect()
}

/// The dosages of all SNPs, −1 if missing.
fn dosages(source: &dyn GenotypeSource, block_snps: usize) -> Vec<Vec<f64>> {
    let blocks = blocks(source, 0..usize::MAX, block_snps).unwrap();
    let of_snp = |block: &GenotypeBlock, snp| -> Vec<f64> {
        let dosages = block.dosages(snp).into_owned().into_iter();
        dosages.map(|x| if x.is_nan() { -1.0 } else { x }).collect()
    };
    blocks
        .iter()
        .flat_map(|b| b.snp_indices().map(move |s| of_snp(b, s)))
        .collect()
}

fn pgen(folder: &Path, name: &str) -> PgenSource {
    PgenSource::open(&folder.join(name), None).unwrap()
}

/// The error of opening or reading the files of a prefix.
fn failure(folder: &Path, name: &str) -> Option<String> {
    let read = PgenSource::open(&folder.join(name), None)
        .and_then(|source| blocks(&source, 0..usize::MAX, 7));
    let error = read.err()?;
    Some(format!("{error}\n{}", error.hint().unwrap_or_default()))
}

/// A study with calls of all kinds; some SNPs have mostly one category, others are like the SNP before.
fn study(random: &mut Random, n: usize, p: usize) -> Study {
    let mut snps: Vec<Vec<Option<u8>>> = Vec::new();
    for j in 0..p {
        let common = random.below(4) as u8;
        let rare = [0.01, 0.1, 0.5, 1.0][random.below(4)];
        let copied = random.below(3);
        let call = |c: u8| (c < 3).then_some(c);
        let calls = (0..n).map(|i| {
            let is_rare = random.uniform() < rare;
            let any = call(random.below(4) as u8);
            match copied {
                _ if is_rare => any,
                0 if j > 0 => snps[j - 1][i],
                1 if j > 0 => snps[j - 1][i].map(|copies| 2 - copies),
                _ => call(common),
            }
        });
        let calls = calls.collect();
        snps.push(calls);
    }
    Study::of_genotypes(snps)
}

#[test]
fn every_main_track_gives_the_bytes_of_the_bed() {
    let mut random = Random::new(1);
    for (n, p) in [
        (1, 30),
        (2, 30),
        (4, 60),
        (5, 60),
        (63, 90),
        (64, 90),
        (65, 90),
        (255, 90),
        (256, 90),
        (257, 90),
        (1000, 60),
        (65_535, 12),
        (65_536, 12),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let study = study(&mut random, n, p);
        study.write(folder.path(), "s");
        let pgen_file = Pgen {
            has_short_types: random.below(2) == 0,
            has_provisional: random.below(2) == 0,
            length_bytes: 3 + random.below(2),
            ..writer::of_study(&study, &mut random)
        };
        pgen_file.write(folder.path(), "s");
        let bed = BedSource::open(&folder.path().join("s")).unwrap();
        let source = pgen(folder.path(), "s");
        assert_eq!(source.encoding(), Encoding::Packed);
        assert_eq!(source.individuals(), bed.individuals());
        let all = packed(&bed, 0..p, p);
        assert_eq!(packed(&source, 0..usize::MAX, p), all, "{n} individuals");
        let stride = n.div_ceil(4);
        for _ in 0..20 {
            let start = random.below(p);
            let end = start + 1 + random.below(p - start);
            let some = packed(&source, start..end, 1 + random.below(10));
            assert_eq!(
                some,
                all[start * stride..end * stride],
                "{n}, {start}..{end}"
            );
        }
    }
}

#[test]
fn changes_with_all_categories_are_applied_before_the_swap() {
    let base = [0, 1, 2, 3, 0, 1, 2, 3, 0];
    let target = [2, 1, 0, 3, 0, 3, 3, 2, 1]; // individuals 4 to 8 are changed
    let folder = tempfile::tempdir().unwrap();
    let calls = |of: &[u8]| of.iter().map(|&c| (c < 3).then_some(c)).collect();
    Study::of_genotypes(vec![calls(&base), calls(&target)]).write(folder.path(), "s");
    // The list has the categories before the swap: 2, 3, 3, 0 and 1.
    let list = [(4, 2), (5, 3), (6, 3), (7, 0), (8, 1)];
    assert_eq!(
        writer::main_track(3, &target, Some(&base)),
        writer::difflist(9, &list, true)
    );
    Pgen {
        n: 9,
        records: vec![
            (0, writer::main_track(0, &base, None)),
            (3, writer::difflist(9, &list, true)),
        ],
        ..Pgen::default()
    }
    .write(folder.path(), "s");
    let bed = BedSource::open(&folder.path().join("s")).unwrap();
    let source = pgen(folder.path(), "s");
    assert_eq!(packed(&source, 0..2, 2), packed(&bed, 0..2, 2));
    assert_eq!(packed(&source, 1..2, 1), packed(&bed, 1..2, 1));
}

#[test]
fn a_base_may_be_far_before_the_range() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(4);
    let (n, p) = (50, 3000);
    let study = study(&mut random, n, p);
    study.write(folder.path(), "s");
    let base = writer::categories(&study.snps[0]);
    let records = study.snps.iter().enumerate().map(|(j, calls)| {
        let main = if j == 0 { 0 } else { 2 + (j % 2) as u8 };
        let of_snp = writer::categories(calls);
        (main, writer::main_track(main, &of_snp, Some(&base)))
    });
    Pgen {
        n,
        records: records.collect(),
        ..Pgen::default()
    }
    .write(folder.path(), "s");
    let bed = BedSource::open(&folder.path().join("s")).unwrap();
    let source = pgen(folder.path(), "s");
    for (range, block_snps) in [(0..p, 1000), (2990..3000, 4), (1..2, 1), (17..2500, 2000)] {
        assert_eq!(
            packed(&source, range.clone(), block_snps),
            packed(&bed, range, block_snps)
        );
    }
}

#[test]
fn the_second_block_of_65536_snps_has_bases_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(5);
    let p = 66_000;
    let study = study(&mut random, 3, p);
    study.write(folder.path(), "s");
    let mut file = writer::of_study(&study, &mut random);
    file.write(folder.path(), "s");
    let bed = BedSource::open(&folder.path().join("s")).unwrap();
    let source = pgen(folder.path(), "s");
    assert_eq!(packed(&source, 0..p, 5000), packed(&bed, 0..p, 5000));
    let edge = 65_530..65_560;
    assert_eq!(packed(&source, edge.clone(), 3), packed(&bed, edge, 3));
    // The first record of the second block as a difference.
    file.records[65_536] = (2, vec![0]);
    file.write(folder.path(), "s");
    let text = failure(folder.path(), "s").unwrap();
    assert!(text.contains("type 02 of SNP 65537"), "{text}");
}

/// A study with phases and dosages in all forms: the file, and the dosages in 16384ths, `u16::MAX` if missing.
fn with_dosages(random: &mut Random, n: usize, p: usize) -> (Pgen, Vec<Vec<u16>>) {
    let study = study(random, n, p);
    let mut file = writer::of_study(&study, random);
    let mut expected = Vec::new();
    for ((kind, bytes), calls) in file.records.iter_mut().zip(&study.snps) {
        let hard = calls
            .iter()
            .map(|c| c.map_or(u16::MAX, |c| u16::from(c) * 16_384));
        let mut values: Vec<u16> = hard.collect();
        if random.below(2) == 0 {
            let n_hets = calls.iter().filter(|&&c| c == Some(1)).count();
            bytes.extend(writer::phases(n_hets, random));
            *kind |= 0x10;
        }
        let form = [0, 0x20, 0x40, 0x60][random.below(4)];
        if form > 0 {
            let mut value = || (random.below(3) > 0).then_some(random.below(32_769) as u16);
            let track: Vec<Option<u16>> = (0..n).map(|_| value()).collect();
            bytes.extend(writer::dosages(form, &track));
            *kind |= form;
            let given = track.iter().flatten().count();
            let phases = if form == 0x40 { n } else { given };
            if random.below(2) == 0 {
                if form != 0x40 {
                    bytes.extend(writer::bits(&vec![true; phases]));
                }
                bytes.extend(vec![0; 2 * phases]);
                *kind |= 0x80;
            }
            for (value, track) in values.iter_mut().zip(track) {
                *value = track.unwrap_or(*value);
            }
        }
        expected.push(values);
    }
    (file, expected)
}

#[test]
fn dosages_take_precedence_over_hard_calls_in_every_form() {
    let mut random = Random::new(6);
    for (n, p) in [(1, 20), (7, 80), (64, 80), (300, 80)] {
        let folder = tempfile::tempdir().unwrap();
        let (file, expected) = with_dosages(&mut random, n, p);
        file.write(folder.path(), "s");
        let source = pgen(folder.path(), "s");
        assert_eq!(source.encoding(), Encoding::Dosage);
        let of_value = |&value: &u16| match value {
            u16::MAX => -1.0,
            value => f64::from(value) / 16_384.0,
        };
        let expected: Vec<Vec<f64>> = expected
            .iter()
            .map(|snp| snp.iter().map(of_value).collect())
            .collect();
        for block_snps in [1, 13, p] {
            assert_eq!(dosages(&source, block_snps), expected, "{n} individuals");
        }
        let called = HardCalls(0.1);
        let source = PgenSource::open(&folder.path().join("s"), Some(called)).unwrap();
        assert_eq!(source.encoding(), Encoding::Packed);
        let calls = expected.iter().map(|snp| {
            let called = snp
                .iter()
                .map(|&x| if x < 0.0 { None } else { called.call(x) });
            called.collect()
        });
        Study::of_genotypes(calls.collect()).write(folder.path(), "called");
        let bed = BedSource::open(&folder.path().join("called")).unwrap();
        assert_eq!(packed(&source, 0..p, 9), packed(&bed, 0..p, 9));
    }
}

#[test]
fn fixed_width_modes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(7);
    let (n, p) = (11, 9);
    let study = study(&mut random, n, p);
    study.write(folder.path(), "s");
    let bed = BedSource::open(&folder.path().join("s")).unwrap();
    writer::write_text(folder.path(), "s", n, p);
    let path = folder.path().join("s.pgen");
    std::fs::copy(folder.path().join("s.bed"), &path).unwrap();
    let all = packed(&bed, 0..p, p);
    assert_eq!(packed(&pgen(folder.path(), "s"), 0..p, 4), all, "mode 01");
    for (mode, extra) in [(2, 0), (3, 2 * n), (4, 4 * n)] {
        for provisional in [0x40, 0xc0] {
            let mut file = vec![
                0x6c,
                0x1b,
                mode,
                p as u8,
                0,
                0,
                0,
                n as u8,
                0,
                0,
                0,
                provisional,
            ];
            if provisional == 0xc0 {
                file.extend(vec![0; p.div_ceil(8)]);
            }
            for calls in &study.snps {
                file.extend(writer::main_track(0, &writer::categories(calls), None));
                file.extend(vec![0xff; 2 * n].iter().take(extra));
                file.extend(vec![0x00; extra.saturating_sub(2 * n)]);
            }
            std::fs::write(&path, &file).unwrap();
            let source = pgen(folder.path(), "s");
            if mode == 2 {
                assert_eq!(packed(&source, 0..p, 4), all);
            } else {
                // All dosages are missing, so that the hard calls are used.
                let expected: Vec<Vec<f64>> = study
                    .snps
                    .iter()
                    .map(|snp| snp.iter().map(|c| c.map_or(-1.0, f64::from)).collect())
                    .collect();
                assert_eq!(dosages(&source, 4), expected);
            }
            for length in 0..file.len() {
                std::fs::write(&path, &file[..length]).unwrap();
                assert!(
                    failure(folder.path(), "s").is_some(),
                    "{mode}, {length} bytes"
                );
            }
            file.push(0);
            std::fs::write(&path, &file).unwrap();
            assert!(failure(folder.path(), "s").is_some());
        }
    }
}

/// The file of formats.md §7.1 as plink2 wrote it.
const TINY: [u8; 49] = [
    0x6c, 0x1b, 0x10, 5, 0, 0, 0, 5, 0, 0, 0, 0x44, 0x1e, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x10, 0x60,
    0x04, 0x06, 2, 4, 11, 1, 1, 0xe4, 0x01, 0x95, 0x00, 0x07, 0x02, 0xff, 0x01, 0x0f, 0x00, 0x10,
    0x00, 0x30, 0x00, 0x78, 0x00, 0x60, 0x00, 0x00,
];

#[test]
fn the_tiny_file_has_the_dosages_of_its_vcf() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_text(folder.path(), "t", 5, 5);
    std::fs::write(folder.path().join("t.pgen"), TINY).unwrap();
    assert_eq!(
        dosages(&pgen(folder.path(), "t"), 2),
        [
            [0.0, 1.0, 2.0, -1.0, 1.0],
            [1.0, 1.0, 1.0, 2.0, 0.0],
            [0.25, 0.75, 1.875, 1.5, 1.0],
            [0.0; 5],
            [2.0; 5]
        ]
    );
}

#[test]
fn a_file_that_is_cut_anywhere_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_text(folder.path(), "t", 5, 5);
    let path = folder.path().join("t.pgen");
    for length in 0..TINY.len() {
        std::fs::write(&path, &TINY[..length]).unwrap();
        assert!(failure(folder.path(), "t").is_some(), "{length} bytes");
    }
    std::fs::write(&path, [&TINY[..], &[0]].concat()).unwrap();
    let text = failure(folder.path(), "t").unwrap();
    assert!(
        text.contains("50 bytes, but its records end at byte 49"),
        "{text}"
    );
}

#[test]
fn damaged_bytes_never_cause_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_text(folder.path(), "t", 5, 5);
    let path = folder.path().join("t.pgen");
    for at in 0..TINY.len() {
        for byte in [0, 1, 0x0f, 0x7f, 0x80, 0xff, TINY[at] ^ 1, TINY[at] ^ 0x20] {
            let mut file = TINY;
            file[at] = byte;
            std::fs::write(&path, file).unwrap();
            let _ = failure(folder.path(), "t");
        }
    }
    let mut random = Random::new(8);
    let (mut file, _) = with_dosages(&mut random, 70, 40);
    file.length_bytes = 4;
    file.write(folder.path(), "d");
    let (whole, path) = (file.bytes(), folder.path().join("d.pgen"));
    let header = whole.len() - file.records.iter().map(|(_, b)| b.len()).sum::<usize>();
    for _ in 0..2000 {
        let mut damaged = whole.clone();
        let at = header + random.below(whole.len() - header);
        damaged[at] = random.below(256) as u8;
        std::fs::write(&path, damaged).unwrap();
        let _ = failure(folder.path(), "d");
    }
}

#[test]
fn a_byte_moved_between_records_is_an_error_that_names_the_snp() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_text(folder.path(), "t", 5, 5);
    let mut file = TINY;
    (file[25], file[26]) = (3, 3);
    std::fs::write(folder.path().join("t.pgen"), file).unwrap();
    let text = failure(folder.path(), "t").unwrap();
    for part in [
        "t.pgen",
        "SNP 1 (rs0)",
        "record of 3 bytes at offset 30",
        "1 byte after",
        "--validate",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn counts_that_disagree_name_both_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.pgen"), TINY).unwrap();
    for (n, p, parts) in [
        (
            4,
            5,
            ["t.psam lists 4 individuals", "t.pgen has 5 individuals"],
        ),
        (
            6,
            5,
            ["t.psam lists 6 individuals", "t.pgen has 5 individuals"],
        ),
        (5, 4, ["t.pvar lists 4 SNPs", "t.pgen has 5 SNPs"]),
        (5, 6, ["t.pvar lists 6 SNPs", "t.pgen has 5 SNPs"]),
    ] {
        writer::write_text(folder.path(), "t", n, p);
        let text = failure(folder.path(), "t").unwrap();
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_snp_with_dosages_and_several_alt_alleles_is_an_error_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    writer::write_text(folder.path(), "t", 5, 5);
    let pvar = folder.path().join("t.pvar");
    let text = std::fs::read_to_string(&pvar).unwrap();
    std::fs::write(&pvar, text.replace("rs2\tC\tA", "rs2\tC\tA,G")).unwrap();
    std::fs::write(folder.path().join("t.pgen"), TINY).unwrap();
    let text = failure(folder.path(), "t").unwrap();
    for part in ["SNP 3 (rs2)", "several ALT alleles", "--max-alleles 2"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
