//! Spellings and formats of tables, and damaged ones.

use super::{Fixture, N};
use flate2::Compression;
use flate2::write::GzEncoder;
use jamma::io::frame::{IdTable, MissingCodes, TableRole, read_table};
use polars::prelude::{
    Column, DataFrame, DataType, IpcCompression, IpcWriter, ParquetWriter, SerWriter,
};
use std::io::Write as _;
use std::path::Path;

/// Phenotype `y` and three covariates of the table `t`.
const OF_TABLE: &str = "--pheno t --pheno-name y --covar t --covar-name age,PC1-PC2";

/// The same of files without a header.
fn expected(fixture: &Fixture) -> Vec<u8> {
    fixture.write_positional("p.txt", &["y"]);
    fixture.write_positional("c.txt", &["age", "PC1", "PC2"]);
    fixture.assoc("-p p.txt -c c.txt")
}

#[test]
fn every_spelling_gives_the_bytes_of_files_without_a_header() {
    let fixture = Fixture::new();
    let expected = expected(&fixture);
    let quoted = |text: &str, separator: &str| {
        let cell = |cell: &str| format!("\"{cell}\"");
        let line = |line: &str| {
            line.split(separator)
                .map(cell)
                .collect::<Vec<_>>()
                .join(separator)
        };
        text.lines().map(|one| line(one) + "\n").collect::<String>()
    };
    let csv = fixture.text(&["IID"], ",");
    let zipped = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let spellings: Vec<(&str, Vec<u8>)> = vec![
        ("PLINK 1", fixture.text(&["FID", "IID"], " ").into()),
        (
            "padded",
            format!(
                "  {}",
                fixture
                    .text(&["FID", "IID"], "   ")
                    .replace('\n', " \n ")
                    .trim_end_matches(' ')
            )
            .into(),
        ),
        ("PLINK 2", fixture.text(&["#FID", "IID"], "\t").into()),
        ("PLINK 2, IID", fixture.text(&["#IID"], "\t").into()),
        (
            "comments",
            format!("##source=x\n{}", fixture.text(&["#IID"], "\t")).into(),
        ),
        ("REGENIE", fixture.text(&["FID", "IID"], "\t").into()),
        ("CSV", csv.clone().into()),
        ("lower case", fixture.text(&["fid", "iid"], ",").into()),
        ("UK Biobank", fixture.text(&["eid"], ",").into()),
        ("TASSEL", fixture.text(&["<Trait>"], "\t").into()),
        ("R", quoted(&fixture.text(&["FID", "IID"], " "), " ").into()),
        ("quoted CSV", quoted(&csv, ",").into()),
        ("semicolons", fixture.text(&["sample_id"], ";").into()),
        (
            "Excel",
            format!("\u{feff}{}", csv.replace('\n', "\r\n")).into(),
        ),
        ("no last line end", csv.trim_end().into()),
        ("empty cells", csv.replace(",NA", ",").into()),
        ("points", csv.replace(",NA", ",.").into()),
        ("pandas", csv.replace(",NA", ",nan").into()),
        ("gzip", zipped(&csv)),
    ];
    for (name, bytes) in spellings {
        fixture.bench.write("t", bytes);
        assert!(fixture.assoc(OF_TABLE) == expected, "{name}");
    }
    fixture.bench.write("t", csv.replace(",NA", ",-9"));
    assert!(fixture.assoc(&format!("{OF_TABLE} --missing-code -9,-99")) == expected);
    assert!(fixture.assoc(OF_TABLE) != expected);
    assert!(
        fixture.log().contains("t, phenotype y: -9 is a value"),
        "{}",
        fixture.log()
    );
}

/// The table with typed columns.
fn frame(fixture: &Fixture, ids: &[&str]) -> DataFrame {
    let rows = fixture.rows(ids);
    let columns = (0..rows[0].len()).map(|j| {
        let cells: Vec<Option<String>> = rows[1..]
            .iter()
            .map(|row| (row[j] != "NA").then(|| row[j].clone()))
            .collect();
        let column = Column::new(rows[0][j].as_str().into(), cells);
        match rows[0][j].as_str() {
            "FID" | "IID" | "site" => column,
            _ => column.strict_cast(&DataType::Float64).unwrap(),
        }
    });
    DataFrame::new_infer_height(columns.collect()).unwrap()
}

fn parquet(frame: &mut DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(frame).unwrap();
    bytes
}

