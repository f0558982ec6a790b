//! `--vcf`: VCF and BCF in every compression give the same SNPs, those that other programs read, and damaged files are
//! errors.

mod index;

use super::common::jamma_in;
use super::simulate::{Random, Study, lines_of};
use jamma::genotype::{Encoding, GenotypeBlock};
use jamma::io::bim::Snp;
use jamma::sources::{GenotypeSource, HardCalls, VcfField, VcfSource};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Five individuals, five SNPs; all values are exact.
const TINY: &str = "##fileformat=VCFv4.3
##contig=<ID=1,length=1000>
##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">
##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\td\te
1\t10\tv0\tA\tG\t.\tPASS\t.\tGT:DS\t0/0:0\t0/1:1\t1/1:2\t./.:.\t0/1:1
1\t20\tv1\tC\tT\t.\tPASS\t.\tGT:DS\t0|1:1\t1|0:1\t0/1:1\t1/1:2\t0/0:0
1\t30\tv2\tG\tA\t.\tPASS\t.\tGT:DS\t0/0:0.25\t0/1:0.75\t1/1:1.875\t./.:1.5\t0/1:1
1\t40\tv3\tT\tTA\t.\tPASS\t.\tGT:DS\t0/0:0\t0/0:0\t0/0:0\t0/0:0\t0/0:0
1\t50\tv4\tA\tC\t.\tPASS\t.\tGT:DS\t1/1:2\t1/1:2\t1/1:2\t1/1:2\t1/1:2
";
/// The packed genotypes of `plink2 --vcf tiny.vcf --make-bed`.
const TINY_BED: [u8; 10] = [0x4b, 0x02, 0x2a, 0x03, 0x4b, 0x02, 0xff, 0x03, 0x00, 0x00];
const TINY_DS: [[f64; 5]; 5] = [
    [0.0, 1.0, 2.0, -1.0, 1.0],
    [1.0, 1.0, 1.0, 2.0, 0.0],
    [0.25, 0.75, 1.875, 1.5, 1.0],
    [0.0; 5],
    [2.0; 5],
];

/// A BGZF file of this text, in blocks of `block` bytes.
pub fn bgzf(text: &[u8], block: usize) -> Vec<u8> {
    const END: &[u8] =
        b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0\x42\x43\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0";
    let mut file = Vec::new();
    for text in text.chunks(block) {
        let mut data = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        data.write_all(text).unwrap();
        let data = data.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(text);
        file.extend_from_slice(&END[..16]);
        file.extend_from_slice(&(data.len() as u16 + 25).to_le_bytes());
        file.extend_from_slice(&data);
        file.extend_from_slice(&crc.sum().to_le_bytes());
        file.extend_from_slice(&(text.len() as u32).to_le_bytes());
    }
    file.extend_from_slice(END);
    file
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut file = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    file.write_all(text).unwrap();
    file.finish().unwrap()
}

/// The hard calls of a study as VCF, some of them phased.
pub fn vcf_of(study: &Study) -> String {
    let mut text = "##fileformat=VCFv4.2\n##contig=<ID=1>\n".to_owned();
    text += "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n";
    text += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
    for (_, iid) in &study.individuals {
        write!(text, "\t{iid}").unwrap();
    }
    text.push('\n');
    let [alt, reference] = study.alleles;
    for (j, calls) in study.snps.iter().enumerate() {
        let ps = 100 * (j + 1);
        write!(text, "1\t{ps}\trs{j}\t{reference}\t{alt}\t.\t.\t.\tGT").unwrap();
        let separator = ["/", "|"][j % 2];
        for call in calls {
            let [a, b] = match call {
                Some(0) => ["0", "0"],
                Some(1) => [["0", "1"], ["1", "0"]][j / 2 % 2],
                Some(_) => ["1", "1"],
                None => [".", "."],
            };
            write!(text, "\t{a}{separator}{b}").unwrap();
        }
        text.push('\n');
    }
    text
}

