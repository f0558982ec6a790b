//! The files beside a BGEN file: individuals in a `.sample` file, and the index `.bgi`.

use super::super::common::{Table, jamma_in};
use super::super::simulate::Study;
use super::writer::{Compression, Names, Numbers, Writer, write_sample};
use super::{dosages, open, opened, written};
use jamma::sources::{BgenOptions, BgenSource, GenotypeSource};
use std::path::Path;

fn file(n: usize, p: usize) -> Writer {
    let mut file = Writer::new(n, Compression::Zlib);
    for j in 0..p {
        let calls: Vec<_> = (0..n).map(|i| Some(((i + j) % 3) as u8)).collect();
        let names = Names {
            chr: if j < p / 2 { "10" } else { "9" }.into(),
            ..Names::number(j)
        };
        file.add(names, &Numbers::of_calls(&calls, 8));
    }
    file
}

/// The message of an error with its hint.
#[track_caller]
fn message<T: std::fmt::Debug>(result: jamma::error::Result<T>) -> String {
    let error = result.unwrap_err();
    format!("{error}\n{}", error.hint().unwrap_or_default())
}

#[test]
fn individuals_come_from_the_file_or_from_the_sample_file() {
    let mut file = file(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let (path, sample) = (folder.path().join("s.bgen"), folder.path().join("s.sample"));
    let names = |sample: Option<&Path>| {
        let source = BgenSource::open(&path, sample, BgenOptions::default())?;
        Ok(source
            .individuals()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>())
    };
    file.write(&path);
    assert_eq!(names(None).unwrap(), ["0 i0", "0 i1", "0 i2"]);
    write_sample(&sample, [("f", "i0"), ("f", "i1"), ("g", "i2")].into_iter());
    assert_eq!(names(Some(&sample)).unwrap(), ["f i0", "f i1", "g i2"]);

    file.ids = Some(["f_i0", "f_i1", "g_i2"].map(str::to_owned).to_vec());
    file.write(&path);
    assert_eq!(names(Some(&sample)).unwrap(), ["f i0", "f i1", "g i2"]);
    file.ids = Some(["i0", "i2", "i1"].map(str::to_owned).to_vec());
    file.write(&path);
    let text = message(names(Some(&sample)));
    assert!(
        text.contains(
            "the ids of 2 of 3 individuals differ, the first in row 2: i2 in the BGEN file, f i1"
        ),
        "{text}"
    );

    file.ids = Some(["a", "b", "a"].map(str::to_owned).to_vec());
    file.write(&path);
    let text = message(names(None));
    assert!(
        text.contains("individuals 1 and 3 have the same id a"),
        "{text}"
    );
    file.ids = Some(["a", "b c", "d"].map(str::to_owned).to_vec());
    file.write(&path);
    assert!(message(names(None)).contains("the id of individual 2 is \"b c\""));

    file.ids = None;
    file.write(&path);
    assert_eq!(names(Some(&sample)).unwrap(), ["f i0", "f i1", "g i2"]);
    let text = message(names(None));
    assert!(
        text.contains("has no ids of its 3 individuals") && text.contains("--sample"),
        "{text}"
    );
    assert!(text.contains("s.sample"), "{text}");
    write_sample(&sample, [("f", "i0"), ("f", "i1")].into_iter());
    let text = message(names(Some(&sample)));
    assert!(
        text.contains("those of 3 individuals, but the .sample file lists 2"),
        "{text}"
    );
}

#[test]
fn an_index_gives_the_same_as_a_scan_in_the_order_of_the_file() {
    let file = file(5, 30);
    let written = written(&file.bytes());
    let records = |source: &dyn GenotypeSource| {
        let snps = source.snps().unwrap().iter();
        snps.map(|snp| format!("{snp:?}")).collect::<Vec<_>>()
    };
    let scanned = opened(&written.path, None).source;
    assert_eq!(scanned.files().len(), 1);
    file.write_bgi(&written.path);
    let indexed = opened(&written.path, None);
    assert!(indexed.notes.is_empty(), "{:?}", indexed.notes);
    assert_eq!(indexed.source.files().len(), 2);
    assert_eq!(records(&*indexed.source), records(&*scanned));
    let all = dosages(&*scanned, 7).unwrap();
    assert_eq!(dosages(&*indexed.source, 4).unwrap(), all);
}

#[test]
fn an_index_of_another_file_is_not_used_and_said() {
    let own = file(5, 30);
    let written = written(&own.bytes());
    let mut bgi = written.path.as_os_str().to_owned();
    bgi.push(".bgi");
    let note = |why: &str| {
        let opened = opened(&written.path, None);
        assert_eq!(opened.notes.len(), 1, "{why}");
        assert!(opened.notes[0].contains(why), "{:?}", opened.notes);
        assert_eq!(opened.source.snps().unwrap().len(), 30);
        assert_eq!(dosages(&*opened.source, 50).unwrap().len(), 30);
    };
    file(5, 29).write_bgi(&written.path);
    note("is that of a file of");
    let change = |sql: &str| {
        own.write_bgi(&written.path);
        let database = rusqlite::Connection::open(&bgi).unwrap();
        database.execute_batch(sql).unwrap();
    };
    change("UPDATE Metadata SET first_1000_bytes = x'00'");
    note("other first 1000 bytes");
    change("DELETE FROM Variant WHERE rsid = 'rs7'");
    note("its SNP 8 is at byte");
    change("DELETE FROM Variant WHERE rsid = 'rs29'");
    note("it lists 29 SNPs");
    change("UPDATE Variant SET file_start_position = -1 WHERE rsid = 'rs29'");
    note("SNP");
    change("UPDATE Variant SET size_in_bytes = 9223372036854775807 WHERE rsid = 'rs29'");
    note("SNP");
    change("UPDATE Variant SET rsid = '' WHERE rsid = 'rs3'");
    note("no rsid");
    change("DROP TABLE Metadata");
    note("cannot be read as an SQLite database");
    std::fs::write(&bgi, "no database").unwrap();
    note("cannot be read as an SQLite database");
    // Everything but the names is right: only reading the file shows it.
    change("UPDATE Variant SET rsid = 'other' WHERE rsid = 'rs3'");
    let source = open(&written.path).unwrap();
    let text = message(dosages(&source, 8));
    assert!(
        text.contains("SNP other") && text.contains("has SNP rs3"),
        "{text}"
    );
}

#[test]
fn a_variant_id_replaces_an_empty_rsid() {
    let mut file = Writer::new(2, Compression::None);
    let names = |variant_id: &str, rsid: &str, chr: &str| Names {
        variant_id: variant_id.into(),
        rsid: rsid.into(),
        chr: chr.into(),
        ..Names::number(0)
    };
    let numbers = Numbers::of_calls(&[Some(1), Some(2)], 16);
    for (variant_id, rsid, chr) in [("v", "rs", "01"), ("v", "", "chrX"), ("", "", "")] {
        file.add(names(variant_id, rsid, chr), &numbers);
    }
    file.free = b"hello".to_vec();
    let written = written(&file.bytes());
    let source = open(&written.path).unwrap();
    let found: Vec<_> = source
        .snps()
        .unwrap()
        .iter()
        .map(|snp| (snp.rs, snp.chr))
        .collect();
    assert_eq!(found, [("rs", "01"), ("v", "chrX"), (".", "0")]);
}

/// Writes the calls of a study as BGEN with the ids `FID_IID`.
fn write_study(study: &Study, path: &Path) {
    let mut file = Writer::new(study.n(), Compression::Zlib);
    let ids = study.individuals.iter();
    file.ids = Some(ids.map(|(fid, iid)| format!("{fid}_{iid}")).collect());
    for (j, calls) in study.snps.iter().enumerate() {
        let names = Names {
            alleles: vec!["C".into(), "A".into()],
            ..Names::number(j)
        };
        file.add(names, &Numbers::of_calls(calls, 8));
    }
    file.write(path);
}

#[test]
fn hard_calls_of_a_bgen_file_give_the_results_of_the_bed_file() {
    let study = Study::simulate(11, 60, 80);
    let folder = tempfile::tempdir().unwrap();
    study.write(folder.path(), "s");
    write_study(&study, &folder.path().join("s.bgen"));
    let individuals = study.individuals.iter();
    write_sample(
        &folder.path().join("s.sample"),
        individuals.map(|(fid, iid)| (fid.as_str(), iid.as_str())),
    );
    let phenotypes: Vec<[&str; 3]> = (study.individuals.iter().zip(&study.phenotype))
        .map(|((fid, iid), y)| [fid, iid, y.as_str()])
        .collect();
    let text: String = phenotypes.iter().map(|row| row.join("\t") + "\n").collect();
    std::fs::write(folder.path().join("p.txt"), text).unwrap();
    let run = |genotypes: &str, name: &str| {
        let words = format!("lmm {genotypes} -p p.txt -n 3 -lmm 4 -o {name} -outdir .");
        jamma_in(folder.path(), &words).ok();
        folder.path().join(format!("{name}.assoc.txt"))
    };
    let bed = run("-bfile s", "bed");
    let calls = run(
        "--bgen s.bgen --sample s.sample --hard-call-threshold 0.1",
        "calls",
    );
    let dosages = run("--bgen s.bgen --sample s.sample", "dosages");
    assert_eq!(std::fs::read(&bed).unwrap(), std::fs::read(&calls).unwrap());
    let (bed, dosages) = (Table::read(&bed), Table::read(&dosages));
    assert_eq!(bed.header, dosages.header);
    for column in ["n_miss", "af", "beta", "se", "p_wald", "p_lrt", "p_score"] {
        for (a, b) in bed.numbers(column).iter().zip(dosages.numbers(column)) {
            assert!(
                (a - b).abs() <= 1e-4 * a.abs().max(b.abs()),
                "{column}: {a} {b}"
            );
        }
    }
}