fn arrow(frame: &mut DataFrame, compression: Option<IpcCompression>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = IpcWriter::new(&mut bytes).with_compression(compression);
    writer.finish(frame).unwrap();
    bytes
}

#[test]
#[allow(
    clippy::default_trait_access,
    reason = "polars does not export the type"
)]
fn parquet_and_arrow_give_the_bytes_of_text() {
    let fixture = Fixture::new();
    let expected = expected(&fixture);
    for ids in [&["FID", "IID"][..], &["IID"]] {
        let frame = &mut frame(&fixture, ids);
        for (name, bytes) in [
            ("Parquet", parquet(frame)),
            ("Arrow", arrow(frame, None)),
            (
                "Arrow, zstd",
                arrow(frame, Some(IpcCompression::ZSTD(Default::default()))),
            ),
        ] {
            fixture.bench.write("t", bytes);
            assert!(fixture.assoc(OF_TABLE) == expected, "{name}");
        }
    }
    // Words are categories in every format.
    let of_words = "--pheno t --covar t --covar-name site";
    fixture
        .bench
        .write("t", parquet(&mut frame(&fixture, &["IID"])));
    let typed = fixture.assoc(of_words);
    fixture.bench.write("t", fixture.text(&["IID"], ","));
    assert!(fixture.assoc(of_words) == typed);
}

/// All columns of a table.
fn read(path: &Path) -> jamma::Result<IdTable> {
    read_table(path, TableRole::Covariates, |header| {
        Ok((0..header.n_columns()).collect())
    })
}

#[test]
fn truncated_files_are_errors() {
    let ids = Column::new("IID".into(), ["a", "b", "c"]);
    let values = Column::new("y".into(), [1.5, 2.5, 3.5]);
    let frame = &mut DataFrame::new_infer_height(vec![ids, values]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    for bytes in [parquet(frame), arrow(frame, None)] {
        std::fs::write(&path, &bytes).unwrap();
        let table = read(&path).unwrap();
        let values = table.numbers(0, &MissingCodes::default()).unwrap();
        assert_eq!(values, [Some(1.5), Some(2.5), Some(3.5)]);
        for n in 0..bytes.len() {
            std::fs::write(&path, &bytes[..n]).unwrap();
            assert!(read(&path).is_err(), "{n} of {} bytes", bytes.len());
        }
        // Parquet and Arrow have no checksums: a flipped bit may give another number, but never a crash.
        for n in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[n] ^= 0x84;
            std::fs::write(&path, &damaged).unwrap();
            if let Ok(table) = read(&path) {
                let _ = table.numbers(0, &MissingCodes::default());
            }
        }
    }
    let csv = "IID,y\n\"a\",1.5\n\"b\",2.5\n";
    for n in 0..csv.len() - 1 {
        std::fs::write(&path, &csv[..n]).unwrap();
        if let Ok(table) = read(&path) {
            // Only whole rows, or a number that lost its last digits, as in any text file.
            assert!(table.n_rows() <= 2 && n >= 10, "{n}");
        }
    }
}

#[test]
fn types_of_other_programs_are_read() {
    let ids = Column::new(
        "eid".into(),
        (0..N as i64).map(|i| 1_000_000 + i).collect::<Vec<_>>(),
    );
    let long = Column::new(
        "long".into(),
        (0..N as i64).map(|i| (1 << 60) + i).collect::<Vec<_>>(),
    );
    let flag = Column::new(
        "flag".into(),
        (0..N).map(|i| i % 3 == 0).collect::<Vec<_>>(),
    );
    let whole = Column::new("whole".into(), (0..N as u32).collect::<Vec<_>>());
    let short = Column::new(
        "short".into(),
        (0..N).map(|i| i as f32 / 4.0).collect::<Vec<_>>(),
    );
    let frame = &mut DataFrame::new_infer_height(vec![ids, flag, whole, short, long]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    for bytes in [parquet(frame), arrow(frame, None)] {
        std::fs::write(&path, bytes).unwrap();
        let table = read(&path).unwrap();
        let numbers = |column| table.numbers(column, &MissingCodes::default()).unwrap()[6];
        assert_eq!(
            [numbers(0), numbers(1), numbers(2)],
            [Some(1.0), Some(6.0), Some(1.5)]
        );
        assert_eq!(numbers(3), Some((1_u64 << 60) as f64));
        let everybody = jamma::io::fam::Individual {
            fid: "0".into(),
            iid: "1000006".into(),
        };
        assert_eq!(table.join(&[everybody], "x").unwrap().rows, [Some(6)]);
    }
}