/// `TINY` as uncompressed BCF, written by hand after its specification.
fn tiny_bcf() -> Vec<u8> {
    let (header, records) = TINY.split_at(TINY.find("\n1\t").unwrap() + 1);
    let mut file = b"BCF\x02\x02".to_vec();
    file.extend_from_slice(&(header.len() as u32 + 1).to_le_bytes());
    file.extend_from_slice(header.as_bytes());
    file.push(0);
    for line in records.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let mut shared = vec![0; 4];
        let ps: i32 = columns[1].parse().unwrap();
        shared.extend_from_slice(&(ps - 1).to_le_bytes());
        shared.extend_from_slice(&[1, 0, 0, 0, 1, 0, 0x80, 0x7f, 0, 0, 2, 0, 5, 0, 0, 2]);
        for text in [columns[2], columns[3], columns[4]] {
            shared.push((text.len() as u8) << 4 | 7);
            shared.extend_from_slice(text.as_bytes());
        }
        shared.extend_from_slice(&[0x11, 0]);
        // Keys: PASS 0, GT 1, DS 2.
        let mut genotypes = vec![0x11, 1, 0x21];
        for cell in &columns[9..] {
            let mut phase = 0;
            for allele in cell.split(':').next().unwrap().split_inclusive(['/', '|']) {
                let value = allele.bytes().next().unwrap();
                genotypes.push(match value {
                    b'.' => phase,
                    digit => (digit - b'0' + 1) << 1 | phase,
                });
                phase = u8::from(allele.ends_with('|'));
            }
        }
        genotypes.extend_from_slice(&[0x11, 2, 0x15]);
        for cell in &columns[9..] {
            let bits = match cell.split(':').nth(1).unwrap() {
                "." => 0x7f80_0001,
                value => value.parse::<f32>().unwrap().to_bits(),
            };
            genotypes.extend_from_slice(&bits.to_le_bytes());
        }
        for part in [&shared, &genotypes] {
            file.extend_from_slice(&(part.len() as u32).to_le_bytes());
        }
        file.extend_from_slice(&shared);
        file.extend_from_slice(&genotypes);
    }
    file
}

/// All blocks of a source, or the first error.
fn blocks(source: &VcfSource, block_snps: usize) -> jamma::error::Result<Vec<GenotypeBlock>> {
    let mut blocks = source.blocks(0..usize::MAX, block_snps)?;
    std::iter::from_fn(|| blocks.next_block()).collect()
}

/// The bytes of hard calls, or the dosages with −1 for a missing one; and the records.
#[derive(Debug, PartialEq, Default)]
struct Content {
    packed: Vec<u8>,
    dosages: Vec<f64>,
    records: Vec<String>,
}

type Options = (Option<VcfField>, Option<HardCalls>);
const CALLS: Options = (None, None);
const DS: Options = (Some(VcfField::Ds), None);
const GP: Options = (Some(VcfField::Gp), None);

fn content(path: &Path, options: Options) -> jamma::error::Result<Content> {
    let source = VcfSource::open(path, options.0, options.1, None)?;
    let mut content = Content::default();
    for block in blocks(&source, 3)? {
        for snp_index in block.snp_indices() {
            match block.encoding() {
                Encoding::Packed => content.packed.extend_from_slice(block.packed(snp_index)),
                Encoding::Dosage => {
                    let dosages = block.dosages(snp_index);
                    let dosages = dosages.iter();
                    content
                        .dosages
                        .extend(dosages.map(|x| if x.is_nan() { -1.0 } else { *x }));
                }
            }
            let Snp {
                chr,
                rs,
                ps,
                allele1,
                allele0,
            } = block.record(snp_index);
            content
                .records
                .push(format!("{chr} {rs} {ps} {allele1} {allele0}"));
        }
    }
    Ok(content)
}

/// The content of a file with these bytes.
fn content_of(bytes: &[u8], options: Options) -> jamma::error::Result<Content> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    content(file.path(), options)
}

