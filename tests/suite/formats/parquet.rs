//! Parquet, read back by polars.

use super::bench;
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader};
use std::fs::File;

fn read(path: &std::path::Path) -> DataFrame {
    ParquetReader::new(File::open(path).unwrap())
        .finish()
        .unwrap()
}

#[test]
fn the_table_has_types_and_the_numbers_of_gemmas_table_with_all_digits() {
    let bench = bench();
    bench.run("lmm -bfile s -lmm 4 --all-snps -maf 0.2 --output-format gemma,parquet -o r");
    let (plain, frame) = (bench.assoc("r"), read(&bench.output("r.assoc.parquet")));
    let names: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, plain.header);
    assert_eq!(frame.height(), plain.rows.len());
    for (j, column) in frame.columns().iter().enumerate() {
        let cells: Vec<&str> = plain.rows.iter().map(|row| row[j].as_str()).collect();
        match column.dtype() {
            DataType::String => {
                let texts: Vec<&str> = column.str().unwrap().iter().map(Option::unwrap).collect();
                assert_eq!(texts, cells);
            }
            DataType::Int64 => {
                let texts: Vec<String> = (column.i64().unwrap().iter())
                    .map(|x| x.unwrap().to_string())
                    .collect();
                assert_eq!(texts, cells);
            }
            DataType::Float64 => {
                let mut n_more_digits = 0;
                for (x, cell) in column.f64().unwrap().iter().zip(cells) {
                    let Some(x) = x else {
                        assert_eq!(cell, "nan");
                        continue;
                    };
                    let printed: f64 = cell.parse().unwrap();
                    let digits = if names[j] == "af" {
                        1e-3
                    } else {
                        1e-6 * printed.abs()
                    };
                    assert!(
                        (x - printed).abs() <= 0.51 * digits,
                        "{}: {x} {cell}",
                        names[j]
                    );
                    n_more_digits += usize::from(x != printed);
                }
                // Estimates of lambda at an end of its range are printed exactly.
                assert!(
                    n_more_digits > 100 || names[j].starts_with("l_"),
                    "{}",
                    names[j]
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn row_groups_are_of_single_chromosomes_and_the_metadata_has_the_null_model() {
    let bench = bench();
    bench.run("lmm -bfile s -notsnp -miss 1 --output-format parquet -o r");
    let bytes = bench.bytes("r.assoc.parquet");
    let footer =
        String::from_utf8_lossy(&bytes[bytes.len() - 8000.min(bytes.len())..]).into_owned();
    for key in [
        "jamma_version",
        "jamma_command",
        "jamma_null_model",
        "lambda_reml",
    ] {
        assert!(footer.contains(key), "{key}");
    }
    let mut reader = ParquetReader::new(File::open(bench.output("r.assoc.parquet")).unwrap());
    let metadata = reader.get_metadata().unwrap();
    let rows: Vec<u64> = metadata
        .row_groups
        .iter()
        .map(|group| group.num_rows() as u64)
        .collect();
    assert_eq!(rows, [100, 100, 100]);
}
