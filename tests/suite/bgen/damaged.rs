//! Damaged BGEN files are errors: no panic, and no other valid answer.

use super::writer::{Compression, Names, Numbers, Writer};
use super::{assert_same, dosages, open, written};
use jamma::sources::GenotypeSource;

/// A tiny file, and the dosages in it.
fn tiny(compression: Compression, layout: u32) -> (Vec<u8>, Vec<Vec<f64>>) {
    let mut file = Writer::new(3, compression);
    file.layout = layout;
    file.free = b"free".to_vec();
    let numbers = Numbers::of_calls(&[Some(0), None, Some(2)], 8);
    for i in 0..3 {
        if layout == 2 {
            file.add(Names::number(i), &numbers);
        } else {
            let p: [u16; 9] = [32768, 0, 0, 0, 0, 0, 0, 0, 32768];
            let bytes: Vec<u8> = p.iter().flat_map(|x| x.to_le_bytes()).collect();
            file.add_bytes(Names::number(i), &bytes);
        }
    }
    (file.bytes(), vec![vec![0.0, f64::NAN, 2.0]; 3])
}

/// The dosages of all SNPs and their records, or the error.
fn read(bytes: &[u8]) -> Result<(Vec<Vec<f64>>, Vec<String>), String> {
    let written = written(bytes);
    let result = open(&written.path).and_then(|source| {
        let snps = source.snps().unwrap().iter();
        let records = snps.map(|snp| format!("{snp:?}")).collect();
        Ok((dosages(&source, 2)?, records))
    });
    result.map_err(|error| {
        assert!(error.hint().is_some(), "{error}");
        error.to_string()
    })
}

const KINDS: [(Compression, u32); 5] = [
    (Compression::None, 2),
    (Compression::Zlib, 2),
    (Compression::Zstd, 2),
    (Compression::None, 1),
    (Compression::Zlib, 1),
];

#[test]
fn a_file_cut_or_continued_anywhere_is_an_error() {
    for (compression, layout) in KINDS {
        let (bytes, expected) = tiny(compression, layout);
        let (found, _) = read(&bytes).unwrap();
        found
            .iter()
            .zip(&expected)
            .for_each(|(a, b)| assert_same(a, b));
        for length in 0..bytes.len() {
            let written = written(&bytes[..length]);
            assert!(
                open(&written.path).is_err(),
                "{compression:?}, {length} bytes"
            );
        }
        let message = read(&[&bytes[..], &[0]].concat()).unwrap_err();
        assert!(
            message.contains("1 byte after the last of 3 SNPs"),
            "{message}"
        );
        let message = read(&bytes[..bytes.len() - 1]).unwrap_err();
        assert!(
            message.contains("ends within SNP 3 of 3 (rs2, "),
            "{message}"
        );
    }
}

#[test]
fn no_changed_byte_is_a_panic_and_compressed_genotypes_do_not_change() {
    for (compression, layout) in KINDS {
        let (bytes, expected) = tiny(compression, layout);
        let (_, records) = read(&bytes).unwrap();
        for at in 0..bytes.len() {
            for change in [0x01, 0x10, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                let Ok((found, names)) = read(&changed) else {
                    continue;
                };
                // Names, ids and free data have no checksum, and zlib and Zstandard have bits without a meaning.
                if compression == Compression::Zlib && names == records {
                    found
                        .iter()
                        .zip(&expected)
                        .for_each(|(a, b)| assert_same(a, b));
                }
            }
        }
    }
}

#[test]
fn the_message_says_what_is_wrong_and_where() {
    let (bytes, _) = tiny(Compression::Zlib, 2);
    let with = |at: usize, new: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        read(&bytes).unwrap_err()
    };
    let ids = 28 + 8 + 3 * 4;
    let block = ids;
    for (at, new, part) in [
        (
            0,
            &[0xff_u8, 0xff, 0xff, 0xff][..],
            "the lengths in the header contradict",
        ),
        (4, &[3], "the lengths in the header contradict"),
        (8, &[0], "0 SNPs"),
        (8, &[4], "ends within SNP 4 of 4"),
        (8, &[2], "after the last of 2 SNPs"),
        (12, &[4], "ids of 3 individuals, but its header states 4"),
        (12, &[0], "0 individuals"),
        (16, b"BGEN", "not a BGEN file"),
        (24, &[0x03 | 2 << 2], "unknown compression 3"),
        (24, &[0x01 | 3 << 2], "unknown layout 3"),
        (
            24,
            &[0x02 | 1 << 2],
            "Zstandard compression in a file of layout 1",
        ),
        (
            28,
            &[0xff, 0xff],
            "the ids of the individuals take 65535 bytes",
        ),
        (32, &[2], "ids of 2 individuals, but its header states 3"),
        (36, &[0xff, 0xff], "end within that of individual 1 of 3"),
        (
            block + 6,
            &[0xff],
            "SNP 1, at byte 48: the id is not UTF-8 text",
        ),
        (block + 6, b" ", "the id contains a blank"),
    ] {
        let message = with(at, new);
        assert!(message.contains(part), "byte {at}: {message}");
    }
    // Genotypes of SNP 1: after its names.
    let genotypes = block + (2 + 2) + (2 + 3) + (2 + 1) + 4 + 2 + 2 * (4 + 1);
    for (at, new, part) in [
        (
            genotypes + 4,
            &[0xff_u8, 0xff, 0xff, 0x7f][..],
            "genotypes have 2147483647 bytes, but those of 3 individuals have at most",
        ),
        (
            genotypes + 4,
            &[18],
            "SNP rs0 (chromosome 1, position 100), at byte 48: its zlib data",
        ),
        (genotypes + 10, &[0xff, 0xff], "SNP rs0"),
    ] {
        let message = with(at, new);
        assert!(message.contains(part), "byte {at}: {message}");
    }
    let message = read(b"just some text that is longer than a header").unwrap_err();
    assert!(message.contains("not a BGEN file"), "{message}");
    assert!(read(b"").unwrap_err().contains("not a BGEN file"));
}

#[test]
fn probabilities_above_one_are_errors_with_the_individual() {
    let mut file = Writer::new(2, Compression::Zstd);
    let numbers = Numbers {
        ploidy: vec![2, 2],
        is_phased: false,
        bits: 8,
        numbers: vec![0, 0, 200, 100],
    };
    file.add(Names::number(0), &numbers);
    let message = read(&file.bytes()).unwrap_err();
    assert!(
        message.contains("SNP rs0") && message.contains("individual 2 have the sum 1.176471"),
        "{message}"
    );
}

#[test]
fn a_file_that_is_cut_during_a_run_is_an_error_and_ends() {
    let (bytes, _) = tiny(Compression::Zlib, 2);
    let written = written(&bytes);
    let source = open(&written.path).unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(&written.path)
        .unwrap();
    file.set_len(bytes.len() as u64 - 5).unwrap();
    let mut blocks = source.blocks(0..3, 1).unwrap();
    let results: Vec<bool> = std::iter::from_fn(|| blocks.next_block())
        .map(|block| block.is_ok())
        .collect();
    assert_eq!(results, [true, true, false]);
}