/// The message for a file with these bytes, without the name of the file.
fn message(bytes: &[u8], options: Options) -> String {
    let error = content_of(bytes, options).expect_err("an error");
    let (text, hint) = (error.to_string(), error.hint().unwrap_or_default());
    format!("{text} ({hint})")
}

/// Runs a program; `false` with a message if it is not installed.
#[allow(clippy::print_stdout, reason = "a skipped check is said")]
fn run(directory: &Path, program: &str, words: &str) -> bool {
    let mut command = Command::new(program);
    let command = command.current_dir(directory).args(words.split(' '));
    let Ok(output) = command.output() else {
        println!("skipped: {program} is not installed");
        return false;
    };
    assert!(output.status.success(), "{program} {words}: {output:?}");
    true
}

/// A file with one record of two individuals.
fn one(alt: &str, format: &str, cells: &str) -> String {
    let (header, _) = TINY.split_at(TINY.find("\ta\tb").unwrap());
    let header = header.replace(
        "##FORMAT=<ID=DS",
        "##FORMAT=<ID=GP,Number=G,Type=Float,Description=\"p\">\n##FORMAT=<ID=DS",
    );
    format!("{header}\ti\tj\n1\t7\t.\tA\t{alt}\t.\t.\t.\t{format}\t{cells}\n")
}

/// The tiny study in every container.
fn containers() -> Vec<(&'static str, Vec<u8>)> {
    let (text, bcf) = (TINY.as_bytes(), tiny_bcf());
    vec![
        ("plain", text.to_vec()),
        ("crlf", TINY.replace('\n', "\r\n").into_bytes()),
        ("gzip", gzip(text)),
        ("bgzf", bgzf(text, 60_000)),
        ("small blocks", bgzf(text, 7)),
        ("bcf", bcf.clone()),
        ("bgzf bcf", bgzf(&bcf, 50)),
        ("gzip bcf", gzip(&bcf)),
    ]
}

#[test]
fn every_container_gives_the_same_calls_and_dosages() {
    let records = [
        "1 v0 10 G A",
        "1 v1 20 T C",
        "1 v2 30 A G",
        "1 v3 40 TA T",
        "1 v4 50 C A",
    ];
    for (name, bytes) in containers() {
        let calls = content_of(&bytes, CALLS).unwrap();
        assert_eq!(calls.packed, TINY_BED, "{name}");
        assert_eq!(calls.records, records, "{name}");
        let dosages = content_of(&bytes, DS).unwrap();
        assert_eq!(dosages.dosages, TINY_DS.concat(), "{name}");
        assert_eq!(dosages.records, records, "{name}");
        let called = (DS.0, Some(HardCalls(0.2)));
        let called = content_of(&bytes, called).unwrap();
        // 0.25, 0.75 and 1.5 are too far from a whole number.
        let mut expected = TINY_BED;
        expected[4] = 0b01_00_01_01;
        assert_eq!(called.packed, expected, "{name}");
    }
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_ends() {
    for (name, bytes) in containers() {
        // The end of a line or of a BCF record also is the end of a shorter file.
        let mut n_shorter = 0;
        for end in 0..bytes.len() {
            for options in [CALLS, DS] {
                if let Ok(shorter) = content_of(&bytes[..end], options) {
                    n_shorter += 1;
                    let n = shorter.records.len();
                    assert!((1..5).contains(&n), "{name}, {end}");
                    assert_eq!(shorter.packed, TINY_BED[..shorter.packed.len()]);
                    let dosages = &TINY_DS.concat()[..shorter.dosages.len()];
                    assert_eq!(shorter.dosages, dosages);
                }
            }
        }
        let is_compressed = name.contains("gz") || name.contains("blocks");
        assert_eq!(n_shorter, if is_compressed { 0 } else { 8 }, "{name}");
    }
}

#[test]
fn a_changed_byte_never_panics() {
    let few = ["plain", "bgzf", "bcf"];
    for (name, bytes) in containers()
        .into_iter()
        .filter(|(name, _)| few.contains(name))
    {
        for at in 0..bytes.len() {
            for flip in [1, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                let read = content_of(&changed, CALLS);
                let _ = content_of(&changed, DS);
                // The header of a block has bytes without meaning, but the last block is always the same.
                if name == "bgzf" && at >= bytes.len() - 28 {
                    assert!(read.is_err(), "{name}, {at}");
                }
            }
        }
    }
}

#[test]
fn data_after_the_end_are_an_error() {
    let after = |bytes: Vec<u8>| message(&[bytes, b"more".to_vec()].concat(), CALLS);
    let text = after(TINY.into());
    assert!(
        text.contains(":11: the file ends within the line"),
        "{text}"
    );
    let text = after(bgzf(TINY.as_bytes(), 99));
    assert!(
        text.contains("end-of-file block: it is truncated, or other data"),
        "{text}"
    );
    let text = after(tiny_bcf());
    assert!(
        text.contains("record 6: the file ends within the record"),
        "{text}"
    );
    assert!(after(gzip(TINY.as_bytes())).contains("gzip data"));
    let text = message(format!("{TINY}{TINY}").as_bytes(), CALLS);
    assert!(
        text.contains(":11: a header line is among the records"),
        "{text}"
    );
    let text = message(TINY.replace("\n1\t30", "\n\n1\t30").as_bytes(), CALLS);
    assert!(
        text.contains(":8: the line is blank, but more lines follow"),
        "{text}"
    );
    assert!(content_of(format!("{TINY}\n\n").as_bytes(), CALLS).is_ok());
}

#[test]
fn a_wrong_genotype_is_named_with_file_line_individual_and_field() {
    for (alt, format, cells, options, parts) in [
        (
            "C",
            "GT",
            "0/1\t0/2",
            CALLS,
            &[":7: GT of individual j is \"0/2\"", "ALT has 1"][..],
        ),
        (
            "C",
            "GT",
            "0/1/1\t0/1",
            CALLS,
            &[":7: GT of individual i is", "ploidy 3", "--numeric"],
        ),
        (
            "C",
            "GT",
            "0/1",
            CALLS,
            &[":7: the record has 1 genotype, but the header names 2 individuals"],
        ),
        (
            "C",
            "GT",
            "0/1\t0/1\t0/1",
            CALLS,
            &["the record has 3 genotypes"],
        ),
        (
            "C",
            "DP",
            "1\t1",
            CALLS,
            &["the record has no GT; its FORMAT has DP", "bcftools view"],
        ),
        ("C", ".", ".\t.", CALLS, &["its FORMAT has no fields"]),
        (
            "C",
            "GT:DS",
            "0/1:1\t0/1:2.4",
            DS,
            &[":7: DS of individual j is 2.4, expected 0 to 2"],
        ),
        (
            "C",
            "GT:DS",
            "0/1:1\t0/1:",
            DS,
            &["DS of individual j is \"\""],
        ),
        (
            "C",
            "GP",
            "0,0,1\t0.5,0.2,0.2",
            GP,
            &["GP of individual j", "sum 1", "Phred"],
        ),
        (
            "C,G",
            "GP",
            "0,0,1\t0,0,1",
            GP,
            &[":7: ALT has 2 alleles", "--dosage DS"],
        ),
    ] {
        let text = message(one(alt, format, cells).as_bytes(), options);
        for part in parts {
            assert!(text.contains(part), "{text}");
        }
    }
    let mut bcf = tiny_bcf();
    let last = bcf.len() - 4 * 5 - 3 - 1;
    bcf[last] = 6;
    let text = message(&bcf, CALLS);
    assert!(
        text.contains("record 5: GT of individual e is \"1/2\", which has allele 2"),
        "{text}"
    );
}

#[test]
fn multiallelic_haploid_and_half_calls_follow_the_rules() {
    let calls = |alt: &str, cells: &str| {
        let content = content_of(one(alt, "GT", cells).as_bytes(), CALLS).unwrap();
        (content.packed[0], content.records[0].clone())
    };
    assert_eq!(
        calls("C,<DEL>,*", "2/1\t0|3"),
        (0b10_00, "1 . 7 C,<DEL>,* A".into())
    );
    assert_eq!(calls(".", "0/0\t./."), (0b01_11, "1 . 7 . A".into()));
    assert_eq!(calls("C", "1\t0").0, 0b11_00);
    assert_eq!(calls("C", "0/.\t.|1").0, 0b01_01);
    let ds = |alt: &str, cells: &str| content_of(one(alt, "GT:DS", cells).as_bytes(), DS).unwrap();
    assert_eq!(ds("C,G", "0/1:0.5,0.25\t1/2:1,1").dosages, [0.75, 2.0]);
    assert_eq!(ds("C", "0:0.25\t1/1").dosages, [0.5, -1.0]);
    let gp = content_of(one("C", "GT:GP", "0/1:0.25,0.5,0.25\t.:.").as_bytes(), GP).unwrap();
    assert_eq!(gp.dosages, [1.0, -1.0]);
}

#[test]
fn a_field_that_the_header_lacks_is_an_error_with_the_fields_it_has() {
    let without_gt = TINY.replace("ID=GT", "ID=XX");
    let text = message(without_gt.as_bytes(), CALLS);
    assert!(
        text.contains("no field GT; its header declares the FORMAT fields XX, DS"),
        "{text}"
    );
    assert!(text.contains("read the dosages with --dosage DS"), "{text}");
    let text = message(TINY.as_bytes(), GP);
    assert!(
        text.contains("--dosage: ") && text.contains("no field GP"),
        "{text}"
    );
    let text = message(TINY.as_bytes(), (None, Some(HardCalls(0.1))));
    assert!(
        text.contains("--hard-call-threshold: without --dosage"),
        "{text}"
    );
    // A file that declares nothing is read by the FORMAT of its records.
    let undeclared = TINY.lines().filter(|line| !line.starts_with("##FORMAT"));
    let undeclared = lines_of(undeclared);
    assert_eq!(
        content_of(undeclared.as_bytes(), DS).unwrap().dosages,
        TINY_DS.concat()
    );
}

#[test]
fn files_of_other_formats_are_named() {
    for (bytes, part) in [
        (&b""[..], "the file is empty"),
        (b"rs1 A C 0 1 2\n", "the file is not VCF or BCF"),
        (b"\x28\xb5\x2f\xfd\x04", "Zstandard"),
        (b"BCF\x04\0\0\0\0\0\0\0\0\0\0", "BCF of another version"),
        (
            b"##fileformat=VCFv3.3\n#CHROM\tx\ny\n",
            "expected ##fileformat=VCFv4.x",
        ),
        (b"##fileformat=VCFv4.2\nx\ty\n", ":2: a line before #CHROM"),
        (
            b"##fileformat=VCFv4.2\n##x\n",
            "the file ends within its header",
        ),
    ] {
        let text = message(bytes, CALLS);
        assert!(text.contains(part), "{text}");
    }
    let text = message(&TINY.as_bytes()[..TINY.find("1\t10").unwrap()], CALLS);
    assert!(text.contains("the file has no records"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    assert!(content(folder.path(), CALLS).is_err());
}

#[test]
fn calls_are_those_of_plink2_and_bcf_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut random = Random::new(11);
    for n in [1, 4, 63, 301] {
        let mut call = || [Some(0), Some(0), Some(1), Some(2), None][random.below(5)];
        let snps = (0..90).map(|_| (0..n).map(|_| call()).collect());
        let study = Study::of_genotypes(snps.collect());
        let text = vcf_of(&study);
        std::fs::write(at("s.vcf"), &text).unwrap();
        let ours = content(&at("s.vcf"), CALLS).unwrap();
        study.write(folder.path(), "s");
        assert_eq!(ours.packed, std::fs::read(at("s.bed")).unwrap()[3..]);
        if run(folder.path(), "plink2", "--vcf s.vcf --make-bed --out p") {
            assert_eq!(ours.packed, std::fs::read(at("p.bed")).unwrap()[3..]);
        }
        std::fs::write(at("s.vcf.gz"), bgzf(text.as_bytes(), 1000)).unwrap();
        assert_eq!(content(&at("s.vcf.gz"), CALLS).unwrap(), ours);
        for words in ["view -Ob -o s.bcf s.vcf", "view -Ou -o s.bcf s.vcf"] {
            if run(folder.path(), "bcftools", words) {
                assert_eq!(content(&at("s.bcf"), CALLS).unwrap(), ours);
            }
        }
    }
}

#[test]
fn dosages_of_bcftools_bcf_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(12);
    let mut text = TINY[..TINY.find("1\t10").unwrap()].to_owned();
    text = text.replace("##contig", "##FILTER=<ID=q,Description=\"q\">\n##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n##FORMAT=<ID=GP,Number=G,Type=Float,Description=\"p\">\n##contig");
    for ps in 1..200 {
        let alt = ["C", "C,G", "<DEL>", "."][if ps % 3 == 0 { random.below(4) } else { 0 }];
        write!(text, "1\t{ps}\t.\tA\t{alt}\t3\tq\tAF=0.5\tGT:DS:GP").unwrap();
        for _ in 0..5 {
            let decimals = random.below(9);
            let (p, q) = (random.uniform() / 2.0, random.uniform() / 2.0);
            let n_alt = if alt == "." {
                0
            } else {
                1 + alt.matches(',').count()
            };
            let gt = ["0/0", "0|0", "./.", "0", ".", "./0", "0/1", "1|1", "1"]
                [random.below(if n_alt == 0 { 6 } else { 9 })];
            let ds = vec![format!("{p:.decimals$}"); n_alt.max(1)].join(",");
            let ds = if random.below(9) == 0 { "." } else { &ds };
            let rest = 1.0 - p - q;
            if n_alt == 1 {
                write!(text, "\t{gt}:{ds}:{p:.5},{q:.5},{rest:.5}").unwrap();
            } else {
                write!(text, "\t{gt}:{ds}").unwrap();
            }
        }
        text.push('\n');
    }
    let vcf = folder.path().join("s.vcf");
    std::fs::write(&vcf, text).unwrap();
    let calls = content(&vcf, CALLS).unwrap();
    let ds = content(&vcf, DS).unwrap();
    assert!(ds.dosages.contains(&-1.0) && ds.dosages.iter().any(|x| x.fract() > 0.0));
    if !run(
        folder.path(),
        "bcftools",
        "view --no-version -Ob -o s.bcf s.vcf",
    ) {
        return;
    }
    let bcf = folder.path().join("s.bcf");
    assert_eq!(content(&bcf, CALLS).unwrap(), calls);
    assert_eq!(content(&bcf, DS).unwrap(), ds);
    run(
        folder.path(),
        "bcftools",
        "view --no-version -m 2 -M 2 -Ov -o two.vcf s.vcf",
    );
    run(
        folder.path(),
        "bcftools",
        "view --no-version -m 2 -M 2 -Ob -o two.bcf s.vcf",
    );
    let [vcf, bcf] =
        ["two.vcf", "two.bcf"].map(|name| content(&folder.path().join(name), GP).unwrap());
    assert_eq!(vcf, bcf);
}

#[test]
fn an_association_is_that_of_the_plink_files() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::simulate(3, 60, 80);
    study.write(folder.path(), "s");
    let text = vcf_of(&study);
    std::fs::write(folder.path().join("s.vcf.gz"), bgzf(text.as_bytes(), 9000)).unwrap();
    let table = lines_of(&study.phenotype);
    std::fs::write(folder.path().join("y.txt"), table).unwrap();
    jamma_in(folder.path(), "lmm -bfile s -p y.txt -o bed").ok();
    jamma_in(folder.path(), "lmm --vcf s.vcf.gz -p y.txt -o vcf").ok();
    let read =
        |name: &str| std::fs::read_to_string(folder.path().join("output").join(name)).unwrap();
    assert_eq!(read("bed.assoc.txt"), read("vcf.assoc.txt"));
}
